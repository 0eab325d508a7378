"""What each peer waits for, as a conversation goes on: said by its own trace, or inferred from the bytes.

The trace's own side says what it waits for. The other side is heard too if its trace is given, placed
by cause and effect: it can't have known of bytes that had not been sent. Otherwise it is inferred, and
marked so.
"""

from __future__ import annotations

from typing import Any

from ..causes import Cause
from ..escape import show_bytes
from ..events import ENDS, Awaited, What, Who
from ..trace import Trace


def plain(words: str | None) -> str | None:
    """A trace's own words, which may have come from a file, as printable ASCII."""
    return words and show_bytes(words.encode("utf-8", "replace"), 200)


class Waits:
    """Who waits for what, now."""

    def __init__(self, trace: Trace, other: Trace | None) -> None:
        self.trace, self.own = trace, trace.seen_from
        self.peer, self.verb = self.own.other, b""
        self.waits: dict[Who, str | None] = {Who.CLIENT: None, Who.SERVER: None}
        self.named: str | None = None  # what a server that has answered waits for again
        self.finished = False  # the client's first encrypted record, its Finished, or text within TLS has been seen
        self.heard = _timeline(other) if other and other.seen_from == self.peer else None
        self.end = plain(other.waiting_for) if other and self.heard is not None else None

    def starts_with(self, what: str) -> bool:
        """Whether the first thing its own side waited for, connected, was this."""
        notes = [e.awaited for e in self.trace.events if e.awaited not in (None, Awaited.CONNECTION)]
        return notes[:1] == [what]

    def says(self, who: Who, what: str) -> None:
        """Take a waiting event of the trace."""
        self.waits[who] = plain(what)
        if who == self.own == Who.SERVER:
            self.named = plain(what)

    def sent(self, who: Who, data: bytes, kind: str) -> None:
        """`who` sent `data` (`kind` "text", "inside" or "record"), or "connected", "closed", "reset"."""
        if kind in ENDS:
            self.waits[who] = None
        elif kind == What.CONNECTED:
            self.waits[self.own] = None
            if self.peer == Who.CLIENT and not self.starts_with("client-hello"):
                self.waits[Who.CLIENT] = "greeting"
        elif who == self.peer:
            self.waits[self.own] = None
            self._infer(data, kind, after_own=False)
        else:
            if self.own == Who.SERVER:
                self.waits[Who.SERVER] = self.named
            self._infer(data, kind, after_own=True)

    def _infer(self, data: bytes, kind: str, after_own: bool) -> None:
        """What the peer waits for, after its own bytes or the other's."""
        text, from_client = kind != "record", (self.peer == Who.SERVER) == after_own
        self.finished |= kind == "inside" or (from_client and data[:1] == b"\x17")
        if text and from_client:
            self.verb = data.strip().rpartition(b"\n")[2].split(b" ")[0].upper()
        if self.peer == Who.SERVER:
            if from_client:
                waits = self.waits[Who.SERVER]
                self.waits[Who.SERVER] = waits if waits == "client-finished" and not self.finished else None
            elif text:
                self.waits[Who.SERVER] = self._after_reply(data.rstrip().rpartition(b"\n")[2])
            else:
                self.waits[Who.SERVER] = "command" if self.finished else "client-finished"
        elif not from_client:
            self.waits[Who.CLIENT] = None
        elif text:
            self.waits[Who.CLIENT] = "reply"
        else:
            self.waits[Who.CLIENT] = "server-hello" if data[:1] == b"\x16" and data[5:6] == b"\x01" else None

    def _after_reply(self, line: bytes) -> str | None:
        if line[3:4] == b"-":
            return None
        if line.startswith(b"220") and self.verb == b"STARTTLS":
            return "client-hello"
        return {b"334": "AUTH answer", b"354": "mail content"}.get(line[:3], "command")

    def now(self, own_sent: int, own_received: int) -> dict[str, object]:
        """`waits`, and whose are `inferred`; the arguments are the bytes its own side has sent and received."""
        waits, inferred = dict(self.waits), [self.peer] if self.waits[self.peer] else []
        if self.heard is not None:
            said = [what for received, sent, what in self.heard if received <= own_sent and sent <= own_received]
            waits[self.peer], inferred = (said[-1] if said else None), []
        return {"waits": waits, "inferred": inferred}

    def hang(self) -> dict[str, Any]:
        """Both peers' waits while nothing happens, the peer's from the diagnosis where nothing else says it."""
        waits = dict(self.waits)
        waits[self.own] = waits[self.own] or plain(self.trace.waiting_for)
        if self.heard is not None:
            waits[self.peer] = self.end
        elif not waits[self.peer] and self.trace.cause is Cause.PLAINTEXT_TO_IMPLICIT:
            waits[self.peer] = {Who.SERVER: "client-hello", Who.CLIENT: "greeting"}[self.peer]
        return {"waits": waits, "inferred": [self.peer] * (self.heard is None and bool(waits[self.peer]))}


def _timeline(trace: Trace) -> list[tuple[int, int, str | None]]:
    """(bytes received, bytes sent, what it then waits for), for the side that this trace is of."""
    out: list[tuple[int, int, str | None]] = []
    counts = {Who.CLIENT: 0, Who.SERVER: 0}
    named: str | None = None
    own, peer = trace.seen_from, trace.seen_from.other
    for event in trace.events:
        what = None
        if event.what == What.BYTES:
            counts[event.who] += len(event.data or b"")
            what = named if event.who == own == Who.SERVER else None
        elif event.what == What.WAITING and event.who == own:
            what = named = plain(event.note)
        elif event.what not in ENDS or event.who != own:
            continue
        out.append((counts[peer], counts[own], what))
    if trace.waiting_for:
        out.append((counts[peer], counts[own], plain(trace.waiting_for)))
    return out
