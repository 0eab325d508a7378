"""The four corners as a drawing for slides and print: an SVG, whose letters are the reader's own fonts.

Not matplotlib, whose fonts have no Japanese letters. What is drawn is read from runs; without any, from recorded ones.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..escape import printable
from ..events import Who
from .corner_runs import CornerRun, recorded_corners, wrapped
from .corners import CORNERS, Corner, Words, corner_of, words_of

if TYPE_CHECKING:
    from enum import StrEnum

    from ..lab.server import Server

BLUE, GREEN, VERMILION, ORANGE = "#0072b2", "#009e73", "#d55e00", "#e69f00"  # Okabe and Ito
CARD, INK, FAINT = "#ffffff", "#1a1a1a", "#595959"
TONES = {"ok": (GREEN, ""), "bad": (VERMILION, "10 3"), "hang": (ORANGE, "3 4")}
SIDE, CELL, GAP, HEAD, LINE = 190, 360, 12, 62, 20  # pixels: widths, the gap, the heads' height, a line of text
LETTERS, SIDE_LETTERS = 45, 23  # columns of text in a cell, and in the heads of rows


@dataclass(frozen=True)
class Drawing:
    """An SVG, and what it shows in words, `alt`."""

    svg: str
    alt: str

    def save(self, path: str | Path) -> Path:
        """Write it to a file whose name ends in .svg; ValueError for another ending."""
        path = Path(path)
        if path.suffix != ".svg":
            raise ValueError(f"this drawing is an .svg, and no {path.suffix or 'file without an ending'}")
        path.write_text(self.svg, encoding="utf-8")
        return path

    def __str__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        image = (f'<img alt="{html.escape(self.alt)}" style="max-width:100%;height:auto;border-radius:6px" '
                 f'src="data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}">')
        return {"text/plain": self.alt, "text/html": image, "image/svg+xml": self.svg}


def plot_four_corners(runs: Iterable[CornerRun] | None = None, *, lang: str = "en",
                      corner: tuple[str | None, Server | StrEnum | str | int] | None = None) -> Drawing:
    """The square of four as a drawing: of these `runs`, such as `FourCorners().run().runs`, or of recorded ones.

    A corner without a run is drawn empty. `corner`, a (mode, port or kind), marks one, if it is one of the four. Raises
    ValueError for an unknown `lang`."""
    words = words_of(lang)
    found = {run.corner: run for run in (recorded_corners() if runs is None else runs)}
    here = corner_of(*corner).corner if corner else None
    texts = {each: _lines(found.get(each), words) for each in CORNERS}
    marks = {mode: bool(here and here.mode == mode) for mode in words.rows}
    heights = {mode: (max(len(texts[each]) for each in CORNERS if each.mode == mode) + marks[mode]) * LINE + 62
               for mode in words.rows}
    parts, y = [*_heads(words)], HEAD
    for mode, (name, more) in words.rows.items():
        middle = y + heights[mode] / 2
        lines = wrapped(name, SIDE_LETTERS)
        parts += [_say(4, middle + (at - len(lines) / 2) * LINE, line, bold=True) for at, line in enumerate(lines)]
        parts += [_say(4, middle + (len(lines) / 2 + at) * LINE, line)
                  for at, line in enumerate(wrapped(more, SIDE_LETTERS))]
        for at, each in enumerate(one for one in CORNERS if one.mode == mode):
            x = SIDE + at * (CELL + GAP)
            parts += _cell(x, y, heights[mode], found.get(each), texts[each], words, each == here, marks[mode])
        y += heights[mode] + GAP
    notes = list(dict.fromkeys(run.note(words) for run in found.values() if run.recorded))
    parts += [_say(SIDE, y + 8 + at * LINE, note, colour=FAINT) for at, note in enumerate(notes)]
    width, height = SIDE + 2 * CELL + GAP + 4, y + 16 + len(notes) * LINE
    alt = _alt(found, words, here, notes)
    return Drawing(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -6 {width + 20:g} {height + 8:g}" '
                   f'width="{width + 20:g}" height="{height + 8:g}" role="img" '
                   f'font-family="system-ui, \'DejaVu Sans\', \'Noto Sans CJK JP\', sans-serif" font-size="14" '
                   f'fill="{INK}"><title>{html.escape(alt)}</title>'
                   f'<rect x="-10" y="-6" width="{width + 20:g}" height="{height + 8:g}" fill="{CARD}"/>'
                   f'{"".join(parts)}</svg>', alt)


def _alt(found: dict[Corner, CornerRun], words: Words, here: Corner | None, notes: list[str]) -> str:
    said = [(f"[{words.here}] " if each == here else "") + run.sentence(words)
            for each in CORNERS if (run := found.get(each))]
    return printable("\n".join([f"{words.title}.", *said, *notes]))


def _lines(run: CornerRun | None, words: Words) -> list[tuple[str, bool]]:
    """What stands in a cell, and whether it is bold."""
    if run is None:
        return [(words.not_run, False)]
    headline = wrapped(f"{run.sign} {run.headline(words)}", LETTERS - 4)
    facts = [line for name, value in run.facts(words) for line in wrapped(f"{name}: {value}", LETTERS)]
    return [*((line, True) for line in headline), *((line, False) for line in facts)]


def _heads(words: Words) -> Iterable[str]:
    for at, (name, more) in enumerate(words.columns.values()):
        yield _say(SIDE + at * (CELL + GAP) + 4, 22, name, bold=True)
        yield _say(SIDE + at * (CELL + GAP) + 4, 42, more)


def _cell(x: float, y: float, height: float, run: CornerRun | None, lines: list[tuple[str, bool]], words: Words,
          here: bool, room: bool) -> Iterable[str]:
    colour, dashes = TONES.get(run.tone, (FAINT, "1 5")) if run else (FAINT, "1 5")
    yield (f'<rect x="{x:g}" y="{y:g}" width="{CELL}" height="{height:g}" rx="6" fill="none" '
           f'stroke="{INK if here else FAINT}" stroke-width="{3 if here else 1}"/>')
    yield (f'<line x1="{x + 7:g}" y1="{y + 8:g}" x2="{x + 7:g}" y2="{y + height - 8:g}" stroke="{colour}" '
           f'stroke-width="5" stroke-dasharray="{dashes}"/>')
    if here:
        yield f'<rect x="{x + 18:g}" y="{y + 7:g}" width="{CELL - 30}" height="{LINE}" rx="3" fill="{INK}"/>'
        yield _say(x + 24, y + 22, words.here, bold=True, colour=CARD)
    y += LINE * room
    if run:
        yield from _picture(x + 20, y + 24, run, words)
    for at, (line, bold) in enumerate(lines):
        yield _say(x + 20, y + 62 + at * LINE, line, bold=bold)


def _picture(x: float, y: float, run: CornerRun, words: Words) -> Iterable[str]:
    """Both peers, dashed where they wait, and an arrow from who spoke before having heard anything."""
    wide, between = 92, CELL - 40 - 2 * 92
    for who, at in ((Who.CLIENT, x), (Who.SERVER, x + wide + between)):
        dashes = ' stroke-dasharray="4 3"' if who in run.waits else ""
        yield (f'<rect x="{at:g}" y="{y - 12:g}" width="{wide}" height="24" rx="12" fill="none" stroke="{INK}"'
               f'{dashes}/>')
        yield _say(at + wide / 2, y + 5, words.peers[who], middle=True)
    left, right = x + wide + 6, x + wide + between - 6
    centre = (left + right) / 2
    if not run.first:
        yield (f'<line x1="{left:g}" y1="{y:g}" x2="{right:g}" y2="{y:g}" stroke="{FAINT}" stroke-width="3" '
               f'stroke-dasharray="3 5"/>')
    ends = {1: (right, left), 2: (centre - 4, centre + 4)}.get(len(run.first), (right, left))
    for who in run.first:
        start, end, back = (left, ends[0], -11) if who == Who.CLIENT else (right, ends[1], 11)
        yield f'<line x1="{start:g}" y1="{y:g}" x2="{end + back:g}" y2="{y:g}" stroke="{BLUE}" stroke-width="3"/>'
        yield (f'<polygon points="{end:g},{y:g} {end + back:g},{y - 6:g} {end + back:g},{y + 6:g}" '
               f'fill="{BLUE}"/>')


def _say(x: float, y: float, text: str, *, bold: bool = False, colour: str = INK, middle: bool = False) -> str:
    weight, anchor = ' font-weight="700"' * bold, ' text-anchor="middle"' * middle
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}"{weight}{anchor}>{html.escape(printable(text))}</text>'
