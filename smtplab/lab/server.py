"""`serve`: mail servers on loopback, right ones and one for each way to be wrong.

A `Server` is a thread with an asyncio loop and one listening socket. Each visitor gets a `ServerConnection`,
which records the raw bytes, runs `Tls` where the kind has it, and hands plaintext to what answers:
`aiosmtpd`, or one of the small services in `services`. Nothing is ever passed on.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..address import name_address
from ..events import Mode
from ..trace import Trace
from .certificates import FAULTS, AuthorityFile, server_context
from .keylog import KeyLog
from .options import HOSTNAME, Options
from .server_connection import Kind, Plan, ServerConnection
from .tls import key_log_of

if TYPE_CHECKING:
    import asyncio

    from ..literals import KindName, ModeName

_HOSTNAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*",
                       re.IGNORECASE | re.ASCII)
KINDS: dict[KindName, Kind] = {
    "plain": Kind(),
    "starttls": Kind(tls="starttls"),
    "implicit": Kind(tls="implicit"),
    "http": Kind(service="http"),
    "https": Kind(service="http", tls="implicit"),
    "silent": Kind(service="silent"),
    "refused": Kind(at_connect="refused"),
    "filtered": Kind(at_connect="filtered"),
    "closes": Kind(service="closes"),
    "resets": Kind(service="resets"),
    "closes-late": Kind(service="closes", waits_s=2.0),
    "greets-late": Kind(tls="starttls", waits_s=2.0),
    "implicit-gives-up": Kind(tls="implicit", waits_s=2.0),
    "starttls-stripped": Kind(options=Options(auth_in_clear=True)),
    "starttls-refused": Kind(tls="starttls", options=Options(starttls_reply="454 4.7.0 TLS not available")),
    "starttls-required": Kind(tls="starttls", options=Options(starttls_required=True)),
    "auth-required": Kind(tls="starttls", options=Options(auth_required=True)),
    "starttls-masked": Kind(options=Options(auth_in_clear=True, ehlo_lines=("250-XXXXXXXA",))),
    "starttls-stalls": Kind(tls="starttls", records=0),
    "implicit-stalls": Kind(tls="implicit", records=1),
    "intercepted": Kind(service="passage", tls="implicit", certificate="intercepted", has_twin=True),
    "not-smtp": Kind(service="imap"),
    **cast("dict[KindName, Kind]", {fault: Kind(tls="implicit", certificate=fault, has_twin=True) for fault in FAULTS}),
    "old-tls": Kind(tls="implicit", tls_version="old", has_twin=True),
}


def serve(kind: KindName, *, host: str = "127.0.0.1", port: int = 0, starttls: bool = False,
          mode: Mode | ModeName | None = None, delay_s: float | None = None, tls_version: str | None = None,
          mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN"), auth_reply: str | None = None,
          hostname: str | None = None, listener: Callable[[ServerConnection], object] | None = None) -> Server:
    """Start a lab server; use it in a `with` block, or call `close()`.

    `kind` is one of `KINDS`; the certificate kinds and old-tls are implicit, with `starttls`, or for a client in a
    `mode` that begins with it, their twins. `port` 0 lets the kernel choose. `delay_s` is how long greets-late and
    closes-late wait and implicit-gives-up bears silence (2 s). `tls_version` "1.2" or "1.3" allows only that.
    `mechanisms` may add CRAM-MD5, for which this server holds the plaintext password.
    `auth_reply` is what a wrong login hears in place of the usual 535; lines end in CR LF.
    `hostname` is a name in place of mail.example.com: in the greeting and the EHLO reply, at the end of each
    refusal, and in the certificate, where wrong-name then has it alone.
    `listener` gets the `ServerConnection` after each of its events, in the server's thread.
    Options that a kind has no use for are ignored.

    Raises ValueError for an unknown kind, mode, version or an unusable hostname, OSError if it can't listen there.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of server {kind!r}; the kinds are {', '.join(KINDS)}")
    row = KINDS[kind]
    wants_starttls = mode is not None and Mode.of(mode).startswith("starttls")
    if starttls and not row.has_twin:
        raise ValueError(f"starttls makes a twin of the certificate kinds and old-tls, not of {kind}")
    if not 0 <= port < 65536:
        raise ValueError(f"no port {port}; ports are 0, for any, to 65535")
    if hostname is not None and not _HOSTNAME.fullmatch(hostname):
        raise ValueError(f"no host name {hostname!r}; it is labels of letters, digits and hyphens")
    tls = "starttls" if starttls or (wants_starttls and row.has_twin) else row.tls
    context = pem = None
    if row.certificate:
        from .bad_certificates import bad_certificate  # the few kinds that want one
        pem = bad_certificate(row.certificate, hostname)
    if tls:
        context = server_context(pem, tls_version=row.tls_version or tls_version, hostname=hostname,
                                 host=host)
    behind = None
    if tls and row.service == "passage":  # a middlebox; what the visitor is told comes from the server behind it
        behind = serve(cast("KindName", tls), mechanisms=mechanisms, auth_reply=auth_reply, hostname=hostname)
    options = replace(row.options, starttls_context=context if tls == "starttls" else None,
                      auth=tls is not None or row.options.auth_in_clear, mechanisms=mechanisms, auth_reply=auth_reply,
                      hostname=hostname or HOSTNAME, behind=behind.address if behind else None)
    plan = Plan(row, context if tls == "implicit" else None, options,
                row.waits_s if delay_s is None or not row.waits_s else delay_s, listener)
    return Server(kind, listening(host, port, row.at_connect), plan, key_log_of(context), behind)


class Server:
    """A running lab server: `kind`, `address` (host, port), how `tls` begins, and `ca_file` until it is closed.

    `ca_file` is the lab authority's certificate; it vouches neither for self-signed nor for unknown-ca and intercepted.
    `behind` is the server that intercepted passes all on to. `serve` makes it.
    """

    def __init__(self, kind: KindName, sock: socket.socket, plan: Plan, key_log: KeyLog | None,
                 behind: Server | None = None) -> None:
        self.kind, self._visits, self._lock, self.behind = kind, plan.visits, plan.lock, behind
        self.address: tuple[str, int] = sock.getsockname()[:2]
        self.tls: str | None = "implicit" if plan.context else "starttls" if plan.options.starttls_context else None
        self.ca_file: str | None = AuthorityFile.hold()
        loop = thread = None
        fillers: list[socket.socket] = []
        if plan.kind.at_connect == "filtered":
            from .backlog import fill  # the one kind that wants it
            fillers = fill(sock)
        if not plan.kind.at_connect:
            import asyncio  # here, as a client alone has no use for it
            loop, ready = asyncio.new_event_loop(), threading.Event()
            thread = threading.Thread(target=_run, args=(loop, sock, plan, ready), daemon=True, name="smtplab-server")
            thread.start()
            ready.wait()
        self._close = weakref.finalize(self, _stop, loop, thread, plan.transports,
                                       [sock, *fillers, *(one for one in (key_log, behind) if one)])

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<smtplab {self.kind} server on {name_address(self.address)}>"

    def close(self) -> None:
        """Stop listening, end every connection, free the port. Twice is once."""
        self._close()
        self.ca_file = None

    def traces(self) -> list[Trace]:
        """The server's side of every connection so far, in the order they came; of the last `limits.KEPT` at most."""
        with self._lock:
            visits = list(self._visits)
        return [visit.trace() for visit in visits]

    def trace(self, of: Trace | None = None) -> Trace | None:
        """The server's side of the connection that `of` saw, or without `of` of the last one, once it has ended or a
        second has passed. None if there is none."""
        with self._lock:
            last = next((visit.client for visit in reversed(self._visits)), None)
            client = (of.sockets or (None,))[0] if of else last
            if client:
                self._lock.wait_for(lambda: any(v.recorder.end and v.client == client for v in self._visits), 1)
            found = [visit for visit in self._visits if visit.client == client]
        return found[-1].trace() if found else None


def listening(host: str, port: int, at_connect: str | None) -> socket.socket:
    """A listening socket; at_connect "refused" binds it only, "filtered" leaves it no backlog."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        if at_connect != "refused":  # bound and not listening: the kernel refuses, and nobody takes the port
            sock.listen(0 if at_connect == "filtered" else 128)
    except OSError:
        sock.close()
        raise
    return sock


def _run(loop: asyncio.AbstractEventLoop, sock: socket.socket, plan: Plan, ready: threading.Event) -> None:
    import asyncio
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda *_: None)  # a visitor's odd end is in its trace, not in a log
    def connection() -> asyncio.BaseProtocol:
        return cast(asyncio.BaseProtocol, ServerConnection(plan, loop))  # it is one but for its base class

    loop.run_until_complete(loop.create_server(connection, sock=sock))
    loop.call_soon(ready.set)
    loop.run_forever()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def _stop(loop: asyncio.AbstractEventLoop | None, thread: threading.Thread | None,
          transports: set[asyncio.Transport], held: list[socket.socket | KeyLog | Server]) -> None:
    if loop and thread:
        def end() -> None:
            for transport in list(transports):
                transport.abort()
            loop.call_soon(loop.stop)

        with contextlib.suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(end)
        if thread is not threading.current_thread():  # the garbage collector may be running in it
            thread.join(timeout=1)
    for one in held:
        one.close()
    AuthorityFile.release()
