"""What subcommands share: two options, and lines that come out at once."""

from __future__ import annotations

import json

import click

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
TIMEOUT = click.option("--timeout", "timeout_s", type=click.FloatRange(min=0, min_open=True), default=5.0,
                       show_default=True, metavar="S", help="Seconds for the whole of it.")


def say(line: str = "") -> None:
    """Print a line at once."""
    print(line, flush=True)


def say_json(value: object, indent: int | None = 2) -> None:
    """Print one JSON document at once."""
    say(json.dumps(value, indent=indent))
