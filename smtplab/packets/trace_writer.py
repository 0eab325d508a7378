"""From a trace to the TCP segments that would have carried it, and into a capture file.

The bytes and their times are the trace's. Nobody captured the rest: the three segments of a connection's beginning, its
end and its acknowledgements. These say so in a comment, unless the trace itself came from packets.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from os import PathLike

from ..address import MAIL_PORTS, port_number
from ..conversation import parse_conversation
from ..events import ENDS, Awaited, Event, What, Who
from ..recording import Recording
from ..records import is_tls
from ..smtp import offers
from ..trace_data import TraceData
from .capture_files import write_segments
from .segments import WINDOW_BYTES, End, Segment, most_bytes

INFERRED = "inferred: smtplab recorded the connection at its socket, not its packets"
UNKNOWN = "127.0.0.1"
FIRST_PORT = 49152  # of a client whose own is not known (RFC 6335 section 6)
MOST_S = 2.0**33  # a pcapng time is 64 bits of microseconds
SMTP, SUBMISSIONS, SUBMISSION = 25, 465, 587


def write_pcapng(path: str | PathLike[str], traces: Iterable[TraceData | Recording], *,
                 port: int | None = None) -> None:
    """Write connections into one file, mode 0600, their packets in the order of time.

    A `Trace` gives what it shows; a recorder's `as_sent()` what was really sent. `port` is the server's port as
    shown; without it the real one if it is a mail port, else 25, 465 or 587 by what the server spoke. Raises OSError
    if the file can't be written.
    """
    packets: list[Segment] = []
    secrets = ""
    for trace in traces:
        recording = Recording.of(trace)
        packets += segments_of(recording, port or port_shown(trace, server_port(recording)))
        secrets += recording.kept.secrets
    packets.sort(key=lambda segment: segment.at_us)
    write_segments(path, packets, secrets)


def segments_of(recording: Recording, port: int) -> list[Segment]:
    """The segments, in order, with `port` as the server's. Raises ValueError unless that is 1 to 65535."""
    return list(_SegmentMaker(recording, port_number(port)).all())


def port_shown(trace: TraceData | Recording, real: int | None) -> int:
    """The port by which a dissector knows what the server speaks: `real` if it is a mail port, else 25, 465 or 587."""
    if real in MAIL_PORTS:
        return real
    said = parse_conversation(trace.events)
    connected = any(e.what == What.CONNECTED for e in trace.events)
    came = said.first[Who.SERVER]
    if is_tls(came) or (connected and not came):  # a port that lets plaintext clients wait is most likely this one
        return SUBMISSIONS
    offered = offers((*said.keywords_before_tls, *said.keywords), "STARTTLS")
    return SUBMISSION if offered or said.tls_after or not said.steps else SMTP


def server_port(recording: Recording) -> int | None:
    """The server's real port; None if no event says."""
    for event in recording.events:
        if event.connection:
            return _end(event.connection.server, 0)[1] or None
        if event.tried:
            return _end(event.tried, 0)[1] or None
    return None


class _SegmentMaker:
    """Makes one connection's segments, with the sequence numbers of both sides."""

    def __init__(self, recording: Recording, port: int) -> None:
        self.recording, self.port = recording, port
        self.start_us = _us(recording.kept.started)
        self.ends = {Who.CLIENT: (UNKNOWN, FIRST_PORT), Who.SERVER: (UNKNOWN, port)}
        # The numbers begin differently in each recording, as they do in each connection.
        self.next = {Who.CLIENT: self.start_us % 2**32, Who.SERVER: (self.start_us * 31 + 1) % 2**32}
        self.acked = dict(self.next)
        self.up = False
        self.began_us: int | None = None  # when the present try to connect began
        self.ended: set[Who] = set()
        self.tries = 0
        self.now_us = self.start_us

    def all(self) -> Iterator[Segment]:
        events = self.recording.events
        last = {e.who: i for i, e in enumerate(events) if e.what == What.BYTES}
        late: list[Who] = []  # whose end was noted before its last bytes
        for index, event in enumerate(events):
            self.now_us = max(self.now_us, self.start_us + _us(event.at_s))
            if event.awaited == Awaited.CONNECTION:
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
        """Set both ends, with addresses of one version of IP, and the server's port as shown."""
        self.ends = {Who.CLIENT: _end(client, FIRST_PORT + self.tries), Who.SERVER: (_end(server, 0)[0], self.port)}
        versions = {ipaddress.ip_address(host).version for host, _ in self.ends.values()}
        if len(versions) > 1:
            host = self.ends[Who.SERVER][0] if server else self.ends[Who.CLIENT][0]
            self.ends = {who: (host, end[1]) for who, end in self.ends.items()}

    def fail(self, event: Event) -> Iterator[Segment]:
        """The segments of a try that made no connection: SYN, and RST if it was refused."""
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
    """Seconds as microseconds; 0 for what is negative, too large or not a number."""
    return round(seconds * 1e6) if 0 <= seconds <= MOST_S else 0


def _comment(event: Event | None) -> str:
    return "" if event and event.captured else INFERRED


def _end(text: str, port: int) -> End:
    """Read an address "HOST:PORT". An invalid address becomes the loopback's, an invalid port `port`."""
    host, _, digits = text.rpartition(":")
    try:
        host = str(ipaddress.ip_address(host.strip("[]").split("%")[0]))
    except ValueError:
        host = UNKNOWN
    return host, int(digits) if digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536 else port
