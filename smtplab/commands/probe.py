"""`smtplab probe`: what each port of each host speaks."""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta

import click

from ..address import MAIL_PORTS, name_address
from ..lab.port_report import MAIL, PortReport, PortReports, rows_of
from ..lab.probe import probe
from .io import JSON, TIMEOUT, Ticker, at_terminal, emit, read_input, warn

_SPAN = re.compile(r"([0-9]{1,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Span(click.ParamType):
    """A time such as 36h, 14d or 2w."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The time that the text names."""
        if isinstance(value, timedelta):
            return value
        if found := _SPAN.fullmatch(str(value)):
            return int(found[1]) * _UNITS[found[2]]
        return self.fail(f"{value!r} is no time such as 36h, 14d or 2w", param, ctx)


@click.command("probe")
@click.argument("hosts", nargs=-1, metavar="HOST[:PORT]...")
@click.option("--ports", metavar="P,P",
              help=f"For hosts that name no port.  [default: {','.join(map(str, MAIL_PORTS))}]")
@TIMEOUT
@click.option("--ca", "ca_file", metavar="FILE", help="Trust this authority instead of the system's.")
@click.option("--server-name", metavar="N", help="The name to ask for and to check; default is the host.")
@click.option("--insecure", is_flag=True, help="Do not check the certificate; tell of it all the same.")
@click.option("--strict", is_flag=True,
              help="End with 1 if a port has no TLS, takes logins before it, or shows a certificate that is not "
                   "accepted; and if one that was named speaks no mail.")
@click.option("--expires-within", "within", type=Span(), metavar="SPAN",
              help="End with 1 if a certificate ends within 36h, 14d, 2w or such.")
@click.option("--brief", is_flag=True, help="Print a line for each port.")
@JSON
def command(hosts: tuple[str, ...], ports: str | None, timeout_s: float, ca_file: str | None, server_name: str | None,
            insecure: bool, strict: bool, within: timedelta | None, brief: bool, as_json: bool) -> int:
    """Say what each port speaks, and what its certificate says. A list of hosts may also come on stdin.

    Ends with 0 if mail is spoken on at least one of the ports; --strict and --expires-within ask for more. In JSON,
    "stable" is what two runs have in common if nothing has changed. Example: smtplab probe mail.example.net
    """
    names = list(hosts) or ([] if at_terminal() else read_input().split())
    if not names:
        raise click.UsageError("name a host, or give a list of them on stdin")
    try:
        numbers = [int(port) for port in ports.split(",")] if ports is not None else list(MAIL_PORTS)
    except ValueError:
        raise click.UsageError(f"--ports {ports!r} is no list of numbers, such as 465,587") from None
    found = PortReports()
    with Ticker(f"probing {len(names)} host(s)", timeout_s), contextlib.suppress(KeyboardInterrupt):
        found = probe(names, numbers, timeout_s=timeout_s, ca_file=ca_file, server_name=server_name,
                      verify=not insecure, listener=found.append)
    emit(as_json, found, rows_of if brief else str, PortReports.to_json)
    bad = [words for report in found for words in _bad(report, strict, ports is not None or report.host not in names,
                                                       within)]
    for words in bad:
        warn(words)
    return 0 if not bad and any(report.speaks in MAIL for report in found) else 1


def _bad(report: PortReport, strict: bool, named: bool, within: timedelta | None) -> list[str]:
    """Why the command ends with 1 for this port; `named`: it was asked for by its number."""
    where, out = name_address((report.host, report.port)), []
    if strict:
        out += [f"{where}: {words}" for words in report.insecure]
        out += [f"{where}: it speaks no mail ({report.speaks})"] * (named and report.speaks not in MAIL)
    if within is not None and report.certificate and report.expires_within(within):
        days = report.certificate.days_left
        out.append(f"{where}: its certificate {report.certificate.wrong_dates or f'ends in {days} days'}")
    return out
