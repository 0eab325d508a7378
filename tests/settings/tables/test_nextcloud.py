"""Nextcloud: config.php, occ and the container's variables, on Symfony and Swift Mailer; each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.model import Given, Mode, NotPossible

CONFIG = """\
<?php
$CONFIG = array (
  'mail_smtpmode' => 'smtp',
  'mail_smtphost' => 'smtp.example.com',
  'mail_smtpport' => '%s',
  'mail_smtpsecure' => '%s',
  'mail_smtpauth' => 1,
  'mail_smtpname' => 'alice',
  'mail_smtppassword' => 'jabberwocky',
);
"""
OCC = "sudo -u www-data php occ config:system:set mail_smtpsecure --value=\"%s\"\n" \
      "sudo -u www-data php occ config:system:set mail_smtpport --value %s --type=integer\n"
STREAM = "'mail_smtpstreamoptions' => array('ssl' => array('verify_peer' => %s)), 'mail_smtpport' => 465"


@each_row(("text", "version", "mode", "port", "outcome"), [
    (CONFIG % (465, "ssl"), None, "implicit", 465, "works"),
    (CONFIG % (465, ""), None, "implicit", 465, "works"),
    (CONFIG % (587, "ssl"), None, "implicit", 587, "wrong-version-number"),
    (CONFIG % (587, "tls"), None, "starttls-opportunistic", 587, "works"),
    (CONFIG % (587, "SSL"), None, "starttls-opportunistic", 587, "works"),
    (CONFIG % (25, ""), "31", "starttls-opportunistic", 25, "works"),
    (CONFIG % (587, "tls"), "Nextcloud 25", "starttls-required", 587, "works"),
    (CONFIG % (465, "tls"), "24.0.1", "starttls-required", 465, "hang"),
    (CONFIG % (587, "TLS"), "25", "starttls-required", 587, "works"),
    (CONFIG % (465, "ssl"), "25", "implicit", 465, "works"),
    (CONFIG % (587, ""), "25", "plain", 587, "refused-needs-tls"),
    (CONFIG % (587, "starttls"), "25", "error", 587, "config-error"),
    (OCC % ("ssl", 465), None, "implicit", 465, "works"),
    (OCC % ("ssl", 587), None, "implicit", 587, "wrong-version-number"),
    ("SMTP_HOST=h\nSMTP_SECURE=ssl\nSMTP_NAME=alice\nSMTP_PASSWORD=jabberwocky\n", None, "implicit", 465, "works"),
    ("SMTP_HOST=h\nSMTP_SECURE=tls\nSMTP_PORT=587\n", None, "starttls-opportunistic", 587, "works"),
    ("SMTP_HOST=h\nSMTP_NAME=alice\n", None, "starttls-opportunistic", 25, "works"),
    ("'mail_smtphost' => 'ssl://smtp.example.com', 'mail_smtpport' => 587", None, "implicit", 587,
     "wrong-version-number"),
    ("'mail_smtphost' => 'ssl://smtp.example.com', 'mail_smtpport' => 465", None, "error", 465, "config-error"),
])
def test_pastes(text, version, mode, port, outcome):
    report = read_settings("nextcloud", text, version=version)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabberwocky" not in repr(report)


@each_row(("trap", "version", "code", "setting", "word", "twin"), [
    (CONFIG % (587, "tls"), None, "ineffective", "mail_smtpsecure", "does not require", CONFIG % (465, "ssl")),
    (CONFIG % (587, ""), None, "redundant", "mail_smtpsecure", "not \"no TLS\"", CONFIG % (587, "ssl")),
    (CONFIG % (587, "tls") + "'mail_smtpauthtype' => 'LOGIN'", "26", "ineffective", "mail_smtpauthtype",
     "order of its own", CONFIG % (587, "tls")),
    ({"mail_smtpname": "alice", "mail_smtpauth": False}, None, "auth-incomplete", "mail_smtpauth", "never logs in",
     {"mail_smtpname": "alice", "mail_smtpauth": 1}),
    ({"mail_smtpmode": "sendmail"}, None, "not-smtp", "mail_smtpmode", "sendmail", {"mail_smtpmode": "smtp"}),
    (STREAM % "false", None, "no-certificate-check", "mail_smtpstreamoptions", "not checked", STREAM % "true"),
    ({"mail_smtpsecur": "ssl"}, None, "unknown-key", "mail_smtpsecur", "did you mean mail_smtpsecure",
     {"mail_smtpsecure": "ssl"}),
])
def test_traps(trap, version, code, setting, word, twin):
    said = [w.message for w in read_settings("nextcloud", trap, version=version).warnings
            if (w.code, w.setting) == (code, setting)]
    assert len(said) == 1
    assert word in said[0]
    assert (code, setting) not in {
        (w.code, w.setting) for w in read_settings("nextcloud", twin, version=version).warnings}


def test_swift_mailer_has_none_of_symfonys_traps():
    codes = {w.code for w in read_settings("nextcloud", CONFIG % (587, "tls"), version="25").warnings}
    assert codes == set()


@each_row(("version", "seconds"), [("25", 10), ("30", 10)])
def test_it_waits_as_long_as_it_says(version, seconds):
    settings = {"mail_smtpsecure": "tls", "mail_smtpport": 2465}
    assert read_settings("nextcloud", settings, version=version).hang_ends_after_s == seconds
    settings["mail_smtptimeout"] = 30
    assert read_settings("nextcloud", settings, version=version).hang_ends_after_s == 30


def test_what_each_version_can_be_set_to():
    nextcloud = framework("nextcloud")
    possible = [[not isinstance(nextcloud.forms(Given(nextcloud, r, {}, None))[m], NotPossible)
                 for m in (Mode.REQUIRED, Mode.OPPORTUNISTIC, Mode.PLAIN)] for r in nextcloud.releases]
    assert possible == [[True, False, True], [False, True, False]]
