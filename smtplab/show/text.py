"""Traces, reports and verdicts as plain text for a terminal.

Bytes from the wire are shown as printable ASCII and escapes only, so that nothing they hold can
act on the terminal.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import limits
from ..escape import printable, show_bytes
from ..records import ContentType, HandshakeType, RecordReader, TlsRecord, is_tls
from ..trace import Diagnosis, Event, Trace

if TYPE_CHECKING:
    from ..lab.matrix import MatrixRow
    from ..lab.probe import PortReport
    from ..lab.recorder import Recorder
    from ..verdict import Verdict

WIDTH = 100
LANE = {"client": "C:", "server": "S:"}


class Transcript:
    """Events to lines, one event at a time, so that it can be printed while it happens."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Event] = {}  # text without a line end yet
        self.tls: dict[str, RecordReader] = {}
        self.inside = False
        self.lines = self.records = 0
        self.left_out = {"client": 0, "server": 0}  # bytes of which there is no line

    def feed(self, event: Event) -> list[str]:
        """The lines that this event completes, as long as there are no more than `limits` lets it read."""
        enough = self.lines >= limits.READ_LINES or self.records > limits.READ_RECORDS
        if enough and event.what not in ("closed", "reset"):
            self.left_out[event.who] += len(event.data or b"") if event.what == "bytes" else 0
            return []
        lines = self._lines(event)
        self.lines += len(lines)
        return lines

    def _lines(self, event: Event) -> list[str]:
        if event.what == "bytes":
            return [self._line(event, text) for text in self._bytes(event)]
        if event.what == "inside":
            self.inside = True
            return [self._line(event, f"(in TLS) {text}") for text in self._text(event)]
        if event.what == "waiting":
            return [self._line(event, f"... the {event.who} waits: {event.note}", lane=False)]
        if event.what == "tls":
            reports = "" if event.data is None else f"the {event.who}'s OpenSSL "
            return [self._line(event, f"[{reports}{event.note}]", lane=False)] * _telling(event)
        held = self.rest() if event.what in ("closed", "reset") else []
        note = f" {event.note}" if event.note else ""
        who = "" if event.what == "connected" else f"the {event.who} "
        return [*held, self._line(event, f"-- {who}{event.what}{note}", lane=False)]

    def rest(self) -> list[str]:
        """The lines that have not come to their end, which are then forgotten."""
        held, self.held = self.held, {}
        return [self._line(e, f"{'(in TLS) ' * (e.what == 'inside')}{show_bytes(e.data, 400)} (no line end)")
                for e in held.values()] + self._leave_out()

    def _leave_out(self) -> list[str]:
        said = ", ".join(f"{size} bytes from the {who}" for who, size in self.left_out.items() if size)
        self.left_out = dict.fromkeys(self.left_out, 0)
        return [f"           ... left out here: {said}"] * bool(said)

    def _line(self, event: Event, text: str, lane: bool = True) -> str:
        return printable(f"{event.at_s:9.3f}  {LANE[event.who] + ' ' if lane else ''}{text}")

    def _bytes(self, event: Event) -> list[str]:
        # No text begins with a byte from 20 to 24.
        if event.who in self.tls or (is_tls(event.data[:1]) and (event.who, "bytes") not in self.held):
            return self._records(event)
        return self._text(event)

    def _records(self, event: Event) -> list[str]:
        out, reader = [], self.tls.setdefault(event.who, RecordReader())
        for item in reader.feed(event.data):
            self.records += 1
            if not isinstance(item, TlsRecord):  # what follows is text again, or nothing that we know
                del self.tls[event.who]
                return [*out, *self._text(replace(event, data=bytes(reader.rest)))]
            if not (self.inside and item.content_type == ContentType.application_data):
                out.append(f"[TLS {_name(item)}, {item.size_bytes} bytes]")
        return out

    def _text(self, event: Event) -> list[str]:
        key = event.who, event.what
        before = self.held.pop(key).data if key in self.held else b""
        *lines, rest = (before + event.data).split(b"\n")
        if rest:
            self.held[key] = replace(event, data=rest)
        return [show_bytes(line.removesuffix(b"\r"), 1000) for line in lines]


def _telling(event: Event) -> bool:
    """Whether OpenSSL reports more than the records show: a header that is none, or what is encrypted."""
    if "record header" in event.note:
        return not is_tls(event.data)
    in_clear = (HandshakeType.client_hello, HandshakeType.server_hello)
    return event.data is None or (len(event.data) > 1 and event.data[0] not in in_clear)


def _name(record: TlsRecord) -> str:
    if record.alert:
        return str(record.alert)
    first = record.handshake_type  # None in an empty record, too
    return str(record.content_type) if first is None or "unknown" in first.name else f"{record.content_type} {first}"


def transcript(events: Iterable[Event]) -> list[str]:
    """The conversation, a line each; of a long one the beginning and the end."""
    view = Transcript()
    lines = [line for event in events for line in view.feed(event)] + view.rest()
    half = limits.SHOWN_LINES // 2
    if (more := len(lines) - 2 * half) > 0:
        lines[half:-half] = [f"           ... {more} lines are left out here"]
    return lines


class Live:
    """A listener that prints a conversation's lines as they come, secrets blanked, through `write`."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write, self.view, self.seen = write, Transcript(), 0
        self.work_bytes = 0  # each event reads the conversation anew

    def __call__(self, recorder: Recorder) -> None:
        """Print what has come since the last call."""
        newest = recorder.events[-1]
        if self.work_bytes > limits.LIVE_BYTES or (newest.what in ("bytes", "inside") and self._goes_on(newest)):
            return
        self.work_bytes += recorder.size_bytes
        events = recorder.clean_events()
        for event in events[self.seen:]:
            for line in self.view.feed(event):
                self.write(line)
        self.seen = len(events)

    def rest(self, recorder: Recorder) -> None:
        """Print what has been held back, at the end."""
        for event in recorder.clean_events()[self.seen:]:
            for line in self.view.feed(event):
                self.write(line)
        for line in self.view.rest():
            self.write(line)

    def _goes_on(self, event: Event) -> bool:
        """Whether this is part of a line of text, the end of which is to come."""
        return event.who not in self.view.tls and b"\n" not in event.data and not is_tls(event.data[:1])


def counters(trace: Trace) -> str:
    """s_client's own line; "so far" where no handshake or conversation came to an end."""
    hangs = trace.waiting_for is not None and not trace.ok
    return (f"SSL handshake has read {trace.bytes_read} bytes and written {trace.bytes_written} bytes"
            + (" so far" if hangs else ""))


def diagnosis(found: Diagnosis, certain: bool = True) -> str:
    """Title, why and fixes."""
    lines = [f"{found.cause}: {found.title}{'' if certain else ' (not certain)'}"]
    lines += textwrap.wrap(found.why, WIDTH, break_long_words=False)
    for fix in found.fixes:
        lines += textwrap.wrap(fix, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_long_words=False)
    return printable("\n".join(lines))


def summary(trace: Trace) -> str:
    """What comes after the transcript: who waited, diagnosis, sizes, and s_client's line last."""
    out = ["", diagnosis(trace.diagnosis, trace.certain), ""]
    if trace.waiting_for:
        out.append(f"The {trace.seen_from} was waiting: {trace.waiting_for}.")
    out.append(f"{trace.bytes_received} bytes received and {trace.bytes_sent} sent in {trace.seconds:.3f} s.")
    return printable("\n".join([*out, counters(trace)]))


def heading(trace: Trace) -> str:
    """One line that says whose conversation follows."""
    host, port = trace.address
    who = "client" if trace.seen_from == "client" else "visitor"
    return printable(f"{who} in mode {trace.mode or 'unknown'}, server {f'[{host}]' if ':' in host else host}:{port}")


def report(trace: Trace) -> str:
    """A trace as text: heading, transcript, diagnosis, counters."""
    return "\n".join([heading(trace), *transcript(trace.events), summary(trace)])


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, the first row underlined."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def ports(reports: Iterable[PortReport]) -> str:
    """Probe reports as a table, the EHLO keywords below."""
    found = list(reports)
    certificate = {True: "accepted", False: "not accepted", None: ""}
    rows = [("host", "port", "speaks", "TLS", "certificate", "seconds")]
    rows += [(r.host, str(r.port), r.speaks.value, r.tls_version or "", certificate[r.certificate_ok],
              f"{r.seconds:.2f}") for r in found]
    out = [table(rows)]
    for r in found:
        if r.greeting:
            said, lists = (show_bytes(words.encode("utf-8", "replace"), most)
                           for words, most in ((r.greeting, 200), (", ".join(r.ehlo_keywords), 400)))
            out += ["", f"{r.host}:{r.port} greets `{said}`", *[f"  and lists {lists}"] * bool(lists)]
    return printable("\n".join(out))


def verdict(found: Verdict) -> str:
    """OpenSSL's checks in order, down to verdict and alert."""
    lines = [f"OpenSSL {found.openssl} reads: {found.header or 'fewer than five bytes'}"]
    lines += [f"  {'passed' if c.passed else 'FAILED'}  {c.check}: {c.because}" for c in found.checks]
    from ..verdict import branch_of  # a trace alone needs none of OpenSSL's checks
    lines[0] += "" if branch_of(found.openssl).measured else " (this release was not measured)"
    waits = "it waits for" if found.verdict == "wait" else "it needed"
    lines.append(f"verdict: {found.verdict}; {waits} {found.bytes_needed} bytes; "
                 f"alert sent: {found.alert or 'none'}")
    return "\n".join(lines)


def cells(rows: Iterable[MatrixRow]) -> str:
    """A matrix as a table of causes, a column a mode; "?" marks what is not certain."""
    rows = list(rows)
    if not rows:
        return "no dial came to its end"
    modes = list(dict.fromkeys(row.mode for row in rows))
    by = {(row.server, row.mode): row for row in rows}
    lines = [("server \\ client", *(mode.value for mode in modes))]
    for kind in dict.fromkeys(row.server for row in rows):
        lines.append((kind, *(cell(by[kind, mode]) if (kind, mode) in by else "" for mode in modes)))
    return table(lines)


def cell(row: MatrixRow) -> str:
    """One cell in a few words."""
    doubt, odd = "" if row.certain else "?", "" if row.cause is row.expected else f" (expected {row.expected})"
    return f"{row.cause}{doubt}, read {row.bytes_read}, {row.seconds:.1f} s{odd}"
