"""Every lesson as a learner meets it: run all in JupyterLab, and its main picture is there in both themes."""

import pytest

# A lesson, and what its main picture's output holds.
MAIN = {"01-who-speaks-first.ipynb": "img[alt^='Openings']", "02-five-bytes.ipynb": ".smtplab-lens",
        "03-the-hang.ipynb": ".smtplab-four-corners", "04-not-the-mode.ipynb": ".smtplab-tree",
        "05-settings.ipynb": ".smtplab-explorer", "06-your-own-client.ipynb": ".smtplab-grid",
        "07-mystery-servers.ipynb": ".smtplab-mystery", "00-start-here.ja.ipynb": ".smtplab-choice"}


@pytest.mark.parametrize("name", MAIN)
def test_a_lesson_runs_and_shows_its_picture(open_notebook, name):
    page = open_notebook(name)
    page.run_all()
    assert page.errors() == []
    picture = page.page.locator(f".jp-OutputArea-output {MAIN[name]}").first
    picture.wait_for()
    page.scroll_to(picture)
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        page.screenshot(f"{name[:2]}-lesson-{scheme}")
        box = picture.bounding_box()
        assert box["width"] > 200 and box["x"] + box["width"] <= 1280, box
    # No output is cut off at the right; a box that scrolls has its own bar.
    wide = page.page.evaluate("""() => [...document.querySelectorAll('.jp-OutputArea-output')].filter(
        e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText.slice(0, 80))""")
    assert wide == []


def test_the_link_at_the_end_opens_the_next_lesson(open_notebook):
    page = open_notebook("00-start-here.ipynb").page
    page.locator(".jp-MarkdownOutput a", has_text="01-who-speaks-first").click()
    heading = page.get_by_role("heading", name="Plain, STARTTLS, implicit").first
    heading.wait_for()
    assert heading.is_visible()


def test_what_is_beside_the_way_is_folded_and_opens(open_notebook):
    opened = open_notebook("03-the-hang.ipynb")
    page = opened.page
    page.get_by_role("heading", name="Who gives up first").scroll_into_view_if_needed()
    code = page.locator(".jp-CodeCell", has_text="implicit-gives-up")
    assert [cell.is_visible() for cell in code.all()] in ([], [False] * code.count())
    page.get_by_role("heading", name="Key points").scroll_into_view_if_needed()
    opened.screenshot("folded")
    page.get_by_role("button", name="3 cells hidden").click()
    code.first.wait_for()
    opened.screenshot("unfolded")
    assert page.get_by_role("heading", name="Key points").count() == 1
