"""Predictions as a learner makes them: by mouse, by the keys 1, 2, 3, and in a page without a kernel."""

import contextlib

import pytest
from pages import violations

from smtplab.course import predict

ASK = """from smtplab.course import predict, told
from smtplab.show import recorded_corners
predict("00-corners")"""
CARD = ".smtplab-predict"


def pressed(card):
    return [button.get_attribute("aria-pressed") for button in card.get_by_role("button").all()]


def test_by_keys_and_told_afterwards(open_widget):
    page, card = open_widget(ASK, CARD)
    keys = page.page.keyboard
    assert card.get_attribute("aria-label").startswith("Predict: ")
    card.get_by_role("button").first.focus()
    keys.press("3")
    card.get_by_text("You say 3.").wait_for()
    keys.press("Tab")  # from the third, which was chosen, away; and back
    keys.press("Shift+Tab")
    keys.press("1")
    card.get_by_text("You say 1.").wait_for()
    keys.press("9")
    keys.type("dd")  # JupyterLab's own: delete the cell
    assert pressed(card) == ["true", "false", "false"] and page.page.locator(".jp-Cell").count() == 1
    assert "You said 1; it is 3" in page.execute('print(told("00-corners", recorded_corners()))')
    card.get_by_text("You said 1; it is 3: two, those in which one side begins").wait_for()
    card.get_by_role("button").nth(1).focus()
    keys.press("Enter")  # too late
    assert pressed(card) == ["true", "false", "false"]
    assert card.get_by_role("button").first.get_attribute("aria-disabled") == "true"


def test_by_mouse_it_is_accessible_and_looks_right(open_widget):
    page, card = open_widget(ASK, CARD, "dark")
    card.get_by_role("button").nth(2).click()
    card.get_by_text("You say 3.").wait_for()
    assert card.get_by_role("status").count() == 1
    for scheme in page.schemes():
        page.screenshot(f"prediction-{scheme}")
        assert violations(page.page, CARD) == []
        assert card.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    assert page.execute('print(told("00-corners", recorded_corners()).right)') == "True\n"


@pytest.mark.parametrize("width", [390, 1280])
def test_without_a_kernel_it_says_what_to_do(browser, tmp_path, width):
    made = predict("00-corners")
    file = tmp_path / "prediction.html"
    head = "<!doctype html><html lang=en><meta charset=utf-8><title>One</title>"
    file.write_text(head + made.page(), encoding="utf-8")
    errors = []
    context = browser.chromium.new_context(viewport={"width": width, "height": 600}, offline=True)
    with contextlib.closing(context):
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        card = page.locator(CARD)
        card.get_by_text("then look at the next output").wait_for()
        card.get_by_role("button").first.focus()
        page.keyboard.press("2")
        assert pressed(card) == ["false", "true", "false"] and errors == []
        assert card.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
