"""`smtplab talk`: a hand-typed SMTP conversation."""

from __future__ import annotations

import click

from ..address import parse_address
from ..lab.connect import Failed
from ..lab.talk import talk
from .io import say, warn


@click.command("talk")
@click.argument("address", metavar="HOST:PORT")
def command(address: str) -> int:
    """Do what telnet does: type SMTP lines, see replies and byte counts.

    Example: smtplab talk mail.example.net:587
    """
    try:
        talk(parse_address(address), say)
    except KeyboardInterrupt:
        say()
    except Failed as failed:
        warn(f"no connection to {address}: {failed.failure.message} (smtplab probe says more)")
        return 1
    return 0
