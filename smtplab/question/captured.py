"""What a capture, or a probe of the port, adds to an answer: both have seen the bytes, and no longer guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..address import name_address
from ..causes import Cause
from ..messages import Explanation
from .answer import Answer, Finding
from .contradiction import CLIENT_DOES, against_settings, disagrees
from .next_command import next_command, place
from .predicted import less_likely
from .seen import same_host
from .segments import Segment

if TYPE_CHECKING:
    from ..lab.port_report import PortReport
    from ..trace import Trace

CERTAIN, INFERRED = 0.95, 0.7  # how likely the cause of a trace is that is certain, and of one that is not
# What each kind of server means for a client that begins in clear, and for one that begins with TLS.
_MAIL = ("smtp", "smtp-starttls", "implicit-tls")
_NO_MAIL = {"refused": Cause.REFUSED, "filtered": Cause.FILTERED_TIMEOUT, "unresolved": Cause.DNS,
            "http": Cause.SERVER_NOT_SMTP, "pop3": Cause.SERVER_NOT_SMTP, "imap": Cause.SERVER_NOT_SMTP,
            "ssh": Cause.SERVER_NOT_SMTP, "tls-other": Cause.SERVER_NOT_SMTP}


def the_one(traces: Sequence[Trace], answer: Answer) -> Trace | None:
    """The conversation of a capture that was meant: to the host and port of the paste, and the first that failed."""
    read = answer.read
    near = [t for t in traces if read.port is None or t.address[1] == read.port] or list(traces)
    near = [t for t in near if not read.host or same_host(read.host, t.address[0])] or near
    return next((t for t in near if not t.ok), near[0] if near else None)


def with_trace(answer: Answer, traces: Sequence[Trace], segment: Segment) -> Answer:
    """The answer in the light of a capture, whose conversation outweighs what the text made likely."""
    read = replace(answer.read, segments=(*answer.read.segments, segment))
    trace = the_one(traces, answer)
    if trace is None:
        none = f"the capture {segment.name}: no connection to a mail port is in it".replace("  ", " ")
        return replace(answer, read=replace(read, ignored=(*read.ignored, none)))
    host, port = trace.address[:2]
    mode = trace.mode.value if trace.mode else ""
    does = "starttls" if mode.startswith("starttls") else mode
    said = trace.diagnosis
    first = Explanation(trace.cause, CERTAIN if trace.certain else INFERRED, said.title, f"In the capture: {said.why}",
                        tuple(said.fixes), (trace.cause.text.evidence,), trace.cause.text.lesson,
                        phrase="the capture's bytes")
    others = [one for one in answer.causes if one.phrase and one.cause is not first.cause]
    finding = answer.finding
    if answer.report and disagrees(answer.report, does):
        finding = against_settings(answer.report, does, "in the capture")
    read = replace(read, port=read.port or port, host=read.host or host, mode=read.mode or mode,
                   seen_mode=does if finding else read.seen_mode)
    name = read.host if same_host(read.host, host) else host
    command, why = next_command(first.cause, name, port, mode)
    return replace(answer, read=read, causes=(first, *less_likely(others, 1 - first.likelihood)), finding=finding,
                   next_command=command, why_next=why)


def with_probe(answer: Answer, found: PortReport) -> Answer:
    """The answer settled by what the port itself said."""
    speaks, where = found.speaks.value, name_address((found.host, found.port))
    mode = answer.read.seen_mode or answer.read.mode
    implicit, clear = mode == "implicit", mode.startswith("starttls") or mode == "plain"
    says = f"{where} was asked just now: it speaks {speaks}"
    cause = _NO_MAIL.get(speaks)
    if speaks in ("smtp", "smtp-starttls") and implicit:
        cause = Cause.IMPLICIT_TO_PLAINTEXT
    elif speaks == "implicit-tls" and clear:
        cause = Cause.PLAINTEXT_TO_IMPLICIT
    elif speaks == "smtp" and mode == "starttls-required":
        cause = Cause.STARTTLS_NOT_OFFERED
    answer = _with_right_mode(answer, found)
    if cause is None:
        fits = speaks in _MAIL and (implicit or clear)
        message = f"{says}, which is what these settings expect" if fits else says
        return replace(answer, finding=answer.finding or Finding("settled", f"{message}."))
    first = next((one for one in answer.causes if one.cause is cause), None)
    text = cause.text
    made = replace(first, likelihood=CERTAIN, why=f"{says}. {first.why}") if first else Explanation(
        cause, CERTAIN, text.title, f"{says}. {text.why}", text.fixes, (text.evidence,), text.lesson, phrase=speaks)
    others = [one for one in answer.causes if one.cause is not cause and one.phrase]
    return replace(answer, causes=(made, *less_likely(others, 1 - CERTAIN)),
                   finding=answer.finding or Finding("settled", f"{says}."))


def _with_right_mode(answer: Answer, found: PortReport) -> Answer:
    """The next command and the corrected settings in the mode that the port was heard to speak."""
    right = {"implicit-tls": "implicit", "smtp-starttls": "starttls"}.get(found.speaks.value)
    if right is None:
        return answer
    name, number = place(found.host, found.port)
    answer = replace(answer, next_command=f"smtplab handshake {name}:{number} --mode {right}",
                     why_next="whether it works in the mode that this port speaks")
    if answer.report is None:
        return answer
    from ..settings import SettingsMode, correct
    if right in CLIENT_DOES.get(answer.report.mode.value, ()):
        return replace(answer, correction=None)
    wanted = (SettingsMode.IMPLICIT,) if right == "implicit" else (
        SettingsMode.STARTTLS_REQUIRED, SettingsMode.STARTTLS_OPPORTUNISTIC)
    tries = [correct(replace(answer.report, host=answer.read.host), mode=one, port=found.port) for one in wanted]
    return replace(answer, correction=next((one for one in tries if one.possible), tries[0]))
