"""Temporary files and folders that are a process's own: locked while it lives, so that what a killed one left is known.

Whoever makes the next removes what was left: this user's, with a name of this kind, that no process has locked.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"  # in a folder
LOOK_S = 10.0  # from one look for what is left to the next
_looked_s = 0.0


def _place(short: bool) -> str:
    import tempfile  # here, as a dial elsewhere than at the lab has no use for it
    return "/tmp" if short and os.name == "posix" else tempfile.gettempdir()


def own_name(kind: str) -> str:
    """A path for a new file, of `kind` "ca" or "keys", in the folder for temporary files."""
    return os.path.join(_place(short=False), f"smtplab-{kind}-{secrets.token_hex(6)}.pem")


def make_own_file(path: str) -> int:
    """Make the file, readable by its owner alone; the handle keeps it locked."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    lock(handle)
    return handle


@contextlib.contextmanager
def own_folder(*, short: bool = False) -> Iterator[Path]:
    """A folder that goes at the end of the block. `short`: its path is, as the Unix sockets in it need; macOS's own
    folder for temporary files has a long one. Raises OSError."""
    import shutil  # here, as a dial elsewhere than at the lab has no use for it
    remove_left()
    path, handle = os.path.join(_place(short), f"smtplab-run-{secrets.token_hex(6)}"), -1
    try:
        os.mkdir(path, 0o700)
        handle = make_own_file(os.path.join(path, LOCK))
        yield Path(path)
    finally:
        if handle >= 0:
            os.close(handle)
        shutil.rmtree(path, ignore_errors=True)


def remove_left() -> None:
    """Remove what processes that were killed have left; looked for now and then."""
    global _looked_s
    if fcntl is None or (_looked_s and time.monotonic() - _looked_s < LOOK_S):
        return
    _looked_s = time.monotonic()
    for folder in {_place(short=True), _place(short=False)}:
        with contextlib.suppress(OSError):
            for path in Path(folder).glob("smtplab-*"):
                if path.name.startswith(("smtplab-run-", "smtplab-ca-", "smtplab-keys-")):
                    from .leftovers import remove_unlocked  # most find nothing
                    remove_unlocked(path, LOCK, lock)


def lock(handle: int) -> None:
    """Lock an open file for as long as it is open. Raises OSError where another process has."""
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
