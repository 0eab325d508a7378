"""The table of recorded words in a notebook, with a box that filters its rows while one types."""

from __future__ import annotations

import ipywidgets

from .heard import Words, rosetta
from .widget_base import Panel, instead_of_earlier


class HeardBox(Panel):
    """`words` and a search box; the rows are those that have what is typed in any of their cells."""

    css_class = "smtplab-heard"

    def __init__(self, words: Words) -> None:
        self.words = words
        self._asked = {"mode": words.mode or None, "port_kind": words.port_kind or None, "cause": words.cause or None}
        self._sought = ipywidgets.Text(value=words.contains, description="Only with",
                                       placeholder="Java, curl, timeout ...", style={"description_width": "5em"},
                                       layout={"width": "24em"})
        self._table = ipywidgets.HTML(words.html(), layout={"overflow": "visible"})
        super().__init__([self._sought, self._table])
        instead_of_earlier(self)
        self._sought.observe(self._show, "value")

    def _show(self, change: dict[str, str]) -> None:
        self.words = rosetta(contains=change["new"].strip(), **self._asked)
        self._table.value = self.words.html()

    def text(self) -> str:
        """The table as text."""
        return self.words.text()

    def page(self) -> str:
        """The table without its search box."""
        return self.words.html()
