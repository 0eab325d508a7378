"""A name with two addresses, of which the first is black-holed: what looks like a hang is a slow fall-back.

Without a name server and without root: in this process alone, while it is asked for, `socket.getaddrinfo` knows the
name. So `dial`, `smtplib` and whatever else runs here meet it; another program is told both addresses in its own way,
such as `curl --resolve NAME:PORT:ADDRESS,ADDRESS`.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

from ..literals import KindName
from .server import Server, serve

NAME = "two-addresses.example.com"
FIRST = ("::1", "127.0.0.2")  # the first of these that is an address of this machine; IPv6 is the usual case


class TwoAddresses:
    """A place to dial: `address` is (name, port), `addresses` what the name stands for, `server` who answers at the
    second of them. `two_addresses` makes it."""

    def __init__(self, server: Server, addresses: tuple[str, str]) -> None:
        self.server, self.addresses = server, addresses
        self.kind, self.ca_file = server.kind, server.ca_file
        self.address = NAME, server.address[1]

    def __repr__(self) -> str:
        return f"<smtplab {self.kind} server behind {NAME}: {', then '.join(self.addresses)}, port {self.address[1]}>"


@contextlib.contextmanager
def two_addresses(kind: KindName = "starttls") -> Iterator[TwoAddresses]:
    """Serve `kind` on the second address of a name; the first drops every packet. Use it in a `with` block.

    The server's certificate is for the name. Raises ValueError as `serve` does, OSError if this machine has no second
    loopback address on which the same port is free.
    """
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(serve(kind, hostname=NAME))
        first = stack.enter_context(_filtered(server.address[1]))
        found = TwoAddresses(server, (first.address[0], server.address[0]))
        stack.enter_context(_known(found.addresses))
        yield found


def _filtered(port: int) -> Server:
    for host in FIRST[:-1]:
        with contextlib.suppress(OSError):
            return serve("filtered", host=host, port=port)
    return serve("filtered", host=FIRST[-1], port=port)


@contextlib.contextmanager
def _known(addresses: tuple[str, ...]) -> Iterator[None]:
    """Let look-ups of the name in this process give these addresses, in this order."""
    before = socket.getaddrinfo

    def look_up(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Any:
        if host != NAME or flags & socket.AI_NUMERICHOST:
            return before(host, port, family, type, proto, flags)
        found = [before(address, port, 0, type, proto, flags) for address in addresses]
        return [one for answers in found for one in answers if family in (0, one[0])]

    socket.getaddrinfo = look_up
    try:
        yield
    finally:
        socket.getaddrinfo = before
