"""What several tests need: a table tried in one test, waiting without sleeping, a server's traces, a notebook read."""

import functools
import inspect
import os
import socket
import stat
import threading
import time
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

import smtplab

Value = TypeVar("Value")


def slow_but(values: Iterable, *every_day: object) -> list:
    """All of them as parameters; those that are not `every_day` are slow."""
    return [value if value in every_day else pytest.param(value, marks=pytest.mark.slow) for value in values]


def each_row(names: str | tuple[str, ...], rows: Iterable, ids: Callable | None = None) -> Callable:
    """`pytest.mark.parametrize` in one test, for rows that are quick and need nothing of their own.

    Each row is a subtest, so every row that fails is named: by `ids(row)`, or by its values. The test's fixtures are
    shared by the rows. A row that takes all of the test's time is the last that is tried.
    """
    names = tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else names
    rows = list(rows)
    assert rows, "a table without rows tests nothing"

    def decorate(test: Callable) -> Callable:
        own = [p for name, p in inspect.signature(test).parameters.items() if name not in names]
        nested = any(p.name == "subtests" for p in own)  # a table over a table

        @functools.wraps(test)
        def try_all(subtests: pytest.Subtests, **fixtures: object) -> None:
            more = fixtures | {"subtests": subtests} if nested else fixtures
            for row in rows:
                values = dict(zip(names, row if len(names) > 1 else [row], strict=True))
                timed_out = False
                with subtests.test(ids(row)) if ids else subtests.test(**values):
                    try:
                        test(**values, **more)
                    except pytest.fail.Exception as exc:
                        timed_out = str(exc).startswith("Timeout")
                        raise
                if timed_out:
                    break

        if not nested:
            own.append(inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY))
        try_all.__signature__ = inspect.Signature(own)
        return try_all

    return decorate


def until(predicate: Callable[[], Value], timeout_s: float = 30.0) -> Value:
    """What `predicate` gives as soon as that is true; AssertionError once `timeout_s` have passed."""
    deadline = time.monotonic() + timeout_s
    while not (value := predicate()):
        assert time.monotonic() < deadline, f"still false after {timeout_s:g} s"
        threading.Event().wait(0.01)
    return value


def nobody_listens(address: tuple[str, int]) -> bool:
    """True once this address refuses a connection. It may take a while: the kernel gives a port that has become free to
    the next who asks, and that may be the server of a test that runs beside this one."""
    def refuses() -> bool:
        try:
            socket.create_connection(address, timeout=30).close()
        except ConnectionRefusedError:
            return True
        except OSError:  # whoever has it now resets, say
            return False
        return False

    return until(refuses)


def ended_traces(server: smtplab.Server, timeout_s: float = 30.0) -> list[smtplab.Trace]:
    """The server's traces, one at least, once all its visitors have left."""
    def ended() -> list[smtplab.Trace]:
        # The clock of a conversation that goes on runs on from one look to the next.
        first, second = server.traces(), server.traces()
        return second if [t.seconds for t in first] == [t.seconds for t in second] else []

    return until(ended, timeout_s)


def is_private(path: str | os.PathLike | os.stat_result) -> bool:
    """Whether only the owner may read and write the file. Windows has no such modes: there it has only to exist."""
    found = path if isinstance(path, os.stat_result) else os.stat(path)
    return os.name != "posix" or stat.S_IMODE(found.st_mode) == 0o600


def displayed(made: object) -> dict[str, object]:
    """What a notebook is given to show an object, by MIME type."""
    from IPython.core.formatters import DisplayFormatter
    return DisplayFormatter().format(made)[0]


def all_parts(widget: object) -> list:
    """A widget and all that it is made of, hidden parts too."""
    return [widget, *(inner for part in getattr(widget, "children", ()) for inner in all_parts(part))]


def in_cell(monkeypatch: pytest.MonkeyPatch, cell: str, run: str) -> None:
    """From now on, what is made is made in this run of this notebook cell."""
    parent = {"metadata": {"cellId": cell}, "header": {"msg_id": run}}
    monkeypatch.setattr("IPython.get_ipython", lambda: types.SimpleNamespace(parent_header=parent))


def read_notebook(path: Path) -> object:
    """The notebook in this file. Its library takes seconds to import, which not every process of the tests needs."""
    import nbformat
    return nbformat.read(path, as_version=4)
