"""A trace's `Decision`: its cause and whether that is certain. Its `Diagnosis`, in words, is made in `words`.

Pure. A client's trace is judged by the stage at which it failed and what had come by then; a server's by
what it expected, what its visitor sent, and what it had to refuse.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from . import limits
from .causes import Cause
from .conversation import Conversation, Step
from .events import ENDS, Awaited, Failure, Mode, Stage, What, Who
from .records import HEADER_BYTES, is_client_hello, is_tls
from .smtp import masked, offers
from .trace_data import Decision, TraceData

SHORT_BYTES = limits.READ_RECORDS * HEADER_BYTES  # no shorter conversation is cut as it is read
REJECTED = "rejected"  # reason of a failure at the stage tls: the client ended it without a word
QUIET_S = 1.0  # a server that ends a connection after this long without a word probably gave up waiting

# (stage, pattern of the reply code, cause); the first that fits counts.
REPLIES = (
    ("*", "421", Cause.TEMPORARILY_UNAVAILABLE),
    (Stage.AUTH, "538", Cause.AUTH_NEEDS_TLS),
    (Stage.AUTH, "50[0-4]", Cause.AUTH_MECHANISM),
    (Stage.AUTH, "5..", Cause.AUTH_REJECTED),
    (Stage.STARTTLS, "5..", Cause.STARTTLS_NOT_OFFERED),
    ("*", "4..", Cause.TEMPORARILY_UNAVAILABLE),
    (Stage.QUIT, "...", Cause.OTHER),
    ("*", "5..", Cause.RELAY_OR_POLICY),
)
WANTS_LOGIN = re.compile(r"authenticat\w* (?:is )?required|requires? authenticat|must authenticate", re.IGNORECASE)
# What a client that gives up by itself says: (stage, reason) of its failure.
DECLARED: dict[tuple[str, str], Cause] = {
    (Stage.STARTTLS, "not-offered"): Cause.STARTTLS_NOT_OFFERED, (Stage.AUTH, "not-offered"): Cause.AUTH_MECHANISM,
    (Stage.AUTH, "needs-tls"): Cause.AUTH_NEEDS_TLS}
AnyTrace = TypeVar("AnyTrace", bound=TraceData)


def cause_of_reply(stage: str, reply_code: int, text: str = "", *, encrypted: bool, starttls_offered: bool) -> Cause:
    """What a refusing reply means at a stage. A 530 may ask for STARTTLS (RFC 3207 section 4) or for a login
    (RFC 4954 section 6): its text says which; where it doesn't, STARTTLS in the EHLO reply does. Exim and others ask
    for a login with 550 or 553, in words."""
    if reply_code == 530 and not encrypted:
        asks_login = re.search(r"authenticat|5\.7\.1\b", text, re.IGNORECASE)
        if "STARTTLS" in text.upper() or (starttls_offered and not asks_login):
            return Cause.STARTTLS_REQUIRED
    if stage == Stage.MAIL and (reply_code == 530 or (reply_code in (550, 553, 554) and WANTS_LOGIN.search(text))):
        return Cause.AUTH_REQUIRED
    return next((cause for where, code, cause in REPLIES
                 if where in ("*", stage) and re.fullmatch(code, str(reply_code))), Cause.OTHER)


def decide(trace: TraceData) -> Decision:
    """The cause of a trace and whether it is certain. The trace's own `cause` is ignored."""
    short = trace.bytes_received + trace.bytes_sent < SHORT_BYTES
    if short and trace.failure is None and trace.seen_from == Who.CLIENT:
        return Cause.OK, True  # the conversation need not be read for that
    conversation = trace.conversation
    cause, certain = _server(trace, conversation) if trace.seen_from == Who.SERVER else _client(trace, conversation)
    return cause, certain and not conversation.cut


def _client(trace: TraceData, conversation: Conversation) -> Decision:
    failure = trace.failure
    if failure is None:
        return Cause.OK, True
    stage = failure.stage
    if stage in (Stage.RESOLVE, Stage.CONNECT) and failure.reason in ("stopped", "loop"):
        return Cause.OTHER, failure.reason == "loop"
    if stage == Stage.RESOLVE:
        return Cause.DNS, True
    if stage == Stage.CONNECT:
        # Any other error is an answer too; it comes from whoever there is between, not from the port.
        refused, silence = failure.reason == "ECONNREFUSED", failure.reason in ("timeout", "ETIMEDOUT")
        return (Cause.REFUSED if refused else Cause.FILTERED_TIMEOUT), refused or silence
    if re.fullmatch("[0-9]+", failure.reason):
        cause = cause_of_reply(stage, int(failure.reason), failure.message,
                               encrypted=trace.tls is not None, starttls_offered=conversation.offered_starttls)
        # STARTTLS listed but refused: the cause fits, but is not certain.
        certain = cause is not Cause.STARTTLS_NOT_OFFERED or not conversation.offered_starttls
        return cause, certain and cause is not Cause.OTHER
    if stage == Stage.GREETING:
        return _greeting(trace, conversation)
    if stage == Stage.TLS:
        return _tls(trace, failure, conversation)
    if declared := DECLARED.get((stage, failure.reason)):
        edited = stage == Stage.STARTTLS and masked(conversation.keywords)
        return (Cause.MIDDLEBOX, False) if edited else (declared, True)
    return (Cause.SERVER_NOT_SMTP, True) if conversation.not_smtp else (Cause.OTHER, False)


def decided(trace: AnyTrace) -> AnyTrace:
    """The trace with its cause filled in."""
    cause, certain = decide(trace)
    return replace(trace, cause=cause, certain=certain, ok=cause is Cause.OK)


def _nothing_came(trace: TraceData) -> Decision:
    """The decision where a connection was made and no byte came from the server."""
    if trace.ending and trace.up_s < QUIET_S:
        return Cause.CLOSED_BEFORE_GREETING, True
    return (Cause.OTHER if trace.mode is Mode.IMPLICIT else Cause.PLAINTEXT_TO_IMPLICIT), False


def _greeting(trace: TraceData, conversation: Conversation) -> Decision:
    first = conversation.first[Who.SERVER]
    if trace.tls is None and not first:
        return _nothing_came(trace)
    if trace.tls is None and is_tls(first):
        return Cause.PLAINTEXT_TO_IMPLICIT, len(first) >= 3  # a record's type and version
    if conversation.not_smtp:
        return Cause.SERVER_NOT_SMTP, True
    spoke = any(event.what == What.INSIDE and event.who == Who.SERVER for event in trace.events)
    if trace.tls and not conversation.greeting and trace.ending and not spoke:
        return Cause.CLOSED_BEFORE_GREETING, True
    return Cause.OTHER, False


def _tls(trace: TraceData, failure: Failure, conversation: Conversation) -> Decision:
    if code := re.search(r"\((\d+)\)$", failure.reason):
        from .tls_refusals import verified  # here and below, as most handshakes succeed
        return verified(int(code[1]))
    upgraded = conversation.tls_after == "starttls"
    refused = next((s for s in conversation.steps
                    if s.verb == "STARTTLS" and s.reply and s.reply.reply_code >= 400), None)
    if upgraded and refused:  # s_client begins TLS even then
        return _refused(refused, conversation), True
    if not conversation.answer:
        if not upgraded:
            return _nothing_came(trace)
        return (Cause.TLS_VERSION_OR_CIPHER if trace.ending else Cause.HANDSHAKE_STALLED), False
    if not is_tls(conversation.answer):
        if upgraded or not _text(conversation.answer):
            return Cause.OTHER, False
        return Cause.IMPLICIT_TO_PLAINTEXT, len(conversation.answer) >= 4  # "220 "; less may yet be anything
    if Who.SERVER in conversation.not_tls:  # after its first record came something else
        return Cause.OTHER, False
    if failure.reason == REJECTED:
        from .tls_refusals import left
        return left(trace)
    if trace.waiting_for and not (trace.ending or conversation.alerts):
        return Cause.HANDSHAKE_STALLED, False
    from .tls_refusals import alerted
    return alerted(trace, conversation)


def _server(trace: TraceData, conversation: Conversation) -> Decision:
    expected = next((e.awaited for e in trace.events if e.awaited is not None), None)
    first = conversation.first[Who.CLIENT]
    if expected is None:  # a server that neither reads nor answers
        hung_up = any(e.what in ENDS for e in trace.events if e.who == Who.SERVER)
        return (Cause.CLOSED_BEFORE_GREETING, True) if hung_up and not trace.ending else (Cause.OTHER, False)
    if expected == Awaited.CLIENT_HELLO and not is_tls(first):
        return Cause.PLAINTEXT_TO_IMPLICIT, bool(first)
    if expected != Awaited.CLIENT_HELLO and conversation.tls_after == "connect":
        return Cause.IMPLICIT_TO_PLAINTEXT, is_client_hello(first)
    if trace.failure and trace.failure.stage == Stage.TLS:
        from .tls_refusals import alerted
        return alerted(trace, conversation)
    # A mail server greets before it waits.
    if conversation.not_smtp or not (conversation.first[Who.SERVER] or first):
        return Cause.SERVER_NOT_SMTP, bool(first)
    if conversation.client_left:
        from .tls_refusals import left
        return left(trace)
    return _dialogue(conversation)


def _dialogue(conversation: Conversation) -> Decision:
    refused: Decision | None = None
    for step in conversation.steps:
        stage = step.stage
        if stage is None or step.reply is None:
            continue
        if step.reply.reply_code < 400:
            if stage in (Stage.AUTH, Stage.MAIL) or (stage == Stage.EHLO and step.inside):
                refused = None
        elif refused is None:
            refused = _refused(step, conversation), True
    if refused:
        return refused
    if conversation.tls_after and not (conversation.finished or conversation.not_tls or conversation.alerts):
        return Cause.HANDSHAKE_STALLED, False
    if conversation.shows_outcome(None):
        return Cause.OK, True
    verbs = [step.verb for step in conversation.steps]
    if "QUIT" in verbs:
        return Cause.OK, conversation.finished
    if verbs == ["EHLO"] and not offers(conversation.keywords, "STARTTLS") and not conversation.finished:
        return Cause.STARTTLS_NOT_OFFERED, False
    return Cause.OTHER, False


def _refused(step: Step, conversation: Conversation) -> Cause:
    """What a refused command means; STARTTLS that was never offered is its own cause."""
    if step.stage == Stage.STARTTLS and not conversation.offered_starttls:
        return Cause.STARTTLS_NOT_OFFERED
    assert step.stage and step.reply  # it refuses a command of a stage
    return cause_of_reply(step.stage, step.reply.reply_code, step.reply.text, encrypted=step.inside,
                          starttls_offered=conversation.offered_starttls)


def _text(data: bytes) -> bool:
    """Whether bytes begin as a text protocol does: with five printable characters, or with a reply code."""
    return all(32 <= byte < 127 or byte in b"\r\n\t" for byte in data[:5]) or data[:3].isdigit()
