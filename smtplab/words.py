"""A trace's `Diagnosis`: the `Decision` that `diagnosis` made, in words about this very connection."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from .address import name_address
from .causes import Cause
from .conversation import Conversation
from .escape import Printable, printable
from .events import UNVERIFIED, Awaited, Stage, Who
from .trace_data import TraceData

WIDTH = 80  # of a paragraph on a terminal, in characters


@dataclass(frozen=True)
class Diagnosis:
    """The cause in words about this very connection."""

    cause: Cause
    title: str
    why: str
    fixes: tuple[str, ...]

    def __str__(self) -> str:
        return self.as_text()

    def as_text(self, certain: bool = True, width: int = WIDTH) -> Printable:
        """Title, why and fixes as lines; without `certain` the title says "(not certain)"."""
        lines = [f"{self.cause}: {self.title}{'' if certain else ' (not certain)'}"]
        lines += textwrap.wrap(self.why, width, break_long_words=False, break_on_hyphens=False)
        for fix in self.fixes:
            lines += textwrap.wrap(fix, width, initial_indent="  - ", subsequent_indent="    ", break_long_words=False,
                                   break_on_hyphens=False)
        return printable("\n".join(lines))


def diagnose(trace: TraceData) -> Diagnosis:
    """The diagnosis of a trace: what its bytes show, what that means, and what to do."""
    conversation = trace.conversation
    text = trace.cause.text
    if trace.seen_from == Who.SERVER:
        from .failures import what_a_server_saw  # here, as most traces are a client's
        seen = what_a_server_saw(trace, conversation)
    else:
        seen = _seen(trace, conversation)
    told = [refused_certificate(trace)[0], seen]
    why, title = [sentence for sentence in told if sentence], text.title
    if _is_odd(trace, conversation):
        from .asides import asides, crossed
        why += asides(trace, conversation)
        title += crossed(conversation) if trace.cause is Cause.OK else ""
    if trace.cause is not Cause.OK and trace.certain:
        why.append(text.why)
    elif trace.cause is not Cause.OK:
        from .doubts import doubt, text_of  # here, as most are certain
        text = text_of(trace)
        title = text.title
        evidence = text.evidence.replace("HOST:PORT", name_address(trace.address))
        why += text.why, f"Not certain: {doubt(trace, conversation)} What would settle it: {evidence}"
    if trace.cause is Cause.OK and not trace.certain:  # a relay or server can't see all
        between = conversation.finished and trace.seen_from == Who.CLIENT
        title = "TLS agreed; the rest unseen" if between else f"{title}, as far as can be seen here"
    elif trace.cause is Cause.OTHER and trace.waiting_for == Awaited.SERVER_HELLO:
        title += ": nothing answers the ClientHello"
    return Diagnosis(trace.cause, title, printable(" ".join(why)), text.fixes)


def _is_odd(trace: TraceData, conversation: Conversation) -> bool:
    """Whether there may be something to say beside the cause."""
    exposed = any(not step.inside and step.stage in (Stage.AUTH, Stage.MAIL) for step in conversation.steps)
    unverified = any(event.note == UNVERIFIED for event in trace.events)
    return bool(trace.tls is None or exposed or unverified or conversation.pipelined or conversation.injected)


def refused_certificate(trace: TraceData) -> tuple[str, str]:
    """Why the client refused the certificate, in a sentence, and the certificate as lines; empty where it did not, or
    where this trace can't read it."""
    if not trace.cause.startswith("cert-"):
        return "", ""
    from .certificate import shown  # here, as most refuse none
    return (found.reason, str(found)) if (found := shown(trace)) else ("", "")


def _seen(trace: TraceData, conversation: Conversation) -> str:
    if trace.failure is None:
        if conversation.finished and not trace.tls:  # a recorder in between
            return "TLS was agreed. What was said within it, a login or a mail refused too, can't be seen from between."
        return (f"TLS is on: {trace.tls.version}, {trace.tls.cipher}." if trace.tls
                else "The connection was never encrypted.")
    from .failures import how_it_failed  # here, as nothing failed in most
    return how_it_failed(trace, conversation, trace.failure)
