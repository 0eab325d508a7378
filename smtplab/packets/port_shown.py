"""The port by which a capture is understood."""

from __future__ import annotations

from ..address import MAIL_PORTS
from ..conversation import parse_conversation
from ..records import is_tls
from ..smtp import offers
from ..trace import Trace
from ..trace_data import Recording

SMTP, SUBMISSIONS, SUBMISSION = 25, 465, 587


def port_shown(trace: Trace | Recording, real: int | None) -> int:
    """The port by which a dissector knows what the server speaks: `real` if it does, else 25, 465 or 587."""
    if real in MAIL_PORTS:
        return real
    said, connected = parse_conversation(trace.events), any(e.what == "connected" for e in trace.events)
    came = said.first["server"]
    if is_tls(came) or (connected and not came):  # a port that lets plaintext clients wait is most likely this one
        return SUBMISSIONS
    offered = offers((*said.keywords_before_tls, *said.keywords), "STARTTLS")
    return SUBMISSION if offered or said.tls_after or not said.steps else SMTP
