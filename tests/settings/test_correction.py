"""Corrected settings: they work, have the reader's host and port, and mark what is different; or they say why not."""

import hypothesis
from helpers import each_row
from hypothesis import strategies as st
from test_measured import CASES, FRAMEWORKS

from smtplab.settings import Outcome, SettingsMode, correct, framework, frameworks, read_settings, recognize
from smtplab.settings.correction import host_name, working_modes

NAMES = [f.name for f in frameworks()]
RAILS = "smtp_settings = {\n  address: 'mx.example.org',\n  port: 587,\n  password: 'hunter2',\n  ssl: true\n}"


def corrections(name: str) -> list[tuple]:
    """Each measured row of a framework with a broken outcome: its report, and the correction."""
    reports = [read_settings(name, case["settings"], version=case["version"], port=case["port"])
               for case in CASES if case["framework"] == name and case["server"] == "standard"]
    return [(report, correct(report)) for report in reports if report.outcome is not Outcome.WORKS]


@each_row("name", FRAMEWORKS)
def test_every_broken_row_is_mended_or_it_is_said_why_not(name):
    for report, made in corrections(name):
        assert (made.framework, made.port) == (report.framework, report.port)
        if made.possible:
            back = read_settings(name, made.text, version=report.version)
            assert (back.outcome, back.mode, back.port) == (Outcome.WORKS, made.mode, report.port), made.text
            assert host_name(back.host) == host_name(report.host) or not host_name(report.host)
            assert made.changed
            assert set(made.changed) <= set(made.text.split("\n"))
        else:
            assert made.text.startswith("not possible, because ")
            assert made.changed == ()


def test_most_of_them_are_mended():
    """The twin: a correction that always found a reason would pass the test above."""
    mended = [made.possible for name in FRAMEWORKS for _report, made in corrections(name)]
    assert len(mended) > 120
    assert sum(mended) > 0.8 * len(mended)


def test_changed_lines_say_what_was_there():
    made = correct(read_settings("rails", RAILS))
    assert (made.mode, made.port, made.possible) == (SettingsMode.REQUIRED, 587, True)
    assert made.text == """\
config.action_mailer.smtp_settings = {
  address: "mx.example.org",
  port: 587,
  enable_starttls: true  # new; take out ssl
}"""
    assert made.changed == ("  enable_starttls: true  # new; take out ssl",)
    assert "hunter2" not in repr(made)
    implicit = correct(read_settings("rails", RAILS.replace("ssl: true", "enable_starttls: true")), port=465)
    assert (implicit.mode, implicit.port) == (SettingsMode.IMPLICIT, 465)
    assert implicit.changed == ("  port: 465,  # was 587", "  tls: true  # new; take out enable_starttls")


def test_settings_that_work_are_given_without_a_mark():
    made = correct(read_settings("django", "EMAIL_HOST = 'mx.example.org'\nEMAIL_PORT = 587\nEMAIL_USE_TLS = True"))
    assert (made.possible, made.changed) == (True, ())
    assert "#" not in made.text


@each_row("name", NAMES)
def test_each_framework_takes_its_host_and_a_comment_is_read_as_none(name):
    right = next(right for right in read_settings(name, {}).right if right.possible or right.port == 587)
    text = right.text.replace("smtp.example.com", "mail_1.example.net")
    made = correct(read_settings(name, text, port=25 if right.port == 465 else 465), port=right.port)
    if made.possible and right.possible:
        assert "mail_1.example.net" in made.text
        back = read_settings(name, made.text)
        assert (back.outcome, back.host) == (Outcome.WORKS, read_settings(name, text).host)
    comment = framework(name).comment
    broken = correct(read_settings(name, {}, port=587))
    assert not comment or not broken.possible or any(comment in line for line in broken.changed) or not broken.changed


def test_a_mode_that_is_asked_for_is_given_wherever_it_can_be_set():
    report = read_settings("rails", RAILS)
    assert correct(report, mode=SettingsMode.OPPORTUNISTIC, port=2500).mode is SettingsMode.OPPORTUNISTIC
    assert correct(report, mode=SettingsMode.IMPLICIT).text.count("tls: true") == 1
    assert not correct(read_settings("dotnet", {}), mode=SettingsMode.IMPLICIT).possible
    assert not correct(report, mode=SettingsMode.ERROR).possible


@each_row("port, modes", [(465, [SettingsMode.IMPLICIT]), (2465, [SettingsMode.IMPLICIT]),
                          (587, ["starttls-required", "starttls-opportunistic"]),
                          (25, ["starttls-required", "starttls-opportunistic"]),
                          (2525, ["starttls-required", "starttls-opportunistic"])])
def test_the_port_says_which_mode_works(port, modes):
    assert list(working_modes(port)) == modes


def test_where_starttls_cannot_be_required_it_is_taken_where_it_is_offered():
    made = correct(read_settings("gitlab", "gitlab_rails['smtp_tls'] = true\ngitlab_rails['smtp_port'] = 587"))
    assert (made.possible, made.mode) == (True, SettingsMode.OPPORTUNISTIC)


@each_row("said, name", [
    ("mx.example.org", "mx.example.org"), ("ssl://mx.example.org:465", "mx.example.org"), ("mx:587", "mx"),
    ("[mx.example.org]:587", "mx.example.org"), ("your_smtp_host", "your_smtp_host"),
    ("smtps://u@h.example/", "h.example"),
    ("", ""), ("(computed)", ""), ("a b", ""), ('x"; system("id', ""), ("x\ny", ""), ("$(id)", ""),
    ("x" * 500, "")])
def test_only_a_name_is_taken_from_what_a_host_was_set_to(said, name):
    assert host_name(said) == name


@each_row("name", NAMES)
def test_what_is_corrected_is_recognised_again(name):
    made = correct(read_settings(name, {}, port=587))
    if made.possible:
        found = recognize(made.text)
        assert name in [candidate.framework for candidate in found if candidate.likelihood > found[0].likelihood / 2]


@each_row("name, text", [
    ("rails", "address: 'bob:hunter2@mx.example.org'\nport: 587\nssl: true"),
    ("symfony", "MAILER_DSN=smtps://bob:hunter2@mx.example.org:587"),
    ("symfony", "MAILER_DSN=smtps://bob:hun/hunter2@mx.example.org:587"),
    ("mutt", 'set smtp_url = "smtps://bob:hunter2@mx.example.org:587/"\nset smtp_pass = "hunter2"'),
    ("curl", "curl -u bob:hunter2 smtps://mx.example.org:587"),
    ("django", "EMAIL_HOST = 'mx.example.org'\nEMAIL_PORT = 587\nEMAIL_USE_SSL = True\nEMAIL_HOST_PASSWORD = 'hunter2'"
     ),
    ("nodemailer", "nodemailer.createTransport('smtps://bob:hunter2@mx.example.org:587')")])
def test_a_secret_never_comes_back(name, text):
    report = read_settings(name, text)
    made = correct(report)
    assert made.possible and made.changed
    assert host_name(report.host) in made.text
    assert "hunter2" not in repr(made) + repr(recognize(text)) + repr(report.warnings)


@hypothesis.given(st.text(max_size=60), st.none() | st.integers() | st.text(max_size=3),
                  st.sampled_from([None, *SettingsMode]))
def test_nothing_raises(host, port, mode):
    made = correct(read_settings("rails", {"address": host, "ssl": True}), port=port, mode=mode)
    assert made.text.count("\n") == (made.text.count(",") + 2 if made.possible else 0)
