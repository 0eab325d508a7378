"""PHP: Laravel, where 'encryption' meant something else in every few releases, and then nothing.

Sources: laravel/framework src/Illuminate/Mail/MailManager.php createSmtpTransport() and getConfig() at the tags (9.1,
11.35.0 from pull request 53749, 11.35.1 from 53863), Support/ConfigurationUrlParser.php; laravel/laravel
config/mail.php ('scheme' in place of 'encryption' since its 11.6, 2024-12). The lines that decide were run with the
real Swift Mailer 6.3 and Symfony Mailer against loopback servers.
"""

from __future__ import annotations

import re

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
    Release,
    Timeout,
    Unoffered,
    When,
)
from ..values import ABSENT, PHP, Hidden
from ..vocabulary import both, error, given, implicit, no_certificate_check
from .symfony import (
    AUTO_TLS_SINCE,
    OFF_IF_EMPTY,
    ON_IF_EMPTY,
    REQUIRE_TLS_SINCE,
    SCHEME_CHECKED_SINCE,
    SWIFT_ERRORS,
    WAITS,
    Dsn,
    parse_dsn,
    swift_rules,
    transport_errors,
    transport_rules,
)

_SYMFONY, _FIXED, _PORT_DECIDES = (9,), (9, 1), (11, 35, 1)  # Swift Mailer before; two bugs; encryption dropped
_TLS_IS_SMTPS = (11, 35, 0)
_MANAGER = "laravel/framework MailManager.php createSmtpTransport(); live"
_WORDS = {"null": None, "(null)": None, "true": True, "(true)": True, "false": False, "(false)": False, "empty": "",
          "(empty)": ""}  # Illuminate/Support/Env.php
_TRANSPORTS = ("log", "array", "sendmail", "mail", "ses", "ses-v2", "mailgun", "postmark", "resend", "failover",
               "roundrobin")
_MORE = re.compile(r"[,;\s]+(?=(?:MAIL_[A-Z_]+)\s*=)")
_STREAM = tuple(f"stream.ssl.{name}" for name in ("verify_peer", "verify_peer_name", "allow_self_signed"))
_URL_OPTIONS = ("encryption", "scheme", "auto_tls", "require_tls", "verify_peer", "timeout")


def _expand(values: Values) -> Values:
    """The words of .env as PHP's values, and MAIL_URL's parts, which override the rest; secrets are dropped."""
    found: Values = {}
    for name, value in values.items():
        first, *more = _MORE.split(value) if name.startswith("MAIL_") and isinstance(value, str) else (value,)
        found[name] = first
        for pair in more:  # several on one line
            other, _equals, text = pair.partition("=")
            found.setdefault(other.strip(), text.strip())
    found = {n: _WORDS.get(v.lower(), v) if n.startswith("MAIL_") and isinstance(v, str) else v
             for n, v in found.items()}
    for name in ("encryption", "port", "host"):
        if f"MAIL_{name.upper()}" in found:
            found.pop(name, None)  # config/mail.php reads it from .env; what it had was the default there
    if "url" in found:
        found.setdefault("MAIL_URL", found.pop("url"))
    if url := found.get("MAIL_URL"):
        dsn = parse_dsn(url)
        found["MAIL_URL"] = f"{dsn.scheme}://{dsn.host}" if isinstance(dsn, Dsn) else "(can't be read)"
        if isinstance(dsn, Dsn):
            found |= {name: value for name, value in dsn.options.items() if name in _URL_OPTIONS}
            found |= {"MAIL_HOST": dsn.host} | ({"MAIL_PORT": dsn.port} if dsn.port is not None else {})
            if "encryption" in dsn.options:
                found.pop("MAIL_ENCRYPTION", None)
            if "scheme" in dsn.options:
                found.pop("MAIL_SCHEME", None)
            if dsn.user:
                found |= {"username": dsn.user, "password": Hidden(dsn.secret)}
    if any(n.startswith("MAIL_") for n in values) and "encryption" not in found and found.get(
            "MAIL_ENCRYPTION") != "tls":
        found["(skeleton)"] = True  # an .env: what it leaves out, config/mail.php says
    return found


def _encryption(g: Given) -> object:
    """The encryption, whose default in the skeleton's config/mail.php was 'tls' as long as it had one."""
    for name in ("MAIL_ENCRYPTION", "encryption"):
        if g.has(name):
            return g.raw(name)
    return "tls" if g.has("(skeleton)") and g.numbers < _PORT_DECIDES else None


def _asked_scheme(g: Given) -> object:
    value = g.raw("MAIL_SCHEME") if g.has("MAIL_SCHEME") else g.raw("scheme")
    return value if value is not ABSENT and PHP.read(value) else None


def _scheme(g: Given) -> str:
    """The scheme that Laravel hands to Symfony Mailer."""
    if g.numbers >= _FIXED and _asked_scheme(g) is not None:
        return str(_asked_scheme(g))
    tls, on_465 = _encryption(g) == "tls", g.port == 465
    if g.numbers < _FIXED or _TLS_IS_SMTPS <= g.numbers < _PORT_DECIDES:
        return "smtps" if tls else "smtp" if g.numbers >= _FIXED else ""
    if g.numbers < _PORT_DECIDES:
        return ("smtps" if on_465 else "smtp") if tls else ""
    return "smtps" if on_465 else "smtp"


def _symfony(g: Given, since: tuple[int, ...]) -> bool:
    return g.numbers >= _SYMFONY and g.part("symfony") >= since


def _bad_scheme(g: Given) -> bool:
    return _symfony(g, SCHEME_CHECKED_SINCE) and _scheme(g) not in ("smtp", "smtps")


def _auto_tls_off(g: Given) -> bool:
    return _symfony(g, AUTO_TLS_SINCE) and g.has("auto_tls") and g.raw("auto_tls") is not None and not g["auto_tls"]


def _require_tls(g: Given) -> bool:
    return _symfony(g, REQUIRE_TLS_SINCE) and bool(g["require_tls"])


def _url_transport(g: Given) -> str:
    return str(g.raw("MAIL_URL")).partition("://")[0] if g.has("MAIL_URL") and g.raw("MAIL_URL") else ""


def _tls_bug(g: Given) -> bool:
    """In 9.0.x and 11.35.0 'tls' meant smtps on every port."""
    bug = _SYMFONY <= g.numbers < _FIXED or _TLS_IS_SMTPS <= g.numbers < _PORT_DECIDES
    return bug and _encryption(g) == "tls" and (g.numbers < _FIXED or _asked_scheme(g) is None)


def _port_is_smtps(g: Given) -> bool:
    return g.numbers >= _PORT_DECIDES and _asked_scheme(g) is None and g.port == 465


_RULES = (
    error("MAIL_URL is there but empty, which leaves Laravel without a transport: take the line out",
          lambda g: g.raw("MAIL_URL") == "", "MailManager.php getConfig()", (10,)),
    error("MAIL_URL can't be read: it is smtp://user:password@host:port, and : / ? # @ in a user name or a password are"
          " written %3A %2F %3F %23 %40", lambda g: g.raw("MAIL_URL") == "(can't be read)",
          "Illuminate/Support/ConfigurationUrlParser.php"),
    error("the scheme of MAIL_URL names Laravel's transport, and this is not smtp. For TLS at once say smtp://...:465",
          lambda g: _url_transport(g) not in ("", "smtp"), "MailManager.php getConfig()"),
    *(ModeRule(r.mode, r.because, r.when, r.source, (), _SYMFONY) for r in swift_rules(_encryption)),
    implicit("Laravel makes smtps of 'tls' on port 465: TLS at once",
             lambda g: g.port == 465 and _asked_scheme(g) is None and _scheme(g) == "smtps" and "://" not in g.host,
             _MANAGER, _SYMFONY, _PORT_DECIDES),
    implicit("in this release 'tls' means smtps, TLS at once, on every port: a bug of 9.0.x (mended in 9.1) and of"
             " 11.35.0 (mended in 11.35.1)", _tls_bug, _MANAGER),
    error("Symfony Mailer since 7.2 takes the schemes smtp and smtps only, and raises an UnsupportedSchemeException",
          _bad_scheme, _MANAGER),
    *transport_rules(lambda g: _scheme(g) == "smtps" and not _port_is_smtps(g), _auto_tls_off, _require_tls,
                     port_is_smtps=_port_is_smtps),
)


def _notes(names: tuple[str, str], code: str, says: str, when: When, since: Numbers = (), before: Numbers = ()
           ) -> tuple[Note, ...]:
    """The same note on the key of config/mail.php and on that of .env."""
    return tuple(Note(code, name, says, both(given(name), when), _MANAGER, since, before) for name in names)


def _not_wired(option: str) -> Note:
    variable = f"MAIL_{option.upper()}"
    return Note("not-wired", variable, f"{variable} counts only if config/mail.php has '{option}' => env('{variable}'),"
                " which it hasn't of itself", given(variable), "laravel/laravel config/mail.php")


def _too_old(option: str, since: Numbers) -> Note:
    return Note("ineffective", option, f"'{option}' needs Symfony Mailer {'.'.join(map(str, since))} or newer (see"
                " composer.lock): older ones, and Laravel up to 8, don't read it",
                lambda g: g.has(option) and not _symfony(g, since), _MANAGER)


_ENC, _SCHEME = ("MAIL_ENCRYPTION", "encryption"), ("MAIL_SCHEME", "scheme")
_NOTES = (
    *_notes(_ENC, "ineffective", "MAIL_ENCRYPTION and 'encryption' are not read since 11.35.1: port 465 means TLS at"
            " once, any other port STARTTLS where it is offered. 'ssl' and 'tls' change nothing; for TLS at once on"
            " another port say MAIL_SCHEME=smtps, for STARTTLS or nothing 'require_tls' => true in config/mail.php",
            lambda g: True, _PORT_DECIDES),
    *_notes(_ENC, "ineffective", "since Laravel 9 'ssl' does not mean TLS at once: it is not looked at, only port 465"
            " does", lambda g: _encryption(g) == "ssl", _SYMFONY, _PORT_DECIDES),
    *_notes(_ENC, "ineffective", "since Laravel 9 'tls' does not require STARTTLS (up to 8 it did): it is used where it"
            " is offered", lambda g: _encryption(g) == "tls" and g.mode is Mode.OPPORTUNISTIC, _FIXED, _PORT_DECIDES),
    *_notes(_ENC, "unknown-value", "of all words only 'tls' is looked at (exactly so)",
            lambda g: _encryption(g) not in ("tls", "ssl", "", None, False), _SYMFONY, _PORT_DECIDES),
    *_notes(_ENC, "port-mismatch", "'tls' is smtps on every port in this release (9.0.x and 11.35.0): go to the next"
            " one, or leave encryption null", lambda g: _tls_bug(g) and g.port != 465),
    Note("computed", "MAIL_ENCRYPTION", "MAIL_ENCRYPTION is not given: the skeleton's config/mail.php then takes 'tls'",
         lambda g: g.has("(skeleton)") and not g.has(*_ENC) and (g.numbers < _FIXED or _tls_bug(g)),
         "laravel/laravel config/mail.php", (), _PORT_DECIDES),
    *_notes(_SCHEME, "ineffective", "this Laravel does not read a scheme: say MAIL_ENCRYPTION", lambda g: True, (),
            _FIXED),
    *_notes(_SCHEME, "unknown-value", "a scheme is smtp or smtps: tls and ssl are not accepted. STARTTLS is smtp with"
            " port 587, TLS at once is smtps with port 465", _bad_scheme, _FIXED),
    *_notes(_SCHEME, "unknown-value", "only smtps is looked at: any other scheme counts as smtp, and Symfony Mailer 7.2"
            " and newer refuses it", lambda g: not _bad_scheme(g) and _asked_scheme(g) not in (None, "smtp", "smtps"),
            _FIXED),
    Note("not-wired", "MAIL_SCHEME", "MAIL_SCHEME counts only if config/mail.php has 'scheme' => env('MAIL_SCHEME'): an"
         " application made before December 2024 has 'encryption' there",
         lambda g: g.has("MAIL_SCHEME") and _asked_scheme(g) and not g.has("scheme"),
         "laravel/laravel config/mail.php"),
    *map(_not_wired, ("auto_tls", "require_tls")),
    _too_old("auto_tls", AUTO_TLS_SINCE), _too_old("require_tls", REQUIRE_TLS_SINCE),
    Note("contradiction", "auto_tls", "'auto_tls' => false forbids STARTTLS and 'require_tls' => true demands TLS: take"
         " 'auto_tls' out", lambda g: _auto_tls_off(g) and _require_tls(g) and g.mode is Mode.ERROR, _MANAGER),
    Note("broken-upgrade", "scheme", "Symfony Mailer 7.2 refuses the empty scheme that Laravel up to 11.34 hands over"
         " where the encryption is not 'tls' (The \"\" scheme is not supported): update Laravel too, or set 'scheme'",
         lambda g: _scheme(g) == "", "laravel/framework issue 53704", (11,), _TLS_IS_SMTPS),
    no_certificate_check("verify_peer", lambda g: g.has("verify_peer") and not g["verify_peer"], _MANAGER,
                         since=_SYMFONY),
    no_certificate_check("stream",
                         lambda g: any(g.has(n) and PHP.read(g.raw(n)) is n.endswith("signed") for n in _STREAM),
                         _MANAGER, before=_SYMFONY),
    Note("ineffective", "stream", "'stream' went with Swift Mailer: since Laravel 9 it is not read. To leave the"
         " certificate unchecked there is 'verify_peer' => false", lambda g: g.has(*_STREAM), _MANAGER, _SYMFONY),
    Note("not-smtp", "MAIL_MAILER", "this mailer sends nothing by SMTP; for that say MAIL_MAILER=smtp",
         lambda g: any(str(g.raw(n)) in _TRANSPORTS for n in ("MAIL_MAILER", "MAIL_DRIVER")), "MailManager.php"),
)
_KEYS = keys(
    mode=(
        "MAIL_ENCRYPTION encryption",
        Key("MAIL_SCHEME", since=_PORT_DECIDES),
        "scheme",
        Key("auto_tls", ON_IF_EMPTY, True),
        Key("require_tls", OFF_IF_EMPTY, False),
    ),
    port="MAIL_PORT port", host="MAIL_HOST host MAIL_URL", user="username|MAIL_USERNAME",
    secret="password|MAIL_PASSWORD",
    timeout="timeout", check=(Key("verify_peer", ON_IF_EMPTY, True), *_STREAM, "peer_fingerprint"), auth="auth_mode",
    other="(skeleton) url transport local_domain source_ip MAIL_MAILER MAIL_DRIVER MAIL_FROM_ADDRESS MAIL_FROM_NAME"
    " MAIL_EHLO_DOMAIN MAIL_LOG_CHANNEL MAIL_SENDMAIL_PATH MAIL_TIMEOUT MAIL_AUTO_TLS MAIL_REQUIRE_TLS MAIL_VERIFY_PEER"
    " MAIL_REPLY_TO_ADDRESS",
)
_ENV = "MAIL_MAILER=smtp\nMAIL_HOST={host}\nMAIL_PORT={port}"
_CONFIG = "'smtp' => [\n    'transport' => 'smtp',\n    'host' => '{host}',\n    'port' => {port},\n    %s,\n],"


def _forms(g: Given) -> Forms:
    if g.numbers < _SYMFONY:
        return {Mode.IMPLICIT: _ENV + "\nMAIL_ENCRYPTION=ssl", Mode.REQUIRED: _ENV + "\nMAIL_ENCRYPTION=tls",
                Mode.OPPORTUNISTIC: NotPossible("Swift Mailer (Laravel up to 8) uses STARTTLS always or never"),
                Mode.PLAIN: _ENV + "\nMAIL_ENCRYPTION=null"}
    symfony = ".".join(map(str, g.part("symfony")))
    bug = g.numbers < _FIXED or _TLS_IS_SMTPS <= g.numbers < _PORT_DECIDES
    return {Mode.IMPLICIT: _ENV + ("\nMAIL_SCHEME=smtps" if g.numbers >= _PORT_DECIDES else "\nMAIL_ENCRYPTION=tls"),
            Mode.REQUIRED: _CONFIG % "'require_tls' => true" if _symfony(g, REQUIRE_TLS_SINCE)
            else NotPossible(f"it takes Symfony Mailer 7.3 (here {symfony}): before, STARTTLS is used where it is"
                             " offered"), Mode.OPPORTUNISTIC: _ENV + ("\nMAIL_ENCRYPTION=null" if bug else ""),
            Mode.PLAIN: _CONFIG % "'auto_tls' => false" if _symfony(g, AUTO_TLS_SINCE)
            else NotPossible(f"it takes Symfony Mailer 7.1 (here {symfony}): before, STARTTLS can't be left out where"
                             " it is offered")}


def _errors(g: Given) -> Errors:
    if g.has("MAIL_URL") and _url_transport(g) != "smtp":
        return transport_errors(f"InvalidArgumentException: Unsupported mail transport [{_url_transport(g)}].")
    if g.numbers < _SYMFONY:
        return SWIFT_ERRORS
    if _auto_tls_off(g) and _require_tls(g):
        return transport_errors("TLS required but neither TLS or STARTTLS are in use.")
    if not _bad_scheme(g):
        return transport_errors("Connection could not be established with host ...")
    return transport_errors(f'UnsupportedSchemeException: The "{_scheme(g)[:20]}"'
                            ' scheme is not supported; supported schemes for mailer "smtp" are: "smtp", "smtps".')


_SWIFT_8 = (Release("8.83 (Swift 6.3)", (8, 83)), Release("Laravel 8.83 (Swift 6.3)", (8, 83)))
LARAVEL = Framework(
    name="laravel", title="Laravel", ecosystem="PHP", keys=_KEYS, rules=_RULES,
    comment="#", named_by=("laravel", "illuminate", "config/mail.php", "symfony/mailer", "swift_transportexception"),
    releases=(*_SWIFT_8, *(Release(f"Laravel {name}", numbers, {"symfony": symfony}) for name, numbers, symfony in (
        ("9.0", (9, 0), (6, 0)), ("9.52", (9, 52), (6, 4)), ("11.30", (11, 30), (7, 0, 4)),
        ("11.35.0 only", (11, 35, 0), (7, 2)), ("11.56", (11, 56), (7, 3)), ("12", (12,), (7, 3)),
        ("13", (13,), (7, 4))))),
    forms=_forms, read=("assignments", "code"), aliases=("illuminate",), notes=_NOTES,
    default_port=lambda g: 587 if g.numbers < (11,) else 2525,  # of the skeleton's config/mail.php
    unoffered=Unoffered.SKIPS, waits=(Timeout(30, source="Swift Mailer's default; live", before=_SYMFONY), *WAITS),
    errors=_errors, expand=_expand,
    namespace=r"^MAIL_(?:\w*TLS\w*|\w*SSL\w*|\w*ENC\w*|\w*SECUR\w*|SCHEM\w*|HOST\w*|PORT\w*|USER\w*)$",
    parts={"itself": r"(?:laravel\D{0,3}|^v?)([\d.]+)", "symfony": r"symfony\D{0,10}([\d.]+)"},
    says={"MAIL_ENCRYPTION=tls": {"MAIL_ENCRYPTION": "tls"}, "MAIL_ENCRYPTION=ssl": {"MAIL_ENCRYPTION": "ssl"},
          "MAIL_SCHEME=smtps": {"MAIL_SCHEME": "smtps"}, "MAIL_SCHEME=tls": {"MAIL_SCHEME": "tls"}},
)
