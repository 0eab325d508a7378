"""Gitea, and Forgejo which reads the same settings: [mailer] of app.ini, or GITEA__mailer__... in the environment.

Sources: gitea modules/setting/mailer.go (loadMailerFrom), services/mailer/mailer.go (smtpSender.Send) of 1.18 to 1.2x,
and the Send of 1.17 before it. Read, not run; Go's part of it was.
"""

from __future__ import annotations

from ..model import (
    ERROR,
    IMPLICIT,
    OPPORTUNISTIC,
    PLAIN,
    Framework,
    Given,
    Key,
    Note,
    NotPossible,
    Outcome,
    Release,
    Role,
    Rule,
    SettingsMode,
    Unoffered,
)
from ..standard import if_login_fails
from ..values import Anything, Words
from .asking import environment, in_clear, over_tls, said_empty
from .go_reading import GO_BOOL, NO_TLS_RECORD, port_in

_SETTING, _SENDER = "gitea modules/setting/mailer.go", "gitea services/mailer/mailer.go"
_PROTOCOLS = (1, 18)  # PROTOCOL, SMTP_ADDR and SMTP_PORT came with it
_NO_SMTP = ("sendmail", "dummy", "smtp+unix")
_KNOWN = ("", "smtp", "smtps", "smtp+starttls", *_NO_SMTP)
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


def _key(name: str, role: Role = Role.MODE, type: object = Anything(), **more: object) -> Key:
    """A key of [mailer], or of the environment."""
    spelled = [f"{app}__{section}__{name}" for app in ("GITEA", "FORGEJO") for section in ("mailer", "MAILER")]
    return Key(name, type, role=role, aliases=(f"mailer.{name}", *spelled), **more)


def _elsewhere(*names: str) -> tuple[Key, ...]:
    """Keys of other sections that would pass for the mailer's."""
    return tuple(Key(name, role=Role.OTHER) for name in names)


KEYS = (
    _key("PROTOCOL", type=Words(_KNOWN, otherwise="it counts as unset, and the port decides"), since=_PROTOCOLS),
    _key("IS_TLS_ENABLED", type=GO_BOOL),
    _key("MAILER_TYPE", Role.OTHER), _key("SMTP_PORT", Role.PORT), _key("SMTP_ADDR", Role.HOST),
    _key("HOST", Role.HOST), _key("USER", Role.USER), _key("PASSWD", Role.SECRET),
    _key("FORCE_TRUST_SERVER_CERT", Role.CHECK, GO_BOOL), _key("SKIP_VERIFY", Role.CHECK, GO_BOOL),
    Key("mailer.ENABLED", GO_BOOL, role=Role.OTHER, aliases=("GITEA__mailer__ENABLED", "FORGEJO__mailer__ENABLED")),
    *(_key(name, Role.OTHER) for name in ("FROM", "ENVELOPE_FROM", "SUBJECT_PREFIX", "SEND_AS_PLAIN_TEXT",
                                          "ENABLE_HELO", "HELO_HOSTNAME", "USE_CLIENT_CERT", "CLIENT_CERT_FILE",
                                          "CLIENT_KEY_FILE", "SENDMAIL_PATH", "SENDMAIL_ARGS")),
    *_elsewhere("server.PROTOCOL", "cache.HOST", "session.HOST"),
)


def _protocol(g: Given) -> str:
    """PROTOCOL, or what the older keys say in its place; "" where the port decides."""
    said = g["PROTOCOL"] if g.has("PROTOCOL") else ""
    if g.raw("PROTOCOL") == "smtp+startls":  # a slip of 1.18, still read
        return "smtp+starttls"
    if said or g.has("PROTOCOL"):
        return said or ""
    if g.raw("MAILER_TYPE") == "sendmail":
        return "sendmail"
    if g.has("IS_TLS_ENABLED"):
        return "smtps" if g["IS_TLS_ENABLED"] else "smtp+starttls"
    return ""


def _guessed(g: Given) -> bool:
    return g.numbers >= _PROTOCOLS and not _protocol(g)


def _default_port(g: Given) -> int:
    named = None if g.has("SMTP_ADDR") else port_in(g.raw("HOST"))
    return named or _PORTS.get(_protocol(g), 465 if g.numbers >= _PROTOCOLS else 25)


def _logs_in(g: Given) -> bool:
    return not said_empty(g, "USER")


def _unoffered(g: Given) -> Unoffered:
    return Unoffered.FAILS if g.numbers >= _PROTOCOLS else Unoffered.SKIPS


def _unchecked(g: Given) -> bool:
    return any(g.has(n) and g[n] for n in ("FORCE_TRUST_SERVER_CERT", "SKIP_VERIFY"))


def _forms(g: Given) -> dict[SettingsMode, str | NotPossible]:
    new = "[mailer]\nENABLED = true\nPROTOCOL = %s\nSMTP_ADDR = {host}\nSMTP_PORT = {port}"
    old = "[mailer]\nENABLED = true\nHOST = {host}:{port}"
    required = NotPossible("Gitea goes on in clear where STARTTLS is not offered, and only logs a warning")
    if g.numbers >= _PROTOCOLS:
        return {IMPLICIT: new % "smtps", SettingsMode.STARTTLS_REQUIRED: required,
                OPPORTUNISTIC: new % "smtp+starttls", PLAIN: new % "smtp"}
    return {IMPLICIT: old + "\nIS_TLS_ENABLED = true", SettingsMode.STARTTLS_REQUIRED: required, OPPORTUNISTIC: old,
            PLAIN: NotPossible("Gitea before 1.18 takes STARTTLS wherever it is offered")}


_RULES = (
    Rule(IMPLICIT, "IS_TLS_ENABLED is true: TLS starts at once", lambda g: g.has("IS_TLS_ENABLED")
         and g["IS_TLS_ENABLED"], _SENDER + " of 1.17", (), _PROTOCOLS),
    Rule(IMPLICIT, "the port ends in 465: TLS starts at once", lambda g: str(g.port).endswith("465"),
         _SENDER + " of 1.17", (), _PROTOCOLS, inferred=True),
    Rule(OPPORTUNISTIC, "TLS at once is not asked for: STARTTLS where it is offered", lambda g: True,
         _SENDER + " of 1.17", (), _PROTOCOLS),
    Rule(ERROR, "PROTOCOL names no SMTP server: mail is left to a local program, a socket or nobody, and no SMTP"
         " connection is made", lambda g: _protocol(g) in _NO_SMTP, _SENDER),
    Rule(IMPLICIT, "PROTOCOL is smtps (or IS_TLS_ENABLED true, its older name): TLS starts at once",
         lambda g: _protocol(g) == "smtps", _SENDER),
    Rule(OPPORTUNISTIC, "PROTOCOL is smtp+starttls (or IS_TLS_ENABLED false, its older name): STARTTLS where it is"
         " offered, else a warning in the log and on in clear", lambda g: _protocol(g) == "smtp+starttls", _SENDER),
    Rule(PLAIN, "PROTOCOL is smtp: STARTTLS is never used", lambda g: _protocol(g) == "smtp", _SENDER),
    Rule(PLAIN, "PROTOCOL is not set, and port 25 means smtp: STARTTLS is never used", lambda g: g.port == 25, _SETTING,
         inferred=True),
    Rule(OPPORTUNISTIC, "PROTOCOL is not set, and port 587 means smtp+starttls: STARTTLS where it is offered",
         lambda g: g.port == 587, _SETTING, inferred=True),
    Rule(IMPLICIT, "PROTOCOL is not set, and port 465 means smtps: TLS starts at once", lambda g: g.port == 465,
         _SETTING, inferred=True),
    Rule(IMPLICIT, "PROTOCOL is not set, and port {port} says nothing: Gitea logs an error and assumes smtps",
         source=_SETTING, inferred=True),
)
GITEA = Framework(
    "gitea", "Gitea (and Forgejo)", "Go", KEYS, if_login_fails(_RULES, lambda g: not _logs_in(g)),
    (Release("1.2x", (1, 20)),), _forms, ("yaml", "assignments", "command", "code"), ("forgejo", "app.ini"),
    (
        Note("inferred", "PROTOCOL", "PROTOCOL is not set: the port decides (25 smtp, 465 smtps, 587 smtp+starttls)."
             " Write it down", lambda g: _guessed(g) and g.port in (25, 465, 587), _SETTING, _PROTOCOLS),
        Note("inferred", "PROTOCOL", "PROTOCOL is not set and port {port} is none of 25, 465 and 587: smtps is assumed,"
             " and an error logged. Set PROTOCOL", lambda g: _guessed(g) and g.port not in (25, 465, 587), _SETTING,
             _PROTOCOLS),
        Note("no-tls", "PROTOCOL", "smtp never uses STARTTLS, even where it is offered: everything goes in clear. Say"
             " smtp+starttls or smtps", lambda g: g.mode is PLAIN, _SENDER),
        Note("opportunistic", "PROTOCOL", "STARTTLS is used when it is offered; where it is not, Gitea logs a warning"
             " (\"falling back to regular SMTP\") and goes on in clear. Only smtps on 465 insists on TLS",
             lambda g: g.mode is OPPORTUNISTIC, _SENDER, _PROTOCOLS),
        Note("renamed", "IS_TLS_ENABLED", "IS_TLS_ENABLED became PROTOCOL in 1.18, and was to go in 1.19: true meant"
             " smtps, and false smtp+starttls, not \"no TLS\". Set PROTOCOL",
             lambda g: g.has("IS_TLS_ENABLED"), _SETTING, _PROTOCOLS),
        Note("renamed", "HOST", "HOST became SMTP_ADDR and SMTP_PORT in 1.18", lambda g: g.has("HOST"), _SETTING,
             _PROTOCOLS),
        Note("password-in-clear", "USER", "Gitea tells Go that the server is \"localhost\", and so Go's PLAIN does not"
             " insist on TLS: where STARTTLS is missing the password is sent in clear",
             lambda g: in_clear(g) and _logs_in(g), _SENDER + " smtp.NewClient(conn, \"localhost\")", _PROTOCOLS),
        Note("not-enabled", "mailer.ENABLED", "ENABLED = false: Gitea sends no mail at all",
             lambda g: g.has("mailer.ENABLED") and not g["mailer.ENABLED"], _SETTING),
        Note("no-certificate-check", "FORCE_TRUST_SERVER_CERT", "the server's certificate is not checked",
             lambda g: over_tls(g) and _unchecked(g), _SENDER),
        Note("not-smtp", "PROTOCOL", "this PROTOCOL makes no SMTP connection: how that mail travels is the local"
             " program's business", lambda g: g.mode is ERROR, _SENDER),
    ),
    default_port=_default_port, unoffered=_unoffered, credentials=_logs_in, password_in_clear=_logs_in,
    errors={
        Outcome.WRONG_VERSION_NUMBER: "could not initiate SMTP session: " + NO_TLS_RECORD,
        Outcome.REFUSED_NEEDS_TLS: "SMTP server does not support AUTH, but credentials provided",
        Outcome.AUTH_NOT_OFFERED: "SMTP server does not support AUTH, but credentials provided",
        Outcome.AUTH_MISSING: "failed to issue MAIL command: 530 5.7.0 Authentication required"},
    words=environment, namespace=r"^mailer\.\w+$|^(?:GITEA|FORGEJO)__(?:mailer|MAILER)__\w+$",
    says={f"PROTOCOL = {word}": {"PROTOCOL": word} for word in ("smtps", "smtp+starttls", "smtp")},
)
FRAMEWORKS = (GITEA,)
