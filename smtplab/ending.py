"""The end of a command by a signal: the first ends it in order, and others wait until that is done.

A second Ctrl-C, or a terminal that sends SIGHUP behind it, must not interrupt the clean-up that the first began.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
PATIENCE_S = 5.0  # an end that takes longer is no end: the next signal counts again
_began_s: float | None = None
_instead: Callable[[], object] | None = None


def arm() -> None:
    """From now on the first of these signals raises KeyboardInterrupt. One that is ignored stays so, as under nohup."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def leave(status: object) -> NoReturn:
    """End the process with this exit status once all is written and what `atexit` has is done.

    None is 0, and anything but a number is 1; it is 1 too if what was 0 could not be written.

    The interpreter's own teardown, a tenth of the time of a short command, is left out: all threads are daemons.
    """
    code = status if isinstance(status, int) else int(status is not None)
    try:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # closed by whoever started this
                stream.flush()
    except OSError:  # nobody reads it any more
        code = code or 1
    os._exit(code)


def disarm() -> None:
    """All is done but what the interpreter does at its own end, in which nothing may come between."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def instead(act: Callable[[], object]) -> Iterator[None]:
    """Within the block the first signal calls this, in the main thread, and raises nothing: an event loop, into which
    KeyboardInterrupt could come anywhere, ends in its own way."""
    global _instead
    before, _instead = _instead, act
    try:
        yield
    finally:
        _instead = before


def _end(_number: int, _frame: object) -> None:
    global _began_s
    if _began_s is None or time.monotonic() - _began_s > PATIENCE_S:
        _began_s = time.monotonic()
        if _instead is None:
            raise KeyboardInterrupt
        _instead()
