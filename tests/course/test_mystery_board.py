"""The mystery board without a browser: lights, one form at a time, buttons, and what its widgets hold."""

import html
import json
import re
import threading

import pytest
from helpers import all_parts, in_cell, until
from real_tools import need

from smtplab import Cause
from smtplab.course import in_terminal, mystery
from smtplab.course.mysteries import board as module
from smtplab.course.mysteries.board import Board
from smtplab.course.mysteries.draw import CLIENTS, draw
from smtplab.course.mysteries.mend_form import MendForm
from smtplab.course.mysteries.pool import ASKS
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
    return [label for label in board.buttons if label[0].isdigit()]


def fill_in(board, **values):
    """Set the fields of the ticket that is shown."""
    for label, value in values.items():
        board.inputs[label.replace("_", " ")].value = str(value)


def test_a_click_on_a_light_shows_its_ticket_and_keeps_what_was_typed(board, game):
    assert lights(board) == ["1 ✗ open", "2 ✗ open", "3 ✗ open"] and "<b>Ticket 1</b>" in board.shown()
    board.inputs["Saw"].value = "half typed"
    board.press("2 ✗ open")
    assert board.chosen == 2 and "<b>Ticket 2</b>" in board.shown() and "<b>Ticket 1</b>" not in board.shown()
    assert board.inputs["Saw"].value == ""
    board.press("1 ✗ open")
    assert board.inputs["Saw"].value == "half typed"


def test_verdict_hint_and_reset(board, game):
    cause = draw("board", 3)[0].case.cause
    board.press("Verdict")
    assert "Say the cause" in board.shown() and game.ruling(1) is None
    fill_in(board, Cause=cause, Saw="<b>220</b>", Waited="nobody")
    board.press("Verdict")
    assert lights(board)[0] == "1 ◐ cause right, proof missing" and "The cause stands" in board.shown()
    for number in (1, 2, 3):
        board.press("Hint")
        assert f"Hints ({number} of 3)" in board.shown()
    assert not board.can_press("Hint")
    board.press("Reset round")
    assert lights(board)[0] == "1 ✗ open" and "The cause stands" not in board.shown()
    assert board.can_press("Hint")


def test_a_verdict_by_code_shows_on_the_board(board, game):
    game.verdict(1, draw("board", 3)[0].case.cause, "x", "both")
    game.hint(1)
    assert "◐" in lights(board)[0] and "Hints (1 of 3)" in board.shown() and "1 hint given" in board.shown()
    game.close()
    assert "servers are closed" in board.shown() and not board.can_press("Reset round")


DOOR = next(seed for seed in range(500) if draw(seed, 1)[0].case.kind == "starttls" and not draw(seed, 1)[0].login
            and draw(seed, 1)[0].case.cause is Cause.IMPLICIT_TO_PLAINTEXT and draw(seed, 1)[0].trusts)


@pytest.fixture
def solved():
    """A board whose one ticket's verdict stands: a client that begins TLS at a server that greets."""
    with mystery(DOOR, count=1) as game:
        board = Board(game)
        fill_in(board, Cause="implicit-to-plaintext", Saw=f"220 {draw(DOOR, 1)[0].hostname}", Waited="nobody")
        assert "Mode" not in board.inputs and not board.can_press("Try it"), "no mend before a verdict that stands"
        board.press("Verdict")
        yield board, game
        board.close()


def tried(board):
    """Press Try it, and wait for the end."""
    board.press("Try it")
    [form] = [part for part in all_parts(board) if isinstance(part, MendForm)]
    assert form.wait(10)
    return board.shown()


def test_a_mend_by_fields_red_amber_green(solved):
    board, game = solved
    assert lights(board) == ["1 ◑ solved, not mended"] and "Mend it" in board.shown()
    assert "Cause" not in board.inputs, "the verdict's fields make room"
    assert "Red: it doesn&#x27;t pass" in tried(board) or "Red: it doesn't pass" in board.shown()
    fill_in(board, Mode="starttls", Check="no")
    assert "Amber: " in tried(board) and "unchecked" in board.shown()
    assert lights(board) == ["1 ◑ passes, not protected"]
    fill_in(board, Check="yes")
    assert "Green: mended" in tried(board) and lights(board) == ["1 ✓ solved, mended"] and game.done
    assert "1 of 1 solved, 1 mended" in board.shown() and "All that was sent" in board.shown()
    board.press("As it was")
    assert board.inputs["Mode"].value == "implicit" and lights(board) == ["1 ✓ solved, mended"]
    board.press("Reset round")
    assert lights(board) == ["1 ✗ open"] and "Mode" not in board.inputs and "Cause" in board.inputs


def test_a_mend_in_the_client_s_own_words(solved):
    board, game = solved
    fill_in(board, Change="text")
    assert "Mode" not in board.inputs
    [ticket] = game.tickets
    assert board.inputs["Settings"].value == ticket.settings and "Red: " in tried(board)
    fill_in(board, Settings="nothing of it")
    assert "Nothing in that is a setting" in tried(board) and lights(board) == ["1 ◑ solved, not mended"]
    words = next(words for _, name, words in CLIENTS["starttls"] if name == ticket.framework)
    fill_in(board, Settings=words.format(host=ticket.address[0], port=ticket.address[1]))
    assert "Green: mended" in tried(board) and game.done


def test_what_is_asked_of_those_in_charge(solved):
    board, game = solved
    board.press("Ask them")
    assert "Say what to ask for" in board.shown() and game.mending(1) is None
    assert {value for _, value in board.inputs["Or ask"].options} == {"", *ASKS}
    fill_in(board, Or_ask="open-port")
    board.press("Ask them")
    assert "mended from the client" in board.shown() and lights(board) == ["1 ◑ solved, not mended"]


def test_a_verdict_can_be_changed_after_it_stands(solved):
    board, game = solved
    board.press("Change verdict")
    fill_in(board, Cause="ok")
    board.press("Verdict")
    assert "doesn&#x27;t stand" in board.shown() and lights(board) == ["1 ◑ solved, not mended"]


def test_a_closed_board_ends_a_try(monkeypatch):
    monkeypatch.setattr("smtplab.course.mysteries.mend.TIMEOUT_S", 600)
    seed = next(seed for seed in range(500) if draw(seed, 1)[0].case.kind == "filtered")
    before = set(threading.enumerate())
    with mystery(seed, count=1) as game:
        board = Board(game)
        fill_in(board, Cause="filtered-timeout", Saw="nothing", Waited="client")
        board.press("Verdict")
        board.press("Try it")
        until(lambda: game._trying)
        board.close()
        assert [t.name for t in set(threading.enumerate()) - before if t.name != "smtplab-server"] == []


def test_the_causes_stand_beside_with_their_titles(board):
    for cause in Cause:
        assert f"<code>{cause}</code> {html.escape(cause.text.title)}" in board.shown()


def test_what_is_odd_in_a_mend_is_escaped(solved):
    board, _ = solved
    fill_in(board, Host="<img src=x onerror=alert(1)>")
    assert "<img" not in tried(board)
    fill_in(board, Host="127.0.0.1", CA_file="<script>")
    assert "<script>" not in tried(board) and "No file" in board.shown()


def test_what_is_odd_is_escaped(board, game):
    game.verdict(1, "ok", "<img src=x onerror=alert(1)>", "nobody")
    fill_in(board, Saw="<script>")
    assert "<img" not in board.shown() and "<script>" not in board.shown()


def test_it_lists_all_causes_in_the_closed_list_s_order(board):
    assert [value for _, value in board.inputs["Cause"].options] == ["", *map(str, Cause)]


def test_widgets_hold_no_answer(board, game):
    held = []
    for ticket in game.tickets:
        board.choose(ticket.number)
        held += [part for part in all_parts(board) if part not in held]
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
    for run in ("a", "b"):
        in_cell(monkeypatch, "a cell with a mystery", run)
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
        assert "that fits" in one.corner(1, 3) and "that fits" in one.corner(1, 4)
        seen = in_terminal("openssl s_client -connect {address} -CAfile {ca_file}", one.tickets[0], typed=["quit"],
                           mark=[" s:"])
        assert re.search(r"CN ?= ?mx-", str(seen))
        stands = one.verdict(1, "plaintext-to-implicit", saw=seen.whole(), waited="both")
        assert stands.right and stands.lines[0][0] and "both wait" in stands.lines[0][1]
        first = one.mend(1, mode="implicit")
        assert first.passed == "it doesn't pass" and first.trace.cause is Cause.AUTH_REJECTED
        assert "wonderland" in str(first)
        assert one.mend(1, mode="implicit", password="wonderland").passed == "mended" and one.done


@pytest.mark.parametrize(("late_s", "judged"), [(60.0, True), (0.0, False)])
def test_a_value_that_comes_right_after_the_click_is_judged_too(board, monkeypatch, late_s, judged):
    # The page sends a field's value and the click after it, and they may arrive in the other order.
    monkeypatch.setattr(module, "LATE_S", late_s)
    fill_in(board, Cause=draw("board", 3)[0].case.cause, Waited="nobody")
    board.press("Verdict")
    before = board.shown()
    assert "The cause stands" in before
    fill_in(board, Cause=next(c for c in Cause if c not in (draw("board", 3)[0].case.cause, Cause.OK)))
    assert ("The cause doesn&#x27;t stand" in board.shown()) == judged
    assert (board.shown() != before) == judged
    once = board.shown()
    fill_in(board, Cause=draw("board", 3)[0].case.cause)
    assert board.shown() == once, "a field's value comes late once; the next is a new answer, not handed in yet"
