"""What a reader found in a pasted text: pairs, calls, and what it could not read. Nothing is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, repr=False)
class Computed:
    """A value that is only known when the program runs (an environment variable, an interpolation).

    `default` is its value where nothing else is set, if that is `known`. `text` is what stands in the paste, and may
    hold a secret. `choices` are the values that it can come to, where they are few; `as_text`: whatever it is, it
    arrives as a text, which many languages take for true.
    """

    default: object = None
    known: bool = False
    text: str = ""
    choices: tuple[object, ...] = ()
    as_text: bool = False

    def __repr__(self) -> str:
        return "(computed)"

    def standing_as(self, text: str) -> Computed:
        """The same, with the text that stands in the paste."""
        return replace(self, text=text[:2000])


class EnvironmentText(str):
    """A variable's text in a list of them: what it is for a program, a flag or a number, the program decides."""

    __slots__ = ()


class Bare(str):
    """An unquoted name that isn't a constant: in some formats a word, in a program a variable."""

    __slots__ = ()


class Word(str):
    """A word of a command line or of a line of directives, and the line it stands on."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, text: str, line: int = 0) -> Word:
        """`text`, as on `line` (from 1)."""
        word = super().__new__(cls, text)
        word.line = line
        return word


@dataclass(frozen=True)
class Pair:
    """`path` = `value`, as on `line` (from 1); `span` is where the value stands in the text."""

    path: tuple[str, ...]
    value: object
    line: int
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Call:
    """`name(arguments, named=...)`; an argument that is no literal is a `Computed`."""

    name: str
    arguments: tuple[object, ...]
    line: int
    span: tuple[int, int] = (0, 0)
    named: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class UnreadLine:
    """A line that could not be read, and why; `path` names the setting, if only its value is computed at run time."""

    line: int
    why: str
    path: tuple[str, ...] = ()


@dataclass
class Paste:
    """A text in pieces. `words` are the words of a command line."""

    text: str
    pairs: list[Pair] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    unread: list[UnreadLine] = field(default_factory=list)
    words: list[tuple[str, int, tuple[int, int]]] = field(default_factory=list)
