"""What killed processes left of their own files and folders (see `own_files`), and its removal."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

_FOLDER, _FILE = re.compile(r"smtplab-run-[0-9a-f]{12}"), re.compile(r"smtplab-(ca|keys)-[0-9a-f]{12}\.pem")
JUST_MADE_S = 60.0  # what is younger may be about to be locked, however slow whoever makes it is


def remove_unlocked(path: Path, lock_name: str, lock: Callable[[int], None]) -> None:
    """Remove it, if it is this user's, has a name of this kind, and no process has locked it.

    A folder's lock is the file `lock_name` in it; `lock` raises OSError for a file that another process has locked.
    """
    with contextlib.suppress(OSError):  # gone by now, another's, or locked by a process that lives
        _remove(path, lock_name, lock)


def _remove(path: Path, lock_name: str, lock: Callable[[int], None]) -> None:
    found = path.lstat()
    if found.st_uid != os.geteuid() or time.time() - found.st_mtime < JUST_MADE_S:
        return
    if stat.S_ISDIR(found.st_mode) and _FOLDER.fullmatch(path.name) and _unlocked(path / lock_name, lock):
        shutil.rmtree(path, ignore_errors=True)
    elif stat.S_ISREG(found.st_mode) and _FILE.fullmatch(path.name) and _unlocked(path, lock):
        path.unlink()


def _unlocked(path: Path, lock: Callable[[int], None]) -> bool:
    """Whether nobody has it locked; a folder without a lock is of one who was killed as it was made."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    try:
        lock(handle)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
