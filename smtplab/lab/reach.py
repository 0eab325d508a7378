"""Where a listener is reached, if it listens on all addresses of its machine: by the one that the machine shows others.

From a container, loopback is the container itself: it needs such an address, and a certificate that holds it.
"""

from __future__ import annotations

import ipaddress
import socket

_EVERYWHERE = {"": "0.0.0.0", "0.0.0.0": "0.0.0.0", "::": "::"}
# Places in networks that are kept for examples (RFC 5737, RFC 3849): no packet is sent to them.
_FAR = {"0.0.0.0": (socket.AF_INET, "192.0.2.1", "127.0.0.1"), "::": (socket.AF_INET6, "2001:db8::1", "::1")}


def reachable(host: str) -> str:
    """The host itself; for one that stands for all addresses, that from which this machine would send, or loopback."""
    if host not in _EVERYWHERE:
        return host
    family, far, own = _FAR[_EVERYWHERE[host]]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((far, 9))
            return str(sock.getsockname()[0])
    except OSError:  # no network
        return own


def names_by_which(host: str) -> tuple[str, ...]:
    """What a certificate has to hold for clients that reach a listener on this host; nothing for a name."""
    found = reachable(host)
    try:
        return () if ipaddress.ip_address(found).is_loopback else (found,)
    except ValueError:
        return ()
