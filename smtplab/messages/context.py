"""Where an error text comes from: port, host and mode, who speaks, and whether STARTTLS had been agreed on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .patterns import LazyPattern, any_of, group
from .surroundings import without_surroundings
from .transcript import Transcript, transcript_of

MODES = ("implicit", "starttls", "plain")


@dataclass(frozen=True)
class Context:
    """What is known about an error text. `mode` is implicit, starttls, plain or None; `port` is given or found.

    `host` is the server that was dialled, or ""; `provider` the large service it belongs to ("google"), or "".
    `from_server`: a server's log says so; `starttls_shown`: the text itself shows that TLS began after STARTTLS.
    `transcript` is the dialogue that the text holds; `shown_mode` the client's mode as that shows it, which overrules
    the mode that was given. `low` is the text in small letters, `evidence` the same without settings and the like.
    """

    text: str
    port: int | None = None
    mode: str | None = None
    host: str = ""
    provider: str = ""
    from_server: bool = False
    starttls_shown: bool = False
    transcript: Transcript | None = field(default=None, repr=False)
    low: str = field(default="", repr=False)
    evidence: str = field(default="", repr=False)

    @property
    def shown_mode(self) -> str | None:
        """The mode that the text itself shows the client in, or None."""
        return self.transcript.mode if self.transcript else None

    @property
    def only_mentioned(self) -> bool:
        """Whether this is a short sentence about errors (a question, a changelog's line), not an error's own words."""
        return len(self.text) < 400 and bool(_ABOUT.search(self.text)) and not _ITSELF.search(self.text)

    @property
    def dialled(self) -> str:
        """The server that was dialled, to be named in a command: its name, or the address that stands by the port."""
        if self.host:
            return self.host.lstrip("-")
        port = self.port or r"\d{2,5}"
        m = re.search(rf"(?<![\w.])(\d{{1,3}}(?:\.\d{{1,3}}){{3}})(?:\]?:|\)? port ){port}(?!\d)", self.text)
        return m[1] if m else ""

    @property
    def implicit_port(self) -> bool:
        """Whether the port is one where TLS starts at once."""
        return self.port in (465, 993, 995)

    @property
    def plaintext_port(self) -> bool:
        """Whether the port is one where the server speaks first, in clear."""
        return self.port in (25, 587, 2525, 1025, 2587, 26)

    @property
    def waits_for_each_other(self) -> bool:
        """Whether a client that begins in clear is on a port where TLS starts at once: both sides wait."""
        return self.implicit_port and (self.mode in ("starttls", "plain")
                                       or self.mode is None and bool(_BEGINS_IN_CLEAR.search(self.text)))

    @property
    def tls_where_text_is_due(self) -> bool:
        """Whether a client that begins with TLS is on a port where the server speaks first, in clear."""
        return self.plaintext_port and self.mode == "implicit"

    @property
    def large_service(self) -> bool:
        """Whether the server belongs to a service whose own certificate and greeting are sure to be right."""
        return self.provider in ("google", "microsoft", "yahoo", "apple")


# Calls that never begin with TLS.
_BEGINS_IN_CLEAR = LazyPattern(r"\bsmtp\.(?:Dial|SendMail)\b|\bSystem\.Net\.Mail\b")
_ABOUT = LazyPattern(any_of(
    # a commit or a changelog
    r"\b(?:we|i|it|this|that|pr|commit|release|version|patch)\b[^\n]{0,30}\bfix(?:e[sd])?\b",
    r"^\W{0,4}(?:bug ?)?fix(?:e[sd])?\b",
    r"\bchangelog\b",
    r"\brelease notes?\b",
    # a question
    r"\bhow (?:do|can|to|should)\b",
    r"\bwhat (?:is|does|do|means?)\b",
    r"\bwhy (?:do|does|is|am)\b",
    # work on the messages themselves
    r"\b(?:better|clearer|nicer|improved?) (?:error )?(?:message|text)s?\b",
    r"^\W{0,4}(?:add|handle|improve|document|explain)(?:s|ed)?\b",
), re.IGNORECASE)
_ITSELF = LazyPattern(any_of(
    # OpenSSL
    r"error:[0-9a-f]{6,8}:",
    r"\[SSL: ",
    # languages
    r"exception\b",
    r"traceback",
    r"errno",
    r"_ssl\.c",
    r"\w(?:Error|ERROR)\b[:(]",
    # servers, programs, numbers in code
    r"^\W{0,2}[245]\d\d[ -]",
    r"warning: ",
    r"code[:=]",
    r"curl: \(",
    r"SSL_connect",
    r"SSL_accept",
    r"0x[0-9a-f]{4}",
), re.IGNORECASE)
_PORT = LazyPattern(group(
    r"\bport[\"']?\s{0,3}(?:=>|[:=]|is|number)?\s{0,3}[\"']?",
    r"(?<=[\w\])]):",  # behind a host's name or address
) + r"(\d{2,5})(?!\w|\.\w|:\d|-[\d>])", re.IGNORECASE)
_VARIABLE_PORT = LazyPattern(r"\b[A-Z]{1,20}_PORT[\"']?\s{0,3}[:=]\s{0,3}[\"']?(\d{2,5})\b")  # SMTP_PORT=587
# What stands before a colon and a number that is no port: a source file (its line) or the hour of a time.
_FILE = LazyPattern(
    r"\.(?:[chm]|cc|cpp|cs|erl|exs?|go|java|[cm]?[jt]s|kt|lua|php|p[lmy]|rake|rb|rs|scala|swift)(?::\d{1,5})?$",
    re.IGNORECASE)
_PATH = LazyPattern(r"(?<![/:])/[\w.-]{1,40}$|:\d{1,5}$")  # node:internal/modules/cjs/loader:1228:14, and no URL's host
_HOUR = LazyPattern(r"(?<![\d.])\d{1,2}$")
_MAIL_PORTS = (25, 26, 110, 143, 465, 587, 993, 995, 1025, 2525, 2587)
# The machine that was dialled, in the words around it; then any name that looks like a mail server's.
_DIALLED = LazyPattern(group(
    # an address, or a sentence of the client's
    r"(?:ssl|tls|tcp|smtps?)://",
    r"opening to ",
    r"connect(?:ing|ion)?(?: to)? (?:host |server |smtp host:? |to )?",
    r"smtp host:? ",
    r"peeraddr=",
    # a setting; Go; a setting; Node; people
    r"\bhost(?:name)?[\"']?\s{0,3}(?:=>|[:=])\s{0,3}",
    r"\bdial tcp ",
    r"\bserver[\"']?\s{0,3}[:=]\s{0,3}",
    r"ENOTFOUND ",
    r"\bfor ",
) + r"[\"'(<\[]{0,2}([A-Za-z0-9_-]{1,60}(?:\.[A-Za-z0-9_-]{1,60}){1,6})(?![\w@(.])", re.IGNORECASE)
_HOST = LazyPattern(
    r"(?<![@\w.\-/])((?:smtp|mail|mx|relay|email|outlook)[\w-]{0,40}(?:\.[\w-]{1,60}){1,5})(?![\w@(])", re.IGNORECASE)
# Dotted names that are parts of programs, not of the network.
_NO_HOST = LazyPattern(any_of(
    # a package's first name
    r"^" + group(
        r"javax?", r"jakarta", r"com", r"org", r"net", r"io", r"system", r"microsoft", r"mailkit",
        r"smtplib", r"aiosmtplib", r"ssl", r"java", r"lettre", r"nodemailer", r"smtp", r"mail",
    ) + r"\.(?!gmail|google|office|[\w-]+\.[a-z]{2,3}$)",
    # a file
    r"\.(?:py|js|ts|rb|go|php|java|cs|c|h|rs|pl|pm|ex|erl|conf|cf|log|rake)$",
    # a variable: no country has an underscore
    r"\.[\w-]*_\w*$",
    # a class
    r"(?:exception|error|client|transport|mailer|sender)$",
), re.IGNORECASE)
_PROVIDERS = (
    ("google", LazyPattern(any_of(
        r"\b(?:smtp[\w.-]{0,20}\.)?(?:gmail|googlemail)(?:\.com)?\b",
        r"smtp-relay\.gmail",
        r"aspmx\.l\.google",
        r"- gsmtp\b",
    ), re.IGNORECASE)),
    ("microsoft", LazyPattern(any_of(
        r"\boffice ?365",
        r"\bo365\b",
        r"outlook\.com",
        r"hotmail\.com",
        r"protection\.outlook",
    ), re.IGNORECASE)),
    ("yahoo", LazyPattern(r"mail\.yahoo\.|smtp\.aol\.", re.IGNORECASE)),
    ("apple", LazyPattern(r"mail\.me\.com|icloud\.com", re.IGNORECASE)),
    ("amazon", LazyPattern(r"email-smtp\.[\w-]{1,20}\.amazonaws", re.IGNORECASE)),
    ("zoho", LazyPattern(r"smtp(?:pro)?\.zoho\.", re.IGNORECASE)),
    ("yandex", LazyPattern(r"smtp\.yandex\.", re.IGNORECASE)),
    ("sendgrid", LazyPattern(r"smtp\.sendgrid\.", re.IGNORECASE)),
    ("mailgun", LazyPattern(r"smtp\.(?:eu\.)?mailgun\.", re.IGNORECASE)),
    ("tencent", LazyPattern(r"smtp\.(?:exmail\.)?qq\.com", re.IGNORECASE)),
    ("netease", LazyPattern(r"smtp\.(?:163|126)\.com", re.IGNORECASE)),
)
_SERVER_LOG = LazyPattern(any_of(
    # Postfix, Dovecot
    r"postfix/(?:smtps/|submissions?/)?smtpd\b",
    r"SSL_accept",
    r"\bimap-login:",
    r"\bsubmission-login:",
    r"lost connection after \w+ from",
    # Exim, OpenSSL, Sendmail
    r"TLS error on connection from",
    r"exim\[\d+\].{0,80} (?:H=|from )",
    r"tls_(?:early_)?post_process_client_hello",
    r"\bsm-mta\[.{0,200}(?:ruleset|STARTTLS=server)",
    r"STARTTLS=server",
), re.IGNORECASE)
# A client's own words: where both speak, the client's error is what is asked about.
_CLIENT_SPEAKS = LazyPattern(
    r"^(?![^\n]{0,80}(?:postfix|dovecot|exim|sm-mta|imap-login|TLS error on connection from))[^\n]{0,200}?"
    + group(r"\bSSL_connect\b", r"peeraddr=", r"Traceback", r"curl: \(", r"net/smtp\.rb", r"stream_socket_client"),
    re.MULTILINE)
# The port that a connection was really made to, as an error or a log says it, and not a setting.
_PORT_IN_USE = LazyPattern(group(
    r"SMTP host: [^\s,]{1,120}, port: ",
    r"\bpeeraddr=[\w.:\[\]-]{1,60}:",
    r"^\* Connected to [^\n]{1,120} port ",
    r"(?:^\*  |^===) Trying [\w.:\[\]-]{1,100}:",
    r"\bopening to (?:\w{2,5}://)?[\w.-]{1,100}:",
    r"\bconnect E[A-Z]{4,12} [\w.:]{1,60}:",
) + r"(\d{2,5})(?!\d)", re.MULTILINE)
_AFTER_STARTTLS = LazyPattern(any_of(
    r"stream_socket_enable_crypto",
    r"after STARTTLS",
    r"convert socket to TLS",
    r"STARTTLS upgrade failed",
    r"upgrad\w+ connection with STARTTLS",
    r"\"stage\":\s?\"starttls\"",
    r"begin TLS negotiation",
    r"ready (?:to start|for) TLS",
    r"startTLS(?:Error|Exception)",
    r"send(?:ing)? STARTTLS command",
    r"STARTTLS (?:command )?(?:failed|handshake)",
    r"(?:\bin|->|\bat) [`']?[\w.#:$]{0,60}start_?tls",
    r"\bdo_tls",
    r"\.start_?tls\(",
    r"STARTTLS=client",
), re.IGNORECASE)
def context_of(text: str, port: int | None, mode: str | None) -> Context:
    """Find all that the rules ask for in a cleaned text. A `port` that is given overrules the text's, unless that is
    one of mail's, to which the text says a connection was made. A `mode` other than implicit, starttls and plain counts
    as not known."""
    in_use = next((int(m[1]) for m in _PORT_IN_USE.finditer(text) if int(m[1]) in _MAIL_PORTS), None)
    found = next((int(m[1]) for m in _PORT.finditer(text)
                  if 20 < int(m[1]) < 65536 and not _is_no_port(text, m)), None)
    if found is None:
        found = next((int(m[1]) for m in _VARIABLE_PORT.finditer(text) if int(m[1]) in _MAIL_PORTS), None)
    host = _host(text)
    small, transcript = _small(text), transcript_of(text)
    shown = transcript.mode if transcript else None
    return Context(
        text, in_use or port or found, shown or (mode if mode in MODES else None), host,
        provider_of(host) or (provider_of(text) if not host else ""),
        bool(_SERVER_LOG.search(text) and not _CLIENT_SPEAKS.search(text)),
        bool(_AFTER_STARTTLS.search(text)) or (transcript is not None and transcript.tls_after == "starttls"),
        transcript, small, without_surroundings(small))


def _is_no_port(text: str, m: re.Match[str]) -> bool:
    """Whether the number is a line of a source file (some endings are also countries) or the minutes of a time."""
    before = text[max(0, m.start() - 18):m.start()]
    if m.group()[0] != ":":
        return False
    return bool(_HOUR.search(before) or int(m[1]) not in _MAIL_PORTS and (_FILE.search(before) or _PATH.search(before)))


def _small(text: str) -> str:
    """The text in small letters, with each letter at its place: the small forms of a few letters are longer."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def provider_of(words: str) -> str:
    """The large service that a host name or a text names ("google", "microsoft"), or ""."""
    return next((name for name, pattern in _PROVIDERS if pattern.search(words)), "")


def _host(text: str) -> str:
    """The name of the server that was dialled, or "" if the text has none; names of programs are passed over."""
    for pattern in (_DIALLED, _HOST):
        for m in pattern.finditer(text):
            if not _NO_HOST.search(m[1]) and not m[1].replace(".", "").isdigit():
                return m[1]
    return ""
