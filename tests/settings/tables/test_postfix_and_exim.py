"""Postfix and Exim as clients of a relay: main.cf and transports as people paste them, and their traps."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.evaluate import fill
from smtplab.settings.model import Given

DEBIAN_MAIN_CF = """\
# See /usr/share/postfix/main.cf.dist for a commented, more complete version
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
compatibility_level = 3.6
smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem
smtpd_tls_security_level=may
smtp_tls_CApath=/etc/ssl/certs
smtp_tls_security_level=may
smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated
  defer_unauth_destination
relayhost =
    [smtp.example.com]:587
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = static:alice:hunter2
smtp_sasl_tls_security_options =
    noanonymous
mynetworks = 127.0.0.0/8 [::1]/128
"""
DEBIAN_EXIM = """\
remote_smtp_smarthost:
  debug_print = "T: remote_smtp_smarthost for $local_part@$domain"
  driver = smtp
  multi_domain
  hosts_try_auth = <; ${if exists{CONFDIR/passwd.client} \\
        {\\
        ${lookup{$host}nwildlsearch{CONFDIR/passwd.client}{$host_address}}\\
        }\\
        {} \\
      }
.ifdef REMOTE_SMTP_SMARTHOST_HOSTS_AVOID_TLS
  hosts_avoid_tls = REMOTE_SMTP_SMARTHOST_HOSTS_AVOID_TLS
.endif
.ifdef REMOTE_SMTP_SMARTHOST_HOSTS_REQUIRE_TLS
  hosts_require_tls = REMOTE_SMTP_SMARTHOST_HOSTS_REQUIRE_TLS
.endif
"""
PASTES = [
    ("postfix", DEBIAN_MAIN_CF, "starttls-opportunistic", 587, "works"),
    ("postfix", "relayhost = [h.example]:587\nsmtp_tls_security_level = encrypt", "starttls-required", 587, "works"),
    ("postfix", "relayhost = h.example:submission\nsmtp_tls_security_level = secure  # checks\n", "starttls-required",
     587, "works"),
    ("postfix", "relayhost=[h.example]:smtps\nsmtp_tls_wrappermode=yes\nsmtp_tls_security_level=encrypt", "implicit",
     465, "works"),
    ("postfix", "smtps unix - - n - - smtp\n  -o smtp_tls_wrappermode=yes -o smtp_tls_security_level=encrypt\n",
     "implicit", 25, "wrong-version-number"),
    ("postfix", "sudo postconf -e 'relayhost = [h.example]:587' smtp_tls_security_level=may \\\n"
     "  'smtp_sasl_password_maps = static:a:hunter2'", "starttls-opportunistic", 587, "works"),
    ("postfix", "relayhost = [h.example]:587", "plain", 587, "refused-needs-tls"),
    ("postfix", "smtp_tls_security_level = none", "plain", 25, "plaintext"),
    ("postfix", "smtp_tls_security_level = dane\nsmtp_dns_support_level = dnssec", "starttls-opportunistic", 25,
     "works"),
    ("postfix", "smtp_tls_security_level = dane-only\nsmtp_dns_support_level = dnssec", "starttls-required", 25,
     "works"),
    ("postfix", "smtp_tls_security_level = dane-only", "error", 25, "config-error"),
    ("postfix", "smtp_tls_security_level = required", "error", 25, "config-error"),
    ("postfix", "smtp_tls_wrappermode = true\nsmtp_tls_security_level = encrypt", "error", 25, "config-error"),
    ("postfix", "smtp_enforce_tls = yes\nsmtp_tls_wrappermode = yes\nrelayhost = [h]:465", "implicit", 465, "works"),
    ("exim", DEBIAN_EXIM, "starttls-opportunistic", 25, "works"),
    ("exim", "x:\n driver = smtp\n hosts_require_auth = $host_address\n hosts_require_tls = *\n port = 587",
     "starttls-required", 587, "works"),
    ("exim", "REMOTE_SMTP_SMARTHOST_PROTOCOL = smtps\ndc_smarthost='h.example::465'", "implicit", 465, "auth-missing"),
    ("exim", "route_list = * h.example::587 byname\nhosts_require_tls = *", "starttls-required", 587, "auth-missing"),
    ("exim", "protocol = SMTPS\nhosts_try_auth = *", "implicit", 465, "works"),
    ("exim", "hosts_avoid_tls = *\nhosts_require_auth = *\nport = 587", "plain", 587, "refused-needs-tls"),
    ("exim", "hosts_avoid_tls = *\nhosts_require_tls = *", "error", 25, "config-error"),
    ("exim", "hosts_require_tls = :\nhosts_avoid_tls = !*", "starttls-opportunistic", 25, "works"),
    ("exim", "hosts_require_auth = *\nport = 25", "starttls-opportunistic", 25, "auth-not-offered"),
    ("exim", "hosts_try_auth = *\nport = 25", "starttls-opportunistic", 25, "works"),
]


@each_row(("name", "text", "mode", "port", "outcome"), PASTES)
def test_a_paste_is_read_as_the_server_reads_it(name, text, mode, port, outcome):
    report = read_settings(name, text)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "hunter2" not in repr(report) + report.to_json()


SASL = {"smtp_sasl_auth_enable": "yes", "smtp_sasl_password_maps": "hash:/x", "relayhost": "[h]:587"}
LEVEL = "smtp_tls_security_level"
TRAPS = [  # framework, settings, version, the code, its setting, a word of it; the twin that has no such warning
    ("postfix", {LEVEL: "encrypt", "relayhost": "[h]:465"}, None, "port-mismatch", "smtp_tls_wrappermode", "yes",
     {LEVEL: "encrypt", "relayhost": "[h]:465", "smtp_tls_wrappermode": "yes"}),
    ("postfix", {LEVEL: "may", "smtp_tls_wrappermode": "yes"}, None, "contradiction", "smtp_tls_wrappermode", "encrypt",
     {LEVEL: "encrypt", "smtp_tls_wrappermode": "yes"}),
    ("postfix", {LEVEL: "encrypt"}, None, "no-certificate-check", LEVEL, "secure", {LEVEL: "secure"}),
    ("postfix", {LEVEL: "encrypt", **SASL}, None, "auth-not-possible", "smtp_sasl_security_options",
     "no mechanism available", {LEVEL: "encrypt", **SASL, "smtp_sasl_tls_security_options": "noanonymous"}),
    ("postfix", {LEVEL: "may", **SASL, "smtp_sasl_security_options": "noanonymous"}, None, "password-in-clear",
     "smtp_sasl_security_options", "without TLS",
     {LEVEL: "may", **SASL, "smtp_sasl_tls_security_options": "noanonymous"}),
    ("postfix", {LEVEL: "may"}, None, "fallback-in-clear", LEVEL, "454", {LEVEL: "encrypt"}),
    ("postfix", {LEVEL: "encrypt", "smtp_use_tls": "yes"}, None, "ineffective", "smtp_use_tls", "ignored",
     {"smtp_use_tls": "yes"}),
    ("postfix", {"smtp_enforce_tls": "yes"}, None, "obsolete", "smtp_enforce_tls", "encrypt", {LEVEL: "verify"}),
    ("postfix", {"smtpd_tls_security_level": "encrypt"}, None, "wrong-side", "smtpd_tls_security_level", "receives",
     {"smtpd_tls_security_level": "encrypt", LEVEL: "encrypt"}),
    ("postfix", {"relayhost": "h.example:587"}, None, "mx-lookup", "relayhost", "MX", {"relayhost": "[h.example]:587"}),
    ("postfix", {"smtp_tls_policy_maps": "hash:/x"}, None, "elsewhere", "smtp_tls_policy_maps", "otherwise",
     {"smtp_tls_policy_maps": ""}),
    ("postfix", {"smtp_use_tls": "true"}, None, "unknown-value", "smtp_use_tls", "yes", {"smtp_use_tls": "YES"}),
    ("postfix", {LEVEL: "encypt"}, None, "unknown-value", LEVEL, "invalid", {LEVEL: "Encrypt"}),
    ("postfix", {"smtp_tls_wrappermode": "yes", LEVEL: "encrypt"}, "2.11", "ineffective", "smtp_tls_wrappermode",
     "newer", None),
    ("postfix", {"smtp_tls_wrapper_mode": "yes"}, None, "unknown-key", "smtp_tls_wrapper_mode", "smtp_tls_wrappermode",
     {"smtp_tls_wrappermode": "yes"}),
    ("postfix", {"smtp_sasl_auth_enable": "yes"}, None, "auth-incomplete", "smtp_sasl_auth_enable", "password_maps",
     SASL),
    ("exim", {"hosts_require_tls": "*"}, None, "auth-incomplete", "hosts_try_auth", "authenticator",
     {"hosts_require_tls": "*", "hosts_try_auth": "*"}),
    ("exim", {"port": 587}, None, "fallback-in-clear", "tls_tempfail_tryclear", "hosts_require_tls",
     {"port": 587, "tls_tempfail_tryclear": "false"}),
    ("exim", {"port": 587}, None, "no-certificate-check", "tls_verify_hosts", "check", {"tls_verify_hosts": "*"}),
    ("exim", {"port": 465}, None, "port-mismatch", "protocol", "smtps", {"port": 465, "protocol": "smtps"}),
    ("exim", {"protocol": "smtps", "hosts_avoid_tls": "*"}, None, "ineffective", "hosts_avoid_tls", "STARTTLS",
     {"hosts_avoid_tls": "*"}),
]


@each_row(("name", "settings", "version", "code", "setting", "word", "twin"), TRAPS)
def test_a_trap_is_named_and_only_where_it_is_one(name, settings, version, code, setting, word, twin):
    def found(settings, version=None):
        return [w.message for w in read_settings(name, settings, version=version).warnings
                if (w.code, w.setting) == (code, setting)]
    assert word in " ".join(found(settings, version))
    assert found(twin if twin is not None else settings) == []


def test_the_default_level_of_postfix_3_11_follows_its_compatibility_level():
    new = "compatibility_level = 3.11"
    assert read_settings("postfix", new, version="3.11").mode == "starttls-opportunistic"
    assert read_settings("postfix", new, version="3.10").mode == "plain"
    assert read_settings("postfix", "compatibility_level = 3.6", version="3.11").mode == "plain"
    assert read_settings("postfix", new + "\nsmtp_tls_security_level =", version="3.11").mode == "plain"


def test_without_a_mechanism_there_is_no_login_but_only_where_one_is_due():
    assert read_settings("postfix", {LEVEL: "encrypt", **SASL}).outcome == "auth-not-offered"
    assert read_settings("postfix", {LEVEL: "encrypt", **SASL}, port=25).outcome == "works"
    assert read_settings("postfix", {LEVEL: "encrypt", **SASL}, port=465).outcome == "hang"


def test_a_password_goes_in_clear_where_the_options_allow_it():
    clear = {LEVEL: "may", **SASL, "smtp_sasl_security_options": "noanonymous"}
    assert read_settings("postfix", clear).password_in_clear_if_server_allows is True
    assert read_settings("postfix", {LEVEL: "may", **SASL}).password_in_clear_if_server_allows is False
    assert read_settings("exim", {"hosts_require_auth": "*"}).password_in_clear_if_server_allows is True
    assert read_settings("exim", {"port": 587}).password_in_clear_if_server_allows is False


@each_row(("settings", "seconds"), [
    ({}, 300), ({"smtp_helo_timeout": "30s"}, 30), ({"smtp_helo_timeout": "2m"}, 120),
    ({"smtp_helo_timeout": "soon"}, 300)])
def test_a_hang_lasts_as_long_as_is_set(settings, seconds):
    assert read_settings("postfix", settings, port=465).hang_ends_after_s == seconds


def test_lines_say_what_decides():
    lines = {line.number: line for line in read_settings("postfix", DEBIAN_MAIN_CF).lines}
    assert lines[7].effect == "decides"
    assert lines[14].effect == "secret"
    assert "[smtp.example.com]:587" in lines[11].text
    assert all(w.code != "unread" for w in read_settings("postfix", DEBIAN_MAIN_CF).warnings)


@each_row("name", ["postfix", "exim"])
def test_every_form_reads_back_to_its_mode(name):
    described = framework(name)
    for mode, form in described.forms(Given(described, described.releases[-1], {}, None)).items():
        port = 465 if mode == "implicit" else 587
        report = read_settings(name, fill(form, "h.example", port)[0])
        assert (report.mode, report.port, report.host) == (mode, port, "h.example")
