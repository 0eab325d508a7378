"""The trainer's messages: a file that the trainer's page writes and all seats read."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..course.seat_notes import read_messages as read

MOST, MOST_CHARACTERS = 100, 500


def add(path: Path, words: str) -> None:
    """Add a message; the file is replaced as a whole, since seats read it at any moment. Raises OSError."""
    found = read(path)[-MOST + 1:]
    found.append((found[-1][0] + 1 if found else 1, words[:MOST_CHARACTERS]))
    new = path.with_suffix(".new")
    new.write_text(json.dumps([{"number": number, "text": text} for number, text in found]), encoding="utf-8")
    new.chmod(0o644)
    os.replace(new, path)
