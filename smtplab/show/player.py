"""A conversation step by step: two lanes, the wire between, and who waits for whom."""

from __future__ import annotations

import threading
from typing import Any

import traitlets

from ..report import counters, heading, report
from ..trace import Trace
from .steps import steps, story
from .widget_base import HERE, Panel, ScriptWidget


class Player(ScriptWidget):
    """Plays a trace. `server_trace`, the peer's trace of the same connection, says what the peer waited for.

    All stepping is done in the page; `index` is the step that is shown, from 0. A long conversation opens on the steps
    of its `story`, and one click shows all; a short one has no story, and shows all at once.
    """

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("step_bytes.js", "player.js"))
    _css = (HERE / "player.css").read_text(encoding="utf-8")

    heading = traitlets.Unicode().tag(sync=True)
    steps: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    outcome = traitlets.Dict().tag(sync=True)
    counters = traitlets.Unicode().tag(sync=True)
    story: traitlets.List[int] = traitlets.List(traitlets.Int()).tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)

    def __init__(self, trace: Trace, server_trace: Trace | None = None, **kwargs: Any) -> None:
        self.trace = trace
        found, heard = trace.diagnosis, [trace.seen_from]
        if server_trace is not None and server_trace.seen_from not in heard:
            heard.append(server_trace.seen_from)
        every = steps(trace, server_trace)
        super().__init__(
            heading=heading(trace), steps=every, story=story(every), counters=counters(trace),
            outcome={"cause": trace.cause.value, "ok": trace.ok, "certain": trace.certain, "title": found.title,
                     "why": found.why, "fixes": list(found.fixes), "seen_from": trace.seen_from, "heard": heard},
            **kwargs)

    @traitlets.validate("index")
    def _within(self, proposal: dict[str, Any]) -> int:
        return max(0, min(proposal["value"], len(self.steps) - 1))

    def text(self) -> str:
        """The steps that are shown first, a line each, and the outcome; of a short conversation everything."""
        if not self.story:
            return self.whole()
        told = [f"step {n + 1}: {self.steps[n]['at_s']:.3f} s, {self.steps[n]['who']}, {self.steps[n]['layer']}: "
                f"{self.steps[n]['label']}" for n in self.story]
        return "\n".join([self.heading, *told, f"{self.outcome['cause']}: {self.outcome['title']}", self.counters,
                          f"All {len(self.steps)} steps with their fields: print(Player(...).whole())"])

    def whole(self) -> str:
        """The report, then every step with its fields."""
        return "\n".join([report(self.trace), "", *(line for n, s in enumerate(self.steps, 1) for line in lines(n, s))])


def lines(number: int, step: dict[str, Any]) -> list[str]:
    """A step as lines of text: what happened, who waits for what, the fields, what OpenSSL reported."""
    waits = [f"{who} waits for {what}{' (inferred)' * (who in step['inferred'])}"
             for who, what in step["waits"].items() if what]
    out = [f"step {number}: {step['at_s']:.3f} s, {step['who']}, {step['layer']}, {step['size_bytes']} bytes, "
           f"read {step['read']} written {step['written']}: {step['label']}"]
    out += [f"    {'; '.join(waits)}"] * bool(waits)
    out += [f"    {f['name']}, offset {f['offset']}, {f['length']} bytes: {f['value']}"
            + (f" (covers {f['owns']} bytes)" if f["owns"] is not None else "") for f in step["fields"]]
    return out + [f"    OpenSSL {note}" for note in step["openssl"]]


class PlayerBox(Panel):
    """A place for one Player at a time: opening another one closes the one before."""

    def __init__(self) -> None:
        # A learner and a ticker may open a Player at once. Each box has a lock of its own: while it is held, the
        # garbage collector may close another box in this very thread.
        self._changing = threading.RLock()
        super().__init__()

    @property
    def player(self) -> Any:
        """The Player that is open; None without one."""
        return self.children[0] if self.children else None

    def show(self, trace: Trace | None, server_trace: Trace | None = None) -> None:
        """Open a Player of this trace in place of the one before; None empties the box. A closed box stays empty."""
        with self._changing:
            before = self.children
            self.children = () if trace is None or self._ended else (Player(trace, server_trace=server_trace),)
        for old in before:
            old.close()

    def close(self) -> None:
        """Close the Player too, also one that is just being opened."""
        with self._changing:
            super().close()
