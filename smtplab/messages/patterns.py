"""How regular expressions are written and kept here: one alternative a line, compiled when first used.

A text is searched for some 280 patterns. To compile them takes about a tenth of a second, which a command
that explains no text shouldn't spend.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator


def any_of(*alternatives: str) -> str:
    """A pattern that matches wherever one of these does, the first that fits; not grouped."""
    return "|".join(alternatives)


def group(*alternatives: str) -> str:
    """The same as a group that captures nothing, to be followed by a quantifier or by more."""
    return f"(?:{any_of(*alternatives)})"


class LazyPattern:
    """A regular expression that is compiled when it is first used. Its methods are those of `re.Pattern`."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern, self.flags = pattern, flags

    @functools.cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern as `re` has it. Raises re.error if it is invalid."""
        return re.compile(self.pattern, self.flags)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first match anywhere in `text[start:end]`."""
        return self.compiled.search(text, start, end)

    def match(self, text: str) -> re.Match[str] | None:
        """The match at the beginning of a text."""
        return self.compiled.match(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches, in order, that don't overlap."""
        return self.compiled.finditer(text)

    def sub(self, put: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with each match replaced."""
        return self.compiled.sub(put, text)
