"""A capture file, pcap or pcapng, as TCP segments, read by scapy.

Odd packets are passed over; what is no capture file at all is a ValueError. A file that ends in the middle of
a packet, as one does that is still being written, is read up to there.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import struct
import zlib
from collections.abc import Collection, Iterator
from os import PathLike
from typing import IO

from ..lab.files import open_regular
from .segments import Segment, of_packet, quiet_scapy

HEADERS_BYTES = 200  # the ports of a packet stand within these, tunnels aside
LONGEST_BYTES = 2**24  # of one packet in a file: more than any capturing program writes

# What an odd file makes of scapy's readers.
_DAMAGED = (EOFError, OSError, ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError,
            ZeroDivisionError, struct.error, zlib.error)


def read_segments(path: str | PathLike, ports: Collection[int]) -> tuple[list[Segment], int]:
    """The segments from or to these ports, in the file's order, and the time of its last packet in microseconds.

    ValueError if the file is no capture; OSError if it can't be opened."""
    found, last_us = [], 0
    with quiet_scapy():
        import scapy.layers.inet6
        import scapy.layers.l2  # noqa: F401  the link types
        from scapy.error import Scapy_Exception
        from scapy.utils import RawPcapReader

        marks = [struct.pack("!H", port) for port in ports]
        with open(open_regular(path, os.O_RDONLY, follow=True), "rb") as raw_file, _unpacked(raw_file) as file:
            try:
                reader = RawPcapReader(file)
            except (*_DAMAGED, Scapy_Exception) as exc:
                raise ValueError(f"{os.fspath(path)} is no capture file (pcap or pcapng)") from exc
            reader.__dict__.get("blocktypes", {}).pop(10, None)  # secrets are not for scapy's own state
            for raw, link_type, at_us in _packets(reader):
                last_us = max(last_us, at_us)
                if any(mark in raw[:HEADERS_BYTES] for mark in marks):
                    segment = _segment(raw, link_type, at_us)
                    if segment and {segment.source[1], segment.target[1]} & set(ports):
                        found.append(segment)
    return found, last_us


def _unpacked(file: IO[bytes]) -> contextlib.AbstractContextManager:
    """The file, or what was compressed into it by gzip."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if packed else contextlib.nullcontext(file)


def _packets(reader) -> Iterator[tuple[bytes, int, int]]:
    """Bytes, link type and time in microseconds of each packet, up to where the file can be read."""
    from scapy.error import Scapy_Exception

    while True:
        try:
            raw, about = reader._read_packet(LONGEST_BYTES)
        except (*_DAMAGED, Scapy_Exception):
            return
        if hasattr(about, "tsresol"):  # pcapng
            ticks = ((about.tshigh or 0) << 32) + (about.tslow or 0)
            yield raw, about.linktype, ticks * 10**6 // about.tsresol
        else:
            yield raw, reader.linktype, about.sec * 10**6 + (about.usec // 1000 if reader.nano else about.usec)


def _segment(raw: bytes, link_type: int, at_us: int) -> Segment | None:
    from scapy.config import conf
    from scapy.layers.inet import TCP

    layer = conf.l2types.num2layer.get(link_type)
    if layer is None:
        return None
    try:
        return of_packet(layer(raw, stop_dissection_after=TCP), at_us)
    except Exception:  # scapy's dissectors raise what they will at bytes made to mislead them
        return None
