"""Which mode settings mean by a framework's rules, what each of them does to it, and which words mean which mode."""

from __future__ import annotations

from dataclasses import dataclass

from .collect import Collected, collect
from .keys import Role, Values
from .model import Framework, Given, Mode, ModeRule, Release, SettingsMode
from .standard import SUBMISSION, outcome_of
from .values import ABSENT


def decided(framework: Framework, release: Release, values: Values, port: int | None) -> tuple[Given, ModeRule]:
    """The settings with mode and outcome set, and the rule that decided."""
    given = Given(framework, release, values, port)
    rule = next(r for r in framework.rules if release.within(r.since, r.before) and r.when(given))
    given.mode = rule.mode
    given.outcome = rule.outcome or outcome_of(given, framework)
    return given, rule


def effects_of(framework: Framework, release: Release, found: Collected, port: int | None) -> dict[str, str]:
    """Each given key's effect on the mode, found by leaving it out: "decides", "redundant" or "ineffective"."""
    effects: dict[str, str] = {}
    kept = dict(found.values)
    settings, rule = decided(framework, release, kept, port)
    for name in list(kept):
        key = framework.by_name.get(name)
        if key is None or name in found.inherited or key.role not in (Role.MODE, Role.HOST, Role.PORT):
            continue
        without = {k: v for k, v in kept.items() if k != name}
        given, other = decided(framework, release, without, port)
        if key.role is not Role.MODE:  # a URL's scheme or a port may decide; elsewhere they say where to connect
            if given.mode is not settings.mode:
                effects[name] = "decides"
            continue
        # It has an effect if it turns one refusal into another, or states what would otherwise be a guess.
        same = (given.mode is not Mode.ERROR or other is rule) and (rule.inferred or not other.inferred)
        if same and (given.mode, given.outcome, other.outcome) == (settings.mode, settings.outcome, rule.outcome):
            default = key.type.read(key.default) if key.default is not ABSENT else None
            plain = settings.live(key) and key.type.read(found.values[name]) == default
            effects[name] = "redundant" if plain or not found.values[name] else "ineffective"
            kept = without
        else:
            effects[name] = "decides"
    return effects


def by_word(framework: Framework, release: Release | None = None) -> dict[str, SettingsMode]:
    """The framework's words about TLS, each with the mode that it gives on port 587 when it is set alone.

    `release` is the newest where it isn't given.
    """
    release = release or framework.releases[-1]
    return {word: decided(framework, release, collect(framework, settings).values, SUBMISSION)[0].mode
            for word, settings in framework.says.items()}


@dataclass(frozen=True)
class ModeWords:
    """A framework's words about TLS, each as it is set, by the mode that it gives on port 587 when it is set alone."""

    framework: Framework
    implicit: tuple[str, ...]
    starttls: tuple[str, ...]  # those that require it, then those that take it where it is offered
    neither: tuple[str, ...]  # plain, refused, or without an effect

    def for_starttls(self) -> str:
        """What to set for STARTTLS, and what to take out: "enable_starttls: true, without tls: true and ssl: true"."""
        without = (f"without {_listed(self.implicit)}",) if self.implicit else ()
        return ", ".join((*self.starttls[:1], *without)) or "no word of its own"

    def for_implicit(self) -> str:
        """What to set for TLS at once: "tls: true or ssl: true"."""
        return " or ".join(self.implicit) or "no word of its own"


def words_of(framework: Framework, release: Release | None = None) -> ModeWords:
    """Which of the framework's words mean which mode, in that release or the newest."""
    said = by_word(framework, release)
    release = release or framework.releases[-1]
    idle = {word for word in said if is_idle(framework, release, collect(framework, framework.says[word]))}

    def of(*modes: SettingsMode) -> tuple[str, ...]:
        return tuple(word for mode in modes for word, means in said.items() if means is mode and word not in idle)

    implicit, starttls = of(Mode.IMPLICIT), of(Mode.REQUIRED, Mode.OPPORTUNISTIC)
    return ModeWords(framework, implicit, starttls, tuple(w for w in said if w not in (*implicit, *starttls)))


def is_idle(framework: Framework, release: Release, found: Collected, port: int = SUBMISSION) -> bool:
    """Whether the mode is not these settings' doing: without them it would be the same."""
    given, _rule = decided(framework, release, found.values, port)
    effects = effects_of(framework, release, found, port).values()
    return "ineffective" in effects and "decides" not in effects or any(
        note.code == "ineffective" and release.within(note.since, note.before) and note.when(given)
        for note in framework.notes)


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join((*((", ".join(words[:-1]),) if words[:-1] else ()), words[-1]))
