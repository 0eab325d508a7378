"""Settings known only at run time are told, with the answer for each value; what is a literal is not told."""

import json

from helpers import each_row

from smtplab.settings import frameworks, read_settings
from smtplab.settings.reading import Computed, computed
from smtplab.show import settings_document


def answers(name: str, text: str, setting: str, **more) -> dict[str, str]:
    """The modes by value of one computed setting."""
    found = next(c for c in read_settings(name, text, **more).computed if c.setting == setting)
    return {value: mode.value for value, mode, _outcome in found.answers}


REQUIRED, TAKEN, PLAIN, IMPLICIT = "starttls-required", "starttls-opportunistic", "plain", "implicit"


@each_row(("name", "text", "setting", "expected"), [
    ("nodemailer", 'port: 587, secure: process.env.X === "true"', "secure", {"true": IMPLICIT, "false": TAKEN}),
    ("nodemailer", "port: 587, secure:prod?true:false", "secure", {"true": IMPLICIT, "false": TAKEN}),
    ("nodemailer", "secure: process.env.X", "secure", {"'true'": IMPLICIT, "'false'": IMPLICIT, "(not set)": TAKEN}),
    ("nodemailer", "port: Number(process.env.P || 587)", "port", {"465": IMPLICIT, "587": TAKEN}),
    ("nodemailer", "createTransport(process.env.URL)\nurl: process.env.URL", "url",
     {"smtp://": TAKEN, "smtps://": IMPLICIT}),
    ("django", 'EMAIL_USE_TLS = os.getenv("X", "True") == "True"', "EMAIL_USE_TLS", {"true": REQUIRED, "false": PLAIN}),
    ("django", 'EMAIL_USE_TLS = os.getenv("X")', "EMAIL_USE_TLS",
     {"'true'": REQUIRED, "'false'": REQUIRED, "(not set)": PLAIN}),
    ("django", "EMAIL_USE_TLS = env.bool('X', default=True)", "EMAIL_USE_TLS", {"true": REQUIRED, "false": PLAIN}),
    ("django", "EMAIL_USE_TLS = USE_TLS", "EMAIL_USE_TLS", {"true": REQUIRED, "false": PLAIN}),
    ("rails", 'smtp_settings = { tls: ENV["X"] == "true" }', "tls", {"true": IMPLICIT, "false": TAKEN}),
    ("rails", 'smtp_settings = { tls: ENV.fetch("X") }', "tls",
     {"'true'": IMPLICIT, "'false'": IMPLICIT, "(not set)": TAKEN}),
    ("phpmailer", "$mail->SMTPSecure = $_ENV['X'];\n$mail->Port = 587;", "SMTPSecure",
     {"": TAKEN, "tls": REQUIRED, "ssl": IMPLICIT}),
    ("phpmailer", "$mail->SMTPSecure = $secure;\n", "SMTPSecure", {"": TAKEN, "tls": REQUIRED, "ssl": IMPLICIT}),
    ("phpmailer", "$mail->SMTPSecure = getenv('X') == 'a' ? 'tls' : 'ssl';", "SMTPSecure",
     {"tls": REQUIRED, "ssl": IMPLICIT}),
    ("laravel", "'scheme' => env('MAIL_SCHEME'), 'port' => 587", "scheme",
     {"smtps": IMPLICIT, "tls": "error", "(not set)": TAKEN}),
    ("symfony", "framework:\n  mailer:\n    dsn: '%env(MAILER_DSN)%'\n", "dsn",
     {"smtp://": TAKEN, "smtps://": IMPLICIT}),
    ("spring", "spring.mail.properties.mail.smtp.starttls.required=${X:true}", "mail.smtp.starttls.required",
     {"true": REQUIRED, "false": PLAIN}),
    ("mailkit", "c.Connect(s.Host, 587, s.Ssl ? SecureSocketOptions.StartTls : SecureSocketOptions.None);",
     "SecureSocketOptions", {"SecureSocketOptions.StartTls": REQUIRED, "SecureSocketOptions.None": PLAIN}),
    ("mailkit", "c.Connect(h, 465, option);", "SecureSocketOptions",
     {"None": PLAIN, "Auto": IMPLICIT, "SslOnConnect": IMPLICIT, "StartTls": REQUIRED, "StartTlsWhenAvailable": TAKEN}),
    ("gomail", "d := gomail.NewDialer(cfg.Host, cfg.Port, u, p)", "port", {"465": IMPLICIT, "587": TAKEN}),
    ("go-mail", "mail.NewClient(cfg.Host, mail.WithPort(port), mail.WithSSL())", "Port", {"465": IMPLICIT}),
    ("aiosmtplib", "aiosmtplib.send(m, port=587, start_tls=settings.SMTP_TLS)", "start_tls",
     {"true": REQUIRED, "false": PLAIN, "(not set)": TAKEN}),
    ("django", 'EMAIL_PORT: "587"\nEMAIL_USE_TLS: "${T:-false}"\n', "EMAIL_USE_TLS",
     {"true": REQUIRED, "false": PLAIN}),
    ("smtplib", 'smtplib.SMTP_SSL(h, int(os.getenv("P", "465")))', "port", {"465": IMPLICIT, "587": IMPLICIT}),
    ("system.net.mail", "new SmtpClient(h, p) { EnableSsl = s.Ssl };", "EnableSsl", {"true": REQUIRED, "false": PLAIN}),
    ("mastodon", "SMTP_ENABLE_STARTTLS=${X}", "SMTP_ENABLE_STARTTLS",
     {"always": REQUIRED, "never": PLAIN, "auto": TAKEN}),
    ("grafana", 'export GF_SMTP_STARTTLS_POLICY="${P:-MandatoryStartTLS}"', "startTLS_policy",
     {"MandatoryStartTLS": REQUIRED, "OpportunisticStartTLS": TAKEN, "NoStartTLS": PLAIN}),
])
def test_each_value_of_a_computed_setting_has_its_answer(name, text, setting, expected):
    found = answers(name, text, setting)
    assert {value: found.get(value) for value in expected} == expected


@each_row(("name", "text"), [
    ("nodemailer", "port: 587, secure: true"), ("django", "EMAIL_USE_TLS = True\nEMAIL_PORT = 587"),
    ("phpmailer", "$mail->SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS;\n$mail->Port = 587;"),
    ("mailkit", "c.Connect(h, 465, SecureSocketOptions.SslOnConnect);"), ("grafana", "[smtp]\nhost = h:587\n"),
    ("django", "EMAIL_HOST_PASSWORD = os.getenv('X')\nEMAIL_HOST = os.getenv('H')\nEMAIL_USE_TLS = not False"),
    ("rails", "smtp_settings = { tls: true if ENV['T'], port: 465 }"), ("msmtp", "port 587\ntls on\npassword a$b"),
    ("symfony", "MAILER_DSN=smtps://u:p@h:465\nframework:\n  mailer:\n    dsn: '%env(MAILER_DSN)%'\n"),
    ("laravel", "MAIL_ENCRYPTION=tls\n'encryption' => env('MAIL_ENCRYPTION')\nMAIL_PORT=587"),
])
def test_what_is_known_or_does_not_matter_is_not_told(name, text):
    """The twin."""
    assert read_settings(name, text).computed == ()


@each_row(("default", "mode"), [("true", REQUIRED), ("false", PLAIN), ("0", PLAIN)])
def test_a_variable_s_default_is_a_flag_as_it_says(default, mode):
    assert read_settings("django", f'EMAIL_PORT: "587"\nEMAIL_USE_TLS: "${{T:-{default}}}"\n').mode == mode


def test_a_later_literal_counts_and_is_not_told():
    computed_first = "EMAIL_USE_TLS = os.getenv('X') == 'a'\n"
    assert [c.setting for c in read_settings("django", computed_first).computed] == ["EMAIL_USE_TLS"]
    assert read_settings("django", computed_first + "EMAIL_USE_TLS = True\n").computed == ()


@each_row("expression", [
    '"smtps://u:hunter2@h:465" if DEBUG else URL', "f'smtps://u:hunter2@{host}:465'", "env('U', 'smtp://u:hunter2@h')",
    "`smtps://u:hunter2@${host}`", "process.env.U || 'smtps://u:hunt@er/hunter2@h'", "get('x', password='hunter2')",
    "ok ? 'smtp://u:hunter2@a' : 'smtps://u:hunter2@b'", "${U:-smtps://u:hunter2@h}"])
def test_a_secret_in_an_expression_never_comes_back(expression):
    for described in frameworks():
        asked = [key for key in described.keys if key.role in ("mode", "port", "host")]
        for key in {key.role: key for key in asked}.values():  # one of each role: they are read in the same way
            report = read_settings(described.name, f"{key.name} = {expression}\n")
            shown = repr(report) + report.to_json() + settings_document.settings_report(report)
            assert "hunter2" not in shown + settings_document.answer(report)


@each_row(("text", "default"), [
    ("${P:-587}", "587"), ("${P:587}", "587"), ("${P-587}", "587"), ("{{ .p | default \"587\" }}", "587"),
    ("{{ p | default(587) }}", "587"), ("${H}:587", ":587"),
    ("smtps://${U}:${P}@${H}", "smtps://user:(secret)@smtp.example.com"),
    ("smtp://${H}:${P}", "smtp://smtp.example.com:587"), ("smtps://${H:-a.example}:${P}", "smtps://a.example:465"),
    ("smtp://$U@mail.example:2525/?a=b", "smtp://user@mail.example:2525?a=b")])
def test_what_can_be_known_of_a_text_with_variables_is(text, default):
    found = computed(text)
    assert (found.known, found.default) == (True, default)


@each_row(("text", "found"), [("plain", False), ("a$", False), ("50%", False), ("${P}", True), ("%env(X)%", True),
                              ("<%= x %>", True), ("$(P)", True), ("${P:?must}", True), ("${S}://h", True)])
def test_a_variable_without_a_default_is_not_known(text, found):
    value = computed(text)
    assert isinstance(value, Computed) is found
    assert value is None or not value.known


def test_the_port_asked_about_does_not_hide_what_a_computed_port_would_do():
    assert answers("nodemailer", "port: process.env.P", "port", port=587) == {"465": IMPLICIT, "587": TAKEN}


def test_it_stands_in_the_json_the_text_and_the_page():
    report = read_settings("nodemailer", "port: 587,\nsecure: process.env.X === '<b>'")
    assert json.loads(report.to_json())["computed"] == [
        {"setting": "secure", "line": 2, "expression": "process.env.X === '<b>'", "answers": [
            {"value": "true", "mode": "implicit", "outcome": "wrong-version-number"},
            {"value": "false", "mode": "starttls-opportunistic", "outcome": "works"}]}]
    text, page = settings_document.settings_report(report), settings_document.answer(report)
    assert "line 2: secure = process.env.X === '<b>'\n    if it is true:   implicit " in text
    assert "&lt;b&gt;" in page and "<b>'" not in page and "wrong-version-number" in page
    known = read_settings("nodemailer", "port: 587, secure: true")
    assert settings_document.COMPUTED not in settings_document.settings_report(known) + settings_document.answer(known)
    assert settings_document.COMPUTED in text
