"""A settings report as HTML: all of it is there, what changes nothing is struck, and hostile values stay text."""

import html.parser
import re
from dataclasses import replace

from helpers import each_row

from smtplab import Cause, Mode, Trace, read_settings
from smtplab.settings import Outcome, Right, SettingLine, SettingsMode, SettingsWarning, Translation
from smtplab.show import settings_html as page
from smtplab.show.settings_picture import picture
from smtplab.show.settings_rehearsal import Comparison, rehearsal
from smtplab.trace import Event, Failure

HOSTILE = "</pre><script>boom()</script><img src=x onerror='boom()' alt=\"'\"> &amp; \x1b[31m\u202e"
TAGS = {"div", "p", "b", "small", "pre", "code", "del", "ul", "li", "table", "caption", "thead", "tbody", "tr", "th",
        "td"}
STRUCK = "smtp_settings = {port: 587, ssl: false, enable_starttls: true, password: 'hunter2'}"


class Tags(html.parser.HTMLParser):
    """Collects the tags and attributes of a page, and the text between them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.data = set(), set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.data += f" {data}"


def text_of(made):
    return re.sub(r" (?=[.:,])", "", " ".join(Tags(made).data.split()))


def report(text="", **options):
    return read_settings("rails", text, version="2.8.1", **options)


def trace(**changes):
    first = Trace(Mode.IMPLICIT, ("127.0.0.1", 587), False, Cause.IMPLICIT_TO_PLAINTEXT, True, 5, 517, 36, 517, 0.034,
                  None, None, None, b"220 m", ())
    return replace(first, **changes)


def hostile_report():
    line = SettingLine(1, HOSTILE, "ineffective", HOSTILE)
    return replace(report(port=587), framework=HOSTILE, title=HOSTILE, version=HOSTILE, because=HOSTILE,
                   sentence=HOSTILE, error=HOSTILE, lines=(line, replace(line, effect=HOSTILE)),
                   warnings=(SettingsWarning(HOSTILE, HOSTILE, HOSTILE),))


def hostile_trace():
    said = Event(0.1, "server", "bytes", HOSTILE.encode() + b"\r\n", HOSTILE)
    return trace(events=(said, replace(said, what="tls"), replace(said, what="waiting")), waiting_for=HOSTILE,
                 failure=Failure("tls", HOSTILE, HOSTILE, HOSTILE), address=(HOSTILE, 25))


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
    "comparison": lambda: page.comparison(Comparison(HOSTILE, HOSTILE, False, HOSTILE), hostile_trace(), HOSTILE),
    "picture": lambda: picture(hostile_report()),
}


@each_row("name", PAGES)
def test_hostile_values_are_text(name):
    made = PAGES[name]()
    found = Tags(made)
    assert found.tags <= TAGS
    assert not {a for a in found.attributes if a.startswith("on")}
    assert not {"\x1b", "\u202e"} & set(made)
    if name != "picture":  # which shows nothing of a person's own
        assert "<img src=x onerror" in found.data


def test_the_parser_would_see_it():
    """The twin of what is above: what isn't escaped is found."""
    assert {"script", "img"} <= Tags(HOSTILE).tags and "onerror" in Tags(HOSTILE).attributes


def test_mode_and_why_and_what_comes_of_it():
    said = text_of(page.answer(report("smtp_settings = {port: 587, tls: true}")))
    for words in ("Mode: implicit.", "Why: tls (or ssl) is true", "✗ On port 587: wrong-version-number.",
                  "It prints: OpenSSL::SSL::SSLError", "in clear? No."):
        assert words in said
    assert "It hangs" not in said


@each_row(("port", "mark", "tone"), [(465, "…", "bad"), (587, "!", "doubt")])
def test_a_sign_for_each_outcome(port, mark, tone):
    found = report(port=port)
    assert page.sign(found) == (mark, tone)
    assert f'class="says {tone}"' in page.answer(found) and f"{mark} On port {port}" in page.answer(found)


def test_refused_settings_have_no_mode():
    said = text_of(page.answer(report("tls: 'yes'")))
    assert "Mode: error. It refuses these settings before it connects." in said
    assert "✗ On port 25: config-error." in said


def test_signs_of_what_works_and_what_fails():
    assert page.sign(report("tls: true", port=465)) == ("✓", "good")
    assert page.sign(report("enable_starttls: true", port=587)) == ("✓", "good")
    assert page.sign(report("tls: 'yes'")) == ("✗", "bad")
    assert page.sign(replace(report(), outcome=Outcome.PLAINTEXT)) == ("!", "bad")


@each_row(("seconds", "words"), [(None, "for ever"), (5.0, "5 seconds"),
                                                (300, "300 seconds (5 minutes)")])
def test_how_long_it_hangs(seconds, words):
    found = replace(report(port=465), hang_ends_after_s=seconds)
    assert f"It hangs {words}." in text_of(page.answer(found))


@each_row(("value", "words"), [(True, "Yes, if the server allows it."), (False, "No."),
                                              (None, "Not known.")])
def test_whether_the_password_crosses_in_clear(value, words):
    found = replace(report(), password_in_clear_if_server_allows=value)
    assert f"Can the password cross in clear? {words}" in text_of(page.answer(found))


def test_what_changes_nothing_is_struck_and_secrets_are_not_shown():
    found = report(STRUCK)
    made = page.lines(found)
    struck = [line for line in found.lines if line.effect in ("ineffective", "redundant")]
    assert struck and made.count("<del>") == len(struck)
    assert "<del><code>enable_starttls = true</code></del>" in made
    assert "hunter2" not in made and "secret" in text_of(made)


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


def test_run_it_says_what_it_dials_or_why_not():
    assert "a client in mode implicit at the lab&#x27;s starttls-required server" in page.run_or_not(
        rehearsal(report("tls: true", port=587)))
    assert "nothing is dialled" in page.run_or_not(None)


@each_row(("agrees", "words"), [(True, "✓ predicted: hang / seen: x (as predicted)"),
                                               (False, "✗ predicted: hang / seen: x (not as predicted)"),
                                               (None, "? predicted: hang / seen: x (no test of the prediction)")])
def test_prediction_beside_what_was_seen(agrees, words):
    events = (Event(0.0, "server", "bytes", b"220 mail.example.com\r\n", ""),)
    said = text_of(page.comparison(Comparison("hang", "x", agrees, "A note."), trace(events=events), "Rails"))
    for part in (words, "A note.", "Transcript", "S: 220 mail.example.com",
                 "SSL handshake has read 5 bytes and written 517 bytes. 36 bytes received and 517 sent in 0.034 s."):
        assert part in said
