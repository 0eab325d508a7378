"""Python: aiosmtplib, with fastapi-mail on top of it.

Sources: aiosmtplib/smtp.py _validate_config, _get_default_port and _maybe_start_tls_on_connect (5.1.3), its release
notes (2.0.0); fastapi_mail/config.py and connection.py (1.6.8). The tables were run against loopback servers.
"""

from __future__ import annotations

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
from ..standard import SUBMISSIONS, server_of
from ..values import ABSENT, PYTHON, Complaint, Switch, shown
from .asking import over_tls, said_empty
from .python import refuses_strangers

_AIO = "aiosmtplib/smtp.py connect, _maybe_start_tls_on_connect; live"
AIOSMTPLIB_KEYS = (
    Key("use_tls", PYTHON, default=False), Key("start_tls"), Key("starttls()", PYTHON, default=False),
    port_key(), *other_keys(Role.HOST, "hostname"), *other_keys(Role.USER, "username"),
    *other_keys(Role.SECRET, "password"), *other_keys(Role.CHECK, "validate_certs", "tls_context", "cert_bundle"),
    *other_keys(Role.TIMEOUT, "timeout"),
    *other_keys(Role.OTHER, "client_cert", "client_key", "local_hostname", "source_address", "socket_path", "sender",
                "recipients"),
)


def _start_tls(g: Given) -> object:
    """None, True, False, or what else was given; aiosmtplib compares with `is`."""
    value = g.raw("start_tls")
    return None if value is ABSENT else value


def _twice(g: Given) -> bool:
    return bool(g["starttls()"] and (g["use_tls"] or _start_tls(g) is True or (
        _start_tls(g) is None and g.numbers >= (2,))))


_AIO_ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: "SMTPConnectError: Error connecting to ... [SSL: WRONG_VERSION_NUMBER] wrong version"
                                  " number (_ssl.c:...)",
    Outcome.HANG: "SMTPConnectTimeoutError: Timed out waiting for server ready message",
    Outcome.STARTTLS_NOT_OFFERED: "SMTPException: SMTP STARTTLS extension not supported by server.",
    Outcome.CONFIG_ERROR: "ValueError: The start_tls and use_tls options are not compatible.",
    Outcome.REFUSED: "SMTPException: Connection already using TLS",
    Outcome.REFUSED_NEEDS_TLS: "SMTPException: The SMTP AUTH extension is not supported by this server. Try connecting"
                               " via TLS (or STARTTLS).",
    Outcome.AUTH_NOT_OFFERED: "SMTPException: The SMTP AUTH extension is not supported by this server."}
_AIO_FORM = "aiosmtplib.SMTP(hostname=\"{host}\", port={port}%s)"
AIOSMTPLIB = Framework(
    "aiosmtplib", "aiosmtplib", "Python", AIOSMTPLIB_KEYS,
    (
        Rule(ERROR, "start_tls and use_tls exclude each other: aiosmtplib raises a ValueError",
             lambda g: g["use_tls"] and PYTHON.read(_start_tls(g)), _AIO),
        Rule(IMPLICIT, "use_tls is on: TLS starts at once; starttls() then raises an error",
             lambda g: _twice(g) and g["use_tls"] and server_of(g.port, IMPLICIT) == SUBMISSIONS, _AIO,
             outcome=Outcome.REFUSED),
        Rule(IMPLICIT, "use_tls is on: TLS starts at once", lambda g: g["use_tls"], _AIO),
        Rule(REQUIRED, "connect() has already done STARTTLS, and starttls() then raises an error",
             lambda g: _twice(g) and server_of(g.port, REQUIRED) != SUBMISSIONS, _AIO, outcome=Outcome.REFUSED),
        Rule(REQUIRED, "start_tls is True: STARTTLS or nothing", lambda g: _start_tls(g) is True, _AIO),
        Rule(REQUIRED, "starttls() is called: STARTTLS or nothing", lambda g: g["starttls()"], _AIO),
        Rule(OPPORTUNISTIC, "start_tls is None (the default): STARTTLS where it is offered",
             lambda g: _start_tls(g) is None, _AIO, (2,)),
        Rule(PLAIN, "aiosmtplib before 2.0 does no STARTTLS unless it is told to", lambda g: _start_tls(g) is None,
             "release notes of 2.0.0", (), (2,)),
        Rule(PLAIN, "start_tls is neither True nor None: STARTTLS is never used", source=_AIO),
    ),
    (Release("5.1.3", (5, 1, 3)),),
    {IMPLICIT: _AIO_FORM % ", use_tls=True", REQUIRED: _AIO_FORM % ", start_tls=True", OPPORTUNISTIC: _AIO_FORM % "",
     PLAIN: _AIO_FORM % ", start_tls=False"},
    ("code",), (),
    (
        Note("contradiction", "start_tls", "use_tls means TLS at once, start_tls means STARTTLS: keep use_tls for port"
             " 465, start_tls for 587", lambda g: g["use_tls"] and PYTHON.read(_start_tls(g)), _AIO),
        Note("contradiction", "starttls()", "connect() does STARTTLS by itself since 2.0, so starttls() raises"
             " \"Connection already using TLS\": take the call out, or say start_tls=False", _twice, _AIO),
        Note("unknown-value", "start_tls", "start_tls is neither True, False nor None: aiosmtplib asks \"is True\", so"
             " this means never, and mail goes in clear",
             lambda g: not isinstance(_start_tls(g), bool | None) and not g["use_tls"], _AIO),
        Note("no-certificate-check", "validate_certs", "the server's certificate is not checked",
             lambda g: over_tls(g) and g.has("validate_certs") and not PYTHON.read(g["validate_certs"]), _AIO),
        Note("password-in-clear", "", "the password crosses in clear on a server that offers AUTH without TLS",
             lambda g: g.mode is PLAIN, _AIO),
    ),
    default_port=lambda g: 465 if g["use_tls"] else 587 if PYTHON.read(_start_tls(g)) else 25,
    waits=(Waits(60, source="aiosmtplib DEFAULT_TIMEOUT; live"),), errors=_AIO_ERRORS,
    calls={"starttls": lambda _call: {"starttls()": True}},
    says={"use_tls": {"use_tls": True}, "start_tls": {"start_tls": True}},
)

# fastapi-mail


class _PydanticBool(Switch):
    """What pydantic takes for a bool; anything else is a ValidationError."""

    def complaint(self, value: object) -> Complaint | None:
        """A word that pydantic refuses."""
        odd = super().complaint(value)
        return odd and Complaint("unknown-value", f"{shown(value)} is no boolean to pydantic: ValidationError")


_BOOL = _PydanticBool(("true", "1", "yes", "on", "y", "t"), ("false", "0", "no", "off", "n", "f"))
_FASTAPI = "fastapi_mail/config.py, connection.py; live"
_NEW, _OLD = ("MAIL_STARTTLS", "MAIL_SSL_TLS"), ("MAIL_TLS", "MAIL_SSL")
FASTAPI_KEYS = (
    *(Key(name, _BOOL) for name in _NEW), *(Key(name, _BOOL, role=Role.OTHER) for name in _OLD),
    port_key("MAIL_PORT"), *other_keys(Role.HOST, "MAIL_SERVER"), *other_keys(Role.USER, "MAIL_USERNAME"),
    *other_keys(Role.SECRET, "MAIL_PASSWORD"), *other_keys(Role.AUTH, "USE_CREDENTIALS"),
    *other_keys(Role.CHECK, "VALIDATE_CERTS", "CERT_BUNDLE"), *other_keys(Role.TIMEOUT, "TIMEOUT"),
    *other_keys(Role.OTHER, "MAIL_FROM", "MAIL_FROM_NAME", "MAIL_DEBUG", "TEMPLATE_FOLDER", "SUPPRESS_SEND",
                "LOCAL_HOSTNAME"),
)


def _on(g: Given, which: int) -> bool:
    """Whether STARTTLS (0) or TLS at once (1) is on, by the new or, before 1.2, the old name."""
    return g[_NEW[which]] is True or (g.numbers < (1, 2) and g[_OLD[which]] is True)


def _renamed(g: Given) -> bool:
    return g.numbers >= (1, 2) and g.has(*_OLD)


def _incomplete(g: Given) -> bool:
    return g.numbers >= (1, 2) and not all(g.has(name) for name in _NEW)


def _odd(g: Given) -> bool:
    return any(_BOOL.complaint(g.raw(name)) for name in (*_NEW, *_OLD) if g.has(name))


def _authenticates(g: Given) -> bool:
    off = g.has("USE_CREDENTIALS") and not _BOOL.read(g["USE_CREDENTIALS"])
    return not off and not said_empty(g, "MAIL_USERNAME")


def _fastapi_errors(g: Given) -> dict[Outcome, str]:
    wrapped = "ConnectionErrors: Exception raised {}, check your credentials or email service configuration"
    says = {k: wrapped.format(v.partition(": ")[2]) for k, v in _AIO_ERRORS.items() if k is not Outcome.REFUSED}
    if _renamed(g) or _incomplete(g) or _odd(g):
        says[Outcome.CONFIG_ERROR] = "pydantic ValidationError for ConnectionConfig"
    return says


_FASTAPI_FORM = "MAIL_SERVER = \"{host}\"\nMAIL_PORT = {port}\nMAIL_STARTTLS = %s\nMAIL_SSL_TLS = %s"
FASTAPI = Framework(
    "fastapi-mail", "fastapi-mail", "Python", FASTAPI_KEYS,
    refuses_strangers((
        Rule(ERROR, "MAIL_TLS and MAIL_SSL are called MAIL_STARTTLS and MAIL_SSL_TLS since fastapi-mail 1.2; pydantic"
             " refuses the old names", _renamed, _FASTAPI),
        Rule(ERROR, "pydantic does not take this for a boolean", _odd, _FASTAPI),
        Rule(ERROR, "MAIL_STARTTLS and MAIL_SSL_TLS are both mandatory: without one, pydantic raises a ValidationError"
             " (unless the environment has it)", _incomplete, _FASTAPI),
        Rule(ERROR, "MAIL_STARTTLS and MAIL_SSL_TLS are both on: aiosmtplib raises a ValueError when it sends",
             lambda g: _on(g, 0) and _on(g, 1), _FASTAPI),
        Rule(IMPLICIT, "MAIL_SSL_TLS is on: TLS starts at once", lambda g: _on(g, 1), _FASTAPI),
        Rule(REQUIRED, "MAIL_STARTTLS is on: STARTTLS or nothing", lambda g: _on(g, 0), _FASTAPI),
        Rule(PLAIN, "both are off: STARTTLS is never used, even where it is offered", source=_FASTAPI),
    ), _authenticates),
    (Release("1.6.8", (1, 6, 8)),),
    {IMPLICIT: _FASTAPI_FORM % ("False", "True"), REQUIRED: _FASTAPI_FORM % ("True", "False"),
     OPPORTUNISTIC: NotPossible("fastapi-mail passes True or False on to aiosmtplib, never None"),
     PLAIN: _FASTAPI_FORM % ("False", "False")},
    ("code", "assignments"), ("fastapi", "fastapi_mail"),
    (
        Note("contradiction", "MAIL_STARTTLS", "MAIL_STARTTLS and MAIL_SSL_TLS exclude each other: MAIL_SSL_TLS for"
             " port 465, MAIL_STARTTLS for 587", lambda g: _on(g, 0) and _on(g, 1), _FASTAPI),
        Note("renamed", "MAIL_TLS", "write MAIL_STARTTLS for MAIL_TLS, and MAIL_SSL_TLS for MAIL_SSL", _renamed,
             _FASTAPI),
        Note("swapped", "MAIL_SSL_TLS", "the names are easily swapped: MAIL_SSL_TLS is TLS at once (465), MAIL_STARTTLS"
             " is STARTTLS (587)", lambda g: g.outcome in (Outcome.HANG, Outcome.WRONG_VERSION_NUMBER)
             and g.mode is not PLAIN, _FASTAPI),
        Note("no-certificate-check", "VALIDATE_CERTS", "the server's certificate is not checked",
             lambda g: over_tls(g) and g.has("VALIDATE_CERTS") and not _BOOL.read(g["VALIDATE_CERTS"]), _FASTAPI),
        Note("auth-incomplete", "USE_CREDENTIALS", "fastapi-mail does not log in with these settings",
             lambda g: not _authenticates(g), _FASTAPI),
        Note("password-in-clear", "", "the password crosses in clear on a server that offers AUTH without TLS",
             lambda g: g.mode is PLAIN and _authenticates(g), _FASTAPI),
    ),
    credentials=_authenticates, password_in_clear=_authenticates,
    waits=(Waits(60, source="aiosmtplib DEFAULT_TIMEOUT; live"),), errors=_fastapi_errors,
    namespace=r"(?:^|\.)MAIL_\w+$",
    says={"MAIL_STARTTLS": {"MAIL_STARTTLS": True, "MAIL_SSL_TLS": False},
          "MAIL_SSL_TLS": {"MAIL_STARTTLS": False, "MAIL_SSL_TLS": True}},
)
FRAMEWORKS = (AIOSMTPLIB, FASTAPI)
