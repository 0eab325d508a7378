"""A process's own temporary folders: they go with the block, and what is left of killed processes at the next start."""

import os
import subprocess
import sys
import time

import pytest
from helpers import until

from smtplab.lab import own_files
from smtplab.lab.own_files import own_folder, remove_left

pytestmark = pytest.mark.skipif(own_files.fcntl is None, reason="no such locks")
HOLDS = """
import sys
from smtplab.lab.own_files import own_folder
with own_folder() as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder for temporary files, in which a look is due."""
    monkeypatch.setattr(own_files, "_place", lambda short: str(tmp_path))
    monkeypatch.setattr(own_files, "_looked_s", 0.0)
    return tmp_path


def old(path, seconds=3600):
    os.utime(path, (time.time() - seconds,) * 2)


def test_a_folder_goes_with_its_block(place):
    with own_folder() as folder:
        (folder / "inner").mkdir()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(place.iterdir()) == []


def test_what_lives_stays_and_what_was_killed_goes(place):
    process = subprocess.Popen([sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "TMPDIR": str(place)})
    folder = place / os.path.basename(process.stdout.readline().strip())
    old(folder)
    remove_left()
    assert folder.is_dir(), "it is locked"
    process.kill()
    process.communicate()
    own_files._looked_s = 0.0
    remove_left()
    assert not folder.exists()


def test_only_such_names_and_nothing_young(place):
    for name in ("smtplab-run-notes", "smtplab-notebooks", "smtplab-run-0123456789ab", "other"):
        (place / name).mkdir()
        old(place / name)
    link = place / "smtplab-run-0123456789ac"
    link.symlink_to(place / "other")
    (place / "smtplab-run-0123456789ad").mkdir()
    (place / "smtplab-run-0123456789ae").mkdir()
    (place / "smtplab-run-0123456789ae" / own_files.LOCK).touch()
    for name in ("smtplab-run-0123456789ad", "smtplab-run-0123456789ae"):
        old(place / name, 30)  # without a lock, and with one that isn't locked: as one who is slow makes it
    remove_left()
    assert sorted(path.name for path in place.iterdir()) == [
        "other", "smtplab-notebooks", link.name, "smtplab-run-0123456789ad", "smtplab-run-0123456789ae",
        "smtplab-run-notes"]


def test_a_look_is_not_taken_at_each_start(place):
    remove_left()
    (place / "smtplab-run-0123456789ab").mkdir()
    old(place / "smtplab-run-0123456789ab")
    remove_left()
    assert (place / "smtplab-run-0123456789ab").is_dir()
    own_files._looked_s -= own_files.LOOK_S
    until(lambda: remove_left() or not (place / "smtplab-run-0123456789ab").exists())
