"""From a trace to its cause, decided by bytes and stage.

Pure: `decide` names the cause and says whether it is certain; `words` explains it. A client's trace
is judged by the stage at which it failed and what had come by then; a server's by what it expected,
what its visitor sent, and what it had to refuse.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from .causes import Cause
from .conversation import Conversation, Step
from .events import ENDS, Failure, Mode, What, Who
from .records import is_client_hello, is_tls
from .smtp import Reply, offers
from .trace_data import TraceData

QUIET_S = 1.0  # an end after this much silence looks like a server that gave up waiting

# X.509 verification codes (x509_vfy.h), the numbers of which do not change between releases.
VERIFY_CODES = {2: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, 18: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                19: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, 20: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                21: Cause.CERT_CHAIN_INCOMPLETE, 9: Cause.CERT_EXPIRED, 10: Cause.CERT_EXPIRED,
                62: Cause.CERT_HOSTNAME, 64: Cause.CERT_HOSTNAME}
# What an alert tells (RFC 8446 section 6.2).
ALERTS = {40: Cause.TLS_VERSION_OR_CIPHER, 70: Cause.TLS_VERSION_OR_CIPHER, 71: Cause.TLS_VERSION_OR_CIPHER,
          86: Cause.TLS_VERSION_OR_CIPHER, 48: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
          45: Cause.CERT_EXPIRED, 42: Cause.CERT_HOSTNAME, 112: Cause.CERT_HOSTNAME}
# handshake_failure says nothing more; bad_certificate is how OpenSSL words a wrong name, and much else.
VAGUE_ALERTS = {40, 42, 112}
# (stage, pattern of the reply code, cause); the first that fits counts.
REPLIES = (
    ("*", "421", Cause.TEMPORARILY_UNAVAILABLE),
    ("auth", "538", Cause.AUTH_NEEDS_TLS),
    ("auth", "50[0-4]", Cause.AUTH_MECHANISM),
    ("auth", "5..", Cause.AUTH_REJECTED),
    ("starttls", "5..", Cause.STARTTLS_NOT_OFFERED),
    ("*", "4..", Cause.TEMPORARILY_UNAVAILABLE),
    ("quit", "...", Cause.OTHER),
    ("*", "5..", Cause.RELAY_OR_POLICY),
)
Decision = tuple[Cause, bool]
Seen = TypeVar("Seen", bound=TraceData)
STAGE_OF_VERB = {"EHLO": "ehlo", "HELO": "ehlo", "STARTTLS": "starttls", "AUTH": "auth", "MAIL": "mail",
                 "RCPT": "mail", "DATA": "mail", "BDAT": "mail", "QUIT": "quit"}


def reply_failure(stage: str, reply: Reply) -> Failure:
    """The failure that a refusing reply is: the reply code is the reason, the words are the server's."""
    return Failure(stage, "server", str(reply.reply_code), reply.text)


def cause_of_reply(stage: str, reply_code: int, text: str = "", *, encrypted: bool, starttls_offered: bool) -> Cause:
    """What a refusing reply means at a stage. A 530 may ask for STARTTLS (RFC 3207 section 4) or for a login
    (RFC 4954 section 6): its text says which; where it doesn't, STARTTLS in the EHLO reply does."""
    if reply_code == 530 and not encrypted:
        asks_login = re.search(r"authenticat|5\.7\.1\b", text, re.IGNORECASE)
        if "STARTTLS" in text.upper() or (starttls_offered and not asks_login):
            return Cause.STARTTLS_REQUIRED
    return next((cause for where, code, cause in REPLIES
                 if where in ("*", stage) and re.fullmatch(code, str(reply_code))), Cause.OTHER)


def outcome_visible(said: Conversation, failed: Failure | None) -> bool:
    """Whether what two peers said tells somebody between them what came of it for the client.

    A mail that was taken does, also without a QUIT (Nodemailer leaves so), and so does a QUIT after a login or a
    sender. A QUIT after EHLO alone, or after a refused STARTTLS, may be a client's that has what it came for, or
    one's that gives up."""
    verbs = [step.verb for step in said.steps]
    if failed:
        return failed.stage != "starttls" or not said.offered_starttls or verbs[-1] != "QUIT"
    taken = {step.verb for step in said.steps if step.reply and step.reply.reply_code < 400}
    return bool(taken & {"DATA", "BDAT"} or ("QUIT" in verbs and taken & {"AUTH", "MAIL"}))


def decide(trace: TraceData) -> Decision:
    """The cause of a trace and whether it is certain; the trace's own `cause` is not looked at."""
    said = trace.conversation
    cause, certain = _server(trace, said) if trace.seen_from == Who.SERVER else _client(trace, said)
    return cause, certain and not said.cut


def _client(trace: TraceData, said: Conversation) -> Decision:
    failure = trace.failure
    if failure is None:
        return Cause.OK, True
    stage = failure.stage
    if stage in ("resolve", "connect") and failure.reason in ("stopped", "loop"):
        return Cause.OTHER, failure.reason == "loop"
    if stage == "resolve":
        return Cause.DNS, True
    if stage == "connect":
        return (Cause.REFUSED if failure.reason == "ECONNREFUSED" else Cause.FILTERED_TIMEOUT), True
    if re.fullmatch("[0-9]+", failure.reason):
        cause = cause_of_reply(stage, int(failure.reason), failure.message,
                               encrypted=trace.tls is not None, starttls_offered=said.offered_starttls)
        # STARTTLS that was listed, and is refused for good, is only much like one that was not offered.
        return cause, cause is not Cause.OTHER and not (cause is Cause.STARTTLS_NOT_OFFERED and said.offered_starttls)
    return {"greeting": _greeting, "tls": _tls, "starttls": _starttls, "auth": _auth}.get(
        stage, _later)(trace, failure, said)


def decided(trace: Seen) -> Seen:
    """The trace with its cause filled in."""
    cause, certain = decide(trace)
    return replace(trace, cause=cause, certain=certain, ok=cause is Cause.OK)


def confirm(trace: Seen, server: TraceData | None) -> Seen:
    """The client's trace, made certain where the server's own trace shows what the client can't see."""
    waits = server is not None and server.waiting_for == "client-hello"
    if waits and trace.cause is Cause.PLAINTEXT_TO_IMPLICIT:
        return replace(trace, certain=True)
    return trace


def _nothing_came(trace: TraceData) -> Decision:
    """Connected, and no byte from the server."""
    hang = (Cause.OTHER if trace.mode is Mode.IMPLICIT else Cause.PLAINTEXT_TO_IMPLICIT), False
    ended = trace.ending
    if ended is None or trace.quiet_s >= QUIET_S:
        return hang
    return Cause.CLOSED_BEFORE_GREETING, True


def _greeting(trace: TraceData, failure: Failure, said: Conversation) -> Decision:
    first = said.first[Who.SERVER]
    if trace.tls is None and not first:
        return _nothing_came(trace)
    if trace.tls is None and is_tls(first):
        return Cause.PLAINTEXT_TO_IMPLICIT, len(first) >= 3
    if said.not_smtp:
        return Cause.SERVER_NOT_SMTP, True
    if trace.tls and not said.greeting and trace.ending and not _inside(trace, Who.SERVER):
        return Cause.CLOSED_BEFORE_GREETING, True
    return Cause.OTHER, False


def _tls(trace: TraceData, failure: Failure, said: Conversation) -> Decision:
    code = re.search(r"\((\d+)\)$", failure.reason)
    if code:
        return VERIFY_CODES.get(int(code[1]), Cause.OTHER), True
    upgraded = said.tls_after == "starttls"
    refused = next((s for s in said.steps if s.verb == "STARTTLS" and s.reply and s.reply.reply_code >= 400), None)
    if upgraded and refused:  # s_client goes on all the same
        return _refused(refused, said), True
    if not said.answer:
        if not upgraded:
            return _nothing_came(trace)
        return (Cause.TLS_VERSION_OR_CIPHER if trace.ending else Cause.OTHER), False
    if not is_tls(said.answer):
        if upgraded:  # 220 was said, and no TLS came
            return Cause.OTHER, False
        return (Cause.IMPLICIT_TO_PLAINTEXT, len(said.answer) >= 4) if _text(said.answer) else (Cause.OTHER, False)
    if Who.SERVER in said.not_tls:  # what came after its first record was none
        return Cause.OTHER, False
    return _alerted(said, [(who, alert.number) for who, alert in said.alerts])


def _alerted(said: Conversation, alerts: list[tuple[Who, int]]) -> Decision:
    """What the alerts tell; without one, an old version that was agreed is the likely reason.

    Only a client's complaint about a certificate is about the server's."""
    for who, number in alerts:
        if number in ALERTS:
            sure = who == Who.CLIENT or ALERTS[number] is Cause.TLS_VERSION_OR_CIPHER
            return ALERTS[number], sure and number not in VAGUE_ALERTS
    return (Cause.TLS_VERSION_OR_CIPHER if (said.hello_version or 0x0303) < 0x0303 else Cause.OTHER), False


def _starttls(trace: TraceData, failure: Failure, said: Conversation) -> Decision:
    if failure.reason != "not-offered":
        return _later(trace, failure, said)
    if masked(said.keywords):
        return Cause.MIDDLEBOX, False
    return Cause.STARTTLS_NOT_OFFERED, True


def _auth(trace: TraceData, failure: Failure, said: Conversation) -> Decision:
    named = {"needs-tls": Cause.AUTH_NEEDS_TLS, "not-offered": Cause.AUTH_MECHANISM}
    return (named[failure.reason], True) if failure.reason in named else _later(trace, failure, said)


def _later(trace: TraceData, failure: Failure, said: Conversation) -> Decision:
    return (Cause.SERVER_NOT_SMTP, True) if said.not_smtp else (Cause.OTHER, False)


def _server(trace: TraceData, said: Conversation) -> Decision:
    expected = next((e.note for e in trace.events if e.what == What.WAITING), None)
    first = said.first[Who.CLIENT]
    if expected is None:  # a server that neither reads nor answers
        hung_up = any(e.what in ENDS for e in trace.events if e.who == Who.SERVER)
        return (Cause.CLOSED_BEFORE_GREETING, True) if hung_up and not trace.ending else (Cause.OTHER, False)
    if expected == "client-hello" and not is_tls(first):
        return Cause.PLAINTEXT_TO_IMPLICIT, bool(first)
    if expected != "client-hello" and said.tls_after == "connect":
        return Cause.IMPLICIT_TO_PLAINTEXT, is_client_hello(first)
    if trace.failure and trace.failure.stage == "tls":
        return _tls_seen_by_server(trace, said)
    if said.not_smtp or not (said.first[Who.SERVER] or first):  # a mail server has greeted before it waits
        return Cause.SERVER_NOT_SMTP, bool(first)
    return _dialogue(said)


def _tls_seen_by_server(trace: TraceData, said: Conversation) -> Decision:
    # An alert within TLS 1.3 is encrypted on the wire; the TLS library reports it all the same.
    reports = [event.report for event in trace.events if event.report]
    reported = [(Who.SERVER if report.wrote else Who.CLIENT, report.data[1]) for report in reports
                if report.kind == "alert"]
    return _alerted(said, [(who, alert.number) for who, alert in said.alerts] + reported)


def _dialogue(said: Conversation) -> Decision:
    refused: Decision | None = None
    for step in said.steps:
        stage = STAGE_OF_VERB.get(step.verb)
        if stage is None or step.reply is None:
            continue
        if step.reply.reply_code < 400:
            refused = None if stage in ("auth", "mail") or (stage == "ehlo" and step.inside) else refused
        elif refused is None:
            refused = _refused(step, said), True
    if refused:
        return refused
    if outcome_visible(said, None):
        return Cause.OK, True
    verbs = [step.verb for step in said.steps]
    if "QUIT" in verbs:
        return Cause.OK, said.finished
    if verbs == ["EHLO"] and not offers(said.keywords, "STARTTLS") and not said.finished:
        return Cause.STARTTLS_NOT_OFFERED, False
    return Cause.OTHER, False


def _refused(step: Step, said: Conversation) -> Cause:
    """What a refused command means; STARTTLS that was never offered is its own cause."""
    stage = STAGE_OF_VERB[step.verb]
    if stage == "starttls" and not said.offered_starttls:
        return Cause.STARTTLS_NOT_OFFERED
    assert step.reply  # it refuses
    return cause_of_reply(stage, step.reply.reply_code, step.reply.text, encrypted=step.inside,
                          starttls_offered=said.offered_starttls)


def masked(keywords: tuple[str, ...]) -> bool:
    """Whether a keyword was overwritten on the way, as Cisco's mail inspection does ("XXXXXXXA")."""
    return any(re.fullmatch(r"X{4,}[A-Z]?", line.split()[0].upper()) for line in keywords)


def _text(data: bytes) -> bool:
    """Whether bytes are what a text protocol begins with; a reply may go on with anything."""
    return all(32 <= byte < 127 or byte in b"\r\n\t" for byte in data[:5]) or data[:3].isdigit()


def _inside(trace: TraceData, who: Who) -> bool:
    return any(e.what == What.INSIDE and e.who == who for e in trace.events)
