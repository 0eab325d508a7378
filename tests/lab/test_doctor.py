"""The look at a machine on which the lab does not work (on one where it does: tests/test_cli.py)."""

import pytest

from smtplab.lab import doctor


@pytest.mark.parametrize("failure", [OSError(24, "Too many open files"), ValueError("no certificates could be read")])
def test_a_lab_that_can_t_begin_is_a_result(monkeypatch, failure):
    def fails(*_args):
        raise failure
    monkeypatch.setattr(doctor, "serve", fails)
    [(what, passed)] = doctor.examine()["self_test"].items()
    assert passed is False and (failure.args[-1] in what)
