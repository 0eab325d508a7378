"""curl, whose URL starts TLS at once, and whose options ask for STARTTLS.

Sources: curl(1) and lib/smtp.c. curl 7.88.1 was run against loopback servers.
"""

from __future__ import annotations

import re

from ..keys import Key, Values, keys
from ..model import Framework, Given, Mode, Note, Outcome, Release, Timeout, Unoffered
from ..reading import Word
from ..vocabulary import (
    auth_incomplete,
    both,
    error,
    given,
    if_login_fails,
    implicit,
    no_certificate_check,
    opportunistic,
    password_in_clear,
    plain,
    required,
)
from .options import FLAG, command_of, options, take_url

_CURL = "curl(1) --ssl, --ssl-reqd; live"
_CURL_SHORT = {"u": "user", "T": "upload-file", "m": "max-time", "k": "insecure", "1": "tlsv1", "K": "config"}
_CURL_SAME = {"ftp-ssl": "ssl", "ftp-ssl-reqd": "ssl-reqd"}
_CURL_TLS = ("tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "tls-max", "ciphers", "tls13-ciphers", "cert", "key")
_CURL_CHECKS = ("insecure", "cacert", "capath", "pinnedpubkey")
CURL_KEYS = keys(
    host="host url", port="port",
    mode=(
        Key("ssl", FLAG, aliases=("--ssl", "ftp-ssl")),
        Key("ssl-reqd", FLAG, aliases=("--ssl-reqd", "ftp-ssl-reqd")),
    ),
    secret="user password oauth2-bearer proxy-user", auth="login-options sasl-ir netrc netrc-file netrc-optional",
    check=_CURL_CHECKS, timeout="max-time connect-timeout",
    other=("mail-from mail-rcpt mail-auth upload-file config --option=value", *_CURL_TLS),
)
_CURL_FLAGS = ("ssl", "ssl-reqd", "insecure", "sasl-ir", "netrc", "netrc-optional", *_CURL_TLS[:5])
_CURL_TAKES = {k.name for k in CURL_KEYS} - {*_CURL_FLAGS} | {
    "output", "proxy", "header", "data", "form", "resolve", "connect-to", "interface", "write-out", "stderr", "trace",
    "trace-ascii", "dns-servers", "retry", "retry-delay", "keepalive-time", "crlfile", "cert-type", "pass"}


def _curl_words(words: list[Word]) -> Values:
    words, found = command_of(words, "curl", "curl.exe")
    if not found:
        words = _as_options(words)
    values: Values = {}
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
    """The lines of a .curlrc (`ssl-reqd`, `url = "..."`) as command line options."""
    made, line = [], -1
    for word in words:
        name, equals, value = word.partition("=")
        if word.line != line and not word.startswith("-") and name.rstrip(":") in CURL.by_name:
            made += [Word("--" + name.rstrip(":"), word.line)] + [Word(value, word.line)] * bool(value)
        elif word != "=":
            made.append(word)
        line = word.line
    return made


def _curl_values(values: Values) -> Values:
    url = values.get("url")
    if isinstance(url, str):
        take_url(values, "url", "smtp" if url.rpartition("@")[2].lower().startswith("smtp.") else "http")
    return values


def _scheme(g: Given, name: str = "url") -> str:
    return str(g.raw(name)).partition("://")[0] if g.has(name) else ""


def _curl_logs_in(g: Given) -> bool:
    """Whether curl has a name to log in with; assumed where only options and no mail to send are given."""
    whole = g.has("mail-from", "mail-rcpt", "upload-file")
    return not whole or g.has("user", "oauth2-bearer", "netrc", "netrc-file", "netrc-optional", "config")


_CURL_RULES = if_login_fails((
    error("curl before 8.16 takes an option's value as the next word: \"option --...=...: is unknown\"",
          given("--option=value"), "curl pull request 17789; live", before=(8, 16)),
    error("this URL is not smtp:// or smtps://, so curl speaks no SMTP (a name without a scheme is taken for HTTP"
          ' unless it starts with "smtp.")', lambda g: _scheme(g) not in ("", "smtp", "smtps"), "curl(1); live"),
    implicit("smtps://: TLS starts at once", lambda g: _scheme(g) == "smtps", _CURL),
    required("--ssl-reqd: STARTTLS or nothing", lambda g: g["ssl-reqd"], _CURL),
    opportunistic("--ssl: STARTTLS where it is offered", lambda g: g["ssl"], _CURL),
    plain("smtp:// alone never starts TLS", source=_CURL),
), _curl_logs_in)
_CURL_NOTES = (
    *(Note("ineffective", name, f"--{name} does not turn TLS on: without --ssl-reqd or smtps:// there is none for it",
           both(given(name), lambda g: g.mode is Mode.PLAIN), "live") for name in (*_CURL_TLS, *_CURL_CHECKS)),
    *(Note("redundant", name, f"--{name} is about STARTTLS: with smtps:// TLS is there from the start",
           both(given(name), lambda g: g.mode is Mode.IMPLICIT), _CURL) for name in ("ssl", "ssl-reqd")),
    Note("fallback-in-clear", "ssl", "with --ssl curl also goes on in clear, with the password, where STARTTLS gets"
         " 454; use --ssl-reqd", lambda g: g.mode is Mode.OPPORTUNISTIC, "live"),
    no_certificate_check("insecure", given("insecure"), "curl(1) --insecure",
                         "--insecure: the server's certificate is not checked"),
    password_in_clear("user", _curl_logs_in, says="curl sends the password in clear to a server that offers AUTH"
                      " without TLS"),
    auth_incomplete("user", "without --user curl does not log in, and a submission server refuses the mail",
                    _curl_logs_in),
)
CURL = Framework(
    name="curl", title="curl", ecosystem="Command line", keys=CURL_KEYS, rules=_CURL_RULES,
    named_by=("curl",),
    releases=(Release("7.88.1", (7, 88, 1)),),
    forms={Mode.IMPLICIT: "curl smtps://{host}:{port}", Mode.REQUIRED: "curl --ssl-reqd smtp://{host}:{port}",
           Mode.OPPORTUNISTIC: "curl --ssl smtp://{host}:{port}", Mode.PLAIN: "curl smtp://{host}:{port}"},
    read=("command",), aliases=("libcurl", "curl.exe", "curlrc"), notes=_CURL_NOTES,
    default_port=lambda g: 465 if _scheme(g) == "smtps" else 25,
    unoffered=Unoffered.SKIPS, credentials=_curl_logs_in, password_in_clear=_curl_logs_in, waits=(Timeout(120),),
    errors={Outcome.WRONG_VERSION_NUMBER: "curl: (35) OpenSSL/...: error:0A00010B:SSL routines::wrong version number",
            Outcome.HANG: "curl: (28) server response timeout",
            Outcome.STARTTLS_NOT_OFFERED: "curl: (64) STARTTLS not supported.",
            Outcome.REFUSED_NEEDS_TLS: "curl: (55) MAIL failed: 530"},
    expand=_curl_values, words=_curl_words,
    says={"smtp://": {"url": "smtp://"}, "smtps://": {"url": "smtps://"}, "--ssl": {"ssl": True},
          "--ssl-reqd": {"ssl-reqd": True}},
)
