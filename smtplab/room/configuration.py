"""Writes a room's files: JupyterHub's configuration, that of the seats' servers, and the passphrases.

The configuration is made to be read and changed: plain values, each with its reason. Passphrases are files of their
own, which their owner alone may read, so that they are neither in process arguments nor in a file that is passed on.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

from .plan import INNER, TRAINER, Room

CONFIG = "jupyterhub_config.py"
PASSPHRASE, TRAINER_PASSPHRASE, REHEARSAL_TOKEN = "passphrase", "trainer-passphrase", "rehearsal-token"
MESSAGES = "messages.json"
LOCK = ".lock"
# Short, spelled as they sound, no two alike in the first three letters: to be read from a wall and typed.
_WORDS = ("amber anchor apple autumn badger bamboo basil beacon birch bison breeze bridge canyon carbon cedar "
          "cherry circle cobalt comet copper coral cotton crater cricket crystal dahlia delta desert dolphin dragon "
          "eagle ember falcon fennel ferry finch forest fossil galaxy garden ginger glacier granite harbor hazel heron "
          "hollow indigo island ivory jasmine kettle lagoon lantern lemon linen lotus magnet maple marble meadow "
          "mirror mosaic nectar nickel north nutmeg oasis ocean olive onyx opal orbit orchid otter oxygen paddle "
          "panther paper pebble pepper pigeon planet plum poppy prairie puzzle quartz quill rabbit radar raven reef "
          "ribbon river rocket saddle saffron salmon sandal season shadow signal silver sparrow spruce stone summit "
          "sunset swallow teapot temple thistle thunder timber topaz tulip tunnel turtle umber valley velvet violet "
          "walnut willow winter yellow yonder zephyr zigzag").split()
_HUB = '''\
# JupyterHub for a workshop, written by `smtplab room`. Read it, change it, and start it in this folder:
#
#     {start}
#
# Who may log in: the seats with the passphrase in the file `passphrase`, and the trainer with the one in
# `trainer-passphrase`. What each setting means: https://jupyterhub.readthedocs.io
import sys
from pathlib import Path

folder = Path({folder!r})
c = get_config()  # noqa: F821  JupyterHub brings it

# Where the room is reached. Over plain HTTP, whoever is on the same network can read what crosses it, the passphrase
# too: give a certificate here, or let a reverse proxy with one pass requests on.
c.JupyterHub.bind_url = {bind_url!r}
{tls}
# The room's inner ports: on loopback, and outside the range that the system takes ports from.
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")
c.ConfigurableHTTPProxy.log_level = "warn"

# Seats and trainer. The passphrase is the same for all seats: it keeps others out, not one learner from another's seat.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = (folder / {passphrase!r}).read_text().strip()
c.SharedPasswordAuthenticator.admin_password = (folder / {trainer_passphrase!r}).read_text().strip()
seats = {seats!r}
c.Authenticator.allowed_users = {{*seats, {trainer!r}}}
c.Authenticator.admin_users = {{{trainer!r}}}

# A seat: a process with folders of its own, and a fixed port, which no lab server gets.
c.JupyterHub.spawner_class = "smtplab.room.spawner.SeatSpawner"
c.SeatSpawner.cmd = [sys.executable, "-m", "smtplab.room.seat_server"]
c.SeatSpawner.seats_folder = {seats_folder!r}
c.SeatSpawner.runtime = {runtime!r}  # kernels' sockets: a Unix socket's path is at most 107 characters
c.SeatSpawner.lessons = {lessons!r}
c.SeatSpawner.seat_config = str(folder / "seat-config")
c.SeatSpawner.messages = str(folder / "shared" / {messages!r})
c.SeatSpawner.mark = str(folder)
c.SeatSpawner.seat_ports = dict(zip(seats, {seat_ports!r}))
c.SeatSpawner.spare_ports = {spare_ports!r}
c.SeatSpawner.system_users = {system_users!r}
c.SeatSpawner.environment = {{"SMTPLAB_ROOM_LOCK": {lock!r}}} if {lock!r} else {{}}
c.SeatSpawner.default_url = {default_url!r}
# Many begin at once, on few processors: a start may take a minute and more.
c.SeatSpawner.start_timeout = 300
c.SeatSpawner.http_timeout = 300
c.JupyterHub.concurrent_spawn_limit = {count} + 10
c.JupyterHub.tornado_settings = {{"slow_spawn_timeout": 1}}
c.SeatSpawner.poll_interval = 5
c.SeatSpawner.consecutive_failure_limit = 0

# The hub's own files, in a folder that nobody else may enter.
c.JupyterHub.db_url = "sqlite:///" + str(folder / "hub" / "hub.sqlite")
c.JupyterHub.cookie_secret_file = str(folder / "hub" / "cookie-secret")
c.JupyterHub.log_level = "WARN"
c.JupyterHub.shutdown_on_logout = False

# The trainer's page, at /services/trainer/, for the trainer alone; and the rehearsal, where there is one.
c.JupyterHub.services = [{{
    "name": "trainer", "url": "http://127.0.0.1:{page_port}", "display": False, "oauth_no_confirm": True,
    "command": [sys.executable, "-m", "smtplab.room.trainer_page", str(folder), {seats_folder!r}, *seats],
    "environment": {{"SMTPLAB_ROOM": str(folder), "SMTPLAB_ROOM_PUBLIC": {public!r}}}}}]
c.JupyterHub.load_roles = [
    {{"name": "trainer-page", "services": ["trainer"], "scopes": ["list:users", "admin:servers"]}},
    {{"name": "trainer", "users": [{trainer!r}], "scopes": ["self", "access:services!service=trainer"]}},
    {{"name": "user", "scopes": ["self"]}}]
if (folder / {rehearsal_token!r}).is_file():
    c.JupyterHub.services.append(
        {{"name": "rehearsal", "api_token": (folder / {rehearsal_token!r}).read_text().strip()}})
    c.JupyterHub.load_roles.append({{"name": "rehearsal", "services": ["rehearsal"], "scopes": [
        "list:users", "admin:users", "admin:servers", "access:servers", "admin:server_state"]}})
'''


def passphrase() -> str:
    """A new passphrase to be typed from a wall: four words."""
    return "-".join(secrets.choice(_WORDS) for _ in range(4))


def server_configuration() -> dict[str, dict[str, object]]:
    """Jupyter's options for each seat's server, by the class they are for."""
    return {
        # Over TCP, a lab server could take a port between its choice and its use by the kernel.
        "KernelManager": {"transport": "ipc", "shutdown_wait_time": 3.0},
        "MappingKernelManager": {"kernel_info_timeout": 300},
        # A page whose server is slow, as all are at the beginning, keeps its connection: milliseconds.
        "ServerApp": {"tornado_settings": {"ws_ping_interval": 120_000, "ws_ping_timeout": 120_000},
                      "allow_root": True},
        # Neither asks the internet for anything: a room may have none.
        "LabApp": {"check_for_updates_class": "jupyterlab.NeverCheckForUpdate", "extension_manager": "readonly"},
        "Application": {"log_level": "WARN"},
    }


def configuration(room: Room, *, locked: bool = False) -> str:
    """The text of JupyterHub's configuration. `locked`: seats end when the lock on the room's folder goes."""
    tls = "# c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = \"cert.pem\", \"key.pem\"\n"
    if room.tls_cert and room.tls_key:
        tls = f"c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = {str(room.tls_cert)!r}, {str(room.tls_key)!r}\n"
    hub, proxy, page = room.ports[:INNER]
    seats = room.ports[INNER:INNER + len(room.names)]
    first = "00-start-here.ipynb"
    return _HUB.format(
        start=f"{sys.executable} -m jupyterhub --config {CONFIG}", folder=str(room.folder), tls=tls,
        bind_url=f"{room.scheme}://{_bracketed(room.host)}:{room.port}", hub_port=hub, proxy_port=proxy, page_port=page,
        proxy=room.proxy, passphrase=PASSPHRASE, trainer_passphrase=TRAINER_PASSPHRASE, trainer=TRAINER,
        seats=list(room.names), seats_folder=str(room.seats_folder), runtime=str(room.runtime),
        lessons=str(room.lessons), messages=MESSAGES, seat_ports=list(seats), count=len(room.names),
        spare_ports=list(room.ports[INNER + len(room.names):]), system_users=room.system_users,
        lock=str(room.folder / LOCK) if locked else "", rehearsal_token=REHEARSAL_TOKEN, public=room.scheme,
        default_url=f"/lab/tree/{first}" if (room.lessons / first).is_file() else "/lab")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def write(room: Room, passphrase: str, *, locked: bool = False, rehearsal: bool = False) -> None:
    """Write all of the room's files into its folder. Raises OSError; a configuration that is there is kept, and raises
    FileExistsError: somebody may have changed it."""
    room.folder.mkdir(parents=True, exist_ok=True)
    room.folder.chmod(0o711 if room.system_users else 0o700)
    if locked and room.system_users:
        (room.folder / LOCK).chmod(0o644)  # seats wait until they can lock it
    if (room.folder / CONFIG).exists():
        raise FileExistsError(f"{room.folder / CONFIG} is there already: take another folder, or remove it")
    for name, text in {PASSPHRASE: passphrase, TRAINER_PASSPHRASE: secrets.token_urlsafe(24)}.items():
        _write_private(room.folder / name, text + "\n")
    if rehearsal:
        _write_private(room.folder / REHEARSAL_TOKEN, secrets.token_hex(32) + "\n")
    for name, mode in {"seat-config": 0o755, "shared": 0o755, "hub": 0o700}.items():
        (room.folder / name).mkdir(exist_ok=True)
        (room.folder / name).chmod(mode)
    (room.folder / "seat-config" / "jupyter_server_config.json").write_text(
        json.dumps(server_configuration(), indent=2) + "\n", encoding="utf-8")
    (room.folder / "shared" / MESSAGES).write_text("[]\n", encoding="utf-8")
    room.seats_folder.mkdir(parents=True, exist_ok=True)
    room.seats_folder.chmod(0o711 if room.system_users else 0o700)
    _write_private(room.folder / CONFIG, configuration(room, locked=locked))


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
