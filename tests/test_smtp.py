"""SMTP lines: replies and commands cut at every place, keywords."""


from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st
from test_records import cuts

from smtplab import smtp
from smtplab.lab.login import auth_mechanisms
from smtplab.records import Malformed, NeedMore
from smtplab.smtp import Command, Reply, offers, read_command, read_reply

REPLIES = {
    b"220 mail.example.com ESMTP\r\n": (220, ("mail.example.com ESMTP",)),
    b"250-mail.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n": (
        250, ("mail.example.com", "SIZE 1000", "STARTTLS")),
    b"250\r\n": (250, ("",)),
    b"221 bye\n": (221, ("bye",)),
    b"535 5.7.8 no\r\n": (535, ("5.7.8 no",)),
    b"535 5.7.8\r\n": (535, ("5.7.8",)),
    b"250-4.7.0 x\r\n250 y\r\n": (250, ("4.7.0 x", "y")),  # the last line counts
    b"220-a\r\n421 4.3.2 b\r\n": (421, ("a", "4.3.2 b")),
    b"550 caf\xc3\xa9 \x00\xff\r\n": (550, ("caf\xe9 \x00\\xff",)),
}


@each_row("wire", REPLIES)
@each_row("before", [b"", b"220 x\r\n"])
def test_a_reply_and_every_prefix_of_it(wire, before):
    code, lines = REPLIES[wire]
    for after in (b"", b"2", b"250 next\r\n", b"\x16\x03"):
        reply = read_reply(before + wire + after, len(before))
        assert reply == Reply(code, lines, len(wire))
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
    assert auth_mechanisms(keywords) == ("PLAIN", "LOGIN", "XOAUTH2")
    assert auth_mechanisms(("AUTHX PLAIN", "SIZE", "")) == ()
    assert not offers(("", "XSTARTTLS"), "STARTTLS")
