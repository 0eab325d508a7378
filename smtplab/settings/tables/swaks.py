"""swaks, whose options or protocol choose the mode.

Sources: swaks(1) and its source. swaks 20201014.0 was run against loopback servers.
"""

from __future__ import annotations

from ..keys import Key, Values, keys
from ..model import Framework, Given, Mode, Note, Outcome, Release, Timeout, Unoffered
from ..reading import Word
from ..values import OneOf
from ..vocabulary import (
    auth_incomplete,
    error,
    given,
    if_login_fails,
    implicit,
    no_certificate_check,
    opportunistic,
    password_in_clear,
    plain,
    required,
)
from .options import FLAG, command_of, options, port_of, take_address, take_seconds

_SWAKS = "swaks(1), TLS options; live"
_SWAKS_SAME = {
    "tlso": "tls-optional", "tlsos": "tls-optional-strict", "tlsc": "tls-on-connect", "tlsp": "tls-protocol",
    "s": "server", "p": "port", "a": "auth", "au": "auth-user", "ap": "auth-password", "ao": "auth-optional",
    "aos": "auth-optional-strict", "t": "to", "f": "from", "q": "quit-after", "quit": "quit-after"}
_SWAKS_PROTOCOLS = {"smtp": "", "esmtp": "", "esmtpa": "", "ssmtp": "c", "ssmtpa": "c", "smtps": "c", "esmtps": "s",
                    "esmtpsa": "s", "lmtp": "", "lmtpa": "", "lmtps": "s", "lmtpsa": "s"}
_SWAKS_MODES = ("tls", "tls-optional", "tls-optional-strict", "tls-on-connect")
_SWAKS_AUTH = ("auth", "auth-optional", "auth-optional-strict")
SWAKS_KEYS = keys(
    mode=(*(Key(n, FLAG, aliases=tuple("-" + a for a, full in _SWAKS_SAME.items() if full == n)) for n in _SWAKS_MODES),
          Key("protocol", OneOf(tuple(_SWAKS_PROTOCOLS), any_case=True, otherwise="swaks stops"), "esmtp")),
    host="host server", port="port", auth=_SWAKS_AUTH, user="auth-user", secret="auth-password",
    check="tls-verify tls-ca-path", timeout="timeout",
    other="to from quit-after helo data body header attach tls-protocol tls-cipher tls-cert tls-key tls-sni",
)
_SWAKS_MAY = {"server", "s", "port", "p", "to", "t", "from", "f", "helo", "h", "data", "d", "timeout", "header", "body",
              "attach", "protocol", "quit-after", "q", "quit", "config", "li", "tls-protocol", "tlsp", "tls-cipher",
              "tls-cert", "tls-key", "tls-ca-path", "tls-sni", *_SWAKS_AUTH, "a", "ao", "aos", "au", "auth-user"}


def _swaks_words(words: list[Word]) -> Values:
    words, _ = command_of(words, "swaks")
    values: Values = {}
    for option in options(words, {"ap", "auth-password"}, _SWAKS_MAY):
        name = _SWAKS_SAME.get(option.name, option.name)
        if name in SWAKS.by_name and name != "host":
            values[name] = option.value if option.value is not None else Word("yes", option.line)
    return values


def _swaks_values(values: Values) -> Values:
    own = port_of(values.get("port"))
    take_address(values, "server")
    if own:
        values["port"] = own
    take_seconds(values, "timeout")
    return values


def _swaks_logs_in(g: Given) -> bool:
    """Whether swaks logs in; assumed where only options and no mail to send are given."""
    return not g.has("to") or g.has(*_SWAKS_AUTH, "auth-user", "auth-password") or str(
        g["protocol"]).endswith("a")


def _by_protocol(g: Given) -> str:
    return "" if g.has(*_SWAKS_MODES) else _SWAKS_PROTOCOLS.get(g["protocol"], "")


def _on_connect(g: Given) -> bool:
    return bool(g["tls-on-connect"]) or _by_protocol(g) == "c"


def _optional(g: Given) -> bool:
    return bool(g["tls-optional"] or g["tls-optional-strict"])


def _tls_in_tls(g: Given) -> bool:
    return _on_connect(g) and bool(g["tls"]) and not _optional(g)


_SWAKS_RULES = if_login_fails((
    error("swaks does not know this protocol and stops", lambda g: g["protocol"] is None, "swaks source"),
    implicit("-tlsc starts TLS at once; -tls then demands STARTTLS inside it, which no server offers there",
             lambda g: _tls_in_tls(g) and g.port % 1000 == 465, "swaks source", outcome=Outcome.STARTTLS_NOT_OFFERED),
    implicit("-tlsc (or --protocol SSMTP): TLS starts at once", _on_connect, _SWAKS),
    opportunistic("-tlso and -tlsos: STARTTLS where it is offered", _optional, _SWAKS),
    required("-tls (or --protocol ESMTPS): STARTTLS or nothing", lambda g: g["tls"] or _by_protocol(g) == "s", _SWAKS),
    plain("without a -tls option swaks never starts TLS", source=_SWAKS),
), lambda g: _swaks_logs_in(g) or g.has("quit-after"))
_SWAKS_NOTES = (
    Note("contradiction", "tls", "-tls and -tlsc exclude each other: -tls for port 587, -tlsc for 465", _tls_in_tls,
         "swaks source"),
    no_certificate_check("tls-verify", lambda g: not g.has("tls-verify"),
                         says="swaks checks no certificate without --tls-verify"),
    no_certificate_check("tls-verify", given("tls-verify"), says="--tls-verify of this swaks checks who signed the"
                         " certificate, not the host name in it"),
    Note("fallback-in-clear", "tls-optional", "with -tlso swaks also goes on in clear, with the password, where"
         " STARTTLS gets 454", lambda g: bool(g["tls-optional"]) and g.mode is Mode.OPPORTUNISTIC, "live"),
    password_in_clear("auth", _swaks_logs_in, says="swaks sends the password in clear to a server that offers AUTH"
                      " without TLS"),
    auth_incomplete("auth", "without --auth swaks does not log in, and a submission server refuses the mail",
                    _swaks_logs_in),
)
SWAKS = Framework(
    name="swaks", title="swaks", ecosystem="Command line", keys=SWAKS_KEYS, rules=_SWAKS_RULES,
    named_by=("swaks",),
    releases=(Release("20201014.0", (20201014, 0)),),
    forms={Mode.IMPLICIT: "swaks --server {host} --port {port} -tlsc",
           Mode.REQUIRED: "swaks --server {host} --port {port} -tls",
           Mode.OPPORTUNISTIC: "swaks --server {host} --port {port} -tlso",
           Mode.PLAIN: "swaks --server {host} --port {port}"},
    read=("command",), notes=_SWAKS_NOTES, default_port=lambda g: 465 if _on_connect(g) else 25,
    unoffered=lambda g: Unoffered.SKIPS if g.has(*_SWAKS_AUTH[1:]) else Unoffered.FAILS,
    credentials=_swaks_logs_in, password_in_clear=_swaks_logs_in, waits=(Timeout(30),),
    errors={Outcome.WRONG_VERSION_NUMBER: "*** TLS startup failed (connect(): ... wrong version number)",
            Outcome.HANG: "*** Timeout (30 secs) waiting for server response",
            Outcome.STARTTLS_NOT_OFFERED: "*** Host did not advertise STARTTLS",
            Outcome.REFUSED_NEEDS_TLS: "*** Host did not advertise authentication",
            Outcome.AUTH_NOT_OFFERED: "*** Host did not advertise authentication"},
    expand=_swaks_values, words=_swaks_words,
    says={"-tls": {"tls": True}, "-tlso": {"tls-optional": True}, "-tlsc": {"tls-on-connect": True}},
)
