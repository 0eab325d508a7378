"""What answers a visitor of a lab server: aiosmtpd as `Lab`, and small HTTP, IMAP and silent services.

A service is an asyncio protocol whose transport is the visit; `waits_for` is what it first expects,
`answers_tls` whether it answers a ClientHello that comes where its own words were due.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, AuthResult

if TYPE_CHECKING:
    from .visit import Visit

HOSTNAME, IDENT = "mail.example.com", "ESMTP smtplab"
LAB_USER, LAB_PASSWORD = "alice", "wonderland"
USERS = {LAB_USER.encode(): LAB_PASSWORD.encode()}  # in plaintext, as CRAM-MD5 needs it (RFC 2195 section 2)

# aiosmtpd logs lines that it does not know, and a client out of step sends its password as one.
logging.getLogger("mail.log").addFilter(lambda record: not record.threadName.startswith("smtplab-"))


@dataclass(frozen=True)
class Options:
    """How the SMTP service behaves."""

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


class _Handler:
    """aiosmtpd's handler: no DATA hook, so mail is accepted and dropped."""

    async def handle_EHLO(self, server: Lab, session, envelope, hostname: str, responses: list[str]) -> list[str]:
        """Leave AUTH out where the server has no login."""
        session.host_name = hostname
        return [r for r in responses if server.options.auth or not r.startswith("250-AUTH")]

    async def handle_exception(self, error: Exception) -> str:
        """Odd input is answered, not logged."""
        return "500 5.5.2 Error: bad input"


class Lab(SMTP):
    """aiosmtpd on a visit: its TLS is the visit's, its AUTH knows one user."""

    waits_for, answers_tls = "command", False

    def __init__(self, visit: Visit, options: Options) -> None:
        self.visit, self.options = visit, options
        left_out = {"PLAIN", "LOGIN", "CRAM-MD5"} - set(options.mechanisms)
        super().__init__(_Handler(), hostname=HOSTNAME, ident=IDENT, loop=visit.loop,
                         tls_context=options.starttls_context, require_starttls=options.starttls_required,
                         auth_require_tls=not options.auth_in_clear, authenticator=self._check,
                         auth_exclude_mechanism=left_out)
        if visit.tls:
            self._tls_protocol = visit.tls  # aiosmtpd's sign that this session is encrypted

    async def smtp_STARTTLS(self, arg: str) -> None:
        """RFC 3207. What the client sent ahead in clear is thrown away (section 4.2)."""
        if arg or not self.tls_context:
            await self.push("501 5.5.4 Syntax: STARTTLS" if arg else "454 4.7.0 TLS not available")
        elif self._tls_protocol:
            await self.push("503 5.5.1 TLS is on already")
        elif self.options.starttls_reply:
            await self.push(self.options.starttls_reply)
        else:
            await self.push("220 2.0.0 Ready to start TLS")
            self._reader._buffer.clear()
            self._set_rset_state()
            self.session.host_name = None
            self.visit.recorder.wait_for("client-hello")
            self.visit.start_tls(self.tls_context)
            self._tls_protocol = self.visit.tls

    async def smtp_AUTH(self, arg: str) -> None:
        """RFC 4954; a server without a login says so."""
        if not self.options.auth:
            await self.push("503 5.5.1 Error: authentication not enabled")
        else:
            await super().smtp_AUTH(arg)

    async def auth_CRAM__MD5(self, _, args: list[str]) -> AuthResult:
        """RFC 2195: the proof is a keyed digest of the challenge; the password does not cross the wire."""
        challenge = f"<{secrets.token_hex(8)}@{HOSTNAME}>".encode()
        answer = await self.challenge_auth(challenge)
        if not isinstance(answer, bytes):
            return AuthResult(success=False, handled=True)
        user, _, digest = answer.partition(b" ")
        right = hmac.new(USERS.get(user, secrets.token_bytes()), challenge, "md5").hexdigest()
        return self._result(user, hmac.compare_digest(right.encode(), digest))

    def _check(self, server: SMTP, session, envelope, mechanism: str, data) -> AuthResult:
        return self._result(data.login, USERS.get(data.login) == data.password)

    def _result(self, user: bytes, right: bool) -> AuthResult:
        reply = self.options.auth_reply or "535 5.7.8 Error: authentication failed"
        return AuthResult(success=right, handled=False, auth_data=user, message=None if right else reply)


class Http(asyncio.Protocol):
    """A web server that is asked the wrong thing: 400, and it closes."""

    waits_for, answers_tls = "request", True

    def __init__(self, visit: Visit, options: Options) -> None:
        self.visit = visit

    def data_received(self, data: bytes) -> None:
        """Whatever was asked."""
        body = b"Bad Request\n"
        self.visit.write(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.visit.close()


class Imap(asyncio.Protocol):
    """An IMAP server's greeting (RFC 9051 section 7.1), for clients at the wrong door."""

    waits_for, answers_tls = "command", False

    def __init__(self, visit: Visit, options: Options) -> None:
        self.visit, self.line = visit, b""

    def connection_made(self, transport) -> None:
        """IMAP servers speak first too."""
        self.visit.write(f"* OK [CAPABILITY IMAP4rev2 STARTTLS] {HOSTNAME} IMAP smtplab\r\n".encode())

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
