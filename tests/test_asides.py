"""What crossed in clear is found, whoever watched, and what only looks like it is not."""

import base64
import socket
from dataclasses import replace

import test_diagnosis as t
from helpers import each_row
from test_conversation import EHLO, GREETING

from smtplab import Trace, dial, serve
from smtplab.asides import crossed, mail_in_clear, password_in_clear
from smtplab.conversation import parse_conversation
from smtplab.diagnosis import decided

HELLO = (("S", GREETING), ("C", EHLO), ("S", b"250-x\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n"))
ASKS, YES, NO = ("S", b"334 \r\n"), ("S", b"235 ok\r\n"), ("S", b"535 no\r\n")
MAIL = (("C", b"MAIL FROM:<a@b>\r\n"), ("S", b"250 ok\r\n"), ("C", b"RCPT TO:<c@d>\r\n"), ("S", b"250 ok\r\n"))
TEXT = (("C", b"DATA\r\n"), ("S", b"354 go on\r\n"), ("C", b"AUTH PLAIN aaaa\r\n.\r\n"), ("S", b"250 ok\r\n"))


def says(*lines):
    return tuple(("C", line + b"\r\n") for line in lines)


LOGINS = [  # a conversation, and the mechanism that gave the password away
    ((*says(b"AUTH PLAIN AGEAYg=="), YES), "PLAIN"),
    ((*says(b"auth plain ********"), NO), "PLAIN"),  # refused and blanked: it has crossed all the same
    ((*says(b"AUTH PLAIN"), ASKS, *says(b"AGEAYg=="), YES), "PLAIN"),
    ((*says(b"AUTH PLAIN ="), ASKS, *says(b"AGEAYg=="), YES), "PLAIN"),
    ((*says(b"AUTH PLAIN"), NO), None),
    ((*says(b"AUTH PLAIN ="), ASKS), None),
    ((*says(b"AUTH PLAIN"), ASKS, *says(b"*"), ("S", b"501 ended\r\n")), None),
    ((*says(b"AUTH LOGIN"), ASKS, *says(b"YWxpY2U="), ASKS, *says(b"********"), YES), "LOGIN"),
    ((*says(b"AUTH LOGIN YWxpY2U="), ASKS, *says(b"c2VjcmV0"), YES), "LOGIN"),
    ((*says(b"AUTH LOGIN"), ASKS, *says(b"YWxpY2U="), NO), None),  # the user's name alone
    ((*says(b"AUTH LOGIN", b"YWxpY2U=", b"c2VjcmV0"), ASKS, ASKS, NO), "LOGIN"),  # not waiting to be asked
    ((*says(b"AUTH LOGIN"), NO, *says(b"QUIT"), ("S", b"221 bye\r\n")), None),
    ((*says(b"AUTH XOAUTH2 dXNlcj0="), YES), "XOAUTH2"),
    ((*says(b"AUTH CRAM-MD5"), ASKS, *says(b"YSAwMTIz"), YES), None),
    ((*says(b"AUTH SCRAM-SHA-256 biwsbj0="), ASKS, *says(b"Yz1i"), YES), None),
    (says(b"AUTH"), None),
    ((*MAIL, *TEXT), None),  # what a mail says is no login
]


@each_row(("said", "mechanism"), LOGINS)
def test_a_password_in_clear(said, mechanism):
    for trace in (t.client(*HELLO, *said), t.server(*HELLO, *said, waits="command")):
        assert password_in_clear(trace.conversation) == mechanism
        told = Trace(**vars(decided(trace)))
        assert told.password_in_clear == (mechanism is not None) == told.to_dict()["password_in_clear"]
        assert (f"a password crossed in clear, in AUTH {mechanism}." in told.diagnosis.why) == (mechanism is not None)


def test_what_is_said_within_tls_is_not_in_clear():
    """The failing twin of all rows above: the same words, inside."""
    for said, _ in LOGINS:
        events = [replace(event, what="inside") for event in t.client(*HELLO, *said).events]
        inside = parse_conversation(events)
        assert inside.steps and password_in_clear(inside) is None and mail_in_clear(inside) == []


def test_a_mail_in_clear():
    none, sender, whole = t.server(*HELLO), t.server(*HELLO, *MAIL), t.server(*HELLO, *MAIL, *TEXT)
    assert [Trace(**vars(one)).mail_in_clear for one in (none, sender, whole)] == [False, True, True]
    found = Trace(**vars(decided(whole))).diagnosis
    assert found.title == "It worked, and a mail crossed in clear" and "MAIL, RCPT, DATA" in found.why
    assert crossed(sender.conversation) == ", and a mail's sender crossed in clear" and crossed(none.conversation) == ""
    refused = t.server(*HELLO, *MAIL, *says(b"DATA"), NO)
    assert crossed(refused.conversation) == ", and a mail's sender crossed in clear"


def test_a_server_says_what_an_opportunistic_client_gave_away():
    """The client's side works, and so does the server's: what they lost is the finding."""
    with serve("starttls-stripped") as server:
        mine = dial(server, "starttls-opportunistic", login=("alice", "wonderland"), mail_from="a@example.com")
        seen = server.trace(of=mine)
        strict = dial(server, "starttls", login=("alice", "wonderland"), mail_from="a@example.com")
        kept = server.trace(of=strict)
    for trace in (mine, seen):
        assert (trace.ok, trace.password_in_clear, trace.mail_in_clear) == (True, True, True)
        assert "ok: It worked, and a password and a mail's sender crossed in clear" in str(trace)
    for trace in (strict, kept):
        assert (trace.password_in_clear, trace.mail_in_clear) == (False, False)
        assert "crossed in clear" not in str(trace)


def test_within_tls_nothing_crossed_in_clear():
    with serve("starttls") as server:
        mine = dial(server, "starttls", login=("alice", "wonderland"), mail_from="a@example.com")
        seen = server.trace(of=mine)
        unprotected = dial(server, "plain", mail_from="a@example.com")
    assert mine.ok and seen.ok and not (mine.password_in_clear or seen.password_in_clear or seen.mail_in_clear)
    assert unprotected.mail_in_clear and not unprotected.password_in_clear


def test_a_login_ahead_of_starttls_is_found_though_tls_follows():
    secret = base64.b64encode(b"\0alice\0not-wonderland")
    with serve("starttls") as server:
        with socket.create_connection(server.address, timeout=30) as client:
            client.recv(1000)
            for line in (b"EHLO me\r\n", b"AUTH PLAIN " + secret + b"\r\n", b"STARTTLS\r\n"):
                client.sendall(line)
                client.recv(1000)
        seen = server.trace()
    assert seen.password_in_clear and "AUTH PLAIN" in seen.diagnosis.why
    assert secret not in b"".join(event.data or b"" for event in seen.events)


def test_a_field_that_looks_like_a_terminal_s_is_shown_harmless():
    trace = t.server(*HELLO, *says(b"AUTH \x1b[31mX abcd"), YES)
    told = Trace(**vars(decided(trace)))
    assert told.password_in_clear and "\\x1b[31MX" in told.diagnosis.why and "\x1b" not in str(told)
