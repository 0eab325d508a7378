"""`relay`: a recorder between any number of clients and one server.

A `Relay` is a listening socket and a thread that takes its clients in, and looks now and then for those where
nothing passes. What becomes of each is its `RelayedConnection`. Nothing is ever connected but the one server.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from .. import limits
from ..address import Place, Target, name_address
from ..trace import Trace
from .relayed_connection import RelayedConnection
from .server import listening
from .shelf import Shelf

BACKLOG = 1024
LOOK_S = 0.25


def relay(upstream: Place, *, host: str = "127.0.0.1", port: int = 0,
          connect_timeout_s: float = 30.0, listener: Callable[[RelayedConnection], object] | None = None) -> Relay:
    """Record what passes between clients and a server; use it in a `with` block, or call `close()`.

    `upstream` is (host, port), "HOST:PORT" or a lab server, and the only place that is connected to; its name is
    looked up anew for each client. Clients are pointed at the relay's `address`. `port` 0 lets the kernel choose.
    Bytes pass unchanged both ways, ends and resets too. A client whose server can't be reached within
    `connect_timeout_s` is reset. `listener` gets the passage after each of its events, in a thread that
    carries it: it must not dawdle.

    Raises ValueError for an unusable address, OSError if it can't listen there.
    """
    if connect_timeout_s <= 0:
        raise ValueError(f"connect_timeout_s is {connect_timeout_s}; it must be over 0")
    return Relay(Target.of(upstream).address, listening(host, port, None), connect_timeout_s, listener)


class Relay:
    """A running relay: `address` (host, port) is where it listens, `upstream` where it leads. `relay` makes it.

    TLS is not ended here: of what is encrypted a trace holds the record headers. `relay` makes one, and says what it
    takes; both raise ValueError for an unusable address, OSError if it can't listen there.
    """

    def __init__(self, upstream: tuple[str, int], sock: socket.socket, connect_timeout_s: float,
                 listener: Callable[[RelayedConnection], object] | None) -> None:
        self.upstream, self._sock = upstream, sock
        self._connect_timeout_s, self._listener = connect_timeout_s, listener
        self._sock.listen(BACKLOG)
        self._sock.settimeout(LOOK_S)
        self.address: tuple[str, int] = self._sock.getsockname()[:2]
        self._passages: Shelf[RelayedConnection] = Shelf()
        self._here: set[RelayedConnection] = set()  # those that have not ended
        self._news, self._over = threading.Condition(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="smtplab-relay")
        self._thread.start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<smtplab relay from {name_address(self.address)} to {name_address(self.upstream)}>"

    def close(self) -> None:
        """Stop listening and end every conversation, within a second. Twice is once."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes the accept, where the system does so
        self._thread.join(timeout=1)
        self._sock.close()
        with self._news:
            here = list(self._here)
        for passage in here:
            passage.stop()
        deadline = time.monotonic() + 1
        for passage in here:
            if passage.thread.is_alive() and passage.thread is not threading.current_thread():
                passage.thread.join(max(0, deadline - time.monotonic()))

    def traces(self) -> list[Trace]:
        """Every conversation so far, in the order the clients came; of the last `limits.KEPT` at most."""
        with self._news:
            passages = list(self._passages)
        return [passage.trace() for passage in passages]

    def trace(self, of: Trace | None = None, timeout_s: float = 1.0) -> Trace | None:
        """The newest conversation, or the one that `of`, a client's or a server's trace, saw; once it has ended or
        `timeout_s` has passed. None if there is none."""
        end = None if of is None else of.sockets and of.sockets[0]
        deadline = time.monotonic() + timeout_s

        def found() -> RelayedConnection | None:
            return next((p for p in reversed(self._passages) if of is None or end in (p.client, p.onward[0])), None)

        with self._news:
            if not self._news.wait_for(found, 0 if of and not end else timeout_s):
                return None
            passage = found()
        if passage is None:
            return None
        passage.ended.wait(max(0, deadline - time.monotonic()))
        return passage.trace()

    # --- in the relay's thread ---

    def _run(self) -> None:
        look_s = time.monotonic() + LOOK_S
        while not self._over.is_set():
            try:
                self._take_in(*self._sock.accept())
            except TimeoutError:
                pass
            except OSError:  # gone again, or too many are open: those that are here go on
                self._over.wait(LOOK_S / 10)
            if time.monotonic() >= look_s:
                look_s = time.monotonic() + LOOK_S
                self._look()

    def _take_in(self, client: socket.socket, peer: tuple[str, int]) -> None:
        passage = RelayedConnection(client, peer, self.upstream, self._connect_timeout_s, self._listener)
        with self._news:
            self._passages.add(passage)
            self._passages.room()
            self._here.add(passage)
            self._news.notify_all()
            if len(self._here) > limits.PASSAGES:  # those that have ended are still among them until the next look
                self._here = {passage, *(other for other in self._here if other.thread.is_alive())}
            full = len(self._here) > limits.PASSAGES
        passage.start(f"{limits.PASSAGES} conversations go on already" if full else "")

    def _look(self) -> None:
        with self._news:
            self._here = {passage for passage in self._here if passage.thread.is_alive()}
            here = list(self._here)
        for passage in here:
            passage.look()
