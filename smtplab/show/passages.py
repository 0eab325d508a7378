"""Conversations through a relay as they pass, printed by a thread of its own: a slow terminal slows no client."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..causes import Cause
from .visitors import Visitors

if TYPE_CHECKING:
    from ..lab.relayed_connection import RelayedConnection

PATIENCE_S = 1.0  # at the end, for a line that nobody takes


class Passages:
    """A relay's listener. It prints as `Visitors` does, and the cause so far while nothing passes.

    `at_end` is called with each conversation that has ended, before it is printed; `unkept` counts its OSErrors.
    """

    def __init__(self, say: Callable[[str], object], as_json: bool,
                 at_end: Callable[[RelayedConnection], object] = lambda _: None) -> None:
        self.say, self.as_json, self.at_end = say, as_json, at_end
        self.visitors = Visitors(self._say, as_json)
        self._print = self.visitors.for_kind("relay")
        self._news: dict[RelayedConnection, None] = {}  # in the order in which there was something to tell
        self._changed, self._over = threading.Condition(), False
        self._lines, self._saying, self.unkept = 0, False, 0
        self._reported: weakref.WeakSet[RelayedConnection] = weakref.WeakSet()
        self._stuck: weakref.WeakKeyDictionary[RelayedConnection, int] = weakref.WeakKeyDictionary()
        self._thread = threading.Thread(target=self._run, daemon=True, name="smtplab-printer")
        self._thread.start()

    def __call__(self, passage: RelayedConnection) -> None:
        """Something has happened in this conversation."""
        with self._changed:
            self._news[passage] = None
            self._changed.notify()

    def finish(self) -> None:
        """Print what is left, unless a line takes more than `PATIENCE_S`; `at_end` gets all conversations."""
        with self._changed:
            self._over = True
            self._changed.notify()
        lines = -1
        while self._thread.is_alive() and not (self._saying and self._lines == lines):
            lines = self._lines
            self._thread.join(PATIENCE_S)
        with self._changed:
            left, self._news = self._news, {}
        for passage in left:
            if passage.ended.is_set() and passage not in self._reported:
                self._keep(passage)

    def _say(self, line: str) -> None:
        self._lines += 1
        self._saying = True
        try:
            self.say(line)
        finally:
            self._saying = False

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._news or self._over)
                if not self._news:
                    break
                passage = next(iter(self._news))
                del self._news[passage]
            self._tell(passage)
        self.visitors.finish()

    def _tell(self, passage: RelayedConnection) -> None:
        ended = passage.ended.is_set()
        if passage in self._reported or (passage.recorder.end and not ended):  # its end was printed, or will be
            return
        if ended:
            self._keep(passage)
        self._print(passage)
        if not ended and not self.as_json:
            self._so_far(passage)

    def _keep(self, passage: RelayedConnection) -> None:
        self._reported.add(passage)
        try:
            self.at_end(passage)
        except OSError as exc:
            self.unkept += 1
            print(f"smtplab: a conversation could not be written: {exc}", file=sys.stderr, flush=True)

    def _so_far(self, passage: RelayedConnection) -> None:
        """Print the cause so far, if one side now waits for the other."""
        events = list(passage.recorder.events)
        waits = sum(event.what == "waiting" for event in events)
        if events[-1].what != "waiting" or self._stuck.get(passage) == waits:
            return
        self._stuck[passage] = waits
        trace = passage.trace()
        if trace.cause is not Cause.OK:
            name, _ = self.visitors.live[passage]
            doubt = "" if trace.certain else " (not certain)"
            self.visitors.say(f"[{name}] so far {trace.cause}: {trace.cause.text.title}{doubt}")
