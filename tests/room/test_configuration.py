"""A room's files: what JupyterHub reads, and who may read the passphrases."""

import json
import re
import stat
import types
from pathlib import Path

import pytest
from helpers import each_row
from rooms import make_room

from smtplab.room import configuration
from smtplab.room.configuration import CONFIG, passphrase, write


class Options(types.SimpleNamespace):
    """Takes any option, as traitlets' configuration does."""

    def __getattr__(self, name):
        made = Options()
        setattr(self, name, made)
        return made


def loaded(folder: Path) -> Options:
    """What JupyterHub would be told."""
    options = Options()
    exec(compile((folder / CONFIG).read_text(), CONFIG, "exec"), {"get_config": lambda: options})
    return options


def test_the_configuration_is_what_the_room_is(tmp_path):
    room = make_room(tmp_path / "r", 3)
    write(room, "correct-horse", locked=True)
    options = loaded(room.folder)
    assert options.JupyterHub.bind_url == f"http://127.0.0.1:{room.port}"
    assert options.SharedPasswordAuthenticator.user_password == "correct-horse"
    assert len(options.SharedPasswordAuthenticator.admin_password) >= 32  # JupyterHub's own limit
    assert options.Authenticator.allowed_users == {*room.names, "trainer"}
    assert options.SeatSpawner.seat_ports == {name: room.seat_port(name) for name in room.names}
    assert options.SeatSpawner.environment == {"SMTPLAB_ROOM_LOCK": str(room.folder / ".lock")}
    [service] = options.JupyterHub.services
    assert service["name"] == "trainer" and service["command"][-3:] == list(room.names)
    used = {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", (room.folder / CONFIG).read_text())}
    assert used == {room.port, *room.ports[:3]}


def test_a_certificate_makes_it_https(tmp_path):
    room = make_room(tmp_path / "r", 1, tls_cert=tmp_path / "c.pem", tls_key=tmp_path / "k.pem", host="::")
    write(room, "correct-horse")
    options = loaded(room.folder)
    assert options.JupyterHub.bind_url == f"https://[::]:{room.port}" and room.local_url == f"https://[::1]:{room.port}"
    assert options.JupyterHub.ssl_key == str(tmp_path / "k.pem")
    assert options.SeatSpawner.environment == {}


def test_a_rehearsal_has_a_token_and_a_workshop_has_none(tmp_path):
    room = make_room(tmp_path / "r", 1)
    write(room, "correct-horse", rehearsal=True)
    [_, service] = loaded(room.folder).JupyterHub.services
    assert len(service["api_token"]) == 64


@pytest.mark.posix("modes of files")
def test_only_the_owner_reads_passphrases_and_the_configuration_has_none(tmp_path):
    room = make_room(tmp_path / "r", 1)
    write(room, "correct-horse", rehearsal=True)
    private = {path.name for path in room.folder.iterdir() if path.is_file()}
    assert private == {CONFIG, "passphrase", "trainer-passphrase", "rehearsal-token"}
    assert {stat.S_IMODE((room.folder / name).stat().st_mode) for name in private} == {0o600}
    secrets = [(room.folder / name).read_text().strip() for name in private - {CONFIG}]
    assert not [secret for secret in secrets if secret in (room.folder / CONFIG).read_text()]


def test_a_configuration_that_is_there_is_kept(tmp_path):
    room = make_room(tmp_path / "r", 1)
    room.folder.mkdir()
    (room.folder / CONFIG).write_text("mine")
    with pytest.raises(FileExistsError, match="is there already"):
        write(room, "correct-horse")
    assert (room.folder / CONFIG).read_text() == "mine"


@each_row("name", ["it's", 'a "b"', "c\nd", "{x}"])
def test_odd_folders_are_quoted(name, tmp_path):
    room = make_room(tmp_path / name, 1)
    write(room, "correct-horse")
    assert loaded(room.folder).SeatSpawner.seats_folder == str(tmp_path / name / "seats")


def test_passphrases_are_words_that_differ():
    words = configuration._WORDS
    assert len({word[:3] for word in words}) == len(words) > 128
    found = {passphrase() for _ in range(20)}
    assert len(found) == 20 and all(re.fullmatch(r"[a-z]+(-[a-z]+){3}", one) for one in found)


def test_the_servers_configuration_is_jupyter_s(tmp_path):
    room = make_room(tmp_path / "r", 1)
    write(room, "correct-horse")
    found = json.loads((room.folder / "seat-config" / "jupyter_server_config.json").read_text())
    assert found["KernelManager"]["transport"] == "ipc" and found["LabApp"]["extension_manager"] == "readonly"
    from jupyter_client.manager import KernelManager
    from jupyter_server.serverapp import ServerApp
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    for given in (KernelManager, ServerApp, MappingKernelManager):
        assert set(found[given.__name__]) <= set(given.class_trait_names(config=True))
