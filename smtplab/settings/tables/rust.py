"""Rust: lettre, by its builders or its URL.

Sources: lettre src/transport/smtp/transport.rs, connection_url.rs, mod.rs (read, not run).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from ..keys import Key, Values, keys
from ..model import Framework, Given, Mode, Note, Release, Timeout
from ..reading import Call, Computed, Word
from ..standard import MX, SUBMISSION, SUBMISSIONS, server_of
from ..values import Hidden, OneOf
from ..vocabulary import error, given, implicit, no_certificate_check, opportunistic, plain, required

_RELAY, _URL = "lettre transport.rs", "lettre connection_url.rs from_connection_url"
_MODES = {"relay": "Wrapper", "starttls_relay": "Required", "builder_dangerous": "None",
          "unencrypted_localhost": "None"}
_PARAMETERS = {"required": "Required", "opportunistic": "Opportunistic"}


def _url_of(g: Given) -> tuple[str, str | None]:
    """The URL's scheme, or "", and its ?tls=, or None."""
    text = str(g.raw("url")) if g.has("url") else ""
    scheme, _, rest = text.partition("://")
    return scheme.lower(), dict(parse_qsl(rest.partition("?")[2], keep_blank_values=True)).get("tls")


def _tls_of(g: Given) -> str | None:
    """The variant of `Tls` in force: the last .tls(), else the URL's, else the builder's; None if lettre refuses it."""
    if g.has("tls"):
        return g["tls"]
    scheme, tls = _url_of(g)
    if not scheme:
        return _MODES.get(str(g.raw("builder")), "None")
    if scheme == "smtps":
        return "Wrapper"
    return None if scheme != "smtp" else "None" if tls is None else _PARAMETERS.get(tls)


def _take_url(values: Values) -> Values:
    """The URL's parts as settings; of name and password, only that they exist."""
    text = str(values.get("url", ""))[:500]
    if "://" not in text:
        values.pop("url", None)
        return values
    try:
        url = urlsplit(text)
        port, host, password = url.port, url.hostname, url.password
    except ValueError:
        values["url"] = "(no URL)://"
        return values
    values["url"] = f"{url.scheme}://{'...@' if url.username else ''}{text.partition('://')[2].rpartition('@')[2]}"
    for name, value in (("port", port), ("host", host), ("credentials", password and Hidden(True))):
        if value:
            values.setdefault(name, value)
    return values


def _lettre_port(g: Given) -> int:
    scheme, tls = _url_of(g)
    if scheme:
        return SUBMISSIONS if scheme == "smtps" else MX if tls is None else SUBMISSION
    return {"relay": SUBMISSIONS, "starttls_relay": SUBMISSION}.get(str(g.raw("builder")), MX)


def _made(call: Call) -> Values:
    host = call.arguments[0] if call.arguments else "localhost"
    return {"builder": call.name, "host": host}


def _first(name: str):
    return lambda call: {name: call.arguments[0]} if call.arguments and call.arguments[0] != "" else {}


def _variant(call: Call) -> Values:
    """.tls(Tls::None); Tls::Required(...) is a call of its own."""
    said = call.arguments[0] if call.arguments else Computed()
    return {"tls": said.rpartition("::")[2]} if isinstance(said, str) and "::" in said else {}


def _words(words: list[Word]) -> Values:
    """A URL, alone or in an environment variable."""
    url = next((Word(m[0], w.line) for w in words if (m := re.search(r"smtps?://\S+", w))), None)
    return {"url": url} if url else {}


_LETTRE_RULES = (
    error("neither relay() nor any other builder, nor a URL, is here: no transport is made of this",
          lambda g: not g.has("builder", "url", "tls"), _RELAY),
    error("lettre knows no such scheme or ?tls= parameter: from_url gives an error", lambda g: _tls_of(g) is None,
          _URL),
    implicit("Tls::Wrapper (relay(), smtps://): TLS starts at once", lambda g: _tls_of(g) == "Wrapper", _RELAY),
    required("Tls::Required (starttls_relay(), ?tls=required): STARTTLS or nothing", lambda g: _tls_of(g) == "Required",
             _RELAY),
    opportunistic("Tls::Opportunistic (?tls=opportunistic): STARTTLS where it is offered",
                  lambda g: _tls_of(g) == "Opportunistic", _RELAY),
    plain("Tls::None (builder_dangerous(), smtp:// without ?tls=): TLS is never used", source=_RELAY),
)
LETTRE = Framework(
    name="lettre", title="lettre", ecosystem="Rust",
    comment="//", named_by=("lettre",),
    keys=keys(
        mode=("builder url|SMTP_URL|smtp_url", Key("tls", OneOf(("Wrapper", "Required", "Opportunistic", "None")))),
        port="port|SMTP_PORT", host="host", user="user", secret="credentials password",
        check="dangerous_accept_invalid_certs dangerous_accept_invalid_hostnames", timeout="timeout",
    ),
    rules=_LETTRE_RULES, releases=(Release("0.11.21", (0, 11, 21)),),
    forms={Mode.IMPLICIT: 'SmtpTransport::relay("{host}")?.port({port}).build()',
           Mode.REQUIRED: 'SmtpTransport::starttls_relay("{host}")?.port({port}).build()',
           Mode.OPPORTUNISTIC: 'SmtpTransport::from_url("smtp://{host}:{port}?tls=opportunistic")?.build()',
           Mode.PLAIN: 'SmtpTransport::builder_dangerous("{host}").port({port}).build()'},
    read=("code", "command"), aliases=("rust",),
    notes=(
        Note("no-tls", "url", "smtp:// without ?tls= is never encrypted, on any port: add ?tls=required, or say"
             " smtps://", lambda g: _url_of(g) == ("smtp", None) and g.mode is Mode.PLAIN, _URL),
        Note("port-does-not-choose", "port", ".port() does not change the mode of relay(), which is implicit TLS: on"
             " port {port} use starttls_relay()",
             lambda g: g.raw("builder") == "relay" and g.mode is Mode.IMPLICIT and server_of(
                 g.port, Mode.IMPLICIT) != SUBMISSIONS, _RELAY),
        Note("redundant", "builder", ".tls() has the last word on the mode", given("tls"), _RELAY),
        Note("port-does-not-choose", "port", ".port() does not change the mode of starttls_relay(): on port {port} use"
             " relay()", lambda g: g.raw("builder") == "starttls_relay" and g.mode is Mode.REQUIRED and server_of(
                 g.port, Mode.REQUIRED) == SUBMISSIONS, _RELAY),
        Note("ineffective", "url", "smtps:// does not look at ?tls=: TLS starts at once",
             lambda g: _url_of(g)[0] == "smtps" and _url_of(g)[1] is not None, _URL),
        no_certificate_check("dangerous_accept_invalid_certs",
                             lambda g: any(g.has(n) and g.raw(n) is True for n in (
                                               "dangerous_accept_invalid_certs", "dangerous_accept_invalid_hostnames")),
                             "lettre client/tls.rs", "any certificate, or any name in it, is accepted"),
    ),
    default_port=_lettre_port, credentials=lambda g: g.has("credentials") or g.has("password"),
    waits=(Timeout(None, lambda g: g.raw("timeout") == "None", "lettre transport.rs timeout"),
           Timeout(60, source="lettre mod.rs DEFAULT_TIMEOUT")),
    calls={**dict.fromkeys(_MODES, _made), "from_url": _first("url"), "port": _first("port"), "tls": _variant,
           **{n: lambda call: {"tls": call.name} for n in ("Wrapper", "Required", "Opportunistic")},
           "credentials": lambda call: {"credentials": True}, "Credentials::new": lambda call: {"credentials": True},
           "from_secs": _first("timeout"),
           "timeout": lambda call: {"timeout": "None"} if call.arguments == (None,) else {},
           "dangerous_accept_invalid_certs": _first("dangerous_accept_invalid_certs"),
           "dangerous_accept_invalid_hostnames": _first("dangerous_accept_invalid_hostnames")}, words=_words,
    expand=_take_url, says={"relay()": {"builder": "relay"}, "starttls_relay()": {"builder": "starttls_relay"}},
)
