"""What a paste holds: its segments, the settings among them and whose they are, and the words that are an error's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..messages.patterns import LazyPattern, any_of
from .days import older_errors
from .segments import Kind, Segment, only, segments
from .stacks import LOOKED_AT, languages, of_the_same
from .versions import version_in

if TYPE_CHECKING:
    from ..settings import Candidate, SettingsReport

ALIKE = 0.6  # candidates at least so likely, relative to the first, are likely too
SURE = 0.4  # a framework that is less likely is not named
# A text without any of these holds no setting, and the forty frameworks need not be loaded for it.
_MAY_BE_SETTINGS = LazyPattern(any_of(
    r"[=:{(]", r"\b(?:host|port|tls|ssl|starttls|account|server|user|from|auth)\b"))


@dataclass(frozen=True)
class Part:
    """A text that was given: `name` is its file's, or ""; `is_settings` if whoever gave it says so.

    `mapping` is the same settings where they came as a mapping.
    """

    text: str
    name: str = ""
    is_settings: bool = False
    mapping: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Paste:
    """The parts as they were read.

    `framework` is a name, or "". `alike` are reports of other frameworks that the same settings fit, with another
    mode. `error` is what isn't settings; `told` is what programs said, without a person's own words. `settings` is
    what was read as such, and may hold secrets; `settings_name` is its file's name.
    """

    framework: str = ""
    title: str = ""
    reasons: tuple[str, ...] = ()
    report: SettingsReport | None = None
    alike: tuple[SettingsReport, ...] = ()
    segments: tuple[Segment, ...] = ()
    error: str = ""
    told: str = ""
    settings: str | Mapping[str, object] = field(default="", repr=False)
    settings_name: str = ""
    port_is_set: bool = False
    version: str | None = None
    ignored: tuple[str, ...] = ()

    def on_port(self, port: int) -> Paste:
        """The same settings, which name no port, on this one."""
        return self._again(self.version, port)

    def in_version(self, version: str) -> Paste:
        """The same settings on the same port, in another version of the program."""
        return self._again(version, self.report.port if self.report else None)

    def _again(self, version: str | None, port: int | None) -> Paste:
        from ..settings import read_settings
        return replace(self, report=read_settings(self.framework, self.settings, version=version, port=port))


def read_parts(parts: Sequence[Part], framework: str = "", version: str | None = None, port: int | None = None
               ) -> Paste:
    """Tell the parts apart. Raises ValueError for a framework that is not known, and nothing else."""
    if framework:
        from ..settings import framework as known
        framework = known(framework).name
    spoken = languages("\n".join(part.text[:LOOKED_AT] for part in parts if not part.is_settings))
    read = [_Reading(part, framework, spoken) for part in parts]
    # Settings that whoever gave them calls so come first, then those whose framework is the likeliest.
    whose = max((one for one in read if one.likely), key=lambda one: (one.part.is_settings, one.likelihood),
                default=None)
    likely = whose.likely if whose else ()
    name, title = framework, ""
    reasons: tuple[str, ...] = ()
    if not name and likely:
        name, reasons = likely[0].framework, likely[0].reasons
    for one in read:
        one.tell_apart(name)
    error = "\n".join(filter(str.strip, (one.error for one in read)))
    told = "\n".join(filter(str.strip, (one.told for one in read)))
    best = next((one for one in (whose, *sorted(read, key=lambda one: not one.part.is_settings))
                 if one and one.settings.strip()), None)
    report: SettingsReport | None = None
    alike: tuple[SettingsReport, ...] = ()
    given: str | Mapping[str, object] = ""
    if name:
        from ..settings import framework as known
        title = known(name).title
        version = version or next(filter(None, (version_in(one.text, known(name)) for one in read)), None)
        if best:
            given = best.settings if best.part.mapping is None else best.part.mapping
            report, alike = _reports(given, name, () if framework else likely[1:], version, port)
            if not best.part.is_settings and not _says_anything(report):
                report, alike, given = None, (), ""  # what has the form of settings is something else's
    return Paste(name, title, reasons, report, alike, tuple(s for one in read for s in one.segments), error, told,
                 given, best.part.name if best else "",
                 report is not None and port_is_set(report), version, tuple(_ignored(read, report)))


class _Reading:
    """One part: its likely frameworks, its segments, its settings with all other lines emptied, and the rest."""

    segments: tuple[Segment, ...] = ()
    older: tuple[Segment, ...] = ()
    settings = error = told = ""

    def __init__(self, part: Part, framework: str, spoken: frozenset[str]) -> None:
        self.part, self.text = part, _unix(part.text)
        self.found = of_the_same(_recognized(self.text), spoken) if _may_hold_settings(self.text) else ()
        self.likely = () if framework else _likely(self.found)

    def tell_apart(self, framework: str) -> None:
        """Find the segments, where the settings are those of this framework."""
        text, part = self.text, self.part
        lines: tuple[int, ...] = ()
        if part.is_settings:
            count = text.count("\n") + 1
            self.segments = (Segment(Kind.SETTINGS, 1, count, part.name),) if text.strip() else ()
        else:
            mine = next((one for one in self.found if one.framework == framework), None)
            # One line that may be a setting of many programs is as well an error's.
            lines = mine.lines if mine and (mine.likelihood >= SURE or len(mine.lines) > 1) else ()
            self.segments = segments(text, lines, part.name)
        self.older = older_errors(text, self.segments)
        numbers = sorted(lines)
        self.settings = only(text, [s for s in self.segments if s.kind is Kind.SETTINGS])
        now = [s for s in self.segments if s not in self.older]
        self.told = _kept(text, [s for s in now if s.kind in (Kind.LOG, Kind.TRANSCRIPT)])
        # What has the form of settings and holds none that is known may be an error's own words.
        self.error = _kept(text, [s for s in now if s.kind is not Kind.SETTINGS or not (
            part.is_settings or bisect_left(numbers, s.first) < bisect_right(numbers, s.last))])

    @property
    def likelihood(self) -> float:
        return self.likely[0].likelihood if self.likely else 0.0


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _kept(text: str, chosen: Sequence[Segment]) -> str:
    lines = text.split("\n")
    return "\n".join(line for one in chosen for line in lines[one.first - 1:one.last])


def _may_hold_settings(text: str) -> bool:
    """Whether a text is worth asking: one line that is an error by its form is not."""
    if "\n" not in text.strip() and all(s.kind in (Kind.LOG, Kind.TRANSCRIPT) for s in segments(text.strip())):
        return False
    return bool(_MAY_BE_SETTINGS.search(text))


def _recognized(text: str) -> tuple[Candidate, ...]:
    from ..settings import recognize
    return recognize(text)


def _likely(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The frameworks whose settings these probably are, likeliest first."""
    if not found or found[0].likelihood < SURE and not found[0].lines:
        return ()
    return tuple(one for one in found if one.likelihood >= ALIKE * found[0].likelihood)


def _reports(text: str | Mapping[str, object], name: str, others: Sequence[Candidate], version: str | None,
             port: int | None) -> tuple[SettingsReport, tuple[SettingsReport, ...]]:
    from ..settings import framework as known
    from ..settings import read_settings
    from ..settings.evaluate import evaluate
    report = read_settings(name, text, version=version, port=port)
    # Of one that was recognised by this very text nobody need ask whether the text is another's.
    alike = [evaluate(known(other.framework), text, None, port) for other in others]
    return report, tuple(other for other in alike if other.mode is not report.mode)


def _says_anything(report: SettingsReport) -> bool:
    """Whether a line is known, and it is about more than what is sent: `conn.sendmail(...)` in a stack trace is not."""
    return any(line.effect not in ("unknown", "unread") for line in report.lines) and bool(
        report.host or report.computed or any(
            line.effect in ("decides", "redundant", "secret", "ineffective") or _has_a_role(report, line.text)
            for line in report.lines))


def _has_a_role(report: SettingsReport, text: str) -> bool:
    from ..settings import framework
    from ..settings.keys import Role
    key = framework(report.framework).by_name.get(text.partition(" = ")[0])
    return key is not None and key.role is not Role.OTHER


def port_is_set(report: SettingsReport) -> bool:
    """Whether the settings name their port; without that it is the framework's default."""
    return any(_is(report, line.text, "PORT") for line in report.lines)


def line_of(report: SettingsReport) -> tuple[int, str]:
    """The first line that decides on the mode, and its number; (0, "") if none does."""
    return next(((line.number, line.text) for line in report.lines if line.effect == "decides"), (0, ""))


def _is(report: SettingsReport, text: str, role: str) -> bool:
    from ..settings import framework
    from ..settings.keys import Role
    key = framework(report.framework).by_name.get(text.partition(" = ")[0])
    return key is not None and key.role is Role[role] and text.partition(" = ")[2] not in ("", "''", "None")


def _ignored(read: Sequence[_Reading], report: SettingsReport | None) -> list[str]:
    """What had no part in the answer, in words."""
    said = [f"an older error, line{'s' * (s.last > s.first)} {s.first}{f'-{s.last}' * (s.last > s.first)}"
            for one in read for s in one.older]
    if report is None and any(one.settings.strip() for one in read):
        said.append("settings of a program that was not recognised (name it with --framework)")
    if report is not None:
        unread = sorted({line.number for line in report.lines if line.effect in ("unknown", "unread") and line.number})
        if unread:
            numbers = ", ".join(map(str, unread[:5])) + (", ..." if len(unread) > 5 else "")
            said.append(f"line{'s' * (len(unread) > 1)} {numbers}, no setting that is known here")
    return said
