"""Text views: lines as they come, nothing that acts on a terminal, s_client's line last."""

import pytest
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab import Cause, Event, Mode, Trace, dial, judge, limits, matrix, probe, serve
from smtplab.events import Who
from smtplab.report import transcript
from smtplab.show import text
from smtplab.show.live import Live

HOSTILE = b"220 <img onerror=x>\x1b[31m\x07\xe2\x80\xae\x00\xff</script>\r\n"


def trace_of(*events, **changes):
    start = Event(0.0, "client", "connected", None, "127.0.0.1:1 > 127.0.0.1:2")
    values = {"mode": Mode.PLAIN, "address": ("127.0.0.1", 2), "ok": True, "cause": Cause.OK, "certain": True,
              "bytes_read": 0, "bytes_written": 0, "bytes_received": 0, "bytes_sent": 0, "seconds": 1.0, "tls": None,
              "failure": None, "waiting_for": None, "first_bytes": None, "events": (start, *events)}
    return Trace(**values | changes)


def test_a_whole_report():
    with serve("starttls") as server:
        works, fails = dial(server, "starttls"), dial(server, "implicit")
        seen = server.trace(of=fails)
    report = str(works)
    for part in ("C: STARTTLS", "S: 250-STARTTLS", "[TLS handshake client_hello", "S: (in TLS) 250-AUTH LOGIN PLAIN",
                 "handshake message certificate,", "ok: It worked"):
        assert part in report
    assert report.splitlines()[-1] == (
        f"SSL handshake has read {works.bytes_read} bytes and written {works.bytes_written} bytes")
    assert "unknown(50), version 0x3230 (12848)" in str(fails) and "so far" not in str(fails)
    assert "\nvisitor in mode implicit" in str(seen) and "The server was waiting: command." in str(seen)


def test_a_hang_says_so_far_and_who_waits():
    with serve("silent") as server:
        report = str(dial(server, "plain", timeout_s=0.2))
    assert report.splitlines()[-1].endswith("so far") and "The client was waiting: greeting." in report
    assert "(not certain)" in report


def test_nothing_from_the_wire_acts_on_the_terminal():
    report = str(trace_of(Event(0.1, "server", "bytes", HOSTILE), Event(0.2, "server", "bytes", HOSTILE[:20])))
    assert "<img onerror=x>\\x1b[31m\\x07\\xe2\\x80\\xae\\x00\\xff</script>" in report and "(no line end)" in report
    assert report.replace("\n", "").isprintable() and report.isascii()


@given(st.lists(st.tuples(st.sampled_from(["client", "server"]), st.sampled_from(["bytes", "inside", "tls"]),
                          st.binary(min_size=1, max_size=40)), max_size=12))
def test_any_bytes_make_printable_lines(events):
    report = str(trace_of(*(Event(0.1, who, what, data, "read something") for who, what, data in events)))
    assert report.replace("\n", "").isprintable() and report.isascii()


@given(st.binary(min_size=1, max_size=60).map(lambda data: b"A" + data), st.integers(0, 60))
def test_chunks_do_not_change_what_was_said(data, cut):
    def lines(*chunks):
        return [line[9:] for line in transcript([Event(0, "client", "bytes", c) for c in chunks if c])]
    assert lines(data[:cut], data[cut:]) == lines(data)


def test_a_diagnosis_alone():
    with serve("refused") as server:
        found = dial(server, "plain").diagnosis
    assert str(found).startswith("refused: The connection is refused\n") and "  - Check host and port." in str(found)


@pytest.mark.parametrize("who", ["client", "server"])
def test_an_empty_record_is_shown(who):
    """Five bytes that any peer may send: a handshake record with nothing in it."""
    for first in (b"\x16\x03\x01\x00\x00", b"\x15\x03\x01\x00\x00", b"\x17\x03\x03\x00\x00"):
        event = Event(0.0, who, "bytes", first)
        assert transcript([event])[0].endswith(", 5 bytes]")


def test_tables():
    with serve("plain") as server, serve("implicit") as implicit:
        table = text.ports(probe([server, implicit]))
    assert "smtp " in table and "accepted" in table and "greets `220 mail.example.com ESMTP smtplab`" in table
    cells = text.cells(matrix(["plain", "silent"], ["plain", "implicit"], timeout_s=2))
    assert "plaintext-to-implicit?, read 0" in cells and "implicit-to-plaintext, read 5" in cells
    assert "expected" not in cells and text.cells([]) == "no dial came to its end"


@each_row(("data", "openssl", "words"), [
    (b"220 m", "3.0", ("FAILED  major version is 3", "wrong version number", "it needed 5 bytes", "none")),
    (b"HTTP/", "3.2", ("packet length too long", "fatal alert 22 (record_overflow)")),
    (b"220", "3.0", ("fewer than five bytes", "it waits for 5 bytes"))])
def test_a_verdict(data, openssl, words):
    report = text.verdict(judge(data, openssl))
    assert [word for word in words if word not in report] == []


def test_live_shows_each_line_once_and_no_secret(monkeypatch):
    from smtplab.lab.recorder import Recorder
    shown = []
    live = Live(shown.append)
    recorder = Recorder(Who.SERVER, live)
    for who, chunk in (("client", b"AU"), ("client", b"TH PLAIN c2Vz"), ("client", b"YW1l\r\n"),
                       ("server", b"535 no\r\n"), ("client", b"QUIT\r\n")):
        recorder.add("bytes", who, chunk)
    assert [line[11:] for line in shown] == ["C: AUTH PLAIN ********", "S: 535 no", "C: QUIT"]
    monkeypatch.setattr(limits, "LIVE_BYTES", 100_000)
    for _ in range(50):
        recorder.add("bytes", "client", b"NOOP\r\n")
    assert 3 < len(shown) <= 50
    before = len(shown)
    recorder.add("bytes", "client", b"NOOP\r\n")
    assert len(shown) == before, "one who talks on and on is read no more"
    live.rest(recorder)
    assert len(shown) == 54, "until its end"


def test_an_alert_in_clear_is_named_where_it_came():
    with serve("old-tls") as server:
        trace = dial(server, "implicit")
        lines = str(trace).splitlines()
    at = next(i for i, line in enumerate(lines) if "S: [TLS fatal alert 70 (protocol_version), 7 bytes]" in line)
    assert at < next(i for i, line in enumerate(lines) if "the client closed" in line)
