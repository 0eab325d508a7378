"""A trace as a list of steps, one for each thing worth an arrow, in plain values for JSON.

A walk over the trace's events, once. The bytes are cut where a reader would cut them: a chunk that
holds several TLS records gives an arrow for each, and a record that comes in pieces one for each
piece. OpenSSL's own reports are steps of their own: it reads 5 bytes, a header, then the N that the
header promises, then 5 again. Beside the counters that `openssl s_client` would print (*read* is what
the TLS library took, and stands still once the handshake has ended) go those of the socket.
"""

from __future__ import annotations

from collections import deque

from .. import limits
from ..escape import show_bytes
from ..records import (
    HEADER_BYTES,
    MAX_FRAGMENT_BYTES,
    Malformed,
    NeedMore,
    TlsRecord,
    is_tls,
    parse_header,
    read_record,
)
from ..trace import Event, Trace
from .step_fields import alert_fields, header_fields, message_fields, record_fields, text_fields
from .step_waits import Waits, plain

OTHER = {"client": "server", "server": "client"}
QUIET_S = 0.25  # a silence as long as this is a step of its own
Step = dict[str, object]


def steps(trace: Trace, other: Trace | None = None) -> list[Step]:
    """The steps of a trace; `other`, the peer's trace of the same connection, says what the peer waited for."""
    return _Walk(trace, other).run()


class _Side:
    """One direction: how much crossed, whether it has turned to TLS, and the record that is not whole yet."""

    def __init__(self) -> None:
        self.count, self.tls, self.not_tls, self.line_open = 0, False, False, False
        self.record = bytearray()
        self.reports: deque[list[str]] = deque()  # OpenSSL's, on records that it wrote and that are to cross
        self.unread: deque[tuple[Step, list[str]]] = deque()  # records that crossed, and no report on them yet


class _Walk:
    def __init__(self, trace: Trace, other: Trace | None) -> None:
        self.trace, self.own = trace, trace.seen_from
        self.peer = OTHER[self.own]
        self.sides = {"client": _Side(), "server": _Side()}
        self.waits = Waits(trace, other)
        self.out: list[Step] = []
        self.taken = 0  # what the TLS library, or the SMTP dialogue where there is none, took
        self.owed = 0  # what the library still wants of the record whose header it has read
        self.witness = any(e.what == "tls" and e.who == self.own and e.note.startswith("read a record header")
                           for e in trace.events)
        first = next((e.data for e in trace.events if e.what == "bytes" and e.data and e.who == "client"), b"")
        self.tls_first = is_tls(first) or self.waits.starts_with("client-hello")
        self.last_text = {"client": b"", "server": b""}
        self.left_out, self.last = {"client": 0, "server": 0}, {}  # bytes that no step shows, and the step that says it
        self.report: Step | None = None  # the OpenSSL step that the next reports belong to

    def run(self) -> list[Step]:
        """All steps."""
        last_s, hang = 0.0, self.trace.waiting_for is not None and not self.trace.ok
        events = self.trace.events
        gives_up = hang and bool(events) and events[-1].what == "closed" and events[-1].who == self.own
        held: Event | None = None  # what its own side will wait for once it has sent what comes next
        for event, after in self.with_next(events[:len(events) - gives_up]):
            if event.at_s - last_s >= QUIET_S:
                self.silence(last_s, event.at_s)
            last_s = event.at_s
            if self.full(event):
                continue
            if event.what == "waiting" and after and after.who == self.own and after.what in ("bytes", "inside"):
                held = event
                continue
            self.event(event)
            if held and event.what in ("bytes", "inside"):
                self.event(held)
                held = None
        if hang and (gives_up or self.trace.seconds - last_s >= QUIET_S):
            self.silence(last_s, self.trace.seconds, f"; then the {self.own} gave up and closed" if gives_up else "")
        if self.out:
            self.out[-1] |= {"read": self.trace.bytes_read, "written": self.trace.bytes_written}
            self.out[-1]["waits"] = {**self.out[-1]["waits"], self.own: plain(self.trace.waiting_for)}
        return [{**step, "openssl": list(step["openssl"])} for step in self.out]

    @staticmethod
    def with_next(events: tuple[Event, ...]) -> list[tuple[Event, Event | None]]:
        """Each event with the next one that is no report."""
        out, after = [], None
        for event in reversed(events):
            out.append((event, after))
            after = after if event.what in ("tls", "waiting") else event
        return out[::-1]

    def full(self, event: Event) -> bool:
        """Whether there are so many steps that this event is only counted."""
        if len(self.out) < limits.SHOWN_STEPS or event.what in ("closed", "reset"):
            return False
        self.leave_out(event.who, len(event.data or b"") if event.what == "bytes" else 0)
        return True

    def leave_out(self, who: str, size: int) -> None:
        """Count bytes that no step shows; the last step says how many."""
        self.crossed(who, size)
        self.left_out[who] += size
        if not self.last:
            self.last = self.add(self.out[-1]["at_s"], self.own, "tcp", "", b"", [])
        said = ", ".join(f"{size} bytes from the {who}" for who, size in self.left_out.items() if size)
        self.last["label"] = f"what follows is left out here: {said or 'no bytes'}"
        self.last |= {"received": self.sides[self.peer].count, "sent": self.sides[self.own].count}

    def event(self, event: Event) -> None:
        """The steps of one event."""
        if event.what == "waiting":
            self.waits.says(event.who, event.note)
            self.note_waits()
        elif event.what == "bytes":
            self.bytes(event, event.data or b"")
        elif event.what == "inside":
            self.waits.sent(event.who, event.data or b"", "inside")
            self.add(event.at_s, event.who, "inside TLS", show_bytes(event.data or b""), event.data or b"",
                     text_fields(event.data or b"", event.who))
        elif event.what == "tls":
            self.openssl(event)
        else:
            self.waits.sent(event.who, b"", event.what)
            who = "client" if event.what == "connected" else event.who  # the client connects, whoever recorded it
            self.add(event.at_s, who, "tcp", f"{event.what} {plain(event.note)}".rstrip(), b"", [])

    def add(self, at_s: float, who: str, layer: str, label: str, data: bytes, fields: list, size: int | None = None,
            **more: object) -> Step:
        """One more step, with the counters and waits as they now are."""
        received, sent = self.sides[self.peer].count, self.sides[self.own].count
        step = {"at_s": at_s, "who": who, "layer": layer, "label": label,
                "size_bytes": len(data) if size is None else size,
                "read": min(self.taken, self.trace.bytes_read), "written": min(sent, self.trace.bytes_written),
                "received": received, "sent": sent, "fields": fields, "hex": data.hex(), "openssl": [],
                "took": None, "waited_s": None, **more}
        if layer != "OpenSSL":
            self.report = None
        self.out.append(step)
        self.note_waits()
        return step

    def note_waits(self) -> None:
        """What the peers now wait for is so after the last step."""
        if self.out:
            self.out[-1] |= self.waits.now(self.sides[self.own].count, self.sides[self.peer].count)

    def silence(self, start_s: float, end_s: float, end: str = "") -> None:
        """A time in which nothing happened."""
        now = self.waits.hang()
        said = ", ".join(f"the {who} waits for {what}{' (inferred)' * (who in now['inferred'])}"
                         for who, what in now["waits"].items() if what)
        label = f"nothing for {end_s - start_s:.1f} s{': ' * bool(said)}{said}{end}"
        self.add(end_s, self.own, "waiting", label, b"", [], waited_s=round(end_s - start_s, 6))
        self.out[-1] |= now

    # --- bytes on the wire ---

    def bytes(self, event: Event, data: bytes) -> None:
        """A chunk, cut into records and text."""
        side = self.sides[event.who]
        while data and len(self.out) < limits.SHOWN_STEPS:
            if not side.tls and not side.not_tls and not side.line_open and is_tls(data):
                side.tls = True
                self.sides[OTHER[event.who]].tls |= event.who == "client"
            data = self.record(event, side, data) if side.tls else self.text(event, side, data)
        if data:
            self.leave_out(event.who, len(data))

    def text(self, event: Event, side: _Side, data: bytes) -> bytes:
        """Text, up to where a ClientHello takes the place of a line; the rest is returned."""
        cut = -1 if side.not_tls or event.who == "server" else data.find(b"\n\x16\x03")
        data, rest = (data, b"") if cut < 0 else (data[:cut + 1], data[cut + 1:])
        side.line_open = not data.endswith(b"\n")
        self.crossed(event.who, len(data))
        self.waits.sent(event.who, data, "text")
        known = 32 <= data[0] < 127 or data[0] in b"\r\n\t" or side.count > len(data)
        self.add(event.at_s, event.who, "plaintext SMTP" if known else "tcp", show_bytes(data), data,
                 text_fields(data, event.who))
        self.take_owed(event)
        return rest

    def record(self, event: Event, side: _Side, data: bytes) -> bytes:
        """A record, or a piece of one; the rest is returned."""
        before = len(side.record)
        side.record += data
        item = read_record(side.record)
        if isinstance(item, Malformed):
            side.tls, side.not_tls = False, True
            return data
        whole = bytes(side.record) if isinstance(item, NeedMore) else bytes(side.record[:item.size_bytes])
        size = len(whole) - before
        self.crossed(event.who, size)
        self.waits.sent(event.who, whole, "record")
        header = parse_header(whole)
        name = str(header.content_type if header else "a header that is not whole")
        alert = None
        if isinstance(item, NeedMore):
            name += f", {len(whole)} of {item.bytes_needed} bytes so far"
        elif alert := item.alert:
            name = str(alert)
        elif item.handshake_type is not None and "unknown" not in str(item.handshake_type):
            name += f" {item.handshake_type}"
        step = self.add(event.at_s, event.who, "alert" if alert else "TLS record", name, whole, record_fields(whole),
                        size)
        if not before:
            if side.reports:
                step["openssl"] = side.reports.popleft()
            else:
                side.unread.append((step, step["openssl"]))
        side.record = bytearray() if isinstance(item, TlsRecord) else side.record
        self.take_owed(event)
        return data[size:]

    def crossed(self, who: str, size: int) -> None:
        """Count bytes; without a TLS library that reports, what came has been read."""
        self.sides[who].count += size
        if who == self.peer and not (self.witness and (self.sides[who].tls or self.tls_first)):
            self.taken += size

    # --- what OpenSSL reports ---

    def openssl(self, event: Event) -> None:
        """A report: it opens a step with a record header, or belongs to the one before."""
        note, data = plain(event.note), event.data or b""
        if "a record header" in note:
            reads = note.startswith("read")
            self.report = (self.reads if reads else self.writes)(event, note, data)
            return
        step = self.report
        if step is None or step["who"] != event.who:
            self.add(event.at_s, event.who, "OpenSSL", note, data, [])
            return
        step["openssl"].append(note)
        what = note.partition(" ")[2].removeprefix("handshake message ")
        if not step["label"].endswith(what):
            link = "; " if len(step["openssl"]) > 2 else ": "
            step["label"] = step["label"].removesuffix(", encrypted") + link + what
        if "in_clear" not in step:
            step["in_clear"], step["hex"], step["fields"] = True, "", []
        step["fields"] += (alert_fields(data, len(step["hex"]) // 2) or message_fields(data, len(step["hex"]) // 2))
        step["hex"] += data.hex()

    def reads(self, event: Event, note: str, data: bytes) -> Step | None:
        """5 bytes, then, if they promise a record, N."""
        header, side = parse_header(data), self.sides[OTHER[event.who]]
        mine = event.who == self.own
        self.taken += HEADER_BYTES * mine
        first = self.add(event.at_s, event.who, "OpenSSL", f"reads 5 bytes, a record header: {note.partition(': ')[2]}",
                         data, header_fields(data), took=HEADER_BYTES)
        record, reports = side.unread.popleft() if side.unread else (first, first["openssl"])
        reports.append(note)
        if header is None or not is_tls(data) or header.length > MAX_FRAGMENT_BYTES:
            first["label"] = f"reads 5 bytes as a record header, and they make none: {note.partition(': ')[2]}"
            return None
        here = header.length if not mine else min(header.length, max(0, self.sides[self.peer].count - self.taken))
        self.taken += here * mine
        self.owed = header.length - here if mine else self.owed
        promised = "" if here == header.length else f" of {header.length}"
        fragment = bytes.fromhex(record["hex"])[HEADER_BYTES:] if record is not first else b""
        step = self.add(event.at_s, event.who, "OpenSSL",
                        f"reads {here}{promised} {_bytes(header.length)}, the fragment: {header.content_type}"
                        f"{', encrypted' * (header.content_type == 23)}", fragment, [], here, took=here)
        step["openssl"] = reports
        return step

    def writes(self, event: Event, note: str, data: bytes) -> Step:
        """A record that OpenSSL makes; it crosses the wire later."""
        header = parse_header(data)
        size = HEADER_BYTES + (header.length if header else 0)
        step = self.add(event.at_s, event.who, "OpenSSL", f"writes {size} bytes, a record: "
                        f"{header.content_type if header else 'unknown'}", data, header_fields(data), size)
        step["openssl"].append(note)
        if event.who == self.own or not self.sides[event.who].unread:
            self.sides[event.who].reports.append(step["openssl"])
        return step

    def take_owed(self, event: Event) -> None:
        """More of a record that the library waits for has come: it takes it."""
        if here := min(self.owed, max(0, self.sides[self.peer].count - self.taken)) * (event.who == self.peer):
            self.taken, self.owed = self.taken + here, self.owed - here
            self.add(event.at_s, self.own, "OpenSSL", f"reads {here} {_bytes(here)}, more of the fragment"
                     f"{f', and waits for {self.owed} more' if self.owed else ''}", b"", [], here, took=here)


def _bytes(number: int) -> str:
    return "byte" if number == 1 else "bytes"
