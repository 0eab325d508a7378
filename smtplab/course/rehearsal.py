"""Lessons run as a learner would, without a browser: how long each cell takes, and whether any of them fails.

A lesson runs in a kernel of its own, in an empty temporary folder, and keeps no progress. It ends at the first cell
that fails, as Run All does; the next lesson is tried all the same. Times are this machine's, of its cells alone; the
planned minutes, which the lesson itself states, are a person's, who reads and thinks as well.
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
from typing import TYPE_CHECKING

from .. import ending
from ..lab.own_files import own_folder
from .exercises import told

if TYPE_CHECKING:  # they take seconds to import, and `smtplab --help` imports this module
    from nbclient import NotebookClient
    from nbformat import NotebookNode

CELL_TIMEOUT_S = 60
END_S = 1.6  # half for a kernel that ends by itself, half for one that has to be told
_WORDS = {"five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
_PLANNED = (re.compile(r"\*([A-Za-z-]+|\d+)(?: to ([A-Za-z-]+|\d+))? minutes"),
            re.compile(r"\*(?:約\s*)?(\d+)(?:\s*[~〜～-]\s*(\d+))?\s*分"))


@dataclass(frozen=True)
class CellTime:
    """One code cell: its id, its place among the code cells (from 1), and how long it ran."""

    cell: str
    number: int
    seconds: float


@dataclass(frozen=True)
class Rehearsed:
    """One lesson's run. `seconds` has the kernel's start in it; `code_cells` counts those that there are.

    `minutes` are what the lesson's first cell plans, least and most, or None if it says nothing. `failure` is what
    the last of `cells` ended with, or why there is none; None if all went well.
    """

    lesson: str
    minutes: tuple[int, int] | None
    code_cells: int
    cells: tuple[CellTime, ...]
    seconds: float
    failure: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every cell ran."""
        return self.failure is None

    def slowest(self, count: int = 3, least_s: float = 0.5) -> list[CellTime]:
        """The cells that took longest, and at least `least_s`."""
        slow = [cell for cell in self.cells if cell.seconds >= least_s]
        return sorted(slow, key=lambda cell: -cell.seconds)[:count]

    def to_dict(self) -> dict:
        """What `smtplab rehearse --json` prints of it."""
        return {"lesson": self.lesson, "minutes": self.minutes and list(self.minutes), "seconds": self.seconds,
                "code_cells": self.code_cells, "cells": [vars(cell) for cell in self.cells], "failure": self.failure}


def planned_minutes(text: str) -> tuple[int, int] | None:
    """The minutes that a lesson's first cell names, such as "*Thirty to forty-five minutes.*": least and most."""
    for pattern in _PLANNED:
        if found := pattern.search(text):
            with contextlib.suppress(KeyError):
                least = _number(found[1])
                return least, _number(found[2]) if found[2] else least
    return None


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else sum(_WORDS[part] for part in word.lower().split("-"))


def lessons(folder: Path, names: Iterable[str] = ()) -> list[Path]:
    """The notebooks of a folder, in order, or those that begin with one of the names ("03", "03-the-hang.ipynb").

    ValueError says which name fits none, and what there is; also where the folder has no notebook at all.
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
    """Run one notebook. `listener` hears of each code cell as it begins: id, number, how many there are.

    What a cell does wrong is in the result, and so is a file that is no notebook. Whatever interrupts (Ctrl-C) ends
    the kernel first. Call it where no event loop runs.
    """
    import nbformat
    start = time.monotonic()
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as exc:  # nbformat lets out whatever its JSON reader and its schema's check raise
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
                     time.monotonic() - start, failure)


async def _run(notebook: NotebookNode, home: Path, cells: list[CellTime], count: int, timeout_s: float,
               listener: Callable[[str, int, int], None]) -> str | None:
    """What failed; CancelledError if a signal ended it."""
    from nbclient import NotebookClient
    work = home / "work"
    work.mkdir()
    own = {"SMTPLAB_PROGRESS": str(home / "progress.json"), "TMPDIR": str(home)}
    client = NotebookClient(notebook, timeout=timeout_s, resources={"metadata": {"path": str(work)}})
    manager = client.create_kernel_manager()
    manager.connection_file = str(home / "kernel.json")
    if os.name == "posix":  # over TCP a kernel's ports are chosen first and bound later; a lab server may come between
        manager.transport = "ipc"
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    running = asyncio.ensure_future(_run_cells(client, {**os.environ, **own}, home / "stderr", cells, count, listener))

    def stop() -> None:  # again and again: nbclient may take being cancelled for something else, and go on
        stopped.set()
        if not running.done():
            running.cancel()
            loop.call_later(0.2, stop)

    with ending.instead(lambda: loop.call_soon_threadsafe(stop)):
        try:
            failure = await running
        finally:
            # Interrupted first, so that what a cell began has its chance to end: a program, a server. A kernel that
            # doesn't hear of it is killed. asyncio.run comes here at Ctrl-C too.
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
        with open(said, "wb") as stderr:  # a kernel that is interrupted as it starts says so, at length
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
    return " ".join(told(re.sub(r"\x1b\[[\d;]*m", "", str(value))).split())[:300]
