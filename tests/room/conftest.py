"""A folder for a room."""

import gc
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest


@pytest.fixture
def short_folder():
    """A folder with a short path, as sockets need it; pytest's own are too long."""
    folder = Path(tempfile.mkdtemp(prefix="smtplab-tests-", dir="/tmp" if os.name == "posix" else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Tests of a running room are run in a thread: in this one the browser of other tests may have an event loop."""
    if pyfuncitem.path.name != "test_real_room.py":
        return None
    given = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(pyfuncitem.obj, **given).result()
    gc.collect()  # here, where it is no fault: tornado leaves the sockets of its clients to it
    return True
