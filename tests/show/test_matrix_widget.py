"""The matrix in the page, without a browser: cells as they come, a stop, a Player for each."""


import re

import pytest
from helpers import displayed, until

from smtplab import Cause, Mode
from smtplab.show.matrix import Matrix, grid_cell, outcome

KINDS = ["starttls", "implicit"]

pytestmark = pytest.mark.usefixtures("stand_in_player")


@pytest.fixture
def made():
    """`made(...)` makes a Matrix, which is closed after the test."""
    all_made = []

    def make(*args, **options):
        all_made.append(Matrix(*args, **options))
        return all_made[-1]

    yield make
    for matrix in all_made:
        matrix.close()


def grid_cells(matrix):
    return {cell["key"]: cell for row in matrix.grid.rows for cell in row["cells"] if cell["key"]}


def test_it_runs_and_says_it_all(made):
    matrix = made(KINDS, timeout_s=2)
    assert matrix.wait(60)
    assert [(r.server, r.mode, r.cause is r.expected) for r in matrix.rows] == [
        (kind, mode, True) for kind in KINDS for mode in Mode]
    cells = grid_cells(matrix)
    assert len(cells) == 8
    bad = cells["starttls|implicit"]
    assert (bad["sign"], bad["word"], bad["tone"]) == ("✗", "implicit-to-plaintext", "bad")
    assert bad["detail"].startswith("read 5 B in 0.")
    assert cells["starttls|starttls"]["word"] == "ok" and cells["starttls|plain"]["word"] == "ok, in clear"
    assert "waits: greeting" in cells["implicit|plain"]["detail"]
    assert "8 of 8 dials have ended" in matrix.shown() and not matrix.can_press("Stop")
    bundle = displayed(matrix)
    assert bundle["text/plain"] == str(matrix) and "implicit-to-plaintext, read 5" in str(matrix)
    assert "✗ implicit-to-plaintext" in matrix.grid.text() and matrix.grid.text().split()[0] in bundle["text/html"]


def test_a_chosen_cell_opens_its_player_in_place_of_the_one_before(made):
    matrix = made(["starttls"], timeout_s=20)
    assert matrix.wait(60)
    matrix.grid.chosen = "starttls|implicit"
    first = matrix.player
    assert first.trace.mode is Mode.IMPLICIT and first.server_trace.seen_from == "server"
    matrix.grid.chosen = "starttls|plain"
    second = matrix.player
    assert second.trace is matrix.rows[0].trace and first.comm is None
    assert "mode plain against starttls" in matrix.grid.hint
    for nonsense in ("starttls|", "x|plain", "", "|"):
        matrix.grid.chosen = nonsense
        assert matrix.player is second
    matrix.press("Run again")
    assert matrix.player is None and matrix.grid.chosen == "" and second.comm is None
    assert matrix.wait(20) and len(matrix.rows) == 4


def test_stop_keeps_what_has_come(made):
    matrix = made(["silent", "refused"], timeout_s=600)
    until(lambda: len(matrix.rows) == 4)
    until(lambda: "4 of 8 dials have ended" in matrix.shown())
    assert "8 of" not in str(matrix) and "4 of 8 dials have not ended" in str(matrix)
    matrix.press("Stop")
    assert matrix.wait(60)
    assert {row.cause for row in matrix.rows} == {Cause.REFUSED}
    assert [cell["word"] for cell in matrix.grid.rows[0]["cells"]] == ["stopped"] * 4
    assert "stopped after" in matrix.shown() and matrix.can_press("Run again")


def test_stop_at_once(made):
    matrix = made(timeout_s=600)
    matrix.stop()
    assert matrix.wait(60)


def test_close_ends_it(made):
    matrix = made(["silent"], timeout_s=60)
    until(lambda: "0 of 4" in matrix.shown())
    matrix.close()
    assert not matrix.running and matrix.comm is None and matrix.grid.comm is None


def test_nothing_runs_before_it_is_asked_to(made):
    matrix = made(["refused"], ["plain"], autostart=False)
    assert matrix.run is None and matrix.wait(0) and matrix.buttons == ["Stop", "Run"] and not matrix.can_press("Stop")
    assert str(matrix) == "no dial came to its end\n1 of 1 dials have not ended"
    matrix.press("Run")
    assert matrix.wait(60) and matrix.rows[0].cause is Cause.REFUSED


def test_wrong_names(made):
    with pytest.raises(ValueError, match="the kinds are"):
        Matrix(["nothing"])
    with pytest.raises(ValueError, match="the modes are"):
        Matrix(modes=["tls"])


def test_doubt_and_surprise_are_said(made):
    matrix = made(["silent"], ["plain"], timeout_s=0.2)
    matrix.wait(60)
    [row] = matrix.rows
    assert outcome(row.trace) == {"sign": "?", "word": "plaintext-to-implicit", "tone": "doubt"}
    assert re.match(r"not certain; read 0 B in \d+\.\d+ s, waits: greeting$", grid_cell(row)["detail"])
    odd = type(row)(Mode.PLAIN, "refused", row.cause, False, False, 0, 0, 0.1, None, row.trace)
    assert "unexpected, should be refused" in grid_cell(odd)["detail"]
