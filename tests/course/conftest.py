"""No test touches what a learner has solved."""

import pytest

from smtplab.course import progress_store


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    """Progress in a file of the test's own, and no hint given yet."""
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(tmp_path / "progress" / "progress.json"))
    monkeypatch.setattr(progress_store, "_HINTS_GIVEN", {})
    monkeypatch.setattr(progress_store, "_UNSAVED", {})
    return tmp_path / "progress" / "progress.json"
