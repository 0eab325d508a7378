"""One run of the tests has a folder, a home and a keeper of its own, so that nothing of it stays and little is needed.

However the run ends, also by SIGKILL, its keeper notices: a small process of its own session that reads a pipe which
only the run holds open. It then ends whatever carries the run's mark, also what has left its session or was started by
something started, and removes the run's folders. Processes are found through /proc; elsewhere only the folders go.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MARK = "SMTPLAB_TESTS_RUN"  # the environment of everything that the run starts holds the run's folders under it
SHORT = Path("/tmp") if os.name == "posix" else None  # a Unix socket's path has at most 107 bytes, TMPDIR may be long
_ENDS_WITHIN_S = 5.0  # what is about to end has so long, after a run that was not killed
_CLEANS_UP_WITHIN_S = 5.0  # and so long from SIGTERM to SIGKILL


def default_signals() -> None:
    """Whoever runs tests takes signals as a terminal's program does, and so does what it starts: a background job of
    a shell, and what nohup starts, inherit that they are ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def short_folder(prefix: str) -> Path:
    """A new folder of this run with a path short enough for Unix sockets."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=os.environ[MARK].split(os.pathsep)[-1]))


class OwnRun:
    """The folders and the keeper, from now on until `end`."""

    def __init__(self) -> None:
        folders = [tempfile.mkdtemp(prefix="smtplab-tests-"), tempfile.mkdtemp(prefix="st-", dir=SHORT)]
        # Programs look there, and may write: what the user keeps there is not the tests' business.
        home = Path(folders[0]) / "home"
        home.mkdir()
        os.environ |= {MARK: os.pathsep.join(folders), "TMPDIR": folders[0], "HOME": str(home)}
        for name in [name for name in os.environ if name.startswith("XDG_")]:
            del os.environ[name]
        tempfile.tempdir = None  # look again
        environment = {name: value for name, value in os.environ.items() if name != MARK}
        self.keeper = subprocess.Popen([sys.executable, "-I", __file__, *folders], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, env=environment, cwd=os.path.abspath(os.sep),
                                       start_new_session=True)

    def end(self) -> list[str]:
        """The run is over. What processes it had left, if any; they are gone now, and so is every file."""
        if self.keeper.returncode is not None:
            return []
        left, _ = self.keeper.communicate("by itself\n")
        return left.splitlines()


def _processes(folders: list[str]) -> dict[int, str]:
    """The run's processes: they carry its mark, or work in its folders (a mail server empties its environment)."""
    mark, found = f"{MARK}={os.pathsep.join(folders)}".encode(), {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            command = (entry / "cmdline").read_bytes()
            if not command or int(entry.name) == os.getpid():  # a zombie, or a thread of the kernel's
                continue
            if mark in (entry / "environ").read_bytes().split(b"\0") or any(
                    folder in os.readlink(entry / "cwd") or os.fsencode(folder) in command for folder in folders):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def _keep(folders: list[str]) -> None:
    # The run writes a line when it ends by itself; a pipe that ends without one says that it was killed.
    by_itself = bool(sys.stdin.readline())
    deadline = time.monotonic() + _ENDS_WITHIN_S
    while by_itself and _processes(folders) and time.monotonic() < deadline:
        time.sleep(0.05)
    if by_itself:
        for pid, command in _processes(folders).items():
            print(pid, command[:300], flush=True)
    deadline = time.monotonic() + _CLEANS_UP_WITHIN_S
    how = signal.SIGTERM  # first, so that those which have files elsewhere can remove them
    while left := _processes(folders):
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, how)
        while time.monotonic() < deadline and _processes(folders):
            time.sleep(0.05)
        how = signal.SIGKILL
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(ImportError):  # what was killed has left its own, which the next of smtplab's would remove
        from smtplab.lab.own_files import remove_left
        remove_left()


if __name__ == "__main__":
    for ignored in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, ignored):
            signal.signal(getattr(signal, ignored), signal.SIG_IGN)
    _keep(sys.argv[1:])
