"""`smtplab rehearse`: every lesson run once on this machine, its measured seconds beside its planned minutes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from ..course.rehearsal import CELL_TIMEOUT_S, Rehearsed, lessons, rehearse
from ..jupyter_launcher import notebooks
from .io import JSON, emit, json_text, say, status_line

_FORM = "{:<28}{:>9}{:>9}{:>7}{:>9}  {}"


@click.command("rehearse")
@click.argument("words", nargs=-1, metavar="[DIR] [LESSON]...")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0, min_open=True), default=CELL_TIMEOUT_S,
              show_default=True, metavar="S", help="Seconds for each cell.")
@JSON
def command(words: tuple[str, ...], timeout_s: float, as_json: bool) -> int:
    """Run the lessons, and show how long their cells take.

    Each runs without a browser, in a kernel of its own; beside the seconds stand the minutes planned for people, and
    those by one rule for all: 150 words a minute, 1.5 for a cell, 3 for a challenge or a widget, half for a prediction,
    none for what is folded.
    LESSON is the beginning of a name, and DIR a folder of notebooks in place of the course's own. Nothing in it is
    changed.
    Example: smtplab rehearse 00 03
    """
    folder, names = (Path(words[0]), words[1:]) if words and Path(words[0]).is_dir() else (notebooks()[0], words)
    chosen = lessons(folder, names)
    done: list[Rehearsed] = []
    try:
        if not as_json:
            say(_FORM.format("lesson", "planned", "by rule", "cells", "measured", "slowest cells"))
        for path in chosen:
            done.append(rehearse(path, timeout_s=timeout_s, listener=partial(_show_cell, path.stem)))
            status_line()
            if not as_json:
                say("\n".join(_lines(done[-1])))
    finally:  # at Ctrl-C too: what was seen so far
        status_line()
        emit(as_json, done, lambda done: _total(done, len(chosen)),
             lambda done: json_text([lesson.to_dict() for lesson in done]))
    return 0 if all(lesson.ok for lesson in done) else 1


def _lines(lesson: Rehearsed) -> list[str]:
    slow = ", ".join(f"{cell.cell} ({cell.number}) {cell.seconds:.1f} s" for cell in lesson.slowest())
    lines = [_FORM.format(lesson.lesson, f"{_minutes(lesson.minutes)} min", f"{lesson.by_rule:.0f} min",
                          lesson.code_cells,
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
    rule = sum({lesson.lesson.partition(".")[0]: lesson.by_rule for lesson in reversed(done)}.values())
    return (f"{len(done)} of {count} notebooks, {sum(lesson.code_cells for lesson in done)} cells: "
            f"{sum(lesson.seconds for lesson in done):.1f} s measured, {minutes} min planned, {rule:.0f} by rule; "
            + (f"FAILED: {', '.join(failed)}" if failed else "no cell failed" if len(done) == count else "interrupted"))


def _show_cell(lesson: str, cell: str, number: int, count: int) -> None:
    status_line(f"{lesson}: cell {number} of {count} ({cell})")
