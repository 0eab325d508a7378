"""What a seat's files say, and that nothing in them can be more than that."""

import json
import os

import pytest
from helpers import each_row

from smtplab.course import progress_store, seat_notes
from smtplab.course.questions import EXERCISES
from smtplab.room.roster import READY, SeatView, picture, read_seat

NOW = 1_800_000_000


@pytest.fixture
def seat(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("SMTPLAB_SEAT", str(folder))
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(folder / "progress.json"))
    monkeypatch.setattr(progress_store.time, "time", lambda: NOW - 360.0)
    return folder


def test_a_seat_that_solves_tries_and_asks(seat):
    progress_store.note_try("01-ehlo", False)
    progress_store.note_try("01-ehlo", False)
    progress_store.note_try("00-colleague", True)
    assert seat_notes.note(lesson="01-who-speaks-first.ipynb", moved=True, hand=True, lights=["solved", "half", "open"])
    found = read_seat("seat01", seat, READY, NOW)
    assert {one.name: (one.solved, one.tries, one.minutes) for one in found.exercises} == {
        "01-ehlo": (False, 2, None), "00-colleague": (True, 1, 0.0)}
    assert (found.lesson, found.lights) == ("01-who-speaks-first", ("solved", "half", "open"))
    assert found.still and found.hand_minutes == 6.0 and found.solved == 1
    assert read_seat("seat01", seat, READY, NOW, hand_down=NOW - 100).hand_minutes is None
    assert read_seat("seat01", seat, READY, NOW, hand_down=NOW - 1000).hand_minutes == 6.0
    assert not read_seat("seat01", seat, READY, NOW - 100).still and not read_seat("seat01", seat, "off", NOW).still


def test_a_seat_without_files(tmp_path):
    assert read_seat("seat01", tmp_path / "none", "off", NOW) == SeatView("seat01")


@each_row("text", ["", "[]", "null", "{", "[" * 100_000, '{"solved": 3, "tries": []}', "\x00",
                   '{"moved": "x", "hand": [], "lights": {"a": 1}, "lesson": {"b": [2]}}',
                   '{"moved": 1e999, "hand": true, "lights": ["green", 3, null], "lesson": "\\u001b[31m<b>"}',
                   '{"solved": ["01-ehlo"], "tries": {"01-ehlo": {"count": "9", "first": 1}, "<script>": 1}}',
                   '{"moved": 99999999999999999999, "hand": -5}'])
def test_odd_files_raise_nothing_and_pass_nothing_on(text, tmp_path):
    for name in ("progress.json", "seat.json"):
        (tmp_path / name).write_text(text)
    found = read_seat("seat01", tmp_path, READY, NOW)
    assert not set(found.lights) and "\x1b" not in found.lesson and len(found.lesson) <= 100
    assert {one.name for one in found.exercises} <= {"01-ehlo"}
    assert json.dumps(found.to_dict())


@pytest.mark.posix("links and pipes")
@pytest.mark.parametrize("name", ["progress.json", "seat.json"])
def test_a_link_or_a_pipe_in_its_place_is_not_followed(name, tmp_path):
    (tmp_path / "elsewhere").write_text('{"solved": ["01-ehlo"], "lesson": "secret"}')
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    assert read_seat("seat01", tmp_path, "off", NOW) == SeatView("seat01")
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    assert read_seat("seat01", tmp_path, "off", NOW) == SeatView("seat01")


def test_the_picture_has_a_square_for_each_seat_and_exercise(seat):
    progress_store.note_try("01-ehlo", True)
    progress_store.note_try("00-colleague", False)
    found = picture([read_seat("seat01", seat, READY, NOW), SeatView("<b>&")])
    assert found.count("<rect") == 2 * len(EXERCISES)
    assert found.count('class="done"') == 1 and found.count("<circle") == 1
    assert "<b>" not in found and "&lt;b&gt;&amp;" in found
    assert f">The room's progress: 1 of {2 * len(EXERCISES)} exercises are solved in 2 seats</title>" in found


def test_elsewhere_than_in_a_seat_nothing_is_noted(monkeypatch, tmp_path):
    monkeypatch.delenv("SMTPLAB_SEAT", raising=False)
    monkeypatch.delenv("SMTPLAB_MESSAGES", raising=False)
    assert not seat_notes.note(hand=True) and not seat_notes.hand_raised() and seat_notes.messages() == []
    monkeypatch.setenv("SMTPLAB_SEAT", str(tmp_path / "gone"))
    assert not seat_notes.note(hand=True) and not seat_notes.hand_raised()
