"""A system user for each seat, made by `useradd` and removed at the end; needs root.

The comment in the system's list of users says whose they are, so that those which a killed room left are known.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

COMMENT = "smtplab room"


def refusal(names: Sequence[str]) -> str | None:
    """Why no users of these names can be made here, or None."""
    if os.geteuid() != 0:
        return "--system-users needs root"
    missing = [name for name in ("useradd", "userdel") if shutil.which(name) is None]
    if missing:
        return f"--system-users needs {' and '.join(missing)}"
    taken = [name for name in names if _comment(name) not in (None, COMMENT)]
    return f"these users exist already, and are not a room's: {', '.join(taken)}" if taken else None


def _comment(name: str) -> str | None:
    try:
        return pwd.getpwnam(name).pw_gecos
    except KeyError:
        return None


@contextlib.contextmanager
def made(names: Sequence[str], homes: Path) -> Iterator[None]:
    """Within the block there are users of these names, each at home in `homes`; at the end all of them go, with their
    processes. Raises OSError if one can't be made."""
    try:
        for name in names:
            remove(name)  # a killed room's
            done = subprocess.run(["useradd", "--no-create-home", "--home-dir", str(homes / name / "home"), "--shell",
                                   "/bin/bash", "--comment", COMMENT, "--user-group", name],
                                  capture_output=True, text=True)
            if done.returncode:
                raise OSError(f"useradd {name}: {done.stderr.strip() or done.returncode}")
        yield
    finally:
        for name in names:
            remove(name)


def remove(name: str) -> None:
    """End a room's user's processes, and remove the user. Leaves users alone that no room has made."""
    if _comment(name) != COMMENT:
        return
    uid = pwd.getpwnam(name).pw_uid
    deadline = time.monotonic() + 5
    while (running := _processes(uid)) and time.monotonic() < deadline:
        for process in running:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)
    subprocess.run(["userdel", name], capture_output=True)


def _processes(uid: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            if folder.stat().st_uid == uid and b"Z" not in (folder / "stat").read_bytes().rpartition(b")")[2][:3]:
                found.append(int(folder.name))
    return found
