"""Which version of a framework is meant by what a person wrote: its name, its numbers, or nothing."""

from __future__ import annotations

import re
from dataclasses import replace

from .model import Framework, Numbers, Release

_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def numbers(text: str) -> Numbers:
    """The first version number in a text, as numbers; () without one."""
    found = _NUMBERS.search(text)
    return tuple(int(n) for n in found[0].split(".")[:6] if len(n) < 9) if found else ()


def release_for(framework: Framework, text: object) -> tuple[Release, bool]:
    """The release that `text` names, and whether it was recognised. No text means the newest."""
    newest = framework.releases[-1]
    if text is None or not str(text).strip():
        return newest, True
    text = str(text).strip()[:200]
    for release in framework.releases:
        if release.name.lower() == text.lower():
            return release, True
    parts = {name: numbers(found[1]) for name, pattern in framework.parts.items()
             if (found := re.search(pattern, text, re.IGNORECASE))}
    asked = parts.pop("itself", ()) or ((), numbers(text))[not parts]
    if not asked and not parts:
        return newest, False
    fits = [r for r in framework.releases if r.numbers[:len(asked)] == asked
            and all(r.parts.get(name, n)[:len(n)] == n for name, n in parts.items())]
    if fits:
        return fits[-1], True
    # What comes under a first number that nothing here knows may do anything, unless a name ("7.3+") says otherwise.
    known = max(newest.numbers, *(bound for rule in framework.rules for bound in (rule.since, rule.before)))
    if asked[:1] > known[:1] and not newest.name.endswith("+"):
        return newest, False
    older = [r for r in framework.releases if r.numbers[:len(asked)] == asked or r.numbers <= asked] or \
        [framework.releases[0]]
    nearest = older[-1] if asked else newest
    return replace(nearest, name=text, numbers=asked or nearest.numbers, parts=nearest.parts | parts), True
