"""Which mode settings mean, by a framework's rules; and which of its words mean TLS at once, and which STARTTLS."""

from __future__ import annotations

from dataclasses import dataclass

from .collect import collect
from .keys import Values
from .model import Framework, Given, ModeRule, Release, SettingsMode
from .standard import SUBMISSION, outcome_of


def decided(framework: Framework, release: Release, values: Values, port: int | None) -> tuple[Given, ModeRule]:
    """The settings with mode and outcome set, and the rule that decided."""
    given = Given(framework, release, values, port)
    rule = next(r for r in framework.rules if release.within(r.since, r.before) and r.when(given))
    given.mode = rule.mode
    given.outcome = rule.outcome or outcome_of(given, framework)
    return given, rule


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
    neither: tuple[str, ...]  # plain, or refused

    def for_starttls(self) -> str:
        """What to set for STARTTLS, and what to take out: "enable_starttls: true, without tls: true and ssl: true"."""
        words = self.starttls[0] if self.starttls else "no word of its own"
        return f"{words}, without {_listed(self.implicit)}" if self.implicit else words

    def for_implicit(self) -> str:
        """What to set for TLS at once: "tls: true or ssl: true"."""
        return " or ".join(self.implicit) or "no word of its own"


def words_of(framework: Framework, release: Release | None = None) -> ModeWords:
    """Which of the framework's words mean which mode, in that release or the newest."""
    said = by_word(framework, release)

    def of(*modes: SettingsMode) -> tuple[str, ...]:
        return tuple(word for mode in modes for word, means in said.items() if means is mode)

    return ModeWords(framework, of(SettingsMode.IMPLICIT), of(SettingsMode.REQUIRED, SettingsMode.OPPORTUNISTIC),
                     of(SettingsMode.PLAIN, SettingsMode.ERROR))


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join((*((", ".join(words[:-1]),) if words[:-1] else ()), words[-1]))
