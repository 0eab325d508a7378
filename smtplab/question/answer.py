"""The answer to everything that was pasted: what was read, the causes, a contradiction, one command, a correction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..messages import Explanation
from ..shown import Shown
from .segments import Segment

if TYPE_CHECKING:  # settings are loaded where a text may hold some
    from ..settings import Correction, SettingsReport

SCHEMA = "smtplab.diagnosis/1"


@dataclass(frozen=True)
class Read:
    """What was read. Unknown names are "", an unknown port is None.

    `framework` is its name, `title` what people call it; `alike` are others that the same settings fit, `reasons` the
    words that told. `mode` is a settings' mode, or the client's where only that is known. `host` and `port` are those
    of the settings, `seen_host` and `seen_port` those that the error names, where they differ. `ignored` says in words
    what had no part in the answer. `version_assumed`: nothing names the version, so it is the newest that is described.
    """

    framework: str = ""
    title: str = ""
    version: str = ""
    mode: str = ""
    port: int | None = None
    host: str = ""
    seen_mode: str = ""
    seen_port: int | None = None
    seen_host: str = ""
    alike: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    ignored: tuple[str, ...] = ()
    version_assumed: bool = False

    def to_dict(self) -> dict[str, object]:
        """The key "read" of the diagnosis document."""
        return {"framework": self.framework or None, "version": self.version or None,
                "version_assumed": self.version_assumed, "mode": self.mode or None,
                "port": self.port, "host": self.host or None, "seen_mode": self.seen_mode or None,
                "seen_port": self.seen_port, "seen_host": self.seen_host or None, "alike": list(self.alike),
                "segments": [one.to_dict() for one in self.segments], "ignored": list(self.ignored)}


@dataclass(frozen=True)
class Finding:
    """Something that settings and error say together: `code` is for programs, `message` for people.

    The code is mode (the client did something else than is set), port or host (it dialled another), version (another
    version of the program does what was seen), computed (another value of a computed setting does), or settled (the
    port itself answered, or a capture shows it). `reasons` are what may explain it, likeliest first.
    """

    code: str
    message: str
    reasons: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The key "finding" of the diagnosis document."""
        return {"code": self.code, "message": self.message, "reasons": list(self.reasons)}


@dataclass(frozen=True)
class Answer(Shown):
    """What a paste comes to. `causes` is never empty; `looked_at` is the cleaned text that their marks are places in.

    `report` is about the settings, None where there are none. `next_command` is one line for a shell, and `why_next`
    what it would tell.
    """

    read: Read
    causes: tuple[Explanation, ...]
    next_command: str
    why_next: str = ""
    finding: Finding | None = None
    correction: Correction | None = None
    report: SettingsReport | None = None
    looked_at: str = ""

    def to_dict(self) -> dict[str, object]:
        """The diagnosis document, as a dict."""
        fix = self.correction
        return {"schema": SCHEMA, "causes": [one.to_dict() for one in self.causes], "read": self.read.to_dict(),
                "finding": self.finding.to_dict() if self.finding else None, "next_command": self.next_command,
                "correction": {"framework": fix.framework, "mode": fix.mode.value, "port": fix.port, "text": fix.text,
                               "changed": list(fix.changed), "possible": fix.possible} if fix else None,
                "settings": self.report.to_dict() if self.report else None}

    def to_json(self) -> str:
        """`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2)
