"""`smtplab relay`: records what passes between clients and a server until Ctrl-C, and shows each conversation."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ..lab.connect import parse_address
from ..lab.files import open_regular
from ..lab.own_files import own_folder
from ..lab.relay import relay
from ..show.passages import Passages
from ..show.targets import recipes
from .common import JSON, say

if TYPE_CHECKING:
    from ..lab.passage import Passage


@click.command("relay")
@click.argument("upstream", metavar="HOST:PORT")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Where to listen.")
@click.option("--port", default=0, metavar="N", type=click.IntRange(0, 65535),
              help="The port to listen on; default is one that the kernel chooses.")
@click.option("--pcap", "pcap_file", metavar="FILE",
              help="Write each conversation there when it ends, as packets for Wireshark: all that was sent in it, "
                   "logins too; the file's mode is 0600.")
@JSON
def command(upstream: str, host: str, port: int, pcap_file: str | None, as_json: bool) -> int:
    """Record a client's conversation with a real server, until Ctrl-C.

    Bytes pass unchanged. With --json: a line that says where it listens, then one handshake document per
    conversation. Example: smtplab relay mail.example.net:587
    """
    there = parse_address(upstream)
    keep = pcap_writer(pcap_file, there[1]) if pcap_file is not None else lambda _: None
    show = Passages(say, as_json, keep)
    running, status = None, 0
    try:
        running = relay(there, host=host, port=port, listener=show)
        if beyond_loopback(host):
            print(f"smtplab: listens on {host or 'all addresses'}, not on loopback alone: whoever reaches this machine "
                  f"can reach {upstream} through it", file=sys.stderr, flush=True)
        where = running.address
        if as_json:
            first = {"kind": "relay", "host": where[0], "port": where[1], "upstream": list(there)}
            show.visitors.say(json.dumps(first))
        else:
            for line in (f"relay {where[0]} {where[1]} > {there[0]} {there[1]}", *recipes(where, there)):
                show.visitors.say(line)
        status = until_unheard(show.visitors.unheard)
    except KeyboardInterrupt:
        pass
    finally:
        if running:
            running.close()
        show.finish()
    return 1 if show.unkept else status


def until_unheard(unheard: threading.Event) -> int:
    """Wait until what is printed can't be written, and say so. The command's exit status."""
    while not unheard.wait(0.5):  # no endless wait: a signal just before it would be handled only at its end
        pass
    print("smtplab: ends, for what it prints can't be written", file=sys.stderr, flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # takes what Python still has to flush at its end
    return 1


def beyond_loopback(host: str) -> bool:
    """Whether others than this machine can reach what listens there."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() != "localhost"


def pcap_writer(path: str, port: int) -> Callable[[Passage], None]:
    """What appends a conversation to the file, a section of its own each; it is made with none, mode 0600."""
    from ..packets import write_pcapng
    from ..trace import MAIL_PORTS
    write_pcapng(path, [])  # now, so that a file that can't be written is told before anybody comes
    print(f"smtplab: {path} will hold all that is sent outside TLS, logins too: keep it to yourself", file=sys.stderr,
          flush=True)

    def write(passage: Passage) -> None:
        with own_folder() as folder:
            piece = os.path.join(folder, "piece.pcapng")
            write_pcapng(piece, [passage.recorder.as_sent()], port=port if port in MAIL_PORTS else None)
            with open(piece, "rb") as source, open(path, "ab", opener=_privately) as target:
                shutil.copyfileobj(source, target)
    return write


def _privately(path: str, flags: int) -> int:
    return open_regular(path, flags)
