"""Which frameworks are described, and how each is found by a name, title or short form."""

from __future__ import annotations

import difflib
import functools
import importlib
import re

from .model import Framework

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
