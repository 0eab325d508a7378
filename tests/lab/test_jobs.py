"""Jobs side by side: results as they come, failures passed on, a stop that stops."""

import threading

import pytest

from smtplab.lab import jobs
from smtplab.lab.jobs import Later, at_once, run_concurrently


class Job:
    """Ends with `result` when `go` is set, or with None when stopped."""

    def __init__(self, result, go=None):
        self.result, self.go, self.stopped = result, go or threading.Event(), threading.Event()
        if go is None:
            self.go.set()

    def run(self):
        while not self.go.wait(0.01):
            if self.stopped.is_set():
                return None
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def stop(self):
        self.stopped.set()


@pytest.mark.parametrize("most", [1, 2, 100])
def test_all_results_come(most):
    assert dict(run_concurrently([Job(n) for n in range(7)], most)) == dict(enumerate(range(7)))


@pytest.mark.skipif(jobs.resource is None, reason="no limit of open files")
def test_where_few_files_may_be_open_fewer_jobs_run_at_once(monkeypatch):
    for limit, room in ((256, range(1, 57)), (40, {1})):
        monkeypatch.setattr(jobs.resource, "getrlimit", lambda _what, limit=limit: (limit, limit))
        assert at_once(100) in room and at_once(1) == 1
    assert dict(run_concurrently([Job(n) for n in range(7)])) == dict(enumerate(range(7)))
    monkeypatch.setattr(jobs.resource, "getrlimit", lambda _what: (jobs.resource.RLIM_INFINITY,) * 2)
    assert at_once(100) == 100


def test_a_job_is_made_when_its_turn_comes_and_can_be_stopped_before():
    made = []

    def make(n):
        made.append(n)
        return Job(n, threading.Event() if n == "never by itself" else None)

    results = run_concurrently([Later(lambda n=n: make(n)) for n in range(4)], 1)
    assert next(results) == (0, 0) and len(made) <= 2  # the next may have begun
    assert dict(results) == {1: 1, 2: 2, 3: 3}
    early = Later(lambda: make("never by itself"))
    early.stop()
    assert early.run() is None


def test_the_first_that_ends_comes_first():
    gate = threading.Event()
    results = run_concurrently([Job("late", gate), Job("early")])
    assert next(results) == (1, "early")
    gate.set()
    assert next(results) == (0, "late") and next(results, "end") == "end"


def test_a_failure_is_passed_on_and_stops_the_rest():
    waiting = Job("never", threading.Event())
    with pytest.raises(ValueError, match="no"):
        list(run_concurrently([waiting, Job(ValueError("no"))]))
    assert waiting.stopped.is_set()


def test_leaving_stops_the_rest():
    waiting = Job("never", threading.Event())
    for _ in run_concurrently([waiting, Job(1)]):
        break
    assert waiting.stopped.wait(2)
