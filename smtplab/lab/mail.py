"""The SMTP service of a lab server: aiosmtpd, with one user who may log in. TLS is done by `ServerConnection`."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import secrets
from asyncio.sslproto import SSLProtocol
from typing import TYPE_CHECKING, AnyStr, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, syntax

from . import LAB_PASSWORD, LAB_USER
from .options import HOSTNAME, SIZE_BYTES, Options

if TYPE_CHECKING:
    from .server_connection import ServerConnection

IDENT = "ESMTP smtplab"
USERS = {LAB_USER.encode(): LAB_PASSWORD.encode()}  # in plaintext, which also serves CRAM-MD5 (RFC 2195)
# Beside what aiosmtpd offers: RFC 2034, RFC 2920 (it reads its commands out of a buffer), RFC 3030.
EXTENSIONS = ["250-ENHANCEDSTATUSCODES", "250-PIPELINING", "250-CHUNKING"]
# For aiosmtpd's replies that lack an enhanced code (RFC 3463); for others X.0.0.
ENHANCED = {"500": "5.5.2", "501": "5.5.4", "502": "5.5.1", "503": "5.5.1", "530": "5.7.0", "535": "5.7.8",
            "552": "5.3.4", "555": "5.5.4"}
_REFUSAL = re.compile(r"^[45]\d\d[ -][^\r\n]*", re.MULTILINE)
_LACKS_CODE = re.compile(r"^(([245])\d\d)[ -](?!\2\.\d+\.\d)", re.MULTILINE)

# aiosmtpd logs lines that it does not know, and a client out of step sends its password as one.
logging.getLogger("mail.log").addFilter(lambda record: not (record.threadName or "").startswith("smtplab-"))


class _Handler:
    """aiosmtpd's handler: no DATA hook, so mail is accepted and dropped."""

    async def handle_EHLO(self, server: Mail, session: Session, _envelope: Envelope, hostname: str,
                          responses: list[str]) -> list[str]:
        """Leave AUTH out where the server has no login; all lines in one write, as most servers do."""
        session.host_name = hostname
        responses[-1:-1] = [*EXTENSIONS, *server.options.ehlo_lines]  # HELP stays last
        return ["\r\n".join(r for r in responses if server.options.auth or not r.startswith("250-AUTH"))]

    async def handle_exception(self, error: Exception) -> str:
        """Odd input is answered, not logged."""
        return "500 5.5.2 Error: bad input"


class Mail(SMTP):
    """aiosmtpd on a visit: its TLS is the visit's, its AUTH knows one user."""

    waits_for, answers_stray_hello = "command", False

    def __init__(self, visit: ServerConnection, options: Options) -> None:
        self.visit, self.options = visit, options
        left_out = {"PLAIN", "LOGIN", "CRAM-MD5"} - set(options.mechanisms)
        # Greeting, EHLO and HELO replies.
        self._no_code = re.compile(rf"2[25]0[ -]{re.escape(options.hostname)}|501 Syntax: (EHLO|HELO)")
        super().__init__(_Handler(), data_size_limit=SIZE_BYTES, hostname=options.hostname, ident=IDENT,
                         loop=visit.loop, enable_SMTPUTF8=True, tls_context=options.starttls_context,
                         require_starttls=options.starttls_required, auth_required=options.auth_required,
                         auth_require_tls=not options.auth_in_clear, authenticator=self._check,
                         auth_exclude_mechanism=left_out)
        if visit.tls:
            self._tls_protocol = cast(SSLProtocol, visit.tls)  # aiosmtpd's sign that this session is encrypted

    def _set_post_data_state(self) -> None:
        super()._set_post_data_state()  # type: ignore[no-untyped-call]
        self.chunked_bytes: int | None = None  # the size so far of mail that comes by BDAT

    async def push(self, status: AnyStr) -> None:
        """RFC 2034: an enhanced code on each line of each reply that may have one.

        A server with a name of its own says it at the end of each refusal, as Gmail's do with theirs.
        """
        if isinstance(status, str) and not self._no_code.match(status):
            status = _LACKS_CODE.sub(lambda m: f"{m[0]}{ENHANCED.get(m[1], m[2] + '.0.0')} ", status)
        if isinstance(status, str) and self.options.hostname != HOSTNAME:
            status = _REFUSAL.sub(lambda m: f"{m[0]} - {self.options.hostname}", status)
        await super().push(status)
        await asyncio.sleep(0)  # of commands that came together, each lets others have their turn

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """RFC 3030 section 2: not for mail that BDAT began."""
        if self.chunked_bytes is None:
            await super().smtp_DATA(arg)
        else:
            await self.push("503 Error: DATA after BDAT")

    @syntax("BDAT <size> [LAST]")
    async def smtp_BDAT(self, arg: str | None) -> None:
        """RFC 3030: a chunk is read to its end, and dropped, before any reply but 501."""
        found = re.fullmatch(r"([0-9]{1,20})( +LAST)?", arg or "", re.IGNORECASE)
        if not found:
            await self.push("501 Syntax: BDAT <size> [LAST]")
            return
        size = int(found[1])
        for start in range(0, size, 4096):
            await self._reader.readexactly(min(4096, size - start))
        if await self.check_helo_needed():
            return
        if not (self.envelope and self.envelope.rcpt_tos):
            await self.push("503 Error: need RCPT command")
            return
        self.chunked_bytes = total = (self.chunked_bytes or 0) + size
        if found[2]:
            self._set_post_data_state()
        await self.push("250 OK" if total <= SIZE_BYTES else "552 Error: Too much mail data")

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
            self._reader._buffer.clear()  # type: ignore[attr-defined]
            self._set_rset_state()  # type: ignore[no-untyped-call]
            if self.session:
                self.session.host_name = None
            self.visit.recorder.wait_for("client-hello")
            self.visit.start_tls(self.tls_context)
            self._tls_protocol = cast(SSLProtocol, self.visit.tls)

    async def smtp_AUTH(self, arg: str) -> None:
        """RFC 4954; a server without a login says so."""
        if not self.options.auth:
            await self.push("503 5.5.1 Error: authentication not enabled")
        else:
            await super().smtp_AUTH(arg)

    async def auth_CRAM__MD5(self, _server: SMTP, _args: list[str]) -> AuthResult:
        """RFC 2195: the proof is a keyed digest of the challenge; the password does not cross the wire."""
        challenge = f"<{secrets.token_hex(8)}@{self.options.hostname}>".encode()
        answer = await self.challenge_auth(challenge)
        if not isinstance(answer, bytes):
            return AuthResult(success=False, handled=True)
        user, _, digest = answer.partition(b" ")
        right = hmac.new(USERS.get(user, secrets.token_bytes()), challenge, "md5").hexdigest()
        return self._result(user, hmac.compare_digest(right.encode(), digest))

    def _check(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str,
               data: LoginPassword) -> AuthResult:
        return self._result(data.login, USERS.get(data.login) == data.password)

    def _result(self, user: bytes, right: bool) -> AuthResult:
        reply = self.options.auth_reply or "535 5.7.8 Error: authentication failed"
        return AuthResult(success=right, handled=False, auth_data=user, message=None if right else reply)
