"""`smtplab doctor`: versions, tools, and whether the lab works on this machine."""

from __future__ import annotations

from typing import Any

import click

from ..lab.doctor import examine
from .io import JSON, emit, json_text


@click.command("doctor")
@JSON
def command(as_json: bool) -> int:
    """Show versions and tools, and try the lab on this machine. Example: smtplab doctor"""
    found = examine()
    emit(as_json, found, _table, lambda one: json_text({"schema": "smtplab.doctor/1", **one}))
    return 0 if all(found["self_test"].values()) else 1


def _table(found: dict[str, Any]) -> str:
    lines = [("self-test", f"{'works' if ok else 'FAILS'}: {what}") for what, ok in found["self_test"].items()]
    lines += [(name, value or "not here") for part in ("versions", "tools") for name, value in found[part].items()]
    lines += [("witness", "OpenSSL reports what it reads" if found["witness"] else "not in this Python"),
              ("capture", found["capture"])]
    return "\n".join(f"{name:12} {value}" for name, value in lines)
