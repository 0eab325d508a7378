"""Segments in any order, twice, or not at all: what becomes of a connection's bytes."""


from helpers import each_row
from made import CLIENT, DIALOGUE, PORTS, SERVER, WHOLE, only, sent, talk, write
from test_conversation import GREETING

from smtplab import Cause, Trace
from smtplab.packets.reassembly import reassemble


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
        [stream] = reassemble(talk(*DIALOGUE).made[start:], PORTS)
        assert (stream.client, stream.server) == (CLIENT, SERVER)
