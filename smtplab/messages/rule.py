"""One row of knowledge about error texts: a pattern, what it means, and two texts that prove the row."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..causes import Cause

if TYPE_CHECKING:
    from .context import Context

When = Callable[["Context"], object]


def always(_context: Context) -> bool:
    """A row that needs no context."""
    return True


@dataclass(frozen=True)
class Rule:
    """`pattern` (any case) in a text, `when` its context fits, speaks for `causes`, the likeliest first.

    `rank` orders rows that fit at once: the lowest decides. A row's `likely` is that of its first cause,
    0 to 1; the others share the rest. `says` is why, in a sentence; `stack` is who words it so, in which
    versions; `source` is where that is known from. `matches` and `spares` are a text that must fit and a
    twin that must not, each with the context it needs (`port`, `mode`).
    """

    name: str
    rank: int
    pattern: str
    causes: tuple[Cause, ...]
    says: str
    matches: str
    spares: str
    likely: float = 0.9
    when: When = always
    stack: str = ""
    source: str = ""
    port: int | None = None
    mode: str | None = None

    def ready(self) -> Rule:
        """The row with its pattern compiled, so that no first question waits for it."""
        _compiled(self.pattern)
        return self

    def found(self, context: Context) -> re.Match[str] | None:
        """Where the row's phrase stands in the text (the match itself is of the text in small letters), if it fits."""
        return _compiled(self.pattern).search(context.low) if self.when(context) else None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Small letters against small letters: with re.IGNORECASE each of the many branches is tried at each place.
    return re.compile(re.sub(r"\\.|\(\?P|[A-Z]", lambda m: m[0] if len(m[0]) > 1 else m[0].lower(), pattern))
