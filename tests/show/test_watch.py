"""A watched server, without a browser: visitors as they come, few messages, nothing left."""

import sys
import types

import ipywidgets
import pytest
from helpers import until

import smtplab
from smtplab import Cause, dial
from smtplab.show import watch as module
from smtplab.show.watch import Watch


class Player(ipywidgets.HTML):
    """Keeps what it was given."""

    def __init__(self, trace, server_trace=None):
        super().__init__()
        self.trace = trace


@pytest.fixture(autouse=True)
def player(monkeypatch):
    """Another Player, so that these tests are of the watch."""
    monkeypatch.setitem(sys.modules, "smtplab.show.player", types.SimpleNamespace(Player=Player))


@pytest.fixture
def watch():
    """A watched starttls server."""
    watch = Watch()
    yield watch
    watch.close()


def ended(watch, count):
    """The grid's rows, once so many visitors are there and have left."""
    return until(lambda: len(watch.grid.rows) == count and watch.grid.rows
                 if all(row["cells"][0]["sign"] != "…" for row in watch.grid.rows) else None)


def test_visitors_come_newest_on_top_and_open(watch):
    assert "Nobody has come" in watch.grid.hint and "Nobody has come" in str(watch)
    assert f"{watch.address[0]}:{watch.address[1]}" in watch._said.value
    dial(watch.address, "plain")
    dial(watch.address, "implicit")
    rows = ended(watch, 2)
    assert [row["head"].split()[0] for row in rows] == ["#2", "#1"]
    cause, mode, _, counts, first = rows[0]["cells"]
    assert (cause["sign"], cause["word"], mode["word"]) == ("✗", "implicit-to-plaintext", "implicit")
    assert counts["word"] == "517 / 36 B" and first["word"].startswith("\\x16\\x03\\x01")
    assert rows[1]["cells"][0]["word"] == "ok"
    watch.grid.chosen = "2"
    [player] = watch._player.children
    assert player.trace.cause is Cause.IMPLICIT_TO_PLAINTEXT and player.trace.seen_from == "server"
    assert [trace.mode for trace in watch.visitors()] == ["plain", "implicit"]
    assert watch._repr_mimebundle_()["text/plain"] == str(watch) and "✗ implicit-to-plaintext" in str(watch)


def test_one_who_stays_is_shown_and_shown_anew_at_the_end(watch, raw_client):
    client = raw_client(watch.address)
    until(lambda: watch.grid.rows)
    assert watch.grid.rows[0]["cells"][0]["word"] == "is here"
    watch.grid.chosen = "1"
    [player] = watch._player.children
    client.close()
    until(lambda: watch._player.children[0] is not player)
    assert player.comm is None and watch.visitors()[0].waiting_for == "command"


@pytest.fixture
def raw_client():
    """`raw_client(address)` is a connected socket, closed after the test."""
    import contextlib
    import socket
    with contextlib.ExitStack() as stack:
        yield lambda address: stack.enter_context(socket.create_connection(address, 9))


def test_what_a_visitor_sends_is_text(watch, raw_client):
    client = raw_client(watch.address)
    client.sendall(b"<img src=x onerror=boom()>\x1b[31m\r\n")
    until(lambda: watch.grid.rows and watch.grid.rows[0]["cells"][4]["word"] == "<img ")
    client.close()
    assert "\x1b" not in str(watch)
    ended(watch, 1)
    page = watch.grid.page()
    assert "<img" not in page


def test_many_visitors_few_messages(watch, monkeypatch):
    messages = []
    watch.grid.observe(messages.append, "rows")
    total = module.KEPT + 20
    for _ in range(total):
        dial(watch.address, "plain")
    rows = ended(watch, module.KEPT)
    until(lambda: watch.grid.rows[0]["head"].startswith(f"#{total} "))
    assert rows[-1]["key"] == "21" or watch.grid.rows[-1]["key"] == "21"
    until(lambda: f"{total} visitors, the last {module.KEPT} are listed" in watch._count_said.value)
    assert len(messages) < total / 2
    assert len(watch.visitors()) == module.KEPT


def test_stop_and_start_on_the_same_port(watch):
    address = watch.address
    dial(address, "plain")
    watch._stop.click()
    assert watch.address is None and "is stopped" in watch._said.value and "is stopped" in str(watch)
    assert dial(address, "plain").cause is Cause.REFUSED
    assert len(watch.grid.rows) == 1 and watch._stop.disabled
    watch._start.click()
    assert watch.address == address and dial(address, "plain").ok
    assert [row["key"] for row in ended(watch, 2)] == ["2", "1"]
    watch.start()  # twice is once
    assert watch.address == address


def test_its_port_taken_meanwhile(watch):
    watch.stop()
    with smtplab.serve("plain", port=watch._options["port"]):
        watch.start()
        assert watch.address and dial(watch.address, "starttls", verify=False).ok


def test_options_and_mistakes():
    watch = Watch("refused")
    assert "no visitor is ever seen" in watch._said.value
    assert dial(watch.address, "plain").cause is Cause.REFUSED
    watch.close()
    with smtplab.serve("plain") as server, pytest.raises(OSError):
        Watch("plain", port=server.address[1])
    watch.close()
    assert watch.comm is None
    with pytest.raises(ValueError, match="the kinds are"):
        Watch("nothing")
