"""Symfony Mailer: DSNs as people write them, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.model import Given, Mode, NotPossible
from smtplab.settings.tables.symfony import FAULTS, parse_dsn

WHO = "smtp://alice:jabberwocky@smtp.example.com"
CODE = "$transport = new EsmtpTransport('smtp.example.com', %s);\n$transport->setPassword('jabberwocky');\n"
YAML = "framework:\n    mailer:\n        dsn: '%s'\n"


@each_row(("text", "version", "mode", "port", "outcome"), [
    (f"MAILER_DSN={WHO}:587", None, "starttls-opportunistic", 587, "works"),
    (f'MAILER_DSN="{WHO}:465"  # mail', None, "implicit", 465, "works"),
    (f"MAILER_DSN={WHO}", None, "implicit", 465, "works"),
    ("MAILER_DSN=smtp://localhost", None, "starttls-opportunistic", 25, "works"),
    (f"MAILER_DSN={WHO}:587".replace("smtp:", "smtps:"), None, "implicit", 587, "wrong-version-number"),
    (f"MAILER_DSN={WHO}".replace("smtp:", "smtps:"), "5.4", "implicit", 465, "works"),
    (f"MAILER_DSN={WHO}:587".replace("smtp:", "tls:"), None, "error", 587, "config-error"),
    (f"MAILER_DSN={WHO}:587".replace("smtp:", "SMTPS:"), None, "error", 587, "config-error"),
    (f"{WHO}:587?require_tls=1", None, "starttls-required", 587, "works"),
    (f"{WHO}:587?require_tls=1", "7.2", "starttls-opportunistic", 587, "works"),
    (f"{WHO}:587?require_tls=nonsense", None, "starttls-opportunistic", 587, "works"),
    (f"{WHO}:465?require_tls=true", None, "implicit", 465, "works"),
    (f"{WHO}:587?auto_tls=false", "7.1", "plain", 587, "refused-needs-tls"),
    (f"{WHO}:587?auto_tls=false", "7.0.4", "starttls-opportunistic", 587, "works"),
    (f"{WHO}:25?auto_tls=0", None, "plain", 25, "plaintext"),
    (f"{WHO}?auto_tls=0", None, "plain", 25, "plaintext"),
    (f"{WHO}:465?auto_tls=off", None, "plain", 465, "hang"),
    (f"{WHO}:465?auto_tls=off", "6.4", "implicit", 465, "works"),
    (f"{WHO}:465?auto_tls=off".replace("smtp:", "smtps:"), None, "implicit", 465, "works"),
    (f"{WHO}:587?auto_tls=&encryption=ssl", None, "starttls-opportunistic", 587, "works"),
    (f"{WHO}:587?auto_tls=0&require_tls=1", None, "error", 587, "config-error"),
    (f"{WHO}:465?auto_tls=0&require_tls=1", None, "error", 465, "hang"),
    (f"{WHO}:587?auto_tls=0&require_tls=1", "7.2", "plain", 587, "refused-needs-tls"),
    (YAML % f"{WHO}:587?require_tls=true", None, "starttls-required", 587, "works"),
    (f"framework:\n    mailer:\n        transports:\n            main: '{WHO}:465'\n", None, "implicit", 465, "works"),
    (f"MAILER_DSN={WHO}:587\n" + YAML % "%env(MAILER_DSN)%", None, "starttls-opportunistic", 587, "works"),
    (YAML % "%env(MAILER_DSN)%", None, "starttls-opportunistic", 587, "works"),
    ("MAILER_DSN=null://null", None, "error", 465, "config-error"),
    ("MAILER_DSN=gmail+smtp://alice:jabberwocky@default", None, "implicit", 465, "works"),
    ("MAILER_DSN=postmark+smtp://jabberwocky@default", None, "starttls-opportunistic", 587, "works"),
    *((f"MAILER_DSN={name}+smtp://alice:jabberwocky@default", None, "implicit", 465, "works")
      for name in ("brevo", "sendinblue", "resend", "scaleway", "sendgrid", "ses")),
    *((f"MAILER_DSN={name}+smtp://alice:jabberwocky@default", None, "starttls-opportunistic", 587, "works")
      for name in ("mailgun", "mailersend", "mailjet", "mandrill", "mailtrap", "infobip")),
    ("MAILER_DSN=mailgun+smtp://alice:jabberwocky@default", "6.3.1", "implicit", 587, "wrong-version-number"),
    ("MAILER_DSN=mailgun+smtp://alice:jabberwocky@default", "5.4", "implicit", 465, "works"),
    ("MAILER_DSN=mailersend+smtp://alice:jabberwocky@default", "7.2", "implicit", 587, "wrong-version-number"),
    ("MAILER_DSN=gmail+smtp://alice:jabberwocky@default:587", None, "implicit", 465, "works"),
    ("MAILER_DSN=gmail://alice:jabberwocky@default", None, "implicit", 465, "works"),
    ("MAILER_DSN=ses+smtp://alice:jabberwocky@default:2465", "8.1", "implicit", 2465, "works"),
    ("MAILER_DSN=ses+smtp://alice:jabberwocky@default:2465", "7.3", "implicit", 465, "works"),
    ("MAILER_DSN=brevo+smtp://alice:jabberwocky@default:587", "8.1", "starttls-opportunistic", 587, "works"),
    ("MAILER_DSN=sweego+smtp://alice:jabberwocky@h.example:465", None, "implicit", 465, "works"),
    ("MAILER_DSN=sweego+smtp://alice:jabberwocky@h.example", None, "error", 465, "config-error"),
    ("MAILER_DSN=mailgun+api://jabberwocky:example.com@default", None, "error", 465, "config-error"),
    ("MAILER_DSN=acme+smtp://alice:jabberwocky@default", None, "error", 465, "config-error"),
    (f"MAILER_DSN=failover({WHO}:587 {WHO}:465)", None, "starttls-opportunistic", 587, "works"),
    ("MAILER_DSN=smtp://alice:jabber#wocky@smtp.example.com:587", None, "error", 465, "config-error"),
    ("MAILER_DSN=smtp.example.com:587", None, "error", 465, "config-error"),
    (f"$t = Transport::fromDsn('{WHO}:587?require_tls=1');", None, "starttls-required", 587, "works"),
    ("$t = $factory->create(new Dsn('smtps', 'h.example', 'alice', 'jabberwocky', 465));", None, "implicit", 465,
     "works"),
    (CODE % "465", None, "implicit", 465, "works"),
    (CODE % "587, true", None, "implicit", 587, "wrong-version-number"),
    (CODE % "465, false", None, "starttls-opportunistic", 465, "hang"),
    (CODE % "587" + "$transport->setRequireTls(true);", None, "starttls-required", 587, "works"),
    (CODE % "587" + "$transport->setAutoTls(false);", None, "plain", 587, "refused-needs-tls"),
])
def test_pastes(text, version, mode, port, outcome):
    report = read_settings("symfony-mailer", text, version=version)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabber" not in repr(report) + report.to_json()


@each_row(("trap", "code", "setting", "word", "twin"), [
    (WHO, "default-port", "MAILER_DSN", "Write the port", f"{WHO}:465"),
    (f"{WHO}:587?auto_tls=0&require_tls=1", "contradiction", "auto_tls", "never work", f"{WHO}:587?require_tls=1"),
    (f"{WHO}:465?auto_tls=0", "port-mismatch", "auto_tls", "also cancels", f"{WHO}:465?auto_tls=1"),
    (f"{WHO}:587?encryption=tls", "ineffective", "encryption", "Swift Mailer", f"{WHO}:587"),
    (f"{WHO}:587?auth_mode=login", "ineffective", "auth_mode", "CRAM-MD5, LOGIN, PLAIN and XOAUTH2", f"{WHO}:587"),
    ("gmail+smtp://u:p@default:587", "ineffective", "MAILER_DSN", "connects to 465", "gmail+smtp://u:p@default"),
    (f"{WHO}:587?timeout=5", "ineffective", "timeout", "default_socket_timeout", f"{WHO}:587?ping_threshold=5"),
    (f"{WHO}:587?starttls=1", "unknown-key", "MAILER_DSN", "require_tls", f"{WHO}:587?require_tls=1"),
    (f"{WHO}:587?auto_tls=maybe", "unknown-value", "auto_tls", "counts as false", f"{WHO}:587?auto_tls=no"),
    (f"failover({WHO}:587 {WHO}:465)", "several-hosts", "MAILER_DSN", "the first", f"{WHO}:587"),
    (f"{WHO}:587?verify_peer=0", "no-certificate-check", "verify_peer", "not checked", f"{WHO}:587?verify_peer=1"),
    (f"{WHO}:587?verify_peer=0", "no-certificate-check", "verify_peer", "not checked",
     f"{WHO}:587?verify_peer=0&auto_tls=0"),
])
def test_traps(trap, code, setting, word, twin):
    said = [w.message for w in read_settings("symfony", {"MAILER_DSN": trap}).warnings
            if (w.code, w.setting) == (code, setting)]
    assert len(said) == 1
    assert word in said[0]
    assert (code, setting) not in {(w.code, w.setting) for w in read_settings("symfony", {"MAILER_DSN": twin}).warnings}


@each_row(("dsn", "words"), [
    ("acme+smtp://u:p@default", "nothing is known of it here"), ("mailgun+api://k:d@default", "HTTP interface"),
    ("sendgrid://k@default", "HTTP interface, or it may"), ("tls://u:p@h:587", "smtp and smtps only")])
def test_what_is_not_known_of_a_bridge_is_not_made_up(dsn, words):
    report = read_settings("symfony", {"MAILER_DSN": dsn})
    assert words in report.because
    assert (report.mode, report.password_in_clear_if_server_allows) == ("error", False)
    assert ("not supported" in (report.error or "")) == dsn.startswith(("acme", "tls"))
    known = read_settings("symfony", {"MAILER_DSN": "postmark+smtp://u@default"})
    assert (known.mode, known.password_in_clear_if_server_allows) == ("starttls-opportunistic", True)


@each_row(("option", "since", "before"), [("auto_tls=0", "7.1", "7.0.4"),
                                                         ("require_tls=1", "7.3", "7.2")])
def test_an_option_that_this_version_has_not_is_ineffective(option, since, before):
    codes = [{w.setting for w in read_settings("symfony", f"{WHO}:587?{option}", version=v).warnings
              if w.code == "ineffective"} for v in (since, before)]
    assert codes == [set(), {option.partition("=")[0]}]


def test_an_old_variable_is_named():
    old, new = (read_settings("symfony", f"{name}=smtp://h:587") for name in ("MAILER_URL", "MAILER_DSN"))
    assert "MAILER_URL" in {w.setting for w in old.warnings}
    assert old.mode == "error"
    assert "MAILER_URL" not in {w.setting for w in new.warnings}


def test_what_a_version_can_be_set_to():
    symfony = framework("symfony")
    possible = {r.name: [not isinstance(symfony.forms(Given(symfony, r, {}, None))[m], NotPossible)
                         for m in (Mode.REQUIRED, Mode.PLAIN)] for r in symfony.releases}
    assert possible == {"5.4 (Debian)": [False, False], "7.0.4": [False, False],
                        "7.3+ (7.0.4 + the two newer files)": [True, True], "7.3+": [True, True]}


@each_row(("text", "error"), [
    (f"{WHO}:465?auto_tls=0", "timed out"), (f"{WHO}:587".replace("smtp:", "smtps:"), "wrong version number"),
    (f"{WHO}:587".replace("smtp:", "ssl:"), 'The "ssl" scheme is not supported'),
    ("smtp://a:b#c@h:587", "DSN is invalid"), ("smtp.example.com", "must contain a scheme"),
    (f"{WHO}:587?auto_tls=0", "530"), (f"{WHO}:587?auto_tls=0&require_tls=1", "TLS required")])
def test_the_error_that_is_printed(text, error):
    assert error in read_settings("symfony", {"MAILER_DSN": text}).error


@each_row(("text", "expected"), [
    ("smtp://u:p%40@h.example:587?a=b&a=c", ("smtp", "u", True, "h.example", 587, {"a": "c"})),
    ("smtp://u@[::1]", ("smtp", "u", False, "[::1]", None, {})),
    ("smtp://u:p@w@h:25", ("smtp", "u", True, "h", 25, {})), ("smtp://h:", ("smtp", None, False, "h", None, {})),
    ("h:587", "no-scheme"), ("", "no-scheme"), ("smtp://", "unreadable"), ("smtp://u:p@h:99999", "unreadable"),
    ("smtp://h:x", "unreadable"), ("smtp://u:p/q@h", "unencoded"), ("smtp://u:p?q@h", "unencoded")])
def test_a_dsn_is_taken_apart_as_php_does(text, expected):
    found = parse_dsn(text)
    assert found == expected
    assert isinstance(found, tuple) or found in FAULTS
