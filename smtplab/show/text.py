"""Reports, verdicts and matrices as plain text for a terminal."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..address import name_address
from ..causes import Cause
from ..escape import show_bytes
from ..lab.port_report import table, text_of
from ..words import refused_certificate

if TYPE_CHECKING:
    from ..lab.matrix import MatrixRow
    from ..trace import Trace
    from ..verdict import Verdict

NARROW = "A wider terminal, and --json, show bytes and seconds too."

ports = text_of  # of a list of `PortReport`


def verdict(found: Verdict) -> str:
    """OpenSSL's verdict and alert, and its checks in order."""
    lines = [f"OpenSSL {found.openssl} reads: {found.header or 'fewer than five bytes'}"]
    lines += [f"  {'passed' if c.passed else 'FAILED'}  {c.check}: {c.because}" for c in found.checks]
    from ..verdict import branch_of  # a trace alone needs none of OpenSSL's checks
    lines[0] += "" if branch_of(found.openssl).measured else " (this release was not measured)"
    waits = "it waits for" if found.verdict == "wait" else "it needed"
    said = f"verdict: {found.verdict}; {waits} {found.bytes_needed} bytes; alert sent: {found.alert or 'none'}"
    return "\n".join([said, *lines])


def brief_trace(trace: Trace) -> str:
    """A trace in one line: cause, place, mode, what failed or how long the certificate lasts, seconds."""
    where = [name_address(trace.address), trace.mode.value if trace.mode else "mode unknown"]
    if trace.cause is Cause.OK:
        left = trace.certificate.days_left if trace.certificate else None
        where += [trace.tls.version if trace.tls else "no TLS"]
        where += [f"certificate ends in {left} day{'s' * (left != 1)}"] if left is not None and left >= 0 else []
    else:
        said = trace.failure.reason if trace.failure else ""
        where += [refused_certificate(trace)[0].removeprefix("The certificate ").rstrip(".")
                  or (f"waited for {trace.waiting_for}" if trace.waiting_for else show_bytes(said.encode(), 40))]
    doubt = "" if trace.certain else " (not certain)"
    return f"{trace.cause}{doubt}: {', '.join(filter(None, where))}, {trace.seconds:.2f} s"


def cells(rows: Iterable[MatrixRow], width: int = 200) -> str:
    """A matrix as a table of causes, a column a mode; "?" marks what is not certain. Where `width` is less than that
    takes, the causes alone, cut behind their hyphens."""
    rows = list(rows)
    if not rows:
        return "no dial came to its end"
    whole = table(_grid(rows, cell))
    if max(map(len, whole.splitlines())) <= width:
        return whole
    grid = _grid(rows, _cause)
    first = max(len(line[0]) for line in grid)
    column = max(12, (width - first) // (len(grid[0]) - 1) - 2)
    widths = [first, *[column] * (len(grid[0]) - 1)]
    blocks = [_row_of_cells(line, widths) for line in grid]
    blocks.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*blocks, "", NARROW])


def _grid(rows: Sequence[MatrixRow], words: Callable[[MatrixRow], str]) -> list[tuple[str, ...]]:
    """Rows of cells: the modes, then each kind with what `words` says of it in each mode."""
    modes = list(dict.fromkeys(row.mode for row in rows))
    by = {(row.server, row.mode): row for row in rows}
    return [("server \\ client", *(mode.value for mode in modes)),
            *((kind, *(words(by[kind, mode]) if (kind, mode) in by else "" for mode in modes))
              for kind in dict.fromkeys(row.server for row in rows))]


def _row_of_cells(line: Sequence[str], widths: Sequence[int]) -> str:
    """A row whose cells are cut to their columns, at blanks and behind hyphens."""
    pieces = [textwrap.wrap(text, width) for text, width in zip(line, widths, strict=True)]
    return "\n".join("  ".join(part.ljust(width) for part, width in zip(parts, widths, strict=True)).rstrip()
                     for parts in itertools.zip_longest(*pieces, fillvalue=""))


def _cause(row: MatrixRow) -> str:
    odd = "" if row.cause is row.expected else f" (expected {row.expected})"
    return f"{row.cause}{'' if row.certain else '?'}{odd}"


def cell(row: MatrixRow) -> str:
    """One cell in a few words."""
    doubt, odd = "" if row.certain else "?", "" if row.cause is row.expected else f" (expected {row.expected})"
    return f"{row.cause}{doubt}, read {row.bytes_read}, {row.seconds:.1f} s{odd}"
