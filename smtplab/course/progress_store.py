"""What a learner has done: the exercises solved, kept in a file between restarts, and the hints given, kept in memory.

The file is in the user's data folder, or where the environment variable SMTPLAB_PROGRESS says. If it can't be written,
progress lasts as long as the kernel; if it can't be read, it counts as empty. A link, a device or a pipe in its place
is neither read nor replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

import platformdirs

from ..lab.files import open_regular, regular_or_absent
from .exercises import DisplayStr
from .questions import EXERCISES, unknown_exercise

MOST_BYTES = 1_000_000  # many times what all exercises need
_UNSAVED: dict[str, bool] = {}  # exercise -> solved or not, for changes that could not be written
_HINTS_GIVEN: dict[str, int] = {}


def file_path() -> Path:
    """The path of the progress file."""
    named = os.environ.get("SMTPLAB_PROGRESS")
    return Path(named) if named else platformdirs.user_data_path("smtplab", appauthor=False) / "progress.json"


def solved() -> set[str]:
    """The names of the solved exercises."""
    try:
        with open(open_regular(file_path(), os.O_RDONLY), encoding="utf-8") as file:
            found = json.loads(file.read(MOST_BYTES))["solved"]
        saved = {name for name in found if isinstance(name, str)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        saved = set()
    return {name for name in saved | set(_UNSAVED) if _UNSAVED.get(name, True)}


def mark_solved(name: str) -> bool:
    """Record an exercise as solved. Returns False if the file can't be written: then it lasts until the kernel ends."""
    return _save(solved() | {name}, {name: True})


def forget(prefix: str = "") -> bool:
    """Record all exercises whose names begin with `prefix` as unsolved. Returns as `mark_solved`."""
    before = solved()
    gone = {name for name in before if name.startswith(prefix)}
    return _save(before - gone, dict.fromkeys(gone, False))


def _save(names: set[str], changed: dict[str, bool]) -> bool:
    """Replace the file as a whole, since several kernels may read it; if that fails, remember `changed`."""
    target = file_path()
    new = None
    try:
        if not regular_or_absent(target):
            raise OSError("not a regular file")
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, new = tempfile.mkstemp(prefix=".progress-", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"solved": sorted(names)}, file)
        os.replace(new, target)
        new = None
    except OSError:
        _UNSAVED.update(changed)
        return False
    finally:
        if new:
            with contextlib.suppress(OSError):
                os.unlink(new)
    _UNSAVED.clear()
    return True


def hints_given(name: str) -> int:
    """How many hints to that exercise were given."""
    return _HINTS_GIVEN.get(name, 0)


def give_hint(name: str, most: int) -> int:
    """Count one more hint to that exercise, up to `most`. Returns the number of the hint to show, from 1."""
    _HINTS_GIVEN[name] = min(hints_given(name) + 1, most)
    return _HINTS_GIVEN[name]


def progress() -> DisplayStr:
    """What has been solved, as text, lesson by lesson."""
    done = solved()
    lessons: dict[str, list[str]] = {}
    for exercise in EXERCISES.values():
        lessons.setdefault(exercise.lesson, []).append(exercise.name)
    lines = [f"lesson {lesson}: {sum(name in done for name in names)} of {len(names)} solved"
             + "".join(f"\n    {'✓' if name in done else '·'} {name}" for name in names)
             for lesson, names in sorted(lessons.items())]
    return DisplayStr("\n".join(lines))


def reset(beginning: str = "") -> DisplayStr:
    """Forget what was solved, and the hints given: all, a lesson ("02"), or one exercise. Returns `progress()`.

    Raises ValueError, with the exercises' names, if none begins with `beginning`.
    """
    if not isinstance(beginning, str) or not any(name.startswith(beginning) for name in EXERCISES):
        raise unknown_exercise(beginning)
    forget(beginning)
    for name in [name for name in _HINTS_GIVEN if name.startswith(beginning)]:
        del _HINTS_GIVEN[name]
    return progress()
