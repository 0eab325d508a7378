"""What a capture file is made of: the events of a connection, with what no trace shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from .events import CaptureSecrets, Event, Who
from .trace_data import TraceData


@dataclass(frozen=True)
class Recording:
    """The events of a connection, whose side recorded them, and what only a capture file may hold."""

    events: tuple[Event, ...] = field(repr=False)
    seen_from: Who
    kept: CaptureSecrets

    @classmethod
    def of(cls, trace: TraceData | Recording) -> Recording:
        """The recording of a trace; a recording is returned as it is."""
        return trace if isinstance(trace, Recording) else cls(trace.events, trace.seen_from, trace._kept)
