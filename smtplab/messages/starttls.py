"""STARTTLS: not offered, refused, asked for twice, or required; in the server's words and in each client's."""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .error_rule import ErrorRule
from .patterns import any_of, group
from .replies import reply

NOT_OFFERED, STARTTLS_REQUIRED = Cause.STARTTLS_NOT_OFFERED, Cause.STARTTLS_REQUIRED
TEMPORARY = Cause.TEMPORARILY_UNAVAILABLE
_TLS = group(
    r"START.?TLS",
    r"TLS(?![ v]{0,2}1)",
    r"secure connections?",
    r"SSL(?!v?\d)",
    r"encrypt(?:ion|ed)(?: connections?)?(?! (?:types?|passwords?|methods?))",
)
_NO = r"does(?:n't|n’t| not)|do(?:n't| not)|did(?:n't| not)|not"


def _no_login_in_it(context: Context) -> bool:
    """Whether this is not about the login, as "does not support AUTH without TLS" is."""
    return not re.search(r"unencrypted connection|support (?:smtp )?auth", context.low)


RULES = (
    ErrorRule(
        "starttls-inside-tls", 14,
        any_of(
            r"not permitted when TLS active",
            (r"(?:TLS|STARTTLS|SSL)[^\n]{0,30}already "
             r"(?:active|in (?:use|progress)|started|established|running|negotiated|on\b)"),
            r"already (?:in|using|running|under) (?:a )?(?:TLS|SSL)",
            r"bad sequence[^\n]{0,20}STARTTLS",
        ),
        causes=(NOT_OFFERED,), likely=0.9,
        says="STARTTLS was asked for inside a connection that TLS protects already.",
        example="454 Command not permitted when TLS active",
        counterexample="454 TLS not available due to temporary reason",
        stack="Exchange, Postfix (503 5.5.1 TLS already active), Exim, OpenSMTPD",
    ),
    ErrorRule(
        "starttls-unknown-command", 14,
        any_of(
            reply("50[0-4]|55[04]") + r"[^\n]{1,80}(?<!250[ -])STARTTLS",
            (r"STARTTLS (?:command )?(?:used when|is |was )?not "
             r"(?:advertised|recogni[sz]ed|implemented|allowed|permitted|understood)"),
            r"STARTTLS\b[^\n]{0,40}(?::|->|failed|rejected|not accepted|error)[^\n]{0,20}\b50[0-4][ -]",
            (r"\bSTARTTLS\s{0,3}\\?r?\\?n?[\"']?\s{0,3}"
             r"(?:<[-* ]{0,4}|S: ?|reply: b?[\"']|SERVER -> CLIENT: )?\b50[0-3][ -]"),
        ),
        causes=(NOT_OFFERED,), likely=0.9,
        says="The server does not know the STARTTLS command, or not here.",
        example="Error upgrading connection with STARTTLS: 502 5.5.1 command not implemented",
        counterexample="Error upgrading connection: 220 go ahead",
        when=lambda c: not re.search(r"must issue|required|first\b", c.low),
        stack="Postfix 502, Exim 503, Exchange 500, Sendmail 500",
    ),
    ErrorRule(
        "tls-not-available-now", 15,
        any_of(
            r"\b454\b[^\n]{0,40}(?:TLS|SSL|certificate)",
            r"TLS (?:is )?(?:currently |temporarily )?(?:not |un)available[^\n]{0,8}due to",
            r"(?:TLS|STARTTLS) denied[^\n]{0,10}\b454\b",
            r"TLS (?:currently|temporarily) unavailable",
            r"cannot (?:get|load) (?:\w{1,8} )?(?:certificate|private key)[^\n]{0,80}",
            r"disabling TLS support",
            r"\b454\s{1,3}\\?[\"']?4\.(?:3|7)\.0\b(?![^\n]{0,80}(?:relay|authenti|login))",
        ),
        causes=(TEMPORARY,), likely=0.93,
        says="The server offers STARTTLS and can't set TLS up: its key or certificate can't be loaded.",
        example="454 4.7.0 TLS not available due to temporary reason",
        counterexample="454 4.7.1 <a@example.com>: Relay access denied",
        stack="Postfix 454 4.7.0, Exim `454 TLS currently unavailable`, Exchange `454 4.7.0 TLS not available`",
    ),
    ErrorRule(
        "must-issue-starttls", 16,
        any_of(
            # Postfix, Gmail, qmail; Exchange, Exim
            r"must (?:first )?(?:issue|use|send|do) (?:a |an |the )?(?:STARTTLS|SSL|TLS)",
            group(
                r"STARTTLS",
                r"session encryption",
                r"TLS(?: encrypt\w+(?: session)?)?",
                r"encryption",
                r"encrypted session",
                r"secure connection",
                r"SSL",
            ) + (r" (?:is |command )?(?:required|needed|necessary)(?! but| by client|, but| extension)"
                 r"(?! for (?:requested )?auth)"
                 r"(?![^\n]{0,60}(?:not (?:offer|support|advertis)|does(?:n't| not)))"),
            # curl and others
            r"STARTTLS (?:command )?first\b",
            (r"\b(?:530|451|550|554)\b[^\n]{0,30}"
             r"(?:requires? (?:STARTTLS|TLS|encryption|a secure)|5\.7\.[03] STARTTLS)"),
            r"issue (?:a )?STARTTLS command",
            r"please (?:use|issue) STARTTLS",
            r"only (?:accept\w*|allow\w*) (?:TLS|encrypted|secure)",
        ),
        causes=(STARTTLS_REQUIRED,), likely=0.95,
        says="The server does nothing more before STARTTLS.",
        example="530 5.7.0 Please issue a STARTTLS command before anything else",
        counterexample="530 5.7.0 Authentication required",
        stack="Postfix and Gmail `530 5.7.0 Must issue a STARTTLS command first`, Exchange `451 5.7.3 STARTTLS is "
              "required to send mail`, Exim `550 ... encrypted session required`, qmail `530 Must issue a STARTTLS`",
    ),
    ErrorRule(
        "starttls-not-offered", 25,
        any_of(
            (rf"(?:{_NO}) (?:seem to )?(?:support|advertis|offer|announc|provid|have|list)\w{{0,5}}"
             rf"(?: the| for| any| a| an)?(?: \w{{1,12}})? ?{_TLS}(?![^\n]{{0,20}}(?:version|cipher))"),
            rf"\b{_TLS}(?: extension| support| command| connection security| upgrade)?(?: is| was| are|:)? ?" + group(
                r"not (?:be )?" + group(
                    r"supported",
                    r"advertised",
                    r"offered",
                    r"available",
                    r"accepted",
                    r"possible",
                    r"enabled",
                    r"implemented",
                    r"announced",
                ),
                r"unsupported",
                r"unavailable",
                r"denied",
            ) + r"(?! due)",
            (rf"{_TLS} (?:is |session is )?(?:required|mandatory|configured as mandatory|requested)"
             r"(?: by client)?,? ?(?:but|and)[^\n]{0,60}?(?:not|n't|neither)"),
        ),
        causes=(NOT_OFFERED,), likely=0.92,
        says="The client insists on STARTTLS, and the EHLO reply doesn't list it.",
        example="go: STARTTLS is mandatory but the server doesn't support it",
        counterexample="the server doesn't support TLS 1.3",
        when=lambda c: _no_login_in_it(c) and not re.search(r"denied, code 454|port which does not support", c.low),
        stack="smtplib, aiosmtplib, Net::SMTP of Ruby, JavaMail, go-mail, MailKit, swaks, msmtp, sendEmail, Mono, "
              "Postfix, Exim, lettre",
    ),
    ErrorRule(
        "starttls-no-encryption-type", 25, r"does not support the connection encryption type",
        causes=(NOT_OFFERED,), likely=0.6,
        says="Outlook was set to STARTTLS, connected in clear, and the EHLO reply doesn't list it.",
        example="Your server does not support the connection encryption type you have specified.",
        counterexample="Your server does not support the attachment type you have specified.",
        when=lambda c: c.mode == "starttls" and not c.implicit_port,
        port=25, mode="starttls",
        stack="Outlook 2007 and later",
        source="Outlook's words for every fault of TLS",
    ),
    ErrorRule(
        "starttls-not-in-the-reply", 25, r"did(?:n't|n’t| not) f(?:ou|i)nd STARTTLS",
        causes=(NOT_OFFERED,), likely=0.93,
        says="s_client saw no STARTTLS in the EHLO reply and went on all the same.",
        example="Didn't find STARTTLS in server response, trying anyway...",
        counterexample="Didn't find a certificate in the file",
        when=lambda c: not re.search(r"unexpected eof|write:errno|errno=(?:32|104)", c.low),
        stack="openssl s_client: `didn't found` in 1.0, `Didn't find` since 1.1.0",
    ),
    ErrorRule(
        "starttls-missing-in-code-words", 25,
        any_of(
            # gen_smtp; words of clients
            r"missing_requirement,(?:[^\n]{0,60}, ?)?\s?:?'?tls\b",
            r"using STARTTLS since it doesn",
            r"\bno STARTTLS (?:response|support|offer|in|capab)",
            r"no_?starttls\b",
            # names in code: Rust and others
            r"starttls_?(?:not_?(?:supported|available|offered|advertised)|unsupported|missing)",
            r"StartTlsNotSupported",
            r"StarttlsUnavailable",
            r"MissingStartTls",
            # libcurl's error 64
            r"Requested SSL level failed",
            r"\bcurl: \(64\)(?! starttls denied)",
            r"UseSSL level failed",
            r"Use(?:d)? SSL.{0,20}requested.{0,20}level",
        ),
        causes=(NOT_OFFERED,), likely=0.9,
        says="The library's own name for: STARTTLS wanted and not offered.",
        example="{:error, {:missing_requirement, :tls}}",
        counterexample="{:error, {:missing_requirement, :auth}}",
        stack="gen_smtp, libcurl (CURLE_USE_SSL_FAILED), mail-send",
    ),
    ErrorRule(
        "bare-tls-not-available", 25, r"starttls failed[^\n]{0,40}(?:TLS )?not available",
        causes=(NOT_OFFERED, TEMPORARY), likely=0.6,
        says="The server was asked for STARTTLS and has none to give; the number of its reply is not shown.",
        example="starttls failed: msg=[TLS not available]",
        counterexample="starttls failed: 454 TLS not available",
        when=lambda c: "454" not in c.text,
        stack="Perl Net::SMTP, which asks without looking at the EHLO reply",
    ),
    ErrorRule(
        "starttls-refused-for-symfony", 25,
        r"expected response code \W{0,3}220\W{0,3} but got (?:response )?(?:code )?\W{0,3}(?:50[0-4]|554|454)\b",
        causes=(NOT_OFFERED, TEMPORARY), likely=0.75,
        says="STARTTLS is the only command after the greeting that 220 answers: the server refused it.",
        example='Expected response code "220" but got code "502", with message "502 unknown"',
        counterexample='Expected response code "220" but got code "", with message ""',
        when=lambda c: not re.search(r"\b454[ -]|5\.7\.1", c.text),
        stack="SwiftMailer, Symfony Mailer",
    ),
)
