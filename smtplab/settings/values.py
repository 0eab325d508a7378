"""How a framework reads one value: what counts as on, which words it knows, and which values are traps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

_USERINFO = re.compile(r"//\S*@")  # a URL's user name and password


class Absent:
    """The type of `ABSENT`, the value of a key that is not given: false, and equal only to itself."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


class Hidden:
    """Stands for a secret that was given; keeps only whether it was empty."""

    def __init__(self, filled: bool) -> None:
        self.filled = filled

    def __bool__(self) -> bool:
        return self.filled

    def __repr__(self) -> str:
        return "(secret)"


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a value: a warning's code, and a sentence without the key's name."""

    code: str
    says: str


class ValueType(Protocol):
    """How a key's value is read."""

    def read(self, value: object) -> Any:
        """What the framework makes of `value`."""

    def complaint(self, value: object) -> Complaint | None:
        """What is wrong with `value`, or None."""


def shown(value: object) -> str:
    """A value as a person wrote it, shortened to fit a sentence, without passwords."""
    if isinstance(value, Hidden):
        return "(secret)"
    if value is None or isinstance(value, bool):
        return "nil" if value is None else str(value).lower()
    if isinstance(value, str):
        if len(value) > 300:
            return "(a long text)"
        value = _USERINFO.sub("//...@", value)
    text = f"'{value}'" if isinstance(value, str) and not value.startswith(":") else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


@dataclass(frozen=True)
class Truth:
    """A flag that any value switches, by a language's own idea of truth.

    `falsy` lists what is off; `known` are values other than booleans that are used on purpose, without a warning.
    """

    language: str
    falsy: tuple[object, ...] = (None, False)
    known: tuple[object, ...] = ()

    def read(self, value: object) -> bool:
        """Whether the language takes `value` for true."""
        return not any(value is f if f is None or isinstance(f, bool) else value == f and not isinstance(value, bool)
                       for f in self.falsy)

    def complaint(self, value: object) -> Complaint | None:
        """Whether it is a text or a number, which the language takes for true."""
        if isinstance(value, bool) or value is None or not self.read(value) or value in self.known:
            return None
        kind = "text" if isinstance(value, str) else "number"
        return Complaint("truthy", f"{shown(value)} is a {kind}, not a boolean: to {self.language} it is merely true,"
                                   " whatever it says, so this switches it ON")


RUBY = Truth("Ruby")
PYTHON = Truth("Python", (None, False, "", 0))
JAVASCRIPT = Truth("JavaScript", (None, False, "", 0))
PHP = Truth("PHP", (None, False, "", 0, "0"))


@dataclass(frozen=True)
class Switch:
    """A flag that only certain words switch on; all others mean off."""

    on: tuple[str, ...] = ("true",)
    off: tuple[str, ...] = ("false", "")
    any_case: bool = True

    def read(self, value: object) -> bool:
        """Whether `value` is one of the words for on."""
        return self._word(value) in self.on

    def complaint(self, value: object) -> Complaint | None:
        """Whether it is a word for neither on nor off."""
        if self._word(value) in (*self.on, *self.off):
            return None
        return Complaint("unknown-value", f"{shown(value)} is not one of {', '.join(filter(None, self.on + self.off))}"
                                          f": it counts as {self.off[0]}")

    def _word(self, value: object) -> str:
        word = "" if value is None else str(value)
        return word.lower() if self.any_case or isinstance(value, bool) else word


@dataclass(frozen=True)
class OneOf:
    """One of a closed list of words, compared exactly unless `any_case`; `otherwise` says what any other does."""

    words: tuple[str, ...]
    any_case: bool = False
    otherwise: str = "it is not recognised"

    def read(self, value: object) -> str | None:
        """The word, or None if it isn't one of them."""
        if value is None or value is False or value is ABSENT:
            value = ""
        word = str(value).lower() if self.any_case else str(value)
        return word if word in self.words else None

    def complaint(self, value: object) -> Complaint | None:
        """Whether it is outside the list, and which word was probably meant."""
        if self.read(value) is not None:
            return None
        meant = next((w for w in self.words if w and w.lower() == str(value).lower()), None)
        hint = f"; did you mean '{meant}'?" if meant else ""
        known = ", ".join(f"'{w}'" for w in self.words if w)
        return Complaint("unknown-value", f"{shown(value)} is not one of {known}: {self.otherwise}{hint}")


@dataclass(frozen=True)
class Anything:
    """A value that is used as it stands."""

    def read(self, value: object) -> object:
        """The value itself."""
        return value

    def complaint(self, value: object) -> Complaint | None:
        """None: any value will do."""
        return None
