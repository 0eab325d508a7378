"""Predictions: chosen before, told afterwards from what ran; nothing that is so is in the page before."""

import json
import re
from pathlib import Path

import pytest
from helpers import displayed, each_row, in_cell, read_notebook

from smtplab.course import predict, told
from smtplab.course.prediction import PredictionCard
from smtplab.course.questions.predictions import MOST_A_LESSON, PREDICTIONS, TRANSLATED
from smtplab.show import recorded_corners

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ALL = [*PREDICTIONS.values(), *TRANSLATED["ja"].values()]


FOUR = recorded_corners()
TWO_FAIL, NONE_FAILS = FOUR, [run for run in FOUR if run.trace.ok] * 2


def test_right_and_wrong_are_told_with_the_reason():
    card = predict("00-corners")
    card.chosen = 3
    found = told("00-corners", TWO_FAIL)
    assert found.right and str(found).startswith("✓ You said 3, and so it is: two") and "both wait" in str(found)
    assert card.told == found.words and card.told in str(card)
    card.chosen = 1  # too late
    assert card.chosen == 3
    predict("00-corners", choose=3)
    wrong = told("00-corners", NONE_FAILS)
    assert not wrong.right and str(wrong).startswith("You said 3; it is 1: all four")
    assert 'role="status"' in displayed(wrong)["text/html"] and "smtplab-good" in displayed(found)["text/html"]


def test_what_is_so_is_said_without_a_choice_too():
    predict("00-corners")
    assert str(told("00-corners", TWO_FAIL)).startswith("You chose nothing. It is 3:")
    for odd in (None, 7, "x", (), TWO_FAIL[:3]):
        found = told("00-corners", odd)
        assert found.number is None and not found.right and str(found).strip()


def test_a_cell_that_runs_again_asks_anew(monkeypatch):
    in_cell(monkeypatch, "c", "1")
    first = predict("00-corners", choose=2)
    told("00-corners", TWO_FAIL)
    in_cell(monkeypatch, "c", "2")
    again = predict("00-corners")
    assert again.chosen == 0 and again.told == "" and first.comm is None
    assert "chose nothing" in str(told("00-corners", TWO_FAIL))


@pytest.mark.parametrize("choose", [0, 2])
def test_who_reads_the_page_later_chooses_before_it_tells(choose):
    card = predict("00-corners", choose=choose)
    told("00-corners", TWO_FAIL)
    assert card.told and (json.dumps(card.told) in card.page()) == bool(choose) == (card.told in str(card))
    card.close()


@each_row("prediction", ALL, ids=lambda prediction: f"{prediction.name}-{prediction.language}")
def test_nothing_that_is_so_is_in_the_page_before(prediction):
    card = predict(prediction.name, language=prediction.language)
    for shown in (json.dumps(card.get_state(), default=str, ensure_ascii=False), str(card), card.page()):
        assert prediction.because not in shown
        assert all(choice in shown.replace("\\u003c", "<") for choice in prediction.choices)
    assert "choose=1" in str(card) and json.loads(json.dumps(card.state()))["alive"] is True
    card.chosen = 9
    assert card.chosen == 0
    card.close()


def test_a_script_puts_text_in_as_text_only():
    script = PredictionCard._esm
    assert not re.search("innerHTML|outerHTML|insertAdjacentHTML|eval\\(|https?:|import ", str(script))


@each_row("prediction", ALL, ids=lambda prediction: f"{prediction.name}-{prediction.language}")
def test_each_is_whole(prediction):
    assert re.fullmatch(r"0\d-[a-z0-9-]+", prediction.name) and 2 <= len(prediction.choices) <= 4
    assert len(set(prediction.choices)) == len(prediction.choices) and prediction.because
    assert prediction.number(object()) is None


@each_row("translation", TRANSLATED["ja"].values(), ids=lambda translation: translation.name)
def test_a_translation_is_the_same(translation):
    original = PREDICTIONS[translation.name]
    assert translation.language == "ja" and translation.of is original.of
    assert len(translation.choices) == len(original.choices) and re.search("[ぁ-ん]", translation.because)


def test_other_names_and_languages_are_refused():
    with pytest.raises(ValueError, match="no prediction '00-corner'; did you mean '00-corners'"):
        predict("00-corner")
    with pytest.raises(ValueError, match="there are: en, ja"):
        told("00-corners", None, "xx")


@each_row("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_each_is_asked_before_it_is_told_and_in_its_lesson(path):
    code = [cell.source for cell in read_notebook(path).cells if cell.cell_type == "code"]
    asked, answered = ([(number, name) for number, source in enumerate(code)
                        for name in re.findall(rf'\b{function}\("([^"]+)"', source)]
                       for function in ("predict", "told"))
    assert [name for _, name in asked] == [name for _, name in answered]
    assert all(one < two for (one, _), (two, _) in zip(asked, answered, strict=True))
    assert {name for _, name in asked} == {name for name in PREDICTIONS if name.startswith(path.name[:2])}
    assert len(asked) <= MOST_A_LESSON


@each_row("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_other_questions_are_no_predictions(path):
    """The word stands in cards alone."""
    prose = [cell.source for cell in read_notebook(path).cells if cell.cell_type == "markdown"]
    assert not [text for text in prose if re.search(r"\bPredict\b|\*\*予想", text)]
