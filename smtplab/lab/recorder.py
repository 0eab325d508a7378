"""What one side of a connection saw: events and byte counts as they come, and the trace they make.

Clients, servers and the relay write into the same `Recorder`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import limits
from ..causes import Cause
from ..diagnosis import decided
from ..smtp import blank_auth, never_shown
from ..trace import Event, Failure, Kept, Mode, Recording, TlsInfo, Trace
from .login import Forms, blank

if TYPE_CHECKING:
    from .tls import Tls


class Recorder:
    """The events and byte counts of one connection, as `owner` ("client" or "server") sees it.

    `listener` is called with the recorder after each event, in the thread that made it.
    """

    def __init__(self, owner: str, listener: Callable[[Recorder], None] | None = None) -> None:
        self.owner, self.peer = owner, {"client": "server", "server": "client"}[owner]
        self.listener, self.start, self.end = listener, time.monotonic(), None
        self.clock_s = time.time() - time.monotonic()  # from `start` to the time of day
        self.secrets = ""  # of TLS, for a capture file alone
        self.events: list[Event] = []
        self.connected = self.ended = self.was_reset = False
        self.received = self.sent = 0
        self._size = 0
        self.counted: tuple[int, int] | None = None  # read and written when the TLS handshake ended
        self.tls: Tls | None = None
        self.waiting_for: str | None = None
        self.may_show = never_shown
        self.hide: Forms = ()
        self.stopped = False
        self.wake: Callable[[], object] = lambda: None  # ends whatever the owner blocks in

    def add(self, what: str, who: str | None = None, data: bytes | None = None, note: str = "") -> None:
        """Note that something happened now; `who` is the owner unless said."""
        if what == "bytes":
            if who == self.peer:
                self.received += len(data)
            else:
                self.sent += len(data)
        elif what in ("closed", "reset"):
            if self.ended:
                return
            self.ended = self.connected
        self.connected |= what == "connected"
        self._size += limits.EVENT_BYTES + len(data or b"")
        self.events.append(Event(round(time.monotonic() - self.start, 6), who or self.owner, what, data, note))
        if self.listener:
            self.listener(self)

    @property
    def size_bytes(self) -> int:
        """What its events take of memory, about."""
        return self._size

    def wait_for(self, what: str | None) -> None:
        """From now on the owner waits for this (None: for nothing)."""
        news = what is not None and what != self.waiting_for
        self.waiting_for = what  # first, since a listener may end it all
        if news:
            self.add("waiting", note=what)

    def stop(self) -> None:
        """From any thread: let the owner end now."""
        self.stopped = True
        with contextlib.suppress(OSError):
            self.wake()

    def count_handshake(self) -> None:
        """The TLS handshake has ended, well or not: fix `bytes_read` and `bytes_written` here."""
        if self.counted is None:
            self.counted = self.received - self.tls.unread, self.sent

    def trace(self, *, mode: Mode | None, address: tuple[str, int], tls: TlsInfo | None = None,
              failure: Failure | None = None) -> Trace:
        """The trace so far, its cause decided and its secrets blanked."""
        read, written = self.counted or (self.received - (self.tls.unread if self.tls else 0), self.sent)
        first = b"".join(e.data for e in self.events if e.what == "bytes" and e.who == self.peer)[:5]
        trace = Trace(mode, address, False, Cause.OTHER, False, read, written, self.received, self.sent,
                      round((self.end or time.monotonic()) - self.start, 6), tls, failure,
                      self.waiting_for, first or None, tuple(self.events))
        trace = blanked(decided(trace), self.may_show, self.hide)
        hidden = any(ours.what == "inside" and ours.data != theirs.data
                     for ours, theirs in zip(self.events, trace.events, strict=False))
        return replace(trace, _kept=Kept(self.start + self.clock_s, "" if hidden else self.secrets))

    def as_sent(self) -> Recording:
        """All that was really sent, passwords too, and the secrets of TLS: for `write_pcapng` alone."""
        return Recording(tuple(self.events), self.owner, Kept(self.start + self.clock_s, self.secrets))

    def clean_events(self) -> list[Event]:
        """The events so far, secrets blanked."""
        return blank_events(self.events, self.may_show, self.hide)


def blanked(trace: Trace, may_show: Callable[[bytes], bool], hide: Forms) -> Trace:
    """The trace without AUTH arguments, and without what `hide` matches, wherever it stands."""
    failure = trace.failure
    if failure and hide:
        message = blank(failure.message.encode("utf-8", "replace"), hide)
        failure = replace(failure, message=message.decode(errors="replace"))
    return replace(trace, events=tuple(blank_events(trace.events, may_show, hide)), failure=failure)


def blank_events(events: Iterable[Event], may_show: Callable[[bytes], bool], hide: Forms) -> list[Event]:
    """The same for events alone. What is hidden is sought in each direction as a whole, however it was cut."""
    events = list(events)
    for layer in ("bytes", "inside"):
        at = [i for i, e in enumerate(events) if e.what == layer]
        for i, data in zip(at, blank_auth([(events[i].who, events[i].data) for i in at], may_show), strict=True):
            events[i] = replace(events[i], data=data)
        for who in ("client", "server") if hide else ():
            places = [i for i in at if events[i].who == who]
            whole, start = blank(b"".join(events[i].data for i in places), hide), 0
            for i in places:
                end = start + len(events[i].data)
                events[i], start = replace(events[i], data=whole[start:end]), end
    return events
