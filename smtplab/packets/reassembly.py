"""Segments put together: each TCP connection's bytes in order, once each, with the time when they could be read.

What comes again is dropped, what comes early waits for the bytes before it, and what never came is counted as a
hole. A connection whose beginning is not in the capture begins with the first segment that is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from ..events import Who
from .segments import End, Segment

# This many segments wait for a missing one before it is given up: where only one direction was captured, nothing
# confirms that it arrived.
MOST_EARLY = 1000
AGAIN_US = 100_000  # a SYN that comes sooner is the same packet seen twice (RFC 6298: the timer is a second)


@dataclass(frozen=True)
class TcpEvent:
    """One event of a connection, at `at_us` microseconds since 1970.

    `what` is "syn", "connected", "bytes", "closed" or "reset"; `who` is "client" or "server". `hole` counts the bytes
    before it that the capture lacks.
    """

    at_us: int
    who: Who
    what: str
    data: bytes = field(default=b"", repr=False)
    hole: int = 0


@dataclass
class TcpConnection:
    """One connection, as far as it is in the capture."""

    client: End
    server: End
    events: list[TcpEvent] = field(default_factory=list)
    began: bool = False  # the client's SYN is in the capture
    answered: bool = False  # so is the server's
    last_us: int = 0

    @property
    def holes(self) -> int:
        """How many bytes crossed and are not in the capture."""
        return sum(event.hole for event in self.events)

    def times(self, what: str) -> list[int]:
        """The times of the events of that kind, in microseconds since 1970."""
        return [event.at_us for event in self.events if event.what == what]


class _Direction:
    """What is known of the bytes from one side."""

    def __init__(self) -> None:
        self.first: int | None = None  # the sequence number of its SYN
        self.next: int | None = None  # that of the next byte
        self.early: dict[int, Segment] = {}
        self.acked: int | None = None  # what the other side has confirmed
        self.ended = False


class _Assembler:
    """Puts one connection's segments together, as they come."""

    def __init__(self, client: End, server: End) -> None:
        self.connection = TcpConnection(client, server)
        self.directions = {Who.CLIENT: _Direction(), Who.SERVER: _Direction()}
        self.up = False

    def note(self, at_us: int, who: Who, what: str, data: bytes = b"", hole: int = 0) -> None:
        self.connection.events.append(TcpEvent(at_us, who, what, data, hole))

    def is_over(self) -> bool:
        return bool(self.connection.times("reset")) or all(side.ended for side in self.directions.values())

    def begins_anew(self, segment: Segment) -> bool:
        """Whether this SYN belongs to another connection between the same two ends."""
        first = self.directions[Who.CLIENT].first
        same_side = segment.source == self.connection.client
        return not same_side or self.is_over() or (first != segment.seq and (first is not None or self.up))

    def add(self, segment: Segment) -> None:
        who = Who.CLIENT if segment.source == self.connection.client else Who.SERVER
        side, other = self.directions[who], self.directions[who.other]
        self.connection.last_us = max(self.connection.last_us, segment.at_us)
        if "S" in segment.flags:
            self.open(who, side, segment)
        elif side.next is None and (segment.data or segment.missing or "F" in segment.flags):
            side.next = segment.seq
        if "R" in segment.flags:
            self.reset(who, segment)
            return
        if "A" in segment.flags:
            other.acked = segment.ack
        if segment.data or segment.missing or "F" in segment.flags:
            self.connect(segment.at_us)
            seq = (segment.seq + ("S" in segment.flags)) % 2**32
            before = side.early.get(seq)
            if before is None or len(before.data) < len(segment.data) or "F" in segment.flags:
                side.early[seq] = segment
        elif who == Who.CLIENT and "A" in segment.flags and "S" not in segment.flags and self.connection.answered:
            self.connect(segment.at_us)
        for name in self.directions:
            self.advance(name, segment.at_us)

    def open(self, who: Who, side: _Direction, segment: Segment) -> None:
        if side.first is None:
            side.first, side.next = segment.seq, (segment.seq + 1) % 2**32
        if who == Who.CLIENT:
            times = self.connection.times("syn")
            self.connection.began = True
            if not times or segment.at_us - times[-1] >= AGAIN_US:
                self.note(segment.at_us, who, "syn")
        elif "A" in segment.flags:
            self.connection.answered = True
            self.connect(segment.at_us)

    def connect(self, at_us: int) -> None:
        if not self.up:
            self.up = True
            self.note(at_us, Who.CLIENT, "connected")

    def reset(self, who: Who, segment: Segment) -> None:
        if not self.is_over():
            self.note(segment.at_us, who, "reset")

    def advance(self, who: Who, at_us: int, *, over_holes: bool = False) -> None:
        """Take the bytes that are in order. Skip a hole if the other side confirmed what follows, or `over_holes`."""
        side = self.directions[who]
        while side.early and side.next is not None:
            expected = side.next
            gap, seq = min((_after(expected, seq), seq) for seq in side.early)
            if gap > 0:
                confirmed = side.acked is not None and _after(seq, side.acked) > 0
                if not (over_holes or confirmed or len(side.early) > MOST_EARLY):
                    return
            segment = side.early.pop(seq)
            fresh = segment.data[max(-gap, 0):]
            hole = max(gap, 0)
            if fresh and not side.ended:
                self.note(at_us, who, "bytes", fresh, hole)
            end = (seq + len(segment.data)) % 2**32
            if _after(expected, end) > 0 or hole:
                side.next = expected = end
            if "F" in segment.flags and not side.ended and _after(expected, end) >= 0:
                side.ended = True
                side.next = (expected + 1) % 2**32
                self.note(at_us, who, "closed", hole=0 if fresh else hole)


def _after(start: int, seq: int) -> int:
    """How far `seq` lies after `start`, negative if before it (RFC 9293 section 3.4: numbers go round)."""
    return (seq - start + 2**31) % 2**32 - 2**31


def reassemble(segments: Iterable[Segment], ports: Collection[int]) -> list[TcpConnection]:
    """The connections to these ports, in the order in which they begin."""
    all_of_them: list[_Assembler] = []
    current: dict[frozenset[End], _Assembler] = {}
    for segment in segments:
        ends = frozenset((segment.source, segment.target))
        known = current.get(ends)
        opens = "S" in segment.flags and "A" not in segment.flags
        if known is None or (opens and known.begins_anew(segment)):
            if known is None and "R" in segment.flags and not segment.data:
                continue  # the end of a connection of which nothing else is here
            known = current[ends] = _Assembler(*_roles(segment, ports))
            all_of_them.append(known)
        known.add(segment)
    for assembler in all_of_them:
        for who in assembler.directions:
            assembler.advance(who, assembler.connection.last_us, over_holes=True)
    return [assembler.connection for assembler in all_of_them if assembler.connection.events]


def _roles(segment: Segment, ports: Collection[int]) -> tuple[End, End]:
    """Client and server: by who opens the connection, else by who has a mail port, else by who is spoken to."""
    if "S" in segment.flags:
        return (segment.target, segment.source) if "A" in segment.flags else (segment.source, segment.target)
    if segment.source[1] in ports and segment.target[1] not in ports:
        return segment.target, segment.source
    return segment.source, segment.target
