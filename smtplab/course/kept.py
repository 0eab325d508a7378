"""Which exercises a learner has solved, kept in one small file between restarts.

The file lies in the user's data folder, or where the environment's SMTPLAB_PROGRESS says. Where it
can't be written, progress lasts as long as the kernel; where it can't be read, it starts anew. A link, a
device or a pipe of that name is neither read nor replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

import platformdirs

from ..lab.files import open_regular, regular_or_absent

MOST_BYTES = 1_000_000  # many times what all exercises need
_UNKEPT: dict[str, bool] = {}  # what could not be written


def progress_file() -> Path:
    """Where progress is kept."""
    named = os.environ.get("SMTPLAB_PROGRESS")
    return Path(named) if named else platformdirs.user_data_path("smtplab", appauthor=False) / "progress.json"


def solved() -> set[str]:
    """The names of the solved exercises."""
    try:
        with open(open_regular(progress_file(), os.O_RDONLY), encoding="utf-8") as file:
            found = json.loads(file.read(MOST_BYTES))["solved"]
        kept = {name for name in found if isinstance(name, str)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        kept = set()
    return {name for name in kept | set(_UNKEPT) if _UNKEPT.get(name, True)}


def keep(name: str) -> bool:
    """Note that this exercise is solved; False if that lasts only as long as the kernel."""
    return _write(solved() | {name}, {name: True})


def forget(beginning: str = "") -> bool:
    """Note as unsolved what begins so; False if that lasts only as long as the kernel."""
    before = solved()
    gone = {name for name in before if name.startswith(beginning)}
    return _write(before - gone, dict.fromkeys(gone, False))


def _write(names: set[str], changed: dict[str, bool]) -> bool:
    """Replace the file as a whole, since several kernels may read it; or remember what changed."""
    target = progress_file()
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
        _UNKEPT.update(changed)
        return False
    finally:
        if new:
            with contextlib.suppress(OSError):
                os.unlink(new)
    _UNKEPT.clear()
    return True
