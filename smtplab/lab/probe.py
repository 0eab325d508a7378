"""`probe`: what a port speaks, from the first evidence that it gives.

It listens first: a healthy plaintext server greets within a round trip, and some punish a client
that talks early. When nothing has come for a second (on 465 at once) a second connection sends a
ClientHello beside the first. Whichever hears first decides. Both are ordinary dials.
"""

from __future__ import annotations

import contextlib
import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from ..causes import Cause
from ..conversation import Conversation, observe
from ..records import is_tls
from ..smtp import offers
from ..trace import Mode, Trace
from .client import Dial
from .connect import parse_address
from .recorder import Recorder
from .together import side_by_side

if TYPE_CHECKING:
    from .server import Server

PORTS = (25, 465, 587, 2525)
LISTEN_S = 1.0


class Speaks(StrEnum):
    """What a port does with a visitor."""

    SMTP = "smtp"
    SMTP_STARTTLS = "smtp-starttls"
    IMPLICIT_TLS = "implicit-tls"
    TLS_OTHER = "tls-other"
    HTTP = "http"
    POP3 = "pop3"
    IMAP = "imap"
    SSH = "ssh"
    OTHER = "other"
    SILENT = "silent"
    REFUSED = "refused"
    FILTERED = "filtered"
    UNRESOLVED = "unresolved"


# How the first bytes of a protocol that speaks first, or answers anything, begin.
FIRST_WORDS = ((rb"\d{3}[ -]", Speaks.SMTP), (rb"\+OK", Speaks.POP3), (rb"\* (OK|PREAUTH|BYE)", Speaks.IMAP),
               (rb"SSH-", Speaks.SSH), (rb"HTTP/|\s*<(!DOCTYPE|html)", Speaks.HTTP))
_UNREACHED = {Cause.REFUSED: Speaks.REFUSED, Cause.FILTERED_TIMEOUT: Speaks.FILTERED, Cause.DNS: Speaks.UNRESOLVED}


@dataclass(frozen=True)
class PortReport:
    """What was found. `certificate_ok` is whether it would be accepted; None where none was shown."""

    host: str
    port: int
    speaks: Speaks
    greeting: str | None
    ehlo_keywords: tuple[str, ...]
    tls_version: str | None
    certificate_ok: bool | None
    seconds: float


def probe(host_or_hosts: str | Server | Iterable[str | tuple[str, int] | Server],
          ports: Sequence[int] = PORTS, *, timeout_s: float = 5.0,
          listener: Callable[[PortReport], object] | None = None) -> list[PortReport]:
    """What each port speaks, in the order asked; all are asked side by side.

    A host may name its port ("mail.example.com:587", or a (host, port) pair), else `ports` are tried;
    a lab server's authority is trusted. A certificate never stops it. `listener` gets each report as
    it comes. Raises ValueError for a target that is none, never for what the network does.
    """
    one = isinstance(host_or_hosts, str) or hasattr(host_or_hosts, "kind") or (
        isinstance(host_or_hosts, tuple) and len(host_or_hosts) == 2 and isinstance(host_or_hosts[1], int))
    targets = [t for host in ([host_or_hosts] if one else host_or_hosts) for t in _targets(host, ports)]
    probes = [Probe(*target, timeout_s=timeout_s) for target in targets]
    found = {}
    for index, found[index] in side_by_side(probes):
        if listener:
            listener(found[index])
    return [found[index] for index in range(len(probes))]


def _targets(host: str | tuple[str, int] | Server, ports: Sequence[int]) -> list[tuple[str, int, str | None]]:
    if hasattr(host, "kind"):
        return [(*host.address, host.ca_file)]
    if isinstance(host, tuple):
        return [(*host, None)]
    ipv6 = host.endswith("]") if host.startswith("[") else host.count(":") > 1
    if ":" in host and not ipv6:
        return [(*parse_address(host), None)]
    if not host.strip("[]"):
        raise ValueError("a host name is empty")
    return [(host.strip("[]"), port, None) for port in ports]


class Probe:
    """The probe of one port, a job that can be stopped."""

    def __init__(self, host: str, port: int, ca_file: str | None = None, *, timeout_s: float = 5.0) -> None:
        self.host, self.port, self.ca_file, self.timeout_s = host, port, ca_file, timeout_s
        self.heard: queue.SimpleQueue = queue.SimpleQueue()
        self.dials: dict[Mode, Dial] = {}
        self.traces: dict[Mode, Trace] = {}
        self.threads: list[threading.Thread] = []
        self.stopped = False
        self._dial(Mode.STARTTLS_OPPORTUNISTIC)  # here, so that wrong arguments are told at once

    def _dial(self, mode: Mode, **options: object) -> Dial:
        dial = Dial((self.host, self.port), mode, timeout_s=self.timeout_s, ca_file=self.ca_file,
                    listener=partial(self._listen, mode), **options)
        self.dials[mode] = dial
        return dial

    def _listen(self, mode: Mode, recorder: Recorder) -> None:
        event = recorder.events[-1]
        if event.what == "connected" or (event.what == "bytes" and event.who == "server"):
            self.heard.put((mode, event.what))

    def _start(self, mode: Mode) -> None:
        def run() -> None:
            self.traces[mode] = self.dials[mode].run()
            self.heard.put((mode, "ended"))
        self.threads.append(threading.Thread(target=run, daemon=True, name="smtplab-probe"))
        self.threads[-1].start()

    def stop(self) -> None:
        """End now, with what has been seen."""
        self.stopped = True  # no second connection any more
        for dial in list(self.dials.values()):
            dial.stop()

    def run(self) -> PortReport:
        """Perform it."""
        start = time.monotonic()
        self._start(Mode.STARTTLS_OPPORTUNISTIC)
        try:
            winner = self._first_evidence(start)
            for mode, dial in self.dials.items():
                if mode is not winner:
                    dial.stop()
        finally:
            for thread in self.threads:
                thread.join()
        trace, certificate_ok = self.traces[winner], None
        if trace.failure and trace.failure.reason.startswith("certificate verify failed"):
            certificate_ok = False  # go on without the check, to see what is behind
            again = self._dial(winner, verify=False)
            again.timeout_s = max(start + self.timeout_s - time.monotonic(), 0.1)
            trace = again.run()
        elif trace.tls:
            certificate_ok = True
        said = observe(trace.events)
        return PortReport(self.host, self.port, _speaks(trace, said), _greeting(said),
                          said.keywords_before_tls or said.keywords, trace.tls and trace.tls.version,
                          certificate_ok, round(time.monotonic() - start, 6))

    def _first_evidence(self, start: float) -> Mode:
        """Which dial is the one to believe."""
        plain, tls = Mode.STARTTLS_OPPORTUNISTIC, Mode.IMPLICIT
        deadline, listen_until = start + self.timeout_s, None
        while True:
            until = deadline + 1 if listen_until is None or tls in self.dials else listen_until
            mode = what = None
            with contextlib.suppress(queue.Empty):
                mode, what = self.heard.get(timeout=max(until - time.monotonic(), 0))
            if (mode, what) == (plain, "connected"):
                listen_until = time.monotonic() + (0 if self.port == 465 else LISTEN_S)
            elif (mode, what) == (plain, "bytes"):
                return plain
            elif mode is tls and what == "bytes":
                first = observe(self.dials[tls].recorder.events).answer
                if is_tls(first) or not re.match(FIRST_WORDS[0][0], first):
                    return tls  # else a greeting crossed the ClientHello: the first connection gets it too
            elif what == "ended":
                connected = self.traces[plain].sockets if plain in self.traces else True
                if not connected or (plain in self.traces and tls in self.traces):
                    return plain
                if mode is plain:
                    listen_until = 0
            if mode is None and tls in self.dials:
                return plain
            if listen_until is not None and time.monotonic() >= listen_until and tls not in self.dials:
                if self.stopped:
                    return plain
                self._dial(tls).timeout_s = max(deadline - time.monotonic(), 0.01)
                self._start(tls)


def _greeting(said: Conversation) -> str | None:
    """What the server said first, in clear or within TLS, if it was a line of text."""
    if said.greeting:
        return said.greeting.text
    line = said.not_smtp.split(b"\n")[0].rstrip(b"\r")
    return line.decode("utf-8", "backslashreplace") if line and not is_tls(line) else None


def _speaks(trace: Trace, said: Conversation) -> Speaks:
    if trace.cause in _UNREACHED:
        return _UNREACHED[trace.cause]
    first = said.answer if trace.mode is Mode.IMPLICIT and not trace.tls else said.first["server"]
    if trace.mode is Mode.IMPLICIT and is_tls(first):
        return Speaks.IMPLICIT_TLS if said.greeting else Speaks.TLS_OTHER
    if not first:
        return Speaks.SILENT
    if is_tls(first):
        return Speaks.TLS_OTHER
    speaks = next((s for pattern, s in FIRST_WORDS if re.match(pattern, first, re.IGNORECASE)), Speaks.OTHER)
    if speaks is not Speaks.SMTP:
        return speaks
    ehlo = [s.reply.reply_code for s in said.steps if s.verb in ("EHLO", "HELO") and s.reply]
    if ehlo and min(ehlo) >= 500 and not {550, 554} & set(ehlo):  # FTP greets with 220 as well, and knows neither
        return Speaks.OTHER
    return Speaks.SMTP_STARTTLS if offers(said.keywords_before_tls, "STARTTLS") else Speaks.SMTP
