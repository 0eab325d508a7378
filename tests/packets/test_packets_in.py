"""From capture files to traces: what is put together, what is diagnosed, what is odd."""

import gzip
import struct

import pytest
from helpers import each_row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import CLIENT, SERVER, START_US, Talk, talk, write
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Padding
from scapy.utils import PcapWriter, wrpcap
from test_conversation import EHLO, EHLO_REPLY, GREETING, hello

from smtplab import Cause, Mode, Trace, dial, serve
from smtplab.packets import origins, read_pcap
from smtplab.packets.capfile import read_segments
from smtplab.packets.inward import traces_of
from smtplab.packets.segments import to_bytes
from smtplab.packets.streams import streams

PORTS = (25, 465, 587, 2525)


def sent(trace, who):
    return b"".join(e.data for e in trace.events if e.what == "bytes" and e.who == who)


def only(segments, end_ms=None):
    """The one trace of these segments."""
    end_us = segments[-1].at_us if end_ms is None else START_US + 1000 * end_ms
    [trace] = traces_of(segments, end_us, PORTS)
    return trace


DIALOGUE = [("S", GREETING), ("C", b"EHLO x\r\n"), ("S", b"250 there\r\n"), ("C", b"MAIL FROM:<a>\r\n"),
            ("S", b"250 ok\r\n"), ("C", b"QUIT\r\n"), ("S", b"221 bye\r\n")]
WHOLE = {who: b"".join(data for side, data in DIALOGUE if side == who[0].upper()) for who in ("client", "server")}


# --- files ---

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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


# --- put together ---

def pieces(order):
    """The dialogue with the server's second reply in three segments, in that order."""
    one = talk(*DIALOGUE[:2])
    base, reply = one.next["S"], b"250-a\r\n250-b\r\n250 c\r\n"
    for i in order:
        one.say("S", "PA", reply[7 * i:7 * i + 7], seq=base + 7 * i)
    return one, reply


@each_row("order", [(0, 1, 2), (2, 1, 0), (1, 0, 1, 0, 2, 2), (0, 2, 0, 1), (0, 1, 2, 1)])
def test_in_whatever_order_and_however_often(order):
    one, reply = pieces(order)
    trace = only(one.made)
    assert sent(trace, "server") == GREETING + reply
    assert not any("not in the capture" in e.note for e in trace.events)


def test_numbers_go_round():
    one = talk(*DIALOGUE, first=(2**32 - 5, 2**32 - 12)).end()
    assert {who: sent(only(one.made), who) for who in WHOLE} == WHOLE


def test_an_overlap_is_taken_once():
    one = talk(*DIALOGUE[:2])
    base = one.next["S"]
    one.say("S", "PA", b"250 the", seq=base).say("S", "PA", b"250 there\r\n", seq=base)
    assert sent(only(one.made), "server") == GREETING + b"250 there\r\n"


def test_a_hole_is_told_and_makes_it_uncertain():
    whole, lacking = talk(*DIALOGUE).end(), talk(*DIALOGUE).end()
    lacking.made = [s for s in lacking.made if s.data != b"250 there\r\n"]
    assert only(whole.made).certain
    trace = only(lacking.made)
    assert [e.note for e in trace.events if "11 bytes before it are not in the capture" in e.note]
    assert sent(trace, "server") == GREETING + b"250 ok\r\n221 bye\r\n"
    assert not trace.certain


def test_packets_that_were_cut_short_leave_holes(tmp_path):
    [trace] = Trace.from_pcap(write(tmp_path / "x", talk(*DIALOGUE).end().made, cut=60))
    assert sent(trace, "server")[:6] == GREETING[:6]
    assert not trace.certain and any("not in the capture" in e.note for e in trace.events)


@each_row("missing", [1, 2, 3])
def test_a_missing_beginning(missing):
    trace = only(talk(*DIALOGUE).end().made[missing:])
    assert {who: sent(trace, who) for who in WHOLE} == WHOLE
    assert (trace.cause, trace.address, trace.certain) == (Cause.OK, SERVER, missing == 1)
    [link] = [e for e in trace.events if e.what == "connected"]
    assert ("captured" in link.note) == (missing == 1)
    assert trace.sockets == ("192.0.2.9:50000", "192.0.2.25:25")


def test_a_beginning_seen_from_the_server_s_port():
    """Without SYN: who has a mail port is the server, whoever speaks first."""
    for start in (3, 4):
        [stream] = streams(talk(*DIALOGUE).made[start:], PORTS)
        assert (stream.client, stream.server) == (CLIENT, SERVER)


# --- diagnosed ---

CH = ("C", hello(297))
ALERT = ("S", bytes([21, 3, 3, 0, 2, 2, 70]))


@each_row(("said", "cause", "certain", "mode", "waits"), [
    ([CH, ("S", GREETING)], Cause.IMPLICIT_TO_PLAINTEXT, True, Mode.IMPLICIT, None),
    ([("S", GREETING), CH], Cause.IMPLICIT_TO_PLAINTEXT, True, Mode.IMPLICIT, None),
    ([CH], Cause.OTHER, False, Mode.IMPLICIT, "server-hello"), ([], Cause.PLAINTEXT_TO_IMPLICIT, False, None,
                                                                "greeting"),
    ([("C", b"EHLO x\r\n"), ("S", bytes([21, 3, 3, 0, 2, 2, 22]))], Cause.PLAINTEXT_TO_IMPLICIT, True, Mode.PLAIN,
     None),
    ([CH, ALERT], Cause.TLS_VERSION_OR_CIPHER, True, Mode.IMPLICIT, None),
    ([("S", b"554 no\r\n")], Cause.RELAY_OR_POLICY, True, None, None),
    ([("S", b"* OK IMAP\r\n")], Cause.SERVER_NOT_SMTP, True, None, None),
    ([("S", GREETING), ("C", EHLO)], Cause.OTHER, False, Mode.PLAIN, "reply"),
    ([("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"STARTTLS\r\n"), ("S", b"454 no\r\n")],
     Cause.TEMPORARILY_UNAVAILABLE, True, Mode.STARTTLS, None),
    ([("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"AUTH PLAIN AGEAYg==\r\n"), ("S", b"535 no\r\n")],
     Cause.AUTH_REJECTED, True, Mode.PLAIN, None)])
def test_causes(said, cause, certain, mode, waits):
    trace = only(talk(*said).made, end_ms=6000)
    assert (trace.cause, trace.certain, trace.mode, trace.waiting_for) == (cause, certain, mode, waits)
    assert trace.diagnosis.why and trace.seen_from == "client"
    assert trace.seconds == pytest.approx(5.99)


def test_a_hang_lasts_to_the_end_of_the_capture_or_of_the_connection():
    one = talk().say("C", "FA", ms=5000)
    trace = only(one.made, end_ms=99_000)
    assert (trace.cause, trace.waiting_for, trace.seconds) == (Cause.PLAINTEXT_TO_IMPLICIT, "greeting", 5.02)
    gave_up = talk().say("S", "FA", ms=5000)
    at_once = talk().say("S", "FA")
    assert only(gave_up.made).cause is Cause.PLAINTEXT_TO_IMPLICIT
    assert (only(at_once.made).cause, only(at_once.made).waiting_for) == (Cause.CLOSED_BEFORE_GREETING, None)


def test_refused_and_filtered():
    refused = only(Talk().say("C", "S").say("S", "RA", ms=1).made)
    assert (refused.cause, refused.certain, refused.waiting_for) == (Cause.REFUSED, True, None)
    assert refused.events[-1].note == "192.0.2.25:25: Connection refused (captured: SYN, RST)"
    syns = Talk()
    for ms in (0, 1000, 2000):
        syns.say("C", "S", ms=ms, seq=1000)
    filtered = only(syns.made, end_ms=5000)
    assert (filtered.cause, filtered.certain, filtered.seconds) == (Cause.FILTERED_TIMEOUT, True, 5.0)
    assert "(captured: SYN at 0.0, 1.0, 3.0 s)" in filtered.events[-1].note
    assert not only(syns.made[:1], end_ms=100).certain
    assert filtered.events[0].note == "connection" and filtered.sockets is None


def test_a_syn_seen_twice_is_one():
    one = Talk().say("C", "S", seq=1000).say("C", "S", ms=0, seq=1000)
    assert "SYN at 0.0 s" in only(one.made, end_ms=5000).events[-1].note


def test_a_password_in_clear_is_blanked():
    said = [("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"AUTH PLAIN AGEAc2VjcmV0\r\n")]
    trace = only(talk(*said, ("S", b"235 ok\r\n")).made)
    assert b"AUTH PLAIN " + b"*" * 12 in sent(trace, "client")


# --- captured, inferred, recorded ---

def test_what_was_captured_and_what_is_inferred():
    trace = only(talk().made, end_ms=6000)
    assert [(e.what, how) for e, how in zip(trace.events, origins(trace), strict=True)] == [
        ("waiting", "inferred"), ("connected", "captured"), ("waiting", "inferred")]
    begins_later = only(talk(*DIALOGUE).made[3:])
    assert origins(begins_later) == ["inferred"] + ["captured"] * len(DIALOGUE)
    with serve("plain") as server:
        assert set(origins(dial(server, "plain"))) == {"recorded"}


# --- there and back ---

@pytest.mark.parametrize(("kind", "mode"), [("starttls", "starttls"), ("implicit", "implicit"), ("plain", "plain"),
                                            ("starttls", "implicit"), ("starttls-refused", "starttls")])
def test_a_trace_comes_back(kind, mode, tmp_path):
    with serve(kind) as server:
        trace = dial(server, mode, mail_from="a@example.com")
    trace.to_pcapng(tmp_path / "x.pcapng")
    [back] = Trace.from_pcap(tmp_path / "x.pcapng")
    assert (back.cause, back.mode) == (trace.cause, trace.mode)
    assert (back.bytes_read, back.bytes_written) == (trace.bytes_read, trace.bytes_written)
    for who in ("client", "server"):
        assert sent(back, who) == sent(trace, who)
    assert (back.tls and back.tls.version) == (trace.tls and trace.tls.version)
    # What was said within TLS is not to be seen, nor whether a client would have gone on without it.
    assert back.certain == (trace.certain and trace.tls is None and kind != "starttls-refused")
