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

_FOLDER = re.compile(r"smtplab-run-[0-9a-f]{12}")
_FILE = re.compile(r"smtplab-(ca|keys)-[0-9a-f]{12}\.pem(\.new)?")
UNLOCKED_S = 60.0  # what is younger and has no lock yet may be about to get it, if whoever makes it is very slow


def remove_unlocked(path: Path, lock_name: str, lock: Callable[[int], None]) -> None:
    """Remove it, if it is this user's, has a name of this kind, and no process has locked it.

    A folder's lock is the file `lock_name` in it; `lock` raises OSError for a file that another process has locked.
    """
    with contextlib.suppress(OSError):  # gone by now, another's, or locked by a process that lives
        _remove(path, lock_name, lock)


def _remove(path: Path, lock_name: str, lock: Callable[[int], None]) -> None:
    found = path.lstat()
    old = time.time() - found.st_mtime > UNLOCKED_S
    if found.st_uid != os.geteuid():
        return
    if stat.S_ISDIR(found.st_mode) and _FOLDER.fullmatch(path.name) and _unlocked(path / lock_name, lock, old):
        shutil.rmtree(path, ignore_errors=True)
    elif stat.S_ISREG(found.st_mode) and _FILE.fullmatch(path.name) and (old or path.suffix != ".new") and (
            _unlocked(path, lock, False)):
        path.unlink()


def _unlocked(path: Path, lock: Callable[[int], None], otherwise: bool) -> bool:
    """Whether nobody has it locked; `otherwise` if it isn't there, since whoever made its folder was killed then."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return otherwise
    try:
        lock(handle)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
