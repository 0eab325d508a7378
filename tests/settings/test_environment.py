"""Lists of variables as they stand in deployments and instructions; each form with what is not to be read from it."""

from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab.settings import read_settings
from smtplab.settings.reading import Computed, is_dressed, read_code, read_environment


def variables(text: str) -> dict[str, str]:
    return {".".join(p.path): "?" if isinstance(p.value, Computed) else str(p.value)
            for p in read_environment(text).pairs}


@each_row(("text", "expected"), [
    ('- name: SMTP_PORT\n  value: "587"\n- name: TLS\n  value: on\n', {"SMTP_PORT": "587", "TLS": "on"}),
    ("- name: SMTP_PORT\n  valueFrom:\n    secretKeyRef: {name: a, key: b}\n", {"SMTP_PORT": "?"}),
    ('{"name": "A", "value": "1"}, {"name": "B", "value": "2"}', {"A": "1", "B": "2"}),
    ("- name: A\n  value: {{ .Values.a | quote }}\n- name: B\n  value: x\n", {"A": "?", "B": "x"}),
    ('[Service]\nEnvironment="A=1"\nEnvironment=B=2 C=3\nEnvironment="D=4" "E=5"\n',
     {"A": "1", "B": "2", "C": "3", "D": "4", "E": "5"}),
    ("    environment:\n      - A=1\n      - B=${X}\n      - C='d'\n", {"A": "1", "B": "?", "C": "d"}),
    ("environment:\n  MAIL_HOST: h\n  MAIL_PORT: 587  # a remark\n", {"MAIL_HOST": "h", "MAIL_PORT": "587"}),
    ("export A=1\nexport B=\"two\"  # B=three\n", {"A": "1", "B": "two"}),
    ("- `A=1`\n- `B=2` (or C=3)\n* **D**: 4\n| E | `5` | words |\n", {"A": "1", "B": "2", "D": "4", "E": "5"}),
    ("java -Dmail.smtp.port=465 -Dmail.smtp.ssl.enable=\"true\" -jar x",
     {"mail.smtp.port": "465", "mail.smtp.ssl.enable": "true"}),
    ("<string>-Dmail.smtp.port=465</string>", {"mail.smtp.port": "465"}),
    ("docker run -e A=1 -e B='2' image", {"A": "1", "B": "2"}),
    ("@TestPropertySource(properties = {\"spring.mail.port=465\", 'a.b=c'})", {"spring.mail.port": "465", "a.b": "c"}),
    # Nothing of these is a variable's value.
    ("- `A`: usually `587` for TLS\n", {}), ("# export A=1\n# - A=1\n", {}), ("name: A\nkind: b\n", {}),
    ("- name: A\n- name: B\n", {}), ("for A: see below\n", {}),
])
def test_a_list_of_variables_is_read_in_each_of_its_forms(text, expected):
    assert variables(text) == expected


@each_row(("text", "whether"), [
    ("- name: A\n  value: b\n", True), ("export A=1", True), ("x -Dmail.smtp.port=1", True), ("A=1\nB=2\n", True),
    ("    environment:\n      A: b\n", True), ("- `A=1`", True),
    ("A = 1\nB = 2\n", False), ("name: A\n", False), ("{a: 1}", False), ("import os\nA=1\n", False), ("A=1", False)])
def test_code_is_not_taken_for_a_list(text, whether):
    assert is_dressed(text) is whether


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text):
    assert isinstance(is_dressed(text), bool)
    assert all(1 <= p.line <= text.count("\n") + 1 for p in read_environment(text).pairs)


@each_row(("name", "text", "mode", "port"), [
    ("django", '- name: EMAIL_PORT\n  value: "587"\n- name: EMAIL_USE_TLS\n  value: "{}"\n', "starttls-required", 587),
    ("flask-mail", 'Environment="MAIL_PORT=587"\nEnvironment="MAIL_USE_TLS={}"\n', "starttls-required", 587),
    ("flask-mail", 'export MAIL_PORT="587"\nexport MAIL_USE_TLS="{}"  # not MAIL_USE_SSL=true\n',
     "starttls-required", 587),
    ("django", "environment:\n  EMAIL_PORT: 465\n  EMAIL_USE_SSL: '{}'\n", "implicit", 465),
    ("django", "- `EMAIL_PORT=465`\n- `EMAIL_USE_SSL={}` (or not)\n", "implicit", 465),
    ("jakarta", "java -Dmail.smtp.port=465 -Dmail.smtp.ssl.enable={} -jar x.jar", "implicit", 465),
    ("spring", "spring:\n  mail:\n    port: 465\n    properties:\n      \"[mail.smtp.ssl.enable]\": {}\n",
     "implicit", 465),
    ("spring", "spring.mail.port=465\nspring.mail.properties[mail.smtp.ssl.enable]={}\n", "implicit", 465),
    ("django", "EMAIL_PORT: int = 465\nEMAIL_USE_SSL: bool = {}\n", "implicit", 465),
    ("django", "EMAIL_PORT, EMAIL_USE_SSL = 465, {}\n", "implicit", 465),
    ("django", "@override_settings(EMAIL_PORT=465, EMAIL_USE_SSL={})", "implicit", 465)])
def test_a_flag_in_a_list_is_on_or_off_as_it_says(name, text, mode, port):
    on, off = (read_settings(name, text.replace("{}", word)) for word in ("True" if "django" in name else "true",
                                                                          "False" if "django" in name else "false"))
    assert (on.mode, on.port) == (mode, port)
    assert (off.mode, off.port) == ("plain", port)


@each_row(("name", "text", "mode"), [
    ("nodemailer", "MailerModule.forRoot({{ transport: '{}://user:hunter2@smtp.example.com' }})", "implicit"),
    ("symfony", "MAILER_DSN={}://user:hunter2@your_smtp_host:your_smtp_port", "implicit"),
    ("symfony", "MAILER_DSN={}://user:hunter2@your_smtp_host:465", "implicit"),
    ("nodemailer", "createTransport(`{}://${{user}}:${{pass}}@${{host}}`)", "implicit")])
def test_a_url_with_names_in_it_says_its_scheme(name, text, mode):
    report, other = (read_settings(name, text.format(scheme)) for scheme in ("smtps", "smtp"))
    assert (report.mode, other.mode) == (mode, "implicit" if ":465" in text else "starttls-opportunistic")
    assert "hunter2" not in repr(report) + report.to_json()


def test_a_host_with_an_underscore_is_a_host():
    report = read_settings("laravel", "MAIL_HOST=your_smtp_host\nMAIL_PORT=your_smtp_port\nMAIL_ENCRYPTION=tls\n")
    assert (report.mode, report.host) == ("starttls-opportunistic", "your_smtp_host")
    assert [c.setting for c in report.computed] == ["MAIL_PORT"]
    assert read_settings("laravel", "MAIL_HOST=your_smtp_host\nMAIL_PORT=25\n").computed == ()


@each_row(("text", "path", "value"), [
    ("$config['mail'][\"smtp\"]['port'] = 465;", ("config", "mail", "smtp", "port"), 465),
    ("port: number = 587", ("port",), 587), ("EMAIL_PORT: Optional[int] = 587", ("EMAIL_PORT",), 587),
    ("a, b = 1, (2, 3)", ("a",), 1), ("process.env.MAIL_PORT = '587'", ("process.env.MAIL_PORT",), "587"),
    ('monkeypatch.setenv("MAIL_PORT", "587")', ("MAIL_PORT",), "587")])
def test_assignments_of_every_form(text, path, value):
    assert {p.path: p.value for p in read_code(text).pairs}[path] == value


@each_row("text", ["a, b = f(1, 2)", "a, err := f()", "x: y z = 3", "f(a, b = 1)"])
def test_what_only_looks_like_one_is_none(text):
    assert all(p.path != ("a",) and p.value != 3 or p.path == ("z",) for p in read_code(text).pairs)
