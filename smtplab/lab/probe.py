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
from dataclasses import replace
from functools import partial
from typing import cast

from ..address import MAIL_PORTS, Place, Target
from ..causes import Cause
from ..conversation import Conversation, parse_conversation
from ..doubts import UNREACHABLE
from ..events import Failure, Mode, What, Who
from ..records import is_tls
from ..smtp import offers
from ..trace import Trace
from .client import Dial
from .jobs import run_concurrently
from .port_report import PortReport, PortReports, Speaks
from .recorder import Recorder

LISTEN_S = 1.0

# How the first bytes of a protocol that speaks first, or answers anything, begin.
FIRST_WORDS = ((rb"\d{3}[ -]", Speaks.SMTP), (rb"\+OK", Speaks.POP3), (rb"\* (OK|PREAUTH|BYE)", Speaks.IMAP),
               (rb"SSH-", Speaks.SSH), (rb"HTTP/|\s*<(!DOCTYPE|html)", Speaks.HTTP))
_UNREACHED = {Cause.REFUSED: Speaks.REFUSED, Cause.FILTERED_TIMEOUT: Speaks.FILTERED, Cause.DNS: Speaks.UNRESOLVED}


def probe(host_or_hosts: Place | Iterable[Place],
          ports: Sequence[int] = MAIL_PORTS, *, timeout_s: float = 5.0,
          ca_file: str | None = None, server_name: str | None = None, verify: bool = True,
          listener: Callable[[PortReport], object] | None = None) -> PortReports:
    """What each port speaks, in the order asked; all are asked side by side.

    A host may name its port ("mail.example.com:587", or a (host, port) pair), else `ports` are tried;
    a lab server's authority is trusted, or that of `ca_file`. `server_name` is asked for and checked in place of the
    host. A certificate never stops it; without `verify` it isn't checked either. `listener` gets each report as it
    comes. The list prints as a table. Raises ValueError for a target that is none, never for what the network does.
    """
    asked = [target for host in _hosts(host_or_hosts) for target in _targets(host, ports)]
    found: dict[int, PortReport] = {}
    jobs = [Probe(replace(target, ca_file=ca_file or target.ca_file), timeout_s=timeout_s, server_name=server_name,
                  verify=verify) for target in asked]
    for index, report in run_concurrently(jobs):
        found[index] = report
        if listener:
            listener(report)
    return PortReports(found[index] for index in sorted(found))


def _hosts(asked: Place | Iterable[Place]) -> list[Place]:
    """What was asked for as a list; (host, port) is one place."""
    pair = isinstance(asked, tuple) and len(asked) == 2 and isinstance(asked[1], int)
    if isinstance(asked, str) or pair or hasattr(asked, "address"):
        return [cast(Place, asked)]
    return list(cast(Iterable[Place], asked))


def _targets(place: Place, ports: Sequence[int]) -> list[Target]:
    """The place itself, or all of `ports` of a host that names none."""
    if not isinstance(place, str):
        return [Target.of(place)]
    ipv6 = place.endswith("]") if place.startswith("[") else place.count(":") > 1
    if ":" in place and not ipv6:
        return [Target.of(place)]
    return [Target.of((place.strip("[]"), port)) for port in ports]


class Probe:
    """The probe of one port, a job that can be stopped."""

    def __init__(self, target: Target, *, timeout_s: float = 5.0, server_name: str | None = None,
                 verify: bool = True) -> None:
        self.target, self.timeout_s, self.server_name, self.verify = target, timeout_s, server_name, verify
        self.heard: queue.SimpleQueue[tuple[Mode, str]] = queue.SimpleQueue()
        self.dials: dict[Mode, Dial] = {}
        self.traces: dict[Mode, Trace] = {}
        self.threads: list[threading.Thread] = []
        self.stopped = False
        self._dial(Mode.STARTTLS_OPPORTUNISTIC)  # here, so that wrong arguments are told at once

    def _dial(self, mode: Mode, verify: bool = True) -> Dial:
        dial = Dial(self.target.address, mode, timeout_s=self.timeout_s, server_name=self.server_name,
                    ca_file=self.target.ca_file, verify=verify and self.verify, listener=partial(self._listen, mode))
        self.dials[mode] = dial
        return dial

    def _listen(self, mode: Mode, recorder: Recorder) -> None:
        event = recorder.events[-1]
        if event.what == What.CONNECTED or (event.what == What.BYTES and event.who == Who.SERVER):
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
        trace, certificate_ok, problem = self.traces[winner], None, None
        shown = trace.certificate
        if trace.failure and trace.failure.reason.startswith("certificate verify failed"):
            certificate_ok = False  # go on without the check, to see what is behind
            problem = (shown and shown.reason) or trace.failure.message
            again = self._dial(winner, verify=False)
            again.timeout_s = max(start + self.timeout_s - time.monotonic(), 0.1)
            trace = again.run()
        elif trace.tls:
            certificate_ok = True if self.verify else None
        elif trace.failure and not trace.sockets:
            problem = _unreached(trace.failure)
        said = trace.conversation
        return PortReport(*self.target.address, _speaks(trace, said), _greeting(said),
                          said.keywords_before_tls or said.keywords, trace.tls.version if trace.tls else None,
                          certificate_ok, round(time.monotonic() - start, 6), said.keywords if trace.tls else (),
                          shown or trace.certificate, problem)

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
                listen_until = time.monotonic() + (0 if self.target.port == 465 else LISTEN_S)
            elif (mode, what) == (plain, "bytes"):
                return plain
            elif mode is tls and what == "bytes":
                first = parse_conversation(self.dials[tls].recorder.events).answer
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


def _unreached(failure: Failure) -> str:
    """Why there is no connection."""
    if failure.reason in ("timeout", "ETIMEDOUT"):
        return "no answer at all: the packets are dropped, or nobody is there"
    whose = UNREACHABLE.get(failure.reason)
    return f"{failure.message}: {whose}" if whose else failure.message


def _speaks(trace: Trace, said: Conversation) -> Speaks:
    if trace.cause in _UNREACHED:
        return _UNREACHED[trace.cause] if trace.certain else Speaks.UNREACHABLE
    first = said.answer if trace.mode is Mode.IMPLICIT and not trace.tls else said.first[Who.SERVER]
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
