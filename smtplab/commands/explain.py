"""`smtplab explain`: what may have caused an error text, from an argument or a paste."""

from __future__ import annotations

import codecs
import sys

import click

from ..messages import explain, to_json
from ..show.messages_text import explanations
from .common import JSON, say

LIMIT_BYTES = 8 << 20  # what a log of an hour has; a device given by mistake never ends


@click.command("explain")
@click.argument("text", required=False, metavar="[TEXT]")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="The port that the client connects to.")
@click.option("--mode", metavar="M",
              help='implicit, starttls or plain, or the words of a setting ("SMTPSecure=ssl").')
@JSON
def command(text: str | None, port: int | None, mode: str | None, as_json: bool) -> int:
    """Say what may have caused an error text, most likely first, and what would settle it.

    TEXT is the error or a log; without it, stdin is read. Example: smtplab explain "wrong version number" --port 587
    """
    found = explain(_stdin() if text in (None, "-") else text, port=port, mode=mode)
    say(to_json(found) if as_json else explanations(found))
    return 0


def _stdin() -> str:
    if sys.stdin.isatty():
        print("Paste the error text, then press Ctrl-D (on Windows Ctrl-Z and Enter) on a line of its own:",
              file=sys.stderr, flush=True)
    data = sys.stdin.buffer.read(LIMIT_BYTES)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # what PowerShell's > writes
    return data.decode("utf-16" if wide else "utf-8-sig", errors="replace")
