"""What happened on one connection, as much of it as packets need."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..conversation import observe
from ..records import is_tls
from ..smtp import offers
from ..trace import MAIL_PORTS, Event, Kept, Trace

SMTP, SUBMISSIONS, SUBMISSION = 25, 465, 587


@dataclass(frozen=True)
class Recording:
    """The events of a connection, who saw them ("client" or "server"), and what only a capture file may hold."""

    events: tuple[Event, ...] = field(repr=False)
    seen_from: str
    kept: Kept

    @classmethod
    def of(cls, trace: Trace | Recording) -> Recording:
        """A trace's own; a recording is one already."""
        return trace if isinstance(trace, cls) else cls(trace.events, trace.seen_from, trace._kept)


def port_shown(trace: Trace | Recording, real: int | None) -> int:
    """The port by which a dissector knows what the server speaks: `real` if it does, else 25, 465 or 587."""
    if real in MAIL_PORTS:
        return real
    said, connected = observe(trace.events), any(e.what == "connected" for e in trace.events)
    came = said.first["server"]
    if is_tls(came) or (connected and not came):  # a port that lets plaintext clients wait is most likely this one
        return SUBMISSIONS
    offered = offers((*said.keywords_before_tls, *said.keywords), "STARTTLS")
    return SUBMISSION if offered or said.tls_after or not said.steps else SMTP
