"""What somebody between two peers can know of their conversation, and what not: a relay, a reader of captures."""

from __future__ import annotations

from .conversation import Conversation
from .diagnosis import STAGE_OF_VERB, outcome_visible, reply_failure
from .events import Failure, Who
from .records import HEADER_BYTES, is_tls
from .smtp import Reply, offers
from .verdict import judge

IN_ORDER = ("ehlo", "starttls", "auth", "mail")  # the stages of a session
NOT_REACHED = Failure("connect", "relay", "timeout", "the server has not answered yet")


def waits(said: Conversation, reached: bool, last: Who) -> dict[Who, str]:
    """Who waits for what while nothing passes. `reached`: the server has been connected to; `last` sent the newest
    bytes."""
    if not reached:
        return {Who.CLIENT: "connection"}
    if said.finished:
        return {}  # what they say is theirs
    if said.tls_after:
        if not is_tls(said.answer) and len(said.answer) >= HEADER_BYTES:
            return {}  # the client has what it takes to give up
        if not said.answer or last == Who.CLIENT:
            return {Who.CLIENT: "server-finished" if Who.SERVER in said.hello else "server-hello"}
        return {Who.SERVER: "client-finished"} if Who.SERVER in said.hello else {Who.CLIENT: "server-hello"}
    if said.greeting is None:
        silent = not (said.first[Who.SERVER] or said.first[Who.CLIENT])
        server = {Who.SERVER: "client-hello, if the port is for implicit TLS"} if silent else {}
        return {Who.CLIENT: "greeting", **server}
    asked = said.steps and said.steps[-1].reply is None
    if asked and last == Who.CLIENT:
        return {Who.CLIENT: "reply"}
    return {Who.SERVER: "more of it" if asked else "command"}  # a login's next line, or a mail


def failure(said: Conversation, over: bool) -> Failure | None:
    """Where the conversation failed, as far as bytes in between show it; `over`: nothing more will come."""
    if said.finished:
        return None
    if said.tls_after:
        verdict = judge(said.answer).verdict if said.answer and not is_tls(said.answer) else ""
        if verdict not in ("", "wait", "accept"):
            return Failure("tls", "OpenSSL", verdict, f"what OpenSSL says to these bytes: {verdict}")
        return Failure("tls", "relay", "unfinished", "the TLS handshake did not come to its end")
    if said.greeting is None:
        return Failure("greeting", "relay", "unfinished", "no greeting came")
    if said.greeting.reply_code >= 400:
        return reply_failure("greeting", said.greeting)
    if said.not_smtp:
        return Failure("ehlo", "relay", "not-smtp", "what the server sent is no reply")
    return unrecovered_refusal(said) or _left(said, over)


def _left(said: Conversation, over: bool) -> Failure | None:
    """What a client that was refused nothing left undone."""
    if not said.steps:
        return Failure("ehlo", "relay", "no-command", "the client has sent no command")
    last = said.steps[-1]
    if last.reply is None and last.verb != "QUIT":
        return Failure(STAGE_OF_VERB.get(last.verb, "mail"), "relay", "no-reply", f"no reply to {last.verb} came")
    if over and [step.verb for step in said.steps] == ["EHLO"] and not offers(said.keywords, "STARTTLS"):
        return Failure("starttls", "relay", "not-offered", "the client left after an EHLO reply without STARTTLS")
    return None


def is_conclusive(said: Conversation, failed: Failure | None, over: bool) -> bool:
    """Whether the recording is conclusive: it ended, and nothing relevant was inside TLS."""
    if failed is NOT_REACHED or (failed and failed.reason == "not-offered"):
        return False
    return outcome_visible(said, failed) and (failed is not None or (over and not said.finished))


def unrecovered_refusal(said: Conversation) -> Failure | None:
    """The last rejected command that no later command of the same or a later stage recovered from."""
    refused: tuple[str, Reply] | None = None
    for step in said.steps:
        stage = STAGE_OF_VERB.get(step.verb, "")
        if stage in IN_ORDER and step.reply:
            if step.reply.reply_code >= 400:
                refused = stage, step.reply
            elif refused and IN_ORDER.index(stage) >= IN_ORDER.index(refused[0]):
                refused = None
    return reply_failure(*refused) if refused else None
