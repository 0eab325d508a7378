"""How a connection failed, in a sentence about its very bytes: as its client saw it, and what its server saw.

Loaded only where there is something of the kind to say.
"""

from __future__ import annotations

from .causes import Cause
from .conversation import Conversation
from .escape import show_bytes
from .events import Failure, Stage, What, Who
from .records import is_tls, parse_header
from .trace_data import TraceData


def header_reading(data: bytes, whose: str = "the server's") -> str:
    """The first five bytes as text and as a record header, in a sentence that begins with `whose`."""
    header = parse_header(data)
    if header is None:
        return f"{whose} only bytes are `{show_bytes(data)}`"
    return f"{whose} first five bytes are `{show_bytes(data[:5])}`; as a record header that is {header}"


def how_it_failed(trace: TraceData, conversation: Conversation, failure: Failure) -> str:
    """What the client saw, or a recorder in between, of a connection with this failure."""
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


def what_a_server_saw(trace: TraceData, conversation: Conversation) -> str:
    """What the server saw, failed or not; empty if there is nothing to say."""
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


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _shown(text: str) -> str:
    return show_bytes(text.encode("utf-8", "replace"), 400)
