"""Running beside the page: the clock, the stop, few messages, nothing left."""

import threading
import time

import pytest
from helpers import displayed, until

from smtplab import Cause, serve
from smtplab.show.running import Running, clock, run_dial

pytestmark = pytest.mark.usefixtures("stand_in_player")


def test_it_ticks_while_it_runs_and_once_at_the_end():
    seen, go = [], threading.Event()
    run = Running(go.wait, stop=go.set, limit_s=9, tick=lambda r: seen.append(r.running), every_s=0.01).start()
    until(lambda: len(seen) > 2)
    assert run.running and 0 < run.elapsed_s < 9
    go.set()
    assert run.wait(60) and not run.running and run.result is True and not run.stopped
    assert seen == sorted(seen, reverse=True) and seen[0] is True and seen[-1] is False
    assert run.elapsed_s == run.elapsed_s  # the clock stands
    run.stop()
    assert not run.stopped  # too late to be stopped


def test_messages_are_few():
    seen, go = [], threading.Event()
    run = Running(lambda: go.wait(0.5), stop=go.set, limit_s=9, tick=seen.append).start()
    assert run.wait(60) and len(seen) <= 3


def test_what_it_raises_is_kept_and_shown_as_text():
    run = Running(lambda: 1 / 0, stop=lambda: None, limit_s=1, tick=lambda _: None).start()
    assert run.wait(60) and isinstance(run.error, ZeroDivisionError)
    assert "failed: division by zero" in clock(run, "doing", "done")
    run.error = ValueError("<img src=x onerror=boom()>")
    assert "&lt;img" in clock(run, "doing", "done") and "<img" not in clock(run, "doing", "done")


def test_wait_says_when_it_goes_on():
    go = threading.Event()
    run = Running(go.wait, stop=go.set, limit_s=9, tick=lambda _: None).start()
    assert not run.wait(0.01)
    assert "of at most 9 s" in clock(run, "doing", "done") and "<progress" in clock(run, "doing", "done")
    run.stop()
    assert run.wait(60) and "stopped after" in clock(run, "doing", "done")


def test_a_dial_beside_the_page_and_its_player():
    with serve("starttls") as server:
        widget = run_dial(server, "implicit")
        assert widget.wait(60)
        player = widget.player
        assert player.trace is widget.trace and player.server_trace.seen_from == "server"
        assert widget.trace.cause is Cause.IMPLICIT_TO_PLAINTEXT
        assert "implicit-to-plaintext" in widget.shown() and not widget.can_press("Stop")
        assert displayed(widget)["text/plain"] == str(widget) == str(widget.trace)
        assert widget.page() == "a Player of implicit-to-plaintext"
        first = widget.trace
        widget.press("Dial again")
        assert widget.wait(60) and widget.trace is not first
        widget.close()
    assert widget.comm is None and player.comm is None


def test_stop_ends_a_hang_long_before_its_time():
    with serve("silent") as server:
        widget = run_dial(server, "plain", timeout_s=600)
        until(lambda: "of at most 600 s" in widget.shown())
        assert "dialling in mode plain" in str(widget)
        widget.press("Stop")
        assert widget.wait(60)
        assert "stopped after" in widget.shown() and widget.trace.failure.reason == "stopped"
        widget.close()


def test_unusable_arguments_are_told_at_once():
    with pytest.raises(ValueError, match="the modes are"):
        run_dial("127.0.0.1:25", "tls")


def test_close_ends_the_dial_within_a_second_or_two():
    with serve("silent") as server:
        widget = run_dial(server, "plain", timeout_s=600)
        start = time.monotonic()
        widget.close()
        assert not widget.running and time.monotonic() - start < 20 and widget.comm is None
        assert widget.trace is None or widget.trace.failure.reason == "stopped"
