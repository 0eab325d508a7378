"""What one side of a connection saw: events and byte counts as they come, and the trace they make.

Clients, servers and the relay write into the same `Recorder`.
"""

from __future__ import annotations

import contextlib
import copy
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from .. import limits
from ..causes import Cause
from ..diagnosis import decided
from ..events import ENDS, CaptureSecrets, Event, Failure, Mode, TlsInfo, What, Who
from ..smtp import may_hold_login
from ..trace import Trace

if TYPE_CHECKING:
    from ..recording import Recording
    from .tls import Tls

Hide = Callable[[bytes], bytes]  # blanks what must not be shown, lengths kept


class Recorder:
    """The events and byte counts of one connection, as `owner` sees it; `listener` is called with the recorder after
    each event, in the thread that made it."""

    def __init__(self, owner: Who, listener: Callable[[Recorder], object] | None = None) -> None:
        self.owner, self.peer, self.listener = owner, owner.other, listener
        self.lock, self.start = threading.RLock(), time.monotonic()
        self.end: float | None = None
        self.clock_s = time.time() - time.monotonic()  # from `start` to the time of day
        self.secrets = ""  # of TLS, for a capture file alone
        self.events: list[Event] = []
        self.connected = self.ended = self.was_reset = self.stopped = False
        self.received = self.sent = self._size = 0
        self.counted: tuple[int, int] | None = None  # read and written when the TLS handshake ended
        self.tls: Tls | None = None
        self.waiting_for: str | None = None
        self.may_show: tuple[str, ...] = ()  # words of a login that may be shown
        self.hide: Hide | None = None
        self.wake: Callable[[], object] = lambda: None  # ends whatever the owner blocks in

    def add(self, what: What, who: Who | None = None, data: bytes | None = None, note: str = "") -> None:
        """Note that something happened now; `who` is the owner unless said."""
        with self.lock:
            if what == What.BYTES:
                if who == self.peer:
                    self.received += len(data or b"")
                else:
                    self.sent += len(data or b"")
            elif what in ENDS:
                if self.ended:
                    return
                self.ended = self.connected
            self.connected |= what == What.CONNECTED
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
            self.add(What.WAITING, note=what or "")

    def stop(self) -> None:
        """From any thread: let the owner end now."""
        self.stopped = True
        with contextlib.suppress(OSError):
            self.wake()

    def count_handshake(self) -> None:
        """The TLS handshake has ended, well or not: fix `bytes_read` and `bytes_written` here."""
        if self.counted is None:
            self.counted = self.received - (self.tls.unread if self.tls else 0), self.sent

    def whole(self) -> list[Event]:
        """The events so far."""
        return list(self.events)

    def as_it_is(self) -> Self:
        """A copy, in which nothing that another thread adds will be."""
        with self.lock:
            view = copy.copy(self)
            view.events = self.whole()
        return view

    def trace(self, *, mode: Mode | None, address: tuple[str, int], tls: TlsInfo | None = None,
              failure: Failure | None = None) -> Trace:
        """The trace so far, its cause decided and its secrets blanked."""
        view = self.as_it_is()
        read, written = view.counted or (view.received - (view.tls.unread if view.tls else 0), view.sent)
        first = b"".join(e.data or b"" for e in view.events if e.what == What.BYTES and e.who == view.peer)[:5]
        trace = Trace(
            mode=mode, address=address, ok=False, cause=Cause.OTHER, certain=False, bytes_read=read,
            bytes_written=written, bytes_received=view.received, bytes_sent=view.sent,
            seconds=round((view.end or time.monotonic()) - view.start, 6), tls=tls, failure=failure,
            waiting_for=view.waiting_for, first_bytes=first or None, events=tuple(view.events),
            _kept=CaptureSecrets(view.start + view.clock_s))
        clean, failure = view.clean_events(), trace.failure
        if failure and view.hide:
            message = view.hide(failure.message.encode("utf-8", "replace"))
            failure = replace(failure, message=message.decode(errors="replace"))
        hidden = any(ours.what == What.INSIDE and ours.data != theirs.data
                     for ours, theirs in zip(trace.events, clean, strict=True))
        return replace(decided(trace), events=tuple(clean), failure=failure,
                       _kept=CaptureSecrets(view.start + view.clock_s, "" if hidden else view.secrets))

    def as_sent(self) -> Recording:
        """All that was really sent, passwords too, and the secrets of TLS: for `write_pcapng` alone."""
        from ..recording import Recording
        view = self.as_it_is()
        return Recording(tuple(view.events), view.owner, CaptureSecrets(view.start + view.clock_s, view.secrets))

    def clean_events(self) -> list[Event]:
        """The events so far, secrets blanked."""
        events = list(self.events)
        said = (b"".join(e.data or b"" for e in events if e.who == Who.CLIENT and e.what == layer)
                for layer in (What.BYTES, What.INSIDE))
        if self.hide is None and not any(map(may_hold_login, said)):
            return events
        from ..blanking import blank_events, shown_if  # here, as most have nothing to hide
        return blank_events(events, shown_if(*self.may_show), self.hide)
