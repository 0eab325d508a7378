"""What is printed for a room: address, passphrase and QR code for the wall, and what the trainer has to know."""

from __future__ import annotations

import getpass
import ipaddress
import textwrap

from ..lab.reach import reachable
from .plan import TRAINER, Room

PLAIN_HTTP = ("Over plain HTTP, whoever is on the same network can read what crosses it, the passphrase and the seats' "
              "cookies too: enough for a room of your own with nothing of value in it, and not for any other. TLS: "
              "--tls-cert FILE --tls-key FILE, or a reverse proxy with a certificate, which passes websockets too.")
LOOPBACK = "It listens on loopback alone, so only this machine reaches it; --host 0.0.0.0 opens it to the room."


def address(room: Room) -> str:
    """The room's address as others type it."""
    host = reachable(room.host)
    usual = {"http": 80, "https": 443}[room.scheme]
    return f"{room.scheme}://{f'[{host}]' if ':' in host else host}{'' if room.port == usual else f':{room.port}'}/"


def qr_code(text: str) -> str:
    """The text as a QR code of half blocks, for a dark terminal or a light one."""
    import io

    import segno
    code = io.StringIO()
    segno.make(text, micro=False).terminal(code, compact=True, border=2)
    return code.getvalue().rstrip("\n")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def for_the_wall(room: Room, passphrase: str) -> str:
    """Address, seats, passphrase and QR code: what learners need, and nothing else."""
    where = address(room)
    names = f"{room.names[0]} to {room.names[-1]}" if len(room.names) > 1 else room.names[0]
    return f"{qr_code(where)}\n\n  address     {where}\n  user name   your seat: {names}\n  passphrase  {passphrase}\n"


def for_the_trainer(room: Room, *, root: bool, kept: bool) -> list[str]:
    """What to know, a paragraph each: the trainer's page and where its passphrase is, who the seats are, what the
    network sees, what stays at the end."""
    lines = [f"The trainer's page: {address(room)}services/trainer/ as the user {TRAINER}; the passphrase is in "
             f"{room.folder / 'trainer-passphrase'}"]
    if room.system_users:
        lines.append("Each seat is a system user of its own, made now and removed at the end. They share the machine's "
                     "loopback: a seat's lab servers can be reached from the others.")
    else:
        lines.append(f"All seats are one user, {getpass.getuser()}{' (root!)' if root else ''}: whoever opens a "
                     "terminal can read and change the files of the other seats, and of the room, passphrases too. For "
                     "learners who don't know each other, --system-users as root, or a machine each.")
    if is_loopback(room.host):
        lines.append(LOOPBACK)
    if room.scheme == "http":
        lines.append(PLAIN_HTTP)
    lines.append(f"The seats' work stays in {room.seats_folder}." if kept else
                 "The seats' work goes at the end; --keep DIR keeps it. Ctrl-C ends all of it.")
    return [textwrap.fill(line, 100, break_long_words=False, break_on_hyphens=False) for line in lines]
