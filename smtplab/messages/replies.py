"""What the server itself said, in its replies: not now, not this mail, not without STARTTLS; or another."""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .rule import Rule

# Where a reply code may stand: at the start of a line, after punctuation, or after a word that announces it; before an
# enhanced code of its own class it stands anywhere.
_ANNOUNCED = (r"(?:^|[\n:(\[{\"'<>=|*`,;-]\s{0,3}|(?:code|response|reply|got|error|said|status|server|smtp|received"
    r"|receiving)"
              r"[ \t=\"'(]{1,3}|(?<![\w.])(?=4\d\d[ -]#?4\.\d{1,3}\.\d|5\d\d[ -]#?5\.\d{1,3}\.\d))")


def reply(codes: str) -> str:
    """A pattern for one of these reply codes as a client would quote it: `550 no`, `(550, b'no')`, `550 "no"`."""
    return (_ANNOUNCED + rf"(?:{codes})(?=[ \-]\S|[\"')\]],?|, ?b?[\"']"
            r"|: ?[^\s\d`'i]|, response: |\.?\s{0,20}(?:\n|$))")


# What the greetings of large services call themselves; another name in a greeting is another machine.
_OWN_NAMES = {
    "google": r"google|gmail|gsmtp", "microsoft": r"outlook|office365|microsoft|hotmail", "yahoo": r"yahoo|aol",
    "amazon": r"amazon|aws", "zoho": r"zoho", "apple": r"icloud|me\.com|apple", "yandex": r"yandex",
    "sendgrid": r"SG ESMTP|sendgrid|twilio", "mailgun": r"mailgun", "tencent": r"qq\.com|tencent",
    "netease": r"163|126|netease|coremail",
}
_GREETING = re.compile(r"(?:^|[\s\"'>:(\[])220[ -]([^\n]{3,200})")


def foreign_greeting(context: Context) -> bool:
    """A greeting in the text calls itself neither what was dialled nor one of the names of that service."""
    names = _OWN_NAMES.get(context.provider or "")
    if not names or not context.host:
        return False
    # 220 also answers STARTTLS ("Ready to start TLS"): only a greeting names a host and the protocol.
    greetings = [m[1] for m in _GREETING.finditer(context.text)
    if re.match(r"[\w-]{1,60}(?:\.[\w-]{1,60}){1,5}\b.{0,60}SMTP", m[1])]
    return bool(greetings) and not any(re.search(names, line, re.IGNORECASE) for line in greetings)


def _large_service(context: Context) -> bool:
    return context.provider in ("google", "microsoft", "yahoo", "apple")


_M, _T, _P = Cause.MIDDLEBOX, Cause.TEMPORARILY_UNAVAILABLE, Cause.RELAY_OR_POLICY
_N, _R, _S = Cause.STARTTLS_NOT_OFFERED, Cause.STARTTLS_REQUIRED, Cause.SERVER_NOT_SMTP

RULES = (
    Rule("greeting-starred-out", 10, r"\b220[ -][^\n]{0,20}\*{4}|\*{12,}[^\n]{0,60}\*{6,}|\b250[ -]X{4,}[A-Z]?\b"
         r"|command[^\n]{0,12}\bX{4,}[A-Z]?\b", (_M,),
         "A firewall that inspects SMTP has written over the server's words with stars or X.",
         "220 ****************************2******0***", "220 mail.example.com ESMTP ready", 0.95,
         stack="Cisco PIX and ASA, `fixup protocol smtp` and `inspect esmtp`: any version"),
    Rule("antivirus-answers", 11,
         r"cannot connect to SMTP server [^\n]{1,100}, connect (?:error|timed?)|"
         r"\b(?:avast|avg|mcafee|mfe|kaspersky|norton|symantec|bitdefender|eset|sophos|avira|g ?data|panda|f-secure"
         r"|trend ?micro"
         r"|comodo|zonealarm|clamsmtp|spamihilator)\b[^\n]{0,60}\b(?:proxy|mail ?shield|e-?mail (?:scanner|protection"
         r"|proxy)"
         r"|exceeded|scanner|not available)|\b(?:limit|proxy|rejected|aborted|blocked)\b[^\n]{0,40}\b(?:avast|avg"
         r"|mcafee|mfe"
         r"|kaspersky|norton|bitdefender|eset)\b", (_M, _T),
         "The words are those of an antivirus program on the client's machine, not of the mail server.",
         "421 Too many sessions: limit of avast Mail Shield exceeded", "421 too many sessions from your host", 0.92,
         stack="mail shields that proxy SMTP on the client's own machine"),
    Rule("foreign-greeting", 12, r"\b220[ -][\w-]{1,60}\.[^\n]{3,200}", (_M, Cause.DNS),
         "The greeting is that of another machine than the service that was dialled.",
         "Connection: opening to smtp.gmail.com:587\nSERVER -> CLIENT: 220-box7.hoster.example ESMTP Exim 4.96",
         "Connection: opening to smtp.gmail.com:587\nSERVER -> CLIENT: 220 smtp.gmail.com ESMTP a1 - gsmtp", 0.9,
         when=foreign_greeting, stack="hosting companies that redirect ports 25, 465 and 587 to their own server"),
    Rule("exim-words-from-a-large-service", 12, r"535[ -]Incorrect authentication data"
         r"|must not be local hostname .{0,40}Exim",
         (_M, Cause.AUTH_REJECTED), "These are Exim's words, and the service that was dialled does not run Exim.",
         "host smtp.gmail.com: 535 Incorrect authentication data", "host mail.example.com: 535 Incorrect "
         "authentication data", 0.6,
         when=_large_service, stack="Exim behind a hosting company's redirection"),
    Rule("another-protocol-answers", 13,
         r"(?:greeting|response|reply|got|received|line|banner|220)[^\n]{0,60}?[=:\"'\[ ](?:\* (?:OK|BYE|PREAUTH)\b"
         r"|\+OK\b|-ERR\b"
         r"|HTTP/\d|SSH-\d|<!DOCTYPE|<html)|\(-1, b[\"'](?:\* |\+OK|HTTP/|SSH-|\[CAPABILITY )"
         r"|(?:^|\n|<\*?\*?[- ] ?)(?:\* (?:OK"
         r"|BYE) [^\n]{0,80}(?:IMAP|ready)|\+OK [^\n]{0,80}"
         r"(?:POP3?|ready))", (_S,), "The greeting is that of another protocol.",
         "Invalid greeting: response=* OK [CAPABILITY IMAP4rev1] ready", "Invalid greeting: response=421 not ready",
         0.9,
         stack="IMAP, POP3, HTTP and SSH servers, quoted by any SMTP client"),
    Rule("another-client-on-an-smtp-port", 13,
         r"(?:unexpected|invalid|bad)[^\n]{0,60}\b(?:IMAP|POP3?)\b[^\n]{0,40}\b220\b|"
         r"\b(?:IMAP|POP3?)\b[^\n]{0,80}(?:greeting|unexpected|invalid|bad|unknown|untagged)[^\n]{0,80}\b(?:220"
         r"|2[25]0-|500|502)\b"
         r"|(?:imaplib|poplib)[^\n]{0,80}\b220\b|HTTP/0\.9 when not allowed|non-SMTP command from"
         r"|I can break rules, too"
         r"|(?:GET|POST|CONNECT) \S{1,80} HTTP/1\.\d[^\n]{0,20}\n[^\n]{0,40}\b(?:500|502|221)\b", (_S,),
         "A client of another protocol reached an SMTP server.",
         "Unexpected IMAP greeting from server: 220 mail.example.com ESMTP",
         "Unexpected IMAP greeting from server: * BYE", 0.9,
         stack="mail programs and libraries whose incoming and outgoing ports were exchanged; browsers and HTTP "
         "clients"),
    Rule("starttls-inside-tls", 14,
         r"not permitted when TLS active|(?:TLS|STARTTLS|SSL)[^\n]{0,30}already (?:active|in (?:use|progress)|started"
         r"|established|running"
         r"|negotiated|on\b)|already (?:in|using|running|under) (?:a )?(?:TLS|SSL)|bad sequence[^\n]{0,20}STARTTLS",
         (_N,),
         "STARTTLS was asked for inside a connection that TLS protects already.",
         "454 Command not permitted when TLS active", "454 TLS not available due to temporary reason", 0.9,
         stack="Exchange, Postfix (503 5.5.1 TLS already active), Exim, OpenSMTPD"),
    Rule("starttls-unknown-command", 14,
         reply("50[0-4]|55[04]") + r"[^\n]{1,80}(?<!250[ -])STARTTLS|STARTTLS (?:command )?(?:used when|is "
         r"|was )?not (?:advertised|recogni[sz]ed"
         r"|implemented|allowed|permitted|understood)|STARTTLS\b[^\n]{0,40}(?::|->|failed|rejected|not accepted"
         r"|error)[^\n]{0,20}"
         r"\b50[0-4][ -]|\bSTARTTLS\s{0,3}\\?r?\\?n?[\"']?\s{0,3}(?:<[-* ]{0,4}|S: ?|reply: b?[\"']"
         r"|SERVER -> CLIENT: )?\b50[0-3][ -]", (_N,),
         "The server does not know the STARTTLS command, or not here.",
         "Error upgrading connection with STARTTLS: 502 5.5.1 command not implemented",
         "Error upgrading connection: 220 go ahead", 0.9,
         when=lambda c: not re.search(r"must issue|required|first\b", c.low),
         stack="Postfix 502, Exim 503, Exchange 500, Sendmail 500"),
    Rule("tls-not-available-now", 15,
         r"\b454\b[^\n]{0,40}(?:TLS|SSL|certificate)|TLS (?:is )?(?:currently |temporarily )?(?:not "
         r"|un)available[^\n]{0,8}due to"
         r"|(?:TLS|STARTTLS) denied[^\n]{0,10}\b454\b|TLS (?:currently|temporarily) unavailable"
         r"|cannot (?:get|load) (?:\w{1,8} )?(?:certificate"
         r"|private key)[^\n]{0,80}"
         r"|disabling TLS support|\b454\s{1,3}\\?[\"']?4\.(?:3|7)\.0\b(?![^\n]{0,80}(?:relay|authenti|login))", (_T,),
         "The server offers STARTTLS and can't set TLS up: its key or certificate can't be loaded.",
         "454 4.7.0 TLS not available due to temporary reason", "454 4.7.1 <a@example.com>: Relay access denied", 0.93,
         stack="Postfix 454 4.7.0, Exim `454 TLS currently unavailable`, Exchange `454 4.7.0 TLS not available`"),
    Rule("must-issue-starttls", 16,
         r"must (?:first )?(?:issue|use|send|do) (?:a |an |the )?(?:STARTTLS|SSL|TLS)|(?:STARTTLS|session encryption"
         r"|TLS(?: encrypt\w+(?: session)?)?"
         r"|encryption|encrypted session|secure connection|SSL) (?:is |command )?(?:required|needed|necessary)(?! but"
         r"| by client|, but| extension)"
         r"(?! for (?:requested )?auth)(?![^\n]{0,60}(?:not (?:offer|support|advertis)|does(?:n't| not)))"
         r"|STARTTLS (?:command )?first\b"
         r"|\bMAIL failed: 530\b"
         r"|\b(?:530|451|550|554)\b[^\n]{0,30}(?:requires? (?:STARTTLS|TLS|encryption|a secure)|5\.7\.[03] STARTTLS)"
         r"|issue (?:a )?STARTTLS command|please (?:use|issue) STARTTLS|only (?:accept\w*|allow\w*) (?:TLS|encrypted"
         r"|secure)", (_R,),
         "The server does nothing more before STARTTLS.",
         "530 5.7.0 Please issue a STARTTLS command before anything else", "530 5.7.0 Authentication required", 0.95,
         stack="Postfix and Gmail `530 5.7.0 Must issue a STARTTLS command first`, Exchange `451 5.7.3 STARTTLS is "
         "required to send"
         " mail`, Exim `550 ... encrypted session required`, qmail `530 Must issue a STARTTLS`"),
    Rule("tls-version-refused-in-words", 17,
         r"\b4\.7\.66\b|TLS ?v?1\.[01](?: and (?:TLS ?)?v?1\.[01])? (?:is|are) (?:not|no longer) supported"
         r"|(?:upgrade|update)[^\n]{0,40}to (?:support|use) TLS ?v?1\.[23]|5\.7\.\d{1,3} .{0,40}(?:legacy|old"
         r"|weak) TLS", (Cause.TLS_VERSION_OR_CIPHER,),
         "The server says in words that the client's TLS version is too old.",
         "421 4.7.66 TLS 1.0 and 1.1 are no longer supported", "421 4.7.0 TLS 1.3 session, too many connections", 0.95,
         stack="Office 365"),
    Rule("talks-too-early", 18,
         r"synchroni[sz]ation error|input sent without waiting|before (?:the )?(?:greeting|banner)|early ?talker"
         r"|PREGREET"
         r"|(?:improper|unauthorized) (?:use of )?(?:command |smtp )?pipelining|talks? too (?:early|soon)"
         r"|protocol error.{0,30}pipelin",
         (Cause.OTHER,), "The client spoke before the server's greeting, or before a reply was there.",
         "554 SMTP synchronisation error: you spoke too soon", "554 5.7.1 Service refused", 0.9,
         stack="Exim, Postfix postscreen, Sendmail greet_pause"),
    Rule("google-closes-at-ehlo", 19, r"421[ -]\"?4\.7\.0[^\n]{0,30}Try again later, closing connection"
         r"|421[ -]4\.7\.0[^\n]{0,80}\(EHLO\)",
         (_P, _T), "Google's relay says so to clients whose EHLO name (localhost, an address) it doesn't accept.",
         "421 4.7.0 Try again later, closing connection. (EHLO) x1 - gsmtp", "421 4.3.0 Try again later", 0.75,
         stack="smtp-relay.gmail.com", source="support.google.com: SMTP relay: EHLO name"),
    Rule("block-list", 19,
         r"spamhaus|spamcop|barracuda ?central|\b(?:dns)?[rd]?bl\b|block ?list|black ?list|blocked (?:using|by|for"
         r"|due)|banned sending IP"
         r"|listed (?:in|at|on) |reputation|unsolicited (?:mail|email)|traffic not accepted from this IP|bad (?:ip"
         r"|sender) |spam(?:ming)? (?:message|source|detected)",
         (_P, _T), "The server refuses this sender's address or its mail.",
         "554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org",
         "554 5.3.0 Service unavailable", 0.9,
         when=lambda c: not re.search(r"\b535\b", c.text), stack="any server with a block list"),
    Rule("google-relay-credentials", 19, r"Invalid credentials for relay|(?:IP address"
         r"|domain)[^\n]{0,60}registered[^\n]{0,60}relay", (_P,),
         "The relay service knows senders by their address, and not this one.",
         "550 5.7.1 Invalid credentials for relay [192.0.2.7]", "535 5.7.8 Invalid credentials", 0.93,
         stack="Google Workspace relay"),
    Rule("relay-denied", 24,
         r"relay(?:ing)?(?: access)? (?:is )?(?:denied|not (?:permitted|allowed)|prohibited|rejected|forbidden)"
         r"|unable to relay|(?:cannot|can't|not) (?:permitted to |allowed to )?relay"
         r"|(?:denied|not permitted|not allowed)[^\n]{0,20}\brelay|do(?:es)? not relay|no relaying|authorized relay"
         r"|rcpthosts|we do not relay|5\.7\.54\b"
         r"|(?<!connection or the )Client was not authenticated(?! to send)|must check (?:for new )?mail"
         r"|pop.before.smtp|relay .{0,20}authenti", (_P, Cause.DNS),
         "The session is fine; the server doesn't carry this mail for this client: usually no login was made.",
         "550 5.7.1 <bob@example.org>: Relaying denied", "535 5.7.8 authentication denied", 0.93,
         stack="Postfix 554 5.7.1 / 454 4.7.1, Exim 550 relay not permitted, Sendmail, Exchange 550 5.7.54, qmail "
         "553 rcpthosts"),
    Rule("sender-or-recipient-refused", 24,
         r"(?:sender|recipient|helo command|client host|ehlo|mail from|reverse|rdns|ptr|message"
         r"|from address)\b[^\n]{0,60}?\b(?:rejected|refused"
         r"|not (?:verified|allowed|permitted|owned|authorized|accepted|exist)|denied|must (?:equal|match"
         r"|be the same)|unverified|invalid domain)"
         r"|SendAsDenied|permissions? to send as|not authori[sz]ed to send|user unknown|no such user"
         r"|mailbox (?:unavailable|full|not found)|unknown user"
         r"|access denied[^\n]{0,20}\b5\.7|5\.7\.(?:60|64|26|708|750|23|25)\b|must be (?:the )?same"
         r"|(?:fully.qualified|FQDN) (?:host)?name|unauthenticated (?:email|sender)"
         r"|EENVELOPE|SMTP(?:Sender|Recipients)Refused|DMARC|\bSPF\b", (_P, _T),
         "The session is fine; the server refuses this sender, this recipient or the EHLO name.",
         "553 5.7.1 <me@example.com>: Sender address rejected: not owned by user", "235 2.7.0 sender accepted", 0.88,
         when=lambda c: not re.search(r"\b(?:535|534)\b|gr[ea]y ?list", c.low),
         stack="Postfix access rules, Exchange 5.7.60 and 5.7.750, Gmail 5.7.26, SES, 163.com; nodemailer EENVELOPE"),
    Rule("sender-or-name-malformed", 24, reply("501|555") + r"[^\n]{0,60}(?:address|domain|syntax|EHLO|HELO|argument"
         r"|name)|invalid domain name", (_P, Cause.OTHER),
         "The server finds the sender, the recipient or the EHLO name malformed.", "501 5.5.4 Invalid domain name",
         "501 5.5.4 unknown parameter", 0.75,
         when=lambda c: "auth" not in c.low,
         stack="any SMTP server (RFC 5321 section 4.2.2)"),
    Rule("not-now", 26,
         r"too many (?:concurrent |simultaneous |open )?(?:connections|sessions|login|errors|messages|requests|auth)"
         r"|grey ?list|try again (?:later|in)|(?<!resource )temporar(?:y|ily) (?:\w{1,14} )?(?:local |system |server "
         r"|authentication "
         r")?(?:problem|error|failure(?! in name)|unavailable|deferred|rejected|lookup|rate)"
         r"|server (?:is )?(?:too )?busy"
         r"|system (?:is )?busy|throttl|rate limit|insufficient system (?:storage|resources)"
         r"|service (?:not|un)available,? ?(?:closing|please|temporarily|try)|concurrent connections? limit"
         r"|quota exceeded|out of (?:memory|disk)|maintenance|4\.7\.500\b", (_T, _P),
         "The server says: not now.", "450 4.2.0 Greylisted, come back in five minutes", "250 2.0.0 Ok: queued", 0.85,
         when=lambda c: re.search(r"(?<![\d.])4[235]\d(?![\d.])|(?<![\d.])4\.\d\.\d|smtp|gsmtp|closing transmission",
         c.low)
         and not re.search(r"\b(?:5[035]\d)[ -]", c.text),
         stack="any SMTP server (RFC 5321 section 4.2.1); greylisting; Office 365 432 4.3.2"),
    Rule("five-hundred-and-fifty", 27, reply("55[0-4]|57[0-9]|54[1-9]"), (_P, Cause.AUTH_REJECTED),
         "The server refuses for good, after the session was set up or instead of its greeting.",
         "SMTP server: 554 no thanks", "line 554: no thanks", 0.85,
         when=lambda c: not re.search(r"\b535\b|fopen\(|HTTP/\d", c.text),
         stack="any SMTP server (RFC 5321 section 4.2)"),
    Rule("reply-refused-without-code", 27,
         r"(?:Transaction failed|Mailbox unavailable|Mailbox name not allowed|Exceeded storage allocation"
         r"|User not local)\.? "
         r"(?:[^\n]{0,80})?(?:The )?server response was:? ?", (_P,),
         ".NET puts a 55x reply into these words, and the server's own behind them.",
         "SmtpException: Transaction failed. The server response was: 5.7.0 no",
         "SmtpException: Failure sending mail.", 0.88,
         stack="System.Net.Mail (SmtpStatusCode in words): .NET Framework, .NET, Mono"),
    Rule("four-hundred-and-twenty-one", 27,
         reply("42[1-9]|43[0-9]|45[0-9]|47[0-9]") + r"(?! ?\[?Net::SMTP)|Service not available, closing transmission "
         r"channel", (_T, _P),
         "A reply that begins with 4 says: not now, try again later.",
         "SMTP server: 421 busy", "line 421: busy", 0.85,
         when=lambda c: not re.search(r"\[Net::SMTP\]|HTTP/\d|4\d\d (?:Bad Request|Not Found|Forbidden)", c.text),
         stack="any SMTP server (RFC 5321 section 4.2)"),
    Rule("no-ok-at-the-greeting", 90, r"cannot get initial OK message|unexpected (?:response|status"
         r"|reply)[^\n]{0,20}greeting", (_P, _T),
         "The server's first reply was not 220; the client keeps the words to itself.",
         "msmtp: cannot get initial OK message from server", "msmtp: cannot read the file", 0.5, stack="msmtp"),
)
