"""Erlang and Elixir: gen_smtp, and Swoosh's SMTP adapter on top of it.

Sources: gen_smtp src/gen_smtp_client.erl (connect/2, try_STARTTLS/3, try_AUTH/3), run against loopback servers on
OTP 25; swoosh lib/swoosh/adapters/smtp.ex (gen_smtp_config, its documentation; read, not run).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..keys import Key, Values, keys
from ..model import Framework, Given, Mode, Note, Outcome, Release, Timeout, Unoffered
from ..standard import MX, SUBMISSIONS, server_of
from ..values import ABSENT, Complaint, OneOf, shown
from ..vocabulary import error, implicit, opportunistic, over_tls, plain, required


@dataclass(frozen=True)
class Atom:
    """A flag that the atom true alone switches on, as in `case Ssl of true -> ...; _ -> ... end`."""

    otherwise: str = "it silently counts as false"

    def read(self, value: object) -> bool:
        """Whether `value` is the atom true, not a string."""
        return value is True

    def complaint(self, value: object) -> Complaint | None:
        """Whether it is neither of the atoms true and false."""
        if isinstance(value, bool) or value is None:
            return None
        return Complaint("unknown-value", f"{shown(value)} is not the atom true: {self.otherwise}")


_TLS_WORDS = ("always", "never", "if_available")
_STARTTLS, _CLIENT = "gen_smtp_client.erl try_STARTTLS/3; live", "gen_smtp_client.erl connect/2; live"
_OTP_CHECKS = (26,)  # ssl verifies by default since


def _in_tls(g: Given) -> bool:
    return g["ssl"] and g["tls"] == "always"


_ERLANG_RULES = (
    implicit("ssl is true, so TLS starts at once; tls is always, so STARTTLS is then demanded inside TLS, where no"
             " server offers it", lambda g: _in_tls(g) and server_of(g.port, Mode.IMPLICIT) == SUBMISSIONS, _STARTTLS,
             outcome=Outcome.STARTTLS_NOT_OFFERED),
    implicit("ssl is true: TLS starts at once", lambda g: g["ssl"], _CLIENT),
    required("tls is always: STARTTLS or nothing", lambda g: g["tls"] == "always", _STARTTLS),
    opportunistic("tls is if_available (the default): STARTTLS where it is offered",
                  lambda g: g["tls"] == "if_available", _STARTTLS),
    plain("tls is never, or no word that gen_smtp knows: STARTTLS is never used", source=_STARTTLS),
)


def _login(g: Given) -> str:
    value = g.raw("auth")
    return str(value).lstrip(":") if value is not ABSENT else "if_available"


def _unchecked(g: Given) -> bool:
    said = str(next((g.raw(n) for n in ("sockopts.verify", "tls_options.verify", "verify") if g.has(n)), ""))
    return over_tls(g) and ("none" in said
                            or ("peer" not in said and said != "(computed)" and g.part("otp") < _OTP_CHECKS))


def _atoms(values: Values) -> Values:
    """Elixir's atoms (:always) as Erlang writes them (always)."""
    return {n: v.lstrip(":") if isinstance(v, str) and re.fullmatch(r":\w{1,40}", v) else v for n, v in values.items()}


_ERLANG_NOTES = (
    Note("contradiction", "tls", "ssl: true with tls: always cannot work: STARTTLS is demanded inside TLS, and no"
         " server offers it there ({{missing_requirement, tls}}). Take tls out on port 465, ssl out on 587", _in_tls,
         _STARTTLS),
    Note("no-certificate-check", "verify", "the server's certificate is not checked (by default it is not before OTP"
         " 26): give verify_peer and cacerts, in sockopts for ssl, in tls_options for STARTTLS", _unchecked, "live"),
    Note("ineffective", "tls_options.verify", "with ssl: true the TLS options are taken from sockopts; tls_options are"
         " for STARTTLS only", lambda g: g["ssl"] and g.has("tls_options.verify"),
         "gen_smtp_client.erl; Swoosh's manual"),
    Note("redundant", "tls", "ssl: true starts TLS at once; tls is then not needed",
         lambda g: g["ssl"] and g.has("tls") and g["tls"] in ("never", "if_available"), _STARTTLS),
    Note("auth-incomplete", "auth", "auth is never: user name and password are not used",
         lambda g: _login(g) == "never" and g.has("username"), "gen_smtp_client.erl try_AUTH/3"),
)
_ERLANG = """\
[{relay, "{host}"},
 {port, {port}}%s]"""
GEN_SMTP = Framework(
    name="gen_smtp", title="gen_smtp (Erlang)", ecosystem="Erlang and Elixir",
    comment="%", named_by=("gen_smtp", "gen_smtp_client"),
    keys=keys(
        mode=(
            Key("ssl", Atom(), False),
            Key("tls", OneOf(_TLS_WORDS, otherwise="it silently counts as never"), "if_available"),
        ),
        port="port", host="relay", user="username", secret="password", auth="auth",
        check="verify tls_options.verify sockopts.verify cacerts cacertfile tls_options sockopts",
        other="hostname retries no_mx_lookups protocol server_name_indication depth versions on_transaction_error",
    ),
    rules=_ERLANG_RULES, releases=(Release("1.2.0+ (185c54d)", (1, 2), {"otp": (25,)}),),
    forms={Mode.IMPLICIT: _ERLANG % ",\n {ssl, true}", Mode.REQUIRED: _ERLANG % ",\n {tls, always}",
           Mode.OPPORTUNISTIC: _ERLANG % "", Mode.PLAIN: _ERLANG % ",\n {tls, never}"},
    aliases=("gensmtp", "erlang", "gen_smtp_client"), notes=_ERLANG_NOTES,
    default_port=lambda g: SUBMISSIONS if g["ssl"] else MX,
    unoffered=lambda g: Unoffered.FAILS if _login(g) == "always" else Unoffered.SKIPS,
    password_in_clear=lambda g: _login(g) != "never", waits=(Timeout(1200, source="gen_smtp_client.erl:51, :872"),),
    errors={Outcome.WRONG_VERSION_NUMBER: "{unsupported_record_type,50}",
            Outcome.STARTTLS_NOT_OFFERED: '{missing_requirement,"...",tls}'},
    namespace=r"^(?:ssl|tls)\w*$", expand=_atoms,
    parts={"itself": r"(?:gen_?smtp\D{0,3}|^)(\d[\d.]*)", "otp": r"OTP\D{0,3}([\d.]+)"},
    says={"{ssl, true}": {"ssl": True}, "{tls, always}": {"tls": "always"}},
)
_CONFIG = """\
config :sample, Sample.Mailer,
  adapter: Swoosh.Adapters.SMTP,
  relay: "{host}",
  port: {port}%s"""
_SWITCHES = {"true": True, "false": False}


def _swoosh(values: Values) -> Values:
    """Strings as atoms: System.get_env returns strings."""
    values = _atoms(values)
    return {n: _SWITCHES.get(v, v) if n == "ssl" and isinstance(v, str) else v for n, v in values.items()}


def _no_atom(g: Given) -> bool:
    known = {"ssl": _SWITCHES, "tls": _TLS_WORDS, "auth": ("always", "if_available")}
    return any(isinstance(g.values.get(n), str) and g.values[n] not in words for n, words in known.items())


_TEXTS = "as a text it raises an ArgumentError in Swoosh, as anything else it counts as "
SWOOSH = replace(
    GEN_SMTP,
    keys=(*keys(mode=(Key("ssl", Atom(_TEXTS + "false"), False),
                      Key("tls", OneOf(_TLS_WORDS, otherwise=_TEXTS + "never"), "if_available"))), *GEN_SMTP.keys[2:]),
    name="swoosh", title="Swoosh (SMTP adapter)", read=("code", "yaml"), expand=_swoosh,
    comment="#", named_by=("swoosh", "phoenix", "gen_smtp"),
    aliases=("swooshsmtp", "elixir", "phoenix"), releases=(Release("2026-07 (e937dbb)", (1, 99), {"otp": (25,)}),),
    rules=(
        error("Swoosh takes only true, false for ssl, :always, :never, :if_available for tls, and raises an"
              " ArgumentError", _no_atom, "smtp.ex gen_smtp_config"),
        *_ERLANG_RULES,
    ),
    notes=(
        *_ERLANG_NOTES,
        Note("documented-example", "tls", "ssl: true with tls: :always is the example of Swoosh's own documentation,"
             " and fails on every usual server", _in_tls, "swoosh smtp.ex moduledoc; gen_smtp run"),
    ),
    forms={Mode.IMPLICIT: _CONFIG % ",\n  ssl: true", Mode.REQUIRED: _CONFIG % ",\n  tls: :always",
           Mode.OPPORTUNISTIC: _CONFIG % "", Mode.PLAIN: _CONFIG % ",\n  tls: :never"},
    parts={"itself": r"(?:swoosh\D{0,3}|^)(\d[\d.]*)", "otp": r"OTP\D{0,3}([\d.]+)"},
    says={"ssl: true": {"ssl": True}, "tls: :always": {"tls": "always"}},
)
