"""`smtplab rehearse`: every lesson run once on this machine, its measured seconds beside its planned minutes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..course.rehearsal import CELL_TIMEOUT_S, Rehearsed, lessons, rehearse
from ..workbench import notebooks
from .common import JSON, say, say_json

_FORM = "{:<28}{:>8}{:>7}{:>9}  {}"


@click.command("rehearse")
@click.argument("words", nargs=-1, metavar="[DIR] [LESSON]...")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0, min_open=True), default=CELL_TIMEOUT_S,
              show_default=True, metavar="S", help="Seconds for each cell.")
@JSON
def command(words: tuple[str, ...], timeout_s: float, as_json: bool) -> int:
    """Run the lessons, and show how long their cells take.

    Each runs without a browser, in a kernel of its own; beside the seconds stand the minutes planned for people.
    LESSON is the beginning of a name, and DIR a folder of notebooks in place of the course's own. Nothing in it is
    changed.
    Example: smtplab rehearse 00 03
    """
    folder, names = (Path(words[0]), words[1:]) if words and Path(words[0]).is_dir() else (notebooks()[0], words)
    chosen, done = lessons(folder, names), []
    try:
        if not as_json:
            say(_FORM.format("lesson", "planned", "cells", "measured", "slowest cells"))
        for path in chosen:
            done.append(rehearse(path, timeout_s=timeout_s, listener=lambda *cell, path=path: _status(path, *cell)))
            _status()
            if not as_json:
                say("\n".join(_lines(done[-1])))
    finally:  # at Ctrl-C too: what was seen so far
        _status()
        say_json([lesson.to_dict() for lesson in done]) if as_json else say(_total(done, len(chosen)))
    return 0 if all(lesson.ok for lesson in done) else 1


def _lines(lesson: Rehearsed) -> list[str]:
    slow = ", ".join(f"{cell.cell} ({cell.number}) {cell.seconds:.1f} s" for cell in lesson.slowest())
    lines = [_FORM.format(lesson.lesson, f"{_minutes(lesson.minutes)} min", lesson.code_cells,
                          f"{lesson.seconds:.1f} s", slow).rstrip()]
    if not lesson.ok:
        where = f"cell {lesson.cells[-1].number} ({lesson.cells[-1].cell})" if lesson.cells else "before any cell"
        lines.append(f"    FAILED, {where}: {lesson.failure}")
    return lines


def _minutes(minutes: tuple[int, int] | None) -> str:
    if minutes is None:
        return "?"
    return "-".join(map(str, dict.fromkeys(minutes)))


def _total(done: list[Rehearsed], count: int) -> str:
    # A lesson and its translation, NAME.ja, are one in the plan.
    planned = {lesson.lesson.partition(".")[0]: lesson.minutes for lesson in done if lesson.minutes}
    failed = [lesson.lesson for lesson in done if not lesson.ok]
    minutes = _minutes((sum(m[0] for m in planned.values()), sum(m[1] for m in planned.values())))
    return (f"{len(done)} of {count} notebooks, {sum(lesson.code_cells for lesson in done)} cells: "
            f"{sum(lesson.seconds for lesson in done):.1f} s measured, {minutes} min planned; "
            + (f"FAILED: {', '.join(failed)}" if failed else "no cell failed" if len(done) == count else "interrupted"))


def _status(path: Path | None = None, cell: str = "", number: int = 0, of: int = 0) -> None:
    """What runs now, where a person looks on; without a path, nothing any more."""
    if sys.stderr.isatty():
        words = f"{path.stem}: cell {number} of {of} ({cell})" if path else ""
        print(f"\r{words}\033[K", end="", file=sys.stderr, flush=True)
