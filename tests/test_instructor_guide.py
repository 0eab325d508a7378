"""The instructor guide: its clock is right, its minutes are the lessons', its commands and names exist."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

import smtplab.course
import smtplab.show
from smtplab.cli import cli
from smtplab.course.minutes import WORDS_A_MINUTE
from smtplab.course.questions import EXERCISES
from smtplab.course.questions.quiz_questions import FACTS, FORMS
from smtplab.course.rehearsal import planned_minutes

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
GUIDE = (NOTEBOOKS / "instructor-guide.md").read_text(encoding="utf-8")
LESSONS = {path.stem: planned_minutes("".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]))
           for path in sorted(NOTEBOOKS.glob("*.ipynb")) if "." not in path.stem}


def section(heading, text=GUIDE):
    """From this heading to the next of its rank or a higher one."""
    rank = re.search(rf"^(#+) {re.escape(heading)}", text, re.MULTILINE)[1]
    return re.search(rf"^#+ {re.escape(heading)}.*?(?=^#{{1,{len(rank)}}} |\Z)", text, re.MULTILINE | re.DOTALL)[0]


def clock(heading):
    """The rows of a schedule: from, to (minutes since midnight), minutes, what."""
    rows = re.findall(r"^\| (\d\d):(\d\d) \| (\d\d):(\d\d) \| (\d+) \| (.*?) \|$", section(heading), re.MULTILINE)
    return [(int(a) * 60 + int(b), int(c) * 60 + int(d), int(minutes), what) for a, b, c, d, minutes, what in rows]


@pytest.mark.parametrize("heading", ["Half a day", "Ninety minutes"])
def test_a_schedule_s_clock_runs_without_gaps(heading):
    rows = clock(heading)
    assert len(rows) >= 9 and all(end - start == minutes for start, end, minutes, _ in rows)
    assert all(before[1] == after[0] for before, after in zip(rows, rows[1:], strict=False))
    assert any("break" in what for *_, what in rows)
    # Nobody sits longer than an hour.
    sat = 0
    for *_, minutes, what in rows:
        sat = 0 if what == "break" else sat + minutes
        assert sat <= 60
    assert "quiz before, form a" in rows[0][3]
    assert "quiz after, form b" in rows[-1][3] and "hand-out" in rows[-1][3]


def test_half_a_day_has_every_lesson_with_its_own_minutes():
    found = {what.split("`")[1]: minutes for *_, minutes, what in clock("Half a day") if what.startswith("`")}
    # The core way: lesson 6 is for a client of one's own, lesson 8 for afterwards.
    assert found == {name: minutes[0] for name, minutes in LESSONS.items() if name[:2] not in ("06", "08")}
    assert sum(found.values()) <= 180


def test_the_tour_has_its_lessons_in_ninety_minutes():
    rows = clock("Ninety minutes")
    found = {what.split("`")[1]: minutes for *_, minutes, what in rows if what.startswith("`")}
    assert [name[:2] for name in found] == ["00", "01", "02", "03", "05", "07"]
    assert all(minutes <= LESSONS[name][0] for name, minutes in found.items())
    assert sum(minutes for *_, minutes, _ in rows) == 90


def test_lesson_by_lesson():
    text = section("Lesson by lesson")
    headings = re.findall(r"^### (\S+): (\d+)(?: to (\d+))? minutes$", text, re.MULTILINE)
    assert {name: (int(least), int(most or least)) for name, least, most in headings} == LESSONS
    for name in LESSONS:
        part = section(f"{name}:", text)
        assert "**Intent.**" in part and "**To cut" in part
        said = re.search(r'^\*\*Say\.\*\* [^"\n]*"([^"\n]+)"$', part, re.MULTILINE)[1]
        assert 3 <= len(re.findall(r"[.?](?= [A-Z]|$)", said)) <= 6, said
        assert len(said.split()) < WORDS_A_MINUTE, "in a minute"
        named = set(re.findall(r"\b\d\d-[a-z0-9]+(?:-[a-z0-9]+)*\b", part.partition("\n")[2]))
        asked = (NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8")
        assert named == {exercise for exercise in EXERCISES if f'check(\\"{exercise}\\"' in asked}


def test_answers_that_are_named_are_wrong_ones():
    cited = re.findall(r"\((\d\d-[a-z0-9-]+), ([a-h])\)", GUIDE)
    assert len(cited) >= 10
    for name, letter in cited:
        exercise = EXERCISES[name]
        if exercise.choices:
            assert not exercise.choices["abcdefgh".index(letter)].right, (name, letter)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_commands_are_as_they_are_written():
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    lines += [line for line in re.findall(r"`([^`\n]+)`", GUIDE) if line.startswith("smtplab ")]
    ours = [shlex.split(line.removeprefix("seat/bin/"))[1:] for line in lines if "smtplab " in line.split("-")[0]]
    assert {words[0] for words in ours} >= {"doctor", "rehearse", "lab", "mystery"}
    for name, *words in ours:
        context = cli.commands[name].make_context(name, words)  # click.UsageError if they are not understood
        assert isinstance(context, click.Context)
    with pytest.raises(click.UsageError):
        cli.commands["mystery"].make_context("mystery", ["x", "--no-such-option"])


def test_python_in_it_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(tmp_path / "progress.json"))
    names = {}
    for block in blocks("python"):
        exec(block, names)
    assert {"reset", "quiz"} <= set(smtplab.course.__all__) & set(names)


def test_names_of_the_course_in_it_exist():
    called = set(re.findall(r"`(\w+)\((?:\"[^`]*)?\)`", GUIDE))
    assert {"solution", "glossary"} <= called <= {*smtplab.course.__all__, *smtplab.show.__all__}


def test_the_keys_that_it_prints_are_those_of_both_forms():
    [line] = [line for block in blocks("sh") for line in block.splitlines() if "quiz_key" in line]
    assert all(f"quiz_key('{form}')" in line for form in FORMS) and len(FORMS) == 2


def test_the_recipe_s_blocks_are_found_as_ci_finds_them():
    script = (NOTEBOOKS.parent / ".ci" / "offline").read_text(encoding="utf-8")
    marks = re.findall(r"^<!-- (\S+) -->\n```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert [mark for mark, _ in marks] == ["with-a-network", "in-the-room"]
    assert all(f"run {mark}\n" in script for mark, _ in marks)
    assert "pip download" in marks[0][1] and "--no-index --find-links room" in marks[1][1]


def test_the_quiz_s_questions_are_numbered_as_they_are():
    rows = re.findall(r"^\| (\d .*?) \|", section("The quiz"), re.MULTILINE)
    numbers = [int(number) for row in rows for number in re.findall(r"\d(?= [a-z5])", row)]
    assert sorted(numbers) == list(range(1, len(FACTS) + 1))


def test_links_lead_to_files():
    assert [link for link in re.findall(r"\]\(([^)]+)\)", GUIDE) if not (NOTEBOOKS / link).is_file()] == []
