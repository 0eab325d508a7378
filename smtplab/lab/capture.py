"""`capture`: the packets of the loopback while something is tried, where this user may have them.

libpcap does it, through scapy: scapy's own socket sees each packet of the loopback twice. A capture knows that it
has all packets so far when it sees one that it sent itself, a datagram to nobody. Where packets can't be
captured, `why_not` says so in a sentence, and `report` shows the recorded bytes instead.
"""

from __future__ import annotations

import socket
import threading
from typing import Any

from ..address import Place, Target
from ..packets.segments import Segment, of_packet, quiet_scapy
from ..packets.trace_reader import traces_of
from ..packets.trace_writer import segments_of, server_port
from ..recording import Recording
from ..trace import Trace

LAST_S = 2.0  # libpcap hands packets over within a tenth of a second; so long for a machine that is busy
START_S = 5.0


def capture(server: Place) -> Capture:
    """Capture what goes to and from a port of this machine's loopback, in a `with` block. ValueError if it is none."""
    return Capture(Target.of(server).port)


class Capture:
    """The packets to and from one TCP port of the loopback.

    After the block: `segments`, those that were captured, and `why_not`, None or why there can't be any."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.segments: tuple[Segment, ...] = ()
        self.why_not: str | None = None
        self._found: list[Segment] = []
        self._sniffer: Any = None  # scapy has no types
        self._socket: Any = None

    def __enter__(self) -> Capture:
        self._marker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._marker.bind(("127.0.0.1", 0))
        self._seen, ready = threading.Event(), threading.Event()
        try:
            with quiet_scapy():
                self._socket = _listen(f"tcp port {self.port} or udp port {self._marker.getsockname()[1]}")
                from scapy.sendrecv import AsyncSniffer
                self._sniffer = AsyncSniffer(opened_socket=self._socket, store=False, prn=self._take,
                                             started_callback=ready.set)
                self._sniffer.start()
                if not ready.wait(START_S):
                    raise self._sniffer.exception or OSError("it does not begin")
        except Exception as exc:  # rights, libpcap, scapy's own errors: all of them mean no packets
            self._cannot(exc)
        return self

    def __exit__(self, *_exc: object) -> None:
        try:
            if self._sniffer and self.why_not is None:
                self._marker.sendto(b"smtplab", self._marker.getsockname())
                self._seen.wait(LAST_S)
        finally:
            self._end()
        self.segments = tuple(self._found)

    def traces(self) -> list[Trace]:
        """What the packets show, a trace each connection; as `Trace.from_pcap` makes them."""
        last_us = max((s.at_us for s in self.segments), default=0)
        return traces_of(self.segments, last_us, (self.port,))

    def report(self, trace: Trace) -> str:
        """A line for each packet; without packets why there are none, and lines made of what `trace` recorded."""
        recording = Recording.of(trace)
        lines = list(self.segments) or segments_of(recording, server_port(recording) or self.port)
        start_us = lines[0].at_us if lines else 0
        told = ["captured:"] if self.segments else [
            self.why_not or "No packet was captured.",
            "What smtplab recorded at its socket, as packets; those without bytes are inferred:"]
        return "\n".join([*told, *(f"{(s.at_us - start_us) / 1e6:9.6f}  {s}" for s in lines)])

    def _take(self, packet: Any) -> None:
        from scapy.layers.inet import UDP
        if UDP in packet and packet[UDP].dport == self._marker.getsockname()[1]:
            self._seen.set()
        elif segment := of_packet(packet, round(packet.time * 10**6)):
            self._found.append(segment)

    def _cannot(self, exc: Exception) -> None:
        words = " ".join((str(exc).splitlines() or [type(exc).__name__])[0].split())
        self.why_not = (f"Packets can't be captured here ({words}). That needs root's rights, or Wireshark's group; "
                        "smtplab's own recording needs none.")

    def _end(self) -> None:
        if self._sniffer:
            if self._sniffer.running:
                self._sniffer.stop(join=False)
            self._sniffer.thread.join(LAST_S)
            # scapy's thread keeps to itself what went wrong in it.
            if self._sniffer.exception is not None and self.why_not is None:
                self._cannot(self._sniffer.exception)
        if self._socket:
            self._socket.close()
        self._marker.close()


def _listen(wanted: str) -> Any:
    """scapy's listening socket on the loopback, libpcap's kind; scapy's configuration stays what it was."""
    from scapy.config import conf
    before = conf.use_pcap
    conf.use_pcap = True
    import scapy.layers.inet6  # noqa: F401  else scapy knows no TCP in what it captures
    try:
        if not conf.use_pcap:
            raise OSError("libpcap is not here")
        from scapy.arch.libpcap import L2pcapListenSocket
        return L2pcapListenSocket(iface=conf.loopback_name, filter=wanted)
    finally:
        conf.use_pcap = before
