"""`ErrorDecoder`: paste an error text, see what may have caused it, and let the lab show the bytes of that cause."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ipywidgets

from ..address import port_number
from ..causes import Cause
from ..messages import Explanation, clean, explain, mode_of
from . import explanation_document as page
from .document import STYLE
from .explanation_document import explanations, is_unknown
from .paste_box import PasteBox
from .recorded_errors import RecordedError, recordings
from .reproduction import comparison, reproduction, seen
from .running import Job, RunBox, Running, button, clock, instead_of_earlier
from .settings_document import hint
from .settings_rehearsal import Rehearsing

EMPTY = "paste an error text or a log here"
READ_ONLY = "What is pasted is read, not run, and sent nowhere. What looks like a secret is taken out."
LONG = 20_000  # characters; reading more at each key would hold up the typing
IS_LONG = "The text is long, so what you type is read when you leave the box."
NO_PORT = "is no port: they are 1 to 65535. The text's own is taken, if it has one."
MODES = (("not known", ""), ("implicit TLS", "implicit"), ("STARTTLS", "starttls"), ("plain", "plain"))
# Recorded words of clients: (client, mode, kind of port), each a text that people paste.
EXAMPLES = (("Python smtplib.SMTP_SSL", "implicit", "banner220"), ("nodemailer secure:false", "starttls", "silent"),
            ("JavaMail smtp", "starttls", "nostarttls"), ("PHPMailer", "starttls", "close"))
_WIDE = {"description_width": "4em"}


class ErrorDecoder(RunBox):
    """Paste an error text, say port and mode if you know them: its causes, and a button that makes each in the lab.

    `mode` is implicit, starttls or plain, or the words of a setting; what can't be read counts as not known.
    A dial at the lab takes at most `timeout_s`. Raises ValueError for a port that is none.
    """

    def __init__(self, text: str = "", *, port: int | None = None, mode: str | None = None,
                 timeout_s: float = 3.0) -> None:
        port = None if port is None else port_number(port)
        self.timeout_s, self.trace, self.comparison = timeout_s, None, None
        self.found: list[Explanation] = []
        self._quiet, self._row, self._rows = False, None, []
        self._rehearsing: Rehearsing | None = None
        self._text = PasteBox(value=str(text), rows=8, description="Error", style=_WIDE, placeholder=EMPTY,
                              layout={"width": "auto", "min_width": "0"})
        self._port = ipywidgets.Text(value=str(port or ""), placeholder="not known", description="Port", style=_WIDE,
                                     layout={"width": "12em"})
        self._mode = ipywidgets.Dropdown(options=MODES, value=mode_of(mode, port) or "", description="Mode",
                                         style=_WIDE, layout={"width": "16em"})
        self._hint, self._port_said, self._marked = (ipywidgets.HTML() for _ in range(3))
        self._causes = ipywidgets.VBox(layout={"overflow": "visible"})
        examples = [button(f"{run.client}, {run.mode}", partial(self._put, run), "auto") for run in _examples()]
        super().__init__([ipywidgets.HTML(STYLE), self._text, self._hint,
                          _row(self._port, self._mode, self._port_said),
                          _row(ipywidgets.Label("Examples, as recorded:"), *examples), self._marked, self._causes])
        self.add_class("smtplab-decoder")
        instead_of_earlier(self)
        for made in (self._text, self._port, self._mode):
            made.observe(self._show, "value")
        self._show()

    # --- what a person does ---

    def _put(self, run: RecordedError) -> None:
        """One of the recorded texts, in the mode it was recorded in."""
        self._quiet = True
        self._text.value, self._mode.value, self._port.value = run.words, run.mode, ""
        self._quiet = False
        self._show()

    def reproduce(self, cause: Cause | str) -> None:
        """Dial the lab for one of the causes that are shown; one dial at a time. ValueError for any other cause."""
        rows = [row for row in self._rows if row.shown and row.shown.cause == cause and row.what]
        if not rows:
            raise ValueError(f"{cause} is not shown here, or the lab can't make it")
        self._reproduce(rows[0])

    def _reproduce(self, row: _Row) -> None:
        if not (self._run and self._run.running):
            self._take_away()
            self._row = row
            self.start()

    def start(self) -> None:
        """Dial the lab for the cause that was asked for last, or the first that the lab can make."""
        self._row = self._row or next((row for row in self._rows if row.shown and row.what), None)
        if self._row:
            super().start()

    # --- what is shown ---

    def _show(self, _change: dict | None = None) -> None:
        if self._quiet:
            return
        self._take_away()
        port, wrong = _port(self._port.value)
        text = clean(self._text.value)
        self.found = explain(self._text.value, port=port, mode=self._mode.value or None)
        self._port_said.value = hint(f"✗ {self._port.value[:20]} {NO_PORT}") if wrong else ""
        long = len(self._text.value) > LONG
        self._text.continuous_update, self._hint.value = not long, hint(READ_ONLY, IS_LONG * long)
        self._marked.value = page.marked(text, self.found)
        while len(self._rows) < len(self.found):
            self._rows.append(_Row(self._reproduce, self.stop))
        for number, row in enumerate(self._rows):
            row.show(number + 1, self.found[number] if number < len(self.found) else None)
        self._causes.children = tuple(row.box for row in self._rows[:len(self.found)])

    def _take_away(self) -> None:
        """An earlier result is of another text or another cause; a dial that goes on ends, its last word with it."""
        self.stop()
        self.wait(1)
        self._row, self.trace, self.comparison = None, None, None
        for row in self._rows:
            row.result.value = ""

    # --- the run ---

    def _next(self) -> tuple[Job, float]:
        self.trace = self.comparison = None
        self._rehearsing = Rehearsing(self._row.what, self.timeout_s)
        return self._rehearsing, self.timeout_s

    def _tick(self, run: Running) -> None:
        row, job = self._row, self._rehearsing
        for other in self._rows:
            other.make.disabled = run.running
        row.stop.layout.display = None if run.running else "none"
        row.said.value = clock(run, f"dialling: {job.what}", f"dialled: {job.what}")
        if job.trace:
            self.trace, self.comparison = job.trace, seen(row.shown.cause, job.trace)
            row.result.value = comparison(self.comparison, job.trace, f"In the lab: {job.what}")

    def text(self) -> str:
        """The causes as text, and what a dial at the lab showed."""
        said = explanations(self.found)
        return f"{said}\n\nin the lab: {self._rehearsing.what}\n{self.trace}" if self.trace else said

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        return {**super()._repr_mimebundle_(**kwargs), "text/html": page.causes(clean(self._text.value), self.found)}


class _Row:
    """A cause on the page, its button, and what the lab showed; kept for the next text, as making it takes time."""

    def __init__(self, reproduce: Callable[[_Row], object], stop: Callable[[], object]) -> None:
        self.shown: Explanation | None = None
        self.what = None
        self.cause, self.said, self.result = (ipywidgets.HTML() for _ in range(3))
        self.make = button("Reproduce it in the lab", lambda: reproduce(self), "14em")
        self.stop = button("Stop", stop)
        self.stop.layout.display = "none"
        self.box = ipywidgets.VBox([self.cause, _row(self.make, self.stop, self.said), self.result],
                                   layout={"overflow": "visible", "margin": "6px 0 10px"})

    def show(self, number: int, one: Explanation | None) -> None:
        """This cause, or none."""
        self.shown, self.stop.layout.display = one, "none"
        if one:
            self.what, why_not = reproduction(one.cause)
            self.cause.value = page.cause(number, one, _lesson_file(one.lesson))
            self.make.layout.display = None if self.what else "none"
            self.said.value = "" if is_unknown(one) else page.reproduced_by(self.what, why_not)


def _examples() -> list[RecordedError]:
    known = {(run.client, run.mode, run.port_kind): run for run in recordings()}
    return [known[key] for key in EXAMPLES]


def _lesson_file(lesson: str) -> str | None:
    """The lesson's notebook beside the one that is open: a kernel works in its notebook's folder."""
    with contextlib.suppress(OSError):  # the folder may be gone
        return next((file.name for file in sorted(Path.cwd().glob(f"{lesson}-*.ipynb"))), None) if lesson else None
    return None


def _row(*children: ipywidgets.Widget) -> ipywidgets.HBox:
    return ipywidgets.HBox(children, layout={"flex_flow": "row wrap", "align_items": "center", "overflow": "visible"})


def _port(typed: str) -> tuple[int | None, bool]:
    """The port in the field, None without one; and whether what stands there is none."""
    try:
        return port_number(typed), False
    except ValueError:
        return None, bool(typed.strip())
