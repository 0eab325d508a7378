"""Segments by hand, capture files of them as other programs write them, and the traces of both."""

from scapy.utils import PcapNgWriter, PcapWriter
from test_conversation import GREETING

from smtplab.packets.segments import ETHERNET, Segment, to_bytes
from smtplab.packets.trace_reader import traces_of

CLIENT, START_US = ("192.0.2.9", 50000), 1_700_000_000_000_000
SERVER = ("192.0.2.25", 25)


class Talk:
    """A connection's segments, with its sequence numbers kept. Times are in milliseconds."""

    def __init__(self, client=CLIENT, server=SERVER, first=(1000, 5000)):
        self.ends = {"C": (client, server), "S": (server, client)}
        self.next = {"C": first[0], "S": first[1]}
        self.ms, self.made = 0, []

    def say(self, who, flags, data=b"", ms=10, seq=None, **more):
        source, target = self.ends[who]
        self.ms += ms
        there = self.next["S" if who == "C" else "C"] if "A" in flags else 0
        at = self.next[who] if seq is None else seq
        self.made.append(Segment(START_US + 1000 * self.ms, source, target, flags, at % 2**32, there % 2**32, data,
                                 **more))
        if seq is None:
            self.next[who] += len(data) + ("S" in flags) + ("F" in flags)
        return self

    def open(self):
        return self.say("C", "S").say("S", "SA").say("C", "A")

    def end(self):
        return self.say("C", "FA").say("S", "FA").say("C", "A")


def talk(*said, **ends):
    """A connection in which this is said: ("C" or "S", bytes)."""
    one = Talk(**ends).open()
    for who, data in said:
        one.say(who, "PA", data)
    return one


def write(path, segments, *, kind="pcapng", nano=False, cut=None):
    """A capture file of these segments; `cut` is the most bytes of a packet that it keeps."""
    writer = PcapNgWriter(str(path)) if kind == "pcapng" else PcapWriter(str(path), linktype=ETHERNET, nano=nano)
    with writer:
        writer.linktype = ETHERNET
        writer.write_header(None)
        for segment in segments:
            frame = to_bytes(segment)
            sec, us = divmod(segment.at_us, 10**6)
            at = {"sec": segment.at_us / 1e6} if kind == "pcapng" else {"sec": sec, "usec": us * (1000 if nano else 1)}
            writer.write_packet(frame[:cut], wirelen=len(frame), **at)
    return path


PORTS = (25, 465, 587, 2525)


def sent(trace, who):
    """What that side sent."""
    return b"".join(e.data for e in trace.events if e.what == "bytes" and e.who == who)


def only(segments, end_ms=None):
    """The one trace of these segments."""
    end_us = segments[-1].at_us if end_ms is None else START_US + 1000 * end_ms
    [trace] = traces_of(segments, end_us, PORTS)
    return trace


DIALOGUE = [("S", GREETING), ("C", b"EHLO x\r\n"), ("S", b"250 there\r\n"), ("C", b"MAIL FROM:<a>\r\n"),
            ("S", b"250 ok\r\n"), ("C", b"QUIT\r\n"), ("S", b"221 bye\r\n")]
WHOLE = {who: b"".join(data for side, data in DIALOGUE if side == who[0].upper()) for who in ("client", "server")}
