"""The answer about a piece of settings, as frozen values and JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from ..shown import Shown
from .model import Outcome, SettingsMode

SCHEMA = "smtplab.settings/1"
INSECURE = frozenset(("no-tls", "opportunistic", "no-certificate-check", "fallback-in-clear", "password-in-clear",
                      "mail-in-clear"))  # the codes of warnings about what others can read, or change


@dataclass(frozen=True)
class SettingsWarning:
    """Something about a setting that the user should know; `code` is for programs, `message` for people."""

    code: str
    setting: str
    message: str


@dataclass(frozen=True)
class SettingLine:
    """One setting that was read: its line (from 1; 0 in a mapping), its text, its effect on the mode, and why.

    `effect` is decides, redundant, ineffective, secret, unknown, unread or other.
    """

    number: int
    text: str
    effect: str
    why: str


@dataclass(frozen=True)
class Right:
    """The shortest settings that give a mode on its port, or why there are none."""

    mode: SettingsMode
    port: int
    text: str
    possible: bool


@dataclass(frozen=True)
class Translation:
    """Settings of another framework for the same host and port; "not possible, because ..." where it has none.

    `mode` is the report's, or, if that can't work on the port, one that does; then `mended` is true.
    """

    framework: str
    text: str
    possible: bool = True
    mode: SettingsMode | None = None
    mended: bool = False

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ComputedSetting:
    """A setting whose value is only known when the program runs, and what each value that it may take would mean.

    `expression` is what stands in the text at `line` (from 1), shortened and without secrets. `answers` holds rows of
    (value, mode, outcome on the standard server of the port), with everything else as it was read.
    """

    setting: str
    line: int
    expression: str
    answers: tuple[tuple[str, SettingsMode, Outcome], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Its part of the JSON document."""
        return {"setting": self.setting, "line": self.line, "expression": self.expression,
                "answers": [{"value": value, "mode": mode.value, "outcome": outcome.value}
                            for value, mode, outcome in self.answers]}


@dataclass(frozen=True)
class Correction:
    """Settings that work on a port, in the reader's own framework and version, ready to paste.

    `changed` are the lines of `text` that differ from the reader's; they end with a comment where the format has such.
    Where it is not `possible`, `text` is "not possible, because ...".
    """

    framework: str
    mode: SettingsMode
    port: int
    text: str
    changed: tuple[str, ...]
    possible: bool


@dataclass(frozen=True)
class SettingsReport(Shown):
    """What settings do. `to_dict` gives the documented JSON; the other fields are for people.

    `outcome`, `sentence`, `error` and `hang_ends_after_s` (seconds; None with a hang is for ever) are about
    the standard server of `port`. `error` is what the framework prints: as measured, or as its source has it.
    `password_first`: a login, where one is tried, brings the password before the server can refuse it. `computed` are
    the settings that are only known when the program runs; `mode` takes their defaults, or leaves them out.
    """

    framework: str
    version: str
    port: int
    mode: SettingsMode
    outcome: Outcome
    password_in_clear_if_server_allows: bool | None
    warnings: tuple[SettingsWarning, ...] = ()
    translation: Translation | None = None
    title: str = ""
    because: str = ""
    source: str = ""
    sentence: str = ""
    error: str | None = None
    hang_ends_after_s: float | None = None
    lines: tuple[SettingLine, ...] = ()
    right: tuple[Right, ...] = ()
    host: str = field(default="", repr=False)
    password_first: bool = field(default=True, repr=False)
    computed: tuple[ComputedSetting, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether they work on the port's standard server, and nothing that is insecure is said of them."""
        insecure = self.password_in_clear_if_server_allows or any(one.code in INSECURE for one in self.warnings)
        return self.outcome is Outcome.WORKS and not insecure

    def to_dict(self) -> dict[str, object]:
        """The JSON document, as a dict."""
        return {"schema": SCHEMA, "framework": self.framework, "version": self.version, "port": self.port,
                "mode": self.mode.value, "outcome": self.outcome.value,
                "password_in_clear_if_server_allows": self.password_in_clear_if_server_allows,
                "warnings": [vars(w) for w in self.warnings],
                "computed": [c.to_dict() for c in self.computed],
                "translation": {"framework": self.translation.framework, "text": self.translation.text,
                                "mode": self.translation.mode, "mended": self.translation.mended}
                if self.translation else None}

    def to_json(self) -> str:
        """`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2)
