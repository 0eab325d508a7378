"""One answer to a whole paste: the framework, mode, port and host, the cause, and never a secret of any part."""

import json

import pytest
from helpers import each_row
from pastes import COMPOSE, DJANGO, RAILS, RAILS_ERROR, SECRET

import smtplab
from smtplab import Cause
from smtplab.question import Kind, Part, diagnose_paste, explain
from smtplab.show.answer_document import answer_html, answer_text


@each_row(("paste", "framework", "mode", "port", "host", "cause"), [
    (RAILS, "rails-mail", "implicit", 587, "smtp.eu.example.org", Cause.IMPLICIT_TO_PLAINTEXT),
    (COMPOSE, "spring-boot", "implicit", 587, "smtp.example.net", Cause.IMPLICIT_TO_PLAINTEXT),
    (DJANGO, "django", "starttls-required", 465, "smtp.example.net", Cause.PLAINTEXT_TO_IMPLICIT),
    (RAILS_ERROR, "", "", 587, "192.0.2.10", Cause.IMPLICIT_TO_PLAINTEXT)])
def test_everything_in_one_paste(paste, framework, mode, port, host, cause):
    answer = diagnose_paste(paste)
    read = answer.read
    assert (read.framework, read.port, read.host) == (framework, port, host)
    assert framework == "" or read.mode == mode
    assert answer.causes[0].cause is cause and answer.causes[0].likelihood >= 0.8
    assert f"{host}:{port}" in answer.next_command


def test_the_same_in_parts_in_any_order():
    code = RAILS.partition("```ruby\n")[2].partition("```")[0]
    whole = diagnose_paste(RAILS)
    for parts in ((Part(code, "production.rb"), Part(RAILS_ERROR, "app.log")),
                  (Part(RAILS_ERROR, "app.log"), Part(code, "production.rb"))):
        answer = diagnose_paste(*parts)
        assert (answer.read.framework, answer.read.mode, answer.causes[0].cause) == (
            whole.read.framework, whole.read.mode, whole.causes[0].cause)
        assert {one.name for one in answer.read.segments if one.kind is Kind.SETTINGS} == {"production.rb"}


def test_the_line_that_decides_is_named_with_its_number_in_the_paste():
    why = diagnose_paste(RAILS).causes[0].why
    number = RAILS.split("\n").index("  tls: true,") + 1
    assert f"Line {number}, `tls = true`" in why
    assert "Line" not in diagnose_paste(RAILS_ERROR).causes[0].why


# --- explain: what is given beside the text ---


def test_settings_beside_the_text_settle_what_the_text_leaves_open():
    timeout = "TimeoutError: timed out"
    alone = explain(timeout)
    assert alone[0].cause is not Cause.PLAINTEXT_TO_IMPLICIT or alone[0].likelihood < 0.8
    settings = "EMAIL_HOST = 'a.example'\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n"
    for given in ({"settings": settings}, {"settings": settings, "framework": "django"},
                  {"settings": {"EMAIL_PORT": 465, "EMAIL_USE_TLS": True}, "framework": "django"}):
        first = explain(timeout, **given)[0]
        assert first.cause is Cause.PLAINTEXT_TO_IMPLICIT and first.likelihood >= 0.7
    right = settings.replace("465", "587")
    assert explain(timeout, settings=right)[0].cause is not Cause.PLAINTEXT_TO_IMPLICIT


@each_row(("port", "mode", "cause"), [
    (465, "starttls", Cause.PLAINTEXT_TO_IMPLICIT), (465, "plain", Cause.PLAINTEXT_TO_IMPLICIT),
    (587, "implicit", Cause.IMPLICIT_TO_PLAINTEXT), (25, "implicit", Cause.IMPLICIT_TO_PLAINTEXT)])
def test_a_hang_has_often_no_text(port, mode, cause):
    [found] = explain("", port=port, mode=mode)
    assert found.cause is cause and found.likelihood > 0.7


@each_row(("port", "mode"), [(465, "implicit"), (587, "starttls"), (4000, "implicit"), (465, None), (None, "implicit")])
def test_a_mode_and_port_that_fit_or_say_nothing_are_no_cause(port, mode):
    [found] = explain("", port=port, mode=mode)
    assert found.cause is Cause.OTHER and "The text is empty" in found.why


def test_a_key_of_the_settings_is_no_error():
    text = "tls_trust_file /etc/ssl/x.pem\ncafile=/etc/ssl/x.pem\n\nmsmtp: cannot connect to a.example, port 587: " \
           "Connection refused\n"
    assert explain(text)[0].cause is Cause.REFUSED
    assert explain("", settings="EMAIL_PORT = 587\nEMAIL_USE_TLS = True\n")[0].cause is Cause.OTHER


def test_a_framework_that_is_not_known_is_named_and_ignored():
    answer = diagnose_paste(DJANGO, framework="no-such")
    assert any("no-such" in words for words in answer.read.ignored)
    assert answer.read.framework == "django"
    assert diagnose_paste(DJANGO, framework="flask-mail").read.framework == "flask-mail"


# --- whatever is pasted ---


@pytest.mark.parametrize("encode", [
    lambda text: text.replace("\n", "\r\n"), lambda text: text.replace("\n", "\r"), lambda text: text + "\n\xe9\x80"])
def test_line_ends_and_odd_letters_change_nothing(encode):
    answer, plain = diagnose_paste(encode(RAILS)), diagnose_paste(RAILS)
    assert (answer.read.framework, answer.read.mode, answer.read.port, answer.causes[0].cause) == (
        plain.read.framework, plain.read.mode, plain.read.port, plain.causes[0].cause)


ODD = ["", " ", "\0", "\ud800", "port: 465", "```", "= = =", "host: ''", "{" * 500, "\n" * 500,
       "EMAIL_PORT = 99999999", "EMAIL_HOST = ''\nEMAIL_PORT = 'x'\nEMAIL_USE_TLS = None", "SMTP_SSL(",
       "smtp://" + "a:b@" * 50, "<!--", "\x1b[31m"]


@each_row("text", ODD)
def test_nothing_raises(text):
    for more in ({}, {"settings": text}, {"port": -1, "mode": text}, {"framework": text}, {"settings": {"a": text}}):
        answer = diagnose_paste(text, **more)
        assert answer.causes and answer.next_command
        json.loads(answer.to_json())
        assert answer_text(answer) and answer_text(answer, everything=True) and answer_html(answer)


@each_row("template", [
    'EMAIL_HOST_PASSWORD = "{}"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n',
    "password: {}\nhost: a.example\nport: 465\n", "SMTP_PASSWORD={}\nSMTP_PORT=465\n",
    "MAILER_DSN=smtp://user:{}@a.example:465\n", "auth: {{ user: 'a', pass: '{}' }}",
    "my password is {} if that helps\n", "C: AUTH PLAIN {}\nS: 535 5.7.8 no\n",
    "password {}\nhost a.example\ntls on\n"])
def test_no_secret_of_any_part_comes_back(template):
    secret = "Zk93kd0sLq2x"
    for text in (template.format(secret), RAILS_ERROR + "\n\n" + template.format(secret)):
        for answer in (diagnose_paste(text), diagnose_paste(RAILS_ERROR, settings=text)):
            said = [answer_text(answer), answer_text(answer, everything=True), answer_html(answer), answer.to_json(),
                    repr(answer), str(answer.causes), answer.looked_at]
            assert not any(secret in one for one in said), template
    assert SECRET not in repr(diagnose_paste(RAILS)) + answer_text(diagnose_paste(RAILS), everything=True)


@pytest.mark.slow  # one that took quadratic time would meet pytest's own time-out
def test_a_megabyte_is_answered():
    log = "2026-11-25 11:20:07 INFO mail: delivered to someone@example.org in 0.3 s\n" * 7_000
    for text in (RAILS + log + log, log + DJANGO + log, "x" * 1_000_000, RAILS * 1500):
        assert diagnose_paste(text).causes
    assert diagnose_paste(RAILS + log + log).causes[0].cause is Cause.IMPLICIT_TO_PLAINTEXT


def test_the_public_explain_is_this_one():
    assert smtplab.explain is explain
    assert set(json.loads(diagnose_paste(RAILS).to_json())) == {
        "schema", "causes", "read", "finding", "next_command", "correction", "settings"}
    assert json.loads(diagnose_paste("").to_json())["schema"] == "smtplab.diagnosis/1"


# --- the corrected settings ---


@each_row(("paste", "mode", "port"), [
    (RAILS, "starttls-required", 587), (COMPOSE, "starttls-required", 587), (DJANGO, "implicit", 465),
    ("new SmtpClient(\"a.example\", 465) { EnableSsl = true }\n\nThe operation has timed out.\n",
     "starttls-required", 587),
    (DJANGO.replace("465", "20465") + "\nError: Greeting never received\n", "implicit", 20465)])
def test_corrected_settings_work_with_the_host_of_the_paste(paste, mode, port):
    from smtplab import read_settings
    answer = diagnose_paste(paste)
    fix = answer.correction
    assert fix.possible and (fix.mode.value, fix.port) == (mode, port)
    back = read_settings(fix.framework, fix.text)
    assert (back.mode, back.port, back.outcome) == (mode, port, "works") and back.host == answer.read.host


def test_what_other_settings_would_not_mend_has_no_correction():
    right = DJANGO.replace("465", "587")
    for error in ("535 5.7.8 authentication failed", "certificate has expired", "Connection refused", ""):
        assert diagnose_paste(f"{right}\n\n{error}\n").correction is None


# --- computed settings ---


def test_the_value_of_a_computed_setting_that_explains_the_error_is_the_finding():
    computed = ("const t = nodemailer.createTransport({ host: 'a.example', port: 587,\n"
                "  secure: process.env.SMTP_SECURE === 'true' })\n\n")
    answer = diagnose_paste(computed + "Error: wrong version number\n    code: 'ESOCKET', command: 'CONN'\n")
    assert answer.finding.code == "computed" and "SMTP_SECURE" in answer.finding.message
    assert answer.causes[0].cause is Cause.IMPLICIT_TO_PLAINTEXT
    assert diagnose_paste(computed + "535 5.7.8 no\n").finding is None
    waits = computed.replace("587", "465") + "Error: Greeting never received\n    code: 'ETIMEDOUT', command: 'CONN'\n"
    answer = diagnose_paste(waits)
    assert answer.finding.code == "computed" and "'false'" in answer.finding.message
    assert "it began in clear" in answer.finding.message
    assert diagnose_paste(waits.replace("process.env.SMTP_SECURE === 'true'", "true")).finding is None


def test_a_version_that_nothing_names_is_assumed():
    assert diagnose_paste(DJANGO).read.version_assumed
    told = diagnose_paste(f"Django 5.2\n\n{DJANGO}").read
    assert (told.version, told.version_assumed) == ("5.2", False)
    assert not diagnose_paste(DJANGO, version="5.2").read.version_assumed
    assert not diagnose_paste("535 5.7.8 no").read.version_assumed


def test_a_call_in_a_stack_trace_that_sends_is_no_settings():
    trace = ('Traceback (most recent call last):\n  File "send.py", line 7, in <module>\n    CALL\n'
             '  File "/usr/lib/python3.11/smtplib.py", line 887, in sendmail\n    raise SMTPRecipientsRefused(x)\n'
             "smtplib.SMTPRecipientsRefused: {'a@example.org': (554, b'5.7.1 Relay access denied')}\n")
    read = diagnose_paste(trace.replace("CALL", "server.sendmail(sender, to, text)")).read
    assert (read.framework, read.mode, read.port) == ("smtplib", "", None)
    read = diagnose_paste(trace.replace("CALL", 'server = smtplib.SMTP_SSL("mail.example", 465)')).read
    assert (read.mode, read.port, read.host) == ("implicit", 465, "mail.example")


def test_a_host_that_only_the_program_knows_is_none():
    text = "nodemailer.createTransport({{ host: {}, port: 587, secure: false, requireTLS: true }})\n"
    assert diagnose_paste(text.format("process.env.SMTP_HOST")).read.host == ""
    assert diagnose_paste(text.format("'mail.example'")).read.host == "mail.example"


def test_where_a_refusal_is_a_guess_the_port_is_asked_first():
    guessed = diagnose_paste("smtp: EOF", port=587)
    assert guessed.causes[0].cause is Cause.RELAY_OR_POLICY and guessed.next_command == "smtplab probe HOST:587"
    told = diagnose_paste("554 5.7.1 Relay access denied", port=587)
    assert told.causes[0].cause is Cause.RELAY_OR_POLICY and "--rcpt-to" in told.next_command
