"""`smtplab explain` as a person calls it: an argument, a pipe, a terminal; odd bytes, secrets, and a lean start."""

import json
import os
import signal
import subprocess
import sys

import pytest
from test_cli import run
from test_settings_command import at_a_terminal

from smtplab.limits import INPUT_BYTES

TEXT = "OpenSSL::SSL::SSLError (SSL_connect returned=1 errno=0 state=error: wrong version number)"
LOGIN = "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Error: authentication failed')"


def test_a_text_comes_as_an_argument_or_on_stdin():
    done = run("explain", TEXT, "--port", "587", "--mode", "SMTPSecure=ssl")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1. implicit-to-plaintext: very likely" in done.stdout
    assert "smtplab probe" in done.stdout
    for more in ((), ("-",)):
        again = run("explain", *more, "--port", "587", "--mode", "SMTPSecure=ssl", stdin=TEXT)
        assert again.stdout == done.stdout
    assert "1. auth-rejected" in run("explain", LOGIN).stdout


def test_json_is_the_contract_s_document():
    done = run("explain", TEXT, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr, set(found)) == (0, "", {"schema", "causes"})
    assert {frozenset(cause) for cause in found["causes"]} == {
        frozenset(("cause", "likelihood", "title", "why", "fixes", "evidence"))}
    assert found["causes"][0]["cause"] == "implicit-to-plaintext"
    assert 0 < found["causes"][0]["likelihood"] <= 1


@pytest.mark.parametrize("text", ["", "Good morning."])
def test_what_is_not_known_is_an_answer(text):
    done = run("explain", stdin=text)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Not known from this text" in done.stdout
    assert "What to collect:" in done.stdout


@pytest.mark.parametrize("wrong", [("--settings", "no-such-file"), ("--framework", "no-such"), ("--port", "0"),
                                   ("--port", "x"), ("one", "two")])
def test_wrong_usage_is_one_line(wrong):
    done = run("explain", *wrong)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_mode_that_can_t_be_read_is_ignored():
    assert run("explain", TEXT, "--mode", "x\x1b[31m").stdout == run("explain", TEXT).stdout


TIMEOUT = "TimeoutError: timed out"
SETTINGS = "EMAIL_HOST = 'a.example'\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\nEMAIL_HOST_PASSWORD = 'babe-cafe'\n"


def first(*arguments, **more):
    done = run("explain", *arguments, "--json", **more)
    assert (done.returncode, done.stderr) == (0, "") and "babe" not in done.stdout
    return json.loads(done.stdout)["causes"][0]["cause"]


def test_settings_beside_the_text(tmp_path):
    file = tmp_path / "settings.py"
    file.write_text(SETTINGS)
    assert first(TIMEOUT, "--settings", str(file)) == "plaintext-to-implicit"
    assert first(TIMEOUT, "--settings", str(file), "--framework", "django") == "plaintext-to-implicit"
    assert first(stdin=f"{SETTINGS}\n{TIMEOUT}\n") == "plaintext-to-implicit"
    assert first(TIMEOUT) != "plaintext-to-implicit"
    file.write_text(SETTINGS.replace("465", "587"))
    assert first(TIMEOUT, "--settings", str(file)) != "plaintext-to-implicit"


def test_the_name_of_a_file_is_the_file(tmp_path):
    file = tmp_path / "mailer.log"
    assert first(str(file)) == "other", "there is no such file, so it is a text"
    file.write_text(TEXT)
    assert first(str(file)) == "implicit-to-plaintext"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_with_a_port_and_a_mode_nothing_is_asked_for_at_a_terminal():
    with at_a_terminal("explain", "--port", "465", "--mode", "starttls", "--json") as (process, _):
        assert json.loads(process.stdout.read())["causes"][0]["cause"] == "plaintext-to-implicit"
        assert process.wait(20) == 0


def test_unlikely_causes_are_named_and_shown_with_all():
    text = "smtplib.SMTPServerDisconnected: Connection unexpectedly closed"
    brief, everything = run("explain", text).stdout, run("explain", text, "--all").stdout
    assert everything.startswith(brief.partition("\n")[0][:1]) and len(everything) >= len(brief)
    short, whole = run("explain", TEXT).stdout, run("explain", TEXT, "--all").stdout
    assert "Less likely: tls-version-or-cipher" in short and "2. tls-version" not in short
    assert "Less likely" not in whole and "2. tls-version-or-cipher" in whole


def test_odd_bytes_and_secrets_do_not_come_back():
    log = f"AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\n\x1b]0;owned\x07 535 5.7.8 no\n{TEXT}\n".encode() + b"\xff\xfe\x00"
    done = subprocess.run([sys.executable, "-m", "smtplab", "explain"], input=log, capture_output=True,
                          env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert not set(done.stdout) & set(b"\x1b\x07\0")
    assert b"AGFsaWNl" not in done.stdout
    assert b"auth-rejected" in done.stdout


def test_what_powershell_writes_is_read():
    done = subprocess.run([sys.executable, "-m", "smtplab", "explain"], input=TEXT.encode("utf-16"),
                          capture_output=True)
    assert b"1. implicit-to-plaintext" in done.stdout


def test_a_log_is_read_up_to_a_limit():
    log = TEXT.encode() + b"\n" + b"." * INPUT_BYTES + LOGIN.encode()
    done = subprocess.run([sys.executable, "-m", "smtplab", "explain"], input=log, capture_output=True)
    assert done.returncode == 0
    assert b"1. implicit-to-plaintext" in done.stdout
    assert b"auth-rejected" not in done.stdout


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_a_text_is_pasted_on_a_terminal_until_ctrl_d():
    with at_a_terminal("explain", "--json") as (process, terminal):
        assert "Ctrl-D" in process.stderr.readline()
        os.write(terminal, LOGIN.encode() + b"\n\x04")
        assert json.loads(process.stdout.read())["causes"][0]["cause"] == "auth-rejected"
        assert (process.wait(20), process.stderr.read()) == (0, "")
    with at_a_terminal("explain") as (process, _):
        assert "Ctrl-D" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert (process.wait(20), process.stdout.read(), process.stderr.read().strip()) == (1, "", "")


def test_it_starts_without_the_lab():
    code = "import sys\nfrom smtplab.cli import main\ntry:\n    main(sys.argv[1:])\nfinally:\n    print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "explain", TEXT], stdout=subprocess.PIPE, text=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "smtplab.messages" in loaded
    assert loaded & {"smtplab.lab", "smtplab.trace", "ssl", "socket", "asyncio", "smtplab.settings", "yaml"} == set()
