"""Rehearsals: what is planned, what is measured, what fails; and that nothing is left, in the folder or elsewhere."""

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers import read_notebook, until

from smtplab import json_schema
from smtplab.course import rehearsal
from smtplab.course.rehearsal import lessons, planned_minutes


def rehearse(*given, **options):
    """In a thread: in this one the browser of other tests may have an event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(rehearsal.rehearse, *given, **options).result()


def write(folder, name, *codes, minutes="*Five minutes.*"):
    """A notebook of these code cells, with ids c1, c2, ..."""
    import nbformat
    from nbformat import v4 as new
    cells = [new.new_markdown_cell(f"# What?\n\n{minutes}")]
    cells += [new.new_code_cell(code, id=f"c{number}") for number, code in enumerate(codes, 1)]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new.new_notebook(cells=cells, metadata=spec), folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "smtplab", "rehearse", *map(str, arguments)], capture_output=True,
                          text=True, timeout=100)


@pytest.mark.parametrize(("text", "minutes"), [
    ("# What?\n\n*Five minutes. You need nothing.*", (5, 5)), ("*Twenty-five minutes*", (25, 25)),
    ("*Thirty to forty-five minutes.*", (30, 45)), ("*90 minutes*", (90, 90)), ("*約 5 分です。*", (5, 5)),
    ("*30〜45 分*", (30, 45)), ("*Some minutes*", None), ("five minutes", None), ("", None),
])
def test_planned_minutes_are_read(text, minutes):
    assert planned_minutes(text) == minutes


def test_every_lesson_says_its_minutes():
    there = lessons(Path(__file__).parents[2] / "notebooks")
    texts = {path.stem: read_notebook(path).cells[0].source for path in there}
    assert [name for name, text in texts.items() if planned_minutes(text) is None] == []


def test_lessons_are_chosen_by_their_beginning(tmp_path):
    for name in ("00-a", "01-b", "00-a.ja"):
        write(tmp_path, name)
    assert [path.stem for path in lessons(tmp_path)] == ["00-a", "00-a.ja", "01-b"]
    assert [path.stem for path in lessons(tmp_path, ["01"])] == ["01-b"]
    assert [path.stem for path in lessons(tmp_path, ["01-b.ipynb", "00"])] == ["00-a", "00-a.ja", "01-b"]
    with pytest.raises(ValueError, match="begins with '02'; there are: 00-a, 00-a.ja, 01-b"):
        lessons(tmp_path, ["02"])
    with pytest.raises(ValueError, match="no notebooks in"):
        lessons(tmp_path / "nowhere")


def test_times_are_taken_cell_by_cell_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setenv("SMTPLAB_PROGRESS", str(tmp_path / "mine.json"))
    path = write(tmp_path, "00-a", "import os; progress = os.environ['SMTPLAB_PROGRESS']",
                 "import threading; threading.Event().wait(0.6)",
                 "open('left.txt', 'w').close(); assert os.listdir() == ['left.txt'] and 'mine' not in progress",
                 minutes="*Thirty to forty-five minutes*")
    heard = []
    found = rehearse(path, listener=lambda *cell: heard.append(cell))
    assert found.ok and found.minutes == (30, 45) and found.code_cells == 3
    assert heard == [("c1", 1, 3), ("c2", 2, 3), ("c3", 3, 3)]
    assert [(cell.cell, cell.number) for cell in found.cells] == [("c1", 1), ("c2", 2), ("c3", 3)]
    assert found.slowest() == [found.cells[1]] and sum(cell.seconds for cell in found.cells) < found.seconds
    assert list(tmp_path.iterdir()) == [path] and read_notebook(path).cells[1].outputs == []


@pytest.mark.parametrize(("code", "failure"), [
    ("1/0", "ZeroDivisionError: division by zero"), ("while True: pass", "still running after 1 s"),
    ("import os; os._exit(1)", "the kernel died"),
])
def test_a_lesson_ends_at_the_first_cell_that_fails(tmp_path, code, failure):
    found = rehearse(write(tmp_path, "00-a", "2", code, "3"), timeout_s=1 if "True" in code else 60)
    assert not found.ok and found.failure == failure
    assert [cell.cell for cell in found.cells] == ["c1", "c2"] and found.code_cells == 3


def test_a_failure_s_control_characters_do_not_reach_the_terminal(tmp_path):
    found = rehearse(write(tmp_path, "00-a", r"raise ValueError('a\x1b]0;b\x07c\x1b[2Jd')"))
    assert found.failure == r"ValueError: a\x1b]0;b\x07c\x1b[2Jd"


@pytest.mark.skipif(os.name != "posix", reason="process groups")
@pytest.mark.slow
def test_what_a_cell_began_ends_with_it(tmp_path, monkeypatch):
    """A program that ran at the time limit, and the files of servers that a lesson left open."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    here = tmp_path / "pid"
    child = f"import os, threading; open({str(here)!r}, 'w').write(str(os.getpid()) + '.'); threading.Event().wait(97)"
    command = shlex.join([sys.executable, "-c", child])
    path = write(tmp_path, "00-a", "import smtplab; server = smtplab.serve('starttls'); ca_file = server.ca_file",
                 "from pathlib import Path; assert Path(ca_file).exists()",
                 f"from smtplab.course import in_terminal; in_terminal({command!r}, timeout_s=90)")
    found = rehearse(path, timeout_s=3)
    assert found.failure == "still running after 3 s"
    with pytest.raises(ProcessLookupError):
        until(lambda: os.kill(int(here.read_text()[:-1]), 0))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["00-a.ipynb", "pid"]


def test_a_cell_that_is_meant_to_fail_does_not(tmp_path):
    path = write(tmp_path, "00-a", "1/0")
    import nbformat
    notebook = read_notebook(path)
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, path)
    assert rehearse(path).ok


def test_what_is_no_notebook_says_so(tmp_path):
    (tmp_path / "00-a.ipynb").write_text("{")
    found = rehearse(tmp_path / "00-a.ipynb")
    assert not found.ok and found.failure.startswith("not a notebook: ") and found.to_dict()["cells"] == []


# --- the command ---

@pytest.mark.slow
def test_the_command_goes_on_after_a_failure_and_ends_with_1(tmp_path):
    write(tmp_path, "00-a", "1")
    write(tmp_path, "01-b", "raise ValueError('<b>\\x1b[1m')", minutes="")
    write(tmp_path, "02-c", "1", "2", minutes="*Ten minutes*")
    done = run(tmp_path)
    head, first, second, failed, third, total = done.stdout.splitlines()
    assert done.returncode == 1 and done.stderr == ""
    assert head.split()[:6] == ["lesson", "planned", "by", "rule", "cells", "measured"]
    assert first.split()[:6] == ["00-a", "5", "min", "2", "min", "1"]
    assert third.split()[:6] == ["02-c", "10", "min", "3", "min", "2"]
    assert second.split()[:6] == ["01-b", "?", "min", "2", "min", "1"]
    assert failed == "    FAILED, cell 1 (c1): ValueError: <b>"
    assert total.startswith("3 of 3 notebooks, 4 cells: ") and total.endswith("15 min planned, 6 by rule; FAILED: 01-b")


def test_the_command_s_json_is_one_document(tmp_path):
    write(tmp_path, "00-a", "1")
    write(tmp_path, "00-a.ja", "1/0")
    done = run(tmp_path, "00-a.ja", "--json")
    [lesson] = json.loads(done.stdout)
    from jsonschema import Draft202012Validator  # a second or two, which only this needs
    assert list(Draft202012Validator(json_schema("smtplab.rehearsal/1")).iter_errors(lesson)) == []
    assert done.returncode == 1 and lesson.keys() == {
        "schema", "lesson", "minutes", "minutes_by_rule", "seconds", "code_cells", "cells", "failure"}
    assert (lesson["lesson"], lesson["minutes"], lesson["code_cells"]) == ("00-a.ja", [5, 5], 1)
    assert [cell.keys() for cell in lesson["cells"]] == [{"cell", "number", "seconds"}] and "Zero" in lesson["failure"]


def test_a_name_that_is_none_is_wrong_usage(tmp_path):
    write(tmp_path, "00-a", "1")
    done = run(tmp_path, "07")
    assert done.returncode == 2 and done.stdout == "" and "no notebook begins with '07'" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_told_to_end_it_leaves_no_kernel(tmp_path, how):
    here = tmp_path / "pid"
    write(tmp_path, "00-a", f"import os; open({str(here)!r}, 'w').write(str(os.getpid()) + '.')",
          "import threading; threading.Event().wait(60)")
    write(tmp_path, "01-b", "1")
    process = subprocess.Popen([sys.executable, "-m", "smtplab", "rehearse", str(tmp_path)], stdout=subprocess.PIPE,
                               text=True)
    try:
        kernel = int(until(lambda: here.exists() and here.read_text().endswith(".") and here.read_text()[:-1], 60))
        process.send_signal(how)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    assert out.splitlines()[-1].startswith("0 of 2 notebooks") and out.endswith("interrupted\n")
    with pytest.raises(ProcessLookupError):
        until(lambda: os.kill(kernel, 0))
