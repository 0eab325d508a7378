"""From a click to changed DOM, in a real JupyterLab in a real Chromium: medians in seconds."""

import contextlib
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "browser")]

CELL = """import smtplab
from smtplab.show import FiveByteLens, Player
with smtplab.serve("starttls") as server:
    trace = smtplab.dial(server, "starttls")
display(Player(trace), FiveByteLens())"""
# Resolves with the milliseconds from the click to the first change of what is drawn.
CLICK = """async ([root, name, answer]) => {
    const buttons = [...document.querySelectorAll(`${root} button`)];
    const button = buttons.find((b) => (b.ariaLabel || b.textContent).includes(name));
    if (answer) document.querySelector(answer)?.remove();
    const began = performance.now();
    return await new Promise((done) => {
        new MutationObserver((_, observer) => {
            if (answer && !document.querySelector(answer)) return;
            observer.disconnect();
            done(performance.now() - began);
        })
            .observe(document.querySelector(root), { subtree: true, childList: true, characterData: true });
        button.click();
    });
}"""
CLICKS = {"click Next in a Player (no kernel)": (".smtplab-player", "Next", ""),
          "click Ask in a FiveByteLens (kernel)": (".smtplab-lens", "Ask", ".smtplab-lens-agrees")}


def click_to_dom(rounds: int = 10) -> dict[str, float]:
    """{what was clicked: seconds}; empty where there is no Chromium or no playwright."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from own_run import OwnRun
        from pages import Browser, lab_server, notebook_page, write_notebook
        from playwright.sync_api import sync_playwright
    except ImportError:
        return {}
    if not program:
        return {}
    run = OwnRun()
    folder = Path(tempfile.mkdtemp(prefix="clicks-"))
    write_notebook(folder / "clicks.ipynb", CELL)
    try:
        with sync_playwright() as playwright, lab_server(folder) as server:
            chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            browser = Browser(chromium)
            with contextlib.ExitStack() as last:
                last.callback(browser.drop)  # while playwright is there
                notebook = last.enter_context(notebook_page(browser, server, "clicks.ipynb", folder))
                notebook.run_all()
                for root, *_ in CLICKS.values():
                    notebook.page.locator(root).wait_for()
                return {what: statistics.median(notebook.page.evaluate(CLICK, list(where)) for _ in range(rounds)) / 1e3
                        for what, where in CLICKS.items()}
    finally:
        run.end()
