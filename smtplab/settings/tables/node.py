"""JavaScript: Nodemailer, whose mode comes from `secure`, a URL's scheme or a well-known service's name.

Sources: nodemailer lib/smtp-connection/index.js (constructor; the STARTTLS decision in _actionEHLO), lib/shared
parseConnectionUrl and assign, lib/nodemailer.js createTransport, lib/well-known/services.json (4.7.0, 6.9.16, 7.0.13,
10.6.0); CHANGELOG of 10.0.0. The table was run against loopback servers.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from ..keys import Key, Values, keys
from ..model import Errors, Forms, Framework, Given, Mode, Note, Outcome, Release, Timeout, Unoffered
from ..reading import Call, Computed, Word
from ..standard import MX, server_of
from ..values import ABSENT, JAVASCRIPT, Hidden
from ..vocabulary import implicit, opportunistic, password_first, password_in_clear, plain, required, sent_anyway
from .django import split_url, without_secrets

_CONNECTION = "nodemailer smtp-connection/index.js; live"
_SHARED = "nodemailer shared/index.js; live"
_MERGES = (10, 0, 0)  # "apply the other keys of a configuration object next to its url"
_STRICT = (10, 0, 12)  # requireTLS beats ignoreTLS
_SKIPS = (6,)  # 4.7 sends AUTH unoffered; no 5.x was run
_BROKEN = "(a URL that cannot be read)"
_FLAGS = ("secure", "requireTLS", "ignoreTLS", "opportunisticTLS")
# The best known of services.json; what it says of port and secure beats what stands beside it.
_AT_465 = frozenset("""gmail googlemail gmail.com gmailworkspace yahoo yahoo.com zoho mailgun qq qq.com 163 126 yandex
    yandex.ru fastmail ses resend mail.ru elasticemail sendpulse 1und1 aliyun""".split())
_AT_587 = frozenset("""outlook365 hotmail outlook outlook.com hotmail.com icloud me mac sendgrid mailjet gmx gmx.com aol
    sendinblue brevo gandimail mailersend ethereal infomaniak sparkpost mandrill""".split())

KEYS = keys(
    mode=(Key("secure", JAVASCRIPT), Key("requireTLS", JAVASCRIPT, False), Key("ignoreTLS", JAVASCRIPT, False)),
    port="port", host="host url service", user="auth.user",
    secret="auth.pass auth.clientSecret auth.refreshToken auth.accessToken",
    auth=("auth.type auth.clientId auth.method forceAuth", Key("authMethod", since=_SKIPS)),
    check="tls.rejectUnauthorized tls.servername tls.ciphers tls.minVersion tls.ca",
    timeout=Key("greetingTimeout", unit_s=0.001),
    other=(Key("opportunisticTLS", JAVASCRIPT, False), "connectionTimeout socketTimeout dnsTimeout pool maxConnections"
           " maxMessages logger debug proxy requireTLSExtensionEnabled transport"),
)


def _method(g: Given) -> str:
    """The way to log in that is asked for, in capitals, or ""."""
    said = (str(g.raw(name)).strip().upper() for name in ("auth.method", "authMethod") if g.has(name))
    return next(filter(None, said), "")


def _service(values: Values) -> int | None:
    """The port of a well-known service, if it is one of those listed here."""
    name = "".join(c for c in str(values.get("service") or "").rpartition("@")[2].lower() if c.isalnum() or c in ".-")
    return 465 if name in _AT_465 else 587 if name in _AT_587 else None


def _scalar(text: str) -> object:
    """A query's value as parseConnectionUrl reads it."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def _expand(values: Values) -> Values:
    """The URL's parts as settings; "_beside" are the flags given next to the URL, "_named" those in its query."""
    found = dict(values)
    if isinstance(transport := found.pop("transport", None), str) and "://" in transport:  # Nest's MailerModule
        found.setdefault("url", transport)
    url = found.get("url")
    if isinstance(url, str) and "://" not in url and "@" in url:
        found["url"] = _BROKEN
    if isinstance(url, str) and "://" in url:
        parts = split_url(url)
        found["_beside"] = frozenset(n for n in (*_FLAGS, "port") if n in values)
        if parts is None:
            found["url"] = _BROKEN
        else:
            named = dict(parse_qsl(parts.query))
            known = {k: v for k, v in named.items() if k in _FLAGS or k in (
                         "pool", "greetingTimeout", "service", "tls.rejectUnauthorized")}
            found["url"] = without_secrets(parts, "&".join(f"{k}={v[:20]}" for k, v in known.items()))
            found["_named"] = frozenset(known)
            found |= {k: _scalar(v) for k, v in known.items() if k != "secure"}
            if parts.port:
                found["port"] = parts.port
            elif str(named.get("port", "")).isdecimal() and len(named["port"]) < 6:
                found["port"] = int(named["port"])
            if parts.hostname:
                found["host"] = parts.hostname
            if parts.username:
                found["auth.user"] = "(in the URL)"
            if parts.password is not None:
                found["auth.pass"] = Hidden(bool(parts.password))
    port = _service(found)
    if port:
        found["_overridden"] = frozenset(n for n in ("port", "host") if n in values)
        found["port"] = port
    return found


def _scheme(g: Given) -> str:
    return str(g.raw("url")).partition("://")[0].lower() if g.has("url") else ""


def _names(g: Given, where: str) -> frozenset[str]:
    """The settings that `_expand` found next to a URL ("_beside"), or in it ("_named")."""
    found = g.values.get(where)
    return found if isinstance(found, frozenset) else frozenset()


def _flag(g: Given, name: str) -> bool:
    """Whether a flag is on and read: before 10.0 those beside a URL are not read."""
    dropped = name in _names(g, "_beside") - _names(g, "_named") and g.numbers < _MERGES
    return bool(g[name]) and not dropped


def _secure(g: Given) -> object:
    """True, False, or `ABSENT` if nothing sets it."""
    service = _service(g.values)
    if service:
        return service == 465 or ABSENT
    if _scheme(g) in ("smtp", "smtps"):
        return _scheme(g) == "smtps"
    return g["secure"]


def _requires(g: Given) -> bool:
    return _flag(g, "requireTLS") and (g.numbers >= _STRICT or not _flag(g, "ignoreTLS"))


def _computed_url(g: Given) -> bool:
    return g.raw("url") == "(computed)"


_RULES = (
    implicit("the service stands for port 465 and TLS at once", lambda g: _service(g.values) and _secure(g) is True,
             "nodemailer well-known/services.json"),
    implicit("smtps:// means secure: TLS starts at once, on any port", lambda g: _scheme(g) == "smtps", _SHARED),
    implicit("secure is on: TLS starts at once, on any port", _secure, _CONNECTION),
    implicit("secure is not given and the port is 465: TLS starts at once",
             lambda g: _secure(g) is ABSENT and g.port == 465, _CONNECTION, inferred=True),
    required("requireTLS is on: STARTTLS or nothing", _requires, _CONNECTION),
    plain("ignoreTLS is on: STARTTLS is never used, even where it is offered", lambda g: _flag(g, "ignoreTLS"),
          _CONNECTION),
    opportunistic("secure is off, which does not mean no TLS: STARTTLS is used where it is offered",
                  source=_CONNECTION),
)


def _beside_url(g: Given) -> frozenset[str]:
    """Settings beside a URL that it overrules, or that are not read."""
    beside = _names(g, "_beside")
    return beside if g.numbers < _MERGES else beside & (_names(g, "_named") | {"secure"})


_NOTES = (
    Note("contradiction", "ignoreTLS", "ignoreTLS and requireTLS are both on: before 10.0.12 ignoreTLS wins and all"
         " goes in clear, since then requireTLS wins. Take ignoreTLS out",
         lambda g: _flag(g, "ignoreTLS") and _flag(g, "requireTLS") and not _secure(g), _CONNECTION),
    Note("inferred", "secure", "secure is not given and the port is 465, so TLS starts at once; say secure: true",
         lambda g: g.mode is Mode.IMPLICIT and _secure(g) is ABSENT, _CONNECTION),
    Note("not-inferred", "secure", "only an undefined secure is worked out from port 465: false, null and 0 are taken"
         " at their word. Say secure: true",
         lambda g: g.has("secure") and not _secure(g) and _secure(g) is not ABSENT and g.port == 465 and not _scheme(g),
         _CONNECTION),
    Note("not-inferred", "url", "smtp:// says secure: false, also with port 465: write smtps://",
         lambda g: _scheme(g) == "smtp" and g.port == 465 and not _service(g.values), _SHARED),
    Note("ineffective", "secure", "?secure= changes nothing: the scheme, smtp:// or smtps://, decides",
         lambda g: "secure" in _names(g, "_named"), _SHARED),
    Note("ineffective", "url", "before 10.0 Nodemailer reads nothing that stands beside a url: put it into the URL, as"
         " ?requireTLS=true", lambda g: _beside_url(g) - {"secure"}, _SHARED, (), _MERGES),
    Note("ineffective", "secure", "secure beside a url changes nothing: its scheme decides",
         lambda g: "secure" in _beside_url(g), _SHARED),
    Note("ineffective", "service", "a well-known service brings its own host, port and secure: those beside it are"
         " overruled. Take service out to use your own",
         lambda g: g.values.get("_overridden") or (_service(g.values) and g.has("secure")), _SHARED),
    Note("unknown-value", "service", "this service is not in the list kept here; Nodemailer has some ninety, and"
         " ignores a name it doesn't know",
         lambda g: g.has("service") and g["service"] not in ("", None, "(computed)") and not _service(g.values),
         "nodemailer well-known/index.js"),
    Note("computed", "url", "the URL comes from the environment when the program runs; its scheme decides: smtp:// is"
         " taken here", _computed_url, _SHARED),
    Note("unread", "url", "this URL can't be taken apart: special characters in the password must be written as %23"
         " (#), %40 (@), %2F (/)", lambda g: g.raw("url") == _BROKEN, _SHARED),
    Note("fallback-in-clear", "opportunisticTLS", "if the server refuses STARTTLS (454), mail goes on in clear and"
         " without a login, and nothing says so", lambda g: g["opportunisticTLS"] and g.mode is Mode.OPPORTUNISTIC,
         "live"),
    Note("auth-skipped", "", "where AUTH is not offered, as usually on port 25, Nodemailer does not log in, and says"
         " nothing",
         lambda g: server_of(g.port, g.mode) == MX and g.mode is not Mode.IMPLICIT, "live", _SKIPS),
    password_in_clear("", lambda g: _method(g) != "CRAM-MD5", since=_SKIPS),
    password_in_clear("", lambda g: password_first(_method(g)), says="this version sends AUTH even where it is not"
                      " offered: the password is on the wire before the server can refuse", before=_SKIPS),
    password_in_clear("", lambda g: _method(g) == "LOGIN", _CONNECTION, "this version sends AUTH LOGIN even where it is"
                      " not offered, but the password only when the server asks for it: if refused, none crosses; if"
                      " taken without TLS, it crosses in clear", before=_SKIPS),
    Note("no-certificate-check", "tls.rejectUnauthorized", "the server's certificate is not checked: anyone on the way"
         " can pretend to be the server",
         lambda g: g.has("tls.rejectUnauthorized") and g.mode is not Mode.PLAIN
         and not JAVASCRIPT.read(g["tls.rejectUnauthorized"]), _CONNECTION),
    Note("auth-incomplete", "auth.pass", "the password is empty",
         lambda g: isinstance(g.values.get("auth.pass"), Hidden) and not g.values["auth.pass"], _CONNECTION),
)


def _errors(g: Given) -> Errors:
    old = g.numbers < _SKIPS
    said = {
        Outcome.WRONG_VERSION_NUMBER: "Error: ...:SSL routines:...:wrong version number:... (code ESOCKET)",
        Outcome.HANG: "Error: Greeting never received (code ETIMEDOUT)",
        Outcome.STARTTLS_NOT_OFFERED: "Error: Error upgrading connection with STARTTLS: 502 ... (code ETLS)",
        Outcome.REFUSED_NEEDS_TLS: "Error: Mail command failed: 530 5.7.0 Must issue a STARTTLS command first"
                                   " (code EENVELOPE)"}
    how = ": ..." if password_first(_method(g)) else " sequence while waiting for ..."  # and the server's own words
    refused = f"Error: Invalid login{how} (code EAUTH)"
    if old and not password_first(_method(g)):
        said[Outcome.REFUSED_NEEDS_TLS] = refused
    return said | ({Outcome.PLAINTEXT: refused, Outcome.AUTH_NOT_OFFERED: refused} if old else {})


def _create_transport(call: Call) -> Values:
    first = call.arguments[0] if call.arguments else None
    url = first.default if isinstance(first, Computed) else first
    return {"url": first} if isinstance(url, str) and "://" in url else {}


def _words(words: list[Word]) -> Values:
    """A URL that is the whole text."""
    return {"url": words[0]} if len(words) == 1 and words[0].lower().startswith(("smtp://", "smtps://")) else {}


_FORM = "nodemailer.createTransport({ host: \"{host}\", port: {port}%s })"


def _forms(g: Given) -> Forms:
    outright = ", secure: false" if g.port == 465 else ""  # else it would be taken for implicit TLS
    return {Mode.IMPLICIT: _FORM % ", secure: true", Mode.REQUIRED: _FORM % f"{outright}, requireTLS: true",
            Mode.OPPORTUNISTIC: _FORM % outright, Mode.PLAIN: _FORM % f"{outright}, ignoreTLS: true"}


NODEMAILER = Framework(
    name="nodemailer", title="Nodemailer", ecosystem="JavaScript", keys=KEYS, rules=_RULES,
    comment="//", named_by=("nodemailer", "smtp-connection", "smtp-transport"),
    releases=(Release("4.7.0", (4, 7, 0)), Release("6.9.16", (6, 9, 16)), Release("7.0.13", (7, 0, 13)),
              Release("10.6.0", (10, 6, 0))),
    forms=_forms, read=("command", "code"), aliases=("node", "node.js", "javascript"), notes=_NOTES,
    default_port=lambda g: 465 if _secure(g) else 587,
    unoffered=lambda g: sent_anyway(_method)(g) if g.numbers < _SKIPS else Unoffered.SKIPS,
    password_first=lambda g: password_first(_method(g)), password_in_clear=lambda g: _method(g) != "CRAM-MD5",
    waits=(Timeout(30, source="GREETING_TIMEOUT; live"),),
    errors=_errors, calls={"createTransport": _create_transport, "createTransporter": _create_transport},
    expand=_expand, words=_words,
    says={"secure: true": {"secure": True}, "requireTLS: true": {"requireTLS": True},
          "smtps://": {"url": "smtps://h:587"}},
)
