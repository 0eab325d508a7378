"""Widgets where no thread can start, and pictures where matplotlib is not installed: as in a browser."""

import sys
import threading

import pytest

import smtplab
from smtplab.show import plot_counters, plot_ladder, plot_matrix, plot_openings, plot_timeouts
from smtplab.show.figures import NOT_DRAWN
from smtplab.show.inputs import PasteBox
from smtplab.show.running import Running


@pytest.fixture
def no_threads(monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")
    monkeypatch.setattr(threading.Thread, "start", refuse)


def running(ticks):
    return Running(lambda: "done", stop=lambda: None, limit_s=1, tick=lambda run: ticks.append(run.running))


def test_a_job_is_done_at_once(no_threads):
    ticks = []
    run = running(ticks).start()
    assert (run.result, run.running, ticks) == ("done", False, [False]) and run.wait(0)


def test_a_job_that_has_begun_is_not_done_twice(monkeypatch):
    """The twin: the second thread can't start, where the first could."""
    start = threading.Thread.start

    def first_only(thread):
        if thread.name == "smtplab-ticker":
            raise RuntimeError("can't start new thread")
        start(thread)
    monkeypatch.setattr(threading.Thread, "start", first_only)
    with pytest.raises(RuntimeError, match="can't start"):
        running([]).start()


def test_what_is_typed_is_searched_for_secrets_at_once(no_threads):
    box = PasteBox()
    typed = 'password: "wonderlan'
    box.value = typed
    for letter in 'd"':
        box.value += letter
    assert "wonderland" not in box.value and "secret" in box.value
    box.close()


@pytest.fixture(scope="module")
def traces():
    with smtplab.serve("starttls") as server:
        return [smtplab.dial(server, "implicit"), smtplab.dial(server, "starttls")]


def pictures(traces):
    return [plot_ladder(traces[0]), plot_counters(traces[0]), plot_openings(traces), plot_timeouts(), plot_matrix([])]


def test_a_picture_that_can_t_be_drawn_is_its_words(traces, monkeypatch):
    drawn = pictures(traces)
    assert all("image/png" in there._repr_mimebundle_() and NOT_DRAWN not in str(there) for there in drawn)
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for there, here in zip(drawn, pictures(traces), strict=True):
        shown = here._repr_mimebundle_()
        assert here.alt == there.alt and shown["text/plain"] == f"{NOT_DRAWN}\n\n{here.alt}"
        assert "image/png" not in shown and "<pre>" in shown["text/html"]
        for draw in (here.png, lambda here=here: here.save("nowhere.png")):
            with pytest.raises(OSError, match="matplotlib is not installed"):
                draw()
