"""Settings to try, of any framework: two that are right, and the two mix-ups of mode and port."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from ..settings import Framework, SettingsMode, framework, frameworks, read_settings
from ..settings.evaluate import fill
from ..settings.model import Given, release_for

HOST = "smtp.example.com"
# What it is called, the port, and the modes that show it, the best first.
KINDS: tuple[tuple[str, int, tuple[SettingsMode, ...]], ...] = (
    ("implicit on 465", 465, (SettingsMode.IMPLICIT,)),
    ("STARTTLS required on 587", 587, (SettingsMode.REQUIRED,)),
    ("the mismatch: implicit on 587", 587, (SettingsMode.IMPLICIT,)),
    ("the wait: STARTTLS on 465", 465, (SettingsMode.REQUIRED, SettingsMode.OPPORTUNISTIC)))


@dataclass(frozen=True)
class Example:
    """Settings of one of the `KINDS`; where a framework can't be set so, `text` says why and `possible` is False."""

    name: str
    text: str
    possible: bool


@functools.lru_cache(256)
def examples(name: str, version: str = "") -> tuple[Example, ...]:
    """The examples of a framework, one for each of the `KINDS`. ValueError for a framework that isn't known."""
    chosen = framework(name)
    return tuple(_example(chosen, version, *kind) for kind in KINDS)


def _example(chosen: Framework, version: str, name: str, port: int, modes: Iterable[SettingsMode]) -> Example:
    """The first of these modes that can be set so; each is read back before it is given."""
    given = Given(chosen, release_for(chosen, version)[0], {}, port)
    reasons = []
    for mode in modes:
        text, possible = fill(chosen.forms(given)[mode], HOST, port)
        if possible:
            found = read_settings(chosen.name, text, version=version)
            if (found.mode, found.port) == (mode, port):
                return Example(name, text, True)
            text = f"not possible, because on port {port} these settings mean {found.mode}: {found.because}"
        reasons.append(text)
    return Example(name, reasons[0], False)


def first_example(name: str, version: str = "") -> Example:
    """Settings to begin with: required STARTTLS on 587 where that can be set, else implicit TLS on 465, else others."""
    implicit, required, *others = examples(name, version)
    return next((e for e in (required, implicit, *others) if e.possible), Example("", "", False))


def by_ecosystem() -> list[tuple[str, str]]:
    """(what to call it, name) of every framework, Rails first, then those of the same ecosystem, then the others."""
    known = frameworks()
    order = list(dict.fromkeys(f.ecosystem for f in known))
    ruby = framework("rails").ecosystem
    ranked = sorted(known, key=lambda f: (f.name != "rails-mail", f.ecosystem != ruby, order.index(f.ecosystem)))
    return [(f"{f.ecosystem}: {f.title}", f.name) for f in ranked]


def versions(name: str, own: str = "") -> list[tuple[str, str]]:
    """(what to call it, version), the newest first, for which "" stands too; `own`, if it is another, comes last."""
    known = [release.name for release in reversed(framework(name).releases)]
    more = [(own, own)] if own and own not in known else []
    return [(f"the newest: {known[0]}", ""), *((release, release) for release in known), *more]
