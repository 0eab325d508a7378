"""From traces to capture files: the bytes, the times, the port, the secrets, and who may read them."""

import base64
import os
import struct

import pytest
import test_diagnosis as t
from helpers import each_row, is_private
from hypothesis import given, settings
from scapy.layers.inet6 import IPv6
from scapy.utils import rdpcap
from test_trace import TRACES

from smtplab import Cause, Mode, dial, serve
from smtplab.events import CaptureSecrets, Event
from smtplab.lab.client import Dial
from smtplab.packets import Recording, write_pcapng
from smtplab.packets.trace_writer import INFERRED, port_shown, segments_of, server_port
from smtplab.trace import Trace

LINK = Event(0.0, "client", "connected", note="192.0.2.9:50000 > 192.0.2.25:587")


def made(*events, started=1_700_000_000.123456, port=587):
    return segments_of(Recording((LINK, *events), "client", CaptureSecrets(started)), port)


def flow(found, who):
    """The bytes from that side, put together by their sequence numbers."""
    side = [s for s in found if s.source[1] == (587 if who == "server" else 50000)]
    base = next(s.seq for s in side if "S" in s.flags) + 1
    out = bytearray()
    for s in side:
        if s.data:
            assert (s.seq - base) % 2**32 == len(out)
            out += s.data
    return bytes(out)


def wire(trace, who):
    return b"".join(e.data for e in trace.events if e.what == "bytes" and e.who == who)


# --- segments ---

def test_a_connection_begins_carries_and_ends():
    found = made(Event(0.5, "server", "bytes", b"220 x\r\n"), Event(1.0, "client", "bytes", b"QUIT\r\n"),
                 Event(1.5, "client", "closed"))
    assert [(s.source[1], s.flags, s.data) for s in found] == [
        (50000, "S", b""), (587, "SA", b""), (50000, "A", b""), (587, "PA", b"220 x\r\n"), (50000, "PA", b"QUIT\r\n"),
        (50000, "FA", b""), (587, "A", b"")]
    assert [s.at_us - found[0].at_us for s in found] == [0, 0, 0, 500_000, 1_000_000, 1_500_000, 1_500_000]
    assert found[0].at_us == 1_700_000_000_123_456
    assert [bool(s.comment) for s in found] == [True] * 3 + [False] * 2 + [True] * 2  # what nobody captured says so
    last = found[-1]
    assert (last.ack - found[0].seq) % 2**32 == 1 + 6 + 1  # SYN, six bytes, FIN


@each_row(("note", "size"), [
    ("192.0.2.9:50000 > 192.0.2.25:587", 1460), ("[2001:db8::9]:50000 > [2001:db8::25]:587", 1440),
    ("127.0.0.1:50000 > 127.0.0.1:587", 65495), ("[::1]:50000 > [::1]:587", 65475)])
def test_much_is_cut_into_segments_and_confirmed_in_time(note, size):
    data = os.urandom(200_000)
    events = (Event(0.0, "client", "connected", note=note), Event(0.1, "client", "bytes", data))
    found = segments_of(Recording(events, "client", CaptureSecrets(1.0)), 587)
    assert flow(found, "client") == data
    assert {len(s.data) for s in found} == {0, size, len(data) % size}
    confirmed = found[0].seq
    for s in found:
        if s.source[1] == 587:
            confirmed = s.ack
        else:
            assert (s.seq + len(s.data) - confirmed) % 2**32 <= 65535


@each_row(("events", "flags"), [
    ([Event(1.0, "server", "reset")], ["RA"]),
    ([Event(1.0, "server", "closed"), Event(2.0, "client", "closed")], ["FA", "A", "FA", "A"]),
    ([Event(1.0, "server", "closed"), Event(2.0, "client", "reset")], ["FA", "A", "RA"]),
    # An end noted before the last bytes comes after them.
    ([Event(1.0, "server", "closed"), Event(2.0, "server", "bytes", b"x")], ["PA", "FA", "A"]),
    ([Event(1.0, "server", "bytes", b"")], []), ([], [])])
def test_ends(events, flags):
    assert [s.flags for s in made(*events)[3:]] == flags


@each_row(("event", "flags"), [
    (Event(0.1, "server", "reset", note="192.0.2.25:25: Connection refused"), ["S", "RA"]),
    (Event(5.0, "client", "closed", note="192.0.2.25:25: no answer in time"), ["S"])])
def test_what_never_connected(event, flags):
    recording = Recording((Event(0.01, "client", "waiting", note="connection"), event), "client", CaptureSecrets(1.0))
    found = segments_of(recording, 25)
    assert server_port(recording) == 25
    assert [s.flags for s in found] == flags
    assert found[0].target == ("192.0.2.25", 25)
    assert [s.at_us for s in found] == [1_010_000, 1_100_000][:len(flags)]
    # The next address of the name is tried then.
    both = segments_of(Recording((*recording.events, LINK), "client", CaptureSecrets(1.0)), 25)
    assert [s.flags for s in both] == [*flags, "S", "SA", "A"]


@pytest.mark.parametrize("port", [70000, -5, "smtp"])
def test_a_port_that_is_none_is_told_in_our_words_and_nothing_is_written(port, tmp_path):
    with serve("plain") as server:
        trace = dial(server, "plain")
    with pytest.raises(ValueError, match=f"no port {port}; ports are 1 to 65535"):
        trace.to_pcapng(tmp_path / "x", port=port)
    assert not (tmp_path / "x").exists()
    trace.to_pcapng(tmp_path / "x", port="2525")
    assert [t.address[1] for t in Trace.from_pcap(tmp_path / "x")] == [2525]


def test_what_was_captured_needs_no_excuse():
    link = Event(0.0, "client", "connected", note="192.0.2.9:50000 > 192.0.2.25:587 (captured: SYN, SYN/ACK)")
    end = Event(1, "client", "closed", note="(captured: FIN)")
    found = segments_of(Recording((link, end), "client", CaptureSecrets()), 587)
    assert [s.comment for s in found] == [""] * 4 + [INFERRED]
    assert found[0].source == ("192.0.2.9", 50000)
    assert found[0].target == ("192.0.2.25", 587)


# --- the port ---

@each_row(("port", "trace"), [
    (25, t.client(*t.BARE, *t.QUIT, mode="plain")), (587, t.client(*t.OFFERED, mode="plain")),
    (587, t.client(*t.SECURE, tls=True)), (587, t.client(t.CH, ("S", t.GREETING), mode="implicit", failed=t.WRONG)),
    (465, t.client(t.CH, ("S", t.answer(127)), mode="implicit")), (465, t.hang("starttls")),
    (465, t.hang("implicit", t.CH)),
    (465, t.server(("C", b"EHLO x\r\n"), waits="client-hello", failed=t.WRONG)),
    (587, t.client(failed="connect: ECONNREFUSED"))])
def test_the_port_by_what_the_server_spoke(port, trace):
    assert port_shown(trace, 43210) == port
    assert port_shown(trace, 2525) == 2525  # a port that dissectors know stays what it is


# --- files ---

def test_bytes_and_times_are_the_trace_s(tmp_path):
    with serve("starttls") as server:
        trace = dial(server, "starttls")
    trace.to_pcapng(tmp_path / "x.pcapng")
    packets = rdpcap(str(tmp_path / "x.pcapng"))
    data = [(p["TCP"].sport, bytes(p["TCP"].payload), int(p.time * 10**6)) for p in packets
            if len(p["TCP"].payload)]
    start = round(trace._kept.started * 1e6)
    assert data == [(587 if e.who == "server" else int(trace.sockets[0].rpartition(":")[2]), e.data,
                     start + round(e.at_s * 1e6)) for e in trace.events if e.what == "bytes"]
    assert is_private(tmp_path / "x.pcapng")


def secrets_in(path):
    """The blocks of secrets in a file, and how many packets stand before the first."""
    data, offset, found, packets = path.read_bytes(), 0, [], 0
    while offset < len(data):
        kind, size = struct.unpack_from("<II", data, offset)
        if kind == 10:
            magic, length = struct.unpack_from("<II", data, offset + 8)
            assert (magic, packets) == (0x544C534B, 0)
            found.append(data[offset + 16:offset + 16 + length].decode())
        packets += kind == 6
        assert size % 4 == 0
        offset += size
    return found


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize(("kind", "mode"), [("starttls", "starttls"), ("implicit", "implicit")])
def test_a_lab_connection_brings_its_secrets(kind, mode, version, tmp_path):
    with serve(kind, tls_version=version) as server:
        trace = dial(server, mode, login=("alice", "wonderland"))
        seen = server.trace(of=trace)
    secrets = []
    for one in (trace, seen):
        one.to_pcapng(tmp_path / "x.pcapng")
        [text] = secrets_in(tmp_path / "x.pcapng")
        secrets.append({line.rpartition(" ")[2] for line in text.splitlines()})
        assert not [word for word in secrets[-1] if word in one.to_json() + str(one) + repr(one) + repr(one._kept)]
    assert secrets[0] & secrets[1]  # both sides know the same
    assert Trace.from_json(trace.to_json())._kept.secrets == ""


def test_other_connections_bring_none(tmp_path):
    with serve("implicit") as server:
        for trace in (dial(server.address, "implicit", ca_file=server.ca_file), dial(server, "plain", timeout_s=0.1)):
            trace.to_pcapng(tmp_path / "x.pcapng")
            assert secrets_in(tmp_path / "x.pcapng") == []
        asked = Dial(server.address, Mode.IMPLICIT, ca_file=server.ca_file, keeps_secrets=True)
        asked.run().to_pcapng(tmp_path / "x.pcapng")
    assert len(secrets_in(tmp_path / "x.pcapng")) == 1


def test_each_visitor_has_its_own(tmp_path):
    with serve("implicit") as server:
        traces = [dial(server, "implicit") for _ in range(3)]
        seen = [server.trace(of=trace) for trace in traces]
    write_pcapng(tmp_path / "x.pcapng", seen)
    secrets = [one._kept.secrets for one in seen]
    assert len(set(secrets)) == 3
    assert secrets_in(tmp_path / "x.pcapng") == ["".join(secrets)]
    assert len({line.split()[1] for one in secrets for line in one.splitlines()}) == 3  # ClientHello.random


# --- passwords ---

PASSWORD = "correct-horse-battery"
BLOB = base64.b64encode(f"\0alice\0{PASSWORD}".encode())


def test_a_password_is_not_in_what_a_trace_writes_and_is_in_what_was_sent(tmp_path):
    options = {"login": ("alice", PASSWORD), "mechanism": "PLAIN"}
    with serve("starttls-stripped") as server:
        asked = Dial(server, "plain", **options)
        assert asked.run().cause is Cause.AUTH_REJECTED
        asked.trace().to_pcapng(tmp_path / "shown.pcapng")
        server.trace(of=asked.trace()).to_pcapng(tmp_path / "seen.pcapng")
        write_pcapng(tmp_path / "sent.pcapng", [asked.recorder.as_sent()])
    assert [BLOB in (tmp_path / f"{name}.pcapng").read_bytes() for name in ("shown", "seen", "sent")] == [
        False, False, True]
    assert PASSWORD not in repr(asked.recorder.as_sent())


def test_within_tls_a_blanked_password_takes_the_secrets_with_it(tmp_path):
    with serve("implicit") as server:
        asked = Dial(server, "implicit", login=("alice", PASSWORD), mechanism="PLAIN")
        trace = asked.run()
        seen = server.trace(of=trace)
    for number, one in enumerate((trace, seen, asked.recorder.as_sent())):
        write_pcapng(tmp_path / "x.pcapng", [one])
        assert len(secrets_in(tmp_path / "x.pcapng")) == (number == 2)


def test_a_file_that_others_could_read_is_theirs_no_more(tmp_path):
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"old" * 1000)
    path.chmod(0o644)
    write_pcapng(path, [])
    assert is_private(path)
    assert rdpcap(str(path)).res == []
    with pytest.raises(OSError, match="no-such"):
        write_pcapng(tmp_path / "no-such" / "x", [])


@settings(max_examples=15)
@given(TRACES)
def test_any_trace_can_be_written(tmp_path, trace):
    trace.to_pcapng(tmp_path / "any.pcapng")
    packets = rdpcap(str(tmp_path / "any.pcapng"))
    sizes = {who: len(wire(trace, who)) for who in ("client", "server")}
    assert sum(len(p["TCP"].payload) for p in packets) == sum(sizes.values())


def test_ipv6_is_ipv6(tmp_path):
    link = Event(0.0, "client", "connected", note="[2001:db8::9]:50000 > [2001:db8::25%eth0]:587")
    write_pcapng(tmp_path / "x", [Recording((link,), "client", CaptureSecrets(1.0))])
    assert [IPv6 in p for p in rdpcap(str(tmp_path / "x"))] == [True] * 3
