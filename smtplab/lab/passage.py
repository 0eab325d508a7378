"""One client's way through a relay: bytes pass unchanged, and what they show is told as it stands.

Two threads carry the two directions with blocking sends, so whoever does not read holds back whoever sends.
An end on one side is carried over as an end, a reset as a reset. What a recorder between can know, and what
it can't, is in `failure` and `waits`: pure functions of the conversation.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from ..conversation import Conversation, observe
from ..diagnosis import STAGE_OF_VERB, reply_failure, settled, unmended
from ..records import HEADER_BYTES, is_tls
from ..smtp import offers
from ..trace import Failure, Mode, Trace
from ..verdict import judge
from .connect import Failed, connect, name_address, own_address
from .excerpt import Excerpt
from .recorder import Recorder
from .tls import CHUNK_BYTES
from .visit import tell

HANG_S = 1.0  # a silence as long as this is told, with who waits for what
OTHER = {"client": "server", "server": "client"}


class Passage:
    """One client's way to `upstream`, from its connection to both ends. `recorder` has what passed so far.

    `client` is the client's own address and `onward` the two of the way on, as "HOST:PORT"; `ended` is an event.
    """

    def __init__(self, sock: socket.socket, peer: tuple, upstream: tuple[str, int], connect_timeout_s: float,
                 listener: Callable[[Passage], None] | None) -> None:
        self.upstream, self.connect_timeout_s, self.listener = upstream, connect_timeout_s, listener
        self.client, self.onward = name_address(peer), ("", "")
        self.recorder = Excerpt(listener and (lambda _: self._tell()))
        self.sockets, self.ended = {"client": sock}, threading.Event()
        self.reached = self.stopped = False  # stopped: by the relay's end
        self.broken = ""  # whose reset ends it
        self.failed: Failure | None = None  # to reach the server
        self._reaching = Recorder("client")  # the way to the server is no part of what passed
        self._told_s: float | None = None  # of which silence it has been told
        self._trace: Trace | None = None
        self.thread = threading.Thread(target=self._run, daemon=True, name="smtplab-relay")

    def start(self, why_not: str = "") -> None:
        """Begin to carry; the client is reset if `why_not` says something, or if there can be no more threads."""
        self.recorder.add("connected", note=f"{self.client} > {own_address(self.sockets['client'])}")
        try:
            if why_not:
                raise RuntimeError(why_not)
            self.thread.start()
        except RuntimeError as exc:
            self.broken = "server"
            self.recorder.add("reset", "server", note=f"by the relay: {exc}")
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
            back = threading.Thread(target=self._carry, args=("server",), daemon=True, name="smtplab-relay")
            back.start()
            self._carry("client")
            back.join()
        except Failed as failed:
            self.failed, self.broken = failed.failure, "server"
            if not self.stopped:
                self.recorder.add("reset", "server", note=f"by the relay: no connection to {self.upstream[0]} port "
                                                          f"{self.upstream[1]}: {failed.failure.message}")
        except RuntimeError as exc:  # no more threads
            self.broken = "server"
            self.recorder.add("reset", "server", note=f"by the relay: {exc}")
        finally:
            self.close()

    def _reach(self) -> None:
        """Connect to the server. Raises Failed."""
        server = connect(self.upstream, self._reaching, time.monotonic() + self.connect_timeout_s,
                         never=own_address(self.sockets["client"]))
        self.sockets["server"] = server
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

    def _carry(self, who: str) -> None:
        """Carry what `who` sends until it ends, or until there is nobody to take it."""
        source, target, other = self.sockets[who], self.sockets[OTHER[who]], OTHER[who]
        try:
            while data := source.recv(CHUNK_BYTES):
                self.recorder.add("bytes", who, data)
                try:
                    target.sendall(data)
                except OSError:  # its reset is carried over once all that it had said has been
                    self.broken = self.broken or other
                    return
        except OSError:
            if not self.stopped:
                self.recorder.add("reset", who)
            self.broken = self.broken or who
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RD)  # wakes who carries the other way, and tells the target nothing
            return
        if not (self.stopped or self.broken):
            self.recorder.add("closed", who)
        with contextlib.suppress(OSError):
            if not self.broken:
                target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close both sides, with a reset if one of them was reset; the trace is whole then."""
        if self.broken and not self.stopped:
            self.recorder.add("reset", self.broken)  # unless its end has been told
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
        for who, what in waits(observe(recorder.whole()), self.reached, recorder.last_who).items():
            recorder.add("waiting", who, note=what)

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
            said = observe(recorder.whole())
            counted = said.bytes_read, said.bytes_written
            if any(recorder.lost.values()) and not (said.finished or said.not_tls):
                counted = recorder.received, recorder.sent
            recorder.counted = counted
            failed = self.failed or (failure(said, over) if self.reached else NOT_REACHED)
            who_waits = waits(said, self.reached, recorder.last_who)
            recorder.waiting_for = who_waits.get("client") if failed and not self.failed else None
            trace = recorder.trace(mode=mode(said), address=self.upstream, failure=failed)
        return trace if trace.certain and sure(said, failed, over) else replace(trace, certain=False)


NOT_REACHED = Failure("connect", "relay", "timeout", "the server has not answered yet")


def mode(said: Conversation) -> Mode | None:
    """What the client does, as far as it has shown."""
    verbs = {step.verb for step in said.steps}
    if said.tls_after == "connect":
        return Mode.IMPLICIT
    return Mode.STARTTLS if "STARTTLS" in verbs else Mode.PLAIN if verbs else None


def waits(said: Conversation, reached: bool, last: str) -> dict[str, str]:
    """Who waits for what, if nothing passes; `last` is whose bytes were the last to pass."""
    if not reached:
        return {"client": "connection"}
    if said.finished:
        return {}  # what they say is theirs
    if said.tls_after:
        if not is_tls(said.answer) and len(said.answer) >= HEADER_BYTES:
            return {}  # the client has what it takes to give up
        if not said.answer or last == "client":
            return {"client": "server-finished" if "server" in said.hello else "server-hello"}
        return {"server": "client-finished"} if "server" in said.hello else {"client": "server-hello"}
    if said.greeting is None:
        silent = not (said.first["server"] or said.first["client"])
        return {"client": "greeting", **({"server": "client-hello, if the port is for implicit TLS"} if silent else {})}
    asked = said.steps and said.steps[-1].reply is None
    if asked and last == "client":
        return {"client": "reply"}
    return {"server": "more of it" if asked else "command"}  # a login's next line, or a mail


def failure(said: Conversation, over: bool) -> Failure | None:
    """Where the conversation failed, as far as bytes in between show it; `over`: nothing more will come."""
    if said.finished:
        return None
    if said.tls_after:
        verdict = judge(said.answer).verdict if said.answer and not is_tls(said.answer) else ""
        if verdict not in ("", "wait", "accept"):
            return Failure("tls", "OpenSSL", verdict, f"what OpenSSL says to these bytes: {verdict}")
        return Failure("tls", "relay", "unfinished", "the TLS handshake did not come to its end")
    if said.greeting is None:
        return Failure("greeting", "relay", "unfinished", "no greeting came")
    if said.greeting.reply_code >= 400:
        return reply_failure("greeting", said.greeting)
    if said.not_smtp:
        return Failure("ehlo", "relay", "not-smtp", "what the server sent is no reply")
    return unmended(said) or _left(said, over)


def _left(said: Conversation, over: bool) -> Failure | None:
    """What a client that was refused nothing left undone."""
    if not said.steps:
        return Failure("ehlo", "relay", "no-command", "the client has sent no command")
    last = said.steps[-1]
    if last.reply is None and last.verb != "QUIT":
        return Failure(STAGE_OF_VERB.get(last.verb, "mail"), "relay", "no-reply", f"no reply to {last.verb} came")
    if over and [step.verb for step in said.steps] == ["EHLO"] and not offers(said.keywords, "STARTTLS"):
        return Failure("starttls", "relay", "not-offered", "the client left after an EHLO reply without STARTTLS")
    return None


def sure(said: Conversation, failed: Failure | None, over: bool) -> bool:
    """Whether what was seen can be trusted to be all: not while it goes on well, nor inside TLS."""
    if failed is NOT_REACHED or (failed and failed.reason == "not-offered"):
        return False
    return settled(said, failed) and (failed is not None or (over and not said.finished))
