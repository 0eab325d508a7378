"""Real programs: what they say in its order, how they end, and that none is left behind."""

import contextlib
import os
import shutil
import signal
import sys
import threading

import pytest
from helpers import each_row, until

import smtplab
from smtplab.lab import programs
from smtplab.lab.programs import run_program

pytestmark = pytest.mark.posix("pseudo-terminals")

def python(code, **options):
    return run_program([sys.executable, "-c", code], **{"timeout_s": 30, **options})


def alive(pid):
    """Whether this process runs; one that has ended and that nobody has collected does not."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"
    return False


def test_both_streams_come_as_they_are_written():
    ran = python("import sys\nfor n in range(3): print('out', n); print('err', n, file=sys.stderr)\nsys.exit(7)")
    assert ran.text == "out 0\nerr 0\nout 1\nerr 1\nout 2\nerr 2\n" and ran.turns == (("program", ran.text),)
    assert (ran.status, ran.ended, ran.argv[0]) == (7, "by itself", sys.executable) and 0 < ran.seconds < 30


def test_a_signal_is_a_negative_status():
    assert python("import os; os.kill(os.getpid(), 9)").status == -9


TALKS = """
import sys
print("220-hello", flush=True); print("220 there", flush=True)
for line in sys.stdin:
    print("got", line.strip(), flush=True)
    if line.startswith("bye"): sys.exit(3)
    print("250-one", flush=True); print("250 two", flush=True)
"""


def test_each_line_waits_for_the_reply_to_the_one_before():
    ran = python(TALKS, typed=["ehlo", "noop", "bye"])
    assert ran.turns == (("program", "220-hello\n220 there\n"), ("typed", "ehlo"),
                         ("program", "got ehlo\n250-one\n250 two\n"), ("typed", "noop"),
                         ("program", "got noop\n250-one\n250 two\n"), ("typed", "bye"), ("program", "got bye\n"))
    assert ran.status == 3 and "ehlo" in ran.text and ran.text.count("250 two") == 2


def test_without_a_finished_reply_nothing_is_typed_and_input_stays_open():
    for said in ("220-unfinished", "220 no line end", "2200 four digits", "there is 220 in it", ""):
        ran = python(f"import sys; print({said!r}, end={'' if 'end' in said else chr(10)!r}, flush=True); "
                     "sys.stdin.readline(); print('read')", typed=["QUIT"], timeout_s=1)
        assert (ran.ended, ran.status) == ("at the time limit", None)
        assert "read" not in ran.text and ran.text.strip() == said and ran.seconds >= 1


@pytest.mark.linux("/proc says what is left")
def test_the_time_limit_ends_it_and_what_it_began():
    ran = python("import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'input()'], "
                 "stdin=subprocess.PIPE)\nprint(child.pid, flush=True)\nchild.wait()", timeout_s=1.5)
    assert (ran.status, ran.ended) == (None, "at the time limit") and ran.text.strip().isdigit()
    until(lambda: not alive(int(ran.text)))


@pytest.mark.linux("/proc says what is left")
def test_what_a_program_leaves_running_is_ended_too():
    ran = python("import os, subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', "
                 "'import threading; threading.Event().wait()'])\nprint(child.pid, flush=True)\nos._exit(0)")
    assert (ran.status, ran.ended) == (0, "by itself")
    until(lambda: not alive(int(ran.text)))


@pytest.mark.linux("/proc says what is left")
def test_an_interrupt_leaves_nothing_behind(tmp_path):
    noted = tmp_path / "pid"

    def interrupt():
        until(lambda: noted.exists() and noted.read_text())
        signal.raise_signal(signal.SIGINT)

    before = len(os.listdir("/dev/fd"))
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        python(f"import os; open({str(noted)!r}, 'w').write(str(os.getpid())); input()", timeout_s=60)
    thread.join()
    until(lambda: not alive(int(noted.read_text())))
    assert len(os.listdir("/dev/fd")) == before


@each_row("argv", [["smtplab-no-such-program", "x"], [], [""], ["/"], [sys.executable, "a\0b"]])
def test_what_can_t_be_run_is_a_value(argv):
    ran = run_program(argv)
    assert (ran.argv, ran.status, ran.ended, ran.turns) == (tuple(argv), None, "not here", ())


def test_a_program_that_hears_nothing_and_one_that_never_stops(monkeypatch):
    monkeypatch.setattr(programs, "MOST_BYTES", 1000)
    deaf = python("print('220 x', flush=True); import threading; threading.Event().wait()", typed=["A" * 300_000],
                  timeout_s=1)
    assert deaf.ended == "at the time limit"
    loud = python("for n in range(3000): print(n)")
    assert loud.text.startswith("0\n1\n") and loud.text.endswith("2999\n") and len(loud.text) < 1100
    assert "bytes left out]" in loud.text
    quiet = python("import os, threading; os.close(1); os.close(2); threading.Event().wait(0.3)")
    assert (quiet.text, quiet.status) == ("", 0)


def test_bytes_that_are_no_text():
    assert python(r"import sys; sys.stdout.buffer.write(b'\xff\x00\xe2\x82\xac\n')").text == "\\xff\x00\u20ac\n"


def test_where_there_is_no_terminal_a_pipe_does(monkeypatch):
    def none():
        raise OSError("out of pty devices")

    monkeypatch.setattr(os, "openpty", none)
    ran = python("import sys; sys.stderr.write('b\\n'); sys.stderr.flush(); print('a'); sys.exit(1)")
    assert (ran.text, ran.status) == ("b\na\n", 1)


@pytest.mark.real("telnet")
def test_telnet_waits_for_each_reply():
    with smtplab.serve("starttls") as server:
        ran = run_program([shutil.which("telnet"), *map(str, server.address)], typed=["EHLO me.example.com", "QUIT"],
                          timeout_s=30)
    said = [words for _, words in ran.turns]
    assert [said[1], said[3]] == ["EHLO me.example.com", "QUIT"]
    assert "220 mail" in said[0] and "250-STARTTLS" in said[2] and said[4].startswith("221 ")
    assert ran.ended == "by itself"
