"""What each peer waits for, as a conversation goes on: said by its own trace, or inferred from the bytes.

The trace's own side says what it waits for. The other side is heard too if its trace is given, placed
by cause and effect: it can't have known of bytes that had not been sent. Otherwise it is inferred, and
marked so.
"""

from __future__ import annotations

from ..causes import Cause
from ..escape import show_bytes
from ..trace import Trace

OTHER = {"client": "server", "server": "client"}


def plain(words: str | None) -> str | None:
    """A trace's own words, which may have come from a file, as printable ASCII."""
    return words and show_bytes(words.encode("utf-8", "replace"), 200)


class Waits:
    """Who waits for what, now."""

    def __init__(self, trace: Trace, other: Trace | None) -> None:
        self.trace, self.own = trace, trace.seen_from
        self.peer, self.verb = OTHER[self.own], b""
        self.waits: dict[str, str | None] = {"client": None, "server": None}
        self.named: str | None = None  # what a server that has answered waits for again
        self.finished = False  # the client's first encrypted record, its Finished, or text within TLS has been seen
        self.heard = _timeline(other) if other and other.seen_from == self.peer else None
        self.end = plain(other.waiting_for) if self.heard is not None else None

    def starts_with(self, what: str) -> bool:
        """Whether the first thing its own side waited for, connected, was this."""
        notes = [e.note for e in self.trace.events if e.what == "waiting" and e.note != "connection"]
        return notes[:1] == [what]

    def says(self, who: str, what: str) -> None:
        """A waiting event."""
        self.waits[who] = what = plain(what)
        if who == self.own == "server":
            self.named = what

    def sent(self, who: str, data: bytes, kind: str) -> None:
        """`who` sent `data` (`kind` "text", "inside" or "record"), or "connected", "closed", "reset"."""
        if kind in ("closed", "reset"):
            self.waits[who] = None
        elif kind == "connected":
            self.waits[self.own] = None
            if self.peer == "client" and not self.starts_with("client-hello"):
                self.waits["client"] = "greeting"
        elif who == self.peer:
            self.waits[self.own] = None
            self._infer(data, kind, after_own=False)
        else:
            if self.own == "server":
                self.waits["server"] = self.named
            self._infer(data, kind, after_own=True)

    def _infer(self, data: bytes, kind: str, after_own: bool) -> None:
        """What the peer waits for, after its own bytes or the other's."""
        text, from_client = kind != "record", (self.peer == "server") == after_own
        self.finished |= kind == "inside" or (from_client and data[:1] == b"\x17")
        if text and from_client:
            self.verb = data.strip().rpartition(b"\n")[2].split(b" ")[0].upper()
        if self.peer == "server":
            if from_client:
                waits = self.waits["server"]
                self.waits["server"] = waits if waits == "client-finished" and not self.finished else None
            elif text:
                self.waits["server"] = self._after_reply(data.rstrip().rpartition(b"\n")[2])
            else:
                self.waits["server"] = "command" if self.finished else "client-finished"
        elif not from_client:
            self.waits["client"] = None
        elif text:
            self.waits["client"] = "reply"
        else:
            self.waits["client"] = "server-hello" if data[:1] == b"\x16" and data[5:6] == b"\x01" else None

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

    def hang(self) -> dict[str, object]:
        """Both peers' waits while nothing happens, the peer's from the diagnosis where nothing else says it."""
        waits = dict(self.waits)
        waits[self.own] = waits[self.own] or plain(self.trace.waiting_for)
        if self.heard is not None:
            waits[self.peer] = self.end
        elif not waits[self.peer] and self.trace.cause is Cause.PLAINTEXT_TO_IMPLICIT:
            waits[self.peer] = {"server": "client-hello", "client": "greeting"}[self.peer]
        return {"waits": waits, "inferred": [self.peer] * (self.heard is None and bool(waits[self.peer]))}


def _timeline(trace: Trace) -> list[tuple[int, int, str | None]]:
    """(bytes received, bytes sent, what it then waits for), for the side that this trace is of."""
    out: list[tuple[int, int, str | None]] = []
    counts, named = {"client": 0, "server": 0}, None
    own, peer = trace.seen_from, OTHER[trace.seen_from]
    for event in trace.events:
        what = None
        if event.what == "bytes":
            counts[event.who] += len(event.data or b"")
            what = named if event.who == own == "server" else None
        elif event.what == "waiting" and event.who == own:
            what = named = plain(event.note)
        elif event.what not in ("closed", "reset") or event.who != own:
            continue
        out.append((counts[peer], counts[own], what))
    if trace.waiting_for:
        out.append((counts[peer], counts[own], plain(trace.waiting_for)))
    return out
