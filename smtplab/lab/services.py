"""What answers a visitor of a lab server: mail, and small HTTP, IMAP and silent services.

A service is an asyncio protocol whose transport is the visit; `waits_for` is what it first expects,
`answers_tls` whether it answers a ClientHello that comes where its own words were due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .options import HOSTNAME, Options

if TYPE_CHECKING:
    import asyncio

    from .visit import Visit

def mail(visit: Visit, options: Options) -> asyncio.Protocol:
    """The SMTP service. Its module brings aiosmtpd, which a client alone has no use for."""
    from .mail import Mail
    return Mail(visit, options)


class Service:
    """An asyncio protocol that does nothing. asyncio itself is loaded by a server that starts."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A visitor has come."""

    def data_received(self, data: bytes) -> None:
        """It says this."""

    def eof_received(self) -> None:
        """It will say no more."""

    def connection_lost(self, exc: Exception | None) -> None:
        """It has left."""


class Http(Service):
    """A web server that is asked the wrong thing: 400, and it closes."""

    waits_for, answers_tls = "command", True

    def __init__(self, visit: Visit, options: Options) -> None:
        self.visit, self.hostname = visit, options.hostname

    def data_received(self, data: bytes) -> None:
        """Whatever was asked."""
        body = b"Bad Request\n"
        server = b"" if self.hostname == HOSTNAME else b"Server: %b\r\n" % self.hostname.encode()
        self.visit.write(b"HTTP/1.1 400 Bad Request\r\n%bContent-Type: text/plain\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n%b" % (server, len(body), body))
        self.visit.close()


class Imap(Service):
    """An IMAP server's greeting (RFC 9051 section 7.1), for clients at the wrong door."""

    waits_for, answers_tls = "command", False

    def __init__(self, visit: Visit, options: Options) -> None:
        self.visit, self.hostname, self.line = visit, options.hostname, b""

    def connection_made(self, transport) -> None:
        """IMAP servers speak first too."""
        self.visit.write(f"* OK [CAPABILITY IMAP4rev2 STARTTLS] {self.hostname} IMAP smtplab\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """One BAD for each line."""
        *lines, self.line = (self.line[-1000:] + data).split(b"\n")
        for _ in lines:
            self.visit.write(b"* BAD not an IMAP command\r\n")


class Silent(Service):
    """Reads and says nothing."""

    waits_for, answers_tls = None, False

    def __init__(self, visit: Visit, options: Options) -> None:
        pass
