"""`Keys`: an invisible part of a `Panel` that keeps the keys pressed in its lists and buttons from the notebook.

Without it, JupyterLab takes an arrow key in a list for a move to the next cell, and a letter for a command.
"""

from __future__ import annotations

import traitlets

from .widget_base import HERE, ScriptWidget


class Keys(ScriptWidget):
    """Put it into a `Panel` of that `css_class`; it sees to all that is in there, also later."""

    _esm = (HERE / "keys.js").read_text(encoding="utf-8")
    _css = ""

    inside = traitlets.Unicode().tag(sync=True)

    def __init__(self, css_class: str) -> None:
        super().__init__(inside=f".{css_class}")

    def text(self) -> str:
        """Nothing: it can't be seen."""
        return ""

    def page(self) -> str:
        """Nothing."""
        return ""
