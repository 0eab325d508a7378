"""Apply a framework's description to settings: mode, outcome, warnings, and the effect of each line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .collect import Collected, collect
from .computed import computed_settings
from .keys import Role
from .meaning import decided, effects_of, words_of
from .model import Framework, Given, Mode, ModeRule, NotPossible, Outcome, release_for
from .report import Right, SettingLine, SettingsReport, SettingsWarning
from .standard import SUBMISSION, SUBMISSIONS, sentence, server_of
from .values import Hidden, shown

HOST = "smtp.example.com"  # where the reader's isn't known
_HOST = re.compile(r"(?:[a-z][a-z0-9+.\-]*://)?(?:[^@\s/]*@)?\[?([A-Za-z0-9_](?:[\w.\-]{0,250}\w)?|[0-9A-Fa-f:.]{2,45})\]?"
                   r"(?::\d{1,5})?/?", re.IGNORECASE | re.ASCII)
_REFUSALS = {"contradiction", "unknown-value"}  # warnings that say why settings are refused


def evaluate(framework: Framework, given: str | Mapping[str, object], version: object = None, port: int | None = None
             ) -> SettingsReport:
    """The report on `given`, a mapping or a pasted text. Raises ValueError for a port outside 1 to 65535."""
    if port is not None:
        from ..address import port_number  # traces are not loaded to read settings alone
        port = port_number(port)
    release, remark = release_for(framework, version)
    found = collect(framework, given)
    settings, rule = decided(framework, release, found.values, port)
    effects = effects_of(framework, release, found, port)
    waits = _waits(framework, settings)
    warnings = _warnings(framework, settings, found, effects, waits)
    because = rule.because.format(port=settings.port)
    if settings.mode is Mode.ERROR and not {w.code for w in warnings} & _REFUSALS:
        warnings.insert(0, SettingsWarning("config-error", "", because))
    if remark:
        warnings.insert(0, SettingsWarning("unknown-version", "", remark))
    hangs = settings.outcome is Outcome.HANG
    first = framework.password_first(settings)
    return SettingsReport(
        framework.name, release.name, settings.port, settings.mode, settings.outcome,
        _in_clear(framework, settings, rule), tuple(warnings),
        title=framework.title, because=because, source=rule.source,
        sentence=sentence(settings.mode, settings.outcome, settings.port, waits, first),
        error=framework.errors(settings).get(settings.outcome), hang_ends_after_s=waits if hangs else None,
        lines=_lines(framework, found, effects), right=_right(framework, settings), host=settings.host,
        password_first=first, computed=computed_settings(framework, release, found, port))


def _in_clear(framework: Framework, given: Given, rule: ModeRule) -> bool | None:
    if rule.password_in_clear is not None:
        return rule.password_in_clear
    if given.mode not in (Mode.PLAIN, Mode.OPPORTUNISTIC):
        return False
    return framework.password_in_clear(given)


def _waits(framework: Framework, given: Given) -> float | None:
    """Seconds until a hang ends: as set, else the default; None is for ever."""
    for key in framework.keys:
        value = given.raw(key.name) if key.role is Role.TIMEOUT and given.has(key.name) else None
        if isinstance(value, str | int | float):
            try:
                return float(value) * key.unit_s
            except ValueError:
                continue
    return next((w.seconds for w in framework.waits if given.release.within(w.since, w.before) and w.when(given)), None)


def _warnings(framework: Framework, given: Given, found: Collected, effects: dict[str, str], waits: float | None
              ) -> list[SettingsWarning]:
    warnings: list[SettingsWarning] = []

    def warn(code: str, setting: str, message: str) -> None:
        warnings.append(SettingsWarning(code, setting, message))

    for key in framework.keys:
        if key.role is not Role.MODE or key.name not in found.values:
            continue
        value = found.values[key.name]
        if not given.live(key):
            since = ".".join(map(str, key.since))
            why = f"only {since} and newer do" if given.numbers < key.since else "it was dropped"
            warn("ineffective", key.name, f"{key.name} is not read by {given.release.name}: {why}")
        elif complaint := key.type.complaint(value):
            warn(complaint.code, key.name, f"{key.name}: {complaint.says}")
    for note in framework.notes:
        if given.release.within(note.since, note.before) and note.when(given):
            warn(note.code, note.setting, note.says.format(port=given.port))
    told = {w.setting for w in warnings if w.code in ("ineffective", "redundant", "contradiction")}
    for name, effect in effects.items():
        if given.mode is not Mode.ERROR and effect != "decides" and name not in told:
            why = "it says what holds without it" if effect == "redundant" else "what else is set decides"
            warn(effect, name, f"{name} = {shown(found.values[name])} changes nothing here: {why}")
    return _about_the_mode(given, waits, {w.code for w in warnings}) + _about_the_text(framework, found) + warnings


def _about_the_mode(given: Given, waits: float | None, codes: set[str]) -> list[SettingsWarning]:
    """The warnings that the mode and port call for, without the `codes` that the framework's own notes gave."""
    mode, server = given.mode, server_of(given.port, given.mode)
    found = []
    if mode is Mode.IMPLICIT and server != SUBMISSIONS:
        words = words_of(given.framework, given.release)
        how = f" ({words.for_starttls()})" if words.starttls or words.implicit else ""
        found.append(("port-mismatch", f"implicit TLS on port {given.port}, which speaks plaintext first: use port 465,"
                                       f" or STARTTLS{how}"))
    if mode in (Mode.PLAIN, Mode.OPPORTUNISTIC, Mode.REQUIRED) and server == SUBMISSIONS:
        words = words_of(given.framework, given.release)
        how = f" ({words.for_implicit()})" if words.implicit else ""
        found.append(("port-mismatch", f"port {given.port} expects TLS at once, and this client waits for a greeting:"
                                       f" use port 587, or implicit TLS{how}"))
        if waits is None and "no-timeout" not in codes:
            found.append(("no-timeout", "no time-out is set and the default is none: a wait here lasts for ever"))
    if mode is Mode.OPPORTUNISTIC:
        found.append(("opportunistic", "STARTTLS is used when it is offered; where it is not, or was taken out of the"
                                       " reply on the way, everything goes on in clear"))
    if mode is Mode.PLAIN:
        found.append(("no-tls", "nothing is encrypted with these settings"))
    return [SettingsWarning(code, "", says) for code, says in found if code not in codes]


def _about_the_text(framework: Framework, found: Collected) -> list[SettingsWarning]:
    """The warnings about the text: unknown, repeated and computed settings, and what could not be read."""
    said = [("unknown-key", name, f"{name} is no setting known here" + (
        f"; did you mean {meant}?" if meant else f": if the program doesn't know it either, {framework.unknown_is}"))
        for name, meant, _line in found.unknown]
    said += [("repeated", name, f"{name} is given more than once with different values; the last one counts")
             for name, _line in found.repeated]
    said += [("computed", name, f"{name} comes from the environment when the program runs; its default is taken here")
             for name in found.defaults_taken]
    if not found.values and not found.unread and not found.unknown:
        said.append(("empty", "", "no settings were given: this is what the defaults do"))
    said += [("unread", "", (f"line {u.line}: " if u.line else "") + u.why) for u in found.unread[:20]]
    if len(found.unread) > 20:
        said.append(("unread", "", f"and {len(found.unread) - 20} more lines could not be read"))
    if found.cut:
        said.append(("unread", "", "the text is very long: only its first two mebibytes were read"))
    return [SettingsWarning(*row) for row in said]


def _lines(framework: Framework, found: Collected, effects: dict[str, str]) -> tuple[SettingLine, ...]:
    lines = []
    for name, number in found.lines.items():
        key = framework.by_name[name]
        value = found.values.get(name, "(worked out when it runs)")
        effect = effects.get(name, "other")
        if isinstance(value, Hidden):
            effect = "secret"
        elif name not in found.values:
            effect = "unread"
        why = {"decides": "takes part in the choice of the mode", "redundant": "says what holds without it",
               "ineffective": "changes nothing: what else is set decides", "secret": "not kept and not shown",
               "unread": "worked out when the program runs"}.get(effect, _about(key.role))
        lines.append(SettingLine(number, f"{name} = {shown(value)}", effect, why))
    lines += [SettingLine(number, name, "unknown", f"did you mean {meant}?" if meant else "no setting known here")
              for name, meant, number in found.unknown]
    return tuple(sorted(lines, key=lambda line: line.number))


def _about(role: Role) -> str:
    return {Role.PORT: "where to connect", Role.HOST: "where to connect", Role.USER: "who logs in",
            Role.AUTH: "how to log in", Role.CHECK: "how the certificate is checked",
            Role.TIMEOUT: "how long to wait"}.get(role, "has no part in the mode")


def fill(form: str | NotPossible, host: str, port: int) -> tuple[str, bool]:
    """A form with its host and port filled in, and True; or why there is none, and False."""
    if isinstance(form, NotPossible):
        return f"not possible, because {form.because}", False
    return form.replace("{host}", host).replace("{port}", str(port)), True


def host_name(said: str) -> str:
    """The name or address in what a host was set to, a URL or an address with a port too; "" if it holds none."""
    found = _HOST.fullmatch(said.strip()) if len(said) < 400 else None
    return found[1] if found else ""


def _right(framework: Framework, given: Given) -> tuple[Right, ...]:
    known, host = framework.forms(given), host_name(given.host) or HOST
    return tuple(Right(mode, port, *fill(known[mode], host, port))
                 for mode, port in ((Mode.IMPLICIT, SUBMISSIONS), (Mode.REQUIRED, SUBMISSION)))
