"""Several dials or probes side by side: results as they come, and a stop that stops."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Protocol

STOP_S = 1.0  # how long a stopped job may take to end


class Job(Protocol):
    """Something that takes a while, and can be told from another thread to end now."""

    def run(self) -> object:
        """Do it and return the result."""

    def stop(self) -> None:
        """End soon."""


def side_by_side(jobs: Sequence[Job], most: int = 128) -> Iterator[tuple[int, object]]:
    """Run the jobs, at most so many at once, and yield (index, result) as each ends.

    A job that raises gives its exception here. Leaving the loop, Ctrl-C included, stops the rest.
    """
    results: queue.SimpleQueue = queue.SimpleQueue()
    waiting, threads = list(enumerate(jobs)), []

    def work(index: int, job: Job) -> None:
        try:
            results.put((index, job.run()))
        except BaseException as exc:
            results.put((index, exc))

    def start() -> None:
        thread = threading.Thread(target=work, args=waiting.pop(0), daemon=True, name="smtplab-job")
        threads.append(thread)
        thread.start()

    try:
        while waiting and len(threads) < most:
            start()
        for _ in jobs:
            index, result = results.get()
            if waiting:
                start()
            if isinstance(result, BaseException):
                raise result
            yield index, result
    finally:
        for job in jobs:
            job.stop()
        for thread in threads:
            thread.join(STOP_S)
