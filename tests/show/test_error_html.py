"""An error text as HTML: what decided is marked and numbered, all else is shown as it was, and nothing acts."""

import html
import html.parser
import re
from dataclasses import replace

import pytest
from helpers import each_row

from smtplab import Cause
from smtplab.messages import clean, explain
from smtplab.messages.answer import Explanation
from smtplab.show import error_html as page

HOSTILE = "</pre></mark><script>boom()</script><img src=x onerror='boom()' alt=\"'\"> &amp; \x1b[31m\u202e"
TAGS = {"div", "p", "b", "small", "pre", "ul", "li", "mark", "sup", "span", "a", "style",
        "details", "summary"}


class Tags(html.parser.HTMLParser):
    """Collects the tags and attributes of a page, and the text between them, that of marks apart."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.data, self.marks, self.open = set(), set(), "", [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "sup" in self.open:
            self.marks[-1] = (self.marks[-1][0], data)
        elif "mark" in self.open:
            self.marks.append((data, ""))
        if "sup" not in self.open:
            self.data += data


def one(cause=Cause.AUTH_REJECTED, **changes):
    text = cause.text
    return replace(Explanation(cause, 0.9, text.title, "Why.", text.fixes, (text.evidence, "smtplab probe HOST:25"),
                               text.lesson, "x"), **changes)


def test_what_decided_is_marked_with_the_numbers_of_its_causes():
    text = "0123456789"
    made = page.marked(text, [one(marks=((2, 5), (8, 10))), one(marks=((3, 6),)), one(marks=((2, 5),))])
    assert Tags(made).marks == [("2", "1,3"), ("34", "1,2,3"), ("5", "2"), ("89", "1")]
    assert f">{text}</pre>" in re.sub(r"<sup>.*?</sup>|</?mark>", "", made)


@each_row("marks", [(), ((-3, 2),), ((4, 4),), ((7, 3),), ((50, 60),)])
def test_places_that_are_none_are_not_marked(marks):
    made = page.marked("0123456789", [one(marks=marks)])
    assert "<mark>" not in made and "What decided" not in made and ">0123456789</pre>" in made


def test_a_place_that_runs_out_of_the_text_ends_with_it():
    assert Tags(page.marked("0123", [one(marks=((2, 99),))])).marks == [("23", "1")]


def test_nothing_is_shown_of_nothing():
    assert page.marked(" \n", []) == ""


def test_the_phrase_of_a_real_text_is_marked():
    text = "error:0A00010B:SSL routines::wrong version number"
    found = explain(text, port=587)
    marks = Tags(page.marked(clean(text), found)).marks
    assert found[0].phrase in "".join(words for words, numbers in marks if "1" in numbers.split(","))
    assert found[0].phrase in html.unescape(page.cause(1, found[0]))


def test_secrets_are_not_shown():
    text = clean("password=hunter2x 535 5.7.8 no\nAUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=")
    made = page.causes(text, explain(text))
    assert "hunter2x" not in made and "AGFsaWNl" not in made and "Secrets are left out." in made
    assert "Secrets" not in page.marked("535", [])


def test_likelihood_in_words_percent_and_a_bar():
    made = page.cause(2, one(likelihood=0.3))
    assert "<b>2. auth-rejected</b>: The login was refused" in made
    assert "<b>possible</b>, 30 %" in made and 'style="width:30%"' in made and 'aria-hidden="true"' in made


def test_only_the_first_is_open():
    assert "<details>" not in page.cause(1, one())
    made = page.cause(2, one())
    assert made.index("Why.") < made.index("<details>") < made.index("What would settle it</p>")


def test_commands_can_be_copied_and_fixes_listed():
    made = page.cause(1, one())
    assert '<pre class="copy">smtplab probe HOST:25</pre>' in made
    assert made.count("<li>") == len(Cause.AUTH_REJECTED.text.fixes)
    assert "settle" not in page.cause(1, one(evidence=())) and "Fixes" not in page.cause(1, one(fixes=()))


def test_the_lesson_is_a_link_where_it_is_there():
    assert "<p>Lesson 04 shows it.</p>" in page.cause(1, one())
    made = page.cause(1, one(), "04 \"><img>.ipynb")
    assert 'href="04%20%22%3E%3Cimg%3E.ipynb"' in made and ">Lesson 04</a>" in made
    assert "Lesson" not in page.cause(1, one(lesson=""), "04.ipynb")


def test_what_is_not_known_says_what_to_collect():
    [unknown] = explain("Good morning.")
    made = page.cause(1, unknown, "06.ipynb")
    assert "What to collect" in made and "Lesson" not in made and "%" not in made and "Fixes" not in made


def test_the_lab_says_what_it_dials_or_why_not():
    assert "It dials: a &lt;b&gt;." in page.reproduced_by("a <b>", "")
    assert "The lab can&#x27;t make this" in page.reproduced_by(None, "x").replace("can't", "can&#x27;t")


def hostile():
    return one(title=HOSTILE, why=HOSTILE, fixes=(HOSTILE,), evidence=(HOSTILE, HOSTILE), lesson=HOSTILE,
               marks=((0, 9), (5, 40)))


@each_row("made", [
    lambda: page.marked(HOSTILE, [hostile()]), lambda: page.cause(1, hostile()),
    lambda: page.cause(1, hostile(), HOSTILE.replace("\x1b", "").replace("\u202e", "")),
    lambda: page.cause(1, replace(hostile(), phrase="")), lambda: page.reproduced_by(HOSTILE, ""),
    lambda: page.reproduced_by(None, HOSTILE), lambda: page.causes(HOSTILE, [hostile()])])
def test_hostile_values_are_text(made):
    text = made()
    found = Tags(text)
    assert found.tags <= TAGS and not {a for a in found.attributes if a.startswith("on")}
    assert not {"\x1b", "\u202e"} & set(text)
    assert "<img src=x onerror" in found.data


def test_the_parser_would_see_it():
    """The twin of what is above: what isn't escaped is found."""
    with pytest.raises((AssertionError, IndexError)):
        Tags(HOSTILE)
    assert {"script"} <= Tags("<script></script>").tags
