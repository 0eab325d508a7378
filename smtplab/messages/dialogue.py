"""What a dialogue in a log says by itself: the first command that was refused, another service, an upgrade that stalls.

A refusal's own words decide first, by the rows of `replies`, `starttls` and `logins`; the rows here know the command
that it answers and what the EHLO reply had listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from ..causes import Cause
from .context import Context
from .error_rule import ErrorRule, Span
from .patterns import LazyPattern

SURE, FIRST_REFUSAL = 8, 29  # ranks: of rows that no words of the same reply overrule, and of those that they do
_HELLO = "S: 220 mail.example.com ESMTP\nC: EHLO a.example.com\n"
_TLS = "S: 250-mail.example.com\nS: 250 STARTTLS\n"
_BARE = "S: 250-mail.example.com\nS: 250 SIZE 1000\n"
_CONNECTED = "=== Trying mail.example.com:{}...\n=== Connected to mail.example.com."
_MARKS = "any program that logs its dialogue: curl -v, swaks, PHPMailer, Net::SMTP, smtplib, nodemailer, MailKit, msmtp"


def _refused(cause: Cause, sure: bool = False) -> Callable[[Context], Span | None]:
    """A row's `place`: the first refusal, where it has that cause; `sure` for one that the EHLO reply foretold."""
    def place(context: Context) -> Span | None:
        found = context.transcript.refused if context.transcript else None
        return found[1] if found and found[0] is cause and (not sure or _foretold(context, cause)) else None
    return place


def _foretold(context: Context, cause: Cause) -> bool:
    """Whether the EHLO reply shows that the command could not be accepted."""
    keyword = "STARTTLS" if cause is Cause.STARTTLS_NOT_OFFERED else "AUTH"
    return context.transcript is not None and context.transcript.without(keyword)


def _other_service(context: Context) -> Span | None:
    return context.transcript.other_service if context.transcript else None


_LOGIN_WORDS = LazyPattern(r"authenticat\w*|\bauth\b|\blog ?in\b|password")


def _no_login_in_clear(context: Context) -> Span | None:
    """Where the client speaks of its login, after an EHLO reply in clear that lists STARTTLS and no AUTH."""
    said = context.transcript
    if not said or not said.keywords or any(step.verb == "AUTH" or step.inside for step in said.steps):
        return None
    if not said.without("AUTH") or said.without("STARTTLS"):
        return None
    ehlo = max(i for i, step in enumerate(said.steps) if step.verb == "EHLO" and step.reply)
    m = _LOGIN_WORDS.search(context.evidence, said.places[ehlo][1])
    return m.span() if m else None


def _stalled(context: Context) -> Span | None:
    said = context.transcript
    if not said or not said.upgrade_pending or said.tls_agreed:
        return None
    return said.places[len(said.steps) - 1]


_TIME_OUT = LazyPattern(r"time[ds]?[ -]?out\b|timeout\b|etimedout|resource temporarily")
_ENDED = LazyPattern(
    r"unexpected|\breset\b|\beof\b|end of file|econnreset|empty reply|by (?:foreign|remote|peer)|error")


def _upgrade_times_out(context: Context) -> Span | None:
    return _stalled(context) and _place(_TIME_OUT, context)


def _handshake_times_out(context: Context) -> Span | None:
    said = context.transcript
    begun = said and said.tls_after == "connect" and not said.tls_agreed and not said.greeting
    return _place(_TIME_OUT, context) if begun else None


def _place(words: LazyPattern, context: Context) -> Span | None:
    m = words.search(context.evidence)
    return m.span() if m else None


def _silence(where: Callable[[Context], object]) -> Callable[[Context], Span | None]:
    """A row's `place`: connected, and then nothing, for as long as the client waited; on such a port."""
    def place(context: Context) -> Span | None:
        said = context.transcript
        if not said or not said.silent or context.from_server or context.mode == "implicit" or not where(context):
            return None
        return _place(_TIME_OUT, context) or (None if _ENDED.search(context.evidence) else said.connected)
    return place


def _begun_unanswered(context: Context) -> Span | None:
    """Where s_client says that it connected, and nothing more, though it begins with TLS."""
    said = context.transcript
    if not said or not said.silent or not said.connected or context.mode != "implicit":
        return None
    by_s_client = context.text.startswith("CONNECTED(", said.connected[0])
    return said.connected if by_s_client and not _ENDED.search(context.evidence) else None


def _without_hello(context: Context) -> Span | None:
    """A refused STARTTLS that is the first command behind the greeting."""
    said = context.transcript
    if not said or not said.greeting or not said.steps or said.steps[0].verb != "STARTTLS":
        return None
    reply = said.steps[0].reply
    return said.places[0] if reply and reply.reply_code == 503 else None


def _one_late(context: Context) -> Span | None:
    """An EHLO that is answered by a greeting."""
    said = context.transcript
    at = [i for i, step in enumerate(said.steps) if step.verb in ("EHLO", "HELO") and step.reply
          and step.reply.reply_code == 220] if said else []
    return said.places[at[0]] if said and at else None


_OF_TLS = LazyPattern(r"handshake|\btls\b|\bssl\b", re.IGNORECASE)


def _typed_in_clear(context: Context) -> Span | None:
    """A command in clear right behind the yes to STARTTLS, which the server refuses for its handshake."""
    said = context.transcript
    for i, (step, after) in enumerate(pairwise(said.steps) if said else ()):
        if said and step.verb == "STARTTLS" and step.reply and step.reply.reply_code == 220 and after.reply and (
                after.verb != "EHLO" and after.reply.reply_code >= 500 and _OF_TLS.search(after.reply.text)):
            return said.places[i + 1]
    return None


def _went_well(context: Context) -> Span | None:
    said = context.transcript
    if not said or said.refused or not said.went_well:
        return None
    return next(said.places[i] for i, step in enumerate(said.steps) if step.verb in ("DATA", "BDAT") and step.reply)


def _row(name: str, rank: int, cause: Cause, likely: float, says: str, example: str, counterexample: str,
         place: Callable[[Context], Span | None], *others: Cause, mode: str | None = None) -> ErrorRule:
    return ErrorRule(name, rank, "", (cause, *others), says, example, counterexample, likely, stack=_MARKS,
                     source="RFC 5321 section 4.2; measured on loopback", mode=mode, place=place)


RULES = (
    _row("dialogue-other-service", SURE, Cause.SERVER_NOT_SMTP, 0.95,
         "What the server said first is the greeting of another service.",
         "S: * OK IMAP4rev1 ready\nC: EHLO a.example.com", "S: 220 mail.example.com ESMTP\nC: EHLO a.example.com",
         _other_service),
    _row("dialogue-starttls-not-listed", SURE, Cause.STARTTLS_NOT_OFFERED, 0.93,
         "The EHLO reply doesn't list STARTTLS, and the client asked for it all the same.",
         _HELLO + _BARE + "C: STARTTLS\nS: 454 4.7.0 TLS not available",
         _HELLO + _TLS + "C: STARTTLS\nS: 454 4.7.0 TLS not available",
         _refused(Cause.STARTTLS_NOT_OFFERED, sure=True)),
    _row("dialogue-auth-not-listed-in-clear", SURE, Cause.AUTH_NEEDS_TLS, 0.9,
         "The EHLO reply in clear lists STARTTLS and no AUTH: logins come after TLS.",
         _HELLO + _TLS + "C: AUTH PLAIN\nS: 503 5.5.1 no", _HELLO + _BARE + "C: AUTH PLAIN\nS: 503 5.5.1 no",
         _refused(Cause.AUTH_NEEDS_TLS, sure=True), Cause.AUTH_MECHANISM),
    _row("dialogue-starttls-without-ehlo", SURE, Cause.OTHER, 0.75,
         "STARTTLS was sent before EHLO: a server takes it only after that, whatever it offers.",
         "220 mail.example.com ESMTP\nSTARTTLS\n503 STARTTLS command used when not advertised",
         "220 mail.example.com ESMTP\nEHLO a.example.com\n250 SIZE\nSTARTTLS\n503 used when not advertised",
         _without_hello, Cause.STARTTLS_NOT_OFFERED),
    _row("dialogue-replies-one-late", SURE, Cause.OTHER, 0.75,
         "EHLO was answered by a greeting: the client speaks first, and takes each reply for the next command's.",
         "C: EHLO a.example.com\nS: 220 mail.example.com ESMTP", "S: 220 mail.example.com ESMTP\nC: EHLO a.example.com",
         _one_late, Cause.RELAY_OR_POLICY),
    _row("dialogue-typed-in-clear", SURE, Cause.OTHER, 0.8,
         "After the yes to STARTTLS the server expects a ClientHello, and a command in clear came: no tool that sends "
         "only what is typed gets further.",
         "STARTTLS\n220 2.0.0 Ready to start TLS\nAUTH LOGIN\n550 5.0.0 Handshake error",
         "STARTTLS\n220 2.0.0 Ready to start TLS\nEHLO a\n550 5.0.0 Handshake error",
         _typed_in_clear, Cause.AUTH_REJECTED),
    _row("dialogue-login-kept-back", 19, Cause.AUTH_NEEDS_TLS, 0.85,
         "The EHLO reply in clear lists STARTTLS and no AUTH, and the client sent no login.",
         _HELLO + _TLS + "C: QUIT\nCould not authenticate.", _HELLO + _BARE + "C: QUIT\nCould not authenticate.",
         _no_login_in_clear, Cause.AUTH_REJECTED),
    _row("dialogue-not-now", FIRST_REFUSAL, Cause.TEMPORARILY_UNAVAILABLE, 0.9,
         "The first refusal begins with 4: not now.", "S: 421 come back\nC: QUIT", "S: 554 go away\nC: QUIT",
         _refused(Cause.TEMPORARILY_UNAVAILABLE), Cause.RELAY_OR_POLICY),
    _row("dialogue-refused", FIRST_REFUSAL, Cause.RELAY_OR_POLICY, 0.85,
         "This is the first refusal; what follows it is a consequence.", "S: 554 go away\nC: QUIT",
         "S: 421 come back\nC: QUIT", _refused(Cause.RELAY_OR_POLICY), Cause.AUTH_REQUIRED),
    _row("dialogue-starttls-required", FIRST_REFUSAL, Cause.STARTTLS_REQUIRED, 0.9,
         "The first refusal is a 530 in clear, and the EHLO reply lists STARTTLS.",
         _HELLO + _TLS + "C: MAIL FROM:<a@example.com>\nS: 530 5.7.0 no",
         _HELLO + _BARE + "C: MAIL FROM:<a@example.com>\nS: 530 5.7.0 no",
         _refused(Cause.STARTTLS_REQUIRED), Cause.AUTH_REQUIRED),
    _row("dialogue-login-required", FIRST_REFUSAL, Cause.AUTH_REQUIRED, 0.85,
         "The first refusal is a 530 to a mail, and no login had been made.",
         _HELLO + _BARE + "C: MAIL FROM:<a@example.com>\nS: 530 5.7.0 no",
         _HELLO + _BARE + "C: MAIL FROM:<a@example.com>\nS: 550 5.7.0 no",
         _refused(Cause.AUTH_REQUIRED), Cause.RELAY_OR_POLICY),
    _row("dialogue-login-refused", FIRST_REFUSAL, Cause.AUTH_REJECTED, 0.9,
         "The first refusal is that of the login.",
         "C: AUTH PLAIN x\nS: 535 no", "C: MAIL FROM:<a@b.example>\nS: 535 no",
         _refused(Cause.AUTH_REJECTED), Cause.AUTH_MECHANISM),
    _row("dialogue-login-unknown", FIRST_REFUSAL, Cause.AUTH_MECHANISM, 0.85,
         "The server doesn't know this way to log in.", "C: AUTH XYZ\nS: 504 no", "C: AUTH XYZ\nS: 535 no",
         _refused(Cause.AUTH_MECHANISM), Cause.AUTH_REJECTED),
    _row("dialogue-starttls-refused", FIRST_REFUSAL, Cause.STARTTLS_NOT_OFFERED, 0.8,
         "The first refusal is that of STARTTLS.", "C: STARTTLS\nS: 502 no", "C: NOOP\nS: 502 no",
         _refused(Cause.STARTTLS_NOT_OFFERED), Cause.TEMPORARILY_UNAVAILABLE),
    _row("dialogue-upgrade-times-out", 59, Cause.HANDSHAKE_STALLED, 0.85,
         "The server was ready for TLS, and then the time was up.",
         _HELLO + _TLS + "C: STARTTLS\nS: 220 ready\ntimed out", _HELLO + _TLS + "C: STARTTLS\nS: 220 ready\nfailed",
         _upgrade_times_out, Cause.FILTERED_TIMEOUT),
    _row("dialogue-handshake-times-out", 59, Cause.OTHER, 0.6,
         "The connection was made, TLS was begun, and no byte came back: a silent server, or a path that drops data.",
         "* Connected to mail.example.com\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n* Connection timed out",
         "* Connected to mail.example.com\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n* Connection closed",
         _handshake_times_out, Cause.HANDSHAKE_STALLED, Cause.IMPLICIT_TO_PLAINTEXT, Cause.FILTERED_TIMEOUT),
    _row("dialogue-silence-on-465", 59, Cause.PLAINTEXT_TO_IMPLICIT, 0.75,
         "The connection was made, and nothing came: this port waits for a ClientHello, the client for a greeting.",
         _CONNECTED.format(465), _CONNECTED.format(587),
         _silence(lambda c: c.implicit_port), Cause.OTHER),
    _row("dialogue-silence-on-587", 92, Cause.FILTERED_TIMEOUT, 0.4,
         "The connection was made, and no greeting came: the path or the server holds it up.",
         _CONNECTED.format(587), _CONNECTED.format(465),
         _silence(lambda c: c.plaintext_port), Cause.OTHER, Cause.PLAINTEXT_TO_IMPLICIT),
    _row("dialogue-tls-unanswered", 92, Cause.OTHER, 0.5,
         "The connection was made, TLS was begun, and no byte came back: a silent server, or a path that drops data.",
         "openssl s_client -connect mail.example.com:587\nCONNECTED(00000003)",
         "openssl s_client -connect mail.example.com:587\nCONNECTED(00000003)\nunexpected eof",
         _begun_unanswered, Cause.HANDSHAKE_STALLED, Cause.FILTERED_TIMEOUT, mode="implicit"),
    _row("dialogue-silence", 92, Cause.PLAINTEXT_TO_IMPLICIT, 0.5,
         "The connection was made, and nothing came: so it is where a port waits for a ClientHello.",
         "=== Connected to mail.example.com.", _CONNECTED.format(587),
         _silence(lambda c: not c.implicit_port and not c.plaintext_port), Cause.OTHER, Cause.FILTERED_TIMEOUT),
    _row("dialogue-upgrade-stalls", 93, Cause.HANDSHAKE_STALLED, 0.55,
         "The server was ready for TLS, and the log ends there.",
         _HELLO + _TLS + "C: STARTTLS\nS: 220 ready",
         _HELLO + _TLS + "C: STARTTLS\nS: 220 ready\nC: EHLO a.example.com",
         _stalled, Cause.TLS_VERSION_OR_CIPHER, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA),
    _row("dialogue-went-well", 98, Cause.OK, 0.7,
         "The mail was accepted; the log shows no failure.",
         _HELLO + _BARE + "C: DATA\nS: 354 go on\nS: 250 queued", _HELLO + _BARE + "C: DATA\nS: 550 no",
         _went_well, Cause.OTHER),
)
