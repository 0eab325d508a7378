"""A full backlog: the kernel then drops every further connection to a listening socket, as a firewall does."""

from __future__ import annotations

import socket


def fill(listening: socket.socket) -> list[socket.socket]:
    """Connections that fill the backlog, so that the kernel drops every further one."""
    fillers = []
    for _ in range(64):
        sock = socket.socket(listening.family, socket.SOCK_STREAM)
        fillers.append(sock)
        sock.settimeout(0.1)
        try:
            sock.connect(listening.getsockname())
        except OSError:
            break
    return fillers
