"""Settings that work, from a report on settings: in the reader's own framework, or in another one.

Nothing is taken over but the host and the port; all else is the framework's shortest right settings. Each text is read
back before it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .evaluate import HOST, evaluate, fill, host_name
from .keys import Role
from .model import Framework, Given, Mode, NotPossible, Outcome, SettingsMode, release_for
from .registry import framework
from .report import Correction, SettingLine, SettingsReport, Translation
from .standard import SUBMISSIONS, server_of

# What may be repeated in a comment, in any language; before an @ there might be a password.
_PLAIN_WORDS = re.compile(r"[\w .:/\[\]+\-]{1,60}", re.ASCII)
_STARTTLS = (Mode.REQUIRED, Mode.OPPORTUNISTIC)


def correct(report: SettingsReport, *, mode: SettingsMode | None = None, port: int | None = None) -> Correction:
    """The reader's settings as they work: in `mode`, or else in the one that `port` calls for.

    Without `port` it is the report's. Ports like 465 call for TLS at once, all others for STARTTLS: required, or, where
    the framework can't require it, where it is offered. Never raises; what can't be is said in the text.
    """
    port = port if isinstance(port, int) and 0 < port < 65536 else report.port
    wanted = (SettingsMode(mode),) if mode in list(SettingsMode) else working_modes(port)
    try:
        own = framework(report.framework)
    except ValueError as exc:  # a report that somebody made
        return Correction(report.framework, wanted[0], port, f"not possible, because {exc}", (), False)
    cant, faults = [], []
    for tried in wanted:
        text, possible = _settings(own, tried, report.host, port, report.version)
        if not possible:
            cant.append(text)
        elif mode is None and (fault := _fault(own, text, report)):
            faults.append(f"not possible, because {fault}")
        else:
            text, changed = _marked(own, text, report)
            if changed or mode is not None or report.outcome is Outcome.WORKS:
                return Correction(own.name, tried, port, text, changed, True)
            faults.append(f"not possible, because mode and port are right, and it is something else: {report.sentence}")
    return Correction(own.name, wanted[0], port, (*faults, *cant)[0], (), False)


def translated(report: SettingsReport, other: Framework) -> Translation:
    """The settings in another framework's newest version: the report's mode, or one that works on its port."""
    modes = working_modes(report.port)
    keeps = report.outcome is Outcome.WORKS or report.mode in modes
    reasons = []
    for mode in (report.mode,) if keeps else modes:
        text, possible = _settings(other, mode, report.host, report.port)
        if possible:
            return Translation(other.name, text, True, mode, not keeps)
        reasons.append(text)
    return Translation(other.name, reasons[0], False, report.mode if keeps else modes[0], not keeps)


def working_modes(port: int) -> tuple[SettingsMode, ...]:
    """The modes that work with the usual server of a port, the safest first."""
    return (Mode.IMPLICIT,) if server_of(port, Mode.REQUIRED) == SUBMISSIONS else _STARTTLS


def _settings(chosen: Framework, mode: SettingsMode, host: str, port: int, version: str | None = None
              ) -> tuple[str, bool]:
    """The shortest settings for a mode, host and port, and True; or why there are none, and False."""
    given = Given(chosen, release_for(chosen, version)[0], {}, port)
    form = chosen.forms(given).get(mode, NotPossible("settings that are refused connect to nothing"))
    text, possible = fill(form, host_name(host) or HOST, port)
    if not possible:
        return text, False
    back = evaluate(chosen, text, version)
    if (back.mode, back.port) != (mode, port):
        return (f"not possible, because in {chosen.title} port {port} with {mode.value} can't be set: {back.because}",
                False)
    return text, True


def _fault(own: Framework, text: str, report: SettingsReport) -> str:
    """Why these settings don't work with the usual server of their port; "" if they do."""
    back = evaluate(own, text, report.version)
    return "" if back.outcome is Outcome.WORKS else back.sentence


# --- what is different from the reader's ---


def _marked(own: Framework, text: str, report: SettingsReport) -> tuple[str, tuple[str, ...]]:
    """The text with a comment on the lines that differ from the reader's settings, and those lines.

    The comments hold nothing that could be read as a setting, or they are left out.
    """
    back = evaluate(own, text, report.version)
    words = _differences(own, _by_key(own, report.lines), _by_key(own, back.lines), report, text.count("\n") + 1)
    rows = text.split("\n")
    changed = sorted(number for number in words if 0 < number <= len(rows))
    if own.comment:
        marked = list(rows)
        for number in changed:
            marked[number - 1] += f"  {own.comment} {'; '.join(words[number])}"
        again = evaluate(own, "\n".join(marked), report.version)
        if (again.mode, again.port, again.host) == (back.mode, back.port, back.host):
            rows = marked
    return "\n".join(rows), tuple(rows[number - 1] for number in changed)


def _differences(own: Framework, before: dict[str, SettingLine], after: dict[str, SettingLine], report: SettingsReport,
                 last: int) -> dict[int, list[str]]:
    """What is to be said of each line that differs, by its number; what has to go is said on the last of them."""
    words: dict[int, list[str]] = {}
    known_host = host_name(report.host)
    for name, line in after.items():
        said = words.setdefault(line.number, [])
        if own.by_name[name].role is Role.HOST and not known_host:
            said.append("name your server here")
        elif name in before and before[name].text != line.text:
            value = before[name].text.partition(" = ")[2].strip("'") or "empty"
            alone = sum(other.number == line.number for other in after.values()) == 1
            said.append(f"{'' if alone else f'{name} '}was {value}" if _PLAIN_WORDS.fullmatch(value) else "changed")
        elif name not in before:
            said.append("new")
    words = {number: [word for word in said if word != "new"] or said[:1] for number, said in words.items() if said}
    gone = [name for name, line in before.items() if name not in after and own.by_name[name].role is Role.MODE
            and line.effect != "redundant" and _PLAIN_WORDS.fullmatch(name)]
    if gone:
        words.setdefault(max(words, default=last), []).append(f"take out {' and '.join(gone)}")
    return words


def _by_key(own: Framework, lines: Iterable[SettingLine]) -> dict[str, SettingLine]:
    """The lines of settings about the mode and the place, by the framework's own name for each."""
    named = ((line.text.partition(" = ")[0], line) for line in lines if line.effect not in ("unknown", "secret"))
    return {own.by_name[name].name: line for name, line in named if name in own.by_name
            and own.by_name[name].role in (Role.MODE, Role.PORT, Role.HOST)}
