"""What a room is: the seats' names, where it listens, which ports it uses, and the folder with its files.

A seat's server has a fixed port, outside the range that the system takes ports from: one that is chosen and bound
later could be lost to a lab server in between. Kernels use Unix sockets, whose paths must be short.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

TRAINER = "trainer"
PUBLIC_PORT = 8000
FIRST_PORT = 15000  # of the room's own, on loopback: few services are here, and systems choose higher ones
INNER = 3  # ports beside the seats': the hub's, the proxy's interface, the trainer's page
SPARE = 10  # a seat whose port was taken in the meantime gets one of these
LEAST_PASSPHRASE = 8  # JupyterHub's own limit
MOST_SEATS = 300
# Fits a system user's name, and an address without escapes.
NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}\Z")
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_UNKNOWN_RANGE = (32768, 65535)  # Linux's begins there, macOS's at IANA's 49152


@dataclass(frozen=True)
class Room:
    """All that the room's files are written from.

    `folder` has the configuration, `seats_folder` a folder for each seat, `runtime` the sockets. `ports` are the hub's,
    the proxy's and the trainer's page's, then one for each seat, then the spare ones.
    """

    names: tuple[str, ...]
    folder: Path
    seats_folder: Path
    runtime: Path
    lessons: Path
    ports: tuple[int, ...]
    proxy: str
    host: str = "127.0.0.1"
    port: int = PUBLIC_PORT
    tls_cert: Path | None = None
    tls_key: Path | None = None
    system_users: bool = False

    @property
    def scheme(self) -> str:
        """ "https" if the room has a certificate."""
        return "https" if self.tls_cert else "http"

    @property
    def local_url(self) -> str:
        """The room's address from this machine, without a slash at its end."""
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"{self.scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    def seat_port(self, name: str) -> int:
        """The port of that seat's server."""
        return self.ports[INNER + self.names.index(name)]


def seat_names(count: int) -> tuple[str, ...]:
    """`seat01` and so on. Raises ValueError for a number that is no number of seats."""
    if not 1 <= count <= MOST_SEATS:
        raise ValueError(f"a room has 1 to {MOST_SEATS} seats")
    return tuple(f"seat{number:02}" for number in range(1, count + 1))


def read_names(text: str) -> tuple[str, ...]:
    """The seats' names, a line each; blank lines and those that begin with # count as none.

    Raises ValueError for a name that can't be one, that is there twice, or that is the trainer's.
    """
    names = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for name in names:
        if not NAME.match(name):
            raise ValueError(f"{name[:40]!r} can't be a seat's name: small letters, digits, - and _, a letter first")
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is there twice")
        if name == TRAINER:
            raise ValueError(f"{TRAINER!r} is the trainer's name")
    if not 1 <= len(names) <= MOST_SEATS:
        raise ValueError(f"a room has 1 to {MOST_SEATS} seats, and the file names {len(names)}")
    return tuple(names)


def kernel_s_range(file: Path = _RANGE) -> tuple[int, int]:
    """The first and last port that the system may choose for whoever asks for any."""
    try:
        first, last = file.read_text(encoding="ascii").split()
        return int(first), int(last)
    except (OSError, ValueError):
        return _UNKNOWN_RANGE


def choose_ports(count: int, taken: Iterable[int] = (), own: tuple[int, int] | None = None) -> tuple[int, ...]:
    """Ports for the hub, the proxy, the trainer's page, `count` seats and the spare ones: free now, and none that the
    system may choose. `taken` are left out. Raises OSError if there are not enough."""
    first, last = own or kernel_s_range()
    outside = [port for port in range(FIRST_PORT, 65536) if not first <= port <= last and port not in set(taken)]
    outside += [port for port in range(1024, FIRST_PORT) if not first <= port <= last and port not in set(taken)]
    wanted, found = INNER + count + SPARE, list[int]()
    for port in outside:
        if is_free("127.0.0.1", port):
            found.append(port)
            if len(found) == wanted:
                return tuple(found)
    raise OSError(f"{wanted} ports are needed outside {first} to {last}, which the system uses; {len(found)} are free")


def is_free(host: str, port: int) -> bool:
    """Whether this address can be listened on."""
    async def listen() -> None:
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)
        server.close()
        await server.wait_closed()
    try:
        with ThreadPoolExecutor(1) as elsewhere:  # in this thread an event loop may run
            elsewhere.submit(asyncio.run, listen()).result()
    except (OSError, OverflowError):
        return False
    return True


def command_of(room: Room, python: str) -> list[str]:
    """The command that starts JupyterHub on the room's files."""
    return [python, "-m", "jupyterhub", "--config", str(room.folder / "jupyterhub_config.py")]


def find_proxy(python: str, named: str | None = None) -> str | None:
    """The path of configurable-http-proxy: as `named`, on PATH, or beside this Python, where npm puts it with
    `--prefix`. None if it is nowhere."""
    import shutil  # here, as `--help` has no use for it
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(python).parent)))
    return shutil.which(named or "configurable-http-proxy", path=path)


def missing_parts(modules: Sequence[str] = ("jupyterhub", "segno")) -> list[str]:
    """Which Python packages of the extra `room` are not installed."""
    import importlib.util  # here, as `--help` has no use for it
    return [name for name in modules if importlib.util.find_spec(name) is None]
