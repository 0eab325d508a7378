"""The Player in JupyterLab, by mouse and by keyboard alone, and its page without kernel and network."""

import contextlib
import os
from pathlib import Path

import pytest
from pages import notebook_page, violations, write_notebook

from smtplab import dial, serve
from smtplab.show import Player

PLAYER = ".smtplab-player"
# A quarter of a second without anything is a step of its own; on a busy machine any answer may take that long.
UNHURRIED = """from smtplab.show import steps
steps.QUIET_S = 60
"""
MISMATCH = UNHURRIED + """with smtplab.serve("starttls") as server:
    trace = smtplab.dial(server, "implicit")
    player = Player(trace, server.trace(of=trace))
player"""
IMPORTS = "import smtplab\nfrom smtplab.show import Player\n"
STARTTLS = UNHURRIED + """with smtplab.serve("starttls") as server:
    player = Player(smtplab.dial(server, "starttls"))
player"""
HANG = """with smtplab.serve("implicit") as server:
    trace = smtplab.dial(server, "plain", timeout_s=1)
    player = Player(trace, server.trace(of=trace))
player"""
HOSTILE = r"""import socket, threading
listening = socket.create_server(("127.0.0.1", 0))
def greet():
    visitor, _ = listening.accept()
    visitor.sendall(b"220 <img src=x onerror='window.hacked=1'></script><script>window.hacked=2</script>"
                    b"\x1b[31m\xe2\x80\xae\xe2\x81\xa6" + b"A" * 65536 + b"\r\n")
    visitor.recv(1)
    visitor.close()
thread = threading.Thread(target=greet)
thread.start()
player = Player(smtplab.dial(listening.getsockname(), "plain", timeout_s=1))
thread.join()
listening.close()
player"""


@pytest.fixture
def open_player(open_widget):
    """`open_player(code, scheme)`: a notebook page with that cell run, and its player."""
    return lambda code, scheme="light": open_widget(f"{IMPORTS}{code}", PLAYER, scheme)


def at(player, number: int) -> str:
    """What is spoken, once the player is at that step."""
    player.page.locator(f"{PLAYER}[data-step='{number}']").wait_for()
    assert player.locator(".steps [aria-selected=true]").locator(".number").inner_text() == str(number)
    return player.get_by_role("status").text_content()


def open_all(player) -> None:
    for details in player.locator("details:not([open]) > summary").all():
        details.click()
    for details in player.locator(".words > summary").all():
        details.click()


def step_of(player, text: str) -> int:
    """The number of the first step whose row has this text."""
    found = player.locator(".steps").get_by_role("option").filter(has_text=text).first
    return int(found.locator(".number").inner_text())


@pytest.mark.slow
def test_a_mismatch_by_clicks(open_player):
    page, player = open_player(MISMATCH)
    assert at(player, 1).startswith("step 1 of 6: client to server, tcp, 0 bytes, read 0 written 0")
    button = {name: player.get_by_role("button", name=name, exact=True) for name in (
        "First", "Previous", "Next", "Last", "Play")}
    button["Last"].click()
    assert "read 5 written 517" in at(player, 6)
    button["Previous"].click()
    assert "they make none" in at(player, 5) and "server: waits for command." in at(player, 5)
    assert player.locator(".rhythm").inner_text() == "OpenSSL's reads so far: 5"
    assert "36 received, 517 sent" in player.locator(".counters").inner_text()
    player.locator(".bytes > summary").click()
    assert player.locator(".dump").first.inner_text().startswith("0000  32 32 30 20 6d  220 m")
    assert player.locator(".dump .own").all_inner_texts()[:2] == ["20", "6d"]  # length's own bytes
    pressed = player.locator(".field[aria-pressed=true]")
    assert pressed.inner_text() == "length = 8301"
    player.get_by_role("button", name="content_type").click()
    assert pressed.inner_text().startswith("content_type") and player.locator(".dump .own").first.inner_text() == "32"
    assert "read a record header: unknown(50)" in player.locator(".openssl").inner_text()
    button["First"].click()
    at(player, 1)
    assert button["First"].get_attribute("aria-disabled") == "true"
    player.locator(".steps").get_by_role("option").nth(2).click()
    assert "TLS record, 517 bytes, read 0 written 517" in at(player, 3)
    # The bytes stay open from step to step; the header's length owns the fragment.
    assert player.locator(".dump .owned").count() == 2 * (512 - 5)
    player.locator(".all > summary").click()
    assert player.locator(".all .dump").inner_text().count("\n") == 32
    assert "implicit-to-plaintext" in player.locator(".outcome").inner_text()
    # The page has told Python, and listens to it.
    assert page.execute("print(player.index)") == "2\n"
    page.execute("player.index = 4")
    at(player, 5)


def test_starttls_by_keys_alone(open_player):
    page, player = open_player(STARTTLS)
    keys = page.page.keyboard
    player.get_by_role("button", name="First", exact=True).focus()
    for _ in range(6):  # the four others, the speed, and all steps in place of the story's
        keys.press("Tab")
    told = player.locator(".steps").get_by_role("option").count()
    assert 6 <= told <= 10 and f"of {told}" in player.locator(".place").inner_text()
    keys.press("Enter")
    player.get_by_role("button", name=f"Only the story's {told} steps").wait_for()
    assert player.locator(".steps").get_by_role("option").count() > 40
    keys.press("Tab")
    assert page.page.evaluate("document.activeElement.getAttribute('role')") == "listbox"
    last = player.locator(".steps").get_by_role("option").count()
    keys.press("End")
    counters = player.locator(".s-client").inner_text().replace("bytes and written", "written").split(" read ")[1]
    assert f"read {counters.removesuffix(' bytes')}:" in at(player, last)
    keys.press("Home")
    for number in (2, 3):
        keys.press("ArrowRight")
        at(player, number)
    keys.press("ArrowDown")
    at(player, 4)
    keys.press("ArrowUp")
    keys.press("ArrowLeft")
    assert "server to client, plaintext SMTP, 36 bytes, read 36 written 0" in at(player, 2)
    for _ in range(step_of(player, "server_hello") - 2):
        keys.press("ArrowRight")
    assert "server to client, TLS record" in at(player, step_of(player, "server_hello"))
    active = player.locator(".steps").get_attribute("aria-activedescendant")
    row = page.page.locator(f"#{active}")
    assert row.get_attribute("aria-selected") == "true"
    within = row.evaluate("e => { const r = e.getBoundingClientRect(), b = e.parentNode.getBoundingClientRect();"
                          "return r.top >= b.top && r.bottom <= b.bottom; }")
    assert within, "the list doesn't scroll to its step"
    keys.press("Tab")
    keys.press("Enter")  # opens the bytes
    player.locator(".bytes[open]").wait_for()
    keys.press("ArrowRight")  # goes on, and the focus is not lost
    keys.press("ArrowRight")
    at(player, step_of(player, "server_hello") + 2)
    keys.type("xddjkb")  # JupyterLab's own commands: cut, delete, new cell
    assert page.page.locator(".jp-Cell").count() == 1
    keys.press("End")
    at(player, last)
    reads = [int(n) for n in player.locator(".rhythm").inner_text().partition(": ")[2].split(", ")]
    assert set(reads[::2]) == {5} and len(reads) > 10
    assert "new_session_ticket" in player.inner_text()
    assert "inside TLS" in player.inner_text()


def test_play_and_pause(open_player):
    page, player = open_player(MISMATCH)
    keys = page.page.keyboard
    player.locator(".steps").focus()
    keys.press(" ")
    player.get_by_role("button", name="Pause", exact=True).wait_for()
    page.page.locator(f"{PLAYER}:not([data-step='1'])").wait_for()
    keys.press(" ")
    player.get_by_role("button", name="Play", exact=True).wait_for()
    player.get_by_label("Speed").select_option(label="five times")
    player.get_by_role("button", name="Play", exact=True).click()
    page.page.locator(f"{PLAYER}[data-step='6']").wait_for()
    player.get_by_role("button", name="Play", exact=True).wait_for()  # at its end it stops
    assert at(player, 6).startswith("step 6 of 6")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_hang_is_two_peers_waiting(open_player, motion):
    page, player = open_player(HANG)
    page.page.emulate_media(reduced_motion=motion)
    player.locator(".steps").focus()
    page.page.keyboard.press("End")
    clock = player.locator(".elapsed")
    took = page.execute("print(f'{player.steps[-1][\"waited_s\"]:.1f} s')").strip()
    if motion == "reduce":
        assert clock.inner_text() == took
        assert page.page.evaluate(f"document.querySelector('{PLAYER}').getAnimations({{ subtree: true }}).length") == 0
    else:
        assert page.page.evaluate(f"document.querySelector('{PLAYER}').getAnimations({{ subtree: true }}).length") > 0
    assert "client: waits for greeting. server: waits for client-hello." in at(player, 2)
    for name, what in (("client", "greeting"), ("server", "client-hello")):
        assert player.locator(f".peer.{name}.waiting .waits").inner_text() == f"waits for {what}"
    player.get_by_text(took, exact=True).wait_for()
    assert "nothing crosses the wire" in player.locator(".wire").inner_text()


def test_a_hostile_greeting_is_text(open_player):
    page, player = open_player(HOSTILE)
    player.get_by_role("button", name="Next", exact=True).click()
    at(player, 2)
    player.locator(".bytes > summary").click()
    player.locator(".all > summary").click()
    shown = player.inner_text()
    assert "<img src=x onerror='window.hacked=1'></script>" in shown and r"\x1b[31m\xe2\x80\xae" in shown
    assert page.page.evaluate("window.hacked") is None
    assert player.locator("img, script, iframe").count() == 0
    assert not {"\u202e", "\u2066", "\x1b"} & set(player.text_content())
    assert player.evaluate("e => e.scrollWidth <= e.clientWidth + 1")


@pytest.mark.parametrize("code", [MISMATCH, STARTTLS, HANG], ids=["mismatch", "starttls", "hang"])
def test_it_is_accessible_and_looks_right(open_player, code, request):
    page, player = open_player(code)
    name = request.node.callspec.id
    player.locator(".steps").focus()
    step = {MISMATCH: 5, STARTTLS: 9, HANG: 2}[code]  # of starttls the server's hello, which is of the story
    player.locator(".steps .row").nth(step - 1).click()
    at(player, step)

    def looks_right(how: str) -> None:
        for scheme in page.schemes():
            page.page.locator("body").evaluate("() => Promise.all(document.getAnimations().map(a => a.effect.getTiming("
                                               ").iterations === Infinity ? null : a.finished.catch(() => null)))")
            assert violations(page.page, PLAYER) == []
            assert player.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
            page.scroll_to(player)
            page.screenshot(f"player-{name}-{scheme}-{how}")

    looks_right("closed")
    open_all(player)
    player.get_by_text("Why, and what to do").wait_for()
    looks_right("open")


def test_on_a_projector_nothing_is_cut_off(wall, lab, tmp_path):
    """1920x1080, everything 1.5 times as large."""
    write_notebook(lab.folder / f"{tmp_path.name}.ipynb", f"{IMPORTS}{STARTTLS}")
    wall.asked_outside.clear()
    with notebook_page(wall, lab, f"{tmp_path.name}.ipynb", tmp_path) as page:
        page.run_all()
        player = page.page.locator(PLAYER)
        player.wait_for()
        open_all(player)
        for scheme in page.schemes():
            assert player.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
            page.scroll_to(player)
            page.screenshot(f"player-starttls-{scheme}-projector")
    assert wall.asked_outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_page_steps_without_kernel_and_network(browser, tmp_path, scheme, monkeypatch):
    monkeypatch.setattr("smtplab.show.steps.QUIET_S", 60)
    with serve("starttls") as server:
        player = Player(dial(server, "implicit"))
    file = tmp_path / "player.html"
    file.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><title>A player</title>{player.page()}",
                    encoding="utf-8")
    asked, errors = [], []
    context = browser.chromium.new_context(viewport={"width": 1920, "height": 1080}, device_scale_factor=1.5,
                                           color_scheme=scheme, offline=True)
    with contextlib.closing(context):
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        shown = page.locator(PLAYER)
        shown.get_by_role("button", name="Next", exact=True).click()
        assert "step 2 of 6" in at(shown, 2)
        page.keyboard.press("End")
        at(shown, 6)
        page.keyboard.press("ArrowLeft")
        shown.locator(".bytes > summary").click()
        assert shown.locator(".dump").inner_text().startswith("0000  32 32 30 20 6d")
        assert violations(page, PLAYER) == []
        page.screenshot(path=Path(os.environ.get("SMTPLAB_SHOTS") or tmp_path) / f"player-page-{scheme}-1920.png")
    assert asked == [file.as_uri()] and errors == []
