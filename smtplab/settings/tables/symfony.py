"""PHP: Symfony Mailer's transport, its DSN, and Swift Mailer before it; Laravel and Nextcloud are built on both.

Sources: symfony/mailer Transport/Smtp/EsmtpTransportFactory.php, EsmtpTransport.php (constructor and doEhloCommand),
Stream/SocketStream.php, Transport/Dsn.php, Transport.php for what a DSN may be. 5.4, 7.0.4 and the transport of 7.3
were run against loopback servers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl

from ..keys import Key, Numbers, Values, keys
from ..model import (
    Errors,
    Forms,
    Framework,
    Given,
    Mode,
    ModeRule,
    Note,
    NotPossible,
    Outcome,
    Release,
    Timeout,
    Unoffered,
    When,
)
from ..reading import Call, Word
from ..values import ABSENT, PHP, Hidden, Switch
from ..vocabulary import error, given, implicit, no_certificate_check, opportunistic, plain, required
from .options import port_of

AUTO_TLS_SINCE, REQUIRE_TLS_SINCE, SCHEME_CHECKED_SINCE = (7, 1), (7, 3), (7, 2)
# What filter_var(..., FILTER_VALIDATE_BOOLEAN) takes for true; auto_tls and verify_peer count as on when empty.
ON_IF_EMPTY = Switch(("true", "1", "on", "yes", ""), ("false", "0", "off", "no"))
OFF_IF_EMPTY = Switch(("true", "1", "on", "yes"), ("false", "0", "off", "no", ""))
FAULTS = {
    "no-scheme": "the DSN has no scheme: it must begin with smtp:// or smtps://",
    "unencoded": "the DSN can't be read: / ? and # in a user name or a password are written %2F %3F %23",
    "unreadable": "the host or the port of the DSN can't be read; : / ? # @ in a user name or a password are written"
                  " %3A %2F %3F %23 %40"}
_URL = re.compile(r"([A-Za-z][\w+.-]{0,40})://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?")
_TRANSPORT = "symfony/mailer EsmtpTransport.php; live"


class Dsn(NamedTuple):
    """The parts of a DSN such as smtp://user:password@host:587?auto_tls=false; the password is not kept."""

    scheme: str
    user: str | None
    secret: bool
    host: str
    port: int | None
    options: dict[str, str]


def parse_dsn(text: object) -> Dsn | str:
    """Split a DSN as PHP's parse_url does. Returns one of `FAULTS` if it is wrong."""
    text = str(text)[:4000].strip().strip("'\"")
    m = _URL.fullmatch(text)
    if not m:
        return "no-scheme"
    login, at, address = m[2].rpartition("@")
    parts = _HOST.fullmatch(address)
    if not at and "@" in text:
        return "unencoded"
    if not parts or not parts[1] or parts[2] and port_of(parts[2]) is None:
        return "unreadable"
    user, _colon, password = login.partition(":")
    return Dsn(m[1], user if at else None, bool(password), parts[1], port_of(parts[2]) if parts[2] else None,
               dict(parse_qsl(m[4] or "", keep_blank_values=True)))


def without_secrets(dsn: Dsn) -> str:
    """The DSN as text, without user name, password and options that aren't about the connection."""
    port = "" if dsn.port is None else f":{dsn.port}"
    known = {k: v for k, v in dsn.options.items() if k in ("auto_tls", "require_tls", "verify_peer", "encryption")}
    query = "&".join(f"{k}={v[:20]}" for k, v in known.items())
    return f"{dsn.scheme}://{dsn.host}{port}" + ("?" + query if query else "")


def never(_given: Given) -> bool:
    """The condition that no settings meet."""
    return False


def transport_rules(smtps: When, auto_tls_off: When = never, require_tls: When = never, never_at_once: When = never,
                    port_is_smtps: When = never) -> tuple[ModeRule, ...]:
    """What Symfony's SMTP transport makes of a scheme, two options and the port.

    `never_at_once`: the transport was made with tls = false, which cancels the rule of port 465. `port_is_smtps`: the
    caller has already turned the port into smtps, so that auto_tls changes nothing.
    """
    def prefixed(g: Given) -> str:
        return g.host.partition("://")[0] if "://" in g.host else ""

    def at_once(g: Given) -> object:
        return port_is_smtps(g) or g.port == 465 and not never_at_once(g) and not auto_tls_off(g)

    def never_works(g: Given) -> object:
        return auto_tls_off(g) and require_tls(g)

    contradiction = "auto_tls = false forbids STARTTLS and require_tls = true demands TLS: no mail can ever be sent"
    return (
        error("the host must be a name alone, without smtp:// or ssl:// before it",
              lambda g: prefixed(g) and (smtps(g) or at_once(g) or prefixed(g) not in ("ssl", "tls")),
              "SocketStream.php"),
        implicit("ssl:// or tls:// before the host makes PHP's socket start TLS at once", prefixed, "SocketStream.php"),
        implicit("smtps starts TLS at once, on any port", smtps, _TRANSPORT),
        implicit("port 465 means smtps: TLS at once", port_is_smtps, _TRANSPORT, inferred=True),
        error(contradiction, lambda g: never_works(g) and g.port == 465, _TRANSPORT, outcome=Outcome.HANG),
        error(contradiction, never_works, _TRANSPORT),
        plain("auto_tls is off: STARTTLS is never used, and port 465 no longer means TLS at once", auto_tls_off,
              _TRANSPORT),
        implicit("port 465 means TLS at once", at_once, _TRANSPORT, inferred=True),
        required("require_tls is on: STARTTLS or nothing", require_tls, _TRANSPORT),
        opportunistic("without smtps and on a port other than 465, STARTTLS is used where it is offered",
                      source=_TRANSPORT),
    )


def transport_errors(config: str = "") -> Errors:
    """What Symfony Mailer was seen to print; `config` is for settings that it refuses, "" if it prints nothing then."""
    return ({Outcome.CONFIG_ERROR: config} if config else {}) | {
        Outcome.WRONG_VERSION_NUMBER: 'Connection could not be established with host "ssl://...":'
                                      " stream_socket_client(): SSL operation failed with code 1. OpenSSL Error"
                                      " messages: error:0A00010B:SSL routines::wrong version number",
        Outcome.HANG: 'Connection to "..." timed out.',
        Outcome.STARTTLS_NOT_OFFERED: "TLS required but neither TLS or STARTTLS are in use.",
        Outcome.REFUSED_NEEDS_TLS: 'Expected response code "250" but got code "530", with message "530 5.7.0 Must issue'
                                   ' a STARTTLS command first".'}


WAITS = (Timeout(60, source="php.ini default_socket_timeout, SocketStream.php; live"),)


SWIFT_ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: "Connection could not be established with host ... :stream_socket_client(): SSL"
                                  " operation failed with code 1. OpenSSL Error messages: error:0A00010B:SSL"
                                  " routines::wrong version number",
    Outcome.HANG: "Connection to tcp://... Timed Out",
    Outcome.STARTTLS_NOT_OFFERED: 'Swift_TransportException: Expected response code 220 but got code "502"',
    Outcome.REFUSED_NEEDS_TLS: 'Swift_TransportException: Expected response code 250 but got code "530", with message'
                               ' "530 5.7.0 Must issue a STARTTLS command first "',
    Outcome.CONFIG_ERROR: "Connection could not be established with host ... :stream_socket_client(): Unable to find"
                          " the socket transport"}
_SWIFT = "swiftmailer EsmtpTransport.php setEncryption(), StreamBuffer.php; live"


def swift_rules(encryption: Callable[[Given], object]) -> tuple[ModeRule, ...]:
    """The rules of Swift Mailer, Symfony Mailer's predecessor, for its one setting; case doesn't matter to it."""
    def word(g: Given) -> str:
        value = encryption(g)
        return str(value).lower() if value is not ABSENT and PHP.read(value) else ""

    return (
        plain("no encryption is set: Swift Mailer never starts TLS", lambda g: word(g) in ("", "tcp"), _SWIFT),
        required("the encryption is tls, to Swift Mailer STARTTLS or nothing", lambda g: word(g) == "tls", _SWIFT),
        implicit("the encryption is ssl, to Swift Mailer TLS at once",
                 lambda g: word(g) in ("ssl", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3"), _SWIFT),
        error("Swift Mailer knows tls (STARTTLS) and ssl (TLS at once); PHP has no socket transport of any other name",
              source=_SWIFT),
    )


_NAMES = ("MAILER_DSN", "dsn")  # in .env, and in mailer.yaml


class _Way(NamedTuple):
    """Since which version a bridge connects to which port, and whether TLS starts at once there."""

    since: Numbers
    port: int
    at_once: bool


# The bridges that speak SMTP choose the server themselves: the constructor of each *SmtpTransport.php in
# symfony/symfony, src/Symfony/Component/Mailer/Bridge. Mailgun had TLS at once on 587 in 6.3.0 to 6.3.2 (pull request
# 51042), MailerSend up to 7.3.0 (issue 60636). The newest row first.
_BRIDGES = {
    **{name: (_Way((), 465, True),) for name in "brevo gmail resend scaleway sendgrid sendinblue ses sweego".split()},
    **{name: (_Way((), 587, False),) for name in "ahasend infobip mailjet mailomat mailpace mailtrap mandrill ohmysmtp"
                                                 " postmark".split()},
    "mailgun": (_Way((6, 3, 3), 587, False), _Way((6, 3), 587, True), _Way((), 465, True)),
    "mailersend": (_Way((7, 3), 587, False), _Way((), 587, True)),
}
_TAKES_PORT: dict[str, Numbers] = {"brevo": (8, 1), "ses": (8, 1), "sweego": ()}  # from the DSN, since when
_SMTP_BY_NAME = ("brevo", "gmail", "sweego")  # their *TransportFactory.php takes the name alone for SMTP
_OPTIONS = ("auto_tls", "require_tls", "verify_peer", "encryption", "auth_mode", "timeout", "peer_fingerprint",
            "local_domain", "max_per_second", "restart_threshold", "restart_threshold_sleep", "ping_threshold",
            "source_ip", "retry_period")


def _dsn(g: Given) -> str:
    return str(next((g.raw(name) for name in _NAMES if g.has(name)), ""))


def _scheme(g: Given) -> str:
    return _dsn(g).partition("://")[0]


def _bridge(g: Given) -> str:
    """The name of the bridge that speaks SMTP here, or ""."""
    name, plus, protocol = _scheme(g).partition("+")
    return name if name in _SMTP_BY_NAME and not plus or plus and protocol in ("smtp", "smtps") else ""


def _takes_port(g: Given) -> bool:
    return g.numbers >= _TAKES_PORT.get(_bridge(g), (99,))


def _way(g: Given) -> _Way | None:
    """How the bridge connects; None for no bridge, and for one that isn't described."""
    name = _bridge(g)
    way = next((way for way in _BRIDGES.get(name, ()) if g.numbers >= way.since), None)
    if way and g.has("(port)") and _takes_port(g) and (port := port_of(g.raw("(port)"))):
        way = way._replace(port=port, at_once=port == 465 if name == "brevo" else way.at_once)
    return way


def _of_a_provider(g: Given) -> bool:
    return _scheme(g).partition("+")[0] in _BRIDGES


def _no_port(g: Given) -> bool:
    dsn = parse_dsn(_dsn(g))
    return isinstance(dsn, Dsn) and dsn.port is None


def _default_port(g: Given) -> int:
    if way := _way(g):
        return way.port
    if _scheme(g) != "smtps" and (not g["auto_tls"] or g["tls"] is False or g.host == "localhost"):
        return 25
    return 465


def _expand(values: Values) -> Values:
    """The DSN without its secrets, and its parts as keys of their own."""
    values = dict(values)
    for name in _NAMES:
        if str(values.get(name, "%env")).startswith(("%env", "http")):  # mailer.yaml points to .env
            values.pop(name, None)
    if not set(_NAMES) & set(values) and isinstance(values.get("host"), str):  # a transport made in code
        values["MAILER_DSN"] = f"{'smtps' if values.get('tls') is True else 'smtp'}://{values['host']}"
    given = [n for n in _NAMES if n in values]
    if not given:
        return values
    name = given[0]
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
    if parsed.port is not None:  # a bridge has a port of its own
        bridge = "+" in parsed.scheme or parsed.scheme in _SMTP_BY_NAME
        values["(port)" if bridge else "port"] = parsed.port
    if parsed.user:
        values |= {"user": parsed.user, "password": Hidden(parsed.secret)}
    return values


def _transport(call: Call) -> Values:
    """new EsmtpTransport(host, port, tls), or new Dsn(scheme, host, user, password, port)."""
    given = dict(enumerate(call.arguments))
    scheme, host, port = ("smtp", given.get(0), given.get(1)) if call.name != "Dsn" else (
        given.get(0), given.get(1), given.get(4))
    found: Values = {}
    if isinstance(port, int) and port:
        found["port"] = port
    if call.name != "Dsn" and isinstance(given.get(2), bool):
        found["tls"] = given[2]
        scheme = "smtps" if given[2] else "smtp"
    if isinstance(host, str) and isinstance(scheme, str):
        found["MAILER_DSN"] = f"{scheme}://{host}" + (f":{port}" if "port" in found else "")
    return found


def _first(name: str) -> Callable[[Call], Values]:
    """A call's first argument as a setting."""
    return lambda call: {name: call.arguments[0]} if call.arguments else {}


def _words(words: list[Word]) -> Values:
    """A DSN among the words."""
    found = next((w for w in words if re.match(r"(?!https?:)[a-z][a-z+]*://\S", w)), None)
    return {"MAILER_DSN": found} if found else {}


_KEYS = keys(
    mode=(
        "MAILER_DSN dsn tls",
        Key("auto_tls", ON_IF_EMPTY, True, since=AUTO_TLS_SINCE),
        Key("require_tls", OFF_IF_EMPTY, False, since=REQUIRE_TLS_SINCE),
    ),
    port="port", host="host", user="user", secret="password",
    check=(Key("verify_peer", ON_IF_EMPTY, True), "peer_fingerprint"), timeout="setTimeout|default_socket_timeout",
    other=(
        "MAILER_URL (several) (fault) (port)",
        Key("(unknown option)"),
        "encryption auth_mode timeout local_domain max_per_second restart_threshold restart_threshold_sleep"
        " ping_threshold source_ip retry_period",
    ),
)
_NO_SMTP = ("null", "native", "sendmail", "sendmail+smtp")


def _fault(name: str) -> When:
    return lambda g: g.raw("(fault)") == name


_RULES = (
    error("there is no MAILER_DSN here, and nothing else tells Symfony Mailer where to send",
          lambda g: not g.has(*_NAMES), "symfony/mailer Transport.php"),
    *(error(says, _fault(name), "symfony/mailer Dsn.php fromString()") for name, says in FAULTS.items()),
    error("this DSN speaks no SMTP: null:// drops all mail; native:// and sendmail:// leave it to the program that"
          " php.ini or the DSN names", lambda g: _scheme(g) in _NO_SMTP, "symfony/mailer Transport.php"),
    error("this provider's bridge has no port of its own: the DSN must name it",
          lambda g: _bridge(g) == "sweego" and not g.has("(port)"), "symfony/symfony SweegoTransportFactory.php"),
    implicit("this provider's bridge connects to port {port} and starts TLS at once",
             lambda g: (way := _way(g)) and way.at_once, "symfony/symfony Mailer/Bridge *SmtpTransport.php"),
    opportunistic("this provider's bridge connects to port {port} and takes STARTTLS where it is offered", _way,
                  "symfony/symfony Mailer/Bridge *SmtpTransport.php"),
    error("Symfony has no bridge of this name, and raises an UnsupportedSchemeException; if a third party's bundle"
          " brings one, that chooses server, port and TLS, and nothing is known of it here", _bridge,
          "symfony/mailer Transport.php fromDsnObject()"),
    error("this DSN speaks the provider's HTTP interface, or it may: for SMTP write the provider's name and +smtp://",
          _of_a_provider, "symfony/symfony Mailer/Bridge *TransportFactory.php"),
    error("Symfony supports the schemes smtp and smtps only (lower case): tls:// or ssl:// raises an"
          " UnsupportedSchemeException", lambda g: _scheme(g) not in ("smtp", "smtps"),
          "EsmtpTransportFactory.php; live"),
    *transport_rules(lambda g: _scheme(g) == "smtps", lambda g: not g["auto_tls"], lambda g: g["require_tls"],
                     lambda g: g["tls"] is False),
)
_LEFTOVER = "this option of Swift Mailer is not read by Symfony Mailer: "
_NOTES = (
    Note("default-port", "MAILER_DSN", "smtp:// without a port does not mean port 25 or 587: it is TLS at once on port"
         " 465, and port 25 only where the host is exactly localhost. Write the port",
         lambda g: g.mode is Mode.IMPLICIT and _scheme(g) == "smtp" and _no_port(g),
         "EsmtpTransport.php constructor; live"),
    Note("contradiction", "auto_tls", "auto_tls = false forbids STARTTLS and require_tls = true demands TLS: this can"
         " never work with smtp://. Take auto_tls out",
         lambda g: not g["auto_tls"] and g["require_tls"] and _scheme(g) == "smtp", "EsmtpTransport.php; live"),
    Note("port-mismatch", "auto_tls", "auto_tls = false also cancels the TLS at once that port 465 would have meant:"
         " this client waits for a greeting there until the time-out. Say smtps://",
         lambda g: not g["auto_tls"] and g.port == 465 and _scheme(g) == "smtp", "EsmtpTransportFactory.php; live"),
    Note("ineffective", "encryption", _LEFTOVER + "say smtps:// for TLS at once, smtp:// and require_tls=true (7.3 and"
         " newer) for STARTTLS", given("encryption"), "EsmtpTransportFactory.php; live"),
    Note("ineffective", "auth_mode", _LEFTOVER + "it tries CRAM-MD5, LOGIN, PLAIN and XOAUTH2 in this order of"
         " its own, those that the server offers", given("auth_mode"), "EsmtpTransport.php constructor, handleAuth()"),
    Note("ineffective", "MAILER_DSN", "this provider's bridge takes no port from the DSN: it connects to {port}",
         lambda g: g.has("(port)") and _way(g) and not _takes_port(g), "symfony/symfony Mailer/Bridge *Transport.php"),
    Note("ineffective", "timeout", "the DSN has no option for the time-out: it is default_socket_timeout of php.ini (60"
         " seconds), or setTimeout() on the stream", given("timeout"), "SocketStream.php"),
    Note("ineffective", "MAILER_URL", "MAILER_URL belonged to SwiftmailerBundle: Symfony Mailer reads MAILER_DSN",
         given("MAILER_URL"), "symfony/swiftmailer-bundle"),
    Note("unknown-key", "MAILER_DSN", "an option after the ? is not known to Symfony, and is ignored; about TLS there"
         " are auto_tls, require_tls, verify_peer and peer_fingerprint", given("(unknown option)"),
         "EsmtpTransportFactory.php"),
    Note("several-hosts", "MAILER_DSN", "failover() and roundrobin() name several servers; this is about the first",
         given("(several)"), "symfony/mailer Transport.php"),
    no_certificate_check("verify_peer", lambda g: g.has("verify_peer") and not g["verify_peer"],
                         "EsmtpTransportFactory.php; live"),
)
_ADDRESS = "MAILER_DSN=%s://user:password@{host}:{port}%s"


def _forms(g: Given) -> Forms:
    required = _ADDRESS % ("smtp", "?require_tls=true") if g.numbers >= REQUIRE_TLS_SINCE else NotPossible(
        "Symfony Mailer before 7.3 can't require STARTTLS: it is used where it is offered")
    plain = _ADDRESS % ("smtp", "?auto_tls=false") if g.numbers >= AUTO_TLS_SINCE else NotPossible(
        "Symfony Mailer before 7.1 can't leave STARTTLS out where it is offered")
    return {Mode.IMPLICIT: _ADDRESS % ("smtps", ""), Mode.REQUIRED: required,
            Mode.OPPORTUNISTIC: _ADDRESS % ("smtp", ""), Mode.PLAIN: plain}


def _errors(g: Given) -> Errors:
    if not g["auto_tls"] and g["require_tls"]:
        return transport_errors("TLS required but neither TLS or STARTTLS are in use.")
    if not _dsn(g):
        return transport_errors('EnvNotFoundException: Environment variable not found: "MAILER_DSN".')
    if _scheme(g) in _NO_SMTP or _of_a_provider(g):
        return transport_errors()
    if _bridge(g):
        return transport_errors(f'UnsupportedSchemeException: The "{_scheme(g)[:60]}" scheme is not supported.')
    if g.has("(fault)"):
        return transport_errors("InvalidArgumentException: The mailer DSN " + (
            "must contain a scheme." if g.raw("(fault)") == "no-scheme" else "is invalid."))
    return transport_errors(f'UnsupportedSchemeException: The "{_scheme(g)}" scheme is not supported; supported schemes'
                            ' for mailer "smtp" are: "smtp", "smtps".')


SYMFONY = Framework(
    name="symfony-mailer", title="Symfony Mailer", ecosystem="PHP", keys=_KEYS, rules=_RULES,
    comment="#", named_by=("symfony", "symfony/mailer", "swiftmailer", "swift_transportexception"),
    releases=(Release("5.4 (Debian)", (5, 4)), Release("7.0.4", (7, 0, 4)),
              Release("7.3+ (7.0.4 + the two newer files)", (7, 3)), Release("7.3+", (7, 3))),
    forms=_forms, read=("assignments", "yaml", "code", "command"), aliases=("symfony",),
    notes=_NOTES, default_port=_default_port, unoffered=Unoffered.SKIPS, waits=WAITS, errors=_errors, expand=_expand,
    words=_words,
    calls={"EsmtpTransport": _transport, "Dsn": _transport, "fromDsn": _first("MAILER_DSN"),
           "fromString": _first("MAILER_DSN"), "setAutoTls": _first("auto_tls"), "setRequireTls": _first("require_tls"),
           "setTimeout": _first("setTimeout")},
    says={word: {"MAILER_DSN": dsn} for word, dsn in (
        ("smtps://", "smtps://smtp.example.com:587"), ("smtp://", "smtp://smtp.example.com:587"),
        ("tls://", "tls://smtp.example.com:587"), ("?encryption=ssl", "smtp://smtp.example.com:587?encryption=ssl"))},
)
