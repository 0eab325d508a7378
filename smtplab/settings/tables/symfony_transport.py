"""What Symfony's SMTP transport makes of a scheme, a port and two options; Laravel and Nextcloud are built on it.

Sources: symfony/mailer Transport/Smtp/EsmtpTransportFactory.php, EsmtpTransport.php (constructor and doEhloCommand),
Stream/SocketStream.php and Transport/Dsn.php. 5.4, 7.0.4 and the transport of 7.3 were run against loopback servers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl

from ..model import ERROR, IMPLICIT, OPPORTUNISTIC, PLAIN, REQUIRED, Given, Outcome, Rule, Waits, When
from ..values import ABSENT, PHP, Switch
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
    """An address such as smtp://user:password@host:587?auto_tls=false, taken apart; the password is not kept."""

    scheme: str
    user: str | None
    secret: bool
    host: str
    port: int | None
    options: dict[str, str]


def parse_dsn(text: object) -> Dsn | str:
    """A DSN's parts, as PHP's parse_url has them; or what is wrong with it, one of `FAULTS`."""
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
    """A DSN as text again, with no user name, password or option that isn't about the connection."""
    port = "" if dsn.port is None else f":{dsn.port}"
    known = {k: v for k, v in dsn.options.items() if k in ("auto_tls", "require_tls", "verify_peer", "encryption")}
    query = "&".join(f"{k}={v[:20]}" for k, v in known.items())
    return f"{dsn.scheme}://{dsn.host}{port}" + ("?" + query if query else "")


def never(_given: Given) -> bool:
    """The condition that no settings meet."""
    return False


def transport_rules(smtps: When, auto_tls_off: When = never, require_tls: When = never, never_at_once: When = never,
                    port_is_smtps: When = never) -> tuple[Rule, ...]:
    """What Symfony's SMTP transport makes of a scheme, two options and the port.

    `never_at_once`: the transport was made with tls = false, which cancels the rule of port 465. `port_is_smtps`: what
    calls it has made smtps of the port already, so that auto_tls changes nothing.
    """
    def prefixed(g: Given) -> str:
        return g.host.partition("://")[0] if "://" in g.host else ""

    def at_once(g: Given) -> object:
        return port_is_smtps(g) or g.port == 465 and not never_at_once(g) and not auto_tls_off(g)

    def never_works(g: Given) -> object:
        return auto_tls_off(g) and require_tls(g)

    contradiction = "auto_tls = false forbids STARTTLS and require_tls = true demands TLS: no mail can ever be sent"
    return (
        Rule(ERROR, "the host must be a name alone, without smtp:// or ssl:// before it",
             lambda g: prefixed(g) and (smtps(g) or at_once(g) or prefixed(g) not in ("ssl", "tls")),
             "SocketStream.php"),
        Rule(IMPLICIT, "ssl:// or tls:// before the host makes PHP's socket start TLS at once", prefixed,
             "SocketStream.php"),
        Rule(IMPLICIT, "smtps starts TLS at once, on any port", smtps, _TRANSPORT),
        Rule(IMPLICIT, "port 465 means smtps: TLS at once", port_is_smtps, _TRANSPORT, inferred=True),
        Rule(ERROR, contradiction, lambda g: never_works(g) and g.port == 465, _TRANSPORT, outcome=Outcome.HANG),
        Rule(ERROR, contradiction, never_works, _TRANSPORT),
        Rule(PLAIN, "auto_tls is off: STARTTLS is never used, and port 465 no longer means TLS at once", auto_tls_off,
             _TRANSPORT),
        Rule(IMPLICIT, "port 465 means TLS at once", at_once, _TRANSPORT, inferred=True),
        Rule(REQUIRED, "require_tls is on: STARTTLS or nothing", require_tls, _TRANSPORT),
        Rule(OPPORTUNISTIC, "without smtps and on a port other than 465, STARTTLS is used where it is offered",
             source=_TRANSPORT),
    )


def transport_errors(config: str = "") -> dict[Outcome, str]:
    """What Symfony Mailer was seen to print; `config` where it refuses the settings, "" if it prints nothing."""
    return ({Outcome.CONFIG_ERROR: config} if config else {}) | {
        Outcome.WRONG_VERSION_NUMBER: 'Connection could not be established with host "ssl://...":'
                                      " stream_socket_client(): SSL operation failed with code 1. OpenSSL Error"
                                      " messages: error:0A00010B:SSL routines::wrong version number",
        Outcome.HANG: 'Connection to "..." timed out.',
        Outcome.STARTTLS_NOT_OFFERED: "TLS required but neither TLS or STARTTLS are in use.",
        Outcome.REFUSED_NEEDS_TLS: 'Expected response code "250" but got code "530", with message "530 5.7.0 Must issue'
                                   ' a STARTTLS command first".'}


WAITS = (Waits(60, source="php.ini default_socket_timeout, SocketStream.php; live"),)


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


def swift_rules(encryption: Callable[[Given], object]) -> tuple[Rule, ...]:
    """What Swift Mailer, Symfony Mailer's forerunner, makes of its one setting; case doesn't matter to it."""
    def word(g: Given) -> str:
        value = encryption(g)
        return str(value).lower() if value is not ABSENT and PHP.read(value) else ""

    return (
        Rule(PLAIN, "no encryption is set: Swift Mailer never starts TLS", lambda g: word(g) in ("", "tcp"), _SWIFT),
        Rule(REQUIRED, "the encryption is tls, to Swift Mailer STARTTLS or nothing",
             lambda g: word(g) == "tls", _SWIFT),
        Rule(IMPLICIT, "the encryption is ssl, to Swift Mailer TLS at once",
             lambda g: word(g) in ("ssl", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3"), _SWIFT),
        Rule(ERROR, "Swift Mailer knows tls (STARTTLS) and ssl (TLS at once); PHP has no socket transport of any other"
                    " name", source=_SWIFT),
    )
