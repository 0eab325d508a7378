"""Rails ActionMailer: the truth table by version, the traps with their sentences, and what people paste."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.evaluate import fill
from smtplab.settings.model import Given

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
    ({"enable_starttls": False, "authentication": "plain"}, V29, "password-in-clear", "", "the server can refuse"),
    ({"enable_starttls": False, "authentication": ":login"}, V29, "password-in-clear", "", "if refused, none crosses"),
    ({"delivery_method": ":sendmail"}, V29, "not-smtp", "delivery_method", "no part in it"),
    ({"perform_deliveries": False}, V29, "not-smtp", "perform_deliveries", "no mail is sent"),
    ({"openssl_verify_mode": "peer"}, RUBY27, "no-authority", "openssl_verify_mode", "refuse every certificate"),
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


# --- what Rails adds ---

BASE, CONFIG = "ActionMailer::Base.smtp_settings", "config.action_mailer.smtp_settings"


@each_row(("text", "added"), [
    (f"{BASE}[:tls] = true", True), (f"{BASE}['tls'] = true", True), (f"{BASE}.merge!(tls: true, port: 465)", True),
    (f"{BASE}.merge!(\n  :port => 465,\n  :tls => true\n)", True), (f"{BASE}.update tls: true", True),
    (f"{BASE} = {BASE}.merge(tls: true)", True),
    ("mail(to: 'b@example.com', delivery_method_options: { tls: true, port: 465 })", True),
    (f"{BASE} = {{ tls: true }}", False), (f"{CONFIG} = {{ port: 465 }}\n{BASE}[:tls] = true", False),
    (f"{CONFIG} = {{ tls: true }}", False), ("smtp_settings:\n  tls: true\n", False), ("port=465 tls=true", False),
    (f"# {BASE} = {{ port: 25 }}\n{BASE}[:tls] = true", True)])
def test_what_is_added_to_rails_own_hash_meets_its_enable_starttls_auto(text, added):
    """`tests/real/test_ruby_live.py` looks at that hash itself."""
    reports = [read_settings("rails", text, version=v) for v in (V27, V28, V29)]
    assert [r.mode for r in reports] == [IMP, IMP, ERR if added else IMP]
    told = ["Rails' own hash" in w.message for r in reports for w in r.warnings if w.code == "contradiction"]
    assert told == [True] * 3 * added
    assert "enable_starttls_auto" not in "".join(line.text for r in reports for line in r.lines)


@each_row("more", ["ActionMailer::Base.smtp_settings[:enable_starttls_auto] = false",
                   "ActionMailer::Base.smtp_settings[:enable_starttls_auto] = nil"])
def test_rails_own_hash_can_be_overruled(more):
    assert read_settings("rails", f"{BASE}[:tls] = true\n{more}").mode == IMP


def test_a_config_is_nil_until_it_is_assigned():
    codes = [[w.code for w in read_settings("rails", f"{before}{CONFIG}[:tls] = true", port=465).warnings]
             for before in ("", f"{CONFIG} = {{ port: 465 }}\n")]
    assert codes == [["no-hash"], []]


# --- how it logs in, what it trusts, which mail a Rails has ---

@each_row(("method", "first", "can_cross"), [
    (None, True, True), ("plain", True, True), (":plain", True, True), (":login", False, True), ("LOGIN", False, True),
    (":cram_md5", False, False), (":xoauth2", True, True)])
def test_whether_the_password_is_on_the_wire_before_a_refusal(method, first, can_cross):
    """`tests/real/test_ruby_live.py` sees the same on the wire."""
    way = {"authentication": method} if method else {}
    report = read_settings("rails", {"enable_starttls": False, **way}, port=587)
    assert (report.mode, report.outcome) == (PLAIN, "plaintext" if first else "refused-needs-tls")
    assert (report.password_first, report.password_in_clear_if_server_allows) == (first, can_cross)
    assert ("before the server can refuse" in report.sentence) == first
    assert ("the password is not sent" in report.sentence) == (not first)
    gitlab = {f"smtp_{name}": value for name, value in way.items()} | {"smtp_enable_starttls_auto": False}
    assert read_settings("gitlab", gitlab, port=587).password_first == first
    said = [w.message for w in report.warnings if w.code == "password-in-clear"]
    assert len(said) == can_cross and all(("before the server can refuse" in words) == first for words in said)


@each_row(("settings", "outcome", "code"), [
    ({}, "works", "no-certificate-check"), ({"openssl_verify_mode": "none"}, "works", "no-certificate-check"),
    ({"openssl_verify_mode": "peer"}, "certificate-refused", "no-authority"),
    ({"openssl_verify_mode": "OpenSSL::SSL::VERIFY_PEER"}, "certificate-refused", "no-authority"),
    ({"openssl_verify_mode": "peer", "ca_file": "/ca.pem"}, "works", None),
    ({"openssl_verify_mode": "peer", "ca_path": "/ca"}, "works", None)])
def test_ruby_2_7_trusts_nobody_by_itself(settings, outcome, code):
    report = read_settings("rails", {"tls": True, **settings}, version=RUBY27, port=465)
    assert (report.mode, report.outcome) == (IMP, outcome)
    codes = [w.code for w in report.warnings if w.code in ("no-certificate-check", "no-authority")]
    assert codes == [code] * bool(code)
    assert ("certificate verify failed" in (report.error or "")) == (outcome == "certificate-refused")
    assert read_settings("rails", {"tls": True, **settings}, version=V27, port=465).outcome == "works"


def test_a_mismatch_comes_before_the_certificate():
    peer = {"openssl_verify_mode": "peer"}
    outcomes = [read_settings("rails", {**peer, "tls": tls}, version=RUBY27, port=port).outcome
                for tls, port in ((True, 587), (False, 465), (False, 587), (True, 465))]
    assert outcomes == ["wrong-version-number", "hang", "certificate-refused", "certificate-refused"]


@each_row(("asked", "version", "words"), [
    ("6.1", V27, "Rails 6.1 came with mail 2.7 or older"), ("5.2.8", V27, "Rails 5.2.8 came"),
    ("Rails 7.0", V27, "Rails 7.0 came"), ("rails 6.1.7", V27, "Rails 6.1.7 came"),
    ("7.1", V29, "Rails 7.1 takes mail 2.8.0 and newer"), ("8.0", V29, "Rails 8.0 takes"),
    ("2.7", V27, None), ("mail 2.8.1", V28, None), ("9.9", V29, "no version is known by that name"), (None, V29, None)])
def test_a_version_of_rails_is_no_version_of_mail(asked, version, words):
    report = read_settings("rails", {"enable_starttls": True}, version=asked, port=587)
    said = [w.message for w in report.warnings if w.code == "unknown-version"]
    assert report.version == version
    assert (said == []) if words is None else (words in said[0] and version in said[0])
    assert ("Gemfile.lock" in "".join(said)) == bool(words and words.startswith("Rails"))


@each_row("mode", [IMP, REQ, OPP])
def test_a_form_is_right_for_every_mail_since_it_is_pasted_where_another_one_runs(mode):
    """The twin is :always, which mail 2.8 refuses."""
    newest = framework("rails")
    text = fill(newest.forms(Given(newest, newest.releases[-1], {}, None))[mode], "h", 587)[0]
    assert {read_settings("rails", text, version=r.name).mode for r in newest.releases} == {mode}
    always = "port: 587, enable_starttls: :always"
    assert {read_settings("rails", always, version=r.name).mode for r in newest.releases} == {REQ, ERR}
    assert "Unrecognized :enable_starttls value :always" in read_settings("rails", always, version=V28).error


@each_row(("settings", "version", "seconds"), [
    ({}, V27, 60), ({}, V28, 5), ({}, V29, 5), ({"read_timeout": 12}, V29, 12), ({"read_timeout": "x"}, V29, 5)])
def test_how_long_it_hangs(settings, version, seconds):
    report = read_settings("rails", settings, version=version, port=465)
    assert (report.outcome, report.hang_ends_after_s, report.error) == ("hang", seconds, "Net::ReadTimeout")
    assert f"{seconds} seconds" in report.sentence
