"""Two streams as one dialogue: s_client's count record by record, and what belongs to neither part."""

from functools import partial
from itertools import groupby

from helpers import each_row
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_records import cuts

from smtplab.conversation import Step, parse_conversation
from smtplab.events import Event
from smtplab.records import Alert
from smtplab.smtp import Reply

GREETING, STARTTLS_OK = b"220 mail.example.com ESMTP\r\n", b"220 2.0.0 Ready to start TLS\r\n"
EHLO, EHLO_REPLY = b"EHLO mail.example.com\r\n", b"250-mail.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"


def events(turns: list[tuple[str, bytes]], what: str = "bytes") -> list[Event]:
    """Events for (who, data); who is "C" or "S", or in small letters for what is within TLS."""
    names = {"c": "client", "s": "server"}
    return [Event(0.0, names[who.lower()], "inside" if who.islower() else what, data) for who, data in turns]


def record(kind: int, size: int, message: int | None = None) -> bytes:
    """A record of `size` bytes on the wire; with a `message`, a handshake message in clear that fills it."""
    body = b"\xee" * (size - 5)
    if message is not None:
        body = bytes([message]) + (size - 9).to_bytes(3) + body[4:]
    return bytes([kind]) + b"\x03\x03" + (size - 5).to_bytes(2) + body


hello, answer = partial(record, 22, message=1), partial(record, 22, message=2)


def sealed(*sizes: int) -> bytes:
    return b"".join(record(23, size) for size in sizes)


CCS = record(20, 6)
FLIGHT_1_2 = record(22, 599, 11) + record(22, 120, 12) + record(22, 9, 14)
TLS_1_3 = [("C", hello(297)), ("S", answer(127) + CCS + sealed(28, 619, 102, 74)), ("C", CCS + sealed(74)),
           ("S", sealed(255, 255, 59)), ("C", sealed(24))]
TLS_1_2 = [("C", hello(297)), ("S", answer(70) + FLIGHT_1_2), ("C", record(22, 42, 16) + CCS + record(22, 45)),
           ("S", record(22, 191, 4) + CCS + record(22, 45)), ("S", sealed(50)), ("C", sealed(30))]


def plaintext(server: int) -> list[tuple[str, bytes]]:
    """The dialogue before TLS: 33 bytes from the client, `server` bytes from the server."""
    greeting = b"220 ".ljust(server - len(EHLO_REPLY + STARTTLS_OK) - 2, b"x") + b"\r\n"
    return [("S", greeting), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"STARTTLS\r\n"), ("S", STARTTLS_OK)]


COUNTS = {  # measured with openssl s_client 3.0 and a recorder between: (read, written), TLS finished
    "TLS 1.3": (TLS_1_3, 956, 377, True),
    "HelloRetryRequest": ([("C", hello(297)), ("S", answer(93) + CCS), ("C", CCS + hello(330)),
                           ("S", answer(160) + sealed(28, 619, 101, 74)), ("C", sealed(74)), ("S", sealed(255, 255))],
                          1081, 707, True),
    "TLS 1.2 with a ticket": (TLS_1_2, 1040, 390, True),
    "TLS 1.2 without": ([("C", hello(293)), ("S", answer(98) + FLIGHT_1_2), *TLS_1_2[2:3],
                         ("S", CCS + record(22, 45)), ("S", sealed(50))], 877, 386, True),
    "STARTTLS, TLS 1.3": (plaintext(140) + TLS_1_3, 1096, 410, True),
    "STARTTLS, TLS 1.2": (plaintext(140) + TLS_1_2, 1180, 423, True),
    "STARTTLS refused, TLS all the same": (
        [*plaintext(140)[:-1], ("S", b"454 4.7.0 no\r\n"), ("C", hello(297)), ("S", b"500 5.5.2 what\r\n")],
        140 - 30 + 14 + 5, 330, False),
    "a greeting": ([("C", hello(297)), ("S", GREETING)], 5, 297, False),
    "a greeting, alert 22 sent": ([("C", hello(297)), ("S", b"* OK IMAP\r\n"), ("C", b"\x15\3\1\0\2\2\x16")],
                                  5, 304, False),
    "three bytes": ([("C", hello(297)), ("S", b"220"), ("C", b"\x15\3\1\0\2\2\x32")], 3, 304, False),
    "closed at once": ([("C", hello(297)), ("C", b"\x15\3\1\0\2\2\x32")], 0, 304, False),
    "an alert": ([("C", hello(297)), ("S", b"\x15\3\1\0\2\2\x46")], 7, 297, False),
    "an unfinished record": ([("C", hello(297)), ("S", answer(127)[:100])], 100, 297, False),
    "text after a record": ([("C", hello(297)), ("S", answer(127) + GREETING)], 132, 297, False),
    "certificate refused, the alert encrypted": ([*TLS_1_3[:2], ("C", CCS + sealed(24))], 956, 327, False),
    "no TLS": ([("S", GREETING), ("C", b"QUIT\r\n"), ("S", b"221 bye\r\n")], len(GREETING) + 9, 6, False),
    "nothing": ([], 0, 0, False),
}


@each_row("name", COUNTS)
def test_the_count_is_s_clients(name):
    turns, read, written, finished = COUNTS[name]
    for pieces in (turns, [(who, bytes([b])) for who, chunk in turns for b in chunk]):
        said = parse_conversation(events(pieces))
        assert (said.s_client_read, said.s_client_written, said.finished) == (read, written, finished)


def test_a_conversation_cut_at_every_place():
    turns = plaintext(140) + [("C", hello(60)), ("S", answer(60) + CCS), ("C", CCS + sealed(74))]
    whole = parse_conversation(events(turns))
    assert (whole.tls_after, whole.hello, whole.finished) == ("starttls", {"client", "server"}, True)
    assert (whole.answer, whole.injected) == ((answer(60) + CCS)[:64], b"")
    assert (whole.offered_starttls, whole.keywords) == (True, ())
    for i, (who, chunk) in enumerate(turns):
        for pieces in cuts(chunk):
            assert parse_conversation(events(turns[:i] + [(who, piece) for piece in pieces] + turns[i + 1:])) == whole


def test_steps_and_their_replies():
    said = parse_conversation(events([
        ("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"STARTTLS\r\n"), ("S", STARTTLS_OK), ("C", hello(60)),
        ("c", b"ehlo me\r\n"), ("s", b"250-mail.example.com\r\n250 AUTH PLAIN\r\n"), ("c", b"AUTH LOGIN\r\n"),
        ("s", b"334 VXNlcg==\r\n"), ("c", b"****\r\n"), ("s", b"334 UGFzcw==\r\n"), ("c", b"QUIT\r\n"),
        ("s", b"535 no\r\n"), ("c", b"DATA\r\n"), ("s", b"354 go\r\n"), ("c", b"\x16QUIT\r\n..\r\nRSET\r\n.\r\n"),
        ("s", b"250 ok\r\n"), ("c", b"QUIT\r\n")]))
    assert said.greeting == Reply(220, ("mail.example.com ESMTP",), len(GREETING))
    assert [(s.verb, s.inside, s.reply and s.reply.reply_code) for s in said.steps] == [
        ("EHLO", False, 250), ("STARTTLS", False, 220), ("EHLO", True, 250), ("AUTH", True, 535), ("DATA", True, 250),
        ("QUIT", True, None)]  # neither answers to 334 nor mail are commands
    assert (said.keywords_before_tls, said.keywords) == (("SIZE 1000", "STARTTLS"), ("AUTH PLAIN",))


def test_commands_sent_together_get_their_replies_in_order():
    said = parse_conversation(events([("S", GREETING), ("C", b"EHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\n"),
                           ("S", b"250 x\r\n250 ok\r\n550 no\r\n")]))
    assert [s.reply.reply_code for s in said.steps] == [250, 250, 550]
    assert said.steps[2] == Step("RCPT", "TO:<b>", False, Reply(550, ("no",), 8))


@each_row("evil", [b"250 evil\r\n", b"250-evil\r\n250 AUTH PLAIN\r\n", b"half a li"])
def test_what_follows_the_reply_to_starttls_is_injected(evil):
    turns = [*plaintext(140)[:-1], ("S", STARTTLS_OK + evil), *TLS_1_3]
    said = parse_conversation(events(turns))
    assert (said.injected, said.answer[:9]) == (evil, answer(127)[:9])
    assert (evil in said.answer, said.not_smtp) == (False, b"")
    assert (said.keywords, said.not_tls) == ((), set())
    assert said.s_client_read == 1096 + len(evil)  # it went through the socket
    assert [s.verb for s in said.steps] == ["EHLO", "STARTTLS"]
    clean = parse_conversation(events(plaintext(140) + TLS_1_3))
    assert clean.injected == b""
    # The twin: after the ClientHello it is the answer, and none that TLS can read.
    late = parse_conversation(events([*plaintext(140), ("C", hello(297)), ("S", evil)]))
    assert (late.injected, late.answer, late.not_tls) == (b"", evil, {"server"})


@each_row("greeting", [GREETING, b"HTTP/1.1 400\r\n", b"220", b"220-a\r\n220"])
def test_a_greeting_that_crosses_the_client_hello_is_its_answer(greeting):
    for turns in ([("S", greeting), ("C", hello(297))], [("C", hello(297)), ("S", greeting)],
                  [("S", greeting[:2]), ("C", hello(297)), ("S", greeting[2:])]):
        said = parse_conversation(events(turns))
        assert (said.tls_after, said.answer, said.greeting, said.not_smtp) == ("connect", greeting, None, b"")
        assert (said.s_client_read, said.s_client_written, said.not_tls) == (min(5, len(greeting)), 297, {"server"})
    said = parse_conversation(events([("S", greeting), ("C", EHLO)]))  # the twin: a client that greets back
    assert (said.tls_after, said.answer, said.s_client_read) == (None, b"", len(greeting))


def test_a_client_hello_begins_only_where_a_line_would():
    assert parse_conversation(events([("S", GREETING), ("C", b"EHLO \x16\x03\x01\r\n")])).tls_after is None
    assert parse_conversation(events([("S", GREETING), ("C", b"\x16\x03\x01")])).tls_after == "connect"
    assert parse_conversation(events([("S", GREETING), ("C", EHLO + b"\x16\x03\x01")])).tls_after == "starttls"


@each_row("sent", [b"* OK IMAP4rev1 ready\r\n", b"HTTP/1.1 400 Bad\r\n\r\n", b"\x15\3\3\0\2\2\x0a"])
def test_what_is_no_reply_is_kept(sent):
    for pieces in cuts(sent):
        said = parse_conversation(events([("S", piece) for piece in pieces]))
        assert (said.not_smtp, said.greeting, said.s_client_read) == (sent, None, len(sent))
    assert parse_conversation(events([("S", GREETING)])).not_smtp == b""
    assert parse_conversation(events([("S", GREETING), ("C", EHLO), ("S", sent)])).not_smtp == sent


def test_alerts_in_clear_have_a_sender():
    said = parse_conversation(events([("C", hello(60)), ("S", b"\x15\3\3\0\2\2\x28"), ("C", b"\x15\3\1\0\2\1\0")]))
    assert said.alerts == [("server", Alert.of(40)), ("client", Alert.of(0, 1))]
    assert parse_conversation(events([("C", hello(60)), ("S", record(21, 24))])).alerts == []  # encrypted


PIECES = st.one_of(
    st.sampled_from([GREETING, EHLO, EHLO_REPLY, b"STARTTLS\r\n", STARTTLS_OK, b"AUTH LOGIN\r\n", b"334 \r\n",
                     b"354 go\r\n", b"DATA\r\n", b".\r\n", b"QUIT\r\n", b"221 x\r\n", b"\r\n", b"\x16", hello(20),
                     answer(20), CCS, sealed(12), record(22, 12), b"\x15\3\3\0\2\2\x28"]), st.binary(max_size=5))
TURNS = st.lists(st.tuples(st.sampled_from("CSCScs"), PIECES), max_size=10).map(
    lambda chunks: [(who, b"".join(piece for _, piece in turn)) for who, turn in groupby(chunks, key=lambda c: c[0])])


@settings(max_examples=500)
@example([("S", b"250 early\r\n354 early\r\n"), ("C", b"DATA\r\nmail\r\n")])
@example([("S", GREETING + b"250-early\r\n250 STARTTLS\r\n"), ("C", EHLO + hello(20))])
@example([("S", answer(20)), ("C", hello(20) + sealed(12))])
@given(TURNS)
def test_no_bytes_raise_and_no_chunking_matters(turns):
    said = parse_conversation(events(turns))
    assert said == parse_conversation(events([(who, bytes([b])) for who, chunk in turns for b in chunk]))
    for who, count in (("C", said.s_client_written), ("S", said.s_client_read)):
        assert count <= sum(len(chunk) for w, chunk in turns if w == who)
    assert max(len(said.answer), *map(len, said.first.values())) <= 64


def test_mail_content_ends_at_its_dot():
    mail = [("S", GREETING), ("C", b"DATA\r\n"), ("S", b"354 go\r\n"), ("C", b"QUIT\r\n..\r\n.\r\nQUIT\r\n"),
            ("S", b"250 taken\r\n221 bye\r\n")]  # the second QUIT doesn't wait for the reply to the mail
    steps = parse_conversation(events(mail)).steps
    assert [(step.verb, step.reply.reply_code) for step in steps] == [("DATA", 250), ("QUIT", 221)]
