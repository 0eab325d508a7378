"""The mystery board without a browser: lights, one form at a time, buttons, and what its widgets hold."""

import json
import re

import ipywidgets
import pytest
from real_tools import need

from smtplab import Cause
from smtplab.course import in_terminal, mystery
from smtplab.course.mysteries import board as module
from smtplab.course.mysteries.board import Board
from smtplab.course.mysteries.draw import draw
from smtplab.course.mysteries.round import Round


@pytest.fixture
def game():
    with mystery("board", count=3) as game:
        yield game


@pytest.fixture
def board(game):
    board = Board(game)
    yield board
    board.close()


def lights(board):
    return [light.description for light in board._lights]


def button(board, words):
    """The shown button of that name."""
    [found] = [w for w in everything(board) if isinstance(w, ipywidgets.Button) and w.description == words]
    return found


def everything(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def shown(board):
    return " ".join(w.value for w in everything(board) if isinstance(w, ipywidgets.HTML))


def test_a_click_on_a_light_shows_its_ticket_and_keeps_what_was_typed(board, game):
    assert lights(board) == ["1 ✗ open", "2 ✗ open", "3 ✗ open"] and "<b>Ticket 1</b>" in shown(board)
    board._forms[1].saw.value = "half typed"
    board._lights[1].click()
    assert board.chosen == 2 and "<b>Ticket 2</b>" in shown(board) and "<b>Ticket 1</b>" not in shown(board)
    board._lights[0].click()
    assert board._forms[1].saw.value == "half typed"


def test_verdict_hint_and_reset(board, game):
    cause = draw("board", 3)[0].case.cause
    form = board._forms[1]
    button(board, "Verdict").click()
    assert "Say the cause" in shown(board) and game.ruling(1) is None
    form.cause.value = str(cause)
    form.saw.value, form.waited.value = "<b>220</b>", "nobody"
    button(board, "Verdict").click()
    assert lights(board)[0] == "1 ◐ cause right, proof missing" and "The cause stands" in shown(board)
    for number in (1, 2, 3):
        button(board, "Hint").click()
        assert f"Hints ({number} of 3)" in shown(board)
    assert button(board, "Hint").disabled
    button(board, "Reset round").click()
    assert lights(board)[0] == "1 ✗ open" and "The cause stands" not in shown(board)
    assert not button(board, "Hint").disabled


def test_a_verdict_by_code_shows_on_the_board(board, game):
    game.verdict(1, draw("board", 3)[0].case.cause, "x", "both")
    game.hint(1)
    assert "◐" in lights(board)[0] and "Hints (1 of 3)" in shown(board) and "1 hint given" in shown(board)
    game.close()
    assert "servers are closed" in shown(board) and button(board, "Reset round").disabled


def test_what_is_odd_is_escaped(board, game):
    game.verdict(1, "ok", "<img src=x onerror=alert(1)>", "nobody")
    board._forms[1].saw.value = "<script>"
    assert "<img" not in shown(board) and "<script>" not in shown(board)


def test_it_lists_all_causes_in_the_closed_list_s_order(board):
    assert [value for _, value in board._forms[2].cause.options] == ["", *map(str, Cause)]


def test_widgets_hold_no_answer(board, game):
    held = [w for part in (board, *board._forms.values()) for w in everything(part)]
    state = json.dumps([w.get_state() for w in held], default=str, ensure_ascii=False)
    assert len(held) > 30 and "✗ open" in state
    for cause in Cause:
        state = state.replace(cause, "")
    for one in draw("board", 3):
        hidden = [one.hostname, one.case.proof, one.case.teaches, *one.case.hints]
        hidden += [one.case.kind] if "-" in one.case.kind else []
        assert not [words for words in hidden if words in state]


def test_a_cell_s_value_is_the_board_once_and_its_text(game):
    first, second = game._repr_mimebundle_(), game._repr_mimebundle_()
    view = "application/vnd.jupyter.widget-view+json"
    assert first[view]["model_id"] == second[view]["model_id"] and first["text/plain"] == str(game)
    game.close_board()


def test_the_same_cell_run_again_ends_the_earlier_round(monkeypatch):
    from smtplab.show import running
    monkeypatch.setattr(running, "_BY_CELL", {})
    for run in ("a", "b"):
        monkeypatch.setattr(running, "_this_run", lambda run=run: ("cell", run))
        game = mystery("again", count=1)
        if run == "a":
            earlier = game
            earlier._repr_mimebundle_()
    assert earlier.closed and not game.closed
    game.close()


@pytest.mark.real("openssl")
def test_the_lesson_s_worked_example():
    need("openssl")
    with mystery("together", count=1) as one:
        assert isinstance(one, Round)
        half = one.verdict(1, "plaintext-to-implicit", saw="nothing", waited="both")
        assert (half.cause_stands, half.saw_stands, half.waited_stands) == (True, False, True)
        seen = in_terminal("openssl s_client -connect {address} -CAfile {ca_file}", one.tickets[0], typed=["quit"])
        assert re.search(r"CN ?= ?mx-", str(seen))
        assert one.verdict(1, "plaintext-to-implicit", saw=str(seen), waited="both").right and one.done


@pytest.mark.parametrize(("late_s", "judged"), [(60.0, True), (0.0, False)])
def test_a_value_that_comes_right_after_the_click_is_judged_too(board, monkeypatch, late_s, judged):
    # The page sends a field's value and the click after it, and they may arrive in the other order.
    monkeypatch.setattr(module, "LATE_S", late_s)
    form = board._forms[1]
    form.cause.value, form.waited.value = str(draw("board", 3)[0].case.cause), "nobody"
    button(board, "Verdict").click()
    before = shown(board)
    assert "The cause stands" in before
    form.cause.value = str(next(c for c in Cause if c not in (draw("board", 3)[0].case.cause, Cause.OK)))
    assert ("The cause doesn&#x27;t stand" in shown(board)) == judged
    assert (shown(board) != before) == judged
    once = shown(board)
    form.cause.value = str(draw("board", 3)[0].case.cause)
    assert shown(board) == once, "a field's value comes late once; the next is a new answer, not handed in yet"
