"""Several dials or probes side by side: results as they come, and a stop that stops."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Generator, Sequence
from typing import Generic, Protocol, TypeVar

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

Result = TypeVar("Result", covariant=True)
STOP_S = 1.0  # how long a stopped job may take to end
MOST = 128  # jobs at once
_FILES_EACH, _FILES_LEFT = 4, 32  # a job's socket, the lab server's end of it, a certificate read; what else may open


class Job(Protocol[Result]):
    """Something that takes a while, and can be told from another thread to end now."""

    def run(self) -> Result:
        """Do it and return the result."""

    def stop(self) -> None:
        """End soon."""


class Later(Generic[Result]):
    """A job that `make` makes when its turn comes, so that those which wait hold nothing open."""

    def __init__(self, make: Callable[[], Job[Result]]) -> None:
        self._make, self._stopped = make, False
        self._job: Job[Result] | None = None

    def run(self) -> Result:
        """Make it, do it, let go of it."""
        job = self._job = self._make()
        if self._stopped:
            job.stop()
        try:
            return job.run()
        finally:
            self._job = None

    def stop(self) -> None:
        """End soon, also before it was made."""
        self._stopped = True
        if job := self._job:
            job.stop()


def at_once(most: int = MOST) -> int:
    """How many jobs the process may run at once, at least 1: fewer than `most` where few files may be open."""
    with contextlib.suppress(OSError, AttributeError):  # no such folder, or no such limit
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if limit != resource.RLIM_INFINITY:
            return max(1, min(most, (limit - len(os.listdir("/dev/fd")) - _FILES_LEFT) // _FILES_EACH))
    return most


def run_concurrently(jobs: Sequence[Job[Result]], most: int = MOST) -> Generator[tuple[int, Result], None, None]:
    """Run the jobs, `at_once(most)` of them at once, and yield (index, result) as each ends.

    A job that raises gives its exception here. Leaving the loop, Ctrl-C included, stops the rest.
    """
    results: queue.SimpleQueue[tuple[int, Result | BaseException]] = queue.SimpleQueue()
    waiting, most = list(enumerate(jobs)), at_once(most)
    threads: list[threading.Thread] = []

    def work(index: int, job: Job[Result]) -> None:
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
