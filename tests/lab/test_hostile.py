"""Peers that misbehave: each dial ends by its deadline, with a named cause, and leaves nothing running.

What must hold of every one of them is in `survive`; the tests say what is particular.
"""

import socket
import ssl
import threading

import pytest
from peers import close, every, read, reset, scripted, stay, tls

from smtplab import Cause, Mode, Trace, dial, serve
from smtplab.lab.certificates import server_context

GREETING, BYE = b"220 there\r\n", b"221 bye\r\n"
EHLO = b"250-there\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
GO = b"220 go\r\n"
OK = b"250 ok\r\n"


def survive(mode, *steps, timeout_s=1.0, **arguments):
    """The trace of a dial to that peer, after the checks that hold for all."""
    threads = set(threading.enumerate())
    with scripted(*steps) as address:
        threads |= {t for t in threading.enumerate() if t.name.startswith("Thread-")}
        trace = dial(address, mode, timeout_s=timeout_s, verify=False, **arguments)
        assert not [t for t in threading.enumerate() if t.name.startswith("smtplab") and t not in threads]
    # Some of these peers never end, so any limit would do; a machine that does much else needs a wide one.
    assert trace.seconds < timeout_s + 10 and isinstance(trace.cause, Cause) and trace.ok == (trace.failure is None)
    assert Trace.from_json(trace.to_json()) == trace
    shown = str(trace)
    assert shown.isascii() and shown.replace("\n", "").isprintable()
    return trace


# Every day each is met in one mode; in the others it is slow.
ODD = [
    (every(0, b"220 no end " * 100),),  # an endless greeting without a newline
    (every(0.1, b"2"),),  # a byte every 100 ms
    (every(0, b"220-more\r\n" * 100),),  # and one with newlines
    (b"220 \x00\x01\xff\xfe\r\n", stay),
    (b"220 <img onerror=alert(1)>\x1b[2J\x1b]0;title\x07</script>\xe2\x80\xae\r\n", stay),
    (b"\x15\x03\x03\x00\x02\x02\x16", stay), (b"\x15\x03\x03\x00\x02\x02\x16", close),
    (b"\x16\x03\x03\xff\xff" + b"x" * 70000, stay), (b"\x17\x03\x03\xff\xff", stay),
    (b"\x16\x03\x03\x00\x05hello", stay), (b"\x80\x2e\x01\x00\x02", stay),
    (b"\n", close), (b"220", stay), (b"\xff" * 5000, close),
    (GREETING, stay),  # and it never reads
]


@pytest.mark.parametrize(("number", "mode"), [
    pytest.param(number, mode, marks=[pytest.mark.slow] * ((number + place) % len(Mode) != 0))
    for number in range(len(ODD)) for place, mode in enumerate(Mode)])
def test_odd_first_words(number, mode):
    steps = ODD[number]
    trace = survive(mode, *steps, timeout_s=0.4)
    assert not trace.ok


@pytest.mark.parametrize(("first", "mode", "cause"), [
    (b"220 \x00\x01\xff\xfe\r\n", "implicit", Cause.IMPLICIT_TO_PLAINTEXT),
    (b"\x15\x03\x03\x00\x02\x02\x16", "plain", Cause.PLAINTEXT_TO_IMPLICIT),
    (b"\x15\x03\x03\x00\x02\x02\x46", "implicit", Cause.TLS_VERSION_OR_CIPHER),
    (b"\x00\x01\x02\x03\x04\x05", "implicit", Cause.OTHER),
    (b"* OK imap\r\n", "starttls", Cause.SERVER_NOT_SMTP),
])
def test_bytes_decide(first, mode, cause):
    assert survive(mode, first, stay).cause is cause


def test_ten_thousand_keywords():
    lines = b"250-there\r\n" + b"".join(b"250-KEYWORD%d\r\n" % n for n in range(10_000)) + b"250 HELP\r\n"
    trace = survive("plain", GREETING, read, lines, read, BYE, close, timeout_s=10)
    assert trace.ok
    endless = survive("plain", GREETING, read, every(0, b"250-KEYWORD\r\n" * 100), timeout_s=1)
    assert (endless.cause, endless.failure.stage) == (Cause.OTHER, "ehlo")


IN_TLS = GREETING, read, EHLO, read, GO, tls, read
LOGGED_IN = *IN_TLS, EHLO, read, b"235 ok\r\n", read
STAGES = [  # what the server did before it ended, and the stage at which the client then stands
    ((), "greeting"), ((GREETING, read), "ehlo"), ((GREETING, read, EHLO, read), "starttls"),
    ((GREETING, read, EHLO, read, GO, read), "tls"),
    ((*IN_TLS,), "ehlo"), ((*IN_TLS, EHLO, read), "auth"), ((*LOGGED_IN,), "mail"), ((*LOGGED_IN, OK, read), "mail"),
    ((*LOGGED_IN, OK, read, OK, read), "mail"), ((*LOGGED_IN, OK, read, OK, read, OK, read), "quit"),
]


@pytest.mark.parametrize("end", [close, reset, stay])
@pytest.mark.parametrize(("steps", "stage"), STAGES, ids=[str(n) + stage for n, (_, stage) in enumerate(STAGES)])
def test_an_end_at_every_stage(steps, stage, end):
    trace = survive("starttls", *steps, end, login=("alice", "sesame-sesame"), mail_from="a@example.com",
                    rcpt_to="b@example.com", timeout_s=2 if end is stay else 30)
    if stage == "quit" and end is not stay:  # to hang up is an answer to QUIT too
        assert trace.ok
        return
    assert trace.failure.stage == stage
    assert trace.failure.reason in {close: ("closed", "unexpected eof while reading"), reset: ("reset",),
                                    stay: ("timeout",)}[end]
    assert trace.waiting_for is not None
    assert "sesame" not in trace.to_json()


def test_the_last_stage_done_is_ok():
    steps = *STAGES[-1][0], BYE, close
    assert survive("starttls", *steps, login=("alice", "sesame-sesame"), mail_from="a@example.com",
                   rcpt_to="b@example.com").ok


@pytest.mark.parametrize("junk", [b"\x00" * 50, b"220 what\r\n", b"\x17\x03\x03\x00\x05hello", b"\xff" * 20000])
def test_garbage_after_the_server_hello(junk):
    hello = bytearray()

    def half_a_handshake(visitor, done):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = server_context().wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(visitor.recv(65536))
        try:
            server.do_handshake()
        except ssl.SSLWantReadError:
            hello.extend(outgoing.read())
        end = 5 + int.from_bytes(hello[3:5], "big")
        visitor.sendall(bytes(hello[:end]) + junk)
        return visitor

    trace = survive("implicit", half_a_handshake, stay)
    assert (trace.failure.stage, trace.certain) == ("tls", False) and trace.bytes_read > 5


def test_injected_plaintext_is_named_thrown_away_and_unlearned():
    inject = b"250-evil\r\n250 AUTH XEVIL PLAIN\r\n"
    steps = GREETING, read, EHLO, read, GO + inject, tls, read, b"250-there\r\n250 HELP\r\n", read, BYE, close
    trace = survive("starttls", *steps)
    assert trace.ok and "250-evil" in trace.diagnosis.why and "injected" in trace.diagnosis.why
    assert not any(b"evil" in e.data for e in trace.events if e.what == "inside")
    # What was known before TLS is forgotten: AUTH was offered then, and is not now.
    trace = survive("starttls", *steps, login=("alice", "sesame-sesame"))
    assert trace.cause is Cause.AUTH_MECHANISM
    # Its twin: nothing injected, nothing named.
    steps = GREETING, read, EHLO, read, GO, tls, read, EHLO, read, BYE, close
    assert "injected" not in survive("starttls", *steps).diagnosis.why


@pytest.mark.parametrize("mode", Mode)
def test_a_server_that_closes_after_seconds_of_silence(mode):
    def silence(visitor, done):
        done.wait(1.2)
        return visitor

    trace = survive(mode, silence, close, timeout_s=4)
    cause = Cause.OTHER if mode is Mode.IMPLICIT else Cause.PLAINTEXT_TO_IMPLICIT
    assert (trace.cause, trace.certain) == (cause, False) and trace.waiting_for is not None


def test_a_black_holed_first_address(monkeypatch):
    with serve("starttls") as server, serve("filtered") as hole:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", s.address) for s in (hole, server)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
        trace = dial(("two.example", 25), "starttls", timeout_s=5, verify=False)
    assert trace.ok and any(str(hole.address[1]) in e.note for e in trace.events if e.what == "closed")


def test_a_server_that_never_reads():
    trace = survive("plain", GREETING, stay, ehlo_name="x" * 100, timeout_s=0.5)
    assert (trace.failure.stage, trace.failure.reason, trace.waiting_for) == ("ehlo", "timeout", "reply")
