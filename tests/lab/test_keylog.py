"""TLS secrets: in nobody's reach, each connection's its own, gone with the run."""

import os
import ssl
import stat
import subprocess
import sys
import tempfile

import pytest

from smtplab import dial, serve
from smtplab.lab import keylog
from smtplab.lab.keylog import KeyLog, keep_secrets

pytestmark = pytest.mark.posix("an open file may lose its name")

@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_file_is_private_and_has_no_name(folder, monkeypatch):
    seen = []
    unlink = os.unlink
    monkeypatch.setattr(keylog.os, "unlink", lambda path: (seen.append(os.stat(path)), unlink(path)))
    log = KeyLog(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert [stat.S_IMODE(one.st_mode) for one in seen] == [0o600]
    assert os.listdir(folder) == []
    assert log.take() == ""


def test_nothing_is_left_during_and_after_a_run(folder):
    with serve("implicit") as server:
        trace = dial(server, "implicit")
        assert [name for name in os.listdir(folder) if "keys" in name] == []
    assert trace._kept.secrets.startswith(("CLIENT_", "SERVER_", "EXPORTER_"))
    assert os.listdir(folder) == []


def test_where_an_open_file_keeps_its_name_it_goes_at_the_end(folder, monkeypatch):
    """As on Windows."""
    monkeypatch.setattr(keylog.os, "unlink", lambda path: (_ for _ in ()).throw(PermissionError(path)))
    log = KeyLog(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    [name] = os.listdir(folder)
    assert stat.S_IMODE(os.stat(folder / name).st_mode) == 0o600
    monkeypatch.undo()
    del log
    assert os.listdir(folder) == []


def test_a_program_that_is_killed_leaves_none(folder):
    code = ("import os, signal, smtplab\n"
            "with smtplab.serve('implicit') as server:\n"
            "    assert smtplab.dial(server, 'implicit')._kept.secrets\n"
            "    os.kill(os.getpid(), signal.SIGKILL)")
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(folder)})
    assert done.returncode == -9
    assert [name for name in os.listdir(folder) if "keys" in name] == []
    assert [name for name in os.listdir(folder) if "ca" in name] != []  # such a file would have been seen


def test_what_is_taken_is_gone_and_handles_end(folder):
    handles = len(os.listdir("/dev/fd"))
    with serve("implicit") as server:
        traces = [dial(server, "implicit") for _ in range(3)]
        seen = [server.trace(of=trace) for trace in traces]
    for one, other in zip(traces, seen, strict=True):
        ours, theirs = one._kept.secrets.splitlines(), other._kept.secrets.splitlines()
        assert set(ours) == set(theirs)
        assert len({line.split()[1] for line in ours}) == 1
    del server, seen
    assert len(os.listdir("/dev/fd")) <= handles + 1


def test_who_asked_for_a_key_log_gets_it_all_the_same(folder, monkeypatch):
    monkeypatch.setenv("SSLKEYLOGFILE", str(folder / "mine"))
    with serve("implicit") as server:
        trace = dial(server, "implicit")
    assert trace._kept.secrets
    assert trace._kept.secrets in (folder / "mine").read_text()


def test_no_room_for_a_file_is_no_failure(monkeypatch):
    def none(_path):
        raise OSError("no space")

    monkeypatch.setattr(keylog, "make_own_file", none)
    context = keep_secrets(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert context.keylog_filename is None
