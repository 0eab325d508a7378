"""A recorder between one client and one server: bytes pass unchanged, and are noted as they pass.

Used to hold our counters against real programs. Two threads a connection carry the two directions;
an end or a reset on one side is carried over to the other.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

from ..conversation import Conversation, observe
from ..diagnosis import STAGE_OF_VERB, reply_failure
from ..trace import Failure, Mode, Trace
from .connect import name_address
from .recorder import Recorder
from .server import listening
from .tls import CHUNK_BYTES

CONNECT_S = 5.0


class Relay:
    """Listens on loopback and carries every connection to `upstream` (host, port)."""

    def __init__(self, upstream: tuple[str, int], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.upstream, self._sock = upstream, listening(host, port, None)
        self.address: tuple[str, int] = self._sock.getsockname()[:2]
        self._conversations: list[_Conversation] = []
        self._arrived = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True, name="smtplab-relay")
        self._thread.start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_exc) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and end every connection. Twice is once."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes the accept
        self._sock.close()
        for conversation in self._conversations:
            conversation.end()
        self._thread.join(timeout=1)

    def trace(self, timeout_s: float = 1.0) -> Trace | None:
        """The newest conversation, once it has ended or `timeout_s` has passed; None if there is none."""
        if not self._arrived.wait(timeout_s):
            return None
        self._conversations[-1].ended.wait(timeout_s)
        return self._conversations[-1].trace()

    def _accept(self) -> None:
        while True:
            try:
                client, peer = self._sock.accept()
            except OSError:
                return
            self._conversations.append(_Conversation(client, peer, self.upstream))
            self._arrived.set()
            self._conversations[-1].start()


class _Conversation:
    def __init__(self, client: socket.socket, peer: tuple, upstream: tuple[str, int]) -> None:
        self.upstream, self.recorder, self.ended = upstream, Recorder("client"), threading.Event()
        self.lock, self.open = threading.Lock(), 2
        self.recorder.add("connected", note=f"{name_address(peer)} > {name_address(client.getsockname())}")
        self.sockets = {"client": client}

    def start(self) -> None:
        """Connect to the server, and carry until both have ended."""
        try:
            self.sockets["server"] = socket.create_connection(self.upstream, CONNECT_S)
            for sock in self.sockets.values():
                sock.settimeout(None)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:  # there is no server, or no client any more
            self.note("reset", "server")
            self.end()
            return
        for who in self.sockets:
            threading.Thread(target=self.carry, args=(who,), daemon=True, name="smtplab-relay").start()

    def carry(self, who: str) -> None:
        """Carry what `who` sends until it ends."""
        source, target = self.sockets[who], self.sockets["server" if who == "client" else "client"]
        try:
            while data := source.recv(CHUNK_BYTES):
                with self.lock:
                    self.recorder.add("bytes", who, data)
                with contextlib.suppress(OSError):  # the other side is gone; what this one says still counts
                    target.sendall(data)
            self.note("closed", who)
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)
        except OSError:
            self.note("reset", who)
            with contextlib.suppress(OSError):
                target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                target.shutdown(socket.SHUT_RDWR)
        with self.lock:
            self.open -= 1
            if not self.open:
                self.end()

    def note(self, what: str, who: str) -> None:
        with self.lock:
            self.recorder.add(what, who)

    def end(self) -> None:
        """Close both sides."""
        for sock in list(self.sockets.values()):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self.recorder.end = self.recorder.end or time.monotonic()
        self.ended.set()

    def trace(self) -> Trace:
        """What passed, with s_client's count made from these bytes alone."""
        said = observe(self.recorder.events)
        self.recorder.counted = said.bytes_read, said.bytes_written
        verbs = {step.verb for step in said.steps}
        mode = (Mode.IMPLICIT if said.tls_after == "connect" else Mode.STARTTLS if "STARTTLS" in verbs
                else Mode.PLAIN if verbs else None)
        return self.recorder.trace(mode=mode, address=self.upstream, failure=_failure(said))


def _failure(said: Conversation) -> Failure | None:
    """Where the conversation failed, as far as bytes in between show it."""
    refused = [s for s in said.steps if s.verb in STAGE_OF_VERB and s.reply and s.reply.reply_code >= 400]
    if said.tls_after and not said.finished:
        return Failure("tls", "recorder", "unfinished", "the TLS handshake did not come to its end")
    if not said.tls_after and said.greeting is None:
        return Failure("greeting", "recorder", "unfinished", "no greeting came")
    return reply_failure(STAGE_OF_VERB[refused[-1].verb], refused[-1].reply) if refused else None
