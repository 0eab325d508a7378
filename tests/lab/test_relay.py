"""The recorder between: bytes unchanged, ends carried over, a trace of its own that says what it can't see."""

import contextlib
import hashlib
import socket
import struct
import threading
import time

import pytest
from helpers import until
from lab_threads import lab_threads
from peers import close, read, reset, scripted, stay

from smtplab import Cause, Mode, dial, limits, relay, serve
from smtplab.events import SEALED
from smtplab.lab import relayed_connection as module

MAIL_BYTES = 20 * 1000 * 1000
KEPT_BYTES = 2 * limits.HEAD_BYTES + limits.TAIL_BYTES


def sent(trace, who):
    return b"".join(e.data for e in trace.events if e.what == "bytes" and e.who == who)


def reach(address):
    return contextlib.closing(socket.create_connection(address[:2], timeout=30))


def listen():
    return contextlib.closing(socket.create_server(("127.0.0.1", 0)))


def until_end(sock):
    """All that comes until the other side ends; (bytes, "closed" or "reset")."""
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except ConnectionResetError:
        return data, "reset"
    return data, "closed"


@pytest.mark.parametrize(("kind", "mode", "certain"), [
    ("starttls", "starttls", False), ("implicit", "implicit", False), ("starttls", "implicit", True),
    ("plain", "plain", False), ("starttls-refused", "starttls", False), ("not-smtp", "plain", True),
    ("http", "implicit", True), ("closes", "plain", True), ("resets", "plain", True), ("old-tls", "implicit", True)])
def test_it_counts_as_the_client_does_and_changes_nothing(kind, mode, certain):
    with serve(kind) as server, relay(server) as between:
        trace = dial(between.address, mode, ca_file=server.ca_file, timeout_s=30)
        passed, seen = between.trace(of=trace, timeout_s=30), server.trace()
        assert between.trace(of=seen) is passed or kind == "resets"
    assert (passed.cause, passed.certain) == (trace.cause, certain)
    assert passed.mode in ({Mode(mode)} if said(passed) else {None})
    assert (passed.bytes_read, passed.bytes_written) == (trace.bytes_read, trace.bytes_written)
    assert passed.bytes_sent == trace.bytes_sent  # what came when the client had left is in no trace of its own
    assert passed.bytes_received - trace.bytes_received in ({0} if kind != mode or mode == "plain" else {0, 24})
    for who in ("client", "server"):
        assert sent(passed, who).startswith(sent(seen, who))


def said(trace):
    return sent(trace, "client")


def test_a_command_that_is_refused_in_clear():
    with serve("starttls-required") as server, relay(server) as between:
        dial(between.address, "plain", mail_from="a@example.com")
        passed = between.trace()
    assert (passed.cause, passed.certain, passed.failure.reason) == (Cause.STARTTLS_REQUIRED, True, "530")


def test_it_says_what_it_can_not_see():
    with serve("implicit") as server, relay(server) as between:
        dial(between.address, "implicit", ca_file=server.ca_file, login=("alice", "not-hers"))
        passed = between.trace()
    assert passed.ok and not passed.certain and "can't be seen" in passed.diagnosis.why
    [note] = [i for i, e in enumerate(passed.events) if e.note == SEALED]
    assert "client_hello" in str(passed) and SEALED in str(passed)
    assert b"\x17\x03" in passed.events[note - 1].data
    with serve("starttls") as server, relay(server) as between:
        dial(between.address, "implicit")
        assert SEALED not in str(between.trace())


def test_a_hang_has_a_cause_while_it_lasts():
    heard = []
    with serve("implicit") as server, relay(server, listener=heard.append) as between, reach(between.address):
        trace = until(lambda: (t := between.trace(timeout_s=0)) and len(t.events) > 1 and t)
        waits = {e.who: e.note for e in trace.events if e.what == "waiting"}
        assert trace.cause is Cause.PLAINTEXT_TO_IMPLICIT and not trace.certain and trace.waiting_for == "greeting"
        assert waits.keys() == {"client", "server"} and waits["server"].startswith("client-hello")
        assert between.traces()[0].cause is Cause.PLAINTEXT_TO_IMPLICIT
        assert heard and not heard[-1].ended.is_set()
    assert [e.who for e in between.trace().events if e.what == "closed"] in (["client"], [])


@pytest.mark.parametrize(("kind", "says", "waits"), [
    ("silent", b"\x16\x03\x01\x00\x05hello", ("client", "server-hello")), ("silent", b"", ("client", "greeting")),
    ("plain", b"", ("server", "command")), ("plain", b"EHLO", ("server", "command"))])
def test_who_waits_for_what(kind, says, waits, monkeypatch):
    monkeypatch.setattr(module, "HANG_S", 0.05)
    with serve(kind) as server, relay(server) as between, reach(between.address) as client:
        client.sendall(says)
        assert until(lambda: [e for t in between.traces() for e in t.events if (e.who, e.note) == waits])


@pytest.mark.parametrize(("kind", "mode", "waits"), [
    ("starttls-stalls", "starttls", "server-hello"), ("implicit-stalls", "implicit", "server-finished")])
def test_a_handshake_that_stalls_while_it_lasts(kind, mode, waits):
    with serve(kind) as server, relay(server) as between:
        trace = dial(between.address, mode, timeout_s=1)
        passed = between.trace(of=trace)
    for one in (trace, passed):
        assert (one.cause, one.certain, one.waiting_for) == (Cause.HANDSHAKE_STALLED, False, waits)
    with serve(mode) as server, relay(server) as between:  # the failing twin: refused by the client, so not stalled
        dial(between.address, mode, timeout_s=30)
        assert between.trace().cause is not Cause.HANDSHAKE_STALLED


def test_a_server_that_is_not_there():
    with serve("refused") as server, relay(server) as between:
        for _ in range(2):
            trace = dial(between.address, "plain", timeout_s=5)
            assert trace.cause is Cause.CLOSED_BEFORE_GREETING
            passed = between.trace(of=trace)
            assert passed.cause is Cause.REFUSED and passed.certain and "no connection" in passed.events[-1].note


def test_a_server_that_does_not_answer_the_connection():
    with serve("filtered") as server, relay(server, connect_timeout_s=0.2) as between:
        trace = dial(between.address, "plain", timeout_s=5)
        assert between.trace(of=trace).cause is Cause.FILTERED_TIMEOUT
    with serve("filtered") as server, relay(server) as between, reach(between.address):
        until(lambda: between.traces())
        assert (between.traces()[0].cause, between.traces()[0].certain) == (Cause.FILTERED_TIMEOUT, False)
    assert not lab_threads()


@pytest.mark.parametrize("name", [
    "127.0.0.1", "localhost", "0.0.0.0", pytest.param("::ffff:127.0.0.1", marks=pytest.mark.real("address:::1"))])
def test_a_relay_to_itself_ends(name):
    with listen() as free:
        port = free.getsockname()[1]
    with relay((name, port), port=port) as between:
        # A reset so early may be the connection's own end.
        with contextlib.suppress(ConnectionResetError), reach(between.address) as client:
            assert until_end(client)[0] == b""
        until(lambda: between.traces() and between.traces()[0].failure)
        [trace] = between.traces()
    assert (trace.cause, trace.certain, trace.failure.reason) == (Cause.OTHER, True, "loop")
    assert "got no further: `that is the relay's own address`" in trace.diagnosis.why


def test_a_server_that_can_t_be_reached_is_told_of_as_the_relay_s():
    with serve("refused") as server, relay(server) as between:
        trace = dial(between.address, "plain", timeout_s=5)
        seen = between.trace(of=trace)
    assert seen.cause is Cause.REFUSED and "the relay got no further" in seen.diagnosis.why


# --- ends ---

def test_a_half_close_is_carried_over():
    with scripted(b"220 x\r\n", lambda v, done: (until_end(v), v)[1], b"221 all came\r\n", close) as at, \
            relay(at) as between, reach(between.address) as client:
        client.sendall(b"QUIT\r\n")
        client.shutdown(socket.SHUT_WR)
        assert until_end(client) == (b"220 x\r\n221 all came\r\n", "closed")
        client.close()
        trace = between.trace(timeout_s=30)
    assert [(e.who, e.what) for e in trace.events if e.what in ("closed", "reset")] == [("client", "closed")]


@pytest.mark.parametrize(("last", "how"), [(reset, "reset"), (close, "closed")])
def test_a_server_s_end_is_carried_over(last, how):
    with scripted(b"220 x\r\n", read, last) as at, relay(at) as between, reach(between.address) as client:
        client.sendall(b"EHLO x\r\n")
        assert until_end(client) == (b"220 x\r\n", how)
        client.close()
        trace = between.trace(timeout_s=30)
    assert ("server", how) in [(e.who, e.what) for e in trace.events]


@pytest.mark.parametrize("how", ["reset", "closed"])
def test_a_client_s_end_is_carried_over(how):
    with listen() as server, relay(server.getsockname()) as between:
        client = socket.create_connection(between.address)
        visitor, _ = server.accept()
        with contextlib.closing(visitor):
            visitor.settimeout(30)
            client.sendall(b"EHLO x\r\n")
            assert visitor.recv(100) == b"EHLO x\r\n"
            if how == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            assert until_end(visitor) == (b"", how)
        assert ("client", how) in [(e.who, e.what) for e in between.trace(timeout_s=30).events]


def test_none_without_a_visitor_and_an_end():
    with serve("plain") as server, relay(server.address) as between:
        assert between.trace(timeout_s=0.05) is None and between.traces() == []
        other = dial(server, "plain")
        assert between.trace(of=other, timeout_s=0.05) is None
    between.close()
    assert not lab_threads()
    with pytest.raises(OSError):
        socket.create_connection(between.address, timeout=30)


def test_a_listener_s_fault_is_shown_and_costs_no_client(monkeypatch):
    shown = []
    monkeypatch.setattr(threading, "excepthook", shown.append)
    with serve("plain") as server, relay(server, listener=lambda passage: passage.nothing) as between:
        assert dial(between.address, "plain").ok and between.trace(timeout_s=30).ok
    assert {error.exc_type for error in shown} == {AttributeError}


def test_close_ends_everybody():
    with serve("implicit") as server:
        between = relay(server)
        clients = [socket.create_connection(between.address) for _ in range(20)]
        until(lambda: len(server.traces()) == 20)
        between.close()
        assert not [t for t in lab_threads() if t.name == "smtplab-relay"]
        for client in clients:
            assert until_end(client)[0] == b""
            client.close()
        assert all(trace.cause is Cause.PLAINTEXT_TO_IMPLICIT for trace in between.traces())


@pytest.mark.parametrize(("last", "cause"), [(stay, Cause.OK), (close, Cause.STARTTLS_NOT_OFFERED)])
def test_what_the_relay_s_own_end_cut_short_is_nobody_s_refusal(last, cause):
    with scripted(b"220 x\r\n", read, b"250 x\r\n", last) as at, relay(at) as between:
        with reach(between.address) as client:
            client.sendall(b"EHLO x\r\n")
            until(lambda: b"250" in sent(between.trace(timeout_s=1), "server"))
            if last is stay:
                between.close()
        trace = between.trace(timeout_s=30)
    assert (trace.cause, trace.certain) == (cause, False)


@pytest.mark.parametrize(("upstream", "says"), [("localhost", "HOST:PORT"), (("localhost", 0), "1 to 65535"),
                                                (("", 25), "host name")])
def test_an_unusable_address_is_told(upstream, says):
    with pytest.raises(ValueError, match=says):
        relay(upstream)
    with pytest.raises(ValueError, match="connect_timeout_s"):
        relay(("localhost", 25), connect_timeout_s=0)


# --- much ---

def mail_server(listening, out):
    """Takes one mail of any size and puts its hash and size in `out`."""
    visitor, _ = listening.accept()
    with contextlib.closing(visitor):
        visitor.sendall(b"220 x\r\n")
        for answer in (b"250 x", b"250 x", b"250 x", b"354 go on"):
            visitor.recv(1000)
            visitor.sendall(answer + b"\r\n")
        seen, size, end = hashlib.sha256(), 0, b""
        while not end.endswith(b"\r\n.\r\n"):
            piece = visitor.recv(1 << 18)
            seen.update(piece)
            size, end = size + len(piece), (end + piece)[-5:]
        visitor.sendall(b"250 taken\r\n")
        visitor.recv(1000)
        visitor.sendall(b"221 bye\r\n")
        out.append((seen.hexdigest(), size))


def test_twenty_megabytes_pass_whole_and_are_not_all_kept():
    mail = b"the quick brown fox is 40 bytes long ..\r\n" * (MAIL_BYTES // 41) + b".\r\n"
    out = []
    with listen() as listening, relay(listening.getsockname()) as between:
        server = threading.Thread(target=mail_server, args=(listening, out))
        server.start()
        with reach(between.address) as client:
            for line in (b"", b"EHLO x\r\n", b"MAIL FROM:<a@x>\r\n", b"RCPT TO:<b@x>\r\n", b"DATA\r\n", mail,
                         b"QUIT\r\n"):
                client.sendall(line)
                last = client.recv(1000)
            assert last == b"221 bye\r\n"
        server.join()
        trace = between.trace(timeout_s=30)
    assert out == [(hashlib.sha256(mail).hexdigest(), len(mail))]
    assert (trace.cause, trace.certain, trace.waiting_for) == (Cause.OK, True, None)
    whole = len(mail) + len("EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nQUIT\r\n")
    assert trace.bytes_sent == trace.bytes_written == whole
    assert len(sent(trace, "client")) < KEPT_BYTES
    [note] = [e.note for e in trace.events if "not kept" in e.note]
    assert int(note.split()[0]) == whole - len(sent(trace, "client"))
    assert sent(trace, "client").endswith(b"long ..\r\n.\r\nQUIT\r\n")
    assert set(sent(trace, "client").split(b"\r\n")[4:-3]) == {mail[:39]}
    assert "S: 250 taken" in str(trace) and "lines are left out here" in str(trace)


@pytest.mark.real("files:1000")
def test_two_hundred_clients_at_once():
    with serve("starttls") as server, relay(server) as between:
        clients = [socket.create_connection(between.address, timeout=30) for _ in range(200)]
        for client in clients:
            client.sendall(b"QUIT\r\n")
        ends = [until_end(client) for client in clients]
        own = ["{}:{}".format(*client.getsockname()) for client in clients]
        for client in clients:
            client.close()
        until(lambda: all(passage.ended.is_set() for passage in between._passages))
        traces = between.traces()
    assert {(end[0][:4], end[0][-9:], end[1]) for end in ends} == {(b"220 ", b"0.0 Bye\r\n", "closed")}
    assert sorted(trace.sockets[0] for trace in traces) == sorted(own)
    assert {trace.cause for trace in traces} == {Cause.OK}


def test_more_conversations_than_it_carries_at_once_are_reset_and_told(monkeypatch):
    monkeypatch.setattr(limits, "PASSAGES", 2)
    with serve("plain") as server, relay(server) as between:
        here = [socket.create_connection(between.address, timeout=30) for _ in range(2)]
        assert all(client.recv(100).startswith(b"220 ") for client in here)
        over = dial(between.address, "plain", timeout_s=30)
        assert over.cause is Cause.CLOSED_BEFORE_GREETING
        assert "2 conversations go on already" in between.trace(of=over, timeout_s=30).events[-1].note
        for client in here:
            client.close()
        until(lambda: all(trace.sockets is None or passage.ended.is_set()
                          for passage, trace in zip(between._passages, between.traces(), strict=True)))
        assert dial(between.address, "plain", timeout_s=30).ok  # there is room again


def test_a_relay_ends_while_one_that_it_reset_is_among_its_conversations(monkeypatch):
    monkeypatch.setattr(limits, "PASSAGES", 1)
    with scripted(stay) as at, relay(at) as between:
        clients = [socket.socket() for _ in range(3)]
        for client in clients:
            client.connect_ex(between.address)  # it may be reset before it knows that it is connected
        until(lambda: len(between.traces()) == 3)
    assert until(lambda: all(passage.ended.is_set() for passage in between._passages))
    for client in clients:
        client.close()


def test_a_client_that_never_reads_holds_back_the_server():
    with listen() as server, relay(server.getsockname()) as between, reach(between.address) as client:
        visitor, _ = server.accept()
        with contextlib.closing(visitor):
            visitor.setblocking(False)
            held, piece = 0, b"250-x\r\n" * 10000
            quiet = time.monotonic()
            while time.monotonic() - quiet < 0.3:  # until nothing has gone for so long
                with contextlib.suppress(BlockingIOError):
                    held += visitor.send(piece)
                    quiet = time.monotonic()
            # What is on its way stands in the kernel's buffers, a few megabytes each; the relay has one chunk.
            assert held < 40_000_000
            trace = between.trace(timeout_s=0)
            assert trace.bytes_received <= held and len(sent(trace, "server")) < KEPT_BYTES
            client.sendall(b"NOOP\r\n")  # and the other way is free
            assert until(lambda: _received(visitor)) == b"NOOP\r\n"


def _received(sock):
    with contextlib.suppress(BlockingIOError):
        return sock.recv(100)


def test_a_relay_that_runs_for_days_holds_only_so_many(monkeypatch):
    monkeypatch.setattr(limits, "KEPT", 3)
    with serve("plain") as server, relay(server) as between:
        traces = [dial(between.address, "plain") for _ in range(5)]
        assert len(between.traces()) == 3
        assert between.trace(of=traces[0], timeout_s=0.01) is None and between.trace(of=traces[-1]).ok


def test_a_client_that_is_gone_before_it_is_reached():
    with scripted(stay) as at, relay(at) as between:
        for _ in range(3):
            client = socket.create_connection(between.address)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        assert until(lambda: len(between.traces()) == 3)
