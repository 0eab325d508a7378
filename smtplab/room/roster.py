"""What the seats' files say of the course: read from each seat's folder, as values and as one picture of the room.

The files are the learners' own: whatever is in them is checked, cut and escaped, and a link in their place is not
followed.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..course import seat_notes
from ..course.progress_store import Tries, read_file
from ..course.questions import EXERCISES
from ..escape import printable

STILL_S = 300  # who hasn't run a cell for as long may be stuck, or have gone
LIGHTS = ("open", "half", "solved")
OFF, STARTING, READY = "off", "starting", "ready"
_CELL, _NAME, _TOP = 14, 92, 34  # of the picture, in its own units


@dataclass(frozen=True)
class Exercise:
    """How a seat stands with an exercise that it has answered."""

    name: str
    solved: bool
    tries: int
    minutes: float | None


@dataclass(frozen=True)
class SeatView:
    """A seat as the trainer sees it. Minutes are since then; None for what has not happened."""

    name: str
    state: str = OFF
    lesson: str = ""
    exercises: tuple[Exercise, ...] = ()
    lights: tuple[str, ...] = ()
    hand_minutes: float | None = None
    moved_minutes: float | None = None

    @property
    def still(self) -> bool:
        """Whether the seat runs, and no cell has for five minutes."""
        return self.state == READY and self.moved_minutes is not None and self.moved_minutes * 60 >= STILL_S

    @property
    def solved(self) -> int:
        """How many exercises are solved."""
        return sum(one.solved for one in self.exercises)

    def to_dict(self) -> dict[str, Any]:
        """For the page."""
        return {**asdict(self), "still": self.still, "solved": self.solved}


def read_seat(name: str, folder: Path, state: str, now: float, hand_down: float = 0) -> SeatView:
    """One seat, from its folder of data; a hand raised before `hand_down` is down. Raises nothing for what is in there.
    """
    names, tries = read_file(folder / "progress.json")
    notes = seat_notes.read(folder)
    known = [one for one in EXERCISES if one in names or one in tries]
    exercises = tuple(_exercise(one, one in names, tries.get(one)) for one in known)
    lights, hand = notes.get("lights"), notes.get("hand")
    if type(hand) is int and hand <= hand_down:
        hand = None
    return SeatView(
        name, state, printable(str(notes.get("lesson") or ""))[:100].removesuffix(".ipynb"), exercises,
        tuple(light for light in lights if light in LIGHTS)[:30] if isinstance(lights, list) else (),
        _minutes(hand, now), _minutes(notes.get("moved"), now))


def _exercise(name: str, solved: bool, tries: Tries | None) -> Exercise:
    minutes = tries.minutes if tries else None
    return Exercise(name, solved, tries.count if tries else 0, None if minutes is None else round(minutes, 1))


def _minutes(then: object, now: float) -> float | None:
    return round(max(0.0, now - then) / 60, 1) if type(then) is int and 0 <= then < 1 << 53 else None


def picture(seats: Sequence[SeatView], exercises: Mapping[str, object] = EXERCISES) -> str:
    """The room's progress as an SVG: a row for each seat, a column for each exercise, lesson by lesson.

    A filled square is solved, a square with a dot was tried. The title and description say the sums."""
    columns, place, lesson = {}, float(_NAME), ""
    heads = []
    for name in exercises:
        if name[:2] != lesson:
            lesson, place = name[:2], place + 8
            heads.append(f'<text x="{place:g}" y="{_TOP - 8}">{html.escape(lesson)}</text>')
        columns[name], place = place, place + _CELL
    rows, solved = [], 0
    for number, seat in enumerate(seats):
        y = _TOP + number * (_CELL + 3)
        rows.append(f'<text x="2" y="{y + 11}">{html.escape(seat.name[:12])}</text>')
        known = {one.name: one for one in seat.exercises}
        for name, x in columns.items():
            one = known.get(name)
            kind = "done" if one and one.solved else "tried" if one else "none"
            solved += kind == "done"
            rows.append(f'<rect class="{kind}" x="{x:g}" y="{y}" width="{_CELL - 2}" height="{_CELL - 2}" rx="2"/>')
            if kind == "tried":
                rows.append(f'<circle class="dot" cx="{x + _CELL / 2 - 1:g}" cy="{y + _CELL / 2 - 1:g}" r="2.5"/>')
    width, height = place + 8, _TOP + len(seats) * (_CELL + 3) + 6
    words = f"{solved} of {len(seats) * len(columns)} exercises are solved in {len(seats)} seats"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="picture-title" '
            f'viewBox="0 0 {width:g} {height}" width="{width:g}" height="{height}">'
            f'<title id="picture-title">The room\'s progress: {words}</title>'
            f'<text x="2" y="{_TOP - 8}">lesson</text>{"".join(heads)}{"".join(rows)}</svg>')
