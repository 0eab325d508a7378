"""An exercise: a question, how an answer is judged, what is said to each wrong one, and hints.

Only values here: nothing is shown and nothing is kept. Answers are judged by what the lab computes,
and feedback is chosen by the first `Slip` that fits, so that each way to be wrong gets its own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..escape import printable


@dataclass(frozen=True)
class Choice:
    """One of several answers, and what is said to whoever takes it."""

    words: str
    feedback: str
    right: bool = False


@dataclass(frozen=True)
class Slip:
    """A way to be wrong: whether an answer is so, and what is said to it."""

    fits: Callable[[object], bool]
    feedback: str


class Wrong(Exception):
    """Raised by a test on an answer that knows best what to say to it."""


@dataclass(frozen=True)
class Judged:
    """What became of an answer: `right`, or None if it was no answer yet, and what to say."""

    right: bool | None
    feedback: str


@dataclass(frozen=True)
class Exercise:
    """A question by its name, "LESSON-what". It has `choices`, or a `right` test on a free answer.

    `read` turns what was typed into an answer, or raises ValueError with what was expected. `example`
    is how an answer looks, without being one. Hints get more telling, and none says the answer.
    """

    name: str
    question: str
    hints: tuple[str, ...]
    choices: tuple[Choice, ...] = ()
    right: Callable[[object], bool] = lambda answer: False
    praise: str = ""
    slips: tuple[Slip, ...] = ()
    otherwise: str = "Not yet. Ask for a hint, or run the cells above again with other values."
    read: Callable[[object], object] = lambda answer: answer
    example: str = ""
    by_code: bool = False  # the answer is a Python object, and can't be typed into a field
    language: str = "en"

    @property
    def lesson(self) -> str:
        """The lesson's number, such as "02"."""
        return self.name.partition("-")[0]

    def judge(self, answer: object) -> Judged:
        """What to say to an answer; nothing that a learner can hand in raises (Ctrl-C in a function of theirs does)."""
        if answer is None or answer is ... or isinstance(answer, str) and not answer.strip():
            return Judged(None, "No answer yet.")
        try:
            if self.choices:
                return self._chosen(answer)
            answer = self.read(answer)
            if self.right(answer):
                return Judged(True, self.praise)
            return Judged(False, next((slip.feedback for slip in self.slips if slip.fits(answer)), self.otherwise))
        except Wrong as wrong:
            return Judged(False, told(wrong))
        except ValueError as exc:
            return Judged(None, told(exc))
        except (Exception, SystemExit) as exc:  # a learner's function may raise anything, and so may an odd answer
            return Judged(False, f"That ended with {type(exc).__name__}: {told(exc)}")

    def _chosen(self, answer: object) -> Judged:
        letters = "abcdefgh"[:len(self.choices)]
        given = answer.strip().lower() if isinstance(answer, str) else None
        found = [choice for letter, choice in zip(letters, self.choices, strict=True)
                 if given in (letter, f"{letter}.", choice.words.lower())]
        if not found:
            return Judged(None, f"Answer with a letter from a to {letters[-1]}.")
        return Judged(found[0].right, found[0].feedback)


class Said(str):
    """Text that a notebook shows as it is, not as a quoted string."""

    def __repr__(self) -> str:
        return str(self)


def told(value: object, form: Callable[[object], str] = str) -> str:
    """What a learner's value or exception says of itself: a page of it at most, control characters as escapes."""
    try:
        words = form(value)
    except (Exception, SystemExit):
        return "(it can't be shown)"
    return printable(words[:500])


def numbers(count: int) -> Callable[[object], tuple[int, ...]]:
    """A reader for so many whole numbers, as a tuple or typed: "21 0x303 2"."""
    def read(answer: object) -> tuple[int, ...]:
        parts = answer.replace(",", " ").split() if isinstance(answer, str) else answer
        try:
            found = tuple(int(part, 0) if isinstance(part, str) else part.__index__()
                          for part in (parts if isinstance(parts, list | tuple) else [parts]))
        except (ValueError, AttributeError, TypeError):
            found = ()
        if len(found) != count:
            raise ValueError(f"Give {count} whole number{'s' * (count > 1)}; hexadecimal ones begin with 0x.")
        return found
    return read


def some_bytes(answer: object) -> bytes:
    """A reader for bytes: bytes themselves, or their hexadecimal form, with or without 0x or \\x."""
    if isinstance(answer, bytes | bytearray):
        return bytes(answer)
    try:
        return bytes.fromhex(re.sub(r"0x|\\x", " ", answer))
    except (ValueError, TypeError):
        raise ValueError("Give bytes, such as bytes([1, 2, 3]), or type them as hexadecimal digits.") from None
