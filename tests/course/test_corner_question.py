"""A ticket's corner: taken down at once, told with the verdict, and nothing that a server does is told before."""

import io

import pytest
from helpers import all_parts, each_row

from smtplab import Cause
from smtplab.course import mystery
from smtplab.course.mysteries.board import Board
from smtplab.course.mysteries.corner_question import CHOICES, NAMES, judged, noted, read_choice
from smtplab.course.mysteries.draw import corner_name, draw
from smtplab.course.mysteries.judge import NotUnderstood
from smtplab.course.mysteries.pool import POOL
from smtplab.course.mysteries.prompt import Prompt
from smtplab.events import Mode

# From 1, row by row; first a client that begins TLS, at a server that greets and at one that waits for TLS.
BOTH_TALK, TLS_WORKS, GREETING_WORKS, BOTH_WAIT, NONE = range(1, 6)
NO_CORNER = (Cause.REFUSED, Cause.FILTERED_TIMEOUT, Cause.CLOSED_BEFORE_GREETING)


def its_corner(case):
    """The tests' own knowledge: by the cause, and by the mode where the cause is none of who begins."""
    if case.cause in NO_CORNER or case.kind == "http":
        return NONE
    by_cause = {Cause.IMPLICIT_TO_PLAINTEXT: BOTH_TALK, Cause.PLAINTEXT_TO_IMPLICIT: BOTH_WAIT}
    return by_cause.get(case.cause, TLS_WORKS if case.mode == "implicit" else GREETING_WORKS)


@each_row("case", POOL, ids=lambda case: f"{case.cause}-{case.kind}-{case.mode}")
def test_the_corner_of_each_ticket_and_why(case):
    right = its_corner(case)
    assert [judged(number, case)[0] for number in range(1, 6)] == [number == right for number in range(1, 6)]
    (_, stands), (_, wrong), (left, out) = (judged(n, case) for n in (right, right % 5 + 1, None))
    assert stands.startswith("The corner stands: ") and wrong.startswith("The corner doesn't stand; it is: ")
    assert left is None and out.startswith("The corner, which you left open: ")
    assert corner_name(case) == NAMES[right - 1], "so the trainer's key has it"
    reason = stands.partition(": ")[2]
    assert wrong.endswith(reason) and out.endswith(reason)
    then = {BOTH_TALK: "So both talk", BOTH_WAIT: "So both wait", NONE: "No mode mends that"}
    assert then.get(right, "They agree on who begins") in reason


def test_the_choices_are_the_square_row_by_row_and_none():
    assert [(c.mode, c.kind) if c else c for c in CHOICES.values()] == [
        ("implicit", "starttls"), ("implicit", "implicit"), ("starttls", "starttls"), ("starttls", "implicit"), None]
    assert NAMES[0] == "the client begins TLS, the server greets" and NAMES[-1] == "none of the four"


@pytest.mark.parametrize("mode", [Mode.IMPLICIT, Mode.STARTTLS, Mode.STARTTLS_OPPORTUNISTIC, Mode.PLAIN])
def test_what_the_settings_say_is_said_at_once(mode):
    fits = (1, 2) if mode is Mode.IMPLICIT else (3, 4)
    said = [noted(number, mode).words for number in range(1, 6)]
    assert [n for n, words in enumerate(said, 1) if "Read the ticket's settings again" in words] == \
        [n for n in (1, 2, 3, 4) if n not in fits]
    assert len({said[n - 1] for n in fits}) == 1 and "fits" in said[fits[0] - 1] and "fits" not in said[4]


@each_row(("given", "number"), [
    ("1", 1), (5, 5), (" 2 ", 2), ("none", 5), ("None of the four", 5), ("the client begins TLS, the server greets", 1),
    ("The client waits for a greeting, the server waits", 4), ("none of th four", 5)])
def test_a_choice_by_its_number_or_words(given, number):
    assert read_choice(given) == number


@each_row("given", ["", "0", "6", 6, True, "the client begins TLS", "²", "9" * 5000, None, [], b"1", "<b>", "\x1b"])
def test_what_is_no_choice_is_answered_with_the_choices(given):
    found = read_choice(given)
    assert isinstance(found, NotUnderstood) and all(name in found.words for name in NAMES)
    assert "<b>" not in found.words and "\x1b" not in found.words


def seed_of(cause, mode, kind=None):
    return next(seed for seed in range(2000) if (one := draw(seed, 1)[0]).case.cause is cause
                and one.case.mode == mode and kind in (None, one.case.kind))


CAUSES = (Cause.IMPLICIT_TO_PLAINTEXT, Cause.CERT_EXPIRED, Cause.FILTERED_TIMEOUT, Cause.OK)


def test_before_a_verdict_stands_it_tells_no_ticket_from_another():
    said = {}
    for cause in CAUSES:
        with mystery(seed_of(cause, "implicit"), count=1) as game:
            wrong = game.verdict(1, "dns", "nothing", "nobody")
            said[cause] = [str(game.corner(1, number)) for number in range(1, 6)] + [game.corner(1)]
            assert str(game.verdict(1, "dns", "nothing", "nobody")) == str(wrong), "a wrong verdict is told without it"
    assert len({tuple(words) for words in said.values()}) == 1


DOOR = seed_of(Cause.IMPLICIT_TO_PLAINTEXT, "implicit", "starttls")
GOOD = ("implicit-to-plaintext", f"220 {draw(DOOR, 1)[0].hostname}", "nobody")


@pytest.fixture
def game():
    with mystery(DOOR, count=1) as game:
        yield game


@pytest.mark.parametrize(("number", "line"), [(1, "✓ The corner stands"), (3, "✗ The corner doesn't stand; it is"),
                                              (None, "· The corner, which you left open")])
def test_it_is_told_with_the_verdict_and_decides_nothing(game, number, line):
    game.corner(1, number)
    assert NAMES[0] not in str(game) or number == 1
    ruling = game.verdict(1, *GOOD)
    assert ruling.right and game.solved == [1] and f"  {line}" in str(ruling)
    assert "the server (starttls) greets" in " ".join(str(ruling).split())
    assert "told with the verdict" in game.corner(1, 2), "too late"
    assert str(game.verdict(1, *GOOD)) == str(ruling)
    game.reset()
    assert game.noted(1) is None and "fits" in game.corner(1, 2)
    assert NAMES[1] in str(game)


def test_odd_tickets_are_told_so(game):
    for odd in (None, "x", 7, [], 0):
        assert "they are 1 to 1" in game.corner(odd, 1)


def test_on_the_board(game):
    board = Board(game)
    field = board.inputs["Corner"]
    assert [value for _, value in field.options] == ["", "1", "2", "3", "4", "5"] and field.value == ""
    order = [part.description for part in all_parts(board) if getattr(part, "description", "") in ("Corner", "Cause")]
    assert order == ["Corner", "Cause"], "it is the first question"
    field.value = "3"
    assert "settings again: this client begins TLS" in board.shown() and game.noted(1).number == 3
    field.value = ""
    assert field.value == "3", "what was said can be changed, and not taken back"
    game.corner(1, 1)
    assert field.value == "1" and "that fits" in board.shown() and "settings again" not in board.shown()
    game.verdict(1, *GOOD)
    assert "The corner stands" in board.shown() and "Corner" not in board.inputs and "that fits" not in board.shown()
    board.press("Change verdict")
    assert "Corner" not in board.inputs and "Cause" in board.inputs
    board.press("Reset round")
    assert board.inputs["Corner"].value == ""
    board.close()


def said_at_the_prompt(game, lines, interactive):
    said = io.StringIO()
    Prompt(game, interactive=interactive, stdin=io.StringIO("\n".join(lines) + "\n"), stdout=said).cmdloop()
    return said.getvalue().partition("quit to end.")[2]


def test_at_the_prompt(game):
    said = said_at_the_prompt(game, ["corner", "corner 7", "1", "corner 1", "6", "nobody", "1", "1", "corner 1 2", "1",
                                     f"verdict 1 {GOOD[0]} waited=nobody saw={GOOD[1]}", "corner 1", "1"], True)
    words = ["Say which ticket: corner 3", "1 to 1", "not said yet; corner 1 asks", "Which corner is this ticket",
             "Which (1 to 5)", "Choose by a number", "Choose by a number", "that fits", f"corner: {NAMES[0]}",
             "that fits", f"corner: {NAMES[1]}", "doesn't stand; it is", "You were told", "Ticket 1: solved"]
    at = 0
    for part in words:
        at = said.index(part, at) + 1
    assert "corner:" not in said[said.index("You were told"):]


def test_from_a_pipe_it_asks_for_nothing(game):
    said = said_at_the_prompt(game, ["corner 1", "corner 1 none"], False)
    assert NAMES[4] in said and "Which (1 to" not in said and game.noted(1).number == 5
