"""The JSON Schemas (draft 2020-12) of all documents that smtplab writes, a file for each name.

Every document says its own name under "schema", such as "smtplab.trace/1". Where a document is a list, each of its rows
does; `smtplab serve --json` and `smtplab relay --json` print a document a line. Keys may be added under the same name;
where one goes, or means something else, the number grows.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

NAMES = ("diagnosis", "doctor", "explanation", "framework", "matrix", "port", "rehearsal", "relay", "server",
         "settings", "trace", "verdict", "word")


def json_schema(name: str) -> dict[str, Any]:
    """The schema of a document that says it is `name`, such as "smtplab.trace/1". Raises ValueError for another."""
    kind, _, number = name.removeprefix("smtplab.").partition("/")
    if kind not in NAMES or number != "1":
        raise ValueError(f"no schema {name!r}; there are {', '.join(f'smtplab.{kind}/1' for kind in NAMES)}")
    text = resources.files(__package__).joinpath(f"{kind}-{number}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
