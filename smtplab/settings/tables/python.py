"""Python: smtplib itself, Flask-Mail on top of it, and aiosmtplib with fastapi-mail on top of that.

Sources: CPython's Lib/smtplib.py (3.11, 3.13); Flask-Mail's configure_host (0.9.1, 0.10.0); aiosmtplib/smtp.py
_validate_config, _get_default_port and _maybe_start_tls_on_connect (5.1.3), its release notes (2.0.0);
fastapi_mail/config.py and connection.py (1.6.8). All were run against loopback servers. Flask-Mail never checks
certificates.
"""

from __future__ import annotations

from ..keys import Key, Values, keys
from ..model import Errors, Framework, Given, Mode, Note, NotPossible, Outcome, Release, Timeout
from ..reading import Bare, Call, Computed, Word
from ..standard import SUBMISSIONS, server_of
from ..values import ABSENT, PYTHON, Complaint, OneOf, Switch, shown
from ..vocabulary import (
    auth_incomplete,
    error,
    given,
    hangs,
    if_login_fails,
    implicit,
    no_certificate_check,
    not_empty,
    opportunistic,
    password_in_clear,
    plain,
    required,
    said_empty,
)

NO_LOGIN = "; but nothing logs in"
FOR_EVER = (Timeout(None, source="smtplib: no time-out unless one is given; live"),)
SMTPLIB_ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:...)",
    Outcome.STARTTLS_NOT_OFFERED: "smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server.",
    Outcome.REFUSED_NEEDS_TLS: "smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.",
    Outcome.AUTH_NOT_OFFERED: "smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.",
    Outcome.REFUSED: "smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server.",
}


_SMTPLIB = "Lib/smtplib.py; live"
_CLASSES = ("SMTP", "SMTP_SSL", "LMTP")
SMTPLIB_KEYS = keys(
    mode=(
        Key("class", OneOf(_CLASSES, otherwise="smtplib has no such class"), "SMTP"),
        Key("starttls", PYTHON, False, aliases=("starttls()",)),
        Key("has_extn", PYTHON, False),
    ),
    port="port|smtp_port|SMTP_PORT|mail_port|MAIL_PORT|EMAIL_PORT|PORT",
    host="host|smtp_server|SMTP_SERVER|smtp_host|SMTP_HOST|SMTP_SERVER_HOST|mail_host|MAIL_HOST|EMAIL_HOST|HOST",
    user="user|username|sender_email|SMTP_USER|SMTP_USERNAME",
    secret="password|SMTP_PASSWORD|EMAIL_PASSWORD|app_password",
    auth="login", timeout="timeout", other="context client sends keyfile certfile",
)


def _connects(class_name: str):
    def read(call: Call) -> Values:
        host, port, _local, timeout = (*call.arguments, *(None,) * 4)[:4]
        found: Values = {"class": class_name} if class_name == "SMTP_SSL" else {"client": class_name}
        if isinstance(host, str) and ("." in host or host == "localhost"):
            found["host"] = host
            name, colon, digits = host.rpartition(":")  # smtplib takes "host:port" for a host
            if colon and digits.isdecimal() and len(digits) < 6 and ":" not in name:
                found |= {"host": name, "port": int(digits)}
        if isinstance(port, int) and not isinstance(port, bool) or isinstance(port, str) and port.isdecimal():
            found["port"] = port
        elif isinstance(port, Bare | Computed):
            found["port"] = port if isinstance(port, Computed) else Computed(text=port)
        if isinstance(timeout, int | float) and class_name == "SMTP":
            found["timeout"] = timeout
        return found | _checks(call)
    return read


def _checks(call: Call) -> Values:
    third = call.arguments[2] if call.name == "starttls" and len(call.arguments) > 2 else None
    return {"context": "(given)"} if call.named.get("context", third) is not None else {}


def _words(words: list[Word]) -> Values:
    """`SMTP_SSL`, `SMTP + starttls()`: the short way to say it."""
    found: Values = {}
    for word in words:
        name = word.removeprefix("smtplib.").removesuffix("()")
        if name in _CLASSES:
            found["class" if name == "SMTP_SSL" else "client"] = name
        elif name.rpartition(".")[2] == "starttls":
            found["starttls"] = True
        elif word not in ("+", ",", "&", "then", "and", "with", "without"):
            return {}
    return found


def _expand(values: Values) -> Values:
    name = values.get("class")
    if isinstance(name, str):
        values = values | {"class": name.strip().removesuffix("()").rpartition(".")[2]}
    return values


def _ssl(g: Given) -> bool:
    return g["class"] == "SMTP_SSL"


def _two_branches(g: Given) -> bool:
    """`if ssl: SMTP_SSL(...) else: SMTP(...); starttls()`, of which either may run."""
    return _ssl(g) and g.values.get("client") == "SMTP"


def _inside_tls(g: Given) -> bool:
    return bool(_ssl(g) and g["starttls"] and not g["has_extn"] and not _two_branches(g))


def _logs_in(g: Given) -> bool:
    """Whether login() is called; assumed for a text that doesn't show the sending either."""
    return g.has("login") or not g.has("sends")


SMTPLIB = Framework(
    name="smtplib", title="Python smtplib", ecosystem="Python", keys=SMTPLIB_KEYS,
    comment="#", named_by=("smtplib",),
    rules=if_login_fails((
        implicit("SMTP_SSL starts TLS at once; starttls() then asks for TLS inside TLS, which no server offers",
                 lambda g: _inside_tls(g) and server_of(g.port, Mode.IMPLICIT) == SUBMISSIONS, _SMTPLIB,
                 outcome=Outcome.REFUSED),
        implicit("SMTP_SSL starts TLS at once", _ssl, _SMTPLIB),
        opportunistic("starttls() is called only if has_extn finds it offered",
                      lambda g: g["starttls"] and g["has_extn"], _SMTPLIB),
        required("starttls() raises an error where STARTTLS is not offered: STARTTLS or nothing",
                 lambda g: g["starttls"], _SMTPLIB),
        plain("SMTP without starttls() never starts TLS, whatever the port", source=_SMTPLIB),
    ), _logs_in, adds=NO_LOGIN),
    releases=(Release("3.11", (3, 11)), Release("3.13", (3, 13))),
    forms={
        Mode.IMPLICIT: "context = ssl.create_default_context()\n"
                       "server = smtplib.SMTP_SSL(\"{host}\", {port}, timeout=30, context=context)",
        Mode.REQUIRED: "server = smtplib.SMTP(\"{host}\", {port}, timeout=30)\n"
                       "server.starttls(context=ssl.create_default_context())",
        Mode.OPPORTUNISTIC: "server = smtplib.SMTP(\"{host}\", {port}, timeout=30)\nserver.ehlo()\n"
                            "if server.has_extn(\"starttls\"):\n"
                            "    server.starttls(context=ssl.create_default_context())",
        Mode.PLAIN: "server = smtplib.SMTP(\"{host}\", {port}, timeout=30)"},
    read=("command", "code"), aliases=("python", "python-smtplib"),
    notes=(
        Note("contradiction", "starttls", "starttls() after SMTP_SSL asks for TLS inside TLS: SMTPNotSupportedError."
             " Take SMTP_SSL for port 465, SMTP and starttls() for 587", _inside_tls, _SMTPLIB),
        Note("ambiguous", "class", "both SMTP_SSL and SMTP are called, and which one runs is not known here: SMTP_SSL"
             " is taken. Give one branch alone", _two_branches, _SMTPLIB),
        no_certificate_check("context", lambda g: not (g.has("context") and g["context"]),
                             "smtplib.py:778, :1020 in 3.13; live", "without context=ssl.create_default_context()"
                             " smtplib checks no certificate: anyone on the way can pretend to be the server"),
        Note("no-timeout", "timeout", "smtplib has no time-out of its own: give timeout=30, or a wait lasts for ever",
             lambda g: hangs(g) and not g.has("timeout"), _SMTPLIB),
        password_in_clear("", _logs_in, _SMTPLIB, "login() sends the password in clear on a server that offers AUTH"
                          " without TLS"),
        auth_incomplete("login", "login() is never called; servers on 587 and 465 refuse mail from strangers", _logs_in,
                        _SMTPLIB),
        Note("ineffective", "keyfile", "keyfile and certfile were dropped in Python 3.12: give a context",
             given("keyfile", "certfile"), "docs.python.org smtplib", (3, 12)),
    ),
    default_port=lambda g: 465 if _ssl(g) else 25, credentials=_logs_in, password_in_clear=_logs_in, waits=FOR_EVER,
    errors=SMTPLIB_ERRORS,
    calls={**{name: _connects(name) for name in _CLASSES}, "connect": _connects(""),
           "starttls": lambda call: {"starttls": True} | _checks(call), "login": lambda _call: {"login": True},
           "has_extn": lambda call: {"has_extn": True} if [str(a).lower() for a in call.arguments] == ["starttls"]
           else {}, "sendmail": lambda _call: {"sends": True}, "send_message": lambda _call: {"sends": True}},
    expand=_expand, words=_words, says={"SMTP_SSL": {"class": "SMTP_SSL"}, "starttls()": {"starttls": True}},
)


# Flask-Mail

_FLASK = "flask_mail configure_host; live"
FLASK_KEYS = keys(
    mode=(Key("MAIL_USE_TLS", PYTHON, False), Key("MAIL_USE_SSL", PYTHON, False)), port="MAIL_PORT", host="MAIL_SERVER",
    user="MAIL_USERNAME", secret="MAIL_PASSWORD",
    other="MAIL_DEFAULT_SENDER MAIL_DEBUG MAIL_MAX_EMAILS MAIL_SUPPRESS_SEND MAIL_ASCII_ATTACHMENTS MAIL_TIMEOUT",
)


def _both(g: Given) -> bool:
    return bool(g["MAIL_USE_TLS"] and g["MAIL_USE_SSL"])


_FLASK_FORM = "MAIL_SERVER = \"{host}\"\nMAIL_PORT = {port}"
FLASK = Framework(
    name="flask-mail", title="Flask-Mail", ecosystem="Python", keys=FLASK_KEYS,
    comment="#", named_by=("flask_mail", "flask-mail", "flask", "smtplib"),
    rules=if_login_fails((
        implicit("both are on: TLS starts at once (SMTP_SSL), and then STARTTLS is asked for inside it, which no server"
                 " offers", lambda g: _both(g) and server_of(g.port, Mode.IMPLICIT) == SUBMISSIONS, _FLASK,
                 outcome=Outcome.REFUSED),
        implicit("MAIL_USE_SSL is on: TLS starts at once (SMTP_SSL)", lambda g: g["MAIL_USE_SSL"], _FLASK),
        required("MAIL_USE_TLS is on: STARTTLS or nothing, despite its name", lambda g: g["MAIL_USE_TLS"], _FLASK),
        plain("neither MAIL_USE_TLS nor MAIL_USE_SSL is on, and the port decides nothing", source=_FLASK),
    ), not_empty("MAIL_USERNAME"), adds=NO_LOGIN),
    releases=(Release("0.9.1", (0, 9, 1)), Release("0.10.0", (0, 10, 0))),
    forms={Mode.IMPLICIT: _FLASK_FORM + "\nMAIL_USE_SSL = True", Mode.REQUIRED: _FLASK_FORM + "\nMAIL_USE_TLS = True",
           Mode.OPPORTUNISTIC: NotPossible("Flask-Mail has no opportunistic mode: MAIL_USE_TLS means STARTTLS or"
                                           " nothing"), Mode.PLAIN: _FLASK_FORM},
    read=("code", "assignments"), aliases=("flask", "flask_mail"),
    notes=(
        Note("contradiction", "MAIL_USE_TLS", "MAIL_USE_TLS and MAIL_USE_SSL are both on: STARTTLS is sent inside the"
             " TLS session and fails. Flask-Mail gives no friendly message. Keep MAIL_USE_SSL for port 465,"
             " MAIL_USE_TLS for 587", _both, _FLASK),
        no_certificate_check("", says="Flask-Mail gives smtplib no context, so no certificate is checked, and no"
                             " setting changes that"),
        Note("no-timeout", "", "Flask-Mail has no time-out and no setting for one: call socket.setdefaulttimeout, or a"
             " wait lasts for ever", hangs, _FLASK),
        Note("ineffective", "MAIL_TIMEOUT", "Flask-Mail has no setting for a time-out: MAIL_TIMEOUT is not read",
             given("MAIL_TIMEOUT"), _FLASK),
        password_in_clear("", not_empty("MAIL_USERNAME")),
        Note("auth-incomplete", "MAIL_USERNAME", "Flask-Mail logs in only if both MAIL_USERNAME and MAIL_PASSWORD are"
             " non-empty; one is empty here",
             lambda g: said_empty(g, "MAIL_USERNAME") or said_empty(g, "MAIL_PASSWORD"), _FLASK),
        Note("ineffective", "MAIL_SUPPRESS_SEND", "MAIL_SUPPRESS_SEND is on: nothing connects and nothing is sent",
             lambda g: g.has("MAIL_SUPPRESS_SEND") and PYTHON.read(g["MAIL_SUPPRESS_SEND"]), _FLASK),
    ),
    credentials=not_empty("MAIL_USERNAME"), waits=FOR_EVER, errors=SMTPLIB_ERRORS, namespace=r"(?:^|\.)MAIL_\w+$",
    says={"MAIL_USE_TLS = True": {"MAIL_USE_TLS": True}, "MAIL_USE_SSL = True": {"MAIL_USE_SSL": True}},
)


_AIO = "aiosmtplib/smtp.py connect, _maybe_start_tls_on_connect; live"
AIOSMTPLIB_KEYS = keys(
    mode=(Key("use_tls", PYTHON, False), "start_tls", Key("starttls()", PYTHON, False)), port="port", host="hostname",
    user="username", secret="password", check="validate_certs tls_context cert_bundle", timeout="timeout",
    other="client_cert client_key local_hostname source_address socket_path sender recipients",
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
    name="aiosmtplib", title="aiosmtplib", ecosystem="Python", keys=AIOSMTPLIB_KEYS,
    comment="#", named_by=("aiosmtplib",),
    rules=(
        error("start_tls and use_tls exclude each other: aiosmtplib raises a ValueError",
              lambda g: g["use_tls"] and PYTHON.read(_start_tls(g)), _AIO),
        implicit("use_tls is on: TLS starts at once; starttls() then raises an error",
                 lambda g: _twice(g) and g["use_tls"] and server_of(g.port, Mode.IMPLICIT) == SUBMISSIONS, _AIO,
                 outcome=Outcome.REFUSED),
        implicit("use_tls is on: TLS starts at once", lambda g: g["use_tls"], _AIO),
        required("connect() has already done STARTTLS, and starttls() then raises an error",
                 lambda g: _twice(g) and server_of(g.port, Mode.REQUIRED) != SUBMISSIONS, _AIO,
                 outcome=Outcome.REFUSED),
        required("start_tls is True: STARTTLS or nothing", lambda g: _start_tls(g) is True, _AIO),
        required("starttls() is called: STARTTLS or nothing", lambda g: g["starttls()"], _AIO),
        opportunistic("start_tls is None (the default): STARTTLS where it is offered", lambda g: _start_tls(g) is None,
                      _AIO, (2,)),
        plain("aiosmtplib before 2.0 does no STARTTLS unless it is told to", lambda g: _start_tls(g) is None,
              "release notes of 2.0.0", (), (2,)),
        plain("start_tls is neither True nor None: STARTTLS is never used", source=_AIO),
    ),
    releases=(Release("5.1.3", (5, 1, 3)),),
    forms={Mode.IMPLICIT: _AIO_FORM % ", use_tls=True", Mode.REQUIRED: _AIO_FORM % ", start_tls=True",
           Mode.OPPORTUNISTIC: _AIO_FORM % "", Mode.PLAIN: _AIO_FORM % ", start_tls=False"},
    notes=(
        Note("contradiction", "start_tls", "use_tls means TLS at once, start_tls means STARTTLS: keep use_tls for port"
             " 465, start_tls for 587", lambda g: g["use_tls"] and PYTHON.read(_start_tls(g)), _AIO),
        Note("contradiction", "starttls()", "connect() does STARTTLS by itself since 2.0, so starttls() raises"
             " \"Connection already using TLS\": take the call out, or say start_tls=False", _twice, _AIO),
        Note("unknown-value", "start_tls", "start_tls is neither True, False nor None: aiosmtplib asks \"is True\", so"
             " this means never, and mail goes in clear",
             lambda g: not isinstance(_start_tls(g), bool | None) and not g["use_tls"], _AIO),
        no_certificate_check("validate_certs",
                             lambda g: g.has("validate_certs") and not PYTHON.read(g["validate_certs"]), _AIO),
        password_in_clear("", source=_AIO),
    ),
    default_port=lambda g: 465 if g["use_tls"] else 587 if PYTHON.read(_start_tls(g)) else 25,
    waits=(Timeout(60, source="aiosmtplib DEFAULT_TIMEOUT; live"),), errors=_AIO_ERRORS,
    calls={"starttls": lambda _call: {"starttls()": True}},
    says={"use_tls": {"use_tls": True}, "start_tls": {"start_tls": True}},
)

# fastapi-mail


class _PydanticBool(Switch):
    """What pydantic accepts as a bool; anything else is a ValidationError."""

    def complaint(self, value: object) -> Complaint | None:
        """A word that pydantic refuses."""
        odd = super().complaint(value)
        return odd and Complaint("unknown-value", f"{shown(value)} is no boolean to pydantic: ValidationError")


_BOOL = _PydanticBool(("true", "1", "yes", "on", "y", "t"), ("false", "0", "no", "off", "n", "f"))
_FASTAPI = "fastapi_mail/config.py, connection.py; live"
_NEW, _OLD = ("MAIL_STARTTLS", "MAIL_SSL_TLS"), ("MAIL_TLS", "MAIL_SSL")
FASTAPI_KEYS = keys(
    mode=[Key(name, _BOOL) for name in _NEW], port="MAIL_PORT", host="MAIL_SERVER", user="MAIL_USERNAME",
    secret="MAIL_PASSWORD", auth="USE_CREDENTIALS", check="VALIDATE_CERTS CERT_BUNDLE", timeout="TIMEOUT",
    other=(*(Key(name, _BOOL) for name in _OLD),
           "MAIL_FROM MAIL_FROM_NAME MAIL_DEBUG TEMPLATE_FOLDER SUPPRESS_SEND LOCAL_HOSTNAME"),
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


def _fastapi_errors(g: Given) -> Errors:
    wrapped = "ConnectionErrors: Exception raised {}, check your credentials or email service configuration"
    says = {k: wrapped.format(v.partition(": ")[2]) for k, v in _AIO_ERRORS.items()}
    del says[Outcome.REFUSED]
    if _renamed(g) or _incomplete(g) or _odd(g):
        says[Outcome.CONFIG_ERROR] = "pydantic ValidationError for ConnectionConfig"
    return says


_FASTAPI_FORM = "MAIL_SERVER = \"{host}\"\nMAIL_PORT = {port}\nMAIL_STARTTLS = %s\nMAIL_SSL_TLS = %s"
FASTAPI = Framework(
    name="fastapi-mail", title="fastapi-mail", ecosystem="Python", keys=FASTAPI_KEYS,
    comment="#", named_by=("fastapi_mail", "fastapi-mail", "fastapi", "aiosmtplib"),
    rules=if_login_fails((
        error("MAIL_TLS and MAIL_SSL are called MAIL_STARTTLS and MAIL_SSL_TLS since fastapi-mail 1.2; pydantic refuses"
              " the old names", _renamed, _FASTAPI),
        error("pydantic does not take this for a boolean", _odd, _FASTAPI),
        error("MAIL_STARTTLS and MAIL_SSL_TLS are both mandatory: without one, pydantic raises a ValidationError"
              " (unless the environment has it)", _incomplete, _FASTAPI),
        error("MAIL_STARTTLS and MAIL_SSL_TLS are both on: aiosmtplib raises a ValueError when it sends",
              lambda g: _on(g, 0) and _on(g, 1), _FASTAPI),
        implicit("MAIL_SSL_TLS is on: TLS starts at once", lambda g: _on(g, 1), _FASTAPI),
        required("MAIL_STARTTLS is on: STARTTLS or nothing", lambda g: _on(g, 0), _FASTAPI),
        plain("both are off: STARTTLS is never used, even where it is offered", source=_FASTAPI),
    ), _authenticates, adds=NO_LOGIN),
    releases=(Release("1.6.8", (1, 6, 8)),),
    forms={Mode.IMPLICIT: _FASTAPI_FORM % ("False", "True"), Mode.REQUIRED: _FASTAPI_FORM % ("True", "False"),
           Mode.OPPORTUNISTIC: NotPossible("fastapi-mail passes True or False on to aiosmtplib, never None"),
           Mode.PLAIN: _FASTAPI_FORM % ("False", "False")},
    read=("code", "assignments"), aliases=("fastapi", "fastapi_mail"),
    notes=(
        Note("contradiction", "MAIL_STARTTLS", "MAIL_STARTTLS and MAIL_SSL_TLS exclude each other: MAIL_SSL_TLS for"
             " port 465, MAIL_STARTTLS for 587", lambda g: _on(g, 0) and _on(g, 1), _FASTAPI),
        Note("renamed", "MAIL_TLS", "write MAIL_STARTTLS for MAIL_TLS, and MAIL_SSL_TLS for MAIL_SSL", _renamed,
             _FASTAPI),
        Note("swapped", "MAIL_SSL_TLS", "the names are easily swapped: MAIL_SSL_TLS is TLS at once (465), MAIL_STARTTLS"
             " is STARTTLS (587)", lambda g: g.outcome in (Outcome.HANG, Outcome.WRONG_VERSION_NUMBER)
             and g.mode is not Mode.PLAIN, _FASTAPI),
        no_certificate_check("VALIDATE_CERTS",
                             lambda g: g.has("VALIDATE_CERTS") and not _BOOL.read(g["VALIDATE_CERTS"]), _FASTAPI),
        auth_incomplete("USE_CREDENTIALS", "fastapi-mail does not log in with these settings", _authenticates,
                        _FASTAPI),
        password_in_clear("", _authenticates, _FASTAPI),
    ),
    credentials=_authenticates, password_in_clear=_authenticates,
    waits=(Timeout(60, source="aiosmtplib DEFAULT_TIMEOUT; live"),), errors=_fastapi_errors,
    namespace=r"(?:^|\.)MAIL_\w+$",
    says={"MAIL_STARTTLS": {"MAIL_STARTTLS": True, "MAIL_SSL_TLS": False},
          "MAIL_SSL_TLS": {"MAIL_STARTTLS": False, "MAIL_SSL_TLS": True}},
)
