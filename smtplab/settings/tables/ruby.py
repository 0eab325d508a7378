"""Ruby: Rails ActionMailer (the mail gem over net-smtp), and GitLab's omnibus settings, which become ActionMailer's.

Sources for Rails: mikel/mail lib/mail/network/delivery_methods/smtp.rb (2.7.1 build_smtp_session line 112, 2.8.1 lines
112-114, 2.9.1 smtp_starttls line 125 and build_smtp_session line 157); ruby/net-smtp NEWS.md. All of the truth table
was run against loopback servers. What Rails itself adds: rails/rails actionmailer delivery_methods.rb (the hash that
smtp_settings is by default; wrap_delivery_behavior merges delivery_method_options into it) and railtie.rb
(config.action_mailer is an OrderedOptions, whose unset names are nil); actionmailer.gemspec for the mail that a Rails
takes: ~> 2.5 up to 7.0, >= 2.8.0 since 7.1.

Sources for GitLab: omnibus-gitlab's smtp_settings.rb.erb (line 13), attributes/default.rb (line 727), smtp_helper.rb
(validate_smtp_settings!), doc/settings/smtp.md; GitLab's config/initializers/mail_starttls_patch.rb, mail 2.9's
logic on mail 2.8.1 since GitLab 16. All 32 combinations of the documentation were run against loopback servers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ..keys import Key, Values, keys
from ..model import (
    Carrier,
    Errors,
    Forms,
    Framework,
    Given,
    Mode,
    ModeRule,
    Note,
    NotPossible,
    Outcome,
    Release,
    Timeout,
    Unoffered,
    When,
)
from ..reading import Computed, Paste
from ..values import ABSENT, RUBY, shown
from ..vocabulary import (
    always,
    both,
    error,
    given,
    implicit,
    no_certificate_check,
    opportunistic,
    over_tls,
    password_first,
    password_in_clear,
    plain,
    required,
    sent_anyway,
)

_MAIL = "mikel/mail smtp.rb build_smtp_session; live"
_EXCLUSIVE = "mail 2.9 calls tls and enable_starttls mutually exclusive and raises an ArgumentError"
_AUTO_DEFAULT = (0, 2)  # net-smtp's own default: STARTTLS off before, automatic since (NEWS.md, 0.2.0; Ruby 3.0)
_METHODS = ("plain", "login", "cram_md5")
_RAILS_HASH, _NIL = "(Rails'-own-hash)", "(nil)"  # what the text adds to

KEYS = keys(
    mode=(
        Key("tls", RUBY),
        Key("ssl", RUBY),
        Key("enable_starttls", replace(RUBY, known=(":auto", ":always"))),
        Key("enable_starttls_auto", RUBY, True),
    ),
    port="port", host="address", user="user_name", secret="password", auth="authentication",
    check="openssl_verify_mode ca_file ca_path", timeout="read_timeout", other="open_timeout domain return_response",
)
_OTHERS = keys(other=f"delivery_method perform_deliveries raise_delivery_errors {_RAILS_HASH} {_NIL}",
               timeout="smtp_timeout")  # Rails 7.0 and newer: for both of mail's time-outs, where those are not set


# Before a value that is added to the hash that is there: smtp_settings[:tls] =, smtp_settings.merge!(tls:
_ADDED = re.compile(r"(config\.action_mailer\.)?smtp_settings\s*(?:\[[^\]\n]*\]\s*=\s*"
                    r"|\.\s*(?:merge|update)!?\s*\(?\s*\{?\s*[:\"']?\w+[\"']?\s*(?::|=>)\s*)$")


def _found_there(paste: Paste) -> Values:
    """What settings are added to where no hash is assigned to smtp_settings: Rails' own hash, or nil in its config."""
    added, on_nil = False, False
    for pair in paste.pairs:
        m = _ADDED.search(paste.text[max(0, pair.span[0] - 200):pair.span[0]])
        if m or "delivery_method_options" in pair.path:
            added, on_nil = True, on_nil or bool(m and m[1])
        elif any(name.endswith("smtp_settings") for name in pair.path) and not (
                isinstance(pair.value, Computed) and "smtp_settings" in paste.text[slice(*pair.span)]):
            return {}  # assigned as a whole
    if on_nil:
        return {_NIL: True}
    return {_RAILS_HASH: True, "enable_starttls_auto": True} if added else {}


def _tls(g: Given) -> bool:
    return bool(g["tls"] or g["ssl"])


def _tls_value(g: Given) -> object:
    """`settings[:tls] || settings[:ssl]` as in Ruby, where nil and false differ."""
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


def _checks(g: Given) -> bool:
    return str(g.raw("openssl_verify_mode")).lower().endswith("peer")


def _knows_an_authority(g: Given) -> bool:
    """Whether it could accept any certificate. Before 0.2 net-smtp's context loads no authorities by itself."""
    return _auto_in_net_smtp(g) or not _checks(g) or g.has("ca_file", "ca_path")


def logins_in_clear(method: Callable[[Given], str], logs_in: When = always) -> tuple[Note, ...]:
    """The notes on a login without TLS: net-smtp begins it even where AUTH is not offered, as its method begins."""
    return (
        password_in_clear("", lambda g: logs_in(g) and password_first(method(g)), says="net-smtp sends AUTH even where"
                          " it is not offered, and the password in it: it is on the wire before the server can refuse",
                          source="net-smtp auth_plain, auth_xoauth2; live"),
        password_in_clear("", lambda g: logs_in(g) and method(g) == "login", says="net-smtp sends AUTH LOGIN even where"
                          " it is not offered, but the password only when the server asks for it: if refused, none"
                          " crosses; if taken without TLS, it crosses in clear", source="net-smtp auth_login; live"))


def _wrong_method(g: Given) -> bool:
    known = (*_METHODS, "xoauth2") if g.part("net_smtp") >= (0, 5) else _METHODS
    return _method(g) not in ("", "(computed)", *known)


# What remains when mail set nothing: net-smtp's own default.
_LEFT_ALONE = (
    opportunistic("mail sets nothing here, and net-smtp by itself takes STARTTLS where it is offered",
                  _auto_in_net_smtp, "net-smtp NEWS.md 0.2.0; live"),
    plain("mail sets nothing here, and net-smtp before 0.2 (Ruby 2.7) then never starts TLS", source="live"),
)
_RULES = (
    error("net-smtp does not know this authentication type and raises an ArgumentError before it connects",
          _wrong_method, "net-smtp check_auth_method; live"),
    # 2.8 takes true, false and nil only.
    error("mail 2.8 takes only true, false or nil for tls and ssl, and raises an ArgumentError",
          lambda g: _neither_bool_nor_nil(_tls_value(g)), _MAIL, (2, 8), (2, 9)),
    error(_EXCLUSIVE, lambda g: _tls(g)
          and (g["enable_starttls"] or (_given(g, "enable_starttls_auto") and g["enable_starttls_auto"])), _MAIL,
          (2, 9)),
    implicit("tls (or ssl) is true: TLS starts at once, and STARTTLS plays no part", _tls, _MAIL),
    # 2.7: plain truth, and nothing is ever switched off.
    required("enable_starttls is true: STARTTLS or nothing", lambda g: g["enable_starttls"], _MAIL, (), (2, 8)),
    opportunistic("enable_starttls_auto is true (the default): STARTTLS where it is offered",
                  lambda g: g["enable_starttls_auto"], _MAIL, (), (2, 8)),
    *(ModeRule(r.mode, r.because, r.when, r.source, (), (2, 8)) for r in _LEFT_ALONE),
    # 2.8: `ssl: false` (not `tls: false`) skips every STARTTLS setting.
    *(ModeRule(r.mode, "ssl: false makes mail 2.8 skip all STARTTLS settings; " + r.because.partition(", and ")[2],
               both(lambda g: _tls_value(g) is False, r.when), _MAIL, (2, 8), (2, 9)) for r in _LEFT_ALONE),
    error("mail 2.8 takes only true, false or nil for enable_starttls and enable_starttls_auto, and raises an"
          " ArgumentError", lambda g: _neither_bool_nor_nil(g.raw("enable_starttls"))
          or (not _given(g, "enable_starttls") and _neither_bool_nor_nil(g.raw("enable_starttls_auto"))), _MAIL, (2, 8),
          (2, 9)),
    required("enable_starttls is true: STARTTLS or nothing", lambda g: g["enable_starttls"], _MAIL, (2, 8), (2, 9)),
    plain("enable_starttls is false: STARTTLS is never used", lambda g: _given(g, "enable_starttls"), _MAIL, (2, 8),
          (2, 9)),
    error("mail 2.8.0 has a bug here: it calls disable_starttls_auto, which net-smtp doesn't have (NoMethodError;"
          " mended in 2.8.1)", lambda g: g.raw("enable_starttls_auto") is False, "live", (2, 8), (2, 8, 1)),
    plain("enable_starttls_auto is false: STARTTLS is never used", lambda g: g.raw("enable_starttls_auto") is False,
          _MAIL, (2, 8, 1), (2, 9)),
    *(ModeRule(r.mode, r.because, both(lambda g: g.raw("enable_starttls_auto") is None, r.when), _MAIL, (2, 8), (2, 9))
      for r in _LEFT_ALONE),
    opportunistic("enable_starttls_auto is true (the default): STARTTLS where it is offered", source=_MAIL,
                  since=(2, 8), before=(2, 9)),
    # 2.9: :auto and :always; nil means nothing was said.
    opportunistic("enable_starttls is :auto: STARTTLS where it is offered",
                  lambda g: g.raw("enable_starttls") == ":auto", _MAIL, (2, 9)),
    required("enable_starttls is on: STARTTLS or nothing", lambda g: g["enable_starttls"], _MAIL, (2, 9)),
    opportunistic("enable_starttls_auto is true: STARTTLS where it is offered",
                  lambda g: _given(g, "enable_starttls_auto") and g["enable_starttls_auto"], _MAIL, (2, 9)),
    plain("STARTTLS is switched off", lambda g: _given(g, "enable_starttls_auto") or _given(g, "enable_starttls"),
          _MAIL, (2, 9)),
    opportunistic("nothing is said about TLS, so STARTTLS is used where it is offered", source=_MAIL, since=(2, 9)),
)


def _starttls_said(g: Given) -> bool:
    return any(g.has(n) and g[n] for n in ("enable_starttls", "enable_starttls_auto"))


_NOTES = (
    Note("contradiction", "tls", "tls and STARTTLS exclude each other: mail 2.7 and 2.8 start TLS at once and ignore"
         " enable_starttls; mail 2.9 raises an ArgumentError. Keep one",
         lambda g: _tls(g) and _starttls_said(g) and not g.has(_RAILS_HASH), _MAIL),
    Note("contradiction", "tls", "this is added to Rails' own hash, which holds enable_starttls_auto: true, unless"
         " another file assigns smtp_settings a hash: mail 2.7 and 2.8 start TLS at once and ignore that; mail 2.9"
         " raises an ArgumentError. Assign smtp_settings a hash of its own, or set enable_starttls_auto to false too",
         lambda g: _tls(g) and _starttls_said(g) and g.has(_RAILS_HASH), "actionmailer delivery_methods.rb; live"),
    Note("no-hash", "smtp_settings", "config.action_mailer.smtp_settings is nil until it is assigned a hash: if no"
         " other file does that, adding to it raises a NoMethodError, and the application doesn't start",
         lambda g: g.has(_NIL), "actionmailer railtie.rb; live"),
    Note("not-smtp", "delivery_method", "mail is not left to SMTP, and these settings have no part in it",
         lambda g: str(g.raw("delivery_method")).lstrip(":") != "smtp" and g.has("delivery_method"),
         "actionmailer delivery_methods.rb"),
    Note("not-smtp", "perform_deliveries", "no mail is sent: perform_deliveries is false",
         lambda g: g.raw("perform_deliveries") is False, "actionmailer delivery_methods.rb"),
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
         lambda g: str(g.raw("openssl_verify_mode")).strip(":").lower().endswith("none") and g.mode is not Mode.PLAIN
         and not (_tls_value(g) is False and (2, 8) <= g.numbers < (2, 9)), "live"),
    Note("redundant", "openssl_verify_mode", "peer is the default since net-smtp 0.2 (Ruby 3.0)",
         lambda g: _checks(g) and _auto_in_net_smtp(g), "live"),
    Note("no-authority", "openssl_verify_mode", "peer alone makes net-smtp before 0.2 (Ruby 2.7) refuse every"
         " certificate, since it loads no authorities by itself: add ca_file or ca_path", lambda g: over_tls(g)
         and not _knows_an_authority(g), "net-smtp 0.1.0 SMTP.default_ssl_context; live"),
    Note("ineffective", "openssl_verify_mode", "the certificate is checked all the same, since ssl: false makes mail"
         " 2.8 skip this setting",
         lambda g: str(g.raw("openssl_verify_mode")).strip(":").lower().endswith("none") and _tls_value(g) is False,
         "live", (2, 8), (2, 9)),
    no_certificate_check("", lambda g: not _auto_in_net_smtp(g) and not _given(g, "openssl_verify_mode"),
                         "net-smtp NEWS.md; live", "net-smtp before 0.2 (Ruby 2.7) checks no certificate by itself: set"
                         " openssl_verify_mode to peer, and ca_file or ca_path with it"),
    *logins_in_clear(_method),
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


def _forms(g: Given) -> Forms:
    # Each says the same to every version of mail, where it can: it is often pasted where another one runs.
    cant = NotPossible("mail 2.7 never switches STARTTLS off, and net-smtp of Ruby 3 starts with it on")
    off = cant if g.numbers < (2, 8) and _auto_in_net_smtp(g) else _FORMS % (
        ",\n  enable_starttls_auto: false" if g.numbers < (2, 8) else ",\n  enable_starttls: false")
    return {Mode.IMPLICIT: _FORMS % ",\n  tls: true",
            Mode.REQUIRED: _FORMS % ",\n  enable_starttls: true",  # mail 2.8 refuses :always
            Mode.OPPORTUNISTIC: _FORMS % "", Mode.PLAIN: off}


def _errors(g: Given) -> Errors:
    config = "ArgumentError (see the reason above)"
    if g.numbers < (2, 8, 1) and g.raw("enable_starttls_auto") is False:
        config = "NoMethodError: undefined method `disable_starttls_auto' for #<Net::SMTP ...>"
    elif _wrong_method(g):
        config = "ArgumentError: wrong authentication type " + shown(_method(g)).strip("'")
    elif g.numbers >= (2, 9):
        config = "ArgumentError: :enable_starttls and :tls are mutually exclusive. ..."
    elif _neither_bool_nor_nil(_tls_value(g)):
        config = f"ArgumentError: Unrecognized :tls value {shown(g.raw('tls')) if g.has('tls') else 'nil'}; ..."
    elif _neither_bool_nor_nil(g.raw("enable_starttls")):
        config = f"ArgumentError: Unrecognized :enable_starttls value {shown(g.raw('enable_starttls'))}; ..."
    # A refusal of the method's name alone keeps the class of its code.
    refused = "Net::SMTPAuthenticationError" if password_first(_method(g)) else "Net::SMTPSyntaxError"
    refusal = f"{refused}: 503 5.5.1 Error: authentication not enabled"
    return {
        Outcome.WRONG_VERSION_NUMBER: "OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 ... state=error: wrong"
                                      " version number",
        Outcome.HANG: "Net::ReadTimeout",
        Outcome.PLAINTEXT: refusal,
        Outcome.AUTH_NOT_OFFERED: refusal,
        Outcome.REFUSED_NEEDS_TLS: "Net::SMTPAuthenticationError: 530 5.7.0 Must issue a STARTTLS command first",
        Outcome.STARTTLS_NOT_OFFERED: "Net::SMTPUnsupportedCommand: STARTTLS is not supported on this server",
        Outcome.CERTIFICATE_REFUSED: "OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=error: certificate"
                                     " verify failed (unable to get local issuer certificate)",
        Outcome.CONFIG_ERROR: config}


_WAITS = (Timeout(5, source="mail 2.8 DEFAULTS read_timeout; live", since=(2, 8)),
          Timeout(60, source="net-smtp read_timeout; live"))
RAILS = Framework(
    name="rails-mail", title="Rails ActionMailer (mail gem)", ecosystem="Ruby", keys=(*KEYS, *_OTHERS), rules=_RULES,
    comment="#", named_by=("actionmailer", "action_mailer", "rails", "config/environments", "net/smtp.rb", "net-smtp",
                           "net::smtp", "mikel/mail"),
    releases=(Release("mail 2.7.1 / net-smtp 0.1.0", (2, 7, 1), {"net_smtp": (0, 1, 0)}),
              Release("mail 2.7.1 / net-smtp 0.3.1.1", (2, 7, 1), {"net_smtp": (0, 3, 1, 1)}),
              Release("mail 2.8.0 / net-smtp 0.3.1.1", (2, 8, 0), {"net_smtp": (0, 3, 1, 1)}),
              Release("mail 2.8.1 / net-smtp 0.3.1.1", (2, 8, 1), {"net_smtp": (0, 3, 1, 1)}),
              Release("mail 2.9.1 / net-smtp 0.5.1", (2, 9, 1), {"net_smtp": (0, 5, 1)})),
    forms=_forms, read=("code", "yaml", "assignments"),
    aliases=("rails", "actionmailer", "action_mailer", "mail", "ruby"),
    notes=_NOTES, unoffered=sent_anyway(_method), waits=_WAITS, errors=_errors, inherits=_found_there,
    password_first=lambda g: password_first(_method(g)), password_in_clear=lambda g: _method(g) != "cram_md5",
    trusts=_knows_an_authority, namespace=r"smtp_settings\.\w+$",
    carrier=Carrier("Rails", (((3,), "mail 2.7.1 / net-smtp 0.3.1.1", "came with mail 2.7 or older"),
                              ((7, 1), "mail 2.9.1 / net-smtp 0.5.1", "takes mail 2.8.0 and newer")),
                    (9,), "Gemfile.lock"),
    parts={"itself": r"\bmail\D{0,3}([\d.]+)", "net_smtp": r"net-?smtp\D{0,3}([\d.]+)"},
    says={"tls: true": {"tls": True}, "ssl: true": {"ssl": True}, "enable_starttls: true": {"enable_starttls": True},
          "enable_starttls_auto: true": {"enable_starttls_auto": True}},
)


_PREFIX = "smtp_"
_NOT_PASSED_ON = ("smtp_force_ssl", "smtp_enable_starttls")
_DOCUMENTED = "omnibus-gitlab doc/settings/smtp.md; live"
_OMNIBUS_METHODS = ("login", "plain", "cram_md5", "none", "false", "")

GITLAB_KEYS = (
    *(replace(key, name=_PREFIX + key.name) for key in KEYS if key.name not in ("enable_starttls", "return_response")),
    *keys(other="smtp_enable_starttls smtp_force_ssl smtp_enable smtp_pool"),
)


class _AsRails(Given):
    """GitLab's settings as the Rails that omnibus configures sees them; nil values are left out of its template."""

    def __init__(self, g: Given) -> None:
        patched = g.numbers >= (16,)
        # mail's own default is true in 2.8; the patch has 2.9's "nothing said".
        values = {k.removeprefix(_PREFIX): v for k, v in g.values.items() if v is not None and k not in _NOT_PASSED_ON
                  and k.removeprefix(_PREFIX) in RAILS.by_name}
        super().__init__(RAILS, Release("", (2, 9, 1) if patched else (2, 8, 1), {"net_smtp": (0, 3, 1, 1)}), values,
                         g.port_given)
        self.mode, self.outcome = g.mode, g.outcome


def _as_rails(row: ModeRule | Note) -> When:
    """Whether a rule or note of Rails holds for GitLab's settings, as Rails then sees them."""
    def when(g: Given) -> object:
        rails = _AsRails(g)
        return rails.release.within(row.since, row.before) and row.when(rails)
    return when


def _both_on(g: Given) -> bool:
    return bool(g["smtp_tls"] and g.has("smtp_enable_starttls_auto") and g["smtp_enable_starttls_auto"])


def _method_refused(g: Given) -> bool:
    return str(g.raw("smtp_authentication") or "").lower() not in _OMNIBUS_METHODS


def _waits_on_465(g: Given) -> bool:
    return g.port == 465 and not g["smtp_tls"] and not g["smtp_ssl"]


_GITLAB_RULES = (
    error("gitlab-ctl reconfigure takes only login, plain, cram_md5 or none for smtp_authentication", _method_refused,
          "omnibus smtp_helper.rb", (19, 1)),
    error("smtp_tls and smtp_enable_starttls_auto are both true: gitlab-ctl reconfigure refuses that", _both_on,
          "omnibus smtp_helper.rb validate_smtp_settings! (2023-05)", (16,)),
    *(replace(rule, when=_as_rails(rule), since=(), before=()) for rule in RAILS.rules),
)
_GITLAB_NOTES = (
    Note("ineffective", "smtp_force_ssl", "smtp_force_ssl is not passed on to Rails: it changes nothing, though three"
         " documented examples have it. For TLS at once say smtp_tls = true", given("smtp_force_ssl"),
         "omnibus smtp_settings.rb.erb:13"),
    Note("ineffective", "smtp_enable_starttls", "smtp_enable_starttls is not passed on to Rails. No omnibus key"
         " requires STARTTLS", given("smtp_enable_starttls"), "omnibus smtp_settings.rb.erb:13"),
    Note("documented-example", "smtp_tls", "port 465 without smtp_tls = true waits until the time-out; GitLab's"
         " documentation had examples of it (the introduction, \"encrypted credentials\", Campaign Monitor)",
         _waits_on_465, _DOCUMENTED),
    Note("documented-example", "smtp_enable_starttls_auto", "587 with STARTTLS off sends the password in clear;"
         " GitLab's documentation had an example of it (Dinahosting)", lambda g: g.port == 587 and g.mode is Mode.PLAIN,
         _DOCUMENTED),
    *(replace(note, when=_as_rails(note), since=(), before=(), setting=note.setting and _PREFIX + note.setting)
      for note in RAILS.notes if note.setting != "enable_starttls"),
    Note("ineffective", "smtp_enable_starttls_auto", "smtp_ssl = false makes mail 2.8 (GitLab up to 15) skip"
         " smtp_enable_starttls_auto and smtp_openssl_verify_mode. Take smtp_ssl = false out",
         lambda g: g.raw("smtp_ssl") is False and not g["smtp_tls"], "live", (), (16,)),
)
_CANT = NotPossible("no omnibus key requires STARTTLS: without any key it is used where it is offered")
_FORM = """\
gitlab_rails['smtp_enable'] = true
gitlab_rails['smtp_address'] = "{host}"
gitlab_rails['smtp_port'] = {port}"""


def _gitlab_errors(g: Given) -> Errors:
    errors = RAILS.errors(_AsRails(g))
    if g.numbers >= (19, 1) and _method_refused(g):
        errors |= {Outcome.CONFIG_ERROR: "gitlab_rails['smtp_authentication'] is set to an unrecognized value"}
    return errors


GITLAB = Framework(
    name="gitlab-omnibus", title="GitLab (omnibus)", ecosystem="Ruby", keys=GITLAB_KEYS, rules=_GITLAB_RULES,
    comment="#", named_by=("gitlab", "gitlab_rails", "gitlab-ctl", "gitlab.rb", "omnibus"),
    releases=(Release("GitLab <= 15.x (mail 2.8.1 unpatched)", (15,)),
              Release("GitLab 16+ (mail 2.8.1 patched / 2.9)", (16,)), Release("omnibus 2026-06+", (19, 1))),
    forms={Mode.IMPLICIT: _FORM + "\ngitlab_rails['smtp_tls'] = true", Mode.REQUIRED: _CANT, Mode.OPPORTUNISTIC: _FORM,
           Mode.PLAIN: _FORM + "\ngitlab_rails['smtp_enable_starttls_auto'] = false"},
    read=("code", "assignments"), aliases=("gitlab", "omnibus", "gitlab.rb"), notes=_GITLAB_NOTES,
    unoffered=Unoffered.SENDS,  # the outcome that was recorded of login too, though it sends no password by itself
    waits=(Timeout(60, source="omnibus attributes/default.rb:727; live"),),
    password_first=lambda g: RAILS.password_first(_AsRails(g)),
    password_in_clear=lambda g: RAILS.password_in_clear(_AsRails(g)),
    errors=_gitlab_errors, namespace=r"gitlab_rails\.smtp_\w+$|^smtp_\w+$",
    says={"smtp_tls = true": {"smtp_tls": True}, "smtp_ssl = true": {"smtp_ssl": True},
          "smtp_enable_starttls_auto = true": {"smtp_enable_starttls_auto": True}},
)
