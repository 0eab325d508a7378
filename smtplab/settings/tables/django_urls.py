"""Python: Django's settings made from an EMAIL_URL, by django-environ or dj-email-url; the scheme chooses the mode.

Sources: environ/environ.py email_url_config (django-environ 0.14.0) and dj_email_url.parse (1.0.6), both run;
the modes are those of the Django settings that come out, measured.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, urlsplit

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
    NotPossible,
    Outcome,
    Release,
    Role,
    Rule,
    other_keys,
    port_key,
)
from ..reading import Call
from ..values import Hidden
from .python import DJANGO, FOR_EVER

_NO_SMTP = "this scheme sends no mail over SMTP"
_BROKEN = "(a URL that cannot be read)"
_QUERY = ("ssl", "tls", "timeout", "EMAIL_USE_TLS", "EMAIL_USE_SSL")  # what is kept of a query; the rest may be secret
_TRUTHY = {"1", "y", "yes", "t", "true", "on"}  # dj_email_url.TRUTHY, all in three spellings
KEYS = (
    Key("EMAIL_URL"), port_key("EMAIL_PORT"), Key("EMAIL_HOST", role=Role.HOST),
    Key("EMAIL_HOST_USER", role=Role.USER), Key("EMAIL_HOST_PASSWORD", role=Role.SECRET),
    Key("EMAIL_TIMEOUT", role=Role.TIMEOUT),
    *other_keys(Role.OTHER, "EMAIL_BACKEND", "DEFAULT_FROM_EMAIL", "SERVER_EMAIL"),
)


def split_url(text: object) -> SplitResult | None:
    """A URL in pieces; None for what urllib can't take apart, and where the port is no number."""
    try:
        parts = urlsplit(str(text).strip())
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def without_secrets(parts: SplitResult, query: str) -> str:
    """The URL without its user and password, with this query; a path with an @ is the rest of a password."""
    path = "" if "@" in parts.path else parts.path[:60]
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{path}" + (f"?{query}" if query else "")


def _expand(values: dict[str, object]) -> dict[str, object]:
    """The URL taken apart; in its place stays one without user and password."""
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
    found: dict[str, object] = {"EMAIL_URL": without_secrets(parts, query)}
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


def _from_call(call: Call) -> dict[str, object]:
    """`env.email_url("EMAIL_URL", default="smtp://...")`, `dj_email_url.parse("smtp://...")`."""
    texts = [t for t in (call.named.get("default"), *call.arguments) if isinstance(t, str) and "://" in t]
    return {"EMAIL_URL": texts[0]} if texts else {}


def _words(words: list[str]) -> dict[str, object]:
    """A URL alone."""
    scheme, found, _rest = words[0].partition("://") if len(words) == 1 else ("", "", "")
    return {"EMAIL_URL": words[0]} if found and "=" not in scheme else {}


def _framework(name: str, version: str, numbers: tuple[int, ...], rules: tuple[Rule, ...], notes: tuple[Note, ...],
               forms: dict, default_port: Callable[[Given], int], config_error: str, says: dict,
               aliases: tuple[str, ...]) -> Framework:
    common = (Rule(ERROR, "this URL can't be taken apart: special characters in the password must be written as %23"
                          " (#), %40 (@), %2F (/)", _broken, "urllib.parse; run"),)
    return Framework(
        name, f"Django with {name}", "Python", KEYS, common + rules, (Release(version, numbers),), forms,
        ("assignments", "code", "command"), aliases, notes, default_port=default_port, waits=FOR_EVER,
        errors=lambda g: DJANGO.errors | {Outcome.CONFIG_ERROR: "ValueError: Port could not be cast to integer value"
                                          if _broken(g) else config_error},
        calls=dict.fromkeys(("email_url", "email", "email_url_config", "parse", "config"), _from_call),
        expand=_expand, words=_words, says=says)


_IN_CLEAR = Note("password-in-clear", "", "the password crosses in clear on a server that offers AUTH without TLS",
                 lambda g: g.mode is PLAIN and _scheme(g) not in _OTHER_SCHEMES + _DJ_OTHERS, "live")
_NO_OPPORTUNISM = NotPossible("Django has no opportunistic mode: EMAIL_USE_TLS means STARTTLS or nothing")

# django-environ

_ENVIRON = "environ.py email_url_config; run"
_SMTP_SCHEMES = ("smtp", "smtps", "smtp+tls", "smtp+ssl")
_OTHER_SCHEMES = ("consolemail", "filemail", "memorymail", "dummymail")


def _environ_flag(g: Given, name: str, schemes: tuple[str, ...]) -> bool:
    """EMAIL_USE_TLS or EMAIL_USE_SSL as it comes out: the query's text counts by truth, but digits become a number."""
    said = {k.upper(): v for k, v in _query(g).items()}
    return said[name] != "0" if name in said else _scheme(g) in schemes


def _environ_tls(g: Given) -> bool:
    return _environ_flag(g, "EMAIL_USE_TLS", ("smtps", "smtp+tls"))


def _environ_ssl(g: Given) -> bool:
    return _environ_flag(g, "EMAIL_USE_SSL", ("smtp+ssl",))


def _url(scheme: str, query: str = "") -> str:
    return f"EMAIL_URL={scheme}://user:password@{{host}}:{{port}}{query}"


ENVIRON = _framework(
    "django-environ", "0.14.0", (0, 14),
    (
        Rule(ERROR, "no EMAIL_URL is given; without one django-environ raises ImproperlyConfigured", _missing,
             _ENVIRON),
        Rule(ERROR, "django-environ doesn't know this scheme: it takes smtp, smtps, smtp+tls and smtp+ssl",
             lambda g: _scheme(g) not in _SMTP_SCHEMES + _OTHER_SCHEMES, _ENVIRON),
        Rule(ERROR, "EMAIL_USE_TLS and EMAIL_USE_SSL both come out on, and Django raises a ValueError",
             lambda g: _environ_tls(g) and _environ_ssl(g), _ENVIRON),
        Rule(IMPLICIT, "smtp+ssl:// gives EMAIL_USE_SSL: TLS starts at once", _environ_ssl, _ENVIRON),
        Rule(REQUIRED, "smtps:// and smtp+tls:// both give EMAIL_USE_TLS: STARTTLS or nothing", _environ_tls, _ENVIRON),
        Rule(PLAIN, _NO_SMTP, lambda g: _scheme(g) in _OTHER_SCHEMES, _ENVIRON, password_in_clear=False),
        Rule(PLAIN, "smtp:// gives neither EMAIL_USE_TLS nor EMAIL_USE_SSL, whatever the port", source=_ENVIRON),
    ),
    (
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
    {IMPLICIT: _url("smtp+ssl"), REQUIRED: _url("smtp+tls"), OPPORTUNISTIC: _NO_OPPORTUNISM, PLAIN: _url("smtp")},
    lambda g: 465 if _environ_ssl(g) else 25,  # EMAIL_PORT is None then, and smtplib takes its own default
    "django.core.exceptions.ImproperlyConfigured: Invalid email schema ...",
    {f"{scheme}://": {"EMAIL_URL": f"{scheme}://smtp.example.com:587"} for scheme in _SMTP_SCHEMES},
    ("environ", "django_environ"),
)

# dj-email-url

_DJ = "dj_email_url.py parse; run"
_DJ_OTHERS = ("console", "file", "memory", "dummy")
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


DJ_EMAIL_URL = _framework(
    "dj-email-url", "1.0.6", (1, 0, 6),
    (
        Rule(ERROR, "no EMAIL_URL is given; without one dj_email_url.config() gives an empty dict, and looking up"
             " EMAIL_HOST in it raises a KeyError", _missing, _DJ),
        Rule(IMPLICIT, "?ssl=True gives EMAIL_USE_SSL: TLS starts at once, whatever the scheme", _dj_ssl, _DJ),
        Rule(REQUIRED, "submission://, smtps:// and ?tls=True give EMAIL_USE_TLS: STARTTLS or nothing", _dj_tls, _DJ),
        Rule(PLAIN, _NO_SMTP, lambda g: _scheme(g) in _DJ_OTHERS, _DJ, password_in_clear=False),
        Rule(PLAIN, "this scheme is not known, which is passed over in silence: no TLS at all",
             lambda g: _scheme(g) not in _DJ_SCHEMES, _DJ),
        Rule(PLAIN, "smtp:// without ?ssl=True or ?tls=True gives no TLS, whatever the port", source=_DJ),
    ),
    (
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
    {IMPLICIT: _url("smtp", "/?ssl=True"), REQUIRED: _url("submission"), OPPORTUNISTIC: _NO_OPPORTUNISM,
     PLAIN: _url("smtp")},
    _dj_port, "KeyError: 'EMAIL_HOST'",
    {"smtps://": {"EMAIL_URL": "smtps://smtp.example.com:587"},
     "submission://": {"EMAIL_URL": "submission://smtp.example.com:587"},
     "?ssl=True": {"EMAIL_URL": "smtp://smtp.example.com:587/?ssl=True"}},
    ("dj_email_url",),
)
FRAMEWORKS = (ENVIRON, DJ_EMAIL_URL)
