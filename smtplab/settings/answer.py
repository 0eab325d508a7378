"""The public functions: read settings, translate them, list the frameworks and what their words mean."""

from __future__ import annotations

import difflib
import functools
import importlib
import re
from collections.abc import Mapping

from .evaluate import evaluate, translated
from .meaning import ModeWords, by_word, words_of
from .model import Framework, SettingsMode
from .report import SettingsReport, Translation

# Modules of `tables` with the frameworks to take from them, in the order in which these are listed.
_TABLES = ("ruby RAILS GITLAB", "django DJANGO MAILERS", "python FLASK SMTPLIB AIOSMTPLIB FASTAPI",
           "django ENVIRON DJ_EMAIL_URL", "node NODEMAILER", "php PHPMAILER WP_MAIL_SMTP", "symfony SYMFONY",
           "laravel LARAVEL", "nextcloud NEXTCLOUD", "java JAKARTA SPRING JENKINS KEYCLOAK",
           "go NET_SMTP GOMAIL MAIL_V2 GO_MAIL", "dotnet MAILKIT SYSTEM_NET_MAIL MONO", "erlang GEN_SMTP SWOOSH",
           "rust LETTRE", "postfix POSTFIX", "exim EXIM", "curl CURL", "msmtp MSMTP", "mutt MUTT", "swaks SWAKS",
           "git_send_email GIT", "go_applications GRAFANA ALERTMANAGER GITEA", "rails_applications MASTODON DISCOURSE")


@functools.cache
def frameworks() -> tuple[Framework, ...]:
    """Every framework that is described, those of an ecosystem next to each other."""
    found: list[Framework] = []
    for module_name, *names in map(str.split, _TABLES):
        module = importlib.import_module(f".tables.{module_name}", __package__)
        found += (getattr(module, name) for name in names)
    return tuple(found)


@functools.cache
def _by_name() -> dict[str, Framework]:
    return {_plain(name): f for f in reversed(frameworks()) for name in (*f.aliases, f.name, f.title)}


@functools.cache
def _as_written() -> dict[str, Framework]:
    return {name.lower(): f for f in reversed(frameworks()) for name in (*f.aliases, f.name, f.title)}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def framework(name: str) -> Framework:
    """The framework of that name, title or short form. Raises ValueError, with a suggestion, for any other."""
    known = _by_name()
    asked = str(name)[:100].strip().lower()
    plain = _plain(asked)
    # The exact spelling first: without its hyphen "go-mail" would be another framework, gomail.
    if found := _as_written().get(asked) or known.get(plain):
        return found
    close = difflib.get_close_matches(plain, known, 1, 0.6)
    hint = f"did you mean {known[close[0]].name!r}?" if close else "see smtplab settings --list"
    raise ValueError(f"no framework is known by the name {str(name)[:60]!r}: {hint}")


def read_settings(framework_name: str, text_or_mapping: str | Mapping[str, object], *, version: str | None = None,
                  port: int | None = None) -> SettingsReport:
    """Which mode settings give, and what happens on the standard server of the port.

    `framework_name` is a name, title or short form (`rails`). `text_or_mapping` is a mapping of the framework's own
    keys, or a pasted text, which is read and never run. `port` replaces the port in the settings. No `version` means
    the newest; an unknown one is matched by its numbers, else it is the newest, with a warning. Secrets are dropped as
    they are read. Raises ValueError for an unknown framework or a port outside 1 to 65535, and nothing else.
    """
    return evaluate(framework(framework_name), text_or_mapping, version, port)


def translate(report: SettingsReport, to: str) -> Translation:
    """The same mode and port in another framework, or "not possible, because ...". Raises ValueError if unknown."""
    other = framework(to)
    return Translation(other.name, *translated(report, other))


def mode_words(name: str) -> ModeWords:
    """Which of a framework's words mean implicit TLS, and which STARTTLS. Raises ValueError for an unknown framework.

    They are worked out by the framework's own rules, so a text that names them can't differ from what is answered.
    """
    return words_of(framework(name))


def meanings() -> list[tuple[Framework, str, SettingsMode]]:
    """What the words "TLS", "SSL" and the like mean: framework, the word as set there, and its mode on port 587."""
    return [(f, word, mode) for f in frameworks() for word, mode in by_word(f).items()]
