"""What a framework is, as a description: its keys, the rules that make a mode of them, what it warns of and says.

A description is data; `evaluate` reads it. Rules are tried in order and the first that fits decides.
Each rule and note names its source: a place in the framework's code or manual, or "live" where the
framework itself was run against loopback servers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from .reading import Call, Word
from .values import ABSENT, Anything


class SettingsMode(StrEnum):
    """What settings make a client do; `error`: it refuses them before it connects."""

    PLAIN = "plain"
    STARTTLS_OPPORTUNISTIC = "starttls-opportunistic"
    STARTTLS_REQUIRED = "starttls-required"
    IMPLICIT = "implicit"
    ERROR = "error"


class Outcome(StrEnum):
    """What comes of a mode on the standard server of a port."""

    WORKS = "works"
    WRONG_VERSION_NUMBER = "wrong-version-number"
    HANG = "hang"
    STARTTLS_NOT_OFFERED = "starttls-not-offered"
    PLAINTEXT = "plaintext"
    REFUSED_NEEDS_TLS = "refused-needs-tls"
    AUTH_NOT_OFFERED = "auth-not-offered"
    AUTH_MISSING = "auth-missing"
    CONFIG_ERROR = "config-error"
    REFUSED = "refused"


PLAIN, OPPORTUNISTIC, REQUIRED, IMPLICIT, ERROR = SettingsMode
Numbers = tuple[int, ...]


class Role(StrEnum):
    """What a key is about."""

    MODE = "mode"  # it takes part in the choice of the mode
    PORT = "port"
    HOST = "host"
    USER = "user"
    SECRET = "secret"
    AUTH = "auth"
    CHECK = "check"  # of the server's certificate
    TIMEOUT = "timeout"
    OTHER = "other"


@dataclass(frozen=True)
class Key:
    """A setting's name, how its value is read, and what it is when absent.

    `since` and `before` bound the versions that read it. A time-out counts `unit_s` seconds each.
    """

    name: str
    type: object = Anything()
    default: object = ABSENT
    role: Role = Role.MODE
    aliases: tuple[str, ...] = ()
    since: Numbers = ()
    before: Numbers = ()
    unit_s: float = 1.0


def port_key(name: str = "port", *aliases: str) -> Key:
    """The key that holds the port."""
    return Key(name, role=Role.PORT, aliases=aliases)


def other_keys(role: Role, *names: str) -> tuple[Key, ...]:
    """Keys that take no part in the mode."""
    return tuple(Key(name, role=role) for name in names)


@dataclass(frozen=True)
class Release:
    """A version by the name it goes by here, its numbers, and numbers of parts (`net_smtp=(0, 5)`)."""

    name: str
    numbers: Numbers
    parts: dict[str, Numbers] = field(default_factory=dict)

    def within(self, since: Numbers, before: Numbers) -> bool:
        """Whether it is `since` or newer, and older than `before`; empty bounds don't bound."""
        return self.numbers >= since and (not before or self.numbers < before)


class Given:
    """The settings as the framework sees them: given["tls"] is read by the key's type, defaults included."""

    def __init__(self, framework: Framework, release: Release, values: dict[str, object], port: int | None) -> None:
        self.framework, self.release, self.values = framework, release, values
        self.mode: SettingsMode | None = None
        self.outcome: Outcome | None = None
        self._port = port

    def live(self, key: Key) -> bool:
        """Whether this version reads that key."""
        return self.release.within(key.since, key.before)

    def has(self, *names: str) -> bool:
        """Whether one of these is given, and read by this version."""
        known = self.framework.by_name
        return any(n in self.values and n in known and self.live(known[n]) for n in names)

    def raw(self, name: str) -> object:
        """The value as given; else the default, else `ABSENT`, as it is for a key that isn't described."""
        key = self.framework.by_name.get(name)
        if key is None:
            return ABSENT
        return self.values.get(name, key.default) if self.live(key) else key.default

    def __getitem__(self, name: str) -> object:
        value = self.raw(name)
        return value if value is ABSENT else self.framework.key(name).type.read(value)

    @property
    def port_given(self) -> int | None:
        """The port that was asked about, or else that of the settings."""
        if self._port is not None:
            return self._port
        said = (str(self.values.get(k.name, "")).strip() for k in self.framework.keys if k.role is Role.PORT)
        return next((int(text) for text in said if text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536), None)

    @property
    def port(self) -> int:
        """The port that is connected to."""
        default = self.framework.default_port
        return self.port_given or (default(self) if callable(default) else default)

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


When = Callable[[Given], object]


def always(_given: Given) -> bool:
    """The rule that is left when no other fits."""
    return True


@dataclass(frozen=True)
class Rule:
    """`when` these settings are given, the mode is `mode`. `outcome` overrules what the mode would give on the port."""

    mode: SettingsMode
    because: str
    when: When = always
    source: str = ""
    since: Numbers = ()
    before: Numbers = ()
    outcome: Outcome | None = None
    password_in_clear: bool | None = None
    inferred: bool = False  # it guesses, from the port say; a setting that says the same outright is not superfluous


@dataclass(frozen=True)
class Note:
    """A warning that the framework's own behaviour calls for."""

    code: str
    setting: str
    says: str
    when: When = always
    source: str = ""
    since: Numbers = ()
    before: Numbers = ()


@dataclass(frozen=True)
class Waits:
    """How long this framework waits for a silent server, in seconds; None is for ever."""

    seconds: float | None
    when: When = always
    source: str = "live"
    since: Numbers = ()
    before: Numbers = ()


@dataclass(frozen=True)
class NotPossible:
    """A mode that a framework can't be set to, and why."""

    because: str


class Unoffered(StrEnum):
    """What a client with credentials does where AUTH is not offered."""

    SENDS = "sends"  # AUTH all the same: the password is on the wire before the refusal
    FAILS = "fails"  # an error, nothing sent
    SKIPS = "skips"  # goes on without logging in


@dataclass(frozen=True)
class Framework:
    """A description. See `tables` for forty of them."""

    name: str
    title: str
    ecosystem: str
    keys: tuple[Key, ...]
    rules: tuple[Rule, ...]
    releases: tuple[Release, ...]
    forms: dict[SettingsMode, str | NotPossible] | Callable[[Given], dict[SettingsMode, str | NotPossible]]
    read: tuple[str, ...] = ("code",)
    aliases: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    default_port: int | Callable[[Given], int] = 25
    unoffered: Unoffered | Callable[[Given], Unoffered] = Unoffered.FAILS
    credentials: bool | Callable[[Given], bool] = True
    password_in_clear: bool | None | Callable[[Given], bool | None] = None
    waits: tuple[Waits, ...] = ()
    errors: dict[Outcome, str] | Callable[[Given], dict[Outcome, str]] = field(default_factory=dict)
    namespace: str = ""  # a pattern: an unknown key that fits it is worth a warning
    unknown_is: str = "it is ignored"  # what comes of an unknown key
    calls: dict[str, Callable[[Call], dict[str, object]]] = field(default_factory=dict)
    expand: Callable[[dict[str, object]], dict[str, object]] | None = None
    words: Callable[[list[Word]], dict[str, object]] | None = None
    parts: dict[str, str] = field(default_factory=dict)  # a part's name: the pattern that finds its version
    plaintext_is: Outcome = Outcome.PLAINTEXT
    says: dict[str, dict[str, object] | str] = field(default_factory=dict)  # a word, and the settings that use it alone

    def key(self, name: str) -> Key:
        """The key of that name; KeyError for one that isn't described."""
        return self.by_name[name]

    @property
    def by_name(self) -> dict[str, Key]:
        """The keys by name and alias."""
        cache = self.__dict__.get("_by_name")
        if cache is None:
            cache = {n: k for k in self.keys for n in (k.name, *k.aliases)}
            object.__setattr__(self, "_by_name", cache)
        return cache
