"""The quiz: what it takes for right is held to the lab, and nothing is given away before."""

from helpers import each_row

import smtplab
from smtplab import Cause, dial, judge, serve
from smtplab.course import quiz, quiz_key
from smtplab.course.quiz_form import QUESTIONS

RIGHT = {exercise.name: next(choice.words for choice in exercise.choices if choice.right) for exercise in QUESTIONS}


def test_each_question_is_whole():
    assert len(QUESTIONS) == 8
    for exercise in QUESTIONS:
        assert [choice.right for choice in exercise.choices].count(True) == 1 and len(exercise.choices) == 4
        assert all(choice.feedback for choice in exercise.choices)
    assert set(quiz_key()) == set("abcd"), "no letter is always right or never"


def test_the_form_has_all_the_questions_and_no_answer():
    form = str(quiz())
    assert repr(quiz()) == form and max(map(len, form.splitlines())) <= 100
    for number, exercise in enumerate(QUESTIONS, 1):
        assert f"{number}. {exercise.question[:40]}" in form
        assert all(choice.words in form and choice.feedback not in form for choice in exercise.choices)


def test_answers_are_counted_and_only_afterwards_spoken_of():
    key = quiz_key()
    assert quiz(key) == quiz(" ".join(key.upper())) == quiz(key, feedback=True) == "8 of 8 right."
    wrong = "".join("a" if letter != "a" else "b" for letter in key)
    assert quiz(wrong) == "0 of 8 right."
    said = quiz(wrong, feedback=True).splitlines()
    assert said[0] == "0 of 8 right." and len(said) == 9
    for line, exercise, letter in zip(said[1:], QUESTIONS, wrong, strict=True):
        assert line.endswith(exercise.choices["abcd".index(letter)].feedback)
    assert quiz("-" + key[1:], feedback=True) == "7 of 8 right.\n1. left out"


@each_row("answers", ["", "abc", "abcdabcde", "abcdabcx", 5, ["a"], "<b>", "\x1b" * 8])
def test_what_is_no_answer_is_told_so(answers):
    assert quiz(answers).startswith("Give 8 letters from a to d")


def test_what_is_right_is_as_the_lab_has_it():
    with serve("implicit") as server:
        first = next(event.who for event in dial(server, "implicit").events if event.what == "bytes")
        hang = dial(server, "starttls", timeout_s=0.3)
        assert {hang.waiting_for, server.trace(of=hang).waiting_for} == {"greeting", "client-hello"}
    assert first == "client" and RIGHT["quiz-first-word"].startswith("The client, with a TLS")
    assert RIGHT["quiz-hang"].startswith("Client and server wait")
    with serve("starttls") as server:
        trace = dial(server, "implicit")
        login = dial(server, "starttls", login=("alice", "wrong"))
    assert trace.first_bytes.hex(" ") in next(e.question for e in QUESTIONS if e.name == "quiz-five-bytes")
    assert judge(trace.first_bytes).verdict == "wrong version number" and trace.cause is Cause.IMPLICIT_TO_PLAINTEXT
    assert "not TLS" in RIGHT["quiz-wrong-version"] and "greeting" in RIGHT["quiz-five-bytes"]
    assert login.cause is Cause.AUTH_REJECTED and login.failure.message.startswith("535")
    report = smtplab.read_settings("django", "EMAIL_PORT = 587\nEMAIL_USE_SSL = True")
    assert report.outcome == "wrong-version-number" and RIGHT["quiz-settings"] == "An error at once"
    with serve("self-signed") as stranger:
        unchecked = dial(stranger, "implicit", verify=False, login=("alice", "wonderland"))
    assert unchecked.ok and RIGHT["quiz-unchecked"].startswith("Whoever answers")
