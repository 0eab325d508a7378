"""The causes of an error text, as text and as HTML: their order and likelihood, what is marked, and nothing acts."""

import html
import re
from dataclasses import replace

from helpers import each_row
from html_reader import Page

from smtplab import Cause
from smtplab.messages import Explanation, clean, explain
from smtplab.show import explanation_document as page
from smtplab.show.explanation_document import evidence, explanations, heading, in_words, is_unknown, percent

UNPRINTABLE = "\x1b[31m\x07 \u202e <b>"


def one(cause=Cause.AUTH_REJECTED, likelihood=0.9, **changes):
    text = cause.text
    made = Explanation(cause, likelihood, text.title, "The text says `535`.", text.fixes,
                       (text.evidence, "smtplab probe mail.example.com:587"), text.lesson, "535")
    return replace(made, **changes)


@each_row(("likelihood", "words", "share"), [
    (1.0, "very likely", 99), (0.85, "very likely", 85), (0.849, "likely", 85), (0.6, "likely", 60),
    (0.59, "possible", 59), (0.25, "possible", 25), (0.24, "unlikely", 24), (0.001, "unlikely", 1),
    (0.0, "unlikely", 1)])
def test_a_likelihood_in_words_and_percent(likelihood, words, share):
    assert (in_words(likelihood), percent(likelihood)) == (words, share)
    assert heading(one(likelihood=likelihood)) == f"auth-rejected: {words} ({share} %)"


def test_all_of_it_in_order():
    said = explanations([one(), one(Cause.MIDDLEBOX, 0.1, phrase="220 other")])
    parts = ["2 possible causes, most likely first", "1. auth-rejected: very likely (90 %)", "The login was refused",
             "Why: The text says `535`.", "What would settle it:", "A 535 or 534 reply",
             "\n     smtplab probe mail.example.com:587\n", "Fixes:", "- Check user name and password", "Lesson 04",
             "2. middlebox: unlikely (10 %)"]
    places = [said.find(part) for part in parts]
    assert -1 not in places and places == sorted(places)
    assert "possible causes" not in explanations([one()])


def test_commands_stand_alone_and_whole():
    command = "openssl s_client -starttls smtp -connect " + "a" * 120 + ":587"
    words, commands = evidence(one(evidence=("Look.", command)))
    assert (words, commands) == (("Look.",), (command,))
    assert f"\n     {command}\n" in explanations([one(evidence=("Look.", command))])
    assert "settle" not in explanations([one(evidence=())])


def test_what_is_not_known_says_what_to_collect():
    [unknown] = explain("Good morning.")
    said = explanations([unknown])
    assert is_unknown(unknown) and said.startswith("1. Not known from this text\n")
    for part in ("What to collect:", "Give more of the text", "smtplab probe HOST:PORT"):
        assert part in said
    assert "Fixes" not in said and "%" not in said and "Lesson" not in said
    assert not is_unknown(one())


def test_nothing_acts_on_the_terminal():
    said = explanations([one(why=UNPRINTABLE, title=UNPRINTABLE, fixes=(UNPRINTABLE,),
                             evidence=(UNPRINTABLE, UNPRINTABLE))])
    assert not set(said) & set("\x1b\x07\u202e") and said.count("\\x1b[31m") == 5


def test_lines_are_short_enough():
    for text in ("wrong version number", "535 5.7.8 no", "", "Connection refused"):
        assert max(map(len, explanations(explain(text)).splitlines())) <= 120


# --- HTML ---

HOSTILE = "</pre></mark><script>boom()</script><img src=x onerror='boom()' alt=\"'\"> &amp; \x1b[31m\u202e"
TAGS = {"div", "p", "b", "small", "pre", "ul", "li", "mark", "sup", "span", "a", "style",
        "details", "summary"}


def marks(made):
    """(words, numbers) of each mark."""
    pieces = [(tag, data) for tag, data in Page(made).pieces if tag in ("mark", "sup")]
    return [(words, numbers) for (_, words), (_, numbers) in zip(pieces[::2], pieces[1::2], strict=True)]


def test_what_decided_is_marked_with_the_numbers_of_its_causes():
    text = "0123456789"
    made = page.marked(text, [one(marks=((2, 5), (8, 10))), one(marks=((3, 6),)), one(marks=((2, 5),))])
    assert marks(made) == [("2", "1,3"), ("34", "1,2,3"), ("5", "2"), ("89", "1")]
    assert f">{text}</pre>" in re.sub(r"<sup>.*?</sup>|</?mark>", "", made)


@each_row("places", [(), ((-3, 2),), ((4, 4),), ((7, 3),), ((50, 60),)])
def test_places_that_are_none_are_not_marked(places):
    made = page.marked("0123456789", [one(marks=places)])
    assert "<mark>" not in made and "What decided" not in made and ">0123456789</pre>" in made


def test_a_place_that_runs_out_of_the_text_ends_with_it():
    assert marks(page.marked("0123", [one(marks=((2, 99),))])) == [("23", "1")]


def test_nothing_is_shown_of_nothing():
    assert page.marked(" \n", []) == ""


def test_the_phrase_of_a_real_text_is_marked():
    text = "error:0A00010B:SSL routines::wrong version number"
    found = explain(text, port=587)
    decided = marks(page.marked(clean(text), found))
    assert found[0].phrase in "".join(words for words, numbers in decided if "1" in numbers.split(","))
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
    assert made.index("The text says") < made.index("<details>") < made.index("What would settle it</p>")


def test_commands_can_be_copied_and_fixes_listed():
    made = page.cause(1, one())
    assert '>smtplab probe mail.example.com:587</pre>' in made and "smtplab-copy" in made
    assert made.count("<li>") == len(Cause.AUTH_REJECTED.text.fixes)
    assert "settle" not in page.cause(1, one(evidence=())) and "Fixes" not in page.cause(1, one(fixes=()))


def test_the_lesson_is_a_link_where_it_is_there():
    assert "<p>Lesson 04 shows it.</p>" in page.cause(1, one())
    made = page.cause(1, one(), "04 \"><img>.ipynb")
    assert 'href="04%20%22%3E%3Cimg%3E.ipynb"' in made and ">Lesson 04</a>" in made
    assert "Lesson" not in page.cause(1, one(lesson=""), "04.ipynb")


def test_a_page_of_what_is_not_known_says_what_to_collect():
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
    found = Page(text)
    assert found.tags <= TAGS and not found.handlers
    assert not {"\x1b", "\u202e"} & set(text)
    assert "<img src=x onerror" in "".join(data for tag, data in found.pieces if tag != "sup")
