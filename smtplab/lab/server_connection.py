"""One visitor of a lab server: raw bytes recorded, TLS where due, plaintext for the service.

`ServerConnection` is an asyncio protocol towards the network and a transport towards its service.
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
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from ..address import name_address
from ..conversation import parse_conversation
from ..events import Connection, Failure, TlsInfo, What, Who
from ..records import is_client_hello
from ..trace import Trace
from . import LAB_PASSWORD, LAB_USER
from .options import Options
from .recorder import Recorder
from .shelf import Shelf
from .tls import OPENSSL, Tls

if TYPE_CHECKING:
    import asyncio

Told = TypeVar("Told")


@dataclass(frozen=True)
class Kind:
    """What a kind of server does with a visitor. `service` is "mail" or one of `services.SERVICES`."""

    service: str = "mail"
    tls: str | None = None  # "implicit" or "starttls"
    has_twin: bool = False  # an implicit kind that can be for STARTTLS too
    certificate: str | None = None  # a fault from certificates.FAULTS
    tls_version: str | None = None  # as `certificates.server_context` takes it
    at_connect: str | None = None  # "refused" or "filtered"
    waits_s: float = 0.0  # before the greeting, or the end
    records: int | None = None  # of its answer to a ClientHello that reach the visitor; None: all
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Plan:
    """What all visits of one server share."""

    kind: Kind
    context: ssl.SSLContext | None  # for implicit TLS
    options: Options
    waits_s: float
    listener: Callable[[ServerConnection], object] | None
    visits: Shelf[ServerConnection] = field(default_factory=Shelf)
    lock: threading.Condition = field(default_factory=threading.Condition)
    transports: set[asyncio.Transport] = field(default_factory=set)  # of those who are here; the loop's own


class Service(Protocol):
    """What answers a visitor: an asyncio protocol whose transport is the `ServerConnection`."""

    waits_for: str | None  # at first
    answers_stray_hello: bool  # whether it answers a ClientHello that comes where its own words were due

    def connection_made(self, transport: ServerConnection, /) -> None: ...
    def data_received(self, data: bytes, /) -> None: ...
    def eof_received(self) -> bool | None: ...
    def connection_lost(self, exc: Exception | None, /) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...


def tell(listener: Callable[[Told], object] | None, told: Told) -> None:
    """Call a listener. Exceptions that it raises are reported and ignored."""
    try:
        if listener:
            listener(told)
    except Exception:
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))


class ServerConnection:
    """One visitor, from connection to end; the transport that the service writes to is `ServerConnection` too."""

    def __init__(self, plan: Plan, loop: asyncio.AbstractEventLoop) -> None:
        self.plan, self.loop = plan, loop
        self.recorder = Recorder(Who.SERVER, plan.listener and (lambda _: tell(plan.listener, self)))
        self.recorder.may_show = LAB_USER, LAB_PASSWORD
        self.client = self.server = ""
        self.first = self.early = b""  # what the visitor began with; what came before there was a service
        self.tls: Tls | None = None
        self.info: TlsInfo | None = None
        self.failure: Failure | None = None
        self.service: Service | None = None
        self.handshaking = self.closing = False

    # --- from the network ---

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.raw = transport
        # A service finds these on what it takes for its transport.
        self.is_closing, self.get_extra_info = transport.is_closing, transport.get_extra_info
        self.pause_reading, self.resume_reading = transport.pause_reading, transport.resume_reading
        with contextlib.suppress(OSError):  # it may be gone already
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.plan.transports.add(transport)
        ends = (transport.get_extra_info(name) or ("", 0) for name in ("peername", "sockname"))
        self.client, self.server = (name_address(end) for end in ends)
        self.recorder.add(What.CONNECTED, note=str(Connection(self.client, self.server)))
        with self.plan.lock:
            self.plan.visits.add(self)
        if self.plan.context:
            self.recorder.wait_for("client-hello")
            self.start_tls(self.plan.context)
            if self.plan.waits_s:
                self.loop.call_later(self.plan.waits_s, lambda: None if self.recorder.received else self.end())
        elif self.plan.waits_s:
            self.loop.call_later(self.plan.waits_s, lambda: None if self.raw.is_closing() else self.start_service())
        else:
            self.start_service()

    def start_service(self) -> None:
        """Let the service speak, in clear or within TLS."""
        self.service = service = self._make_service()
        self.recorder.wait_for(service.waits_for)
        service.connection_made(self)
        if self.early:
            self.to_service(self.early)

    def _make_service(self) -> Service:
        if self.plan.kind.service == "mail":
            from .mail import Mail  # here and below: what answers brings aiosmtpd, or is seldom asked for
            return cast(Service, Mail(self, self.plan.options))  # but for what it calls a transport
        from .services import SERVICES
        return SERVICES[self.plan.kind.service](self, self.plan.options)

    def data_received(self, data: bytes) -> None:
        self.recorder.add(What.BYTES, Who.CLIENT, data)
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
        # A ClientHello is no command line. What a mail server answers to one depends on the newlines that
        # happen to be in it, so the lab answers nothing: the greeting is all that the visitor gets.
        deaf = not self.tls and is_client_hello(self.first) and self.service and not self.service.answers_stray_hello
        if not self.service:
            self.early = (self.early + data)[:1000]
        elif not self.closing and not deaf:
            self.service.data_received(data)

    def eof_received(self) -> bool:
        self.recorder.add(What.CLOSED, Who.CLIENT)
        if self.tls and self.handshaking:
            self.tls.feed(b"")
            self.go_on()
        elif self.service:
            self.service.eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.recorder.add(What.RESET if exc else What.CLOSED, Who.CLIENT if exc else Who.SERVER)
        self.plan.transports.discard(self.raw)
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
                self.recorder.add(What.RESET, note=f"by the server: {why}")
                self.abort()
        return self.raw.is_closing()

    def pause_writing(self) -> None:
        """The visitor does not read what it is told: it is not read either."""
        (self.service.pause_writing if self.service else self.raw.pause_reading)()

    def resume_writing(self) -> None:
        """It does again."""
        (self.service.resume_writing if self.service else self.raw.resume_reading)()

    # --- TLS ---

    def start_tls(self, context: ssl.SSLContext) -> None:
        """From now on TLS: the visitor's ClientHello is due."""
        if self.plan.kind.records is None:
            self.tls = Tls(context, self.recorder, server_side=True)
        else:
            from .stalls import StalledTls
            self.tls = StalledTls(context, self.recorder, self.plan.kind.records)
        self.handshaking = True

    def go_on(self) -> None:
        """Let OpenSSL work on what has come, and pass on what it finds."""
        tls = self.tls
        if tls is None:
            return
        try:
            if self.handshaking:
                if not tls.handshake():
                    if self.recorder.waiting_for == "client-hello" and tls.outgoing.pending:
                        self.recorder.wait_for("client-finished")
                    return self.flush()
                self.handshaking, self.info = False, tls.info()
                if self.info.version == "TLSv1.3":  # what OpenSSL has to send now are tickets, after its Finished
                    self.recorder.count_handshake()
                self.flush()
                self.recorder.count_handshake()
                if self.service is None:
                    self.start_service()
                else:
                    self.recorder.wait_for("command")
            while data := tls.read():
                self.recorder.add(What.INSIDE, Who.CLIENT, data)
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
        if self.tls and (data := self.tls.pull()) and not self.raw.is_closing():
            self.recorder.add(What.BYTES, data=data)
            self.raw.write(data)

    # --- the transport that a service sees ---

    def write(self, data: bytes) -> None:
        """Send, within TLS if it is on."""
        if self.too_much():
            return
        if self.tls:
            self.recorder.add(What.INSIDE, data=bytes(data))
            self.tls.object.write(data)
            self.flush()
        else:
            self.recorder.add(What.BYTES, data=bytes(data))
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
        self.recorder.add(What.CLOSED)
        self.raw.close()

    def abort(self) -> None:
        """Reset the connection."""
        self.raw.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.raw.abort()

    # --- what it was ---

    def trace(self) -> Trace:
        """The server's side of this visit, so far."""
        host, port = self.get_extra_info("sockname", ("", 0))[:2]
        mode = parse_conversation(self.recorder.events).mode
        return self.recorder.trace(mode=mode, address=(host, port), tls=self.info, failure=self.failure)
