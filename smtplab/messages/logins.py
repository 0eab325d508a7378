"""Logins: refused, in a way that the server doesn't have, or held back because the line is not encrypted."""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .error_rule import ErrorRule
from .patterns import any_of, group
from .replies import reply

REJECTED, MECHANISM, NEEDS_TLS = Cause.AUTH_REJECTED, Cause.AUTH_MECHANISM, Cause.AUTH_NEEDS_TLS
REQUIRED = Cause.AUTH_REQUIRED
POLICY, TEMPORARY, STARTTLS_REQUIRED = Cause.RELAY_OR_POLICY, Cause.TEMPORARILY_UNAVAILABLE, Cause.STARTTLS_REQUIRED


def _encrypted(context: Context) -> bool:
    """Whether TLS was certainly asked for: then a missing AUTH has another reason than a missing TLS."""
    return context.mode in ("starttls", "implicit") or context.implicit_port


def _clear(context: Context) -> bool:
    return not _encrypted(context)


# Words for an EHLO reply without AUTH, and for AUTH that the server refuses as a command.
_NO_AUTH = any_of(
    # clients
    r"(?:SMTP )?AUTH(?:entication)?(?: extension| command| capability)? (?:is |was |)?" + group(
        r"not (?:supported|advertised|offered|available|enabled|allowed at this stage)",
        r"unsupported",
    ),
    r"authentication not enabled",
    r"not permitted to use AUTH",
    (r"(?:does(?:n't| not)|did(?:n't| not)|not) (?:support|advertise|offer|announce|list)\w{0,3} "
     r"(?:the |any |SMTP |ESMTP )?auth(?:entication)?\b(?! (?:type|mechanism|method))"),
    r"missing_requirement,(?:[^\n]{0,60}, ?)?\s?:?'?auth\b",
    # servers
    r"AUTH command used when not",
    r"authentication is not allowed at this stage",
    r"(?:unrecogni[sz]ed|unknown|unimplemented|not recogni[sz]ed|not implemented)[^\n]{0,24}\bAUTH\b",
    r"\bAUTH (?:LOGIN|PLAIN)\b[^\n]{0,20}\n[^\n]{0,30}\b50[0-3][ -]",
)

# Words of other failures that speak of authentication, such as .NET's for a TLS handshake.
_NO_LOGIN = any_of(
    r"remote party has closed",
    r"authentication failed, see inner",
    r"authentication failed because",
    r"System\.Security\.Authentication",
    r"no such host",
    r"connection refused",
)

RULES = (
    ErrorRule(
        "login-answered-by-538", 15, r"\b538[ -][^\n]{0,60}(?:encrypt|\bTLS\b|\bSSL\b|secure)",
        causes=(NEEDS_TLS,), likely=0.95,
        says="538 is a reply to logins alone: this one has to come after TLS.",
        example="AUTH LOGIN\n538 Encryption required",
        counterexample="530 5.7.0 Encryption required",
        stack="any server",
        source="RFC 4954 section 6",
    ),
    ErrorRule(
        "encryption-before-login", 20,
        any_of(
            # the server's reply
            r"\b538\b[^\n]{0,20}(?:auth|encrypt|5\.7\.11|must|tls|ssl)",
            r"\b5\.7\.11\b",
            r"encryption required for (?:requested )?auth",
            # clients that hold the password back, and servers that say why
            r"unencrypted connection",
            (r"plaintext (?:authentication|password|login)s? (?:is )?"
             r"(?:disallowed|disabled|not allowed|rejected|forbidden)"),
            r"(?:auth\w{0,12}|login|password)[^\n]{0,40}" + group(
                r"without",
                r"requires?",
                r"needs?",
                r"only (?:over|after|with|in)",
                r"over (?:an? )?(?:un|in|non-)\w{4,9}",
            ) + (r" ?(?:an? )?(?:active )?(?:TLS|SSL|STARTTLS|encrypt\w{0,4}|secure|secured) ?"
                 r"(?:connection|session|channel)?"),
            (r"(?:cannot|can't|will not|won't|refus\w{1,4}) (?:use |to use |to )?"
             r"(?:a secure |auth\w{0,12}|send (?:the )?(?:password|credentials))[^\n]{0,40}"
             r"(?:without TLS|unencrypted|plain ?text|insecure|clear)"),
            r"no secure (?:authentication|login)",
            r"cannot use a secure authentication",
        ),
        causes=(NEEDS_TLS,), likely=0.93,
        says="The login is held back because the connection is not encrypted.",
        example="538 5.7.11 Encryption required for requested authentication mechanism",
        counterexample="535 5.7.8 authentication failed",
        when=lambda c: not re.search(r"secure connection or the client was not auth", c.low),
        stack="Go net/smtp PlainAuth, Postfix (smtpd_tls_auth_only), Dovecot, qmail, msmtp",
    ),
    ErrorRule(
        "mechanism-hidden-before-tls", 20,
        r"\b250[ -]STARTTLS\b(?:(?!\b250[ -]AUTH|\bStart(?:ing)? TLS)[\s\S]){0,1500}\b504 5\.7\.4",
        causes=(NEEDS_TLS, MECHANISM), likely=0.8,
        says="The EHLO reply lists STARTTLS and no AUTH, and TLS was not begun: logins come after it.",
        example="250-STARTTLS\n250 8BITMIME\nAUTH LOGIN\n504 5.7.4 Unrecognized",
        counterexample="250-STARTTLS\n250 AUTH NTLM\n504 5.7.4 Unrecognized",
        when=lambda c: not re.search(r"250[ -]AUTH|ready to start tls", c.low, re.IGNORECASE),
        stack="Exchange and Office 365, read in a transcript",
    ),
    ErrorRule(
        "mechanism-not-found-in-clear", 20, r"no compatible authentication mechanism",
        causes=(NEEDS_TLS, MECHANISM), likely=0.6,
        says="No login that the client knows is listed, and it uses no TLS: most servers list logins only after TLS.",
        example="No compatible authentication mechanism was found",
        counterexample="No compatible mail folder was found",
        when=lambda c: c.mode == "plain" and not c.implicit_port,
        port=587, mode="plain",
        stack="lettre (builder_dangerous)",
        source="lettre src/transport/smtp/client/connection.rs",
    ),
    ErrorRule(
        "mechanism-not-known", 21,
        any_of(
            # the server's reply
            reply("504") + r"[^\n]{0,60}(?:mechanism|auth\w{0,14}|type|parameter)",
            group(
                r"unknown",
                r"unsupported",
                r"unrecogni[sz]ed",
                r"invalid",
                r"no (?:suitable|compatible|supported|common|matching|usable|known|worthy)",
            ) + r"(?: \w{1,12})? (?:auth\w{0,12}|SASL)(?: \w{1,8})? ?(?:mechanisms?|methods?|types?|scheme)",
            # words of servers and clients
            r"unknown mechanism",
            r"no form of authori[sz]ation supported",
            r"unrecogni[sz]ed authentication type",
            r"no authentication mechanisms? supported",
            (r"(?:does(?:n't| not)|did not|not) (?:support|advertise|offer)\w{0,3} (?:SMTP |the |any )?"
             r"(?:(?:AUTH|SASL|authentication) )?(?:type|mechanism|method)s?\b"),
            r"no mechanism available",
            r"mechanism \S{1,20} (?:is )?not (?:supported|available|allowed)",
            r"auth(?:entication)? (?:type|method|mechanism):? \S{1,20} (?:is )?(?:not|un)",
            # single clients: lettre, JavaMail, smtplib, MailKit, Thunderbird, Cyrus SASL
            r"Could not find a compatible auth",
            r"No authentication type (?:matched|succeeded)",
            r"auth_?mechanism_?(?:unsupported|not)",
            r"(?:does(?:n't| not)) (?:seem to )?(?:support|allow) (?:encrypted|plain ?text) passwords",
            r"support the selected authentication method",
            r"no more authentication methods",
            r"SASL mechanism list",
            r"No worthy mechs",
            r"None of the authentication",
            r"UnsupportedMechanism",
        ),
        causes=(MECHANISM, NEEDS_TLS), likely=0.85,
        says="The client's way to log in is not one that the server lists.",
        example="504 5.5.4 Unsupported authentication type",
        counterexample="535 5.7.8 authentication failed",
        when=lambda c: not ("no authentication type succeeded" in c.low
                            and re.search(r"\b53[45] |did not advertise authentication", c.low)),
        stack="Exchange and Office 365 `504 5.7.4`, Dovecot, Cyrus SASL, smtplib, go-mail, lettre, JavaMail",
    ),
    ErrorRule(
        "auth-not-offered-in-clear", 21, _NO_AUTH,
        causes=(NEEDS_TLS, MECHANISM), likely=0.7,
        says="The EHLO reply lists no AUTH: most servers list it only after TLS.",
        example="The server does not support authentication.",
        counterexample="The server supports authentication.",
        when=_clear,
        mode="plain",
        stack="smtplib, aiosmtplib, MailKit, Go net/smtp, PHPMailer, msmtp, swaks, Exim 503, Postfix 503",
    ),
    ErrorRule(
        "auth-not-offered-after-tls", 21, _NO_AUTH,
        causes=(MECHANISM, NEEDS_TLS), likely=0.75,
        says="The EHLO reply lists no AUTH although the line is encrypted: this server takes no login here.",
        example="The server does not support authentication.",
        counterexample="The server supports authentication.",
        when=_encrypted,
        mode="starttls",
        stack="smtplib, aiosmtplib, MailKit, Go net/smtp, PHPMailer, msmtp, swaks, Exim 503, Postfix 503",
    ),
    ErrorRule(
        "login-for-now-refused", 22,
        any_of(
            r"\b4[35]\d\b[^\n]{0,40}" + group(
                r"temporary authentication",
                r"too many (?:login|auth)\w{0,12}",
                r"authentication (?:temporarily|service|server|backend)",
            ),
            r"authentication (?:server|service)[^\n]{0,30}unavailable",
        ),
        causes=(TEMPORARY, REJECTED), likely=0.8,
        says="The server can't check logins just now, or had too many of them.",
        example="454 4.7.0 Temporary authentication failure",
        counterexample="535 5.7.8 authentication failure",
        stack="Postfix, Exchange 454 4.7.0, Gmail `Too many login attempts`",
    ),
    ErrorRule(
        "login-by-smtp-switched-off", 20,
        any_of(
            r"SmtpClientAuthentication is disabled",
            r"SMTP ?AUTH (?:is )?disabled",
            r"basic auth\w{0,12} is (?:disabled|not supported)",
            r"\b5\.7\.30\b",
        ),
        causes=(REJECTED,), likely=0.93,
        says="Logins by SMTP, or with a password, are switched off for this account or its organisation.",
        example="535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
        counterexample="535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.",
        stack="Office 365 535 5.7.139 (which has other texts too) and 550 5.7.30",
    ),
    ErrorRule(
        "application-password-wanted", 22,
        r"application.specific password|InvalidSecondFactor|app(?:lication)?.password (?:is )?required",
        causes=(REJECTED,), likely=0.93,
        says="The server wants a password made for programs alone, not the account's own.",
        example="534-5.7.9 Application-specific password required. Learn more at",
        counterexample="535-5.7.8 Username and Password not accepted. Learn more at",
        stack="Gmail 534 5.7.9, iCloud, Yahoo",
    ),
    ErrorRule(
        "login-refused", 22,
        any_of(
            # the server's reply, and its enhanced code
            reply("53[45]|526|525"),
            r"\b53[45][ -]#?5\.\d\.\d{1,3}\b",
            r"\b5\.7\.(?:8|9|139)\b",
            r"\b5\.7\.14\b[^\n]{0,20}<?https",
            # Gmail
            r"user ?name and password not accepted",
            r"badcredentials",
            # SES, Exim, and other servers
            r"Authentication Credentials Invalid",
            r"incorrect authentication data",
            r"log ?in (?:fail|via your web browser|denied)",
            r"authorization (?:failed|code)",
            r"authentication (?:unsuccessful|credentials)",
            r"authentication failed: (?:UGFz|VXNl|authentication failure|bad protocol)",
            r"invalid (?:user ?name|login|credentials|password)(?: or |/)?",
            r"(?:bad|wrong|incorrect) (?:user ?name|password|credentials|login)",
            # 163.com, QQ; accounts
            r"user has no permission",
            r"password (?:is |was )?(?:incorrect|wrong|expired|invalid|not accepted|error)",
            r"account (?:is )?(?:locked|disabled|suspended|blocked)",
            r"user suspended",
        ),
        causes=(REJECTED,), likely=0.93,
        says="The server refused the login.",
        example="535 5.7.3 Authentication unsuccessful",
        counterexample="235 2.7.0 Authentication successful",
        when=lambda c: not re.search(r"invalid login: (?:5[03]0|4\d\d)|\bfetch\b.{0,60}access denied for user", c.low),
        stack="any server (RFC 4954); Gmail 534/535 5.7.8/5.7.9/5.7.14, Office 365 535 5.7.3/5.7.139, Exim, SES, "
              "163.com, QQ",
    ),
    ErrorRule(
        "login-never-sent", 23,
        any_of(
            reply("530|550|553|554") + r"[^\n]{0,60}" + group(
                r"(?:authenticat\w{1,4}|log ?in|authori[sz]ation)[^\n]{0,20}(?:required|needed|first)",
                r"requires? auth\w{0,12}",
                r"not (?:authenticated|logged in)",
                r"must auth\w{0,12}",
            ),
            # Gmail, Exchange, and other servers
            r"5\.5\.1 Authentication Required",
            r"5\.7\.[01] (?:\S{1,60}: )?Authentication (?:is )?required",
            r"\bauthentication required\b",
            r"please authenticate\b",
            r"\b5\.7\.57\b",
            r"not authenticated to send",
            r"(?:must|need to) (?:be )?(?:auth\w{0,12}|log ?in) (?:first|before)",
            # clients that have no password: nodemailer and others
            r"Missing credentials for",
            r"SMTP-AUTH requested but missing (?:user|secret)",
            r"no (?:login|credentials|password) (?:was |were )?(?:sent|given|provided|supplied)",
            r"password (?:is )?(?:empty|missing)",
            r"auth\w{0,12} credentials (?:not|missing)",
        ),
        causes=(REQUIRED, POLICY), likely=0.85,
        says="The client sent no user name and password.",
        example="530 5.7.0 Authentication Required. Learn more",
        counterexample="530 5.7.0 Must issue a STARTTLS command first",
        when=lambda c: not re.search(r"relay|address rejected|client was not authenticated(?! to send)", c.low),
        stack="Gmail 530 5.7.0 and 530-5.5.1, Exim 550, Exchange 530 5.7.57, nodemailer",
    ),
    ErrorRule(
        "mail-refused-with-530-after-tls", 23, r"\bMAIL failed: 530\b",
        causes=(REQUIRED, POLICY), likely=0.85,
        says="curl shows the code alone; TLS was on, so it was a login that the server wanted first.",
        example="curl: (55) MAIL failed: 530",
        counterexample="curl: (55) MAIL failed: 550",
        when=_encrypted,
        port=587, mode="starttls",
        stack="curl",
    ),
    ErrorRule(
        "mail-refused-with-530-in-clear", 23, r"\bMAIL failed: 530\b",
        causes=(STARTTLS_REQUIRED, REQUIRED), likely=0.7,
        says="curl shows the code alone: a server may want TLS first, or a login.",
        example="curl: (55) MAIL failed: 530",
        counterexample="curl: (55) MAIL failed: 550",
        when=_clear,
        mode="plain",
        stack="curl",
    ),
    ErrorRule(
        "login-failed-in-the-clients-words", 28,
        any_of(
            # names in code: nodemailer, smtplib, JavaMail, MailKit, gen_smtp
            r"\bEAUTH\b",
            r"SMTPAuthenticationError",
            r"AuthenticationFailedException",
            r"MailKit\.Security\.AuthenticationException",
            r":auth_failed",
            r"\bauth_failed\b",
            # sentences
            r"could not authenticate",
            r"failed to authenticate",
            r"unable to authenticate",
            r"authentication " + group(
                r"fail\w{2,4}",
                r"error",
                r"rejected",
                r"denied",
                r"not successful",
                r"was not successful",
                r"exchange failed",
                r"aborted",
                r"cancell?ed",
            ),
            r"auth\w{0,12} (?:attempt )?(?:has )?failed",
            r"login (?:denied|failed|rejected|incorrect|error)",
            # libcurl; SASL libraries, sendmail's and mutt's words
            r"\bcurl: \(67\)",
            r"libcurl: \(67\)",
            r"CURLE_LOGIN_DENIED",
            r"SASL (?:authentication|login|auth)?[^\n]{0,30}fail",
            r"password command failed",
            r"(?:can't|cannot|could not|couldn't) (?:log ?in|login)",
            r"access denied for user",
        ),
        causes=(REJECTED, MECHANISM), likely=0.8,
        says="The client reports that the login failed.",
        example="SMTP Error: Could not authenticate.",
        counterexample="SMTP authentication succeeded",
        when=lambda c: not re.search(_NO_LOGIN, c.text, re.IGNORECASE),
        stack="nodemailer, smtplib, JavaMail, MailKit, gen_smtp, PHPMailer, SwiftMailer, libcurl, msmtp, mutt",
    ),
    ErrorRule(
        "mutt-read-error", 91, r"SMTP session failed: read error",
        causes=(REJECTED, Cause.CLOSED_BEFORE_GREETING, Cause.PLAINTEXT_TO_IMPLICIT), likely=0.4,
        says="The server hung up while mutt waited for a reply; mutt doesn't say which. After AUTH it is often a "
             "refused login.",
        example="SMTP session failed: read error",
        counterexample="SMTP session failed: write error",
        when=lambda c: not c.implicit_port and not re.search(r"closed|reset", c.low),
        stack="mutt, neomutt",
    ),
    ErrorRule(
        "secure-or-authenticated", 93, r"requires a secure connection or the client was not authenticated",
        causes=(REQUIRED, STARTTLS_REQUIRED, POLICY), likely=0.5,
        says=".NET has one sentence for every 530; the server's own words, if shown behind it, decide.",
        example="The SMTP server requires a secure connection or the client was not authenticated.",
        counterexample="The SMTP server closed.",
        when=lambda c: c.mode != "plain",
        stack="System.Net.Mail (SmtpStatusCode.MustIssueStartTlsFirst)",
    ),
    ErrorRule(
        "secure-or-authenticated-in-clear", 93,
        r"requires a secure connection or the client was not authenticated",
        causes=(STARTTLS_REQUIRED, REQUIRED, POLICY), likely=0.6,
        says=".NET has one sentence for every 530, and this client uses no TLS.",
        example="The SMTP server requires a secure connection or the client was not authenticated.",
        counterexample="The SMTP server closed.",
        when=lambda c: c.mode == "plain",
        mode="plain",
        stack="System.Net.Mail (SmtpStatusCode.MustIssueStartTlsFirst)",
    ),
)
