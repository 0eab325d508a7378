"""`Matrix`: client modes against kinds of servers, run live; each cell opens the Player of its dial."""

from __future__ import annotations

from collections.abc import Iterable

import ipywidgets
import traitlets

from ..causes import Cause
from ..escape import printable
from ..events import Mode
from ..lab.matrix import EXPECTED, MatrixRow, MatrixRun
from ..trace import Trace
from .drawn import HERE, Drawn
from .running import Running, button, clock, instead_of_earlier, open_player
from .text import cell as cell_text
from .text import cells, table

BESIDES_S = 2.0  # what starting the servers and ending the dials may take beside the time-out
NOT_YET = {"key": "", "sign": "…", "word": "dialling", "detail": "", "tone": "busy"}
STOPPED = {"key": "", "sign": "–", "word": "stopped", "detail": "before it was known", "tone": "off"}


class MatrixGrid(Drawn):
    """A table whose cells can be chosen, by click or by arrow keys and Enter; it knows no more than text.

    A row is {"key", "head", "cells"}, a cell {"key", "sign", "word", "detail", "tone"}; `chosen` is the
    key of the chosen cell, and cells without a key can't be chosen.
    """

    _esm = HERE / "matrix.js"
    _css = HERE / "matrix.css"
    label = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    columns = traitlets.List().tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)

    def text(self) -> str:
        """The table as text."""
        lines = [(row["head"], *(" ".join(filter(None, (c["sign"], c["word"], c["detail"]))) for c in row["cells"]))
                 for row in self.rows]
        return table([tuple(self.columns), *lines])


def outcome(trace: Trace) -> dict:
    """What a cell says of a trace: a sign, a word and a tone; the tone says nothing that the sign does not."""
    if not trace.certain:
        return {"sign": "?", "word": trace.cause.value, "tone": "doubt"}
    if trace.cause is Cause.OK:
        return {"sign": "✓", "word": "ok" if trace.tls else "ok, in clear", "tone": "ok"}
    return {"sign": "✗", "word": trace.cause.value, "tone": "bad"}


def shown(row: MatrixRow) -> dict:
    """One cell of the grid."""
    detail = ("" if row.certain else "not certain; ") + f"read {row.bytes_read} B in {row.seconds:.2f} s"
    if row.waiting_for:
        detail += f", waits: {row.waiting_for}"
    if row.cause is not row.expected:
        detail += f"; unexpected, should be {row.expected}"
    return {"key": f"{row.server}|{row.mode.value}", **outcome(row.trace), "detail": printable(detail)}


class Matrix(ipywidgets.VBox):
    """Every client mode against every kind of lab server, live: progress, Stop, and a Player for each cell.

    `rows` are the cells that have come, in the matrix's order. `timeout_s` should be over the two
    seconds that greets-late takes. Raises ValueError for unknown kinds or modes.
    """

    _run: Running | None = None
    grid: MatrixGrid | None = None

    def __init__(self, kinds: Iterable[str] = tuple(EXPECTED), modes: Iterable[Mode | str] = tuple(Mode), *,
                 timeout_s: float = 4.0, autostart: bool = True) -> None:
        self.kinds, self.modes, self.timeout_s = list(kinds), [Mode.of(mode) for mode in modes], timeout_s
        self._new_run()  # here, so that wrong arguments are told at once
        self._places = [(kind, mode) for kind in self.kinds for mode in self.modes]
        self._found: dict[tuple[str, Mode], MatrixRow] = {}
        self._start, self._stop = button("Run again", self.start), button("Stop", self.stop)
        self._said, self._player = ipywidgets.HTML(), ipywidgets.VBox()
        self.grid = MatrixGrid(label="outcome of each client mode against each kind of server",
                               columns=["server \\ client", *(mode.value for mode in self.modes)],
                               hint="Click a cell, or use arrow keys and Enter, to see its conversation below.")
        self.grid.observe(self._choose, "chosen")
        super().__init__([ipywidgets.HBox([self._stop, self._start, self._said]), self.grid, self._player])
        self._draw(NOT_YET)
        instead_of_earlier(self)
        if autostart:
            self.start()
        else:
            self._start.description, self._stop.disabled = "Run", True

    @property
    def rows(self) -> list[MatrixRow]:
        """The cells that have come so far."""
        found = dict(self._found)
        return [found[place] for place in self._places if place in found]

    def start(self) -> None:
        """Dial them all, unless that is going on."""
        if self._run and self._run.running:
            return
        self.wait(1)  # for the last word of the run before
        self._found, dials = {}, self._new_run()
        self.grid.chosen = ""
        open_player(self._player, None)
        self._start.description = "Run again"
        self._run = Running(dials.run, stop=dials.stop, limit_s=self.timeout_s + BESIDES_S, tick=self._tick)
        self._run.start()

    def stop(self) -> None:
        """End all dials now; what has come stays."""
        if self._run:
            self._run.stop()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; False if `timeout_s` passed first."""
        return self._run is None or self._run.wait(timeout_s)

    def close(self) -> None:
        """Stop, and take it from the page."""
        self.stop()
        self.wait(2)
        if self.grid:  # none if it could not be made
            open_player(self._player, None)
            self.grid.close()
        super().close()

    # --- in the worker's thread ---

    def _new_run(self) -> MatrixRun:
        return MatrixRun(self.kinds, self.modes, timeout_s=self.timeout_s, listener=self._add)

    def _add(self, row: MatrixRow) -> None:
        self._found[row.server, row.mode] = row

    # --- in the ticker's thread ---

    def _tick(self, run: Running) -> None:
        self._draw(NOT_YET if run.running else STOPPED)
        self._start.disabled, self._stop.disabled = run.running, not run.running
        count = f"{len(self._found)} of {len(self._places)}"
        took = "" if run.stopped else f" in {run.elapsed_s:.1f} s"
        self._said.value = clock(run, f"{count} dials have ended", f"{count} dials have ended{took}")

    def _draw(self, rest: dict) -> None:
        found = dict(self._found)
        self.grid.rows = [{"key": kind, "head": kind,
                           "cells": [shown(found[kind, mode]) if (kind, mode) in found else rest
                                     for mode in self.modes]} for kind in self.kinds]

    # --- what the page says ---

    def _choose(self, change: dict) -> None:
        kind, _, mode = change["new"].partition("|")
        if mode and (kind, Mode(mode)) in self._found:
            row = self._found[kind, Mode(mode)]
            self.grid.hint = f"Below: a client in mode {mode} against {kind}. {cell_text(row)}."
            open_player(self._player, row.trace, row.seen)

    def text(self) -> str:
        """The matrix as a table of causes."""
        missing = len(self._places) - len(self._found)
        return cells(self.rows) + (f"\n{missing} of {len(self._places)} dials have not ended" if missing else "")

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": self.text(), "text/html": self.grid.page()}
