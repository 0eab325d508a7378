"""The script that records clients' words again: for two of them, and how it tells that words differ."""

import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from record_errors import CLIENTS, KINDS, MEANT, differences

from smtplab.show.recorded_errors import CAUSES, RecordedError, recordings

SCRIPT = Path(__file__).with_name("record_errors.py")


@pytest.mark.slow
@pytest.mark.real("openssl", "curl")
def test_two_clients_are_recorded():
    done = subprocess.run([sys.executable, str(SCRIPT), "openssl s_client", "curl smtps", "--kinds", "banner220,close"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    runs = [RecordedError(**json.loads(line)) for line in done.stdout.splitlines()]
    assert [(run.client, run.port_kind) for run in runs] == [
        ("openssl s_client", "banner220"), ("openssl s_client", "close"), ("openssl s_client -starttls smtp", "close"),
        ("curl smtps://", "banner220"), ("curl smtps://", "close")]
    assert set(json.loads(done.stdout.splitlines()[0])) == {field.name for field in fields(RecordedError)}
    for run in runs:
        assert run.version and "OpenSSL" in run.tls_library and run.error_text and not run.hang
        if run.port_kind == "banner220":
            assert run.first_bytes.startswith("220 mail.example.com ") and "wrong version number" in run.error_text
        assert "PORT" in run.error_text or "127.0.0.1" not in run.error_text


@pytest.mark.slow
@pytest.mark.real("openssl")
def test_who_says_nothing_is_ended():
    done = subprocess.run([sys.executable, str(SCRIPT), "s_client -starttls", "--kinds", "silent", "--wait", "1"],
                          capture_output=True, text=True, timeout=120)
    [run] = [RecordedError(**json.loads(line)) for line in done.stdout.splitlines()]
    assert (run.hang, run.killed_after_s, run.error_text, run.first_bytes) == (True, 1.0, "", "")


@pytest.mark.slow
def test_an_unknown_kind_is_told():
    done = subprocess.run([sys.executable, str(SCRIPT), "--kinds", "x"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and "no kind x; there are banner220" in done.stderr


def test_words_that_differ_are_found():
    run = next(run for run in recordings() if run.client == "curl smtps://" and run.port_kind == "banner220")
    other = replace(run, error_text="curl: (35) something else")
    assert differences([other], recordings()) == [(other, run)]
    for same in (run, replace(other, version="9.9"), replace(other, client="new"), replace(other, hang=True),
                 replace(run, seconds=9, first_bytes="220 x\r\n", recorded="2030-01-01")):
        assert differences([same], recordings()) == []


def test_its_clients_are_those_of_the_table():
    known = {(run.client, run.mode) for run in recordings()}
    ours = {(client.name, client.mode) for client in CLIENTS}
    assert {pair for pair in ours if not pair[0].startswith("git")} <= known
    assert {kind for kinds in MEANT.values() for kind in kinds} == set(KINDS) <= {kind for _, kind in CAUSES}
