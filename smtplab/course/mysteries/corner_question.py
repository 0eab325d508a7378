"""A ticket's first question: in which of the four corners do its client and its server meet, if in any?

What is chosen is not judged before the verdict stands: whether a corner is the right one would tell the cause of a
ticket that is in one that fails. What the settings alone say, whether this client begins, is said at once.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ...events import Mode
from ...show.corners import CORNERS, WAITS, Corner, name_of, words_of
from .draw import NO_CORNER, placed
from .judge import NotUnderstood
from .pool import Case

QUESTION = "Which corner is this ticket, if any?"
_WORDS = words_of("en")
# What can be chosen, from 1: the four corners in the order of the square, and none of them.
CHOICES: dict[str, Corner | None] = {**{name_of(corner, _WORDS): corner for corner in CORNERS}, NO_CORNER: None}
NAMES = tuple(CHOICES)


@dataclass(frozen=True)
class Noted:
    """A choice that was taken down: its number, and what can be said to it before a verdict stands."""

    number: int
    words: str


def read_choice(value: object) -> int | NotUnderstood:
    """The number of a choice, from 1, given as its number, as its words, or as the beginning of them."""
    text = " ".join(str(value).split()).casefold() if isinstance(value, str | int) else ""
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= len(NAMES):
        return int(text)
    found = [name for name in NAMES if text and name.startswith(text)] or (
        difflib.get_close_matches(text, NAMES, 1, 0.8) if text else [])
    if len(found) == 1:
        return NAMES.index(found[0]) + 1
    return NotUnderstood(f"Choose by a number from 1 to {len(NAMES)}:\n{choices_text()}")


def choices_text() -> str:
    """The choices with their numbers, a line each."""
    return "\n".join(f"  {number}. {name}" for number, name in enumerate(NAMES, 1))


def noted(number: int, mode: Mode) -> Noted:
    """Take down this choice for a client of that mode."""
    corner = CHOICES[NAMES[number - 1]]
    here = "begins TLS" if mode is Mode.IMPLICIT else "waits for a greeting"
    if corner and (corner.mode is Mode.IMPLICIT) != (mode is Mode.IMPLICIT):
        return Noted(number, f"Read the ticket's settings again: this client {here}.")
    said = "Who begins on this port, or whether anybody does, its settings don't say: go and look." if not corner else \
        f"This client {here}, that fits. What the server does, its settings don't say: go and look."
    return Noted(number, f"{said} You are told with the verdict.")


def judged(number: int | None, case: Case) -> tuple[bool | None, str]:
    """The line for a verdict that stands: what was chosen (None if nothing was), what is so, and why."""
    corner, why = placed(case)
    if corner is None:
        so, then = f"{NO_CORNER}, as {why}", "No mode mends that on this port."
    elif (corner.mode is Mode.IMPLICIT) == (corner.kind == WAITS):
        so, then = why, "They agree on who begins: if anything is wrong, it comes later."
    else:
        so, then = why, f"So both {'talk' if corner.mode is Mode.IMPLICIT else 'wait'}, and the mode is the fault."
    right = None if number is None else CHOICES[NAMES[number - 1]] == corner
    said = "The corner, which you left open" if right is None else \
        "The corner stands" if right else "The corner doesn't stand; it is"
    return right, f"{said}: {so}. {then}"
