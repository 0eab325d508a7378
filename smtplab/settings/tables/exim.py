"""Exim's smtp transport, as the client of a smarthost.

Sources: Exim's specification, chapter 30 (the smtp transport) and 43 (TLS as a client); src/transports/smtp.c;
Debian's macros in /etc/exim4. Exim 4.96 was run against loopback servers.
"""

from __future__ import annotations

import re

from ..keys import Key, Values, keys, spelled
from ..model import Framework, Given, Mode, Note, Release, Timeout, Unoffered
from ..values import ABSENT, OneOf
from ..vocabulary import error, hangs, if_login_fails, implicit, no_certificate_check, opportunistic, plain, required
from .options import port_of, take_address, take_seconds

_EXIM = "Exim specification, chapter 30; live"
_MACRO = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+")  # Debian's configuration puts options behind macros of the same name


def _macro(name: str) -> tuple[str]:
    """Debian's macro for an option."""
    return ("REMOTE_SMTP_SMARTHOST_" + name.upper(),)


EXIM_KEYS = (
    *spelled(_macro, keys(
        mode=(Key("protocol", OneOf(("smtp", "smtps", "lmtp"), any_case=True, otherwise="it counts as smtp"), "smtp"),
              "hosts_require_tls hosts_avoid_tls"),
        user="hosts_require_auth hosts_try_auth",  # in this role a value that is computed counts as given
        port="port", check="tls_verify_hosts tls_try_verify_hosts tls_verify_certificates tls_verify_cert_hostnames")),
    *keys(host="host hosts dc_smarthost route_list route_data", timeout="command_timeout",
          other="tls_tempfail_tryclear no_tls_tempfail_tryclear driver hosts_override hosts_avoid_esmtp"
                " hosts_avoid_pipelining hosts_try_dane hosts_require_dane connect_timeout tls_sni"
                " tls_require_ciphers tls_certificate tls_privatekey",
          secret="client_send client_secret"),
)


def _exim_values(values: Values) -> Values:
    for name, value in list(values.items()):
        if isinstance(value, str) and _MACRO.fullmatch(value.strip()):
            del values[name]  # a macro, and its value stands elsewhere
        elif value is True or value is False:
            values[name] = "*" if value and name.startswith("hosts_") else str(value).lower()
    if "no_tls_tempfail_tryclear" in values:
        values["tls_tempfail_tryclear"] = "false"
    own = port_of(values.get("port"))
    for name in ("route_list", "route_data", "dc_smarthost", "hosts"):
        if isinstance(values.get(name), str):
            text = str(values[name])
            values["_"] = re.sub(r"^\s*\S+\s+", "", text) if name == "route_list" else text.strip()
            take_address(values, "_")
            del values["_"]
    if own:
        values["port"] = own
    take_seconds(values, "command_timeout")
    return values


def _names(g: Given, name: str) -> bool:
    """Whether a host list is given and not empty; it is then assumed to name the server."""
    value = g.raw(name)
    text = "" if value is ABSENT or value is None else str(value).strip(" :")
    return bool(text) and not text.startswith("!") and text.lower() != "false"


def _smtps(g: Given) -> bool:
    return g["protocol"] == "smtps"


def _logs_in(g: Given) -> bool:
    return _names(g, "hosts_require_auth") or _names(g, "hosts_try_auth")


_EXIM_RULES = if_login_fails((
    implicit("protocol = smtps: TLS starts at once", _smtps, _EXIM),
    error("hosts_avoid_tls switches STARTTLS off and hosts_require_tls insists on TLS: every mail is deferred",
          lambda g: _names(g, "hosts_avoid_tls") and _names(g, "hosts_require_tls"), "Exim smtp.c"),
    required("hosts_require_tls names the server: STARTTLS or nothing", lambda g: _names(g, "hosts_require_tls"),
             _EXIM),
    plain("hosts_avoid_tls names the server: STARTTLS is never used", lambda g: _names(g, "hosts_avoid_tls"), _EXIM),
    opportunistic("nothing is said about TLS, so STARTTLS is used where it is offered", source=_EXIM),
), _logs_in)
_EXIM_NOTES = (
    Note("auth-incomplete", "hosts_try_auth", "Exim logs in only where hosts_try_auth or hosts_require_auth names the"
         " server (and an authenticator is set up)", lambda g: not _logs_in(g) and g.mode is not Mode.ERROR, _EXIM),
    Note("fallback-in-clear", "tls_tempfail_tryclear", "where STARTTLS gets 454 or the TLS handshake fails, Exim tries"
         " again in clear at once, with the password; set hosts_require_tls = *",
         lambda g: g.mode is Mode.OPPORTUNISTIC and str(g.raw("tls_tempfail_tryclear")).lower() not in ("false", "no"),
         "tls_tempfail_tryclear; live"),
    no_certificate_check("tls_verify_hosts", lambda g: not _names(g, "tls_verify_hosts"),
                         "Exim specification, tls_try_verify_hosts", "a certificate that fails the check is used all"
                         " the same unless tls_verify_hosts = *"),
    Note("ineffective", "hosts_avoid_tls", "hosts_avoid_tls is about STARTTLS and has no part in protocol = smtps",
         lambda g: _smtps(g) and _names(g, "hosts_avoid_tls"), "Exim smtp.c"),
    Note("port-mismatch", "protocol", "port 465 needs protocol = smtps", lambda g: hangs(g) and g.port % 1000 == 465,
         _EXIM),
)
_TRANSPORT = "remote_smtp_smarthost:\n  driver = smtp\n  hosts = {host}\n  port = {port}\n  hosts_require_auth = *"
EXIM = Framework(
    name="exim", title="Exim (smtp transport)", ecosystem="Mail servers", keys=EXIM_KEYS, rules=_EXIM_RULES,
    named_by=("exim", "exim4"),
    releases=(Release("4.96", (4, 96)),),
    forms={Mode.IMPLICIT: _TRANSPORT + "\n  protocol = smtps", Mode.REQUIRED: _TRANSPORT + "\n  hosts_require_tls = *",
           Mode.OPPORTUNISTIC: _TRANSPORT, Mode.PLAIN: _TRANSPORT + "\n  hosts_avoid_tls = *"},
    read=("directives",), aliases=("exim4",), notes=_EXIM_NOTES, default_port=lambda g: 465 if _smtps(g) else 25,
    unoffered=lambda g: Unoffered.FAILS if _names(g, "hosts_require_auth") else Unoffered.SKIPS,
    credentials=_logs_in, password_in_clear=_logs_in,
    waits=(Timeout(300, source="Exim specification, command_timeout"),),
    namespace=r"(?:^|\.)(?:hosts_(?:require|avoid|try)_\w+|tls_verify\w*)$", expand=_exim_values,
    says={"hosts_require_tls = *": {"hosts_require_tls": "*"}, "protocol = smtps": {"protocol": "smtps"}},
)
