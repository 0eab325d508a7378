"""The settings explorer in JupyterLab: choose, paste, see what changes nothing, run it; hostile text stays text."""

import contextlib
import os
from pathlib import Path

import pytest
from pages import notebook_page, violations, write_notebook

from smtplab.show import SettingsExplorer

CODE = "from smtplab.show import SettingsExplorer\nexplorer = SettingsExplorer()\nexplorer"
EXPLORER, OUTPUTS = ".smtplab-explorer", ".jp-OutputArea-output"
STRUCK = """config.action_mailer.smtp_settings = {
  address: "smtp.example.com", port: 587,
  ssl: false,
  enable_starttls: true,
  password: "hunter2"
}"""

HOSTILE = ("smtp_settings = {port: 587, tls: '</pre><script>window.hacked=1</script>',"
           " address: \"<img src=x onerror='window.hacked=2'>\", domain: '" + "A" * 3000 + "'}")


@pytest.fixture
def open_explorer(browser, lab, tmp_path):
    """`open_explorer(scheme)`: a notebook page with the explorer in it, and the explorer."""
    browser.asked_outside.clear()
    with contextlib.ExitStack() as stack:
        def open_(scheme: str = "light", code: str = CODE):
            name = f"{tmp_path.name}.ipynb"
            write_notebook(lab.folder / name, code)
            page = stack.enter_context(notebook_page(browser, lab, name, tmp_path, scheme))
            page.run_all()
            assert page.errors() == []
            explorer = page.page.locator(EXPLORER)
            explorer.get_by_text("Mode:").wait_for()
            return page, explorer
        yield open_
        assert browser.asked_outside == []


def press(explorer, name: str) -> None:
    explorer.get_by_role("button", name=name, exact=True).click()


def nothing_cut_off(page) -> None:
    for area in page.page.locator(OUTPUTS).all():
        assert area.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_how_it_looks(open_explorer):
    page, explorer = open_explorer()
    page.scroll_to(explorer)
    for scheme in page.schemes():
        page.screenshot(f"settings-{scheme}-right")
    for name, shot, words in (("the mismatch: implicit on 587", "mismatch", "On port 587: wrong-version-number."),
                              ("the wait: STARTTLS on 465", "wait", "On port 465: hang.")):
        press(explorer, name)
        explorer.get_by_text(words).wait_for()
        page.scroll_to(explorer)
        for scheme in page.schemes():
            page.screenshot(f"settings-{scheme}-{shot}")
            nothing_cut_off(page)
            assert violations(page.page, OUTPUTS) == []
        run = explorer.get_by_role("button", name="Run it", exact=True)
        run.click()
        explorer.get_by_text("/ seen:").wait_for()
        page.scroll_to(run)
        for scheme in page.schemes():
            page.screenshot(f"settings-{scheme}-{shot}-run")
            nothing_cut_off(page)
            assert violations(page.page, OUTPUTS) == []
    page.scroll_to(explorer.get_by_text("the smallest right settings").first)
    for scheme in page.schemes():
        page.screenshot(f"settings-{scheme}-right-ones")


def test_choose_paste_strike_and_run(open_explorer):
    page, explorer = open_explorer()
    box = explorer.locator("textarea")
    explorer.get_by_label("Version").select_option("mail 2.8.1 / net-smtp 0.3.1.1")
    explorer.get_by_text("mail 2.8.1 / net-smtp 0.3.1.1, port").wait_for()  # or the text would be drawn anew later
    box.click()
    page.page.keyboard.press("Control+a")
    page.page.keyboard.insert_text(STRUCK)
    struck = explorer.locator("del")
    struck.get_by_text("enable_starttls = true").wait_for()
    assert struck.first.evaluate("e => getComputedStyle(e).textDecorationLine") == "line-through"
    assert "ineffective" in explorer.locator("tr", has=page.page.locator("del")).first.inner_text()
    assert "hunter2" not in explorer.inner_text()  # a text box's own text is none of that
    assert page.execute("print('hunter2' in str(explorer))") == "False\n"
    page.scroll_to(explorer)
    page.screenshot("settings-light-struck")
    # What is typed is taken at each key, and no key is a command of the notebook.
    page.page.keyboard.press("Control+a")
    page.page.keyboard.type("tls: true, dd a b")
    explorer.get_by_text("Mode: implicit.").wait_for()
    assert box.input_value() == "tls: true, dd a b" and page.page.locator(".jp-Notebook .jp-Cell").count() == 1
    press(explorer, "587")
    explorer.get_by_text("On port 587: wrong-version-number.").wait_for()
    press(explorer, "Run it")
    explorer.get_by_text("predicted: wrong-version-number / seen: implicit-to-plaintext").wait_for()
    press(explorer, "Step through it")
    page.page.locator(".smtplab-player").wait_for()
    press(explorer, "Open the five-byte lens")
    page.page.locator(".smtplab-lens").wait_for()
    nothing_cut_off(page)
    assert violations(page.page, OUTPUTS) == []
    explorer.get_by_role("button", name="Use these").nth(0).click()
    explorer.get_by_text("On port 465: works.").wait_for()
    page.page.locator(".smtplab-player").wait_for(state="detached")
    page.page.locator(".smtplab-lens").wait_for(state="detached")
    assert page.errors() == []


def test_another_framework_and_the_same_in_it(open_explorer):
    page, explorer = open_explorer()
    press(explorer, "the wait: STARTTLS on 465")
    explorer.get_by_label("Framework").select_option("Ruby: GitLab (omnibus)")
    explorer.get_by_text("GitLab (omnibus), ").first.wait_for()
    explorer.get_by_text("On port 465: hang.").wait_for()
    assert "gitlab_rails['smtp_port'] = 465" in explorer.locator("textarea").input_value()
    missing = explorer.get_by_role("button", name="STARTTLS required on 587", exact=True)
    assert missing.is_disabled()
    explorer.get_by_text("STARTTLS required on 587: not possible, because").wait_for()
    press(explorer, "implicit on 465")
    explorer.get_by_label("The same in").select_option("Ruby: Rails ActionMailer (mail gem)")
    explorer.get_by_text("implicit on 465 in Rails").wait_for()
    page.scroll_to(explorer)
    page.screenshot("settings-light-gitlab")
    assert violations(page.page, OUTPUTS) == []


def test_a_wait_is_stopped_and_refused_settings_dial_nothing(open_explorer):
    page, explorer = open_explorer(code=CODE.replace("()", "(timeout_s=600)"))
    press(explorer, "the wait: STARTTLS on 465")
    press(explorer, "Run it")
    explorer.get_by_text("of at most 600 s").wait_for()
    assert page.execute("print('alive', explorer.running)") == "alive True\n"  # the page is not blocked
    page.scroll_to(explorer.get_by_role("button", name="Run it", exact=True))
    page.screenshot("settings-light-running")
    press(explorer, "Stop")
    explorer.get_by_text("It was stopped before its end.").wait_for()
    threads = "import threading\nprint([t.name for t in threading.enumerate() if t.name.startswith('smtplab')])"
    assert page.execute(threads) == "[]\n"
    explorer.locator("textarea").fill("tls: true\nenable_starttls: true")
    explorer.get_by_text("so nothing is dialled").wait_for()
    assert explorer.get_by_role("button", name="Run it", exact=True).is_disabled()
    page.scroll_to(explorer)
    page.screenshot("settings-light-refused")
    assert violations(page.page, OUTPUTS) == []


def test_what_is_pasted_is_text(open_explorer):
    page, explorer = open_explorer()
    explorer.locator("textarea").fill(HOSTILE)
    explorer.locator("code", has_text="<img src=x onerror").first.wait_for()
    explorer.get_by_label("Port").fill("<img src=x onerror=window.hacked=3>")
    explorer.get_by_text("is no port").wait_for()
    assert page.page.evaluate("window.hacked") is None
    assert explorer.locator("img, script, iframe").count() == 0
    nothing_cut_off(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_page_needs_neither_kernel_nor_network(browser, tmp_path, scheme):
    explorer = SettingsExplorer("rails", {"ssl": False, "enable_starttls": True, "port": 587}, version="2.8.1")
    file = tmp_path / "settings.html"
    file.write_text("<!doctype html><html lang=en><meta charset=utf-8><title>Settings</title><main>"
                    + explorer.page() + "</main>", encoding="utf-8")
    explorer.close()
    context = browser.chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, offline=True)
    with contextlib.closing(context):
        page = context.new_page()
        page.goto(file.as_uri())
        page.locator("del").first.wait_for()
        assert violations(page, "main") == []
        page.screenshot(path=Path(os.environ.get("SMTPLAB_SHOTS") or tmp_path) / f"settings-page-{scheme}.png")
