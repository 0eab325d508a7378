"""Running without blocking the page: a call in a thread, its clock, and a stop that stops.

The worker thread only works. A second one, the ticker, tells the page how far it is, a few times a
second at most: however much happens, the messages to the page stay few, and they come from one thread.
"""

from __future__ import annotations

import html
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import ipywidgets

from ..address import Target
from ..lab.client import Dial

if TYPE_CHECKING:
    from ..events import Mode
    from ..lab.server import Server
    from ..trace import Trace

EVERY_S = 0.25  # between two messages to the page
_ONE_AT_A_TIME = threading.Lock()  # a learner and a ticker may open a Player at once
_BY_CELL: dict[str, tuple[str, list]] = {}  # what each notebook cell made, and in which of its runs


class Running:
    """`call` in a daemon thread; `tick` is told a few times a second, and when it has ended.

    `stop` is called, from any thread, to end the call early. `result` or `error` is what came of it.
    """

    def __init__(self, call: Callable[[], object], *, stop: Callable[[], object], limit_s: float,
                 tick: Callable[[Running], object], every_s: float = EVERY_S) -> None:
        self._call, self._stop, self._tick, self.every_s, self.limit_s = call, stop, tick, every_s, limit_s
        self._start, self._took_s, self._ended = time.monotonic(), None, threading.Event()
        self.result, self.error, self.stopped = None, None, False
        self._threads = [threading.Thread(target=target, daemon=True, name=f"smtplab-{name}")
                         for target, name in ((self._work, "running"), (self._tell, "ticker"))]

    def start(self) -> Running:
        """Begin; returns itself."""
        self._start = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    @property
    def running(self) -> bool:
        """Whether the call goes on."""
        return not self._ended.is_set()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, or what it took."""
        return self._took_s if self._took_s is not None else time.monotonic() - self._start

    def stop(self) -> None:
        """End the call now. Twice is once, and after the end it does nothing."""
        if self.running:
            self.stopped = True
            self._stop()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until call and last tick are over; False if `timeout_s` passed first."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(None if deadline is None else max(0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        try:
            self.result = self._call()
        except BaseException as exc:
            self.error = exc
        self._took_s = time.monotonic() - self._start
        self._ended.set()

    def _tell(self) -> None:
        while not self._ended.wait(self.every_s):
            self._tick(self)
        self._tick(self)


def clock(running: Running, doing: str, done: str) -> str:
    """Elapsed and limit as text and as a bar, in HTML; `doing` and `done` are plain text."""
    if running.running:
        words = f"{doing}: {running.elapsed_s:.1f} of at most {running.limit_s:g} s"
        bar = (f'<progress max="{running.limit_s:.2f}" value="{min(running.elapsed_s, running.limit_s):.2f}" '
               'aria-label="time used" style="vertical-align:middle"></progress> ')
        return f"<div>{bar}{html.escape(words)}</div>"
    if running.error:
        done = f"failed: {running.error}"
    elif running.stopped:
        done = f"stopped after {running.elapsed_s:.1f} s; {done}"
    return f'<div role="status">{html.escape(done)}</div>'


def button(words: str, act: Callable[[], object], width: str = "9em") -> ipywidgets.Button:
    """A button that does `act`."""
    made = ipywidgets.Button(description=words, layout={"width": width})
    made.on_click(lambda _: act())
    return made


def open_player(box: ipywidgets.VBox, trace: Trace | None, server_trace: Trace | None = None) -> None:
    """Put a Player of this trace into the box, in place of the one before; None empties it."""
    with _ONE_AT_A_TIME:
        before, box.children = box.children, (_player(trace, server_trace),) if trace else ()
    for old in before:
        old.close()


def _player(trace: Trace, server_trace: Trace | None) -> ipywidgets.Widget:
    from .player import Player
    return Player(trace, server_trace=server_trace)


def instead_of_earlier(widget: object) -> None:
    """Close what the same notebook cell made when it was run before: nobody sees that any more."""
    if (run := _this_run()) is None:
        return
    cell, message = run
    before = _BY_CELL.get(cell)
    if before and before[0] == message:
        before[1].append(widget)
        return
    _BY_CELL[cell] = message, [widget]
    for old in before[1] if before else ():
        old.close()


def _this_run() -> tuple[str, str] | None:
    """The notebook cell that is being run, and the message that runs it; None outside a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    parent = getattr(shell, "parent_header", None) or {}
    cell = (parent.get("metadata") or {}).get("cellId")
    return (cell, parent["header"]["msg_id"]) if cell else None


class Job(Protocol):
    """What can be run beside the page: `run` does it, `stop` ends it early from any thread."""

    def run(self) -> object:
        """Do it."""

    def stop(self) -> None:
        """End soon."""


class RunBox(ipywidgets.VBox):
    """A widget that runs one job at a time beside the page, and has a text form.

    Subclasses say what to run (`_next`: a job, and how many seconds it may take), what to show while it
    runs and at its end (`_tick`), what is to be taken from the page with it (`_put_away`), and `text`.
    """

    _run: Running | None = None
    _every_s = EVERY_S

    def start(self) -> None:
        """Begin, unless that is going on."""
        if self._run and self._run.running:
            return
        self.wait(1)  # for the last word of the run before
        job, limit_s = self._next()
        self._run = Running(job.run, stop=job.stop, limit_s=limit_s, tick=self._tick, every_s=self._every_s)
        self._run.start()

    def stop(self) -> None:
        """End it now, with what has been seen."""
        if self._run:
            self._run.stop()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for its end; False if `timeout_s` passed first."""
        return self._run is None or self._run.wait(timeout_s)

    def close(self) -> None:
        """Stop, and take it from the page."""
        self.stop()
        self.wait(1)
        self._put_away()
        _close_parts(self)
        super().close()

    # What each widget says for itself: abc's classes and traitlets' don't mix.
    def _next(self) -> tuple[Job, float]:
        """The call to make when it is started, and its limit in seconds."""
        raise NotImplementedError

    def _tick(self, run: Running) -> None:
        """Show how far the run is, in the run's own thread."""
        raise NotImplementedError

    def _put_away(self) -> None:
        """Nothing but itself; also called where the widget could not be made."""

    def text(self) -> str:
        """What the page shows, as plain text."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": self.text()}


def _close_parts(widget: ipywidgets.Widget) -> None:
    """What it is made of goes with it: a text box too, and what stood in it."""
    for part in getattr(widget, "children", ()):
        _close_parts(part)
        part.close()


class DialRunner(RunBox):
    """A dial that never blocks the page: elapsed and limit while it runs, a Stop, then its Player.

    `trace` is None until it has ended; the server's side is shown too where a lab server was dialled.
    """

    _player: ipywidgets.VBox | None = None

    def __init__(self, address: Server | tuple[str, int] | str, mode: Mode | str, **options: object) -> None:
        self._server = address if Target.of(address).is_lab else None
        self._make = lambda: Dial(address, mode, **options)
        self._mode = self._make().mode  # unusable arguments are told here
        self.trace: Trace | None = None
        self._stop, self._again = button("Stop", self.stop), button("Dial again", self.start)
        self._said, self._player = ipywidgets.HTML(), ipywidgets.VBox()
        row = ipywidgets.HBox([self._stop, self._again, self._said])
        super().__init__([row, self._player])
        instead_of_earlier(self)
        self.start()

    def _next(self) -> tuple[Job, float]:
        dial, self.trace = self._make(), None
        open_player(self._player, None)
        return dial, dial.timeout_s

    def _put_away(self) -> None:
        if self._player:  # none if it could not be made
            open_player(self._player, None)

    def _tick(self, run: Running) -> None:
        self.trace = run.result
        done = f"{self.trace.cause}{'' if self.trace.certain else ' (not certain)'}" if self.trace else ""
        self._stop.disabled, self._again.disabled = not run.running, run.running
        self._said.value = clock(run, f"dialling in mode {self._mode}", done)
        if self.trace:
            open_player(self._player, self.trace, self._server and self._server.trace(of=self.trace))

    def text(self) -> str:
        """The trace as text, or that there is none yet."""
        if self.trace:
            return str(self.trace)
        return f"dialling in mode {self._mode}, {self._run.elapsed_s:.1f} of at most {self._run.limit_s:g} s"


def run_dial(address: Server | tuple[str, int] | str, mode: Mode | str, **options: object) -> DialRunner:
    """`smtplab.dial` with the same arguments, in a thread: the page goes on, and Stop stops it."""
    return DialRunner(address, mode, **options)
