"""What several descriptions ask of settings: is a name given and empty, may TLS be missing, what did `-e` set."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import ERROR, OPPORTUNISTIC, PLAIN, Given
from ..reading import Word
from ..values import Hidden
from .options import options


def said_empty(g: Given, *names: str) -> bool:
    """Whether one of these is given, and empty."""
    values = [g.values[n] for n in names if n in g.values]
    return any(not v.filled if isinstance(v, Hidden) else v in (None, "", False) for v in values)


def in_clear(g: Given) -> bool:
    """Whether TLS may be missing when the login comes."""
    return g.mode in (PLAIN, OPPORTUNISTIC)


def over_tls(g: Given) -> bool:
    """Whether a certificate is seen at all."""
    return g.mode not in (PLAIN, ERROR)


def environment(words: Iterable[Word]) -> dict[str, object]:
    """The variables that `docker run -e NAME=value` (or --env) sets."""
    found: dict[str, object] = {}
    for option in options(list(words), ("e", "env")):
        if option.name in ("e", "env") and option.value and "=" in option.value:
            name, _, value = option.value.partition("=")
            found[name] = Word(value, option.line)
    return found
