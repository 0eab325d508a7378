"""What subcommands share: options, reading a file or stdin, printing text or JSON at once, and status on stderr.

stdout carries results only. Warnings and the status line go to stderr; the status line is shown only at a terminal.
"""

from __future__ import annotations

import codecs
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import click

from .. import limits
from ..escape import printable
from ..show.screen import dressed

Value = TypeVar("Value")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
BRIEF = click.option("--brief", is_flag=True, help="Print one line.")
STRICT = click.option("--strict", is_flag=True, help="End with 1 if what was found fails, is insecure or expired.")
TIMEOUT = click.option("--timeout", "timeout_s", type=click.FloatRange(min=0, min_open=True), default=5.0,
                       show_default=True, metavar="S", help="Seconds for the whole of it.")


# --- in ---

def at_terminal() -> bool:
    """Whether stdin is open and a terminal, so that a person may type."""
    return sys.stdin is not None and sys.stdin.isatty()


def read_input(file: str | None = None, *, paste: str = "") -> str:
    """Read the text in a file, or on stdin for None and "-". A closed stdin counts as empty.

    Text is UTF-8, or UTF-16, as PowerShell's > writes it, or Latin-1; of a very long one, the beginning is read,
    with a warning. At a terminal, `paste` names what to paste. Raises OSError if the file can't be read.
    """
    return decoded(read_data(file, paste=paste))


def read_data(file: str | None = None, *, paste: str = "") -> bytes:
    """The same as bytes."""
    if file not in (None, "-"):
        with open(file, "rb") as stream:
            data = stream.read(limits.INPUT_BYTES + 1)
    elif sys.stdin is None:
        data = b""
    else:
        if file is None and paste and at_terminal():
            print(f"Paste the {paste}, then press Ctrl-D (on Windows Ctrl-Z and Enter) on a line of its own:",
                  file=sys.stderr, flush=True)
        data = sys.stdin.buffer.read(limits.INPUT_BYTES + 1)
    if len(data) > limits.INPUT_BYTES:
        data = data[:limits.INPUT_BYTES]
        warn(f"only the first {limits.INPUT_BYTES} bytes are read")
    return data


def decoded(data: bytes) -> str:
    """The text of a file or of stdin: UTF-16 or UTF-8, with a byte order mark or not, else Latin-1."""
    text = data.decode(_encoding(data), errors="replace")
    if "\ufffd" in text and all(c in "\ufffd" or c.isascii() for c in set(text)):
        return data.decode("cp1252", errors="replace")  # not one letter beyond ASCII is UTF-8
    return text


def _encoding(data: bytes) -> str:
    """UTF-16 by its byte order mark, or where every other byte of the beginning is zero, as of Latin letters."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first, second = (data[start:200:2].count(0) for start in (0, 1))
    most = len(data[:200]) // 4
    return "utf-16-le" if second > most > first else "utf-16-be" if first > most > second else "utf-8-sig"


# --- out ---

def say(line: str = "") -> None:
    """Print a line and flush it, with everything escaped that would act on the terminal, as wide as that is, and in
    colours where it has them."""
    print(dressed(printable(line)), flush=True)


def json_text(value: object) -> str:
    """A value as a JSON document."""
    import json  # most print text
    return json.dumps(value, indent=2)


def emit(as_json: bool, value: Value, text: Callable[[Value], str],
         to_json: Callable[[Value], str] = json_text) -> None:
    """Print a command's result: as one JSON document if `as_json`, else as text.

    Whoever reads may leave before the end, as `head` does: that is no failure of the command's."""
    try:
        if as_json:
            print(to_json(value), flush=True)
        else:
            say(text(value))
    except BrokenPipeError:
        _write_to_nobody()


# --- beside it, on stderr ---

def warn(words: str) -> None:
    """Print a line to stderr, with the program's name before it."""
    print(printable(f"smtplab: {words}"), file=sys.stderr, flush=True)


def beyond_loopback(host: str) -> bool:
    """Whether a listener on this host can be reached from other machines."""
    import ipaddress  # here, since only the two commands that listen need it
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() != "localhost"


def warn_if_exposed(host: str, consequence: str) -> None:
    """Warn if a listener on this host can be reached from other machines, and say what those can do then."""
    if beyond_loopback(host):
        warn(f"listens on {host or 'all addresses'}, not on loopback alone: whoever reaches this machine {consequence}")


def wait_until_unheard(unheard: threading.Event, enough: threading.Event | None = None) -> int:
    """Wait until stdout can't be written any more, and say so, or until it is `enough`. Returns the exit status."""
    # No endless wait: a signal just before it would be handled only at its end.
    while not (unheard.wait(0.5) if enough is None else enough.wait(0.1) or unheard.is_set()):
        pass
    if enough is not None and enough.is_set() and not unheard.is_set():
        return 0
    warn("ends, for what it prints can't be written")
    _write_to_nobody()
    return 1


def _write_to_nobody() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # takes what Python still has to flush at its end


def status_line(words: str = "") -> None:
    """Replace the status line, if stderr is a terminal. Without words, remove it."""
    if sys.stderr.isatty():
        print(f"\r{printable(words)}\033[K", end="", file=sys.stderr, flush=True)


class Ticker:
    """A context manager that shows, in the status line, what is waited for and how long of at most `limit_s`."""

    def __init__(self, what: str, limit_s: float) -> None:
        self.what, self.limit_s, self.done = what, limit_s, threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True, name="smtplab-ticker")

    def __enter__(self) -> Ticker:
        self.thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.done.set()
        self.thread.join()

    def _tick(self) -> None:
        start = time.monotonic()
        while sys.stderr.isatty() and not self.done.wait(0.5):
            status_line(f"{self.what}: {time.monotonic() - start:.0f} of at most {self.limit_s:g} s")
        status_line()
