"""Reports, verdicts and matrices as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..lab.port_report import table, text_of

if TYPE_CHECKING:
    from ..lab.matrix import MatrixRow
    from ..verdict import Verdict

ports = text_of  # of a list of `PortReport`


def verdict(found: Verdict) -> str:
    """OpenSSL's checks in order, down to verdict and alert."""
    lines = [f"OpenSSL {found.openssl} reads: {found.header or 'fewer than five bytes'}"]
    lines += [f"  {'passed' if c.passed else 'FAILED'}  {c.check}: {c.because}" for c in found.checks]
    from ..verdict import branch_of  # a trace alone needs none of OpenSSL's checks
    lines[0] += "" if branch_of(found.openssl).measured else " (this release was not measured)"
    waits = "it waits for" if found.verdict == "wait" else "it needed"
    lines.append(f"verdict: {found.verdict}; {waits} {found.bytes_needed} bytes; "
                 f"alert sent: {found.alert or 'none'}")
    return "\n".join(lines)


def cells(rows: Iterable[MatrixRow]) -> str:
    """A matrix as a table of causes, a column a mode; "?" marks what is not certain."""
    rows = list(rows)
    if not rows:
        return "no dial came to its end"
    modes = list(dict.fromkeys(row.mode for row in rows))
    by = {(row.server, row.mode): row for row in rows}
    lines = [("server \\ client", *(mode.value for mode in modes))]
    for kind in dict.fromkeys(row.server for row in rows):
        lines.append((kind, *(cell(by[kind, mode]) if (kind, mode) in by else "" for mode in modes)))
    return table(lines)


def cell(row: MatrixRow) -> str:
    """One cell in a few words."""
    doubt, odd = "" if row.certain else "?", "" if row.cause is row.expected else f" (expected {row.expected})"
    return f"{row.cause}{doubt}, read {row.bytes_read}, {row.seconds:.1f} s{odd}"
