"""Python: smtplib itself, whose settings are a class, a call of starttls and the arguments of both.

Sources: CPython's Lib/smtplib.py (3.11, 3.13), run against loopback servers.
"""

from __future__ import annotations

from ..model import (
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
    other_keys,
    port_key,
)
from ..reading import Bare, Call, Computed
from ..standard import SUBMISSIONS, server_of
from ..values import PYTHON, Words
from .asking import over_tls
from .python import FOR_EVER, SMTPLIB_ERRORS, refuses_strangers

_SMTPLIB = "Lib/smtplib.py; live"
_CLASSES = ("SMTP", "SMTP_SSL", "LMTP")
SMTPLIB_KEYS = (
    Key("class", Words(_CLASSES, otherwise="smtplib has no such class"), default="SMTP"),
    Key("starttls", PYTHON, default=False, aliases=("starttls()",)), Key("has_extn", PYTHON, default=False),
    port_key("port", "smtp_port", "SMTP_PORT", "mail_port", "MAIL_PORT", "EMAIL_PORT", "PORT"),
    Key("host", role=Role.HOST, aliases=("smtp_server", "SMTP_SERVER", "smtp_host", "SMTP_HOST", "SMTP_SERVER_HOST",
                                         "mail_host", "MAIL_HOST", "EMAIL_HOST", "HOST")),
    Key("user", role=Role.USER, aliases=("username", "sender_email", "SMTP_USER", "SMTP_USERNAME")),
    Key("password", role=Role.SECRET, aliases=("SMTP_PASSWORD", "EMAIL_PASSWORD", "app_password")),
    *other_keys(Role.AUTH, "login"), *other_keys(Role.TIMEOUT, "timeout"),
    *other_keys(Role.OTHER, "context", "client", "sends", "keyfile", "certfile"),
)


def _connects(class_name: str):
    def read(call: Call) -> dict[str, object]:
        host, port, _local, timeout = (*call.arguments, *(None,) * 4)[:4]
        found: dict[str, object] = {"class": class_name} if class_name == "SMTP_SSL" else {"client": class_name}
        if isinstance(port, Computed) and port.known:
            port = port.default
        if isinstance(host, str) and ("." in host or host == "localhost"):
            found["host"] = host
            name, colon, digits = host.rpartition(":")  # smtplib takes "host:port" for a host
            if colon and digits.isdecimal() and len(digits) < 6 and ":" not in name:
                found |= {"host": name, "port": int(digits)}
        if isinstance(port, int) and not isinstance(port, bool) or isinstance(port, str) and port.isdecimal():
            found["port"] = port
        elif isinstance(port, Bare | Computed):
            found["port"] = Computed()
        if isinstance(timeout, int | float) and class_name == "SMTP":
            found["timeout"] = timeout
        return found | _checks(call)
    return read


def _checks(call: Call) -> dict[str, object]:
    third = call.arguments[2] if call.name == "starttls" and len(call.arguments) > 2 else None
    return {"context": "(given)"} if call.named.get("context", third) is not None else {}


def _words(words: list[str]) -> dict[str, object]:
    """`SMTP_SSL`, `SMTP + starttls()`: the short way to say it."""
    found: dict[str, object] = {}
    for word in words:
        name = word.removeprefix("smtplib.").removesuffix("()")
        if name in _CLASSES:
            found["class" if name == "SMTP_SSL" else "client"] = name
        elif name.rpartition(".")[2] == "starttls":
            found["starttls"] = True
        elif word not in ("+", ",", "&", "then", "and", "with", "without"):
            return {}
    return found


def _expand(values: dict[str, object]) -> dict[str, object]:
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
    """False for a paste that sends and never calls login; where neither is seen, the login is taken to be elsewhere."""
    return g.has("login") or not g.has("sends")


SMTPLIB = Framework(
    "smtplib", "Python smtplib", "Python", SMTPLIB_KEYS,
    refuses_strangers((
        Rule(IMPLICIT, "SMTP_SSL starts TLS at once; starttls() then asks for TLS inside TLS, which no server offers",
             lambda g: _inside_tls(g) and server_of(g.port, IMPLICIT) == SUBMISSIONS, _SMTPLIB,
             outcome=Outcome.REFUSED),
        Rule(IMPLICIT, "SMTP_SSL starts TLS at once", _ssl, _SMTPLIB),
        Rule(OPPORTUNISTIC, "starttls() is called only if has_extn finds it offered",
             lambda g: g["starttls"] and g["has_extn"], _SMTPLIB),
        Rule(REQUIRED, "starttls() raises an error where STARTTLS is not offered: STARTTLS or nothing",
             lambda g: g["starttls"], _SMTPLIB),
        Rule(PLAIN, "SMTP without starttls() never starts TLS, whatever the port", source=_SMTPLIB),
    ), _logs_in),
    (Release("3.11", (3, 11)), Release("3.13", (3, 13))),
    {IMPLICIT: "context = ssl.create_default_context()\n"
               "server = smtplib.SMTP_SSL(\"{host}\", {port}, timeout=30, context=context)",
     REQUIRED: "server = smtplib.SMTP(\"{host}\", {port}, timeout=30)\n"
               "server.starttls(context=ssl.create_default_context())",
     OPPORTUNISTIC: "server = smtplib.SMTP(\"{host}\", {port}, timeout=30)\nserver.ehlo()\n"
                    "if server.has_extn(\"starttls\"):\n    server.starttls(context=ssl.create_default_context())",
     PLAIN: "server = smtplib.SMTP(\"{host}\", {port}, timeout=30)"},
    ("command", "code"), ("python", "python-smtplib"),
    (
        Note("contradiction", "starttls", "starttls() after SMTP_SSL asks for TLS inside TLS: SMTPNotSupportedError."
             " Take SMTP_SSL for port 465, SMTP and starttls() for 587", _inside_tls, _SMTPLIB),
        Note("ambiguous", "class", "both SMTP_SSL and SMTP are called, and which one runs is not known here: SMTP_SSL"
             " is taken. Give one branch alone", _two_branches, _SMTPLIB),
        Note("no-certificate-check", "context", "without context=ssl.create_default_context() smtplib checks no"
             " certificate: anyone on the way can pretend to be the server",
             lambda g: over_tls(g) and not (g.has("context") and g["context"]), "smtplib.py:778, :1020 in 3.13; live"),
        Note("no-timeout", "timeout", "smtplib has no time-out of its own: give timeout=30, or a wait lasts for ever",
             lambda g: g.outcome is Outcome.HANG and not g.has("timeout"), _SMTPLIB),
        Note("password-in-clear", "", "login() sends the password in clear on a server that offers AUTH without TLS",
             lambda g: g.mode is PLAIN and _logs_in(g), _SMTPLIB),
        Note("auth-incomplete", "login", "login() is never called; servers on 587 and 465 refuse mail from strangers",
             lambda g: not _logs_in(g), _SMTPLIB),
        Note("ineffective", "keyfile", "keyfile and certfile were dropped in Python 3.12: give a context",
             lambda g: g.has("keyfile", "certfile"), "docs.python.org smtplib", (3, 12)),
    ),
    default_port=lambda g: 465 if _ssl(g) else 25, credentials=_logs_in, password_in_clear=_logs_in,
    waits=FOR_EVER, errors=SMTPLIB_ERRORS,
    calls={**{name: _connects(name) for name in _CLASSES}, "connect": _connects(""),
           "starttls": lambda call: {"starttls": True} | _checks(call), "login": lambda _call: {"login": True},
           "has_extn": lambda call: {"has_extn": True} if [str(a).lower() for a in call.arguments] == ["starttls"]
           else {}, "sendmail": lambda _call: {"sends": True}, "send_message": lambda _call: {"sends": True}},
    expand=_expand, words=_words,
    says={"SMTP_SSL": {"class": "SMTP_SSL"}, "starttls()": {"starttls": True}},
)
FRAMEWORKS = (SMTPLIB,)
