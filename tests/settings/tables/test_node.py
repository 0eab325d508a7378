"""Nodemailer: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings, translate
from smtplab.settings.model import Given, Mode

README = """\
const transporter = nodemailer.createTransport({
  host: "smtp.example.com",
  port: 587,
  secure: false, // upgrade later with STARTTLS
  auth: { user: "alice", pass: "jabberwocky" },
});
"""
TYPED = """\
import SMTPTransport from "nodemailer/lib/smtp-transport";
const options: SMTPTransport.Options = {
  host: process.env.SMTP_HOST,
  port: Number(process.env.SMTP_PORT || 465),
  secure: Number(process.env.SMTP_PORT) === 465,
  auth: { user: process.env.SMTP_USER, pass: process.env.SMTP_PASS },
}
"""
BOTH = "nodemailer.createTransport({ host: 'h', port: 587, ignoreTLS: true, requireTLS: true })"
BESIDE = "nodemailer.createTransport({ url: 'smtp://a:jabberwocky@h.example:587', requireTLS: true })"
URL = "nodemailer.createTransport('%s')"


@each_row(("text", "version", "mode", "port", "outcome"), [
    (README, None, "starttls-opportunistic", 587, "works"),
    (README.replace("587", "465"), "7.0.13", "starttls-opportunistic", 465, "hang"),
    (README.replace("secure: false", "secure: true"), None, "implicit", 587, "wrong-version-number"),
    (README.replace("secure: false,", "").replace("587", "465"), "6.9", "implicit", 465, "works"),
    (README.replace("secure: false", "secure: null").replace("587", "465"), None, "starttls-opportunistic", 465,
     "hang"),
    (README.replace("secure: false", "secure: undefined").replace("587", "465"), None, "implicit", 465, "works"),
    (README.replace("secure: false", "requireTLS: true"), None, "starttls-required", 587, "works"),
    (README.replace("secure: false", "ignoreTLS: true"), None, "plain", 587, "refused-needs-tls"),
    (README.replace("secure: false", "ignoreTLS: true"), "4.7.0", "plain", 587, "plaintext"),
    (README.replace("587", "25"), "4.7.0", "starttls-opportunistic", 25, "auth-not-offered"),
    (README.replace("587", "25"), "6.9.16", "starttls-opportunistic", 25, "works"),
    (TYPED, None, "implicit", 465, "works"),
    (TYPED.replace(" || 465", " || 587"), None, "starttls-opportunistic", 587, "works"),
    ("nodemailer.createTransport({ secure: true })", None, "implicit", 465, "works"),
    ("nodemailer.createTransport({})", None, "starttls-opportunistic", 587, "works"),
    (BOTH, "6.9.16", "plain", 587, "refused-needs-tls"),
    (BOTH, "10.0.11", "plain", 587, "refused-needs-tls"),
    (BOTH, "10.0.12", "starttls-required", 587, "works"),
    (BESIDE, "7.0.13", "starttls-opportunistic", 587, "works"),
    (BESIDE, None, "starttls-required", 587, "works"),
    (URL % "smtps://a:jabberwocky@h.example", None, "implicit", 465, "works"),
    (URL % "smtps://a:jabberwocky@h.example:587", None, "implicit", 587, "wrong-version-number"),
    (URL % "smtp://a:jabberwocky@h.example:465", None, "starttls-opportunistic", 465, "hang"),
    (URL % "smtp://a:jabberwocky@h.example:587/?requireTLS=true&secure=true", None, "starttls-required", 587, "works"),
    (URL % "smtp://a:jabberwocky@h.example:587?ignoreTLS=true", None, "plain", 587, "refused-needs-tls"),
    ("smtps://a:jabberwocky@h.example/?pass=jabberwocky", None, "implicit", 465, "works"),
    ("nodemailer.createTransport({ service: 'gmail', port: 587, secure: false })", None, "implicit", 465, "works"),
    ("nodemailer.createTransport({ service: 'SendGrid' })", None, "starttls-opportunistic", 587, "works"),
])
def test_pastes(text, version, mode, port, outcome):
    report = read_settings("nodemailer", text, version=version)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabberwocky" not in repr(report)
    assert (report.error is None) == (outcome == "works")
    assert report.hang_ends_after_s == (30 if outcome == "hang" else None)


def codes(given, version=None):
    return {(w.code, w.setting): w.message for w in read_settings("nodemailer", given, version=version).warnings}


@each_row(("given", "version", "code", "word", "twin", "twin_version"), [
    ({"secure": "false"}, None, ("truthy", "secure"), "ON", {"secure": True}, None),
    ({"secure": False, "port": 465}, None, ("not-inferred", "secure"), "undefined", {"secure": False, "port": 587},
     None),
    ({"port": 465}, None, ("inferred", "secure"), "secure: true", {"port": 465, "secure": True}, None),
    ({"url": "smtp://h:465"}, None, ("not-inferred", "url"), "smtps://", {"url": "smtps://h:465"}, None),
    ({"url": "smtp://h:465/?secure=true"}, None, ("ineffective", "secure"), "scheme", {"url": "smtps://h:465"}, None),
    (BOTH, None, ("contradiction", "ignoreTLS"), "10.0.12", {"ignoreTLS": True}, None),
    (BESIDE, "9.1.1", ("ineffective", "url"), "?requireTLS", BESIDE, "10.0.0"),
    ({"url": "smtp://h:465", "secure": True}, None, ("ineffective", "secure"), "beside", {"url": "smtps://h:465"},
     None),
    ({"service": "gmail", "port": 587}, None, ("ineffective", "service"), "overruled", {"service": "gmail"}, None),
    ({"service": "acme"}, None, ("unknown-value", "service"), "ninety", {"service": "Outlook365"}, None),
    ({"opportunisticTLS": True}, None, ("fallback-in-clear", "opportunisticTLS"), "454", {"opportunisticTLS": False},
     None),
    ({"port": 25}, "6.9.16", ("auth-skipped", ""), "does not log in", {"port": 25}, "4.7.0"),
    ({"ignoreTLS": True}, "4.7.0", ("password-in-clear", ""), "before", {"requireTLS": True}, "4.7.0"),
    ({"tls": {"rejectUnauthorized": False}}, None, ("no-certificate-check", "tls.rejectUnauthorized"), "not checked",
     {"tls": {"rejectUnauthorized": True}}, None),
    ({"auth": {"user": "a", "pass": ""}}, None, ("auth-incomplete", "auth.pass"), "empty",
     {"auth": {"user": "a", "pass": "b"}}, None),
    ({"requireTls": True}, None, ("unknown-key", "requireTls"), "requireTLS", {"requireTLS": True}, None),
    ({"url": "smtp://a:b#c@h:587"}, None, ("unread", "url"), "%23", {"url": "smtp://a:b%23c@h:587"}, None),
    ("t = nodemailer.createTransport({url: process.env.MAIL})", None, ("computed", "url"), "scheme",
     {"url": "smtp://h:587"}, None),
])
def test_each_trap_and_its_twin(given, version, code, word, twin, twin_version):
    assert word in codes(given, version)[code]
    assert code not in codes(twin, twin_version)


def test_a_greeting_timeout_bounds_the_hang():
    assert read_settings("nodemailer", {"secure": False, "port": 465, "greetingTimeout": 5000}).hang_ends_after_s == 5
    assert read_settings("nodemailer", {"url": "smtp://h:465?greetingTimeout=1000"}).hang_ends_after_s == 1


def test_saying_secure_outright_is_no_fault_though_port_465_implies_it():
    said = read_settings("nodemailer", {"port": 465, "secure": True})
    assert not said.warnings
    assert [line.effect for line in said.lines if line.text.startswith("secure")] == ["decides"]
    twice = read_settings("nodemailer", {"port": 465, "secure": True, "requireTLS": True})
    assert [line.effect for line in twice.lines if line.text.startswith("requireTLS")] == ["ineffective"]


@each_row(("settings", "first", "crosses"), [
    ({}, True, True), ({"auth.method": "plain"}, True, True), ({"auth.method": "login"}, False, True),
    ({"auth.method": "CRAM-MD5"}, False, False), ({"authMethod": "LOGIN"}, True, True)])  # which 4.7 doesn't read
def test_whether_the_password_is_on_the_wire_before_a_refusal(settings, first, crosses):
    report = read_settings("nodemailer", {"ignoreTLS": True, **settings}, version="4.7.0", port=587)
    assert (report.mode, report.password_first) == ("plain", first)
    assert report.outcome == ("plaintext" if first else "refused-needs-tls")
    assert report.password_in_clear_if_server_allows == crosses
    said = [w.message for w in report.warnings if w.code == "password-in-clear"]
    assert ["before the server can refuse" in words for words in said] == [first] * crosses
    newer = read_settings("nodemailer", {"ignoreTLS": True, **settings}, version="6.9.16", port=587)
    assert newer.password_first == (settings.get("authMethod") is None and first)


def test_a_password_in_a_url_never_comes_back():
    report = read_settings("nodemailer", {"url": "smtps://alice:jabberwocky@h.example:465/?token=sesame&pool=true"})
    assert report.host == "h.example"
    assert not any(secret in repr(report) for secret in ("jabberwocky", "sesame", "alice"))
    assert "pool=true" in repr(report)


@each_row("text", ["createTransport({port: 587", "createTransport(f(", "x = f(",
                                  "createTransport({port: '²'})"])
def test_odd_text_is_read_as_far_as_it_goes(text):
    assert read_settings("nodemailer", text).mode == "starttls-opportunistic"


def test_the_right_forms_read_back():
    nodemailer = framework("nodemailer")
    for port in (465, 587):
        for mode, form in nodemailer.forms(Given(nodemailer, nodemailer.releases[-1], {}, port)).items():
            report = read_settings("nodemailer", form.replace("{host}", "h.example").replace("{port}", str(port)))
            assert (report.mode, report.port, report.host) == (mode, port, "h.example")
            assert ("secure: true" in form) == (mode is Mode.IMPLICIT)


def test_translations_are_tried_out():
    works = read_settings("nodemailer", {"secure": False, "port": 587})
    assert str(translate(works, "nodemailer")).endswith("port: 587 })")
    assert not translate(works, "flask-mail").possible  # which can't take STARTTLS where it is offered
    hangs = read_settings("nodemailer", {"secure": False, "port": 465})
    assert "secure: true" in str(translate(hangs, "nodemailer"))
