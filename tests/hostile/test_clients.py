"""No client's bytes cost the lab more than its limits, hold up another client, or act on whatever shows them."""

import socket

import pytest
from clients import CLIENTS
from helpers import until
from servers import EMPTY
from test_servers import assert_harmless
from views import VIEWS

from smtplab import Cause, dial, limits, serve
from smtplab.show.visitors import Visitors

# Those that send what there is to send: a second or more each.
SLOW = ("ehlos_read", "hello_and_records", "newlines", "noops")


def visit(server, client):
    with socket.create_connection(server.address, timeout=30) as sock:
        client(sock)


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in CLIENTS])
@pytest.mark.parametrize("kind", ["plain", "implicit"])
def test_a_client(name, kind):
    lines = []
    show = Visitors(lines.append, as_json=False)
    with serve(kind, listener=show.for_kind(kind)) as server:
        visit(server, CLIENTS[name])
        assert dial(server, kind, timeout_s=30).ok, "another is served all the same"
        trace = until(lambda: server.traces()[:1])[0]
    show.finish()
    assert trace.bytes_received + trace.bytes_sent < limits.VISIT_BYTES + (1 << 20)
    assert len(trace.events) < limits.VISIT_EVENTS + 100
    assert_harmless(*lines, *VIEWS["text"](trace), *VIEWS["player"](trace))


def test_one_who_does_not_read_is_not_read():
    """What waits to be taken is bounded: the server stops reading long before the limit of a visit."""
    with serve("plain") as server:
        visit(server, CLIENTS["ehlos_unread"])
        trace = until(lambda: server.traces())[0]
        assert trace.bytes_sent < limits.VISIT_BYTES / 2 and trace.bytes_received < limits.VISIT_BYTES


def test_all_visitors_together_take_so_much(monkeypatch):
    monkeypatch.setattr(limits, "KEPT_BYTES", 3_000_000)
    visits, notes = set(), []

    def listener(visit):
        visits.add(visit)
        notes.append(visit.recorder.events[-1].note)

    with serve("silent", listener=listener) as server:
        for number in range(8):
            with socket.create_connection(server.address, timeout=30) as sock:
                sock.sendall(b"x" * 1_000_000)
            until(lambda: len(visits) > number and all(visit.recorder.end for visit in visits))  # noqa: B023
        assert sum(trace.bytes_received for trace in server.traces()) <= 3_000_000 and len(server.traces()) >= 1
        # And if all are here still, the one for whom there is no room is reset.
        here = [socket.create_connection(server.address, timeout=30) for _ in range(8)]
        for sock in here:
            try:
                for _ in range(100):
                    sock.sendall(b"x" * 10_000)
            except OSError:
                pass
        until(lambda: any("all visitors together" in note for note in notes))
        for sock in here:
            sock.close()


def test_a_flood_is_reset_and_its_trace_says_why():
    with serve("plain") as server:
        with socket.create_connection(server.address, timeout=30) as sock, pytest.raises(OSError):
            while True:
                sock.sendall(b"x" * 60_000)
        trace = until(lambda: [one for one in server.traces() if one.events[-1].what == "reset"])[0]
    assert f"more than {limits.VISIT_BYTES} bytes" in trace.events[-1].note and "by the server" in str(trace)


@pytest.mark.parametrize("behind", [b"EHLO evil\r\nMAIL FROM:<x@y>\r\n", b"NOOP\r\n", b""])
def test_what_a_client_sends_behind_starttls_is_named(behind):
    """A server throws it away, and goes on as if it had not come; without it nothing is said."""
    import smtplib

    class Pipelining(smtplib.SMTP):
        def putcmd(self, cmd, args=""):
            self.send(f"{cmd} {args}".strip().encode() + b"\r\n" + behind * (cmd == "STARTTLS"))

    with serve("starttls") as server:
        with Pipelining(*server.address, local_hostname="me") as client:
            client.starttls()
            client.ehlo()
        trace = until(lambda: [one for one in server.traces() if one.events[-1].what == "closed"])[0]
    assert ("injected" in trace.diagnosis.why) == bool(behind)
    assert trace.cause is Cause.OK and trace.tls
    assert_harmless(str(trace))


def test_records_in_place_of_a_hello_end_in_a_cause():
    with serve("implicit") as server:
        visit(server, lambda sock: sock.sendall(EMPTY * 10))
        trace = until(lambda: server.traces()[:1])[0]
    assert isinstance(trace.cause, Cause) and not trace.ok
