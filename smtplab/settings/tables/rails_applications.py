"""Applications on Rails: Mastodon and Discourse turn variables of the environment into ActionMailer's settings.

Sources: mastodon config/email.yml and lib/mastodon/email_configuration_helper.rb (4.4, and 4.5 after pull request
36646), config/environments/production.rb (before 4.4; 3.5 after 17216, 4.0 after 20321); discourse
app/models/global_setting.rb (smtp_settings, BaseProvider.coerce), config/discourse_defaults.conf. The mapping of 4.4
was run; what mail and net-smtp make of it was measured, see ruby.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..keys import Key, keys, spelled
from ..model import (
    Errors,
    Forms,
    Framework,
    Given,
    Mode,
    Note,
    NotPossible,
    Outcome,
    Release,
    Timeout,
    When,
)
from ..values import Complaint, shown
from ..vocabulary import (
    error,
    hangs,
    if_login_fails,
    implicit,
    no_certificate_check,
    not_empty,
    opportunistic,
    password_first,
    plain,
    required,
    sent_anyway,
)
from .options import environment
from .ruby import RAILS, logins_in_clear


def _word(g: Given, name: str) -> str:
    """A variable's text; "" where it is not set."""
    value = g.raw(name) if g.has(name) else None
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _unchecked(name: str, unless: When = lambda g: False) -> Note:
    return no_certificate_check(name, lambda g: _word(g, name).lower() == "none" and not unless(g), "net-smtp; live")


def _method(name: str) -> Callable[[Given], str]:
    """The way to log in, of the variable of that name, in small letters."""
    return lambda g: _word(g, name).lower()


def _errors(method: str) -> Errors:
    """What Rails prints, logging in by this method."""
    return RAILS.errors(Given(RAILS, RAILS.releases[-1], {"authentication": method}, None)) | {
        Outcome.AUTH_MISSING: "Net::SMTPAuthenticationError: 530 5.7.0 Authentication required"}


def _logs_in(g: Given) -> object:
    return g.framework.credentials(g)

# Mastodon

_HELPER = "mastodon lib/mastodon/email_configuration_helper.rb"
_PRODUCTION = "mastodon config/environments/production.rb"
_EXACT, _ALWAYS, _YML, _MENDED = (3, 5), (4, 0), (4, 4), (4, 5)
_WORDS = ("always", "never", "auto")


def _tls(g: Given) -> bool:
    """Whether TLS at once is on: since 3.5 by the word true, before by any word."""
    said = [_word(g, name) for name in ("SMTP_TLS", "SMTP_SSL")]
    return "true" in said if g.numbers >= _EXACT else any(said)


def _starttls(g: Given) -> str:
    """What SMTP_ENABLE_STARTTLS says: always, never, auto, or "" for anything else."""
    said = _word(g, "SMTP_ENABLE_STARTTLS")
    if said == "false" and g.numbers >= _MENDED:
        return "never"
    return said if said in _WORDS else ""


def _auto(g: Given) -> bool:
    """Whether SMTP_ENABLE_STARTTLS_AUTO leaves STARTTLS on; 4.4 compares a boolean with a text, so it always does."""
    read = _EXACT <= g.numbers < _YML or g.numbers >= _MENDED
    return not (read and _word(g, "SMTP_ENABLE_STARTTLS_AUTO") == "false")


def _exclusive(g: Given) -> bool:
    """Whether TLS and STARTTLS are both on, which mail 2.9 refuses; since 4.5 STARTTLS is off beside TLS by default."""
    if not _tls(g) or g.part("mail") < (2, 9):
        return False
    return _starttls(g) in ("always", "auto") or (not _starttls(g) and g.numbers < _MENDED and _auto(g))


def _skips(g: Given) -> bool:
    """Whether SMTP_SSL=false became ssl: false, for which mail 2.8 skips all STARTTLS settings."""
    return (4, 1) <= g.numbers < _YML and not _tls(g) and bool(_word(g, "SMTP_SSL"))


def _wrong_method(g: Given) -> bool:
    known = ("", "none", "plain", "login", "cram_md5", "xoauth2", "(computed)")
    return _word(g, "SMTP_AUTH_METHOD").lower() not in known


def _odd(name: str) -> Note:
    return Note("unknown-value", name, f"only the exact word true switches {name} on: this is neither true nor false,"
                " and counts as not set", lambda g: _word(g, name) not in ("", "true", "false"), _HELPER, _EXACT)


def _any_word(name: str) -> Note:
    return Note("truthy", name, f"before 3.5 any text switches {name} ON, \"false\" too: leave it out",
                lambda g: _word(g, name) not in ("", "true"), _PRODUCTION, (), _EXACT)


_mastodon_logs_in = not_empty("SMTP_LOGIN")
_mastodon_method = _method("SMTP_AUTH_METHOD")


def _mastodon_forms(g: Given) -> Forms:
    bare = "SMTP_SERVER={host}\nSMTP_PORT={port}"
    if g.numbers < _ALWAYS:
        off = "\nSMTP_ENABLE_STARTTLS_AUTO=false"
        return {Mode.IMPLICIT: bare + "\nSMTP_TLS=true", Mode.OPPORTUNISTIC: bare,
                Mode.REQUIRED: NotPossible("Mastodon before 4.0 has no setting that requires STARTTLS"),
                Mode.PLAIN: bare + off if g.numbers >= _EXACT else NotPossible(
                    "before 3.5 SMTP_ENABLE_STARTTLS_AUTO=false counts as true, as any text does in Ruby")}
    # mail 2.9 wants STARTTLS off beside TLS, and before 4.5 it isn't by itself.
    alone = "" if g.numbers >= _MENDED else "\nSMTP_ENABLE_STARTTLS=never"
    return {Mode.IMPLICIT: f"{bare}\nSMTP_TLS=true{alone}", Mode.REQUIRED: bare + "\nSMTP_ENABLE_STARTTLS=always",
            Mode.OPPORTUNISTIC: bare, Mode.PLAIN: bare + "\nSMTP_ENABLE_STARTTLS=never"}


MASTODON = Framework(
    name="mastodon", title="Mastodon", ecosystem="Ruby",
    named_by=("mastodon",),
    keys=keys(
        mode=(Key("SMTP_TLS", default="false"), Key("SMTP_SSL", default="false"),
              Key("SMTP_ENABLE_STARTTLS", default="auto", since=_ALWAYS),
              Key("SMTP_ENABLE_STARTTLS_AUTO", default="true")), port="SMTP_PORT", host="SMTP_SERVER",
        user="SMTP_LOGIN", secret="SMTP_PASSWORD", auth="SMTP_AUTH_METHOD",
        check="SMTP_OPENSSL_VERIFY_MODE SMTP_CA_FILE",
        other="SMTP_FROM_ADDRESS SMTP_REPLY_TO SMTP_RETURN_PATH SMTP_DOMAIN SMTP_DELIVERY_METHOD",
    ),
    rules=if_login_fails((
        error("SMTP_AUTH_METHOD is none, plain, login or cram_md5; net-smtp raises an ArgumentError for all else",
              _wrong_method, "net-smtp check_auth_method; live"),
        error("TLS at once and STARTTLS are both on, and mail 2.9 calls them mutually exclusive", _exclusive,
              "mikel/mail smtp.rb 2.9.1; live"),
        implicit("SMTP_TLS (or SMTP_SSL) is true: TLS starts at once", _tls, _HELPER),
        opportunistic("SMTP_SSL is set and not true, which becomes ssl: false, and mail 2.8 then skips all STARTTLS"
                      " settings: net-smtp takes STARTTLS where it is offered", _skips,
                      _PRODUCTION + "; mail 2.8.1 live"),
        required("SMTP_ENABLE_STARTTLS is always: STARTTLS or nothing", lambda g: _starttls(g) == "always", _HELPER,
                 _ALWAYS),
        plain("SMTP_ENABLE_STARTTLS is never: STARTTLS is not used", lambda g: _starttls(g) == "never", _HELPER,
              _ALWAYS),
        plain("SMTP_ENABLE_STARTTLS_AUTO is false: STARTTLS is not used", lambda g: not _starttls(g) and not _auto(g),
              _HELPER),
        opportunistic("nothing else is said: STARTTLS where it is offered", source=_HELPER),
    ), _mastodon_logs_in),
    releases=(Release("4.4-ish", _YML, {"mail": (2, 8, 1)}), Release("4.5+", _MENDED, {"mail": (2, 9)})),
    forms=_mastodon_forms, read=("assignments", "yaml", "command", "code"), aliases=(".env.production",),
    notes=(
        _odd("SMTP_TLS"),
        _odd("SMTP_SSL"),
        _any_word("SMTP_TLS"),
        _any_word("SMTP_SSL"),
        Note("unknown-value", "SMTP_ENABLE_STARTTLS", "SMTP_ENABLE_STARTTLS takes always, never or auto, in small"
             " letters: with anything else SMTP_ENABLE_STARTTLS_AUTO decides, which is on by default",
             lambda g: _word(g, "SMTP_ENABLE_STARTTLS") and not _starttls(g), _HELPER, _ALWAYS),
        Note("ineffective", "SMTP_ENABLE_STARTTLS_AUTO", "false changes nothing in 4.4: email.yml makes a boolean of"
             " it, and the helper compares that with the text 'false'. Say SMTP_ENABLE_STARTTLS=never",
             lambda g: _word(g, "SMTP_ENABLE_STARTTLS_AUTO") == "false", _HELPER, _YML, _MENDED),
        Note("truthy", "SMTP_ENABLE_STARTTLS_AUTO", "before 3.5 \"false\" is a text like any other, and leaves STARTTLS"
             " on", lambda g: _word(g, "SMTP_ENABLE_STARTTLS_AUTO") == "false", _PRODUCTION, (), _EXACT),
        Note("contradiction", "SMTP_TLS", "mail 2.9 refuses TLS at once together with STARTTLS, which is on by default"
             " before Mastodon 4.5: add SMTP_ENABLE_STARTTLS=never", _exclusive, _HELPER + "; mail 2.9.1 live", (),
             _MENDED),
        Note("contradiction", "SMTP_TLS", "mail 2.9 refuses TLS at once together with STARTTLS: take"
             " SMTP_ENABLE_STARTTLS out", _exclusive, _HELPER + "; mail 2.9.1 live", _MENDED),
        Note("misleading-name", "SMTP_TLS", "SMTP_TLS (and SMTP_SSL) mean TLS at once, for port 465; for STARTTLS on"
             " port {port} say SMTP_ENABLE_STARTTLS=always alone", lambda g: g.outcome is Outcome.WRONG_VERSION_NUMBER,
             _HELPER, _ALWAYS),
        Note("breaks-later", "SMTP_TLS", "with mail 2.9 this is an ArgumentError, since STARTTLS stays on beside TLS:"
             " add SMTP_ENABLE_STARTTLS=never",
             lambda g: g.mode is Mode.IMPLICIT and not _exclusive(g) and _starttls(g) != "never",
             _HELPER + "; mail 2.9.1 live", _ALWAYS, _MENDED),
        Note("redundant", "SMTP_ENABLE_STARTTLS", "never beside SMTP_TLS=true changes nothing with mail 2.8, and is"
             " needed with mail 2.9: leave it in", lambda g: g.mode is Mode.IMPLICIT and _starttls(g) == "never",
             _HELPER, _ALWAYS, _MENDED),
        Note("ineffective", "SMTP_SSL", "SMTP_SSL=false makes mail 2.8 skip all STARTTLS settings and"
             " SMTP_OPENSSL_VERIFY_MODE: take it out", _skips, _PRODUCTION),
        Note("not-inferred", "SMTP_TLS", "the port switches nothing on: on {port} say SMTP_TLS=true", hangs, _HELPER),
        Note("auth-incomplete", "SMTP_LOGIN", "with no SMTP_LOGIN say SMTP_AUTH_METHOD=none: net-smtp 0.5 raises"
             " \"missing user name\" for plain, the default",
             lambda g: not _mastodon_logs_in(g) and _word(g, "SMTP_AUTH_METHOD") != "none", "net-smtp do_start; live"),
        Note("not-smtp", "SMTP_DELIVERY_METHOD", "mail is not left to SMTP, and these settings have no part in it",
             lambda g: _word(g, "SMTP_DELIVERY_METHOD") not in ("", "smtp"), _HELPER),
        _unchecked("SMTP_OPENSSL_VERIFY_MODE", _skips),
        *logins_in_clear(_mastodon_method, _logs_in),
    ),
    unoffered=sent_anyway(_mastodon_method), credentials=_mastodon_logs_in,
    password_in_clear=lambda g: _mastodon_logs_in(g) and _mastodon_method(g) != "cram_md5",
    password_first=lambda g: password_first(_mastodon_method(g)),
    waits=(Timeout(20, source="read_timeout: 20 in config/email.yml, production.rb", since=_ALWAYS),
           Timeout(60, source="net-smtp read_timeout; live")),
    errors=lambda g: _errors(_mastodon_method(g)) | ({Outcome.CONFIG_ERROR: "ArgumentError: wrong authentication type"
                                 f" {_word(g, 'SMTP_AUTH_METHOD')[:40]}"} if _wrong_method(g) else {}),
    words=environment, namespace=r"^(?:[\w.-]+\.)?SMTP_\w+$",
    parts={"itself": r"(?:mastodon|^)\s*v?(\d+\.[\d.]+)", "mail": r"\bmail\D{0,3}([\d.]+)"},
    says={"SMTP_TLS=true": {"SMTP_TLS": "true"}, "SMTP_SSL=true": {"SMTP_SSL": "true"},
          "SMTP_ENABLE_STARTTLS=always": {"SMTP_ENABLE_STARTTLS": "always"}},
)

# Discourse

_GLOBAL = "discourse app/models/global_setting.rb smtp_settings"
_FORCE, _START = "DISCOURSE_SMTP_FORCE_TLS", "DISCOURSE_SMTP_ENABLE_START_TLS"


@dataclass(frozen=True)
class Coerced:
    """A flag as BaseProvider.coerce makes it: true and false are booleans, any other word is true to Ruby."""

    empty: bool  # what an empty variable counts as: the default

    def read(self, value: object) -> bool:
        """Whether Ruby takes it for true."""
        return self.empty if value in (None, "") else value is not False and value != "false"

    def complaint(self, value: object) -> Complaint | None:
        """Whether it is a word that looks like off, but is on."""
        if isinstance(value, bool) or value in (None, "", "true", "false"):
            return None
        return Complaint("truthy", f"{shown(value)} is neither true nor false in small letters: to Ruby it is merely"
                                   " true, whatever it says, so this switches it ON")


def _in_conf(name: str) -> tuple[str]:
    """The variable's name in discourse.conf."""
    return (name.removeprefix("DISCOURSE_").lower(),)


_discourse_logs_in = not_empty("DISCOURSE_SMTP_USER_NAME")
_discourse_method = _method("DISCOURSE_SMTP_AUTHENTICATION")
_ENV = "env:\n  DISCOURSE_SMTP_ADDRESS: {host}\n  DISCOURSE_SMTP_PORT: {port}"
DISCOURSE = Framework(
    name="discourse", title="Discourse", ecosystem="Ruby",
    comment="#", named_by=("discourse",),
    keys=spelled(_in_conf, keys(mode=(Key(_FORCE, Coerced(False), False), Key(_START, Coerced(True), True)),
                                port="DISCOURSE_SMTP_PORT", host="DISCOURSE_SMTP_ADDRESS",
                                user="DISCOURSE_SMTP_USER_NAME", secret="DISCOURSE_SMTP_PASSWORD",
                                auth="DISCOURSE_SMTP_AUTHENTICATION", check="DISCOURSE_SMTP_OPENSSL_VERIFY_MODE",
                                timeout="DISCOURSE_SMTP_READ_TIMEOUT",
                                other="DISCOURSE_SMTP_OPEN_TIMEOUT DISCOURSE_SMTP_DOMAIN")),
    rules=if_login_fails((
        implicit("DISCOURSE_SMTP_FORCE_TLS is true: TLS starts at once (RFC 8314 section 3.3), and STARTTLS is off",
                 lambda g: g[_FORCE], _GLOBAL),
        opportunistic("DISCOURSE_SMTP_ENABLE_START_TLS is true (the default): STARTTLS where it is offered",
                      lambda g: g[_START], _GLOBAL),
        plain("DISCOURSE_SMTP_ENABLE_START_TLS is false: STARTTLS is never used", source=_GLOBAL),
    ), _discourse_logs_in),
    releases=(Release("2024+", (3, 2)),),
    forms={Mode.IMPLICIT: _ENV + f"\n  {_FORCE}: true", Mode.OPPORTUNISTIC: _ENV,
           Mode.PLAIN: _ENV + f"\n  {_START}: false",
           Mode.REQUIRED: NotPossible("no setting of Discourse requires STARTTLS: it is used where it is offered")},
    read=("yaml", "assignments", "command", "code"), aliases=("app.yml", "discourse.conf"),
    notes=(
        Note("misleading-name", _FORCE, "FORCE_TLS means TLS at once, for port 465; it does not mean \"STARTTLS"
             " required\". For port {port} take it out", lambda g: g.outcome is Outcome.WRONG_VERSION_NUMBER, _GLOBAL),
        Note("ineffective", _START, "with FORCE_TLS on STARTTLS is off in any case",
             lambda g: g[_FORCE] and g.has(_START), _GLOBAL),
        Note("not-inferred", _FORCE, "the port switches nothing on: on {port} say DISCOURSE_SMTP_FORCE_TLS: true",
             hangs, _GLOBAL),
        Note("no-tls", _START, "nothing is encrypted with these settings (with mail 2.7 on Ruby 3, in Discourse of"
             " 2022, false had no effect)", lambda g: g.mode is Mode.PLAIN, "see ruby; live"),
        _unchecked("DISCOURSE_SMTP_OPENSSL_VERIFY_MODE"),
        *logins_in_clear(_discourse_method, _logs_in),
    ),
    unoffered=sent_anyway(_discourse_method), credentials=_discourse_logs_in,
    password_in_clear=lambda g: _discourse_logs_in(g) and _discourse_method(g) != "cram_md5",
    password_first=lambda g: password_first(_discourse_method(g)),
    waits=(Timeout(30, source="discourse_defaults.conf smtp_read_timeout"),),
    errors=lambda g: _errors(_discourse_method(g)), words=environment,
    namespace=r"(?:^|\.)DISCOURSE_SMTP_\w+$",
    says={f"{_FORCE}: true": {_FORCE: True}, f"{_START}: true": {_START: True}},
)
