"""Where an error text comes from: port, host and mode, who speaks, how far the conversation had come."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Stage(StrEnum):
    """How far a connection had come when the text was written; the order is that of the conversation."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"  # at once, on connecting
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS_AFTER_STARTTLS = "tls-after-starttls"
    AUTH = "auth"
    MAIL = "mail"


@dataclass(frozen=True)
class Reply:
    """A server's reply that the text quotes: "535", "5.7.8" or "", its words, and where it stands."""

    code: str
    enhanced: str
    words: str
    span: tuple[int, int]


@dataclass(frozen=True)
class Context:
    """What is known around an error text. `mode` is implicit, starttls, plain or None; `port` is given or found.

    `host` is the server that was dialled, or ""; `provider` the large service it belongs to ("google"), or "".
    """

    text: str
    port: int | None = None
    mode: str | None = None
    host: str = ""
    provider: str = ""
    from_server: bool = False
    stage: Stage | None = None
    replies: tuple[Reply, ...] = ()
    low: str = field(default="", repr=False)

    @property
    def only_mentioned(self) -> bool:
        """Whether this is a short sentence about errors (a question, a changelog's line), not an error's own words."""
        return len(self.text) < 400 and bool(_ABOUT.search(self.text)) and not _ITSELF.search(self.text)

    @property
    def implicit_port(self) -> bool:
        """Whether the port is one where TLS starts at once."""
        return self.port in (465, 993, 995)

    @property
    def plaintext_port(self) -> bool:
        """Whether the port is one where the server speaks first, in clear."""
        return self.port in (25, 587, 2525, 1025, 2587, 26)


_ABOUT = re.compile(
    r"\b(?:we|i|it|this|that|pr|commit|release|version|patch)\b[^\n]{0,30}\bfix(?:e[sd])?\b"
    r"|^\W{0,4}(?:bug ?)?fix(?:e[sd])?\b"
    r"|\bchangelog\b|\brelease notes?\b|\bhow (?:do|can|to|should)\b|\bwhat (?:is|does|do|means?)\b|\bwhy (?:do|does"
    r"|is|am)\b"
    r"|\b(?:better|clearer|nicer|improved?) (?:error )?(?:message|text)s?\b|^\W{0,4}(?:add|handle|improve|document"
    r"|explain)(?:s|ed)?\b",
    re.IGNORECASE)
_ITSELF = re.compile(r"error:[0-9a-f]{6,8}:|\[SSL: |exception\b|traceback|errno|_ssl\.c|\w(?:Error|ERROR)\b[:(]"
    r"|^\W{0,2}[245]\d\d[ -]"
                     r"|warning: |code[:=]|curl: \(|SSL_connect|SSL_accept|0x[0-9a-f]{4}", re.IGNORECASE)
_PORT = re.compile(r"(?:\bport[\"']?\s{0,3}(?:=>|[:=]|is|number)?\s{0,3}[\"']?|(?<=[\w\])]):)(\d{2,5})"
                   r"(?![\w.]|:\d|-\d)", re.IGNORECASE)
# What stands before a colon and a number that is no port: a source file (its line) or the hour of a time.
_FILE = re.compile(r"\.(?:[chm]|cc|cpp|cs|erl|exs?|go|java|[cm]?[jt]s|kt|lua|php|p[lmy]|rake|rb|rs|scala|swift)$",
                   re.IGNORECASE)
_HOUR = re.compile(r"(?<![\d.])\d{1,2}$")
_MAIL_PORTS = (25, 26, 110, 143, 465, 587, 993, 995, 1025, 2525, 2587)
# The machine that was dialled, in the words around it; then any name that looks like a mail server's.
_DIALLED = re.compile(
    r"(?:(?:ssl|tls|tcp|smtps?)://|opening to |connect(?:ing|ion)?(?: to)? (?:host |server |smtp host:? |to )?"
    r"|smtp host:? |peeraddr="
    r"|\bhost(?:name)?[\"']?\s{0,3}(?:=>|[:=])\s{0,3}|\bdial tcp |\bserver[\"']?\s{0,3}[:=]\s{0,3}|ENOTFOUND "
    r"|\bfor )[\"'(<\[]{0,2}"
    r"([A-Za-z0-9_-]{1,60}(?:\.[A-Za-z0-9_-]{1,60}){1,6})(?![\w@(.])", re.IGNORECASE)
_HOST = re.compile(r"(?<![@\w.\-/])((?:smtp|mail|mx|relay|email|outlook)[\w-]{0,40}(?:\.[\w-]{1,60}){1,5})(?![\w@(])",
                   re.IGNORECASE)
# Dotted names that are parts of programs, not of the network.
_NO_HOST = re.compile(r"^(?:javax?|jakarta|com|org|net|io|system|microsoft|mailkit|smtplib|aiosmtplib|ssl|java|lettre"
    r"|nodemailer|smtp|mail)\."
                      r"(?!gmail|google|office|[\w-]+\.[a-z]{2,3}$)|\.(?:py|js|ts|rb|go|php|java|cs|c|h|rs|pl|pm|ex"
                      r"|erl|conf|cf|log|rake)$"
                      r"|(?:exception|error|client|transport|mailer|sender)$", re.IGNORECASE)
_PROVIDERS = (
    ("google", re.compile(r"\b(?:smtp[\w.-]{0,20}\.)?(?:gmail|googlemail)(?:\.com)?\b|smtp-relay\.gmail"
    r"|aspmx\.l\.google|- gsmtp\b", re.IGNORECASE)),
    ("microsoft", re.compile(r"\boffice ?365|\bo365\b|outlook\.com|hotmail\.com|protection\.outlook", re.IGNORECASE)),
    ("yahoo", re.compile(r"mail\.yahoo\.|smtp\.aol\.", re.IGNORECASE)),
    ("apple", re.compile(r"mail\.me\.com|icloud\.com", re.IGNORECASE)),
    ("amazon", re.compile(r"email-smtp\.[\w-]{1,20}\.amazonaws", re.IGNORECASE)),
    ("zoho", re.compile(r"smtp(?:pro)?\.zoho\.", re.IGNORECASE)),
    ("yandex", re.compile(r"smtp\.yandex\.", re.IGNORECASE)),
    ("sendgrid", re.compile(r"smtp\.sendgrid\.", re.IGNORECASE)),
    ("mailgun", re.compile(r"smtp\.(?:eu\.)?mailgun\.", re.IGNORECASE)),
    ("tencent", re.compile(r"smtp\.(?:exmail\.)?qq\.com", re.IGNORECASE)),
    ("netease", re.compile(r"smtp\.(?:163|126)\.com", re.IGNORECASE)),
)
_REPLY = re.compile(r"(?<![\w.:/#-])([2-5][0-9][0-9])(?:[ -](?:#?([245]\.\d{1,3}\.\d{1,3})\b[ :]?)?|: ?|, b?[\"']"
    r"|\\?[\"'], (?:with message )?"
                    r"b?\\?[\"']?)([A-Za-z<*#\[(\"'][^\n]{0,200})")
_ENHANCED = re.compile(r"(?<![\w.])([245])\.(\d{1,2})\.(\d{1,3})(?![\w.])\s?([A-Za-z][^\n]{0,160})?")
_SERVER_LOG = re.compile(
    r"postfix/(?:smtps/|submissions?/)?smtpd\b|SSL_accept|\bimap-login:|\bsubmission-login:"
    r"|lost connection after \w+ from"
    r"|TLS error on connection from|exim\[\d+\].{0,80} (?:H=|from )|tls_(?:early_)?post_process_client_hello"
    r"|\bsm-mta\[.{0,200}(?:ruleset|STARTTLS=server)|STARTTLS=server", re.IGNORECASE)
_AFTER_STARTTLS = re.compile(
    r"stream_socket_enable_crypto|after STARTTLS|convert socket to TLS|STARTTLS upgrade failed|upgrad\w+ connection"
    r" with STARTTLS|\"stage\":\s?\"starttls\"|begin TLS negotiation|ready (?:to start|for) TLS|startTLS(?:Error"
    r"|Exception)"
    r"|send(?:ing)? STARTTLS command|STARTTLS (?:command )?(?:failed|handshake)|(?:\bin|->"
    r"|\bat) [`']?[\w.#:$]{0,60}start_?tls"
    r"|\bdo_tls|\.start_?tls\(|STARTTLS=client", re.IGNORECASE)
_STAGES = (
    (Stage.RESOLVE, re.compile(r"getaddrinfo|ENOTFOUND|gethostbyname|name or service not known|resolv", re.IGNORECASE)),
    (Stage.AUTH, re.compile(r"\bAUTH (?:LOGIN|PLAIN|XOAUTH2|CRAM)|in (?:login|auth)\b|EAUTH|authenticat",
    re.IGNORECASE)),
    (Stage.MAIL, re.compile(r"\b(?:MAIL FROM|RCPT TO|EENVELOPE|recipients? (?:were )?refused)", re.IGNORECASE)),
    (Stage.CONNECT, re.compile(r"connect\(2\)|\bdial (?:tcp|failed)|ECONNREFUSED|EHOSTUNREACH|open TCP connection"
                               r"|connect to |could not connect|connection (?:to|could not)", re.IGNORECASE)),
    (Stage.GREETING, re.compile(r"greeting|banner|in (?:connect|getreply)\b", re.IGNORECASE)),
)
# curl's smtp:// is plain on every port; Symfony's is implicit on 465.
_CURL_IN_CLEAR = re.compile(r"\bsmtp://", re.IGNORECASE)


def context_of(text: str, port: int | None, mode: str | None) -> Context:
    """Everything about a cleaned text that rules ask for. What the caller knows overrules what the text says."""
    found = next((int(m[1]) for m in _PORT.finditer(text)
                  if 20 < int(m[1]) < 65536 and not _is_no_port(text, m)), None)
    host = _host(text)
    replies = tuple(Reply(m[1], m[2] or "", m[3], m.span()) for m in _REPLY.finditer(text))[:40]
    stage = Stage.TLS_AFTER_STARTTLS if _AFTER_STARTTLS.search(text) else next(
        (stage for stage, pattern in _STAGES if pattern.search(text)), None)
    port = port or found
    provider = provider_of(host) or provider_of(str(mode or "")[:300]) or (not host and provider_of(text)) or ""
    small = _small(text)
    known = mode_of(mode, port) or ("plain" if _CURL_IN_CLEAR.search(str(mode or "")) and "curl: (" in small else None)
    return Context(text, port, known, host, provider, bool(_SERVER_LOG.search(text)), stage, replies, small)


def _is_no_port(text: str, m: re.Match[str]) -> bool:
    """Whether the number is a line of a source file (some endings are also countries) or the minutes of a time."""
    before = text[max(0, m.start() - 12):m.start()]
    return m.group()[0] == ":" and bool(_HOUR.search(before) or int(m[1]) not in _MAIL_PORTS and _FILE.search(before))


def _small(text: str) -> str:
    """The text in small letters, each place kept: a few letters' small forms are longer than they."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def provider_of(words: str) -> str:
    """The large service that a host name or a text names ("google", "microsoft"), or ""."""
    return next((name for name, pattern in _PROVIDERS if pattern.search(words)), "")


def _host(text: str) -> str:
    """The server that was dialled, as far as the text says; a name of the network, not of a program, and no address."""
    for pattern in (_DIALLED, _HOST):
        for m in pattern.finditer(text):
            if not _NO_HOST.search(m[1]) and not m[1].replace(".", "").isdigit():
                return m[1]
    return ""


def enhanced_codes(text: str) -> list[tuple[str, str]]:
    """Each enhanced status code in a text ("5.7.8") with the words behind it (RFC 3463)."""
    return [(f"{m[1]}.{m[2]}.{m[3]}", m[4] or "") for m in _ENHANCED.finditer(text)]


_FORMERLY = re.compile(r"\(?(?:switched from|changed from|instead of|rather than|\(not|, not) [\w/.-]{1,30}\)?",
    re.IGNORECASE)
_OFF = re.compile(r"\b(?:false|off|no|none|never|disabled?|0|null|nil|plain(?:text)?|unencrypted|clear)\b",
    re.IGNORECASE)
_IMPLICIT = re.compile(r"smtps|\bimplicit|wrapper|ssl.?on.?connect|smtp_ssl|smtpssl|\brelay\(\)|secure.{0,14}(?:true"
    r"|always on)"
                       r"|(?:use_?|is_?|enable_?)?ssl\b|\bSSL/TLS|force_?tls", re.IGNORECASE)
_STARTTLS = re.compile(r"start.?tls|explicit|enablessl", re.IGNORECASE)
_NOT = r"\W{0,5}(?:false|off|no|never|none|0)\b"
_STARTTLS_OFF = re.compile(rf"start.?tls(?:[._](?:auto|enabled?|required?))?{_NOT}", re.IGNORECASE)
_AT_ONCE = (r"(?:secure|ssl|(?<!start)(?<!start_)(?<!require)(?<!require_)(?<!ignore)(?<!ignore_)tls)\W{1,5}"
            r"(?:true|yes|1|on)\b|smtps://")
_NOT_AT_ONCE = rf"^(?!.*(?:{_AT_ONCE})).*"
# Settings with one meaning each, in small letters; the first that fits decides.
_FIXED = tuple((mode, re.compile(pattern, re.DOTALL)) for mode, pattern in (
    ("implicit", rf"^(?=.*(?:{_AT_ONCE})).*(?:start.?tls(?:_auto)?{_NOT}|\btls\W{{1,5}}never\b|ignore_?tls|requiretls"
                 r"|--ssl-reqd)"),  # what is said of STARTTLS has no effect beside TLS at once
    ("implicit", r"(?:tls|ssl).?on.?connect|(?<![\w-])--?tlsc\b|wrappermode\W{1,3}yes"
                 r"|^(?!.*\btls\W{1,3}off).*tls_starttls\W{1,3}off"),  # swaks and Exim, swaks, Postfix, msmtp
    ("plain", r"\bno[ _-]?start_?tls|security_?level\W{1,4}none|(?:socketoptions|security|encryption)\W{1,4}(?:none"
              r"|off|disabled)\b"),  # go-mail and Grafana, Postfix, MailKit, Thunderbird, Vaultwarden
    ("plain", rf"{_NOT_AT_ONCE}(?:ignore_?tls(?!{_NOT})|\btls\W{{1,5}}never\b|enable_?start_?tls(?:_auto)?{_NOT}"
              rf"|(?<![a-z])(?:tls|ssl){_NOT}.*start.?tls{_NOT}|start.?tls{_NOT}.*(?<![a-z])(?:tls|ssl){_NOT})"),
    ("starttls", r"tls_?mandatory|tls_?opportunistic|security_?level\W{1,4}(?:encrypt|may|verify|secure|dane)"
                 r"|smtp-?encryption\W{1,4}tls\b|(?<![\w-])--?tls(?:os?)?(?![\w-])"),  # go-mail, Postfix, git, swaks
    ("starttls", rf"{_NOT_AT_ONCE}(?:--ssl-reqd\b|\bcurl\b.*--ssl\b|requiretls(?!{_NOT})|\btls\W{{1,5}}(?:always"
                 r"|if_available)\b)"),  # curl, nodemailer, gen_smtp
))


def mode_of(words: str | None, port: int | None = None) -> str | None:
    """The mode that a mode's name or the words of a setting mean: implicit, starttls, plain, or None if unreadable.

    "TLS" alone means implicit TLS in some programs and STARTTLS in others (`smtplab settings --words`), on every port:
    it is not known. Laravel's `MAIL_ENCRYPTION=tls` and msmtp's `tls on` are STARTTLS where `port` is not 465.
    """
    # What a person says it is no longer ("switched from STARTTLS") is not what it is.
    words = _FORMERLY.sub(" ", str(words or "")[:300]).strip()
    if not words:
        return None
    low = words.lower()
    if low in ("implicit", "starttls", "plain"):
        return low
    if low.startswith(("starttls-", "starttls_", "opportunistic")):
        return "starttls"
    fixed = next((mode for mode, pattern in _FIXED if pattern.search(low)), None)
    if fixed:
        return fixed
    if "ignored" in low or "=> plaintext" in low or "=> false" in low:
        return "plain"
    if re.search(r"builder_dangerous|tls::none|ignore_?tls\W{0,3}true|\bnotls\b|(?:use|enable)_?tls\W{0,3}(?:false|0"
    r"|missing|off)[^a-z]{0,3}$"
                 r"|(?:use|enable)_?tls\W{0,3}(?:false|0|off), no|no start_?tls|secureconnection\W{1,3}false$", low):
        return "plain"
    if re.search(r"\bstarttls used|secure\W{1,3}false\W.{0,20}starttls|secure\W{0,3}=\W{0,3}[\"']?tls\b"
    r"|email_use_tls\W{0,3}true|tls::(?:required|opportunistic)"
                 r"|crypto\W{0,3}=\W{0,3}[\"']?tls\b|require_?tls\W{0,3}true", low):
        return "starttls"
    if re.search(r"enablessl\W{0,3}(?:false|0)|secure\W{1,3}false|no (?:ssl|tls|encryption|starttls)|^(?:none|plain"
    r"|no|off|false|0)\b(?! auth| login| password)",
                 low) and "starttls auto" not in low:
        return "plain"
    if _STARTTLS.search(words) and not _STARTTLS_OFF.search(words):
        return "starttls"
    if _IMPLICIT.search(words) and not _OFF.search(words):
        return "implicit"
    if port not in (None, 465) and re.search(r"mail_encryption\W{1,4}tls\b|^tls on$", low):
        return "starttls"
    return None
