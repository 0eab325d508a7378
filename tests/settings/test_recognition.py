"""Which framework settings are of: what the frameworks' own descriptions tell, in every text that is known right."""

import re

import hypothesis
import pytest
from helpers import each_row
from hypothesis import strategies as st
from test_measured import CASES

from smtplab.settings import Candidate, SettingsMode, framework, frameworks, read_settings, recognize
from smtplab.settings.evaluate import fill
from smtplab.settings.model import Given
from smtplab.settings.reading import Bare, Call, Computed

NAMES = [f.name for f in frameworks()]
POST = """\
Hello,

I can't send mail with our app, it "hangs. This is our file:

```ruby
config.action_mailer.delivery_method = :smtp
config.action_mailer.smtp_settings = {
  address: "smtp.example.org",
  port: 465,
  password: "hunter2",
  enable_starttls_auto: true
}
```

The log, from: me, to: you, says "execution expired".
"""


def best(text: str) -> list[str]:
    """The most likely frameworks, several where they fit alike."""
    found = recognize(text)
    return [candidate.framework for candidate in found if candidate.likelihood == found[0].likelihood]


@each_row("name", sorted({case["framework"] for case in CASES if "text" in case}))
def test_what_people_paste_is_recognised(name):
    pasted = {case["text"] for case in CASES if case["framework"] == name and "text" in case}
    assert [text for text in pasted if name not in best(text)] == []


@each_row("name", NAMES)
def test_the_right_settings_of_each_framework_are_recognised(name):
    chosen = framework(name)
    given = Given(chosen, chosen.releases[-1], {}, 587)
    for mode, port in ((SettingsMode.IMPLICIT, 465), (SettingsMode.REQUIRED, 587), (SettingsMode.OPPORTUNISTIC, 587)):
        text, possible = fill(chosen.forms(given)[mode], "mail.example.net", port)
        if possible:
            assert name in best(text)
            lines = recognize(text)[best(text).index(name)].lines
            cut = "\n".join(text.split("\n")[line - 1] for line in lines)
            whole, part = read_settings(name, text), read_settings(name, cut)
            assert (part.mode, part.port, part.host) == (whole.mode, whole.port, whole.host)


@each_row("name", NAMES)
def test_each_is_known_by_what_it_is_called(name):
    assert framework(name).named_by
    assert all(word == word.lower() for word in framework(name).named_by)
    said = recognize(f"it fails in {framework(name).named_by[0]} since today")
    assert name in [candidate.framework for candidate in said if candidate.likelihood == said[0].likelihood]
    assert {candidate.lines for candidate in said} == {()}


def test_settings_in_a_post_are_found_by_their_lines():
    [found] = recognize(POST)
    assert (found.framework, found.title) == ("rails-mail", framework("rails").title)
    assert found.likelihood > 0.99
    assert "enable_starttls_auto" in found.reasons
    assert found.lines == (6, 7, 8, 9, 10, 11, 12)
    assert "hunter2" not in repr(found)


def test_the_same_post_with_settings_of_no_framework():
    """The twin: nothing but the names is different."""
    assert recognize(re.sub(r"config\.\w+|smtp_settings|address|port|password|enable|delivery|auto|starttls", "x",
                            POST)) == ()


def test_a_key_that_several_share_leaves_them_alike():
    found = recognize("port: 465")
    assert len(best("port: 465")) > 9
    assert min(candidate.likelihood for candidate in found) > found[0].likelihood / 2
    assert {candidate.reasons for candidate in found} == {("port",)}
    assert sum(candidate.likelihood for candidate in found) < 1
    assert {"rails-mail", "symfony-mailer"} == set(best("tls: true"))
    assert best("tls: true\nenable_starttls: true") == ["rails-mail"]


def test_the_rarer_a_key_the_more_it_says():
    often, seldom, once = (recognize(text)[0].likelihood for text in ("port: 465", "tls: true", "EMAIL_USE_TLS = True"))
    assert often < seldom < once
    # Others have more of these, host and user and password; `secure` is Nodemailer's alone.
    assert best("secure: true\nhost: mx.example.org\nport: 465\nuser: a\npassword: b") == ["nodemailer"]


@each_row("trace, name", [
    ("/app/node_modules/nodemailer/lib/smtp-connection/index.js:787", "nodemailer"),
    ("at MailKit.Net.Smtp.SmtpClient.ConnectAsync(String host)", "mailkit"),
    ('File "/usr/lib/python3.11/smtplib.py", line 398, in getreply', "smtplib"),
    ('File "/x/django/core/mail/backends/smtp.py"\nFile "/usr/lib/python3.11/smtplib.py", line 398', "django"),
    ("actionmailer (7.1.2) lib/action_mailer/base.rb\nnet-smtp (0.4.0) lib/net/smtp.rb", "rails-mail"),
    ("org.springframework.mail.MailSendException\nCaused by: com.sun.mail.util.MailConnectException", "spring-boot"),
    ("com.sun.mail.smtp.SMTPTransport.openServer\njavax.mail.Transport.send", "jakarta-mail")])
def test_a_stack_trace_names_it(trace, name):
    assert best(trace) == [name]


@each_row("text", ["", " \n", "Dear friends, it doesn't work.", "From: a@b.example\nTo: c@d.example\nSubject: hello",
                   "Connection refused (111)", "a = 1", "\0" * 9, "{" * 500])
def test_what_is_no_setting_is_none(text):
    assert recognize(text) == ()


def test_lines_in_a_form_that_no_reader_knows_are_found_by_their_keys():
    unit = "[Service]\nEnvironment=GITEA__mailer__PROTOCOL=smtps\nEnvironment=GITEA__mailer__SMTP_PORT=587\nNice=5\n"
    [found] = recognize(unit)
    assert found.framework == "gitea"
    assert {2, 3} <= set(found.lines) and 4 not in found.lines
    markdown = "- PHP 8.1\n- `$mail->Host = 'mx.example.org';`\n- `$mail->Port = 587;`\n- `$mail->SMTPSecure = 'tls';`"
    assert [(candidate.framework, candidate.lines) for candidate in recognize(markdown)] == [("phpmailer", (2, 3, 4))]
    prose = "I have set GITEA__mailer__PROTOCOL in the unit of systemd, and it does not help at all"
    assert [(candidate.framework, candidate.lines) for candidate in recognize(prose)] == [("gitea", ())]


@each_row("text", ["[SSL: WRONG_VERSION_NUMBER] wrong version number", "Connection refused - connect(2)"])
def test_an_error_text_is_no_setting(text):
    assert recognize(text) == ()
    assert recognize(f"EMAIL_USE_TLS = True\n{text}")[0].lines == (1,)


@each_row("name", NAMES)
def test_any_call_can_be_asked(name):
    """A call with other arguments than the framework's own must not raise."""
    for call, read in framework(name).calls.items():
        for value in ("x", 587, None, True, Computed(), Bare("x")):
            for count in range(8):
                assert isinstance(read(Call(call, (value,) * count, 1)), dict)


def test_a_long_text_is_searched_for_what_tells():
    noise = "Nov 30 12:00:00 host app[1]: it went on and on and on\n" * 20_000
    found = recognize(f"{noise}EMAIL_HOST = 'smtp.example.org'\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n{noise}")
    assert found[0].framework == "django"
    assert found[0].lines == (20_001, 20_002, 20_003)
    assert recognize(noise) == ()


@pytest.mark.parametrize("piece", ["tls: true\n", "'", '"', "{", "a.", "--tls ", "tls: \"\n\n", "x"])
def test_odd_long_texts_are_answered(piece):
    assert all(isinstance(candidate, Candidate) for candidate in recognize(piece * 70_000))


@hypothesis.given(st.text(max_size=300))
def test_nothing_raises(text):
    for candidate in recognize(f"smtp_settings = {{ tls: {text}\n{text}"):
        assert 0 < candidate.likelihood <= 1
