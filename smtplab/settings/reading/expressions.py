"""Code in tokens, and the value of a short expression: literals, negation, comparison, the default of a look-up.

One table of tokens serves all the languages, since their literals and comments are much alike. Nothing is run: what
depends on anything but literals and defaults is `Computed`, without a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from .paste import Bare, Computed

_TOKENS = re.compile(r"""
    (?P<space>[^\S\n]+|\\\n)
  | (?P<newline>\n)
  | (?P<opening>["'`]|/\*|<!--)
  | (?P<url>[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s'",;)}\]]+)
  | (?P<comment>\#[^\n]*|//[^\n]*|(?:(?<=\n)|\A)%[^\n]*|<\?php|\?>)
  | (?P<symbol>:[A-Za-z_]\w*(?:[?!](?![\w"'`$=]))?)
  | (?P<number>-?\d+(?:[_.]\d+)*(?![\w.]))
  | (?P<name>[$@]{0,3}[^\W\d]\w*(?:[?!](?![\w"'`$=]))?(?:(?:::<[\w:,]{1,60}>)?(?:\.|::|->|\?\.)[^\W\d]\w*)*|\d[\w.]*)
  | (?P<arrow>=>|:=)
  | (?P<compare>===?|!==?|<=|>=|\|\||&&|\?\?|::)
  | (?P<other>[\s\S])""", re.VERBOSE)
_CLOSED = {  # a whole string or comment, by how it opens
    '"': re.compile(r'"""[\s\S]*?"""|"(?:[^"\\]|\\[\s\S])*"'),
    "'": re.compile(r"'''[\s\S]*?'''|'(?:[^'\\\n]|\\[\s\S])*'"),
    "`": re.compile(r"`(?:[^`\\]|\\[\s\S])*`"), "/*": re.compile(r"/\*[\s\S]*?\*/"),
    "<!--": re.compile(r"<!--[\s\S]*?-->")}


class Token(NamedTuple):
    """One token: its kind, its text, and its offsets."""

    kind: str
    text: str
    start: int
    end: int


END = Token("end", "", 0, 0)


def tokenize(text: str) -> list[Token]:
    """Split a text into tokens, without whitespace and comments, in one pass."""
    found: list[Token] = []
    at = 0
    unclosed: set[str] = set()
    while at < len(text):
        m = _TOKENS.match(text, at)
        assert m is not None and m.lastgroup  # the last alternative takes any character
        kind, start, at = m.lastgroup, m.start(), m.end()
        if kind == "opening":
            opens = m.group()
            closed = _CLOSED[opens].match(text, start) if opens not in unclosed else None
            kind = "other"
            if closed:
                kind = "comment" if len(opens) > 1 else "string"
                m, at = closed, closed.end()
            elif opens != "'":  # not again, which would take quadratic time; an apostrophe's string ends with its line
                unclosed.add(opens)
        if kind == "symbol" and found and found[-1].end == start and found[-1].kind in ("name", "string"):
            # {secure:true}: no Ruby symbol, but a colon and a value.
            found += [Token("other", ":", start, start + 1), Token("name", m.group()[1:], start + 1, m.end())]
        elif kind not in ("space", "comment"):
            found.append(Token(kind, m.group(), start, at))
    return found


MOST = 80  # tokens of an expression; a longer one is no setting's value
_DEEPEST = 12
_LOOKUPS = {"env", "getenv", "get_env", "get", "fetch", "config", "bool", "int", "str"}  # of a name, with a default
_PARSERS = {"int", "float", "Number", "parseInt", "to_integer", "Integer", "Parse", "valueOf", "to_i"}  # of a string
_FLAGS = {"strtobool", "str2bool", "to_bool", "parse_bool", "parseBoolean", "ToBoolean", "cast", "env_bool"}
_TRUTH = {"bool", "Boolean"}  # of a string: whether it has characters
_AS_IT_IS = {"str", "String", "to_s", "toString", "strip", "trim", "Trim"}
_LOWER = {"lower", "downcase", "toLowerCase", "casefold", "ToLower"}
_EQUAL = {"equals", "equalsIgnoreCase", "eql?", "Equals"}
_WITHIN = {"include?", "includes", "contains", "Contains"}
_ON = {"true", "yes", "on", "1", "y", "t", "ok"}
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_RAW = re.compile(r"(?i:environ|getenv)|^ENV\b|^process\.env|^\$_(?:ENV|SERVER)")
UNKNOWN = Computed()


class NoExpression(Exception):
    """The tokens are not an expression that is known here."""


def worth(tokens: list[Token], literal: Callable[[Token], object]) -> object:
    """The value of these tokens, or `Computed`; `literal` reads a single one. Raises NoExpression for anything else."""
    found = [t for t in tokens if t.kind != "newline"]
    if len(found) > MOST:
        raise NoExpression
    return _Expression(found, literal).whole()


def _lift(work: Callable[..., object], *values: object) -> object:
    """Apply `work` to values. The result is unknown if one of them is, else a default if one of them is."""
    if any(isinstance(v, Bare) or (isinstance(v, Computed) and not v.known) for v in values):
        return UNKNOWN
    made = work(*(v.default if isinstance(v, Computed) else v for v in values))
    if isinstance(made, Computed) or not any(isinstance(v, Computed) for v in values):
        return made
    return Computed(made, known=True)


def from_environment(name: str) -> bool:
    """Whether `name` reads the environment, whose values are texts: process.env.X, os.environ.get, ENV, $_ENV."""
    return _RAW.search(name[:300]) is not None


def _one_of(value: object, *choices: object) -> object:
    """The value, and what it can come to, if it is computed."""
    return replace(value, choices=choices, as_text=False) if isinstance(value, Computed) else value


def _branches(*values: object) -> Computed:
    """Either of two values; both are kept where both are known."""
    found: list[object] = []
    for value in values:
        more = value.choices or ((value.default,) * value.known) if isinstance(value, Computed) else (value,)
        if not more or isinstance(value, Bare):
            return UNKNOWN
        found += (choice for choice in more if choice not in found)
    return Computed(choices=tuple(found))


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), value)


def _flag(value: object) -> bool:
    return value.strip().lower() in _ON if isinstance(value, str) else bool(value)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _equal(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _within(items: tuple, value: object) -> object:
    known = [i for i in items if not isinstance(i, Bare | Computed)]
    return True if any(_equal(i, value) for i in known) else False if len(known) == len(items) else UNKNOWN


class _Expression:
    def __init__(self, tokens: list[Token], literal: Callable[[Token], object]) -> None:
        self.tokens, self.literal = tokens, literal
        self.at = self.depth = 0

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else END

    def takes(self, *texts: str) -> bool:
        """Consume the next token if it is one of these, and say whether it was."""
        found = self.peek().text in texts
        self.at += found
        return found

    def whole(self) -> object:
        value = self.any_of()
        rest = {t.text for t in self.tokens[self.at:]}
        if "else" in rest or self.peek().text == "?":  # either of two values
            return self.either(value)
        if not isinstance(value, tuple) and (not rest or self.peek().text in ("if", "unless")):  # Ruby's `value if ...`
            return value
        raise NoExpression

    def either(self, value: object) -> Computed:
        """`condition ? a : b`, or `a if condition else b`, where the first of the three has been read."""
        try:
            first = value
            if self.takes("?"):
                first = self.any_of()
            elif self.takes("if"):
                self.any_of()
            colon = self.peek()
            if colon.kind == "symbol" or colon.text[:1] == ":" and len(colon.text) > 1:
                return _branches(first, self.literal(Token("name", colon.text[1:], colon.start + 1, colon.end)))
            if not self.takes(":", "else"):
                return UNKNOWN
            second = self.any_of()
            return _branches(first, self.either(second) if self.peek().text in ("?", "if") else second)
        except NoExpression:
            return UNKNOWN

    def any_of(self) -> object:
        """`a || b`, `a or b`, `a ?? b`, `a ?: b`."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NoExpression
        value = self.all_of()
        while self.takes("||", "or", "??") or (self.peek().text == "?" and self.peek(1).text == ":"):
            self.at += 2 if self.peek().text == "?" else 0
            other = self.all_of()
            if isinstance(value, Bare) or (isinstance(value, Computed) and not value.known):
                default = other.default if isinstance(other, Computed) else other
                known = not isinstance(other, Bare) and (not isinstance(other, Computed) or other.known)
                texts = isinstance(value, Computed) and value.as_text
                value = Computed(default, known, as_text=texts) if known else Computed(as_text=texts)
            elif not (value.default if isinstance(value, Computed) else value):
                value = other
        self.depth -= 1
        return value

    def all_of(self) -> object:
        value = self.negated()
        while self.takes("&&", "and"):
            value = _lift(lambda a, b: a and b, value, self.negated())
        return value

    def negated(self) -> object:
        odd = told = False
        while self.takes("!", "not"):
            odd, told = not odd, True
        value = self.compared()
        return _one_of(_lift(lambda v: bool(v) is not odd, value), True, False) if told else value

    def compared(self) -> object:
        value = self.followed()
        other = self.comparison(value)
        return _one_of(other, True, False) if other is not value else value

    def comparison(self, value: object) -> object:
        """What comparing it comes to, or the value itself, if nothing compares it."""
        if self.takes("==", "==="):
            return _lift(_equal, value, self.followed())
        if self.takes("!=", "!=="):
            return _lift(lambda a, b: not _equal(a, b), value, self.followed())
        if self.peek().text == "not" and self.peek(1).text == "in":
            self.at += 2
            return _lift(lambda v, items: not _within(items, v), value, self.items())
        if self.takes("in"):
            return _lift(lambda v, items: _within(items, v), value, self.items())
        return value

    def items(self) -> object:
        """A bracketed list, as a tuple."""
        opens = self.peek().text
        if not self.takes("(", "[", "{"):
            return self.followed()
        return tuple(self.arguments(_CLOSES[opens])[0])

    def arguments(self, close: str) -> tuple[list[object], dict[str, object]]:
        """The positional and named values up to the closing bracket."""
        values: list[object] = []
        named: dict[str, object] = {}
        while not self.takes(close):
            if self.peek() is END:
                raise NoExpression
            if self.takes(","):
                continue
            name = ""
            if self.peek().kind == "name" and self.peek(1).text in ("=", ":"):
                name = self.peek().text
                self.at += 2
            value = self.any_of()
            if name:
                named[name] = value
            else:
                values.append(value)
            if self.peek().text not in (",", close):
                raise NoExpression
        return values, named

    def followed(self) -> object:
        """A value and the methods that are called on it."""
        value = self.primary()
        while True:
            ahead = 1 if self.peek().text in ("&", "?") and self.peek(1).text == "." else 0
            if self.peek(ahead).text == "." and self.peek(ahead + 1).kind == "name":
                name = self.peek(ahead + 1).text
                self.at += ahead + 2
                value = self.method(value, name, self.arguments(")")[0] if self.takes("(") else [])
            elif self.peek().text == "|" and self.peek(1).text == ">" and self.peek(2).kind == "name":
                name = re.split(r"\.|::", self.peek(2).text)[-1]  # Elixir's pipe
                self.at += 3
                value = self.made(name, [value, *(self.arguments(")")[0] if self.takes("(") else [])], {})
            elif self.peek().text == "[":
                self.at += 1
                self.arguments("]")
                value = Computed(as_text=isinstance(value, Computed) and value.as_text)
            else:
                return value

    def method(self, value: object, name: str, given: list[object]) -> object:
        if len(given) == 1 and name in _EQUAL:
            equal = _lift(_equal, *(_lift(_lower, v) if "Case" in name else v for v in (value, given[0])))
            return _one_of(equal, True, False)
        if len(given) == 1 and name in _WITHIN and isinstance(value, tuple):
            return _one_of(_lift(lambda v: _within(value, v), given[0]), True, False)
        return UNKNOWN if name in _LOOKUPS else self.made(name, [value], {})

    def primary(self) -> object:
        token = self.peek()
        if token.text in ("await", "new") and self.peek(1).kind == "name":
            self.at += 1
            return self.primary()
        if token.text == "(":
            self.at += 1
            values, named = self.arguments(")")
            return tuple(values) if len(values) != 1 or named else values[0]
        if token.text == "[":
            return self.items()
        if token.kind not in ("name", "string", "number", "symbol", "url"):
            raise NoExpression
        self.at += 1
        if token.kind == "name" and self.takes("("):
            value = self.made(re.split(r"\.|::|->", token.text)[-1], *self.arguments(")"))
            if isinstance(value, Computed) and from_environment(token.text):
                return replace(value, as_text=True)
            return value
        return self.literal(token)

    @staticmethod
    def made(name: str, given: list[object], named: dict[str, object]) -> object:
        """The value of `name(given, named)`: a look-up's default, or its argument converted."""
        default = named.get("default", UNKNOWN)
        if name in _LOOKUPS and len(given) >= 2:
            default = given[1]
        if "default" in named or (name in _LOOKUPS and len(given) >= 2):
            cast = str(named.get("cast", name))
            default = _lift(_flag if cast == "bool" else _parsed if cast == "int" else lambda v: v, default)
            return default if isinstance(default, Computed) else Computed(default, known=True)
        work = next((work for names, work in _WORKS if name in names), None)
        if not given or not work:
            return UNKNOWN
        value = _lift(work, given[0])
        if work in (_flag, bool):
            return _one_of(value, True, False)
        still = name in _LOWER | _AS_IT_IS and isinstance(given[0], Computed) and given[0].as_text
        return replace(value, as_text=True) if still and isinstance(value, Computed) else value


_WORKS = ((_FLAGS, _flag), (_TRUTH, bool), (_PARSERS, _parsed), (_LOWER, _lower), (_AS_IT_IS, lambda v: v))
