"""The mystery board as a learner uses it: red, amber, green, by mouse and keys, in both themes; and nothing tells."""

import json
import re

import pytest
from pages import notebook_page, violations, write_notebook

from smtplab import Cause, dial
from smtplab.course.mysteries.draw import draw
from smtplab.course.mysteries.pool import WRONG_LOGIN

CODE = """from smtplab.course import mystery
game = mystery("page 2", count=6)
game"""


@pytest.fixture
def board(browser, lab, tmp_path):
    """The notebook page with the board of that round."""
    write_notebook(lab.folder / "mystery.ipynb", CODE)
    with notebook_page(browser, lab, "mystery.ipynb", tmp_path, "light") as page:
        page.run_all()
        assert page.errors() == []
        page.page.locator(".smtplab-light").first.wait_for()
        yield page
    lab.end_kernels()


def evidence(host, port, mode):
    """What a plaintext port says of itself; the test's own look at the server."""
    events = dial((host, int(port)), mode, timeout_s=2).events
    return next(e.data for e in events if e.who == "server" and e.data).decode()


def test_from_red_to_green_and_no_answer_in_the_page(board):
    page, found = board.page, board.page
    tickets = draw("page 2")
    number = next(i for i, one in enumerate(tickets, 1) if one.case.cause == "implicit-to-plaintext")
    lights = found.locator(".smtplab-light")
    assert lights.count() == 6 and set(lights.all_inner_texts()) == {f"{n} ✗ open" for n in range(1, 7)}
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")

    # By keys alone to the light; the letters typed are commands in a notebook, and must not reach it.
    lights.nth(number - 1).focus()
    page.keyboard.press("Enter")
    found.get_by_text(f"Ticket {number}", exact=True).wait_for()
    host, port = re.search(r"at ([\d.]+):(\d+)", found.locator(".smtplab-mystery").inner_text()).groups()
    found.get_by_label("Corner").select_option(index=3)
    found.get_by_text("Read the ticket's settings again").wait_for()
    found.get_by_label("Cause").select_option(index=2)
    assert "implicit-to-plaintext" in found.get_by_label("Cause").locator("option:checked").inner_text()
    field = found.get_by_label("Saw")
    field.click()
    page.keyboard.type("a b dd 220 m")
    found.get_by_label("Waited").select_option(index=1)
    found.get_by_role("button", name="Verdict").click()
    found.get_by_text("The cause stands").wait_for()
    lights.nth(number - 1).get_by_text("◐").wait_for()
    found.get_by_role("button", name="Hint").click()
    found.get_by_text("Hints (1 of 3)").wait_for()
    board.screenshot("mystery-amber-light")

    # Nothing of what others are, or of what was not handed in, is in the page, its widgets or the notebook's model.
    held = page.evaluate("""async () => {
        const context = jupyterapp.shell.currentWidget.context;
        const held = [document.documentElement.outerHTML, JSON.stringify(context.model)];
        return held.join('\\n');
    }""")
    state = board.execute("import ipywidgets, json; print(json.dumps(ipywidgets.Widget.get_manager_state()))")
    assert "smtplab-light" in state and "The cause stands" in state
    json.loads(state)
    for cause in Cause:  # the list to choose from has them all
        state, held = state.replace(cause, ""), held.replace(cause, "")
    for one in tickets:
        secrets = [one.hostname, one.case.proof, *one.case.hints[1:], one.case.teaches,
                   *[kind for kind in (one.case.kind,) if "-" in kind]]
        assert not [secret for secret in secrets if secret in state or secret in held], one.case.cause
    names = board.execute("import threading; print([t.name for t in threading.enumerate()])")
    assert not [one.case.kind for one in tickets if "-" in one.case.kind and one.case.kind in names]

    assert found.get_by_role("button", name="Try it").count() == 0, "a mend comes after the verdict"
    field.fill(evidence(host, port, "plain"))
    found.get_by_role("button", name="Verdict").click()
    lights.nth(number - 1).get_by_text("◑").wait_for()
    found.get_by_text("1 of 6 solved, 0 mended").wait_for()
    assert found.locator(".jp-Notebook .jp-Cell").count() == 1, "no key reached the notebook"
    for scheme in ("light", "dark"):
        board.scheme(scheme)
        board.scroll_to(found.locator(".jp-OutputArea").first)
        board.screenshot(f"mystery-solved-{scheme}")
        assert violations(page, ".smtplab-mystery") == []
    box = found.locator(".smtplab-mystery").bounding_box()
    assert box["x"] + box["width"] <= 1280

    # A run of the same cell ends the earlier round, and a reset is red again.
    found.get_by_role("button", name="Reset round").click()
    found.get_by_text("0 of 6 solved, 0 mended, 0 hints").wait_for()
    threads = "import threading; print(sum(t.name == 'smtplab-server' for t in threading.enumerate()))"
    before = board.execute(threads)
    board.run_all()
    lights.nth(5).wait_for()
    assert board.execute(threads) == before and int(before) >= 3


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def to(page, name):
    """Tab on to the control of that name."""
    for _ in range(80):
        press(page, "Tab")
        if page.evaluate("""() => {
                const at = document.activeElement, label = at.labels && at.labels[0];
                return ((label && label.innerText) || at.innerText || '').trim();
            }""").startswith(name):
            return
    raise AssertionError(f"no Tab leads to {name}")


def test_a_round_is_solved_and_mended_by_keys_alone(browser, lab, tmp_path):
    """From the light to green: the mode changed by the arrow keys, and the password that those in charge name."""
    seed = next(seed for seed in range(500) if draw(seed, 1)[0].case.cause is Cause.IMPLICIT_TO_PLAINTEXT
                and draw(seed, 1)[0].case.kind == "starttls" and draw(seed, 1)[0].login == WRONG_LOGIN)
    write_notebook(lab.folder / "keys.ipynb", CODE.replace('"page 2", count=6', f"{seed}, count=1"))
    with notebook_page(browser, lab, "keys.ipynb", tmp_path, "light") as board:
        page = board.page
        board.run_all()
        shown = page.locator(".smtplab-mystery")
        lights = page.locator(".smtplab-light")
        lights.first.wait_for()
        host, port = re.search(r"at ([\d.]+):(\d+)", shown.inner_text()).groups()
        lights.first.focus()
        press(page, "Enter")
        to(page, "Corner")
        press(page, "ArrowDown")
        page.get_by_text("that fits").wait_for()
        to(page, "Cause")
        press(page, "ArrowDown", "ArrowDown")
        assert "implicit-to-plaintext" in page.get_by_label("Cause").locator("option:checked").inner_text()
        to(page, "Saw")
        page.keyboard.type(evidence(host, port, "plain").strip())
        to(page, "Waited")
        press(page, "ArrowDown")
        to(page, "Verdict")
        press(page, "Enter")
        lights.first.get_by_text("solved, not mended").wait_for()
        page.get_by_text("The corner stands").wait_for()
        to(page, "Mode")
        press(page, "ArrowUp")  # from TLS at once to STARTTLS, or nothing
        to(page, "Try it")
        press(page, "Enter")
        page.get_by_text("Red: it doesn't pass").wait_for()
        assert "password is now wonderland" in shown.inner_text()
        board.screenshot("mystery-mend-red")
        for _ in range(80):
            press(page, "Shift+Tab")
            if page.evaluate("() => (document.activeElement.labels || [{}])[0]?.innerText") == "Password":
                break
        press(page, "Control+a")
        page.keyboard.type("wonderland")
        to(page, "Try it")
        press(page, "Space")
        page.get_by_text("Green: mended").wait_for()
        lights.first.get_by_text("solved, mended").wait_for()
        page.get_by_text("1 of 1 solved, 1 mended").wait_for()
        assert page.locator(".jp-Notebook .jp-Cell").count() == 1, "no key reached the notebook"
        for scheme in board.schemes():
            board.scroll_to(page.locator(".jp-OutputArea").first)
            board.screenshot(f"mystery-mended-{scheme}")
            assert violations(page, ".smtplab-mystery") == []
        box = shown.bounding_box()
        assert box["x"] + box["width"] <= 1280
    lab.end_kernels()
