"""Grafana, Alertmanager and Gitea: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.evaluate import evaluate, fill
from smtplab.settings.model import Given, Mode, NotPossible, release_for

GRAFANA = """\
[database]
host = 127.0.0.1:3306
user = root
password = jabberwocky
[auth.anonymous]
enabled = false
[smtp]
enabled = true
host = smtp.example.com:587
user = grafana@example.com
# If the password contains # or ; you have to wrap it with triple quotes.
password = \"\"\"#jabberwocky;\"\"\"
;cert_file =
startTLS_policy = MandatoryStartTLS
"""
COMPOSE = """\
services:
  grafana:
    environment:
      - GF_SMTP_ENABLED=true
      - GF_SMTP_HOST=smtp.example.com:587
      - GF_SMTP_PASSWORD=jabberwocky
      - GF_SMTP_STARTTLS_POLICY=NoStartTLS
"""
HELM = "grafana.ini:\n  smtp:\n    enabled: true\n    host: smtp.example.com:465\n"
DOCKER = "docker run -d -e GF_SMTP_ENABLED=true \\\n  -e GF_SMTP_HOST=smtp.example.com:465 grafana/grafana\n"
ALERT = """\
global:
  smtp_smarthost: 'smtp.example.com:465'
  smtp_from: 'alertmanager@example.com'
  smtp_auth_username: 'alertmanager'
  smtp_auth_password: 'jabberwocky'
receivers:
- name: team
  email_configs:
  - to: 'team@example.com'
- name: hook
  webhook_configs:
  - url: http://x/
    http_config: {tls_config: {insecure_skip_verify: true}}
"""
OWN = ALERT.replace("'team@example.com'", "'team@example.com'\n    %s")
GLOBAL = ALERT.replace("  smtp_from", "  %s\n  smtp_from")
GITEA = """\
[server]
PROTOCOL = http
[database]
HOST = 127.0.0.1:3306
USER = gitea
PASSWD = `jabberwocky`
[mailer]
ENABLED        = true
PROTOCOL       = smtp+starttls
SMTP_ADDR      = smtp.example.com
SMTP_PORT      = 587
USER           = gitea
PASSWD         = `jabberwocky`
"""
UNSAID = GITEA.replace("PROTOCOL       = smtp+starttls\n", "")
OLD = "[mailer]\nENABLED = true\nHOST = smtp.example.com:587\nIS_TLS_ENABLED = %s\n"
@each_row(("name", "text", "version", "mode", "port", "outcome"), [
    ("grafana", GRAFANA, None, "starttls-required", 587, "works"),
    ("grafana", GRAFANA.replace("587", "465"), None, "implicit", 465, "works"),
    ("grafana", GRAFANA.replace("587", "2465"), None, "starttls-required", 2465, "hang"),
    ("grafana", GRAFANA.replace("587", "25"), None, "starttls-required", 25, "works"),
    ("grafana", GRAFANA.replace("= Mandatory", "= mandatory"), None, "starttls-opportunistic", 587, "works"),
    ("grafana", GRAFANA, "6.7", "starttls-opportunistic", 587, "works"),
    ("grafana", GRAFANA.replace("com:587", "com"), None, "error", 25, "config-error"),
    ("grafana", GRAFANA.replace("grafana@example.com", ""), None, "starttls-required", 587, "auth-missing"),
    ("grafana", COMPOSE, None, "plain", 587, "refused-needs-tls"),
    ("grafana", COMPOSE.replace("587", "25"), None, "plain", 25, "plaintext"),
    ("grafana", HELM, None, "implicit", 465, "works"),
    ("grafana", DOCKER, None, "implicit", 465, "works"),
    ("alertmanager", ALERT, None, "implicit", 465, "works"),
    ("alertmanager", ALERT, "0.30", "implicit", 465, "starttls-not-offered"),
    ("alertmanager", GLOBAL % "smtp_require_tls: false", "0.25", "implicit", 465, "works"),
    ("alertmanager", OWN % "require_tls: false", "0.27.0", "implicit", 465, "works"),
    ("alertmanager", ALERT.replace("465", "587"), "0.25", "starttls-required", 587, "works"),
    ("alertmanager", (OWN % "require_tls: false").replace("465", "587"), None, "plain", 587, "refused-needs-tls"),
    ("alertmanager", (GLOBAL % "smtp_require_tls: false").replace("465", "25"), None, "plain", 25, "plaintext"),
    ("alertmanager", OWN % "smarthost: other.example.com:25", None, "starttls-required", 25, "works"),
    ("alertmanager", GLOBAL % "smtp_force_implicit_tls: false", None, "starttls-required", 465, "hang"),
    ("alertmanager", (GLOBAL % "smtp_force_implicit_tls: true").replace("465", "587"), None, "implicit", 587,
     "wrong-version-number"),
    ("alertmanager", GLOBAL % "smtp_force_implicit_tls: true", "0.30", "error", 465, "config-error"),
    ("alertmanager", GLOBAL % "smtp_require_tls: 'false'", None, "error", 465, "config-error"),
    ("alertmanager", ALERT.replace(":465", ""), None, "error", 25, "config-error"),
    ("alertmanager", ALERT.replace("'alertmanager'", "''"), None, "implicit", 465, "auth-missing"),
    ("gitea", GITEA, None, "starttls-opportunistic", 587, "works"),
    ("gitea", GITEA.replace("587", "25"), None, "starttls-opportunistic", 25, "auth-not-offered"),
    ("gitea", GITEA.replace("smtp+starttls", "smtps"), None, "implicit", 587, "wrong-version-number"),
    ("gitea", GITEA.replace("smtp+starttls", "smtp"), None, "plain", 587, "refused-needs-tls"),
    ("gitea", UNSAID, None, "starttls-opportunistic", 587, "works"),
    ("gitea", UNSAID.replace("587", "25"), None, "plain", 25, "auth-not-offered"),
    ("gitea", UNSAID.replace("587", "2525"), None, "implicit", 2525, "wrong-version-number"),
    ("gitea", GITEA.replace("smtp+starttls", "SMTPS").replace("587", "465"), None, "implicit", 465, "works"),
    ("gitea", "[mailer]\nPROTOCOL = smtps\n", None, "implicit", 465, "works"),
    ("gitea", "GITEA__mailer__PROTOCOL=smtp+starttls\nGITEA__mailer__SMTP_PORT=465\n", None,
     "starttls-opportunistic", 465, "hang"),
    ("gitea", OLD % "true", None, "implicit", 587, "wrong-version-number"),
    ("gitea", OLD % "false", None, "starttls-opportunistic", 587, "works"),
    ("gitea", OLD % "false", "1.17.4", "starttls-opportunistic", 587, "works"),
    ("gitea", (OLD % "false").replace("587", "465"), "1.17.4", "implicit", 465, "works"),
    ("gitea", (OLD % "false").replace("587", "465"), None, "starttls-opportunistic", 465, "hang"),
])
def test_pastes(name, text, version, mode, port, outcome):
    report = read_settings(name, text, version=version)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabberwocky" not in repr(report)
    assert not any(w.code == "unknown-key" for w in report.warnings)
    assert (report.error is None) == (outcome in ("works", "plaintext", "hang"))
    assert report.hang_ends_after_s is None


def codes(name, text, version=None):
    return {(w.code, w.setting): w.message for w in read_settings(name, text, version=version).warnings}


@each_row(("name", "text", "version", "code", "word", "twin", "twin_version"), [
    ("grafana", GRAFANA.replace("587", "465"), None, ("ineffective", "startTLS_policy"), "465", GRAFANA, None),
    ("grafana", GRAFANA.replace("587", "2465"), None, ("not-possible", "host"), "2465", GRAFANA, None),
    ("grafana", GRAFANA.replace("587", "2465"), None, ("no-timeout", ""), "greeting", GRAFANA, None),
    ("grafana", GRAFANA.replace("com:587", "com"), None, ("missing-setting", "host"), "port", GRAFANA, None),
    ("grafana", COMPOSE.replace("ENABLED=true", "ENABLED=false"), None, ("not-enabled", "smtp.enabled"), "no mail",
     GRAFANA, None),
    ("grafana", GRAFANA + "skip_verify = true", None, ("no-certificate-check", "skip_verify"), "not checked",
     GRAFANA + "skip_verify = false", None),
    ("grafana", GRAFANA.replace("startTLS", "starttls"), None, ("unknown-key", "starttls_policy"), "startTLS_policy",
     GRAFANA, None),
    ("grafana", COMPOSE, None, ("password-in-clear", ""), "LOGIN", GRAFANA, None),
    ("alertmanager", ALERT, "0.30", ("contradiction", "smtp_require_tls"), "false", ALERT, "0.31"),
    ("alertmanager", OWN % "require_tls: false", "0.25", ("misleading-name", "smtp_require_tls"), "needed", ALERT,
     "0.25"),
    ("alertmanager", (OWN % "require_tls: false").replace("465", "587"), None, ("no-tls", "smtp_require_tls"),
     "even where it is offered", ALERT, None),
    ("alertmanager", ALERT.replace("465", "2465"), None, ("not-inferred", "smtp_smarthost"), "2465", ALERT, None),
    ("alertmanager", ALERT.replace("465", "2465"), "0.25", ("not-possible", "smtp_smarthost"), "0.31", ALERT, "0.25"),
    ("alertmanager", ALERT.replace("  smtp_auth_password: 'jabberwocky'\n", ""), None,
     ("auth-incomplete", "smtp_auth_username"), "missing password", ALERT, None),
    ("alertmanager", OWN % "tls_config: {insecure_skip_verify: true}", None,
     ("no-certificate-check", "smtp_tls_config.insecure_skip_verify"), "not checked", ALERT, None),
    ("alertmanager", GLOBAL % "smtp_use_tls: true", None, ("unknown-key", "global.smtp_use_tls"), "refuses", ALERT,
     None),
    ("gitea", UNSAID, None, ("inferred", "PROTOCOL"), "the port decides", GITEA, None),
    ("gitea", UNSAID.replace("587", "2525"), None, ("inferred", "PROTOCOL"), "2525", GITEA, None),
    ("gitea", GITEA.replace("smtp+starttls", "smtp"), None, ("no-tls", "PROTOCOL"), "STARTTLS", GITEA, None),
    ("gitea", GITEA, None, ("opportunistic", "PROTOCOL"), "falling back", GITEA.replace("smtp+starttls", "smtps"),
     None),
    ("gitea", GITEA, None, ("password-in-clear", "USER"), "localhost", GITEA.replace("smtp+starttls", "smtps"), None),
    ("gitea", OLD % "false", None, ("renamed", "IS_TLS_ENABLED"), "not \"no TLS\"", OLD % "false", "1.17"),
    ("gitea", GITEA.replace("smtp+starttls", "SMTPS"), None, ("unknown-value", "PROTOCOL"), "'smtps'", GITEA, None),
    ("gitea", GITEA.replace("smtp+starttls", "sendmail"), None, ("not-smtp", "PROTOCOL"), "no SMTP", GITEA, None),
    ("gitea", GITEA.replace("= true", "= false"), None, ("not-enabled", "mailer.ENABLED"), "no mail", GITEA, None),
    ("gitea", GITEA + "FORCE_TRUST_SERVER_CERT = true", None, ("no-certificate-check", "FORCE_TRUST_SERVER_CERT"),
     "not checked", GITEA, None),
])
def test_traps(name, text, version, code, word, twin, twin_version):
    assert word in codes(name, text, version)[code]
    assert code not in codes(name, twin, twin_version)


@each_row(("name", "version"), [
    ("grafana", None), ("alertmanager", None), ("alertmanager", "0.25"), ("gitea", None), ("gitea", "1.17")])
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
