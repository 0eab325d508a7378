"""What recorded words leave unsaid: who says nothing, who waits how long, and whose last words fit several causes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..escape import show_bytes
from ..records import parse_header

if TYPE_CHECKING:
    from .heard import Heard


def unsaid(runs: Sequence[Heard], every: Sequence[Heard]) -> list[str]:
    """Sentences about `runs`; `every` run is looked at for what the same words are said of elsewhere."""
    return [*filter(None, (_silent(runs), _waits(runs))), *_the_same_elsewhere(runs, every)]


def _silent(runs: Sequence[Heard]) -> str:
    said = dict.fromkeys(f"{run.client} {run.version} ({_how(run)})" for run in runs
                         if not run.error_text and run.port_kind != "silent")
    return f"Nothing at all is said by {', '.join(said)}." if said else ""


def _how(run: Heard) -> str:
    if not run.hang:
        return "it just ends"
    waits = f"still waiting after {run.killed_after_s:g} s"
    header = parse_header(run.first_bytes.encode()) if run.mode == "implicit" else None
    if header is None:
        return waits
    five = show_bytes(run.first_bytes[:5].encode())
    return f"{waits}: it takes `{five}` for the header of a record of {header.length} bytes, and waits for those"


def _waits(runs: Sequence[Heard]) -> str:
    """At a port that says nothing: the shortest wait of each client, since a loaded machine only adds to it."""
    waits: dict[str, Heard] = {}
    for run in sorted(runs, key=lambda run: run.seconds):
        if run.port_kind == "silent":
            waits.setdefault(run.client, run)
    by_wait: dict[str, list[str]] = {}
    for client, run in waits.items():
        by_wait.setdefault(f"over {run.killed_after_s:g} s" if run.hang else f"{run.seconds:.0f} s", []).append(client)
    said = "; ".join(f"{wait}: {', '.join(clients)}" for wait, clients in by_wait.items())
    return f"How long they wait if no time-out is set: {said}." if said else ""


def _the_same_elsewhere(runs: Sequence[Heard], every: Sequence[Heard]) -> list[str]:
    causes: dict[tuple[str, str], set[str]] = {}
    for run in (*runs, *every):
        causes.setdefault(_whose(run), set()).add(str(run.cause))
    asked = dict.fromkeys(_whose(run) for run in runs if run.last_words)
    return [f"{client} ends alike, `{words}`, for {len(causes[client, words])} causes: "
            f"{', '.join(sorted(causes[client, words]))}." for client, words in asked if len(causes[client, words]) > 1]


def _whose(run: Heard) -> tuple[str, str]:
    """The program, whatever its options, and its last words."""
    return run.client.split()[0], run.last_words
