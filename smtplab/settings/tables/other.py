"""Erlang, Elixir and Rust: gen_smtp, Swoosh's SMTP adapter on top of it, and lettre.

Sources: gen_smtp src/gen_smtp_client.erl (connect/2, try_STARTTLS/3, try_AUTH/3), run against loopback servers on
OTP 25; swoosh lib/swoosh/adapters/smtp.ex (gen_smtp_config, its documentation); lettre src/transport/smtp/transport.rs,
connection_url.rs, mod.rs (read, not run).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

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
    Outcome,
    Release,
    Role,
    Rule,
    Unoffered,
    Waits,
    other_keys,
    port_key,
)
from ..reading import Call, Computed, Word
from ..standard import MX, SUBMISSION, SUBMISSIONS, server_of
from ..values import ABSENT, Complaint, Hidden, Words, shown


@dataclass(frozen=True)
class Atom:
    """A flag that the atom true alone switches on, as in `case Ssl of true -> ...; _ -> ... end`."""

    otherwise: str = "it silently counts as false"

    def read(self, value: object) -> bool:
        """Whether `value` is the atom itself, no text."""
        return value is True

    def complaint(self, value: object) -> Complaint | None:
        """Anything that is neither atom."""
        if isinstance(value, bool) or value is None:
            return None
        return Complaint("unknown-value", f"{shown(value)} is not the atom true: {self.otherwise}")


_TLS_WORDS = ("always", "never", "if_available")
_STARTTLS, _CLIENT = "gen_smtp_client.erl try_STARTTLS/3; live", "gen_smtp_client.erl connect/2; live"
_OTP_CHECKS = (26,)  # ssl verifies by default since


def _in_tls(g: Given) -> bool:
    return g["ssl"] and g["tls"] == "always"


_ERLANG_RULES = (
    Rule(IMPLICIT, "ssl is true, so TLS starts at once; tls is always, so STARTTLS is then demanded inside TLS, where"
                   " no server offers it", lambda g: _in_tls(g) and server_of(g.port, IMPLICIT) == SUBMISSIONS,
         _STARTTLS, outcome=Outcome.STARTTLS_NOT_OFFERED),
    Rule(IMPLICIT, "ssl is true: TLS starts at once", lambda g: g["ssl"], _CLIENT),
    Rule(REQUIRED, "tls is always: STARTTLS or nothing", lambda g: g["tls"] == "always", _STARTTLS),
    Rule(OPPORTUNISTIC, "tls is if_available (the default): STARTTLS where it is offered",
         lambda g: g["tls"] == "if_available", _STARTTLS),
    Rule(PLAIN, "tls is never, or no word that gen_smtp knows: STARTTLS is never used", source=_STARTTLS),
)


def _login(g: Given) -> str:
    value = g.raw("auth")
    return str(value).lstrip(":") if value is not ABSENT else "if_available"


def _unchecked(g: Given) -> bool:
    said = str(next((g.raw(n) for n in ("sockopts.verify", "tls_options.verify", "verify") if g.has(n)), ""))
    return g.mode not in (PLAIN, ERROR) and ("none" in said or (
        "peer" not in said and said != "(computed)" and g.part("otp") < _OTP_CHECKS))


def _atoms(values: dict[str, object]) -> dict[str, object]:
    """Elixir's :always is Erlang's always."""
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
    "gen_smtp", "gen_smtp (Erlang)", "Erlang and Elixir",
    (Key("ssl", Atom(), False), Key("tls", Words(_TLS_WORDS, otherwise="it silently counts as never"), "if_available"),
     port_key(), *other_keys(Role.HOST, "relay"), *other_keys(Role.USER, "username"),
     *other_keys(Role.SECRET, "password"), *other_keys(Role.AUTH, "auth"),
     *other_keys(Role.CHECK, "verify", "tls_options.verify", "sockopts.verify", "cacerts", "cacertfile", "tls_options",
                 "sockopts"),
     *other_keys(Role.OTHER, "hostname", "retries", "no_mx_lookups", "protocol", "server_name_indication", "depth",
                 "versions", "on_transaction_error")),
    _ERLANG_RULES, (Release("1.2.0+ (185c54d)", (1, 2), {"otp": (25,)}),),
    {IMPLICIT: _ERLANG % ",\n {ssl, true}", REQUIRED: _ERLANG % ",\n {tls, always}", OPPORTUNISTIC: _ERLANG % "",
     PLAIN: _ERLANG % ",\n {tls, never}"}, ("code",), ("gensmtp", "erlang", "gen_smtp_client"), _ERLANG_NOTES,
    default_port=lambda g: SUBMISSIONS if g["ssl"] else MX,
    unoffered=lambda g: Unoffered.FAILS if _login(g) == "always" else Unoffered.SKIPS,
    password_in_clear=lambda g: False if _login(g) == "never" else None,
    waits=(Waits(1200, source="gen_smtp_client.erl:51, :872"),),
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


def _swoosh(values: dict[str, object]) -> dict[str, object]:
    """Texts become atoms (System.get_env gives texts)."""
    values = _atoms(values)
    return {n: _SWITCHES.get(v, v) if n == "ssl" and isinstance(v, str) else v for n, v in values.items()}


def _no_atom(g: Given) -> bool:
    known = {"ssl": _SWITCHES, "tls": _TLS_WORDS, "auth": ("always", "if_available")}
    return any(isinstance(g.values.get(n), str) and g.values[n] not in words for n, words in known.items())


_TEXTS = "as a text it raises an ArgumentError in Swoosh, as anything else it counts as "
SWOOSH = replace(
    GEN_SMTP, keys=(Key("ssl", Atom(_TEXTS + "false"), False),
                    Key("tls", Words(_TLS_WORDS, otherwise=_TEXTS + "never"), "if_available"), *GEN_SMTP.keys[2:]),
    name="swoosh", title="Swoosh (SMTP adapter)", read=("code", "yaml"), expand=_swoosh,
    aliases=("swooshsmtp", "elixir", "phoenix"), releases=(Release("2026-07 (e937dbb)", (1, 99), {"otp": (25,)}),),
    rules=(Rule(ERROR, "Swoosh takes only true, false for ssl, :always, :never, :if_available for tls, and raises an"
                       " ArgumentError", _no_atom, "smtp.ex gen_smtp_config"), *_ERLANG_RULES),
    notes=(*_ERLANG_NOTES,
           Note("documented-example", "tls", "ssl: true with tls: :always is the example of Swoosh's own documentation,"
                " and fails on every usual server", _in_tls, "swoosh smtp.ex moduledoc; gen_smtp run")),
    forms={IMPLICIT: _CONFIG % ",\n  ssl: true", REQUIRED: _CONFIG % ",\n  tls: :always", OPPORTUNISTIC: _CONFIG % "",
           PLAIN: _CONFIG % ",\n  tls: :never"},
    parts={"itself": r"(?:swoosh\D{0,3}|^)(\d[\d.]*)", "otp": r"OTP\D{0,3}([\d.]+)"},
    says={"ssl: true": {"ssl": True}, "tls: :always": {"tls": "always"}},
)

_RELAY, _URL = "lettre transport.rs", "lettre connection_url.rs from_connection_url"
_MODES = {"relay": "Wrapper", "starttls_relay": "Required", "builder_dangerous": "None",
          "unencrypted_localhost": "None"}
_PARAMETERS = {"required": "Required", "opportunistic": "Opportunistic"}


def _url_of(g: Given) -> tuple[str, str | None]:
    """The scheme of the URL, "" without one, and its ?tls=, None without one."""
    text = str(g.raw("url")) if g.has("url") else ""
    scheme, _, rest = text.partition("://")
    return scheme.lower(), dict(parse_qsl(rest.partition("?")[2], keep_blank_values=True)).get("tls")


def _tls_of(g: Given) -> str | None:
    """The variant of `Tls` in force: the last .tls(), else the URL's, else the builder's kind; None is an error."""
    if g.has("tls"):
        return g["tls"]
    scheme, tls = _url_of(g)
    if not scheme:
        return _MODES.get(str(g.raw("builder")), "None")
    if scheme == "smtps":
        return "Wrapper"
    return None if scheme != "smtp" else "None" if tls is None else _PARAMETERS.get(tls)


def _take_url(values: dict[str, object]) -> dict[str, object]:
    """A URL's parts; of name and password only that they are there."""
    text = str(values.get("url", ""))[:500]
    if "://" not in text:
        values.pop("url", None)
        return values
    try:
        url = urlsplit(text)
        port, host, password = url.port, url.hostname, url.password
    except ValueError:
        values["url"] = "(no URL)://"
        return values
    values["url"] = f"{url.scheme}://{'...@' if url.username else ''}{text.partition('://')[2].rpartition('@')[2]}"
    for name, value in (("port", port), ("host", host), ("credentials", password and Hidden(True))):
        if value:
            values.setdefault(name, value)
    return values


def _lettre_port(g: Given) -> int:
    scheme, tls = _url_of(g)
    if scheme:
        return SUBMISSIONS if scheme == "smtps" else MX if tls is None else SUBMISSION
    return {"relay": SUBMISSIONS, "starttls_relay": SUBMISSION}.get(str(g.raw("builder")), MX)


def _made(call: Call) -> dict[str, object]:
    host = call.arguments[0] if call.arguments else "localhost"
    return {"builder": call.name, "host": host}


def _first(name: str):
    return lambda call: {name: call.arguments[0]} if call.arguments and call.arguments[0] != "" else {}


def _variant(call: Call) -> dict[str, object]:
    """.tls(Tls::None); Tls::Required(...) is a call of its own."""
    said = call.arguments[0] if call.arguments else Computed()
    return {"tls": said.rpartition("::")[2]} if isinstance(said, str) and "::" in said else {}


def _words(words: list[Word]) -> dict[str, object]:
    """A URL alone, or in an environment variable."""
    url = next((Word(m[0], w.line) for w in words if (m := re.search(r"smtps?://\S+", w))), None)
    return {"url": url} if url else {}


_LETTRE_RULES = (
    Rule(ERROR, "neither relay() nor any other builder, nor a URL, is here: no transport is made of this",
         lambda g: not g.has("builder", "url", "tls"), _RELAY),
    Rule(ERROR, "lettre knows no such scheme or ?tls= parameter: from_url gives an error",
         lambda g: _tls_of(g) is None, _URL),
    Rule(IMPLICIT, "Tls::Wrapper (relay(), smtps://): TLS starts at once", lambda g: _tls_of(g) == "Wrapper", _RELAY),
    Rule(REQUIRED, "Tls::Required (starttls_relay(), ?tls=required): STARTTLS or nothing",
         lambda g: _tls_of(g) == "Required", _RELAY),
    Rule(OPPORTUNISTIC, "Tls::Opportunistic (?tls=opportunistic): STARTTLS where it is offered",
         lambda g: _tls_of(g) == "Opportunistic", _RELAY),
    Rule(PLAIN, "Tls::None (builder_dangerous(), smtp:// without ?tls=): TLS is never used", source=_RELAY),
)
LETTRE = Framework(
    "lettre", "lettre", "Rust",
    (Key("builder"), Key("url", aliases=("SMTP_URL", "smtp_url")),
     Key("tls", Words(("Wrapper", "Required", "Opportunistic", "None"))), port_key("port", "SMTP_PORT"),
     *other_keys(Role.HOST, "host"), *other_keys(Role.USER, "user"),
     *other_keys(Role.SECRET, "credentials", "password"),
     *other_keys(Role.CHECK, "dangerous_accept_invalid_certs", "dangerous_accept_invalid_hostnames"),
     Key("timeout", role=Role.TIMEOUT)),
    _LETTRE_RULES, (Release("0.11.21", (0, 11, 21)),),
    {IMPLICIT: 'SmtpTransport::relay("{host}")?.port({port}).build()',
     REQUIRED: 'SmtpTransport::starttls_relay("{host}")?.port({port}).build()',
     OPPORTUNISTIC: 'SmtpTransport::from_url("smtp://{host}:{port}?tls=opportunistic")?.build()',
     PLAIN: 'SmtpTransport::builder_dangerous("{host}").port({port}).build()'}, ("code", "command"), ("rust",),
    (Note("no-tls", "url", "smtp:// without ?tls= is never encrypted, on any port: add ?tls=required, or say smtps://",
          lambda g: _url_of(g) == ("smtp", None) and g.mode is PLAIN, _URL),
     Note("port-does-not-choose", "port", ".port() does not change the mode of relay(), which is implicit TLS: on port"
          " {port} use starttls_relay()", lambda g: g.raw("builder") == "relay" and g.mode is IMPLICIT and server_of(
              g.port, IMPLICIT) != SUBMISSIONS, _RELAY),
     Note("redundant", "builder", ".tls() has the last word on the mode", lambda g: g.has("tls"), _RELAY),
     Note("port-does-not-choose", "port", ".port() does not change the mode of starttls_relay(): on port {port} use"
          " relay()", lambda g: g.raw("builder") == "starttls_relay" and g.mode is REQUIRED
          and server_of(g.port, REQUIRED) == SUBMISSIONS, _RELAY),
     Note("ineffective", "url", "smtps:// does not look at ?tls=: TLS starts at once",
          lambda g: _url_of(g)[0] == "smtps" and _url_of(g)[1] is not None, _URL),
     Note("no-certificate-check", "dangerous_accept_invalid_certs", "any certificate, or any name in it, is accepted",
          lambda g: any(g.has(n) and g.raw(n) is True for n in (
              "dangerous_accept_invalid_certs", "dangerous_accept_invalid_hostnames")) and g.mode not in (PLAIN, ERROR),
          "lettre client/tls.rs")),
    default_port=_lettre_port, unoffered=Unoffered.FAILS,
    credentials=lambda g: g.has("credentials") or g.has("password"),
    waits=(Waits(None, lambda g: g.raw("timeout") == "None", "lettre transport.rs timeout"),
           Waits(60, source="lettre mod.rs DEFAULT_TIMEOUT")),
    calls={**dict.fromkeys(_MODES, _made), "from_url": _first("url"), "port": _first("port"), "tls": _variant,
           **{n: lambda call: {"tls": call.name} for n in ("Wrapper", "Required", "Opportunistic")},
           "credentials": lambda call: {"credentials": True}, "Credentials::new": lambda call: {"credentials": True},
           "from_secs": _first("timeout"),
           "timeout": lambda call: {"timeout": "None"} if call.arguments == (None,) else {},
           "dangerous_accept_invalid_certs": _first("dangerous_accept_invalid_certs"),
           "dangerous_accept_invalid_hostnames": _first("dangerous_accept_invalid_hostnames")},
    words=_words, expand=_take_url,
    says={"relay()": {"builder": "relay"}, "starttls_relay()": {"builder": "starttls_relay"}},
)
FRAMEWORKS = (GEN_SMTP, SWOOSH, LETTRE)
