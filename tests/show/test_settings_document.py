"""A settings report, as text and as HTML: everything is said, nothing that was pasted acts, secrets are not shown."""

import re
from dataclasses import replace
from types import SimpleNamespace

from helpers import each_row
from html_reader import Page

from smtplab import read_settings
from smtplab.escape import printable
from smtplab.settings.model import Outcome, SettingsMode
from smtplab.settings.report import Right, SettingLine, SettingsReport, SettingsWarning, Translation
from smtplab.show import settings_document as page
from smtplab.show.document import WIDTH, as_html
from smtplab.show.settings_document import LONGEST_LINE, MODES, frameworks_table, meanings_table, settings_report
from smtplab.show.settings_picture import picture
from smtplab.show.settings_rehearsal import rehearsal

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
    text = settings_report(GRUMPY)
    assert text.splitlines()[:4] == ["rails-mail: Ruby on Rails", "version mail 2.8.1 / net-smtp 0.4.0, port 465", "",
                                     "on port 465: hang (5 s)"]
    assert f"\n\nmode: starttls-required\n  {MODES['starttls-required']}\n  Why: tls: false is read\n  Of" in text
    assert settings_report(replace(GRUMPY, title="rails-mail")).startswith("rails-mail\nversion ")


@each_row("mode", SettingsMode)
@each_row("clear", [True, False, None])
def test_every_mode_and_answer_has_words(mode, clear):
    text = settings_report(replace(GRUMPY, mode=mode, password_in_clear_if_server_allows=clear))
    assert f"mode: {mode.value}\n  {MODES[mode]}" in text
    assert f"password in clear: {({True: 'yes', False: 'no', None: 'not known'})[clear]}" in text


@each_row(("mode", "port", "corner"), [
    (SettingsMode.IMPLICIT, 587, "the client begins TLS, the server greets"),
    (SettingsMode.IMPLICIT, 465, "the client begins TLS, the server waits for TLS"),
    (SettingsMode.STARTTLS_OPPORTUNISTIC, 25, "the client waits for a greeting, the server greets"),
    (SettingsMode.PLAIN, 465, "the client waits for a greeting, the server waits for TLS"),
    (SettingsMode.ERROR, 465, "none, since these settings are refused"),
    (SettingsMode.IMPLICIT, 2526, "none, since port 2526 is none of mail's own")])
def test_it_says_in_which_corner_they_are(mode, port, corner):
    report = replace(FINE, mode=mode, port=port)
    for shown in (settings_report(report, 200), page.answer(report).replace("&#x27;", "'")):
        assert shown.count("Of the four corners:") == 1 and f"Of the four corners: {corner}" in shown


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
    assert f"\n  unknown          | {'x' * LONGEST_LINE}..." in text


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


UNPRINTABLE = "\x1b]0;owned\x07\r\x9b2J\u202e\ud800\u00a0 caf\u00e9\t\ufffd"


def test_nothing_that_was_pasted_acts_on_the_terminal():
    assert printable(UNPRINTABLE) == "\\x1b]0;owned\\x07\\r\\x9b2J\\u202e\\ud800\\xa0 caf\u00e9\t\ufffd"
    text = settings_report(replace(
        GRUMPY, version=UNPRINTABLE, because=UNPRINTABLE, sentence=UNPRINTABLE, error=UNPRINTABLE, title=UNPRINTABLE,
        warnings=(SettingsWarning("c", UNPRINTABLE, f".{UNPRINTABLE}"),),
        lines=(SettingLine(1, UNPRINTABLE, "unread", UNPRINTABLE),),
        right=(Right(SettingsMode.IMPLICIT, 465, UNPRINTABLE, True),), translation=Translation("x", UNPRINTABLE)))
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


# --- HTML ---

HOSTILE = "</pre><script>boom()</script><img src=x onerror='boom()' alt=\"'\"> &amp; \x1b[31m\u202e"
TAGS = {"div", "p", "b", "small", "pre", "code", "del", "ul", "li", "table", "caption", "thead", "tbody", "tr", "th",
        "td"}
STRUCK = "smtp_settings = {port: 587, ssl: false, enable_starttls: true, password: 'hunter2'}"


def words(made):
    return Page(made).words


def report(text="", **options):
    return read_settings("rails", text, version="2.8.1", **options)


def hostile_report():
    line = SettingLine(1, HOSTILE, "ineffective", HOSTILE)
    return replace(report(port=587), framework=HOSTILE, title=HOSTILE, version=HOSTILE, because=HOSTILE,
                   sentence=HOSTILE, error=HOSTILE, lines=(line, replace(line, effect=HOSTILE)),
                   warnings=(SettingsWarning(HOSTILE, HOSTILE, HOSTILE),))


PAGES = {
    "answer": lambda: page.answer(hostile_report()),
    "lines": lambda: page.lines(hostile_report()),
    "no lines": lambda: page.lines(replace(hostile_report(), lines=())),
    "warnings": lambda: page.warnings(hostile_report()),
    "right": lambda: page.right(Right(SettingsMode.IMPLICIT, 465, HOSTILE, True)),
    "not possible": lambda: page.right(Right(SettingsMode.IMPLICIT, 465, HOSTILE, False)),
    "translated": lambda: page.translated(Translation("rails-mail", HOSTILE), hostile_report()),
    "missing": lambda: page.examples_missing([(HOSTILE, HOSTILE)]),
    "port": lambda: page.wrong_port("<img src=x onerror"),
    "run": lambda: page.run_or_not(HOSTILE),
    "picture": lambda: picture(hostile_report()),
}


@each_row("name", PAGES)
def test_hostile_values_are_text_in_html(name):
    made = PAGES[name]()
    found = Page(made)
    assert found.tags <= TAGS and not found.handlers
    assert not {"\x1b", "\u202e"} & set(made)
    if name != "picture":  # which shows nothing of a person's own
        assert "<img src=x onerror" in found.text


def test_mode_and_why_and_what_comes_of_it():
    said = words(page.answer(report("smtp_settings = {port: 587, tls: true}")))
    for part in ("Mode: implicit.", "Why: tls (or ssl) is true", "✗ On port 587: wrong-version-number.",
                  "It prints: OpenSSL::SSL::SSLError", "in clear? No."):
        assert part in said
    assert "It hangs" not in said


@each_row(("port", "mark", "tone"), [(465, "…", "bad"), (587, "!", "doubt")])
def test_a_sign_for_each_outcome(port, mark, tone):
    found = report(port=port)
    assert page.sign(found) == (mark, tone)
    made = page.answer(found)
    assert f'class="smtplab-says smtplab-{tone}"' in made and f"{mark} On port {port}" in made


def test_refused_settings_have_no_mode():
    said = words(page.answer(report("tls: 'yes'")))
    assert "Mode: error. It refuses these settings before it connects." in said
    assert "✗ On port 25: config-error." in said


def test_signs_of_what_works_and_what_fails():
    assert page.sign(report("tls: true", port=465)) == ("✓", "good")
    assert page.sign(report("enable_starttls: true", port=587)) == ("✓", "good")
    assert page.sign(report("tls: 'yes'")) == ("✗", "bad")
    assert page.sign(replace(report(), outcome=Outcome.PLAINTEXT)) == ("!", "bad")


@each_row(("seconds", "said"), [(None, "for ever"), (5.0, "5 seconds"), (300, "300 seconds (5 minutes)")])
def test_how_long_it_hangs(seconds, said):
    found = replace(report(port=465), hang_ends_after_s=seconds)
    assert f"It hangs {said}." in words(page.answer(found))


@each_row(("value", "said"), [(True, "Yes, if the server allows it."), (False, "No."), (None, "Not known.")])
def test_whether_the_password_crosses_in_clear(value, said):
    found = replace(report(), password_in_clear_if_server_allows=value)
    assert f"Can the password cross in clear? {said}" in words(page.answer(found))


def test_what_changes_nothing_is_struck_and_secrets_are_not_shown():
    found = report(STRUCK)
    made = page.lines(found)
    struck = [line for line in found.lines if line.effect in ("ineffective", "redundant")]
    assert struck and made.count("<del>") == len(struck)
    assert "<del><code>enable_starttls = true</code></del>" in made
    assert "hunter2" not in made and "secret" in words(made)


def test_what_decides_is_not_struck():
    made = page.lines(report("enable_starttls: true\nport: 587"))
    assert "<del>" not in made and "<b>decides</b>" in made


def test_without_lines_it_says_so():
    assert "Nothing is pasted: these are the defaults of Rails" in page.lines(report(), pasted=False)
    assert "Not one line of this is a setting of Rails" in page.lines(report("hello"))


def test_warnings_by_code_or_none():
    assert "<b>port-mismatch</b>: " in page.warnings(report("tls: true", port=587))
    assert "No warnings." in page.warnings(replace(report(), warnings=()))


def test_settings_to_copy_stand_as_they_are():
    found = report().right[0]
    assert f">{found.text}</pre>".replace('"', "&quot;") in page.right(found)
    assert "<pre" not in page.right(replace(found, possible=False))
    made = page.translated(Translation("gitlab-omnibus", "x"), report("tls: true", port=465))
    assert "implicit on 465 in GitLab" in made
    mended = Translation("gitlab-omnibus", "x", mode=SettingsMode.REQUIRED, mended=True)
    made = page.translated(mended, report("tls: true", port=587))
    assert "Mended: starttls-required in place of implicit, since that works on port 587, in GitLab" in made


def test_another_framework_s_settings_are_said_to_be_so_before_all_else():
    told = settings_report(replace(report(), warnings=(SettingsWarning("wrong-framework", "", "it reads otherwise"),)))
    assert told.startswith("It reads otherwise.\n")
    assert "wrong-framework" not in told
    assert not settings_report(report()).startswith("It reads otherwise")


def test_run_it_says_what_it_dials_or_why_not():
    assert "a client in mode implicit at the lab&#x27;s starttls-required server" in page.run_or_not(
        rehearsal(report("tls: true", port=587)))
    assert "nothing is dialled" in page.run_or_not(None)


def test_the_whole_report_is_one_document_in_two_forms():
    found = replace(report(STRUCK), translation=Translation("nodemailer", "{secure: true}"))
    made, text = Page(as_html(page.settings_document(found))).text, settings_report(found)
    for part in (found.sentence, found.right[0].text, found.right[1].text, "{secure: true}", found.version,
                 *(warning.code for warning in found.warnings)):
        assert part in made and part in " ".join(text.split()) + text
    assert "hunter2" not in made + text
    odd = replace(found, translation=Translation("no-such-framework", "x"))  # as somebody may make it
    assert "the same for no-such-framework:" in settings_report(odd)
