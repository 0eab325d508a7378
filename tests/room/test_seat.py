"""What happens in a seat: its server's beginning, the trainer's messages in its kernel, the button to raise a hand."""

import json
import os
import subprocess
import sys
import types

import pytest
from helpers import until

from smtplab.course import lesson_aids, seat_notes
from smtplab.course.hand import LOWER, RAISE, Hand
from smtplab.room import messages, seat_kernel


@pytest.fixture
def seat(tmp_path, monkeypatch):
    monkeypatch.setenv("SMTPLAB_SEAT", str(tmp_path))
    monkeypatch.setenv("SMTPLAB_MESSAGES", str(tmp_path / "messages.json"))
    return tmp_path


class Shell:
    """As much of IPython as the extension asks for."""

    def __init__(self):
        self.hooks = {}
        self.events = types.SimpleNamespace(register=self.hooks.__setitem__)


def test_messages_are_shown_once_below_the_next_cell(seat, capsys, monkeypatch):
    messages.add(seat / "messages.json", "said before the kernel began")
    shell = Shell()
    seat_kernel.load_ipython_extension(shell)
    monkeypatch.setenv("JPY_SESSION_NAME", "/x/03-the-hang.ipynb")
    shell.hooks["pre_run_cell"](None)
    shell.hooks["post_run_cell"](None)
    assert capsys.readouterr().out == ""
    messages.add(seat / "messages.json", "Lunch\x1b[2J")
    for _ in range(2):
        shell.hooks["post_run_cell"](None)
    assert capsys.readouterr().out == "\n[from the trainer] Lunch\\x1b[2J\n"
    assert seat_notes.read(seat)["lesson"] == "03-the-hang.ipynb"


def test_a_folder_that_is_gone_disturbs_no_cell(seat, monkeypatch, capsys):
    shell = Shell()
    seat_kernel.load_ipython_extension(shell)
    monkeypatch.setenv("SMTPLAB_SEAT", str(seat / "gone"))
    monkeypatch.setenv("SMTPLAB_MESSAGES", str(seat / "gone"))
    shell.hooks["pre_run_cell"](None)
    shell.hooks["post_run_cell"](None)
    assert capsys.readouterr() == ("", "") and not (seat / "gone").exists()


def test_messages_are_numbered_cut_and_the_oldest_go(tmp_path):
    path = tmp_path / "messages.json"
    for number in range(messages.MOST + 5):
        messages.add(path, f"{number} " + "x" * 1000)
    found = messages.read(path)
    assert [number for number, _ in found] == list(range(6, messages.MOST + 6))
    assert {len(words) for _, words in found} == {messages.MOST_CHARACTERS}


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"number": "x", "text": 1}]', "[" * 100_000])
def test_odd_messages_are_none(tmp_path, text):
    (tmp_path / "m").write_text(text)
    assert messages.read(tmp_path / "m") == []


def test_the_hand_goes_up_and_down(seat):
    hand, other = Hand(), Hand()
    hand.toggle()
    assert seat_notes.hand_raised() and hand._button.description == LOWER and "raised" in hand.text()
    other.toggle()  # it said "raise": it is up already
    assert seat_notes.hand_raised()
    hand.toggle()
    assert not seat_notes.hand_raised() and hand._button.description == RAISE


def test_a_hand_that_cant_be_raised_says_so(seat, monkeypatch):
    hand = Hand()
    monkeypatch.setenv("SMTPLAB_SEAT", str(seat / "gone"))
    hand.toggle()
    assert hand._button.description == RAISE and "Call out" in hand._said.value


def test_the_help_box_has_the_button_in_a_seat_alone(seat, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    box = lesson_aids.didnt_happen()
    assert [type(one) for one in shown] == [Hand]
    monkeypatch.delenv("SMTPLAB_SEAT")
    assert str(lesson_aids.didnt_happen()) == str(box) and len(shown) == 1


def test_what_is_slow_is_not_loaded():
    code = "from smtplab.room.seat_server import leave_out_slow_imports as go; go()\nimport jsonschema\n" \
           "try:\n    import rfc3987_syntax\nexcept ImportError:\n    print('left out')"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "left out\n"


@pytest.mark.posix("locks and signals")
def test_a_seat_s_server_ends_with_the_room_s_lock(tmp_path):
    import fcntl
    path = tmp_path / ".lock"
    with open(path, "wb") as room:
        fcntl.flock(room, fcntl.LOCK_EX)
        code = "import sys, threading; from smtplab.room.seat_server import end_with\nend_with(sys.argv[1])\n" \
               "print('up', flush=True)\nthreading.Event().wait(60)"
        child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline() == "up\n" and child.poll() is None
    until(lambda: child.poll() is not None)
    child.communicate()
    assert child.returncode == -15


def test_a_board_notes_its_lights(seat):
    from smtplab.course.mysteries.round import Round
    with Round("blue heron", 1) as game:
        game.hint(1)
    assert json.loads((seat / "seat.json").read_text())["lights"] == ["open"]
    assert os.listdir(seat) == ["seat.json"]
