"""How a framework is described: its keys, the rules that turn their values into a mode, its warnings and errors.

A description is data; `evaluate` applies it. Rules are tried in order and the first that matches decides.
Each rule and note names its source: a place in the framework's code or manual, or "live" where the
framework itself was run against loopback servers. `tables` holds the descriptions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar, overload

from .keys import Key, Numbers, Role, Values
from .reading import Call, Paste, Word
from .values import ABSENT

T = TypeVar("T")


class SettingsMode(StrEnum):
    """What settings make a client do; `error`: it refuses them before it connects."""

    PLAIN = "plain"
    STARTTLS_OPPORTUNISTIC = "starttls-opportunistic"
    STARTTLS_REQUIRED = "starttls-required"
    IMPLICIT = "implicit"
    ERROR = "error"
    OPPORTUNISTIC = STARTTLS_OPPORTUNISTIC  # the same member by a shorter name, for the tables
    REQUIRED = STARTTLS_REQUIRED


Mode = SettingsMode  # its short name, for the tables


class Outcome(StrEnum):
    """What happens when a client of some mode meets the standard server of a port."""

    WORKS = "works"
    WRONG_VERSION_NUMBER = "wrong-version-number"
    HANG = "hang"
    STARTTLS_NOT_OFFERED = "starttls-not-offered"
    PLAINTEXT = "plaintext"
    REFUSED_NEEDS_TLS = "refused-needs-tls"
    AUTH_NOT_OFFERED = "auth-not-offered"
    AUTH_MISSING = "auth-missing"
    CONFIG_ERROR = "config-error"
    CERTIFICATE_REFUSED = "certificate-refused"  # whatever certificate it is
    REFUSED = "refused"


@dataclass(frozen=True)
class Release:
    """A version: the name it is listed by, its numbers, and the versions of its parts ({"net_smtp": (0, 5)})."""

    name: str
    numbers: Numbers
    parts: dict[str, Numbers] = field(default_factory=dict)

    def within(self, since: Numbers, before: Numbers) -> bool:
        """Whether it is `since` or newer, and older than `before`; an empty tuple is no limit."""
        return self.numbers >= since and (not before or self.numbers < before)


@dataclass(frozen=True)
class Carrier:
    """A larger program, whose version people name in place of the framework's own.

    `came_with` has rows, the oldest first: since which of its versions, with which release of the framework, and how
    sure that is, in words. Nothing is known of it from version `before` on. `told_by` is the file that settles it.
    """

    title: str
    came_with: tuple[tuple[Numbers, str, str], ...]
    before: Numbers
    told_by: str


class Given:
    """Settings as a framework sees them: given["tls"] is the value as the key's type reads it, or its default.

    `mode` and `outcome` mean something once the rules have been applied: notes may ask for them, rules may not.
    """

    mode = SettingsMode.ERROR
    outcome = Outcome.CONFIG_ERROR

    def __init__(self, framework: Framework, release: Release, values: Values, port: int | None) -> None:
        self.framework, self.release, self.values = framework, release, values
        self._port = port

    def live(self, key: Key) -> bool:
        """Whether this version reads that key."""
        return self.release.within(key.since, key.before)

    def has(self, *names: str) -> bool:
        """Whether one of these keys is given, and this version reads it."""
        known = self.framework.by_name
        return any(n in self.values and n in known and self.live(known[n]) for n in names)

    def raw(self, name: str) -> object:
        """The value as given, else the default, else `ABSENT`; `ABSENT` for a key that isn't described."""
        key = self.framework.by_name.get(name)
        if key is None:
            return ABSENT
        return self.values.get(name, key.default) if self.live(key) else key.default

    def __getitem__(self, name: str) -> Any:
        value = self.raw(name)
        return value if value is ABSENT else self.framework.key(name).type.read(value)

    @property
    def port_given(self) -> int | None:
        """The port that was asked about, else that of the settings, else None."""
        if self._port is not None:
            return self._port
        said = (str(self.values.get(k.name, "")).strip() for k in self.framework.keys if k.role is Role.PORT)
        return next((int(text) for text in said if text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536), None)

    @property
    def port(self) -> int:
        """The port that is connected to."""
        return self.port_given or self.framework.default_port(self)

    @property
    def host(self) -> str:
        """The server's name, or ""."""
        return next((str(self.values[k.name]) for k in self.framework.keys
                     if k.role is Role.HOST and self.values.get(k.name)), "")

    @property
    def numbers(self) -> Numbers:
        """The version's numbers."""
        return self.release.numbers

    def part(self, name: str) -> Numbers:
        """The version of a part, such as net_smtp; () where it isn't known."""
        return self.release.parts.get(name, ())


When = Callable[[Given], object]  # a condition, by the truth of what it returns


def always(_given: Given) -> bool:
    """The condition that all settings meet."""
    return True


@dataclass(frozen=True)
class ModeRule:
    """Where `when` holds, the mode is `mode`. `outcome` replaces what the mode would give on the port."""

    mode: SettingsMode
    because: str
    when: When = always
    source: str = ""
    since: Numbers = ()
    before: Numbers = ()
    outcome: Outcome | None = None
    password_in_clear: bool | None = None
    inferred: bool = False  # a guess, such as from the port: a setting that states the same is not redundant


@dataclass(frozen=True)
class Note:
    """A warning that this framework's behaviour calls for; `{port}` in `says` is filled in."""

    code: str
    setting: str
    says: str
    when: When = always
    source: str = ""
    since: Numbers = ()
    before: Numbers = ()


@dataclass(frozen=True)
class Timeout:
    """How long this framework waits for a silent server, in seconds; None is for ever."""

    seconds: float | None
    when: When = always
    source: str = "live"
    since: Numbers = ()
    before: Numbers = ()


@dataclass(frozen=True)
class NotPossible:
    """In place of a form: the framework can't be set to this mode, and why."""

    because: str


class Unoffered(StrEnum):
    """What a client with credentials does where AUTH is not offered."""

    SENDS = "sends"  # AUTH all the same: the password is on the wire before the refusal
    FAILS = "fails"  # an error, no password sent
    SKIPS = "skips"  # goes on without logging in


class PerSettings(Generic[T]):
    """A field that takes a value or a function of the settings, and is always read as such a function."""

    def __init__(self, default: T | Callable[[Given], T] | None = None) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> T | Callable[[Given], T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Callable[[Given], T]: ...
    def __get__(self, instance: object | None, owner: type) -> T | Callable[[Given], T]:
        if instance is not None:
            read: Callable[[Given], T] = instance.__dict__[self._name]
            return read
        if self._default is None:  # to dataclass: this field has no default
            raise AttributeError(self._name)
        return self._default

    def __set__(self, instance: object, value: T | Callable[[Given], T]) -> None:
        instance.__dict__[self._name] = value if callable(value) else lambda _given: value


Forms = dict[SettingsMode, str | NotPossible]  # how each mode is set: a template of {host} and {port}
Errors = dict[Outcome, str]  # what is printed where an outcome happens


@dataclass(frozen=True, kw_only=True)
class Framework:
    """The description of one framework. `tables` holds some forty."""

    name: str
    title: str
    ecosystem: str
    aliases: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()  # words of prose, a log or a stack trace that name it, in small letters
    comment: str = ""  # what begins a comment behind a setting, where its files have such
    keys: tuple[Key, ...]
    rules: tuple[ModeRule, ...]
    notes: tuple[Note, ...] = ()
    releases: tuple[Release, ...]  # oldest first
    parts: dict[str, str] = field(default_factory=dict)  # a part's name: the pattern that finds its version
    carrier: Carrier | None = None
    forms: PerSettings[Forms] = PerSettings()
    errors: PerSettings[Errors] = PerSettings(lambda _given: {})
    waits: tuple[Timeout, ...] = ()
    default_port: PerSettings[int] = PerSettings(25)
    unoffered: PerSettings[Unoffered] = PerSettings(Unoffered.FAILS)
    credentials: PerSettings[bool] = PerSettings(True)  # whether it logs in
    password_in_clear: PerSettings[bool] = PerSettings(True)  # whether it would send the password without TLS
    password_first: PerSettings[bool] = PerSettings(True)  # whether AUTH brings the password before a reply to it
    trusts: PerSettings[bool] = PerSettings(True)  # whether it takes a certificate of a public authority
    plaintext_is: Outcome = Outcome.PLAINTEXT
    read: tuple[str, ...] = ("code",)  # the readers that are tried on a pasted text, in this order
    calls: dict[str, Callable[[Call], Values]] = field(default_factory=dict)  # a call's name: its settings
    words: Callable[[list[Word]], Values] | None = None  # the settings in a command line
    expand: Callable[[Values], Values] | None = None  # what one setting says about others, a URL for one
    inherits: Callable[[Paste], Values] | None = None  # what a text takes over from settings that it does not hold
    any_case: bool = False  # whether it reads a key in any case
    namespace: str = ""  # a pattern: an unknown key that fits it is worth a warning
    unknown_is: str = "it is ignored"  # what the framework does with an unknown key
    says: dict[str, Values] = field(default_factory=dict)  # a word about TLS: settings that use it alone

    def key(self, name: str) -> Key:
        """The key of that name or alias. Raises KeyError for one that isn't described."""
        return self.by_name[name]

    @cached_property
    def by_name(self) -> dict[str, Key]:
        """The keys by name and alias."""
        return {name: key for key in self.keys for name in (key.name, *key.aliases)}

    def find(self, name: str) -> Key | None:
        """The key that this framework takes `name` for, or None."""
        return self.by_name.get(name) or (self._in_small_letters.get(name.lower()) if self.any_case else None)

    @cached_property
    def _in_small_letters(self) -> dict[str, Key]:
        return {name.lower(): key for name, key in self.by_name.items()}


_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def numbers(text: str) -> Numbers:
    """The first version number in a text; () without one."""
    found = _NUMBERS.search(text)
    return tuple(int(n) for n in found[0].split(".")[:6] if len(n) < 9) if found else ()


def release_for(framework: Framework, text: object) -> tuple[Release, str]:
    """The release that `text` names, and what is to be said of that choice, mostly ""; no text means the newest.

    A version that isn't described is answered by the nearest older one, under its own name and numbers.
    """
    newest = framework.releases[-1]
    not_known = f"no version is known by that name; this is about the newest one, {newest.name}"
    if text is None or not str(text).strip():
        return newest, ""
    text = str(text).strip()[:200]
    for release in framework.releases:
        if release.name.lower() == text.lower():
            return release, ""
    if carried := _carried(framework, text):
        return carried
    parts = {name: numbers(found[1]) for name, pattern in framework.parts.items()
             if (found := re.search(pattern, text, re.IGNORECASE))}
    asked = parts.pop("itself", ()) or ((), numbers(text))[not parts]
    if not asked and not parts:
        return newest, not_known
    fits = [r for r in framework.releases if r.numbers[:len(asked)] == asked
            and all(r.parts.get(name, n)[:len(n)] == n for name, n in parts.items())]
    if fits:
        return fits[-1], ""
    # A newer major version than any described here may do anything, unless the newest release is named like "7.3+".
    known = max(newest.numbers, *(bound for rule in framework.rules for bound in (rule.since, rule.before)))
    if asked[:1] > known[:1] and not newest.name.endswith("+"):
        return newest, not_known
    older = [r for r in framework.releases if r.numbers[:len(asked)] == asked or r.numbers <= asked] or \
        [framework.releases[0]]
    nearest = older[-1] if asked else newest
    return replace(nearest, name=text, numbers=asked or nearest.numbers, parts=nearest.parts | parts), ""


def _carried(framework: Framework, text: str) -> tuple[Release, str] | None:
    """The release that came with the carrier's version in `text`: "Rails 6.1", or "6.1", which only Rails can be."""
    carrier = framework.carrier
    if carrier is None:
        return None
    named = re.search(rf"\b{carrier.title}\D{{0,3}}([\d.]+)", text, re.IGNORECASE)
    asked = numbers(named[1] if named else text)
    alone = re.fullmatch(r"v?[\d.]+", text) and asked[:1] > framework.releases[-1].numbers[:1]
    rows = [row for row in carrier.came_with if row[0] <= asked < carrier.before]
    if not rows or not (named or alone):
        return None
    _since, name, words = rows[-1]
    version = ".".join(map(str, asked))
    return next(r for r in framework.releases if r.name == name), (
        f"{carrier.title} {version} {words}; this is about {name}. Which one is installed stands in {carrier.told_by}:"
        " give that version")
