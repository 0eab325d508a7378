"""`smtplab explain`: what may have caused an error text, from an argument or a paste."""

from __future__ import annotations

import click

from ..messages import explain, to_json
from ..show.explanation_document import explanations
from .io import JSON, emit, read_input


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
    found = explain(read_input(text, paste="error text") if text in (None, "-") else text, port=port, mode=mode)
    emit(as_json, found, explanations, to_json)
    return 0
