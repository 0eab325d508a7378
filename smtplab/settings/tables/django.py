"""Django's settings, its MAILERS, and an EMAIL_URL that django-environ or dj-email-url turns into settings.

Sources: django/core/mail/backends/smtp.py (3.2, 5.2, 6.1), run against loopback servers; Django checks certificates
since 4.2. environ/environ.py email_url_config (django-environ 0.14.0) and dj_email_url.parse (1.0.6), both run: their
modes are those of the Django settings that come out.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from ..keys import Key, Values, keys, spelled
from ..model import Errors, Framework, Given, Mode, ModeRule, Note, NotPossible, Outcome, Release
from ..reading import Call, Word
from ..values import PYTHON, Hidden
from ..vocabulary import (
    error,
    if_login_fails,
    implicit,
    no_certificate_check,
    not_empty,
    over_tls,
    password_in_clear,
    plain,
    required,
    said_empty,
)
from .python import FOR_EVER, NO_LOGIN, SMTPLIB_ERRORS

# Django

_BACKEND = "django/core/mail/backends/smtp.py"
_SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
_MAILERS_BACKEND = "MAILERS.default.BACKEND"  # a bare BACKEND is also in TEMPLATES and CACHES
_TLS, _SSL, _USER, _PASSWORD = "EMAIL_USE_TLS", "EMAIL_USE_SSL", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"


def _mailers(g: Given) -> bool:
    return g.has(_MAILERS_BACKEND)


def _by_flags(g: Given, tls: str, ssl: str) -> int:
    return 465 if g[ssl] else 587 if g[tls] else 25


def _django_rules(tls: str, ssl: str, user: str, raises: str, port: str) -> tuple[ModeRule, ...]:
    return if_login_fails((
        error(f"{tls} and {ssl} are both on, and Django raises {raises}", lambda g: g[tls] and g[ssl], _BACKEND),
        implicit(f"{ssl} is on: TLS starts at once (smtplib.SMTP_SSL)", lambda g: g[ssl], _BACKEND),
        required(f"{tls} is on: STARTTLS or nothing, despite its name", lambda g: g[tls], _BACKEND),
        plain(f"neither {tls} nor {ssl} is on, and the port decides nothing{port}", source=_BACKEND),
    ), not_empty(user), adds=NO_LOGIN)


def _django_notes(tls: str, ssl: str, user: str, password: str, cert: str, backend: str) -> tuple[Note, ...]:
    return (
        Note("contradiction", tls, f"{tls} (STARTTLS) and {ssl} (TLS at once) exclude each other: keep {ssl} for port"
             f" 465, {tls} for 587", lambda g: g[tls] and g[ssl], _BACKEND),
        no_certificate_check("", says="Django before 4.2 checks no certificate: anyone on the way can pretend to be the"
                             " server", before=(4, 2)),
        Note("certificate-check", cert, f"{cert} is a certificate of your own, for the server to check; with it Django"
             " no longer loads the system's CAs, so every server certificate is refused",
             lambda g: g.has(cert) and g[cert] and over_tls(g), _BACKEND + " ssl_context", (4, 2)),
        Note("auth-incomplete", user, f"Django logs in only if both {user} and {password} are non-empty; one is empty"
             " here", lambda g: said_empty(g, user) or said_empty(g, password), _BACKEND + " open()"),
        password_in_clear("", not_empty(user)),
        Note("other-backend", backend, "this backend is not Django's SMTP backend: it may read these settings"
             " otherwise, or send nothing at all (console, locmem, filebased, dummy)",
             lambda g: g.has(backend) and str(g[backend]) not in (_SMTP_BACKEND, "(computed)"), _BACKEND),
    )


_OPTIONS = {  # the same settings as options of MAILERS, or as arguments of get_connection
    "use_tls": _TLS, "use_ssl": _SSL, "port": "EMAIL_PORT", "host": "EMAIL_HOST", "username": _USER,
    "password": _PASSWORD, "timeout": "EMAIL_TIMEOUT", "ssl_certfile": "EMAIL_SSL_CERTFILE",
    "ssl_keyfile": "EMAIL_SSL_KEYFILE"}


def _in_mailers(name: str) -> tuple[str, ...]:
    """The option of MAILERS that stands for a setting."""
    return tuple(f"MAILERS.default.OPTIONS.{option}" for option, key in _OPTIONS.items() if key == name)


def _get_connection(call: Call) -> Values:
    return {key: call.named[option] for option, key in _OPTIONS.items() if option in call.named}


DJANGO_KEYS = spelled(_in_mailers, keys(
    mode=(Key(_TLS, PYTHON, False), Key(_SSL, PYTHON, False, since=(1, 7))), port="EMAIL_PORT", host="EMAIL_HOST",
    user=_USER, secret=_PASSWORD, timeout="EMAIL_TIMEOUT", check="EMAIL_SSL_CERTFILE EMAIL_SSL_KEYFILE",
    other=("EMAIL_BACKEND", _MAILERS_BACKEND, "DEFAULT_FROM_EMAIL SERVER_EMAIL EMAIL_SUBJECT_PREFIX"
                                              " EMAIL_USE_LOCALTIME EMAIL_FILE_PATH"),
))
_DJANGO_FORM = "EMAIL_HOST = \"{host}\"\nEMAIL_PORT = {port}"
_NO_OPPORTUNISM = NotPossible("Django has no opportunistic mode: EMAIL_USE_TLS means STARTTLS or nothing")


def _django_errors(config: str) -> Errors:
    errors = SMTPLIB_ERRORS | {Outcome.CONFIG_ERROR: config}
    del errors[Outcome.REFUSED]
    return errors


_EXCLUSIVE = ("ValueError: EMAIL_USE_TLS/EMAIL_USE_SSL are mutually exclusive, so only set one of those settings to"
              " True.")
DJANGO = Framework(
    name="django", title="Django", ecosystem="Python", keys=DJANGO_KEYS,
    comment="#", named_by=("django", "django.core.mail", "smtplib"),
    rules=(
        plain("MAILERS is read by Django 6.1 and newer only", _mailers, _BACKEND, (), (6, 1)),
        *_django_rules(_TLS, _SSL, _USER, "ValueError", ": EMAIL_PORT 465 alone does not switch TLS on"),
    ),
    releases=(Release("3.2.25", (3, 2, 25)), Release("5.2", (5, 2)), Release("6.1.3", (6, 1, 3))),
    forms={Mode.IMPLICIT: _DJANGO_FORM + "\nEMAIL_USE_SSL = True",
           Mode.REQUIRED: _DJANGO_FORM + "\nEMAIL_USE_TLS = True", Mode.OPPORTUNISTIC: _NO_OPPORTUNISM,
           Mode.PLAIN: _DJANGO_FORM},
    read=("code", "assignments"), aliases=("python-django", "django.core.mail"),
    notes=(
        *_django_notes(_TLS, _SSL, _USER, _PASSWORD, "EMAIL_SSL_CERTFILE", "EMAIL_BACKEND"),
        Note("ineffective", _MAILERS_BACKEND, "MAILERS is read by Django 6.1 and newer only; before, say EMAIL_USE_TLS"
             " and the other EMAIL_ settings", _mailers, _BACKEND, (), (6, 1)),
    ),
    default_port=lambda g: _by_flags(g, _TLS, _SSL) if _mailers(g) and g.numbers >= (6, 1) else 25, waits=FOR_EVER,
    credentials=not_empty(_USER),
    calls={"get_connection": _get_connection, "EmailBackend": _get_connection}, errors=_django_errors(_EXCLUSIVE),
    namespace=r"^EMAIL_\w+$", says={"EMAIL_USE_TLS = True": {_TLS: True}, "EMAIL_USE_SSL = True": {_SSL: True}},
)
MAILERS_KEYS = keys(
    mode=(Key("use_tls", PYTHON, False), Key("use_ssl", PYTHON, False)), port="port", host="host", user="username",
    secret="password", timeout="timeout", check="ssl_certfile ssl_keyfile", other=(_MAILERS_BACKEND, "fail_silently"),
)
_MAILERS_FORM = f"""\
MAILERS = {{
    "default": {{
        "BACKEND": "{_SMTP_BACKEND}",
        "OPTIONS": {{"host": "{{host}}", "port": {{port}}%s}},
    }}
}}"""
MAILERS = Framework(
    name="django-mailers", title="Django MAILERS (6.1)", ecosystem="Python", keys=MAILERS_KEYS,
    comment="#", named_by=("django-mailers", "django", "django.core.mail"),
    rules=_django_rules("use_tls", "use_ssl", "username", "InvalidMailer", ""), releases=(Release("6.1.3", (6, 1, 3)),),
    forms={Mode.IMPLICIT: _MAILERS_FORM % ", \"use_ssl\": True", Mode.REQUIRED: _MAILERS_FORM % ", \"use_tls\": True",
           Mode.OPPORTUNISTIC: _NO_OPPORTUNISM, Mode.PLAIN: _MAILERS_FORM % ""},
    aliases=("mailers",),
    notes=(
        *_django_notes("use_tls", "use_ssl", "username", "password", "ssl_certfile", _MAILERS_BACKEND),
        Note("missing-setting", "host", "OPTIONS has no host; MAILERS has no default for it",
             lambda g: _mailers(g) and "host" not in g.values and str(g[_MAILERS_BACKEND]) == _SMTP_BACKEND, _BACKEND),
    ),
    default_port=lambda g: _by_flags(g, "use_tls", "use_ssl"), waits=FOR_EVER, credentials=not_empty("username"),
    errors=_django_errors("InvalidMailer (use_tls and use_ssl are mutually exclusive)"),
    namespace=r"(?:^|\.)OPTIONS\.\w+$", says={"use_tls": {"use_tls": True}, "use_ssl": {"use_ssl": True}},
)


_NO_SMTP = "this scheme sends no mail over SMTP"
_BROKEN = "(a URL that cannot be read)"
_OTHER_SCHEMES = ("consolemail", "filemail", "memorymail", "dummymail")  # of django-environ, no SMTP
_DJ_OTHERS = ("console", "file", "memory", "dummy")  # of dj-email-url
_QUERY = ("ssl", "tls", "timeout", "EMAIL_USE_TLS", "EMAIL_USE_SSL")  # what is kept of a query; the rest may be secret
_TRUTHY = {"1", "y", "yes", "t", "true", "on"}  # dj_email_url.TRUTHY, all in three spellings
URL_KEYS = keys(
    mode="EMAIL_URL", port="EMAIL_PORT", host="EMAIL_HOST", user="EMAIL_HOST_USER", secret="EMAIL_HOST_PASSWORD",
    timeout="EMAIL_TIMEOUT", other="EMAIL_BACKEND DEFAULT_FROM_EMAIL SERVER_EMAIL",
)


def split_url(text: object) -> SplitResult | None:
    """Split a URL. Returns None if urllib can't, or if the port isn't a number."""
    try:
        parts = urlsplit(str(text).strip())
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def without_secrets(parts: SplitResult, query: str) -> str:
    """The URL with this query, without user and password; a path with an @ is part of a password, and dropped."""
    path = "" if "@" in parts.path else parts.path[:60]
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{path}" + (f"?{query}" if query else "")


def _expand(values: Values) -> Values:
    """The URL's parts as settings; the URL itself stays, without user and password."""
    given = values.get("EMAIL_URL")
    if given is None:
        return values
    parts = split_url(given)
    if given == "":
        return values
    if parts is None or not parts.scheme:
        return values | {"EMAIL_URL": _BROKEN if parts is None else "(a URL without a scheme)"}
    wanted = {name.lower() for name in _QUERY}
    query = "&".join(q for q in parts.query.split("&") if q.partition("=")[0].lower() in wanted and len(q) < 40)
    found: Values = {"EMAIL_URL": without_secrets(parts, query)}
    if parts.hostname:
        found["EMAIL_HOST"] = parts.hostname
    if parts.port is not None:
        found["EMAIL_PORT"] = parts.port
    if parts.username:
        found["EMAIL_HOST_USER"] = "(in the URL)"
    if parts.password:
        found["EMAIL_HOST_PASSWORD"] = Hidden(True)
    return values | found


def _scheme(g: Given) -> str:
    return str(g.raw("EMAIL_URL")).partition("://")[0] if g.has("EMAIL_URL") else ""


def _query(g: Given) -> dict[str, str]:
    """The query's last words by name; parse_qs leaves out empty ones, as both libraries do."""
    parts = split_url(g.raw("EMAIL_URL"))
    return {name: values[0] for name, values in parse_qs(parts.query).items()} if parts else {}


def _broken(g: Given) -> bool:
    return g.raw("EMAIL_URL") == _BROKEN


def _missing(g: Given) -> bool:
    return not g.has("EMAIL_URL") or g.raw("EMAIL_URL") == ""


def _from_call(call: Call) -> Values:
    """`env.email_url("EMAIL_URL", default="smtp://...")`, `dj_email_url.parse("smtp://...")`."""
    texts = [t for t in (call.named.get("default"), *call.arguments) if isinstance(t, str) and "://" in t]
    return {"EMAIL_URL": texts[0]} if texts else {}


def _words(words: list[Word]) -> Values:
    """A URL that is the whole text."""
    scheme, found, _rest = words[0].partition("://") if len(words) == 1 else ("", "", "")
    return {"EMAIL_URL": words[0]} if found and "=" not in scheme else {}


def _url_framework(name: str, config_error: str, **about: Any) -> Framework:
    """Django with one of the two libraries; `config_error` is what it prints for other settings than a bad URL."""
    broken = error("this URL can't be taken apart: special characters in the password must be written as %23 (#), %40"
                   " (@), %2F (/)", _broken, "urllib.parse; run")
    rules = (broken, *about.pop("rules"))
    return Framework(
        name=name, title=f"Django with {name}", ecosystem="Python", keys=URL_KEYS, rules=rules,
        read=("assignments", "code", "command"), waits=FOR_EVER,
        errors=lambda g: DJANGO.errors(g) | {
            Outcome.CONFIG_ERROR: "ValueError: Port could not be cast to integer value" if _broken(g)
            else config_error},
        calls=dict.fromkeys(("email_url", "email", "email_url_config", "parse", "config"), _from_call),
        named_by=(name, name.replace("-", "_"), "django"),
        expand=_expand, words=_words, **about)


_IN_CLEAR = password_in_clear("", lambda g: _scheme(g) not in _OTHER_SCHEMES + _DJ_OTHERS)

# django-environ

_ENVIRON = "environ.py email_url_config; run"
_SMTP_SCHEMES = ("smtp", "smtps", "smtp+tls", "smtp+ssl")


def _environ_flag(g: Given, name: str, schemes: tuple[str, ...]) -> bool:
    """EMAIL_USE_TLS or EMAIL_USE_SSL as it comes out: any text in the query is true, but "0" becomes a number."""
    said = {k.upper(): v for k, v in _query(g).items()}
    return said[name] != "0" if name in said else _scheme(g) in schemes


def _environ_tls(g: Given) -> bool:
    return _environ_flag(g, "EMAIL_USE_TLS", ("smtps", "smtp+tls"))


def _environ_ssl(g: Given) -> bool:
    return _environ_flag(g, "EMAIL_USE_SSL", ("smtp+ssl",))


def _url(scheme: str, query: str = "") -> str:
    return f"EMAIL_URL={scheme}://user:password@{{host}}:{{port}}{query}"


ENVIRON = _url_framework(
    "django-environ", "django.core.exceptions.ImproperlyConfigured: Invalid email schema ...",
    aliases=("environ", "django_environ"), releases=(Release("0.14.0", (0, 14)),),
    rules=(
        error("no EMAIL_URL is given; without one django-environ raises ImproperlyConfigured", _missing, _ENVIRON),
        error("django-environ doesn't know this scheme: it takes smtp, smtps, smtp+tls and smtp+ssl",
              lambda g: _scheme(g) not in _SMTP_SCHEMES + _OTHER_SCHEMES, _ENVIRON),
        error("EMAIL_USE_TLS and EMAIL_USE_SSL both come out on, and Django raises a ValueError",
              lambda g: _environ_tls(g) and _environ_ssl(g), _ENVIRON),
        implicit("smtp+ssl:// gives EMAIL_USE_SSL: TLS starts at once", _environ_ssl, _ENVIRON),
        required("smtps:// and smtp+tls:// both give EMAIL_USE_TLS: STARTTLS or nothing", _environ_tls, _ENVIRON),
        plain(_NO_SMTP, lambda g: _scheme(g) in _OTHER_SCHEMES, _ENVIRON, password_in_clear=False),
        plain("smtp:// gives neither EMAIL_USE_TLS nor EMAIL_USE_SSL, whatever the port", source=_ENVIRON),
    ),
    notes=(
        Note("misleading-scheme", "EMAIL_URL", "smtps:// means STARTTLS here (EMAIL_USE_TLS), not TLS at once: for port"
             " 465 write smtp+ssl://, for 587 smtp+tls://", lambda g: _scheme(g) == "smtps", _ENVIRON),
        Note("ineffective", "EMAIL_URL", "django-environ reads no ?ssl= and ?tls=: the scheme decides, smtp+ssl:// or"
             " smtp+tls://", lambda g: {"ssl", "tls"} & {k.lower() for k in _query(g)}, _ENVIRON),
        Note("truthy", "EMAIL_URL", "?EMAIL_USE_TLS=False and ?EMAIL_USE_SSL=False switch it ON, since they are texts;"
             " 0 is off", lambda g: any(k.upper().startswith("EMAIL_USE_") and not v.isdecimal() and v.lower() != "true"
                                        for k, v in _query(g).items()), _ENVIRON),
        Note("other-backend", "EMAIL_URL", _NO_SMTP, lambda g: _scheme(g) in _OTHER_SCHEMES, _ENVIRON),
        _IN_CLEAR,
    ),
    forms={Mode.IMPLICIT: _url("smtp+ssl"), Mode.REQUIRED: _url("smtp+tls"), Mode.OPPORTUNISTIC: _NO_OPPORTUNISM,
           Mode.PLAIN: _url("smtp")},
    default_port=lambda g: 465 if _environ_ssl(g) else 25,  # EMAIL_PORT is None, and smtplib takes its own default
    says={f"{scheme}://": {"EMAIL_URL": f"{scheme}://smtp.example.com:587"} for scheme in _SMTP_SCHEMES},
)

# dj-email-url

_DJ = "dj_email_url.py parse; run"
_DJ_SCHEMES = ("smtp", "submission", "submit", "smtps")


def _dj_says(g: Given, name: str) -> bool:
    value = _query(g).get(name, "")
    return value.lower() in _TRUTHY and value in (value.lower(), value.upper(), value.capitalize())


def _dj_ssl(g: Given) -> bool:
    return _dj_says(g, "ssl")


def _dj_tls(g: Given) -> bool:
    return not _dj_ssl(g) and (_scheme(g) in ("smtps", "submission", "submit")
                               or ("ssl" not in _query(g) and _dj_says(g, "tls")))


def _dj_port(g: Given) -> int:
    # EMAIL_PORT is None for smtps:// and unknown schemes, and smtplib takes its own default.
    return {"submission": 587, "submit": 587, "smtp": 25}.get(_scheme(g), 465 if _dj_ssl(g) else 25)


DJ_EMAIL_URL = _url_framework(
    "dj-email-url", "KeyError: 'EMAIL_HOST'", aliases=("dj_email_url",), releases=(Release("1.0.6", (1, 0, 6)),),
    rules=(
        error("no EMAIL_URL is given; without one dj_email_url.config() gives an empty dict, and looking up EMAIL_HOST"
              " in it raises a KeyError", _missing, _DJ),
        implicit("?ssl=True gives EMAIL_USE_SSL: TLS starts at once, whatever the scheme", _dj_ssl, _DJ),
        required("submission://, smtps:// and ?tls=True give EMAIL_USE_TLS: STARTTLS or nothing", _dj_tls, _DJ),
        plain(_NO_SMTP, lambda g: _scheme(g) in _DJ_OTHERS, _DJ, password_in_clear=False),
        plain("this scheme is not known, which is passed over in silence: no TLS at all",
              lambda g: _scheme(g) not in _DJ_SCHEMES, _DJ),
        plain("smtp:// without ?ssl=True or ?tls=True gives no TLS, whatever the port", source=_DJ),
    ),
    notes=(
        Note("misleading-scheme", "EMAIL_URL", "smtps:// means STARTTLS here (EMAIL_USE_TLS), not TLS at once, and is"
             " deprecated: for 587 write submission://, for 465 smtp://...:465/?ssl=True",
             lambda g: _scheme(g) == "smtps", _DJ),
        Note("unknown-value", "EMAIL_URL", "dj-email-url doesn't know this scheme and says nothing: no TLS at all. For"
             " STARTTLS write submission://, for TLS at once smtp://...:465/?ssl=True",
             lambda g: _scheme(g) not in ("", *_DJ_SCHEMES, *_DJ_OTHERS) and not _broken(g), _DJ),
        Note("ineffective", "EMAIL_URL", "?ssl= and ?tls= only switch on (True, yes, 1): another value changes nothing",
             lambda g: any(n in _query(g) and not _dj_says(g, n) for n in ("ssl", "tls")), _DJ),
        Note("other-backend", "EMAIL_URL", _NO_SMTP, lambda g: _scheme(g) in _DJ_OTHERS, _DJ),
        _IN_CLEAR,
    ),
    forms={Mode.IMPLICIT: _url("smtp", "/?ssl=True"), Mode.REQUIRED: _url("submission"),
           Mode.OPPORTUNISTIC: _NO_OPPORTUNISM, Mode.PLAIN: _url("smtp")},
    default_port=_dj_port,
    says={"smtps://": {"EMAIL_URL": "smtps://smtp.example.com:587"},
          "submission://": {"EMAIL_URL": "submission://smtp.example.com:587"},
          "?ssl=True": {"EMAIL_URL": "smtp://smtp.example.com:587/?ssl=True"}},
)
