"""The search box of the table of recorded words, without a browser."""

import sys
import types

import pytest

from smtplab.show.heard import rosetta
from smtplab.show.heard_box import HeardBox


@pytest.fixture
def box():
    """A box of one cause, closed after the test."""
    made = HeardBox(rosetta(cause="plaintext-to-implicit"))
    yield made
    made.close()


def test_rows_follow_what_is_typed(box):
    assert "39 runs" in box._table.value
    box._sought.value = " JAVA "
    assert box.words.contains == "JAVA" and {run.tls_library for run in box.words.runs} == {"JSSE 17"}
    assert box._table.value == box.words.html() and "JavaMail smtp" in box._table.value
    box._sought.value = "<img src=x>"
    assert box.words.rows == [] and "<img" not in box._table.value
    box._sought.value = ""
    assert "39 runs" in box._table.value


def test_it_begins_with_what_was_asked_for():
    made = HeardBox(rosetta("implicit", "banner220", contains="curl"))
    assert made._sought.value == "curl"
    made._sought.value = "go tls"
    assert {(run.mode, run.port_kind) for run in made.words.runs} == {("implicit", "banner220")}
    made.close()


@pytest.mark.parametrize("kernel", [None, object()])
def test_only_a_notebook_gets_it(kernel, monkeypatch):
    shell = types.SimpleNamespace(kernel=kernel, parent_header={})
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    words = rosetta(contains="curl")
    shown = words._repr_mimebundle_()
    assert (shown["text/plain"], shown["text/html"]) == (words.text(), words.html())
    assert ("application/vnd.jupyter.widget-view+json" in shown) == (kernel is not None)


def test_running_the_cell_again_closes_the_earlier_one(monkeypatch):
    from smtplab.show import running
    runs = iter([("a cell of this box", "first run"), ("a cell of this box", "second run")])
    monkeypatch.setattr(running, "_this_run", lambda: next(runs))
    first, second = HeardBox(rosetta()), HeardBox(rosetta())
    assert first.comm is None and second.comm is not None
    second.close()
