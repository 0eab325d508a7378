"""The lab in the browser, as `.ci/lite` builds it: served as static files, every other host out of reach."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtplab.recorded.runs import recordings

BUILT = os.environ.get("SMTPLAB_LITE", "")
START_S = 120.0  # a kernel begins in half a minute on a quiet machine
SUMMARY = """() => [...document.querySelectorAll('.jp-CodeCell')].map(cell => ({
    prompt: cell.querySelector('.jp-InputArea-prompt').textContent,
    said: cell.querySelector('.jp-OutputArea').textContent,
    error: [...cell.querySelectorAll('[data-mime-type="application/vnd.jupyter.error"]')]
        .map(e => e.textContent).join()}))"""
NOT_RUN = ("[ ]:", "[*]:", "")

pytestmark = [pytest.mark.timeout(3 * START_S),
              pytest.mark.skipif(not BUILT, reason="SMTPLAB_LITE names no folder that .ci/lite has built")]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=BUILT))
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_address[1]}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def open_lesson(browser, address) -> Iterator[Callable]:
    """`open_lesson(name)`: its page in the browser lab, after Run All."""
    context, outside = browser.chromium.new_context(viewport={"width": 1280, "height": 1000}), []

    def pass_on(route):
        if route.request.url.startswith((address, "data:", "blob:")):
            return route.continue_()
        outside.append(route.request.url)
        return route.abort()

    def open_(name: str):
        page = context.new_page()
        page.set_default_timeout(START_S * 1000)
        page.goto(f"{address}/lab/index.html?path={name}.ipynb", wait_until="commit")
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_function(f"() => ({SUMMARY})().every(cell => !{list(NOT_RUN)}.includes(cell.prompt.trim()))")
        return page

    context.route("**/*", pass_on)
    yield open_
    context.close()
    assert outside == []


@pytest.mark.parametrize("lesson", ["00-start-here", "03-the-hang"])
def test_a_lesson_runs_whole_and_says_what_is_recorded(open_lesson, lesson):
    cells = open_lesson(lesson).evaluate(SUMMARY)
    assert len(cells) > 5 and [cell["error"] for cell in cells if cell["error"]] == []
    said = next(cell["said"] for cell in cells if recordings().note in cell["said"])
    if lesson.startswith("00"):
        assert "wrong version number" in said


def test_the_case_box_answers(open_lesson):
    page = open_lesson("00-start-here")
    page.locator(".jp-showHiddenCellsButton").last.click()  # it is folded
    page.get_by_placeholder("paste all you have").fill("SSL_connect: wrong version number\nport: 587")
    answer = page.get_by_text("implicit-to-plaintext").last
    answer.wait_for()
    assert "implicit-to-plaintext" in answer.inner_text()


def test_the_lens_reads_what_is_typed(open_lesson):
    page = open_lesson("02-five-bytes")
    lens = page.locator(".smtplab-lens").first
    lens.get_by_label("First bytes:").fill("HTTP/1.1 400")
    lens.get_by_text("1.1.1 to 3.1 says").or_(lens.get_by_text("says: wrong version number")).first.wait_for()
    lens.get_by_label("Pick:").select_option(label='"220 ": a mail server greets')
    lens.get_by_role("button", name="Ask the OpenSSL here").click()
    lens.get_by_text("It agrees with the prediction: wrong version number").wait_for()
    assert "recorded" in lens.inner_text()


def test_the_front_page_leads_to_every_lesson_and_says_what_is_not_live(browser, address):
    page = browser.chromium.new_page()
    page.goto(f"{address}/index.html")
    there = page.locator("main, body").first.inner_text()
    assert "Live:" in there and "Recorded:" in there and "Not here:" in there
    for link in page.locator("a").all():
        name = link.get_attribute("href").partition("path=")[2]
        assert (Path(BUILT) / "files" / name).is_file()
    page.close()
