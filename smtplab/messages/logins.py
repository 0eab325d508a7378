"""Logins: refused, in a way that the server doesn't have, or held back because the line is not encrypted."""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .replies import reply
from .rule import Rule

_A, _W, _L = Cause.AUTH_REJECTED, Cause.AUTH_MECHANISM, Cause.AUTH_NEEDS_TLS
_P, _T, _R = Cause.RELAY_OR_POLICY, Cause.TEMPORARILY_UNAVAILABLE, Cause.STARTTLS_REQUIRED


def _encrypted(context: Context) -> bool:
    """TLS was certainly asked for, so that AUTH is not hidden for want of it."""
    return context.mode in ("starttls", "implicit") or context.implicit_port


def _clear(context: Context) -> bool:
    return not _encrypted(context)


_NO_AUTH = (
    r"(?:SMTP )?AUTH(?:entication)?(?: extension| command| capability)? (?:is |was |)?(?:not (?:supported|advertised"
    r"|offered|available|enabled|allowed at this stage)|unsupported)"
    r"|authentication not enabled|not permitted to use AUTH|(?:does(?:n't| not)|did(?:n't| not)|not) (?:support"
    r"|advertise|offer|announce|list)\w{0,3} (?:the |any |SMTP |ESMTP )?"
    r"auth(?:entication)?\b(?! (?:type|mechanism|method))|missing_requirement,(?:[^\n]{0,60}, ?)?\s?:?'?auth\b"
    r"|AUTH command used when not|authentication is not allowed at this stage"
    r"|(?:unrecogni[sz]ed|unknown|unimplemented|not recogni[sz]ed|not implemented)[^\n]{0,24}\bAUTH\b"
    r"|\bAUTH (?:LOGIN|PLAIN)\b[^\n]{0,20}\n[^\n]{0,30}\b50[0-3][ -]")

RULES = (
    Rule("encryption-before-login", 20,
         r"\b538\b[^\n]{0,20}(?:auth|encrypt|5\.7\.11|must|tls|ssl)|\b5\.7\.11\b"
         r"|encryption required for (?:requested )?auth"
         r"|unencrypted connection|plaintext (?:authentication|password|login)s? (?:is )?(?:disallowed|disabled"
         r"|not allowed|rejected|forbidden)"
         r"|(?:auth\w{0,12}|login|password)[^\n]{0,40}(?:without|requires?|needs?|only (?:over|after|with|in)"
         r"|over (?:an? )?(?:un|in|non-)\w{4,9}) ?(?:an? )?(?:active )?"
         r"(?:TLS|SSL|STARTTLS|encrypt\w{0,4}|secure|secured) ?(?:connection|session|channel)?"
         r"|(?:cannot|can't|will not|won't|refus\w{1,4}) (?:use |to use |to )?(?:a secure |auth\w{0,12}"
         r"|send (?:the )?(?:password|credentials))[^\n]{0,40}(?:without TLS|unencrypted|plain ?text|insecure|clear)"
         r"|no secure (?:authentication|login)|cannot use a secure authentication", (_L,),
         "The login is held back because the connection is not encrypted.",
         "538 5.7.11 Encryption required for requested authentication mechanism", "535 5.7.8 authentication failed",
         0.93,
         when=lambda c: not re.search(r"secure connection or the client was not auth", c.low),
         stack="Go net/smtp PlainAuth, Postfix (smtpd_tls_auth_only), Dovecot, qmail, msmtp"),
    Rule("mechanism-hidden-before-tls", 20, r"\b250[ -]STARTTLS\b(?:(?!\b250[ -]AUTH"
         r"|\bStart(?:ing)? TLS)[\s\S]){0,1500}\b504 5\.7\.4", (_L, _W),
         "The EHLO reply lists STARTTLS and no AUTH, and TLS was not begun: logins come after it.",
         "250-STARTTLS\n250 8BITMIME\nAUTH LOGIN\n504 5.7.4 Unrecognized",
         "250-STARTTLS\n250 AUTH NTLM\n504 5.7.4 Unrecognized", 0.8,
         when=lambda c: not re.search(r"250[ -]AUTH|ready to start tls", c.low, re.IGNORECASE),
         stack="Exchange and Office 365, read in a transcript"),
    Rule("mechanism-not-found-in-clear", 20, r"no compatible authentication mechanism", (_L, _W),
         "No login that the client knows is listed, and it uses no TLS: most servers list logins only after TLS.",
         "No compatible authentication mechanism was found", "No compatible mail folder was found", 0.6,
         when=lambda c: c.mode == "plain" and not c.implicit_port, stack="lettre (builder_dangerous)",
         source="lettre src/transport/smtp/client/connection.rs", port=587, mode="plain"),
    Rule("mechanism-not-known", 21,
         reply("504") + r"[^\n]{0,60}(?:mechanism|auth\w{0,14}|type|parameter)|(?:unknown|unsupported|unrecogni[sz]ed"
         r"|invalid|no (?:suitable|compatible|supported|common|matching|usable|known|worthy))"
         r"(?: \w{1,12})? (?:auth\w{0,12}|SASL)(?: \w{1,8})? ?(?:mechanisms?|methods?|types?|scheme)"
         r"|unknown mechanism|unrecogni[sz]ed authentication type|no authentication mechanisms? supported"
         r"|(?:does(?:n't| not)|did not|not) (?:support|advertise|offer)\w{0,3} (?:SMTP |the |any )?(?:(?:AUTH|SASL"
         r"|authentication) )?(?:type|mechanism|method)s?\b|no mechanism available"
         r"|mechanism \S{1,20} (?:is )?not (?:supported|available|allowed)"
         r"|auth(?:entication)? (?:type|method|mechanism):? \S{1,20} (?:is )?(?:not|un)"
         r"|Could not find a compatible auth|No authentication type (?:matched|succeeded)"
         r"|auth_?mechanism_?(?:unsupported|not)"
         r"|(?:does(?:n't| not)) (?:seem to )?(?:support|allow) (?:encrypted|plain ?text) passwords"
         r"|support the selected authentication method"
         r"|no more authentication methods|SASL mechanism list|No worthy mechs|None of the authentication"
         r"|UnsupportedMechanism", (_W, _L),
         "The client's way to log in is not one that the server lists.",
         "504 5.5.4 Unsupported authentication type", "535 5.7.8 authentication failed", 0.85,
         when=lambda c: not ("no authentication type succeeded" in c.low
                             and re.search(r"\b53[45] |did not advertise authentication", c.low)),
         stack="Exchange and Office 365 `504 5.7.4`, Dovecot, Cyrus SASL, smtplib, go-mail, lettre, JavaMail"),
    Rule("auth-not-offered-in-clear", 21, _NO_AUTH, (_L, _W),
         "The EHLO reply lists no AUTH: most servers list it only after TLS.",
         "The server does not support authentication.", "The server supports authentication.", 0.7, when=_clear,
         stack="smtplib, aiosmtplib, MailKit, Go net/smtp, PHPMailer, msmtp, swaks, Exim 503, Postfix 503",
         mode="plain"),
    Rule("auth-not-offered-after-tls", 21, _NO_AUTH, (_W, _L),
         "The EHLO reply lists no AUTH although the line is encrypted: this server takes no login here.",
         "The server does not support authentication.", "The server supports authentication.", 0.75, when=_encrypted,
         stack="smtplib, aiosmtplib, MailKit, Go net/smtp, PHPMailer, msmtp, swaks, Exim 503, Postfix 503",
         mode="starttls"),
    Rule("login-for-now-refused", 22,
         r"\b4[35]\d\b[^\n]{0,40}(?:temporary authentication|too many (?:login|auth)\w{0,12}"
         r"|authentication (?:temporarily|service|server|backend))|authentication (?:server"
         r"|service)[^\n]{0,30}unavailable",
         (_T, _A), "The server can't check logins just now, or had too many of them.",
         "454 4.7.0 Temporary authentication failure", "535 5.7.8 authentication failure", 0.8,
         stack="Postfix, Exchange 454 4.7.0, Gmail `Too many login attempts`"),
    Rule("login-refused", 22,
         reply("53[45]|526|525") + r"|\b53[45][ -]#?5\.\d\.\d{1,3}\b|\b5\.7\.(?:8|9|139)\b"
         r"|\b5\.7\.14\b[^\n]{0,20}<?https"
         r"|user ?name and password not accepted|badcredentials|application.specific password|InvalidSecondFactor"
         r"|app(?:lication)?.password (?:is )?required"
         r"|SmtpClientAuthentication is disabled|SMTP ?AUTH (?:is )?disabled|basic auth\w{0,12} is disabled"
         r"|Authentication Credentials Invalid|incorrect authentication data"
         r"|log ?in (?:fail|via your web browser|denied)|authorization (?:failed|code)|authentication (?:unsuccessful"
         r"|credentials)|authentication failed: (?:UGFz|VXNl|authentication failure|bad protocol)"
         r"|invalid (?:user ?name|login|credentials|password)(?: or |/)?|(?:bad|wrong|incorrect) (?:user ?name"
         r"|password|credentials|login)|user has no permission|password (?:is |was )?(?:incorrect|wrong|expired"
         r"|invalid|not accepted|error)"
         r"|account (?:is )?(?:locked|disabled|suspended|blocked)|user suspended", (_A,),
         "The server refused the login.", "535 5.7.3 Authentication unsuccessful",
         "235 2.7.0 Authentication successful", 0.93,
         when=lambda c: not re.search(r"invalid login: (?:5[03]0|4\d\d)|\bfetch\b.{0,60}access denied for user", c.low),
         stack="any server (RFC 4954); Gmail 534/535 5.7.8/5.7.9/5.7.14, Office 365 535 5.7.3/5.7.139, Exim, SES, "
         "163.com, QQ"),
    Rule("login-never-sent", 23,
         reply("530|550|553|554") + r"[^\n]{0,60}(?:(?:authenticat\w{1,4}|log ?in"
         r"|authori[sz]ation)[^\n]{0,20}(?:required|needed|first)|requires? auth\w{0,12}|not (?:authenticated"
         r"|logged in)|must auth\w{0,12})"
         r"|5\.5\.1 Authentication Required|5\.7\.[01] (?:\S{1,60}: )?Authentication (?:is )?required"
         r"|\bauthentication required\b|please authenticate\b|\b5\.7\.57\b|not authenticated to send|(?:must"
         r"|need to) (?:be )?(?:auth\w{0,12}|log ?in) (?:first|before)"
         r"|Missing credentials for|SMTP-AUTH requested but missing (?:user|secret)"
         r"|no (?:login|credentials|password) (?:was |were )?(?:sent|given|provided|supplied)"
         r"|password (?:is )?(?:empty|missing)|auth\w{0,12} credentials (?:not|missing)", (_A, _P),
         "The server wants a login and got none: the client sent no user name and password.",
         "530 5.7.0 Authentication Required. Learn more", "530 5.7.0 Must issue a STARTTLS command first", 0.7,
         when=lambda c: not re.search(r"relay|address rejected|client was not authenticated(?! to send)", c.low),
         stack="Gmail 530 5.7.0 and 530-5.5.1, Exim 550, Exchange 530 5.7.57, nodemailer"),
    Rule("login-failed-in-the-clients-words", 28,
         r"\bEAUTH\b|SMTPAuthenticationError|AuthenticationFailedException|MailKit\.Security\.AuthenticationException"
         r"|:auth_failed|\bauth_failed\b|could not authenticate|failed to authenticate|unable to authenticate"
         r"|authentication (?:fail\w{2,4}|error|rejected|denied|not successful|was not successful|exchange failed"
         r"|aborted|cancell?ed)|auth\w{0,12} (?:attempt )?(?:has )?failed|login (?:denied|failed|rejected|incorrect"
         r"|error)|\bcurl: \(67\)|libcurl: \(67\)"
         r"|CURLE_LOGIN_DENIED|SASL (?:authentication|login|auth)?[^\n]{0,30}fail|password command failed|(?:can't"
         r"|cannot|could not|couldn't) (?:log ?in|login)|access denied for user", (_A, _W),
         "The client reports that the login failed.", "SMTP Error: Could not authenticate.",
         "SMTP authentication succeeded", 0.8,
         when=lambda c: not re.search(r"remote party has closed|authentication failed, see inner"
         r"|authentication failed because|System\.Security\.Authentication|no such host|connection refused", c.text,
         re.IGNORECASE),
         stack="nodemailer, smtplib, JavaMail, MailKit, gen_smtp, PHPMailer, SwiftMailer, libcurl, msmtp, mutt"),
    Rule("mutt-read-error", 91, r"SMTP session failed: read error", (_A, Cause.CLOSED_BEFORE_GREETING,
         Cause.PLAINTEXT_TO_IMPLICIT),
         "The server hung up while mutt waited for a reply; mutt doesn't say which. After AUTH it is often a refused "
         "login.",
         "SMTP session failed: read error", "SMTP session failed: write error", 0.4,
         when=lambda c: not c.implicit_port and not re.search(r"closed|reset", c.low), stack="mutt, neomutt"),
    Rule("secure-or-authenticated", 93, r"requires a secure connection or the client was not authenticated", (_A, _R,
         _P),
         ".NET has one sentence for every 530; the server's own words, if shown behind it, decide.",
         "The SMTP server requires a secure connection or the client was not authenticated.",
         "The SMTP server closed.", 0.5,
         when=lambda c: c.mode != "plain", stack="System.Net.Mail (SmtpStatusCode.MustIssueStartTlsFirst)"),
    Rule("secure-or-authenticated-in-clear", 93, r"requires a secure connection or the client was not authenticated",
         (_R, _A, _P),
         ".NET has one sentence for every 530, and this client uses no TLS.",
         "The SMTP server requires a secure connection or the client was not authenticated.",
         "The SMTP server closed.", 0.6,
         when=lambda c: c.mode == "plain", stack="System.Net.Mail (SmtpStatusCode.MustIssueStartTlsFirst)",
         mode="plain"),
)
