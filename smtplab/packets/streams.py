"""Segments put together: each TCP connection's bytes in order, once each, with the time they could be read.

What comes again is dropped, what comes early waits for what goes before it, and what never came is a hole,
which is told. A connection whose beginning is not in the capture begins with the first segment that is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from ..events import Who
from .segments import End, Segment

MOST_EARLY = 1000  # segments that wait for one before them; where only one direction was captured, nothing confirms
AGAIN_US = 100_000  # a SYN that comes sooner is the same packet seen twice (RFC 6298: the timer is a second)


@dataclass(frozen=True)
class Happening:
    """One thing at `at_us`: `what` is "syn", "connected", "bytes", "closed" or "reset"; `hole` are the bytes
    before it that the capture lacks."""

    at_us: int
    who: Who
    what: str
    data: bytes = field(default=b"", repr=False)
    hole: int = 0


@dataclass
class Stream:
    """One connection, as far as the capture has it."""

    client: End
    server: End
    happened: list[Happening] = field(default_factory=list)
    began: bool = False  # the client's SYN is in the capture
    answered: bool = False  # so is the server's
    last_us: int = 0

    @property
    def holes(self) -> int:
        """Bytes that crossed and are not in the capture."""
        return sum(h.hole for h in self.happened)

    def times(self, what: str) -> list[int]:
        """When that happened."""
        return [h.at_us for h in self.happened if h.what == what]


class _Half:
    """One direction."""

    def __init__(self) -> None:
        self.first: int | None = None  # the sequence number of its SYN
        self.next: int | None = None  # that of the next byte
        self.early: dict[int, Segment] = {}
        self.acked: int | None = None  # what the other side has confirmed
        self.ended = False


class _Connection:
    def __init__(self, client: End, server: End) -> None:
        self.stream = Stream(client, server)
        self.halves = {Who.CLIENT: _Half(), Who.SERVER: _Half()}
        self.up = False

    def note(self, at_us: int, who: Who, what: str, data: bytes = b"", hole: int = 0) -> None:
        self.stream.happened.append(Happening(at_us, who, what, data, hole))

    def is_over(self) -> bool:
        return bool(self.stream.times("reset")) or all(half.ended for half in self.halves.values())

    def begins_anew(self, segment: Segment) -> bool:
        """Whether this SYN is another connection's between the same two ends."""
        first = self.halves[Who.CLIENT].first
        same_side = segment.source == self.stream.client
        return not same_side or self.is_over() or (first != segment.seq and (first is not None or self.up))

    def add(self, segment: Segment) -> None:
        who = Who.CLIENT if segment.source == self.stream.client else Who.SERVER
        half, other = self.halves[who], self.halves[who.other]
        self.stream.last_us = max(self.stream.last_us, segment.at_us)
        if "S" in segment.flags:
            self.open(who, half, segment)
        elif half.next is None and (segment.data or segment.missing or "F" in segment.flags):
            half.next = segment.seq
        if "R" in segment.flags:
            self.reset(who, segment)
            return
        if "A" in segment.flags:
            other.acked = segment.ack
        if segment.data or segment.missing or "F" in segment.flags:
            self.connect(segment.at_us)
            seq = (segment.seq + ("S" in segment.flags)) % 2**32
            before = half.early.get(seq)
            if before is None or len(before.data) < len(segment.data) or "F" in segment.flags:
                half.early[seq] = segment
        elif who == Who.CLIENT and "A" in segment.flags and "S" not in segment.flags and self.stream.answered:
            self.connect(segment.at_us)
        for name in self.halves:
            self.advance(name, segment.at_us)

    def open(self, who: Who, half: _Half, segment: Segment) -> None:
        if half.first is None:
            half.first, half.next = segment.seq, (segment.seq + 1) % 2**32
        if who == Who.CLIENT:
            times = self.stream.times("syn")
            self.stream.began = True
            if not times or segment.at_us - times[-1] >= AGAIN_US:
                self.note(segment.at_us, who, "syn")
        elif "A" in segment.flags:
            self.stream.answered = True
            self.connect(segment.at_us)

    def connect(self, at_us: int) -> None:
        if not self.up:
            self.up = True
            self.note(at_us, Who.CLIENT, "connected")

    def reset(self, who: Who, segment: Segment) -> None:
        if not self.is_over():
            self.note(segment.at_us, who, "reset")

    def advance(self, who: Who, at_us: int, *, over_holes: bool = False) -> None:
        """Take what is in order; where the other side has confirmed more, or at the end, go over the hole."""
        half = self.halves[who]
        while half.early:
            seq = min(half.early, key=lambda s: _after(half.next, s))
            gap = _after(half.next, seq)
            if gap > 0:
                confirmed = half.acked is not None and _after(seq, half.acked) > 0
                if not (over_holes or confirmed or len(half.early) > MOST_EARLY):
                    return
            segment = half.early.pop(seq)
            fresh = segment.data[max(-gap, 0):]
            hole = max(gap, 0)
            if fresh and not half.ended:
                self.note(at_us, who, "bytes", fresh, hole)
            end = (seq + len(segment.data)) % 2**32
            if _after(half.next, end) > 0 or hole:
                half.next = end
            if "F" in segment.flags and not half.ended and _after(half.next, end) >= 0:
                half.ended = True
                half.next = (half.next + 1) % 2**32
                self.note(at_us, who, "closed", hole=0 if fresh else hole)


def _after(start: int | None, seq: int) -> int:
    """How far `seq` lies after `start`, negative if before it (RFC 9293 section 3.4: numbers go round)."""
    if start is None:
        return 0
    return (seq - start + 2**31) % 2**32 - 2**31


def streams(segments: Iterable[Segment], ports: Collection[int]) -> list[Stream]:
    """The connections to these ports, in the order they begin."""
    all_of_them: list[_Connection] = []
    current: dict[frozenset[End], _Connection] = {}
    for segment in segments:
        ends = frozenset((segment.source, segment.target))
        known = current.get(ends)
        opens = "S" in segment.flags and "A" not in segment.flags
        if known is None or (opens and known.begins_anew(segment)):
            if known is None and "R" in segment.flags and not segment.data:
                continue  # the end of a connection of which nothing else is here
            known = current[ends] = _Connection(*_roles(segment, ports))
            all_of_them.append(known)
        known.add(segment)
    for connection in all_of_them:
        for who in connection.halves:
            connection.advance(who, connection.stream.last_us, over_holes=True)
    return [connection.stream for connection in all_of_them if connection.stream.happened]


def _roles(segment: Segment, ports: Collection[int]) -> tuple[End, End]:
    """Client and server: by who opens the connection, else by who has a mail port, else by who is spoken to."""
    if "S" in segment.flags:
        return (segment.target, segment.source) if "A" in segment.flags else (segment.source, segment.target)
    if segment.source[1] in ports and segment.target[1] not in ports:
        return segment.target, segment.source
    return segment.source, segment.target
