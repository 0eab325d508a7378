"""`smtplab judge`: what OpenSSL makes of first bytes."""

from __future__ import annotations

import click

from ..show import text
from ..verdict import Verdict, judge
from .io import JSON, emit


@click.command("judge")
@click.option("--hex", "hexadecimal", required=True, metavar="HEX", help="The first bytes from the server.")
@click.option("--openssl", default="3.0", show_default=True, metavar="V", help="The client's OpenSSL.")
@JSON
def command(hexadecimal: str, openssl: str, as_json: bool) -> int:
    """Say what OpenSSL makes of first bytes. Example: smtplab judge --hex 323230206d"""
    try:
        data = bytes.fromhex(hexadecimal.replace(":", ""))
    except ValueError:
        raise click.UsageError(f"--hex {hexadecimal!r} is not hexadecimal, such as 323230206d") from None
    emit(as_json, judge(data, openssl), text.verdict, Verdict.to_json)
    return 0
