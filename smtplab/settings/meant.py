"""Which mode somebody's words mean: a mode's own name, or the words of a setting, as the frameworks read them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from .collect import Collected, collect
from .keys import Role
from .meaning import decided, is_idle
from .model import Framework, SettingsMode
from .recognition import recognize
from .registry import frameworks
from .standard import SUBMISSION, SUBMISSIONS
from .values import OneOf

# What mail programs and their manuals call the modes, in small letters, without punctuation.
_NAMES = {name: mode for mode, names in (
    (SettingsMode.IMPLICIT, "implicit, implicit tls, implicit ssl, tls implicit, smtps, submissions, tls on connect, "
                            "ssl on connect, tls at connect, ssl at connect, tls wrapper, ssl wrapper, wrapper mode, "
                            "wrappermode, ssl tls"),
    (SettingsMode.REQUIRED, "starttls, starttls required, required starttls, starttls mandatory, explicit, "
                            "explicit tls, explicit ssl, tls explicit, starttls smtp"),
    (SettingsMode.OPPORTUNISTIC, "starttls opportunistic, opportunistic, opportunistic tls, opportunistic starttls, "
                                 "starttls auto, starttls if available, starttls if offered, starttls when available, "
                                 "starttls when offered, starttls used when offered"),
    (SettingsMode.PLAIN, "plain, plain text, plaintext, clear text, cleartext, in clear, none, unencrypted, "
                         "not encrypted, no encryption, no tls, no ssl tls, no tls ssl"),
) for name in names.split(", ")}
_ON = re.compile(r"(?: (?:on|yes|true|enabled|checked|selected|chosen|used|mode|only))+$")
_IN_BRACKETS = re.compile(r"\(([^()]{1,80})\)\s*$")
# Words that turn round or take back what the words beside them say.
_DENIES = re.compile(r"\b(?:no|not|without|unset|missing|ignored|instead|rather|formerly|switched|changed)\b"
                     r"(?!\s*[:=])", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:(?<=\s)\+(?=\s)|;|,|&|\band\b)\s*(?=[\w.\-]+\s?[:=])")  # settings in one line
_LIKELY = 0.2  # of the most likely framework's likelihood
_MOST = 2000  # characters: these are words, no file
_STARTTLS = {SettingsMode.REQUIRED, SettingsMode.OPPORTUNISTIC}


def mode_meant(words: str, port: int | None = None) -> SettingsMode | None:
    """The mode that `words` mean: a mode's own name ("SMTPS", "explicit TLS") or a setting ("SMTPSecure = 'ssl'").

    A setting means what every framework and version that it may be of makes of it, on `port` or, without one, on 587
    and on 465. None where they differ ("tls" alone is STARTTLS in some and TLS at once in others), where nothing is
    a setting, and where the words deny what they say ("tls: true, ignored"). Never raises.
    """
    text = str(words or "")[:_MOST].strip()
    if named := _named(text):
        return named
    explained = _IN_BRACKETS.search(text)  # "useSsl: false (opportunistic STARTTLS)": in somebody's own words
    if explained and (named := _named(explained[1])):
        return named
    ports = (port,) if isinstance(port, int) and 0 < port < 65536 else (SUBMISSION, SUBMISSIONS)
    parts = re.split(r"[,;]|\s\+\s", text)
    names = [named for part in parts if (named := _named(part))]
    rest = [part for part in parts if not _named(part)]
    if any(_DENIES.fullmatch(part.strip()) for part in rest):
        return None
    settings = "\n".join(part.strip() for part in rest if not _DENIES.search(part)) if len(rest) < len(parts) or \
        _DENIES.search(text) else _BETWEEN.sub("\n", text)
    switched_on = _ON.sub("", settings.lower())
    read = _by_a_word(settings, ports) or _by_settings(settings, ports) or _by_a_word(switched_on, ports)
    return _agreed([*names, *read])


def _named(text: str) -> SettingsMode | None:
    plain = re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
    return _NAMES.get(plain) or _NAMES.get(_ON.sub("", plain))


def _agreed(modes: Iterable[SettingsMode]) -> SettingsMode | None:
    """The mode that all these are; of STARTTLS the kind that promises less; refused settings have none."""
    kinds = set(modes) - {SettingsMode.ERROR}
    if len(kinds) == 1:
        return kinds.pop()
    return SettingsMode.OPPORTUNISTIC if kinds == _STARTTLS else None


def _by_settings(text: str, ports: tuple[int, ...]) -> list[SettingsMode]:
    """The modes that the frameworks it is likely to be of give, as far as it sets what decides about the mode."""
    found = recognize(text)
    by_name = {framework.name: framework for framework in frameworks()}
    return [mode for candidate in found if candidate.likelihood >= _LIKELY * found[0].likelihood
            for mode in _modes(by_name[candidate.framework], collect(by_name[candidate.framework], text), ports)]


def _modes(framework: Framework, found: Collected, ports: tuple[int, ...]) -> Iterator[SettingsMode]:
    """The modes of these settings in every release, where they decide about the mode and no value is a mistake."""
    of_mode = [(key, found.values[key.name]) for key in framework.keys
               if key.role is Role.MODE and key.name in found.values and key.name not in found.inherited]
    if any(key.type.complaint(value) for key, value in of_mode):
        return
    cases = [(release, port) for release in framework.releases for port in ports] if of_mode else []
    newest = decided(framework, framework.releases[-1], dict(found.values), ports[0])[0]
    if any(note.code == "unknown-value" and newest.release.within(note.since, note.before) and note.when(newest)
           for note in framework.notes):
        return
    if not all(is_idle(framework, release, found, port) for release, port in cases):
        for release, port in cases:
            yield decided(framework, release, dict(found.values), port)[0].mode


def _by_a_word(text: str, ports: tuple[int, ...]) -> list[SettingsMode]:
    """The modes that a word has where it is what a setting is set to, or is switched on, or is said of TLS."""
    word = re.sub(r"\W+$", "", text).lower()
    settings = _settings_of(text.lower()) or _settings_of(word)
    if not settings and "." in word:  # SecureSocketOptions.StartTls
        told = {candidate.framework for candidate in recognize(text)}
        settings = tuple(s for s in _settings_of(word.rpartition(".")[2]) if s[0].name in told)
    return [mode for framework, setting in settings for mode in _modes(framework, collect(framework, setting), ports)]


@functools.lru_cache(256)
def _settings_of(word: str) -> tuple[tuple[Framework, dict[str, object]], ...]:
    """Settings that consist of this word alone, in each framework that knows it. Options of commands have dashes."""
    found: list[tuple[Framework, dict[str, object]]] = []
    for framework in frameworks():
        if framework.read == ("command",):
            continue
        for said in framework.says:
            if said.lower().strip("()") == word:
                found.append((framework, dict(framework.says[said])))
        for key in framework.keys:
            if key.role is not Role.MODE:
                continue
            if isinstance(key.type, OneOf) and word in map(str.lower, key.type.words):
                found.append((framework, {key.name: next(w for w in key.type.words if w.lower() == word)}))
            elif not isinstance(key.type, OneOf) and word in (key.name.lower(), *map(str.lower, key.aliases)):
                found.append((framework, {key.name: True}))
    return tuple(found)
