"""A settings report as text: everything is said, wrapped where it is prose, whole where it is copied, and harmless."""

import re
from dataclasses import replace
from types import SimpleNamespace

from helpers import each_row

from smtplab.escape import printable
from smtplab.settings.model import Outcome, SettingsMode
from smtplab.settings.report import Right, SettingLine, SettingsReport, SettingsWarning, Translation
from smtplab.show.settings_text import MODES, WIDTH, frameworks_table, meanings_table, settings_report

LONG = "a sentence of some length that goes on and on " * 6
GRUMPY = SettingsReport(
    framework="rails-mail", version="mail 2.8.1 / net-smtp 0.4.0", port=465, mode=SettingsMode.STARTTLS_REQUIRED,
    outcome=Outcome.HANG, password_in_clear_if_server_allows=False, title="Ruby on Rails", because="tls: false is read",
    sentence="Each waits for the other.", error="Net::ReadTimeout: Net::ReadTimeout", hang_ends_after_s=5.0,
    warnings=(SettingsWarning("port-mismatch", "port", LONG), SettingsWarning("no-check", "", "nobody is checked"),
              SettingsWarning("truthy", "ssl", "ssl: 'false' is a text")),
    lines=(SettingLine(2, "address: 'mail.example.com'", "other", "host"),
           SettingLine(3, "tls: false", "ineffective", "off anyway"),
           SettingLine(4, "enable_starttls: true", "decides", "as ever")),
    right=(Right(SettingsMode.IMPLICIT, 465, "port: 465,\n  tls: true", True),
           Right(SettingsMode.STARTTLS_REQUIRED, 587, f"not possible, because {LONG}", False)))
FINE = replace(GRUMPY, mode=SettingsMode.IMPLICIT, outcome=Outcome.WORKS, warnings=(), error=None, right=(),
               hang_ends_after_s=None, lines=(SettingLine(1, "tls: true", "decides", ""),))


def test_the_first_lines_say_what_it_is_what_it_does_and_why():
    first = settings_report(GRUMPY).splitlines()[:6]
    assert first == ["rails-mail: Ruby on Rails", "version mail 2.8.1 / net-smtp 0.4.0, port 465", "",
                     "mode: starttls-required", f"  {MODES['starttls-required']}", "  Why: tls: false is read"]
    assert settings_report(replace(GRUMPY, title="rails-mail")).startswith("rails-mail\nversion ")


@each_row("mode", SettingsMode)
@each_row("clear", [True, False, None])
def test_every_mode_and_answer_has_words(mode, clear):
    text = settings_report(replace(GRUMPY, mode=mode, password_in_clear_if_server_allows=clear))
    assert f"mode: {mode.value}\n  {MODES[mode]}" in text
    assert f"password in clear: {({True: 'yes', False: 'no', None: 'not known'})[clear]}" in text


@each_row(("seconds", "words"), [(None, "for ever"), (5.0, "5 s"), (300.0, "300 s, 5 minutes")])
def test_a_hang_says_how_long(seconds, words):
    assert f"on port 465: hang ({words})\n" in settings_report(replace(GRUMPY, hang_ends_after_s=seconds))


def test_the_error_stands_as_it_is_printed():
    assert "\n  It prints:\n    one: wrong version number\n    two\n" in settings_report(
        replace(GRUMPY, error="one: wrong version number\ntwo"))
    assert "It prints" not in settings_report(FINE)
    assert "on port 465: works\n" in settings_report(FINE)


def test_warnings_are_wrapped_with_code_and_setting_before():
    text = settings_report(GRUMPY)
    assert "\nwarnings\n  port-mismatch: port: a sentence" in text
    assert "\n  no-check: nobody" in text
    assert "\n  truthy: ssl: 'false' is a text\n" in text  # a name that begins the sentence is not said twice
    assert "no warnings" not in text
    assert "no warnings" in settings_report(FINE)
    assert LONG.strip() in " ".join(text.split())


def test_no_line_of_prose_is_longer_than_a_terminal():
    text = settings_report(replace(GRUMPY, because=LONG, sentence=LONG))
    assert max(map(len, text.splitlines())) <= WIDTH


def test_lines_are_shown_if_one_of_them_does_not_decide():
    text = settings_report(GRUMPY)
    assert "your lines\n  other          2 | address" in text
    assert f"\n  ineffective    3 | tls: false\n{'':21}off anyway\n" in text
    assert "\n  decides        4 | enable_starttls: true\n\n" in text
    assert "as ever" not in text
    assert "your lines" not in settings_report(FINE)


def test_a_mapping_has_no_line_numbers_and_a_long_line_is_cut():
    text = settings_report(replace(FINE, lines=(SettingLine(0, "x" * 500, "unknown", ""),)))
    assert f"\n  unknown          | {'x' * WIDTH}..." in text


@each_row(("count", "shown"), [(3, 3), (4, 0)])
def test_many_lines_that_do_not_matter_are_counted(count, shown):
    lines = (*[SettingLine(i, f"host{i}", "other", "") for i in range(1, count + 1)],
             SettingLine(9, "tls: 1", "decides", ""))
    text = settings_report(replace(FINE, lines=lines))
    assert len(re.findall(r"\| host\d", text)) == shown
    assert (f"({count} lines that don't matter here)" in text) is (shown == 0)
    assert "decides        9 | tls: 1" in text


def test_what_is_to_be_copied_stands_at_the_left_and_whole():
    wide = "x" * 300
    text = settings_report(replace(GRUMPY, translation=Translation("nodemailer", f"{{\n\tsecure: true, // {wide}\n}}")))
    assert "\n\nimplicit TLS on port 465, the smallest settings:\n\nport: 465,\n  tls: true\n\n" in text
    assert text.endswith(f"the same for nodemailer:\n\n{{\n\tsecure: true, // {wide}\n}}")


def test_what_is_not_possible_is_prose():
    text = settings_report(replace(FINE, right=GRUMPY.right[1:],
                                   translation=Translation("mutt", f"not possible, because {LONG}", possible=False)))
    for heading in ("required STARTTLS on port 587, the smallest settings:", "the same for mutt:"):
        assert f"{heading}\n  not possible, because a sentence" in text
    assert max(map(len, text.splitlines())) <= WIDTH


HOSTILE = "\x1b]0;owned\x07\r\x9b2J\u202e\ud800\u00a0 caf\u00e9\t\ufffd"


def test_nothing_that_was_pasted_acts_on_the_terminal():
    assert printable(HOSTILE) == "\\x1b]0;owned\\x07\\r\\x9b2J\\u202e\\ud800\\xa0 caf\u00e9\t\ufffd"
    text = settings_report(replace(
        GRUMPY, version=HOSTILE, because=HOSTILE, sentence=HOSTILE, error=HOSTILE, title=HOSTILE,
        warnings=(SettingsWarning("c", HOSTILE, f".{HOSTILE}"),), lines=(SettingLine(1, HOSTILE, "unread", HOSTILE),),
        right=(Right(SettingsMode.IMPLICIT, 465, HOSTILE, True),), translation=Translation("x", HOSTILE)))
    assert all(c.isprintable() or c in "\n\t" for c in text)
    assert text.count("owned") == 11


def test_frameworks_are_grouped_by_ecosystem_each_once():
    def named(name, ecosystem, *aliases):
        return SimpleNamespace(name=name, title=name.title(), aliases=aliases, ecosystem=ecosystem)

    known = (named("rails-mail", "Ruby", "rails", "actionmailer"), named("django", "Python"), named("gitlab", "Ruby"))
    assert frameworks_table(known) == ("Ruby\n  rails-mail  Rails-Mail  rails, actionmailer\n"
                                       "  gitlab      Gitlab\n\nPython\n  django      Django")
    assert frameworks_table(()) == ""


def test_the_words_of_each_framework_stand_in_columns():
    rails, django = SimpleNamespace(name="rails-mail"), SimpleNamespace(name="django")
    says = [(rails, "tls", SettingsMode.IMPLICIT), (rails, "enable_starttls", SettingsMode.STARTTLS_REQUIRED),
            (django, "EMAIL_USE_TLS", SettingsMode.STARTTLS_REQUIRED)]
    assert meanings_table(says) == ("rails-mail  tls              implicit\n"
                                    "rails-mail  enable_starttls  starttls-required\n"
                                    "django      EMAIL_USE_TLS    starttls-required")
    assert meanings_table([]) == ""
