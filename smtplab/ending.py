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
LOOK_S = 0.1  # after a signal has come, until it is seen whether it was acted on
_began_s: float | None = None
_told: int | None = None  # the end of a pipe into which Python writes the number of each signal that comes
_instead: Callable[[], object] | None = None


def arm() -> None:
    """From now on the first of these signals raises KeyboardInterrupt. One that is ignored stays so, as under nohup."""
    global _told
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    if _told is None and hasattr(signal, "pthread_kill"):
        import threading  # here, as until now a signal ends this with a traceback
        heard, _told = os.pipe()
        os.set_blocking(_told, False)
        threading.Thread(target=_look_after, args=(heard, threading.get_ident()), name="smtplab-signals",
                         daemon=True).start()
        signal.set_wakeup_fd(_told, warn_on_full_buffer=False)


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
    global _told
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if _told is not None:
        signal.set_wakeup_fd(-1)
        os.close(_told)
        _told = None


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


def _look_after(heard: int, main: int) -> None:
    """Send a signal to the main thread once more if it came between Python's last look and an endless wait, such as
    the read of a line: it would be acted on at the wait's end only."""
    while came := os.read(heard, 1):
        time.sleep(LOOK_S)
        if signal.getsignal(came[0]) is _end and not _has_begun():
            signal.pthread_kill(main, came[0])
    os.close(heard)


def _has_begun() -> bool:
    return _began_s is not None and time.monotonic() - _began_s <= PATIENCE_S


def _end(_number: int, _frame: object) -> None:
    global _began_s
    if not _has_begun():
        _began_s = time.monotonic()
        if _instead is None:
            raise KeyboardInterrupt
        _instead()
