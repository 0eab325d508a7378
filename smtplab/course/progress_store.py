"""What a learner has done: the exercises solved, and the tries at each with their times, kept in a file between
restarts; and the hints given, kept in memory.

The file is in the user's data folder, or where the environment variable SMTPLAB_PROGRESS says. If it can't be written,
progress lasts as long as the kernel; if it can't be read, it counts as empty. A link, a device or a pipe in its place
is neither read nor replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
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


@dataclass(frozen=True)
class Tries:
    """The answers given to an exercise: how many until it was solved, and when the first and the right one came, in
    seconds of the system's clock."""

    count: int = 0
    first: int = 0
    solved: int | None = None

    @property
    def minutes(self) -> float | None:
        """From the first answer to the right one; None while there is no right one."""
        return None if self.solved is None else max(0, self.solved - self.first) / 60


def solved() -> set[str]:
    """The names of the solved exercises."""
    return _with_unsaved(read_file(file_path())[0])


def _with_unsaved(saved: set[str]) -> set[str]:
    return {name for name in saved | set(_UNSAVED) if _UNSAVED.get(name, True)}


def tries() -> dict[str, Tries]:
    """The tries at each exercise that was answered; an exercise solved before tries were noted has none."""
    return read_file(file_path())[1]


def read_file(path: Path) -> tuple[set[str], dict[str, Tries]]:
    """What a progress file says: the solved exercises, and the tries. Empty for one that can't be read."""
    try:
        with open(open_regular(path, os.O_RDONLY), encoding="utf-8") as file:
            found = json.loads(file.read(MOST_BYTES))
        names = {name for name in found["solved"] if isinstance(name, str)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set(), {}
    noted = found.get("tries")
    return names, {name: one for name, given in noted.items() if (one := _tries(given))} if isinstance(
        noted, dict) else {}


def _tries(given: object) -> Tries | None:
    if not isinstance(given, dict):
        return None
    count, first, done = (given.get(name) for name in ("count", "first", "solved"))
    if type(count) is int and type(first) is int and (done is None or type(done) is int):
        return Tries(count, first, done)
    return None


def note_try(name: str, right: bool) -> bool:
    """Count an answer to an exercise, and record the exercise as solved if it was right.

    Returns False if the file can't be written: then a right one lasts until the kernel ends, and a wrong one isn't
    counted. What was answered is not kept; tries after the right answer don't count.
    """
    now = int(time.time())

    def change(noted: dict[str, Tries]) -> dict[str, Tries]:
        before = noted.get(name) or Tries(first=now)
        if before.solved is not None:
            return noted
        return noted | {name: replace(before, count=before.count + 1, solved=now if right else None)}

    return _save(lambda names: names | ({name} if right else set()), {name: True} if right else {}, change)


def forget(prefix: str = "") -> bool:
    """Record all exercises whose names begin with `prefix` as unsolved, without tries. Returns as `note_try`."""
    gone = {name for name in solved() if name.startswith(prefix)}
    return _save(lambda names: names - gone, dict.fromkeys(gone, False),
                 lambda noted: {name: one for name, one in noted.items() if not name.startswith(prefix)})


def _save(names: Callable[[set[str]], set[str]], changed: dict[str, bool],
          noted: Callable[[dict[str, Tries]], dict[str, Tries]] = lambda noted: noted) -> bool:
    """Replace the file as a whole, since several kernels may read it; if that fails, remember `changed`."""
    target = file_path()
    new = None
    try:
        if not regular_or_absent(target):
            raise OSError("not a regular file")
        saved, tried = read_file(target)
        text: dict[str, object] = {"solved": sorted(names(_with_unsaved(saved)))}
        if tried := noted(tried):
            text["tries"] = {name: asdict(one) for name, one in sorted(tried.items())}
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, new = tempfile.mkstemp(prefix=".progress-", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(text, file)
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
