"""The answer on one screen, all of it, and as HTML in which nothing that was pasted is markup."""

import math

from helpers import each_row
from html_reader import Page
from pastes import COMPOSE, DJANGO, OTHER_FILE, OTHER_HOST, RAILS, RAILS_ERROR

from smtplab.question import Part, diagnose_paste
from smtplab.settings import Correction, SettingsMode
from smtplab.show import answer_document as page
from smtplab.show.answer_document import COLUMNS, ROWS, answer_html, answer_page, answer_text, looked_at_html

HOSTILE = "<script>boom()</script><img src=x onerror='boom()'> \x1b[31m\u202e"


def rows(text):
    """The rows that a text takes on a terminal."""
    return sum(max(1, math.ceil(len(line) / COLUMNS)) for line in text.split("\n"))


def with_correction(text, changed=(), possible=True):
    from dataclasses import replace
    fix = Correction("django", SettingsMode.IMPLICIT, 465, text, changed, possible)
    return replace(diagnose_paste(DJANGO), correction=fix)


@each_row("paste", [RAILS, COMPOSE, DJANGO, OTHER_FILE, OTHER_HOST, RAILS_ERROR, "", "Good morning.", RAILS * 20,
                    "535 5.7.8 no\n" * 50, DJANGO + RAILS_ERROR])
def test_it_is_one_screen(paste):
    assert rows(answer_text(diagnose_paste(paste))) <= ROWS


def test_what_it_says_and_in_which_order():
    said = answer_text(diagnose_paste(RAILS))
    parts = ["Rails", "implicit TLS", "smtp.eu.example.org", "port 587", "implicit-to-plaintext: very likely",
             "Line 16", "Next, to see", "smtplab probe smtp.eu.example.org:587", "Corrected:", "enable_starttls: true"]
    places = [" ".join(said.split()).find(part) for part in parts]
    assert -1 not in places and places == sorted(places)


def test_an_assumed_version_is_said_to_be_and_a_login_is_to_be_kept():
    said = answer_text(diagnose_paste(DJANGO))
    assert "assumed" in said and "Keep your user name and password." in said
    no_login = "\n".join(line for line in DJANGO.split("\n") if "PASSWORD" not in line)
    said = answer_text(diagnose_paste(no_login, version="5.2"))
    assert "Corrected:" in said and "assumed" not in said and "Keep your" not in said


def test_all_of_it_has_what_the_screen_leaves_out():
    answer = diagnose_paste(RAILS)
    brief, everything = answer_text(answer), answer_text(answer, everything=True)
    for part in ("What would settle it", "Fixes", "your lines", "Why Rails"):
        assert part in everything and part not in brief
    assert "--all" in brief and "--all" not in everything
    assert rows(everything) > ROWS


def test_a_contradiction_comes_before_the_cause():
    said = answer_text(diagnose_paste(OTHER_FILE))
    assert said.index("They contradict each other") < said.index("implicit-to-plaintext")
    assert "They contradict" not in answer_text(diagnose_paste(RAILS))


def test_of_long_settings_the_changed_lines_are_shown():
    lines = [f"EMAIL_{number} = {number}" for number in range(60)]
    lines[40] = "EMAIL_USE_SSL = True  # changed"
    answer = with_correction("\n".join(lines), (lines[40],))
    brief = answer_text(answer)
    assert rows(brief) <= ROWS and lines[40] in brief and "more lines: --all" in brief and lines[0] not in brief
    assert all(line in answer_text(answer, everything=True) for line in lines)
    short = answer_text(with_correction("EMAIL_PORT = 465\n"))
    assert "\nEMAIL_PORT = 465" in short and "more lines" not in short


def test_settings_to_copy_keep_their_indent():
    text = "mail:\n  port: 465\n    deep: true"
    assert f"\n{text}\n" in answer_text(with_correction(text)) + "\n"


def test_what_is_not_possible_says_why():
    said = answer_text(with_correction("not possible, because it knows no TLS", possible=False))
    assert "not possible, because it knows no TLS" in said and "ready to paste" not in said


def test_the_changed_line_is_marked_in_html():
    said = answer_html(with_correction("a = 1\nb = 2", ("b = 2",)))
    assert "<mark>b = 2<sup>changed</sup></mark>" in said and "<mark>a" not in said
    assert "<mark>" not in answer_html(with_correction("a = 1\nb = 2"))


@each_row("paste", [f"EMAIL_HOST = '{HOSTILE}'\nEMAIL_USE_SSL = True\nEMAIL_PORT = 587\n", f"535 5.7.8 {HOSTILE}",
                    f"dial tcp {HOSTILE}:465: refused", HOSTILE])
def test_nothing_that_was_pasted_acts(paste):
    answer = diagnose_paste(Part(paste, HOSTILE), mode=HOSTILE, framework=HOSTILE)
    for said in (answer_html(answer), answer_page(answer), looked_at_html(answer)):
        found = Page(said)
        assert not found.tags & {"script", "img"} and found.handlers == set()
        assert not set(said) & set("\x1b\u202e")
    for said in (answer_text(answer), answer_text(answer, everything=True)):
        assert not set(said) & set("\x1b\u202e")


def test_a_file_is_named_with_its_lines():
    said = " ".join(answer_text(diagnose_paste(Part(DJANGO, "settings.py"))).split())
    assert "settings (settings.py, lines 3-6)" in said


def test_sentences_are_kept_whole_where_they_fit():
    assert page._sentences("One. Two. Three.", 10) == "One. Two."
    assert page._sentences("x" * 50, 10) == "x" * 6 + " ..."
