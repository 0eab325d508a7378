"""Capture files are read whatever their form, as far as they go, and only for the ports that were asked for."""

import gzip
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import DIALOGUE, PORTS, SERVER, START_US, WHOLE, Talk, sent, talk, write
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Padding
from scapy.utils import PcapWriter, wrpcap
from test_conversation import GREETING, hello

from smtplab import Cause, Mode, Trace
from smtplab.packets import origins, read_pcap
from smtplab.packets.capture_files import read_segments
from smtplab.packets.segments import to_bytes
from smtplab.packets.trace_reader import traces_of


@pytest.mark.parametrize("options", [{}, {"kind": "pcap"}, {"kind": "pcap", "nano": True}])
def test_both_kinds_of_file(options, tmp_path):
    one = talk(*DIALOGUE).end()
    path = write(tmp_path / "x", one.made, **options)
    [trace] = Trace.from_pcap(path)
    assert (trace.cause, trace.certain, trace.mode, trace.address) == (Cause.OK, True, Mode.PLAIN, SERVER)
    assert {who: sent(trace, who) for who in WHOLE} == WHOLE
    assert trace.sockets == ("192.0.2.9:50000", "192.0.2.25:25")
    times = [s.at_us for s in one.made if s.data]
    assert [round(e.at_s * 1e6) + round(trace._kept.started * 1e6) for e in trace.events if e.data] == times
    assert read_segments(path, PORTS)[1] == one.made[-1].at_us


@pytest.mark.parametrize(("link_type", "head"), [
    (101, b""), (0, b"\x02\0\0\0"), (113, b"\0\0\0\1\0\6" + bytes(8) + b"\x08\0"),
    (276, b"\x08\0\0\0\0\0\0\1\0\1\0\6" + bytes(8))], ids=["raw IP", "BSD loopback", "any", "any, newer"])
def test_link_types(link_type, head, tmp_path):
    with PcapWriter(str(tmp_path / "x"), linktype=link_type, endianness="<") as writer:
        writer.linktype = link_type
        writer.write_header(None)
        for segment in talk(*DIALOGUE).end().made:
            writer.write_packet(head + to_bytes(segment)[14:], sec=segment.at_us // 10**6, usec=segment.at_us % 10**6)
    assert [(t.cause, sent(t, "server")) for t in Trace.from_pcap(tmp_path / "x")] == [(Cause.OK, WHOLE["server"])]


def test_compressed_or_cut_off_in_the_middle(tmp_path):
    whole = write(tmp_path / "x", talk(*DIALOGUE).end().made).read_bytes()
    (tmp_path / "x.gz").write_bytes(gzip.compress(whole))
    assert Trace.from_pcap(tmp_path / "x.gz")[0].cause is Cause.OK
    (tmp_path / "half").write_bytes(whole[:len(whole) // 2])
    [trace] = Trace.from_pcap(tmp_path / "half")
    assert WHOLE["server"].startswith(sent(trace, "server")) and sent(trace, "server")


@pytest.mark.parametrize("data", [b"", b"220 mail.example.com\r\n", b"\n\r\r\n", b"\xd4\xc3\xb2\xa1", b"\0" * 100,
                                  b"\n\r\r\n" + b"\xff" * 100, b"\x1f\x8b" + b"x" * 20])
def test_what_is_no_capture_file(data, tmp_path, capfd):
    (tmp_path / "odd").write_bytes(data)
    with pytest.raises(ValueError, match=r"odd is no capture file \(pcap or pcapng\)"):
        Trace.from_pcap(tmp_path / "odd")
    assert capfd.readouterr() == ("", "")  # scapy's own words are not for the reader


def test_no_file_at_all(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(OSError, match=str(tmp_path)):
            Trace.from_pcap(path)


PCAP_HEAD = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


@settings(max_examples=150)
@given(st.integers(0, 3000), st.binary(max_size=40), st.sampled_from(["pcap", "pcapng"]), st.booleans())
def test_damage_is_read_as_far_as_it_goes(tmp_path, at, junk, kind, over):
    data = write(tmp_path / "x", talk(*DIALOGUE, ("C", hello(297))).end().made, kind=kind).read_bytes()
    at %= len(data)
    (tmp_path / "y").write_bytes(data[:at] + junk + data[at + over * len(junk):])
    try:
        for trace in Trace.from_pcap(tmp_path / "y"):
            assert trace.diagnosis and trace.to_json() and str(trace)
    except ValueError as exc:
        assert "is no capture file" in str(exc)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["S", "SA", "A", "PA", "FA", "R", "RA", "", "SFRPA"]),
                          st.integers(0, 2**32 - 1) | st.integers(1000, 1010), st.binary(max_size=30), st.booleans()),
                max_size=12))
def test_segments_that_make_no_sense(tmp_path, wild):
    one = Talk()
    for flags, seq, data, back in wild:
        one.say("S" if back else "C", flags, data, seq=seq)
    for trace in traces_of(one.made, START_US, PORTS):
        assert trace.diagnosis and Trace.from_json(trace.to_json()) == trace and len(origins(trace))


def test_other_ports_other_packets_and_two_conversations(tmp_path):
    other = talk(*DIALOGUE, server=("192.0.2.25", 8025)).end()
    first, again = talk(*DIALOGUE).end(), talk(*DIALOGUE[:1], first=(77, 99)).end()
    again.made = [type(s)(**{**vars(s), "at_us": s.at_us + 10**6}) for s in again.made]
    path = write(tmp_path / "x", sorted(other.made + first.made + again.made, key=lambda s: s.at_us))
    assert [len(sent(t, "server")) for t in Trace.from_pcap(path)] == [len(WHOLE["server"]), len(GREETING)]
    assert [t.address for t in Trace.from_pcap(path, ports=[8025])] == [("192.0.2.25", 8025)]
    assert Trace.from_pcap(path, ports=[26]) == []


def test_behind_a_vlan_and_with_padding(tmp_path):
    there = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / Dot1Q(vlan=5) / IP(src="10.0.0.1", dst="10.0.0.2")
    back = Ether(src="02:00:00:00:00:02", dst="02:00:00:00:00:01") / IP(src="10.0.0.2", dst="10.0.0.1")
    wrpcap(str(tmp_path / "x"), [there / TCP(sport=50000, dport=25, flags="S", seq=1),
                                 back / TCP(sport=25, dport=50000, flags="RA", ack=2) / Padding(b"\0" * 6)])
    [trace] = read_pcap(tmp_path / "x")
    assert (trace.cause, trace.certain, trace.bytes_received) == (Cause.REFUSED, True, 0)


# --- ports ---

@pytest.mark.parametrize("ports", [587, "587", ["587"], {587}, (25, 587)])
def test_one_port_or_several(ports, tmp_path):
    one = talk(("S", GREETING), server=(SERVER[0], 587))
    [trace] = Trace.from_pcap(write(tmp_path / "x", one.made), ports=ports)
    assert trace.first_bytes == GREETING[:5] and Trace.from_pcap(tmp_path / "x", ports=25) == []


@pytest.mark.parametrize("ports", [70000, [70000], (25, 0), ["smtp"], "smtp"])
def test_what_is_no_port_is_told_in_our_words(ports, tmp_path):
    with pytest.raises(ValueError, match=r"no port \w+; ports are 1 to 65535"):
        Trace.from_pcap(tmp_path / "x", ports=ports)
