"""`smtplab room`: JupyterHub for a workshop on this machine, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TextIO

import click

from ..room.plan import (
    LEAST_PASSPHRASE,
    MOST_SEATS,
    PUBLIC_PORT,
    Room,
    choose_ports,
    find_proxy,
    is_free,
    missing_parts,
    read_names,
    seat_names,
)
from .io import say, status_line, warn

INSTALL = "pip install 'smtplab[room]'"
INSTALL_PROXY = "npm install --global configurable-http-proxy"


@click.command("room")
@click.option("--seats", type=click.IntRange(1, MOST_SEATS), default=None, metavar="N",
              help="How many seats, named seat01 and so on; 30 without --users.")
@click.option("--users", "users_file", metavar="FILE", type=click.File(encoding="utf-8"),
              help="The seats' names in place of that, a line each.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=PUBLIC_PORT, show_default=True, metavar="PORT",
              help="The room's port.")
@click.option("--lessons", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="The notebooks that each seat gets a copy of, in place of the course's.")
@click.option("--keep", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Keep the seats' work in this folder; without it, it goes at the end.")
@click.option("--passphrase-env", metavar="VAR", help="Take the passphrase from this environment variable.")
@click.option("--tls-cert", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The room's certificate, with its chain.")
@click.option("--tls-key", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Its key.")
@click.option("--write", "write_to", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Only write JupyterHub's configuration into DIR, to be read and changed.")
@click.option("--rehearse", metavar="LESSON", multiple=True,
              help="Run a lesson in all seats at once, say how it went, and end. May be given several times.")
@click.option("--proxy", metavar="FILE", help="configurable-http-proxy, if it is not on PATH.")
@click.option("--system-users", is_flag=True, help="As root: a system user for each seat, removed at the end.")
@click.option("--as-root", is_flag=True, help="As root, without users of their own: all seats are root.")
def command(seats: int | None, users_file: TextIO | None, host: str, port: int, lessons: Path | None,
            keep: Path | None, passphrase_env: str | None, tls_cert: Path | None, tls_key: Path | None,
            write_to: Path | None, rehearse: tuple[str, ...], proxy: str | None, system_users: bool,
            as_root: bool) -> int:
    """Run JupyterHub for a workshop on this machine.

    Each learner has a seat, and the trainer a page. Prints the address and the passphrase for the wall, and ends with
    Ctrl-C: then nothing of it runs or stays. Needs the extra smtplab[room], and the npm program
    configurable-http-proxy.
    Example: smtplab room --seats 12 --host 0.0.0.0
    """
    if seats and users_file:
        raise click.UsageError("--seats and --users: one of them")
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together")
    names = read_names(users_file.read()) if users_file else seat_names(seats or 30)
    proxy_path = _ready(names, proxy, system_users, as_root, writing=write_to is not None)
    phrase = _passphrase(passphrase_env)

    from ..jupyter_launcher import notebooks
    source = (lessons or notebooks()[0]).absolute()
    from ..course.rehearsal import lessons as chosen
    rehearsed = [path for name in rehearse for path in chosen(source, [name])]

    def plan(folder: Path, runtime: Path) -> Room:
        return Room(names, folder, (keep.absolute() if keep else folder / "seats"), runtime, source,
                    choose_ports(len(names), [port]), proxy_path, host, port,
                    tls_cert and tls_cert.absolute(), tls_key and tls_key.absolute(), system_users)

    if write_to is not None:
        return _write(plan, write_to.absolute(), phrase)
    if not is_free(host, port):
        raise click.ClickException(f"port {port} of {host} can't be listened on: it is taken, or not this machine's or "
                                   "user's; --port takes another")
    from ..lab.own_files import own_folder
    from ..room import system_users as accounts
    with own_folder(short=True) as folder:
        room = plan(folder, folder / "run")
        with accounts.made(names, room.seats_folder) if system_users else contextlib.nullcontext():
            return _run(room, phrase, rehearsed, kept=keep is not None)


def _ready(names: tuple[str, ...], proxy: str | None, system_users: bool, as_root: bool, *, writing: bool) -> str:
    """The path of the proxy, if all that a room needs is here. Raises ClickException, which names what isn't."""
    if os.name != "posix":
        raise click.ClickException("a room needs Linux or another POSIX system: JupyterHub does not run on Windows")
    if missing := missing_parts():
        raise click.ClickException(f"a room needs {' and '.join(missing)}: {INSTALL}")
    found = find_proxy(sys.executable, proxy)
    if found is None:
        raise click.ClickException(f"a room needs {proxy or 'configurable-http-proxy'}: {INSTALL_PROXY}")
    if os.geteuid() == 0 and not (system_users or as_root or writing):
        raise click.ClickException("refuses to run as root: start it as another user, or with --system-users, which "
                                   "makes one for each seat, or with --as-root, where all seats are root")
    if system_users and not writing:
        from ..room.system_users import refusal
        if words := refusal(names):
            raise click.ClickException(words)
    return found


def _passphrase(variable: str | None) -> str:
    if variable is None:
        from ..room.configuration import passphrase
        return passphrase()
    phrase = os.environ.get(variable, "").strip()
    if len(phrase) < LEAST_PASSPHRASE or "\n" in phrase:
        raise click.ClickException(f"the passphrase in {variable} must have {LEAST_PASSPHRASE} characters or more, in "
                                   "one line")
    return phrase


def _write(plan: object, folder: Path, phrase: str) -> int:
    import secrets

    from ..room.configuration import CONFIG, write
    from ..room.plan import command_of
    assert callable(plan)
    room = plan(folder, Path("/tmp") / f"smtplab-room-{secrets.token_hex(4)}")
    write(room, phrase)
    say(f"Written: {folder / CONFIG}\nThe passphrases are beside it, in files that only you may read.\n"
        f"Start it: {' '.join(command_of(room, sys.executable))}")
    return 0


def _run(room: Room, phrase: str, rehearsed: list[Path], *, kept: bool) -> int:
    from ..room.configuration import write
    from ..room.hub import Hub, HubFailed
    from ..room.invitation import for_the_trainer, for_the_wall
    write(room, phrase, locked=True, rehearsal=bool(rehearsed))
    hub = Hub(room)
    try:
        with hub:
            if rehearsed:
                return _rehearse(room, hub, rehearsed)
            say(for_the_wall(room, phrase))
            for words in for_the_trainer(room, root=os.geteuid() == 0, kept=kept):
                say(words + "\n")
            while True:
                hub.watch(warn)
                time.sleep(0.5)
    except HubFailed as exc:
        warn(str(exc))
        return 1
    except KeyboardInterrupt:
        return int(bool(rehearsed))  # a room is meant to be stopped, a rehearsal is not


def _rehearse(room: Room, hub: object, lessons: list[Path]) -> int:
    import asyncio

    from .. import ending
    from ..room.hub import Hub
    from ..room.processes import load, memory_available_mib
    from ..room.rehearsal import Rehearsal, report
    assert isinstance(hub, Hub)
    before = memory_available_mib()
    say(f"{len(room.names)} seats, {', '.join(path.stem for path in lessons)}; {load()} at the beginning")

    rehearsal = Rehearsal(room, status_line)

    async def run() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        with ending.instead(lambda: loop.call_soon_threadsafe(task.cancel)):
            await rehearsal.run(lessons)

    try:
        asyncio.run(run())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        status_line()
    say("\n".join(report(rehearsal.seats)))
    if before is not None and rehearsal.available_mib is not None:
        say(f"memory the machine could give: {before:.0f} MiB before, {rehearsal.available_mib:.0f} MiB with all "
            f"kernels; {load()} at the end")
    start = time.monotonic()
    hub.end()
    left = hub.left()
    say(f"ended in {time.monotonic() - start:.1f} s; processes that still run: {len(left)}")
    return 1 if left or any(seat.failures for seat in rehearsal.seats) else 0
