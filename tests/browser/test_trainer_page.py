"""The trainer's page in a real browser, of a room that runs: three seats solve, one is stuck, one raises a hand, one is
reset."""

import contextlib
import gc
import json
import os
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers import until
from pages import violations
from rooms import make_room, opened

sys.path.append(str(Path(__file__).parents[1] / "room"))
import test_real_room as real

pytestmark = [pytest.mark.slow, pytest.mark.browser,
              pytest.mark.real("python:jupyterhub", "python:segno", "configurable-http-proxy"),
              pytest.mark.linux("a room's processes are found in /proc"), pytest.mark.timeout(400),
              pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
              pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]
SIZES = {"desktop": (1280, 800), "tablet": (820, 1180)}


def fill(made):
    """The room as the tests want it: three seats solve, one is stuck and still, one asks for help."""
    real.start(made)
    for seat in ("seat01", "seat02", "seat03"):
        right = "from smtplab.course import check\ncheck('00-colleague', 'a'); check('00-colleague', 'c')\n" \
                "check('01-first-word', 'a')"
        assert real.run_cell(made, seat, right, "01-who-speaks-first.ipynb") is None
    stuck = "from smtplab.course import check\nfor _ in range(7): check('01-ehlo', '8')"
    assert real.run_cell(made, "seat04", stuck, "01-who-speaks-first.ipynb") is None
    notes = made.seats_folder / "seat04" / "data" / "seat.json"
    notes.write_text(json.dumps(json.loads(notes.read_text()) | {"moved": int(time.time()) - 600}))
    hand = "from smtplab.course.hand import Hand\nHand().toggle()\nfrom smtplab.course.mysteries.round import Round\n" \
           "game = Round('blue heron', 3); game._changed()"
    assert real.run_cell(made, "seat05", hand, "07-mystery-servers.ipynb") is None


@pytest.fixture(scope="module")
def room():
    folder = Path(tempfile.mkdtemp(prefix="smtplab-tests-", dir="/tmp"))
    with contextlib.ExitStack() as running, ThreadPoolExecutor(1) as elsewhere:  # playwright's loop is in this thread
        made = elsewhere.submit(make_room, folder / "r", 6).result()
        try:
            elsewhere.submit(running.enter_context, opened(made)).result()
            elsewhere.submit(fill, made).result()
            yield made
        finally:
            elsewhere.submit(running.close).result()
            gc.collect()  # tornado leaves the sockets of its clients to it
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=SIZES)
def page(browser, room, request):
    width, height = SIZES[request.param]
    context = browser.chromium.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{room.local_url}/hub/login?next=/services/trainer/")
    page.fill("input[name=username]", "trainer")
    page.fill("input[name=password]", (room.folder / "trainer-passphrase").read_text().strip())
    page.click("#login_submit")
    page.wait_for_url("**/services/trainer/")
    page.wait_for_selector("tr[data-state=ready]")
    yield page
    if shots := os.environ.get("SMTPLAB_SHOTS"):
        Path(shots).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{shots}/trainer-{request.param}.png", full_page=True)
    assert said == []
    context.close()


def cell(page, seat, what):
    return page.locator("tr", has=page.locator(f"th:text-is('{seat}')")).locator(f"td.{what}")


def test_it_shows_who_solves_is_stuck_and_asks(page):
    assert re.match(r"[1-9] \(\d+ tries, 0 min\)", cell(page, "seat01", "solved").inner_text())
    assert "01-ehlo: 7 tries" in cell(page, "seat04", "on").inner_text()
    assert cell(page, "seat04", "moved").inner_text() == "still for 10 min"
    assert cell(page, "seat05", "help").inner_text() == "Help: now"
    assert cell(page, "seat05", "lights").locator(".light").count() == 3
    assert cell(page, "seat01", "lesson").inner_text() == "01-who-speaks-first"
    assert "1 ask for help; 1 still" in page.inner_text("#sums")
    assert page.locator("#picture rect.done").count() == 3 and page.locator("#picture circle").count() == 4
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    assert violations(page, "body") == []


def test_a_message_a_word_and_a_reset(page, room):
    page.fill("input[name=text]", "Lunch <b>at noon</b>")
    page.click("#message button")
    page.wait_for_selector("#sent li:has-text('Lunch <b>at noon</b>')")
    assert page.locator("#sent b").count() == 0
    page.fill("input[name=word]", "blue heron")
    page.click("#word button")
    page.wait_for_selector("#key-box:not([hidden])")
    assert "mx-" in page.text_content("#key")
    page.click("button[aria-label='Reset seat06']")
    assert violations(page, "body") == []
    page.click("#no")
    before = real.pid_of(room, "seat06", "seat_server")
    page.click("button[aria-label='Reset seat06']")
    page.click("#yes")
    until(lambda: real.pid_of(room, "seat06", "seat_server") not in (None, before), 60)
    page.wait_for_selector("#said:has-text('seat06 starts again')", timeout=60_000)
    hand = cell(page, "seat05", "help").locator("button")
    if hand.is_visible():  # the first time
        hand.click()
        page.wait_for_selector("#sums:has-text('0 ask for help')")


def test_a_learner_logs_in_and_raises_a_hand(browser, room):
    """From the passphrase to the lesson, and from the button above the help box to the trainer's page."""
    context = browser.chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(room.local_url)
    page.fill("input[name=username]", "seat02")
    page.fill("input[name=password]", "correct-horse")
    page.click("#login_submit")
    page.wait_for_url("**/user/seat02/lab/tree/00-start-here.ipynb", timeout=60_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    seat = room.seats_folder / "seat02"
    (seat / "work" / "help.ipynb").write_text(json.dumps({
        "cells": [{"cell_type": "code", "id": "help", "metadata": {}, "outputs": [], "execution_count": None,
                   "source": "from smtplab.course import didnt_happen\ndidnt_happen()"}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}}, "nbformat": 4,
        "nbformat_minor": 5}))
    page.goto(f"{room.local_url}/user/seat02/doc/tree/help.ipynb")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_selector("text=| Idle", timeout=60_000)
    page.click(".jp-CodeCell .cm-content")
    page.keyboard.press("Shift+Enter")
    page.click("button:has-text('Raise a hand')", timeout=60_000)
    page.wait_for_selector("text=the trainer sees it")
    if shots := os.environ.get("SMTPLAB_SHOTS"):
        page.screenshot(path=f"{shots}/hand.png")
    until(lambda: json.loads((seat / "data" / "seat.json").read_text()).get("hand"))
    page.click("button:has-text('Put the hand down')")
    until(lambda: not json.loads((seat / "data" / "seat.json").read_text()).get("hand"))
    context.close()
