"""`smtplab explain`: what may have caused an error text, from an argument, a file or a paste, with its settings."""

from __future__ import annotations

import os

import click

from ..causes import Cause
from ..messages import Explanations
from ..question import explain
from ..show.explanation_document import explanations, heading
from ..show.screen import width
from .diagnose import known_framework
from .io import BRIEF, JSON, STRICT, at_terminal, emit, read_input

LEAST = 0.1  # a cause less likely than this is shown with --all alone


@click.command("explain")
@click.argument("text", required=False, metavar="[TEXT]")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="The port that the client connects to.")
@click.option("--mode", metavar="M",
              help='implicit, starttls or plain, or the words of a setting ("SMTPSecure=ssl").')
@click.option("--settings", metavar="FILE", help="A file with the mailer's settings.")
@click.option("--framework", metavar="F", help="Whose settings these are; default is to recognise it.")
@click.option("--all", "everything", is_flag=True, help="Also the causes that are unlikely.")
@BRIEF
@STRICT
@JSON
def command(text: str | None, port: int | None, mode: str | None, settings: str | None, framework: str | None,
            everything: bool, brief: bool, strict: bool, as_json: bool) -> int:
    """Say what may have caused an error text, most likely first, and what would settle it.

    TEXT is the error, or a file with a log; without it, stdin is read, unless port and mode are given. Example:
    smtplab explain "wrong version number" --port 587
    """
    known_framework(framework)
    found = explain(_text(text, bool(port and (mode or settings))), port=port, mode=mode,
                    settings=_file(settings) if settings else None, framework=framework)
    least = 0 if everything else LEAST
    emit(as_json, found, lambda all_of_them: heading(all_of_them[0]) if brief else
         explanations(all_of_them, least, width()), Explanations.to_json)
    return 1 if strict and found[0].cause is not Cause.OK else 0


def _text(text: str | None, may_lack: bool) -> str:
    """The text that was given, or the file's of that name, or stdin's."""
    if text is None and may_lack and at_terminal():
        return ""  # a hang has often no text
    if text in (None, "-"):
        return read_input(text, paste="error text")
    return _file(text) if text and "\n" not in text and len(text) < 4096 and os.path.isfile(text) else text or ""


def _file(file: str) -> str:
    try:
        return read_input(file)
    except OSError as exc:
        raise click.UsageError(f"can't read {file}: {exc.strerror}; give a file that is there") from None
