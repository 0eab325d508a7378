"""How much of the received bytes was read: the pieces of a trace's timeline, with the counters beside them.

Where OpenSSL reports its readings (see `lab.tls`), it reads 5 bytes for each record header and then as much of the
record as has come, the rest as it comes. Where it does not, what arrives is read at once, as far as
the trace says that it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..events import Awaited, Event, What, Who
from ..records import HEADER_BYTES, MAX_FRAGMENT_BYTES, RecordHeader, is_tls, parse_header
from ..timeline import RecordPiece, Text, Timeline
from ..trace_data import TraceData


@dataclass(frozen=True)
class Taken:
    """The TLS library takes `size` bytes of the fragment whose header it has read; `left` are still to come.

    `header` is that header, or None where this is more of a fragment that was begun."""

    size: int
    left: int
    header: RecordHeader | None = None


@dataclass(frozen=True)
class Reading:
    """A piece of the timeline, or what the TLS library takes; without an `item` it stands for the event itself.

    `received`, `sent` and `read` are the bytes that its own side had received, sent and read after it."""

    event: Event
    item: Text | RecordPiece | Taken | None
    received: int
    sent: int
    read: int


class Readings:
    """A trace's events to readings, one event at a time."""

    def __init__(self, trace: TraceData) -> None:
        self.own, self.timeline = trace.seen_from, Timeline()
        headers = (e.report for e in trace.events if e.who == self.own and e.report and e.report.kind == "header")
        self._reported = any(not header.wrote for header in headers)
        waits = next((e.awaited for e in trace.events if e.awaited not in (None, Awaited.CONNECTION)), "")
        first = next((e.data for e in trace.events if e.what == What.BYTES and e.data and e.who == Who.CLIENT), b"")
        self._tls_alone = is_tls(first) or waits == "client-hello"  # no plaintext goes before it
        self._most = trace.bytes_read
        self._received = self._sent = self._read = 0
        self._owed = 0  # what the library still wants of the record whose header it has read

    def feed(self, event: Event) -> list[Reading]:
        """The readings of this event, one at least."""
        report = event.report
        if event.what == What.BYTES:
            return list(self._crossed(event, self.timeline.feed(event)))
        if report and report.kind == "header" and not report.wrote:
            return list(self._reads(event, report.data))
        items = self.timeline.feed(event)
        return [self._reading(event, items[0] if items else None)]

    def skip(self, event: Event) -> list[Reading]:
        """The same counts for an event that nobody shows. Its bytes are not cut: a flood has pieces by the million."""
        if event.what == What.BYTES and event.data:
            return list(self._crossed(event, [Text(event.data, False, ())]))
        return self.feed(event)

    def _reading(self, event: Event, item: Text | RecordPiece | Taken | None = None) -> Reading:
        return Reading(event, item, self._received, self._sent, self._read)

    def _crossed(self, event: Event, pieces: Iterable[Text | RecordPiece]) -> Iterator[Reading]:
        came = event.who != self.own
        for piece in pieces:
            size = len(piece.data)
            self._received, self._sent = self._received + size * came, self._sent + size * (not came)
            by_report = self._reported and (self._tls_alone or not self.timeline.is_text(Who.CLIENT))
            if came and not by_report:
                self._read = min(self._read + size, self._received if self._reported else self._most)
            yield self._reading(event, piece)
            if came and (size := min(self._owed, max(0, self._received - self._read))):
                self._read, self._owed = self._read + size, self._owed - size
                yield self._reading(event, Taken(size, self._owed))

    def _reads(self, event: Event, data: bytes) -> Iterator[Reading]:
        """The TLS library has read a header, and then takes what has come of the record that it promises."""
        mine, header = event.who == self.own, parse_header(data)
        self._read += HEADER_BYTES * mine
        yield self._reading(event)
        if header is None or not is_tls(data) or header.length > MAX_FRAGMENT_BYTES:
            return
        size = min(header.length, max(0, self._received - self._read)) if mine else header.length
        if mine:
            self._read, self._owed = self._read + size, header.length - size
        yield self._reading(event, Taken(size, header.length - size, header))
