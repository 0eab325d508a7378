"""How the hub starts a seat: a local process with folders, an environment and a port of its own.

JupyterHub's configuration names `SeatSpawner`, and its values are written there. Stopping a seat removes its temporary
folder and its sockets, also those that a killed kernel left.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner
from jupyterhub.utils import maybe_future
from traitlets import Bool, Dict, Integer, List, Unicode, default

from ..jupyter_launcher import copy_notebooks
from .plan import is_free

ENDING_S = 8  # a server with a kernel ends in about two seconds alone, and thirty together take longer


class SeatSpawner(LocalProcessSpawner):
    """Starts, watches and stops one seat's server."""

    seats_folder = Unicode(help="Where each seat has its folder.").tag(config=True)
    runtime = Unicode(help="Where each seat's sockets are; its path must be short.").tag(config=True)
    lessons = Unicode(help="The folder of notebooks that each seat gets a copy of.").tag(config=True)
    seat_config = Unicode(help="A folder with the configuration of the seats' servers.").tag(config=True)
    mark = Unicode(help="SMTPLAB_ROOM in all the room's processes, by which they are found.").tag(config=True)
    messages = Unicode(help="The file with the trainer's messages.").tag(config=True)
    seat_ports = Dict(help="Seat's name to its server's port.").tag(config=True)
    spare_ports = List(Integer(), help="Ports for seats whose own was taken in the meantime.").tag(config=True)
    system_users = Bool(False, help="Whether each seat has a system user of its name.").tag(config=True)

    @default("cmd")
    def _seat_server(self) -> list[str]:
        return [sys.executable, "-m", "smtplab.room.seat_server"]

    @default("term_timeout")
    def _patience(self) -> int:
        return ENDING_S

    @property
    def seat(self) -> Path:
        """The seat's own folder."""
        return Path(self.seats_folder) / self.user.name

    @property
    def sockets(self) -> Path:
        """The seat's folder of sockets: a number is shorter than a name."""
        return Path(self.runtime) / str(list(self.seat_ports).index(self.user.name) + 1)

    def make_preexec_fn(self, name: str) -> Callable[[], None] | None:
        """With system users, the seat's own; else the hub's user remains."""
        return super().make_preexec_fn(name) if self.system_users else None

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """The environment of a seat: all that it writes is in its own folders."""
        seat, home = self.seat, self.seat / "home"
        return env | {
            "USER": self.user.name, "HOME": str(home), "SHELL": "/bin/bash",
            "TMPDIR": str(seat / "tmp"), "JUPYTER_RUNTIME_DIR": str(self.sockets),
            "JUPYTER_CONFIG_DIR": str(home / ".jupyter"), "JUPYTER_DATA_DIR": str(home / ".jupyter-data"),
            "JUPYTER_CONFIG_PATH": self.seat_config, "IPYTHONDIR": str(home / ".ipython"),
            "MPLCONFIGDIR": str(home / ".matplotlib"), "XDG_DATA_HOME": str(home / ".local" / "share"),
            "XDG_CONFIG_HOME": str(home / ".config"), "XDG_CACHE_HOME": str(home / ".cache"),
            "SMTPLAB_PROGRESS": str(seat / "data" / "progress.json"), "SMTPLAB_SEAT": str(seat / "data"),
            "SMTPLAB_MESSAGES": self.messages, "SMTPLAB_ROOM": self.mark,
        }

    async def start(self) -> tuple[str, int]:
        """Make what is missing of the seat's folders, then start its server."""
        self.notebook_dir = str(self.seat / "work")
        await asyncio.to_thread(self._prepare)
        own = self.seat_ports[self.user.name]
        for port in (own, *self.spare_ports):
            if await asyncio.to_thread(is_free, "127.0.0.1", port):
                self.port = port
                return await super().start()
        raise RuntimeError(f"port {own} of {self.user.name} is taken, and so are the spare ones")

    async def stop(self, now: bool = False) -> None:
        """End the server with SIGTERM: at SIGINT it would ask somebody at a terminal."""
        await super().stop(now=True)
        await asyncio.to_thread(self._tidy)

    async def poll(self) -> int | None:
        """As JupyterHub's; and what a server that ended by itself has left is removed."""
        before, status = self.pid, await maybe_future(super().poll())
        if status is not None and before:
            await asyncio.to_thread(self._tidy)
        return status

    def _prepare(self) -> None:
        for folder in (Path(self.runtime), self.seat):  # the seats' own users pass through
            with contextlib.suppress(FileExistsError):  # another seat's start may make the first at this moment
                folder.mkdir()
                folder.chmod(0o711 if self.system_users else 0o700)
        fill: dict[Path, Callable[[Path], object]] = {
            self.sockets: lambda _: None, self.seat / "tmp": lambda _: None, self.seat / "data": lambda _: None,
            self.seat / "work": lambda folder: copy_notebooks(Path(self.lessons), folder),
            self.seat / "home": _write_profile}
        for folder, fill_it in fill.items():
            if self.system_users and folder.exists():
                continue  # its user's by now: the hub, which is root, writes through no link that is in there
            folder.mkdir(mode=0o700, exist_ok=True)
            fill_it(folder)
            if self.system_users:
                import pwd
                user = pwd.getpwnam(self.user.name)
                for path in (*folder.rglob("*"), folder):
                    os.lchown(path, user.pw_uid, user.pw_gid)

    def _tidy(self) -> None:
        from .processes import end_all
        end_all(f"SMTPLAB_SEAT={self.seat / 'data'}", patience_s=1)  # kernels whose server was killed, programs
        for folder in (self.seat / "tmp", self.sockets):
            for path in folder.iterdir() if folder.is_dir() and not folder.is_symlink() else ():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # the last seat's is the last in its parent
            self.sockets.rmdir()
            self.sockets.parent.rmdir()

    def get_state(self) -> dict[str, Any]:
        """What the hub keeps of the seat, so that it finds its process after a restart."""
        return super().get_state() | ({"port": self.port} if self.pid else {})


def _write_profile(home: Path) -> None:
    """IPython's profile of a seat, which loads `seat_kernel` into its kernels."""
    profile = home / ".ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.json").write_text(
        '{"IPKernelApp": {"extensions": ["smtplab.room.seat_kernel"]}}\n', encoding="utf-8")
