"""`smtplab diagnose` as a person calls it: files in any order, a paste, a capture, and the port asked when told to."""

import json
import subprocess
import sys

import pytest
from helpers import each_row
from pastes import DJANGO, OTHER_FILE, RAILS, RAILS_ERROR, SECRET
from test_cli import MODULE, run

from smtplab import Cause, dial, serve
from smtplab.cli import cli

SETTINGS = DJANGO.partition("\n\n")[2]
RIGHT = SETTINGS.replace("465", "587")


@pytest.fixture
def files(tmp_path):
    """Writes files by name and content, and gives their paths."""
    def write(**contents):
        paths = []
        for name, content in contents.items():
            path = tmp_path / name.replace("_", ".")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(str(path))
        return paths
    return write


def answer(*arguments, **more):
    done = run("diagnose", *arguments, "--json", **more)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


def test_a_paste_on_stdin_and_files_in_any_order(files):
    done = run("diagnose", stdin=RAILS)
    assert (done.returncode, done.stderr) == (0, "")
    assert "implicit-to-plaintext: very likely" in done.stdout and SECRET not in done.stdout
    assert len(done.stdout.splitlines()) <= 25
    assert run("diagnose", "-", stdin=RAILS).stdout == done.stdout
    paths = files(app_log="TimeoutError: timed out\n", settings_py=SETTINGS)
    for order in (paths, paths[::-1]):
        found = answer(*order)
        assert (found["causes"][0]["cause"], found["read"]["framework"]) == ("plaintext-to-implicit", "django")
        assert {one["name"]: one["kind"] for one in found["read"]["segments"]} == {
            "app.log": "log", "settings.py": "settings"}
    assert answer(paths[0])["read"]["framework"] is None


def test_the_document(files):
    found = answer(stdin=RAILS)
    assert found["schema"] == "smtplab.diagnosis/1"
    assert found.keys() == {"schema", "causes", "read", "finding", "next_command", "correction", "settings"}
    assert found["causes"][0].keys() == {"cause", "likelihood", "title", "why", "fixes", "evidence"}
    assert found["read"]["port"] == 587 and found["read"]["mode"] == "implicit"
    assert found["next_command"] == "smtplab probe smtp.eu.example.org:587"
    assert found["correction"]["mode"] == "starttls-required" and found["finding"] is None
    assert answer(stdin=OTHER_FILE)["finding"]["code"] == "mode"
    assert answer(stdin="")["causes"][0]["cause"] == "other"


@each_row("encoding", ["utf-16", "utf-16-le", "latin-1", "utf-8-sig"])
def test_encodings(encoding):
    text = "Das Postfach läuft über: " + RAILS.replace("\n", "\r\n")
    done = subprocess.run([*MODULE, "diagnose", "--json"], input=text.encode(encoding), capture_output=True)
    assert json.loads(done.stdout)["read"]["framework"] == "rails-mail"


@each_row(("wrong", "words"), [
    (("no-such-file",), "can't read no-such-file"), (("--framework", "no-such"), "no framework is known"),
    (("--port", "0"), "--port")])
def test_wrong_usage_is_one_line(wrong, words):
    done = run("diagnose", *wrong, stdin=RAILS_ERROR)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1) and words in done.stderr


# --- captures, and the port itself ---


@pytest.fixture
def capture(tmp_path):
    """The path of a capture of TLS begun at once where the server speaks first."""
    with serve("starttls") as server:
        trace = dial(server, "implicit")
    path = tmp_path / "mail.pcapng"
    trace.to_pcapng(path, port=587)
    return path


def test_a_capture_outweighs_the_text(capture, files):
    [log] = files(app_log="2026-01-01 10:00:00 ERROR something went wrong\n")
    for order in ((str(capture), log), (log, str(capture))):
        found = answer(*order)
        assert found["causes"][0]["cause"] == "implicit-to-plaintext" and found["causes"][0]["likelihood"] > 0.9
        assert "In the capture" in found["causes"][0]["why"]
        assert {one["kind"] for one in found["read"]["segments"]} == {"capture", "log"}
    assert answer(log)["causes"][0]["cause"] != "implicit-to-plaintext"
    done = subprocess.run([*MODULE, "diagnose", "--json"], input=capture.read_bytes(), capture_output=True)
    assert json.loads(done.stdout)["causes"][0]["cause"] == "implicit-to-plaintext"


def test_a_capture_that_contradicts_the_settings_is_the_finding(capture, files):
    found = answer(str(capture), *files(settings_py=RIGHT))
    assert found["finding"]["code"] == "mode" and "in the capture" in found["finding"]["message"]
    wrong = RIGHT.replace("EMAIL_USE_TLS", "EMAIL_USE_SSL")
    assert answer(str(capture), *files(settings_py=wrong))["finding"] is None


def test_a_broken_capture_is_passed_over(files):
    paths = files(mail_pcapng=b"\x0a\x0d\x0d\x0a" + b"\xff" * 40, settings_py=SETTINGS)
    done = run("diagnose", *paths, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["causes"][0]["cause"] == "plaintext-to-implicit"


def test_the_port_is_asked_only_when_told_to():
    with serve("implicit") as server:
        host, port = server.address
        paste = f"EMAIL_HOST = '{host}'\nEMAIL_PORT = {port}\nEMAIL_USE_TLS = True\n\nTimeoutError: timed out\n"
        found = answer(stdin=paste)
        assert server.traces() == [] and "was asked just now" not in json.dumps(found)
        found = answer("--live", stdin=paste)
        assert server.traces()
        assert found["causes"][0]["cause"] == "plaintext-to-implicit" and found["causes"][0]["likelihood"] > 0.9
        assert "it speaks implicit-tls" in found["causes"][0]["why"]
        assert found["next_command"] == f"smtplab handshake {host}:{port} --mode implicit"
        assert (found["correction"]["mode"], found["correction"]["port"]) == ("implicit", port)


def test_a_port_that_is_as_the_settings_expect_is_no_cause():
    with serve("starttls") as server:
        host, port = server.address
        paste = f"EMAIL_HOST = '{host}'\nEMAIL_PORT = {port}\nEMAIL_USE_TLS = True\n"
        found = answer("--live", stdin=paste)
        assert found["finding"]["code"] == "settled" and "what these settings expect" in found["finding"]["message"]
        assert found["correction"] is None and found["next_command"].endswith("--mode starttls")


def test_without_a_host_nothing_is_asked():
    done = run("diagnose", "--live", stdin="wrong version number")
    assert done.returncode == 0 and "names no host" in done.stderr
    assert Cause.IMPLICIT_TO_PLAINTEXT in done.stdout


def test_it_starts_without_the_lab():
    code = "import sys\nfrom smtplab.cli import main\ntry:\n    main(sys.argv[1:])\nfinally:\n    print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "diagnose"], input=RAILS, stdout=subprocess.PIPE, text=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "smtplab.settings" in loaded
    assert loaded & {"smtplab.lab.client", "smtplab.packets", "scapy", "ssl", "asyncio"} == set()


def test_help_has_an_example():
    assert "Example: smtplab diagnose" in " ".join(run("diagnose", "--help").stdout.split())
    assert "diagnose" in list(cli.commands)
