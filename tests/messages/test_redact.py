"""Secrets never come back: AUTH arguments, answers to challenges, passwords in settings, calls, URLs, tokens."""

import base64

import hypothesis
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab.messages import clean, explain
from smtplab.messages.redact import HIDDEN, without_secrets


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLACES = [
    'EMAIL_HOST_PASSWORD = "{}"', "spring.mail.password={}", "smtp_pass: {}", "SMTP_PASSWORD={} SMTP_PORT=587",
    ":password => '{}',",
    "auth: {{ user: 'me', pass: '{}' }}", "$mail->Password = '{}';", "<password>{}</password>",
    '<add key="SmtpPassword" value="{}"/>',
    "- name: SMTP_PASSWORD\n  value: {}", 'server.login("me", "{}")',
    'smtp.PlainAuth("", "me", "{}", "mail.example.com")',
    'new NetworkCredential("me", "{}")', 'gomail.NewDialer("mail.example.com", 587, "me", "{}")',
    'Credentials::new("me".to_string(), "{}".to_string())', "smtps://me:{}@mail.example.com:465",
    "swaks --auth-password {} --tls",
    "sendEmail -xu me -xp {} -s mail", "curl --user me:{} smtps://mail.example.com", "password {}",
    "machine mail login me password {}",
    "[mail.example.com]:587 me@example.com:{}", "Authorization: Bearer {}", "api_key: {}", '"apiKey":"{}"',
    "client_secret={}", "PASS {}",
    # URLs
    "MAILER_DSN=smtp://me@example.com:{}@mail.example.com:587", "redis://:{}@mail.example.com",
    # command lines
    "curl -ume:{} smtps://mail.example.com", "curl -u 'me:{}' smtps://mail.example.com",
    "mailer --smtp-password={} --tls", "Send-It -SmtpPassword '{}'", "git config sendemail.smtppass {}",
    "$ git config --global sendemail.smtpPass '{}'", "ConvertTo-SecureString '{}' -AsPlainText",
    # calls, over lines too
    "Net::SMTP.start('mail.example.com', 587, 'localhost', 'me', '{}', :login)",
    "smtp.start(domain, user, '{}', :plain)", "transport.auth('me', '{}')", "$smtp->auth('me', '{}')",
    "server.login(\n    'me',\n    '{}',\n)", "server.login(USER, '{}')", "server.login('me', \"\"\"{}\"\"\")",
    "smtp.PlainAuth(``, `me`, `{}`, host)", 'smtp.PlainAuth("", from, "{}", host)',
    'gomail.NewDialer(host, port, user, "{}")', 'client.AuthenticateAsync(Encoding.UTF8, "me", "{}")',
    'sasl.NewPlainClient("", "me", "{}")', 'sender.setPassword("{}");', 'props.put("mail.smtp.password", "{}");',
    "env('MAIL_PASSWORD', '{}')", 'auth=("me", "{}")',
    # names
    "smtp_pw = {}", "PW={}", 'pw: "{}"', "Kennwort: {}", "contraseña: {}", "パスワード：{}", "sendemail.smtppass {}",
    "client_send = : me : {}", "client_send = ^me^{}", 'AuthInfo:mail.example.com "U:me" "P:{}" "M:PLAIN"',
    "sasl_passwd:[mail.example.com]:587 me@example.com:{}", "login user [me] password [{}]",
    "| smtp_password | {} |",
    # prompts
    "Password for me: {}", "Password for 'smtp://me@mail.example.com:587': {}", "Enter pass phrase for key.pem: {}",
    # sentences and forms
    "the password is {}", "My password was {}.", "user alice password {}", "password -> {}", "login: \"alice\" \"{}\"",
    "SMTP password\n{}", "Password:\n\n    {}", "password=\n'{}'", "Password:\r\n{}\r\nPort:\r\n587"]
ANSWERS = [
    "334 UGFzc3dvcmQ6\n{}\n535 no", "S: 334 UGFzc3dvcmQ6\nC: {}\nS: 535 no",
    "<-  334 UGFzc3dvcmQ6\n ->  {}\n<** 535 no",
    "reply: b'334 UGFzc3dvcmQ6\\r\\n'\nreply: retcode (334); Msg: b'UGFzc3dvcmQ6'\nsend: '{}\\r\\n'\nreply: b'535 no'",
    '-> "334 UGFzc3dvcmQ6\\r\\n"\n<- "{}\\r\\n"', "SERVER -> CLIENT: 334 UGFzc3dvcmQ6\nCLIENT -> SERVER: {}",
    "334 UGFzc3dvcmQ6 | {} | 535 no",
    "12:00:01.5 >> AUTH LOGIN {}", "C: AUTH PLAIN {}", "send: 'AUTH PLAIN {}\\r\\n'", "AUTH XOAUTH2 {}"]


@each_row("place", PLACES)
def test_a_password_is_hidden_and_what_stands_around_it_is_not(place):
    out = without_secrets(place.format("hunter2wonderland"))
    assert "hunter2" not in out
    assert HIDDEN in out
    assert out.split(HIDDEN)[0].strip()


@each_row("place", ANSWERS)
@each_row("secret", ["wonderland", "a", "correct horse", "\0alice\0wonderland"])
def test_an_answer_in_base64_is_hidden(place, secret):
    out = without_secrets(place.format(b64(secret)))
    assert b64(secret) not in out
    assert HIDDEN in out


@each_row("text", [
    "250-AUTH LOGIN PLAIN XOAUTH2", "AUTH LOGIN failed", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
    "Password command failed: 534-5.7.9",
    "Unexpected token: [atom: 220]", "334 UGFzc3dvcmQ6\nRemote host closed connection",
    "Password: authentication failed", "error:0A00010B:SSL routines::wrong version number",
    "https://support.example.com/mail/?p=BadCredentials", "Username and Password not accepted",
    "18 tests passed: ok", "tls: bypass=no", "http://mail.example.com:8025/a", "java -url:jdbc://mail -user:me",
    "https://mail.example.com:8080/ sent by me", "Password for me: authentication failed",
    "Password for me: 535 5.7.8 no", "smtp_password must be set", "pwned: 3", "no login, \"PLAIN\" is not offered",
    "dial(server, login=LOGIN, mechanism='PLAIN')", "for name in ('password', 'protocol')",
    "(login|password|passcode) refused", "Thread.start('a', 'b', 'c')", "250-AUTH=LOGIN PLAIN",
    'smtp.PlainAuth("", user, password, "mail.example.com")', 'username "me", password "not accepted"',
    "server.starttls(); server.login(user, key); print('sent', 'well')",
    "Password: \nsmtplib.SMTPAuthenticationError: (535, b'5.7.8 no')", "the password is correct", "Password\nUsername",
    "password was changed.", "bad password me2@example.com", "smtp_password:\nsmtp_port: 587"])
def test_an_error_keeps_its_words(text):
    assert without_secrets(text) == text


def test_a_login_is_known_by_what_is_in_it_wherever_it_stands():
    assert b64("\0alice\0wonderland") not in without_secrets(f"DEBUG sent "
    f"{b64(chr(0) + 'alice' + chr(0) + 'wonderland')}")
    assert b64("user=alice\1auth=Bearer x\1\1") not in without_secrets("token sent "
    + b64("user=alice\1auth=Bearer x\1\1"))
    assert without_secrets(b64("not a login, only some words")) == b64("not a login, only some words")


def test_a_private_key_is_hidden_to_its_end():
    key = "-----BEGIN PRIVATE" " KEY-----\n" + "MIIEvQIBADANBg\n" * 20 + "-----END PRIVATE KEY-----"
    assert without_secrets(f"cannot load:\n{key}\nno start line") == f"cannot load:\n{HIDDEN}\nno start line"


def test_what_stands_behind_a_secret_is_kept():
    assert without_secrets("Net::SMTP.start('h', 587, 'x', 'me', 'hunter2', :login)") == (
        f"Net::SMTP.start('h', 587, 'x', 'me', '{HIDDEN}', :login)")
    assert without_secrets('PlainAuth("", "me", "hunter2", "mail.example.com")') == (
        f'PlainAuth("", "me", "{HIDDEN}", "mail.example.com")')
    assert without_secrets("login=('me', 'hunter2'), mechanism='PLAIN'") == (
        f"login=('me', '{HIDDEN}'), mechanism='PLAIN'")
    assert without_secrets("smtp://me@example.com:p@ss@h:587 refused") == (
        f"smtp://me@example.com:{HIDDEN}@h:587 refused")
    assert without_secrets("curl -ume:hunter2 smtps://h") == f"curl -ume:{HIDDEN} smtps://h"


def test_an_explanation_shows_no_secret():
    found = explain("smtps://me:hunter2@mail.example.com:465 connect ECONNREFUSED, password=hunter2")
    assert found[0].cause.value == "refused"
    assert "hunter2" not in repr(found)


@hypothesis.settings(max_examples=200)
@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=12, max_size=40), st.sampled_from(PLACES))
def test_any_password_goes(secret, place):
    secret = "9" + secret  # a word such as "authentication" behind "password:" is an error's
    assert secret not in clean(place.format(secret))


@hypothesis.settings(max_examples=200)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=3, max_size=40),
st.sampled_from(ANSWERS))
def test_any_answer_goes(secret, place):
    assert b64(secret) not in clean(place.format(b64(secret)))
