"""What the server itself said, in its replies: not now, not this mail; or that it is another server altogether."""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .error_rule import ErrorRule
from .patterns import LazyPattern, any_of, group

# Where a reply code may stand: at the start of a line, after punctuation, or after a word that announces it; before an
# enhanced code of its own class it stands anywhere.
_ANNOUNCED = group(
    r"^",
    r"[\n:(\[{\"'<>=|*`,;-]\s{0,3}",
    r"(?:code|response|reply|got|error|said|status|server|smtp|received|receiving)[ \t=\"'(]{1,3}",
    r"(?<![\w.])(?=4\d\d[ -]#?4\.\d{1,3}\.\d|5\d\d[ -]#?5\.\d{1,3}\.\d)",
)


def reply(codes: str) -> str:
    """A pattern for one of these reply codes as a client would quote it: `550 no`, `(550, b'no')`, `550 "no"`."""
    return _ANNOUNCED + rf"(?:{codes})(?=" + any_of(
        r"[ \-]\S",
        r"[\"')\]],?",
        r", ?b?[\"']",
        r": ?[^\s\d`'i]",
        r", response: ",
        r"\.?\s{0,20}(?:\n|$)",
    ) + ")"


# What the greetings of large services call themselves; another name in a greeting is another machine.
_OWN_NAMES = {
    "google": r"google|gmail|gsmtp", "microsoft": r"outlook|office365|microsoft|hotmail", "yahoo": r"yahoo|aol",
    "amazon": r"amazon|aws", "zoho": r"zoho", "apple": r"icloud|me\.com|apple", "yandex": r"yandex",
    "sendgrid": r"SG ESMTP|sendgrid|twilio", "mailgun": r"mailgun", "tencent": r"qq\.com|tencent",
    "netease": r"163|126|netease|coremail",
}
_GREETING = LazyPattern(r"(?:^|[\s\"'>:(\[])220[ -]([^\n]{3,200})")


def foreign_greeting(context: Context) -> bool:
    """Whether a greeting in the text names neither the service that was dialled nor any of its own names."""
    names = _OWN_NAMES.get(context.provider or "")
    if not names or not context.host:
        return False
    # 220 also answers STARTTLS ("Ready to start TLS"): only a greeting names a host and the protocol.
    greetings = [m[1] for m in _GREETING.finditer(context.text)
                 if re.match(r"[\w-]{1,60}(?:\.[\w-]{1,60}){1,5}\b.{0,60}SMTP", m[1])]
    return bool(greetings) and not any(re.search(names, line, re.IGNORECASE) for line in greetings)


MIDDLEBOX, TEMPORARY, POLICY = Cause.MIDDLEBOX, Cause.TEMPORARILY_UNAVAILABLE, Cause.RELAY_OR_POLICY
NOT_SMTP = Cause.SERVER_NOT_SMTP

RULES = (
    ErrorRule(
        "greeting-starred-out", 10,
        any_of(
            r"\b220[ -]?[^\n]{0,20}\*{4}",
            r"\*{12,}[^\n]{0,60}\*{6,}",
            r"\b250[ -]X{4,}[A-Z]?\b",
            r"command[^\n]{0,12}\bX{4,}[A-Z]?\b",
        ),
        causes=(MIDDLEBOX,), likely=0.95,
        says="A firewall that inspects SMTP has written over the server's words with stars or X.",
        example="220 ****************************2******0***",
        counterexample="220 mail.example.com ESMTP ready",
        stack="Cisco PIX and ASA, `fixup protocol smtp` and `inspect esmtp`: any version",
    ),
    ErrorRule(
        "antivirus-answers", 11,
        any_of(
            # avast's own sentence; a product's name and what it does, in either order
            r"cannot connect to SMTP server [^\n]{1,100}, connect (?:error|timed?)",
            r"\b" + group(
                r"avast",
                r"avg",
                r"mcafee",
                r"mfe",
                r"kaspersky",
                r"norton",
                r"symantec",
                r"bitdefender",
                r"eset",
                r"sophos",
                r"avira",
                r"g ?data",
                r"panda",
                r"f-secure",
                r"trend ?micro",
                r"comodo",
                r"zonealarm",
                r"clamsmtp",
                r"spamihilator",
            ) + r"\b[^\n]{0,60}\b" + group(
                r"proxy",
                r"mail ?shield",
                r"e-?mail (?:scanner|protection|proxy)",
                r"exceeded",
                r"scanner",
                r"not available",
            ),
            (r"\b(?:limit|proxy|rejected|aborted|blocked)\b[^\n]{0,40}\b"
             r"(?:avast|avg|mcafee|mfe|kaspersky|norton|bitdefender|eset)\b"),
        ),
        causes=(MIDDLEBOX, TEMPORARY), likely=0.92,
        says="The words are those of an antivirus program on the client's machine, not of the mail server.",
        example="421 Too many sessions: limit of avast Mail Shield exceeded",
        counterexample="421 too many sessions from your host",
        stack="mail shields that proxy SMTP on the client's own machine",
    ),
    ErrorRule(
        "foreign-greeting", 12, r"\b220[ -][\w-]{1,60}\.[^\n]{3,200}",
        causes=(MIDDLEBOX, Cause.DNS), likely=0.9,
        says="The greeting is that of another machine than the service that was dialled.",
        example="Connection: opening to smtp.gmail.com:587\nSERVER -> CLIENT: 220-box7.hoster.example ESMTP Exim 4.96",
        counterexample="Connection: opening to smtp.gmail.com:587\nSERVER -> CLIENT: 220 smtp.gmail.com ESMTP a1 - "
                       "gsmtp",
        when=foreign_greeting,
        stack="hosting companies that redirect ports 25, 465 and 587 to their own server",
    ),
    ErrorRule(
        "exim-words-from-a-large-service", 12,
        r"535[ -]Incorrect authentication data|must not be local hostname .{0,40}Exim",
        causes=(MIDDLEBOX, Cause.AUTH_REJECTED), likely=0.6,
        says="These are Exim's words, and the service that was dialled does not run Exim.",
        example="host smtp.gmail.com: 535 Incorrect authentication data",
        counterexample="host mail.example.com: 535 Incorrect authentication data",
        when=lambda c: c.large_service,
        stack="Exim behind a hosting company's redirection",
    ),
    ErrorRule(
        "another-protocol-answers", 13,
        any_of(
            (r"(?:greeting|response|reply|got|received|line|banner|220)[^\n]{0,60}?[=:\"'\[ ]"
             r"(?:\* (?:OK|BYE|PREAUTH)\b|\+OK\b|-ERR\b|HTTP/\d|SSH-\d|<!DOCTYPE|<html)"),
            r"\(-1, b[\"'](?:\* |\+OK|HTTP/|SSH-|\[CAPABILITY )",
            r"\bSSH-[12]\.\d{1,2}-\w",
            r"(?:^|\n|<\*?\*?[- ] ?)(?:\* (?:OK|BYE) [^\n]{0,80}(?:IMAP|ready)|\+OK [^\n]{0,80}(?:POP3?|ready))",
        ),
        causes=(NOT_SMTP,), likely=0.9,
        says="The greeting is that of another protocol.",
        example="Invalid greeting: response=* OK [CAPABILITY IMAP4rev1] ready",
        counterexample="Invalid greeting: response=421 not ready",
        stack="IMAP, POP3, HTTP and SSH servers, quoted by any SMTP client",
    ),
    ErrorRule(
        "not-now-at-the-greeting", 13,
        any_of(
            r"\b(?:greeting|banner|welcome message)\b[^\n]{0,60}\n?[^\n]{0,20}\b421\b(?![ -]4\.7\.66)",
            r"refused to talk to me: 421\b(?![ -]4\.7\.66)",
        ),
        causes=(TEMPORARY, POLICY), likely=0.9,
        says="The server greeted with 421: not now, whatever was said after it.",
        example="Invalid greeting. response=421 4.3.2 Service not available",
        counterexample="Invalid greeting. response=554 5.7.1 Service not available",
        stack="any SMTP server (RFC 5321 section 4.2.1)",
        source="RFC 5321 section 3.8",
    ),
    ErrorRule(
        "no-reply-at-all", 29, r"the server sent an invalid reply|SMTP(?:Helo|Connect)Error: \(-1,|SMTPUnknownError",
        causes=(NOT_SMTP, Cause.PLAINTEXT_TO_IMPLICIT), likely=0.7,
        says="Bytes came, and they were no SMTP reply.",
        example="msmtp: the server sent an invalid reply",
        counterexample="msmtp: the server sent an empty reply",
        stack="msmtp, smtplib, Net::SMTP of Ruby",
        source="measured on loopback",
    ),
    ErrorRule(
        "another-client-on-an-smtp-port", 13,
        any_of(
            # IMAP and POP3 clients
            r"(?:unexpected|invalid|bad)[^\n]{0,60}\b(?:IMAP|POP3?)\b[^\n]{0,40}\b220\b",
            (r"\b(?:IMAP|POP3?)\b[^\n]{0,80}(?:greeting|unexpected|invalid|bad|unknown|untagged)"
             r"[^\n]{0,80}\b(?:220|2[25]0-|500|502)\b"),
            r"(?:imaplib|poplib)[^\n]{0,80}\b220\b",
            # curl; Postfix's log; Exim's answer; HTTP requests
            r"HTTP/0\.9 when not allowed",
            r"non-SMTP command from",
            r"I can break rules, too",
            r"(?:GET|POST|CONNECT) \S{1,80} HTTP/1\.\d[^\n]{0,20}\n[^\n]{0,40}\b(?:500|502|221)\b",
        ),
        causes=(NOT_SMTP,), likely=0.9,
        says="A client of another protocol reached an SMTP server.",
        example="Unexpected IMAP greeting from server: 220 mail.example.com ESMTP",
        counterexample="Unexpected IMAP greeting from server: * BYE",
        stack="mail programs and libraries whose incoming and outgoing ports were exchanged; browsers and HTTP "
              "clients",
    ),
    ErrorRule(
        "tls-version-refused-in-words", 17,
        any_of(
            r"\b4\.7\.66\b",
            r"TLS ?v?1\.[01](?: and (?:TLS ?)?v?1\.[01])? (?:is|are) (?:not|no longer) supported",
            r"(?:upgrade|update)[^\n]{0,40}to (?:support|use) TLS ?v?1\.[23]",
            r"5\.7\.\d{1,3} .{0,40}(?:legacy|old|weak) TLS",
        ),
        causes=(Cause.TLS_VERSION_OR_CIPHER,), likely=0.95,
        says="The server says in words that the client's TLS version is too old.",
        example="421 4.7.66 TLS 1.0 and 1.1 are no longer supported",
        counterexample="421 4.7.0 TLS 1.3 session, too many connections",
        stack="Office 365",
    ),
    ErrorRule(
        "talks-too-early", 18,
        any_of(
            # Exim
            r"synchroni[sz]ation error",
            r"input sent without waiting",
            # Sendmail, Postfix, others
            r"before (?:the )?(?:greeting|banner)",
            r"early ?talker",
            r"PREGREET",
            r"(?:improper|unauthorized) (?:use of )?(?:command |smtp )?pipelining",
            r"talks? too (?:early|soon)",
            r"protocol error.{0,30}pipelin",
        ),
        causes=(Cause.OTHER,), likely=0.9,
        says="The client spoke before the server's greeting, or before a reply was there.",
        example="554 SMTP synchronisation error: you spoke too soon",
        counterexample="554 5.7.1 Service refused",
        stack="Exim, Postfix postscreen, Sendmail greet_pause",
    ),
    ErrorRule(
        "google-closes-at-ehlo", 19,
        r"421[ -]\"?4\.7\.0[^\n]{0,30}Try again later, closing connection|421[ -]4\.7\.0[^\n]{0,80}\(EHLO\)",
        causes=(POLICY, TEMPORARY), likely=0.75,
        says="Google's relay says so to clients whose EHLO name (localhost, an address) it doesn't accept.",
        example="421 4.7.0 Try again later, closing connection. (EHLO) x1 - gsmtp",
        counterexample="421 4.3.0 Try again later",
        stack="smtp-relay.gmail.com",
        source="support.google.com: SMTP relay: EHLO name",
    ),
    ErrorRule(
        "block-list", 19,
        any_of(
            # names of lists
            r"spamhaus",
            r"spamcop",
            r"barracuda ?central",
            # words for a list
            r"\b(?:dns)?[rd]?bl\b",
            r"block ?list",
            r"black ?list",
            r"blocked (?:using|by|for|due)",
            r"banned sending IP",
            r"listed (?:in|at|on) ",
            # large services; spam filters
            r"reputation",
            r"unsolicited (?:mail|email)",
            r"traffic not accepted from this IP",
            r"bad (?:ip|sender) ",
            r"spam(?:ming)? (?:message|source|detected)",
        ),
        causes=(POLICY, TEMPORARY), likely=0.9,
        says="The server refuses this sender's address or its mail.",
        example="554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org",
        counterexample="554 5.3.0 Service unavailable",
        when=lambda c: not re.search(r"\b535\b", c.text),
        stack="any server with a block list",
    ),
    ErrorRule(
        "google-relay-credentials", 19,
        r"Invalid credentials for relay|(?:IP address|domain)[^\n]{0,60}registered[^\n]{0,60}relay",
        causes=(POLICY,), likely=0.93,
        says="The relay service knows senders by their address, and not this one.",
        example="550 5.7.1 Invalid credentials for relay [192.0.2.7]",
        counterexample="535 5.7.8 Invalid credentials",
        stack="Google Workspace relay",
    ),
    ErrorRule(
        "relay-denied", 24,
        any_of(
            # Postfix, Exim, Sendmail and others
            r"relay(?:ing)?(?: access)? (?:is )?(?:denied|not (?:permitted|allowed)|prohibited|rejected|forbidden)",
            r"unable to relay",
            r"(?:cannot|can't|not) (?:permitted to |allowed to )?relay",
            r"(?:denied|not permitted|not allowed)[^\n]{0,20}\brelay",
            r"do(?:es)? not relay",
            r"no relaying",
            r"authorized relay",
            # qmail; Exchange
            r"rcpthosts",
            r"we do not relay",
            r"5\.7\.54\b",
            r"(?<!connection or the )Client was not authenticated(?! to send)",
            # POP before SMTP
            r"must check (?:for new )?mail",
            r"pop.before.smtp",
            r"relay .{0,20}authenti",
        ),
        causes=(POLICY, Cause.DNS), likely=0.93,
        says="The session is fine; the server doesn't carry this mail for this client: usually no login was made.",
        example="550 5.7.1 <bob@example.org>: Relaying denied",
        counterexample="535 5.7.8 authentication denied",
        stack="Postfix 554 5.7.1 / 454 4.7.1, Exim 550 relay not permitted, Sendmail, Exchange 550 5.7.54, qmail 553 "
              "rcpthosts",
    ),
    ErrorRule(
        "sender-or-recipient-refused", 24,
        any_of(
            group(
                r"sender",
                r"recipient",
                r"helo command",
                r"client host",
                r"ehlo",
                r"mail from",
                r"reverse",
                r"rdns",
                r"ptr",
                r"message",
                r"from address",
            ) + r"\b[^\n]{0,60}?\b" + group(
                r"rejected",
                r"refused",
                r"not (?:verified|allowed|permitted|owned|authorized|accepted|exist)",
                r"denied",
                r"must (?:equal|match|be the same)",
                r"unverified",
                r"invalid domain",
            ),
            # Exchange; unknown recipients; numbers of Exchange and Gmail
            r"SendAsDenied",
            r"permissions? to send as",
            r"not authori[sz]ed to send",
            r"user unknown",
            r"no such user",
            r"mailbox (?:unavailable|full|not found)",
            r"unknown user",
            r"access denied[^\n]{0,20}\b5\.7",
            r"5\.7\.(?:60|64|26|708|750|23|25)\b",
            # 163.com; Postfix; Gmail; names in code; policies for senders
            r"must be (?:the )?same",
            r"(?:fully.qualified|FQDN) (?:host)?name",
            r"unauthenticated (?:email|sender)",
            r"EENVELOPE",
            r"SMTP(?:Sender|Recipients)Refused",
            r"DMARC",
            r"\bSPF\b",
        ),
        causes=(POLICY, TEMPORARY), likely=0.88,
        says="The session is fine; the server refuses this sender, this recipient or the EHLO name.",
        example="553 5.7.1 <me@example.com>: Sender address rejected: not owned by user",
        counterexample="235 2.7.0 sender accepted",
        when=lambda c: not re.search(r"\b(?:535|534)\b|gr[ea]y ?list", c.low),
        stack="Postfix access rules, Exchange 5.7.60 and 5.7.750, Gmail 5.7.26, SES, 163.com; nodemailer EENVELOPE",
    ),
    ErrorRule(
        "sender-or-name-malformed", 24,
        any_of(
            reply("501|555") + r"[^\n]{0,60}(?:address|domain|syntax|EHLO|HELO|argument|name)",
            r"invalid domain name",
        ),
        causes=(POLICY, Cause.OTHER), likely=0.75,
        says="The server finds the sender, the recipient or the EHLO name malformed.",
        example="501 5.5.4 Invalid domain name",
        counterexample="501 5.5.4 unknown parameter",
        when=lambda c: "auth" not in c.low,
        stack="any SMTP server (RFC 5321 section 4.2.2)",
    ),
    ErrorRule(
        "not-now", 26,
        any_of(
            (r"too many (?:concurrent |simultaneous |open )?"
             r"(?:connections|sessions|login|errors|messages|requests|auth)"),
            r"grey ?list",
            r"try again (?:later|in)",
            r"(?<!resource )temporar(?:y|ily) (?:\w{1,14} )?(?:local |system |server |authentication )?" + group(
                r"problem",
                r"error",
                r"failure(?! in name)",
                r"unavailable",
                r"deferred",
                r"rejected",
                r"lookup",
                r"rate",
            ),
            # busy, slowed down, short of something
            r"server (?:is )?(?:too )?busy",
            r"system (?:is )?busy",
            r"throttl",
            r"rate limit",
            r"insufficient system (?:storage|resources)",
            # Exchange and others; Office 365's number
            r"service (?:not|un)available,? ?(?:closing|please|temporarily|try)",
            r"concurrent connections? limit",
            r"quota exceeded",
            r"out of (?:memory|disk)",
            r"maintenance",
            r"4\.7\.500\b",
        ),
        causes=(TEMPORARY, POLICY), likely=0.85,
        says="The server says: not now.",
        example="450 4.2.0 Greylisted, come back in five minutes",
        counterexample="250 2.0.0 Ok: queued",
        when=lambda c: (
            re.search(r"(?<![\d.])4[235]\d(?![\d.])|(?<![\d.])4\.\d\.\d|smtp|gsmtp|closing transmission", c.low)
            and not re.search(r"\b(?:5[035]\d)[ -]", c.text)),
        stack="any SMTP server (RFC 5321 section 4.2.1); greylisting; Office 365 432 4.3.2",
    ),
    ErrorRule(
        "five-hundred-and-fifty", 27, reply("55[0-4]|57[0-9]|54[1-9]"),
        causes=(POLICY, Cause.AUTH_REJECTED), likely=0.85,
        says="The server refuses for good, after the session was set up or instead of its greeting.",
        example="SMTP server: 554 no thanks",
        counterexample="line 554: no thanks",
        when=lambda c: not re.search(r"\b535\b|fopen\(|HTTP/\d", c.text),
        stack="any SMTP server (RFC 5321 section 4.2)",
    ),
    ErrorRule(
        "reply-refused-without-code", 27,
        group(
            r"Transaction failed",
            r"Mailbox unavailable",
            r"Mailbox name not allowed",
            r"Exceeded storage allocation",
            r"User not local",
        ) + r"\.? (?:[^\n]{0,80})?(?:The )?server response was:? ?",
        causes=(POLICY,), likely=0.88,
        says=".NET puts a 55x reply into these words, and the server's own behind them.",
        example="SmtpException: Transaction failed. The server response was: 5.7.0 no",
        counterexample="SmtpException: Failure sending mail.",
        stack="System.Net.Mail (SmtpStatusCode in words): .NET Framework, .NET, Mono",
    ),
    ErrorRule(
        "four-hundred-and-twenty-one", 27,
        any_of(
            reply("42[1-9]|43[0-9]|45[0-9]|47[0-9]") + r"(?! ?\[?Net::SMTP)",
            r"Service not available, closing transmission channel",
        ),
        causes=(TEMPORARY, POLICY), likely=0.85,
        says="A reply that begins with 4 says: not now, try again later.",
        example="SMTP server: 421 busy",
        counterexample="line 421: busy",
        when=lambda c: not re.search(r"\[Net::SMTP\]|HTTP/\d|4\d\d (?:Bad Request|Not Found|Forbidden)", c.text),
        stack="any SMTP server (RFC 5321 section 4.2)",
    ),
    ErrorRule(
        "no-ok-at-the-greeting", 90,
        r"cannot get initial OK message|unexpected (?:response|status|reply)[^\n]{0,20}greeting",
        causes=(POLICY, TEMPORARY), likely=0.5,
        says="The server's first reply was not 220; the client keeps the words to itself.",
        example="msmtp: cannot get initial OK message from server",
        counterexample="msmtp: cannot read the file",
        stack="msmtp",
    ),
)
