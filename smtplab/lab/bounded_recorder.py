"""A recorder for conversations of any length: it keeps the beginning and the end, and counts all of it.

What is kept is cut where a line or a TLS record ends, so that it can be read as if nothing were missing
between, and a note says how much is. The beginning holds the dialogue and the whole TLS handshake, the end
the last replies; between them is what a mail is made of.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from .. import limits
from ..blanking import blank_auth
from ..events import ENDS, LEFT_OUT, SEALED, Event, What, Who
from ..records import HEADER_BYTES, ContentType, is_tls, parse_header
from ..smtp import may_hold_login
from .recorder import Recorder

_SECRETS = (b"AUTH", b"PASS", b"LOGIN")


class Stream:
    """One direction: where its lines and TLS records end. `sealed` once an encrypted record has crossed."""

    def __init__(self) -> None:
        self.tls = self.sealed = self._line_open = False
        self._header, self._left = bytearray(), 0  # of the record that is under way

    def feed(self, data: bytes) -> int | None:
        """Follow more bytes. Where in them a line or record first begins or ends; None if nowhere."""
        at, first = 0, None if self._line_open or self._header or self._left else 0
        while at < len(data):
            if not (self.tls or self._line_open) and is_tls(data[at:at + 1]):
                self.tls = True
            start, record = at, self.tls
            at = (self._record if record else self._text)(data, at)
            if first is None and record and not (self._line_open or self._header or self._left):
                first = at
            elif first is None and not record:
                first = data.find(b"\n", start, at) + 1 or None
        return first

    def _text(self, data: bytes, at: int) -> int:
        end = data.find(b"\n\x16\x03", at) + 1 or len(data)  # up to where a ClientHello takes a line's place
        self._line_open = data[end - 1] != 0x0A
        return end

    def _record(self, data: bytes, at: int) -> int:
        if self._left:
            step = min(self._left, len(data) - at)
            self._left -= step
            return at + step
        piece = data[at:at + HEADER_BYTES - len(self._header)]
        self._header += piece
        if header := parse_header(self._header):
            if is_tls(self._header):
                self._left = header.length
                self.sealed |= header.content_type is ContentType.application_data
            else:
                self.tls, self._line_open = False, True
            self._header.clear()
        return at + len(piece)


class BoundedRecorder(Recorder):
    """A client's recorder that may be written to by several threads, and holds so much and no more.

    `listener` is called after each event, with no lock held. While it goes on `events` are the beginning alone;
    `finish` adds the end. `trace` has both at any time.
    """

    def __init__(self, listener: Callable[[Recorder], None] | None = None) -> None:
        super().__init__(Who.CLIENT)
        self.tell = listener
        self.streams = {Who.CLIENT: Stream(), Who.SERVER: Stream()}
        self.lost = {Who.CLIENT: 0, Who.SERVER: 0}  # bytes that were counted and are not kept
        self.last_s, self.last_who = self.start, Who.CLIENT  # when bytes last passed, and whose they were
        self.sealed = self._full = self._auth_lost = False
        self._kept = self._late_bytes = 0
        self._apart: set[Who] = set()  # whose beginning has come to its end
        self._late: deque[tuple[Event, int | None]] = deque()  # the end so far, and where lines or records begin
        self._seam = b""

    def add(self, what: What, who: Who | None = None, data: bytes | None = None, note: str = "") -> None:
        """Note that something happened now; `who` is the client unless said."""
        who = who or self.owner
        with self.lock:
            if what in ENDS:
                if self.ended:
                    return
                self.ended = self.connected
            self.connected |= what == What.CONNECTED
            at_s = round(time.monotonic() - self.start, 6)
            if what == What.BYTES:
                self._bytes(at_s, who, data or b"")
            else:
                self._keep(Event(at_s, who, what, data, note))
        if self.tell:
            self.tell(self)

    @property
    def size_bytes(self) -> int:
        """As `Recorder.size_bytes`."""
        kept = min(self._kept, 2 * limits.HEAD_BYTES) + self._late_bytes
        return kept + limits.EVENT_BYTES * (len(self.events) + len(self._late))

    def _bytes(self, at_s: float, who: Who, data: bytes) -> None:
        if who == self.peer:
            self.received += len(data)
        else:
            self.sent += len(data)
        self.last_s, self.last_who = time.monotonic(), who
        boundary = self.streams[who].feed(data)
        self._kept += len(data)
        self._full |= self._kept > limits.HEAD_BYTES or len(self.events) >= limits.HEAD_EVENTS
        if self._full and who not in self._apart and (boundary is not None or self._kept > 2 * limits.HEAD_BYTES):
            self._apart.add(who)
            begun, data, boundary = data[:boundary or 0], data[boundary or 0:], 0
            if begun:
                self.events.append(Event(at_s, who, What.BYTES, begun))
        if not data:
            return
        if who in self._apart:
            self._keep(Event(at_s, who, What.BYTES, data), boundary)
        else:
            self.events.append(Event(at_s, who, What.BYTES, data))
        if self.streams[who].sealed and not self.sealed:
            self.sealed = True
            self._keep(Event(at_s, who, What.TLS, None, SEALED))

    def _keep(self, event: Event, boundary: int | None = None) -> None:
        """At the end of what is kept, and the oldest after the beginning goes if it is too much."""
        if not self._full:
            self.events.append(event)
            return
        self._late.append((event, boundary))
        self._late_bytes += len(event.data or b"")
        while self._late_bytes > limits.TAIL_BYTES or len(self._late) > limits.TAIL_EVENTS:
            old, _ = self._late.popleft()
            self._late_bytes -= len(old.data or b"")
            if old.what == What.BYTES:
                self._lose(old)
            elif old.what != What.WAITING:
                self.events.append(old)

    def _lose(self, old: Event) -> None:
        lost = old.data or b""
        self.lost[old.who] += len(lost)
        if old.who == Who.CLIENT and not self.streams[Who.CLIENT].tls:
            self._seam = (self._seam + lost).upper()
            self._auth_lost |= may_hold_login(self._seam)
            self._seam = self._seam[-max(map(len, _SECRETS)):]  # the client may send it a byte at a time

    def whole(self) -> list[Event]:
        """The events: the beginning, notes on what is left out, and the end."""
        with self.lock:
            if self.end is not None:
                return list(self.events)
            lost, late, begun = dict(self.lost), [], {who for who in self.lost if not self.lost[who]}
            seam = self._seam
            for event, boundary in self._late:
                data = event.data or b""
                if event.what == What.BYTES and event.who not in begun:
                    cut = len(data) if boundary is None else boundary
                    lost[event.who] += cut
                    if event.who == Who.CLIENT and not self.streams[Who.CLIENT].tls:
                        seam += data[:cut]
                    if boundary is None:
                        continue
                    begun.add(event.who)
                    event = replace(event, data=data[cut:])
                if event.what != What.BYTES or event.data:
                    late.append(event)
            if self._auth_lost or may_hold_login(seam):
                late = _as_in_a_login(late)
            at_s = late[0].at_s if late else self.events[-1].at_s if self.events else 0.0
            notes = [Event(at_s, who, What.TLS, None, LEFT_OUT.format(size=size, who=who))
                     for who, size in lost.items() if size]
            return [*self.events, *notes, *late]

    def finish(self) -> None:
        """It is over: `events` are all that is kept."""
        with self.lock:
            self.events.extend(self.whole()[len(self.events):])
            self._late.clear()
            self.end = time.monotonic()


def _as_in_a_login(events: list[Event]) -> list[Event]:
    """What the client says blanked up to the next command: what is not kept may have been a login's beginning."""
    at = [i for i, event in enumerate(events) if event.what == What.BYTES]
    clean = blank_auth([(Who.CLIENT, b"AUTH PLAIN\r\n"), *((events[i].who, events[i].data or b"") for i in at)])[1:]
    for i, data in zip(at, clean, strict=True):
        events[i] = replace(events[i], data=data)
    return events
