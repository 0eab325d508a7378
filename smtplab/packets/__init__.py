"""Connections as packets: capture files written and read, and handshake messages dissected, by scapy.

    segments       a TCP segment, to and from the bytes of a packet
    capture_files  a file, pcap or pcapng <-> segments (and TLS secrets)
    trace_writer   a trace -> the segments that would have carried it
    reassembly     segments -> each connection's bytes in order
    trace_reader   these -> traces, seen from the client
    dissect        a ClientHello, a certificate, read

scapy is loaded by the functions that need it. Live capture is in `lab.capture`: only the lab has sockets.
"""

from ..recording import Recording
from .capture_files import private_file
from .dissect import Certificate, ClientHello, certificates, client_hello
from .segments import Segment
from .trace_reader import origins, read_pcap
from .trace_writer import write_pcapng

__all__ = ["Certificate", "ClientHello", "Recording", "Segment", "certificates", "client_hello", "origins",
           "private_file", "read_pcap", "write_pcapng"]
