"""Ends each command by each signal at random times: `python tests/interrupts.py [TIMES] [COMMAND...]`.

A run is good if it ends soon with status 0 or 1 and without a traceback, and if neither a file nor a process of it is
left; after SIGKILL, which no program can answer, once the next `smtplab serve` has started. Needs Linux.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MARK = "SMTPLAB_INTERRUPTED"
SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGHUP": signal.SIGHUP, "SIGKILL": signal.SIGKILL,
           "twice": signal.SIGTERM}
WITHIN_S = 30.0
REMOVE_LEFT = "from smtplab.lab.own_files import remove_left; remove_left()"
# Each command, and how many seconds of it are of interest.
COMMANDS = {
    "doctor": ([], 1.5), "explain": (["-"], 0.6), "settings": (["rails", "-"], 0.6),
    "judge": (["--hex", "323230206d"], 0.5),
    "handshake": (["127.0.0.1:{silent}", "--mode", "plain", "--timeout", "30"], 0.8),
    "probe": (["127.0.0.1", "{silent}", "--timeout", "30"], 0.8), "talk": (["127.0.0.1:{silent}"], 0.8),
    "matrix": ([], 2.0), "mystery": ([], 1.2), "relay": (["127.0.0.1:{silent}"], 0.8), "serve": (["starttls"], 1.0),
    "rehearse": (["00"], 4.0), "lab": (["--", "--no-browser"], 4.0)}


def processes(mark: str) -> list[str]:
    """The command lines of the processes that carry this mark."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}\0".encode() in (entry / "environ").read_bytes() + b"\0":
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:120])
        except OSError:
            pass
    return [line for line in found if line]


def short_ones() -> set[str]:
    return {str(path) for path in Path("/tmp").glob("smtplab-run-*")}


def make_old(paths: Iterable[Path | str]) -> None:
    """As if a minute had passed: what is just made may be about to be locked."""
    for path in paths:
        os.utime(path, (1, 1))


def once(name: str, kind: str, after_s: float, port: int) -> list[str]:
    """What is wrong with one run."""
    words, _ = COMMANDS[name]
    wrong = []
    with tempfile.TemporaryDirectory(prefix="interrupts-") as top:
        mark, home = Path(top).name, Path(top) / "home"
        (Path(top) / "tmp").mkdir()
        home.mkdir()
        environment = {**os.environ, "TMPDIR": f"{top}/tmp", "HOME": str(home), MARK: mark}
        command = [sys.executable, "-m", "smtplab", name, *(word.format(silent=port) for word in words)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment, cwd=home, start_new_session=True)
        time.sleep(after_s)
        began = time.monotonic()
        process.send_signal(SIGNALS[kind])
        if kind == "twice":
            time.sleep(random.random() / 20)
            process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
            wrong.append("did not end")
        took_s = time.monotonic() - began
        if kind == "SIGKILL":
            wait_for(lambda: not processes(mark))
            make_old((Path(top) / "tmp").iterdir())
            following = subprocess.Popen([sys.executable, "-m", "smtplab", "serve", "plain"], env=environment,
                                         stdout=subprocess.PIPE)
            following.stdout.readline()
            following.terminate()
            following.communicate()
            subprocess.run([sys.executable, "-c", REMOVE_LEFT], env=environment, check=True)
        # Python itself ends by SIGINT where KeyboardInterrupt came as it ran a text of code, caught or not.
        elif b"Traceback" in said and b"smtplab" not in said and after_s < 0.3:
            pass  # Ctrl-C as Python itself starts
        elif process.returncode not in (0, 1, -SIGNALS[kind], -signal.SIGINT) or b"Traceback" in said:
            wrong.append(f"status {process.returncode}: {said.decode(errors='replace').strip()[-200:]}")
        elif process.returncode < 0 and process.returncode != -signal.SIGINT and after_s > 0.2:
            wrong.append(f"ended by the signal itself after {after_s:.2f} s")
        if took_s > (10 if name in ("lab", "rehearse") else 3):
            wrong.append(f"took {took_s:.1f} s")
        if not wait_for(lambda: not processes(mark)):
            wrong.append(f"processes: {processes(mark)}")
        wrong += [f"file {path}" for path in (Path(top) / "tmp").iterdir()]
    return wrong


def wait_for(holds) -> bool:
    deadline = time.monotonic() + WITHIN_S
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def main(times: int = 20, *names: str) -> int:
    """Tries all; prints a line for each command, and what was wrong."""
    before, bad = short_ones(), 0
    silent = subprocess.Popen([sys.executable, "-m", "smtplab", "serve", "silent"], stdout=subprocess.PIPE, text=True)
    port = int(silent.stdout.readline().split()[2])
    try:
        with ThreadPoolExecutor(4) as pool:
            for name in names or COMMANDS:
                tries = [(kind, random.uniform(0, COMMANDS[name][1])) for kind in SIGNALS for _ in range(times)]
                found = list(pool.map(lambda one, name=name: once(name, *one, port), tries))
                wrong = Counter(f"{kind}: {words}" for (kind, _), many in zip(tries, found, strict=True)
                                for words in many)
                bad += sum(map(bool, found))
                lines = (f"{count} times {words}" for words, count in wrong.items())
                print(f"{name}: {len(tries)} runs, {sum(map(bool, found))} bad", *lines, sep="\n    ", flush=True)
    finally:
        silent.terminate()
        silent.communicate()
    make_old(short_ones() - before)
    subprocess.run([sys.executable, "-c", REMOVE_LEFT], check=True)
    if left := short_ones() - before:
        print("left in /tmp:", *left)
    return 1 if bad or left else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2]), *sys.argv[2:]))
