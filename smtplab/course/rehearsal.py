"""Rehearse a lesson: run its notebook without a browser, time each cell, and report the first that fails.

A lesson runs in a kernel of its own, in an empty temporary folder, and its progress is discarded. It ends at the first
cell that fails, as Run All does. The measured times are this machine's, for the cells alone; the planned minutes, which
the lesson itself states, are for a person who also reads and thinks.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import ending
from ..lab.own_files import own_folder
from .exercises import safe_str
from .minutes import minutes_by_rule

if TYPE_CHECKING:  # they take seconds to import, and `smtplab --help` imports this module
    from nbclient import NotebookClient
    from nbformat import NotebookNode

SCHEMA = "smtplab.rehearsal/1"
CELL_TIMEOUT_S = 60
END_S = 1.6  # half of it before the kernel gets SIGTERM, half before it is killed
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
          "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
          "forty": 40, "fifty": 50, "sixty": 60}
_PLANNED = (re.compile(r"\*([A-Za-z-]+|\d+)(?: to ([A-Za-z-]+|\d+))? minutes"),
            re.compile(r"\*(?:約\s*)?(\d+)(?:\s*[~〜～-]\s*(\d+))?\s*分"))


@dataclass(frozen=True)
class CellTime:
    """One code cell: its id, its number among the code cells (from 1), and how long it ran."""

    cell: str
    number: int
    seconds: float


@dataclass(frozen=True)
class Rehearsed:
    """One lesson's run.

    `minutes` is the plan that the lesson's first cell states, (least, most), or None, and `by_rule` what it takes by
    the rule that holds for all lessons. `code_cells` is how many code cells the lesson has, `cells` the ones that ran.
    `seconds` includes the kernel's start. `failure` is the error of
    the last of `cells`, or why none ran; None if every cell ran.
    """

    lesson: str
    minutes: tuple[int, int] | None
    code_cells: int
    cells: tuple[CellTime, ...]
    seconds: float
    failure: str | None = None
    by_rule: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every cell ran."""
        return self.failure is None

    def slowest(self, count: int = 3, least_s: float = 0.5) -> list[CellTime]:
        """The `count` cells that took longest, without those under `least_s`."""
        slow = [cell for cell in self.cells if cell.seconds >= least_s]
        return sorted(slow, key=lambda cell: -cell.seconds)[:count]

    def to_dict(self) -> dict:
        """The run as `smtplab rehearse --json` prints it."""
        return {"schema": SCHEMA, "lesson": self.lesson, "minutes": self.minutes and list(self.minutes),
                "minutes_by_rule": round(self.by_rule, 1),
                "seconds": self.seconds, "code_cells": self.code_cells, "cells": [vars(cell) for cell in self.cells],
                "failure": self.failure}


def planned_minutes(text: str) -> tuple[int, int] | None:
    """Read the plan in a lesson's first cell, such as "*Thirty to forty-five minutes.*", as (least, most).

    None if there is none.
    """
    for pattern in _PLANNED:
        if found := pattern.search(text):
            with contextlib.suppress(KeyError):
                least = _number(found[1])
                return least, _number(found[2]) if found[2] else least
    return None


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else sum(_WORDS[part] for part in word.lower().split("-"))


def lessons(folder: Path, names: Iterable[str] = ()) -> list[Path]:
    """The notebooks of a folder in order; with `names` ("03", "03-the-hang.ipynb"), those that begin with one of them.

    Raises ValueError for a folder without notebooks, and for a name that none begins with; it lists the ones there are.
    """
    there = sorted(folder.glob("*.ipynb"))
    if not there:
        raise ValueError(f"no notebooks in {folder}")
    names = [name.removesuffix(".ipynb") for name in names]
    for name in names:
        if not any(path.stem.startswith(name) for path in there):
            raise ValueError(f"no notebook begins with {name!r}; there are: {', '.join(p.stem for p in there)}")
    return [path for path in there if not names or any(path.stem.startswith(name) for name in names)]


def rehearse(path: Path, *, timeout_s: float = CELL_TIMEOUT_S,
             listener: Callable[[str, int, int], None] = lambda cell, number, of: None) -> Rehearsed:
    """Run one notebook. `listener` is called as each code cell begins: id, number, how many there are.

    An error in a cell, or a file that is no notebook, is reported in the result. KeyboardInterrupt is raised after the
    kernel has ended. Must not be called while an event loop runs in this thread.
    """
    import nbformat
    start = time.monotonic()
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as exc:  # nbformat passes on whatever its JSON reader and its schema check raise
        return Rehearsed(path.stem, None, 0, (), 0.0, f"not a notebook: {_one_line(exc)}")
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    count = sum(cell.cell_type == "code" for cell in notebook.cells)
    cells: list[CellTime] = []
    with own_folder(short=True) as home:  # Unix sockets will be in it
        try:
            failure = asyncio.run(_run(notebook, home, cells, count, timeout_s, listener))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
    return Rehearsed(path.stem, planned_minutes(texts[0]) if texts else None, count, tuple(cells),
                     time.monotonic() - start, failure, minutes_by_rule(notebook.cells))


async def _run(notebook: NotebookNode, home: Path, cells: list[CellTime], count: int, timeout_s: float,
               listener: Callable[[str, int, int], None]) -> str | None:
    """Start a kernel, run the cells, end the kernel. Returns the failure or None; raises CancelledError at a signal."""
    from nbclient import NotebookClient
    work = home / "work"
    work.mkdir()
    own = {"SMTPLAB_PROGRESS": str(home / "progress.json"), "TMPDIR": str(home)}
    client = NotebookClient(notebook, timeout=timeout_s, resources={"metadata": {"path": str(work)}})
    # An AsyncKernelManager; nbclient's annotation names its base, whose methods can't be awaited.
    manager: Any = client.create_kernel_manager()
    manager.connection_file = str(home / "kernel.json")
    if os.name == "posix":  # over TCP, a lab server could take a port between its choice and its use
        manager.transport = "ipc"
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    running = asyncio.ensure_future(_run_cells(client, {**os.environ, **own}, home / "stderr", cells, count, listener))

    def stop() -> None:  # repeated, since nbclient may swallow a cancellation and go on
        stopped.set()
        if not running.done():
            running.cancel()
            loop.call_later(0.2, stop)

    with ending.instead(lambda: loop.call_soon_threadsafe(stop)):
        try:
            failure = await running
        finally:
            # This interrupts the kernel first, so that programs and servers that a cell has started can end; a kernel
            # that doesn't react is killed. asyncio.run leads here at Ctrl-C too.
            manager.shutdown_wait_time = END_S
            await manager.shutdown_kernel()
            if client.kc is not None:
                client.kc.stop_channels()
    if stopped.is_set():
        raise asyncio.CancelledError
    return failure


async def _run_cells(client: NotebookClient, environment: dict[str, str], said: Path, cells: list[CellTime], count: int,
                     listener: Callable[[str, int, int], None]) -> str | None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    try:
        with open(said, "wb") as stderr:  # a kernel interrupted as it starts prints a long traceback
            await client.async_start_new_kernel(env=environment, stderr=stderr)
        await client.async_start_new_kernel_client()
        for index, cell in enumerate(client.nb.cells):
            if cell.cell_type == "code":
                number = len(cells) + 1
                listener(cell.get("id", ""), number, count)
                start = time.monotonic()
                try:
                    await client.async_execute_cell(cell, index)
                finally:
                    cells.append(CellTime(cell.get("id", ""), number, time.monotonic() - start))
    except CellExecutionError as exc:
        return _one_line(f"{exc.ename}: {exc.evalue}")
    except CellTimeoutError:
        return f"still running after {client.timeout:g} s"
    except DeadKernelError:
        words = said.read_text(encoding="utf-8", errors="replace").strip()
        return _one_line(f"the kernel died: {words[-200:]}" if words else "the kernel died")
    except Exception as exc:  # no kernel of that name, no room for its files
        return _one_line(f"no kernel: {type(exc).__name__}: {exc}")
    return None


def _one_line(value: object) -> str:
    return " ".join(safe_str(re.sub(r"\x1b\[[\d;]*m", "", str(value))).split())[:300]
