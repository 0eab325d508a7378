"""For tests of widgets that hold a Player: another in its place, so that they are tests of the widget alone."""


import ipywidgets
import pytest


class Player(ipywidgets.HTML):
    """Keeps what it was given."""

    def __init__(self, trace, server_trace=None):
        super().__init__()
        self.trace, self.server_trace = trace, server_trace

    def page(self):
        """As the real one has it."""
        return f"a Player of {self.trace.cause}"


@pytest.fixture
def stand_in_player(monkeypatch):
    """Whoever imports the Player gets one that only keeps what it was given."""
    monkeypatch.setattr("smtplab.show.player.Player", Player)
