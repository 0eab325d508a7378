"""`smtplab probe`: what each port of each host speaks."""

from __future__ import annotations

import contextlib
from dataclasses import asdict

import click

from ..address import MAIL_PORTS
from ..lab.probe import PortReport, Speaks, probe
from ..show import text
from .io import JSON, TIMEOUT, Ticker, at_terminal, emit, json_text, read_input


@click.command("probe")
@click.argument("hosts", nargs=-1, metavar="HOST[:PORT]...")
@click.option("--ports", default=",".join(map(str, MAIL_PORTS)), show_default=True, metavar="P,P",
              help="For hosts that name no port.")
@TIMEOUT
@JSON
def command(hosts: tuple[str, ...], ports: str, timeout_s: float, as_json: bool) -> int:
    """Say what each port speaks. A list of hosts may also come on stdin.

    Ends with 0 if mail is spoken on at least one of the ports. Example: smtplab probe mail.example.net
    """
    names = list(hosts) or ([] if at_terminal() else read_input().split())
    if not names:
        raise click.UsageError("name a host, or give a list of them on stdin")
    try:
        numbers = [int(port) for port in ports.split(",")]
    except ValueError:
        raise click.UsageError(f"--ports {ports!r} is no list of numbers, such as 465,587") from None
    found: list[PortReport] = []
    with Ticker(f"probing {len(names)} host(s)", timeout_s), contextlib.suppress(KeyboardInterrupt):
        found = probe(names, numbers, timeout_s=timeout_s, listener=found.append)
    emit(as_json, found, text.ports, lambda reports: json_text([asdict(report) for report in reports]))
    mail = {Speaks.SMTP, Speaks.SMTP_STARTTLS, Speaks.IMPLICIT_TLS}
    return 0 if any(report.speaks in mail for report in found) else 1
