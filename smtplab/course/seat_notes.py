"""What a seat of a workshop room notes for the trainer's page, and the trainer's messages for the seat.

A seat has a folder, named by the environment variable SMTPLAB_SEAT; elsewhere nothing is noted. The file in it holds
the lesson that ran last, when a cell last ran, since when a hand is raised, and the lights of the last mystery round,
and nothing else of the learner.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..escape import printable
from ..lab.files import open_regular, regular_or_absent

MOST_BYTES = 100_000  # many times what is noted


def folder() -> Path | None:
    """The seat's folder, or None elsewhere than in a room."""
    named = os.environ.get("SMTPLAB_SEAT")
    return Path(named) if named else None


def read(seat: Path) -> dict[str, Any]:
    """What is noted in a seat's folder; empty if there is nothing that can be read."""
    try:
        with open(open_regular(seat / "seat.json", os.O_RDONLY), encoding="utf-8") as file:
            found = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def note(*, lesson: str | None = None, moved: bool = False, hand: bool | None = None,
         lights: Sequence[str] | None = None) -> bool:
    """Note what is given. Returns False where that is no seat, or can't be written: then the trainer doesn't see it."""
    seat = folder()
    if seat is None:
        return False
    now = int(time.time())
    found = read(seat)
    if lesson:
        found["lesson"] = lesson
    if moved:
        found["moved"] = now
    if hand is not None:
        found["hand"] = now if hand else None
    if lights is not None:
        found["lights"] = list(lights)
    return _replace(seat / "seat.json", found)


def _replace(target: Path, value: object) -> bool:
    new = None
    try:
        if not regular_or_absent(target):
            return False
        handle, new = tempfile.mkstemp(prefix=".seat-", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file)
        os.replace(new, target)
        new = None
    except (OSError, ValueError):
        return False
    finally:
        if new:
            with contextlib.suppress(OSError):
                os.unlink(new)
    return True


def hand_raised() -> bool:
    """Whether this seat's hand is raised."""
    seat = folder()
    return bool(seat and read(seat).get("hand"))


def messages() -> list[tuple[int, str]]:
    """The trainer's messages, each with its number."""
    named = os.environ.get("SMTPLAB_MESSAGES")
    return read_messages(Path(named)) if named else []


def read_messages(path: Path) -> list[tuple[int, str]]:
    """The messages in a file; empty for one that can't be read."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.loads(file.read(MOST_BYTES))
        return [(int(one["number"]), printable(str(one["text"])[:500])) for one in found]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
