"""A conversation printed while it happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import limits
from ..events import What
from ..records import is_tls
from ..report import Transcript

if TYPE_CHECKING:
    from ..lab.recorder import Recorder


class Live:
    """A listener that prints a conversation's lines as they come, secrets blanked, through `write`."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write, self.view, self.seen = write, Transcript(), 0
        self.work_bytes = 0  # read so far: each event reads the whole conversation again

    def __call__(self, recorder: Recorder) -> None:
        """Print what has come since the last call."""
        newest = recorder.events[-1]
        data = newest.data or b""
        goes_on = (newest.what in (What.BYTES, What.INSIDE) and b"\n" not in data and not is_tls(data[:1])
                   and self.view.timeline.is_text(newest.who))  # part of a line, the end of which is to come
        if goes_on or self.work_bytes > limits.LIVE_BYTES:
            return
        self.work_bytes += recorder.size_bytes
        events = recorder.clean_events()
        for event in events[self.seen:]:
            for line in self.view.feed(event):
                self.write(line)
        self.seen = len(events)

    def rest(self, recorder: Recorder) -> None:
        """Print what has been held back, at the end."""
        for event in recorder.clean_events()[self.seen:]:
            for line in self.view.feed(event):
                self.write(line)
        for line in self.view.rest():
            self.write(line)
