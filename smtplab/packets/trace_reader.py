"""A capture's connections as traces, seen from the client, and diagnosed.

No packet says what a client waited for, or that it failed: both are inferred from what was captured.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from os import PathLike

from ..causes import Cause
from ..conversation import Conversation, observe
from ..diagnosis import QUIET_S, STAGE_OF_VERB, decided, reply_failure, settled, unmended
from ..smtp import blank_auth
from ..trace import MAIL_PORTS, Event, Failure, Kept, Mode, Trace
from .capture_files import read_segments
from .dissect import agreed
from .reassembly import TcpConnection, TcpEvent, reassemble
from .segments import End, Segment

CAPTURED, INFERRED, RECORDED = "captured", "inferred", "recorded"
BY = "the capture"  # whose words a failure is in


def read_pcap(path: str | PathLike[str], *, ports: Collection[int] = MAIL_PORTS) -> list[Trace]:
    """The trace of each TCP connection to `ports` in a capture file, in the order in which they begin.

    Raises ValueError if the file is no capture, OSError if it can't be opened.
    """
    return traces_of(*read_segments(path, ports), ports)


def traces_of(segments: Iterable[Segment], end_us: int, ports: Collection[int]) -> list[Trace]:
    """The traces of these segments; the capture ended at `end_us`, in microseconds since 1970."""
    return [_trace(tcp, max(end_us, tcp.last_us)) for tcp in reassemble(segments, ports)]


def origins(trace: Trace) -> list[str]:
    """For each event, whether it was "captured" as packets, "inferred" from such, or "recorded" at the socket."""
    from_packets = any("(captured" in e.note or "(inferred" in e.note for e in trace.events)
    return [CAPTURED if "(captured" in e.note else INFERRED if from_packets else RECORDED for e in trace.events]


def _trace(tcp: TcpConnection, end_us: int) -> Trace:
    start_us = tcp.events[0].at_us
    events = [event for seen in tcp.events for event in _events(seen, tcp, start_us)]
    cleaned = blank_auth([(e.who, e.data or b"") for e in events if e.what == "bytes"])
    data = iter(cleaned)
    events = [replace(e, data=next(data)) if e.what == "bytes" else e for e in events]
    # The end of the capture tells of a connection that never came about, or that hangs in it.
    open_end = not any(e.what in ("closed", "reset") for e in events)
    seconds = ((end_us if open_end else tcp.last_us) - start_us) / 1e6
    said = observe(events)
    failure, waiting_for = _failure(tcp, said)
    if waiting_for:
        events.append(_wait(events, waiting_for))
        events.sort(key=lambda e: e.at_s)
    if failure and failure.reason == "timeout" and failure.stage == "connect":
        syns = ", ".join(f"{(at - start_us) / 1e6:.1f}" for at in tcp.times("syn"))
        events.append(Event(seconds, "client", "closed",
                            note=f"{_name(tcp.server)}: no answer (captured: SYN at {syns} s)"))
    sizes = {who: sum(len(e.data or b"") for e in events if e.what == "bytes" and e.who == who)
             for who in ("client", "server")}
    tls = agreed(events) if said.tls_after and said.finished else None
    trace = decided(Trace(_mode(said), tcp.server, False, Cause.OTHER, False, said.bytes_read, said.bytes_written,
                          sizes["server"], sizes["client"], round(seconds, 6), tls, failure, waiting_for,
                          said.first["server"][:5] or None, tuple(events), Kept(start_us / 1e6)))
    return replace(trace, certain=trace.certain and not _doubtful(tcp, trace, said))


def _doubtful(tcp: TcpConnection, trace: Trace, said: Conversation) -> bool:
    """Whether the packets leave the cause open."""
    if trace.cause is Cause.FILTERED_TIMEOUT:
        return len(tcp.times("syn")) < 2 and trace.seconds < QUIET_S
    # The outcome may have been said within TLS, or not at all.
    unread = trace.cause is Cause.OK and said.tls_after is not None
    return unread or not settled(said, trace.failure) or bool(tcp.holes) or not (tcp.began or tcp.answered)


def _events(event: TcpEvent, tcp: TcpConnection, start_us: int) -> Iterator[Event]:
    """A TCP event as a trace's, its note with what was captured; none for a SYN that is sent again."""
    at_s = max(event.at_us - start_us, 0) / 1e6  # where several interfaces were captured, time may go back
    lacking = f", {event.hole} bytes before it are not in the capture" if event.hole else ""
    if event.what == "syn":
        if at_s == 0 or event.at_us == tcp.times("syn")[0]:
            yield Event(at_s, "client", "waiting", note="connection")
    elif event.what == "connected":
        seen = [name for name, there in (("SYN", tcp.began), ("SYN/ACK", tcp.answered)) if there]
        how = f"captured: {', '.join(seen)}" if tcp.answered else "inferred: its beginning is not in the capture"
        yield Event(at_s, "client", "connected", note=f"{_name(tcp.client)} > {_name(tcp.server)} ({how})")
    elif event.what == "bytes":
        yield Event(at_s, event.who, "bytes", event.data, f"(captured{lacking})")
    elif event.what == "reset" and event.who == "server" and not tcp.times("connected"):
        yield Event(at_s, "server", "reset", note=f"{_name(tcp.server)}: Connection refused (captured: SYN, RST)")
    else:
        flag = "FIN" if event.what == "closed" else "RST"
        yield Event(at_s, event.who, event.what, note=f"(captured: {flag}{lacking})")


def _wait(events: list[Event], what: str) -> Event:
    """The wait in which it ended: since the client last said something, or was connected."""
    since = [e.at_s for e in events if e.who == "client" and e.what in ("connected", "bytes", "waiting")]
    return Event(max(since, default=0.0), "client", "waiting", note=what)


def _mode(said: Conversation) -> Mode | None:
    """What the client did. Whether it would have gone on without STARTTLS can't be seen."""
    verbs = {step.verb for step in said.steps}
    if said.tls_after == "connect":
        return Mode.IMPLICIT
    return Mode.STARTTLS if "STARTTLS" in verbs else Mode.PLAIN if verbs else None


def _failure(tcp: TcpConnection, said: Conversation) -> tuple[Failure | None, str | None]:
    """Where it failed, as far as packets show it, and what the client was waiting for."""
    if not tcp.times("connected"):
        if any(event.what == "reset" and event.who == "server" for event in tcp.events):
            return Failure("connect", BY, "ECONNREFUSED", "a SYN, and a RST in answer"), None
        return Failure("connect", BY, "timeout", "a SYN, and nothing in answer"), None
    # What the server did after the client had given up, as sending an alert, ended no wait of the client's.
    in_time = list(itertools.takewhile(lambda event: event.who == "server" or event.what not in ("closed", "reset"),
                                       tcp.events))
    server_ended = any(event.who == "server" and event.what in ("closed", "reset") for event in in_time)
    answered = any(event.who == "server" and event.what == "bytes" for event in in_time)
    if said.tls_after:
        if said.finished:
            return None, None
        waits = None if server_ended or (said.answer and answered) else "server-hello"
        told = "; ".join(f"the {who} sent {alert}" for who, alert in said.alerts)
        return Failure("tls", BY, "no TLS record" if "server" in said.not_tls else "unfinished",
                       told or "the TLS handshake did not come to its end"), waits
    if said.greeting is None and not (said.steps and not tcp.began):
        waits = None if server_ended or (said.not_smtp and answered) else "greeting"
        return Failure("greeting", BY, "unfinished", "no greeting came"), waits
    if said.greeting and said.greeting.reply_code >= 400 and not said.steps:
        return reply_failure("greeting", said.greeting), None
    if refused := unmended(said):
        return refused, None
    open_step = next((s for s in said.steps if s.reply is None and s.verb != "QUIT"), None)
    if open_step:
        return (Failure(STAGE_OF_VERB.get(open_step.verb, "mail"), BY, "unfinished", f"no reply to {open_step.verb}"),
                None if server_ended else "reply")
    return None, None


def _name(end: End) -> str:
    return f"[{end[0]}]:{end[1]}" if ":" in end[0] else f"{end[0]}:{end[1]}"
