"""The first signal ends a command in order; others wait until that is done."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from helpers import each_row

from smtplab import ending

pytestmark = pytest.mark.posix("signals")
# Says when it can be ended, and cleans up for as long as somebody keeps it waiting.
COMMAND = """
import sys, threading
from smtplab import ending
ending.arm()
try:
    print("here", flush=True)
    threading.Event().wait()
except KeyboardInterrupt:
    print("ending", flush=True)
    sys.stdin.read()
    print("done", flush=True)
"""


@pytest.fixture
def command():
    process = subprocess.Popen([sys.executable, "-c", COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "here\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("first", ending.SIGNALS)
def test_a_second_signal_does_not_interrupt_the_clean_up(command, first):
    command.send_signal(first)
    assert command.stdout.readline() == "ending\n"
    for number in ending.SIGNALS:
        command.send_signal(number)
    said, errors = command.communicate("", timeout=60)
    assert (command.returncode, said, errors) == (0, "done\n", "")


# What comes to another thread interrupts no wait of the main one, as what comes just before the wait begins.
MISSED = COMMAND.replace("    threading.Event().wait()\n", """\
    def miss():
        while "(sleeping)" not in open("/proc/self/status").read():
            pass
        signal.pthread_kill(threading.get_ident(), signal.{})
    threading.Thread(target=miss, daemon=True).start()
    sys.stdin.readline()
""").replace("import sys", "import signal, sys")


@pytest.mark.linux("/proc")
@pytest.mark.parametrize("number", ending.SIGNALS)
def test_a_signal_that_interrupts_no_wait_ends_it_all_the_same(number):
    process = subprocess.Popen([sys.executable, "-c", MISSED.format(number.name)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert [process.stdout.readline(), process.stdout.readline()] == ["here\n", "ending\n"]
    said, errors = process.communicate("", timeout=60)
    assert (process.returncode, said, errors) == (0, "done\n", "")


@pytest.fixture
def armed(monkeypatch):
    """The signals of this process end nothing but the block; as they were, after it."""
    monkeypatch.setattr(ending, "_began_s", None)
    before = {number: signal.getsignal(number) for number in ending.SIGNALS}
    yield
    ending.disarm()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_an_end_that_takes_too_long_can_be_ended(armed, monkeypatch):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ending.arm()
    monkeypatch.setattr(ending, "PATIENCE_S", 0.0)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
            threading.Event().wait(60)


def test_what_is_ignored_stays_so(armed):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    ending.arm()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_an_event_loop_is_told_in_its_own_way(armed):
    told = []
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ending.arm()
    with ending.instead(lambda: told.append(1)):
        os.kill(os.getpid(), signal.SIGTERM)
        while not told:
            pass
        os.kill(os.getpid(), signal.SIGTERM)
    assert told == [1]


@each_row("cause, status", [(KeyboardInterrupt(), 1), (ValueError("x"), None)])
def test_an_interrupt_that_python_wraps_is_one(cause, status, armed, monkeypatch):
    from smtplab import cli

    def fail(*_args, **_options):
        raise RuntimeError("Error calling __set_name__") from cause

    monkeypatch.setattr(cli.cli, "main", fail)
    with pytest.raises(SystemExit if status else RuntimeError) as ended:
        cli.main(["judge"])
    assert not status or ended.value.code == status


# --- the end itself ---

LEAVES = "import atexit; from smtplab import ending; atexit.register(print, 'let go'); print('said'); ending.leave({})"
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # written at the end


@each_row("status, code", [("0", 0), ("None", 0), ("3", 3), ("'a text'", 1)])
def test_all_is_written_and_let_go_before_the_end(status, code):
    done = subprocess.run([sys.executable, "-c", LEAVES.format(status)], capture_output=True, text=True,
                          env=BUFFERED)
    assert (done.returncode, done.stdout, done.stderr) == (code, "said\nlet go\n", "")


@pytest.mark.skipif(os.name != "posix", reason="a pipe that nobody reads")
def test_what_nobody_reads_is_a_failure():
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run([sys.executable, "-c", LEAVES.format(0)], stdout=writes, stderr=subprocess.PIPE, text=True,
                          env=BUFFERED)
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, "")
