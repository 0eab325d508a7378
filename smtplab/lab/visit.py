"""One visitor of a lab server: raw bytes recorded, TLS where due, plaintext for the service.

`Visit` is an asyncio protocol towards the network and a transport towards its service.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from ..conversation import observe
from ..records import is_client_hello
from ..smtp import shown_if
from ..trace import Failure, Mode, TlsInfo, Trace
from . import LAB_PASSWORD, LAB_USER
from .connect import name_address
from .options import Options
from .recorder import Recorder
from .services import mail
from .shelf import Shelf
from .tls import OPENSSL, Tls

if TYPE_CHECKING:
    import asyncio

Told = TypeVar("Told")


@dataclass(frozen=True)
class Kind:
    """What a kind of server does with a visitor."""

    service: Callable = mail
    tls: str | None = None  # "implicit" or "starttls"
    certificate: str | None = None  # a fault from certificates.FAULTS
    at_connect: str | None = None  # "closes", "resets", "refused", "filtered"
    waits_s: float = 0.0  # before the greeting
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Plan:
    """What all visits of one server share."""

    kind: Kind
    context: ssl.SSLContext | None  # for implicit TLS
    options: Options
    waits_s: float
    listener: Callable[[Visit], None] | None
    visits: Shelf[Visit]
    lock: threading.Condition


def tell(listener: Callable[[Told], object] | None, told: Told) -> None:
    """Let a listener know. Its fault is shown, and costs no visitor anything."""
    try:
        if listener:
            listener(told)
    except Exception:
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))


class Visit:
    """One visitor, from connection to end; the transport that the service writes to is `Visit` too."""

    def __init__(self, plan: Plan, loop: asyncio.AbstractEventLoop) -> None:
        self.plan, self.loop = plan, loop
        self.recorder = Recorder("server", plan.listener and (lambda _: tell(plan.listener, self)))
        self.recorder.may_show = shown_if(LAB_USER, LAB_PASSWORD)
        self.client = self.server = ""
        self.first = self.early = b""  # what the visitor began with; what came before there was a service
        self.tls: Tls | None = None
        self.info: TlsInfo | None = None
        self.failure: Failure | None = None
        self.service: asyncio.Protocol | None = None
        self.handshaking = self.closing = False

    # --- from the network ---

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.raw = transport
        with contextlib.suppress(OSError):  # it may be gone already
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.loop.__dict__.setdefault("visits", set()).add(transport)
        ends = (transport.get_extra_info(name) or ("", 0) for name in ("peername", "sockname"))
        self.client, self.server = (name_address(end) for end in ends)
        self.recorder.add("connected", note=f"{self.client} > {self.server}")
        with self.plan.lock:
            self.plan.visits.add(self)
        how = self.plan.kind.at_connect
        if how == "resets":
            self.recorder.add("reset")
            self.abort()
        elif how == "closes":
            # A close with bytes unread would be a reset: say that this side has ended, and let the visitor go.
            self.recorder.add("closed")
            self.closing = True
            transport.write_eof()
        elif self.plan.context:
            self.recorder.wait_for("client-hello")
            self.start_tls(self.plan.context)
            if self.plan.waits_s:
                self.loop.call_later(self.plan.waits_s, lambda: self.recorder.received or self.end())
        elif self.plan.waits_s:
            self.loop.call_later(self.plan.waits_s, lambda: self.raw.is_closing() or self.start_service())
        else:
            self.start_service()

    def start_service(self) -> None:
        """Let the service speak, in clear or within TLS."""
        self.service = self.plan.kind.service(self, self.plan.options)
        self.recorder.wait_for(self.service.waits_for)
        self.service.connection_made(self)
        if self.early:
            self.to_service(self.early)

    def data_received(self, data: bytes) -> None:
        self.recorder.add("bytes", "client", data)
        if self.too_much():
            return
        if len(self.first) < 6:
            self.first += data[:6]
        if self.tls:
            self.tls.feed(data)
            self.go_on()
        else:
            self.to_service(data)

    def to_service(self, data: bytes) -> None:
        # A ClientHello is no command line. What a mail server answers to one hangs on the newlines that
        # chance to be in it, so the lab answers nothing: the greeting is all that the visitor gets.
        deaf = not self.tls and is_client_hello(self.first) and self.service and not self.service.answers_tls
        if not self.service:
            self.early = (self.early + data)[:1000]
        elif not self.closing and not deaf:
            self.service.data_received(data)

    def eof_received(self) -> bool:
        self.recorder.add("closed", "client")
        if self.handshaking:
            self.tls.feed(b"")
            self.go_on()
        elif self.service:
            self.service.eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.recorder.add("reset" if exc else "closed", "client" if exc else "server")
        self.loop.visits.discard(self.raw)
        if self.service:
            self.service.connection_lost(exc)
        with self.plan.lock:
            self.recorder.end = time.monotonic()
            self.plan.visits.room()
            self.plan.lock.notify_all()
        tell(self.plan.listener, self)

    def too_much(self) -> bool:
        """Whether it is to hear no more: a visitor who sends or is told more than may be is reset."""
        if not self.raw.is_closing():
            with self.plan.lock:
                why = self.plan.visits.too_much(self)
            if why:
                self.recorder.add("reset", note=f"by the server: {why}")
                self.abort()
        return self.raw.is_closing()

    def pause_writing(self) -> None:
        """The visitor does not read what it is told: it is not read either."""
        (getattr(self.service, "pause_writing", None) or self.raw.pause_reading)()

    def resume_writing(self) -> None:
        """It does again."""
        (getattr(self.service, "resume_writing", None) or self.raw.resume_reading)()

    # --- TLS ---

    def start_tls(self, context: ssl.SSLContext) -> None:
        """From now on TLS: the visitor's ClientHello is due."""
        self.tls, self.handshaking = Tls(context, self.recorder, server_side=True), True

    def go_on(self) -> None:
        """Let OpenSSL work on what has come, and pass on what it finds."""
        try:
            if self.handshaking:
                if not self.tls.handshake():
                    if self.recorder.waiting_for == "client-hello" and self.tls.outgoing.pending:
                        self.recorder.wait_for("client-finished")
                    return self.flush()
                self.handshaking, self.info = False, self.tls.info()
                if self.info.version == "TLSv1.3":  # what OpenSSL has to send now are tickets, after its Finished
                    self.recorder.count_handshake()
                self.flush()
                self.recorder.count_handshake()
                if self.service is None:
                    self.start_service()
                else:
                    self.recorder.wait_for("command")
            while data := self.tls.read():
                self.recorder.add("inside", "client", data)
                self.to_service(data)
            self.flush()
            if data == b"" and self.service:
                self.service.eof_received()
        except ssl.SSLError as exc:
            ended = self.recorder.ended
            if not ended:
                self.recorder.wait_for(None)
            reason = (exc.reason or "error").lower().replace("_", " ")
            self.failure = self.failure or Failure("tls", OPENSSL, reason, str(exc))
            self.flush()
            self.recorder.count_handshake()
            self.end()

    def flush(self) -> None:
        """Send what OpenSSL has to say."""
        if (data := self.tls.pull()) and not self.raw.is_closing():
            self.recorder.add("bytes", data=data)
            self.raw.write(data)

    # --- the transport that a service sees ---

    def write(self, data: bytes) -> None:
        """Send, within TLS if it is on."""
        if self.too_much():
            return
        if self.tls:
            self.recorder.add("inside", data=bytes(data))
            self.tls.object.write(data)
            self.flush()
        else:
            self.recorder.add("bytes", data=bytes(data))
            self.raw.write(data)

    def close(self) -> None:
        """The service has finished."""
        if not self.closing and not self.raw.is_closing():
            self.recorder.wait_for(None)
            self.end()

    def end(self) -> None:
        """Close from this side, with close_notify if TLS is on."""
        if self.closing or self.raw.is_closing():
            return
        self.closing = True
        if self.tls and not self.handshaking:
            with contextlib.suppress(ssl.SSLError):
                self.tls.object.unwrap()
            self.flush()
        self.recorder.add("closed")
        self.raw.close()

    def abort(self) -> None:
        """Reset the connection."""
        self.raw.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.raw.abort()

    def is_closing(self) -> bool:
        """As a transport says it."""
        return self.raw.is_closing()

    def get_extra_info(self, name: str, default: object = None) -> object:
        """As a transport says it."""
        return self.raw.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Back-pressure, as a transport has it."""
        self.raw.pause_reading()

    def resume_reading(self) -> None:
        """Back-pressure, as a transport has it."""
        self.raw.resume_reading()

    # --- what it was ---

    def trace(self) -> Trace:
        """The server's side of this visit, so far."""
        said = observe(self.recorder.events)
        verbs = {step.verb for step in said.steps}
        mode = None
        if said.tls_after == "connect":
            mode = Mode.IMPLICIT
        elif "STARTTLS" in verbs:
            mode = Mode.STARTTLS
        elif verbs & {"EHLO", "HELO"}:
            mode = Mode.PLAIN
        host, port = self.get_extra_info("sockname", ("", 0))[:2]
        return self.recorder.trace(mode=mode, address=(host, port), tls=self.info, failure=self.failure)
