"""PHP: PHPMailer, and WP Mail SMTP, which hands WordPress's settings to it.

Sources: PHPMailer src/PHPMailer.php smtpConnect() (6.6.3 line 2077, 7.1.1 line 2324) and isValidHost(); WP Mail SMTP
src/Processor.php phpmailer_init() and src/Options.php. PHPMailer was run against loopback servers.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..keys import Key, Values, keys
from ..model import Errors, Framework, Given, Mode, Note, Outcome, Release, Timeout, When
from ..values import PHP, OneOf
from ..vocabulary import both, error, given, implicit, opportunistic, over_tls, plain, required
from .options import port_of

_CONNECT = "PHPMailer.php smtpConnect(); live"
_SECURE = OneOf(("", "tls", "ssl"), otherwise="it counts as not set, so SMTPAutoTLS decides")
_CONSTANT = re.compile(r"(?:[\w\\.]+(?:::|\.))?ENCRYPTION_(\w+)")
_CONSTANTS = {"STARTTLS": "tls", "SMTPS": "ssl"}
_ENTRY = re.compile(r"(?:(ssl|tls)://)?(.+?)(?::(\d+))?")  # as in smtpConnect()
_NO_HOST = re.compile(r"[/:@\s_]")  # of what isValidHost() refuses, what people write
_CHECKS = ("verify_peer", "verify_peer_name", "allow_self_signed")


class _Host(NamedTuple):
    """One of the hosts: its prefix ("ssl", "tls" or ""), its name, its own port or None."""

    prefix: str
    name: str
    port: int | None


def _hosts(value: object) -> list[_Host]:
    """The hosts that PHPMailer would try, in order; entries it calls invalid are left out."""
    found = []
    for entry in str(value)[:2000].split(";"):
        m = _ENTRY.fullmatch(entry.strip())
        if m and (m[2].startswith("[") or not _NO_HOST.search(m[2])):
            found.append(_Host(m[1] or "", m[2], port_of(m[3]) if m[3] else None))
    return found


def _prefix(g: Given) -> str:
    hosts = _hosts(g.raw("Host")) if g.has("Host") else []
    return hosts[0].prefix if hosts else ""


def _secure(g: Given) -> str:
    """What decides: the prefix of the host, else SMTPSecure; "" for neither."""
    return _prefix(g) or g["SMTPSecure"] or ""


def _localhost(g: Given) -> bool:
    return g.numbers >= (7,) and g.raw("Host") == "localhost"


def _expand(values: Values) -> Values:
    """Replace constants by their values, and make a port inside Host a key of its own."""
    values = dict(values)
    constant = _CONSTANT.fullmatch(str(values.get("SMTPSecure", ""))[:200])
    if constant and constant[1] in _CONSTANTS:
        values["SMTPSecure"] = _CONSTANTS[constant[1]]
    hosts = _hosts(values["Host"]) if "Host" in values else []
    if hosts:
        values["(host)"] = hosts[0].name
        if hosts[0].port is not None:
            values["(port in Host)"] = hosts[0].port
    return values


def _no_constant(g: Given) -> bool:
    return bool(_CONSTANT.fullmatch(str(g.raw("SMTPSecure"))[:200]))


def _no_valid_host(g: Given) -> bool:
    return g.has("Host") and g.raw("Host") not in ("", None) and not _hosts(g.raw("Host"))


def _unchecked(g: Given, *names: str) -> bool:
    """Whether PHP's stream options switch the certificate check off."""
    return over_tls(g) and any(g.has(n) and PHP.read(g.raw(n)) is n.endswith("allow_self_signed") for n in names)


_OPTIONS = tuple(f"SMTPOptions.ssl.{name}" for name in _CHECKS)
_KEYS = keys(
    mode=(Key("SMTPSecure", _SECURE, ""), Key("SMTPAutoTLS", PHP, True)), port=(Key("(port in Host)"), "Port"),
    host="(host) Host", user="Username", secret="Password", auth=(Key("SMTPAuth", PHP), "AuthType oauth"),
    check=(*_OPTIONS, "SMTPOptions.ssl.cafile"), timeout="Timeout",
    other=("SMTPDebug SMTPKeepAlive Helo Hostname Debugoutput do_verp Mailer", Key("new PHPMailer"), "isSMTP()"),
)
_RULES = (
    error("PHPMailer has no such constant: there are ENCRYPTION_STARTTLS ('tls') and ENCRYPTION_SMTPS ('ssl')",
          _no_constant, "PHPMailer.php constants"),
    error("PHPMailer calls this Host invalid and connects to nothing: before the name it knows ssl:// and tls:// (lower"
          " case) only", _no_valid_host, "PHPMailer.php isValidHost()"),
    implicit("ssl:// before the host starts TLS at once, whatever SMTPSecure says", lambda g: _prefix(g) == "ssl",
             _CONNECT),
    required("tls:// before the host means STARTTLS or nothing, whatever SMTPSecure says",
             lambda g: _prefix(g) == "tls", _CONNECT),
    implicit("SMTPSecure is 'ssl' (ENCRYPTION_SMTPS): TLS at once", lambda g: g["SMTPSecure"] == "ssl", _CONNECT),
    required("SMTPSecure is 'tls' (ENCRYPTION_STARTTLS): STARTTLS or nothing", lambda g: g["SMTPSecure"] == "tls",
             _CONNECT),
    plain("SMTPSecure is not set and SMTPAutoTLS is off: TLS is never started", lambda g: not g["SMTPAutoTLS"],
          _CONNECT),
    plain("SMTPSecure is not set, and PHPMailer 7 takes no STARTTLS of its own accord from a Host that is exactly"
          " localhost", _localhost, "PHPMailer.php 7.1.1 line 2420; live"),
    opportunistic("SMTPSecure is not set, so SMTPAutoTLS (on by default) takes STARTTLS where it is offered",
                  source=_CONNECT),
)
_NOTES = (
    Note("redundant", "SMTPSecure", "an empty SMTPSecure does not switch TLS off: SMTPAutoTLS, on by default, takes"
         " STARTTLS where it is offered. To require it say 'tls'; to switch it off, SMTPAutoTLS = false",
         lambda g: g.has("SMTPSecure") and g["SMTPSecure"] == "" and g.mode is Mode.OPPORTUNISTIC, _CONNECT),
    Note("ineffective", "SMTPAutoTLS", "SMTPAutoTLS = false does not matter with STARTTLS required: it is done all the"
         " same", lambda g: g.has("SMTPAutoTLS") and not g["SMTPAutoTLS"] and g.mode is Mode.REQUIRED, _CONNECT),
    Note("contradiction", "SMTPSecure", "the prefix in Host and SMTPSecure disagree: the prefix counts",
         lambda g: bool(_prefix(g) and g["SMTPSecure"] and _prefix(g) != g["SMTPSecure"]), _CONNECT),
    Note("contradiction", "Port", "the port within Host counts; Port is for hosts without one",
         lambda g: g.has("Port", "(port in Host)") and str(g.raw("Port")) != str(g.raw("(port in Host)"))
         and g.has("Port") and g.has("(port in Host)"), _CONNECT),
    Note("fallback-in-clear", "Host", "Host is exactly localhost, for which PHPMailer 7 switches SMTPAutoTLS off"
         " (PHPMailer 6 does not): say SMTPSecure = 'tls', or 127.0.0.1",
         lambda g: _localhost(g) and not _secure(g) and g["SMTPAutoTLS"], "PHPMailer.php 7.1.1 line 2420; live"),
    Note("several-hosts", "Host", "several hosts are tried in turn, until one connects and takes the login; this is"
         " about the first", lambda g: g.has("Host") and len(_hosts(g.raw("Host"))) > 1, _CONNECT),
    Note("unknown-value", "Host", "an entry of Host is not valid, and is passed over without a word",
         lambda g: g.has("Host") and 0 < len(_hosts(g.raw("Host"))) < len(str(g.raw("Host")).strip("; ").split(";")),
         "PHPMailer.php isValidHost()"),
    Note("no-certificate-check", "SMTPOptions", "the server's certificate is not checked",
         lambda g: _unchecked(g, *_OPTIONS), "PHP SSL context options; live"),
    Note("not-smtp", "isSMTP()", "without isSMTP() PHPMailer uses PHP's mail() and reads none of these settings",
         lambda g: g.has("new PHPMailer") and not g.has("isSMTP()") and str(g.raw("Mailer")).lower() != "smtp",
         "PHPMailer.php $Mailer = 'mail'"),
    Note("auth-incomplete", "SMTPAuth", "Username is set, but SMTPAuth is not true: PHPMailer never logs in",
         lambda g: g.has("Username") and not g["SMTPAuth"], "PHPMailer.php $SMTPAuth = false"),
)
_FORM = """\
$mail->isSMTP();
$mail->Host = '{host}';
$mail->Port = {port};"""
_NO_CONNECTION = "SMTP Error: Could not connect to SMTP host."


_ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: _NO_CONNECTION, Outcome.HANG: _NO_CONNECTION, Outcome.CONFIG_ERROR: _NO_CONNECTION,
    Outcome.STARTTLS_NOT_OFFERED: "STARTTLS command failed",
    Outcome.REFUSED_NEEDS_TLS: "SMTP Error: Could not authenticate.",
    Outcome.AUTH_NOT_OFFERED: "SMTP Error: Could not authenticate."}


def _errors(g: Given) -> Errors:
    if _no_constant(g):
        return {Outcome.CONFIG_ERROR: "Error: Undefined constant PHPMailer\\PHPMailer\\PHPMailer::ENCRYPTION_..."}
    longer = dict.fromkeys((Outcome.WRONG_VERSION_NUMBER, Outcome.HANG),
                           f"{_NO_CONNECTION} Failed to connect to server")
    return _ERRORS | longer if g.numbers >= (7,) else _ERRORS


_WAITS = (Timeout(300, source="PHPMailer.php $Timeout = 300; live"),)
PHPMAILER = Framework(
    name="phpmailer", title="PHPMailer", ecosystem="PHP", keys=_KEYS, rules=_RULES,
    comment="//", named_by=("phpmailer", "class.smtp.php"),
    releases=(Release("6.6.3", (6, 6, 3)), Release("7.1.1", (7, 1, 1))),
    forms={Mode.IMPLICIT: _FORM + "\n$mail->SMTPSecure = PHPMailer::ENCRYPTION_SMTPS;",
           Mode.REQUIRED: _FORM + "\n$mail->SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS;", Mode.OPPORTUNISTIC: _FORM,
           Mode.PLAIN: _FORM + "\n$mail->SMTPAutoTLS = false;"},
    read=("code", "assignments"), aliases=("php",), notes=_NOTES,
    credentials=lambda g: bool(g["SMTPAuth"]) if g.has("SMTPAuth") else not g.has("Username"),
    waits=_WAITS, errors=_errors, namespace=r"(?:^|\.)(?:SMTP|smtp)[A-Za-z]+$", expand=_expand,
    calls={"PHPMailer": lambda call: {"new PHPMailer": True}, "isSMTP": lambda call: {"isSMTP()": True},
           "IsSMTP": lambda call: {"isSMTP()": True}},
    says={"SMTPSecure = 'tls'": {"SMTPSecure": "tls"}, "SMTPSecure = 'ssl'": {"SMTPSecure": "ssl"},
          "SMTPSecure = ''": {"SMTPSecure": ""}, "SMTPSecure = 'TLS'": {"SMTPSecure": "TLS"}},
)

_ENCRYPTION = OneOf(("", "none", "tls", "ssl"), otherwise="PHPMailer takes it for not set, and autotls decides")
_PROCESSOR = "wp-mail-smtp src/Processor.php phpmailer_init()"
_PAIRS = {"encryption": "WPMS_SSL", "autotls": "WPMS_SMTP_AUTOTLS", "auth": "WPMS_SMTP_AUTH"}


def _set(g: Given, option: str) -> object:
    """An option's value; the constant in wp-config.php overrides it."""
    constant = _PAIRS[option]
    return g[constant] if g.has(constant) else g[option]


def _both(constant: str, option: str, code: str, says: str, when: When) -> tuple[Note, ...]:
    """The same note on a constant and on the option that it stands for."""
    return tuple(Note(code, name, says, both(given(name), when), _PROCESSOR) for name in (constant, option))


def _constants(g: Given) -> bool:
    return any(name.startswith("WPMS_") and name != "WPMS_ON" for name in g.values)


_DEFINES = """\
define( 'WPMS_ON', true );
define( 'WPMS_SMTP_HOST', '{host}' );
define( 'WPMS_SMTP_PORT', {port} );"""
WP_MAIL_SMTP = Framework(
    name="wp-mail-smtp", title="WP Mail SMTP (WordPress)", ecosystem="PHP",
    comment="//", named_by=("wp-mail-smtp", "wp mail smtp", "wpms", "wordpress", "wp-config.php", "phpmailer"),
    keys=keys(
        mode=(Key("WPMS_SSL", _ENCRYPTION), Key("encryption", _ENCRYPTION, "none"), Key("WPMS_SMTP_AUTOTLS", PHP),
              Key("autotls", PHP, True)), port="port|WPMS_SMTP_PORT", host="host|WPMS_SMTP_HOST",
        user="user|WPMS_SMTP_USER", secret="pass|WPMS_SMTP_PASS",
        auth=(Key("WPMS_SMTP_AUTH", PHP), Key("auth", PHP, True)),
        other="mailer|WPMS_MAILER WPMS_ON WPMS_MAIL_FROM WPMS_MAIL_FROM_NAME WPMS_SET_RETURN_PATH WPMS_MAIL_FROM_FORCE"
        " WPMS_MAIL_FROM_NAME_FORCE WPMS_DO_NOT_SEND WPMS_LICENSE_KEY",
    ),
    rules=(
        implicit("the encryption is ssl, which PHPMailer takes for TLS at once",
                 lambda g: _set(g, "encryption") == "ssl", _PROCESSOR),
        required("the encryption is tls, which PHPMailer takes for STARTTLS or nothing",
                 lambda g: _set(g, "encryption") == "tls", _PROCESSOR),
        plain("the encryption is none and autotls is off: TLS is never started", lambda g: not _set(g, "autotls"),
              _PROCESSOR),
        opportunistic("the encryption is none, but autotls (on by default) takes STARTTLS where it is offered",
                      source=_PROCESSOR),
    ),
    releases=(Release("2.9.0", (2, 9, 0)),),
    forms={Mode.IMPLICIT: _DEFINES + "\ndefine( 'WPMS_SSL', 'ssl' );",
           Mode.REQUIRED: _DEFINES + "\ndefine( 'WPMS_SSL', 'tls' );", Mode.OPPORTUNISTIC: _DEFINES,
           Mode.PLAIN: _DEFINES + "\ndefine( 'WPMS_SMTP_AUTOTLS', false );"},
    read=("code", "assignments"), aliases=("wpmailsmtp", "wordpress", "wp"),
    notes=(
        *_both("WPMS_SSL", "encryption", "redundant", "no encryption is not \"no TLS\": autotls, on by default, takes"
               " STARTTLS where it is offered",
               lambda g: _set(g, "encryption") in ("", "none") and g.mode is Mode.OPPORTUNISTIC),
        *_both("WPMS_SMTP_AUTOTLS", "autotls", "ineffective", "autotls is only looked at where the encryption is none",
               lambda g: not _set(g, "autotls") and g.mode in (Mode.REQUIRED, Mode.IMPLICIT)),
        Note("documented-example", "WPMS_SSL", "the comment \"TLS is not STARTTLS\", which the plugin's documentation"
             " has beside this constant, is wrong: 'tls' is STARTTLS (port 587), 'ssl' is TLS at once (port 465)",
             lambda g: g.raw("WPMS_SSL") == "tls" and g.port == 465, "wp-mail-smtp wp_mail_smtp.php"),
        Note("ineffective", "WPMS_ON", "without define('WPMS_ON', true) none of the WPMS_ constants is read: what was"
             " saved in WordPress counts", lambda g: _constants(g) and g.raw("WPMS_ON") is not True,
             "wp-mail-smtp src/Options.php is_const_enabled()"),
        Note("not-smtp", "mailer", "this mailer does not use these SMTP settings; for them choose Other SMTP (smtp)",
             lambda g: g.has("mailer") and str(g.raw("mailer")) not in ("smtp", "", "None"), _PROCESSOR),
        Note("fallback-in-clear", "host", "the host is localhost: where WordPress brings PHPMailer 7, autotls is off"
             " for it and everything goes in clear",
             lambda g: g.raw("host") == "localhost" and g.mode is Mode.OPPORTUNISTIC, "PHPMailer.php 7.1.1 line 2420"),
    ),
    credentials=lambda g: bool(_set(g, "auth")), waits=_WAITS, errors=_ERRORS, namespace=r"^WPMS_S\w+$",
    says={"encryption tls": {"encryption": "tls"}, "encryption ssl": {"encryption": "ssl"},
          "encryption none": {"encryption": "none"}},
)
