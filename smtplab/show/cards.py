"""How the values of the public face look in a notebook: as HTML in which every text is only text, and as text.

What a card is made of is loaded with the first of its kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .document import (
    STYLE,
    WIDTH,
    Block,
    Bullets,
    Code,
    Details,
    Document,
    Group,
    Listing,
    Paragraph,
    Strong,
    Table,
    Tone,
    as_html,
    mimebundle,
)

if TYPE_CHECKING:
    from ..lab.port_report import PortReport
    from ..messages import Explanation
    from ..question import Answer
    from ..settings import SettingsReport
    from ..trace import Trace


def mimebundle_of(value: object) -> dict[str, str]:
    """A value as text and as HTML with its style. Raises StopIteration for one that has no card."""
    return next(_CARDS[kind.__name__] for kind in type(value).__mro__ if kind.__name__ in _CARDS)(value)


def trace_document(trace: Trace) -> Document:
    """The verdict first; certificate and conversation folded."""
    from ..report import heading, sizes, transcript
    found, certificate = trace.diagnosis, trace.certificate
    tone = Tone.DOUBT if not trace.certain else Tone.GOOD if trace.ok else Tone.BAD
    waited = (Paragraph(f"The {trace.seen_from} was waiting: {trace.waiting_for}."),) * bool(trace.waiting_for)
    told = (Details("certificate", (Listing(str(certificate), label="certificate"),)),) if certificate else ()
    return Document((
        Group((Paragraph((Strong(f"{trace.cause}: {found.title}"), "" if trace.certain else " (not certain)")),
               Paragraph(found.why), *waited, *(Bullets(found.fixes),) * bool(found.fixes)), tone),
        *told,
        Details(heading(trace), (Listing("\n".join(transcript(trace.events)), label="transcript"),)),
        Listing(sizes(trace))))


def reports_document(reports: Sequence[PortReport]) -> Document:
    """A row for each port; what is wrong or insecure below, and the certificates folded."""
    accepted = {True: "accepted", False: "not accepted", None: ""}
    rows = tuple((r.host, str(r.port), Strong(r.speaks.value), r.tls_version or "", accepted[r.certificate_ok],
                  Code(r.greeting or ""), f"{r.seconds:.2f}") for r in reports)
    blocks: list[Block] = [Table(("host", "port", "speaks", "TLS", "certificate", "greeting", "seconds"), rows,
                                 narrow=(1, 2, 3, 4, 6))]
    for r in reports:
        where, bad = f"{r.host}, port {r.port}", (*filter(None, (r.problem,)), *r.insecure)
        blocks += [Group((Paragraph(Strong(where)), Bullets(bad)), Tone.BAD)] * bool(bad)
        blocks += [Details(f"certificate of {where}", (Listing(str(r.certificate)),))] * bool(r.certificate)
    return Document(tuple(blocks))


def _with_style(text: str, page: str) -> dict[str, str]:
    return {"text/plain": text, "text/html": STYLE + page}


def _trace(trace: Trace) -> dict[str, str]:
    return _with_style(str(trace), as_html(trace_document(trace)))


def _ports(reports: Sequence[PortReport]) -> dict[str, str]:
    from ..lab.port_report import text_of
    return _with_style(text_of(reports), as_html(reports_document(reports)))


def _settings(report: SettingsReport) -> dict[str, str]:
    from .settings_document import settings_document
    return mimebundle(settings_document(report), WIDTH)


def _causes(found: Sequence[Explanation]) -> dict[str, str]:
    from .explanation_document import cause, explanations
    return _with_style(explanations(found), "".join(cause(number, one) for number, one in enumerate(found, 1)))


def _answer(answer: Answer) -> dict[str, str]:
    from .answer_document import answer_page, answer_text
    return {"text/plain": answer_text(answer), "text/html": answer_page(answer)}


_CARDS: dict[str, Any] = {
    "Trace": _trace, "PortReport": lambda one: _ports([one]), "PortReports": _ports, "SettingsReport": _settings,
    "Explanation": lambda one: _causes([one]), "Explanations": _causes, "Answer": _answer}
