"""`run_program`: a real program, run as in a terminal and typed to as a person would, always ended.

A program that writes into a pipe keeps its lines back until it ends, and telnet or `openssl s_client`
reads ahead of the server if all its input lies ready. So its output is a pseudo-terminal, where lines
come as they are written, and a line is typed once the reply to the one before it is to be seen.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

BY_ITSELF, AT_LIMIT, NOT_HERE = "by itself", "at the time limit", "not here"
# The last line of a reply (RFC 5321 section 4.2.1): the code, then a space or the line's end.
_REPLIED = re.compile(rb"^[2-5]\d\d(?: [^\r\n]*)?\r*\n", re.MULTILINE)
# Nothing has come for so long: it has said what it had to say, as s_client has with tickets after a reply.
_QUIET_S = 0.05
MOST_BYTES = 1_000_000  # kept of what it says between two typed lines: the first and the last half of this


@dataclass(frozen=True)
class Ran:
    """One run: what was run, all it said, and how it ended.

    `status` is the exit status, negative for a signal, as in `subprocess`; None if it was ended by us or
    never began. `ended` is "by itself", "at the time limit" or "not here". `turns` is the dialogue:
    ("program", text) and ("typed", line), in the order they happened; `text` is all of the program's.
    """

    argv: tuple[str, ...]
    text: str
    status: int | None
    seconds: float
    ended: str
    turns: tuple[tuple[str, str], ...] = ()


def run_program(argv: Sequence[str], *, typed: Sequence[str] = (), timeout_s: float = 10.0) -> Ran:
    """Run a program without a shell; stdout and stderr come merged, as they are written.

    Each line of `typed` is typed once a finished SMTP reply has shown since the one before, and standard
    input stays open until the end. After `timeout_s` the program is ended, and whatever it started with it;
    so too if this is interrupted. A program that isn't here, or can't be run, is a value (`ended`
    "not here", `text` the reason). On POSIX systems only.
    """
    argv, start = tuple(argv), time.monotonic()
    if not argv or shutil.which(argv[0]) is None:
        return Ran(argv, "", None, 0.0, NOT_HERE)
    outlet, into = _terminal()
    process = None
    try:
        try:
            # A session of its own: Ctrl-C reaches us alone, and its whole group can be ended.
            process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=into, stderr=into, bufsize=0,
                                       start_new_session=True, env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"})
        except (OSError, ValueError) as exc:
            return Ran(argv, str(exc), None, 0.0, NOT_HERE)
        finally:
            os.close(into)
        dialogue = _Dialogue(process, outlet, list(typed))
        ended = dialogue.go_on(start + timeout_s)
        seconds = time.monotonic() - start
    finally:
        if process:
            _end(process)
        os.close(outlet)
    turns = tuple((turn.who, turn.text()) for turn in dialogue.turns)
    text = "".join(words for who, words in turns if who == "program")
    return Ran(argv, text, process.returncode if ended == BY_ITSELF else None, seconds, ended, turns)


def _terminal() -> tuple[int, int]:
    """Where the program's words are read from and where it writes them: a raw pseudo-terminal, or a pipe."""
    try:
        import tty
        outlet, into = os.openpty()
        tty.setraw(into)  # no echo, and line ends as they are
        return outlet, into
    except (ImportError, OSError):  # none is left, or this container has none
        return os.pipe()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End its whole group, itself included, and collect it."""
    with contextlib.suppress(OSError):  # nobody is left
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):  # the rest of a line it never read
        if process.stdin:
            process.stdin.close()
    process.kill()  # should it have left its group; nothing, if it has ended
    process.wait()


@dataclass
class _Turn:
    who: str
    first: bytearray = field(default_factory=bytearray)
    last: bytearray = field(default_factory=bytearray)
    dropped: int = 0

    def add(self, data: bytes) -> None:
        room = MOST_BYTES // 2 - len(self.first)
        self.first += data[:room]
        self.last += data[room:]
        if (excess := len(self.last) - MOST_BYTES // 2) > 0:
            del self.last[:excess]
            self.dropped += excess

    def text(self) -> str:
        middle = f"\n[{self.dropped} bytes left out]\n".encode() if self.dropped else b""
        return (self.first + middle + self.last).decode("utf-8", "backslashreplace")


class _Dialogue:
    """What the program says and what it is told, until it ends."""

    def __init__(self, process: subprocess.Popen[bytes], outlet: int, typed: list[str]) -> None:
        self.process, self.typed = process, typed
        self.outlet: int | None = outlet  # None once it is at its end
        self.turns: list[_Turn] = []
        self.recent = b""  # since the last line typed
        self.unsent = b""
        assert process.stdin  # a pipe
        self.inlet = process.stdin.fileno()
        os.set_blocking(self.inlet, False)  # a program that reads nothing must not hold us

    def go_on(self, deadline: float) -> str:
        """To the end; how it ended."""
        while (left_s := deadline - time.monotonic()) > 0:
            ended = self.process.poll() is not None
            if self._hear(min(left_s, _QUIET_S)):
                continue
            if ended:
                return BY_ITSELF
            self._type()
        return BY_ITSELF if self.process.poll() is not None else AT_LIMIT

    def _hear(self, wait_s: float) -> bool:
        """Whether something came within `wait_s`."""
        if self.outlet is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(wait_s)
            return False
        ready, _, _ = select.select([self.outlet], [], [], wait_s)
        if not ready:
            return False
        try:
            data = os.read(self.outlet, 65536)
        except OSError:  # a pseudo-terminal whose other side is closed
            data = b""
        if not data:
            # The program has closed its output, and ends; or it goes on in silence, up to the deadline.
            self.outlet = None
            return False
        if not self.turns or self.turns[-1].who != "program":
            self.turns.append(_Turn("program"))
        self.turns[-1].add(data)
        self.recent = (self.recent + data)[-MOST_BYTES:]
        return True

    def _type(self) -> None:
        if self.typed and not self.unsent and _REPLIED.search(self.recent):
            line = self.typed.pop(0)
            self.turns.append(_Turn("typed"))
            self.turns[-1].add(line.encode("utf-8", "backslashreplace"))
            self.unsent, self.recent = line.encode("utf-8", "backslashreplace") + b"\n", b""
        if self.unsent:
            try:
                self.unsent = self.unsent[os.write(self.inlet, self.unsent):]
            except BlockingIOError:
                pass
            except OSError:  # it reads no more
                self.unsent, self.typed = b"", []
