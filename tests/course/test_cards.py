"""Cards: clicked without a browser; what reaches the page holds no answer before one is given."""

import html
import json
import re

import ipywidgets
import pytest
from helpers import all_parts, displayed, each_row, in_cell

from smtplab.course import check, hint, progress, progress_store, reset, solution
from smtplab.course.exercises import Choice, Exercise
from smtplab.course.questions import EXERCISES, TRANSLATED


def find(card, kind):
    return [widget for widget in all_parts(card) if isinstance(widget, kind)]


def page(card):
    """All that the page gets."""
    return json.dumps([widget.get_state() for widget in find(card, ipywidgets.Widget)], default=str)


@each_row("exercise", [*EXERCISES.values(), *TRANSLATED["ja"].values()],
                         ids=lambda exercise: f"{exercise.name}-{exercise.language}")
def test_no_answer_is_in_the_page_before_it_is_given(exercise):
    card = check(exercise.name, ..., exercise.language)
    for _ in exercise.hints:
        card.press({"en": "Hint", "ja": "ヒント"}[exercise.language])
    secret = [exercise.reason, exercise.solution, exercise.praise, *(slip.feedback for slip in exercise.slips),
              *(c.feedback for c in exercise.choices)]
    for shown in (page(card), str(card), json.dumps(displayed(card), default=str)):
        assert [words for words in secret if words and json.dumps(words)[1:-1] in shown] == []
        assert "right=True" not in shown
    assert exercise.question.split("\n")[0][:30] in str(card).replace("\n", " ")


def test_a_choice_wrong_then_right():
    card = check("03-both-wait")
    card.press("a. the EHLO command")
    assert card.judged.right is False and EXERCISES["03-both-wait"].choices[0].feedback in str(card)
    assert "03-both-wait" not in progress_store.solved()
    card.press("b. the client's ClientHello")
    assert card.judged.right and "✓ Right." in str(card) and "03-both-wait" in progress_store.solved()
    assert [made.icon for made in find(card, ipywidgets.Button)][:2] == ["", "check"]
    assert "✓ 03-both-wait" in progress() and "solved before" in page(check("03-both-wait"))


def test_a_card_in_another_language():
    card = check("00-colleague", language="ja")
    [_, _, right, _] = choices = TRANSLATED["ja"]["00-colleague"].choices
    card.press(f"a. {choices[0].words}")
    assert card.judged.right is False and "✗ 違います。" in str(card) and choices[0].feedback in card.shown()
    card.press(f"c. {right.words}")
    assert card.judged.right and "✓ 00-colleague" in progress()
    again = check("00-colleague", language="ja")
    assert "解答済み" in again.shown() and "問題 00-colleague（解答済み）" in str(again)
    assert not re.search("Hint|Right|Challenge|solved", str(again) + again.shown())
    assert hint("00-colleague", "ja") == "ヒント 1／3：" + TRANSLATED["ja"]["00-colleague"].hints[0]
    assert check("02-imap", language="ja").exercise is EXERCISES["02-imap"], "what isn't there comes in English"
    for call in (check, hint):
        with pytest.raises(ValueError, match="no language 'xx'; there are: en, ja"):
            call("00-colleague", language="xx")


def test_a_typed_answer():
    card = check("02-imap")
    card.press("Check")
    assert card.judged.right is None and "No answer yet" in page(card)
    card.inputs["Answer"].set_state({"value": "42 0x204f 19232"})  # as Enter in the page does
    assert card.judged.right


def test_an_answer_in_the_cell():
    assert check("02-imap", "1 2 3").judged.right is False
    assert check("02-imap", (42, 0x204F, 19232)).judged.right
    assert check("02-imap", ...).judged is None
    by_code = check("02-record-reader", ...)
    assert by_code.inputs == {}
    call = 'check("02-record-reader", read_header)'
    assert call in str(by_code) and html.escape(call) in by_code.shown()


def test_hints_come_one_by_one_and_stay_at_the_last():
    hints = EXERCISES["02-imap"].hints
    said = [hint("02-imap") for _ in range(len(hints) + 1)]
    assert [words in line for words, line in zip(hints, said, strict=False)] == [True] * len(hints)
    assert said[-1] == said[-2] and repr(said[0]) == said[0]
    assert html.escape(hints[0]) in page(check("02-imap")), "a hint given stays"
    reset()
    assert hint("02-imap") == said[0]


def test_a_card_shows_one_hint_more_at_each_click():
    card, hints = check("03-prove-it"), EXERCISES["03-prove-it"].hints
    for shown in (1, 2, 3, 3):
        card.press("Hint")
        told = card.shown()
        assert [html.escape(words) in told for words in hints] == [n < shown for n in range(3)]
        assert ("that was the last one" if shown == 3 else f"({3 - shown} more)") in told
    assert hint("03-prove-it").startswith("Hint 3 of 3")


def test_a_cell_run_again_closes_its_card(monkeypatch):
    in_cell(monkeypatch, "a cell with cards", "first run")
    first, beside = check("02-imap"), check("03-both-wait")
    assert first.comm is not None and beside.comm is not None
    in_cell(monkeypatch, "a cell with cards", "second run")
    second = check("02-imap")
    assert first.comm is None and beside.comm is None and second.comm is not None


def test_reset_of_all_a_lesson_and_one():
    for name, answer in (("00-colleague", "c"), ("02-imap", "42 0x204f 19232"), ("02-not-the-mode", "b")):
        assert check(name, answer).judged.right
    assert "✓ 02-imap" not in reset("02-imap") and "✓ 02-not-the-mode" in progress()
    assert "✓ 00-colleague" in reset("02")
    assert "✓" not in reset()
    for wrong in ("02-imapp", "2", 2, None, []):
        with pytest.raises(ValueError, match="no exercise"):
            reset(wrong)


def test_hostile_words_are_escaped(monkeypatch):
    evil = "<img src=x onerror=alert(1)>"
    nasty = Exercise("00-evil", evil, (evil, evil), (Choice(evil, evil, right=True),))
    monkeypatch.setitem(EXERCISES, "00-evil", nasty)
    card = check("00-evil", "a")
    card.press("Hint")

    def fails(data):
        raise Exception(evil)
    by_code, typed = check("02-record-reader", fails), check("03-prove-it", evil)
    for shown in (card, by_code, typed):
        for widget in find(shown, ipywidgets.HTML):
            assert "<img" not in widget.value
    assert evil in str(card) and evil in str(by_code) and "&lt;img" in by_code.shown()


def test_an_unwritable_place_is_said(monkeypatch, tmp_path):
    (tmp_path / "f").write_text("")
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(tmp_path / "f" / "p"))
    assert "can't be kept" in str(check("00-colleague", "c"))


def test_an_unknown_name():
    with pytest.raises(ValueError, match="did you mean '02-imap'"):
        check("02-imapp")
    with pytest.raises(ValueError, match=r"no exercise 'zzz'\. There are: 00-colleague"):
        check("zzz")
    for odd in (7, None, [], ...):
        with pytest.raises(ValueError, match="no exercise"):
            hint(odd)


def test_a_solution_is_shown_after_a_try_or_when_asked_for_twice():
    card = check("03-both-wait")
    told = EXERCISES["03-both-wait"].choices[1].feedback
    card.press("Solution")
    assert "not tried yet" in card.shown() and told not in card.shown()
    card.press("Solution")
    assert "b. the client&#x27;s ClientHello" in card.shown() and told in card.shown()
    tried = check("03-both-wait")
    tried.press("a. the EHLO command")
    tried.press("Solution")
    assert told in tried.shown() and "03-both-wait" not in progress_store.solved()
    assert str(solution("03-both-wait")) == f"b. the client's ClientHello\n{told}"
    assert 'solution("03-both-wait")' in str(check("03-both-wait"))


def test_a_solution_in_japanese():
    card = check("00-colleague", language="ja")
    card.press("解答")
    card.press("解答")
    right = TRANSLATED["ja"]["00-colleague"].choices[2]
    assert right.words in card.shown() and right.feedback in card.shown() and "Solution" not in card.shown()
