"""A capture's connections as traces, seen from the client, and diagnosed.

No packet says what a client waited for, or that it failed: both are inferred from what was captured.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from os import PathLike

from ..address import MAIL_PORTS, name_address
from ..between import rejection, unrecovered_refusal
from ..blanking import blank_auth
from ..causes import Cause
from ..conversation import Conversation, parse_conversation
from ..diagnosis import QUIET_S, decided
from ..events import ENDS, Awaited, CaptureSecrets, Connection, Event, Failure, Stage, What, Who
from ..trace import Trace
from .capture_files import read_segments
from .dissect import agreed
from .reassembly import TcpConnection, TcpEvent, reassemble
from .segments import Segment

CAPTURED, INFERRED, RECORDED = "captured", "inferred", "recorded"
BY = "the capture"  # who reports the failure


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
    from_packets = any(e.captured or e.inferred for e in trace.events)
    return [CAPTURED if e.captured else INFERRED if from_packets else RECORDED for e in trace.events]


def _trace(tcp: TcpConnection, end_us: int) -> Trace:
    start_us = tcp.events[0].at_us
    events = [event for seen in tcp.events for event in _events(seen, tcp, start_us)]
    cleaned = blank_auth([(e.who, e.data or b"") for e in events if e.what == What.BYTES])
    data = iter(cleaned)
    events = [replace(e, data=next(data)) if e.what == What.BYTES else e for e in events]
    # A connection without an end, which was never made or hangs, lasts until the end of the capture.
    open_end = not any(e.what in ENDS for e in events)
    seconds = ((end_us if open_end else tcp.last_us) - start_us) / 1e6
    said = parse_conversation(events)
    failure, waiting_for = _failure(tcp, said)
    if waiting_for:
        events.append(_wait(events, waiting_for))
        events.sort(key=lambda e: e.at_s)
    if failure and failure.reason == "timeout" and failure.stage == "connect":
        syns = ", ".join(f"{(at - start_us) / 1e6:.1f}" for at in tcp.times("syn"))
        events.append(Event(seconds, Who.CLIENT, What.CLOSED,
                            note=f"{name_address(tcp.server)}: no answer (captured: SYN at {syns} s)"))
    sizes = {who: sum(len(e.data or b"") for e in events if e.what == What.BYTES and e.who == who) for who in Who}
    tls = agreed(events) if said.tls_after and said.finished else None
    trace = decided(Trace(
        mode=said.mode, address=tcp.server, ok=False, cause=Cause.OTHER, certain=False, bytes_read=said.s_client_read,
        bytes_written=said.s_client_written, bytes_received=sizes[Who.SERVER], bytes_sent=sizes[Who.CLIENT],
        seconds=round(seconds, 6), tls=tls, failure=failure, waiting_for=waiting_for,
        first_bytes=said.first[Who.SERVER][:5] or None, events=tuple(events), _kept=CaptureSecrets(start_us / 1e6)))
    return replace(trace, certain=trace.certain and not _doubtful(tcp, trace, said))


def _doubtful(tcp: TcpConnection, trace: Trace, said: Conversation) -> bool:
    """Whether the packets leave the cause open."""
    if trace.cause is Cause.FILTERED_TIMEOUT:
        return len(tcp.times("syn")) < 2 and trace.seconds < QUIET_S
    # The outcome may have been said within TLS, or not at all.
    unread = trace.cause is Cause.OK and said.tls_after is not None
    whole = not tcp.holes and (tcp.began or tcp.answered)
    return unread or not whole or not said.shows_outcome(trace.failure)


def _events(event: TcpEvent, tcp: TcpConnection, start_us: int) -> Iterator[Event]:
    """A TCP event as an event of a trace, with a note on what was captured; nothing for a repeated SYN."""
    at_s = max(event.at_us - start_us, 0) / 1e6  # where several interfaces were captured, time may go back
    lacking = f", {event.hole} bytes before it are not in the capture" if event.hole else ""
    if event.what == "syn":
        if at_s == 0 or event.at_us == tcp.times("syn")[0]:
            yield Event(at_s, Who.CLIENT, What.WAITING, note=Awaited.CONNECTION)
    elif event.what == What.CONNECTED:
        seen = [name for name, there in (("SYN", tcp.began), ("SYN/ACK", tcp.answered)) if there]
        ends = Connection(name_address(tcp.client), name_address(tcp.server))
        how = f"captured: {', '.join(seen)}" if tcp.answered else "inferred: its beginning is not in the capture"
        yield Event(at_s, Who.CLIENT, What.CONNECTED, note=f"{ends} ({how})")
    elif event.what == What.BYTES:
        yield Event(at_s, event.who, What.BYTES, event.data, f"(captured{lacking})")
    elif event.what == What.RESET and event.who == "server" and not tcp.times("connected"):
        yield Event(at_s, Who.SERVER, What.RESET,
                    note=f"{name_address(tcp.server)}: Connection refused (captured: SYN, RST)")
    else:
        flag = "FIN" if event.what == "closed" else "RST"
        yield Event(at_s, event.who, What(event.what), note=f"(captured: {flag}{lacking})")


def _wait(events: list[Event], what: str) -> Event:
    """The wait in which it ended: since the client last said something, or was connected."""
    since = [e.at_s for e in events if e.who == Who.CLIENT and e.what in (What.CONNECTED, What.BYTES, What.WAITING)]
    return Event(max(since, default=0.0), Who.CLIENT, What.WAITING, note=what)


def _failure(tcp: TcpConnection, said: Conversation) -> tuple[Failure | None, str | None]:
    """Where it failed, as far as packets show it, and what the client was waiting for."""
    if not tcp.times("connected"):
        if any(event.what == What.RESET and event.who == "server" for event in tcp.events):
            return Failure("connect", BY, "ECONNREFUSED", "a SYN, and a RST in answer"), None
        return Failure("connect", BY, "timeout", "a SYN, and nothing in answer"), None
    # What the server did after the client had given up, such as sending an alert, didn't end the client's wait.
    in_time = list(itertools.takewhile(lambda event: event.who == "server" or event.what not in ("closed", "reset"),
                                       tcp.events))
    server_ended = any(event.who == "server" and event.what in ENDS for event in in_time)
    answered = any(event.who == "server" and event.what == What.BYTES for event in in_time)
    if rejected := rejection(said, BY):
        return rejected, None
    if said.tls_after:
        if said.finished:
            return None, None
        waits = None if server_ended or (said.answer and answered) else "server-hello"
        told = "; ".join(f"the {who} sent {alert}" for who, alert in said.alerts)
        return Failure("tls", BY, "no TLS record" if Who.SERVER in said.not_tls else "unfinished",
                       told or "the TLS handshake did not come to its end"), waits
    if said.greeting is None and not (said.steps and not tcp.began):
        waits = None if server_ended or (said.not_smtp and answered) else "greeting"
        return Failure("greeting", BY, "unfinished", "no greeting came"), waits
    if said.greeting and said.greeting.reply_code >= 400 and not said.steps:
        return Failure.of_reply(Stage.GREETING, said.greeting), None
    if refused := unrecovered_refusal(said):
        return refused, None
    open_step = next((s for s in said.steps if s.reply is None and s.verb != "QUIT"), None)
    if open_step:
        return (Failure(open_step.stage or Stage.MAIL, BY, "unfinished", f"no reply to {open_step.verb}"),
                None if server_ended else "reply")
    return None, None
