"""The language that a stack trace is of: settings that only a program in another one reads are not this program's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..messages.patterns import LazyPattern, any_of

if TYPE_CHECKING:
    from ..settings import Candidate

LOOKED_AT = 200_000  # characters of a paste in which a trace is looked for
# By the names that `Framework.ecosystem` has.
_TRACES = {
    "JavaScript": LazyPattern(any_of(
        r"\bnode:(?:internal|net|events|dns|tls|_tls)", r"deps/openssl/", r"node_modules/",
        r"^[ \t]{1,40}at .{1,200}\.[cm]?[jt]s:\d+:\d+\)?$", r"^Node\.js v\d"), re.MULTILINE),
    "Python": LazyPattern(any_of(
        r"^[ \t]{0,40}File \"[^\"\n]{1,300}\", line \d+", r"Traceback \(most recent call last\)", r"\(_ssl\.c:\d"),
        re.MULTILINE),
    "Java": LazyPattern(r"^[ \t]{1,40}at [\w.$]{1,200}\([\w$]{1,80}\.(?:java|kt|scala):\d+\)", re.MULTILINE),
    "Ruby": LazyPattern(r"\.rb:\d+:in [`']|peeraddr=\S+ state=error", re.MULTILINE),
    "PHP": LazyPattern(any_of(
        r"\.php(?::\d+|\(\d+\)| on line \d| line \d)", r"(?:stream_socket_(?:client|enable_crypto)|fsockopen)\(\)")),
    "Go": LazyPattern(r"^goroutine \d|\bdial tcp\b|\.go:\d+|\btls: first record does not", re.MULTILINE),
    ".NET": LazyPattern(r"^[ \t]{1,40}at [\w.`<>]{1,200}\(.{0,200}\) in .{1,200}\.(?:cs|vb):line \d", re.MULTILINE),
    "Rust": LazyPattern(r"panicked at .{1,200}\.rs:\d+", re.MULTILINE),
}


def languages(text: str) -> frozenset[str]:
    """The languages whose traces a text holds."""
    return frozenset(name for name, pattern in _TRACES.items() if pattern.search(text[:LOOKED_AT]))


def of_the_same(found: Sequence[Candidate], spoken: frozenset[str]) -> tuple[Candidate, ...]:
    """The candidates without those that are written in another language than the one that all traces are of.

    Mail servers and command lines stand beside any program, and a framework that the text names is meant all the same.
    """
    if len(spoken) != 1 or not found:
        return tuple(found)
    from ..settings import framework

    def fits(one: Candidate) -> bool:
        known = framework(one.framework)
        named = any(name.lower() in reason.lower() for name in known.named_by for reason in one.reasons)
        return known.ecosystem not in _TRACES or known.ecosystem in spoken or named

    return tuple(one for one in found if fits(one))
