"""A pytest run of its own that has the plugin and nothing else: as a user has it, wherever smtplab comes from."""

from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


@pytest.fixture
def run(pytester, monkeypatch):
    """`run(text, *options)` runs a test file in a process of its own."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(TOP))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(text, *options):
        pytester.makepyfile(test_app=text)
        return pytester.runpytest_subprocess("-p", "smtplab.testing.pytest_plugin", "-p", "no:cacheprovider",
                                             "--strict-markers", *options)

    return run
