"""The four corners drawn: all that a run shows, the same in words, and nothing acts as markup."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from helpers import displayed

from smtplab.show import plot_four_corners, recorded_corners
from smtplab.show.corners import words_of

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing):
    return [node.text or "" for node in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_it_draws_the_recorded_runs_and_calls_them_so(lang):
    words, drawing = words_of(lang), plot_four_corners(lang=lang)
    said = " ".join(texts(drawing))
    for run in recorded_corners():
        assert run.headline(words) in said and run.sentence(words) in drawing.alt
        assert f"{words.to_server}: {words.size.format(run.trace.bytes_sent)}" in said
    assert said.count(recorded_corners()[0].note(words)) == 1 and words.here not in said
    root = ElementTree.fromstring(drawing.svg)
    assert root.get("role") == "img" and root.find(f"{SVG}title").text == drawing.alt == str(drawing)


def test_one_is_marked():
    drawing = plot_four_corners(corner=("starttls", 465))
    assert texts(drawing).count("you are here") == 1 and "[you are here] the client waits" in drawing.alt
    assert "you are here" not in plot_four_corners(corner=("starttls", 80)).svg


def test_runs_of_one_s_own_and_none():
    run = replace(recorded_corners()[0], recorded=None)
    mine = plot_four_corners([run])
    assert texts(mine).count("not run yet") == 3 and "recorded" not in mine.alt + mine.svg
    assert texts(plot_four_corners([])).count("not run yet") == 4
    with pytest.raises(ValueError, match="no labels"):
        plot_four_corners(lang="x")


def test_nothing_acts_as_markup():
    run = recorded_corners()[0]
    odd = replace(run.trace, failure=replace(run.trace.failure, reason="</text><script>&\x1b\u202e"))
    drawing = plot_four_corners([replace(run, trace=odd)])
    root = ElementTree.fromstring(drawing.svg)
    assert not list(root.iter(f"{SVG}script")) and "\x1b" not in drawing.svg and "\u202e" not in drawing.svg
    assert "<script>" not in displayed(drawing)["text/html"]


def test_it_is_shown_and_saved(tmp_path):
    drawing = plot_four_corners()
    bundle = displayed(drawing)
    assert bundle["text/html"].startswith('<img alt="Four corners.') and bundle["text/plain"] == drawing.alt
    assert drawing.save(tmp_path / "four.svg").read_text(encoding="utf-8") == drawing.svg
    with pytest.raises(ValueError, match="no .png"):
        drawing.save(tmp_path / "four.png")
