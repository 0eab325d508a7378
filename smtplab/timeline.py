"""A conversation as a timeline of pieces: text, and TLS records or parts of them.

All views format these pieces: the transcript, the Player, the ladder, the counters (`show.readings` adds what the TLS
library reads). Bytes are cut where a reader would cut them: text where a ClientHello takes the place of a line, TLS
where a record ends. A direction is text until a record header stands where a line would begin; once the client has
begun TLS, the server's answer is read as TLS too, and as text again if it is not TLS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .events import Event, What, Who
from .records import HEADER_BYTES, Malformed, NeedMore, TlsRecord, is_tls, read_record

_HELLO_IN_PLACE_OF_A_LINE = b"\n\x16\x03"


class Text(NamedTuple):
    """A piece of plaintext, on the wire or within TLS (`inside`), and the lines that it completes, without LF."""

    data: bytes
    inside: bool
    lines: tuple[bytes, ...]


class RecordPiece(NamedTuple):
    """New bytes of a TLS record, of which `before` bytes had come already; `record` once it is whole."""

    data: bytes
    before: int
    record: TlsRecord | None


class _Direction:
    def __init__(self) -> None:
        self.tls, self.not_tls = False, False
        self.record = bytearray()


class Timeline:
    """Turns events into pieces, one event at a time, so that they can be shown while it happens."""

    def __init__(self) -> None:
        self._sides = {Who.CLIENT: _Direction(), Who.SERVER: _Direction()}
        self._open: dict[tuple[Who, bool], tuple[Event, bytearray]] = {}  # text without a line end yet

    def is_text(self, who: Who) -> bool:
        """Whether what this side sends is read as text."""
        return not self._sides[who].tls

    def feed(self, event: Event) -> list[Text | RecordPiece]:
        """The pieces of an event's bytes; an empty list for an event without bytes."""
        if event.what == What.INSIDE:
            return [self._text(event, event.data or b"", inside=True)]
        return list(self._cut(event, event.data or b"")) if event.what == What.BYTES else []

    def take_open_lines(self) -> list[tuple[Event, bytes]]:
        """Remove and return the lines without an end, each with the event of its newest bytes."""
        held, self._open = self._open, {}
        return [(event, bytes(line)) for event, line in held.values()]

    def _cut(self, event: Event, data: bytes) -> Iterator[Text | RecordPiece]:
        who, at = Who(event.who), 0
        side = self._sides[who]
        while at < len(data):
            if not (side.tls or side.not_tls or (who, False) in self._open) and is_tls(data[at:at + 2]):
                side.tls = True
                self._sides[who.other].tls |= who == Who.CLIENT
            piece: Text | RecordPiece | None = self._record(event, side, data, at) if side.tls else None
            if piece is None:
                cut = -1 if side.not_tls or who == Who.SERVER else data.find(_HELLO_IN_PLACE_OF_A_LINE, at)
                piece = self._text(event, data[at:] if cut < 0 else data[at:cut + 1], inside=False)
            at += len(piece.data)
            yield piece

    def _record(self, event: Event, side: _Direction, data: bytes, at: int) -> RecordPiece | None:
        """A record or a part of one; None if the bytes are not TLS."""
        before = len(side.record)
        end = at + max(0, HEADER_BYTES - before)
        side.record += data[at:end]
        found = read_record(side.record)
        if isinstance(found, NeedMore):
            rest = data[end:end + found.bytes_needed - len(side.record)] if end <= len(data) else b""
            side.record += rest
            end += len(rest)
            found = read_record(side.record)
        if isinstance(found, Malformed):
            side.tls, side.not_tls = False, True
            if before:
                self._open[event.who, False] = event, side.record[:before]
            side.record = bytearray()
            return None
        whole = found if isinstance(found, TlsRecord) else None
        if whole:
            side.record = bytearray()
        return RecordPiece(data[at:end], before, whole)

    def _text(self, event: Event, data: bytes, inside: bool) -> Text:
        _, line = self._open.pop((event.who, inside), (event, bytearray()))
        line += data
        lines: list[bytes] = []
        if b"\n" in data:
            *lines, rest = bytes(line).split(b"\n")
            line = bytearray(rest)
        if line:
            self._open[event.who, inside] = event, line
        return Text(data, inside, tuple(lines))
