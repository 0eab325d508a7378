"""The button by which a seat of a workshop room asks the trainer for help; elsewhere there is none."""

from __future__ import annotations

import sys

import ipywidgets

from ..show.widget_base import Panel, button, instead_of_earlier
from . import seat_notes

RAISE, LOWER = "Raise a hand", "Put the hand down"
_SEEN = "Your hand is raised: the trainer sees it, and comes."
_LOST = "The hand can't be raised here: the seat's folder can't be written. Call out."


class Hand(Panel):
    """Raises and lowers the seat's hand; what it says is what the trainer's page shows."""

    def __init__(self) -> None:
        self._button = button(RAISE, self.toggle, "14em")
        self._said = ipywidgets.HTML()
        super().__init__([ipywidgets.HBox([self._button, self._said])])
        instead_of_earlier(self)
        self._show(True)

    def toggle(self) -> None:
        """Do what the button says: another button of the same notebook may have done it already."""
        self._show(seat_notes.note(hand=self._button.description == RAISE))

    def _show(self, noted: bool) -> None:
        up = seat_notes.hand_raised()
        self._button.description = LOWER if up else RAISE
        self._said.value = f'<span role="status">{_SEEN if up else "" if noted else _LOST}</span>'

    def text(self) -> str:
        """The same as text."""
        return _SEEN if seat_notes.hand_raised() else "In JupyterLab there is a button here that calls the trainer."


def show_hand() -> None:
    """Display the button."""
    sys.modules["IPython.display"].display(Hand())  # loaded wherever ipywidgets is
