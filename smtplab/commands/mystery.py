"""`smtplab mystery`: a round of mystery servers in a terminal, or the trainer's key to one."""

from __future__ import annotations

import io
import sys

import click

from ..course.mysteries.draw import MOST, mystery_key
from ..course.mysteries.prompt import Prompt
from ..course.mysteries.round import Round
from .io import at_terminal, say


@click.command("mystery")
@click.argument("seed", required=False)
@click.option("--count", default=6, show_default=True, metavar="N", type=click.IntRange(1, MOST),
              help="How many servers.")
@click.option("--key", is_flag=True, hidden=True, help="Print the trainer's key, and start nothing.")
def command(seed: str | None, count: int, key: bool) -> int:
    """Start servers with hidden faults, judge verdicts on them, and let their clients be mended.

    The same SEED gives everybody the same tickets. Look at the servers from another terminal, with any program.
    Ends with 0 if all were solved and mended. Example: smtplab mystery tuesday
    """
    if key:
        if seed is None:
            raise click.UsageError("--key is for a seed: smtplab mystery SEED --key")
        say(mystery_key(seed, count))
        return 0
    interactive = at_terminal()
    if isinstance(sys.stdin, io.TextIOWrapper):  # so that an odd byte in a paste does not end the round
        sys.stdin.reconfigure(errors="backslashreplace")
    with Round(seed, count) as game:
        try:
            Prompt(game, interactive=interactive, stdin=io.StringIO() if sys.stdin is None else None).cmdloop()
        except KeyboardInterrupt:
            say()
        say(game.summary().partition(" The servers")[0])
        return 0 if game.done else 1
