"""`Matrix`: client modes against kinds of servers, run live; each cell opens the Player of its dial."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets
import traitlets

from ..causes import Cause
from ..escape import printable
from ..events import Mode
from ..lab.matrix import EXPECTED, MatrixRow, MatrixRun
from ..literals import KindName, ModeName
from ..recorded.state import live_only
from ..trace import Trace
from .player import PlayerBox
from .running import Job, Running, RunPanel
from .text import cell as cell_text
from .text import cells, table
from .widget_base import HERE, ScriptWidget, instead_of_earlier

BESIDES_S = 2.0  # what starting the servers and ending the dials may take beside the time-out
NOT_YET = {"key": "", "sign": "…", "word": "dialling", "detail": "", "tone": "busy"}
STOPPED = {"key": "", "sign": "–", "word": "stopped", "detail": "before it was known", "tone": "off"}


class MatrixGrid(ScriptWidget):
    """A table whose cells can be chosen, by click or by arrow keys and Enter. All that it holds is plain values.

    A row is {"key", "head", "cells"}, a cell {"key", "sign", "word", "detail", "tone"}; `chosen` is the
    key of the chosen cell. Cells without a key can't be chosen.
    """

    _esm = HERE / "matrix.js"
    _css = HERE / "matrix.css"
    label = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    columns: traitlets.List[str] = traitlets.List().tag(sync=True)
    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)

    def text(self) -> str:
        """The table as text."""
        return grid_text(self.columns, self.rows)


def grid_text(columns: list[str], rows: list[dict[str, Any]]) -> str:
    """Columns and rows of a `MatrixGrid` as text."""
    lines = [(row["head"], *(" ".join(filter(None, (c["sign"], c["word"], c["detail"]))) for c in row["cells"]))
             for row in rows]
    return table([tuple(columns), *lines])


def outcome(trace: Trace) -> dict[str, str]:
    """What a cell says about a trace: a sign, a word and a tone. The tone adds nothing to the sign."""
    if not trace.certain:
        return {"sign": "?", "word": trace.cause.value, "tone": "doubt"}
    if trace.cause is Cause.OK:
        return {"sign": "✓", "word": "ok" if trace.tls else "ok, in clear", "tone": "ok"}
    return {"sign": "✗", "word": trace.cause.value, "tone": "bad"}


def grid_cell(row: MatrixRow) -> dict[str, str]:
    """The cell of the grid for one dial of the matrix."""
    detail = ("" if row.certain else "not certain; ") + f"read {row.bytes_read} B in {row.seconds:.2f} s"
    if row.waiting_for:
        detail += f", waits: {row.waiting_for}"
    if row.cause is not row.expected:
        detail += f"; unexpected, should be {row.expected}"
    return {"key": f"{row.server}|{row.mode.value}", **outcome(row.trace), "detail": printable(detail)}


class Matrix(RunPanel):
    """Every client mode against every kind of lab server, live: progress, Stop, and a Player for each cell.

    `rows` are the results that have come so far, in the matrix's order. `timeout_s` should be more than the two
    seconds that greets-late takes. Raises ValueError for unknown kinds or modes.
    """

    css_class = "smtplab-matrix"

    def __init__(self, kinds: Iterable[KindName] = tuple(EXPECTED), modes: Iterable[Mode | ModeName] = tuple(Mode), *,
                 timeout_s: float = 4.0, autostart: bool = True) -> None:
        live_only("dial every kind at once; dial those that you want to see, one by one")
        self.kinds, self.modes, self.timeout_s = list(kinds), [Mode.of(mode) for mode in modes], timeout_s
        self._dials()  # raises ValueError for unknown kinds
        self._places = [(kind, mode) for kind in self.kinds for mode in self.modes]
        self._found: dict[tuple[str, Mode], MatrixRow] = {}
        self._player = PlayerBox()
        self.grid = MatrixGrid(label="outcome of each client mode against each kind of server",
                               columns=["server \\ client", *(mode.value for mode in self.modes)],
                               hint="Click a cell, or use arrow keys and Enter, to see its conversation below.")
        self.grid.observe(self._choose, "chosen")
        controls = self.controls("Run again" if autostart else "Run")
        super().__init__([ipywidgets.HBox(controls), self.grid, self._player])
        self._draw(NOT_YET)
        instead_of_earlier(self)
        if autostart:
            self.start()
        else:
            self.stop_button.disabled = True

    @property
    def rows(self) -> list[MatrixRow]:
        """The results that have come so far."""
        found = dict(self._found)
        return [found[place] for place in self._places if place in found]

    @property
    def player(self) -> Any:
        """The Player of the chosen cell; None without one."""
        return self._player.player

    # --- the run ---

    def new_job(self) -> tuple[Job, float]:
        """All dials, from an empty grid."""
        self._found = {}
        self.grid.chosen = ""
        self._player.show(None)
        self.start_button.description = "Run again"
        return self._dials(), self.timeout_s + BESIDES_S

    def _dials(self) -> MatrixRun:
        return MatrixRun(self.kinds, self.modes, timeout_s=self.timeout_s, listener=self._add)

    def _add(self, row: MatrixRow) -> None:
        """Called in the worker's thread; the ticker shows it."""
        self._found[row.server, row.mode] = row

    def show_progress(self, run: Running) -> None:
        """The cells that have come, and how many."""
        self._draw(NOT_YET if run.running else STOPPED)
        count = f"{len(self._found)} of {len(self._places)}"
        took = "" if run.stopped else f" in {run.elapsed_s:.1f} s"
        self.show_run(run, f"{count} dials have ended", f"{count} dials have ended{took}")

    def _draw(self, rest: dict[str, str]) -> None:
        """Show the cells that have come; all others look like `rest`."""
        found = dict(self._found)
        self.grid.rows = [{"key": kind, "head": kind,
                           "cells": [grid_cell(found[kind, mode]) if (kind, mode) in found else rest
                                     for mode in self.modes]} for kind in self.kinds]

    # --- what the page says ---

    def _choose(self, change: dict[str, Any]) -> None:
        kind, _, mode = change["new"].partition("|")
        if mode and (kind, Mode(mode)) in self._found:
            row = self._found[kind, Mode(mode)]
            self.grid.hint = f"Below: a client in mode {mode} against {kind}. {cell_text(row)}."
            self._player.show(row.trace, row.seen)

    def text(self) -> str:
        """The matrix as a table of causes."""
        missing = len(self._places) - len(self._found)
        return cells(self.rows) + (f"\n{missing} of {len(self._places)} dials have not ended" if missing else "")

    def page(self) -> str:
        """The grid."""
        return self.grid.page()
