"""A clock on the terminal for who waits: what is waited for, and for how long at most."""

from __future__ import annotations

import sys
import threading
import time


class Ticker:
    """While it is open, and stderr is a terminal, shows there what is waited for and how long."""

    def __init__(self, what: str, limit_s: float) -> None:
        self.what, self.limit_s, self.done = what, limit_s, threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True, name="smtplab-ticker")

    def __enter__(self) -> Ticker:
        self.thread.start()
        return self

    def __exit__(self, *_exc) -> None:
        self.done.set()
        self.thread.join()

    def _tick(self) -> None:
        start = time.monotonic()
        while sys.stderr.isatty() and not self.done.wait(0.5):
            passed = time.monotonic() - start
            self._status(f"{self.what}: {passed:.0f} of at most {self.limit_s:g} s")
        if sys.stderr.isatty():
            self._status("")

    def _status(self, words: str) -> None:
        print(f"\r{words}\033[K", end="", file=sys.stderr, flush=True)
