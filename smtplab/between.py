"""What more than one peer can know: whoever has both traces, or is between, as a relay or a reader of captures is."""

from __future__ import annotations

from dataclasses import replace

from .causes import Cause
from .conversation import Conversation
from .diagnosis import REJECTED, AnyTrace
from .events import Awaited, Failure, Stage, Who
from .records import HEADER_BYTES, is_tls, parse_header
from .smtp import Reply, offers
from .trace_data import TraceData
from .verdict import judge

IN_ORDER = (Stage.EHLO, Stage.STARTTLS, Stage.AUTH, Stage.MAIL)  # the stages that have commands, but for QUIT
NOT_REACHED = Failure(Stage.CONNECT, "relay", "timeout", "the server has not answered yet")


def confirm(trace: AnyTrace, server: TraceData | None) -> AnyTrace:
    """The client's trace, made certain where the server's own trace shows what the client can't see."""
    waits_too = server is not None and server.waiting_for == Awaited.CLIENT_HELLO
    stalled = server is not None and server.cause is Cause.HANDSHAKE_STALLED
    shown = {Cause.PLAINTEXT_TO_IMPLICIT: waits_too, Cause.HANDSHAKE_STALLED: stalled}.get(trace.cause, False)
    return replace(trace, certain=True) if shown else trace


def waits(conversation: Conversation, reached: bool, last: Who) -> dict[Who, str]:
    """Who waits for what while nothing passes. `reached`: the relay is connected to the server; `last` sent the newest
    bytes."""
    if not reached:
        return {Who.CLIENT: Awaited.CONNECTION}
    if conversation.finished or conversation.unsaid:
        return {}  # all is encrypted
    if conversation.tls_after:
        if not is_tls(conversation.answer) and len(conversation.answer) >= HEADER_BYTES:
            return {}  # the client has enough to give up
        if Who.SERVER not in conversation.hello:
            return {Who.CLIENT: Awaited.SERVER_HELLO}
        client_waits = not conversation.answer or last == Who.CLIENT or _only_server_hello(conversation)
        return {Who.CLIENT: Awaited.SERVER_FINISHED} if client_waits else {Who.SERVER: Awaited.CLIENT_FINISHED}
    if conversation.greeting is None:
        silent = not (conversation.first[Who.SERVER] or conversation.first[Who.CLIENT])
        server = {Who.SERVER: f"{Awaited.CLIENT_HELLO}, if the port is for implicit TLS"} if silent else {}
        return {Who.CLIENT: Awaited.GREETING, **server}
    asked = conversation.steps and conversation.steps[-1].reply is None
    if asked and last == Who.CLIENT:
        return {Who.CLIENT: Awaited.REPLY}
    return {Who.SERVER: Awaited.MORE if asked else Awaited.COMMAND}


def _only_server_hello(conversation: Conversation) -> bool:
    """Whether the server's answer is a ServerHello so far, in a record of its own, and nothing behind it."""
    header, hello = parse_header(conversation.answer), conversation.answer[HEADER_BYTES:]
    if header is None or int.from_bytes(hello[1:4], "big") + 4 != header.length:
        return False
    replies = [conversation.greeting, *(step.reply for step in conversation.steps)]  # those in clear; none in TLS yet
    in_clear = sum(reply.size_bytes for reply in replies if reply) + len(conversation.injected)
    return conversation.s_client_read - in_clear <= HEADER_BYTES + header.length


def rejection(conversation: Conversation, by: str) -> Failure | None:
    """The failure, as `by` tells it, of a client that ended it where its first words within TLS were due."""
    ended = "the client ended it once it had seen the certificate, and said nothing within TLS"
    return Failure(Stage.TLS, by, REJECTED, ended) if conversation.client_left else None


def failure(conversation: Conversation, over: bool) -> Failure | None:
    """Where the conversation failed, as far as bytes in between show it; `over`: nothing more will come."""
    if rejected := rejection(conversation, "relay"):
        return rejected
    if conversation.finished:
        return None
    if conversation.tls_after:
        verdict = judge(conversation.answer).verdict if conversation.answer and not is_tls(conversation.answer) else ""
        if verdict not in ("", "wait", "accept"):
            return Failure(Stage.TLS, "OpenSSL", verdict, f"what OpenSSL says to these bytes: {verdict}")
        return Failure(Stage.TLS, "relay", "unfinished", "the TLS handshake did not come to its end")
    if conversation.greeting is None:
        return Failure(Stage.GREETING, "relay", "unfinished", "no greeting came")
    if conversation.greeting.reply_code >= 400:
        return Failure.of_reply(Stage.GREETING, conversation.greeting)
    if conversation.not_smtp:
        return Failure(Stage.EHLO, "relay", "not-smtp", "what the server sent is no reply")
    return unrecovered_refusal(conversation) or _left(conversation, over)


def _left(conversation: Conversation, over: bool) -> Failure | None:
    """The failure of a client that was refused nothing, if it left something undone."""
    if not conversation.steps:
        return Failure(Stage.EHLO, "relay", "no-command", "the client has sent no command")
    last = conversation.steps[-1]
    if last.reply is None and last.verb != "QUIT":
        return Failure(last.stage or Stage.MAIL, "relay", "no-reply", f"no reply to {last.verb} came")
    only_ehlo = [step.verb for step in conversation.steps] == ["EHLO"]
    if over and only_ehlo and not offers(conversation.keywords, "STARTTLS"):
        return Failure(Stage.STARTTLS, "relay", "not-offered", "the client left after an EHLO reply without STARTTLS")
    return None


def is_conclusive(conversation: Conversation, failed: Failure | None, over: bool) -> bool:
    """Whether the recording is conclusive: it ended, and nothing relevant was inside TLS."""
    if failed is NOT_REACHED or (failed and failed.reason == "not-offered"):
        return False
    return conversation.shows_outcome(failed) and (failed is not None or (over and not conversation.finished))


def unrecovered_refusal(conversation: Conversation) -> Failure | None:
    """The last rejected command that no later command of the same or a later stage recovered from."""
    refused: tuple[Stage, Reply] | None = None
    for step in conversation.steps:
        stage = step.stage
        if stage in IN_ORDER and step.reply:
            if step.reply.reply_code >= 400:
                refused = stage, step.reply
            elif refused and IN_ORDER.index(stage) >= IN_ORDER.index(refused[0]):
                refused = None
    return Failure.of_reply(*refused) if refused else None
