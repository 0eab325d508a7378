"""The recorder between: bytes unchanged, ends carried over, a trace of its own."""

import socket

import pytest

from smtplab import Cause, Mode, dial, serve
from smtplab.lab.relay import Relay


@pytest.mark.parametrize(("kind", "mode"), [
    ("starttls", "starttls"), ("implicit", "implicit"), ("starttls", "implicit"), ("plain", "plain"),
    ("starttls-refused", "starttls")])
def test_it_counts_as_the_client_does_and_changes_nothing(kind, mode):
    with serve(kind) as server, Relay(server.address) as relay:
        trace = dial(relay.address, mode, ca_file=server.ca_file)
        passed, seen = relay.trace(), server.trace()
    assert (passed.cause, passed.mode) == (trace.cause, Mode(mode))
    assert (passed.bytes_read, passed.bytes_written) == (trace.bytes_read, trace.bytes_written)
    for who in ("client", "server"):
        wire = [b"".join(e.data for e in t.events if e.what == "bytes" and e.who == who) for t in (passed, seen)]
        assert wire[0][:len(wire[1])] == wire[1]


def test_a_hang_has_a_trace_while_it_lasts():
    with serve("implicit") as server, Relay(server.address) as relay:
        with socket.create_connection(relay.address):
            trace = relay.trace(timeout_s=0.1)
            assert trace.cause is Cause.PLAINTEXT_TO_IMPLICIT and not trace.certain
        assert [e.who for e in relay.trace().events if e.what == "closed"] == ["client"]


def test_a_server_that_is_not_there():
    with serve("refused") as server, Relay(server.address) as relay:
        for _ in range(2):
            trace = dial(relay.address, "plain", timeout_s=2)
            assert trace.cause is Cause.CLOSED_BEFORE_GREETING
            assert relay.trace().events[-1].who == "server"


def test_none_without_a_visitor_and_an_end():
    with serve("plain") as server, Relay(server.address) as relay:
        assert relay.trace(timeout_s=0.05) is None
    with pytest.raises(OSError):
        socket.create_connection(relay.address, timeout=1)
