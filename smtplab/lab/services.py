"""What answers a visitor of a lab server that does not speak SMTP itself: HTTP, IMAP, silence, a middlebox.

A service is an asyncio protocol whose transport is the `ServerConnection`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING

from ..events import What
from .options import HOSTNAME, Options

if TYPE_CHECKING:
    from .server_connection import ServerConnection


class QuietService:
    """Reads and says nothing."""

    waits_for: str | None = None
    answers_stray_hello = False

    def __init__(self, connection: ServerConnection, options: Options) -> None:
        self.connection, self.options = connection, options

    def connection_made(self, transport: ServerConnection) -> None:
        """A visitor has come."""

    def data_received(self, data: bytes) -> None:
        """The visitor says this."""

    def eof_received(self) -> None:
        """The visitor will say no more."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The visitor has left."""

    def pause_writing(self) -> None:
        """The visitor does not read what it is told."""
        self.connection.pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        self.connection.resume_reading()


class Closes(QuietService):
    """Ends the connection, as a server does that limits its clients, or a proxy that reaches no server."""

    def connection_made(self, transport: ServerConnection) -> None:
        """A close with bytes unread would be a reset: say that this side has ended, and let the visitor go."""
        self.connection.recorder.add(What.CLOSED)
        self.connection.closing = True
        self.connection.raw.write_eof()


class Resets(QuietService):
    """Resets the connection."""

    def connection_made(self, transport: ServerConnection) -> None:
        """As soon as it is made."""
        self.connection.recorder.add(What.RESET)
        self.connection.abort()


class Http(QuietService):
    """A web server that is asked the wrong thing: 400, and it closes."""

    waits_for, answers_stray_hello = "command", True

    def data_received(self, data: bytes) -> None:
        """Whatever was asked."""
        body, hostname = b"Bad Request\n", self.options.hostname
        server = b"" if hostname == HOSTNAME else b"Server: %b\r\n" % hostname.encode()
        self.connection.write(b"HTTP/1.1 400 Bad Request\r\n%bContent-Type: text/plain\r\nConnection: close\r\n"
                              b"Content-Length: %d\r\n\r\n%b" % (server, len(body), body))
        self.connection.close()


class Imap(QuietService):
    """An IMAP server's greeting (RFC 9051 section 7.1), for clients at the wrong door."""

    waits_for = "command"
    line = b""

    def connection_made(self, transport: ServerConnection) -> None:
        """IMAP servers speak first too."""
        greeting = f"* OK [CAPABILITY IMAP4rev2 STARTTLS] {self.options.hostname} IMAP smtplab\r\n"
        self.connection.write(greeting.encode())

    def data_received(self, data: bytes) -> None:
        """One BAD for each line."""
        *lines, self.line = (self.line[-1000:] + data).split(b"\n")
        for _ in lines:
            self.connection.write(b"* BAD not an IMAP command\r\n")


class Passage(QuietService):
    """A middlebox that ends the visitor's TLS: in TLS of its own it passes all on to the server behind it.

    With STARTTLS it lets pass what is in clear, until the server says 220 for the second time: so it greets, and so it
    answers STARTTLS. Then it begins TLS with that server, passes the 220 on, and begins TLS with the visitor.
    """

    waits_for = "command"

    def connection_made(self, transport: ServerConnection) -> None:
        """The server behind greets, so it is asked at once."""
        self.onward: asyncio.StreamWriter | None = None
        self.early = b""  # what the visitor said before the server was reached
        self.upgrading = False
        self.task = self.connection.loop.create_task(self._carry())

    async def _carry(self) -> None:
        from .certificates import client_context
        from .tls import CHUNK_BYTES
        tls, upgrade, greeted = client_context(None, verify=False), self.options.starttls_context, False
        with contextlib.suppress(OSError):  # ssl.SSLError is one: what is behind has gone
            reader, self.onward = await asyncio.open_connection(
                *self.options.behind or (), ssl=None if upgrade else tls,
                server_hostname=None if upgrade else "localhost")
            self.onward.write(self.early)
            while data := await reader.read(CHUNK_BYTES):
                self.upgrading = bool(upgrade and greeted and re.search(rb"^220 ", data, re.MULTILINE))
                greeted = True
                if self.upgrading:
                    await self.onward.start_tls(tls, server_hostname="localhost")
                self.connection.write(data)
                if upgrade and self.upgrading:
                    self.connection.recorder.wait_for("client-hello")
                    self.connection.start_tls(upgrade)
                    self.upgrading, upgrade = False, None
        self.connection.close()

    def data_received(self, data: bytes) -> None:
        """On to the server behind. What comes in clear after STARTTLS is thrown away (RFC 3207 section 4.2)."""
        if self.upgrading:
            return
        if self.onward:
            self.onward.write(data)
        else:
            self.early = (self.early + data)[:1000]

    def connection_lost(self, exc: Exception | None) -> None:
        """So ends the way on, at once: the loop may be ending too."""
        self.task.cancel()
        if self.onward:
            self.onward.transport.abort()


SERVICES = {"http": Http, "imap": Imap, "silent": QuietService, "closes": Closes, "resets": Resets, "passage": Passage}
