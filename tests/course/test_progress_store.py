"""Progress lasts between restarts, can be forgotten, and survives what happens to files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import until

from smtplab.course import progress_store as store


def in_another_process(code):
    return subprocess.run([sys.executable, "-c", f"from smtplab.course import progress_store as store; {code}"],
                          check=True, text=True, capture_output=True).stdout


def test_it_lasts_and_leaves_one_file(own_progress):
    assert store.solved() == set()
    assert store.note_try("01-a", True) and store.note_try("02-b", True)
    assert in_another_process("print(sorted(store.solved()))").strip() == "['01-a', '02-b']"
    in_another_process("store.note_try('01-c', True)")
    assert store.solved() == {"01-a", "01-c", "02-b"}
    assert os.listdir(own_progress.parent) == ["progress.json"]


def test_forgetting_all_a_lesson_or_one(own_progress):
    for name in ("01-a", "01-b", "02-a", "02-ab"):
        store.note_try(name, True)
    store.forget("02-a")
    assert store.solved() == {"01-a", "01-b"}
    store.note_try("02-a", True)
    store.forget("01")
    assert store.solved() == {"02-a"}
    store.forget()
    assert store.solved() == set() and json.loads(own_progress.read_text()) == {"solved": []}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"solved": 3}', '{"solved": {"a": 1}}',
                                  '{"solved": [1, "01-a"]}', '{"other": []}', "\x00\xff", "[" * 200_000])
def test_a_file_that_is_no_progress(own_progress, text):
    own_progress.parent.mkdir()
    own_progress.write_text(text, encoding="latin-1")
    assert store.solved() <= {"01-a", "a"}
    assert store.note_try("02-b", True) and "02-b" in store.solved()
    assert os.listdir(own_progress.parent) == ["progress.json"]


def test_where_nothing_can_be_written_it_lasts_as_long_as_the_kernel(monkeypatch, tmp_path):
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(blocked / "progress.json"))
    assert not store.note_try("01-a", True) and store.solved() == {"01-a"}
    assert not store.note_try("01-b", True) and store.solved() == {"01-a", "01-b"}
    assert not store.forget("01-a") and store.solved() == {"01-b"}
    assert in_another_process("print(store.solved())").strip() == "set()"
    assert os.listdir(tmp_path) == ["a-file"]


def test_a_folder_in_the_files_place_and_an_interrupt_leave_nothing_behind(own_progress, monkeypatch):
    own_progress.mkdir(parents=True)
    assert not store.note_try("01-a", True) and store.solved() == {"01-a"}
    own_progress.rmdir()
    assert store.note_try("01-b", True)
    assert in_another_process("print(sorted(store.solved()))").strip() == "['01-a', '01-b']"

    def interrupted(*_):
        raise KeyboardInterrupt
    monkeypatch.setattr(store.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.note_try("01-c", True)
    assert os.listdir(own_progress.parent) == ["progress.json"] and store.solved() == {"01-a", "01-b"}


def test_two_processes_at_once_leave_a_whole_file(own_progress):
    """One may miss what the other has just written, but the file is whole at every moment, and alone."""
    code = "from smtplab.course import progress_store as store\nfor n in range(100): store.note_try(f'%s-{n}', True)"
    running = [subprocess.Popen([sys.executable, "-c", code % who]) for who in ("01", "02")]
    until(own_progress.exists)
    while any(process.poll() is None for process in running):
        assert json.loads(own_progress.read_text())["solved"]
    assert [process.wait() for process in running] == [0, 0]
    assert {"01-99", "02-99"} & store.solved() and os.listdir(own_progress.parent) == ["progress.json"]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
@pytest.mark.parametrize("kind", ["device", "pipe", "link"])
def test_a_device_a_pipe_or_a_link_is_neither_read_nor_replaced(kind, monkeypatch, tmp_path):
    path = tmp_path / "named"
    if kind == "device":
        path = Path(os.devnull)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        (tmp_path / "target").write_text("precious")
        path.symlink_to(tmp_path / "target")
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(path))
    before = os.lstat(path)
    assert store.solved() == set() and not store.note_try("01-a", True) and store.solved() == {"01-a"}
    assert os.lstat(path)[:3] == before[:3]
    store.forget()


def test_it_lies_in_the_users_data_folder(monkeypatch):
    monkeypatch.delenv("SMTPLAB_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    if sys.platform == "linux":
        assert str(store.file_path()) == "/data/smtplab/progress.json"
    assert store.file_path().name == "progress.json"


def test_tries_are_counted_until_the_right_answer(own_progress, monkeypatch):
    now = iter((1000.0, 1060.0, 1120.0, 1180.0, 1240.0))
    monkeypatch.setattr(store.time, "time", lambda: next(now))
    for right in (False, False, True, False):
        assert store.note_try("01-a", right)
    found = store.tries()["01-a"]
    assert (found.count, found.first, found.solved, found.minutes) == (3, 1000, 1120, 2.0)
    store.note_try("01-b", False)
    assert store.tries()["01-b"].minutes is None and store.solved() == {"01-a"}
    store.forget("01-a")
    assert set(store.tries()) == {"01-b"} and store.solved() == set()


def test_a_file_of_before_there_were_tries_is_read_and_kept(own_progress):
    own_progress.parent.mkdir()
    own_progress.write_text('{"solved": ["01-a"]}')
    assert store.solved() == {"01-a"} and store.tries() == {}
    store.note_try("01-b", False)
    assert store.solved() == {"01-a"} and json.loads(own_progress.read_text())["solved"] == ["01-a"]


@pytest.mark.parametrize("tries", ["[]", "3", '{"01-a": 3}', '{"01-a": {"count": "1", "first": 2}}',
                                   '{"01-a": {"count": true, "first": 2}}', '{"01-a": {"first": 2}}'])
def test_odd_tries_count_as_none(own_progress, tries):
    own_progress.parent.mkdir()
    own_progress.write_text(f'{{"solved": ["02-b"], "tries": {tries}}}')
    assert store.tries() == {} and store.solved() == {"02-b"}
    assert store.note_try("01-a", False) and store.tries()["01-a"].count == 1


def test_a_wrong_answer_that_cant_be_counted_changes_nothing(monkeypatch, tmp_path):
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(tmp_path / "a-file" / "progress.json"))
    assert not store.note_try("01-z", False) and store.solved() == set() and store.tries() == {}
