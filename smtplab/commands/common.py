"""What subcommands share: two options, what is read of a file or stdin, and lines that come out at once."""

from __future__ import annotations

import codecs
import json
import sys

import click

from .. import limits
from ..escape import printable

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
TIMEOUT = click.option("--timeout", "timeout_s", type=click.FloatRange(min=0, min_open=True), default=5.0,
                       show_default=True, metavar="S", help="Seconds for the whole of it.")


def at_terminal() -> bool:
    """Whether somebody may type: stdin is there, and a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def read_input(file: str | None = None, *, paste: str = "") -> str:
    """The text in this file, or on stdin for None and "-": UTF-8, or UTF-16 with its mark, as PowerShell's > writes.

    `paste` names what is wanted, for who sits at a terminal. A stdin that is closed holds nothing. Raises OSError."""
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
        print(f"smtplab: only the first {limits.INPUT_BYTES} bytes are read", file=sys.stderr, flush=True)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def say(line: str = "") -> None:
    """Print a line at once; nothing in it acts on the terminal."""
    print(printable(line), flush=True)


def say_json(value: object, indent: int | None = 2) -> None:
    """Print one JSON document at once."""
    say(json.dumps(value, indent=indent))
