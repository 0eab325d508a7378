"""Folded texts: marked lines are shown, all others are one click away, and nothing is lost or markup."""

from helpers import displayed
from html_reader import Page

from smtplab.course.terminal import Terminal
from smtplab.lab.programs import Ran
from smtplab.show import folded
from smtplab.show.folding import marked_lines

LONG = "\n".join(f"line {number}" for number in range(40))


def test_marked_lines_stand_with_gaps_between():
    assert marked_lines("abcdefg", "bcf") == ["b", "c", "...", "f"]
    assert marked_lines("abc", "x") == [] and marked_lines("abc", "abc") == ["a", "b", "c"]


def test_the_whole_is_one_click_away():
    shown = folded(LONG, mark=["line 7", "line 30"])
    assert str(shown).splitlines() == ["line 7", "...", "line 30", "", "[38 of 40 lines folded]"]
    page = displayed(shown)["text/html"]
    before, _, inside = page.partition("<details>")
    assert "line 30" in before and "line 31" not in before
    assert "All 40 lines" in inside and all(line in inside for line in LONG.splitlines())
    assert {"details", "summary", "pre"} <= Page(page).tags


def test_what_has_no_marked_line_is_shown_whole():
    for mark in ("nowhere", "line"):
        shown = folded(LONG, mark=mark)
        assert str(shown) == LONG and "<details" not in displayed(shown)["text/html"]


def test_nothing_in_it_is_markup():
    page = Page(displayed(folded("<img src=x onerror=a>\n<b>\n\x1b[2J", mark="img"))["text/html"])
    assert "img" not in page.tags and "b" not in page.tags and not page.handlers and "\x1b" not in page.text


def test_a_program_s_output_is_folded_and_its_command_is_not():
    ran = Ran(("x",), LONG, 0, 0.1, "by itself", (("program", LONG), ("typed", "quit"), ("program", "221 Bye")))
    shown = Terminal("x --long", ran, ("line 7", "typed>"))
    assert str(shown).splitlines()[:4] == ["$ x --long", "line 7", "...", "typed> quit"]
    assert "line 8\n" not in str(shown) and "line 8\n" in shown.whole() and shown.whole().startswith("$ x --long")
    assert "It ended by itself" in str(shown) and "<details" in displayed(shown)["text/html"]
    assert str(Terminal("x", ran, ("nowhere",))) == str(Terminal("x", ran))
