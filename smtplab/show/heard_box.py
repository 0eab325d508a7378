"""The table of recorded words in a notebook, with a box that filters its rows while one types."""

from __future__ import annotations

import ipywidgets

from .heard import Words, rosetta
from .running import instead_of_earlier


class HeardBox(ipywidgets.VBox):
    """`words` and a search box; the rows are those that have what is typed in any of their cells."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._asked = {"mode": words.mode or None, "port_kind": words.port_kind or None, "cause": words.cause or None}
        self._sought = ipywidgets.Text(value=words.contains, description="Only with",
                                       placeholder="Java, curl, timeout ...", style={"description_width": "5em"},
                                       layout={"width": "24em"})
        self._table = ipywidgets.HTML(words.html(), layout={"overflow": "visible"})
        super().__init__([self._sought, self._table])
        self.add_class("smtplab-heard")
        instead_of_earlier(self)
        self._sought.observe(self._show, "value")

    def _show(self, change: dict) -> None:
        self.words = rosetta(contains=change["new"].strip(), **self._asked)
        self._table.value = self.words.html()
