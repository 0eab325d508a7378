"""The causes that an error text may have, as plain text: each with its likelihood, why, and what would settle it.

Of the text itself only the deciding phrases are shown, their secrets taken out and everything unprintable escaped.
Commands stand on lines of their own, unwrapped, to be copied.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..escape import printable
from .settings_text import WIDTH

if TYPE_CHECKING:
    from ..messages import Explanation

IN_WORDS = ((0.85, "very likely"), (0.6, "likely"), (0.25, "possible"), (0.0, "unlikely"))
_HANGING = "     "


def in_words(likelihood: float) -> str:
    """A likelihood of 0 to 1 in words."""
    return next(words for least, words in IN_WORDS if likelihood >= least)


def percent(likelihood: float) -> int:
    """The same as a whole percentage; not 0 or 100, since a text proves nothing."""
    return min(99, max(1, round(100 * likelihood)))


def is_unknown(one: Explanation) -> bool:
    """Whether nothing in the text was known; such an answer says what to collect."""
    return not one.phrase


def heading(one: Explanation) -> str:
    """Cause and likelihood in a line; where nothing is known, that."""
    if is_unknown(one):
        return one.title
    return f"{one.cause}: {in_words(one.likelihood)} ({percent(one.likelihood)} %)"


def evidence(one: Explanation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What would settle it: (what to look at, in words; commands to run, their HOST and PORT to be filled in)."""
    return one.evidence[:1], one.evidence[1:]


def explanations(found: Sequence[Explanation]) -> str:
    """The causes in order, most likely first."""
    parts = [_one(number, one) for number, one in enumerate(found, 1)]
    if len(found) > 1:
        parts.insert(0, f"{len(found)} possible causes, most likely first")
    return "\n\n".join(parts)


def _one(number: int, one: Explanation) -> str:
    unknown = is_unknown(one)
    lines = [f"{number}. {printable(heading(one))}"]
    lines += [] if unknown else _wrapped(one.title)
    lines += _wrapped(one.why if unknown else f"Why: {one.why}")
    words, commands = evidence(one)
    lines += _fixes("What to collect:", one.fixes) if unknown else []
    lines += ["   What would settle it:"] * bool(words)
    lines += [line for text in words for line in _wrapped(text, _HANGING)]
    lines += ["", *(f"{_HANGING}{printable(command)}" for command in commands)] * bool(commands)
    lines += [] if unknown else _fixes("Fixes:", one.fixes)
    if one.lesson and not unknown:
        lines += [f"   Lesson {one.lesson} shows it: smtplab lab"]
    return "\n".join(lines)


def _fixes(head: str, fixes: Sequence[str]) -> list[str]:
    lines = [line for fix in fixes for line in _wrapped(f"- {fix}", _HANGING, _HANGING + "  ")]
    return [f"   {head}", *lines] if lines else []


def _wrapped(text: str, indent: str = "   ", hanging: str | None = None) -> list[str]:
    return textwrap.wrap(printable(text), WIDTH, initial_indent=indent, break_long_words=False, break_on_hyphens=False,
                         subsequent_indent=indent if hanging is None else hanging)
