"""Visitors of lab servers as they come: their transcripts line by line, or JSON at the end of each."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ..report import sizes, verdict
from .live import Live
from .screen import width
from .targets import HEADING, targets

if TYPE_CHECKING:
    from ..lab.recorder import Recorder
    from ..lab.server import Server
    from ..trace import Trace


SCHEMA = "smtplab.server/1"


class Met(Protocol):
    """A visitor of a server, or a client on its way through a relay."""

    @property
    def recorder(self) -> Recorder: ...

    def trace(self) -> Trace: ...


class Visitors:
    """Prints visitors of several servers, who may come at once: a line names whose it is.

    `unheard` is set once a line can't be written, for example to a closed pipe; nothing is printed after that.
    """

    def __init__(self, say: Callable[[str], object], as_json: bool) -> None:
        self._say, self.as_json, self.lock = say, as_json, threading.RLock()
        self.unheard = threading.Event()
        self.live: dict[Met, tuple[str, Live]] = {}
        self.number = 0

    def say(self, line: str) -> None:
        """Print a line, unless an earlier one could not be written."""
        try:
            if not self.unheard.is_set():
                self._say(line)
        except OSError:
            self.unheard.set()

    def announce(self, servers: list[Server]) -> None:
        """Print where they listen, the authority's file, and settings for the common clients."""
        with self.lock:
            for server in servers:
                host, port = server.address
                if self.as_json:
                    self.say(json.dumps({"schema": SCHEMA, "kind": server.kind, "host": host, "port": port,
                                         "ca_file": server.ca_file, "tls": server.tls}))
                else:
                    self.say(f"{server.kind} {host} {port}")
            if not self.as_json and (files := {server.ca_file for server in servers if server.ca_file}):
                self.say(f"ca - {files.pop()}")
            if not self.as_json:
                shown = (targets(server.kind, *server.address, server.ca_file, tls=server.tls) for server in servers)
                self.say("\n\n".join(["", HEADING, *shown, ""]).removesuffix("\n"))

    def for_kind(self, kind: str) -> Callable[[Met], None]:
        """The listener for servers of this kind."""
        def listener(visit: Met) -> None:
            with self.lock:
                if visit not in self.live:  # its first event, and its end is its last
                    self.number += 1
                    name = f"{kind} #{self.number}"
                    self.live[visit] = name, Live(lambda line: self.say(f"[{name}] {line}"))
                if visit.recorder.end:
                    self.report(visit)
                elif not self.as_json:
                    self.live[visit][1](visit.recorder)
        return listener

    def report(self, visit: Met) -> None:
        """Print the end of a visit, and forget it."""
        name, live = self.live.pop(visit)
        trace = visit.trace()
        if self.as_json:
            self.say(trace.to_json(indent=None))
        else:
            live.rest(visit.recorder)
            told = str(trace.certificate or "") if name.startswith("relay ") else ""  # a server knows its own
            most = width() - len(f"[{name}] ")
            lines = ["", *verdict(trace, told, most).splitlines(), "", *sizes(trace).splitlines()]
            self.say("\n".join(f"[{name}] {line}".rstrip() for line in lines))

    def finish(self) -> None:
        """Print the end of visits that have not ended."""
        with self.lock:
            for visit in list(self.live):
                self.report(visit)
