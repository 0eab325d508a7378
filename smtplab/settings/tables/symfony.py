"""PHP: Symfony Mailer's DSN, whose scheme, port and options make the mode.

Sources: those of `symfony_transport`; symfony/mailer Transport.php for what a DSN may be.
"""

from __future__ import annotations

import re
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
    SettingsMode,
    Unoffered,
    When,
    other_keys,
    port_key,
)
from ..reading import Call, Word
from ..values import Hidden
from .symfony_transport import (
    AUTO_TLS_SINCE,
    FAULTS,
    OFF_IF_EMPTY,
    ON_IF_EMPTY,
    REQUIRE_TLS_SINCE,
    WAITS,
    Dsn,
    parse_dsn,
    transport_errors,
    transport_rules,
    without_secrets,
)

# The bridges that speak SMTP choose the server themselves (symfony/*-mailer, their *SmtpTransport.php).
_NAMES = ("MAILER_DSN", "dsn")  # in .env, and in mailer.yaml
_BRIDGES = {"gmail": 465, "sendgrid": 465, "ses": 465, "postmark": 587}
_OPTIONS = ("auto_tls", "require_tls", "verify_peer", "encryption", "auth_mode", "timeout", "peer_fingerprint",
            "local_domain", "max_per_second", "restart_threshold", "restart_threshold_sleep", "ping_threshold",
            "source_ip", "retry_period")


def _dsn(g: Given) -> str:
    return str(next((g.raw(name) for name in _NAMES if g.has(name)), ""))


def _scheme(g: Given) -> str:
    return _dsn(g).partition("://")[0]


def _bridge(g: Given) -> str:
    name, plus, protocol = _scheme(g).partition("+")
    return name if plus and protocol in ("smtp", "smtps") else ""


def _no_port(g: Given) -> bool:
    dsn = parse_dsn(_dsn(g))
    return isinstance(dsn, Dsn) and dsn.port is None


def _default_port(g: Given) -> int:
    if _bridge(g):
        return _BRIDGES.get(_bridge(g), 587)
    if _scheme(g) != "smtps" and (not g["auto_tls"] or g["tls"] is False or g.host == "localhost"):
        return 25
    return 465


def _expand(values: dict[str, object]) -> dict[str, object]:
    """The DSN without its secrets, and its parts as keys of their own."""
    values = dict(values)
    for name in _NAMES:
        if str(values.get(name, "%env")).startswith(("%env", "http")):  # mailer.yaml points to .env
            values.pop(name, None)
    if not set(_NAMES) & set(values) and isinstance(values.get("host"), str):  # a transport made in code
        values["MAILER_DSN"] = f"{'smtps' if values.get('tls') is True else 'smtp'}://{values['host']}"
    name = next((n for n in _NAMES if n in values), None)
    if name is None:
        return values
    if name == "MAILER_DSN":
        values.pop("dsn", None)
    text = str(values[name])[:4000].strip()
    several = re.match(r"(failover|roundrobin)\(\s*(\S+)", text)
    if several:
        values["(several)"] = several[1]
        text = several[2].rstrip(")")
    parsed = parse_dsn(text)
    if isinstance(parsed, str):
        values[name], values["(fault)"] = "(a DSN that can't be read)", parsed
        return values
    options = {k: v for k, v in parsed.options.items() if k in _OPTIONS}
    values |= options | {"host": parsed.host, name: without_secrets(parsed)}
    if len(options) < len(parsed.options):
        values["(unknown option)"] = True
    if parsed.port is not None:
        values["port"] = parsed.port
    if parsed.user:
        values |= {"user": parsed.user, "password": Hidden(parsed.secret)}
    return values


def _transport(call: Call) -> dict[str, object]:
    """new EsmtpTransport(host, port, tls), or new Dsn(scheme, host, user, password, port)."""
    given = dict(enumerate(call.arguments))
    scheme, host, port = ("smtp", given.get(0), given.get(1)) if call.name != "Dsn" else (
        given.get(0), given.get(1), given.get(4))
    found: dict[str, object] = {}
    if isinstance(port, int) and port:
        found["port"] = port
    if call.name != "Dsn" and isinstance(given.get(2), bool):
        found["tls"] = given[2]
        scheme = "smtps" if given[2] else "smtp"
    if isinstance(host, str) and isinstance(scheme, str):
        found["MAILER_DSN"] = f"{scheme}://{host}" + (f":{port}" if "port" in found else "")
    return found


def _first(name: str) -> Callable[[Call], dict[str, object]]:
    """A call's first argument as a setting."""
    return lambda call: {name: call.arguments[0]} if call.arguments else {}


def _words(words: list[Word]) -> dict[str, object]:
    """A DSN that stands alone."""
    found = next((w for w in words if re.match(r"(?!https?:)[a-z][a-z+]*://\S", w)), None)
    return {"MAILER_DSN": found} if found else {}


_KEYS = (
    Key("MAILER_DSN"), Key("dsn"), Key("tls"), Key("auto_tls", ON_IF_EMPTY, default=True, since=AUTO_TLS_SINCE),
    Key("require_tls", OFF_IF_EMPTY, default=False, since=REQUIRE_TLS_SINCE),
    port_key(), *other_keys(Role.HOST, "host"), *other_keys(Role.USER, "user"), *other_keys(Role.SECRET, "password"),
    Key("verify_peer", ON_IF_EMPTY, default=True, role=Role.CHECK), *other_keys(Role.CHECK, "peer_fingerprint"),
    Key("setTimeout", role=Role.TIMEOUT, aliases=("default_socket_timeout",)),
    *other_keys(Role.OTHER, "MAILER_URL", "(several)", "(fault)", "(unknown option)", "encryption", "auth_mode",
                "timeout", "local_domain", "max_per_second", "restart_threshold", "restart_threshold_sleep",
                "ping_threshold", "source_ip", "retry_period"),
)
_NO_SMTP = ("null", "native", "sendmail", "sendmail+smtp")


def _fault(name: str) -> When:
    return lambda g: g.raw("(fault)") == name


_RULES = (
    Rule(ERROR, "there is no MAILER_DSN here, and nothing else tells Symfony Mailer where to send",
         lambda g: not g.has(*_NAMES), "symfony/mailer Transport.php"),
    *(Rule(ERROR, says, _fault(name), "symfony/mailer Dsn.php fromString()") for name, says in FAULTS.items()),
    Rule(ERROR, "this DSN speaks no SMTP: null:// drops all mail; native:// and sendmail:// leave it to the program"
                " that php.ini or the DSN names", lambda g: _scheme(g) in _NO_SMTP, "symfony/mailer Transport.php"),
    Rule(IMPLICIT, "this provider's bridge connects to port 465 and starts TLS at once",
         lambda g: _BRIDGES.get(_bridge(g)) == 465, "symfony/*-mailer *SmtpTransport.php"),
    Rule(OPPORTUNISTIC, "this provider's bridge chooses server and port itself; most take port 587, with STARTTLS where"
                        " it is offered", _bridge, "symfony/*-mailer *SmtpTransport.php"),
    Rule(ERROR, "Symfony supports the schemes smtp and smtps only (lower case): tls:// or ssl:// raises an"
                " UnsupportedSchemeException", lambda g: _scheme(g) not in ("smtp", "smtps"),
         "EsmtpTransportFactory.php; live"),
    *transport_rules(lambda g: _scheme(g) == "smtps", lambda g: not g["auto_tls"], lambda g: g["require_tls"],
                     lambda g: g["tls"] is False),
)
_LEFTOVER = "this option of Swift Mailer is not read by Symfony Mailer: "
_NOTES = (
    Note("default-port", "MAILER_DSN", "smtp:// without a port does not mean port 25 or 587: it is TLS at once on port"
         " 465, and port 25 only where the host is exactly localhost. Write the port",
         lambda g: g.mode is IMPLICIT and _scheme(g) == "smtp" and _no_port(g), "EsmtpTransport.php constructor; live"),
    Note("contradiction", "auto_tls", "auto_tls = false forbids STARTTLS and require_tls = true demands TLS: this can"
         " never work with smtp://. Take auto_tls out",
         lambda g: not g["auto_tls"] and g["require_tls"] and _scheme(g) == "smtp", "EsmtpTransport.php; live"),
    Note("port-mismatch", "auto_tls", "auto_tls = false also cancels the TLS at once that port 465 would have meant:"
         " this client waits for a greeting there until the time-out. Say smtps://",
         lambda g: not g["auto_tls"] and g.port == 465 and _scheme(g) == "smtp", "EsmtpTransportFactory.php; live"),
    Note("ineffective", "encryption", _LEFTOVER + "say smtps:// for TLS at once, smtp:// and require_tls=true (7.3 and"
         " newer) for STARTTLS", lambda g: g.has("encryption"), "EsmtpTransportFactory.php; live"),
    Note("ineffective", "auth_mode", _LEFTOVER + "it takes the first method that the server offers",
         lambda g: g.has("auth_mode"), "EsmtpTransportFactory.php; live"),
    Note("ineffective", "timeout", "the DSN has no option for the time-out: it is default_socket_timeout of php.ini"
         " (60 seconds), or setTimeout() on the stream", lambda g: g.has("timeout"), "SocketStream.php"),
    Note("ineffective", "MAILER_URL", "MAILER_URL belonged to SwiftmailerBundle: Symfony Mailer reads MAILER_DSN",
         lambda g: g.has("MAILER_URL"), "symfony/swiftmailer-bundle"),
    Note("unknown-key", "MAILER_DSN", "an option after the ? is not known to Symfony, and is ignored; about TLS there"
         " are auto_tls, require_tls, verify_peer and peer_fingerprint", lambda g: g.has("(unknown option)"),
         "EsmtpTransportFactory.php"),
    Note("several-hosts", "MAILER_DSN", "failover() and roundrobin() name several servers; this is about the first",
         lambda g: g.has("(several)"), "symfony/mailer Transport.php"),
    Note("no-certificate-check", "verify_peer", "the server's certificate is not checked",
         lambda g: g.has("verify_peer") and not g["verify_peer"] and g.mode not in (PLAIN, ERROR),
         "EsmtpTransportFactory.php; live"),
)
_ADDRESS = "MAILER_DSN=%s://user:password@{host}:{port}%s"


def _forms(g: Given) -> dict[SettingsMode, str | NotPossible]:
    required = _ADDRESS % ("smtp", "?require_tls=true") if g.numbers >= REQUIRE_TLS_SINCE else NotPossible(
        "Symfony Mailer before 7.3 can't require STARTTLS: it is used where it is offered")
    plain = _ADDRESS % ("smtp", "?auto_tls=false") if g.numbers >= AUTO_TLS_SINCE else NotPossible(
        "Symfony Mailer before 7.1 can't leave STARTTLS out where it is offered")
    return {IMPLICIT: _ADDRESS % ("smtps", ""), REQUIRED: required, OPPORTUNISTIC: _ADDRESS % ("smtp", ""),
            PLAIN: plain}


def _errors(g: Given) -> dict[Outcome, str]:
    if not g["auto_tls"] and g["require_tls"]:
        return transport_errors("TLS required but neither TLS or STARTTLS are in use.")
    if not _dsn(g):
        return transport_errors('EnvNotFoundException: Environment variable not found: "MAILER_DSN".')
    if _scheme(g) in _NO_SMTP:
        return transport_errors()
    if g.has("(fault)"):
        return transport_errors("InvalidArgumentException: The mailer DSN " + (
            "must contain a scheme." if g.raw("(fault)") == "no-scheme" else "is invalid."))
    return transport_errors(f'UnsupportedSchemeException: The "{_scheme(g)}" scheme is not supported; supported schemes'
                            ' for mailer "smtp" are: "smtp", "smtps".')


SYMFONY = Framework(
    "symfony-mailer", "Symfony Mailer", "PHP", _KEYS, _RULES,
    (Release("5.4 (Debian)", (5, 4)), Release("7.0.4", (7, 0, 4)),
     Release("7.3+ (7.0.4 + the two newer files)", (7, 3)), Release("7.3+", (7, 3))),
    _forms, ("assignments", "yaml", "code", "command"), ("symfony",), _NOTES, default_port=_default_port,
    unoffered=Unoffered.SKIPS, waits=WAITS, errors=_errors, expand=_expand, words=_words,
    calls={"EsmtpTransport": _transport, "Dsn": _transport, "fromDsn": _first("MAILER_DSN"),
           "fromString": _first("MAILER_DSN"), "setAutoTls": _first("auto_tls"), "setRequireTls": _first("require_tls"),
           "setTimeout": _first("setTimeout")},
    says={word: {"MAILER_DSN": dsn} for word, dsn in (
        ("smtps://", "smtps://smtp.example.com:587"), ("smtp://", "smtp://smtp.example.com:587"),
        ("tls://", "tls://smtp.example.com:587"), ("?encryption=ssl", "smtp://smtp.example.com:587?encryption=ssl"))},
)
FRAMEWORKS = (SYMFONY,)
