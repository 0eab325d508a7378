"""`Watch`: a lab server or a relay in the page, and its visitors as they come; choosing one opens its Player."""

from __future__ import annotations

import html
import threading
import time
import weakref
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ipywidgets

from ..address import name_address
from ..causes import Cause
from ..escape import printable, show_bytes
from ..lab.relay import Relay, relay
from ..lab.server import KINDS, Server, serve
from ..literals import KindName
from ..recorded.state import live_only
from ..words import refused_certificate
from .matrix import MatrixGrid, grid_text, outcome
from .player import PlayerBox
from .running import EVERY_S
from .targets import point_client_at, recipes
from .widget_base import Panel, button, instead_of_earlier

if TYPE_CHECKING:
    from ..lab.relayed_connection import RelayedConnection
    from ..lab.server_connection import ServerConnection
    from ..trace import Trace

KEPT = 100  # visitors in the list; older ones are counted and forgotten
HANG_S = 1.0  # after a silence as long as this the cause so far is shown
COLUMNS = ["visitor", "cause", "mode", "read / written", "received / sent", "first bytes"]
NOBODY = "Nobody has come yet."


@dataclass
class Visitor:
    """One visitor: its number, the time when it came, and its trace once it has left."""

    number: int
    came: str
    visit: ServerConnection | RelayedConnection
    left: Trace | None = None

    def trace(self) -> Trace:
        """What the recorder has seen so far."""
        if self.left is None:
            ended = self.visit.recorder.end is not None
            trace = self.visit.trace()
            if not ended:
                return trace
            self.left = trace
        return self.left

    def row(self) -> dict[str, Any]:
        """The visitor's row in the grid; every cell of it chooses this visitor."""
        trace = self.trace()
        found = outcome(trace)
        detail = ("" if trace.certain else "not certain; ") + f"{trace.seconds:.2f} s"
        detail += f", waited: {trace.waiting_for}" if trace.waiting_for else ""
        detail += f"; {why}" if (why := refused_certificate(trace)[0]) else ""
        if self.left is None:
            found, detail = {"sign": "…", "word": "is here", "tone": "busy"}, f"waits: {trace.waiting_for or 'nothing'}"
            last_s = max(event.at_s for event in trace.events if event.what != "waiting")
            if trace.cause not in (Cause.OK, Cause.OTHER) and trace.seconds - last_s >= HANG_S:
                detail += f"; so far {trace.cause}{'' if trace.certain else '?'}"
        words = (trace.mode.value if trace.mode else "unknown", f"{trace.bytes_read} / {trace.bytes_written} B",
                 f"{trace.bytes_received} / {trace.bytes_sent} B", show_bytes(trace.first_bytes or b"") or "none")
        key = str(self.number)
        return {"key": key, "head": f"#{self.number}  {self.came}", "cells": [
            {**found, "key": key, "detail": printable(detail)},
            *({"key": key, "sign": "", "word": word, "detail": "", "tone": "plain"} for word in words)]}


class Watch(Panel):
    """A lab server of this kind, with the options of `serve`: where to point a client, and who has come.

    With `relay_to`, a HOST:PORT, (host, port) or lab server, it is a relay to there, with the options of `relay`.
    `visitors()` returns their traces, the oldest first, `last()` the newest one. The list shows the last hundred,
    the newest on top. Raises ValueError for unusable arguments, OSError if it can't listen.
    """

    css_class = "smtplab-watching"
    server: Server | Relay | None = None
    _thread: threading.Thread | None = None

    def __init__(self, kind: KindName = "starttls", *, relay_to: Server | tuple[str, int] | str | None = None,
                 **options: Any) -> None:
        live_only("listen for a client of your own")
        self.kind, self._options = kind if relay_to is None else "relay", options
        self.name = f"{kind} server"
        if relay_to is not None:
            to: Any = getattr(relay_to, "address", relay_to)
            self.name = f"relay to {to if isinstance(to, str) else name_address(to)}"
        self._make = lambda **options: (serve(kind, listener=self._hear, **options) if relay_to is None
                                        else relay(relay_to, listener=self._hear, **options))
        self._visitors: deque[Visitor] = deque(maxlen=KEPT)
        self._seen: weakref.WeakSet[ServerConnection | RelayedConnection] = weakref.WeakSet()
        self._count, self._lock = 0, threading.Condition()
        self._news, self._over = threading.Event(), threading.Event()
        self._open: Visitor | None = None
        self._opened_whole, self._some_stay = True, False
        instead_of_earlier(self)  # before it listens: it may want the same port
        self._listen()
        self._stop, self._start = button("Stop", self.stop), button("Start", self.start)
        self._said, self._count_said, self._player = ipywidgets.HTML(), ipywidgets.HTML(), PlayerBox()
        self.grid = MatrixGrid(label=f"visitors of the {self.name}", columns=COLUMNS, hint=NOBODY)
        self.grid.observe(self._choose, "chosen")
        super().__init__([ipywidgets.HBox([self._stop, self._start, self._count_said]), self._said, self.grid,
                          self._player])
        self._show_address()
        self._start_telling()

    @property
    def address(self) -> tuple[str, int] | None:
        """Where clients can be pointed at; None while stopped."""
        return self.server.address if self.server else None

    @property
    def player(self) -> Any:
        """The Player of the chosen visitor; None without one."""
        return self._player.player

    def visitors(self) -> list[Trace]:
        """The traces of the visitors in the list, so far: seen from the server, or of what passed the relay."""
        with self._lock:
            visitors = list(self._visitors)
        return [visitor.trace() for visitor in visitors]

    def last(self, timeout_s: float = 1.0) -> Trace | None:
        """The trace of the newest visitor, once it has left or `timeout_s` has passed; None if nobody has come."""
        with self._lock:
            self._lock.wait_for(lambda: self._visitors and self._visitors[-1].visit.recorder.end, timeout_s)
            newest = self._visitors[-1] if self._visitors else None
        return newest.trace() if newest else None

    def start(self) -> None:
        """Listen, again on the same port if that is free; unless it listens already."""
        if self.server:
            return
        try:
            self._listen()
        except OSError:
            self._options["port"] = 0
            self._listen()
        self._show_address()
        self._start_telling()

    def _listen(self) -> None:
        self.server = self._make(**self._options)
        self._options["port"] = self.server.address[1]

    def _start_telling(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True, name="smtplab-watch")
        self._thread.start()

    def stop(self) -> None:
        """End the server and every visit; the list stays."""
        if self.server:
            self.end()
            self._show_address()

    def end(self) -> None:
        """End the server, every visit and the ticker."""
        server, self.server = self.server, None
        if server:
            server.close()
        if self._thread:
            self._over.set()
            self._news.set()
            self._thread.join(1)

    # --- in the server's thread, or the relay's ---

    def _hear(self, visit: ServerConnection | RelayedConnection) -> None:
        with self._lock:
            if visit not in self._seen:
                self._seen.add(visit)
                self._count += 1
                self._visitors.append(Visitor(self._count, time.strftime("%H:%M:%S"), visit))
            self._lock.notify_all()
        self._news.set()

    # --- in the ticker's thread ---

    def _tell(self) -> None:
        over = self._over
        while not over.is_set():
            self._news.wait(HANG_S if self._some_stay else None)  # a visitor who only waits causes no event
            self._news.clear()
            start = time.monotonic()
            self._show_visitors()
            # However much visitors send, at most a fifth of the time goes into showing it.
            over.wait(max(EVERY_S, 4 * (time.monotonic() - start)))
        self._show_visitors()

    def _show_visitors(self) -> None:
        with self._lock:
            visitors, count = list(self._visitors), self._count
        self.grid.rows = [visitor.row() for visitor in reversed(visitors)]
        self._some_stay = any(visitor.left is None for visitor in visitors)
        if visitors and not self._open:
            self.grid.hint = "Click a visitor, or use arrow keys and Enter, to see the conversation below."
        forgotten = f", the last {len(visitors)} are listed" if count > len(visitors) else ""
        self._count_said.value = (f'<div role="status">{count} visitor{"s" * (count != 1)}{forgotten}</div>')
        opened = self._open
        if opened and not self._opened_whole and opened.trace() and opened.left:  # perhaps no longer in the list
            self._show_player(opened)  # it was opened before its end, and is now complete

    # --- what the page shows and says ---

    def _show_address(self) -> None:
        server = self.server
        if server is None:
            self._said.value = f"<div>The {html.escape(self.name)} is stopped.</div>"
        else:
            place = html.escape(name_address(server.address))
            words = f"A <b>{html.escape(self.name)}</b> listens. Point a client at"
            if isinstance(server, Server) and KINDS[server.kind].at_connect in ("refused", "filtered"):
                words = f"<b>{html.escape(self.kind)}</b>: nobody gets in, so no visitor is ever seen here. The port is"
            code = '<code style="user-select:all;font-size:1.1em;padding:1px 6px">'
            self._said.value = f"<div>{words} {code}{place}</code> (one click selects it){_settings(server)}</div>"
        self._stop.disabled, self._start.disabled = server is None, server is not None

    def _choose(self, change: dict[str, Any]) -> None:
        with self._lock:
            found = [visitor for visitor in self._visitors if str(visitor.number) == change["new"]]
        if found:
            self._show_player(found[0])

    def _show_player(self, visitor: Visitor) -> None:
        self._open = visitor
        trace = visitor.trace()
        self._opened_whole = visitor.left is not None
        here = "" if self._opened_whole else ", who is still here"
        self.grid.hint = f"Below: visitor #{visitor.number}{here}."
        self._player.show(trace)

    def text(self) -> str:
        """The address and the visitors as a table."""
        where = f"listens on {name_address(self.address)}" if self.address else "is stopped"
        with self._lock:
            rows = [visitor.row() for visitor in self._visitors]
        return f"A {self.name} {where}.\n{grid_text(COLUMNS, rows) if rows else NOBODY}"


def _settings(server: Server | Relay) -> str:
    """How to make the common clients connect here, folded: whole settings for a lab server, for a relay what differs
    from the settings that the client has for its own server."""
    if isinstance(server, Server):
        title, shown = "settings for the common clients, ready to paste", point_client_at(server)
    else:
        title = "what to change in the common clients' settings"
        shown = "\n".join(recipes(server.address, server.upstream))
    return (f"<details><summary>{title}</summary>"
            '<pre style="white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;user-select:text">'
            f"{html.escape(shown)}</pre></details>")
