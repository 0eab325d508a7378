"""`smtplab room`: what it refuses and why, what it writes, and, with JupyterHub, what it prints and how it ends."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from helpers import each_row, until
from rooms import make_room

from smtplab.commands import room as command
from smtplab.room import invitation
from smtplab.room.plan import Room

MODULE = [sys.executable, "-m", "smtplab", "room"]
REAL = pytest.mark.real("python:jupyterhub", "python:segno", "configurable-http-proxy")


def refused(monkeypatch, *words, uid=1000, **changed):
    """The words with which a command ends before it starts anything; all it needs is here, but for what is changed."""
    import click
    given = {"missing_parts": list, "find_proxy": lambda python, named: "/bin/proxy"} | changed
    for name, value in given.items():
        monkeypatch.setattr(command, name, value)
    monkeypatch.setattr(os, "geteuid", lambda: uid, raising=False)
    with pytest.raises((click.ClickException, ValueError)) as found:
        command.command.main(list(words), standalone_mode=False)
    return str(found.value)


@pytest.fixture(autouse=True)
def nothing_is_started(monkeypatch, request):
    if request.node.get_closest_marker("real") is None:
        monkeypatch.setattr(command, "_run", lambda *_args, **_more: pytest.fail("started"))


@pytest.mark.posix("rooms")
def test_what_is_missing_is_named_with_what_installs_it(monkeypatch):
    assert refused(monkeypatch, missing_parts=lambda: ["jupyterhub"]) == \
        "a room needs jupyterhub: pip install 'smtplab[room]'"
    assert refused(monkeypatch, find_proxy=lambda python, named: None) == \
        "a room needs configurable-http-proxy: npm install --global configurable-http-proxy"
    assert "a room needs /x/proxy" in refused(monkeypatch, "--proxy", "/x/proxy", find_proxy=lambda python, named: None)


@pytest.mark.posix("rooms")
def test_root_is_refused_unless_told(monkeypatch):
    assert "refuses to run as root" in refused(monkeypatch, uid=0)
    assert "--system-users needs root" in refused(monkeypatch, "--system-users")


@pytest.mark.posix("rooms")
def test_a_port_that_is_taken(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} of 127.0.0.1 can't be listened on" in refused(monkeypatch, "--seats", "1", "--port",
                                                                          str(port))


@pytest.mark.posix("rooms")
@each_row(("words", "why"), [
    (("--seats", "0"), "0 is not in the range"), (("--seats", "301"), "not in the range"),
    (("--tls-cert", __file__), "belong together"), (("--tls-key", __file__), "belong together"),
    (("--seats", "2", "--users", __file__), "one of them"), (("--users", __file__), "can't be a seat's name"),
    (("--passphrase-env", "SMTPLAB_NO_SUCH"), "8 characters or more"), (("--lessons", "/no/such"), "does not exist"),
    (("--rehearse", "99"), "no notebook begins with '99'")])
def test_wrong_options(words, why, monkeypatch):
    assert why in refused(monkeypatch, *words)


@pytest.mark.posix("rooms")
def test_write_only_writes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "missing_parts", list)
    monkeypatch.setattr(command, "find_proxy", lambda python, named: "/bin/proxy")
    monkeypatch.setenv("PHRASE", "correct-horse")
    words = ["--seats", "2", "--write", str(tmp_path / "w"), "--passphrase-env", "PHRASE"]
    assert command.command.main(words, standalone_mode=False) == 0
    said = capsys.readouterr().out
    assert "jupyterhub --config" in said and "correct-horse" not in said
    assert (tmp_path / "w" / "passphrase").read_text() == "correct-horse\n"
    assert stat.S_IMODE((tmp_path / "w" / "passphrase").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        command.command.main(words, standalone_mode=False)


# --- what is printed ---

@pytest.mark.slow
@pytest.mark.real("python:segno")
def test_the_wall_has_the_address_and_the_passphrase_and_not_the_trainer_s(tmp_path):
    room = make_room(tmp_path, 3, ports=tuple(range(15000, 15018)))
    found = invitation.for_the_wall(room, "correct-horse")
    assert "seat01 to seat03" in found and "correct-horse" in found and "http://127.0.0.1:15017/" in found
    assert "trainer" not in found and max(map(len, found.splitlines())) < 60


def test_the_trainer_is_told_what_the_network_and_the_seats_see(tmp_path):
    room = make_room(tmp_path, 3, ports=tuple(range(15000, 15018)))
    said = " ".join(" ".join(invitation.for_the_trainer(room, root=True, kept=False)).split())
    for words in ("Over plain HTTP", "--tls-cert", "loopback alone", "All seats are one user", "(root!)", "--keep"):
        assert words in said
    changed = Room(**{**vars(room), "host": "0.0.0.0", "tls_cert": Path("c"), "system_users": True})
    said = " ".join(" ".join(invitation.for_the_trainer(changed, root=True, kept=True)).split())
    for words in ("Over plain HTTP", "loopback alone", "All seats are one user", "--keep"):
        assert words not in said
    assert invitation.address(changed).startswith("https://") and "0.0.0.0" not in invitation.address(changed)


# --- with JupyterHub ---

def begun(tmp_path, *words):
    environment = {**os.environ, "PHRASE": "correct-horse"}
    root = ["--as-root"] if os.geteuid() == 0 and "--system-users" not in words else []
    return subprocess.Popen([*MODULE, "--passphrase-env", "PHRASE", *root, *words], cwd=tmp_path, env=environment,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def free_port():
    return make_room(Path("/tmp/none"), 1).port


def up(child):
    """The lines that are printed once the room is open."""
    lines = []
    for line in child.stdout:
        lines.append(line)
        if "Ctrl-C ends all of it" in " ".join(lines[-3:]).replace("\n", " ") or "work stays in" in line:
            return "".join(lines)
    pytest.fail(child.stderr.read())


@REAL
@pytest.mark.slow
@pytest.mark.linux("/proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_opens_and_a_signal_ends_all_of_it(how, tmp_path):
    port = free_port()
    child = begun(tmp_path, "--seats", "2", "--port", str(port))
    said = up(child)
    assert f"http://127.0.0.1:{port}/" in said and "correct-horse" in said
    folder = Path(re.search(r"\S*smtplab-run-\w+", said)[0])
    trainer = (folder / "trainer-passphrase").read_text().strip()
    assert trainer not in said
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/hub/login").status == 200
    child.send_signal(how)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (0, "") and not folder.exists()
    from smtplab.room.processes import marked
    assert marked(f"SMTPLAB_ROOM={folder}") == []
    assert list(tmp_path.iterdir()) == []


@REAL
@pytest.mark.slow
@pytest.mark.linux("/proc")
@pytest.mark.timeout(300)
def test_a_rehearsal_says_how_it_went_and_work_is_kept_where_it_is_asked_for(tmp_path):
    child = begun(tmp_path, "--seats", "2", "--port", str(free_port()), "--rehearse", "00-start-here.ipynb", "--keep",
                  "kept")
    out, err = child.communicate(timeout=280)
    assert child.returncode == 0, out + err
    assert "2 of 2 seats were ready" in out and "seats with errors: 0" in out and "still run: 0" in out
    assert (tmp_path / "kept" / "seat02" / "work" / "00-start-here.ipynb").is_file()


@REAL
@pytest.mark.slow
@pytest.mark.linux("/proc")
@pytest.mark.timeout(300)
@pytest.mark.real("openssl")
def test_with_a_certificate_it_is_https(tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
                    "cert.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], cwd=tmp_path,
                   check=True, capture_output=True)
    port = free_port()
    child = begun(tmp_path, "--seats", "1", "--port", str(port), "--tls-cert", "cert.pem", "--tls-key", "key.pem",
                  "--rehearse", "00-start-here.ipynb")
    out, err = child.communicate(timeout=280)
    assert child.returncode == 0 and "seats with errors: 0" in out, out + err


@REAL
@pytest.mark.slow
@pytest.mark.linux("/proc")
@pytest.mark.timeout(300)
def test_with_system_users_each_seat_is_its_own_and_none_is_left(tmp_path):
    import pwd
    if os.geteuid() != 0:
        pytest.skip("not here: root (it makes users)")
    python = Path(sys.executable).resolve()
    if not all(path.stat().st_mode & 0o001 for path in (python, *python.parents)):
        pytest.skip("not here: a Python that every user may run")
    (tmp_path / "users").write_text("smtplab-a\nsmtplab-b\n")
    child = begun(tmp_path, "--users", "users", "--port", str(free_port()), "--system-users", "--rehearse",
                  "00-start-here.ipynb")
    try:
        until(lambda: child.poll() is not None or [one for one in pwd.getpwall() if one.pw_name == "smtplab-b"], 60)
        out, err = child.communicate(timeout=240)
        assert child.returncode == 0 and "seats with errors: 0" in out, out + err
    finally:
        assert not [one for one in pwd.getpwall() if one.pw_name in ("smtplab-a", "smtplab-b")]
