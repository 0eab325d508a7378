"""The error decoder and the rosetta table in JupyterLab: paste, look, let the lab show it; hostile text stays text."""

import contextlib
import os
from pathlib import Path

import pytest
from pages import notebook_page, violations, write_notebook

from smtplab.show import ErrorDecoder

CODE = "from smtplab.show import ErrorDecoder\ndecoder = ErrorDecoder()\ndecoder"
ROSETTA = "from smtplab.show import rosetta\nrosetta(cause='plaintext-to-implicit')"
DECODER, OUTPUTS = ".smtplab-decoder", ".jp-OutputArea-output"
LOG = """2026-11-24 10:00:01 connecting to mail.example.com:587
password: hunter2x
OpenSSL::SSL::SSLError (SSL_connect returned=1 errno=0 state=error: wrong version number)
retry: Net::SMTPAuthenticationError: 535 5.7.8 Error: authentication failed"""
LOGIN = "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Error: authentication failed')"
HOSTILE = ("</pre><script>window.hacked=1</script><img src=x onerror='window.hacked=2'> wrong version number "
           + "A" * 3000)


@pytest.fixture
def open_page(browser, lab, tmp_path):
    """`open_page(scheme, code)`: a notebook page after running that code."""
    browser.asked_outside.clear()
    with contextlib.ExitStack() as stack:
        def open_(scheme: str = "light", code: str = CODE):
            (lab.folder / "02-five-bytes.ipynb").touch()
            name = f"{tmp_path.name}.ipynb"
            write_notebook(lab.folder / name, code)
            page = stack.enter_context(notebook_page(browser, lab, name, tmp_path, scheme))
            page.run_all()
            assert page.errors() == []
            return page
        yield open_
        (lab.folder / "02-five-bytes.ipynb").unlink(missing_ok=True)
        assert browser.asked_outside == []


def nothing_cut_off(page) -> None:
    for area in page.page.locator(OUTPUTS).all():
        assert area.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_how_it_looks(open_page):
    page = open_page()
    decoder = page.page.locator(DECODER)
    decoder.get_by_text("Not known from this text").wait_for()
    page.scroll_to(decoder)
    for scheme in page.schemes():
        page.screenshot(f"decoder-{scheme}-empty")
        assert violations(page.page, OUTPUTS) == []
    decoder.locator("textarea").fill(LOG)
    decoder.get_by_text("1. implicit-to-plaintext").or_(decoder.get_by_text("1. auth-rejected")).first.wait_for()
    decoder.get_by_label("Mode").select_option("implicit TLS")
    assert decoder.locator("mark").count() > 1
    page.scroll_to(decoder)
    for scheme in page.schemes():
        page.screenshot(f"decoder-{scheme}-causes")
    make = decoder.get_by_role("button", name="Reproduce it in the lab").first
    make.click()
    decoder.get_by_text("(as predicted)").wait_for()
    page.scroll_to(make)
    for scheme in page.schemes():
        page.screenshot(f"decoder-{scheme}-reproduced")
        assert violations(page.page, OUTPUTS) == []
        nothing_cut_off(page)


def test_paste_and_let_the_lab_show_it(open_page):
    page = open_page()
    decoder, box = page.page.locator(DECODER), page.page.locator(f"{DECODER} textarea")
    box.click()
    page.page.keyboard.insert_text(LOG)
    decoder.locator("mark").first.wait_for()
    assert "hunter2x" not in decoder.inner_text()  # a text box's own text is none of that
    assert page.execute("print('hunter2x' in str(decoder))") == "False\n"
    # What is typed is taken at each key, and no key is a command of the notebook.
    page.page.keyboard.press("Control+a")
    page.page.keyboard.type("535 5.7.8 dd a b")
    decoder.get_by_text("1. auth-rejected").wait_for()
    assert box.input_value() == "535 5.7.8 dd a b" and page.page.locator(".jp-Notebook .jp-Cell").count() == 1
    decoder.locator("pre", has_text="dd a b").first.wait_for()  # each key draws the buttons anew
    decoder.get_by_role("button", name="Reproduce it in the lab").first.click()
    decoder.get_by_text("seen: auth-rejected").wait_for()
    assert "S: 220 mail.example.com" in decoder.locator("pre", has_text="S: 220").inner_text()
    decoder.get_by_role("button", name="Python smtplib.SMTP_SSL, implicit").click()
    decoder.get_by_text("1. implicit-to-plaintext").wait_for()
    decoder.locator("pre", has_text="S: 220").wait_for(state="detached")
    assert decoder.get_by_label("Mode").input_value() == "implicit TLS"
    link = decoder.get_by_role("link", name="Lesson 02")
    assert link.evaluate("e => e.href").partition("?")[0].endswith("/02-five-bytes.ipynb")
    assert page.errors() == []


def test_a_wait_is_stopped(open_page):
    page = open_page(code=CODE.replace("()", "('Greeting never received', port=465, mode='starttls', timeout_s=600)"))
    decoder = page.page.locator(DECODER)
    decoder.get_by_role("button", name="Reproduce it in the lab").first.click()
    decoder.get_by_text("of at most 600 s").wait_for()
    assert page.execute("print('alive', decoder.running)") == "alive True\n"  # the page is not blocked
    decoder.get_by_role("button", name="Stop").click()
    decoder.get_by_text("It was stopped before its end.").wait_for()
    threads = "import threading\nprint([t.name for t in threading.enumerate() if t.name.startswith('smtplab')])"
    assert page.execute(threads) == "[]\n"
    assert decoder.get_by_role("button", name="Stop").count() == 0


def test_what_is_pasted_is_text(open_page):
    page = open_page()
    decoder = page.page.locator(DECODER)
    decoder.locator("textarea").fill(HOSTILE)
    decoder.locator("pre", has_text="<img src=x onerror").wait_for()
    decoder.get_by_label("Port").fill("<img src=x onerror=window.hacked=3>")
    decoder.get_by_text("is no port").wait_for()
    assert page.page.evaluate("window.hacked") is None
    assert decoder.locator("img, script, iframe").count() == 0
    nothing_cut_off(page)


def test_the_recorded_words_are_searched(open_page):
    page = open_page(code=ROSETTA)
    table = page.page.locator(".smtplab-rosetta")
    table.get_by_text("39 runs of clients").first.wait_for()
    page.scroll_to(table)
    for scheme in page.schemes():
        page.screenshot(f"rosetta-{scheme}")
    search = table.get_by_label("Only with")
    search.click()
    page.page.keyboard.type("java")
    table.get_by_text("with 'java' in them").first.wait_for()
    assert page.page.locator(".jp-Notebook .jp-Cell").count() == 1
    assert table.locator("tbody tr").count() == 2
    assert all("JavaMail smtp" in row for row in table.locator("tbody tr").all_inner_texts())
    search.fill("<img src=x onerror=window.hacked=1>")
    table.get_by_text("No run was recorded").wait_for()
    assert page.page.evaluate("window.hacked") is None and table.locator("img").count() == 0
    search.fill("swaks")
    table.get_by_text("with 'swaks' in them").first.wait_for()
    for scheme in page.schemes():
        page.screenshot(f"rosetta-{scheme}-searched")
        assert violations(page.page, OUTPUTS) == []
        nothing_cut_off(page)
    assert page.errors() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_page_needs_neither_kernel_nor_network(browser, tmp_path, scheme):
    decoder = ErrorDecoder(LOGIN, port=587)
    file = tmp_path / "error.html"
    file.write_text("<!doctype html><html lang=en><meta charset=utf-8><title>Error</title><main>"
                    + decoder.page() + "</main>", encoding="utf-8")
    decoder.close()
    context = browser.chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, offline=True)
    with contextlib.closing(context):
        page = context.new_page()
        page.goto(file.as_uri())
        page.locator("mark").first.wait_for()
        assert violations(page, "main") == []
        page.screenshot(path=Path(os.environ.get("SMTPLAB_SHOTS") or tmp_path) / f"decoder-page-{scheme}.png")
