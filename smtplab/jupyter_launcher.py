"""`smtplab lab`: run JupyterLab on the notebooks, as a child process that leaves nothing behind.

A checkout's notebooks are opened where they are; an installed package's are copied first, so that the learner can
change them. The child gets a runtime folder of its own: its path is short enough for kernels to use Unix sockets,
JupyterLab writes its address there, and it is removed at the end.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .lab.own_files import own_folder

FIRST_LESSON = "00-start-here.ipynb"
GUIDE = "instructor-guide.md"
PACKAGE = Path(__file__).parent
# A Unix socket's path fits in 103 bytes on macOS (107 on Linux). A kernel's is
# RUNTIME/kernel-UUID-ipc-N: 1 + 7 + 36 + 6 after the folder; longer, and the kernel dies at its start.
MAX_RUNTIME_PATH_BYTES = 103 - 1 - 7 - 36 - 6
ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
# A module's program, which ends when its stdin does, a pipe from this process: so it ends too if this one is killed.
_CHILD = """
import os, runpy, signal, sys, threading
def end_with_parent():
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv[0] = "MODULE"
runpy.run_module("MODULE", run_name="__main__")
"""
ENDING_S = 10  # a server with a kernel ends in about two seconds, on a busy machine in six


def child_program(module: str) -> str:
    """The code, for `python -c`, that runs a module as a program and ends with the pipe on its stdin."""
    return _CHILD.replace("MODULE", module)


def notebooks(package: Path = PACKAGE) -> tuple[Path, bool]:
    """The folder of the notebooks, and whether it is a checkout's own (else the packaged ones)."""
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "notebooks").is_dir():
        return checkout / "notebooks", True
    return package / "_notebooks", False


def copy_notebooks(source: Path, directory: Path) -> list[Path]:
    """Copy the notebooks into `directory`, without overwriting anything there.

    Returns the files that exist there with other content. The instructor's guide, which has answers, is not copied.
    Raises OSError if `directory` can't be made or written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    others = []
    files = (p for p in source.rglob("*") if p.is_file() and ".ipynb_checkpoints" not in p.parts)
    for file in sorted(p for p in files if p.name != GUIDE):
        target = directory / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("xb") as new:  # "x" fails if the file exists, and leaves it as it is
                new.write(file.read_bytes())
        except FileExistsError:
            if not target.is_file() or target.read_bytes() != file.read_bytes():
                others.append(target)
    return others


def lab_config(directory: Path, runtime: Path) -> dict[str, dict[str, object]]:
    """JupyterLab's configuration for a server on `directory`: options by the class they are for.

    It goes into a file, since JupyterLab's command line takes an option only once; there, the user's options override
    the file's.
    """
    server: dict[str, object] = {"root_dir": str(directory), "ip": "127.0.0.1", "port": 0,
              "allow_root": getattr(os, "geteuid", lambda: None)() == 0}
    # Neither asks the internet for anything: a classroom may have none.
    lab: dict[str, object] = {"check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
                              "extension_manager": "readonly"}
    if (directory / FIRST_LESSON).is_file():
        lab["default_url"] = f"/lab/tree/{FIRST_LESSON}"
    config: dict[str, dict[str, object]] = {"Application": {"log_level": "WARN"}, "ServerApp": server, "LabApp": lab}
    if os.name == "posix" and len(os.fsencode(runtime)) <= MAX_RUNTIME_PATH_BYTES:
        # Over TCP, a lab server could take a port between its choice and its use by the kernel.
        config["KernelManager"] = {"transport": "ipc"}
    return config


def open_lab(directory: Path | None = None, jupyter_options: Sequence[str] = ()) -> int:
    """Run JupyterLab until it ends or a signal comes. Returns the exit status, 0 after a signal.

    `directory` gets a copy of the notebooks, and JupyterLab opens there; without it, it opens a checkout's own, or a
    copy in ./smtplab-notebooks. Must run in the main thread, since it handles signals. Raises OSError if the copy can't
    be written.
    """
    source, is_checkout = notebooks()
    if directory is None and is_checkout:
        directory = source
    else:
        directory = (directory or Path("smtplab-notebooks")).absolute()
        others = copy_notebooks(source, directory)
        if others:
            print("Kept as you left them:", *(str(p.relative_to(directory)) for p in others), flush=True)
    print(f"Notebooks: {directory}", flush=True)
    signals: list[int] = []  # a handler that only notes the signal can't interrupt at a bad moment
    before = {number: signal.signal(number, lambda number, _frame: signals.append(number)) for number in ENDING}
    try:
        with own_folder(short=True) as own:
            return _run(directory, own, jupyter_options, signals)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(directory: Path, own: Path, options: Sequence[str], signals: list[int]) -> int:
    runtime = Path(os.environ.get("JUPYTER_RUNTIME_DIR") or own)
    (own / "jupyter_lab_config.json").write_text(json.dumps(lab_config(directory, runtime)), encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(own), os.environ.get("JUPYTER_CONFIG_PATH"))))
    # In a session of its own the child doesn't get the terminal's Ctrl-C, at which it would ask "Shut down (y/[n])?".
    child = subprocess.Popen([sys.executable, "-c", child_program("jupyterlab"), *options], stdin=subprocess.PIPE,
                             env={**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_CONFIG_PATH": path},
                             start_new_session=True)
    try:
        announced = False
        while child.poll() is None and not signals:
            announced = announced or _announce(runtime / f"jpserver-{child.pid}.json")
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.2)
        if child.poll() is None:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=ENDING_S)
        return 0 if signals or child.returncode == 0 else 1
    finally:
        child.kill()
        child.wait()
        if child.stdin:
            child.stdin.close()


def _announce(server_file: Path) -> bool:
    """Print JupyterLab's address, from the file it writes. Returns False while that is missing or unfinished."""
    try:
        server = json.loads(server_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    # The root address leads to the default page, which an option may have changed.
    print(f"JupyterLab: {server['url']}?token={server['token']}", flush=True)
    return True
