"""A relay's listener: no conversation is lost at the end, whoever dawdles."""

import contextlib
import socket
import threading

import pytest

from smtplab import dial, relay, serve
from smtplab.show import passages
from smtplab.show.passages import Passages


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(passages, "PATIENCE_S", 0.05)


def printer(show):
    return [thread for thread in threading.enumerate() if thread is show._thread]


def test_what_writes_for_long_is_waited_for():
    lines, written = [], []

    def slowly(passage):
        threading.Event().wait(0.3)
        written.append(passage)

    show = Passages(lines.append, False, slowly)
    with serve("plain") as server, relay(server, listener=show) as between, \
            socket.create_connection(between.address) as client:
        assert client.recv(100).startswith(b"220 ")
        between.close()
        show.finish()
    assert len(written) == 1 and not printer(show) and "[relay #1] other: " in "\n".join(lines)


def test_all_are_kept_though_nobody_takes_a_line():
    said, kept, taken = [], [], threading.Event()

    def say(line):
        said.append(line)
        taken.wait(30)

    show = Passages(say, False, kept.append)
    with serve("plain") as server, relay(server, listener=show) as between, contextlib.ExitStack() as stack:
        for _ in range(3):
            assert dial(between.address, "plain").ok
        assert stack.enter_context(socket.create_connection(between.address)).recv(100)
        between.close()
        show.finish()
        assert len(said) == 1 and printer(show) and sorted(map(id, kept)) == sorted(map(id, between._passages))
    taken.set()
    show._thread.join(30)
    assert len(kept) == 4  # once each


@pytest.mark.parametrize("fault", [None, OSError(28, "No space left on device")])
def test_what_can_not_be_kept_is_told_and_printed_all_the_same(fault, capsys):
    def keep(passage):
        if fault:
            raise fault

    lines = []
    show = Passages(lines.append, True, keep)
    with serve("plain") as server, relay(server, listener=show) as between:
        for _ in range(2):
            assert dial(between.address, "plain").ok
        between.close()
        show.finish()
    assert len(lines) == 2 and show.unkept == (2 if fault else 0)
    assert capsys.readouterr().err.count("could not be written: [Errno 28] No space left") == show.unkept


@pytest.mark.parametrize("fault", [None, BrokenPipeError()])
def test_once_a_line_can_not_be_written_no_more_are(fault):
    lines, kept = [], []

    def say(line):
        lines.append(line)
        if fault:
            raise fault

    show = Passages(say, True, kept.append)
    with serve("plain") as server, relay(server, listener=show) as between:
        for _ in range(2):
            assert dial(between.address, "plain").ok
        between.close()
        show.finish()
    assert (len(lines), show.visitors.unheard.is_set(), len(kept)) == ((1, True, 2) if fault else (2, False, 2))
