"""From a host name to a connected socket, every try noted and all of it within a deadline."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ..address import name_address
from ..events import Awaited, Connection, Failure, What, Who
from .recorder import Recorder

SocketAddress = tuple[int, tuple[Any, ...]]  # a family, and an address of it


class Failed(Exception):
    """Ends a dial, and carries the `failure` that its trace will show."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


def connect(address: tuple[str, int], recorder: Recorder, deadline: float,
            loops: Callable[[str], bool] | None = None) -> socket.socket:
    """A socket connected to the first of the name's addresses that answers.

    The addresses share what is left until `deadline` (`time.monotonic()`), so that one that is
    black-holed does not eat it whole. `loops(address)` is True where connecting to that "HOST:PORT" would reach the
    caller itself, without end. Raises Failed, stage "resolve" or "connect".
    """
    found, last = resolve(*address, recorder, deadline), OSError("no address")
    stopped = Failed(Failure("connect", "smtplab", "stopped", "stopped"))
    recorder.wait_for(Awaited.CONNECTION)
    for i, (family, sockaddr) in enumerate(found):
        where = name_address(sockaddr)
        if loops and loops(where):
            raise Failed(Failure("connect", "smtplab", "loop", "that is the relay's own address"))
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as exc:  # a machine without IPv6
            last = exc
            continue
        recorder.wake = partial(sock.shutdown, socket.SHUT_RDWR)
        try:
            if recorder.stopped:
                raise stopped
            sock.settimeout(max(deadline - time.monotonic(), 0.001) / (len(found) - i))
            sock.connect(sockaddr)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as exc:
            if recorder.stopped:
                sock.close()
                raise stopped from None
            if exc.errno != errno.ECONNRESET:
                sock.close()
                last = exc
                refused = exc.errno == errno.ECONNREFUSED
                recorder.add(*((What.RESET, Who.SERVER) if refused else (What.CLOSED, Who.CLIENT)),
                             note=f"{where}: {_words(exc)}")
                continue
            recorder.was_reset = True  # it was connected, and reset before we looked: the kernel says so once
        except BaseException:
            sock.close()
            raise
        recorder.wait_for(None)
        recorder.add(What.CONNECTED, note=str(Connection(own_address(sock), where)))
        return sock
    if not isinstance(last, TimeoutError):
        recorder.wait_for(None)
    raise Failed(Failure("connect", "socket", _symbol(last), _words(last)))


def resolve(host: str, port: int, recorder: Recorder, deadline: float) -> list[SocketAddress]:
    """The (family, sockaddr) of a name, in the resolver's order. Raises Failed, stage "resolve"."""
    def look_up(flags: int = 0) -> list[SocketAddress] | Exception:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
            return list(dict.fromkeys((int(family), sockaddr) for family, _, _, _, sockaddr in found))
        except (OSError, ValueError) as exc:  # ValueError: not encodable, or holding a NUL
            return exc

    if isinstance(numeric := look_up(socket.AI_NUMERICHOST), list):
        return numeric
    import queue  # here, as an address needs none of it
    answers: queue.SimpleQueue[list[SocketAddress] | Exception | None] = queue.SimpleQueue()
    # A look-up can't be cancelled, so it has a thread of its own, which may outlive the deadline.
    threading.Thread(target=lambda: answers.put(look_up()), daemon=True, name="smtplab-resolve").start()
    recorder.wait_for("address")
    recorder.wake = partial(answers.put, None)
    try:
        found = None if recorder.stopped else answers.get(timeout=max(deadline - time.monotonic(), 0.001))
    except queue.Empty:
        raise Failed(Failure("resolve", "socket", "timeout", f"no answer for {host} in time")) from None
    recorder.wait_for(None)
    if found is None:
        raise Failed(Failure("resolve", "smtplab", "stopped", "stopped"))
    if isinstance(found, Exception):
        raise Failed(Failure("resolve", "socket", _symbol(found), _words(found)))
    return found


def own_address(sock: socket.socket) -> str:
    """The socket's own address; empty once it was reset."""
    try:
        return name_address(sock.getsockname())
    except OSError:
        return ""


def _symbol(exc: Exception) -> str:
    if isinstance(exc, TimeoutError):
        return "timeout"
    if isinstance(exc, socket.gaierror):
        return next((n for n in dir(socket) if n.startswith("EAI_") and getattr(socket, n) == exc.errno), "gaierror")
    return errno.errorcode.get(getattr(exc, "errno", None) or 0, "error")


def _words(exc: Exception) -> str:
    if isinstance(exc, TimeoutError):
        return "no answer in time"
    return str(getattr(exc, "strerror", None) or exc)
