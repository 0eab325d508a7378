"""A trace as text: the diagnosis, who waited for what, the transcript, and s_client's line.

Bytes from the wire are shown as printable ASCII and escapes only, so that nothing they hold can act on the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import limits
from .address import name_address
from .escape import Printable, printable, show_bytes
from .events import ENDS, Event, What, Who
from .records import ContentType, HandshakeType, TlsRecord, is_tls
from .timeline import RecordPiece, Text, Timeline
from .trace_data import TraceData
from .words import WIDTH, diagnose, refused_certificate

LANE = {Who.CLIENT: "C:", Who.SERVER: "S:"}
_IN_TLS, CR = "(in TLS) ", b"\r"
_SHOWN_IN_CLEAR = (HandshakeType.client_hello, HandshakeType.server_hello)


class Transcript:
    """Turns events into lines, one event at a time, so that they can be printed while it happens."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.inside = False
        self.lines = self.records = 0
        self.left_out = {Who.CLIENT: 0, Who.SERVER: 0}  # bytes without a line

    def feed(self, event: Event) -> list[str]:
        """The lines that this event completes; past the limits of `limits`, only those of an end."""
        over_limit = self.lines >= limits.READ_LINES or self.records > limits.READ_RECORDS
        if over_limit and event.what not in ENDS:
            if event.what == What.BYTES:
                self.left_out[event.who] += len(event.data or b"")
            return []
        lines = self._lines(event)
        self.lines += len(lines)
        return lines

    def rest(self) -> list[str]:
        """Remove and return the lines without an end, then what was left out."""
        lead = {What.INSIDE: _IN_TLS}
        held = [_line(event, f"{lead.get(event.what, '')}{show_bytes(line, 400)} (no line end)", LANE)
                for event, line in self.timeline.take_open_lines()]
        return [*held, *self._leave_out()]

    def _lines(self, event: Event) -> list[str]:
        self.inside |= event.what == What.INSIDE
        pieces = self.timeline.feed(event)
        if event.what in (What.BYTES, What.INSIDE):
            return [_line(event, text, LANE) for piece in pieces for text in self._crossed(piece)]
        if event.what == What.WAITING:
            return [_line(event, f"... the {event.who} waits: {event.note}")]
        if event.what == What.TLS:
            reports = "" if event.data is None else f"the {event.who}'s OpenSSL "
            return [_line(event, f"[{reports}{event.note}]")] if _tells_more(event) else []
        held = self.rest() if event.what in ENDS else []
        note = f" {event.note}" if event.note else ""
        who = "" if event.what == What.CONNECTED else f"the {event.who} "
        return [*held, _line(event, f"-- {who}{event.what}{note}")]

    def _crossed(self, piece: Text | RecordPiece) -> list[str]:
        if isinstance(piece, Text):
            lead = _IN_TLS if piece.inside else ""
            return [f"{lead}{show_bytes(line.removesuffix(CR), 1000)}" for line in piece.lines]
        record = piece.record
        self.records += record is not None
        if record is None or (self.inside and record.content_type == ContentType.application_data):
            return []  # not whole yet, or what it holds has been shown
        return [f"[TLS {record_name(record)}, {record.size_bytes} bytes]"]

    def _leave_out(self) -> list[str]:
        sizes = ", ".join(f"{size} bytes from the {who}" for who, size in self.left_out.items() if size)
        self.left_out = dict.fromkeys(self.left_out, 0)
        return [f"           ... left out here: {sizes}"] if sizes else []


def _line(event: Event, text: str, lane: dict[Who, str] | None = None) -> str:
    return printable(f"{event.at_s:9.3f}  {lane[event.who] + ' ' if lane else ''}{text}")


def _tells_more(event: Event) -> bool:
    """Whether OpenSSL reports more than the records show: a header that is not TLS, or what is encrypted."""
    data, report = event.data, event.report
    if report and report.kind == "header":
        return not is_tls(report.data)
    # One byte is change_cipher_spec. An alert begins with its level, 1 or 2, as the hellos do, and its record shows it.
    return data is None or (len(data) > 1 and data[0] not in _SHOWN_IN_CLEAR)


def record_name(record: TlsRecord) -> str:
    """The name of what a record carries, as far as it is in clear."""
    if record.alert:
        return str(record.alert)
    first = record.handshake_type  # None in an empty record, too
    return str(record.content_type) if first is None or "unknown" in first.name else f"{record.content_type} {first}"


def transcript(events: Iterable[Event]) -> list[str]:
    """The conversation as lines; of a long one the beginning and the end."""
    view = Transcript()
    lines = [line for event in events for line in view.feed(event)] + view.rest()
    half = limits.SHOWN_LINES // 2
    if (more := len(lines) - 2 * half) > 0:
        lines[half:-half] = [f"           ... {more} lines are left out here"]
    return lines


def counters(trace: TraceData) -> str:
    """s_client's own line, with "so far" if this side was still waiting for something."""
    hangs = trace.waiting_for is not None and not trace.ok
    return (f"SSL handshake has read {trace.bytes_read} bytes and written {trace.bytes_written} bytes"
            + (" so far" if hangs else ""))


def verdict(trace: TraceData, certificate: str | None = None, width: int = WIDTH) -> Printable:
    """The diagnosis, its prose as wide as `width`; the certificate if it was refused or is given; who waited."""
    out: list[str] = [diagnose(trace).as_text(trace.certain, width)]
    if told := certificate or refused_certificate(trace)[1]:
        out += ["", told]
    if trace.waiting_for:
        out += ["", f"The {trace.seen_from} was waiting: {trace.waiting_for}."]
    return printable("\n".join(out))


def sizes(trace: TraceData) -> Printable:
    """What crossed, and s_client's line last."""
    crossed = f"{trace.bytes_received} bytes received and {trace.bytes_sent} sent in {trace.seconds:.3f} s."
    return printable(f"{crossed}\n{counters(trace)}")


def heading(trace: TraceData) -> Printable:
    """One line that says whose conversation follows."""
    who = "client" if trace.seen_from == Who.CLIENT else "visitor"
    return printable(f"{who} in mode {trace.mode or 'unknown'}, server {name_address(trace.address)}")


def report(trace: TraceData) -> str:
    """A trace as text: the verdict first, then the story, from its heading to the counters."""
    return "\n".join([verdict(trace), "", heading(trace), *transcript(trace.events), "", sizes(trace)])
