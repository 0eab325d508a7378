"""Conditions that many rules and notes share: is a key given, on or empty, is there TLS, does the client hang."""

from __future__ import annotations

from collections.abc import Callable

from .model import Given, Mode, Outcome, When
from .values import Hidden


def said_empty(g: Given, *names: str) -> bool:
    """Whether one of these keys is given with an empty value."""
    values = [g.values[n] for n in names if n in g.values]
    return any(not v.filled if isinstance(v, Hidden) else v in (None, "", False) for v in values)


def not_empty(*names: str) -> Callable[[Given], bool]:
    """The condition that none of these keys is given with an empty value; a login that is not shown is assumed."""
    return lambda g: not said_empty(g, *names)


def in_clear(g: Given) -> bool:
    """Whether the client may log in without TLS."""
    return g.mode in (Mode.PLAIN, Mode.OPPORTUNISTIC)


def over_tls(g: Given) -> bool:
    """Whether TLS may be used, and so a certificate seen."""
    return g.mode not in (Mode.PLAIN, Mode.ERROR)


def hangs(g: Given) -> bool:
    """Whether client and server each wait for the other."""
    return g.outcome is Outcome.HANG


def given(*names: str) -> When:
    """The condition that one of these keys is given."""
    return lambda g: g.has(*names)


def both(one: When, other: When) -> When:
    """The condition that both conditions hold."""
    return lambda g: one(g) and other(g)


def switched_on(name: str) -> When:
    """The condition that a key is given and on."""
    return lambda g: g.has(name) and g[name]
