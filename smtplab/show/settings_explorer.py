"""`SettingsExplorer`: paste a mailer's settings, see what they do on each port, and run it in the lab."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import ipywidgets

from ..address import port_number
from ..settings import SettingsReport, framework, read_settings, translate
from ..trace import Trace
from . import settings_document as page
from .document import STYLE
from .inputs import IS_LONG, PasteBox, read_port
from .player import PlayerBox
from .reproduction import comparison
from .running import Job, Running, RunPanel
from .settings_document import settings_report
from .settings_examples import KINDS, Example, by_ecosystem, examples, first_example, versions
from .settings_picture import picture
from .settings_rehearsal import Comparison, Rehearsing, compare, rehearsal
from .widget_base import button, instead_of_earlier, row, show_if

PORTS = ("25", "465", "587")
EMPTY = "paste settings here"
READ_ONLY = ("What is pasted is read, not run, and sent nowhere. Passwords play no part: what looks like one is taken "
             "out.")
_WIDE = {"description_width": "6em"}
_COLUMN = {"flex": "1 1 30em", "min_width": "0", "max_width": "100%", "padding": "0 8px 0 0", "overflow": "visible"}


class SettingsExplorer(RunPanel):
    """Choose a framework, version and port, paste settings: what they do, and the right ones; Run it dials.

    `settings` are text as one would paste it, or a mapping of the framework's keys; None begins with a right
    example. Without a `port` the settings' own is taken. Run it dials a lab server for at most `timeout_s`.
    Raises ValueError for an unknown framework, or unless `port` is 1 to 65535.
    """

    css_class = "smtplab-explorer"
    _lens: ipywidgets.Widget | None = None

    def __init__(self, framework_name: str = "rails", settings: str | Mapping[str, Any] | None = None, *,
                 version: str | None = None, port: int | None = None, timeout_s: float = 3.0) -> None:
        self.timeout_s = timeout_s
        self.trace: Trace | None = None
        self.comparison: Comparison | None = None
        self._quiet = True
        self._chosen_example: str | None = None
        self._mapping: Mapping[str, Any] | None = None
        self._job: Rehearsing | None = None
        self._asked_with: SettingsReport | None = None
        name, version = framework(framework_name).name, str(version or "")
        if isinstance(settings, Mapping):
            self._mapping, settings = settings, ""
        port = None if port is None else port_number(port)
        self.report = read_settings(name, self._mapping or settings or "", version=version, port=port)
        self._make_inputs(name, version, port)
        self._make_answers()
        super().__init__([ipywidgets.HTML(STYLE), *self._input_rows(), self._columns(), *self._run_it(),
                          self._right_ones()])
        instead_of_earlier(self)
        with self._at_once():
            self._offer_examples()
            if settings is None:
                self._put(first_example(name, version))
            else:
                self._text.value = settings

    # --- what it is made of ---

    def _make_inputs(self, name: str, version: str, port: int | None) -> None:
        self._framework = ipywidgets.Dropdown(options=by_ecosystem(), value=name, description="Framework",
                                              style=_WIDE, layout={"width": "30em"})
        self._version = ipywidgets.Dropdown(options=versions(name, version), value=version, description="Version",
                                            style=_WIDE, layout={"width": "32em"})
        self._port = ipywidgets.Text(value=str(port or ""), placeholder="from the settings", description="Port",
                                     style=_WIDE, layout={"width": "17em"})
        self._text = PasteBox(rows=9, description="Settings", style=_WIDE, placeholder=EMPTY,
                              layout={"width": "auto", "min_width": "0"})
        self._to = ipywidgets.Dropdown(options=by_ecosystem(), value=self._other(name), description="The same in",
                                       style={"description_width": "initial"}, layout={"width": "30em"})
        self._framework.observe(self._framework_chosen, "value")
        self._version.observe(self._version_chosen, "value")
        self._port.observe(self._port_typed, "value")
        self._text.observe(self._typed, "value")
        self._to.observe(self._show_translation, "value")

    def _make_answers(self) -> None:
        self._answer, self._lines, self._warnings, self._picture = (ipywidgets.HTML() for _ in range(4))
        self._hint = ipywidgets.HTML()
        self._missing, self._port_said, self._compared = (ipywidgets.HTML() for _ in range(3))
        self._translation, self._right = ipywidgets.HTML(), [ipywidgets.HTML(), ipywidgets.HTML()]
        self._use = [button("Use these", partial(self._use_right, index)) for index in range(2)]
        self._open_lens = button("Open the five-byte lens", self._show_lens, "16em")
        self._lens_box, self._player = ipywidgets.VBox(), PlayerBox()
        self._steps = button("Step through it", self._show_player, "11em")
        self._steps.disabled = True
        self._examples = [button(example.name, partial(self._pick, index), "auto")
                          for index, example in enumerate(examples(self.report.framework))]

    def _input_rows(self) -> list[ipywidgets.Widget]:
        ports = [button("from the settings", partial(self._set_port, ""), "auto"),
                 *(button(port, partial(self._set_port, port), "4em") for port in PORTS)]
        return [row(self._framework, self._version), row(self._port, *ports, self._port_said),
                row(ipywidgets.Label("Examples:"), *self._examples), self._missing]

    def _columns(self) -> ipywidgets.Widget:
        left = ipywidgets.VBox([self._text, self._hint, self._lines, self._warnings], layout=_COLUMN)
        right = ipywidgets.VBox([self._answer, self._picture, self._open_lens], layout=_COLUMN)
        return ipywidgets.VBox([row(left, right, top=True), self._lens_box])

    def _run_it(self) -> list[ipywidgets.Widget]:
        stop, start, clock_line = self.controls("Run it")
        stop.disabled = True
        return [row(start, stop, self._steps, clock_line), self._compared, self._player]

    def _right_ones(self) -> ipywidgets.Widget:
        both = [ipywidgets.VBox([text, use], layout=_COLUMN)
                for text, use in zip(self._right, self._use, strict=True)]
        return ipywidgets.VBox([row(*both, top=True), self._to, self._translation])

    # --- what a person does ---

    @property
    def settings(self) -> str | Mapping[str, Any]:
        """The settings that are read: the text of the paste box, or the mapping that the explorer was made with."""
        return self._mapping if self._mapping is not None else str(self._text.value)

    @property
    def player(self) -> Any:
        """The Player of the last run; None unless it was opened."""
        return self._player.player

    def parts(self) -> list[ipywidgets.Widget]:
        """The lens too, which may not be in the page."""
        return [*self.children, *([self._lens] if self._lens else [])]

    @contextlib.contextmanager
    def _at_once(self) -> Iterator[None]:
        """Change several inputs within the block; all that follows from them is then shown once."""
        self._quiet = True
        yield
        self._quiet = False
        self._show()

    def _framework_chosen(self, change: dict[str, Any]) -> None:
        with self._at_once():
            self._version.options, self._version.value = versions(change["new"]), ""
            self._mapping = None
            self._offer_examples()
            self._follow_example()
            if self._to.value == change["new"]:
                self._to.value = self._other(change["new"])

    def _version_chosen(self, _change: dict[str, Any]) -> None:
        if not self._quiet:
            with self._at_once():
                self._offer_examples()
                self._follow_example()

    def _follow_example(self) -> None:
        """Put the picked example in terms of the framework that is chosen now; a person's own settings stay."""
        if self._chosen_example is not None:
            found = {example.name: example for example in self._possible()}
            self._put(found.get(self._chosen_example) or first_example(self._framework.value, self._version.value))

    def _put(self, example: Example) -> None:
        self._text.value, self._chosen_example, self._mapping = example.text, example.name, None

    def _pick(self, index: int) -> None:
        with self._at_once():
            self._put(examples(self._framework.value, self._version.value)[index])
            self._port.value = ""

    def _use_right(self, index: int) -> None:
        with self._at_once():
            self._put(Example(KINDS[index][0], self.report.right[index].text, True))
            self._port.value = ""

    def _set_port(self, port: str) -> None:
        self._port.value = port

    def _port_typed(self, _change: dict[str, Any]) -> None:
        self._show()

    def _typed(self, _change: dict[str, Any]) -> None:
        if not self._quiet:
            self._chosen_example, self._mapping = None, None
            self._show()

    def _show_lens(self) -> None:
        if self._lens is None:
            from .five_byte_lens import FiveByteLens  # slow to make
            self._lens = FiveByteLens()
        self._lens_box.children = () if self._lens_box.children else (self._lens,)

    def _show_player(self) -> None:
        if self._job:
            self._player.show(self.trace, self._job.server_trace)

    # --- what is shown ---

    def _possible(self) -> list[Example]:
        return [example for example in examples(self._framework.value, self._version.value) if example.possible]

    def _offer_examples(self) -> None:
        found = examples(self._framework.value, self._version.value)
        for made, example in zip(self._examples, found, strict=True):
            made.disabled = not example.possible
            made.tooltip = example.name if example.possible else example.text
        self._missing.value = page.examples_missing([(e.name, e.text) for e in found if not e.possible])

    def _other(self, name: str) -> str:
        return next((other for _, other in by_ecosystem() if other != name), name)

    def _show(self) -> None:
        """Read the settings, and show all that follows from them."""
        if self._quiet:
            return
        port, wrong = read_port(self._port.value)
        self._port_said.value = page.wrong_port(self._port.value.strip()) if wrong else ""
        self.report = report = read_settings(self._framework.value, self.settings, version=self._version.value,
                                             port=port)
        self._answer.value, self._warnings.value = page.answer(report), page.warnings(report)
        self._lines.value = page.lines(report, bool(self.settings))
        self._picture.value = picture(report)
        self._hint.value = page.hint(READ_ONLY, IS_LONG * self._text.is_long)
        mismatch = report.outcome == "wrong-version-number"
        show_if(mismatch, self._open_lens)
        if not mismatch:
            self._lens_box.children = ()
        for text, use, right in zip(self._right, self._use, report.right, strict=True):
            text.value = page.right(right)
            show_if(right.possible, use)
        self._show_translation()
        self._show_run()

    def _show_translation(self, _change: dict[str, Any] | None = None) -> None:
        self._translation.value = page.translated(translate(self.report, self._to.value), self.report)

    def _show_run(self) -> None:
        """Show what Run it would do, and remove an earlier result, which belongs to other settings."""
        if self.running:
            return
        what = rehearsal(self.report)
        self.start_button.disabled, self.clock_line.value = what is None, page.run_or_not(what)
        self.trace = self.comparison = None
        self._compared.value, self._steps.disabled = "", True
        self._player.show(None)

    # --- the run ---

    def start(self) -> None:
        """Dial the lab, unless that is going on, or the settings are refused before a connection is made."""
        if rehearsal(self.report) is not None:
            super().start()

    def new_job(self) -> tuple[Job, float]:
        """The dial that does what the settings do."""
        self._show_run()
        what = rehearsal(self.report)
        assert what, "start sees to that"
        self._asked_with, self._job = self.report, Rehearsing(what, self.timeout_s)
        return self._job, self.timeout_s

    def show_progress(self, run: Running) -> None:
        """The clock, then what was seen beside what was predicted."""
        job, report = self._job, self._asked_with
        assert job and report, "new_job has made both"
        self.show_run(run, f"dialling: {job.what}", f"dialled: {job.what}")
        self.start_button.disabled = run.running or rehearsal(self.report) is None
        if job.trace:
            self.trace, self.comparison = job.trace, compare(report, job.trace)
            whose = f"{report.title}, {report.version}, mode {report.mode}, port {report.port}"
            self._compared.value = comparison(self.comparison, job.trace, whose)
            self._steps.disabled = False

    def text(self) -> str:
        """The report as text, and what a run showed."""
        said = settings_report(self.report)
        if self.comparison is None:
            return said
        found = self.comparison
        note = f"\n{found.note}" if found.note else ""
        return f"{said}\n\npredicted: {found.predicted} / seen: {found.seen}{note}\n\n{self.trace}"

    def page(self) -> str:
        """All that the settings do, without the run."""
        report = self.report
        return "".join([STYLE, page.answer(report), picture(report), page.lines(report, bool(self.settings)),
                        page.warnings(report), *map(page.right, report.right)])
