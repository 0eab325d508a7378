"""Mastodon and Discourse: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.evaluate import evaluate, fill
from smtplab.settings.model import Given, Mode, NotPossible, release_for

MASTODON = """\
DB_HOST=/var/run/postgresql
SMTP_SERVER=smtp.example.com
SMTP_PORT=465
SMTP_LOGIN=alice
SMTP_PASSWORD=jabberwocky
SMTP_TLS=true
SMTP_FROM_ADDRESS='Mastodon <notifications@example.com>'
"""
DISCOURSE = """\
templates:
  - "templates/postgres.template.yml"
env:
  DISCOURSE_SMTP_ADDRESS: smtp.example.com
  DISCOURSE_SMTP_PORT: 587
  DISCOURSE_SMTP_USER_NAME: alice@example.com
  DISCOURSE_SMTP_PASSWORD: "jabberwocky"
  #DISCOURSE_SMTP_ENABLE_START_TLS: true           # (optional, default true)
  DISCOURSE_SMTP_FORCE_TLS: true
"""


def mastodon(said, port=587):
    return MASTODON.replace("465", str(port)).replace("SMTP_TLS=true", said)


@each_row(("name", "text", "version", "mode", "port", "outcome"), [
    ("mastodon", MASTODON, None, "implicit", 465, "works"),
    ("mastodon", MASTODON, "4.4.1", "implicit", 465, "works"),
    ("mastodon", MASTODON, "4.4 with mail 2.9.0", "error", 465, "config-error"),
    ("mastodon", MASTODON + "SMTP_ENABLE_STARTTLS=never\n", "4.4 with mail 2.9.0", "implicit", 465, "works"),
    ("mastodon", MASTODON + "SMTP_ENABLE_STARTTLS=always\n", None, "error", 465, "config-error"),
    ("mastodon", mastodon("SMTP_TLS=1", 465), "4.4", "starttls-opportunistic", 465, "hang"),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS=always"), None, "starttls-required", 587, "works"),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS=never"), None, "plain", 587, "plaintext"),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS=true"), None, "starttls-opportunistic", 587, "works"),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS_AUTO=false"), "4.4-ish", "starttls-opportunistic", 587, "works"),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS_AUTO=false"), "4.3", "plain", 587, "plaintext"),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS_AUTO=false"), "4.5", "plain", 587, "plaintext"),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS_AUTO=false"), "3.4", "starttls-opportunistic", 587, "works"),
    ("mastodon", mastodon("SMTP_TLS=false"), "3.4", "implicit", 587, "wrong-version-number"),
    ("mastodon", mastodon("SMTP_SSL=false\nSMTP_ENABLE_STARTTLS=always"), "4.2", "starttls-opportunistic", 587,
     "works"),
    ("mastodon", mastodon("SMTP_AUTH_METHOD=cram-md5"), None, "error", 587, "config-error"),
    ("mastodon", mastodon("SMTP_LOGIN="), None, "starttls-opportunistic", 587, "auth-missing"),
    ("discourse", DISCOURSE, None, "implicit", 587, "wrong-version-number"),
    ("discourse", DISCOURSE.replace("587", "465"), None, "implicit", 465, "works"),
    ("discourse", DISCOURSE.replace("FORCE_TLS: true", "FORCE_TLS: false"), None, "starttls-opportunistic", 587,
     "works"),
    ("discourse", DISCOURSE.replace("FORCE_TLS: true", 'FORCE_TLS: "no"'), None, "implicit", 587,
     "wrong-version-number"),
    ("discourse", DISCOURSE.replace("FORCE_TLS: true", "ENABLE_START_TLS: true").replace("587", "465"), None,
     "starttls-opportunistic", 465, "hang"),
    ("discourse", "smtp_address = mx\nsmtp_port = 25\nsmtp_enable_start_tls = false\n", None, "plain", 25, "plaintext"),
])
def test_pastes(name, text, version, mode, port, outcome):
    report = read_settings(name, text, version=version)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabberwocky" not in repr(report)
    assert not any(w.code == "unknown-key" for w in report.warnings)
    assert (report.error is None) == (outcome == "works")
    assert report.hang_ends_after_s == ({"mastodon": 20, "discourse": 30}[name] if outcome == "hang" else None)


def codes(name, text, version=None):
    return {(w.code, w.setting): w.message for w in read_settings(name, text, version=version).warnings}


@each_row(("name", "text", "version", "code", "word", "twin", "twin_version"), [
    ("mastodon", MASTODON, "4.4", ("breaks-later", "SMTP_TLS"), "never", MASTODON, "4.5"),
    ("mastodon", MASTODON + "SMTP_ENABLE_STARTTLS=always\n", None, ("contradiction", "SMTP_TLS"), "out", MASTODON,
     None),
    ("mastodon", mastodon("SMTP_TLS=1"), None, ("unknown-value", "SMTP_TLS"), "exact word", MASTODON, None),
    ("mastodon", mastodon("SMTP_TLS=false"), "3.4", ("truthy", "SMTP_TLS"), "ON", mastodon("SMTP_TLS=false"), "3.5"),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS=true"), None, ("unknown-value", "SMTP_ENABLE_STARTTLS"), "always",
     mastodon("SMTP_ENABLE_STARTTLS=always"), None),
    ("mastodon", mastodon("SMTP_ENABLE_STARTTLS_AUTO=false"), "4.4", ("ineffective", "SMTP_ENABLE_STARTTLS_AUTO"),
     "boolean", mastodon("SMTP_ENABLE_STARTTLS_AUTO=false"), "4.5"),
    ("mastodon", mastodon("SMTP_SSL=false"), "4.2", ("ineffective", "SMTP_SSL"), "mail 2.8",
     mastodon("SMTP_SSL=false"), "4.4"),
    ("mastodon", MASTODON.replace("465", "587"), None, ("misleading-name", "SMTP_TLS"), "587", MASTODON, None),
    ("mastodon", mastodon("", 465), None, ("not-inferred", "SMTP_TLS"), "SMTP_TLS=true", MASTODON, None),
    ("mastodon", mastodon("SMTP_LOGIN="), None, ("auth-incomplete", "SMTP_LOGIN"), "none",
     mastodon("SMTP_LOGIN=\nSMTP_AUTH_METHOD=none"), None),
    ("discourse", DISCOURSE, None, ("misleading-name", "DISCOURSE_SMTP_FORCE_TLS"), "STARTTLS required",
     DISCOURSE.replace("587", "465"), None),
    ("discourse", DISCOURSE.replace(": true", ": 'False'"), None, ("truthy", "DISCOURSE_SMTP_FORCE_TLS"), "ON",
     DISCOURSE, None),
    ("discourse", DISCOURSE + "  DISCOURSE_SMTP_ENABLE_START_TLS: true", None,
     ("ineffective", "DISCOURSE_SMTP_ENABLE_START_TLS"), "in any case", DISCOURSE, None),
    ("discourse", DISCOURSE.replace("FORCE_TLS: true", "ENABLE_START_TLS: false"), None, ("password-in-clear", ""),
     "on the wire", DISCOURSE, None),
    ("discourse", DISCOURSE + "  DISCOURSE_SMTP_OPENSSL_VERIFY_MODE: none", None,
     ("no-certificate-check", "DISCOURSE_SMTP_OPENSSL_VERIFY_MODE"), "not checked", DISCOURSE, None),
])
def test_traps(name, text, version, code, word, twin, twin_version):
    assert word in codes(name, text, version)[code]
    assert code not in codes(name, twin, twin_version)


@each_row(("name", "version"), [
    ("mastodon", None), ("mastodon", "4.4"), ("mastodon", "3.4"), ("discourse", None)])
def test_forms_read_back(name, version):
    described = framework(name)
    release, _remark = release_for(described, version)
    possible = 0
    for mode, port in ((Mode.IMPLICIT, 465), (Mode.REQUIRED, 587), (Mode.OPPORTUNISTIC, 587), (Mode.PLAIN, 587)):
        form = described.forms(Given(described, release, {}, port))[mode]
        if not isinstance(form, NotPossible):
            possible += 1
            report = evaluate(described, fill(form, "smtp.example.com", port)[0], version)
            assert (report.mode, report.port) == (mode, port)
            assert not {w.code for w in report.warnings} & {"unread", "unknown-key", "ineffective"}
    assert possible >= 2
