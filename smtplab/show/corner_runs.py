"""A corner of the four, run: the job that dials it, and what its two traces show, in a few lines.

Nothing of what a run shows is written down here; it is read from the traces. Where nothing can be run there are the
recorded runs of `recorded_corners.jsonl`, one corner a line, with the day and the versions that made them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..between import confirm
from ..escape import Printable, printable
from ..events import Mode, What, Who
from ..literals import KindName
from ..recorded.choice import new_dial, serve
from ..recorded.state import RECORDED, in_use
from ..trace import Trace
from .corners import CORNERS, Corner, Words, name_of

if TYPE_CHECKING:
    from ..lab.client import Dial
    from ..lab.server import Server

TIMEOUT_S = 3.0  # how long the client waits that waits for nothing
WIDTHS = (22, 27, 27)  # of the columns of the text form, in characters


@dataclass(frozen=True)
class CornerRun:
    """One run of a corner: the client's `trace`, and `seen`, the server's. `recorded` names day and versions of a
    recorded run; it is empty for one of this process. `over`: it has ended."""

    corner: Corner
    trace: Trace
    seen: Trace | None
    recorded: Mapping[str, str] | None = None
    over: bool = True

    @property
    def first(self) -> tuple[Who, ...]:
        """Who spoke before having heard anything: one side, both, or none."""
        spoke = [(side, next((e.who for e in trace.events if e.what == What.BYTES), None))
                 for side, trace in ((Who.CLIENT, self.trace), (Who.SERVER, self.seen)) if trace]
        return tuple(side for side, first in spoke if side == first and self.crossed[side])

    @property
    def crossed(self) -> dict[Who, int]:
        """The bytes that each side sent while the client was there."""
        return {Who.CLIENT: self.trace.bytes_sent, Who.SERVER: self.trace.bytes_received}

    @property
    def waits(self) -> dict[Who, str]:
        """Who was waiting at the end, and for what."""
        sides = ((Who.CLIENT, self.trace), (Who.SERVER, self.seen))
        return {side: trace.waiting_for for side, trace in sides if trace and trace.waiting_for}

    @property
    def tone(self) -> str:
        """"ok", "bad" (they talked past each other), "hang" (nothing crossed), or "busy"."""
        if not self.over:
            return "busy"
        return "ok" if self.trace.ok else "bad" if any(self.crossed.values()) or len(self.waits) < 2 else "hang"

    @property
    def sign(self) -> str:
        """The tone as a sign."""
        return {"ok": "✓", "bad": "✗", "hang": "…", "busy": "▸"}[self.tone]

    def headline(self, words: Words) -> str:
        """What it comes to."""
        trace, failure = self.trace, self.trace.failure
        if not self.over:
            return ""
        if trace.ok:
            return f"{words.works}: {trace.tls.version if trace.tls else words.in_clear}"
        if self.tone == "hang":
            return words.both_wait
        by_tls = failure and failure.library and failure.library.startswith("OpenSSL")
        reason = failure.reason if failure and by_tls else trace.diagnosis.title
        return f"{words.both_talk}: {reason}" if len(self.first) == 2 else reason

    def facts(self, words: Words) -> list[tuple[str, str]]:
        """What was seen, as names and values."""
        first = words.both_at_once if len(self.first) == 2 else "".join(words.peers[who] for who in self.first)
        read = self.trace.bytes_read
        unread = self.trace.tls is None and self.over and not self.trace.ok and read < self.trace.bytes_received
        sizes = {who: words.size.format(size) for who, size in self.crossed.items()}
        waits = [words.waits_for.format(who=words.peers[who], what=words.awaited.get(what, what))
                 for who, what in self.waits.items()]
        found = [(words.first, first or words.nobody), (words.to_server, sizes[Who.CLIENT]),
                 (words.to_client, sizes[Who.SERVER] + (words.comma + words.of_which_read.format(read)) * unread)]
        if self.over:
            found += [(words.at_the_end, words.semicolon.join(waits) or words.nobody_waits),
                      (words.took, self._took(words))]
        return [(name, printable(value)) for name, value in found]

    def _took(self, words: Words) -> str:
        reason = self.trace.failure.reason if self.trace.failure else ""
        known = {"timeout": words.timed_out, "stopped": words.stopped}
        if reason in known:
            return known[reason].format(f"{self.trace.seconds:.1f}")
        return words.after.format(f"{self.trace.seconds:.2f}")

    def note(self, words: Words) -> str:
        """Where a recorded run is from; "" for one of this process."""
        return words.recorded.format(**self.recorded) if self.recorded else ""

    def sentence(self, words: Words) -> str:
        """All of it in one line, to be read out."""
        facts = ". ".join(f"{name}: {value}" for name, value in self.facts(words))
        note = f" ({self.note(words)})" if self.recorded else ""
        return f"{name_of(self.corner, words)}: {self.headline(words)}{note}. {facts}."


class CornerJob:
    """One run of a corner at a lab server of its own; `stop` ends it from any thread."""

    def __init__(self, corner: Corner, timeout_s: float = TIMEOUT_S) -> None:
        self.corner, self.timeout_s, self._stopped = corner, timeout_s, False
        self._at_work: tuple[Server, Dial] | None = None

    def run(self) -> CornerRun:
        """Serve, dial, and return what both sides saw. Raises OSError where nothing can listen.

        Where recordings are in use, the recorded run."""
        if in_use():
            return next(_marked(run) for run in recorded_corners() if run.corner == self.corner)
        with serve(self.corner.kind) as server:
            dial = new_dial(server, self.corner.mode, timeout_s=self.timeout_s)
            self._at_work = server, dial
            if self._stopped:
                dial.stop()
            trace = dial.run()
            seen = server.trace(of=trace)
        return CornerRun(self.corner, confirm(trace, seen), seen)

    def so_far(self) -> CornerRun | None:
        """What has been seen by now; None before the dial."""
        if self._at_work is None:
            return None
        server, dial = self._at_work
        return CornerRun(self.corner, dial.trace(), server.trace(), over=False)

    def stop(self) -> None:
        """End soon, also before the dial."""
        self._stopped = True
        if self._at_work:
            self._at_work[1].stop()


# --- recorded ---


@cache
def recorded_corners() -> tuple[CornerRun, ...]:
    """The recorded runs of all four, in their order."""
    lines = Path(__file__).with_name("recorded_corners.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_recorded(json.loads(line)) for line in lines)


def _recorded(row: dict[str, object]) -> CornerRun:
    client, server = (Trace.from_json(json.dumps(row[side])) for side in ("client", "server"))
    trace = confirm(client, server)
    return CornerRun(Corner(Mode.of(str(row["mode"])), cast("KindName", row["kind"])), trace, server,
                     {"date": str(row["date"]), "versions": str(row["versions"])})


def _marked(run: CornerRun) -> CornerRun:
    """The run with traces that say by themselves that they are recorded."""
    from ..recorded.runs import marked
    note = "{}{versions} on {date}".format(RECORDED, **(run.recorded or {}))
    return replace(run, trace=marked(run.trace, note), seen=run.seen and marked(run.seen, note))


def as_record(run: CornerRun, date: str, versions: str) -> str:
    """The line of a run in `recorded_corners.jsonl`."""
    sides = {"client": run.trace.to_dict(), "server": run.seen.to_dict() if run.seen else None}
    return json.dumps({"mode": run.corner.mode.value, "kind": run.corner.kind, "date": date, "versions": versions,
                       **sides})


# --- as text ---


def corners_text(runs: Iterable[CornerRun], words: Words, here: Corner | None = None) -> Printable:
    """The square as text, 80 columns wide; recorded runs are called so, and corners that were not run too."""
    found = {run.corner: run for run in runs}
    head = [[""], *([name, f"({more})"] for name, more in words.columns.values())]
    rows = [head]
    for mode, (name, more) in words.rows.items():
        corners = [corner for corner in CORNERS if corner.mode == mode]
        rows.append([[name, f"({more})"], *(_cell(found.get(corner), words, corner == here) for corner in corners)])
    lines = ["  ".join("-" * width for width in WIDTHS)]
    for number, row in enumerate(rows):
        columns = [[line for text in cell for line in wrapped(text, width)]
                   for cell, width in zip(row, WIDTHS, strict=True)]
        for at in range(max(map(len, columns))):
            parts = [column[at] if at < len(column) else "" for column in columns]
            line = "  ".join(part + " " * (width - columns_of(part)) for part, width in zip(parts, WIDTHS, strict=True))
            lines.insert(len(lines) - 1, line.rstrip()) if number == 0 else lines.append(line.rstrip())
        if number == 1:
            lines.append("")
    notes = dict.fromkeys(run.note(words) for run in found.values() if run.recorded)
    return printable("\n".join([*lines, *notes]))


def _cell(run: CornerRun | None, words: Words, here: bool) -> list[str]:
    marked = [f"<< {words.here} >>"] * here
    if run is None:
        return [*marked, words.not_run]
    short = {words.to_server: "C → S", words.to_client: "S → C"}
    facts = [f"{short.get(name, name)}: {value}" for name, value in run.facts(words)]
    return [*marked, f"{run.sign} {run.headline(words)}", *facts]


def columns_of(text: str) -> int:
    """How many columns of a terminal it takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, further ones indented; wide letters may be cut anywhere."""
    lines, line = [], ""
    # No line begins with what closes a bracket or lengthens a vowel, and none ends with what opens one.
    for part in re.findall(r"[（「]?(?:[!-~→]+|[^\s（「])[）」、。：；ー]*|\s+|.", text):
        if line.strip() and columns_of(line + part) > width:
            lines.append(line.rstrip())
            line = "  "
            part = part.lstrip()
        line += part
    return [*lines, line.rstrip()]
