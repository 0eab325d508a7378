"""One client's way through a relay: bytes pass unchanged, and what they show is told as it stands.

Two threads carry the two directions with blocking sends, so whoever does not read holds back whoever sends.
An end on one side is carried over as an end, a reset as a reset. What it can know of them is in `between`.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from ..address import name_address
from ..between import NOT_REACHED, failure, is_conclusive, waits
from ..conversation import parse_conversation
from ..events import Connection, Failure, What, Who
from ..trace import Trace
from .bounded_recorder import BoundedRecorder
from .connect import Failed, connect, own_address
from .recorder import Recorder
from .server_connection import tell
from .tls import CHUNK_BYTES

HANG_S = 1.0  # a silence as long as this is told, with who waits for what


class RelayedConnection:
    """One client's way to `upstream`, from its connection to both ends. `recorder` has what passed so far.

    `client` is the client's own address and `onward` the two of the way on, as "HOST:PORT"; `ended` is an event.
    """

    def __init__(self, sock: socket.socket, peer: tuple[str, int], upstream: tuple[str, int], connect_timeout_s: float,
                 listener: Callable[[RelayedConnection], object] | None) -> None:
        self.upstream, self.connect_timeout_s, self.listener = upstream, connect_timeout_s, listener
        self.client, self.onward = name_address(peer), ("", "")
        self.recorder = BoundedRecorder(listener and (lambda _: self._tell()))
        self.sockets, self.ended = {Who.CLIENT: sock}, threading.Event()
        self.reached = self.stopped = False  # stopped: by the relay's end
        self.broken: Who | None = None  # whose reset ends it
        self.failed: Failure | None = None  # to reach the server
        self._reaching = Recorder(Who.CLIENT)  # the way to the server is no part of what passed
        self._told_s: float | None = None  # of which silence it has been told
        self._trace: Trace | None = None
        self.thread = threading.Thread(target=self._run, daemon=True, name="smtplab-relay")

    def start(self, why_not: str = "") -> None:
        """Begin to carry; the client is reset if `why_not` says something, or if there can be no more threads."""
        self.recorder.add(What.CONNECTED, note=str(Connection(self.client, own_address(self.sockets[Who.CLIENT]))))
        try:
            if why_not:
                raise RuntimeError(why_not)
            self.thread.start()
        except RuntimeError as exc:
            self.broken = Who.SERVER
            self.recorder.add(What.RESET, Who.SERVER, note=f"by the relay: {exc}")
            self.close()

    def stop(self) -> None:
        """End both sides now."""
        self.stopped = True
        self._reaching.stop()
        for sock in list(self.sockets.values()):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    # --- carrying ---

    def _run(self) -> None:
        try:
            self._reach()
            back = threading.Thread(target=self._carry, args=(Who.SERVER,), daemon=True, name="smtplab-relay")
            back.start()
            self._carry(Who.CLIENT)
            back.join()
        except Failed as failed:
            self.failed, self.broken = failed.failure, Who.SERVER
            if not self.stopped:
                host, port = self.upstream
                self.recorder.add(What.RESET, Who.SERVER, note=f"by the relay: no connection to {host} port {port}: "
                                                               f"{failed.failure.message}")
        except RuntimeError as exc:  # no more threads
            self.broken = Who.SERVER
            self.recorder.add(What.RESET, Who.SERVER, note=f"by the relay: {exc}")
        finally:
            self.close()

    def _reach(self) -> None:
        """Connect to the server. Raises Failed."""
        own = own_address(self.sockets[Who.CLIENT])
        server = connect(self.upstream, self._reaching, time.monotonic() + self.connect_timeout_s,
                         loops=lambda where: _same_place(own) == _same_place(where))
        self.sockets[Who.SERVER] = server
        if self.stopped:
            raise Failed(Failure("connect", "smtplab", "stopped", "stopped"))
        self.reached = True
        with contextlib.suppress(OSError):  # one of them may be gone again, which is carried over
            self.onward = own_address(server), name_address(server.getpeername())
        for sock in self.sockets.values():
            with contextlib.suppress(OSError):
                sock.settimeout(None)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.recorder.last_s = time.monotonic()
        if self._reaching.was_reset:
            raise Failed(Failure("greeting", "socket", "reset", "the server reset the connection"))

    def _carry(self, who: Who) -> None:
        """Carry what `who` sends until it ends, or until there is nobody to take it."""
        source, target, other = self.sockets[who], self.sockets[who.other], who.other
        try:
            while data := source.recv(CHUNK_BYTES):
                self.recorder.add(What.BYTES, who, data)
                try:
                    target.sendall(data)
                except OSError:  # its reset is carried over once all that it had said has been
                    self.broken = self.broken or other
                    return
        except OSError:
            if not self.stopped:
                self.recorder.add(What.RESET, who)
            self.broken = self.broken or who
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RD)  # wakes who carries the other way, and tells the target nothing
            return
        if not (self.stopped or self.broken):
            self.recorder.add(What.CLOSED, who)
        with contextlib.suppress(OSError):
            if not self.broken:
                target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close both sides, with a reset if one of them was reset; the trace is whole then."""
        if self.broken and not self.stopped:
            self.recorder.add(What.RESET, self.broken)  # unless its end has been told
        for sock in list(self.sockets.values()):
            with contextlib.suppress(OSError):
                if self.broken:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
        self.recorder.finish()
        self.ended.set()
        self._tell()

    def _tell(self) -> None:
        tell(self.listener, self)

    # --- what it shows ---

    def look(self) -> None:
        """If nothing has passed for a while: note who waits for what, once."""
        recorder = self.recorder
        if self.ended.is_set() or recorder.last_s == self._told_s or time.monotonic() - recorder.last_s < HANG_S:
            return
        self._told_s = recorder.last_s
        for who, what in waits(parse_conversation(recorder.whole()), self.reached, recorder.last_who).items():
            recorder.add(What.WAITING, who, note=what)

    def trace(self) -> Trace:
        """What passed so far, with the count that s_client would print."""
        if self._trace is None:
            over = self.recorder.end is not None
            trace = self._make(over)
            if not over:
                return trace
            self._trace = trace
        return self._trace

    def _make(self, over: bool) -> Trace:
        recorder, over = self.recorder, over and not self.stopped
        with recorder.lock:
            said = parse_conversation(recorder.whole())
            counted = said.s_client_read, said.s_client_written
            if any(recorder.lost.values()) and not (said.finished or said.not_tls):
                counted = recorder.received, recorder.sent
            recorder.counted = counted
            failed = self.failed or (failure(said, over) if self.reached else NOT_REACHED)
            who_waits = waits(said, self.reached, recorder.last_who)
            recorder.waiting_for = who_waits.get(Who.CLIENT) if failed and not self.failed else None
            trace = recorder.trace(mode=said.mode, address=self.upstream, failure=failed)
        return trace if trace.certain and is_conclusive(said, failed, over) else replace(trace, certain=False)


_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # where a client gets that connects to no address


def _same_place(address: str) -> tuple[str, str]:
    """Host and port as where a client gets: no IPv4 address in IPv6 form, and this machine for no address."""
    host, _, port = address.rpartition(":")
    host = _THIS_MACHINE.get(host.strip("[]"), host.strip("[]"))
    with contextlib.suppress(ValueError):
        found = ipaddress.ip_address(host.partition("%")[0])
        mapped = getattr(found, "ipv4_mapped", None)
        host = _THIS_MACHINE.get(str(mapped), str(mapped)) if mapped else str(found)
    return host, port
