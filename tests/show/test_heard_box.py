"""The search box of the table of recorded words, without a browser."""

import sys
import types

import pytest
from helpers import displayed, in_cell

from smtplab.show.heard import rosetta
from smtplab.show.heard_box import HeardBox


@pytest.fixture
def box():
    """A box of one cause, closed after the test."""
    made = HeardBox(rosetta(cause="plaintext-to-implicit"))
    yield made
    made.close()


def test_rows_follow_what_is_typed(box):
    assert "39 runs" in box.shown()
    box.inputs["Only with"].value = " JAVA "
    assert box.words.contains == "JAVA" and {run.tls_library for run in box.words.runs} == {"JSSE 17"}
    assert box.shown() == displayed(box)["text/html"] == box.words.html() and "JavaMail smtp" in box.shown()
    box.inputs["Only with"].value = "<img src=x>"
    assert box.words.rows == [] and "<img" not in box.shown()
    box.inputs["Only with"].value = ""
    assert "39 runs" in box.shown()


def test_it_begins_with_what_was_asked_for():
    made = HeardBox(rosetta("implicit", "banner220", contains="curl"))
    assert made.inputs["Only with"].value == "curl"
    made.inputs["Only with"].value = "go tls"
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
    in_cell(monkeypatch, "a cell with a box", "first run")
    first = HeardBox(rosetta())
    in_cell(monkeypatch, "a cell with a box", "second run")
    second = HeardBox(rosetta())
    assert first.comm is None and second.comm is not None
    second.close()
