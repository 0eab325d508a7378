"""A trace's `Diagnosis`: the `Decision` that `diagnosis` made, in words about this very connection."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from .causes import Cause
from .conversation import Conversation
from .escape import Printable, printable, show_bytes
from .events import UNVERIFIED, Awaited, Stage, What, Who
from .records import is_tls, parse_header
from .trace_data import TraceData

WIDTH = 100  # of a paragraph on a terminal, in characters


@dataclass(frozen=True)
class Diagnosis:
    """The cause in words about this very connection."""

    cause: Cause
    title: str
    why: str
    fixes: tuple[str, ...]

    def __str__(self) -> str:
        return self.as_text()

    def as_text(self, certain: bool = True) -> Printable:
        """Title, why and fixes as lines; without `certain` the title says "(not certain)"."""
        lines = [f"{self.cause}: {self.title}{'' if certain else ' (not certain)'}"]
        lines += textwrap.wrap(self.why, WIDTH, break_long_words=False)
        for fix in self.fixes:
            lines += textwrap.wrap(fix, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_long_words=False)
        return printable("\n".join(lines))


def header_reading(data: bytes, whose: str = "the server's") -> str:
    """The first five bytes as text and as a record header, in a sentence that begins with `whose`."""
    header = parse_header(data)
    if header is None:
        return f"{whose} only bytes are `{show_bytes(data)}`"
    return f"{whose} first five bytes are `{show_bytes(data[:5])}`; as a record header that is {header}"


def diagnose(trace: TraceData) -> Diagnosis:
    """The diagnosis of a trace: what its bytes show, what that means, and what to do."""
    conversation = trace.conversation
    text = trace.cause.text
    seen = (_seen_by_server if trace.seen_from == Who.SERVER else _seen)(trace, conversation)
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
        why += text.why, f"Not certain: {doubt(trace, conversation)} What would settle it: {text.evidence}"
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


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _seen(trace: TraceData, conversation: Conversation) -> str:
    failure = trace.failure
    if failure is None:
        if conversation.finished and not trace.tls:  # a recorder in between
            return "TLS was agreed. What was said within it, a login or a mail refused too, can't be seen from between."
        return (f"TLS is on: {trace.tls.version}, {trace.tls.cipher}." if trace.tls
                else "The connection was never encrypted.")
    if trace.cause is Cause.IMPLICIT_TO_PLAINTEXT:
        header = parse_header(conversation.answer)
        promised = (f", and its length promises more than the {trace.bytes_received - 5} bytes that followed"
                    if header and trace.bytes_received - 5 < header.length else "")
        return (_sentence(header_reading(conversation.answer)) + f" A TLS record has type 20 to 24 and version "
                f"0x03..; this is text{promised}. The client had read {trace.bytes_read} bytes when it gave up; "
                f"{_shown(failure.library)} calls that `{_shown(failure.reason)}`.")
    if trace.waiting_for and trace.ending is None:
        stopped = "You stopped it. " if failure.reason == "stopped" else ""
        began = conversation.first[Who.SERVER] if trace.tls is None and not conversation.tls_after else b""
        came = f", which began `{show_bytes(began)}`" if began else ""
        return (f"{stopped}After {trace.seconds:.1f} s the client was still waiting ({trace.waiting_for}); "
                f"{trace.bytes_received} bytes had come from the server{came}.")
    if conversation.tls_after == "starttls" and conversation.answer and not is_tls(conversation.answer):
        answer = show_bytes(conversation.answer)
        return f"After STARTTLS the server answered the ClientHello with `{answer}`, which is no TLS."
    if failure.reason.isdigit():
        return f"The server answered at stage {failure.stage}: `{_shown(failure.message)}`."
    ended = trace.ending
    if ended and failure.stage in (Stage.RESOLVE, Stage.CONNECT):  # seen by a relay
        own = " Tell it where the server is." if failure.reason == "loop" else ""
        return f"The client reached the relay, and the relay got no further: `{_shown(failure.message)}`.{own}"
    if ended and not trace.bytes_received:
        did = "reset" if ended.what == What.RESET else "closed"
        return f"The connection was made; {trace.up_s:.2f} s later the server {did} it without a byte."
    if conversation.not_smtp:
        return _sentence(header_reading(conversation.not_smtp) if trace.tls is None and is_tls(conversation.not_smtp)
                         else f"where a reply was due, the server sent `{show_bytes(conversation.not_smtp)}`")
    if failure.stage in (Stage.STARTTLS, Stage.AUTH) and failure.reason in ("not-offered", "needs-tls"):
        return f"The EHLO reply lists: {_shown(', '.join(conversation.keywords)) or 'nothing'}."
    return f"It failed at stage {failure.stage}: {failure.library} says `{_shown(failure.message)}`."


def _shown(text: str) -> str:
    return show_bytes(text.encode("utf-8", "replace"), 400)


def _seen_by_server(trace: TraceData, conversation: Conversation) -> str:
    first = conversation.first[Who.CLIENT]
    if trace.cause in (Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT) and first:
        return _sentence(header_reading(first, "the visitor's"))
    if not first:
        waited = f" while the server waited ({trace.waiting_for})" if trace.waiting_for else ""
        return f"The visitor sent not one byte{waited}."
    if trace.failure and trace.failure.stage == Stage.TLS:
        return f"The server's TLS library says `{_shown(trace.failure.message)}`."
    refused = next((s for s in conversation.steps if s.reply and s.reply.reply_code >= 400), None)
    if refused and refused.reply and trace.cause is not Cause.OK:
        return f"The server answered {refused.verb or 'a line'} with `{_shown(refused.reply.text)}`."
    if trace.cause is Cause.OK and not trace.certain:
        return "The visitor said hello and left in order. What it wanted beyond that, a server can't see."
    return ""
