"""What Wireshark's command-line program makes of a connection, asked for real.

A dissector goes by the port: on 587 tshark calls a ClientHello that comes too early an SMTP `DATA fragment`, and
on 465 a greeting that is no TLS is bare TCP. What the bytes are, it does not say.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from ..packets import Recording, write_pcapng
from ..trace import Trace
from .own_files import own_folder
from .programs import NOT_HERE, Ran, run_program

_COLUMNS = ("frame.time_relative", "tcp.srcport", "tcp.dstport", "_ws.col.Protocol", "_ws.col.Info")


@dataclass(frozen=True)
class Line:
    """One packet as tshark lists it."""

    at_s: float
    source_port: int
    target_port: int
    protocol: str
    info: str

    def __str__(self) -> str:
        return f"{self.at_s:9.6f}  {self.source_port:5} > {self.target_port:<5}  {self.protocol:8} {self.info}"


def ask_tshark(*traces: Trace | Recording, port: int | None = None, timeout_s: float = 30.0) -> list[Line] | None:
    """The packets of these connections, a line each, as tshark shows them without any option.

    `port` is the server's port as shown, where it is not to be chosen by what the server spoke. None if there is
    no tshark here, or it ran into the time limit."""
    if shutil.which("tshark") is None:
        return None
    with own_folder() as folder:
        path = os.path.join(folder, "packets.pcapng")
        write_pcapng(path, traces, port=port)
        fields = [word for column in _COLUMNS for word in ("-e", column)]
        ran = run_program(["tshark", "-r", path, "-T", "fields", *fields], timeout_s=timeout_s)
    return _lines(ran)


def _lines(ran: Ran) -> list[Line] | None:
    if ran.ended == NOT_HERE or ran.status != 0:
        return None
    rows = (line.split("\t") for line in ran.text.splitlines())  # its warnings stand between
    return [Line(float(row[0]), int(row[1]), int(row[2]), row[3], row[4]) for row in rows
            if len(row) == len(_COLUMNS) and row[1].isdigit()]
