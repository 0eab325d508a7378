"""`ErrorDecoder`: paste an error text, see what may have caused it, and let the lab show the bytes of that cause."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets

from ..address import port_number
from ..causes import Cause
from ..messages import Explanation, clean, explain
from ..question import mode_of_words
from ..trace import Trace
from . import explanation_document as page
from .document import STYLE
from .explanation_document import explanations, is_unknown
from .inputs import IS_LONG, PasteBox, read_port
from .recorded_errors import RecordedError, recordings
from .reproduction import comparison, reproduction, seen
from .running import Job, Running, RunPanel, clock
from .settings_document import hint
from .settings_rehearsal import Comparison, DialPlan, Rehearsing
from .widget_base import Panel, button, instead_of_earlier, row, show_if

EMPTY = "paste an error text or a log here"
READ_ONLY = "What is pasted is read, not run, and sent nowhere. What looks like a secret is taken out."
NO_PORT = "is no port: they are 1 to 65535. The text's own is taken, if it has one."
MODES = (("not known", ""), ("implicit TLS", "implicit"), ("STARTTLS", "starttls"), ("plain", "plain"))
# Recorded words of clients: (client, mode, kind of port), each a text that people paste.
EXAMPLES = (("Python smtplib.SMTP_SSL", "implicit", "banner220"), ("nodemailer secure:false", "starttls", "silent"),
            ("JavaMail smtp", "starttls", "nostarttls"), ("PHPMailer", "starttls", "close"))
_WIDE = {"description_width": "4em"}


class ErrorDecoder(RunPanel):
    """Paste an error text, say port and mode if you know them: its causes, and a button that makes each in the lab.

    `mode` is implicit, starttls or plain, or the words of a setting; anything else counts as not known.
    A dial at the lab takes at most `timeout_s`. Raises ValueError unless `port` is 1 to 65535.
    """

    css_class = "smtplab-decoder"

    def __init__(self, text: str = "", *, port: int | None = None, mode: str | None = None,
                 timeout_s: float = 3.0) -> None:
        port = None if port is None else port_number(port)
        self.timeout_s = timeout_s
        self.trace: Trace | None = None
        self.comparison: Comparison | None = None
        self.found: list[Explanation] = []
        self._quiet = False
        self._rows: list[_CauseRow] = []
        self._row: _CauseRow | None = None  # whose button was pressed last
        self._job: Rehearsing | None = None
        self._text = PasteBox(value=str(text), rows=8, description="Error", style=_WIDE, placeholder=EMPTY,
                              layout={"width": "auto", "min_width": "0"})
        self._port = ipywidgets.Text(value=str(port or ""), placeholder="not known", description="Port", style=_WIDE,
                                     layout={"width": "12em"})
        self._mode = ipywidgets.Dropdown(options=MODES, value=mode_of_words(mode, port), description="Mode",
                                         style=_WIDE, layout={"width": "16em"})
        self._hint, self._port_said, self._marked = (ipywidgets.HTML() for _ in range(3))
        self._causes = ipywidgets.VBox(layout={"overflow": "visible"})
        examples = [button(f"{run.client}, {run.mode}", partial(self._put, run), "auto") for run in _examples()]
        super().__init__([ipywidgets.HTML(STYLE), self._text, self._hint,
                          row(self._port, self._mode, self._port_said),
                          row(ipywidgets.Label("Examples, as recorded:"), *examples), self._marked, self._causes])
        instead_of_earlier(self)
        for made in (self._text, self._port, self._mode):
            made.observe(self._show, "value")
        self._show()

    def parts(self) -> list[ipywidgets.Widget]:
        """All parts, with the rows that no cause uses at the moment."""
        return [*self.children, *getattr(self, "_rows", ())]

    # --- what a person does ---

    def _put(self, run: RecordedError) -> None:
        """Take one of the recorded texts, in the mode in which it was recorded."""
        self._quiet = True
        self._text.value, self._mode.value, self._port.value = run.words, run.mode, ""
        self._quiet = False
        self._show()

    def reproduce(self, cause: Cause | str) -> None:
        """Dial the lab for one of the causes that are shown; one dial at a time. ValueError for any other cause."""
        rows = [row for row in self._rows if row.shows and row.shows.cause == cause and row.what]
        if not rows:
            raise ValueError(f"{cause} is not shown here, or the lab can't make it")
        self._reproduce(rows[0])

    def _reproduce(self, row: _CauseRow) -> None:
        if not self.running:
            self._take_away()
            self._row = row
            self.start()

    def start(self) -> None:
        """Dial the lab for the cause that was asked for last, or the first that the lab can make."""
        self._row = self._row or next((row for row in self._rows if row.shows and row.what), None)
        if self._row:
            super().start()

    # --- what is shown ---

    def _show(self, _change: dict[str, Any] | None = None) -> None:
        if self._quiet:
            return
        self._take_away()
        port, wrong = read_port(self._port.value)
        self.found = explain(self._text.value, port=port, mode=self._mode.value or None)
        self._port_said.value = hint(f"✗ {self._port.value[:20]} {NO_PORT}") if wrong else ""
        self._hint.value = hint(READ_ONLY, IS_LONG * self._text.is_long)
        self._marked.value = page.marked(clean(self._text.value), self.found)
        while len(self._rows) < len(self.found):
            self._rows.append(_CauseRow(self._reproduce, self.stop))
        for number, one in enumerate(self._rows):
            one.show(number + 1, self.found[number] if number < len(self.found) else None)
        self._causes.children = tuple(self._rows[:len(self.found)])

    def _take_away(self) -> None:
        """Remove an earlier result: it belongs to another text or cause. A dial that is going on ends first."""
        self.stop()
        self.wait(1)
        self._row, self.trace, self.comparison = None, None, None
        for one in self._rows:
            one.result.value = ""

    # --- the run ---

    def new_job(self) -> tuple[Job, float]:
        """The dial for the chosen row."""
        assert self._row and self._row.what, "start sees to that"
        self.trace = self.comparison = None
        self._job = Rehearsing(self._row.what, self.timeout_s)
        return self._job, self.timeout_s

    def show_progress(self, run: Running) -> None:
        """The clock in the chosen row, then what was seen."""
        chosen, job = self._row, self._job
        if not (chosen and chosen.shows and job):
            return  # another text has come meanwhile, and the run was too slow to stop
        for other in self._rows:
            other.make.disabled = run.running
        show_if(run.running, chosen.stop)
        chosen.said.value = clock(run, f"dialling: {job.what}", f"dialled: {job.what}")
        if job.trace:
            self.trace, self.comparison = job.trace, seen(chosen.shows.cause, job.trace)
            chosen.result.value = comparison(self.comparison, job.trace, f"In the lab: {job.what}")

    def text(self) -> str:
        """The causes as text, and what a dial at the lab showed."""
        said = explanations(self.found)
        return f"{said}\n\nin the lab: {self._job.what}\n{self.trace}" if self.trace and self._job else said

    def page(self) -> str:
        """The text with its marks, and all causes."""
        return page.causes(clean(self._text.value), self.found)


class _CauseRow(Panel):
    """A cause, its button, and what the lab showed. Rows are used again for the next text: making one takes time."""

    def __init__(self, reproduce: Callable[[_CauseRow], object], stop: Callable[[], object]) -> None:
        self.shows: Explanation | None = None
        self.what: DialPlan | None = None
        self.cause, self.said, self.result = (ipywidgets.HTML() for _ in range(3))
        self.make = button("Reproduce it in the lab", lambda: reproduce(self), "14em")
        self.stop = button("Stop", stop)
        show_if(False, self.stop)
        super().__init__([self.cause, row(self.make, self.stop, self.said), self.result],
                         layout={"overflow": "visible", "margin": "6px 0 10px"})

    def show(self, number: int, one: Explanation | None) -> None:
        """Show this cause; None makes the row free."""
        self.shows = one
        show_if(False, self.stop)
        if one:
            self.what, why_not = reproduction(one.cause)
            self.cause.value = page.cause(number, one, _lesson_file(one.lesson))
            show_if(self.what, self.make)
            self.said.value = "" if is_unknown(one) else page.reproduced_by(self.what, why_not)


def _examples() -> list[RecordedError]:
    known = {(run.client, run.mode, run.port_kind): run for run in recordings()}
    return [known[key] for key in EXAMPLES]


def _lesson_file(lesson: str | None) -> str | None:
    """The file of a lesson in the folder of the notebook that is open, which is where its kernel works."""
    with contextlib.suppress(OSError):  # the folder may be gone
        return next((file.name for file in sorted(Path.cwd().glob(f"{lesson}-*.ipynb"))), None) if lesson else None
    return None
