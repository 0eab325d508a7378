"""A framework's description applied to settings: mode, outcome, warnings, the effect of each line."""

from __future__ import annotations

from collections.abc import Mapping

from .collect import Collected, collect
from .model import (
    ERROR,
    IMPLICIT,
    OPPORTUNISTIC,
    PLAIN,
    REQUIRED,
    Framework,
    Given,
    NotPossible,
    Outcome,
    Release,
    Role,
    Rule,
    SettingsMode,
)
from .releases import release_for
from .report import Line, Right, SettingsReport, Warning
from .standard import SUBMISSION, SUBMISSIONS, outcome_of, sentence, server_of
from .values import ABSENT, Hidden, shown

_REFUSALS = {"contradiction", "unknown-value"}  # warnings that say why settings are refused


def evaluate(framework: Framework, given: str | Mapping, version: object = None, port: int | None = None
             ) -> SettingsReport:
    """The report on `given`, a mapping or a pasted text. ValueError for a port that is none."""
    if port is not None:
        from ..trace import port_number  # traces are not loaded to read settings alone
        port = port_number(port)
    release, recognised = release_for(framework, version)
    found = collect(framework, given)
    settings, rule = _decided(framework, release, found.values, port)
    effects = _effects(framework, release, found, port, rule)
    waits = _waits(framework, settings)
    warnings = _warnings(framework, settings, found, effects, waits)
    because = rule.because.format(port=settings.port)
    if settings.mode is ERROR and not {w.code for w in warnings} & _REFUSALS:
        warnings.insert(0, Warning("config-error", "", because))
    if not recognised:
        warnings.insert(0, Warning("unknown-version", "", f"no version is known by that name; this is about the newest"
                                                          f" one, {release.name}"))
    errors = framework.errors(settings) if callable(framework.errors) else framework.errors
    hangs = settings.outcome is Outcome.HANG
    says = sentence(settings.mode, settings.outcome, settings.port, waits)
    return SettingsReport(
        framework.name, release.name, settings.port, settings.mode, settings.outcome,
        _in_clear(framework, settings, rule), tuple(warnings),
        title=framework.title, because=because, source=rule.source,
        sentence=says, error=errors.get(settings.outcome), hang_ends_after_s=waits if hangs else None,
        lines=_lines(framework, found, effects), right=_right(framework, settings), host=settings.host)


def _decided(framework: Framework, release: Release, values: dict[str, object], port: int | None) -> tuple[Given, Rule]:
    """The settings with their mode and outcome, and the rule that made it so."""
    given = Given(framework, release, values, port)
    rule = next(r for r in framework.rules if release.within(r.since, r.before) and r.when(given))
    given.mode = rule.mode
    given.outcome = rule.outcome or outcome_of(given, framework)
    return given, rule


def _in_clear(framework: Framework, given: Given, rule: Rule) -> bool | None:
    if rule.password_in_clear is not None:
        return rule.password_in_clear
    if given.mode not in (PLAIN, OPPORTUNISTIC):
        return False
    said = framework.password_in_clear
    said = said(given) if callable(said) else said
    return True if said is None else said


def _waits(framework: Framework, given: Given) -> float | None:
    """Seconds until a hang ends: as set, else the default; None is for ever."""
    for key in framework.keys:
        if key.role is Role.TIMEOUT and given.has(key.name):
            try:
                return float(given.raw(key.name)) * key.unit_s
            except (TypeError, ValueError):
                continue
    return next((w.seconds for w in framework.waits if given.release.within(w.since, w.before) and w.when(given)), None)


def _effects(framework: Framework, release: Release, found: Collected, port: int | None, rule: Rule) -> dict[str, str]:
    """Each given key's effect on the mode, found by leaving it out: "decides", "redundant" or "ineffective"."""
    effects, kept = {}, dict(found.values)
    before = _decided(framework, release, kept, port)
    for name in list(kept):
        key = framework.by_name.get(name)
        if key is None or key.role not in (Role.MODE, Role.HOST, Role.PORT):
            continue
        without = {k: v for k, v in kept.items() if k != name}
        given, other = _decided(framework, release, without, port)
        if key.role is not Role.MODE:  # a URL's scheme or a port may decide; elsewhere they say where to connect
            if given.mode is not before[0].mode:
                effects[name] = "decides"
            continue
        # Refused for another reason, or worked out by a guess: the setting does say something.
        same = (given.mode is not ERROR or other is before[1]) and (before[1].inferred or not other.inferred)
        if same and (given.mode, given.outcome, other.outcome) == (
                before[0].mode, before[0].outcome, before[1].outcome):
            default = key.type.read(key.default) if key.default is not ABSENT else None
            plain = before[0].live(key) and key.type.read(found.values[name]) == default
            effects[name] = "redundant" if plain or not found.values[name] else "ineffective"
            kept = without
        else:
            effects[name] = "decides"
    return effects


def _warnings(framework: Framework, given: Given, found: Collected, effects: dict[str, str], waits: float | None
              ) -> list[Warning]:
    warnings: list[Warning] = []
    for key in framework.keys:
        if key.role is not Role.MODE or key.name not in found.values:
            continue
        value = found.values[key.name]
        if not given.live(key):
            since = ".".join(map(str, key.since))
            why = f"only {since} and newer do" if given.numbers < key.since else "it was dropped"
            warnings.append(Warning("ineffective", key.name, f"{key.name} is not read by {given.release.name}: {why}"))
        elif complaint := key.type.complaint(value):
            warnings.append(Warning(complaint.code, key.name, f"{key.name}: {complaint.says}"))
    for note in framework.notes:
        if given.release.within(note.since, note.before) and note.when(given):
            warnings.append(Warning(note.code, note.setting, note.says.format(port=given.port)))
    told = {w.setting for w in warnings if w.code in ("ineffective", "redundant", "contradiction")}
    for name, effect in effects.items():
        if given.mode is not ERROR and effect != "decides" and name not in told:
            why = "it says what holds without it" if effect == "redundant" else "what else is set decides"
            warnings.append(Warning(effect, name, f"{name} = {shown(found.values[name])} changes nothing here: {why}"))
    return _about_the_mode(given, waits, warnings) + _about_the_text(framework, found) + warnings


def _about_the_mode(given: Given, waits: float | None, noted: list[Warning]) -> list[Warning]:
    mode, codes = given.mode, {w.code for w in noted}
    server = server_of(given.port, mode)
    found = []
    if mode is IMPLICIT and server != SUBMISSIONS:
        found.append(("port-mismatch", f"implicit TLS on port {given.port}, which speaks plaintext first: use port 465,"
                                       " or STARTTLS"))
    if mode in (PLAIN, OPPORTUNISTIC, REQUIRED) and server == SUBMISSIONS:
        found.append(("port-mismatch", f"port {given.port} expects TLS at once, and this client waits for a greeting:"
                                       " use port 587, or implicit TLS"))
        if waits is None and "no-timeout" not in codes:
            found.append(("no-timeout", "no time-out is set and the default is none: a wait here lasts for ever"))
    if mode is OPPORTUNISTIC:
        found.append(("opportunistic", "STARTTLS is used when it is offered; where it is not, or was taken out of the"
                                       " reply on the way, everything goes on in clear"))
    if mode is PLAIN:
        found.append(("no-tls", "nothing is encrypted with these settings"))
    return [Warning(code, "", says) for code, says in found if code not in codes]


def _about_the_text(framework: Framework, found: Collected) -> list[Warning]:
    warnings = [Warning("unknown-key", name, f"{name} is no setting known here" + (f"; did you mean {meant}?" if meant
                                                                                    else f": {framework.unknown_is}"))
                for name, meant, _line in found.unknown]
    warnings += [Warning("repeated", name, f"{name} is given more than once with different values; the last one counts")
                 for name, _line in found.repeated]
    warnings += [Warning("computed", name, f"{name} comes from the environment when the program runs; its default is"
                                           " taken here") for name in found.defaults_taken]
    if not found.values and not found.unread and not found.unknown:
        warnings.append(Warning("empty", "", "no settings were given: this is what the defaults do"))
    warnings += [Warning("unread", "", (f"line {u.line}: " if u.line else "") + u.why) for u in found.unread[:20]]
    if len(found.unread) > 20:
        warnings.append(Warning("unread", "", f"and {len(found.unread) - 20} more lines could not be read"))
    if found.cut:
        warnings.append(Warning("unread", "", "the text is very long: only its first two mebibytes were read"))
    return warnings


def _lines(framework: Framework, found: Collected, effects: dict[str, str]) -> tuple[Line, ...]:
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
        lines.append(Line(number, f"{name} = {shown(value)}", effect, why))
    lines += [Line(number, name, "unknown", f"did you mean {meant}?" if meant else "no setting known here")
              for name, meant, number in found.unknown]
    return tuple(sorted(lines, key=lambda line: line.number))


def _about(role: Role) -> str:
    return {Role.PORT: "where to connect", Role.HOST: "where to connect", Role.USER: "who logs in",
            Role.AUTH: "how to log in", Role.CHECK: "how the certificate is checked",
            Role.TIMEOUT: "how long to wait"}.get(role, "has no part in the mode")


def forms(framework: Framework, given: Given) -> dict[SettingsMode, str | NotPossible]:
    """How each mode is set in this version, as templates of {host} and {port}."""
    return framework.forms(given) if callable(framework.forms) else framework.forms


def fill(form: str | NotPossible, host: str, port: int) -> tuple[str, bool]:
    """A form with its host and port, and whether it is settings at all."""
    if isinstance(form, NotPossible):
        return f"not possible, because {form.because}", False
    return form.replace("{host}", host).replace("{port}", str(port)), True


def _right(framework: Framework, given: Given) -> tuple[Right, ...]:
    known = forms(framework, given)
    return tuple(Right(mode, port, *fill(known[mode], "smtp.example.com", port))
                 for mode, port in ((IMPLICIT, SUBMISSIONS), (REQUIRED, SUBMISSION)))


def translated(report: SettingsReport, framework: Framework) -> tuple[str, bool]:
    """The report's mode and port in another framework's newest version, tried out before it is given."""
    if report.mode is ERROR:
        return "not possible, because these settings are refused before a connection is made", False
    given = Given(framework, framework.releases[-1], {}, report.port)
    text, possible = fill(forms(framework, given)[report.mode], "smtp.example.com", report.port)
    if not possible:
        return text, False
    tried = evaluate(framework, text)
    if (tried.mode, tried.port) != (report.mode, report.port):
        return (f"not possible, because in {framework.title} port {report.port} with"
                f" {report.mode.value} can't be set: {tried.because}"), False
    return text, True
