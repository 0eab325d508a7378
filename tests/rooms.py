"""For the tests of rooms: a plan of one, and a running one for those that need JupyterHub itself."""

import contextlib
import os
import sys
from pathlib import Path

from smtplab.room.plan import Room, choose_ports, find_proxy, seat_names

LESSONS = Path(__file__).parents[1] / "notebooks"


def make_room(folder: Path, seats: int = 2, **changed) -> Room:
    """A plan of a room; its ports are free now."""
    ports = changed.pop("ports", None) or choose_ports(seats + 1)  # the last spare one is the room's own
    given = {"names": seat_names(seats), "folder": folder, "seats_folder": folder / "seats",
             "runtime": folder / "run", "lessons": LESSONS, "ports": ports[:-1], "port": ports[-1],
             "proxy": find_proxy(sys.executable) or "configurable-http-proxy"}
    return Room(**given | changed)


@contextlib.contextmanager
def opened(room: Room, passphrase: str = "correct-horse"):
    """The room, running, with the token of a rehearsal."""
    from smtplab.lab.own_files import LOCK, lock, make_own_file
    from smtplab.room.configuration import write
    from smtplab.room.hub import Hub
    room.folder.mkdir(exist_ok=True)
    handle = make_own_file(str(room.folder / LOCK))
    try:
        lock(handle)
        write(room, passphrase, locked=True, rehearsal=True)
        with Hub(room) as hub:
            try:
                yield hub
            except BaseException:
                print(hub.last_words(200))  # pytest shows it with the failure
                raise
        assert hub.left() == []
    finally:
        os.close(handle)
