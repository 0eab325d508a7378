"""STARTTLS wanted and not offered, in each client's words."""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .rule import Rule

_N, _T = Cause.STARTTLS_NOT_OFFERED, Cause.TEMPORARILY_UNAVAILABLE
_TLS = (r"(?:START.?TLS|TLS(?![ v]{0,2}1)|secure connections?|SSL(?!v?\d)|encrypt(?:ion|ed)(?: connections?)?"
        r"(?! (?:types?|passwords?|methods?)))")
_NO = r"does(?:n't|n’t| not)|do(?:n't| not)|did(?:n't| not)|not"


def _no_login_in_it(context: Context) -> bool:
    # "does not support AUTH without TLS" is about the login.
    return not re.search(r"unencrypted connection|support (?:smtp )?auth", context.low)


RULES = (
    Rule("starttls-not-offered", 25,
         rf"(?:{_NO}) (?:seem to )?(?:support|advertis|offer|announc|provid|have|list)\w{{0,5}}(?: the| for| any| a"
         rf"| an)?"
         rf"(?: \w{{1,12}})? ?{_TLS}(?![^\n]{{0,20}}(?:version|cipher))"
         rf"|\b{_TLS}(?: extension| support| command| connection security| upgrade)?(?: is| was| are"
         rf"|:)? ?(?:not (?:be )?(?:supported|advertised|offered|available"
         r"|accepted|possible|enabled|implemented|announced)|unsupported|unavailable|denied)(?! due)"
         rf"|{_TLS} (?:is |session is )?(?:required|mandatory|configured as mandatory"
         rf"|requested)(?: by client)?,? ?(?:but|and)[^\n]{{0,60}}?(?:not|n't|neither)",
         (_N,), "The client insists on STARTTLS, and the EHLO reply doesn't list it.",
         "go: STARTTLS is mandatory but the server doesn't support it", "the server doesn't support TLS 1.3", 0.92,
         when=lambda c: _no_login_in_it(c) and not re.search(r"denied, code 454", c.low),
         stack="smtplib, aiosmtplib, Net::SMTP of Ruby, JavaMail, go-mail, MailKit, swaks, msmtp, sendEmail, Mono, "
         "Postfix, Exim, lettre"),
    Rule("starttls-no-encryption-type", 25, r"does not support the connection encryption type", (_N,),
         "Outlook was set to STARTTLS, connected in clear, and the EHLO reply doesn't list it.",
         "Your server does not support the connection encryption type you have specified.",
         "Your server does not support the attachment type you have specified.", 0.6,
         when=lambda c: c.mode == "starttls" and not c.implicit_port, stack="Outlook 2007 and later",
         source="Outlook's words for every fault of TLS", port=25, mode="starttls"),
    Rule("starttls-not-in-the-reply", 25, r"did(?:n't|n’t| not) f(?:ou|i)nd STARTTLS", (_N,),
         "s_client saw no STARTTLS in the EHLO reply and went on all the same.",
         "Didn't find STARTTLS in server response, trying anyway...", "Didn't find a certificate in the file", 0.93,
         when=lambda c: not re.search(r"unexpected eof|write:errno|errno=(?:32|104)", c.low),
         stack="openssl s_client: `didn't found` in 1.0, `Didn't find` since 1.1.0"),
    Rule("starttls-missing-in-code-words", 25,
         r"missing_requirement,(?:[^\n]{0,60}, ?)?\s?:?'?tls\b|using STARTTLS since it doesn"
         r"|\bno STARTTLS (?:response|support|offer|in|capab)|no_?starttls\b"
         r"|starttls_?(?:not_?(?:supported|available|offered|advertised)|unsupported|missing)"
         r"|StartTlsNotSupported|StarttlsUnavailable|MissingStartTls|Requested SSL level failed"
         r"|\bcurl: \(64\)(?! starttls denied)"
         r"|UseSSL level failed|Use(?:d)? SSL.{0,20}requested.{0,20}level", (_N,),
         "The library's own name for: STARTTLS wanted and not offered.",
         "{:error, {:missing_requirement, :tls}}", "{:error, {:missing_requirement, :auth}}", 0.9,
         stack="gen_smtp, libcurl (CURLE_USE_SSL_FAILED), mail-send"),
    Rule("bare-tls-not-available", 25, r"starttls failed[^\n]{0,40}(?:TLS )?not available", (_N, _T),
         "The server was asked for STARTTLS and has none to give; the number of its reply is not shown.",
         "starttls failed: msg=[TLS not available]", "starttls failed: 454 TLS not available", 0.6,
         when=lambda c: "454" not in c.text, stack="Perl Net::SMTP, which asks without looking at the EHLO reply"),
    Rule("starttls-refused-for-symfony", 25,
         r"expected response code \W{0,3}220\W{0,3} but got (?:response )?(?:code )?\W{0,3}(?:50[0-4]|554|454)\b",
         (_N, _T),
         "STARTTLS is the only command after the greeting that 220 answers: the server refused it.",
         'Expected response code "220" but got code "502", with message "502 unknown"',
         'Expected response code "220" but got code "", with message ""', 0.75,
         when=lambda c: not re.search(r"\b454[ -]|5\.7\.1", c.text), stack="SwiftMailer, Symfony Mailer"),
)
