"""`smtplab matrix`: every client mode against every kind of server, live, as a table."""

from __future__ import annotations

import contextlib

import click

from ..events import Mode
from ..lab.matrix import EXPECTED, MatrixRow, matrix
from ..show import text
from ..show.screen import width
from .io import JSON, Ticker, emit, json_text


@click.command("matrix")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0, min_open=True), default=4.0, show_default=True,
              metavar="S", help="Seconds for each dial; they run side by side.")
@JSON
def command(timeout_s: float, as_json: bool) -> int:
    """Dial every kind of server in every mode, live. Example: smtplab matrix

    The certificate kinds and old-tls are implicit; a client for STARTTLS dials their STARTTLS twins.
    """
    rows: list[MatrixRow] = []
    with Ticker(f"{len(EXPECTED) * len(Mode)} dials", timeout_s), contextlib.suppress(KeyboardInterrupt):
        rows = matrix(timeout_s=timeout_s, listener=rows.append)
    emit(as_json, rows, _text,
         lambda found: json_text([row.to_dict() for row in found]))
    complete = len(rows) == len(EXPECTED) * len(Mode)  # Ctrl-C leaves what was seen so far
    return 0 if complete and all(row.cause is row.expected for row in rows) else 1


def _text(rows: list[MatrixRow]) -> str:
    odd = sum(row.cause is not row.expected for row in rows)
    verdict = f"{len(rows)} dials, {f'{odd} of them not' if odd else 'all'} as expected"
    return f"{verdict}\n\n{text.cells(rows, width())}"
