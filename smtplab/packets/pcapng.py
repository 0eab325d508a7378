"""Capture files written: scapy's pcapng, with the TLS secrets in a Decryption Secrets Block.

scapy reads such a block and writes none. It stands before the packets it is for, so that Wireshark and tshark
decrypt them with no option set (draft-ietf-opsawg-pcapng, section 4.7).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from decimal import Decimal
from os import PathLike

from ..lab.files import open_regular
from ..trace import Trace
from ..trace_data import Recording
from .outward import segments, server_port
from .port_shown import port_shown
from .segments import ETHERNET, Segment, quiet_scapy, to_bytes

DECRYPTION_SECRETS, TLS_KEY_LOG = 10, 0x544C534B


def write_pcapng(path: str | PathLike, traces: Iterable[Trace | Recording], *, port: int | None = None) -> None:
    """Write connections into one file, mode 0600, their packets in the order of time.

    A `Trace` gives what it shows; a recorder's `as_sent()` what was really sent. `port` is the server's port as
    shown; without it the real one if it is a mail port, else 25, 465 or 587 by what the server spoke. OSError if
    the file can't be written."""
    packets, secrets = [], ""
    for trace in traces:
        recording = Recording.of(trace)
        shown = port or port_shown(trace, server_port(recording))
        packets += segments(recording, shown)
        secrets += recording.kept.secrets
    packets.sort(key=lambda segment: segment.at_us)
    private_file(path)
    with quiet_scapy():
        from scapy.utils import PcapNgWriter

        with PcapNgWriter(os.fspath(path)) as writer:
            writer.linktype = ETHERNET
            writer.write_header(None)
            if secrets:
                writer.f.write(secrets_block(writer, secrets))
            for segment in packets:
                # Exact: scapy multiplies by a million and cuts off, and a float would lose a microsecond.
                writer.write_packet(_Frame.of(segment), sec=Decimal(segment.at_us) / 10**6)


class _Frame(bytes):
    """A packet's bytes and its comment, under both names that scapy's releases look for."""

    @classmethod
    def of(cls, segment: Segment) -> _Frame:
        frame = cls(to_bytes(segment))
        if segment.comment:
            frame.comment = segment.comment.encode()
            frame.comments = [frame.comment]
        return frame


def secrets_block(writer, secrets: str) -> bytes:
    """A Decryption Secrets Block with lines of SSLKEYLOGFILE."""
    data = secrets.encode("ascii")
    kind = struct.pack(f"{writer.endian}I", DECRYPTION_SECRETS)
    return writer.build_block(kind, struct.pack(f"{writer.endian}II", TLS_KEY_LOG, len(data)) + data)


def private_file(path: str | PathLike) -> None:
    """An empty file that only its owner can read, in place of a regular one that was there. OSError if it can't be
    made, or if a link, a device or a pipe has that name."""
    handle = open_regular(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.ftruncate(handle, 0)
        if hasattr(os, "fchmod"):
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
