"""`CaseBox`: one box for everything, an error, a log and settings together, and the one answer to it."""

from __future__ import annotations

from typing import Any

import ipywidgets

from ..address import port_number
from ..question import Answer, Kind, diagnose_paste, only
from .answer_document import answer_html, answer_page, answer_text, looked_at_html
from .document import STYLE
from .inputs import IS_LONG, PasteBox, read_port
from .settings_document import hint
from .widget_base import Panel, button, close_all, instead_of_earlier, row, show_if

EMPTY = "paste all you have: the error, the log, the settings, the words you would post in a forum"
READ_ONLY = "What is pasted is read, not run, and sent nowhere. What looks like a secret is taken out."
NO_PORT = "is no port: they are 1 to 65535. The text's own is taken, if it has one."
ERROR, SETTINGS, CLOSE = "Look into the error", "Look into the settings", "Close it"
_WIDE = {"description_width": "4em"}


class CaseBox(Panel):
    """Paste everything: what it is, what is wrong, one next command, and the corrected settings.

    Its buttons hand the error over to an `ErrorDecoder`, which makes the same failure in the lab, and the settings to a
    `SettingsExplorer`, which explains them line by line. Raises ValueError unless `port` is 1 to 65535.
    """

    css_class = "smtplab-case-box"
    answer: Answer

    def __init__(self, text: str = "", *, port: int | None = None) -> None:
        port = None if port is None else port_number(port)
        self.opened: ipywidgets.Widget | None = None
        self._text = PasteBox(value=str(text), rows=12, description="Paste", style=_WIDE, placeholder=EMPTY,
                              layout={"width": "auto", "min_width": "0"})
        self._port = ipywidgets.Text(value=str(port or ""), placeholder="from the text", description="Port",
                                     style=_WIDE, layout={"width": "12em"})
        self._hint, self._port_said, self._answer, self._looked_at = (ipywidgets.HTML() for _ in range(4))
        self._error, self._settings = button(ERROR, self._open_error, "14em"), button(SETTINGS, self._open_settings,
                                                                                      "14em")
        self._close = button(CLOSE, self._put_away)
        self._below = ipywidgets.VBox(layout={"overflow": "visible"})
        super().__init__([ipywidgets.HTML(STYLE), self._text, self._hint, row(self._port, self._port_said),
                          self._answer, self._looked_at, row(self._error, self._settings, self._close), self._below])
        instead_of_earlier(self)
        for made in (self._text, self._port):
            made.observe(self._show, "value")
        self._show()

    # --- what a person does ---

    def _open_error(self) -> None:
        from .error_decoder import ErrorDecoder
        read = self.answer.read
        mode = "starttls" if read.mode.startswith("starttls") else read.mode
        self._open(ErrorDecoder(self.answer.looked_at, port=read.seen_port or read.port, mode=read.seen_mode or mode))

    def _open_settings(self) -> None:
        from .settings_explorer import SettingsExplorer
        chosen = [one for one in self.answer.read.segments if one.kind is Kind.SETTINGS]
        self._open(SettingsExplorer(self.answer.read.framework, only(self._text.value, chosen),
                                    port=None if self.answer.report is None else self.answer.report.port))

    def _open(self, made: ipywidgets.Widget) -> None:
        self._put_away()
        self.opened, self._below.children = made, (made,)
        show_if(True, self._close)

    def _put_away(self) -> None:
        """Close the decoder or the explorer, if one is open."""
        opened, self.opened = self.opened, None
        self._below.children = ()
        if opened:
            close_all(opened)
        show_if(False, self._close)

    # --- what is shown ---

    def _show(self, _change: dict[str, Any] | None = None) -> None:
        self._put_away()
        port, wrong = read_port(self._port.value)
        self.answer = diagnose_paste(self._text.value, port=port)
        empty = not self._text.value.strip()
        self._port_said.value = hint(f"✗ {self._port.value[:20]} {NO_PORT}") if wrong else ""
        self._hint.value = hint(READ_ONLY, IS_LONG * self._text.is_long)
        self._answer.value = "" if empty else answer_html(self.answer)
        self._looked_at.value = looked_at_html(self.answer)
        show_if(self.answer.looked_at.strip(), self._error)
        show_if(self.answer.report, self._settings)

    def text(self) -> str:
        """The answer as text, all of it."""
        return answer_text(self.answer, everything=True)

    def page(self) -> str:
        """The answer, and what was looked at; of an empty box, what it is for."""
        if not self._text.value.strip():
            return hint(f"Here is a box, where a kernel runs: {EMPTY}.")
        return answer_page(self.answer) + looked_at_html(self.answer)
