"""The quiz: two forms of the same facts, held to the lab; nothing is given away before, nor by a pattern."""

import json
import re
from pathlib import Path

import pytest
from helpers import each_row

import smtplab
from smtplab import Cause, dial, judge, serve
from smtplab.course import quiz, quiz_key
from smtplab.course.lesson_aids import PORTS
from smtplab.course.questions.quiz_questions import FACTS, FORMS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
BOTH = pytest.mark.parametrize("form", ["a", "b"])
RIGHT = {form: {one.name: next(choice.words for choice in one.choices if choice.right) for one in questions}
         for form, questions in FORMS.items()}
ASKED = {form: {one.name: one.question for one in questions} for form, questions in FORMS.items()}


@BOTH
def test_each_question_is_whole(form):
    assert len(FORMS[form]) == 8
    for exercise in FORMS[form]:
        assert [choice.right for choice in exercise.choices].count(True) == 1 and len(exercise.choices) == 4
        assert all(choice.feedback for choice in exercise.choices)


# --- the two forms are parallel ---

def test_both_forms_ask_for_the_same_facts_one_by_one():
    assert [one.name for one in FORMS["a"]] == [one.name for one in FORMS["b"]]
    assert len({one.name for one in FORMS["a"]}) == len(FACTS) == len({fact.fact for fact in FACTS})


@each_row("fact", FACTS, ids=lambda fact: fact.a.name)
def test_the_surface_is_another(fact):
    """Who remembers the other form's words has nothing from it: no answer, right or wrong, is in both."""
    assert not {choice.words for choice in fact.a.choices} & {choice.words for choice in fact.b.choices}
    words = [set(re.findall(r"[\w.:]+", one.question)) for one in (fact.a, fact.b)]
    assert fact.a.question != fact.b.question and len(words[0] & words[1]) <= len(words[0]) // 2


@each_row("fact", FACTS, ids=lambda fact: fact.a.name)
def test_the_lessons_answer_it_on_the_core_way(fact):
    for place in fact.where:
        lesson, _, name = place.partition(":")
        [path] = [path for path in NOTEBOOKS.glob(f"{lesson}-*.ipynb") if "." not in path.stem]
        cells = {cell["id"]: cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
        assert "side" not in cells[name]["metadata"].get("tags", ()), place
        assert lesson in ("00", "01", "02", "03", "04", "05"), "before the quiz after"


@BOTH
def test_no_pattern_of_the_choices_gives_answers_away(form):
    key = quiz_key(form)
    assert all(1 <= key.count(letter) <= 3 for letter in "abcd") and not re.search(r"(.)\1\1", key)
    extremes = {max: 0, min: 0}
    for one in FORMS[form]:
        lengths = {choice.words: len(choice.words) for choice in one.choices}
        for extreme in extremes:
            extremes[extreme] += lengths[RIGHT[form][one.name]] == extreme(lengths.values())
    assert max(extremes.values()) <= 3, "the right answer is not told by its length"


def test_the_other_form_s_letters_are_no_answers():
    assert all(a != b for a, b in zip(quiz_key("a"), quiz_key("b"), strict=True))
    assert quiz(quiz_key("a"), form="b") == quiz(quiz_key("b")) == "0 of 8 right."


# --- the forms as they are shown and answered ---

@BOTH
def test_the_form_has_all_the_questions_and_no_answer(form):
    shown = str(quiz(form=form))
    assert repr(quiz(form=form)) == shown and max(map(len, shown.splitlines())) <= 100
    assert shown.startswith(f"Quiz, form {form}\n")
    for number, exercise in enumerate(FORMS[form], 1):
        assert f"{number}. {exercise.question[:40]}" in shown
        assert all(choice.words in shown and choice.feedback not in shown for choice in exercise.choices)


@BOTH
def test_answers_are_counted_and_only_afterwards_spoken_of(form):
    key = quiz_key(form)
    for answers in (key, " ".join(key.upper())):
        assert quiz(answers, form=form) == "8 of 8 right."
    assert quiz(key, form=form.upper(), feedback=True) == "8 of 8 right."
    wrong = "".join("a" if letter != "a" else "b" for letter in key)
    assert quiz(wrong, form=form) == "0 of 8 right."
    said = quiz(wrong, form=form, feedback=True).splitlines()
    assert said[0] == "0 of 8 right." and len(said) == 9
    for line, exercise, letter in zip(said[1:], FORMS[form], wrong, strict=True):
        assert line.endswith(exercise.choices["abcd".index(letter)].feedback)
    assert quiz("-" + key[1:], form=form, feedback=True) == "7 of 8 right.\n1. left out"


def test_without_a_form_it_is_the_first():
    assert quiz() == quiz(form="a") and quiz_key() == quiz_key("a") and quiz(quiz_key()) == "8 of 8 right."


@each_row("answers", ["", "abc", "abcdabcde", "abcdabcx", 5, ["a"], "<b>", "\x1b" * 8])
def test_what_is_no_answer_is_told_so(answers):
    assert quiz(answers).startswith("Give 8 letters from a to d")


@each_row("form", ["c", "", None, 1, ["a"], "<b>\x1b"])
def test_what_is_no_form_is_told_so(form):
    assert quiz(form=form) == quiz("abcdabcd", form=form) and quiz(form=form).endswith("there are a and b.")
    assert "\x1b" not in quiz(form=form)
    with pytest.raises(ValueError, match="there are a and b"):
        quiz_key(form)


# --- what is right is as the lab has it, in both forms ---

def test_who_speaks_first_where_tls_is_implicit():
    with serve("implicit") as server:
        first = next(event for event in dial(server, "implicit").events if event.what == "bytes")
    assert first.who == "client" and first.data[:1] == b"\x16"
    assert RIGHT["a"]["quiz-first-word"] == "The client, with a TLS ClientHello"
    assert RIGHT["b"]["quiz-first-word"] == "A TLS record from the client"
    for form in "ab":
        port = re.search(r"port (\d+)", ASKED[form]["quiz-first-word"])[1]
        assert next(row[3] for row in PORTS if row[0] == port).startswith("TLS from the first byte")


def test_wrong_version_number_and_the_five_bytes():
    with serve("starttls") as server:
        trace = dial(server, "implicit")
    assert trace.first_bytes.hex(" ") in ASKED["a"]["quiz-five-bytes"] and trace.cause is Cause.IMPLICIT_TO_PLAINTEXT
    for form in "ab":
        asked = bytes.fromhex(re.search(r"(?:[0-9a-f]{2} ){4}[0-9a-f]{2}", ASKED[form]["quiz-five-bytes"])[0])
        assert judge(asked).verdict == "wrong version number" and re.fullmatch(rb"220[ -]\w", asked)
        assert "wrong version number" in ASKED[form]["quiz-wrong-version"]
    assert "not TLS" in RIGHT["a"]["quiz-wrong-version"] and "not answer in TLS" in RIGHT["b"]["quiz-wrong-version"]
    assert "greeting" in RIGHT["a"]["quiz-five-bytes"] and RIGHT["b"]["quiz-five-bytes"].startswith("Text")


def test_both_wait():
    with serve("implicit") as server:
        for mode in ("starttls", "plain"):
            hang = dial(server, mode, timeout_s=0.3)
            assert {hang.waiting_for, server.trace(of=hang).waiting_for} == {"greeting", "client-hello"}
            assert "-- connected" in str(hang) and hang.bytes_sent == hang.bytes_received == 0
    assert RIGHT["a"]["quiz-hang"].startswith("Client and server wait")
    assert RIGHT["b"]["quiz-hang"] == "One waits for a greeting, one for a ClientHello"
    assert smtplab.read_settings("curl", "curl smtp://HOST:465").outcome == "hang"


@each_row(("form", "framework", "settings"), [("a", "django", "EMAIL_PORT = 587\nEMAIL_USE_SSL = True"),
                                              ("b", "rails-mail", "port: 587, tls: true")])
def test_settings_that_begin_too_early(form, framework, settings):
    assert smtplab.read_settings(framework, settings).outcome == "wrong-version-number"
    assert all(word in ASKED[form]["quiz-settings"] for word in re.split(r"[\n,] *", settings))
    assert " error" in RIGHT[form]["quiz-settings"]


def test_535_is_about_the_login():
    with serve("starttls") as server:
        login = dial(server, "starttls", login=("alice", "wrong"))
    assert login.cause is Cause.AUTH_REJECTED and login.failure.message.startswith("535")
    for form in "ab":
        assert "535" in ASKED[form]["quiz-535"] and "assword" in RIGHT[form]["quiz-535"]


def test_without_the_check_it_is_whoever_answers():
    with serve("self-signed") as stranger:
        unchecked = dial(stranger, "implicit", verify=False, login=("alice", "wonderland"))
        assert unchecked.ok and "AUTH" in str(stranger.trace(of=unchecked))
    report = smtplab.read_settings("rails-mail", "port: 465, tls: true, openssl_verify_mode: 'none'")
    assert "no-certificate-check" in {warning.code for warning in report.warnings}
    assert RIGHT["a"]["quiz-unchecked"].startswith("Whoever answers") and "anybody" in RIGHT["b"]["quiz-unchecked"]


def test_a_connection_proves_that_something_accepts():
    with serve("silent") as mute:
        assert "-- connected" in str(dial(mute, "implicit", timeout_s=0.3))
    assert "accepts TCP" in RIGHT["a"]["quiz-telnet"] and "are accepted" in RIGHT["b"]["quiz-telnet"]
