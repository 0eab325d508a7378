"""The quiz before and after a workshop: one form before and the other after, so that the difference is what was learnt.

Both forms ask for the same facts, one by one. Before, only the number of right answers is shown, since the lessons give
the answers; after, each wrong answer gets its feedback. `quiz()` shows a form, for a cell or for paper.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

from .exercises import DisplayStr, Exercise
from .questions.quiz_questions import FORMS


def quiz(answers: str | None = None, *, form: str = "a", feedback: bool = False) -> DisplayStr:
    """The form "a" or "b"; or, for answers such as "abcdabcd", how many are right, with `feedback` on each wrong one.

    A dash stands for a question left out. For answers of any other form, and for another form of the quiz, the text
    says what is expected; nothing is raised.
    """
    name = _name(form)
    if name is None:
        return DisplayStr(_no_form(form))
    questions = FORMS[name]
    if answers is None:
        return DisplayStr("\n\n".join([f"Quiz, form {name}",
                                       *(_asked(number, one) for number, one in enumerate(questions, 1))]))
    letters = re.sub(r"[\s,.;\d]", "", answers if isinstance(answers, str) else "").lower()
    if len(letters) != len(questions) or not set(letters) <= set("abcd-"):
        return DisplayStr(f"Give {len(questions)} letters from a to d, such as \"{'abcd' * 2}\"; "
                          "a dash for a question that you leave out.")
    judged = [one.judge(letter) for one, letter in zip(questions, letters, strict=True)]
    lines = [f"{sum(found.right is True for found in judged)} of {len(questions)} right."]
    if feedback:
        lines += [f"{number}. {'left out' if letter == '-' else f'{letter}: {found.feedback}'}"
                  for number, (letter, found) in enumerate(zip(letters, judged, strict=True), 1) if not found.right]
    return DisplayStr("\n".join(lines))


def quiz_key(form: str = "a") -> str:
    """The right letters of a form, in order: for the trainer. Raises ValueError for a form that there isn't."""
    if (name := _name(form)) is None:
        raise ValueError(_no_form(form))
    return "".join(letter for one in FORMS[name] for letter, choice in one.lettered_choices() if choice.right)


def _name(form: object) -> str | None:
    """The form's name, if there is one."""
    text = form.strip().lower() if isinstance(form, str) else ""
    return text if text in FORMS else None


def _no_form(form: object) -> str:
    return f"There is no form {ascii(form)[:40]} of the quiz; there are {' and '.join(FORMS)}."


def _asked(number: int, question: Exercise[Any]) -> str:
    first = textwrap.fill(f"{number}. {question.question}", 100, subsequent_indent="   ")
    return "\n".join([first, *(f"   {letter}. {choice.words}" for letter, choice in question.lettered_choices())])
