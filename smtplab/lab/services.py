"""What answers a visitor of a lab server: mail, and small HTTP, IMAP and silent services.

A service is an asyncio protocol whose transport is the visit; `waits_for` is what it first expects,
`answers_tls` whether it answers a ClientHello that comes where its own words were due.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .. import limits

if TYPE_CHECKING:
    from .visit import Visit

HOSTNAME = "mail.example.com"
SIZE_BYTES = limits.VISIT_BYTES // 2  # the largest mail, as the EHLO reply says


@dataclass(frozen=True)
class Options:
    """How the SMTP service behaves."""

    hostname: str = HOSTNAME
    auth: bool = False
    auth_in_clear: bool = False
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    auth_reply: str | None = None
    starttls_context: ssl.SSLContext | None = None
    starttls_reply: str | None = None
    starttls_required: bool = False

    def with_(self, **changes: object) -> Options:
        """A copy with these changes."""
        return replace(self, **changes)


def mail(visit: Visit, options: Options) -> asyncio.Protocol:
    """The SMTP service. Its module brings aiosmtpd, which a client alone has no use for."""
    from .mail import Mail
    return Mail(visit, options)


class Http(asyncio.Protocol):
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


class Imap(asyncio.Protocol):
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


class Silent(asyncio.Protocol):
    """Reads and says nothing."""

    waits_for, answers_tls = None, False

    def __init__(self, visit: Visit, options: Options) -> None:
        pass

    def data_received(self, data: bytes) -> None:
        """Nothing follows."""
