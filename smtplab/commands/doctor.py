"""`smtplab doctor`: versions, tools, and whether the lab works on this machine."""

from __future__ import annotations

import click

from ..lab.doctor import examine
from .common import JSON, say, say_json


@click.command("doctor")
@JSON
def command(as_json: bool) -> int:
    """Show versions and tools, and try the lab on this machine. Example: smtplab doctor"""
    found = examine()
    lines = [(name, value or "not here") for part in ("versions", "tools") for name, value in found[part].items()]
    lines += [("witness", "OpenSSL reports what it reads" if found["witness"] else "not in this Python"),
              ("capture", found["capture"])]
    lines += [("self-test", f"{'works' if ok else 'FAILS'}: {what}") for what, ok in found["self_test"].items()]
    say_json(found) if as_json else say("\n".join(f"{name:12} {value}" for name, value in lines))
    return 0 if all(found["self_test"].values()) else 1
