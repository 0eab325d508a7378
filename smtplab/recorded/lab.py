"""What stands in for the lab: servers that are not there, dials and probes that are looked up.

Each dial and probe prints a line that says with what and when it was recorded, and the traces say it in their first
event. What was never recorded is refused in one sentence.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NoReturn, cast

from ..address import MAIL_PORTS, Place, Target, name_address
from ..causes import Cause
from ..events import Failure, Mode, What
from ..lab.client import Dial
from ..lab.port_report import PortReport, PortReports, Speaks
from ..lab.probe import Probe, _hosts, _targets
from ..lab.server import KINDS, Server
from ..literals import KindName
from ..trace import Trace
from .absent import say_what_is_absent
from .runs import Recordings, Run, Served, note_of, options_of, recordings
from .state import cant, in_browser

TWO_ADDRESSES = "two-addresses"  # the kind under which such runs are recorded
CA_FILE = "smtplab-ca.pem"  # what a recorded server calls its authority's file
_SERVERS: dict[tuple[str, int], RecordedServer] = {}  # the newest at each address
_told: dict[str, int] = {}  # for each note the notebook cell, by its number, that printed it last


def tell(note: str) -> None:
    """Print where what comes next is from: once in each notebook cell, elsewhere each time."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or _told.get(note) != shell.execution_count:
        print(f"[{note}]")
    if shell:
        _told[note] = shell.execution_count


class RecordedServer(Server):
    """What `serve` gives where nothing can be served: a server's name, and what it saw in the runs looked up so far."""

    def __init__(self, served: Served, book: Recordings) -> None:
        self.served, self.kind, self.ca_file = served, cast(KindName, served.kind), CA_FILE
        self.runs: list[Run] = []
        own = [run for run in book.runs if run.served.kind == served.kind]
        exact = [run for run in own if run.served == served]
        self.address = (exact or own)[0].address
        row = KINDS.get(self.kind)
        self.tls = "starttls" if served.options.get("starttls") or row is None else row.tls
        self.behind = None
        if served.kind == "intercepted":
            self.behind = _Behind(self)
        _SERVERS[self.address] = self

    def close(self) -> None:
        """Nothing is open; a probe still finds it under its address."""
        self.ca_file = None

    def traces(self) -> list[Trace]:
        """The server's side of what was dialled here so far."""
        return [run.server for run in self.runs if run.server]

    def trace(self, of: Trace | None = None) -> Trace | None:
        """The server's side of the connection that `of` saw; without `of`, of the last. None if there is none."""
        found = [run for run in self.runs if of is None or of.sockets is not None
                 and (of.sockets, of.seconds) == (run.client.sockets, run.client.seconds)]
        return found[-1].server if found else None

    def __repr__(self) -> str:
        return f"<smtplab {self.kind} server, recorded on {name_address(self.address)}>"


class _Behind(RecordedServer):
    """The server behind an intercepting one: it saw the same runs."""

    def __init__(self, front: RecordedServer) -> None:
        self.front, self.kind, self.ca_file, self.behind = front, "implicit", CA_FILE, None
        self.tls = "implicit"
        self.address = front.address[0], front.address[1] + 1
        self.served, self.runs = Served("implicit", {}), []

    def traces(self) -> list[Trace]:
        """What it saw."""
        return [run.behind for run in self.front.runs if run.behind]

    def trace(self, of: Trace | None = None) -> Trace | None:
        """The last of it."""
        return self.traces()[-1] if self.traces() else None


def serve(kind: str, **options: Any) -> Server:
    """As `smtplab.serve`, but nothing is served: dials of it are looked up among the recorded runs.

    Raises ValueError for an unknown kind."""
    row = KINDS.get(cast(KindName, kind))
    if row is None and kind != TWO_ADDRESSES:
        raise ValueError(f"no kind of server {kind!r}; the kinds are {', '.join(KINDS)}")
    if options.get("starttls") and row and not row.has_twin:
        raise ValueError(f"starttls makes a twin of the certificate kinds and old-tls, not of {kind}")
    return RecordedServer(Served.of(kind, options), recordings())


class RecordedDial(Dial):
    """A dial that is looked up. Its arguments are those of `Dial`, and it refuses the same ones."""

    def __init__(self, place: Place, mode: Mode, *, listener: Any = None, **options: Any) -> None:
        super().__init__(place, Mode.PLAIN, **options)  # in mode plain no TLS is made ready
        self.mode = Mode.of(mode)
        self.server = place if isinstance(place, RecordedServer) else _SERVERS.get(self.address)
        self.found: Trace | None = None

    def run(self) -> Trace:
        """Look it up: the client's trace."""
        served = self.server.served if self.server else Served(name_address(self.address), {})
        run = recordings().run(served, self.mode, options_of(self))
        if run is None:
            self.failure = Failure("connect", "smtplab", "not-recorded",
                                   cant(f"connect to {name_address(self.address)}, and nobody recorded that"))
            self.recorder.add(What.CLOSED, note=self.failure.message)
            self.found = replace(super().trace(), cause=Cause.OTHER, certain=False)
        else:
            self.found = run.client
            if self.server:
                self.server.runs.append(run)
        tell(note_of(self.found) or str(self.failure and self.failure.message))
        return self.found

    def trace(self) -> Trace:
        """What was found; before `run` an empty trace."""
        return self.found or super().trace()

    def stop(self) -> None:
        """It takes no time."""


def dial(address: Place, mode: Mode | str, **options: Any) -> Trace:
    """As `smtplab.dial`, but looked up among the recorded runs; the trace says so in its first event."""
    return RecordedDial(address, Mode.of(mode), **options).run()


class RecordedProbe(Probe):
    """A probe that is looked up."""

    def __init__(self, target: Target, *, timeout_s: float = 5.0, **_options: object) -> None:
        self.target, self.timeout_s, self.stopped = target, timeout_s, False

    def stop(self) -> None:
        """It takes no time."""
        self.stopped = True

    def run(self) -> PortReport:
        """Look it up; a port that nobody probed is `filtered` for a browser, and it is said why."""
        server = _SERVERS.get(self.target.address)
        found = recordings().probe(server.served) if server else None
        if found is None:
            tell(cant(f"probe {name_address(self.target.address)}, and nobody recorded that"))
            return PortReport(*self.target.address, Speaks.FILTERED, None, (), None, None, 0.0)
        report, note = found
        tell(note)
        return replace(report, host=self.target.host, port=self.target.port)


def probe(host_or_hosts: Place | Iterable[Place], ports: Sequence[int] = MAIL_PORTS, *, timeout_s: float = 5.0,
          listener: Callable[[PortReport], object] | None = None, **_options: object) -> PortReports:
    """As `smtplab.probe`, but looked up among the recorded probes."""
    found = PortReports()
    for host in _hosts(host_or_hosts):
        for target in _targets(host, ports):
            found.append(RecordedProbe(target, timeout_s=timeout_s).run())
            if listener:
                listener(found[-1])
    return found


def relay(*_upstream: object, **_options: object) -> NoReturn:
    """A relay is not recorded. Raises OSError, which says so."""
    raise OSError(cant("listen for a client of your own, as a relay does"))


def matrix(*_kinds: object, **_options: object) -> NoReturn:
    """The matrix is not recorded as such. Raises OSError, which says so."""
    raise OSError(cant("dial all kinds at once; dial those that you want to see, one by one"))


if in_browser():
    say_what_is_absent()
