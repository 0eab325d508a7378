"""`smtplab handshake --pcap`: all that was sent, for its owner alone, with a warning."""

import base64
import os
import subprocess
import sys

import pytest
from helpers import is_private

from smtplab import Trace, serve

PASSWORD = "correct-horse-battery"
BLOB = base64.b64encode(f"\0alice\0{PASSWORD}".encode())


def handshake(server, *arguments):
    return subprocess.run([sys.executable, "-m", "smtplab", "handshake", f"127.0.0.1:{server.address[1]}", *arguments],
                          capture_output=True, text=True, timeout=60, env={**os.environ, "P": PASSWORD})


def test_it_holds_what_was_sent_and_says_so(tmp_path):
    path = tmp_path / "x.pcapng"
    with serve("starttls-stripped") as server:
        done = handshake(server, "--mode", "plain", "--user", "alice", "--password-env", "P", "--mechanism", "PLAIN",
                         "--pcap", str(path))
    assert done.returncode == 1 and "auth-rejected" in done.stdout
    assert "keep it to yourself" in done.stderr and str(path) in done.stderr
    assert BLOB.decode() not in done.stdout + done.stderr and PASSWORD not in done.stdout + done.stderr
    assert BLOB in path.read_bytes()
    assert is_private(path)
    assert BLOB not in Trace.from_pcap(path)[0].to_json().encode()


def test_the_secrets_of_tls_are_in_it_and_json_is_still_one_document(tmp_path):
    path = tmp_path / "x.pcapng"
    with serve("implicit") as server:
        done = handshake(server, "--mode", "implicit", "--ca", server.ca_file, "--pcap", str(path), "--json")
    assert Trace.from_json(done.stdout).ok
    assert b"CLIENT_TRAFFIC_SECRET_0 " in path.read_bytes()
    assert "TRAFFIC_SECRET" not in done.stdout + done.stderr


@pytest.mark.parametrize("where", ["no-such/x.pcapng", "."])
def test_a_file_that_cannot_be_written_is_told_first(where, tmp_path):
    with serve("plain") as server:
        done = handshake(server, "--mode", "plain", "--pcap", str(tmp_path / where))
        assert server.traces() == []
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "smtplab: " in done.stderr
