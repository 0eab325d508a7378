"""`dial`: one connection as a mail client makes it, recorded, with a deadline for the whole of it.

The SMTP dialogue is Python's own `smtplib`. It is given a `RecordedSocket` in place of its socket, and for
STARTTLS an object in place of an SSL context, whose `wrap_socket` does the recorded handshake: a
real client and real TLS on our socket. A refusal is read off the wire; only what TLS says is taken
from its exception.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from ..address import Place, Target
from ..events import UNVERIFIED, Failure, Mode, TlsInfo, What, Who
from ..smtp import Reply, read_reply
from ..trace import Trace
from .connect import Failed, connect, own_address
from .recorded_socket import Ended, RecordedSocket
from .recorder import Recorder
from .tls import OPENSSL, key_log_of

if TYPE_CHECKING:
    from ..literals import ModeName

DAY_S = 86400.0
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")


def dial(address: Place, mode: Mode | ModeName, *, timeout_s: float = 5.0,
         server_name: str | None = None, ca_file: str | None = None, verify: bool = True,
         login: tuple[str, str] | None = None, mechanism: str | None = None, mail_from: str | None = None,
         rcpt_to: str | None = None, ehlo_name: str | None = None) -> Trace:
    """Connect as a client in `mode` would, and return the Trace of it. Never sends DATA.

    `address` is a lab server, whose authority is then trusted, a relay, (host, port) or "HOST:PORT". In turn: connect,
    TLS at once (implicit), greeting, EHLO, STARTTLS and EHLO again, one login with `mechanism` or
    the first offered that fits, `mail_from`, `rcpt_to` and RSET, QUIT. `timeout_s` is the deadline
    for all of it. `ok` means that all that was asked for worked.

    Raises ValueError for unusable arguments, never for what the network or the peer does.
    """
    return Dial(address, Mode.of(mode), timeout_s=timeout_s, server_name=server_name, ca_file=ca_file, verify=verify,
                login=login, mechanism=mechanism, mail_from=mail_from, rcpt_to=rcpt_to, ehlo_name=ehlo_name).run()


class Dial:
    """One dial, its arguments those of `dial`. `run` performs it; `trace` gives what has been seen so far.

    `keeps_secrets`: those of TLS are kept, for a capture file; those of lab connections are in any case.
    """

    def __init__(self, place: Place, mode: Mode, *, timeout_s: float = 5.0, server_name: str | None = None,
                 ca_file: str | None = None, verify: bool = True, login: tuple[str, str] | None = None,
                 mechanism: str | None = None, mail_from: str | None = None, rcpt_to: str | None = None,
                 ehlo_name: str | None = None, listener: Callable[[Recorder], object] | None = None,
                 keeps_secrets: bool = False) -> None:
        target = Target.of(place)
        self.target = target = replace(target, ca_file=ca_file or target.ca_file)
        self.address, self.mode, self.timeout_s, self.verify = target.address, Mode.of(mode), timeout_s, verify
        self.server_name = server_name or _ascii(target.host.split("%")[0])
        self.login, self.mechanisms = login, (mechanism.upper(),) if mechanism else MECHANISMS
        self.mail_from, self.rcpt_to, self.ehlo_name = mail_from, rcpt_to, ehlo_name
        self._check()
        # Made first, so that a missing CA file is told at once and its loading costs no deadline.
        secrets = target.is_lab or keeps_secrets
        self.context = None if self.mode is Mode.PLAIN else _context(target.ca_file, verify, secrets)
        self.recorder = Recorder(Who.CLIENT, listener)
        self.stage = "connect"
        self.failure: Failure | None = None
        self.wire: RecordedSocket | None = None
        self.info: TlsInfo | None = None
        if login:
            from .login import keep_from_view
            keep_from_view(self.recorder, login, target.is_lab)

    def _check(self) -> None:
        if not 0 < self.timeout_s <= DAY_S:
            raise ValueError(f"timeout_s is {self.timeout_s}; it must be over 0, and at most a day")
        if not set(self.mechanisms) <= set(MECHANISMS):
            raise ValueError(f"no mechanism {self.mechanisms[0]!r} here; there are {', '.join(MECHANISMS)}")
        if self.rcpt_to and not self.mail_from:
            raise ValueError("rcpt_to needs mail_from")
        for name in ("ehlo_name", "mail_from", "rcpt_to", "server_name"):
            value = getattr(self, name)
            if value and (not value.isascii() or not value.isprintable() or value.startswith(".")):
                raise ValueError(f"{name} {value!r} must be printable ASCII and not begin with a dot")

    def trace(self) -> Trace:
        """What has been seen so far."""
        return self.recorder.trace(mode=self.mode, address=self.address, tls=self.info, failure=self.failure)

    def stop(self) -> None:
        """From any thread: end now, with what has been seen."""
        self.recorder.stop()

    def run(self) -> Trace:
        """Perform it and return the trace. Ctrl-C passes through; `trace` then has what was seen."""
        self.recorder.start = time.monotonic()
        self.deadline = self.recorder.start + self.timeout_s
        try:
            sock = connect(self.address, self.recorder, self.deadline)
            self.wire = RecordedSocket(sock, self.recorder, self.deadline)
            _Session(self, self.wire).talk()
        except Failed as failed:
            self.failure = failed.failure
        except KeyboardInterrupt:
            self.failure = Failure(self.stage, "smtplab", "stopped", "stopped by the user")
            raise
        finally:
            if self.wire:
                self.wire.close()
            if key_log := key_log_of(self.context):
                key_log.close()
            self.recorder.end = time.monotonic()
        return self.trace()


class _Session:
    """What a dial says on a wire. Whatever fails raises Failed."""

    def __init__(self, dial: Dial, wire: RecordedSocket) -> None:
        self.dial, self.wire, self.recorder = dial, wire, dial.recorder
        self.smtp = smtplib.SMTP(local_hostname=dial.ehlo_name or _literal(wire))
        self.smtp.sock = wire  # type: ignore[assignment]  # as much of a socket as smtplib asks for
        self.smtp._host = dial.server_name  # type: ignore[attr-defined]  # the name that its starttls asks for

    def talk(self) -> None:
        """The whole conversation, QUIT included."""
        dial, smtp = self.dial, self.smtp
        if dial.mode is Mode.IMPLICIT:
            self._tls(lambda: self.wrap_socket(self.wire, server_hostname=dial.server_name))
        self._ask("greeting", "greeting", smtp.getreply, (220,))
        try:
            self._ehlo()
            if dial.mode in (Mode.STARTTLS, Mode.STARTTLS_OPPORTUNISTIC):
                self._starttls()
            if dial.login:
                from .login import log_in  # here, as most dials log in nowhere
                log_in(smtp, partial(self._ask, "auth", "reply"), dial.login, dial.mechanisms, dial.info is not None)
            if sender := dial.mail_from:
                self._ask("mail", "reply", lambda: smtp.mail(sender), (250,))
                if recipient := dial.rcpt_to:
                    self._ask("mail", "reply", lambda: smtp.rcpt(recipient), (250, 251))
                self._ask("mail", "reply", smtp.rset, (250,))
        except Failed:
            self._leave()
            raise
        try:
            self._ask("quit", "reply", lambda: smtp.docmd("QUIT"), (221,))
        except Failed:
            if self.wire.how not in ("closed", "reset"):  # to hang up is an answer to QUIT too
                raise
            self.recorder.wait_for(None)

    def _ask(self, stage: str, awaited: str, call: Callable[[], object], good: tuple[int, ...]) -> Reply:
        """Let smtplib do one thing; the reply, read anew from the wire, must have a good code."""
        self.dial.stage = stage
        self.wire.reply.clear()
        self.recorder.wait_for(awaited)
        with contextlib.suppress(smtplib.SMTPException):
            call()
        reply = read_reply(self.wire.reply)
        if not isinstance(reply, Reply):
            if self.wire.how is None or self.wire.broken:
                self.recorder.wait_for(None)
            raise Failed(self._broken(stage))
        self.recorder.wait_for(None)
        if reply.reply_code not in good:
            raise Failed(Failure.of_reply(stage, reply))
        return reply

    def _broken(self, stage: str) -> Failure:
        if self.wire.broken:
            return self._openssl(stage, self.wire.broken)
        how = self.wire.how or "no-reply"
        words = {"timeout": f"nothing more within {self.dial.timeout_s:g} s", "flood": "the server sends without end",
                 "closed": "the server closed the connection", "reset": "the server reset the connection",
                 "stopped": "stopped by the user", "no-reply": "what the server sent is no reply"}
        return Failure(stage, "socket" if self.wire.how else "smtplib", how, words[how])

    def _ehlo(self) -> None:
        try:
            self._ask("ehlo", "reply", self.smtp.ehlo, (250,))
        except Failed as failed:
            if failed.failure.reason not in ("500", "502", "504"):
                raise
            self._ask("ehlo", "reply", self.smtp.helo, (250,))  # RFC 5321 section 3.2: an old server

    def _starttls(self) -> None:
        required = self.dial.mode is Mode.STARTTLS
        if not self.smtp.has_extn("starttls"):
            if required:
                raise Failed(Failure("starttls", "smtplib", "not-offered", "the EHLO reply does not list STARTTLS"))
            return
        try:
            context = cast(ssl.SSLContext, self)  # all that smtplib asks of one is `wrap_socket`
            self._tls(lambda: self._ask("starttls", "reply", lambda: self.smtp.starttls(context=context), (220,)))
        except Failed as failed:
            refused = failed.failure.stage == "starttls" and failed.failure.reason.isdigit()
            if required or self.dial.login or not refused:
                raise
            return
        self._ehlo()

    def _tls(self, call: Callable[[], object]) -> None:
        try:
            call()
        except ssl.SSLCertVerificationError as exc:
            self.recorder.wait_for(None)
            failure = Failure("tls", OPENSSL, f"certificate verify failed ({exc.verify_code})", exc.verify_message)
            raise Failed(failure) from exc
        except ssl.SSLError as exc:
            if self.wire.how is None:
                self.recorder.wait_for(None)
            raise Failed(self._openssl("tls", exc)) from exc
        except Ended as exc:
            raise Failed(self._broken("tls")) from exc

    def _openssl(self, stage: str, exc: ssl.SSLError) -> Failure:
        reason = (exc.reason or "").lower().replace("_", " ") or self.wire.how or "error"
        return Failure(stage, OPENSSL, reason, str(exc))

    def wrap_socket(self, wire: RecordedSocket, server_hostname: str | None) -> RecordedSocket:
        """What `smtplib.SMTP.starttls` asks of an SSL context."""
        self.dial.stage = "tls"
        if not self.dial.verify:
            self.recorder.add(What.TLS, note=UNVERIFIED)
        assert self.dial.context  # made for every mode with TLS
        self.dial.info = wire.start_tls(self.dial.context, server_hostname).info()
        return wire

    def _leave(self) -> None:
        """Say QUIT where the conversation still stands (RFC 5321 section 4.1.1.10), for a second at most."""
        answers = isinstance(read_reply(self.wire.reply), Reply)
        half_way = self.recorder.tls is not None and not self.wire.secure  # what TLS began, plaintext can't end
        if self.wire.how is not None or self.recorder.waiting_for or half_way or not answers:
            return
        self.wire.deadline = min(self.dial.deadline, time.monotonic() + 1)
        with contextlib.suppress(smtplib.SMTPException):
            self.smtp.docmd("QUIT")


def _context(ca_file: str | None, verify: bool, secrets: bool) -> ssl.SSLContext:
    from .certificates import client_context  # here, as a plain dial needs none
    from .keylog import keep_secrets
    context = client_context(ca_file, verify=verify, shared=not secrets)
    return keep_secrets(context) if secrets else context


def _ascii(host: str) -> str:
    """The name as TLS asks for it; one that can't be encoded can't be resolved either, which is told there."""
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return "invalid"
    return name if name.isprintable() and not name.startswith(".") else "invalid"


def _literal(wire: RecordedSocket) -> str:
    """An EHLO name without DNS: the address literal of RFC 5321 section 4.1.3."""
    host = own_address(wire.sock).rpartition(":")[0].strip("[]").split("%")[0]
    return f"[IPv6:{host}]" if ":" in host else f"[{host or '127.0.0.1'}]"
