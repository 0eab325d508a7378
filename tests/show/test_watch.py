"""A watched server, without a browser: visitors as they come, few messages, nothing left."""

import html
import threading

import ipywidgets
import pytest
from helpers import displayed, until

import smtplab
from smtplab import Cause, dial, relay, serve
from smtplab.show import point_client_at
from smtplab.show.targets import recipes
from smtplab.show.watch import KEPT, Watch

pytestmark = pytest.mark.usefixtures("stand_in_player")


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
    assert f"{watch.address[0]}:{watch.address[1]}" in watch.shown()
    dial(watch.address, "plain")
    dial(watch.address, "implicit")
    rows = ended(watch, 2)
    assert [row["head"].split()[0] for row in rows] == ["#2", "#1"]
    cause, mode, _, counts, first = rows[0]["cells"]
    assert (cause["sign"], cause["word"], mode["word"]) == ("✗", "implicit-to-plaintext", "implicit")
    assert counts["word"] == "517 / 36 B" and first["word"].startswith("\\x16\\x03\\x01")
    assert rows[1]["cells"][0]["word"] == "ok"
    watch.grid.chosen = "2"
    player = watch.player
    assert player.trace.cause is Cause.IMPLICIT_TO_PLAINTEXT and player.trace.seen_from == "server"
    assert [trace.mode for trace in watch.visitors()] == ["plain", "implicit"]
    assert displayed(watch)["text/plain"] == str(watch) and "✗ implicit-to-plaintext" in str(watch)


@pytest.mark.real("address:::1")
def test_an_ipv6_address_has_its_brackets():
    with serve("plain", host="::1") as server:
        watch = Watch(relay_to=server, host="::1")
    assert f"listens on [::1]:{watch.address[1]}" in str(watch)
    watch.close()


def test_one_who_stays_is_shown_and_shown_anew_at_the_end(watch, raw_client):
    client = raw_client(watch.address)
    until(lambda: watch.grid.rows)
    assert watch.grid.rows[0]["cells"][0]["word"] == "is here"
    watch.grid.chosen = "1"
    player = watch.player
    client.close()
    until(lambda: watch.player is not player)
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
    total = KEPT + 20
    for _ in range(total):
        dial(watch.address, "plain")
    rows = ended(watch, KEPT)
    until(lambda: watch.grid.rows[0]["head"].startswith(f"#{total} "))
    assert rows[-1]["key"] == "21" or watch.grid.rows[-1]["key"] == "21"
    until(lambda: f"{total} visitors, the last {KEPT} are listed" in watch.shown())
    assert len(messages) < total / 2
    assert len(watch.visitors()) == KEPT


def at_once(address, count, mode="plain"):
    """So many dials, 50 at a time."""
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(lambda _: dial(address, mode, timeout_s=60), range(count)))


@pytest.mark.slow
def test_five_hundred_at_once(watch):
    messages = []
    watch.grid.observe(messages.append, "rows")
    dial(watch.address, "implicit")
    ended(watch, 1)
    watch.grid.chosen = "1"
    player = watch.player
    traces = at_once(watch.address, 500)
    assert all(trace.ok for trace in traces)
    until(lambda: f"501 visitors, the last {KEPT} are listed" in watch.shown())
    rows = ended(watch, KEPT)
    assert [row["key"] for row in rows] == [str(n) for n in range(501, 501 - KEPT, -1)]
    assert all(row["cells"][0]["word"] == "ok" for row in rows)
    assert len(messages) < 100
    # The one that was opened stays so, though the list has forgotten it; its twin can't be opened any more.
    assert watch.player is player and player.trace.cause is Cause.IMPLICIT_TO_PLAINTEXT
    watch.grid.chosen = "2"
    assert watch.player is player
    watch.grid.chosen = "501"
    assert watch.player.trace.cause is Cause.OK


def test_one_who_was_opened_and_outlives_the_list_is_shown_anew_at_the_end(watch, raw_client):
    client = raw_client(watch.address)
    until(lambda: watch.grid.rows)
    watch.grid.chosen = "1"
    player = watch.player
    at_once(watch.address, KEPT)
    until(lambda: ended(watch, KEPT)[-1]["key"] == "2")
    assert watch.player is player
    client.close()
    until(lambda: watch.player is not player)
    assert watch.player.trace.events[-1].what in ("closed", "reset") and "still" not in watch.grid.hint


def test_a_hang_is_told_while_it_lasts(raw_client):
    watch = Watch("implicit")
    try:
        raw_client(watch.address)
        until(lambda: watch.grid.rows)
        assert "so far" not in watch.grid.rows[0]["cells"][0]["detail"]
        until(lambda: "so far plaintext-to-implicit?" in watch.grid.rows[0]["cells"][0]["detail"])
        assert watch.grid.rows[0]["cells"][0]["word"] == "is here"
        dial(watch.address, "implicit", verify=False)
        until(lambda: len(watch.grid.rows) == 2 and watch.grid.rows[0]["cells"][0]["word"] == "ok")
        assert "so far" not in watch.grid.rows[0]["cells"][0]["detail"]
    finally:
        watch.close()


@pytest.mark.parametrize("text", [False, True], ids=["server", "text"])
def test_a_relay_is_watched_too(raw_client, text):
    with serve("starttls") as server:
        watch = Watch(relay_to="{}:{}".format(*server.address) if text else server)
        try:
            assert "relay to 127.0.0.1:" in watch.shown()
            assert "\n".join(recipes(watch.address, server.address)) in html.unescape(watch.shown())
            assert point_client_at(server) not in html.unescape(watch.shown()), "its own server decides them"
            assert "A relay to 127.0.0.1:" in str(watch)
            assert not dial(watch.address, "implicit").ok
            assert dial(watch.address, "plain", mail_from="a@example.com").ok
            rows = ended(watch, 2)
            assert [row["cells"][0]["word"] for row in rows] == ["ok, in clear", "implicit-to-plaintext"]
            assert rows[1]["cells"][2]["word"] == "5 / 517 B"
            watch.grid.chosen = "1"
            assert watch.player.trace.seen_from == "client"
            assert all(trace.ok for trace in at_once(watch.address, 50))
            until(lambda: "52 visitors" in watch.shown())
            raw_client(watch.address)
            until(lambda: watch.grid.rows[0]["head"].startswith("#53 "))
            address = watch.address
            watch.stop()
            assert not dial(address, "plain").ok
            ended(watch, 53)
            watch.start()
            assert watch.address == address and dial(address, "starttls", verify=False).ok
        finally:
            watch.close()
        with relay(server) as other, pytest.raises(OSError):
            Watch(relay_to=server, port=other.address[1])
    with pytest.raises(ValueError, match="HOST:PORT"):
        Watch(relay_to="nothing")


def test_the_newest_visitor_is_waited_for_up_to_a_limit(watch, raw_client):
    assert watch.last(0) is None
    assert dial(watch.address, "implicit").cause is Cause.IMPLICIT_TO_PLAINTEXT
    assert watch.last(20).first_bytes[:3] == b"\x16\x03\x01"
    client = raw_client(watch.address)
    client.recv(1000)
    assert watch.last(0).events[-1].who == "server", "who is still here"
    ended = threading.Thread(target=client.close)
    ended.start()
    assert watch.last(20).events[-1].what in ("closed", "reset")
    ended.join()
    assert [trace.waiting_for for trace in watch.visitors()] == ["command", "command"]


def test_settings_for_clients_are_there_to_be_pasted(watch):
    shown = html.unescape(watch.shown())
    assert point_client_at(watch.server) in shown and "<details>" in watch.shown()
    watch.stop()
    assert "<details>" not in watch.shown()


def test_stop_and_start_on_the_same_port(watch):
    address = watch.address
    dial(address, "plain")
    watch.press("Stop")
    assert watch.address is None and "is stopped" in watch.shown() and "is stopped" in str(watch)
    assert dial(address, "plain").cause is Cause.REFUSED
    assert len(watch.grid.rows) == 1 and not watch.can_press("Stop")
    watch.press("Start")
    assert watch.address == address and dial(address, "plain").ok
    assert [row["key"] for row in ended(watch, 2)] == ["2", "1"]
    watch.start()  # twice is once
    assert watch.address == address


def test_its_port_taken_meanwhile(watch):
    _, port = watch.address
    watch.stop()
    with smtplab.serve("plain", port=port):
        watch.start()
        assert watch.address and dial(watch.address, "starttls", verify=False).ok


def test_options_and_mistakes():
    watch = Watch("refused")
    assert "no visitor is ever seen" in watch.shown()
    assert dial(watch.address, "plain").cause is Cause.REFUSED
    watch.close()
    before = set(ipywidgets.Widget.get_manager_state()["state"])
    with smtplab.serve("plain") as server, pytest.raises(OSError):
        Watch("plain", port=server.address[1])
    assert set(ipywidgets.Widget.get_manager_state()["state"]) == before, "it leaves nothing"
    watch.close()
    assert watch.comm is None
    with pytest.raises(ValueError, match="the kinds are"):
        Watch("nothing")
