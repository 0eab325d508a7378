"""`talk`: what telnet does, where there is none. Lines go out, replies come back with their sizes."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable

from ..escape import show_bytes
from ..events import ENDS, Event, What, Who
from ..records import is_tls
from .client import DAY_S
from .connect import connect
from .recorded_socket import Ended, RecordedSocket
from .recorder import Recorder

# What can happen: an event of the connection, a line typed (empty at its end), the end of the reading.
Happened = queue.SimpleQueue[Event | bytes | type[Ended]]
LINGER_S = 5.0  # how long to wait for the server when no more lines come


def talk(address: tuple[str, int], say: Callable[[str], None], *, timeout_s: float = 5.0,
         lines_from: int = 0) -> Recorder:
    """Connect, send the lines read from file descriptor `lines_from`, and `say` what comes.

    Ends when the server closes, or a while after the lines have ended. Raises connect.Failed where
    there is no connection.
    """
    happened: Happened = queue.SimpleQueue()
    recorder = Recorder(Who.CLIENT, lambda r: happened.put(r.events[-1]))
    sock = connect(address, recorder, time.monotonic() + timeout_s)
    wire = RecordedSocket(sock, recorder, time.monotonic() + DAY_S)
    threading.Thread(target=_read_lines, args=(lines_from, happened), daemon=True, name="smtplab-talk").start()
    threading.Thread(target=_read_wire, args=(wire, happened), daemon=True, name="smtplab-talk").start()
    try:
        limit = None
        while (item := _next(happened, limit)) is not None:
            if isinstance(item, Event):
                _show(item, recorder, say)
            elif not isinstance(item, bytes):
                break
            elif item:
                wire.sendall(item.rstrip(b"\r\n") + b"\r\n")
            else:
                limit = time.monotonic() + LINGER_S
    except Ended:
        pass
    finally:
        recorder.stop()
        wire.close()
    return recorder


def _next(happened: Happened, limit: float | None) -> Event | bytes | type[Ended] | None:
    try:
        return happened.get(timeout=None if limit is None else max(limit - time.monotonic(), 0))
    except queue.Empty:
        return None


def _read_lines(descriptor: int, happened: Happened) -> None:
    # os.read, not sys.stdin: a thread that blocks in the latter would hold its lock at exit.
    held = b""
    while data := os.read(descriptor, 4096):
        *lines, held = (held + data).split(b"\n")
        for line in lines:
            happened.put(line + b"\n")
    if held:
        happened.put(held)
    happened.put(b"")


def _read_wire(wire: RecordedSocket, happened: Happened) -> None:
    try:
        while wire._receive():
            pass
    except Ended:
        pass
    happened.put(Ended)


def _show(event: Event, recorder: Recorder, say: Callable[[str], None]) -> None:
    data = event.data or b""
    if event.what == What.BYTES and event.who == Who.CLIENT:
        say(f"   ({len(data)} bytes sent)")
    elif event.what == What.BYTES:
        for line in data.splitlines():
            say(f"S: {show_bytes(line, 1000)}")
        say(f"   ({len(data)} bytes)")
        if is_tls(data):
            say("   These are TLS bytes: the server speaks TLS at once (implicit TLS), or had enough of plaintext.")
    elif event.what in ENDS:
        say(f"-- the {event.who} {event.what}")
        if event.who == Who.SERVER and recorder.sent and not recorder.received:
            say("   Not one byte came. A port that waits for TLS (implicit TLS) does that to plaintext, among others.")
    elif event.what == What.CONNECTED:
        say(f"-- connected {event.note}")
