"""The settings that a framework knows: their names, what each is about, how its value is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from .values import ABSENT, Anything, ValueType

Numbers = tuple[int, ...]  # of a version: (7, 1) for 7.1
Values = dict[str, object]  # settings by the framework's names


class Role(StrEnum):
    """What a key is about."""

    MODE = "mode"  # it may change the mode
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
    """A setting's name, how its value is read, and its value when absent.

    Only versions from `since` up to, but without, `before` read it. A timeout counts `unit_s` seconds each.
    """

    name: str
    type: ValueType = Anything()
    default: object = ABSENT
    role: Role = Role.MODE
    aliases: tuple[str, ...] = ()
    since: Numbers = ()
    before: Numbers = ()
    unit_s: float = 1.0


Names = str | Key | Iterable["str | Key"]


def keys(**by_role: Names) -> tuple[Key, ...]:
    """A framework's keys by role: keys(mode=Key("tls", RUBY), port="port", host="host|server", other="from to").

    A string holds names with spaces between them; a name's aliases follow it after bars. A `Key`, for what has more
    than a name, gets the role too. An iterable may mix both. ValueError for a role that doesn't exist.
    """
    return tuple(key for role, names in by_role.items() for key in _keys(Role(role), names))


def _keys(role: Role, names: Names) -> Iterable[Key]:
    for given in (names,) if isinstance(names, str | Key) else names:
        if isinstance(given, Key):
            yield replace(given, role=role)
        else:
            for name, *aliases in (spelled.split("|") for spelled in given.split()):
                yield Key(name, role=role, aliases=tuple(aliases))


def spelled(also: Callable[[str], Iterable[str]], made: Iterable[Key]) -> tuple[Key, ...]:
    """The keys, each with the further names that `also` gives for its own."""
    return tuple(replace(key, aliases=(*key.aliases, *also(key.name))) for key in made)
