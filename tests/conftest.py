"""For all tests: a run of its own that leaves nothing, real programs asked for by mark, no thread left unseen."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from lab_threads import lab_threads, left_over
from own_run import MARK, OwnRun, default_signals
from real_tools import SYSTEMS, need, need_system

TESTS = Path(__file__).parent
# What takes longest, first what waits most: a long file begun last would run alone at the end.
FIRST = ("test_notebooks.py", "browser", "test_cli.py", "real", "plugin", "lab", "course", "test_diagnose_command.py",
         "test_relay_command.py")
ROOMS = ("test_real_room.py", "test_room_command.py", "test_trainer_page.py")
RUN = pytest.StashKey[OwnRun]()
# No test minds the clock, and a machine may stand still at any moment; what a fixture made holds for each example.
hypothesis.settings.register_profile("unhurried", deadline=None, suppress_health_check=[
    hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture])
hypothesis.settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    if MARK not in os.environ:  # a worker's run is its controller's
        config.stash[RUN] = OwnRun()
    worker = hasattr(config, "workerinput")
    if worker and hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C is the controller's alone, which then ends its workers one by one
    if worker or not config.getoption("numprocesses", None):
        default_signals()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """The last word: whoever left a process running has failed, even if every test passed."""
    yield
    if run := session.config.stash.get(RUN, None):
        if left := run.end():
            print("\nprocesses left by the tests:", *left, sep="\n  ")
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    if run := config.stash.get(RUN, None):
        run.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(FIRST)}
    for item in items:
        if item.path.is_relative_to(TESTS / "real"):
            item.add_marker(pytest.mark.linux("another system's programs differ, and were not seen"))
    items.sort(key=lambda item: ranks.get(item.path.relative_to(TESTS).parts[0], len(FIRST)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """A file is one worker's, so that what its tests share is made once; those of the browser are of three, since a
    Chromium and a JupyterLab keep a processor busy, and those that run rooms are of one, since two rooms that begin at
    the same moment choose the same ports."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if file.endswith(ROOMS):
                return "rooms"
            return f"browser {hash_of(file) % 3}" if "/browser/" in file else file

    return ByFile(config, log)


def hash_of(text: str) -> int:
    """The same in every process, as `hash` isn't."""
    return sum(text.encode())


@pytest.fixture(scope="module")
def no_stalls() -> Iterator[None]:
    """No moment in which the machine stood still is told as a step of its own."""
    from smtplab.show import steps
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "QUIET_S", 60.0)
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers():
        if mark.name in SYSTEMS:
            need_system(mark.name, *mark.args)
    for mark in item.iter_markers("real"):
        need(*mark.args)


@pytest.fixture(autouse=not SYSTEMS["linux"])
def no_full_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on Linux, a test that starts the server kind `filtered` is skipped as it does: what a kernel does
    with one connection more than a backlog holds differs, and only Linux's way has been seen."""
    from smtplab.lab import server

    listening = server.listening

    def or_skip(host: str, port: int, at_connect: str | None) -> socket.socket:
        if at_connect == "filtered":
            pytest.skip("not here: linux (the kind `filtered` leans on how it treats a full backlog)")
        return listening(host, port, at_connect)

    monkeypatch.setattr(server, "listening", or_skip)


@pytest.fixture(autouse=not SYSTEMS["posix"])
def no_pseudo_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is none, a test that runs a real program as in a terminal is skipped as it does."""
    from smtplab.lab import programs

    def skip() -> None:
        pytest.skip("not here: posix (real programs are run in a pseudo-terminal)")

    monkeypatch.setattr(programs, "_terminal", skip)


@pytest.fixture(autouse=True)
def no_thread_left():
    """No test leaves a thread of smtplab's; those of a fixture shared by several tests are not its own."""
    before = lab_threads()
    yield
    assert not left_over(before), "threads left by this test"


@pytest.fixture(autouse=True, scope="session")
def no_thread_left_at_the_end():
    """Nor do the shared fixtures, all together."""
    yield
    assert not left_over(set()), "threads left by the tests' fixtures"
