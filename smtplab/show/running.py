"""Running a job without blocking the page: its thread, its clock, its Stop, and the panels that have one.

The worker thread only works. A second one, the ticker, tells the page how far it is, a few times a
second at most: however much happens, the messages to the page stay few, and they come from one thread.
Where no thread can start, as in a browser, the job is done at once, and the page waits for it.
"""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from ..address import Target
from ..events import Mode
from ..lab.jobs import Job
from ..recorded.choice import new_dial
from ..recorded.state import recorded_words
from .player import PlayerBox
from .widget_base import Panel, button, instead_of_earlier

if TYPE_CHECKING:
    from ..lab.server import Server
    from ..trace import Trace

EVERY_S = 0.25  # between two messages to the page
END_S = 1.0  # how long a closed panel waits for the end of its job


class Running:
    """`call` in a daemon thread; `tick` is called a few times a second, and once more after the end.

    `stop` is called, from any thread, to end the call early. `result` is what it returned, `error` what it raised.
    """

    def __init__(self, call: Callable[[], object], *, stop: Callable[[], object], limit_s: float,
                 tick: Callable[[Running], object], every_s: float = EVERY_S) -> None:
        self._call, self._stop, self._tick, self.every_s, self.limit_s = call, stop, tick, every_s, limit_s
        self._start, self._ended = time.monotonic(), threading.Event()
        self._took_s: float | None = None
        self.result: Any = None
        self.error: BaseException | None = None
        self.stopped = False
        self._threads = [threading.Thread(target=target, daemon=True, name=f"smtplab-{name}")
                         for target, name in ((self._work, "running"), (self._tell, "ticker"))]

    def start(self) -> Running:
        """Begin; returns itself."""
        self._start = time.monotonic()
        try:
            for thread in self._threads:
                thread.start()
        except RuntimeError:
            if self._threads[0].ident is not None:  # the work is begun, so this is no place without threads
                raise
            self._threads = []
            self._work()
            self._tick(self)
        return self

    @property
    def running(self) -> bool:
        """Whether the call is still going on."""
        return not self._ended.is_set()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, or, after the end, how long the call took."""
        return self._took_s if self._took_s is not None else time.monotonic() - self._start

    def stop(self) -> None:
        """End the call now. Does nothing after the end."""
        if self.running:
            self.stopped = True
            self._stop()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the call and the last tick are over; False if `timeout_s` passed first."""
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
    """The state of a run as HTML: elapsed and limit with a bar while it lasts, then how it ended.

    `doing` and `done` are plain text for before and after the end.
    """
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


class RunPanel(Panel):
    """A panel that runs one job at a time beside the page.

    Subclasses override `new_job` and `show_progress`. Those with one Stop, one start button and one line for the clock
    make these with `controls`, and show a run in them with `show_run`.
    """

    every_s = EVERY_S
    run: Running | None = None

    @property
    def running(self) -> bool:
        """Whether a job is going on."""
        return self.run is not None and self.run.running

    def start(self) -> None:
        """Start a job, unless one is going on."""
        if self.running:
            return
        self.wait(END_S)  # for the last tick of the run before
        job, limit_s = self.new_job()
        self.run = Running(job.run, stop=job.stop, limit_s=limit_s, tick=self.show_progress, every_s=self.every_s)
        self.run.start()

    def stop(self) -> None:
        """End the job now; what it has found so far stays."""
        if self.run:
            self.run.stop()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the job; False if `timeout_s` passed first."""
        return self.run is None or self.run.wait(timeout_s)

    def end(self) -> None:
        """Stop the job, and wait for its end."""
        self.stop()
        self.wait(END_S)

    # Not abstract methods: the metaclasses of abc and traitlets don't mix.
    def new_job(self) -> tuple[Job, float]:
        """The job to run next, and the seconds that it may take at most."""
        raise NotImplementedError

    def show_progress(self, run: Running) -> None:
        """Show how far the run is; called in the run's own thread."""
        raise NotImplementedError

    def controls(self, start: str) -> tuple[ipywidgets.Button, ipywidgets.Button, ipywidgets.HTML]:
        """Make Stop, a button labelled `start`, and the line for the clock."""
        self.stop_button, self.start_button = button("Stop", self.stop), button(start, self.start)
        self.clock_line = ipywidgets.HTML()
        return self.stop_button, self.start_button, self.clock_line

    def show_run(self, run: Running, doing: str, done: str) -> None:
        """Show a run in what `controls` made; `doing` and `done` are plain text for before and after its end."""
        self.stop_button.disabled, self.start_button.disabled = not run.running, run.running
        self.clock_line.value = clock(run, doing, done)


class DialRunner(RunPanel):
    """A dial that never blocks the page: elapsed and limit while it runs, a Stop, then its Player.

    `trace` is None until it has ended. If a lab server was dialled, the Player shows what that waited for too.
    """

    css_class = "smtplab-dialling"

    def __init__(self, address: Server | tuple[str, int] | str, mode: Mode | str, **options: Any) -> None:
        self._server: Any = address if Target.of(address).is_lab else None
        self._make = lambda: new_dial(address, mode, **options)
        self._mode = self._make().mode  # raises ValueError for unusable arguments
        self.trace: Trace | None = None
        self._player = PlayerBox()
        super().__init__([ipywidgets.HBox(self.controls("Dial again")), self._player])
        instead_of_earlier(self)
        self.start()

    @property
    def player(self) -> Any:
        """The Player of the trace, with the `server_trace`; None before the end."""
        return self._player.player

    def new_job(self) -> tuple[Job, float]:
        """The dial."""
        dial, self.trace = self._make(), None
        self._player.show(None)
        return dial, dial.timeout_s

    def show_progress(self, run: Running) -> None:
        """The clock, then the cause and the Player."""
        trace = self.trace = run.result
        done = f"{trace.cause}{'' if trace.certain else ' (not certain)'}{recorded_words(trace)}" if trace else ""
        self.show_run(run, f"dialling in mode {self._mode}", done)
        if trace:
            self._player.show(trace, self._server and self._server.trace(of=trace))

    def text(self) -> str:
        """The trace as text; before the end, how long the dial has taken."""
        if self.trace or not self.run:
            return str(self.trace)
        return f"dialling in mode {self._mode}, {self.run.elapsed_s:.1f} of at most {self.run.limit_s:g} s"

    def page(self) -> str:
        """The Player; "" before the end."""
        return self.player.page() if self.player else ""


def run_dial(address: Server | tuple[str, int] | str, mode: Mode | str, **options: Any) -> DialRunner:
    """`smtplab.dial` in a thread, with the same arguments: the page stays usable, and Stop ends it."""
    return DialRunner(address, mode, **options)
