"""`smtplab read`: the mail connections of a capture, each with its verdict and its transcript."""

from __future__ import annotations

import click

from ..address import MAIL_PORTS, port_number
from ..report import heading, sizes, transcript, verdict
from ..show.screen import width
from ..show.text import brief_trace
from ..trace import Trace
from .io import JSON, emit, json_text, warn


@click.command("read")
@click.argument("file", metavar="FILE")
@click.option("--ports", metavar="P,P",
              help=f"The servers' ports.  [default: {','.join(map(str, MAIL_PORTS))}]")
@click.option("--brief", is_flag=True, help="Print a line for each connection.")
@JSON
def command(file: str, ports: str | None, brief: bool, as_json: bool) -> int:
    """Explain the mail connections of a capture, pcap or pcapng.

    Make one by tcpdump -w FILE.pcapng port 587. In JSON it is a list of handshake documents. Ends with 1 if one of
    them failed, or none is there. Example: smtplab read FILE.pcapng --ports 587,2525
    """
    try:
        numbers = [port_number(port) for port in ports.split(",")] if ports is not None else list(MAIL_PORTS)
        traces = Trace.from_pcap(file, ports=numbers)
    except OSError as exc:
        raise click.UsageError(f"can't read {file}: {exc.strerror}; give a capture that is there") from None
    except ValueError as exc:
        raise click.UsageError(f"{file}: {exc}") from None
    emit(as_json, traces, _brief if brief else _stories, lambda found: json_text([one.to_dict() for one in found]))
    if not traces:
        warn(f"{file} holds no connection to {', '.join(map(str, numbers))}; --ports names others")
    return 0 if traces and all(one.ok for one in traces) else 1


def _brief(traces: list[Trace]) -> str:
    return "\n".join(f"#{number} {brief_trace(one)}" for number, one in enumerate(traces, 1))


def _stories(traces: list[Trace]) -> str:
    """The verdicts first, if there are several; then each connection's own, and its story."""
    several = len(traces) > 1
    parts = [_brief(traces)] * several
    for number, one in enumerate(traces, 1):
        name = [f"--- #{number}"] * several
        parts.append("\n".join([*name, verdict(one, str(one.certificate or ""), width()), "", heading(one),
                                *transcript(one.events), "", sizes(one)]))
    return "\n\n".join(parts)
