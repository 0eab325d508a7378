"""What several tests need: waiting without sleeping, a server's traces once nothing more is added, a notebook read."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import smtplab

Value = TypeVar("Value")


def until(predicate: Callable[[], Value], timeout_s: float = 30.0) -> Value:
    """What `predicate` gives as soon as that is true; AssertionError once `timeout_s` have passed."""
    deadline = time.monotonic() + timeout_s
    while not (value := predicate()):
        assert time.monotonic() < deadline, f"still false after {timeout_s:g} s"
        threading.Event().wait(0.01)
    return value


def ended_traces(server: smtplab.Server, timeout_s: float = 30.0) -> list[smtplab.Trace]:
    """The server's traces, one at least, once all its visitors have left."""
    def ended() -> list[smtplab.Trace]:
        # The clock of a conversation that goes on runs on from one look to the next.
        first, second = server.traces(), server.traces()
        return second if [t.seconds for t in first] == [t.seconds for t in second] else []

    return until(ended, timeout_s)


def read_notebook(path: Path) -> object:
    """The notebook in this file. Its library takes seconds to import, which not every process of the tests needs."""
    import nbformat
    return nbformat.read(path, as_version=4)
