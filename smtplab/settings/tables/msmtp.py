"""msmtp: one word, tls, means STARTTLS or TLS at once by the word beside it; no account logs in unless it says so.

Sources: msmtp(1) and msmtp's conf.c. msmtp 1.8.23 was run against loopback servers.
"""

from __future__ import annotations

import re
from itertools import groupby

from ..keys import Key, Values, keys
from ..model import Framework, Given, Mode, Note, NotPossible, Outcome, Release, Timeout
from ..reading import Word
from ..values import OneOf
from ..vocabulary import (
    auth_incomplete,
    error,
    given,
    if_login_fails,
    implicit,
    no_certificate_check,
    password_in_clear,
    plain,
    required,
)
from .options import command_of, options, port_of

_MSMTP = "msmtp(1) tls, tls_starttls, port; live"
_ON = OneOf(("on", "off", ""), otherwise='msmtp takes only on and off, and stops with "invalid argument"')
_SENDS = ("plain", "login", "xoauth2", "oauthbearer")  # asked for by name, these go in clear as well
MSMTP_KEYS = keys(
    mode=(Key("tls", _ON, "off"), Key("tls_starttls", _ON, "on")), host="host", port="port", user="user username",
    secret="password passwordeval",
    auth="auth", check="tls_certcheck tls_trust_file tls_fingerprint tls_crl_file tls_host_override", timeout="timeout",
    other="connect_timeout account protocol domain from from_full_name maildomain auto_from allow_from_override logfile"
    " logfile_time_format syslog aliases keepbcc source_ip proxy_host proxy_port socket eval dsn_notify dsn_return"
    " set_from_header set_date_header set_msgid_header add_missing_from_header add_missing_date_header"
    " remove_bcc_headers undisclosed_recipients ntlmdomain tls_key_file tls_cert_file tls_min_dh_prime_bits"
    " tls_priorities",
)
_MSMTP_TAKES = {"host", "port", "user", "from", "f", "a", "account", "C", "file", "domain", "timeout", "passwordeval",
                "protocol", "logfile", "X", "proxy-host", "proxy-port", "source-ip"}


def _msmtp_lines(words: list[Word]) -> list[list[Word]]:
    """The words by line; a semicolon before a known name also starts a line."""
    lines: list[list[Word]] = []
    for _, group in groupby(words, lambda w: w.line):
        lines.append([])
        for word in group:
            first, semicolon, rest = word.partition(";")
            if semicolon and (not rest or rest in MSMTP.by_name):
                lines[-1].append(Word(first, word.line))
                lines.append([Word(rest, word.line)] if rest else [])
            else:
                lines[-1].append(word)
    return [line for line in lines if line]


def _msmtp_words(words: list[Word]) -> Values:
    """The settings of an msmtprc for the account that would be used, of a command line, or of both."""
    start = next((i for i, w in enumerate(words) if w.rpartition("/")[2] == "msmtp"), None)
    if start is None:
        dashed = {w.line for w, before in zip(words, [None, *words], strict=False)
                  if w.startswith("-") and (before is None or before.line != w.line)}
        called, file = [w for w in words if w.line in dashed], [w for w in words if w.line not in dashed]
    else:
        called, file = command_of(words, "msmtp")[0], words[:start]
    lines = _msmtp_lines(file)
    base: Values = {}
    accounts: dict[str, Values] = {}
    current = base
    for name, *rest in lines:
        if name == "defaults":
            current = base = {}
        elif name == "account":
            called_so, _, parents = " ".join(rest).partition(":")
            current = accounts[called_so.strip()] = {**base}
            for parent in parents.replace(",", " ").split():
                current |= accounts.get(parent, {})
        elif "=" in name and name.partition("=")[0] in MSMTP.by_name:
            current[name.partition("=")[0]] = Word(name.partition("=")[2], name.line)
        elif name in MSMTP.by_name:
            current[name] = Word(" ".join(rest).removeprefix("= "), name.line)
        elif re.fullmatch(r"[a-z][a-z_]{2,30}", name) and len(rest) < 2:
            current[name] = Word("", name.line)  # not known: what stands behind it is not kept
    options_given = _msmtp_options(called)
    chosen = str(options_given.pop("a", "default"))
    account = accounts.get(chosen) or next(iter(accounts.values()), base)
    values = (base if "host" in options_given else account) | options_given
    if len(accounts) > 1 and chosen not in accounts:
        values["account"] = Word(next(iter(accounts)), 0)
    else:
        values.pop("account", None)
    return values


def _msmtp_options(words: list[Word]) -> Values:
    values: Values = {}
    for name, value, line in options(words, _MSMTP_TAKES):
        name = {"a": "a", "account": "a", "f": "from"}.get(name, name.replace("-", "_"))
        if name in MSMTP.by_name or name == "a":
            values[name] = value if value is not None else Word("", line)
    return values


def _msmtp_values(values: Values) -> Values:
    for name, value in values.items():
        if isinstance(value, bool):
            values[name] = "on" if value else "off"
    if port_of(values.get("port")):
        values["port"] = port_of(values["port"])
    return values


def _on(g: Given, name: str) -> bool:
    return g[name] in ("on", "")


def _method(g: Given) -> str:
    """How msmtp logs in: "off", "on" (the best safe method), or a method's name; a file without `auth` means "off"."""
    if g.has("auth"):
        return str(g.raw("auth")).strip().lower() or "on"
    return "off" if g.has("host") else "on"


def _msmtp_logs_in(g: Given) -> bool:
    return _method(g) != "off"


def _implicit_port(g: Given) -> int:
    return 465 if _on(g, "tls") and not _on(g, "tls_starttls") else 25


_MSMTP_RULES = if_login_fails((
    error('tls and tls_starttls take on or off; msmtp stops with "invalid argument ... for command"',
          lambda g: g["tls"] is None or g["tls_starttls"] is None, "live"),
    required("tls is on, and tls_starttls too (the default): STARTTLS or nothing",
             lambda g: _on(g, "tls") and _on(g, "tls_starttls"), _MSMTP),
    implicit("tls is on and tls_starttls is off: TLS starts at once", lambda g: _on(g, "tls"), _MSMTP),
    plain("tls is off (the default); msmtp gives up before it sends a password",
          lambda g: g.port == 25 and _msmtp_logs_in(g), _MSMTP, outcome=Outcome.REFUSED_NEEDS_TLS),
    plain("tls is off (the default): msmtp never starts TLS", source=_MSMTP),
), _msmtp_logs_in)
_MSMTP_NOTES = (
    Note("ineffective", "tls_starttls", "tls_starttls alone changes nothing: without \"tls on\" msmtp never starts TLS",
         lambda g: g.has("tls_starttls") and g.mode is Mode.PLAIN, "live"),
    Note("auth-refused", "auth", '"auth on" refuses to send a password without TLS; "auth plain" would send it',
         lambda g: g.mode is Mode.PLAIN and _method(g) == "on", "live"),
    password_in_clear("auth", lambda g: _method(g) in _SENDS, says="a method asked for by name, such as \"auth plain\","
                      " sends the password without TLS too"),
    auth_incomplete("auth", "without \"auth on\" msmtp does not log in, and a submission server refuses the mail",
                    _msmtp_logs_in, "msmtp(1) auth"),
    no_certificate_check("tls_certcheck", lambda g: str(g.raw("tls_certcheck")) == "off", "msmtp(1) tls_certcheck",
                         "tls_certcheck off: the server's certificate is not checked"),
    Note("account", "account", "no account is called default, so msmtp needs one by name (-a); the first is read here",
         given("account"), "live"),
)
_ACCOUNT = "account default\nhost {host}\nport {port}\nauth on\ntls "
MSMTP = Framework(
    name="msmtp", title="msmtp", ecosystem="Command line", keys=MSMTP_KEYS, rules=_MSMTP_RULES,
    named_by=("msmtp", "msmtprc"),
    releases=(Release("1.8.23", (1, 8, 23)),),
    forms={Mode.IMPLICIT: _ACCOUNT + "on\ntls_starttls off", Mode.REQUIRED: _ACCOUNT + "on",
           Mode.OPPORTUNISTIC: NotPossible("msmtp has no \"where it is offered\": tls on means STARTTLS or nothing"),
           Mode.PLAIN: _ACCOUNT + "off"},
    read=("command",), aliases=("msmtprc",), notes=_MSMTP_NOTES, default_port=_implicit_port,
    credentials=_msmtp_logs_in, password_in_clear=lambda g: _method(g) in _SENDS, waits=(Timeout(None),),
    errors={Outcome.WRONG_VERSION_NUMBER: "msmtp: TLS handshake failed: An unexpected TLS packet was received.",
            Outcome.STARTTLS_NOT_OFFERED: "msmtp: the server does not support TLS via the STARTTLS command",
            Outcome.REFUSED_NEEDS_TLS: "msmtp: the server does not support authentication",
            Outcome.AUTH_NOT_OFFERED: "msmtp: the server does not support authentication"},
    namespace=r"^(?:tls|start)_?\w*$", expand=_msmtp_values, words=_msmtp_words,
    says={"tls on": {"tls": "on"}, "tls on + tls_starttls off": {"tls": "on", "tls_starttls": "off"},
          "tls_starttls on": {"tls_starttls": "on"}},
)
