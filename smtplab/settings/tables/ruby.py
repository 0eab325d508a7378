"""Ruby: Rails ActionMailer (the mail gem over net-smtp), and GitLab's omnibus settings for it.

Sources: mikel/mail lib/mail/network/delivery_methods/smtp.rb (2.7.1 build_smtp_session line 112, 2.8.1 lines 112-114,
2.9.1 smtp_starttls line 125 and build_smtp_session line 157); ruby/net-smtp NEWS.md; omnibus-gitlab's
smtp_settings.rb.erb and smtp_helper.rb. All of the truth table was run against loopback servers.
"""

from __future__ import annotations

from dataclasses import replace

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
    NotPossible,
    Outcome,
    Release,
    Role,
    Rule,
    Unoffered,
    Waits,
    other_keys,
    port_key,
)
from ..values import ABSENT, RUBY, shown

_MAIL = "mikel/mail smtp.rb build_smtp_session; live"
_EXCLUSIVE = "mail 2.9 calls tls and enable_starttls mutually exclusive and raises an ArgumentError"
_AUTO_DEFAULT = (0, 2)  # net-smtp's own default: STARTTLS off before, automatic since (NEWS.md, 0.2.0; Ruby 3.0)
_METHODS = ("plain", "login", "cram_md5")

KEYS = (
    Key("tls", RUBY), Key("ssl", RUBY), Key("enable_starttls", replace(RUBY, known=(":auto", ":always"))),
    Key("enable_starttls_auto", RUBY, default=True),
    port_key(), *other_keys(Role.HOST, "address"), *other_keys(Role.USER, "user_name"),
    *other_keys(Role.SECRET, "password"), *other_keys(Role.AUTH, "authentication"),
    *other_keys(Role.CHECK, "openssl_verify_mode", "ca_file", "ca_path"),
    *other_keys(Role.TIMEOUT, "read_timeout"), *other_keys(Role.OTHER, "open_timeout", "domain", "return_response"),
)


def _tls(g: Given) -> bool:
    return bool(g["tls"] or g["ssl"])


def _tls_value(g: Given) -> object:
    """`settings[:tls] || settings[:ssl]`, as Ruby works it out: nil and false differ."""
    first, second = (None if v is ABSENT else v for v in (g.raw("tls"), g.raw("ssl")))
    return first if RUBY.read(first) else second


def _neither_bool_nor_nil(value: object) -> bool:
    return value is not ABSENT and value is not None and not isinstance(value, bool)


def _given(g: Given, name: str) -> bool:
    return g.has(name) and g.raw(name) is not None


def _auto_in_net_smtp(g: Given) -> bool:
    return g.part("net_smtp") >= _AUTO_DEFAULT


def _method(g: Given) -> str:
    value = g.raw("authentication")
    return str(value).lstrip(":").lower() if RUBY.read(value) and value is not ABSENT else ""


def _wrong_method(g: Given) -> bool:
    known = (*_METHODS, "xoauth2") if g.part("net_smtp") >= (0, 5) else _METHODS
    return _method(g) not in ("", "(computed)", *known)


# What remains when mail set nothing: net-smtp's own default.
_LEFT_ALONE = (
    Rule(OPPORTUNISTIC, "mail sets nothing here, and net-smtp by itself takes STARTTLS where it is offered",
         _auto_in_net_smtp, "net-smtp NEWS.md 0.2.0; live"),
    Rule(PLAIN, "mail sets nothing here, and net-smtp before 0.2 (Ruby 2.7) then never starts TLS", source="live"),
)
_RULES = (
    Rule(ERROR, "net-smtp does not know this authentication type and raises an ArgumentError before it connects",
         _wrong_method, "net-smtp check_auth_method; live"),
    # 2.8 takes true, false and nil only.
    Rule(ERROR, "mail 2.8 takes only true, false or nil for tls and ssl, and raises an ArgumentError",
         lambda g: _neither_bool_nor_nil(_tls_value(g)), _MAIL, (2, 8), (2, 9)),
    Rule(ERROR, _EXCLUSIVE, lambda g: _tls(g) and (g["enable_starttls"] or (
        _given(g, "enable_starttls_auto") and g["enable_starttls_auto"])), _MAIL, (2, 9)),
    Rule(IMPLICIT, "tls (or ssl) is true: TLS starts at once, and STARTTLS plays no part", _tls, _MAIL),
    # 2.7: plain truth, and nothing is ever switched off.
    Rule(REQUIRED, "enable_starttls is true: STARTTLS or nothing", lambda g: g["enable_starttls"], _MAIL, (), (2, 8)),
    Rule(OPPORTUNISTIC, "enable_starttls_auto is true (the default): STARTTLS where it is offered",
         lambda g: g["enable_starttls_auto"], _MAIL, (), (2, 8)),
    *(Rule(r.mode, r.because, r.when, r.source, (), (2, 8)) for r in _LEFT_ALONE),
    # 2.8: `ssl: false` (not `tls: false`) skips every STARTTLS setting.
    *(Rule(r.mode, "ssl: false makes mail 2.8 skip all STARTTLS settings; " + r.because.partition(", and ")[2],
           lambda g, r=r: _tls_value(g) is False and r.when(g), _MAIL, (2, 8), (2, 9)) for r in _LEFT_ALONE),
    Rule(ERROR, "mail 2.8 takes only true, false or nil for enable_starttls and enable_starttls_auto, and raises an"
                " ArgumentError", lambda g: _neither_bool_nor_nil(g.raw("enable_starttls")) or (
                    not _given(g, "enable_starttls") and _neither_bool_nor_nil(g.raw("enable_starttls_auto"))),
         _MAIL, (2, 8), (2, 9)),
    Rule(REQUIRED, "enable_starttls is true: STARTTLS or nothing", lambda g: g["enable_starttls"], _MAIL, (2, 8),
         (2, 9)),
    Rule(PLAIN, "enable_starttls is false: STARTTLS is never used", lambda g: _given(g, "enable_starttls"), _MAIL,
         (2, 8), (2, 9)),
    Rule(ERROR, "mail 2.8.0 has a bug here: it calls disable_starttls_auto, which net-smtp doesn't have"
                " (NoMethodError; mended in 2.8.1)", lambda g: g.raw("enable_starttls_auto") is False, "live", (2, 8),
         (2, 8, 1)),
    Rule(PLAIN, "enable_starttls_auto is false: STARTTLS is never used",
         lambda g: g.raw("enable_starttls_auto") is False, _MAIL, (2, 8, 1), (2, 9)),
    *(Rule(r.mode, r.because, lambda g, r=r: g.raw("enable_starttls_auto") is None and r.when(g), _MAIL, (2, 8), (2, 9))
      for r in _LEFT_ALONE),
    Rule(OPPORTUNISTIC, "enable_starttls_auto is true (the default): STARTTLS where it is offered", source=_MAIL,
         since=(2, 8), before=(2, 9)),
    # 2.9: :auto and :always; nil means nothing was said.
    Rule(OPPORTUNISTIC, "enable_starttls is :auto: STARTTLS where it is offered",
         lambda g: g.raw("enable_starttls") == ":auto", _MAIL, (2, 9)),
    Rule(REQUIRED, "enable_starttls is on: STARTTLS or nothing", lambda g: g["enable_starttls"], _MAIL, (2, 9)),
    Rule(OPPORTUNISTIC, "enable_starttls_auto is true: STARTTLS where it is offered",
         lambda g: _given(g, "enable_starttls_auto") and g["enable_starttls_auto"], _MAIL, (2, 9)),
    Rule(PLAIN, "STARTTLS is switched off", lambda g: _given(g, "enable_starttls_auto") or _given(g, "enable_starttls"),
         _MAIL, (2, 9)),
    Rule(OPPORTUNISTIC, "nothing is said about TLS, so STARTTLS is used where it is offered", source=_MAIL,
         since=(2, 9)),
)


def _starttls_said(g: Given) -> bool:
    return any(g.has(n) and g[n] for n in ("enable_starttls", "enable_starttls_auto"))


_NOTES = (
    Note("contradiction", "tls", "tls and STARTTLS exclude each other: mail 2.7 and 2.8 start TLS at once and ignore"
         " enable_starttls; mail 2.9 raises an ArgumentError. Keep one",
         lambda g: _tls(g) and _starttls_said(g), _MAIL),
    Note("ineffective", "enable_starttls_auto", "enable_starttls_auto: false changes nothing: mail 2.7 never switches"
         " STARTTLS off, and net-smtp (Ruby 3.0 and newer) starts with it on",
         lambda g: g.has("enable_starttls_auto") and not g["enable_starttls_auto"] and not _tls(g)
         and not g["enable_starttls"] and _auto_in_net_smtp(g), _MAIL, (), (2, 8)),
    Note("ineffective", "enable_starttls", "enable_starttls: false changes nothing in mail 2.7: it is taken for nil",
         lambda g: g.has("enable_starttls") and not g["enable_starttls"], _MAIL, (), (2, 8)),
    Note("unknown-value", "enable_starttls", "mail 2.7 only asks whether enable_starttls is true: :auto means required",
         lambda g: g.raw("enable_starttls") == ":auto", _MAIL, (), (2, 8)),
    Note("ineffective", "enable_starttls", "ssl: false makes mail 2.8 skip enable_starttls, enable_starttls_auto and"
         " openssl_verify_mode alike: STARTTLS is then only used where it is offered. Take ssl: false out",
         lambda g: _tls_value(g) is False, _MAIL, (2, 8), (2, 9)),
    Note("no-certificate-check", "openssl_verify_mode", "the server's certificate is not checked",
         lambda g: str(g.raw("openssl_verify_mode")).strip(":").lower().endswith("none") and g.mode is not PLAIN
         and not (_tls_value(g) is False and (2, 8) <= g.numbers < (2, 9)), "live"),
    Note("redundant", "openssl_verify_mode", "peer is the default since net-smtp 0.2 (Ruby 3.0)",
         lambda g: str(g.raw("openssl_verify_mode")).lower().endswith("peer") and _auto_in_net_smtp(g), "live"),
    Note("ineffective", "openssl_verify_mode", "the certificate is checked all the same, since ssl: false makes mail"
         " 2.8 skip this setting",
         lambda g: str(g.raw("openssl_verify_mode")).strip(":").lower().endswith("none") and _tls_value(g) is False,
         "live", (2, 8), (2, 9)),
    Note("no-certificate-check", "", "net-smtp before 0.2 (Ruby 2.7) checks no certificate",
         lambda g: not _auto_in_net_smtp(g) and g.mode not in (PLAIN, ERROR), "net-smtp NEWS.md; live"),
    Note("password-in-clear", "", "net-smtp sends AUTH even where it is not offered: the password is on the wire before"
         " the server can refuse", lambda g: g.mode is PLAIN, "live"),
    Note("unknown-value", "authentication", "authentication takes :plain, :login, :cram_md5, or nothing (net-smtp 0.5"
         " adds :xoauth2); for no login leave user_name and password out", _wrong_method, "live"),
    Note("auth-incomplete", "user_name", "a user_name without a password: net-smtp raises \"SMTP-AUTH requested but"
         " missing secret phrase\"", lambda g: g.has("user_name") and g["user_name"] and not g.has("password"), "live"),
    Note("auth-incomplete", "user_name", "an empty user_name or password is still true to Ruby, and is sent: leave them"
         " out instead", lambda g: g.raw("user_name") == "" or (g.has("password") and not g["password"]), "live"),
)
_FORMS = """\
config.action_mailer.smtp_settings = {
  address: "{host}",
  port: {port}%s
}"""


def _forms(g: Given) -> dict:
    new = g.numbers >= (2, 9)
    cant = NotPossible("mail 2.7 never switches STARTTLS off, and net-smtp of Ruby 3 starts with it on")
    off = cant if g.numbers < (2, 8) and _auto_in_net_smtp(g) else _FORMS % (
        ",\n  enable_starttls_auto: false" if g.numbers < (2, 8) else ",\n  enable_starttls: false")
    return {IMPLICIT: _FORMS % ",\n  tls: true",
            REQUIRED: _FORMS % (",\n  enable_starttls: :always" if new else ",\n  enable_starttls: true"),
            OPPORTUNISTIC: _FORMS % "", PLAIN: off}


def _errors(g: Given) -> dict[Outcome, str]:
    config = "ArgumentError (see the reason above)"
    if g.numbers < (2, 8, 1) and g.raw("enable_starttls_auto") is False:
        config = "NoMethodError: undefined method `disable_starttls_auto' for #<Net::SMTP ...>"
    elif _wrong_method(g):
        config = "ArgumentError: wrong authentication type " + shown(_method(g)).strip("'")
    elif g.numbers >= (2, 9):
        config = "ArgumentError: :enable_starttls and :tls are mutually exclusive. ..."
    elif _neither_bool_nor_nil(_tls_value(g)):
        config = f"ArgumentError: Unrecognized :tls value {shown(g.raw('tls')) if g.has('tls') else 'nil'}; ..."
    return {
        Outcome.WRONG_VERSION_NUMBER: "OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 ... state=error: wrong"
                                      " version number",
        Outcome.HANG: "Net::ReadTimeout",
        Outcome.PLAINTEXT: "Net::SMTPAuthenticationError: 503 5.5.1 Error: authentication not enabled",
        Outcome.AUTH_NOT_OFFERED: "Net::SMTPAuthenticationError: 503 5.5.1 Error: authentication not enabled",
        Outcome.STARTTLS_NOT_OFFERED: "Net::SMTPUnsupportedCommand: STARTTLS is not supported on this server",
        Outcome.CONFIG_ERROR: config}


_WAITS = (
    Waits(5, source="mail 2.8 DEFAULTS read_timeout; live", since=(2, 8)),
    Waits(60, source="net-smtp read_timeout; live"),
)
RAILS = Framework(
    "rails-mail", "Rails ActionMailer (mail gem)", "Ruby", KEYS, _RULES,
    (Release("mail 2.7.1 / net-smtp 0.1.0", (2, 7, 1), {"net_smtp": (0, 1, 0)}),
     Release("mail 2.7.1 / net-smtp 0.3.1.1", (2, 7, 1), {"net_smtp": (0, 3, 1, 1)}),
     Release("mail 2.8.0 / net-smtp 0.3.1.1", (2, 8, 0), {"net_smtp": (0, 3, 1, 1)}),
     Release("mail 2.8.1 / net-smtp 0.3.1.1", (2, 8, 1), {"net_smtp": (0, 3, 1, 1)}),
     Release("mail 2.9.1 / net-smtp 0.5.1", (2, 9, 1), {"net_smtp": (0, 5, 1)})),
    _forms, ("code", "yaml", "assignments"), ("rails", "actionmailer", "action_mailer", "mail", "ruby"), _NOTES,
    unoffered=Unoffered.SENDS, waits=_WAITS, errors=_errors, namespace=r"(?:smtp_settings|action_mailer)\.\w+$",
    parts={"itself": r"\bmail\D{0,3}([\d.]+)", "net_smtp": r"net-?smtp\D{0,3}([\d.]+)"},
    says={"tls: true": {"tls": True}, "ssl: true": {"ssl": True}, "enable_starttls: true": {"enable_starttls": True},
          "enable_starttls_auto: true": {"enable_starttls_auto": True}},
)
FRAMEWORKS = (RAILS,)
