"""One row of knowledge about error texts: a pattern, what it means, and two texts that prove the row."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from ..causes import Cause
from .context import Context

When = Callable[[Context], object]
Span = tuple[int, int]


def always(_context: Context) -> bool:
    """The condition of a row that needs no context."""
    return True


@dataclass(frozen=True)
class Wording:
    """How one program or library words a failure, whatever it means: several rows may share it.

    `pattern` fits all its spellings, `example` is one of them, `counterexample` a text that is something else;
    `stack` names the programs and their versions, `source` says where that is known from.
    """

    name: str
    pattern: str
    example: str
    counterexample: str
    stack: str
    source: str = "measured on loopback"
    likely: float = 0.93


@dataclass(frozen=True)
class ErrorRule:
    """What a wording means: where `pattern` (in any case) is in a text and `when` accepts its context, one of `causes`.

    `causes` stand with the likeliest first; `likely` (0 to 1) is how likely that one is, and the others share the
    rest. Of rows that fit at once the one with the lowest `rank` decides. `says` is the reason, in a sentence.
    `example` is a text that must fit, `counterexample` one that must not; `port` and `mode` are the context they need.
    `stack` names who words it so, in which versions; `source` says where that is known from. A row with a `place` has
    no pattern: it asks the dialogue that the text holds, and says where in the text the answer stands.
    """

    name: str
    rank: int
    pattern: str
    causes: tuple[Cause, ...]
    says: str
    example: str
    counterexample: str
    likely: float = 0.9
    when: When = always
    stack: str = ""
    source: str = ""
    port: int | None = None
    mode: str | None = None
    place: Callable[[Context], Span | None] | None = None

    def ready(self) -> ErrorRule:
        """This row, its pattern compiled, so that the first text doesn't wait for it."""
        _compiled(self.pattern)
        return self

    def found(self, context: Context, within: Span | None = None) -> Span | None:
        """Where the row fits in the text, or in a part of it, as (start, end); None if it doesn't."""
        if self.place:
            return None if within else self.place(context)
        m = _compiled(self.pattern).search(context.evidence, *within or ()) if self.when(context) else None
        return m.span() if m else None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Small letters against small letters: with re.IGNORECASE each of the many branches is tried at each place.
    return re.compile(re.sub(r"\\.|\(\?P|[A-Z]", lambda m: m[0] if len(m[0]) > 1 else m[0].lower(), pattern))
