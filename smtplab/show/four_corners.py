"""`FourCorners`: who begins, client or server. The four ways in which that can go, each run by a click or a key."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import traitlets

from ..escape import printable
from .corner_runs import (
    TIMEOUT_S,
    WIDTHS,
    CornerJob,
    CornerRun,
    corners_text,
    recorded_corners,
    wrapped,
)
from .corners import BY_KEY, CORNERS, Corner, Placed, corner_of, name_of, words_of
from .player import PlayerBox
from .running import END_S, EVERY_S, Running
from .widget_base import HERE, Panel, ScriptWidget, instead_of_earlier

if TYPE_CHECKING:
    from enum import StrEnum

    from ..lab.server import Server

BESIDES_S = 2.0  # what starting the server and ending the dial may take beside the time-out


class CornersSquare(ScriptWidget):
    """The square in the page: plain values alone. It asks for what is pressed by messages {"do", "key"}.

    A cell is {"key", "name", "code", "result", "busy"}; a result, or None before the first run, is what `result_of`
    makes. `recorded` has such results by key, for a page that nobody answers. `chosen` is the key of the corner whose
    details are shown, `here` that of the one which is marked.
    """

    _esm = HERE / "four_corners.js"
    _css = HERE / "four_corners.css"
    words = traitlets.Dict().tag(sync=True)
    cells: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    recorded = traitlets.Dict().tag(sync=True)
    here = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    fallback = ""

    def text(self) -> str:
        """What stands in an exported page until its script has run."""
        return self.fallback


class FourCorners(Panel):
    """The square of four, live: a corner is run by a click or a key, and opens its transcript and its Player.

    `corner`, a (mode, port or kind) as `corner_of` takes them, marks one: "you are here"; where that is none of the
    four, it is said why. `lang` "en" or "ja" is the labels' language. `timeout_s` is how long the client waits that
    waits for nothing. `runs` are shown at the start, such as `recorded_corners()`. In a page without a kernel recorded
    runs are shown, and called so. Raises ValueError for an unknown language or a time-out that is none.
    """

    css_class = "smtplab-four-corners"

    def __init__(self, corner: tuple[str | None, Server | StrEnum | str | int] | None = None, *, lang: str = "en",
                 timeout_s: float = TIMEOUT_S, runs: Iterable[CornerRun] = ()) -> None:
        self._running: dict[Corner, tuple[CornerJob, Running]] = {}  # first: `end` is called after a failure below too
        self.words, self.timeout_s = words_of(lang), timeout_s
        if not 0 < timeout_s <= 600:
            raise ValueError(f"timeout_s is {timeout_s}; it must be over 0, and at most 600")
        self.placed = corner_of(*corner) if corner else Placed(None, "")
        self._found = {run.corner: run for run in runs}
        self._errors: dict[Corner, str] = {}
        self._lock = threading.RLock()  # each corner has a ticker of its own; the garbage collector may close us in one
        self._played: Corner | None = None
        here = self.placed.corner.key if self.placed.corner else ""
        self.square = CornersSquare(words=vars(self.words), here=here, chosen=here, said=self._place_said())
        self.square.recorded = {run.corner.key: self._result_of(run) for run in recorded_corners()}
        self.square.on_msg(self._asked)
        self._player = PlayerBox()
        super().__init__([self.square, self._player])
        self._draw()
        instead_of_earlier(self)

    @property
    def corner(self) -> Corner | None:
        """The corner that is marked."""
        return self.placed.corner

    @property
    def runs(self) -> list[CornerRun]:
        """The newest run of each corner that has been run, in their order."""
        found = dict(self._found)
        return [found[corner] for corner in CORNERS if corner in found]

    @property
    def running(self) -> bool:
        """Whether any corner is being run."""
        return any(run.running for _, run in list(self._running.values()))

    @property
    def player(self) -> Any:
        """The Player that is open; None without one."""
        return self._player.player

    # --- what a person does ---

    def run(self, *corner: str) -> FourCorners:
        """Run all four, or the `corner` ("implicit", "starttls"), and wait for its end; returns itself."""
        self.start(*corner)
        running = dict(self._running)
        for each in [_corner(corner)] if corner else CORNERS:
            if each in running:
                running[each][1].wait()
        return self

    def complete(self) -> FourCorners:
        """Run those that have not been run, and wait for the end of all; returns itself."""
        for corner in CORNERS:
            if corner not in self._found:
                self.start(*corner)
        self.wait()
        return self

    def start(self, *corner: str) -> None:
        """Begin to run all four at once, or this corner; one that is being run goes on."""
        for each in [_corner(corner)] if corner else CORNERS:
            self._start(each)
        self._draw()

    def stop(self) -> None:
        """End what is running now; what it has seen so far stays."""
        for _, run in list(self._running.values()):
            run.stop()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of all that is running; False if `timeout_s` passed first."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        ended = [run.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
                 for _, run in list(self._running.values())]
        return all(ended)

    def play(self, *corner: str) -> None:
        """Open the Player of this corner's run; nothing happens if it has not been run."""
        run = self._found.get(_corner(corner))
        if run:
            self._played = run.corner
            self._player.show(run.trace, run.seen)

    def end(self) -> None:
        """Stop it all, and wait for the end."""
        self.stop()
        self.wait(END_S)

    # --- how it runs ---

    def _start(self, corner: Corner) -> None:
        with self._lock:
            if self._ended or (corner in self._running and self._running[corner][1].running):
                return
            if self._played == corner:
                self._played = None
                self._player.show(None)
            self._errors.pop(corner, None)
            job = CornerJob(corner, self.timeout_s)
            run = Running(job.run, stop=job.stop, limit_s=self.timeout_s + BESIDES_S, every_s=EVERY_S,
                          tick=lambda run: self._tick(corner, run))
            self._running[corner] = job, run
            run.start()

    def _tick(self, corner: Corner, run: Running) -> None:
        """In the run's own thread: show how far it is; at its end, what it found."""
        with self._lock:
            if not run.running and run.result:
                self._found[corner] = run.result
            elif not run.running:
                self._errors[corner] = str(run.error)
            self._draw()

    def _asked(self, _widget: object, content: object, _buffers: object) -> None:
        """A message of the page; what makes no sense is ignored."""
        asked = content if isinstance(content, dict) else {}
        corner = BY_KEY.get(str(asked.get("key")))
        if asked.get("do") == "all":
            self.start()
        elif asked.get("do") == "stop":
            self.stop()
        elif corner and asked.get("do") == "run":
            self.start(*corner)
        elif corner and asked.get("do") == "play":
            self.play(*corner)

    # --- what the page shows and says ---

    def _draw(self) -> None:
        with self._lock:
            if not self._ended:
                self.square.cells = [self._cell(corner) for corner in CORNERS]
                self.square.fallback = self._text(recorded=True)

    def _cell(self, corner: Corner) -> dict[str, Any]:
        found, busy = self._found.get(corner), ""
        if corner in self._running and self._running[corner][1].running:
            job, run = self._running[corner]
            found = job.so_far()
            busy = self.words.running.format(now=f"{run.elapsed_s:.1f}", limit=f"{self.timeout_s:g}")
        result = self._result_of(found) if found else None
        if corner in self._errors and not busy:
            recorded = self.square.recorded[corner.key]
            note = self.words.failed.format(printable(self._errors[corner]), recorded["note"])
            result = {**recorded, "can_play": False, "note": note}
        return {"key": corner.key, "name": name_of(corner, self.words), "code": corner.code, "busy": busy,
                "result": result}

    def _result_of(self, run: CornerRun) -> dict[str, Any]:
        """A run as plain values, for the page."""
        return {"tone": run.tone, "sign": run.sign, "headline": printable(run.headline(self.words)),
                "facts": [list(fact) for fact in run.facts(self.words)], "note": run.note(self.words),
                "first": [who.value for who in run.first], "waits": [who.value for who in run.waits],
                "sentence": printable(run.sentence(self.words)) if run.over else "",
                "transcript": str(run.trace) if run.over else "", "can_play": run.over}

    def _place_said(self) -> str:
        if not self.placed.reason:
            return ""
        reason = printable(self.placed.reason)
        return self.words.nowhere.format(reason) if self.placed.corner is None else f"{self.words.here}: {reason}"

    def text(self) -> str:
        """The square as text, 80 columns wide."""
        return self._text()

    def _text(self, recorded: bool = False) -> str:
        shown = {run.corner: run for run in recorded_corners()} if recorded else {}
        shown |= self._found
        return "\n".join([corners_text(shown.values(), self.words, self.corner),
                          *(wrapped(self._place_said(), sum(WIDTHS)) if self.placed.reason else ())])

    def page(self) -> str:
        """The square; a corner that was not run shows its recorded run."""
        return self.square.page()


def _corner(corner: tuple[str, ...]) -> Corner:
    """The corner of these names; ValueError names the four."""
    found = BY_KEY.get("|".join(map(str, corner)))
    if found is None:
        raise ValueError(f"no corner {corner!r}; the four are {', '.join(repr(tuple(map(str, c))) for c in CORNERS)}")
    return found
