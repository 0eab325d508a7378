"""GitLab's omnibus settings: what is redundant, what is not passed on, and the documented examples that can't work."""

from helpers import each_row

from smtplab.settings import read_settings

OLD, NEW = "GitLab <= 15.x (mail 2.8.1 unpatched)", "GitLab 16+ (mail 2.8.1 patched / 2.9)"


@each_row(("settings", "port", "old", "new"), [
    ({}, 587, ("starttls-opportunistic", "works"), ("starttls-opportunistic", "works")),
    ({"smtp_tls": True}, 465, ("implicit", "works"), ("implicit", "works")),
    ({"smtp_ssl": True}, 587, ("implicit", "wrong-version-number"), ("implicit", "wrong-version-number")),
    ({"smtp_tls": True, "smtp_enable_starttls_auto": True}, 465, ("implicit", "works"), ("error", "config-error")),
    ({"smtp_tls": False, "smtp_enable_starttls_auto": True}, 465, ("starttls-opportunistic", "hang"),
     ("starttls-opportunistic", "hang")),
    ({"smtp_tls": False, "smtp_enable_starttls_auto": False}, 587, ("plain", "plaintext"), ("plain", "plaintext")),
    ({"smtp_ssl": False, "smtp_enable_starttls_auto": False}, 587, ("starttls-opportunistic", "works"),
     ("plain", "plaintext")),
    ({"smtp_force_ssl": True}, 465, ("starttls-opportunistic", "hang"), ("starttls-opportunistic", "hang")),
])
def test_before_and_since_gitlab_16(settings, port, old, new):
    found = [read_settings("gitlab", settings, version=v, port=port) for v in (OLD, NEW, "14.2", "17.5")]
    assert [(r.mode, r.outcome) for r in found] == [old, new, old, new]


@each_row(("settings", "port", "version", "code", "setting", "words"), [
    ({"smtp_force_ssl": True}, 465, NEW, "ineffective", "smtp_force_ssl", "not passed on"),
    ({"smtp_enable_starttls": True}, 587, NEW, "ineffective", "smtp_enable_starttls", "not passed on"),
    ({"smtp_enable_starttls_auto": True}, 465, NEW, "documented-example", "smtp_tls", "waits until the time-out"),
    ({"smtp_enable_starttls_auto": False}, 587, NEW, "documented-example", "smtp_enable_starttls_auto", "in clear"),
    ({"smtp_tls": True, "smtp_enable_starttls_auto": True}, 465, NEW, "contradiction", "smtp_tls", "exclude"),
    ({"smtp_tls": False}, 587, NEW, "redundant", "smtp_tls", "changes nothing"),
    ({"smtp_enable_starttls_auto": True}, 587, NEW, "redundant", "smtp_enable_starttls_auto", "changes nothing"),
    ({"smtp_ssl": False, "smtp_enable_starttls_auto": False}, 587, OLD, "ineffective", "smtp_enable_starttls_auto",
     "Take smtp_ssl = false out"),
    ({"smtp_openssl_verify_mode": "none"}, 587, NEW, "no-certificate-check", "smtp_openssl_verify_mode", "not checked"),
    ({"smtp_openssl_verify_mode": "peer"}, 587, NEW, "redundant", "smtp_openssl_verify_mode", "default"),
    ({"smtp_authentication": "gssapi"}, 587, "omnibus 2026-06+", "unknown-value", "smtp_authentication", "cram_md5"),
])
def test_traps_have_a_warning_and_a_sentence(settings, port, version, code, setting, words):
    found = [w for w in read_settings("gitlab", settings, version=version, port=port).warnings if w.code == code]
    assert setting in [w.setting for w in found if words in w.message], found


def test_right_settings_bring_no_warning():
    """The twin; and STARTTLS can't be required."""
    assert read_settings("gitlab", {"smtp_tls": True}, port=465).warnings == ()
    right = read_settings("gitlab", {}).right
    assert [r.possible for r in right] == [True, False]
    assert "no omnibus key requires STARTTLS" in right[1].text


def test_a_gitlab_rb():
    text = """\
external_url 'https://gitlab.example.com'
# gitlab_rails['smtp_tls'] = true
gitlab_rails['smtp_enable'] = true
gitlab_rails['smtp_address'] = "smtp.example.com"
gitlab_rails['smtp_port'] = 465
gitlab_rails['smtp_password'] = "hunter2!x"
gitlab_rails['smtp_enable_starttls_auto'] = true
gitlab_rails['incoming_email_port'] = 993
gitlab_rails['smtp_tsl'] = true
"""
    report = read_settings("gitlab", text)
    assert (report.mode, report.port, report.outcome, report.hang_ends_after_s) == (
        "starttls-opportunistic", 465, "hang", 60)
    unknown = [(w.setting, "smtp_tls" in w.message) for w in report.warnings if w.code == "unknown-key"]
    assert unknown == [("smtp_tsl", True)]
    assert "hunter2" not in repr(report)
