"""The hand-outs on paper: one page, on A4 and on Letter, with nothing cut off."""

import re
import subprocess
from pathlib import Path

import pytest
from real_tools import need

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# Paper less the margins of the page's own @page rule, in CSS pixels: the narrower width, the lower height.
WIDTH, HEIGHT = (210 - 20) / 25.4 * 96, (279.4 - 16) / 25.4 * 96


@pytest.fixture
def paper(browser):
    page = browser.chromium.new_page(viewport={"width": int(WIDTH), "height": int(HEIGHT)})
    yield page
    page.close()


def pages(pdf):
    """How many pages a PDF of Chromium's has: it writes their objects uncompressed."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("name", ["hand-out.html", "hand-out.ja.html"])
def test_it_prints_on_one_page(paper, name):
    paper.goto((NOTEBOOKS / name).as_uri())
    assert [pages(paper.pdf(format=form)) for form in ("A4", "Letter")] == [1, 1]
    paper.emulate_media(media="print")
    box = paper.evaluate("(({ width, height }) => [width, height])(document.body.getBoundingClientRect())")
    # Other machines have other fonts, some of them wider than these.
    assert box[0] <= WIDTH and box[1] <= 0.97 * HEIGHT
    assert paper.evaluate("""() => [...document.querySelectorAll('td, th')].filter(
        e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)""") == []
    paper.evaluate("document.body.append(...[...document.body.children].map(e => e.cloneNode(true)))")
    assert pages(paper.pdf(format="A4")) == 2, "the test counts"


def test_japanese_is_shown_in_a_font_that_has_it(paper):
    [fonts] = need("fc-list")
    if not subprocess.run([fonts, ":lang=ja"], stdout=subprocess.PIPE, check=True).stdout:
        need("a Japanese font")  # no such program: the test is skipped, or fails where nothing may be missing
    # Glyphs that are missing are all drawn alike.
    paper.goto((NOTEBOOKS / "hand-out.ja.html").as_uri())
    ink = [paper.evaluate("""text => {
        const canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
        pen.font = '40px ' + getComputedStyle(document.body).fontFamily; pen.fillText(text, 0, 60);
        return canvas.toDataURL(); }""", text) for text in ("暗", "黙", "平", "文")]
    assert len(set(ink)) == 4
