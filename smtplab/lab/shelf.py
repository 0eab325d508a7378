"""The visits of a server or the conversations of a relay that are held: so many, and so many bytes in all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from .. import limits
from .recorder import Recorder


class Held(Protocol):
    """What is held: whoever has a recorder."""

    recorder: Recorder


One = TypeVar("One", bound=Held)


class Shelf(Generic[One]):
    """The newest, in the order they came. Where there are too many, the oldest that have ended are forgotten.

    It is locked by whoever holds it."""

    def __init__(self) -> None:
        self._held: deque[One] = deque()
        self._asked = 0

    def __iter__(self) -> Iterator[One]:
        return iter(self._held)

    def __reversed__(self) -> Iterator[One]:
        return reversed(self._held)

    def add(self, one: One) -> None:
        """It has come."""
        self._held.append(one)
        if len(self._held) > limits.KEPT:
            self._held.popleft()

    def too_much(self, one: One) -> str:
        """Why it is to be ended, if it is. Asked after each event; now and then it is seen to that there is room."""
        recorder = one.recorder
        if recorder.received + recorder.sent > limits.VISIT_BYTES:
            return f"more than {limits.VISIT_BYTES} bytes crossed"
        if len(recorder.events) > limits.VISIT_EVENTS:
            return f"more than {limits.VISIT_EVENTS} events"
        self._asked += 1
        full = self._asked % 8 == 0 and not self.room()
        return f"all visitors together take more than {limits.KEPT_BYTES} bytes" if full else ""

    def room(self) -> bool:
        """Whether there is any, once the oldest that have ended are forgotten."""
        size = sum(one.recorder.size_bytes for one in self._held)
        for one in [one for one in self._held if one.recorder.end is not None] if size > limits.KEPT_BYTES else ():
            self._held.remove(one)
            size -= one.recorder.size_bytes
            if size <= limits.KEPT_BYTES:
                break
        return size <= limits.KEPT_BYTES
