"""The authority's file is there while a server is, and what a killed process left goes at the next start."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smtplab import serve
from smtplab.lab import own_files

pytestmark = pytest.mark.skipif(own_files.fcntl is None, reason="no such locks")
SERVES = "import smtplab, sys; server = smtplab.serve('plain'); print(server.ca_file, flush=True); sys.stdin.read()"


@pytest.fixture
def start(tmp_path):
    """`start()` gives a process with a server, and its authority's file; they share a folder for temporary files."""
    running = []

    def start():
        running.append(subprocess.Popen([sys.executable, "-c", SERVES], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env={**os.environ, "TMPDIR": str(tmp_path)}))
        return running[-1], Path(running[-1].stdout.readline().strip())

    yield start
    for process in running:
        process.kill()
        process.communicate()


def end(process):
    process.communicate("", timeout=60)


@pytest.mark.skipif(own_files.fcntl is None, reason="no such locks")
def test_what_a_killed_process_left_goes_at_the_next_start_and_nothing_else(start, tmp_path):
    killed, left = start()
    killed.kill()
    killed.wait()
    own = tmp_path / "smtplab-ca-00000000000a.pem"
    own.mkdir()
    link = tmp_path / "smtplab-ca-00000000000b.pem"
    link.symlink_to(left)
    for path in (left, own):
        os.utime(path, (1, 1))  # long ago
    lives, there = start()
    assert not left.exists() and there.exists() and own.is_dir() and link.is_symlink()
    also, here = start()
    assert there.exists() and here.exists()
    for process in (lives, also):
        end(process)
    assert sorted(path.name for path in tmp_path.iterdir()) == [own.name, link.name]


def test_one_just_being_made_is_left_alone(tmp_path, start):
    young = tmp_path / "smtplab-ca-00000000000c.pem"
    young.touch()
    ahead = time.time() + 3600  # however long the next start takes
    os.utime(young, (ahead, ahead))
    _, there = start()
    assert young.exists() and there.exists()


def test_the_last_server_takes_it_along_and_an_end_without_close_too(start):
    with serve("plain") as one:
        with serve("implicit") as other:
            assert one.ca_file == other.ca_file
        assert Path(one.ca_file).exists()
        path = Path(one.ca_file)
        assert path.stat().st_mode & 0o777 == 0o600 and b"BEGIN CERTIFICATE" in path.read_bytes()
    assert not path.exists()
    process, there = start()
    end(process)  # its server was never closed
    assert not there.exists()
