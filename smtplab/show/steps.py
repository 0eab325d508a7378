"""A trace as a list of steps for the Player, one for each thing worth an arrow, in plain values for JSON.

The steps are the pieces of the trace's timeline with words and fields, and with the silences between them. OpenSSL's
own reports are steps too: it reads 5 bytes, a header, then the N that the header promises, then 5 again. Beside the
counters that `openssl s_client` would print (*read* is what the TLS library took, and stands still once the handshake
has ended) go those of the socket.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from .. import limits
from ..escape import show_bytes
from ..events import ENDS, Event, TlsReport, What, Who
from ..records import HEADER_BYTES, ContentType, parse_header
from ..timeline import RecordPiece, Text
from ..trace import Trace
from .readings import Reading, Readings, Taken
from .step_fields import alert_fields, header_fields, message_fields, record_fields, text_fields
from .step_waits import Waits, plain

QUIET_S = 0.25  # a silence as long as this is a step of its own
FEW_STEPS, STORY_STEPS = 12, 10  # up to so many steps are all shown at once; the most that tell a story
_TOLD = ("plaintext SMTP", "inside TLS", "waiting", "alert")
Step = dict[str, Any]


def steps(trace: Trace, other: Trace | None = None) -> list[Step]:
    """The steps of a trace; `other`, the peer's trace of the same connection, says what the peer waited for."""
    return _Steps(trace, other).all()


def story(every: list[Step]) -> list[int]:
    """The numbers, from 0, of the steps that tell a long conversation: what was said, the hellos of TLS, who waited.

    Empty if there are few steps anyway. Left out are the records of a handshake after its hellos, OpenSSL's reads, and
    the goodbyes of a conversation that went well.
    """
    if len(every) <= FEW_STEPS:
        return []
    told = [n for n, step in enumerate(every) if step["layer"] in _TOLD or step["layer"] == "TLS record"
            and step["label"].split(",")[0] in ("handshake client_hello", "handshake server_hello")
            or step["layer"] == "OpenSSL" and "make none" in step["label"]]
    goodbye = next((n for n in told if every[n]["label"].startswith("QUIT")), len(every))
    if len(told) >= STORY_STEPS:
        told = [n for n in told if n < goodbye]
    told = sorted({0, *told})
    return told if len(told) <= STORY_STEPS else told[:STORY_STEPS // 2] + told[-STORY_STEPS // 2:]


class _Records:
    """One direction's records: the one that is under way, and which of them OpenSSL has reported on."""

    def __init__(self) -> None:
        self.partial = b""
        self.reports: deque[list[str]] = deque()  # OpenSSL's, on records that it wrote and that are to cross
        self.unread: deque[tuple[Step, list[str]]] = deque()  # records that crossed, and no report on them yet


class _Steps:
    def __init__(self, trace: Trace, other: Trace | None) -> None:
        self.trace, self.own, self.peer = trace, trace.seen_from, trace.seen_from.other
        self.readings = Readings(trace)
        self.received = self.sent = self.read = 0  # after the newest reading
        self.records = {Who.CLIENT: _Records(), Who.SERVER: _Records()}
        self.waits = Waits(trace, other)
        self.out: list[Step] = []
        self.left_out = {Who.CLIENT: 0, Who.SERVER: 0}  # bytes that no step shows
        self.last: Step | None = None  # the step that says how many
        self.report: Step | None = None  # the OpenSSL step that the next reports belong to

    def all(self) -> list[Step]:
        """All steps."""
        last_s, hang = 0.0, self.trace.waiting_for is not None and not self.trace.ok
        events = self.trace.events
        gives_up = hang and bool(events) and events[-1].what == What.CLOSED and events[-1].who == self.own
        held: Event | None = None  # its own side's wait that begins once it has sent what comes next
        for event, after in _with_next(events[:len(events) - gives_up]):
            if event.at_s - last_s >= QUIET_S and len(self.out) < limits.SHOWN_STEPS:
                self.silence(last_s, event.at_s)
            last_s = event.at_s
            crosses = event.what in (What.BYTES, What.INSIDE)
            if len(self.out) >= limits.SHOWN_STEPS and event.what not in ENDS:
                self.skip(event)
            elif event.what == What.WAITING and after and after.who == self.own and after.what in (
                    What.BYTES, What.INSIDE):
                held = event
            else:
                self.event(event)
                if held and crosses:
                    self.event(held)
                    held = None
        if hang and (gives_up or self.trace.seconds - last_s >= QUIET_S):
            self.silence(last_s, self.trace.seconds, f"; then the {self.own} gave up and closed" if gives_up else "")
        if self.out:
            self.out[-1] |= {"read": self.trace.bytes_read, "written": self.trace.bytes_written}
            self.out[-1]["waits"] = {**self.out[-1]["waits"], self.own: plain(self.trace.waiting_for)}
        return [{**step, "openssl": list(step["openssl"])} for step in self.out]

    def at(self, reading: Reading) -> None:
        """Set the counters to those after this reading."""
        self.received, self.sent, self.read = reading.received, reading.sent, reading.read

    def skip(self, event: Event) -> None:
        """Only count an event, since there are too many steps already."""
        for reading in self.readings.skip(event):
            self.at(reading)
        self.leave_out(event.who, len(event.data or b"") if event.what == What.BYTES else 0)

    def leave_out(self, who: Who, size: int) -> None:
        """Count bytes that no step shows; the last step says how many."""
        self.left_out[who] += size
        if self.last is None:
            self.last = self.add(self.out[-1]["at_s"], self.own, "tcp", "", b"", [])
        said = ", ".join(f"{size} bytes from the {who}" for who, size in self.left_out.items() if size)
        self.last["label"] = f"what follows is left out here: {said or 'no bytes'}"
        self.last |= {"received": self.received, "sent": self.sent}

    def event(self, event: Event) -> None:
        """Add the steps of one event."""
        readings, data = self.readings.feed(event), event.data or b""
        if event.what == What.WAITING:
            self.waits.says(event.who, event.note)
            self.note_waits()
        elif event.what == What.BYTES:
            self.crossed(event, readings)
        elif event.what == What.INSIDE:
            self.waits.sent(event.who, data, "inside")
            self.add(event.at_s, event.who, "inside TLS", show_bytes(data), data, text_fields(data, event.who))
        elif event.what == What.TLS:
            self.openssl(event, readings)
        else:
            self.waits.sent(event.who, b"", event.what)
            who = Who.CLIENT if event.what == What.CONNECTED else event.who  # the client connects, whoever saw it
            self.add(event.at_s, who, "tcp", f"{event.what} {plain(event.note)}".rstrip(), b"", [])

    def add(self, at_s: float, who: Who, layer: str, label: str, data: bytes, fields: list[dict[str, Any]],
            size: int | None = None, **more: object) -> Step:
        """Add a step, with the counters and waits as they now are, and return it."""
        step = {"at_s": at_s, "who": str(who), "layer": layer, "label": label,
                "size_bytes": len(data) if size is None else size,
                "read": min(self.read, self.trace.bytes_read), "written": min(self.sent, self.trace.bytes_written),
                "received": self.received, "sent": self.sent, "fields": fields, "hex": data.hex(), "openssl": [],
                "took": None, "waited_s": None, **more}
        if layer not in ("OpenSSL", "waiting"):  # OpenSSL goes on with a record after a pause
            self.report = None
        self.out.append(step)
        self.note_waits()
        return step

    def note_waits(self) -> None:
        """Put what the peers now wait for into the last step."""
        if self.out:
            self.out[-1] |= self.waits.now(self.sent, self.received)

    def silence(self, start_s: float, end_s: float, end: str = "") -> None:
        """Add a step for a time in which nothing happened."""
        now = self.waits.hang()
        said = ", ".join(f"the {who} waits for {what}{' (inferred)' * (who in now['inferred'])}"
                         for who, what in now["waits"].items() if what)
        label = f"nothing for {end_s - start_s:.1f} s{': ' * bool(said)}{said}{end}"
        self.add(end_s, self.own, "waiting", label, b"", [], waited_s=round(end_s - start_s, 6))
        self.out[-1] |= now

    # --- bytes on the wire ---

    def crossed(self, event: Event, readings: list[Reading]) -> None:
        """Add steps for text and records, and for what the TLS library takes of them."""
        left = 0
        for reading in readings:
            self.at(reading)
            if isinstance(reading.item, Taken):
                self.took_more(event, reading.item)
            elif reading.item and len(self.out) >= limits.SHOWN_STEPS:
                left += len(reading.item.data)
            elif isinstance(reading.item, Text):
                self.text(event, reading.item.data)
            elif reading.item:
                self.record(event, reading.item)
        if left:
            self.leave_out(event.who, left)

    def text(self, event: Event, data: bytes) -> None:
        """Add a step for a chunk of text, or of bytes that can only be shown as text."""
        self.waits.sent(event.who, data, "text")
        count = self.received if event.who == self.peer else self.sent
        known = 32 <= data[0] < 127 or data[0] in b"\r\n\t" or count > len(data)
        self.add(event.at_s, event.who, "plaintext SMTP" if known else "tcp", show_bytes(data), data,
                 text_fields(data, event.who))

    def record(self, event: Event, piece: RecordPiece) -> None:
        """Add a step for a record, or a piece of one."""
        side, item = self.records[event.who], piece.record
        whole = (side.partial if piece.before else b"") + piece.data
        side.partial = b"" if item else whole
        self.waits.sent(event.who, whole, "record")
        header = parse_header(whole)
        name = str(header.content_type if header else "a header that is not whole")
        if item is None:
            needed = HEADER_BYTES + (header.length if header else 0)
            name += f", {len(whole)} of {needed} bytes so far"
        elif item.alert:
            name = str(item.alert)
        elif item.handshake_type is not None and "unknown" not in str(item.handshake_type):
            name += f" {item.handshake_type}"
        step = self.add(event.at_s, event.who, "alert" if item and item.alert else "TLS record", name, whole,
                        record_fields(whole), len(piece.data))
        if not piece.before:
            if side.reports:
                step["openssl"] = side.reports.popleft()
            else:
                side.unread.append((step, step["openssl"]))

    # --- what OpenSSL reports ---

    def openssl(self, event: Event, readings: list[Reading]) -> None:
        """Take a report: a record header begins a step, all else belongs to the step before."""
        report, note, data = event.report, plain(event.note) or "", event.data or b""
        if report and report.kind == "header":
            self.report = self.writes(event, report) if report.wrote else self.reads(event, report, readings)
            return
        step = self.report
        if step is None or step["who"] != event.who:
            self.add(event.at_s, event.who, "OpenSSL", note, data, [])
            return
        step["openssl"].append(note)
        what = (plain(report.name) if report else note.partition(" ")[2]) or ""
        if not step["label"].endswith(what):
            link = "; " if len(step["openssl"]) > 2 else ": "
            step["label"] = step["label"].removesuffix(", encrypted") + link + what
        if "in_clear" not in step:
            step["in_clear"], step["hex"], step["fields"] = True, "", []
        step["fields"] += (alert_fields(data, len(step["hex"]) // 2) or message_fields(data, len(step["hex"]) // 2))
        step["hex"] += data.hex()

    def reads(self, event: Event, report: TlsReport, readings: list[Reading]) -> Step | None:
        """Add steps for a reading: 5 bytes, then, if they promise a record, N. Returns the second, if there is one."""
        side, name = self.records[event.who.other], plain(report.name)
        self.at(readings[0])
        first = self.add(event.at_s, event.who, "OpenSSL", f"reads 5 bytes, a record header: {name}", report.data,
                         header_fields(report.data), took=HEADER_BYTES)
        record, reports = side.unread.popleft() if side.unread else (first, first["openssl"])
        reports.append(plain(event.note) or "")
        taken = readings[-1].item
        if not isinstance(taken, Taken) or taken.header is None:
            first["label"] = f"reads 5 bytes as a record header, and they make none: {name}"
            return None
        self.at(readings[-1])
        kind, length = taken.header.content_type, taken.header.length
        promised = f" of {length}" if taken.left else ""
        fragment = bytes.fromhex(record["hex"])[HEADER_BYTES:] if record is not first else b""
        encrypted = ", encrypted" * (kind == ContentType.application_data)
        step = self.add(event.at_s, event.who, "OpenSSL",
                        f"reads {taken.size}{promised} {_bytes(length)}, the fragment: {kind}{encrypted}", fragment, [],
                        taken.size, took=taken.size)
        step["openssl"] = reports
        return step

    def writes(self, event: Event, report: TlsReport) -> Step:
        """Add a step for a record that OpenSSL makes; it crosses the wire later."""
        header, side = parse_header(report.data), self.records[event.who]
        size, kind = (HEADER_BYTES + header.length, header.content_type) if header else (HEADER_BYTES, "unknown")
        step = self.add(event.at_s, event.who, "OpenSSL", f"writes {size} bytes, a record: {kind}", report.data,
                        header_fields(report.data), size)
        step["openssl"].append(plain(event.note) or "")
        if event.who == self.own or not side.unread:
            side.reports.append(step["openssl"])
        return step

    def took_more(self, event: Event, taken: Taken) -> None:
        """Add a step: more of a record has come, and the library takes it."""
        self.add(event.at_s, self.own, "OpenSSL", f"reads {taken.size} {_bytes(taken.size)}, more of the fragment"
                 f"{f', and waits for {taken.left} more' if taken.left else ''}", b"", [], taken.size, took=taken.size)


def _with_next(events: tuple[Event, ...]) -> list[tuple[Event, Event | None]]:
    """Each event with the next one that is no report."""
    out: list[tuple[Event, Event | None]] = []
    after: Event | None = None
    for event in reversed(events):
        out.append((event, after))
        after = after if event.what in (What.TLS, What.WAITING) else event
    return out[::-1]


def _bytes(number: int) -> str:
    return "byte" if number == 1 else "bytes"
