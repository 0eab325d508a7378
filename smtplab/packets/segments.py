"""A TCP segment, to and from the bytes of a packet, by scapy."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scapy.packet import Packet

End = tuple[str, int]
ETHERNET = 1  # the link type of the loopback on Linux, and of what we write
NO_MAC = "00:00:00:00:00:00"
ETHERNET_MTU, LOOPBACK_MTU = 1500, 65535  # Linux says 65536, which IP's length field can't
HEADERS_BYTES = {4: 20 + 20, 6: 40 + 20}  # IP and TCP
WINDOW_BYTES = 65535


@dataclass(frozen=True)
class Segment:
    """One TCP segment. `at_us` is in microseconds since 1970; `flags` are letters, such as "SA" for SYN and ACK.

    `missing` counts the bytes at its end that the capture cut off. `comment` goes into the file it is written to.
    """

    at_us: int
    source: End
    target: End
    flags: str
    seq: int
    ack: int = 0
    data: bytes = field(default=b"", repr=False)
    missing: int = 0
    comment: str = ""

    def __str__(self) -> str:
        names = {"S": "SYN", "F": "FIN", "R": "RST", "A": "ACK"}
        flags = "/".join(names[flag] for flag in names if flag in self.flags)
        size = f", {len(self.data) + self.missing} bytes" if self.data or self.missing else ""
        return f"{self.source[1]} > {self.target[1]} {flags or 'no flag'}{size}"


@contextlib.contextmanager
def quiet_scapy() -> Iterator[None]:
    """Silence scapy's warnings within a `with` block: what a capture lacks is reported in our own words."""
    # Each by itself: scapy sets the level of their parent when it is first loaded.
    logs = [logging.getLogger(f"scapy.{name}") for name in ("runtime", "loading", "interactive")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)


def most_bytes(host: str) -> int:
    """The maximum segment size (RFC 9293 section 3.7.1) from this address."""
    address = ipaddress.ip_address(host)
    return (LOOPBACK_MTU if address.is_loopback else ETHERNET_MTU) - HEADERS_BYTES[address.version]


def to_bytes(segment: Segment) -> bytes:
    """The Ethernet frame that carries a segment, with its checksums."""
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether
    from scapy.packet import Raw

    ip = (IPv6 if ":" in segment.source[0] else IP)(src=segment.source[0], dst=segment.target[0])
    options = [("MSS", most_bytes(segment.source[0]))] if "S" in segment.flags else []
    tcp = TCP(sport=segment.source[1], dport=segment.target[1], flags=segment.flags, seq=segment.seq,
              ack=segment.ack, window=WINDOW_BYTES, options=options)
    frame = Ether(src=NO_MAC, dst=NO_MAC)
    for lower, upper in ((tcp, Raw(segment.data)), (ip, tcp), (frame, ip)):  # as `/` does, without its copies
        lower.add_payload(upper)
    return bytes(frame)


def of_packet(packet: Packet, at_us: int) -> Segment | None:
    """The segment in a packet that scapy has dissected as far as TCP; None if it holds none."""
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6

    if TCP not in packet:
        return None
    tcp = packet[TCP]
    ip = tcp.underlayer
    if not isinstance(ip, IP | IPv6):  # behind an extension header: the innermost IP that there is
        ip = packet[IPv6] if IPv6 in packet else packet.getlayer(IP)
    if ip is None or not tcp.dataofs:
        return None
    head = 4 * tcp.dataofs
    data = bytes(tcp.original[head:])
    if isinstance(ip, IP) and ip.len and ip.ihl:  # 0 where the network card was to cut the packet into several
        data_bytes = ip.len - 4 * ip.ihl - head
    elif isinstance(ip, IPv6) and ip.plen and tcp.underlayer is ip:
        data_bytes = ip.plen - head
    else:
        data_bytes = len(data)
    return Segment(at_us, (ip.src, tcp.sport), (ip.dst, tcp.dport), str(tcp.flags), tcp.seq, tcp.ack,
                   data[:max(data_bytes, 0)], max(data_bytes - len(data), 0))
