"""Hangs, closes and resets: what it means that nothing came, or that the other side went away.

A client that waits for a greeting in clear on a port that waits for a ClientHello waits for ever; the text then speaks
of a time-out or, if the server gives up first, of an end of file. The same words come from a silent, blocked or broken
server, so port and mode decide: rows of one family differ only in them. The words themselves are in `timeout_patterns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..causes import Cause
from .context import Context
from .error_rule import ErrorRule, When, Wording
from .patterns import LazyPattern, any_of
from .timeout_patterns import EMPTY, ENDED, EOF, GREETING, HANDSHAKE, READ, RESET, TLS_ENDED
from .tls_errors import after_starttls

HANG, CLOSED = Cause.PLAINTEXT_TO_IMPLICIT, Cause.CLOSED_BEFORE_GREETING
MISMATCH, FILTERED, POLICY = Cause.IMPLICIT_TO_PLAINTEXT, Cause.FILTERED_TIMEOUT, Cause.RELAY_OR_POLICY


def _clear(context: Context) -> bool:
    """Whether the mode may begin in clear."""
    return context.mode != "implicit"


# Not within TLS, whatever the settings say: System.Net.Mail has no implicit mode, Ruby's TLS no bare EOF.
_READS_CLEAR = LazyPattern(r"response: -1|system\.net\.mail|end of file reached|eoferror")


def _both_wait(context: Context) -> bool:
    """Whether a text in clear was awaited on a port where TLS comes first."""
    return context.implicit_port and (_clear(context) or _READS_CLEAR.search(context.low) is not None)


def _elsewhere(context: Context) -> bool:
    """Whether the port is unknown, or not one of mail's."""
    return not context.implicit_port and not context.plaintext_port


def _row(words: Wording, where: str, rank: int, causes: tuple[Cause, ...], likely: float, says: str, when: When,
         *, port: int | None = None, mode: str | None = None) -> ErrorRule:
    """A row with a wording's pattern and texts, named "WORDING-WHERE"."""
    return ErrorRule(f"{words.name}-{where}", rank, words.pattern, causes, says, words.example, words.counterexample,
                     likely, when, words.stack, words.source, port, mode)


def _silent(words: Wording, clear: bool) -> Iterator[ErrorRule]:
    """Rows for a wait; `clear`: such words prove that a text in clear was waited for, whatever the settings say."""
    yield _row(words, "on-465", 60, (HANG, Cause.OTHER), words.likely,
               "It waited for a greeting on a port where TLS comes first: both sides wait.",
               lambda c: c.implicit_port and (clear or _clear(c)), port=465, mode="starttls")
    yield _row(words, "in-implicit-mode", 61, (Cause.OTHER, MISMATCH, FILTERED), 0.6,
               "TLS was begun at once and no byte came back: a silent server, or a path that drops data.",
               lambda c: not _clear(c) and not (clear and c.implicit_port), mode="implicit")
    yield _row(words, "somewhere", 62, (HANG, Cause.OTHER, FILTERED), min(words.likely, 0.7),
               "It connected and waited for a greeting that never came: so does a client that speaks in clear to a TLS "
               "port, or one that meets a silent server.", lambda c: _elsewhere(c) and _clear(c))
    stalls = () if clear else (Cause.HANDSHAKE_STALLED,)  # some don't say at which step they waited
    yield _row(words, "on-587", 63, (FILTERED, *stalls, Cause.OTHER, HANG), 0.5,
               "The port greets in clear, yet nothing came: the path or the server holds it up.",
               lambda c: c.plaintext_port and _clear(c), port=587, mode="starttls")


def _ended(words: Wording) -> Iterator[ErrorRule]:
    """Rows for a conversation in clear that ended before it began."""
    yield _row(words, "on-465", 64, (HANG, CLOSED), 0.85,
               "A greeting in clear was awaited where TLS comes first, and the server gave up on a silent client.",
               _both_wait, port=465, mode="starttls")
    yield _row(words, "elsewhere", 66, (CLOSED, HANG, POLICY), 0.6, "The server hung up before it had greeted.",
               lambda c: c.mode and not _both_wait(c) or c.plaintext_port, mode="starttls")
    yield _row(words, "unknown-where", 67, (CLOSED, HANG, Cause.OTHER), 0.45,
               "The server hung up; port and mode aren't known.", lambda c: not c.mode and _elsewhere(c))


def _tls_ended(words: Wording) -> Iterator[ErrorRule]:
    """Rows for a connection that ended while TLS was being agreed on."""
    yield _row(words, "at-connect", 68, (CLOSED, Cause.TLS_VERSION_OR_CIPHER, MISMATCH), 0.7,
               "The server hung up on a ClientHello without a word.",
               lambda c: not c.from_server and not _agreed(c), mode="implicit")
    yield ErrorRule(
        f"{words.name}-after-starttls", 68, words.pattern,
        causes=(Cause.TLS_VERSION_OR_CIPHER, CLOSED), likely=0.6,
        says="The server had agreed to STARTTLS and hung up in the handshake.",
        example=f"after STARTTLS: {words.example}",
        counterexample=words.example,
        when=_agreed,
        stack=words.stack,
        source=words.source,
    )


def _agreed(context: Context) -> bool:
    """Whether the server had accepted STARTTLS; s_client begins TLS even if it had not."""
    return after_starttls(context) and "find starttls in" not in context.low


# smtplib's frames, Ruby's or another's; the command itself.
_LOGIN = LazyPattern(any_of(
    r"\bin [`']?(?:[\w.:#]{0,40}[.#])?(?:login|auth(?:_\w+|enticate)?|do_auth\w*)\b",
    r"\bAUTH (?:LOGIN|PLAIN)\b",
    r"command[:=] ?'?AUTH",
), re.IGNORECASE)


def _in_login(context: Context) -> bool:
    """Whether the text shows that the login was going on: in a dialogue, it is the last command, without a reply."""
    if context.transcript and (last := context.transcript.last):
        return last.verb == "AUTH" and last.reply is None
    return bool(_LOGIN.search(context.text))


# For wordings that no row knows: port and mode decide, once the words speak of a wait or an end.
_GENERAL = "RFC 8314 section 3.3: on 465 TLS comes first"
_WAIT = any_of(
    r"\bhang(?:s|ing)?\b",
    r"\bstuck\b",
    r"\btime[ds]?[ -]?out\b",
    r"timeout\b",
    r"\bno (?:answer|response|reply)\b",
    r"did(?:n't| not) (?:respond|answer|reply)",
)
_GIT = r"unable to initialize smtp properly[^\n]{0,80}\n?[^\n]{0,120}"
_END = any_of(
    r"\bEOF\b",
    r"disconnected",
    r"(?:connection|socket|stream|peer|server|host)\b[^\n]{0,30}\b(?:closed|hung up|lost|dropped)",
)

RULES = (
    ErrorRule(
        "closed-in-login", 60,
        r"connection unexpectedly closed|connection closed|end of file reached|\bEOF\b",
        causes=(Cause.AUTH_REJECTED, CLOSED), likely=0.75,
        says="The server hung up while the login was going on: some do so to refuse it.",
        example="smtplib.py, line 642, in auth_plain\nSMTPServerDisconnected: Connection unexpectedly closed",
        counterexample="smtplib.py, line 342, in connect\nSMTPServerDisconnected: Connection unexpectedly closed",
        when=_in_login,
        stack="Python smtplib, Ruby Net::SMTP, nodemailer",
        source="smtplib's frames: connect, login, auth",
    ),
    _row(EOF, "on-465", 64, (HANG, CLOSED), 0.85,
         "A greeting in clear was awaited where TLS comes first, and the server gave up on a silent client.",
         _both_wait, port=465, mode="starttls"),
    _row(EOF, "on-587", 65, (POLICY, CLOSED, Cause.OTHER), 0.45,
         "The server hung up on a port where it greets: relays do so to those they don't know.",
         lambda c: c.plaintext_port and _clear(c), port=587, mode="starttls"),
    _row(EOF, "in-a-mode", 66, (CLOSED, HANG, POLICY), 0.6, "The server hung up before it had greeted.",
         lambda c: c.mode and not (c.plaintext_port and _clear(c)) and not _both_wait(c), mode="starttls"),
    _row(EOF, "unknown-where", 67, (HANG, Cause.OTHER, CLOSED), 0.4, "The server hung up; port and mode aren't known.",
         lambda c: not c.mode and _elsewhere(c)),
    *(rule for words in GREETING for rule in _silent(words, True)),
    *(rule for words in READ for rule in _silent(words, False)),
    *(rule for words in ENDED for rule in _ended(words)), *(rule for words in TLS_ENDED for rule in _tls_ended(words)),
    ErrorRule(
        "old-timeout-on-465", 60, r"Timeout::Error|execution expired",
        causes=(HANG, FILTERED), likely=0.7,
        says="It waited for a greeting on a port where TLS comes first: both sides wait.",
        example="Timeout::Error: execution expired",
        counterexample="Net::OpenTimeout: execution expired (Failed to open TCP connection)",
        when=lambda c: c.implicit_port and _clear(c) and "OpenTimeout" not in c.text,
        port=465, mode="starttls",
        stack="Ruby 1.8 and 1.9",
        source="Ruby net/protocol.rb",
    ),
    _row(RESET, "on-465-in-clear", 70, (HANG, CLOSED, FILTERED), 0.55,
         "A client that begins in clear met a port where TLS comes first, and was cut off.",
         lambda c: not c.from_server and c.waits_for_each_other, port=465, mode="starttls"),
    _row(RESET, "on-465", 70, (CLOSED, HANG, FILTERED), 0.55,
         "The other side, or something between, cut the connection.",
         lambda c: not c.from_server and c.implicit_port and not c.mode, port=465),
    _row(RESET, "elsewhere", 70, (CLOSED, FILTERED, MISMATCH), 0.65,
         "The other side, or something between, cut the connection.",
         lambda c: not (c.from_server or c.implicit_port and _clear(c) or c.starttls_shown)),
    ErrorRule(
        "reset-after-starttls", 70, RESET.pattern,
        causes=(Cause.TLS_VERSION_OR_CIPHER, CLOSED, Cause.MIDDLEBOX), likely=0.55,
        says="The server had agreed to STARTTLS, and the connection was cut in the handshake.",
        example="after STARTTLS: read ECONNRESET",
        counterexample="read ECONNRESET",
        when=lambda c: c.starttls_shown and not c.from_server,
        stack=RESET.stack,
        source=RESET.source,
    ),
    _row(HANDSHAKE[0], "after-starttls", 71, (Cause.HANDSHAKE_STALLED, FILTERED), 0.75,
         "The server had agreed to STARTTLS, and its answer to the ClientHello did not come: large packets may be "
         "lost, or something between inspects TLS.", _agreed, port=587, mode="starttls"),
    *(_row(words, "in-handshake", 72, (Cause.OTHER, Cause.HANDSHAKE_STALLED, MISMATCH, FILTERED), 0.6,
           "TLS was begun and no byte came back: a silent server, or a path that drops data.",
           lambda c: c.mode != "plain", mode="implicit") for words in HANDSHAKE),
    ErrorRule(
        "empty-reply-in-implicit-mode", 64, EMPTY,
        causes=(MISMATCH, CLOSED), likely=0.7,
        says="The reply was empty because TLS was begun where the server speaks first, in clear; SwiftMailer and "
             "Symfony don't say so.",
        example="Expected response code(s) [220] but got response []",
        counterexample='Expected response code 250 but got code "535"',
        when=lambda c: c.mode == "implicit" and not c.implicit_port,
        port=587, mode="implicit",
        stack="SwiftMailer, Symfony Mailer",
        source="Symfony SmtpTransport",
    ),
    ErrorRule(
        "empty-reply-on-465", 64, EMPTY,
        causes=(HANG, CLOSED), likely=0.8,
        says="The greeting never came: this port waits for a ClientHello first.",
        example='Expected response code "220" but got an empty response.',
        counterexample='Expected response code "250" but got code "530"',
        when=lambda c: c.implicit_port and _clear(c),
        port=465, mode="plain",
        stack="SwiftMailer, Symfony Mailer",
        source="Symfony SmtpTransport",
    ),
    ErrorRule(
        "empty-reply-elsewhere", 64, EMPTY,
        causes=(FILTERED, CLOSED, HANG), likely=0.45,
        says="No greeting came: the path or the server holds it up.",
        example='Expected response code "220" but got an empty response.',
        counterexample='Expected response code "250" but got code "530"',
        when=lambda c: not (c.mode == "implicit" and not c.implicit_port) and not (c.implicit_port and _clear(c)),
        port=587,
        stack="SwiftMailer, Symfony Mailer",
        source="Symfony SmtpTransport",
    ),
    ErrorRule(
        "erlang-timeout-on-465", 62, r"\{:?error,\s?:?timeout\}",
        causes=(HANG, Cause.OTHER), likely=0.8,
        says="It waited for a greeting on a port where TLS comes first: both sides wait.",
        example="{error,timeout}",
        counterexample="{error,closed}",
        when=lambda c: c.waits_for_each_other,
        port=465, mode="starttls",
        stack="gen_smtp, Swoosh",
        source="gen_smtp gen_smtp_client.erl",
    ),
    ErrorRule(
        "git-waits-in-clear", 60, _GIT + r"encryption=(?:tls)?\s[^\n]{0,200}\bport=465\b",
        causes=(HANG, FILTERED), likely=0.7,
        says="git names its settings: it begins in clear, on a port where TLS comes first.",
        example="Unable to initialize SMTP properly. VALUES: server=mail.example.com encryption=tls hello=a port=465",
        counterexample="Unable to initialize SMTP properly. VALUES: server=mail.example.com encryption=ssl hello=a "
                       "port=465",
        stack="git send-email",
        source="git git-send-email.perl",
    ),
    ErrorRule(
        "git-begins-tls", 60, _GIT + r"encryption=ssl\s[^\n]{0,200}\bport=(?:25|587|2525)\b",
        causes=(MISMATCH, FILTERED), likely=0.7,
        says="git names its settings: it begins TLS at once, on a port where the server speaks first, in clear.",
        example="Unable to initialize SMTP properly. VALUES: server=mail.example.com encryption=ssl hello=a port=587",
        counterexample="Unable to initialize SMTP properly. VALUES: server=mail.example.com encryption=tls hello=a "
                       "port=587",
        stack="git send-email",
        source="git git-send-email.perl",
    ),
    ErrorRule(
        "postfix-wrappermode", 60,
        r"wrappermode[^\n]{0,60}(?:unimplemented|try a)|port submission/587\) with STARTTLS",
        causes=(HANG, Cause.OTHER), likely=0.93,
        says="Postfix itself says that this port begins with TLS and that it was set to begin in clear.",
        example="CLIENT wrappermode (port smtps/465) is unimplemented",
        counterexample="smtpd wrappermode is on",
        stack="Postfix 2 and 3.0",
        source="Postfix src/smtp/smtp_connect.c",
    ),
    ErrorRule(
        "nothing-behind-tls", 73,
        r"could not handle SMTP server response|connected, wait(?:ing)? for (?:the )?response",
        causes=(Cause.OTHER, HANG, CLOSED), likely=0.5,
        says="The connection stood and no reply came that this library could read.",
        example="Error, could not handle SMTP server response",
        counterexample="SMTP server response: 250",
        stack="ESP Mail Client for Arduino",
        source="ESP Mail Client error list",
    ),
    ErrorRule(
        "handshake-failed-in-k9", 92, r"CertificateValidationException: Handshake failed",
        causes=(MISMATCH, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA), likely=0.6,
        says="K-9 calls every failed handshake a matter of certificates; without a certificate error below it, it is "
             "the port.",
        example="CertificateValidationException: Handshake failed",
        counterexample="CertificateValidationException: hostname",
        port=587, mode="implicit",
        stack="K-9 Mail, Android",
        source="K-9 Mail CertificateValidationException.java",
    ),
    ErrorRule(
        "any-wait-on-465", 94, _WAIT,
        causes=(HANG, FILTERED), likely=0.6,
        says="It waited on a port where TLS comes first, in a mode that begins in clear: both sides wait.",
        example="mailer: no answer, timed out",
        counterexample="mailer: answered in time",
        when=lambda c: c.waits_for_each_other and not c.from_server,
        port=465, mode="starttls",
        stack="any program",
        source=_GENERAL,
    ),
    ErrorRule(
        "any-wait", 95, _WAIT,
        causes=(FILTERED, HANG, Cause.OTHER), likely=0.45,
        says="Something didn't answer in time; the text doesn't say what.",
        example="mailer: no answer, timed out",
        counterexample="mailer: answered in time",
        when=lambda c: not c.waits_for_each_other and not c.from_server,
        stack="any program",
        source=_GENERAL,
    ),
    ErrorRule(
        "any-end-on-465", 94, _END,
        causes=(HANG, CLOSED), likely=0.6,
        says="The server hung up on a port where TLS comes first, in a mode that begins in clear.",
        example="mailer: the connection was closed",
        counterexample="mailer: the file was closed",
        when=lambda c: c.waits_for_each_other and not c.from_server,
        port=465, mode="starttls",
        stack="any program",
        source=_GENERAL,
    ),
    ErrorRule(
        "any-handshake-on-587", 94,
        any_of(
            r"(?:TLS|SSL|handshake)\b[^\n]{0,60}\b(?:fail|error|abort|could not|unexpected)\w{0,4}",
            r"(?:fail|error|abort|could not)[^\n]{0,40}\b(?:TLS|SSL|handshake)\b",
        ),
        causes=(MISMATCH, Cause.TLS_VERSION_OR_CIPHER, CLOSED), likely=0.55,
        says="TLS was begun at once on a port where the server speaks first, in clear; the words don't say more.",
        example="mailer: TLS handshake failed",
        counterexample="mailer: TLS handshake complete",
        when=lambda c: c.tls_where_text_is_due,
        port=587, mode="implicit",
        stack="any program",
        source=_GENERAL,
    ),
    ErrorRule(
        "any-handshake-elsewhere", 96,
        r"(?:TLS|SSL|handshake)\b[^\n]{0,60}\b(?:fail|abort|could not)\w{0,4}|"
        r"perform(?:ing)? the SSL/TLS handshake[^\n]{0,20}\n[^\n]{0,40}\berror\b",
        causes=(Cause.TLS_VERSION_OR_CIPHER, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, CLOSED, MISMATCH), likely=0.4,
        says="A handshake failed, and the words don't say why.",
        example="mailer: TLS handshake failed",
        counterexample="mailer: TLS handshake complete",
        when=lambda c: not c.tls_where_text_is_due and not c.waits_for_each_other,
        stack="any program",
        source=_GENERAL,
    ),
    ErrorRule(
        "mail-not-sent", 97,
        any_of(
            r"could not send (?:the )?(?:mail|message)",
            r"message not sent",
            r"message could not be sent",
            r"failure sending mail",
        ),
        causes=(Cause.OTHER, CLOSED, FILTERED), likely=0.3,
        says="A wrapper that keeps the cause to itself.",
        example="msmtp: could not send mail",
        counterexample="mail sent",
        stack="msmtp, mutt, s-nail, .NET",
        source="measured on loopback",
    ),
)
