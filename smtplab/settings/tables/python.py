"""Python: Django, its MAILERS, and Flask-Mail, whose settings become calls of smtplib.

Sources: django/core/mail/backends/smtp.py (3.2, 5.2, 6.1), Flask-Mail's configure_host (0.9.1, 0.10.0), smtplib.
The tables were run against loopback servers. Certificates: Django checks them since 4.2, Flask-Mail never.
"""

from __future__ import annotations

from collections.abc import Callable

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
    Waits,
    other_keys,
    port_key,
)
from ..reading import Call
from ..standard import SUBMISSION, SUBMISSIONS, server_of
from ..values import PYTHON
from .asking import over_tls, said_empty

FOR_EVER = (Waits(None, source="smtplib: no time-out unless one is given; live"),)
SMTPLIB_ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:...)",
    Outcome.STARTTLS_NOT_OFFERED: "smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server.",
    Outcome.REFUSED_NEEDS_TLS: "smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.",
    Outcome.AUTH_NOT_OFFERED: "smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.",
    Outcome.REFUSED: "smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server.",
}


def refuses_strangers(rules: tuple[Rule, ...], logs_in: Callable[[Given], object]) -> tuple[Rule, ...]:
    """The rules, each preceded by its case without a login: TLS works, and then the server wants a name."""
    def stranger(rule: Rule) -> Rule:
        server = SUBMISSIONS if rule.mode is IMPLICIT else SUBMISSION
        return Rule(rule.mode, f"{rule.because}; but nothing logs in", lambda g: rule.when(g) and not logs_in(g)
                    and server_of(g.port, rule.mode) == server, rule.source, rule.since, rule.before,
                    Outcome.AUTH_MISSING)
    return tuple(made for rule in rules for made in (
        (stranger(rule), rule) if rule.outcome is None and rule.mode not in (ERROR, PLAIN) else (rule,)))


# Django

_BACKEND = "django/core/mail/backends/smtp.py"
_SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
_MAILERS_BACKEND = "MAILERS.default.BACKEND"  # a bare BACKEND is also in TEMPLATES and CACHES
_TLS, _SSL, _USER, _PASSWORD = "EMAIL_USE_TLS", "EMAIL_USE_SSL", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"


def _mailers(g: Given) -> bool:
    return g.has(_MAILERS_BACKEND)


def _by_flags(g: Given, tls: str, ssl: str) -> int:
    return 465 if g[ssl] else 587 if g[tls] else 25


def _django_rules(tls: str, ssl: str, user: str, error: str, port: str) -> tuple[Rule, ...]:
    return refuses_strangers((
        Rule(ERROR, f"{tls} and {ssl} are both on, and Django raises {error}", lambda g: g[tls] and g[ssl], _BACKEND),
        Rule(IMPLICIT, f"{ssl} is on: TLS starts at once (smtplib.SMTP_SSL)", lambda g: g[ssl], _BACKEND),
        Rule(REQUIRED, f"{tls} is on: STARTTLS or nothing, despite its name", lambda g: g[tls], _BACKEND),
        Rule(PLAIN, f"neither {tls} nor {ssl} is on, and the port decides nothing{port}", source=_BACKEND),
    ), lambda g: not said_empty(g, user))


def _django_notes(tls: str, ssl: str, user: str, password: str, cert: str, backend: str) -> tuple[Note, ...]:
    return (
        Note("contradiction", tls, f"{tls} (STARTTLS) and {ssl} (TLS at once) exclude each other: keep {ssl} for port"
             f" 465, {tls} for 587", lambda g: g[tls] and g[ssl], _BACKEND),
        Note("no-certificate-check", "", "Django before 4.2 checks no certificate: anyone on the way can pretend to be"
             " the server", over_tls, "live", (), (4, 2)),
        Note("certificate-check", cert, f"{cert} is a certificate of your own, for the server to check; with it Django"
             " no longer loads the system's CAs, so every server certificate is refused",
             lambda g: g.has(cert) and g[cert] and over_tls(g), _BACKEND + " ssl_context", (4, 2)),
        Note("auth-incomplete", user, f"Django logs in only if both {user} and {password} are non-empty; one is empty"
             " here", lambda g: said_empty(g, user) or said_empty(g, password), _BACKEND + " open()"),
        Note("password-in-clear", "", "the password crosses in clear on a server that offers AUTH without TLS",
             lambda g: g.mode is PLAIN and not said_empty(g, user), "live"),
        Note("other-backend", backend, "this backend is not Django's SMTP backend: it may read these settings"
             " otherwise, or send nothing at all (console, locmem, filebased, dummy)",
             lambda g: g.has(backend) and str(g[backend]) not in (_SMTP_BACKEND, "(computed)"), _BACKEND),
    )


_OPTIONS = {  # the same settings as options of MAILERS, or as arguments of get_connection
    "use_tls": _TLS, "use_ssl": _SSL, "port": "EMAIL_PORT", "host": "EMAIL_HOST", "username": _USER,
    "password": _PASSWORD, "timeout": "EMAIL_TIMEOUT", "ssl_certfile": "EMAIL_SSL_CERTFILE",
    "ssl_keyfile": "EMAIL_SSL_KEYFILE"}


def _option(name: str) -> tuple[str]:
    return (f"MAILERS.default.OPTIONS.{next(option for option, key in _OPTIONS.items() if key == name)}",)


def _get_connection(call: Call) -> dict[str, object]:
    return {key: call.named[option] for option, key in _OPTIONS.items() if option in call.named}


DJANGO_KEYS = (
    Key(_TLS, PYTHON, default=False, aliases=_option(_TLS)),
    Key(_SSL, PYTHON, default=False, aliases=_option(_SSL), since=(1, 7)),
    port_key("EMAIL_PORT", *_option("EMAIL_PORT")),
    *(Key(name, role=role, aliases=_option(name)) for name, role in (
        ("EMAIL_HOST", Role.HOST), (_USER, Role.USER), (_PASSWORD, Role.SECRET), ("EMAIL_TIMEOUT", Role.TIMEOUT),
        ("EMAIL_SSL_CERTFILE", Role.CHECK), ("EMAIL_SSL_KEYFILE", Role.CHECK))),
    *other_keys(Role.OTHER, "EMAIL_BACKEND", _MAILERS_BACKEND, "DEFAULT_FROM_EMAIL", "SERVER_EMAIL",
                "EMAIL_SUBJECT_PREFIX", "EMAIL_USE_LOCALTIME", "EMAIL_FILE_PATH"),
)
_DJANGO_FORM = "EMAIL_HOST = \"{host}\"\nEMAIL_PORT = {port}"
_NO_OPPORTUNISM = NotPossible("Django has no opportunistic mode: EMAIL_USE_TLS means STARTTLS or nothing")


def _django_errors(config: str) -> dict[Outcome, str]:
    return {k: v for k, v in SMTPLIB_ERRORS.items() if k is not Outcome.REFUSED} | {Outcome.CONFIG_ERROR: config}


_EXCLUSIVE = ("ValueError: EMAIL_USE_TLS/EMAIL_USE_SSL are mutually exclusive, so only set one of those settings to"
              " True.")
DJANGO = Framework(
    "django", "Django", "Python", DJANGO_KEYS,
    (Rule(PLAIN, "MAILERS is read by Django 6.1 and newer only", _mailers, _BACKEND, (), (6, 1)),
     *_django_rules(_TLS, _SSL, _USER, "ValueError", ": EMAIL_PORT 465 alone does not switch TLS on")),
    (Release("3.2.25", (3, 2, 25)), Release("5.2", (5, 2)), Release("6.1.3", (6, 1, 3))),
    {IMPLICIT: _DJANGO_FORM + "\nEMAIL_USE_SSL = True", REQUIRED: _DJANGO_FORM + "\nEMAIL_USE_TLS = True",
     OPPORTUNISTIC: _NO_OPPORTUNISM, PLAIN: _DJANGO_FORM},
    ("code", "assignments"), ("python-django", "django.core.mail"),
    (*_django_notes(_TLS, _SSL, _USER, _PASSWORD, "EMAIL_SSL_CERTFILE", "EMAIL_BACKEND"),
     Note("ineffective", _MAILERS_BACKEND, "MAILERS is read by Django 6.1 and newer only; before, say"
          " EMAIL_USE_TLS and the other EMAIL_ settings", _mailers, _BACKEND, (), (6, 1))),
    default_port=lambda g: _by_flags(g, _TLS, _SSL) if _mailers(g) and g.numbers >= (6, 1) else 25, waits=FOR_EVER,
    credentials=lambda g: not said_empty(g, _USER),
    calls={"get_connection": _get_connection, "EmailBackend": _get_connection},
    errors=_django_errors(_EXCLUSIVE), namespace=r"^EMAIL_\w+$",
    says={"EMAIL_USE_TLS = True": {_TLS: True}, "EMAIL_USE_SSL = True": {_SSL: True}},
)
MAILERS_KEYS = (
    Key("use_tls", PYTHON, default=False), Key("use_ssl", PYTHON, default=False), port_key(),
    *other_keys(Role.HOST, "host"), *other_keys(Role.USER, "username"), *other_keys(Role.SECRET, "password"),
    *other_keys(Role.TIMEOUT, "timeout"), *other_keys(Role.CHECK, "ssl_certfile", "ssl_keyfile"),
    *other_keys(Role.OTHER, _MAILERS_BACKEND, "fail_silently"),
)
_MAILERS_FORM = f"""\
MAILERS = {{
    "default": {{
        "BACKEND": "{_SMTP_BACKEND}",
        "OPTIONS": {{"host": "{{host}}", "port": {{port}}%s}},
    }}
}}"""
MAILERS = Framework(
    "django-mailers", "Django MAILERS (6.1)", "Python", MAILERS_KEYS,
    _django_rules("use_tls", "use_ssl", "username", "InvalidMailer", ""),
    (Release("6.1.3", (6, 1, 3)),),
    {IMPLICIT: _MAILERS_FORM % ", \"use_ssl\": True", REQUIRED: _MAILERS_FORM % ", \"use_tls\": True",
     OPPORTUNISTIC: _NO_OPPORTUNISM, PLAIN: _MAILERS_FORM % ""},
    ("code",), ("mailers",),
    (*_django_notes("use_tls", "use_ssl", "username", "password", "ssl_certfile", _MAILERS_BACKEND),
     Note("missing-setting", "host", "OPTIONS has no host; MAILERS has no default for it",
          lambda g: _mailers(g) and "host" not in g.values and str(g[_MAILERS_BACKEND]) == _SMTP_BACKEND, _BACKEND)),
    default_port=lambda g: _by_flags(g, "use_tls", "use_ssl"), waits=FOR_EVER,
    credentials=lambda g: not said_empty(g, "username"),
    errors=_django_errors("InvalidMailer (use_tls and use_ssl are mutually exclusive)"),
    namespace=r"(?:^|\.)OPTIONS\.\w+$",
    says={"use_tls": {"use_tls": True}, "use_ssl": {"use_ssl": True}},
)

# Flask-Mail

_FLASK = "flask_mail configure_host; live"
FLASK_KEYS = (
    Key("MAIL_USE_TLS", PYTHON, default=False), Key("MAIL_USE_SSL", PYTHON, default=False), port_key("MAIL_PORT"),
    *other_keys(Role.HOST, "MAIL_SERVER"), *other_keys(Role.USER, "MAIL_USERNAME"),
    *other_keys(Role.SECRET, "MAIL_PASSWORD"),
    *other_keys(Role.OTHER, "MAIL_DEFAULT_SENDER", "MAIL_DEBUG", "MAIL_MAX_EMAILS", "MAIL_SUPPRESS_SEND",
                "MAIL_ASCII_ATTACHMENTS", "MAIL_TIMEOUT"),
)


def _both(g: Given) -> bool:
    return bool(g["MAIL_USE_TLS"] and g["MAIL_USE_SSL"])


_FLASK_FORM = "MAIL_SERVER = \"{host}\"\nMAIL_PORT = {port}"
FLASK = Framework(
    "flask-mail", "Flask-Mail", "Python", FLASK_KEYS,
    refuses_strangers((
        Rule(IMPLICIT, "both are on: TLS starts at once (SMTP_SSL), and then STARTTLS is asked for inside it, which no"
             " server offers", lambda g: _both(g) and server_of(g.port, IMPLICIT) == SUBMISSIONS, _FLASK,
             outcome=Outcome.REFUSED),
        Rule(IMPLICIT, "MAIL_USE_SSL is on: TLS starts at once (SMTP_SSL)", lambda g: g["MAIL_USE_SSL"], _FLASK),
        Rule(REQUIRED, "MAIL_USE_TLS is on: STARTTLS or nothing, despite its name", lambda g: g["MAIL_USE_TLS"],
             _FLASK),
        Rule(PLAIN, "neither MAIL_USE_TLS nor MAIL_USE_SSL is on, and the port decides nothing", source=_FLASK),
    ), lambda g: not said_empty(g, "MAIL_USERNAME")),
    (Release("0.9.1", (0, 9, 1)), Release("0.10.0", (0, 10, 0))),
    {IMPLICIT: _FLASK_FORM + "\nMAIL_USE_SSL = True", REQUIRED: _FLASK_FORM + "\nMAIL_USE_TLS = True",
     OPPORTUNISTIC: NotPossible("Flask-Mail has no opportunistic mode: MAIL_USE_TLS means STARTTLS or nothing"),
     PLAIN: _FLASK_FORM},
    ("code", "assignments"), ("flask", "flask_mail"),
    (
        Note("contradiction", "MAIL_USE_TLS", "MAIL_USE_TLS and MAIL_USE_SSL are both on: STARTTLS is sent inside the"
             " TLS session and fails. Flask-Mail gives no friendly message. Keep MAIL_USE_SSL for port 465,"
             " MAIL_USE_TLS for 587", _both, _FLASK),
        Note("no-certificate-check", "", "Flask-Mail gives smtplib no context, so no certificate is checked, and no"
             " setting changes that", over_tls, "live"),
        Note("no-timeout", "", "Flask-Mail has no time-out and no setting for one: call socket.setdefaulttimeout, or a"
             " wait lasts for ever", lambda g: g.outcome is Outcome.HANG, _FLASK),
        Note("ineffective", "MAIL_TIMEOUT", "Flask-Mail has no setting for a time-out: MAIL_TIMEOUT is not read",
             lambda g: g.has("MAIL_TIMEOUT"), _FLASK),
        Note("password-in-clear", "", "the password crosses in clear on a server that offers AUTH without TLS",
             lambda g: g.mode is PLAIN and not said_empty(g, "MAIL_USERNAME"), "live"),
        Note("auth-incomplete", "MAIL_USERNAME", "Flask-Mail logs in only if both MAIL_USERNAME and MAIL_PASSWORD are"
             " non-empty; one is empty here",
             lambda g: said_empty(g, "MAIL_USERNAME") or said_empty(g, "MAIL_PASSWORD"), _FLASK),
        Note("ineffective", "MAIL_SUPPRESS_SEND", "MAIL_SUPPRESS_SEND is on: nothing connects and nothing is sent",
             lambda g: g.has("MAIL_SUPPRESS_SEND") and PYTHON.read(g["MAIL_SUPPRESS_SEND"]), _FLASK),
    ),
    credentials=lambda g: not said_empty(g, "MAIL_USERNAME"), waits=FOR_EVER, errors=SMTPLIB_ERRORS,
    namespace=r"(?:^|\.)MAIL_\w+$",
    says={"MAIL_USE_TLS = True": {"MAIL_USE_TLS": True}, "MAIL_USE_SSL = True": {"MAIL_USE_SSL": True}},
)
FRAMEWORKS = (DJANGO, MAILERS, FLASK)
