"""What was seen of one connection from one side, as frozen values. `trace.Trace` is this with its explanation."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field

from .causes import Cause
from .conversation import Conversation, parse_conversation
from .events import ENDS, CaptureSecrets, Event, Failure, Mode, TlsInfo, What, Who


@dataclass(frozen=True)
class TraceData:
    """The fields of a `trace.Trace`, described there, and what follows from them without an explanation."""

    mode: Mode | None
    address: tuple[str, int]
    ok: bool
    cause: Cause
    certain: bool
    bytes_read: int
    bytes_written: int
    bytes_received: int
    bytes_sent: int
    seconds: float
    tls: TlsInfo | None
    failure: Failure | None
    waiting_for: str | None
    first_bytes: bytes | None
    events: tuple[Event, ...]
    _kept: CaptureSecrets = field(default=CaptureSecrets(), repr=False, compare=False)

    @property
    def seen_from(self) -> Who:
        """Whose side this is: "client" (a recorder in between sees what it sees) or "server"."""
        return Who(next((e.who for e in self.events if e.what == What.CONNECTED), Who.CLIENT))

    @functools.cached_property
    def conversation(self) -> Conversation:
        """What both sides said, read from the events."""
        return parse_conversation(self.events)

    @property
    def sockets(self) -> tuple[str, str] | None:
        """Both addresses as "HOST:PORT", the client's first; None if it never connected."""
        found = next((e.connection for e in self.events if e.connection), None)
        return (found.client, found.server) if found else None

    @property
    def ending(self) -> Event | None:
        """The event in which the peer ended an established connection; None if it never did."""
        after = itertools.dropwhile(lambda e: e.what != What.CONNECTED, self.events)
        return next((e for e in after if e.what in ENDS and e.who != self.seen_from), None)

    @property
    def quiet_s(self) -> float:
        """How long the connection was up before the peer ended it or the trace was made."""
        start = next((e.at_s for e in self.events if e.what == What.CONNECTED), 0.0)
        return (self.ending.at_s if self.ending else self.seconds) - start


@dataclass(frozen=True)
class Recording:
    """The events of a connection, who saw them, and what only a capture file may hold."""

    events: tuple[Event, ...] = field(repr=False)
    seen_from: Who
    kept: CaptureSecrets

    @classmethod
    def of(cls, trace: TraceData | Recording) -> Recording:
        """A trace's own; a recording is one already."""
        return trace if isinstance(trace, Recording) else cls(trace.events, trace.seen_from, trace._kept)
