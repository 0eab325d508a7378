"""Programs that send from the command line: curl and swaks here; the others have modules of their own.

Sources: curl(1) and lib/smtp.c; swaks(1) and its source. curl 7.88.1 and swaks 20201014.0 were run against loopback
servers.
"""

from __future__ import annotations

import re

from ..model import (
    ERROR,
    IMPLICIT,
    OPPORTUNISTIC,
    PLAIN,
    REQUIRED,
    Framework,
    Given,
    Key,
    Note,
    Outcome,
    Release,
    Role,
    Rule,
    Unoffered,
    Waits,
    other_keys,
    port_key,
)
from ..reading import Word
from ..standard import if_login_fails
from ..values import Words
from .git_send_email import GIT
from .msmtp import MSMTP
from .mutt import MUTT
from .options import FLAG, command_of, options, port_of, take_address, take_seconds, take_url

_LINE = "Command line"

# --- curl ---

_CURL = "curl(1) --ssl, --ssl-reqd; live"
_CURL_SHORT = {"u": "user", "T": "upload-file", "m": "max-time", "k": "insecure", "1": "tlsv1", "K": "config"}
_CURL_SAME = {"ftp-ssl": "ssl", "ftp-ssl-reqd": "ssl-reqd"}
_CURL_TLS = ("tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "tls-max", "ciphers", "tls13-ciphers", "cert", "key")
_CURL_CHECKS = ("insecure", "cacert", "capath", "pinnedpubkey")
CURL_KEYS = (
    *other_keys(Role.HOST, "host", "url"), port_key(),
    Key("ssl", FLAG, aliases=("--ssl", "ftp-ssl")), Key("ssl-reqd", FLAG, aliases=("--ssl-reqd", "ftp-ssl-reqd")),
    *other_keys(Role.SECRET, "user", "password", "oauth2-bearer", "proxy-user"),  # user is name:password
    *other_keys(Role.AUTH, "login-options", "sasl-ir", "netrc", "netrc-file", "netrc-optional"),
    *other_keys(Role.CHECK, *_CURL_CHECKS), *other_keys(Role.TIMEOUT, "max-time", "connect-timeout"),
    *other_keys(Role.OTHER, "mail-from", "mail-rcpt", "mail-auth", "upload-file", "config", "--option=value",
                *_CURL_TLS),
)
_CURL_FLAGS = ("ssl", "ssl-reqd", "insecure", "sasl-ir", "netrc", "netrc-optional", *_CURL_TLS[:5])
_CURL_TAKES = {k.name for k in CURL_KEYS} - {*_CURL_FLAGS} | {
    "output", "proxy", "header", "data", "form", "resolve", "connect-to", "interface", "write-out", "stderr", "trace",
    "trace-ascii", "dns-servers", "retry", "retry-delay", "keepalive-time", "crlfile", "cert-type", "pass"}


def _curl_words(words: list[Word]) -> dict[str, object]:
    words, found = command_of(words, "curl", "curl.exe")
    if not found:
        words = _as_options(words)
    values: dict[str, object] = {}
    urls: list[Word] = []
    for option in options(words, {*_CURL_TAKES, *_CURL_SHORT} - {"k", "1"}, letters="uTmKoxEHdFXAebcrwyYzCDPQUt"):
        name = _CURL_SHORT.get(option.name, option.name)
        name = _CURL_SAME.get(name, name)
        if name in ("", "url") and option.value is not None:
            urls.append(option.value)
        elif name.removeprefix("no-") in ("ssl", "ssl-reqd") and name.startswith("no-"):
            values.pop(name.removeprefix("no-"), None)
        elif name in CURL.by_name:
            values[name] = option.value if option.value is not None else Word("yes", option.line)
    if equals := next((w for w in words if found and re.match(r"--[a-z0-9.-]+=", w)), None):
        values["--option=value"] = Word(equals.partition("=")[0] + "=...", equals.line)
    mail = [u for u in urls if re.match(r"smtps?://", u, re.IGNORECASE)]
    if mail or found and urls:
        values["url"] = (mail or urls)[0]
    return values


def _as_options(words: list[Word]) -> list[Word]:
    """The lines of a .curlrc as options: `ssl-reqd`, `url = "..."`."""
    made, line = [], -1
    for word in words:
        name, equals, value = word.partition("=")
        if word.line != line and not word.startswith("-") and name.rstrip(":") in CURL.by_name:
            made += [Word("--" + name.rstrip(":"), word.line)] + [Word(value, word.line)] * bool(value)
        elif word != "=":
            made.append(word)
        line = word.line
    return made


def _curl_values(values: dict[str, object]) -> dict[str, object]:
    url = values.get("url")
    if isinstance(url, str):
        take_url(values, "url", "smtp" if url.rpartition("@")[2].lower().startswith("smtp.") else "http")
    return values


def _scheme(g: Given, name: str = "url") -> str:
    return str(g.raw(name)).partition("://")[0] if g.has(name) else ""


def _curl_logs_in(g: Given) -> bool:
    """Whether there is a name to log in with; options alone, with no mail to send, don't tell."""
    whole = g.has("mail-from", "mail-rcpt", "upload-file")
    return not whole or g.has("user", "oauth2-bearer", "netrc", "netrc-file", "netrc-optional", "config")


_CURL_RULES = if_login_fails((
    Rule(ERROR, "curl before 8.16 takes an option's value as the next word: \"option --...=...: is unknown\"",
         lambda g: g.has("--option=value"), "curl pull request 17789; live", before=(8, 16)),
    Rule(ERROR, "this URL is not smtp:// or smtps://, so curl speaks no SMTP (a name without a scheme is taken for HTTP"
                ' unless it starts with "smtp.")', lambda g: _scheme(g) not in ("", "smtp", "smtps"), "curl(1); live"),
    Rule(IMPLICIT, "smtps://: TLS starts at once", lambda g: _scheme(g) == "smtps", _CURL),
    Rule(REQUIRED, "--ssl-reqd: STARTTLS or nothing", lambda g: g["ssl-reqd"], _CURL),
    Rule(OPPORTUNISTIC, "--ssl: STARTTLS where it is offered", lambda g: g["ssl"], _CURL),
    Rule(PLAIN, "smtp:// alone never starts TLS", source=_CURL),
), lambda g: not _curl_logs_in(g))
_CURL_NOTES = (
    *(Note("ineffective", n, f"--{n} does not turn TLS on: without --ssl-reqd or smtps:// there is none for it",
           lambda g, n=n: g.has(n) and g.mode is PLAIN, "live") for n in (*_CURL_TLS, *_CURL_CHECKS)),
    *(Note("redundant", n, f"--{n} is about STARTTLS: with smtps:// TLS is there from the start",
           lambda g, n=n: g.mode is IMPLICIT and g.has(n), _CURL) for n in ("ssl", "ssl-reqd")),
    Note("fallback-in-clear", "ssl", "with --ssl curl also goes on in clear, with the password, where STARTTLS gets"
         " 454; use --ssl-reqd", lambda g: g.mode is OPPORTUNISTIC, "live"),
    Note("no-certificate-check", "insecure", "--insecure: the server's certificate is not checked",
         lambda g: g.has("insecure") and g.mode not in (PLAIN, ERROR), "curl(1) --insecure"),
    Note("password-in-clear", "user", "curl sends the password in clear to a server that offers AUTH without TLS",
         lambda g: g.mode is PLAIN and _curl_logs_in(g), "live"),
    Note("auth-incomplete", "user", "without --user curl does not log in, and a submission server refuses the mail",
         lambda g: not _curl_logs_in(g), "live"),
)
CURL = Framework(
    "curl", "curl", _LINE, CURL_KEYS, _CURL_RULES, (Release("7.88.1", (7, 88, 1)),),
    {IMPLICIT: "curl smtps://{host}:{port}", REQUIRED: "curl --ssl-reqd smtp://{host}:{port}",
     OPPORTUNISTIC: "curl --ssl smtp://{host}:{port}", PLAIN: "curl smtp://{host}:{port}"},
    ("command",), ("libcurl", "curl.exe", "curlrc"), _CURL_NOTES,
    default_port=lambda g: 465 if _scheme(g) == "smtps" else 25,
    unoffered=Unoffered.SKIPS, credentials=_curl_logs_in, password_in_clear=_curl_logs_in, waits=(Waits(120),),
    errors={Outcome.WRONG_VERSION_NUMBER: "curl: (35) OpenSSL/...: error:0A00010B:SSL routines::wrong version number",
            Outcome.HANG: "curl: (28) server response timeout",
            Outcome.STARTTLS_NOT_OFFERED: "curl: (64) STARTTLS not supported.",
            Outcome.REFUSED_NEEDS_TLS: "curl: (55) MAIL failed: 530"},
    expand=_curl_values, words=_curl_words,
    says={"smtp://": {"url": "smtp://"}, "smtps://": {"url": "smtps://"}, "--ssl": {"ssl": True},
          "--ssl-reqd": {"ssl-reqd": True}},
)

# --- swaks ---

_SWAKS = "swaks(1), TLS options; live"
_SWAKS_SAME = {
    "tlso": "tls-optional", "tlsos": "tls-optional-strict", "tlsc": "tls-on-connect", "tlsp": "tls-protocol",
    "s": "server", "p": "port", "a": "auth", "au": "auth-user", "ap": "auth-password", "ao": "auth-optional",
    "aos": "auth-optional-strict", "t": "to", "f": "from", "q": "quit-after", "quit": "quit-after"}
_SWAKS_PROTOCOLS = {"smtp": "", "esmtp": "", "esmtpa": "", "ssmtp": "c", "ssmtpa": "c", "smtps": "c", "esmtps": "s",
                    "esmtpsa": "s", "lmtp": "", "lmtpa": "", "lmtps": "s", "lmtpsa": "s"}
_SWAKS_MODES = ("tls", "tls-optional", "tls-optional-strict", "tls-on-connect")
_SWAKS_AUTH = ("auth", "auth-optional", "auth-optional-strict")
SWAKS_KEYS = (
    *(Key(n, FLAG, aliases=tuple("-" + a for a, full in _SWAKS_SAME.items() if full == n)) for n in _SWAKS_MODES),
    Key("protocol", Words(tuple(_SWAKS_PROTOCOLS), any_case=True, otherwise="swaks stops"), "esmtp"),
    *other_keys(Role.HOST, "host", "server"), port_key(), *other_keys(Role.AUTH, *_SWAKS_AUTH),
    *other_keys(Role.USER, "auth-user"), *other_keys(Role.SECRET, "auth-password"),
    *other_keys(Role.CHECK, "tls-verify", "tls-ca-path"), *other_keys(Role.TIMEOUT, "timeout"),
    *other_keys(Role.OTHER, "to", "from", "quit-after", "helo", "data", "body", "header", "attach", "tls-protocol",
                "tls-cipher", "tls-cert", "tls-key", "tls-sni"),
)
_SWAKS_MAY = {"server", "s", "port", "p", "to", "t", "from", "f", "helo", "h", "data", "d", "timeout", "header", "body",
              "attach", "protocol", "quit-after", "q", "quit", "config", "li", "tls-protocol", "tlsp", "tls-cipher",
              "tls-cert", "tls-key", "tls-ca-path", "tls-sni", *_SWAKS_AUTH, "a", "ao", "aos", "au", "auth-user"}


def _swaks_words(words: list[Word]) -> dict[str, object]:
    words, _ = command_of(words, "swaks")
    values = {}
    for option in options(words, {"ap", "auth-password"}, _SWAKS_MAY):
        name = _SWAKS_SAME.get(option.name, option.name)
        if name in SWAKS.by_name and name != "host":
            values[name] = option.value if option.value is not None else Word("yes", option.line)
    return values


def _swaks_values(values: dict[str, object]) -> dict[str, object]:
    own = port_of(values.get("port"))
    take_address(values, "server")
    if own:
        values["port"] = own
    take_seconds(values, "timeout")
    return values


def _swaks_logs_in(g: Given) -> bool:
    """Whether swaks logs in; options alone, with no mail to send, don't tell."""
    return not g.has("to") or g.has(*_SWAKS_AUTH, "auth-user", "auth-password") or str(
        g["protocol"]).endswith("a")


def _by_protocol(g: Given) -> str:
    return "" if g.has(*_SWAKS_MODES) else _SWAKS_PROTOCOLS.get(g["protocol"], "")


def _on_connect(g: Given) -> bool:
    return bool(g["tls-on-connect"]) or _by_protocol(g) == "c"


def _optional(g: Given) -> bool:
    return bool(g["tls-optional"] or g["tls-optional-strict"])


def _tls_in_tls(g: Given) -> bool:
    return _on_connect(g) and bool(g["tls"]) and not _optional(g)


_SWAKS_RULES = if_login_fails((
    Rule(ERROR, "swaks does not know this protocol and stops", lambda g: g["protocol"] is None, "swaks source"),
    Rule(IMPLICIT, "-tlsc starts TLS at once; -tls then demands STARTTLS inside it, which no server offers there",
         lambda g: _tls_in_tls(g) and g.port % 1000 == 465, "swaks source", outcome=Outcome.STARTTLS_NOT_OFFERED),
    Rule(IMPLICIT, "-tlsc (or --protocol SSMTP): TLS starts at once", _on_connect, _SWAKS),
    Rule(OPPORTUNISTIC, "-tlso and -tlsos: STARTTLS where it is offered", _optional, _SWAKS),
    Rule(REQUIRED, "-tls (or --protocol ESMTPS): STARTTLS or nothing", lambda g: g["tls"] or _by_protocol(g) == "s",
         _SWAKS),
    Rule(PLAIN, "without a -tls option swaks never starts TLS", source=_SWAKS),
), lambda g: not _swaks_logs_in(g) and not g.has("quit-after"))
_SWAKS_NOTES = (
    Note("contradiction", "tls", "-tls and -tlsc exclude each other: -tls for port 587, -tlsc for 465", _tls_in_tls,
         "swaks source"),
    Note("no-certificate-check", "tls-verify", "swaks checks no certificate without --tls-verify",
         lambda g: g.mode not in (PLAIN, ERROR) and not g.has("tls-verify"), "live"),
    Note("no-certificate-check", "tls-verify", "--tls-verify of this swaks checks who signed the certificate, not the"
         " host name in it", lambda g: g.mode not in (PLAIN, ERROR) and g.has("tls-verify"), "live"),
    Note("fallback-in-clear", "tls-optional", "with -tlso swaks also goes on in clear, with the password, where"
         " STARTTLS gets 454", lambda g: bool(g["tls-optional"]) and g.mode is OPPORTUNISTIC, "live"),
    Note("password-in-clear", "auth", "swaks sends the password in clear to a server that offers AUTH without TLS",
         lambda g: g.mode is PLAIN and _swaks_logs_in(g), "live"),
    Note("auth-incomplete", "auth", "without --auth swaks does not log in, and a submission server refuses the mail",
         lambda g: not _swaks_logs_in(g), "live"),
)
SWAKS = Framework(
    "swaks", "swaks", _LINE, SWAKS_KEYS, _SWAKS_RULES, (Release("20201014.0", (20201014, 0)),),
    {IMPLICIT: "swaks --server {host} --port {port} -tlsc", REQUIRED: "swaks --server {host} --port {port} -tls",
     OPPORTUNISTIC: "swaks --server {host} --port {port} -tlso", PLAIN: "swaks --server {host} --port {port}"},
    ("command",), (), _SWAKS_NOTES, default_port=lambda g: 465 if _on_connect(g) else 25,
    unoffered=lambda g: Unoffered.SKIPS if g.has(*_SWAKS_AUTH[1:]) else Unoffered.FAILS,
    credentials=_swaks_logs_in, password_in_clear=_swaks_logs_in, waits=(Waits(30),),
    errors={Outcome.WRONG_VERSION_NUMBER: "*** TLS startup failed (connect(): ... wrong version number)",
            Outcome.HANG: "*** Timeout (30 secs) waiting for server response",
            Outcome.STARTTLS_NOT_OFFERED: "*** Host did not advertise STARTTLS",
            Outcome.REFUSED_NEEDS_TLS: "*** Host did not advertise authentication",
            Outcome.AUTH_NOT_OFFERED: "*** Host did not advertise authentication"},
    expand=_swaks_values, words=_swaks_words,
    says={"-tls": {"tls": True}, "-tlso": {"tls-optional": True}, "-tlsc": {"tls-on-connect": True}},
)
FRAMEWORKS = (CURL, MSMTP, MUTT, SWAKS, GIT)
