"""The exercises of all lessons by name, in the order of the lessons, and their translations by language and name."""

from __future__ import annotations

import difflib
from typing import Any

from ..exercises import Exercise
from . import lesson_02, lessons_00_01, lessons_03_04, lessons_05_06

EXERCISES: dict[str, Exercise[Any]] = {
    exercise.name: exercise
    for module in (lessons_00_01, lesson_02, lessons_03_04, lessons_05_06) for exercise in module.EXERCISES}
TRANSLATED: dict[str, dict[str, Exercise[Any]]] = {
    "ja": {exercise.name: exercise for exercise in lessons_00_01.JAPANESE}}


def find_exercise(name: object, language: str = "en") -> Exercise[Any]:
    """The exercise of that name, in `language` if it is translated, else in English.

    Raises ValueError for an unknown name or language; it lists the names or languages there are.
    """
    if not isinstance(name, str) or name not in EXERCISES:
        raise unknown_exercise(name)
    languages = ("en", *TRANSLATED)
    if language not in languages:
        raise ValueError(f"no language {language!r}; there are: {', '.join(languages)}")
    return TRANSLATED.get(language, {}).get(name, EXERCISES[name])


def unknown_exercise(name: object) -> ValueError:
    """The error to raise for a name that no exercise has: it suggests the nearest name and lists all."""
    near = difflib.get_close_matches(name, EXERCISES, 1, 0.5) if isinstance(name, str) else []
    return ValueError(f"no exercise {name!r}{f'; did you mean {near[0]!r}?' if near else '.'} "
                      f"There are: {', '.join(EXERCISES)}")
