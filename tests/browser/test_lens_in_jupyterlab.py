"""The lens in JupyterLab, driven by mouse and by keyboard alone."""

import contextlib

import pytest
from helpers import until
from lens_page import CELL, LENS, choose, label_of, verdict_says
from pages import WAIT_S, notebook_page, violations, write_notebook

from smtplab.show.five_byte_lens import presets

HOSTILE = ("b'220 <img src=x onerror=alert(1)></script><script>alert(2)</script>\\xe2\\x80\\xae\\x1b[31m"
           " ' + b'<b>' * 21845 + b'\\r\\n'")


@pytest.fixture
def open_lens(browser, lab, tmp_path):
    """`open_lens(code, scheme)`: a notebook page with that cell run, and its lens."""
    browser.asked_outside.clear()
    with contextlib.ExitStack() as stack:
        def open_(code: str = CELL, scheme: str = "light", name: str = "lens"):
            write_notebook(lab.folder / f"{tmp_path.name}-{name}.ipynb", code)
            page = stack.enter_context(notebook_page(browser, lab, f"{tmp_path.name}-{name}.ipynb", tmp_path, scheme))
            page.run_all()
            page.page.locator(LENS).wait_for()
            return page, page.page.locator(LENS)
        yield open_
        assert browser.asked_outside == []


def test_picking_and_choosing(open_lens):
    page, lens = open_lens()
    verdict_says(lens, "wrong version number", "It needed 5 of 36 bytes", "none")
    lens.get_by_text("The header promised 8,301 bytes; 31 came.").wait_for()
    choose(lens, "Pick:", label_of('"HTTP'))
    verdict_says(lens, "1.1.1 to 3.1 says: wrong version number")
    choose(lens, "OpenSSL:", value="3.2.0")
    verdict_says(lens, "3.2 and 3.3 says: packet length too long", "fatal alert 22 (record_overflow)")
    choose(lens, "Pick:", label_of('"220 "'))
    choose(lens, "OpenSSL:", value="1.0.0")
    verdict_says(lens, "unknown protocol", "It needed 7 of 36 bytes")
    choose(lens, "Pick:", label_of("a real ServerHello"))
    choose(lens, "OpenSSL:", value="3.5.6")
    verdict_says(lens, "says: accept")
    choose(lens, "Pick:", label_of("an alert"))
    verdict_says(lens, "says: ssl/tls alert handshake failure")
    choose(lens, "Pick:", label_of('"EHLO'))
    verdict_says(lens, "wrong version number")
    assert lens.get_by_label("Read by:").input_value() == "server"
    choose(lens, "OpenSSL:", value="1.0.0")
    lens.get_by_text("was not measured").wait_for()
    # What was chosen in the page has come to Python.
    until(lambda: page.execute("print(lens.role, lens.openssl, bytes.fromhex(lens.data_hex))").startswith(
        "server 1.0.0 b'EHLO"), WAIT_S)
    assert page.errors() == []


def test_typing_any_bytes(open_lens):
    page, lens = open_lens()
    field = lens.get_by_label("First bytes:")
    field.fill("220")
    verdict_says(lens, "says: wait", "It waits for 5 bytes; 3 came.")
    field.fill(r"\x16\x03\x03\x48\x01 caf" + "\u00e9")
    verdict_says(lens, "packet length too long")
    assert lens.locator(".smtplab-lens-byte").last.get_attribute("aria-label") == (
        "byte 11 of 11, hex a9, character none, unread")
    choose(lens, "typed as", value="hex")
    assert field.input_value() == "160303480120636166c3a9"
    field.fill("48 54 54 50 2f 3")
    assert "not hex" in lens.get_by_role("alert").inner_text()
    field.fill("48 54 54 50 2f 31")
    verdict_says(lens, "says: wrong version number", "It needed 5 of 6 bytes")
    assert lens.get_by_role("alert").inner_text() == ""
    field.fill("")
    lens.get_by_text("Not one byte came.").wait_for()
    until(lambda: page.execute("print(lens.came)") == "0\n", WAIT_S)
    page.execute("lens.data_hex, lens.came = b'* OK hi'.hex(), 7")  # and from Python into the page
    verdict_says(lens, "It needed 5 of 7 bytes")
    assert field.input_value() == "* OK hi"


def test_keys_alone(open_lens):
    page, lens = open_lens()
    keys = page.page.keyboard
    lens.get_by_label("Pick:").focus()
    for _ in range(5):  # read by, OpenSSL, first bytes, typed as, and the first byte
        keys.press("Tab")

    def focused() -> str:
        return page.page.evaluate("document.activeElement.getAttribute('aria-label')")

    assert focused() == "byte 1 of 36, hex 32, character 2, content_type"
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    assert focused() == "byte 3 of 36, hex 30, character 0, legacy_record_version"
    assert lens.locator(".smtplab-lens-detail").inner_text() == focused()
    keys.press("ArrowRight")
    assert focused() == "byte 4 of 36, hex 20, character space, length"
    keys.press("End")
    assert focused() == "byte 36 of 36, hex 0a, character line feed, unread"
    keys.press("ArrowRight")
    keys.press("Home")
    keys.press("ArrowLeft")
    assert focused().startswith("byte 1 of 36")
    assert lens.locator(".smtplab-lens-byte[tabindex='0']").count() == 1
    keys.type("xddjkb")  # JupyterLab's own commands: cut, delete, new cell
    assert page.page.locator(".jp-Cell").count() == 1
    keys.press("Tab")
    keys.type("xddjkb")  # nor while a button has the focus
    assert page.page.locator(".jp-Cell").count() == 1
    keys.press("Enter")
    lens.locator(".smtplab-lens-agrees").wait_for()
    keys.press("Shift+Tab")
    assert focused().startswith("byte 1 of 36")
    for _ in range(5):
        keys.press("Shift+Tab")
    keys.press("ArrowDown")  # the next of the presets
    verdict_says(lens, "It needed 5 of 47 bytes")


def test_the_real_openssl_is_asked(open_lens):
    page, lens = open_lens()
    took_ms = page.page.evaluate("""async () => {
        const lens = document.querySelector(".smtplab-lens"), times = [];
        for (let i = 0; i < 5; i++) {
            const start = performance.now();
            lens.querySelector(".smtplab-lens-ask").click();
            await new Promise((done) => { const see = new MutationObserver(() => {
                if (lens.querySelector(".smtplab-lens-agrees")) { see.disconnect(); done(); } });
                see.observe(lens, { childList: true, subtree: true }); });
            times.push(performance.now() - start);
        }
        return times;
    }""")
    print("click to changed DOM, ms:", [round(t) for t in took_ms])
    assert min(took_ms) < 3000
    shown = lens.get_by_role("list", name="what the real").get_by_role("listitem").all_inner_texts()
    assert shown == [f"{n} of 5: wants more" for n in range(1, 5)] + ["5 of 5: wrong version number"]
    assert "It agrees with the prediction: wrong version number" in lens.inner_text()
    ask = lens.get_by_role("button", name="Ask the OpenSSL here")
    for preset in presets():
        choose(lens, "Pick:", preset["label"])
        assert lens.locator(".smtplab-lens-agrees").count() == 0
        ask.click()
        lens.locator(".smtplab-lens-agrees").wait_for()
        assert "It agrees" in lens.locator(".smtplab-lens-agrees").inner_text(), preset
    lens.get_by_label("First bytes:").fill("")
    ask.click()
    lens.get_by_text("There is no byte to give it.").wait_for()
    assert page.errors() == []


def test_hostile_bytes_are_text(open_lens):
    page, lens = open_lens(f"from smtplab.show import FiveByteLens\nlens = FiveByteLens({HOSTILE})\nlens")
    lens.get_by_role("button", name="Ask").click()
    lens.locator(".smtplab-lens-agrees").wait_for()
    assert "<img src=x onerror=alert(1)></script>" in lens.get_by_label("First bytes:").input_value()
    lens.get_by_label("First bytes:").fill("<img src=x onerror=alert(3)>\u202e")
    verdict_says(lens, "It needed 5 of 31 bytes")
    assert lens.locator("img, script, iframe").count() == 0
    assert lens.locator("b").count() == lens.locator(".smtplab-lens-byte").count()
    page.screenshot("lens-hostile")
    assert page.dialogs == [] and page.errors() == []


def test_looks_and_accessibility(open_lens):
    page, lens = open_lens()
    shots = [(None, 'lens'), (label_of("a real ServerHello"), "lens-hello")]
    for preset, name in shots:
        if preset:
            choose(lens, "Pick:", preset)
            verdict_says(lens, "says: accept")
        lens.get_by_role("button", name="Ask").click()
        lens.locator(".smtplab-lens-agrees").wait_for()
        page.scroll_to(lens)
        for scheme in page.schemes():
            page.screenshot(f"{name}-{scheme}-1280")
            assert lens.evaluate("e => e.scrollWidth <= e.clientWidth")
            assert violations(page.page, LENS) == []
    page.page.set_viewport_size({"width": 1280, "height": 720})
    lens.get_by_label("First bytes:").focus()
    for _ in page.schemes():
        assert violations(page.page, LENS) == []


def test_a_projector(wall, lab, tmp_path):
    """1920x1080 at scale 1.5: as many CSS pixels as 1280x720."""
    write_notebook(lab.folder / f"{tmp_path.name}.ipynb", CELL)
    with notebook_page(wall, lab, f"{tmp_path.name}.ipynb", tmp_path) as page:
        page.run_all()
        lens = page.page.locator(LENS)
        lens.wait_for()
        lens.get_by_role("button", name="Ask").click()
        lens.locator(".smtplab-lens-agrees").wait_for()
        page.scroll_to(lens)
        for scheme in page.schemes():
            page.screenshot(f"lens-{scheme}-1920x1.5")
            assert lens.evaluate("e => e.getBoundingClientRect().right <= innerWidth")
            assert lens.evaluate("e => e.scrollWidth <= e.clientWidth")
