"""The public functions: read settings, translate them, and say what the frameworks' words mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .correction import translated
from .evaluate import evaluate
from .meaning import ModeWords, by_word, words_of
from .model import Framework, SettingsMode
from .recognition import recognize
from .registry import framework, frameworks
from .report import SettingsReport, SettingsWarning, Translation

_SURE, _CLEAR = 0.95, 0.3  # likelihoods that speak against the framework asked about: where some is read, where nothing


def read_settings(framework_name: str, text_or_mapping: str | Mapping[str, object], *, version: str | None = None,
                  port: int | None = None) -> SettingsReport:
    """Which mode settings give, and what happens on the standard server of the port.

    `framework_name` is a name, title or short form (`rails`). `text_or_mapping` is a mapping of the framework's own
    keys, or a pasted text, which is read and never run. `port` replaces the port in the settings. No `version` means
    the newest; an unknown one is matched by its numbers, else it is the newest, with a warning. Secrets are dropped as
    they are read. Raises ValueError for an unknown framework or a port outside 1 to 65535, and nothing else.
    """
    described = framework(framework_name)
    report = evaluate(described, text_or_mapping, version, port)
    other = _another(described, text_or_mapping, report) if isinstance(text_or_mapping, str) else ""
    warning = (SettingsWarning("wrong-framework", "", other),) if other else ()
    return replace(report, warnings=(*warning, *report.warnings))


def _another(described: Framework, text: str, report: SettingsReport) -> str:
    """What to say of a text that reads like another framework's; "" for one that doesn't."""
    found = recognize(text)
    read = {line.number for line in report.lines if line.effect != "unknown"}
    likely = [candidate for candidate in found if candidate.likelihood == found[0].likelihood and candidate.lines]
    if not likely or described.name in {candidate.framework for candidate in found}:
        return ""
    if read and (likely[0].likelihood < _SURE or 2 * len(read) > len(likely[0].lines)):
        return ""
    if likely[0].likelihood * len(likely) < _CLEAR:
        return ""
    names = " or ".join(candidate.framework for candidate in likely[:3])
    return (f"{'little' if read else 'nothing'} in this text is a setting of {described.title}: it reads like one of"
            f" {likely[0].title} ({', '.join(likely[0].reasons[:3])}). What is said below is about {described.name};"
            f" ask about {names}")


def translate(report: SettingsReport, to: str) -> Translation:
    """The settings of the report in another framework: the same host, port and mode, if that mode works on the port.

    Else it is the mode that does, and `mended` is true. "not possible, because ..." where the framework has none that
    does. Raises ValueError for an unknown framework.
    """
    return translated(report, framework(to))


def mode_words(name: str) -> ModeWords:
    """Which of a framework's words mean implicit TLS, and which STARTTLS. Raises ValueError for an unknown framework.

    They are worked out by the framework's own rules, so a text that names them can't differ from what is answered.
    """
    return words_of(framework(name))


def meanings() -> list[tuple[Framework, str, SettingsMode]]:
    """What the words "TLS", "SSL" and the like mean: framework, the word as set there, and its mode on port 587."""
    return [(f, word, mode) for f in frameworks() for word, mode in by_word(f).items()]
