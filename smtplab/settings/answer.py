"""The questions one can ask: read settings, translate them, list the frameworks and what their words mean."""

from __future__ import annotations

import difflib
import functools
import importlib
import re
from collections.abc import Mapping

from .evaluate import evaluate, translated
from .model import Framework, SettingsMode
from .report import SettingsReport, Translation

TABLES = ("ruby", "gitlab", "python", "python_smtplib", "python_asyncio", "django_urls", "node", "php", "symfony",
          "laravel", "nextcloud", "java", "go", "dotnet", "other", "mta", "commands", "applications")


@functools.cache
def frameworks() -> tuple[Framework, ...]:
    """Every framework that is described, by ecosystem."""
    modules = [importlib.import_module(f".tables.{name}", __package__) for name in TABLES]
    return tuple(f for module in modules for f in module.FRAMEWORKS)


@functools.cache
def _by_name() -> dict[str, Framework]:
    return {_plain(name): f for f in reversed(frameworks()) for name in (*f.aliases, f.name, f.title)}


@functools.cache
def _as_written() -> dict[str, Framework]:
    return {name.lower(): f for f in reversed(frameworks()) for name in (*f.aliases, f.name, f.title)}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def framework(name: str) -> Framework:
    """The framework of that name, title or short form. ValueError, with a suggestion, for one that isn't known."""
    known = _by_name()
    asked = str(name)[:100].strip().lower()
    plain = _plain(asked)
    # go-mail and gomail are two: as it is written comes first.
    if found := _as_written().get(asked) or known.get(plain):
        return found
    close = difflib.get_close_matches(plain, known, 1, 0.6)
    hint = f"did you mean {known[close[0]].name!r}?" if close else "see smtplab settings --list"
    raise ValueError(f"no framework is known by the name {str(name)[:60]!r}: {hint}")


def read_settings(framework_name: str, text_or_mapping: str | Mapping, *, version: str | None = None,
                  port: int | None = None) -> SettingsReport:
    """Which mode settings give, and what comes of it on the standard server of the port.

    `framework_name` is a name, title or short form (`rails`); `text_or_mapping` the framework's own keys, or what a
    person would paste: it is read, never run. `port` overrules the port in the settings. No `version` means the
    newest; an unknown one is matched by its numbers, else the newest with a warning. Secrets are dropped as they are
    read. Raises ValueError for an unknown framework or a port outside 1 to 65535, and nothing else.
    """
    return evaluate(framework(framework_name), text_or_mapping, version, port)


def translate(report: SettingsReport, to: str) -> Translation:
    """The same mode and port in another framework, or "not possible, because ...". ValueError if it isn't known."""
    other = framework(to)
    return Translation(other.name, *translated(report, other))


def meanings() -> list[tuple[Framework, str, SettingsMode]]:
    """What the words "TLS", "SSL" and the like mean: framework, the word as set there, and the mode it gives on 587.

    Worked out by the same rules as any answer; nothing here is written down twice.
    """
    return [(f, word, evaluate(f, settings, port=587).mode) for f in frameworks() for word, settings in f.says.items()]
