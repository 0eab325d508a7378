"""Rails ActionMailer: the truth table by version, the traps with their sentences, and what people paste."""

from helpers import each_row

from smtplab.settings import read_settings

V27, V28, V29 = "mail 2.7.1 / net-smtp 0.3.1.1", "mail 2.8.1 / net-smtp 0.3.1.1", "mail 2.9.1 / net-smtp 0.5.1"
RUBY27 = "mail 2.7.1 / net-smtp 0.1.0"
OPP, REQ, IMP, PLAIN, ERR = "starttls-opportunistic", "starttls-required", "implicit", "plain", "error"


@each_row(("settings", "modes"), [  # on Ruby 2.7, then mail 2.7, 2.8 and 2.9 on Ruby 3
    ({}, (OPP, OPP, OPP, OPP)),
    ({"tls": True}, (IMP, IMP, IMP, IMP)), ({"ssl": True}, (IMP, IMP, IMP, IMP)),
    ({"tls": 587}, (IMP, IMP, ERR, IMP)), ({"ssl": 465}, (IMP, IMP, ERR, IMP)),
    ({"tls": "false"}, (IMP, IMP, ERR, IMP)),
    ({"tls": True, "enable_starttls_auto": True}, (IMP, IMP, IMP, ERR)),
    ({"tls": True, "enable_starttls": True}, (IMP, IMP, IMP, ERR)),
    ({"tls": True, "enable_starttls_auto": False}, (IMP, IMP, IMP, IMP)),
    ({"enable_starttls_auto": False}, (PLAIN, OPP, PLAIN, PLAIN)),
    ({"enable_starttls": False}, (OPP, OPP, PLAIN, PLAIN)),
    ({"enable_starttls": True}, (REQ, REQ, REQ, REQ)), ({"enable_starttls": ":auto"}, (REQ, REQ, ERR, OPP)),
    ({"enable_starttls": ":always"}, (REQ, REQ, ERR, REQ)), ({"enable_starttls_auto": "false"}, (OPP, OPP, ERR, OPP)),
    ({"tls": False, "enable_starttls_auto": False}, (PLAIN, OPP, PLAIN, PLAIN)),
    ({"ssl": False, "enable_starttls_auto": False}, (PLAIN, OPP, OPP, PLAIN)),
    ({"ssl": False, "enable_starttls": True}, (REQ, REQ, OPP, REQ)),
    ({"tls": None, "enable_starttls_auto": None}, (PLAIN, OPP, OPP, OPP)),
    ({"authentication": "none"}, (ERR, ERR, ERR, ERR)), ({"authentication": ":xoauth2"}, (ERR, ERR, ERR, OPP)),
    ({"authentication": "LOGIN"}, (OPP, OPP, OPP, OPP)),
])
def test_the_truth_table(settings, modes):
    assert tuple(read_settings("rails", settings, version=v).mode for v in (RUBY27, V27, V28, V29)) == modes


@each_row(("settings", "version", "code", "setting", "words"), [
    ({"tls": 587}, V29, "truthy", "tls", "number, not a boolean"),
    ({"tls": "false"}, V27, "truthy", "tls", "switches it ON"),
    ({"tls": True, "enable_starttls_auto": True}, V28, "contradiction", "tls", "exclude each other"),
    ({"enable_starttls_auto": False}, V27, "ineffective", "enable_starttls_auto", "never switches STARTTLS off"),
    ({"enable_starttls": False}, V27, "ineffective", "enable_starttls", "taken for nil"),
    ({"enable_starttls": ":auto"}, V27, "unknown-value", "enable_starttls", "means required"),
    ({"ssl": False, "enable_starttls": True}, V28, "ineffective", "enable_starttls", "Take ssl: false out"),
    ({"ssl": False, "openssl_verify_mode": "none"}, V28, "ineffective", "openssl_verify_mode", "checked all the same"),
    ({"openssl_verify_mode": "none"}, V28, "no-certificate-check", "openssl_verify_mode", "not checked"),
    ({}, RUBY27, "no-certificate-check", "", "checks no certificate"),
    ({"enable_starttls": False}, V29, "password-in-clear", "", "before the server can refuse"),
    ({"authentication": "none"}, V29, "unknown-value", "authentication", "leave user_name and password out"),
    ({"user_name": "u"}, V29, "auth-incomplete", "user_name", "without a password"),
    ({"user_name": "", "password": "p"}, V29, "auth-incomplete", "user_name", "leave them out"),
    ({"openssl_verify_mode": "peer"}, V29, "redundant", "openssl_verify_mode", "default"),
    ({"tls": False}, V29, "redundant", "tls", "changes nothing"),
    ({"tls": True, "enable_starttls_auto": False}, V27, "redundant", "enable_starttls_auto", "changes nothing"),
    ({"enable_starttls_auto": False}, "mail 2.8.0 / net-smtp 0.3.1.1", "config-error", "", "mended in 2.8.1"),
    ({"enable_starttl": True}, V29, "unknown-key", "enable_starttl", "did you mean enable_starttls?"),
])
def test_traps_have_a_warning_and_a_sentence(settings, version, code, setting, words):
    found = [w for w in read_settings("rails", settings, version=version, port=587).warnings if w.code == code]
    assert [w.setting for w in found if words in w.message] == [setting], found


@each_row("version", [V27, V28, V29])
def test_right_settings_bring_no_warning(version):
    """The twin."""
    assert read_settings("rails", {"tls": True}, version=version, port=465).warnings == ()
    assert read_settings("rails", {"enable_starttls": True}, version=version, port=587).warnings == ()


PRODUCTION = """\
Rails.application.configure do
  config.cache_classes = true  # config.action_mailer.smtp_settings = { tls: false }
  config.action_mailer.delivery_method = :smtp
  config.action_mailer.default_url_options = { host: "example.com", port: 3000 }
  config.action_mailer.smtp_settings = {
    :address              => ENV["SMTP_HOST"],
    :port                 => ENV.fetch("SMTP_PORT", 587),
    :domain               => 'example.com',
    :user_name            => Rails.application.credentials.dig(:smtp, :user_name),
    :password             => "hunter2!x",
    :authentication       => 'plain',
    :enable_starttls_auto => true,
    :tls                  => true
  }
end
"""


def test_a_whole_production_rb():
    report = read_settings("rails", PRODUCTION)
    assert (report.mode, report.port, report.outcome) == ("error", 587, "config-error")
    assert "hunter2" not in repr(report)
    effects = {line.text.split(" = ")[0]: (line.number, line.effect) for line in report.lines}
    assert effects["tls"] == (13, "decides")
    assert effects["password"] == (10, "secret")
    old = read_settings("rails", PRODUCTION, version="2.7")
    assert (old.mode, old.outcome) == ("implicit", "wrong-version-number")
    assert {line.text: line.effect for line in old.lines}["enable_starttls_auto = true"] == "redundant"


@each_row("text", [
    "ActionMailer::Base.smtp_settings = {address: 'h', port: 465, ssl: true}", "port=465 tls=true",
    "smtp_settings:\n  address: h\n  port: 465\n  tls: true\n",
    'config.action_mailer.smtp_settings[:port] = 465\nconfig.action_mailer.smtp_settings[:tls] = true',
    'Mail.defaults do\n  delivery_method :smtp, address: "h", port: 465, tls: true\nend'])
def test_other_ways_to_say_it(text):
    report = read_settings("rails", text)
    assert (report.mode, report.port, report.outcome) == ("implicit", 465, "works")


@each_row(("settings", "version", "seconds"), [
    ({}, V27, 60), ({}, V28, 5), ({}, V29, 5), ({"read_timeout": 12}, V29, 12), ({"read_timeout": "x"}, V29, 5)])
def test_how_long_it_hangs(settings, version, seconds):
    report = read_settings("rails", settings, version=version, port=465)
    assert (report.outcome, report.hang_ends_after_s, report.error) == ("hang", seconds, "Net::ReadTimeout")
    assert f"{seconds} seconds" in report.sentence
