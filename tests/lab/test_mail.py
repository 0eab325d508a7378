"""The lab's mail: what its EHLO reply lists is what it does, and its replies carry enhanced codes."""

import re
import smtplib
import socket
import ssl

import pytest
from helpers import ended_traces

from smtplab import dial, serve
from smtplab.lab.options import SIZE_BYTES


def spoken(server, data):
    """What the server says, line by line, to `data` sent in one write, up to its goodbye."""
    with socket.create_connection(server.address, timeout=20) as client, client.makefile("rb") as lines:
        client.sendall(data)
        return lines.read().decode().splitlines()


WRONG = ("alice", "not-the-password")
ENVELOPE = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n"
USUAL = ["SIZE 4194304", "8BITMIME", "SMTPUTF8"], ["ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "HELP"]


@pytest.mark.parametrize(("kind", "between"), [
    ("plain", []), ("starttls", ["STARTTLS"]), ("starttls-required", ["STARTTLS"]), ("starttls-stripped", None),
    ("starttls-refused", ["STARTTLS"])])
def test_the_ehlo_reply_lists_the_usual_keywords_in_one_write(kind, between):
    with serve(kind) as server:
        greeting, *reply, bye = spoken(server, b"EHLO me\r\nQUIT\r\n")
        assert greeting == "220 mail.example.com ESMTP smtplab" and bye == "221 2.0.0 Bye"
        keywords = [line[4:] for line in reply]
        assert [line[3] for line in reply] == ["-"] * (len(reply) - 1) + [" "]
        head, tail = ["mail.example.com", *USUAL[0]], USUAL[1]
        assert keywords[:len(head)] == head and keywords[-len(tail):] == tail
        if between is not None:
            assert keywords == head + between + tail
        assert "STARTTLS" not in keywords or between
        assert "\r\n".join([*reply, ""]).encode() in [e.data for e in ended_traces(server)[0].events]


def test_pipelined_commands_are_answered_one_by_one():
    with serve("plain") as server:
        reply = spoken(server, b"EHLO me\r\n" + ENVELOPE + b"RSET\r\nNOOP\r\nRCPT TO:<b@example.com>\r\nQUIT\r\n")
        end = ["250 2.0.0 OK"] * 4 + ["503 5.5.1 Error: need MAIL command", "221 2.0.0 Bye"]
        assert reply[-7:] == ["250 HELP", *end]


def test_each_reply_but_greeting_hello_and_3xx_has_an_enhanced_code():
    asked = [b"NOOP", b"MAIL", b"HELO", b"EHLO", b"HELO me", b"HELP", b"HELP x", b"HELP EHLO", b"VRFY", b"VRFY a@b",
             b"EXPN", b"RSET x", b"", b"WHAT", b"\xff", b"VRFY \xff", b"STARTTLS", b"AUTH PLAIN", b"DATA",
             b"MAIL FROM:<>", b"MAIL FROM:<a@b> X=1", b"x" * 3000, b"MAIL FROM:<a@b>", b"RCPT TO:<a@b>", b"DATA", b".",
             b"QUIT"]
    with serve("plain") as server:
        lines = spoken(server, b"\r\n".join([*asked, b""]))
        bare = [line for line in lines if not re.match(r"([245])\d\d[ -]\1\.\d\.\d+ ", line)]
        assert bare == ["220 mail.example.com ESMTP smtplab", "501 Syntax: HELO hostname", "501 Syntax: EHLO hostname",
                        "250 mail.example.com", "354 End data with <CR><LF>.<CR><LF>"]
        assert len(lines) == 1 + len(asked) and len({line[:3] for line in lines}) > 8
        assert not [line for line in lines if re.search(r"\d\.\d\.\d+ \d\.\d\.\d", line)]


def test_an_enhanced_code_is_on_every_line_of_a_reply_and_never_twice():
    words = "535-Who are you?\r\n535-5.7.8 Really?\r\n535 Go away"
    with serve("implicit", auth_reply=words) as server:
        trace = dial(server, "implicit", login=WRONG)
    assert trace.failure.message == "535-5.7.8 Who are you?\n535-5.7.8 Really?\n535 5.7.8 Go away"
    with serve("implicit") as server:
        trace = dial(server, "implicit", login=WRONG)
    assert trace.failure.message == "535 5.7.8 Error: authentication failed"


def test_an_address_in_utf_8_is_taken():
    with serve("plain") as server, smtplib.SMTP(*server.address, local_hostname="me") as client:
        client.ehlo()
        assert client.mail("jürgen@example.com", ["SMTPUTF8"]) == (250, b"2.0.0 OK")
        assert client.rcpt("zoë@example.com") == (250, b"2.0.0 OK")
        assert client.rset()[0] == 250
        assert client.docmd("MAIL", "FROM:<a@example.com> SMTPUTF8=1")[0] == 501


NEED_RCPT, TOO_MUCH = "503 5.5.1 Error: need RCPT command", "552 5.3.4 Error: Too much mail data"
SYNTAX, TAKEN = "501 5.5.4 Syntax: BDAT <size> [LAST]", "250 2.0.0 OK"
BIG = SIZE_BYTES - 10


@pytest.mark.parametrize(("asked", "said"), [
    # What a chunk holds is never a command, and the byte after it begins one.
    (ENVELOPE + b"BDAT 6\r\nQUIT\r\nbdat 12 last\r\n\x16\r\n.\r\nQUIT\r\n", [TAKEN] * 4),
    (ENVELOPE + b"BDAT 0 LAST\r\n" + ENVELOPE + b"BDAT 2\r\nhiRSET\r\n", [TAKEN] * 7),
    (ENVELOPE + b"BDAT 2 LAST\r\nhiBDAT 2 LAST\r\nhi", [TAKEN] * 3 + [NEED_RCPT]),
    (b"BDAT 6\r\nQUIT\r\n", [NEED_RCPT]),
    (ENVELOPE + b"BDAT 2\r\nhiDATA\r\nBDAT 0 LAST\r\n", [TAKEN] * 3 + ["503 5.5.1 Error: DATA after BDAT", TAKEN]),
    (ENVELOPE + b"BDAT 2\r\nhiRSET\r\n" + ENVELOPE + b"DATA\r\n.\r\n",
     [TAKEN] * 6 + ["354 End data with <CR><LF>.<CR><LF>", TAKEN]),
    (ENVELOPE + b"BDAT\r\nBDAT x\r\nBDAT -1\r\nBDAT 1 FIRST\r\nBDAT \xc2\xb2\r\nBDAT 1LAST\r\nBDAT %d\r\n" % 10**20,
     [TAKEN] * 2 + [SYNTAX] * 7),
    (ENVELOPE + b"BDAT %d\r\n%bBDAT 10 LAST\r\n0123456789" % (BIG, bytes(BIG)), [TAKEN] * 4),
    (ENVELOPE + b"BDAT %d\r\n%bBDAT 11\r\n0123456789\nBDAT 1\r\nxBDAT 1 LAST\r\nx" % (BIG, bytes(BIG)) + ENVELOPE,
     [TAKEN] * 3 + [TOO_MUCH] * 3 + [TAKEN] * 2),
])
def test_chunks(asked, said):
    with serve("plain") as server:
        assert spoken(server, b"HELO me\r\n" + asked + b"QUIT\r\n")[2:] == [*said, "221 2.0.0 Bye"]


def test_a_chunk_before_hello_is_read_and_refused():
    with serve("plain") as server:
        said = spoken(server, b"BDAT 6\r\nQUIT\r\nQUIT\r\n")
        assert said[1:] == ["503 5.5.1 Error: send HELO first", "221 2.0.0 Bye"]


def test_a_chunk_that_never_ends_holds_nobody_else_up():
    with serve("plain") as server, socket.create_connection(server.address, timeout=20) as slow:
        slow.sendall(b"HELO me\r\n" + ENVELOPE + b"BDAT 1000000000000\r\n" + bytes(100_000))
        assert dial(server, "plain").ok
        slow.shutdown(socket.SHUT_WR)  # cut off in the middle: no reply to it, and an orderly end
        with slow.makefile("rb") as lines:
            assert lines.read().endswith(b"\r\n250 2.0.0 OK\r\n250 2.0.0 OK\r\n")


def test_chunks_within_tls():
    with serve("implicit") as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        with smtplib.SMTP_SSL(*server.address, local_hostname="me", context=context) as client:
            client.ehlo()
            assert client.has_extn("chunking") and client.has_extn("auth") and not client.has_extn("starttls")
            client.mail("a@example.com")
            client.rcpt("b@example.com")
            client.send(b"BDAT 100000\r\n" + b"\r\n.\r\n" * 20_000 + b"BDAT 0 LAST\r\n")
            assert client.getreply() == client.getreply() == (250, b"2.0.0 OK")
