"""No test touches what a learner has solved."""

import pytest

from smtplab.course import cards, kept


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    """Progress in a file of the test's own, and no hint given yet."""
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(tmp_path / "progress" / "progress.json"))
    monkeypatch.setattr(cards, "_HINTS_GIVEN", {})
    monkeypatch.setattr(kept, "_UNKEPT", {})
    return tmp_path / "progress" / "progress.json"
