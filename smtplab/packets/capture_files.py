"""Capture files: pcap and pcapng read as TCP segments, pcapng written from them, by scapy.

In reading, odd packets are passed over, and a file that ends in the middle of a packet, as one does that is still
being written, is read up to there. scapy reads a Decryption Secrets Block and writes none, so that is done here: it
stands before the packets it is for, and Wireshark and tshark decrypt them with no option set
(draft-ietf-opsawg-pcapng, section 4.7).
"""

from __future__ import annotations

import contextlib
import gzip
import os
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from os import PathLike
from typing import IO, Any

from ..lab.files import open_regular
from .segments import ETHERNET, Segment, of_packet, quiet_scapy, to_bytes

HEADERS_BYTES = 200  # the ports of a packet stand within these, tunnels aside
LONGEST_BYTES = 2**24  # of one packet in a file: more than any capturing program writes
DECRYPTION_SECRETS, TLS_KEY_LOG = 10, 0x544C534B  # a block's type, and what its secrets are

# What an odd file makes of scapy's readers.
_DAMAGED = (EOFError, OSError, ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError,
            ZeroDivisionError, struct.error, zlib.error)


def read_segments(path: str | PathLike[str], ports: Collection[int]) -> tuple[list[Segment], int]:
    """The segments from or to these ports, in the file's order, and the time of its last packet in microseconds.

    Raises ValueError if the file is no capture, OSError if it can't be opened.
    """
    found: list[Segment] = []
    last_us = 0
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


def _unpacked(file: IO[bytes]) -> contextlib.AbstractContextManager[Any]:
    """The file, or its content if gzip compressed it."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if packed else contextlib.nullcontext(file)


def _packets(reader: Any) -> Iterator[tuple[bytes, int, int]]:
    """Each packet's bytes, link type and time in microseconds, up to where the file can be read."""
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
    """The TCP segment in a packet of that link type; None if there is none, or scapy can't read it."""
    from scapy.config import conf
    from scapy.layers.inet import TCP

    layer = conf.l2types.num2layer.get(link_type)
    if layer is None:
        return None
    try:
        return of_packet(layer(raw, stop_dissection_after=TCP), at_us)
    except Exception:  # scapy's dissectors may raise anything for malicious bytes
        return None


def write_segments(path: str | PathLike[str], segments: Iterable[Segment], secrets: str = "") -> None:
    """Write a capture file, mode 0600, of these segments, in this order.

    `secrets` are lines of SSLKEYLOGFILE, with which Wireshark decrypts it. Raises OSError if the file can't be written.
    """
    private_file(path)
    with quiet_scapy():
        from scapy.utils import PcapNgWriter

        writer: Any = PcapNgWriter(os.fspath(path))  # scapy's types know no Decimal
        with writer:
            writer.linktype = ETHERNET
            writer.write_header(None)
            if secrets:
                writer.f.write(_secrets_block(writer, secrets))
            for segment in segments:
                # Exact: scapy multiplies by a million and cuts off, and a float would lose a microsecond.
                writer.write_packet(_Frame.of(segment), sec=Decimal(segment.at_us) / 10**6)


class _Frame(bytes):
    """A packet's bytes and its comment, under both names that scapy's releases look for."""

    comment: bytes
    comments: list[bytes]

    @classmethod
    def of(cls, segment: Segment) -> _Frame:
        frame = cls(to_bytes(segment))
        if segment.comment:
            frame.comment = segment.comment.encode()
            frame.comments = [frame.comment]
        return frame


def _secrets_block(writer: Any, secrets: str) -> bytes:
    """A Decryption Secrets Block with lines of SSLKEYLOGFILE."""
    data = secrets.encode("ascii")
    kind = struct.pack(f"{writer.endian}I", DECRYPTION_SECRETS)
    return writer.build_block(kind, struct.pack(f"{writer.endian}II", TLS_KEY_LOG, len(data)) + data)


def private_file(path: str | PathLike[str]) -> None:
    """Make an empty file that only its owner can read, in place of a regular one that was there.

    Raises OSError if it can't be made, or if a link, a device or a pipe has that name.
    """
    handle = open_regular(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.ftruncate(handle, 0)
        if hasattr(os, "fchmod"):
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
