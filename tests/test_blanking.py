"""What must not be shown: the argument of AUTH and what follows it, whatever the chunks are cut like."""

import base64
from itertools import groupby

from helpers import each_row
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_records import cuts

from smtplab.blanking import blank_auth, never_shown, shown_if


def b64(text: str) -> bytes:
    return base64.b64encode(text.encode())


PLAIN, USER, WORD = b64("\0bob\0hunter2"), b64("bob"), b64("hunter2")
LAB = shown_if("alice", "wonderland")


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


@settings(max_examples=500)
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
