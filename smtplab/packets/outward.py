"""From a recording to the TCP segments that would have carried it.

The bytes and their times are the recording's. All else, the three segments of a connection's beginning, its
end and its acknowledgements, nobody captured: these say so in a comment, unless packets are where they came from.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ..address import port_number
from ..events import CONNECTING, ENDS, Event, What, Who
from ..trace_data import Recording
from .segments import WINDOW_BYTES, End, Segment, most_bytes

INFERRED = "inferred: smtplab recorded the connection at its socket, not its packets"
UNKNOWN = "127.0.0.1"
FIRST_PORT = 49152  # of a client's whose own is not known (RFC 6335 section 6)
MOST_S = 2.0**33  # of 64 bits of microseconds


def segments(recording: Recording, port: int) -> list[Segment]:
    """The segments, in order; `port` is the server's, as shown. ValueError if it is none."""
    return list(_Outward(recording, port_number(port)).all())


def server_port(recording: Recording) -> int | None:
    """The server's real port; None if no event tells."""
    for event in recording.events:
        if event.connection:
            return _end(event.connection.server, 0)[1] or None
        if event.tried:
            return _end(event.tried, 0)[1] or None
    return None


class _Outward:
    def __init__(self, recording: Recording, port: int) -> None:
        self.recording, self.port = recording, port
        self.start_us = _us(recording.kept.started)
        self.ends = {Who.CLIENT: (UNKNOWN, FIRST_PORT), Who.SERVER: (UNKNOWN, port)}
        # Another beginning for each recording, as each connection has.
        self.next = {Who.CLIENT: self.start_us % 2**32, Who.SERVER: (self.start_us * 31 + 1) % 2**32}
        self.acked = dict(self.next)
        self.up, self.began_us = False, None
        self.ended: set[Who] = set()
        self.tries = 0
        self.now_us = self.start_us

    def all(self) -> Iterator[Segment]:
        events = self.recording.events
        last = {e.who: i for i, e in enumerate(events) if e.what == What.BYTES}
        late: list[Who] = []  # whose end was noted before its last bytes
        for index, event in enumerate(events):
            self.now_us = max(self.now_us, self.start_us + _us(event.at_s))
            if event.what == What.WAITING and event.note == CONNECTING:
                self.began_us = self.now_us
            elif event.what == What.CONNECTED:
                yield from self.connect(event)
            elif event.what == What.BYTES and event.data:
                if not self.up:
                    yield from self.connect(event)
                yield from self.carry(Who(event.who), event.data)
                if event.who in late and index == last[event.who]:
                    yield from self.end(Who(event.who))
            elif event.what in ENDS:
                if not self.up:
                    yield from self.fail(event)
                elif event.what == What.RESET:
                    yield from self.reset(event)
                elif last.get(event.who, -1) > index:
                    late.append(event.who)
                else:
                    yield from self.end(Who(event.who), event)

    def segment(self, who: Who, flags: str, data: bytes = b"", comment: str = "", at_us: int | None = None) -> Segment:
        ack = self.next[who.other] if "A" in flags else 0
        made = Segment(self.now_us if at_us is None else at_us, self.ends[who], self.ends[who.other], flags,
                       self.next[who], ack, data, comment=comment)
        self.next[who] = (self.next[who] + len(data) + ("S" in flags) + ("F" in flags)) % 2**32
        if "A" in flags:
            self.acked[who.other] = ack
        return made

    def connect(self, event: Event) -> Iterator[Segment]:
        ends = event.connection
        self.place(ends.client if ends else "", ends.server if ends else "")
        self.up = True
        comment = _comment(event)
        began_us = self.now_us if self.began_us is None else self.began_us
        yield self.segment(Who.CLIENT, "S", comment=comment, at_us=began_us)
        yield self.segment(Who.SERVER, "SA", comment=comment)
        yield self.segment(Who.CLIENT, "A", comment=comment)

    def place(self, client: str, server: str) -> None:
        """Their addresses, of one version of IP; the server's port as shown."""
        self.ends = {Who.CLIENT: _end(client, FIRST_PORT + self.tries), Who.SERVER: (_end(server, 0)[0], self.port)}
        versions = {ipaddress.ip_address(host).version for host, _ in self.ends.values()}
        if len(versions) > 1:
            host = self.ends[Who.SERVER][0] if server else self.ends[Who.CLIENT][0]
            self.ends = {who: (host, end[1]) for who, end in self.ends.items()}

    def fail(self, event: Event) -> Iterator[Segment]:
        """A try that made no connection: SYN, and RST where it was refused."""
        self.place("", event.tried)
        self.tries += 1
        comment = _comment(event)
        began_us = self.now_us if self.began_us is None else self.began_us
        yield self.segment(Who.CLIENT, "S", comment=comment, at_us=began_us)
        if event.what == What.RESET:
            yield self.segment(Who.SERVER, "RA", comment=comment)
        self.began_us = self.now_us

    def carry(self, who: Who, data: bytes) -> Iterator[Segment]:
        size = most_bytes(self.ends[who][0])
        for start in range(0, len(data), size):
            piece = data[start:start + size]
            if (self.next[who] + len(piece) - self.acked[who]) % 2**32 > WINDOW_BYTES:
                yield self.segment(who.other, "A", comment=INFERRED)
            yield self.segment(who, "PA" if start + size >= len(data) else "A", piece)

    def end(self, who: Who, event: Event | None = None) -> Iterator[Segment]:
        if who not in self.ended:
            self.ended.add(who)
            yield self.segment(who, "FA", comment=_comment(event))
            yield self.segment(who.other, "A", comment=INFERRED)

    def reset(self, event: Event) -> Iterator[Segment]:
        if len(self.ended) < 2:
            self.ended |= set(Who)
            yield self.segment(event.who, "RA", comment=_comment(event))


def _us(seconds: float) -> int:
    """Microseconds; 0 for what is no time."""
    return round(seconds * 1e6) if 0 <= seconds <= MOST_S else 0


def _comment(event: Event | None) -> str:
    return "" if event and event.captured else INFERRED


def _end(text: str, port: int) -> End:
    """An address "HOST:PORT"; what is none is the loopback's."""
    host, _, digits = text.rpartition(":")
    try:
        host = str(ipaddress.ip_address(host.strip("[]").split("%")[0]))
    except ValueError:
        host = UNKNOWN
    return host, int(digits) if digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536 else port
