"""The four corners in JupyterLab: by mouse, by keys alone, marked, stopped; and in a page without a kernel."""

import contextlib
import os
from pathlib import Path

import pytest
from pages import WAIT_S, notebook_page, violations, write_notebook

from smtplab.show import FourCorners, plot_four_corners

SQUARE, PLAYER = ".smtplab-corners", ".smtplab-player"
CELL = "from smtplab.show import FourCorners\ncorners = FourCorners(timeout_s={})\ncorners"
MARKED = ('from smtplab.show import FourCorners\n'
          'corners = FourCorners(("starttls", 465), lang="{}", timeout_s=3)\ncorners')
TALK, WORKS, GREETED, WAIT = "implicit|starttls", "implicit|implicit", "starttls|starttls", "starttls|implicit"
FOCUSED = "() => document.activeElement.dataset.key || document.activeElement.textContent"
WIDE = "e => e.scrollWidth <= e.clientWidth"
OUTSIDE = ("e => [...e.querySelectorAll('.cell *')].filter((n) => n.getBoundingClientRect().right > "
           "n.closest('.cell').getBoundingClientRect().right).length")


def cell(square, key, tone=None):
    """A corner's cell, once it has this tone."""
    found = square.locator(f".cell[data-key='{key}']" + (f"[data-tone='{tone}']" if tone else ""))
    found.wait_for()
    return found


def spoken(square, words):
    """What is said aloud, once it has these words."""
    square.get_by_role("status").get_by_text(words).wait_for()
    return square.get_by_role("status").text_content()


def test_by_clicks(open_widget):
    page, square = open_widget(CELL.format(600), SQUARE)
    assert square.locator(".cell[data-tone=none]").count() == 4 and square.get_by_role("status").text_content() == ""
    cell(square, TALK).click()
    found = cell(square, TALK, "bad").inner_text()
    assert "both talk: wrong version number" in found and "36 bytes, 5 read" in found and "recorded" not in found
    assert spoken(square, "both talk").startswith("the client begins TLS, the server greets: both talk: wrong version")
    cell(square, WAIT).click()
    square.get_by_text("running: 1").first.wait_for()  # the clock goes on
    assert cell(square, WAIT, "busy").locator(".peer.waits").count() == 2
    assert "nobody" in cell(square, WAIT).inner_text() and "0 bytes" in cell(square, WAIT).inner_text()
    assert page.execute("print('alive', corners.running)") == "alive True\n"
    cell(square, GREETED).click()  # meanwhile
    cell(square, GREETED, "ok")
    square.get_by_role("button", name="Stop", exact=True).click()
    assert "both wait: the hang" in cell(square, WAIT, "hang").inner_text()
    assert "s (stopped)" in cell(square, WAIT).inner_text()
    # A click on another corner shows its details, and only a second one runs it anew.
    cell(square, TALK).click()
    square.locator(".detail .name").get_by_text("the client begins TLS, the server greets").wait_for()
    square.locator("summary").click()
    assert "220 mail.example.com ESMTP smtplab" in square.locator(".transcript").inner_text()
    square.get_by_role("button", name="Step through it").click()
    page.page.locator(PLAYER).get_by_text("implicit-to-plaintext").first.wait_for()
    assert square.locator("details[open]").count() == 1
    newest = "corners.wait(); print(corners.runs[0].trace.sockets)"
    before = page.execute(newest)
    assert page.execute(newest) == before
    cell(square, TALK).click()
    page.page.locator(PLAYER).wait_for(state="detached")  # it was of the run before
    cell(square, TALK, "bad")
    assert page.execute(newest) != before
    page.execute("corners.close()")
    square.wait_for(state="detached")
    assert page.execute("import threading; print([t.name for t in threading.enumerate() if 'smtplab' in t.name])") == (
        "[]\n")
    assert page.errors() == []


def test_by_keys_alone(open_widget):
    page, square = open_widget(CELL.format(600), SQUARE)
    keys, focused = page.page.keyboard, lambda: page.page.evaluate(FOCUSED)
    square.get_by_role("button", name="Run all four").focus()
    keys.press("Tab")
    assert focused() == "Stop"
    keys.press("Tab")
    assert focused() == TALK  # the grid is one stop
    keys.press("Space")
    cell(square, TALK, "bad")
    for key, at in (("ArrowRight", WORKS), ("ArrowRight", WORKS), ("ArrowDown", WAIT), ("Home", GREETED), ("End", WAIT),
                    ("ArrowLeft", GREETED), ("ArrowUp", TALK), ("ArrowUp", TALK), ("ArrowDown", GREETED)):
        keys.press(key)
        assert focused() == at and cell(square, at).get_attribute("aria-selected") == "true"
    keys.press("Enter")
    cell(square, GREETED, "ok")
    assert "works: TLSv1." in spoken(square, "the client waits for a greeting, the server greets")
    keys.type("xddjkb")  # JupyterLab's own commands: cut, delete, new cell
    assert page.page.locator(".jp-Cell").count() == 1 and focused() == GREETED
    keys.press("Tab")
    assert focused() == "Step through it"
    keys.press("Enter")
    page.page.locator(PLAYER).wait_for()
    keys.press("Tab")
    assert focused() == "Run it again"
    keys.press("Tab")
    assert focused() == "Transcript"
    keys.press("Enter")
    assert "STARTTLS" in square.locator("details[open] .transcript").inner_text()
    keys.press("Shift+Tab")
    keys.press("Enter")  # Run it again; the focus stays in the square
    page.page.locator(PLAYER).wait_for(state="detached")
    cell(square, GREETED, "ok")
    page.page.wait_for_function("() => document.activeElement.closest('.smtplab-corners')")
    square.get_by_role("button", name="Run all four").focus()
    keys.press("Enter")
    cell(square, WORKS, "ok")
    cell(square, WAIT, "busy")
    keys.press("Tab")
    keys.press("Enter")
    cell(square, WAIT, "hang")
    assert page.execute("print(corners.running, len(corners.runs))") == "False 4\n" and page.errors() == []


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_how_it_looks(open_widget, lang):
    page, square = open_widget(MARKED.format(lang), SQUARE)
    assert cell(square, WAIT).get_attribute("aria-selected") == "true"  # the marked one is looked at first
    assert cell(square, WAIT).locator(".mark").count() == 1 == square.locator(".mark").count()
    page.page.emulate_media(reduced_motion="reduce")
    page.screenshot(f"corners-{lang}-light-before")
    square.get_by_role("button").first.click()
    cell(square, WAIT, "busy")
    page.screenshot(f"corners-{lang}-light-running")
    assert violations(page.page, SQUARE) == []
    cell(square, WAIT, "hang")
    assert square.locator(".from").first.evaluate("e => getComputedStyle(e).animationName") == "none"
    size = page.page.viewport_size
    for scheme in page.schemes():
        page.scroll_to(square)
        page.screenshot(f"corners-{lang}-{scheme}")
        assert violations(page.page, SQUARE) == [] and square.evaluate(WIDE)
        # A fact's name stands on one line, beside its value.
        assert square.locator("dt").first.evaluate("e => e.getBoundingClientRect().height") < 30
    for width, height in ((1920, 1080), (900, 900), (700, 900)):
        page.page.set_viewport_size({"width": width, "height": height})
        page.scroll_to(square)
        page.screenshot(f"corners-{lang}-dark-{width}")
        assert square.evaluate(WIDE) and square.evaluate(OUTSIDE) == 0
    page.page.set_viewport_size(size)
    square.locator("summary").click()
    square.get_by_role("button", name="Step through it" if lang == "en" else "一歩ずつ見る").click()
    page.page.locator(PLAYER).wait_for()
    page.scroll_to(page.page.locator(PLAYER))
    page.screenshot(f"corners-{lang}-dark-player")
    assert violations(page.page, SQUARE) == [] and page.errors() == []


def test_on_a_projector(wall, lab, tmp_path):
    write_notebook(lab.folder / f"{tmp_path.name}.ipynb", MARKED.format("en") + ".run()")
    with notebook_page(wall, lab, f"{tmp_path.name}.ipynb", tmp_path) as page:
        page.run_all()
        square = page.page.locator(SQUARE)
        cell(square, WAIT, "hang")
        page.scroll_to(square)
        page.screenshot("corners-projector")
        assert square.evaluate(WIDE) and page.errors() == []


def test_a_kernel_that_does_not_answer(open_widget):
    """As in a page made from saved widget state: after a while the recorded run is shown, and called so."""
    deaf = "\ncorners.square.on_msg(corners._asked, remove=True)\ncorners"
    page, square = open_widget(CELL.format(600) + deaf, SQUARE)
    cell(square, TALK).click()
    assert "a recorded run" in cell(square, TALK, "bad").inner_text()
    square.locator(".detail").get_by_text("No kernel has answered, so this is a recorded run, 20").wait_for()
    assert square.get_by_role("button", name="Step through it").count() == 0
    square.get_by_role("button", name="Run all four").click()
    cell(square, WAIT, "hang")
    page.execute("corners.start('implicit', 'starttls')")  # it answers after all
    square.locator(f".cell[data-key='{TALK}'] .note").wait_for(state="detached")
    assert "both talk" in cell(square, TALK, "bad").inner_text()


@pytest.fixture
def offline(browser):
    """`offline(html, width)`: that page in a browser without network; nothing may be asked for or go wrong in it."""
    seen = []
    with contextlib.ExitStack() as stack:
        def open_(html, width=1280, scheme="light", **options):
            context = browser.chromium.new_context(offline=True, viewport={"width": width, "height": 800},
                                                   color_scheme=scheme, **options)
            stack.callback(context.close)
            context.set_default_timeout(WAIT_S * 1000)
            page = context.new_page()
            page.on("pageerror", lambda error: seen.append(str(error)))
            page.on("request", lambda request: seen.append(request.url))
            page.set_content(f"<!doctype html><html lang=en><meta charset=utf-8><title>x</title><main>{html}</main>")
            return page
        yield open_
        assert [one for one in seen if not one.startswith("data:")] == []


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_without_a_kernel_at_390_pixels(offline, tmp_path, lang):
    with contextlib.closing(FourCorners(("implicit", 587), lang=lang)) as widget:
        page = offline(widget.page(), 390)
    square = page.locator(SQUARE)
    square.wait_for()
    assert square.locator(".cell[data-tone=none]").count() == 4 and page.locator("pre").count() == 0
    notes = {"en": "No kernel answers in this page: each corner shows a recorded run, 20", "ja": "記録された実行（20"}
    square.get_by_text(notes[lang]).first.wait_for()
    cell(square, TALK).click()
    assert "wrong version number" in cell(square, TALK, "bad").inner_text()
    assert cell(square, WAIT).get_attribute("data-tone") == "none"
    assert cell(square, TALK).get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    cell(square, WAIT, "hang")
    square.get_by_role("button").first.click()
    cell(square, WORKS, "ok")
    square.locator("summary").click()
    assert "127.0.0.1" in square.locator("details[open] .transcript").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 and square.evaluate(WIDE)
    assert square.evaluate(OUTSIDE) == 0
    assert violations(page, SQUARE) == []
    page.screenshot(path=Path(os.environ.get("SMTPLAB_SHOTS") or tmp_path) / f"corners-390-{lang}.png", full_page=True)
    assert page.get_by_role("button").count() == 1  # what needs a kernel is not there


def test_what_it_ran_stays_in_its_page(offline):
    with contextlib.closing(FourCorners(timeout_s=1)) as widget:
        page = offline(widget.run("implicit", "starttls").page())
    square = page.locator(SQUARE)
    assert "recorded" not in cell(square, TALK, "bad").inner_text()
    square.get_by_text("run when this page was made").wait_for()
    assert square.locator(".cell[data-tone=none]").count() == 3


def test_without_scripts_there_is_the_text(offline):
    with contextlib.closing(FourCorners()) as widget:
        page = offline(widget.page(), java_script_enabled=False)
    words = page.locator("pre").inner_text()
    assert "both talk: wrong version" in words and "recorded run, 20" in words


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_drawing_holds_its_words(offline, tmp_path, lang):
    page = offline(plot_four_corners(lang=lang, corner=("implicit", 587)).svg)
    assert page.evaluate("""() => {
        const edge = document.querySelector('svg').getBoundingClientRect().right;
        const boxes = [...document.querySelectorAll('rect[rx="6"]')].map((box) => box.getBoundingClientRect());
        return [...document.querySelectorAll('text')].filter((text) => {
            const { left, right, top } = text.getBoundingClientRect();
            const box = boxes.find((b) => left >= b.left && left < b.right && top >= b.top && top < b.bottom);
            return right > (box ? box.right : edge);
        }).map((text) => text.textContent);
    }""") == []
    assert violations(page, "svg") == []
    page.screenshot(path=tmp_path / "drawing.png")
