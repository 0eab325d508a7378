"""Whether recordings are in use, and what a recorded trace says of itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..trace import Trace

RECORDED = "recorded with "  # so begins the first event of a recorded trace
_said_yes = False


def in_browser() -> bool:
    """Whether this Python runs in a browser, which has no TLS, threads or sockets for it."""
    return sys.platform == "emscripten"


def in_use() -> bool:
    """Whether recorded runs stand in for the lab: always in a browser, elsewhere after `use_recordings()`."""
    return _said_yes or in_browser()


def say(yes: bool) -> None:
    """Note what the learner said; `choice.use_recordings` does the rest."""
    global _said_yes
    _said_yes = yes


def cant(what: str) -> str:
    """One sentence: what can't be done here, and where it can."""
    where = "A browser" if in_browser() else "This machine, where recordings are in use,"
    return f"{where} can't {what}: install smtplab to do it."


def live_only(what: str) -> None:
    """Where recordings are in use, raises OSError, which says that this can't be done."""
    if in_use():
        raise OSError(cant(what))


def recorded_words(trace: Trace) -> str:
    """How a trace was recorded, in brackets, after a space; "" for one of this process."""
    note = trace.events[0].note if trace.events else ""
    return f" ({note})" if note.startswith(RECORDED) else ""
