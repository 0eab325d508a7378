"""A room's processes are found by their environment, and ended whatever they do against it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import until

from smtplab.room.processes import end_all, marked, memory, reap

pytestmark = pytest.mark.linux("/proc")
# Both live until a signal ends them, an alarm at the latest.
MEEK = "import signal\nsignal.alarm(60)\nprint('up', flush=True)\nsignal.pause()"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + MEEK


def started(code, mark):
    child = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "SMTPLAB_ROOM": mark},
                             stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "up\n"
    return child


@pytest.mark.parametrize("code", [MEEK, STUBBORN], ids=["meek", "stubborn"])
def test_the_marked_end_and_others_don_t(code):
    mine, other = started(code, "/tmp/a"), started(MEEK, "/tmp/ab")
    try:
        assert marked("SMTPLAB_ROOM=/tmp/a") == [mine.pid]
        assert memory([mine.pid]).pss_mib > 1 and memory([mine.pid]).processes == 1
        assert end_all("SMTPLAB_ROOM=/tmp/a", patience_s=0.2) == 1
        assert mine.wait(timeout=5) < 0 and other.poll() is None
        assert marked("SMTPLAB_ROOM=/tmp/a") == [] and end_all("SMTPLAB_ROOM=/tmp/a", patience_s=0) == 0
    finally:
        for child in (mine, other):
            child.kill()
            child.communicate()


def test_memory_of_who_is_gone_is_nothing():
    assert memory([2 ** 22 + 1]).pss_mib == 0


def test_a_child_s_end_is_noted_but_for_one():
    """The one is somebody else's, who waits for its status."""
    mine, other = (subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) for _ in range(2))
    files = [Path(f"/proc/{child.pid}/stat") for child in (mine, other)]
    until(lambda: all(b") Z" in file.read_bytes() for file in files))
    reap(mine.pid)
    assert [file.exists() for file in files] == [True, False]
    assert mine.wait() == 3
    other.wait()
