"""Matrix, Watch, a dial and figures in JupyterLab: live, by mouse, by keyboard alone; the page goes on."""

import contextlib
import time

import pytest
from helpers import nobody_listens
from pages import notebook_page, violations, write_notebook

from smtplab import KINDS, Mode
from smtplab.show import Matrix

DIALS = len(KINDS) * len(Mode)
MATRIX = 'from smtplab.show import Matrix\nmatrix = Matrix(["starttls", "implicit", "silent"], timeout_s=%s)\nmatrix'
WATCH = "import smtplab\nfrom smtplab.show import Watch\nwatch = Watch()\nwatch"
DIAL = ("import smtplab\nfrom smtplab.show.running import run_dial\nserver = smtplab.serve('silent')\n"
        "dial = run_dial(server, 'plain', timeout_s=60)\ndial")
FIGURES = ("import smtplab\nfrom smtplab.show import plot_counters, plot_ladder, plot_matrix\n"
           "with smtplab.serve('starttls') as server:\n"
           "    trace = smtplab.dial(server, 'starttls')\nplot_ladder(trace)")
OUTPUTS = ".jp-OutputArea-output"
GRID, PLAYER = ".smtplab-grid", ".smtplab-player"
HOSTILE = r"b'220 <img src=x onerror=alert(1)></script>\xe2\x80\xae\x1b[31m' + b'<b>' * 21845 + b'\r\n'"


@pytest.fixture
def open_cells(browser, wall, lab, tmp_path):
    """`open_cells(code, ..., scheme="light")`: a notebook page with these cells run."""
    browser.asked_outside.clear()
    with contextlib.ExitStack() as stack:
        def open_(*codes: str, scheme: str = "light", projector: bool = False):
            name = f"{tmp_path.name}.ipynb"
            write_notebook(lab.folder / name, *codes)
            page = stack.enter_context(notebook_page(wall if projector else browser, lab, name, tmp_path, scheme))
            page.run_all()
            return page
        yield open_
        assert browser.asked_outside == []


def cell_at(page, row: int, column: int):
    return page.page.locator(f"{GRID} tbody tr").nth(row).locator("td").nth(column)


def text_is(page, locator: str, text: str):
    page.page.locator(locator).get_by_text(text).first.wait_for()


def both_sizes(page, name: str) -> None:
    """Screenshots of the window as it is, and on a wide screen, in both schemes; `name` has a place for them."""
    before = page.page.viewport_size
    for scheme in page.schemes():
        page.screenshot(name.format(scheme))
        page.page.set_viewport_size({"width": 1920, "height": 1080})
        page.screenshot(f"{name.format(scheme)}-wide")
        nothing_cut_off(page)
        page.page.set_viewport_size(before)


def is_accessible(page) -> None:
    for _ in page.schemes():
        assert violations(page.page, OUTPUTS) == []


def nothing_cut_off(page) -> None:
    for area in page.page.locator(OUTPUTS).all():
        assert area.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_matrix_runs_beside_the_page_and_its_cells_open(open_cells):
    page = open_cells(MATRIX % 6)
    text_is(page, OUTPUTS, "of 12 dials have ended: ")
    text_is(page, OUTPUTS, "of at most 8 s")
    assert page.page.locator("progress").count() == 1
    # The page is not blocked: other code runs meanwhile.
    assert page.execute("print('alive', matrix.running)") == "alive True\n"
    text_is(page, GRID, "✗ implicit-to-plaintext")  # while the hangs go on
    text_is(page, GRID, "… dialling")
    text_is(page, OUTPUTS, "12 of 12 dials have ended in")
    cell = cell_at(page, 0, 3)
    assert "read 5 B in 0." in cell.inner_text()
    took = page.page.evaluate("""async () => {
        const cell = document.querySelectorAll('.smtplab-grid tbody tr')[0].querySelectorAll('td')[3];
        const start = performance.now();
        cell.click();
        while (!document.querySelector('.smtplab-player')) {
            if (performance.now() - start > 60000) throw new Error('no player');
            await new Promise(requestAnimationFrame);
        }
        return performance.now() - start;
    }""")
    print(f"from a click on a cell to its Player: {took / 1000:.3f} s")
    assert cell.get_attribute("aria-selected") == "true"
    text_is(page, GRID, "Below: a client in mode implicit against starttls")
    assert page.page.locator(PLAYER).count() == 1
    cell_at(page, 1, 0).click()
    text_is(page, GRID, "Below: a client in mode plain against implicit")
    page.page.locator(PLAYER).get_by_text("in mode plain").first.wait_for()
    assert page.page.locator(PLAYER).count() == 1
    assert page.errors() == []


def test_by_keyboard_alone(open_cells):
    page = open_cells(MATRIX % 600)
    text_is(page, GRID, "✗ implicit-to-plaintext")
    keyboard = page.page.keyboard
    focused = "() => document.activeElement.innerText"
    page.page.get_by_role("button", name="Stop", exact=True).evaluate("element => element.focus()")
    keyboard.press("Space")
    text_is(page, OUTPUTS, "stopped after")
    assert page.execute("print(matrix.running)") == "False\n"
    text_is(page, GRID, "– stopped")
    for _ in range(3):  # the disabled Stop has lost the focus: on by Tab to the grid
        keyboard.press("Tab")
        if page.page.evaluate("() => document.activeElement.closest('.smtplab-grid') !== null"):
            break
    assert "ok, in clear" in page.page.evaluate(focused)
    for key in ("ArrowDown", "ArrowUp", "ArrowRight", "End"):
        keyboard.press(key)
    assert "implicit-to-plaintext" in page.page.evaluate(focused)
    keyboard.press("ArrowRight")  # nowhere to go
    assert "implicit-to-plaintext" in page.page.evaluate(focused)
    assert page.page.locator(f"{GRID} td[tabindex='0']").count() == 1
    keyboard.press("Enter")
    page.page.locator(PLAYER).wait_for()
    assert "implicit-to-plaintext" in page.page.evaluate(focused)  # the focus has stayed
    keyboard.press("Control+Home")
    keyboard.press("Space")
    text_is(page, GRID, "Below: a client in mode plain against starttls")
    assert page.page.locator(".jp-CodeCell").count() == 1  # JupyterLab took none of the keys
    assert page.errors() == []


def test_stop_by_mouse_and_run_again(open_cells):
    page = open_cells(MATRIX % 60)
    text_is(page, OUTPUTS, "of at most 62 s")
    stop = page.page.get_by_role("button", name="Stop", exact=True)
    stop.click()
    text_is(page, OUTPUTS, "stopped after")
    assert stop.is_disabled()
    threads = "import threading\nprint([t.name for t in threading.enumerate() if t.name.startswith('smtplab')])"
    assert page.execute(threads) == "[]\n"
    page.page.get_by_role("button", name="Run again").click()
    text_is(page, OUTPUTS, "of at most 62 s")
    # The same cell run anew: what it made before is closed.
    page.run_all()
    text_is(page, OUTPUTS, "of at most 62 s")
    assert page.page.locator(GRID).count() == 1
    assert page.execute("import threading\nprint(sum(t.name == 'smtplab-running' for t in threading.enumerate()))"
                        ) == "1\n"
    page.execute("matrix.close()")
    assert page.execute(threads) == "[]\n"


def test_visitors_come_and_open(open_cells):
    page = open_cells(WATCH)
    text_is(page, OUTPUTS, "Nobody has come yet.")
    address = page.execute("print('%s:%s' % watch.address)").strip()
    text_is(page, "code", address)
    page.execute("smtplab.dial(watch.address, 'implicit'); smtplab.dial(watch.address, 'starttls', verify=False)")
    text_is(page, OUTPUTS, "2 visitors")
    text_is(page, GRID, "✗ implicit-to-plaintext")
    text_is(page, GRID, "✓ ok")
    cell_at(page, 1, 0).click()
    page.page.locator(PLAYER).wait_for()
    # By keyboard, and the focus stays where it was while another visitor comes.
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("ArrowRight")
    page.execute("smtplab.dial(watch.address, 'plain')")
    text_is(page, OUTPUTS, "3 visitors")
    assert page.page.evaluate("() => document.activeElement.innerText") == "starttls"
    page.page.keyboard.press("Enter")
    page.page.locator(PLAYER).get_by_text("in mode starttls").first.wait_for()
    page.page.get_by_role("button", name="Stop", exact=True).click()
    text_is(page, OUTPUTS, "is stopped")
    host, _, port = address.rpartition(":")
    assert nobody_listens((host, int(port)))
    page.page.get_by_role("button", name="Start", exact=True).click()
    text_is(page, "code", address)
    assert page.errors() == []


MANY = ("from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(20) as pool:\n"
        "    list(pool.map(lambda _: smtplab.dial(watch.address, 'plain', timeout_s=60), range(500)))")


def test_many_visitors_and_a_slow_page(open_cells):
    page = open_cells(WATCH)
    text_is(page, OUTPUTS, "Nobody has come yet.")
    page.execute("smtplab.dial(watch.address, 'implicit')")
    text_is(page, GRID, "✗ implicit-to-plaintext")
    cell_at(page, 0, 0).click()
    page.page.locator(PLAYER).wait_for()
    slow = page.page.context.new_cdp_session(page.page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 10})
    start = time.monotonic()
    page.execute(MANY)
    came_s = time.monotonic() - start
    text_is(page, OUTPUTS, "501 visitors, the last 100 are listed")
    page.page.locator(f"{GRID} tbody th", has_text="#501 ").wait_for()
    print(f"500 visitors came in {came_s:.1f} s; a page ten times slower shows them "
          f"{time.monotonic() - start - came_s:.1f} s later")
    assert page.page.locator(f"{GRID} tbody tr").count() == 100
    page.page.locator(PLAYER).get_by_text("implicit-to-plaintext").first.wait_for()  # what was open has stayed
    cell_at(page, 0, 0).click()
    text_is(page, GRID, "Below: visitor #501.")
    assert page.page.locator(PLAYER).count() == 1
    assert page.errors() == []
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})


def test_a_watched_relay_and_settings_to_paste(open_cells):
    page = open_cells(WATCH, "passing = Watch(relay_to=watch.server)\npassing")
    text_is(page, OUTPUTS, "A relay to 127.0.0.1:")
    cells = page.page.locator(".jp-CodeCell")
    for number, words in enumerate(("curl --ssl-reqd smtp://", "curl --connect-to ")):
        settings = cells.nth(number).locator("details")
        assert settings.count() == 1
        settings.locator("summary").click()
        settings.locator("pre", has_text=words).wait_for()
    page.screenshot("watch-settings")
    nothing_cut_off(page)
    page.execute("smtplab.dial(passing.address, 'implicit')")
    page.page.locator(GRID).nth(1).get_by_text("implicit-to-plaintext").wait_for()
    page.page.locator(GRID).nth(0).get_by_text("implicit-to-plaintext").wait_for()
    page.page.locator(GRID).nth(1).locator("td").first.click()
    page.page.locator(PLAYER).wait_for()
    page.scroll_to(page.page.locator(".jp-CodeCell").nth(1))
    page.screenshot("watch-relay")
    nothing_cut_off(page)
    assert violations(page.page, OUTPUTS) == []
    assert page.errors() == []


def test_a_dial_with_a_stop(open_cells):
    page = open_cells(DIAL)
    text_is(page, OUTPUTS, "of at most 60 s")
    assert page.execute("print('alive')") == "alive\n"
    page.page.get_by_role("button", name="Stop", exact=True).click()
    page.page.locator(PLAYER).wait_for()
    text_is(page, OUTPUTS, "stopped after")


def test_a_grid_in_a_page_without_kernel_and_network(browser):
    matrix = Matrix(["starttls"], timeout_s=60)
    assert matrix.wait(90)
    html = matrix.page()
    matrix.close()
    context = browser.chromium.new_context(offline=True)
    try:
        page = context.new_page()
        page.set_content(f"<!doctype html><html lang=en><title>x</title><main>{html}</main>")
        page.locator(f"{GRID} td", has_text="implicit-to-plaintext").focus()
        page.keyboard.press("Home")
        assert "ok, in clear" in page.evaluate("() => document.activeElement.innerText")
        page.keyboard.press("Enter")  # there is nobody to open a Player, and it doesn't pretend to
        assert page.locator("td[aria-selected=true]").count() == 0
        assert page.get_by_text("Click a cell").count() == 0
    finally:
        context.close()


def test_a_hostile_peer_is_text(open_cells):
    """A hostile greeting in a dial's Player and in the figures, a hostile visitor in a Watch."""
    page = open_cells(
        "import socket, threading, smtplab\nfrom smtplab.show.running import run_dial\n"
        "listening = socket.create_server(('127.0.0.1', 0))\n"
        f"def greet():\n    visitor = listening.accept()[0]\n    visitor.sendall({HOSTILE})\n"
        "    visitor.recv(9)\n    visitor.close()\n"
        "threading.Thread(target=greet, daemon=True).start()\n"
        "dial = run_dial(listening.getsockname(), 'plain', timeout_s=2)\ndial",
        "from smtplab.show import plot_counters, plot_ladder\ndial.wait(20)\nplot_ladder(dial.trace)",
        "plot_counters(dial.trace)",
        "from smtplab.show import Watch\nwatch = Watch('starttls')\n"
        "client = socket.create_connection(watch.address)\n"
        "client.sendall(b'<img src=x onerror=alert(1)>\\r\\n</script><script>alert(2)</script>\\r\\n')\nwatch")
    page.page.locator(PLAYER).first.wait_for()
    text_is(page, GRID, "<img ")
    cell_at(page, 0, 0).click()
    page.page.locator(PLAYER).nth(1).wait_for()
    page.page.locator("img[alt*='onerror']").wait_for()
    assert page.page.locator(f"{OUTPUTS} img[src='x']").count() == 0
    assert page.page.locator(f"{OUTPUTS} script").count() == 0
    assert page.dialogs == [] and page.errors() == []


def test_how_a_matrix_looks_while_it_runs(open_cells):
    page = open_cells("from smtplab.show import Matrix\nmatrix = Matrix(timeout_s=60)\nmatrix")
    text_is(page, GRID, "✗ implicit-to-plaintext")
    both_sizes(page, "matrix-{}-running")
    is_accessible(page)
    text_is(page, GRID, "… dialling")  # all that was seen while it ran
    page.page.get_by_role("button", name="Stop", exact=True).click()
    text_is(page, GRID, "– stopped")
    for scheme in page.schemes():
        page.screenshot(f"matrix-{scheme}-stopped")
    is_accessible(page)
    assert page.errors() == []


@pytest.mark.parametrize("projector", [False, True], ids=["desk", "projector"])
def test_how_they_look(open_cells, projector):
    name = "{}-projector" if projector else "{}"
    page = open_cells("from smtplab.show import Matrix\nmatrix = Matrix(timeout_s=4)\nmatrix", WATCH, FIGURES,
                      "plot_counters(trace)", "matrix.wait(30)\nplot_matrix(matrix.rows)",
                      projector=projector)
    page.scroll_to(page.page.locator(".jp-CodeCell").nth(0))
    text_is(page, OUTPUTS, f"{DIALS} of {DIALS} dials have ended in")
    both_sizes(page, f"matrix-{name}")
    page.page.locator(f"{GRID} td", has_text="implicit-to-plaintext").first.click()
    page.page.locator(PLAYER).wait_for()
    both_sizes(page, f"matrix-{name}-chosen")
    page.execute("for mode in smtplab.Mode: smtplab.dial(watch.server, mode)")
    text_is(page, OUTPUTS, "4 visitors")
    page.scroll_to(page.page.locator(".jp-CodeCell").nth(1))
    both_sizes(page, f"watch-{name}")
    page.page.locator(GRID).nth(1).locator("td", has_text="implicit-to-plaintext").click()
    page.page.locator(PLAYER).nth(1).wait_for()
    for scheme in page.schemes():
        page.screenshot(f"watch-{name.format(scheme)}-chosen")
        for number in (2, 3, 4):
            page.scroll_to(page.page.locator(".jp-CodeCell").nth(number))
            page.screenshot(f"figure-{name.format(scheme)}-{number - 1}")
        nothing_cut_off(page)
        assert violations(page.page, OUTPUTS) == []
        page.scroll_to(page.page.locator(".jp-CodeCell").nth(1))
    # Every cell of the grid can be told from its words alone.
    assert all(page.page.locator(f"{GRID} tbody td").all_text_contents())
    assert page.errors() == []
