"""What runs in a room: its processes, found by what is in their environment, and the memory they take.

Linux alone says it, in /proc; elsewhere nothing is found, and what JupyterHub does at its end has to do.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_SET_CHILD_SUBREAPER = 36  # of <linux/prctl.h>
_MIB = 1024  # in kB, as the system counts


def marked(entry: str, proc: Path = _PROC) -> list[int]:
    """The processes, without this one, that began with this entry, NAME=VALUE, in their environment."""
    wanted, found = os.fsencode(entry), []
    for folder in proc.iterdir() if proc.is_dir() else ():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):  # another user's, or it has ended
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    return found


def end_all(entry: str, *, patience_s: float) -> int:
    """End these processes by SIGTERM, and after `patience_s` by SIGKILL. Returns how many there were."""
    first = marked(entry)
    for number, limit_s in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 2.0)):
        left, deadline = marked(entry), time.monotonic() + limit_s
        for process in left:
            with contextlib.suppress(OSError):
                os.kill(process, number)
        while left and time.monotonic() < deadline:
            time.sleep(0.05)
            left = [process for process in left if _runs(process)]
        if not left:
            break
    return len(first)


def adopt_orphans() -> bool:
    """From now on a process whose parent ends becomes this one's child, so that `reap` can take note of its end: in a
    container, often nobody else does. Returns whether the system can."""
    try:
        return ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (OSError, AttributeError):  # not Linux
        return False


def reap(but: int = 0) -> None:
    """Take note of the end of all adopted children; `but` is the one that somebody else waits for."""
    for folder in _PROC.iterdir() if _PROC.is_dir() else ():
        if folder.name.isdecimal() and int(folder.name) != but:
            with contextlib.suppress(OSError, IndexError):
                state, parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[:2]
                if state == b"Z" and int(parent) == os.getpid():
                    os.waitpid(int(folder.name), os.WNOHANG)


def _runs(process: int) -> bool:
    try:
        state = (_PROC / str(process) / "stat").read_bytes().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != b"Z"  # a zombie has ended; its parent has yet to notice


@dataclass(frozen=True)
class Memory:
    """What a set of processes takes: `pss_mib` counts a page that several share in parts, `rss_mib` in full."""

    processes: int
    pss_mib: float
    rss_mib: float


def memory(processes: list[int]) -> Memory:
    """The memory of these processes. Those that ended, or can't be looked at, count as nothing."""
    pss = rss = 0
    for process in processes:
        with contextlib.suppress(OSError):
            for line in (_PROC / str(process) / "smaps_rollup").read_text(encoding="ascii").splitlines():
                name, _, value = line.partition(":")
                if name in ("Pss", "Rss"):
                    number = int(value.split()[0])
                    pss, rss = (pss + number, rss) if name == "Pss" else (pss, rss + number)
    return Memory(len(processes), pss / _MIB, rss / _MIB)


def memory_available_mib() -> float | None:
    """How much memory the system can still give, or None where that is not said."""
    with contextlib.suppress(OSError, ValueError):
        for line in (_PROC / "meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) / _MIB
    return None


def load() -> str:
    """The load of the last minute and the number of processors, in words."""
    with contextlib.suppress(OSError, AttributeError):
        return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    return f"{os.cpu_count()} processors"
