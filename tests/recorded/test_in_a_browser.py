"""A Python without sockets, TLS, threads, programs and compiled packages, as in a browser: the lessons run in it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import smtplab
from smtplab.recorded import use_recordings
from smtplab.recorded.absent import Absent

ROOT = Path(smtplab.__file__).parents[1]
SCRIPT = Path(__file__).with_name("browser_python.py")
STALE = "python tests/real/record_lab.py records what the lessons ask for"


def in_browser(code: str) -> str:
    """What this code prints there."""
    run = subprocess.run([sys.executable, "-c", f"import browser_python; browser_python.stand_in()\n{code}"],
                         cwd=SCRIPT.parent, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


@pytest.mark.parametrize("lesson", ["00-start-here.ja", "00-start-here", "01-who-speaks-first", "02-five-bytes",
                                    "03-the-hang", "04-not-the-mode", "05-settings"])
def test_a_lesson_runs_without_a_failing_cell(lesson, tmp_path):
    notebook = ROOT / "notebooks" / f"{lesson}.ipynb"
    run = subprocess.run([sys.executable, SCRIPT, notebook], capture_output=True, text=True, timeout=100,
                         env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path)})
    assert run.returncode == 0, run.stderr
    [cells] = json.loads(run.stdout).values()
    assert [cell for cell in cells if cell["error"]] == []
    assert any("recorded with OpenSSL" in cell["said"] for cell in cells)
    assert [cell["said"] for cell in cells if "which nobody recorded" in cell["said"]] == [], STALE


def test_the_stand_in_can_do_no_more_than_a_browser():
    """The twin: the real lab fails there, for want of all of it."""
    code = """
import threading, socket, ssl, smtplab.lab.server, smtplab.lab.client
def attempt(call):
    try: call()
    except Exception as exc: print(type(exc).__name__)
attempt(lambda: smtplab.lab.server.serve("starttls"))
attempt(lambda: threading.Thread(target=print).start())
attempt(lambda: socket.create_connection(("127.0.0.1", 9)))
attempt(lambda: ssl.MemoryBIO())
attempt(lambda: __import__("cryptography"))
"""
    assert in_browser(code).split() == ["NotImplementedError", "RuntimeError", "OSError", "NotImplementedError",
                                        "ModuleNotFoundError"]


def test_the_package_s_names_are_there_and_those_of_the_lab_are_the_recorded_lab_s():
    code = """
import smtplab
for name in smtplab.__all__: print(name, getattr(smtplab, name).__module__ if name != "KINDS" else "")
"""
    found = dict(line.split(" ") for line in in_browser(code).splitlines())
    there = {name for name, where in found.items() if where == "smtplab.recorded.lab"}
    assert there == {"dial", "matrix", "probe", "relay", "serve"}
    assert smtplab.dial.__module__ == "smtplab.lab.client"  # here it is the lab's
    assert "smtplab.recorded" not in in_browser("import smtplab, sys; print(*sys.modules)").split()


def test_what_is_absent_is_said_where_it_is_imported():
    said = in_browser("import smtplab\nsmtplab.serve\ntry: import cryptography.x509\n"
                      "except ImportError as exc: print(exc, exc.name)")
    assert said == ("cryptography is not in the browser's Python, so that this can't be shown here: install smtplab "
                    "to do it. cryptography\n")
    assert Absent().find_spec("a_module_that_nobody_has") is None


def test_the_case_box_and_the_settings_explorer_answer():
    said = in_browser("""
from smtplab.show import CaseBox, SettingsExplorer
box, explorer = CaseBox("SSL_connect: wrong version number", port=587), SettingsExplorer("rails", "port: 465")
print(box.text(), explorer.text(), explorer.buttons)
explorer.press("Run it")
print(explorer.text())
box.close(), explorer.close()
""")
    assert "implicit-to-plaintext" in said and "hang" in said and "recorded with OpenSSL" in said


def test_saying_yes_twice_and_no_leaves_the_names_as_they_were():
    before = smtplab.dial
    use_recordings()
    use_recordings()
    assert smtplab.dial is not before
    use_recordings(False)
    assert smtplab.dial is before
