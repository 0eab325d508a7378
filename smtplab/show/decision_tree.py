"""A decision tree that lights up, door by door, while a live server is probed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from ..causes import Cause
from ..escape import printable
from ..events import Mode
from ..lab.port_report import PortReport
from ..lab.probe import LISTEN_S
from ..recorded.choice import new_dial, new_probe
from ..recorded.state import in_use, recorded_words
from ..trace import Trace
from .doors import Door, doors, in_doubt
from .running import Job, Running, RunPanel
from .widget_base import HERE, ScriptWidget, instead_of_earlier

if TYPE_CHECKING:
    from ..lab.recorder import Recorder
    from ..lab.server import Server

PROBE_S = 2 * LISTEN_S  # a probe listens first, then its ClientHello needs an answer
SIGNS = {"passed": ("✓", "yes"), "failed": ("✗", "no"), "waiting": ("…", "asking"), "ahead": ("·", "not asked yet")}


class DoorChart(ScriptWidget):
    """The tree as a picture. `light` draws it; `doors`, `trace` and `report` are what it was drawn from."""

    _esm = (HERE / "decision_tree.js").read_text(encoding="utf-8")
    _css = (HERE / "decision_tree.css").read_text(encoding="utf-8")
    label = traitlets.Unicode().tag(sync=True)
    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    outcome: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    trace: Trace | None = None
    report: PortReport | None = None
    doors: tuple[Door, ...] = ()

    def light(self, trace: Trace, report: PortReport | None = None, *, asked: tuple[str, ...] | None = None,
              done: bool = True) -> None:
        """Draw a trace; the arguments are those of `doors.doors`."""
        self.doors = tuple(doors(trace, report, asked=asked, done=done))
        self.trace, self.report = trace, report
        with self.hold_sync():
            host, port = trace.address
            self.label = printable(f"a client in mode {trace.mode or 'unknown'} at {host}, port {port}"
                                   f"{recorded_words(trace)}")
            self.rows = [_row(number, door) for number, door in enumerate(self.doors, 1)]
            self.outcome = _outcome(self.doors, trace, done)

    def text(self) -> str:
        """All doors with what answered them, their exits, and the result."""
        lines = [self.label]
        for row in self.rows:
            proof = f" [{row['proof']}]" if row["proof"] else ""
            lines.append(f"{row['number']:2} {row['sign']} {row['question']} {row['word']}{proof}")
            for way in row["exits"]:
                title = f": {way['title']}" if way["taken"] else ""
                lines.append(f"     {'==>' if way['taken'] else '  -'} {way['answer']}: {way['cause']}{title}")
        return "\n".join([*lines, f"{self.outcome.get('sign', '')} {self.outcome.get('text', '')}".strip()])


def _row(number: int, door: Door) -> dict:
    """A door as plain values. The sign and the word say all that the colour says."""
    sign, word = SIGNS[door.state]
    return {"number": number, "question": door.question, "state": door.state, "sign": sign, "word": word,
            "proof": door.proof, "branch": door.key == "probe",
            "exits": [{"answer": way.answer, "cause": way.cause.value, "title": way.cause.text.title,
                       "taken": way.cause is door.taken} for way in door.exits]}


def _outcome(found: tuple[Door, ...], trace: Trace, done: bool) -> dict:
    numbers = {door.state: number for number, door in reversed([*enumerate(found, 1)])}
    if not done:
        at = numbers.get("waiting", len(found))
        return {"sign": "…", "tone": "waiting", "text": f"At door {at} of {len(found)}: {found[at - 1].question}"}
    if trace.cause is Cause.OK:
        clear = "" if trace.tls else ", and all of it in clear"
        return {"sign": "✓", "tone": "passed", "text": f"Through all {len(found)} doors{clear}."}
    probed = next((door for door in found if door.key == "probe"), None)
    doubt = "" if trace.certain else " Not certain."
    if probed and probed.state == "passed":
        doubt = " Certain, now that a ClientHello was answered."
    elif probed and probed.state == "failed":
        doubt = f" Not certain, and a ClientHello speaks against it: {probed.proof}."
    return {"sign": "✗", "tone": "failed",
            "text": f"Out at door {numbers['failed']}: {trace.cause}. {trace.cause.text.title}.{doubt}"}


class DialAndProbe:
    """A dial and, if the server stays silent, a probe beside it: does the server answer a ClientHello?

    The probe begins while the dial still listens, so that both are over in `limit_s`: the dial's
    time-out, or what a probe needs, whichever is longer.
    """

    def __init__(self, address: Server | tuple[str, int] | str, mode: Mode | str, timeout_s: float,
                 **options: Any) -> None:
        self.dial = new_dial(address, mode, timeout_s=timeout_s, listener=self._heard, **options)
        self._patience_s = max(timeout_s - PROBE_S, 0)
        self.limit_s = max(timeout_s, PROBE_S)
        self._probe = new_probe(self.dial.target, timeout_s=self.limit_s - self._patience_s)
        self._settled, self.stopped, self.probing = threading.Event(), False, False
        self.trace: Trace | None = None
        self.report: PortReport | None = None

    def stop(self) -> None:
        """End at once. May be called from any thread."""
        self.stopped = True
        self.dial.stop()

    def run(self) -> Trace:
        """Dial, and probe if the server stays silent. Returns the trace."""
        if in_use():  # nothing takes time, so that nothing is done beside
            self.trace = self.dial.run()
            self.report = self._probe.run() if in_doubt(self.trace) else None
            return self.trace
        beside = threading.Thread(target=self._ask, daemon=True, name="smtplab-beside")
        if self.dial.mode is not Mode.IMPLICIT:
            beside.start()
        try:
            self.trace = self.dial.run()
        finally:
            self._settled.set()
            while beside.is_alive():
                if self.stopped or not self._silent():
                    self._probe.stop()  # repeated: it may be about to open its second connection
                beside.join(0.05)
        if not in_doubt(self.trace):
            self.report = None
        return self.trace

    def _heard(self, recorder: Recorder) -> None:
        if recorder.received:
            self._settled.set()

    def _ask(self) -> None:
        if not self._settled.wait(self._patience_s) and not self.dial.recorder.connected:
            self._settled.wait()
        if self._silent() and not self.stopped:
            self.probing = True
            report = self._probe.run()
            if not self.stopped and self._silent():
                self.report = report  # shown at once; `run` drops it if the finished trace is not in doubt

    def _silent(self) -> bool:
        if self.trace is not None:
            return in_doubt(self.trace)
        return self.dial.recorder.connected and not self.dial.recorder.received  # no trace yet


class DecisionTree(RunPanel):
    """Dial, as `smtplab.dial` does, and light up the tree of questions as the answers come.

    `login` and further options are those of `dial`. If the server stays silent, a probe asks on
    connections of its own what it speaks. All is over within `timeout_s`, or 2 s if that is longer
    and a probe was needed; Stop ends it at once. Raises ValueError for unusable arguments.
    """

    css_class = "smtplab-asking"
    every_s = 0.1  # between two looks at the conversation

    def __init__(self, address_or_server: Server | tuple[str, int] | str, mode: Mode | str = "starttls", *,
                 login: tuple[str, str] | None = None, timeout_s: float = 3.0, **options: Any) -> None:
        self._make = lambda: DialAndProbe(address_or_server, mode, timeout_s, login=login, **options)
        self._job = self._make()  # raises ValueError for unusable arguments
        self._asked = ("auth",) * bool(login) + ("mail",) * bool(options.get("mail_from"))
        self.tree = DoorChart()
        super().__init__([ipywidgets.HBox(self.controls("Probe again")), self.tree])
        instead_of_earlier(self)
        self.start()

    @staticmethod
    def of(trace: Trace, report: PortReport | None = None) -> DoorChart:
        """The tree of a finished trace; `report` is that of a probe, if the server was silent. Uses no network.

        Raises ValueError for a trace seen from a server.
        """
        tree = DoorChart()
        tree.light(trace, report)
        return tree

    @property
    def doors(self) -> tuple[Door, ...]:
        """The doors as they stand."""
        return self.tree.doors

    @property
    def trace(self) -> Trace | None:
        """The finished trace; None while the dial goes on."""
        return self._job.trace

    @property
    def probing(self) -> bool:
        """Whether the server was silent for so long that a probe has begun."""
        return self._job.probing

    def new_job(self) -> tuple[Job, float]:
        """The dial with its probe."""
        if self.run:  # the first was made with the widget
            self._job = self._make()
        self._light()
        return self._job, self._job.limit_s

    def show_progress(self, run: Running) -> None:
        """The clock, and the doors as far as they are known."""
        done = f"probed in {run.elapsed_s:.1f} s" if not run.stopped else "what was seen by then is below"
        doing = "silence; a second connection asks with a ClientHello" if self.probing else "probing"
        self.show_run(run, doing, done)
        self._light(done=not run.running)

    def _light(self, done: bool = False) -> None:
        job = self._job
        trace = job.trace if done else None
        self.tree.light(trace or job.dial.trace(), job.report, asked=self._asked, done=trace is not None)

    def text(self) -> str:
        """The tree as text."""
        return self.tree.text()

    def page(self) -> str:
        """The tree."""
        return self.tree.page()
