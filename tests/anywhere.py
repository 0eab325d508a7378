"""Tries the tests wherever they may be started: `python tests/anywhere.py [WAY...] [-- PYTEST OPTIONS]`.

Each way is an environment, a manner of starting or a manner of ending. A run passes if its tests do, and if nothing of
it is left in the folders for temporary files or among the processes. Needs Linux; some ways need root, and say so.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from own_run import MARK

ROOT = Path(__file__).parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-q"]
# The user and group "nobody" of most systems: any that owns nothing would do.
NOBODY = 65534
WITHIN_S = 20.0  # has a run's keeper to clear up behind a run that was ended
OWN = re.compile(rb"smtplab|/st-\w{8}\b")  # in a command or its folder
FOLDERS = tuple(dict.fromkeys((Path(tempfile.gettempdir()), Path("/tmp"))))

Way = Callable[[list[str]], bool]
WAYS: dict[str, Way] = {}


def way(function: Way) -> Way:
    """Registers a way under its function's name."""
    WAYS[function.__name__.replace("_", "-")] = function
    return function


def run(command: list[str], **options: object) -> bool:
    """Whether it ended with 0. Its environment and more are subprocess's."""
    return subprocess.run(command, check=False, **{"cwd": ROOT, **options}).returncode == 0


def shell(script: str, options: list[str], **more: object) -> bool:
    """A shell script in which "$@" is the tests' command."""
    return run(["sh", "-c", script, "sh", *PYTEST, *options], **more)


@contextlib.contextmanager
def a_folder(name: str = "") -> Iterator[Path]:
    """A new folder of that name, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="anywhere-") as top:
        folder = Path(top) / name
        folder.mkdir(exist_ok=True)
        yield folder


def is_root() -> bool:
    """Says it if not."""
    if os.geteuid() != 0:
        print("  needs root: not tried")
    return os.geteuid() == 0


# --- how it is started ---

@way
def here(options: list[str]) -> bool:
    """As it is."""
    return run([*PYTEST, *options])


@way
def background(options: list[str]) -> bool:
    """A background job of a shell under nohup: SIGINT and SIGHUP are ignored, and children inherit that."""
    return shell('nohup "$@" & wait $!', options)


@way
def no_terminal(options: list[str]) -> bool:
    """A session of its own, without a terminal, standard input closed."""
    return shell('exec setsid --wait "$@" <&-', options)


@way
def loaded(options: list[str]) -> bool:
    """Eight loops beside it, each in a session of its own, or the kernel would give all of them one share."""
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"], start_new_session=True) for _ in range(8)]
    try:
        return run([*PYTEST, *options])
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@way
def another_user(options: list[str]) -> bool:
    """The README's own line, in a copy of the files, as a user who owns nothing else; the copy's folder is its home."""
    if not is_root():
        return True
    [line] = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if "/pytest" in line]
    files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                           capture_output=True, check=True).stdout
    with a_folder("copy") as copy:
        for name in filter(None, files.decode().split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy / name)
        copy.parent.chmod(0o755)
        for path in (copy, *copy.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        # Not this Python: it may stand where that user can't look.
        environment = {**os.environ, "HOME": str(copy), "PATH": "/usr/local/bin:/usr/bin:/bin"}
        return run(["sh", "-c", shlex.join(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                                            "sh", "-c", f"{line} {shlex.join(options)}"])],
                   cwd=copy, env=environment)


# --- what is there ---

@way
def home_read_only(options: list[str]) -> bool:
    """A home where nothing can be written; for root, whom no permission stops, a home that is a file."""
    with a_folder("home") as home:
        if os.geteuid() == 0:
            home.rmdir()
            home.touch()
        home.chmod(0o500)
        return run([*PYTEST, *options], env={**os.environ, "HOME": str(home)})


@way
def bare_environment(options: list[str]) -> bool:
    """No HOME, LANG=C, no settings but PATH, and at most 256 open files."""
    return shell(FEW_FILES, options, env=bare())


@way
def odd_folder(options: list[str]) -> bool:
    """A TMPDIR with a blank and a letter that is not ASCII."""
    with a_folder("temp für alle") as folder:
        return run([*PYTEST, *options], env={**os.environ, "TMPDIR": str(folder)})


@way
def loopback_only(options: list[str]) -> bool:
    """A network namespace with nothing but 127.0.0.1: no other address, no name server, no IPv6."""
    environment = {name: value for name, value in os.environ.items() if name != "SMTPLAB_REQUIRE_REAL"}
    return cut_off('exec "$@"', options, environment)


@way
def bare_loopback(options: list[str]) -> bool:
    """Both of these at once: a run that passes here passes in either."""
    return cut_off(FEW_FILES, options, bare())


FEW_FILES = 'ulimit -n 256; exec "$@"'


def bare() -> dict[str, str]:
    """Almost no environment."""
    return {"PATH": os.environ["PATH"], "LANG": "C"}


def cut_off(then: str, options: list[str], environment: dict[str, str]) -> bool:
    """A shell script in a network namespace of its own; only root can make one."""
    if not is_root():
        return True
    network = "ip link set lo up && sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.lo.disable_ipv6=1"
    return run(["unshare", "--net", "sh", "-c", f"{network} && {then}", "sh", *PYTEST, *options], env=environment)


# --- how it is ended ---

def ended(options: list[str], how: signal.Signals, *, whom: Callable[[int, int], None]) -> bool:
    """Sent that signal once tests have run for a while, in all its kinds: it ends soon, with a failure."""
    process = subprocess.Popen([*PYTEST, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, start_new_session=True)
    line = ""
    while "%]" not in line:  # the first line of dots
        line = process.stdout.readline()
        assert line, "it ended by itself"
    whom(process.pid, how)
    began = time.monotonic()
    process.communicate(timeout=60)
    print(f"  ended with {process.returncode} after {time.monotonic() - began:.1f} s")
    return process.returncode != 0


@way
def interrupted(options: list[str]) -> bool:
    """Ctrl-C: SIGINT to the whole process group."""
    return ended(options, signal.SIGINT, whom=os.killpg)


@way
def terminated(options: list[str]) -> bool:
    """SIGTERM to pytest alone."""
    return ended(options, signal.SIGTERM, whom=os.kill)


@way
def killed(options: list[str]) -> bool:
    """SIGKILL to pytest alone, which can clear up nothing."""
    return ended(options, signal.SIGKILL, whom=os.kill)


# --- what is left ---

def files() -> set[Path]:
    """What lies in the folders for temporary files, but for this script's own."""
    return {path for folder in FOLDERS for path in folder.iterdir() if not path.name.startswith("anywhere-")}


def processes() -> dict[int, str]:
    """All that run and look like the tests' own, by number: other programs of this machine come and go."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            command = (entry / "cmdline").read_bytes()
            where = os.fsencode(os.readlink(entry / "cwd"))
            if command and (f"{MARK}=".encode() in (entry / "environ").read_bytes() or OWN.search(command + where)):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()[:200]
    return found


def left(files_before: set[Path], processes_before: dict[int, str]) -> list[str]:
    """What is there beyond that, once the keeper had its time."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        found = [str(path) for path in sorted(files() - files_before)]
        found += [f"{pid} {command}" for pid, command in processes().items()
                  if pid not in processes_before and pid != os.getpid()]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def main(arguments: list[str]) -> int:
    """Tries the ways named, or all; prints one line for each."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    names, options = arguments[:at], arguments[at + 1:]
    if unknown := [name for name in names if name not in WAYS]:
        print(f"no such way: {', '.join(unknown)}; there are {', '.join(WAYS)}", file=sys.stderr)
        return 2
    failed = []
    for name in names or WAYS:
        print(f"--- {name}: {WAYS[name].__doc__}", flush=True)
        before, began = (files(), processes()), time.monotonic()
        passed = WAYS[name](options)
        remains = left(*before)
        print(*(f"  left: {what}" for what in remains), sep="\n", end="\n" * bool(remains))
        if not passed or remains:
            failed.append(name)
        print(f"--- {name}: {'failed' if name in failed else 'passed'} in {time.monotonic() - began:.0f} s", flush=True)
    print(f"failed: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
