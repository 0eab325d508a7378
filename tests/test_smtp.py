"""SMTP lines: replies and commands cut at every place, keywords, and secrets that must not be seen."""

import base64
from itertools import groupby

from helpers import each_row
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_records import cuts, unhurried

from smtplab import smtp
from smtplab.records import Malformed, NeedMore
from smtplab.smtp import Command, Reply, blank_auth, never_shown, offers, read_command, read_reply

REPLIES = {
    b"220 mail.example.com ESMTP\r\n": (220, ("mail.example.com ESMTP",), None),
    b"250-mail.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n": (
        250, ("mail.example.com", "SIZE 1000", "STARTTLS"), None),
    b"250\r\n": (250, ("",), None),
    b"221 bye\n": (221, ("bye",), None),
    b"535 5.7.8 no\r\n": (535, ("5.7.8 no",), "5.7.8"),
    b"535 5.7.8\r\n": (535, ("5.7.8",), "5.7.8"),
    b"250-4.7.0 x\r\n250 y\r\n": (250, ("4.7.0 x", "y"), None),  # the last line counts
    b"220-a\r\n421 4.3.2 b\r\n": (421, ("a", "4.3.2 b"), "4.3.2"),
    b"550 caf\xc3\xa9 \x00\xff\r\n": (550, ("caf\xe9 \x00\\xff",), None),
}


@each_row("wire", REPLIES)
@each_row("before", [b"", b"220 x\r\n"])
def test_a_reply_and_every_prefix_of_it(wire, before):
    code, lines, enhanced = REPLIES[wire]
    for after in (b"", b"2", b"250 next\r\n", b"\x16\x03"):
        reply = read_reply(before + wire + after, len(before))
        assert (reply, reply.enhanced_code) == (Reply(code, lines, len(wire)), enhanced)
    for n in range(len(wire)):
        assert read_reply(before + wire[:n], len(before)) == NeedMore(n + 1)


@each_row(("data", "offset"), [
    (b"* OK IMAP", 0), (b"HTTP/1.1 400", 0), (b"\x15\x03\x01", 0), (b"2x", 0), (b"22\r\n", 0), (b"2200 x\r\n", 0),
    (b"220x\r\n", 0), (b"\r\n", 0), (b"\n", 0), (b"22\n", 0), (b"220\rx\r\n", 0), (b"250-a\r\n* OK", 7),
    (b"250-a\r\n\r\n", 7),
])
def test_what_is_no_reply(data, offset):
    for before in (b"", b"220 x\r\n"):
        assert isinstance(found := read_reply(before + data, len(before)), Malformed)
        assert found.offset == len(before) + offset
    assert isinstance(read_reply(b"220 x\r\n" + data), Reply)


def test_the_reader_gives_the_same_however_the_bytes_come():
    wire = b"220-a\r\n220 b\r\n334\n"
    expected = [Reply(220, ("a", "b"), 14), Reply(334, ("",), 4)]
    for pieces in cuts(wire + b"* OK\r\n"):
        reader = smtp.ReplyReader()
        *replies, end = [item for piece in pieces for item in reader.feed(piece)]
        assert (replies, type(end), end.offset) == (expected, Malformed, len(wire))
        assert (reader.feed(wire), reader.rest[:6]) == ([], b"* OK\r\n")  # nothing more after a Malformed
    reader = smtp.ReplyReader()
    assert (reader.feed(wire[:17]), bytes(reader.rest)) == (expected[:1], b"334")


@each_row(("line", "verb", "argument"), [
    (b"ehlo  [127.0.0.1] \r\n", "EHLO", "[127.0.0.1]"), (b"QUIT\n", "QUIT", ""), (b"\r\n", "", ""),
    (b"MAIL FROM:<a@example.com>\r\n", "MAIL", "FROM:<a@example.com>"), (b"\xff\x00 x\r\n", "\xff\x00".upper(), "x"),
])
def test_a_command_and_every_prefix_of_it(line, verb, argument):
    for after in (b"", b"RSET\r\n"):
        assert read_command(b"NOOP\r\n" + line + after, 6) == Command(verb, argument, len(line))
    for n in range(len(line)):
        assert read_command(line[:n]) == NeedMore(n + 1)


@unhurried
@given(st.one_of(st.binary(max_size=30), st.from_regex(rb"(\d{3}[ -]?[a-z]{0,3}\r?\n){0,3}.{0,3}", fullmatch=True)))
def test_no_bytes_raise_and_an_answer_stays(data):
    for read in (read_reply, read_command):
        answers = [read(data[:n]) for n in range(len(data) + 1)]
        first = next((i for i, answer in enumerate(answers) if not isinstance(answer, NeedMore)), len(data))
        assert all(answer == answers[first] or {type(answer), type(answers[first])} == {Malformed}
                   for answer in answers[first:])  # of what is no reply the reason may become clearer
        assert not isinstance(read(data + b"\n000 \n"), NeedMore)  # a whole line is a reply's or it is none


def test_keywords_of_an_ehlo_reply():
    reply = read_reply(b"250-mail.example.com\r\n250-SIZE 1000\r\n250-starttls\r\n250-\r\n250-AUTH PLAIN login\r\n"
                       b"250 AUTH=LOGIN XOAUTH2\r\n")
    assert reply.text.startswith("250-mail.example.com\n250-SIZE 1000\n")
    keywords = smtp.ehlo_keywords(reply)
    assert keywords == ("SIZE 1000", "starttls", "AUTH PLAIN login", "AUTH=LOGIN XOAUTH2")
    assert [offers(keywords, word) for word in ("STARTTLS", "SIZE", "START", "PLAIN", "MAIL.EXAMPLE.COM")] == [
        True, True, False, False, False]
    assert smtp.auth_mechanisms(keywords) == ("PLAIN", "LOGIN", "XOAUTH2")
    assert smtp.auth_mechanisms(("AUTHX PLAIN", "SIZE", "")) == ()
    assert not offers(("", "XSTARTTLS"), "STARTTLS")


def b64(text: str) -> bytes:
    return base64.b64encode(text.encode())


PLAIN, USER, WORD = b64("\0bob\0hunter2"), b64("bob"), b64("hunter2")
LAB = smtp.shown_if("alice", "wonderland")


@each_row(("argument", "shown"), [
    (b64("\0alice\0wonderland"), True), (b64("alice"), True), (b"", True), (b"=", False), (b"*", False),
    (PLAIN, False), (b64("\0alice\0wonderland!"), False), (b64("\0bob\0wonderland"), False), (b"wonderland", False),
    (b64("alicewonderland"), False), (b"\xff\xfe", False),
])
def test_only_known_words_may_be_shown(argument, shown):
    assert LAB(argument) is shown
    assert never_shown(argument) is False


def talk(*lines: bytes) -> list[tuple[str, bytes]]:
    """Chunks from lines that begin with "C " or "S "."""
    return [({"C": "client", "S": "server"}[line[:1].decode()], line[2:] + b"\r\n") for line in lines]


def stars(secret: bytes) -> bytes:
    return b"*" * len(secret)


BLANKED = [  # a conversation, and what of it must be overwritten
    (talk(b"C EHLO x", b"S 250-x\r\n250 AUTH PLAIN", b"C AUTH PLAIN " + PLAIN, b"S 235 ok", b"C MAIL FROM:<a>"),
     [PLAIN]),
    (talk(b"C auth  plain  " + PLAIN + b" ", b"S 535 no", b"C QUIT"), [PLAIN + b" "]),
    (talk(b"C AUTH LOGIN", b"S 334 VXNlcg==", b"C " + USER, b"S 334 UGFzcw==", b"C " + WORD, b"S 235 ok", b"C RSET"),
     [USER, WORD]),
    (talk(b"C AUTH PLAIN", b"S 334 ", b"C " + PLAIN, b"S 535 no", b"C QUIT"), [PLAIN]),
    # A client that goes on after a refusal.
    (talk(b"C AUTH LOGIN", b"S 535 no", b"C " + USER, b"S 500 what", b"C " + WORD, b"S 500 what", b"C QUIT"),
     [USER, WORD]),
    (talk(b"C AUTH LOGIN " + USER, b"S 504-a\r\n504 b", b"C " + WORD, b"S 500 what"), [USER, WORD]),
    # Sent ahead of the replies: nothing is shown before the server's final word.
    (talk(b"C AUTH LOGIN", b"C " + USER, b"C " + WORD, b"S 334 a", b"S 334 b", b"S 235 ok", b"C QUIT"), [USER, WORD]),
    (talk(b"C AUTH PLAIN " + PLAIN, b"S 535 no", b"C AUTH PLAIN " + WORD, b"S 535 no", b"C NOOP"), [PLAIN, WORD]),
    ([("client", b"AUTH PLAIN " + PLAIN[:7])], [PLAIN[:7]]),  # cut off
    (talk(b"C EHLO AUTH.example", b"S 250 AUTH PLAIN", b"C MAIL FROM:<auth@example.com>", b"S 250 ok"), []),
    (talk(b"S 220 AUTH x", b"C NOOP AUTH PLAIN secret"), []),  # only the verb counts
]


@each_row(("chunks", "secrets"), BLANKED)
def test_secrets_are_blanked_and_nothing_else(chunks, secrets):
    expected = [data for _, data in chunks]
    for secret in secrets:
        at = next(i for i, (who, data) in enumerate(chunks) if who == "client" and secret in expected[i])
        expected[at] = expected[at].replace(secret, stars(secret))
    assert blank_auth(chunks) == expected
    for i, (who, data) in enumerate(chunks):  # each chunk in turn, cut at every place
        for pieces in cuts(data):
            cut = chunks[:i] + [(who, piece) for piece in pieces] + chunks[i + 1:]
            assert b"".join(blank_auth(cut)) == b"".join(expected)


def test_the_labs_own_user_is_shown_and_nobody_else():
    alice = b64("\0alice\0wonderland")
    known = talk(b"C AUTH PLAIN " + alice, b"S 235 ok")
    assert blank_auth(known, LAB) == [data for _, data in known]
    assert blank_auth(known)[0] == b"AUTH PLAIN " + stars(alice) + b"\r\n"
    assert blank_auth(talk(b"C AUTH PLAIN " + PLAIN), LAB) == [b"AUTH PLAIN " + stars(PLAIN) + b"\r\n"]
    steps = talk(b"C AUTH LOGIN", b"S 334 ", b"C " + b64("alice"), b"S 334 ", b"C " + WORD, b"S 535 no")
    assert [data for data in blank_auth(steps, LAB) if b"*" in data] == [stars(WORD) + b"\r\n"]


LINES = [b"AUTH PLAIN " + PLAIN, b"AUTH LOGIN", b"AUTH", PLAIN, b64("\0alice\0wonderland"), b"QUIT", b"EHLO x", b"",
         b"AU", b"235 ok", b"334 ", b"334-", b"535 no", b"250-a"]
TEXT = st.one_of(st.sampled_from([line + b"\r\n" for line in LINES] + LINES), st.binary(max_size=5))
TURNS = st.lists(st.tuples(st.sampled_from(["client", "server"]), TEXT), max_size=12).map(
    lambda chunks: [(who, b"".join(data for _, data in turn)) for who, turn in groupby(chunks, key=lambda c: c[0])])


@settings(unhurried, max_examples=500)
@example(talk(b"C AUTH LOGIN", b"S 235 ok\r\n334 more", b"C QUIT"), never_shown)
@given(TURNS, st.sampled_from([never_shown, LAB]))
def test_blanking_keeps_lengths_is_done_once_and_minds_no_chunks(turns, may_show):
    blanked = blank_auth(turns, may_show)
    assert [len(data) for data in blanked] == [len(data) for _, data in turns]
    assert all(new == old for new, (who, old) in zip(blanked, turns, strict=True) if who == "server")
    whos = [who for who, _ in turns]
    assert blank_auth(list(zip(whos, blanked, strict=True)), may_show) == blanked
    bytewise = [(who, bytes([b])) for who, data in turns for b in data]
    assert b"".join(blank_auth(bytewise, may_show)) == b"".join(blanked)


@unhurried
@given(st.text(min_size=1), st.text(min_size=1), st.sampled_from(["334 ", "235 ok", "535 no", "421 bye", "?"]))
def test_no_login_is_ever_seen(user, word, reply):
    plain, user, word = b64(f"\0{user}\0{word}"), b64(user), b64(word)
    said = b"".join(blank_auth(talk(b"C AUTH PLAIN " + plain, b"S " + reply.encode(), b"C AUTH LOGIN " + user,
                                    b"S " + reply.encode(), b"C " + word)))
    assert said.count(b"*") >= len(plain) + len(user) + len(word)


@each_row("chunk", [b"BDAT 2 LAST\r\nhi", b"BDAT 4\r\nhi\r\n", b"BDAT 0 LAST\r\n",
                                   b"bdat 2\r\nhiBDAT 3 LAST\r\nyou", b"BDAT 99999 LAST\r\n", b"BDAT x\r\n",
                                   b"BDAT\r\n"])
def test_a_login_after_a_chunk_is_blanked(chunk):
    said = chunk + b"AUTH PLAIN c2VjcmV0\r\n"
    expected = chunk + b"AUTH PLAIN ********\r\n"
    assert blank_auth([("client", said)]) == [expected]
    assert b"".join(blank_auth([("client", bytes((byte,))) for byte in said])) == expected
