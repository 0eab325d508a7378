"""`smtplab relay`: records what passes between clients and a server until Ctrl-C, and shows each conversation."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ..address import parse_address
from ..lab.files import open_regular
from ..lab.own_files import own_folder
from ..lab.relay import relay
from ..show.passages import Passages
from ..show.targets import recipes
from .io import JSON, say, wait_until_unheard, warn, warn_if_exposed

if TYPE_CHECKING:
    from ..lab.relayed_connection import RelayedConnection


SCHEMA = "smtplab.relay/1"


@click.command("relay")
@click.argument("upstream", metavar="HOST:PORT")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Where to listen.")
@click.option("--port", default=0, metavar="N", type=click.IntRange(0, 65535),
              help="The port to listen on; default is one that the kernel chooses.")
@click.option("--pcap", "pcap_file", metavar="FILE",
              help="Write each conversation there when it ends, as packets for Wireshark: all that was sent in it, "
                   "logins too; the file's mode is 0600.")
@click.option("--once", is_flag=True,
              help="End with the first conversation: with 0 if it worked, as far as can be seen, else with 1.")
@JSON
def command(upstream: str, host: str, port: int, pcap_file: str | None, once: bool, as_json: bool) -> int:
    """Record a client's conversation with a real server, until Ctrl-C.

    Bytes pass unchanged. With --json: a line that says where it listens, then one handshake document per
    conversation. Example: smtplab relay mail.example.net:587
    """
    there = parse_address(upstream)
    write = pcap_writer(pcap_file, there[1]) if pcap_file is not None else lambda _: None
    ended: list[RelayedConnection] = []
    first_ended = threading.Event()

    def keep(passage: RelayedConnection) -> None:
        ended.append(passage)
        try:
            write(passage)
        finally:
            first_ended.set()

    show = Passages(say, as_json, keep)
    running, status = None, 0
    try:
        running = relay(there, host=host, port=port, listener=show)
        warn_if_exposed(host, f"can reach {upstream} through it")
        where = running.address
        if as_json:
            first = {"schema": SCHEMA, "kind": "relay", "host": where[0], "port": where[1], "upstream": list(there)}
            show.visitors.say(json.dumps(first))
        else:
            for line in (f"relay {where[0]} {where[1]} > {there[0]} {there[1]}", *recipes(where, there)):
                show.visitors.say(line)
        status = wait_until_unheard(show.visitors.unheard, first_ended if once else None)
    except KeyboardInterrupt:
        pass
    finally:
        if running:
            running.close()
        show.finish()
    failed = once and not (ended and ended[0].trace().ok)
    return 1 if show.unkept or failed else status


def pcap_writer(path: str, port: int) -> Callable[[RelayedConnection], None]:
    """Make an empty capture file, mode 0600. Returns a function that appends one conversation to it.

    Each conversation is a pcapng section of its own. Raises OSError if the file can't be written.
    """
    from ..address import MAIL_PORTS
    from ..packets import write_pcapng
    write_pcapng(path, [])  # now, so that an unwritable file is reported before a client comes
    warn(f"{path} will hold all that is sent outside TLS, logins too: keep it to yourself")

    def write(passage: RelayedConnection) -> None:
        with own_folder() as folder:
            piece = os.path.join(folder, "piece.pcapng")
            write_pcapng(piece, [passage.recorder.as_sent()], port=port if port in MAIL_PORTS else None)
            with open(piece, "rb") as source, open(path, "ab", opener=_privately) as target:
                shutil.copyfileobj(source, target)
    return write


def _privately(path: str, flags: int) -> int:
    return open_regular(path, flags)
