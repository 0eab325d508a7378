"""For all tests: real programs are asked for by mark, and nothing of smtplab's goes on running unseen."""

from pathlib import Path

import pytest
from lab_threads import lab_threads, left_over
from real_tools import need

# What takes longest, first what waits most: a long file begun last would run alone at the end.
FIRST = ("test_notebooks.py", "browser", "real", "lab", "course", "test_cli.py", "test_relay_command.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.relative_to(Path(__file__).parent).parts[0], len(FIRST)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("real"):
        need(*mark.args)


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
