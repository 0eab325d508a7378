"""Exercises as a learner does them: by mouse and keys, wrong and right, in both themes."""

import contextlib

import pytest
from pages import notebook_page, violations, write_notebook

CODE = """from smtplab.course import check, reset
from IPython.display import display
reset()
for name in ("03-both-wait", "02-imap", "02-record-reader"):
    display(check(name, ...))"""


@pytest.fixture
def exercises(browser, lab, tmp_path):
    """`exercises(scheme)` opens a notebook with three of them."""
    with contextlib.ExitStack() as stack:
        def open_(scheme):
            name = f"{tmp_path.name}.ipynb"
            write_notebook(lab.folder / name, CODE)
            page = stack.enter_context(notebook_page(browser, lab, name, tmp_path, scheme))
            page.run_all()
            assert page.errors() == []
            page.page.locator(".smtplab-choice").first.wait_for()
            return page
        yield open_


def test_wrong_hint_right(exercises):
    page = exercises("light")
    found, status = page.page, page.page.locator(".jp-OutputArea-output [role=status]")
    assert status.count() == 0
    found.get_by_role("button", name="a. the EHLO command").click()
    found.get_by_text("✗ Not so.").wait_for()
    found.get_by_role("button", name="Hint").first.click()
    found.get_by_text("Hints (1 more):").wait_for()
    field = found.locator(".widget-text input")
    field.click()
    # Letters that are commands in a notebook: a cell above, delete, run ...
    found.keyboard.type("a b dd 42")
    assert field.input_value() == "a b dd 42"
    found.keyboard.press("Enter")
    found.get_by_text("Give 3 whole numbers").wait_for()
    field.fill("42 0x204f 19232")
    found.keyboard.press("Enter")
    found.get_by_text("✓ Right.").wait_for()
    found.get_by_role("button", name="b. the client's ClientHello").click()
    found.get_by_text("nothing happens before it").wait_for()
    assert found.locator(".jp-Notebook .jp-Cell").count() == 1, "no key reached the notebook"
    page.scroll_to(found.locator(".jp-OutputArea").first)
    for scheme in page.schemes():
        page.screenshot(f"exercise-{scheme}")
        assert violations(found, ".jp-OutputArea") == []


def test_by_keys_alone(exercises):
    page = exercises("dark")
    found = page.page
    wrong = found.get_by_role("button", name="a. the EHLO command")
    wrong.focus()
    found.keyboard.press("Space")
    found.get_by_text("✗ Not so.").wait_for()
    found.keyboard.press("Tab")
    right = found.get_by_role("button", name="b. the client's ClientHello")
    assert right.evaluate("button => button === document.activeElement")
    found.keyboard.press("Enter")
    found.get_by_text("nothing happens before it").wait_for()
    for _ in range(3):
        found.keyboard.press("Tab")
    assert found.evaluate("document.activeElement.textContent") == "Hint"
    found.keyboard.press("Enter")
    found.get_by_text("Hints (1 more):").wait_for()
    found.keyboard.press("Tab")
    assert found.evaluate("document.activeElement.textContent") == "Solution"
    found.keyboard.press("Enter")  # after a try it is shown at once
    found.get_by_text("b. the client's ClientHello").nth(1).wait_for()
    found.keyboard.press("Tab")
    assert found.get_by_role("textbox", name="Answer").evaluate("field => field === document.activeElement")
    found.keyboard.type("42 0x204f 19232")
    found.keyboard.press("Tab")  # to Check, whose field is read when it is left
    found.keyboard.press("Space")
    found.get_by_text("no version of TLS begins with that byte").wait_for()
    assert found.locator(".jp-Notebook .jp-Cell").count() == 1
    assert found.locator(".jp-Notebook.jp-mod-commandMode").count() == 1, "no key opened a cell for editing"


def test_no_answer_is_in_the_page(exercises):
    page = exercises("light")
    model = page.page.evaluate("() => JSON.stringify(jupyterapp.shell.currentWidget.content.model)")
    text = page.page.content() + model
    for secret in ("nothing happens before it", "no version of TLS begins with that byte", "19232", "0x204f"):
        assert secret not in text
