"""Connections as packets: capture files written and read, and handshake messages dissected, by scapy.

    port_shown  the port by which Wireshark knows what a server speaks
    outward     -> the TCP segments that would have carried it
    segments    a segment, to and from the bytes of a packet
    pcapng      segments and TLS secrets -> a file
    capfile     a file -> segments
    streams     segments -> each connection's bytes in order
    inward      -> traces, seen from the client
    dissect     a ClientHello, a certificate, read

scapy is loaded by the functions that need it. Live capture is in `lab.capture`: only the lab has sockets.
"""

from ..trace_data import Recording
from .dissect import Certificate, ClientHello, certificates, client_hello
from .inward import origins, read_pcap
from .pcapng import private_file, write_pcapng
from .segments import Segment

__all__ = ["Certificate", "ClientHello", "Recording", "Segment", "certificates", "client_hello", "origins",
           "private_file", "read_pcap", "write_pcapng"]
