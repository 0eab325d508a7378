"""An exercise: a question, how an answer is judged, the feedback on each wrong answer, and hints.

Values only: this module displays and stores nothing. Answers are compared with what the lab computes. The first
`Slip` that fits a wrong answer gives the feedback, so that each kind of mistake gets its own words.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..escape import printable

LETTERS = "abcdefgh"  # what choices are called
Answer = TypeVar("Answer")  # what an exercise's `read` makes of the learner's answer


@dataclass(frozen=True)
class Choice:
    """One of several answers to choose from, and the feedback for choosing it."""

    words: str
    feedback: str
    right: bool = False


@dataclass(frozen=True)
class Slip(Generic[Answer]):
    """A kind of mistake: a test that recognises it in an answer, and the feedback on it."""

    fits: Callable[[Answer], bool]
    feedback: str


class Wrong(Exception):
    """Raised by an exercise's `right` test to give the feedback itself."""


@dataclass(frozen=True)
class Judged:
    """The verdict on an answer: `right` (None if it could not be read as an answer), and the feedback."""

    right: bool | None
    feedback: str


def _unchanged(answer: object) -> Any:
    return answer


@dataclass(frozen=True)
class Exercise(Generic[Answer]):
    """A question, named "LESSON-what". It has either `choices`, or a `right` test for a free answer.

    `read` turns the given object or typed text into an `Answer`, or raises ValueError with what was expected.
    `example` shows the form of an answer and is not itself right. Hints go from vague to telling; none gives the
    answer away. A free answer's `answer` is one that is right, and `reason` says why; choices say it themselves.
    """

    name: str
    question: str
    hints: tuple[str, ...]
    choices: tuple[Choice, ...] = ()
    right: Callable[[Answer], bool] = lambda answer: False
    praise: str = ""
    slips: tuple[Slip[Answer], ...] = ()
    otherwise: str = "Not yet. Ask for a hint, or run the cells above again with other values."
    read: Callable[[object], Answer] = _unchanged
    example: str = ""
    by_code: bool = False  # the answer is a Python object, and can't be typed into a field
    language: str = "en"
    answer: str = ""  # a right answer, as it is typed, or as code; of choices it is the right one
    reason: str = ""

    @property
    def solution(self) -> str:
        """A right answer and its reason."""
        for letter, choice in self.lettered_choices():
            if choice.right:
                return f"{letter}. {choice.words}\n{choice.feedback}"
        return f"{self.answer}\n{self.reason}"

    @property
    def lesson(self) -> str:
        """The lesson's number, such as "02"."""
        return self.name.partition("-")[0]

    def judge(self, answer: object) -> Judged:
        """Judge an answer of any type. Raises nothing for it, except KeyboardInterrupt from a learner's function."""
        if answer is None or answer is ... or isinstance(answer, str) and not answer.strip():
            return Judged(None, "No answer yet.")
        try:
            if self.choices:
                return self._judge_choice(answer)
            given = self.read(answer)
            if self.right(given):
                return Judged(True, self.praise)
            return Judged(False, next((slip.feedback for slip in self.slips if slip.fits(given)), self.otherwise))
        except Wrong as wrong:
            return Judged(False, safe_str(wrong))
        except ValueError as exc:
            return Judged(None, safe_str(exc))
        except (Exception, SystemExit) as exc:  # a learner's function may raise anything, and so may an odd answer
            return Judged(False, f"That ended with {type(exc).__name__}: {safe_str(exc)}")

    def _judge_choice(self, answer: object) -> Judged:
        given = answer.strip().lower() if isinstance(answer, str) else None
        for letter, choice in self.lettered_choices():
            if given in (letter, f"{letter}.", choice.words.lower()):
                return Judged(choice.right, choice.feedback)
        return Judged(None, f"Answer with a letter from a to {LETTERS[len(self.choices) - 1]}.")

    def lettered_choices(self) -> list[tuple[str, Choice]]:
        """The choices, each with its letter."""
        return list(zip(LETTERS, self.choices, strict=False))


class DisplayStr(str):
    """Text that a notebook displays as it is, not as a quoted string."""

    def __repr__(self) -> str:
        return str(self)


def safe_str(value: object, form: Callable[[object], str] = str) -> str:
    """A learner's value or exception as text: at most 500 characters, control characters escaped.

    Never raises; if `form` (`str` or `repr`) does, the text says that the value can't be shown.
    """
    try:
        words = form(value)
    except (Exception, SystemExit):
        return "(it can't be shown)"
    return printable(words[:500])


def numbers(count: int) -> Callable[[object], tuple[int, ...]]:
    """A reader for `count` whole numbers: a number, a list or tuple of them, or text such as "21 0x303 2"."""
    def read(answer: object) -> tuple[int, ...]:
        parts = answer.replace(",", " ").split() if isinstance(answer, str) else answer
        try:
            found = tuple(map(_whole_number, parts if isinstance(parts, list | tuple) else [parts]))
        except (ValueError, TypeError):
            found = ()
        if len(found) != count:
            raise ValueError(f"Give {count} whole number{'s' * (count > 1)}; hexadecimal ones begin with 0x.")
        return found
    return read


def _whole_number(value: Any) -> int:
    return int(value, 0) if isinstance(value, str) else operator.index(value)


def some_bytes(answer: object) -> bytes:
    """A reader for bytes: a bytes object, or hexadecimal digits, with or without 0x or \\x."""
    if isinstance(answer, bytes | bytearray):
        return bytes(answer)
    try:
        return bytes.fromhex(re.sub(r"0x|\\x", " ", answer if isinstance(answer, str) else "?"))
    except ValueError:
        raise ValueError("Give bytes, such as bytes([1, 2, 3]), or type them as hexadecimal digits.") from None
