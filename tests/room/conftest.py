"""A folder for a room."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def short_folder():
    """A folder with a short path, as sockets need it; pytest's own are too long."""
    folder = Path(tempfile.mkdtemp(prefix="smtplab-tests-", dir="/tmp" if os.name == "posix" else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
