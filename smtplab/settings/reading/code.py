"""Pairs and calls in Ruby, Python, JavaScript, PHP, Java, C#, Go, Rust and Erlang, read by one tolerant scanner.

All of them write `name = value`, `name: value`, `"name" => value` and `name(value, ...)`.
What is not a literal is marked as computed, never run.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from .expressions import END, MOST, NoExpression, Token, from_environment, tokenize, worth
from .paste import Bare, Call, Computed, Pair, Paste, UnreadLine
from .variables import computed

_CONSTANTS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False, "nil": None,
              "null": None, "None": None, "NULL": None, "undefined": "(undefined)", "Boolean.TRUE": True,
              "Boolean.FALSE": False}
_CLOSES = {"{": "}", "[": "]", "(": ")"}
_ENDS = {",", ";", "}", "]", ")", "\n", ""}
_SETTERS = {"put", "setProperty", "set", "define", "setdefault", "setEnv", "setenv", "withEnv", "systemProperty",
            "property"}  # name, value
_TYPES = {"int", "bool", "str", "float", "Optional", "Union", "Final", "Annotated", "ClassVar", "SecretStr", "string",
          "number", "boolean", "Int", "String", "Boolean", "EmailStr", "PositiveInt", "Any"}  # in `name: type = value`
_PHP_CASTS = {"int", "integer", "bool", "boolean", "string"}  # in brackets, before a value
_CONSTANT = re.compile(r"[^.]*::.*|(?:\w+\.)*[A-Z]\w*\.[A-Z]\w*")  # Class.CONSTANT, Enum::Member
_OPERATORS = {"!", "not", "?", "=>"}  # what has one of them is code, not words
_MAX_DEPTH = 40
_ESCAPE = re.compile(r"\\([\s\S])")


def read_code(text: str) -> Paste:
    """Every pair and call in a text of code. Never raises, whatever the text holds."""
    return _Scanner(text).read()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.paste = Paste(text)
        self.text = text
        self.lines = [m.end() for m in re.finditer("\n", text)]
        self.tokens = tokenize(text)
        self.at = 0

    def read(self) -> Paste:
        while self.at < len(self.tokens):
            self.statement((), 0)
        return self.paste

    def line(self, token: Token) -> int:
        return bisect_right(self.lines, token.start) + 1

    def peek(self, ahead: int = 0) -> Token:
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else END

    def statement(self, path: tuple[str, ...], depth: int) -> None:
        """One pair, call, bracket or anything else, from here."""
        token, following = self.peek(), self.peek(1)
        if token.kind in ("name", "string", "symbol"):
            name = self.name(token)
            if following.kind == "arrow" or following.text in ("=", ":"):
                self.at += (following.text == ":" and self.annotation()) or 2
                self.value((*path, *name), depth)
                return
            keys, after = self.indices(1) if following.text == "[" else ((), 1)
            if keys and (self.peek(after).text in ("=", ":") or self.peek(after).kind == "arrow"):
                self.at += after + 1
                self.value((*path, *name, *keys), depth)
                return
            if following.text == "," and token.kind == "name" and self.several(path, depth):
                return
            if token.kind == "name" and following.text == "(":
                self.call(token, path, depth)
                return
        elif token.text == "{" and following.kind == "name" and self.peek(2).text == "," and self.peek(4).text == "}":
            self.at += 3  # Erlang's {key, value}
            self.value((*path, *self.name(following)), depth)
            return
        elif token.text in _CLOSES:
            self.at += 1
            self.block(path, _CLOSES[token.text], depth + 1)
            return
        self.at += 1

    def indices(self, ahead: int) -> tuple[tuple[str, ...], int]:
        """The keys in `["a"]["b"]` from `ahead` on, and where they end."""
        keys: tuple[str, ...] = ()
        while (len(keys) < _MAX_DEPTH and self.peek(ahead).text == "[" and self.peek(ahead + 1).kind in (
                "string", "symbol") and self.peek(ahead + 2).text == "]"):
            keys += self.name(self.peek(ahead + 1))
            ahead += 3
        return keys, ahead

    def annotation(self) -> int:
        """How many tokens `name: type =` takes, 0 if this is no such thing."""
        if self.peek(2).text.rpartition(".")[2] not in _TYPES:
            return 0
        for ahead in range(3, 20):
            if self.peek(ahead).text == "=":
                return ahead + 1
            piece = self.peek(ahead)
            if piece.kind not in ("name", "string") and piece.text not in ("[", "]", "|", ",", "?"):
                break
        return 0

    def several(self, path: tuple[str, ...], depth: int) -> bool:
        """`a, b = 1, 2`: read it and return True, if it is that, with as many values as names."""
        names = [self.peek()]
        while self.peek(2 * len(names) - 1).text == "," and self.peek(2 * len(names)).kind == "name" and len(names) < 9:
            names.append(self.peek(2 * len(names)))
        sign = 2 * len(names) - 1
        if self.peek(sign).text not in ("=", ":="):
            return False
        commas = ahead = nested = 0
        while ahead < MOST and (self.peek(sign + ahead).text not in ("\n", ";", "") or nested > 0):
            text = self.peek(sign + ahead).text
            nested += (text in _CLOSES) - (text in _CLOSES.values())
            commas += text == "," and not nested
            ahead += 1
        if commas != len(names) - 1 or ahead >= MOST:
            return False
        self.at += sign
        for token in names:
            self.at += 1  # = or a comma
            self.value((*path, *self.name(token)), depth)
        return True

    @staticmethod
    def name(token: Token) -> tuple[str, ...]:
        text = token.text
        if token.kind == "string":
            text = text.strip("\"'`")
        text = text[:300].lstrip(":$@").replace("->", ".").replace("::", ".").replace("?.", ".")
        return (text,)

    def block(self, path: tuple[str, ...], close: str, depth: int) -> None:
        """Statements up to the closing bracket."""
        while self.at < len(self.tokens):
            if self.peek().text == close:
                self.at += 1
                return
            if depth > _MAX_DEPTH:
                self.at += 1
                continue
            self.statement(path, depth)

    def call(self, token: Token, path: tuple[str, ...], depth: int) -> None:
        """name(...): its literal arguments; pairs among them count as pairs of the text."""
        self.at += 2
        arguments: list[object] = []
        start, pairs = self.at, len(self.paste.pairs)
        while self.at < len(self.tokens) and self.peek().text != ")":
            before = self.at
            if depth <= _MAX_DEPTH and self.is_pair():
                self.statement(path, depth + 1)
            elif depth <= _MAX_DEPTH and self.peek().kind != "newline" and self.peek().text != ",":
                arguments.append(self.argument(path, depth + 1))
            if self.at == before:
                self.at += 1
        closing = self.peek()
        self.at = min(self.at + 1, len(self.tokens))  # the text may end before the bracket closes
        last = re.split(r"\.|::|->", token.text)[-1]
        if last in _SETTERS and len(arguments) == 2 and isinstance(arguments[0], str):
            value, line = arguments[1], self.line(token)
            self.paste.pairs.append(Pair((*path, arguments[0]), value, line, (token.start, closing.end)))
            return
        span = (self.tokens[start].start, closing.start) if start < len(self.tokens) else (token.end, token.end)
        named = {p.path[-1]: p.value for p in self.paste.pairs[pairs:] if len(p.path) == len(path) + 1}
        self.paste.calls.append(Call(last if last != "new" else token.text, tuple(arguments), self.line(token), span,
                                     named))

    def is_pair(self) -> bool:
        token, following = self.peek(), self.peek(1)
        return (token.kind in ("name", "string", "symbol")
                and (following.text in ("=", ":") or following.kind == "arrow")) or token.text in ("{", "[")

    def argument(self, path: tuple[str, ...], depth: int) -> object:
        """One argument of a call, up to its comma."""
        token, following = self.peek(), self.peek(1)
        if following.text in (",", ")", "\n", "}", "]"):
            self.at += 1
            return self.literal(token)
        start = self.at
        while self.at < len(self.tokens) and self.peek().text not in (",", ")"):
            self.statement(path, depth)
        value = self.worked_out(start, self.text[token.start:self.tokens[self.at - 1].end])
        return self.told(value, token.start)

    def told(self, value: object, start: int) -> object:
        """The value, if it is computed with the text that it has in the paste, from `start` to here."""
        end = self.tokens[self.at - 1].end
        return value.standing_as(self.text[start:min(end, start + 2000)]) if isinstance(value, Computed) else value

    def value(self, path: tuple[str, ...], depth: int) -> None:
        """The value of a pair, from here; nested pairs get the pair's path."""
        while self.peek().kind == "newline" and self.peek(1).text in _CLOSES:
            self.at += 1
        cast = self.peek().text == "(" and self.peek(1).text in _PHP_CASTS and self.peek(2).text == ")"
        self.at += 3 if cast else 1 if self.peek().text == "new" and self.peek(1).kind == "name" else 0
        token, following = self.peek(), self.peek(1)
        line = self.line(token)
        if token.text in ("{", "[") or (token.text == "array" and following.text == "("):
            self.at += 1 if token.text in ("{", "[") else 2
            self.block(path, _CLOSES[token.text] if token.text in _CLOSES else ")", depth + 1)
            return
        if token.text in _ENDS or (token.kind == "string" and following.kind == "arrow"):
            # "config/mail.php: 'encryption' => ...": a label, no pair.
            if token.text not in _ENDS:
                return
            self.paste.pairs.append(Pair(path, "", line, (token.start, token.start)))
            return
        if following.text in _ENDS or following.kind in ("newline", "end") or self.ends_here(token, following):
            self.at += 1
            value = self.literal(token)
            value = self.told(value, token.start)
            if isinstance(value, Computed):
                why = "; its default is taken" if value.known else ""
                self.paste.unread.append(UnreadLine(
                    line, f"the value of {path[-1][:60]} is worked out when it runs{why}", path))
            self.paste.pairs.append(Pair(path, value, line, (token.start, token.end)))
            return
        self.expression(path, depth, token, line)

    def ends_here(self, token: Token, following: Token) -> bool:
        """Whether a literal is followed by the next pair on the same line ("a: 1 b: 2"), or by a remark in brackets."""
        if token.kind not in ("string", "number", "symbol") and token.text not in _CONSTANTS:
            return False
        if following.text in ("if", "unless"):
            return "else" not in (self.peek(ahead).text for ahead in range(2, MOST))
        return following.text in ("(", "/") or (following.text == ">" and token.kind == "string") or (
            following.kind in ("name", "string", "symbol") and (self.peek(2).text in ("=", ":")
                                                                or self.peek(2).kind == "arrow"))

    def expression(self, path: tuple[str, ...], depth: int, token: Token, line: int) -> None:
        """A value that is more than one token: a call, an environment variable with a default, bare words."""
        start = self.at
        only_words = True
        while self.at < len(self.tokens) and self.peek().text not in (",", ";", "\n", "}", ")"):
            piece = self.peek()
            only_words &= (piece.kind in ("name", "number", "other", "url", "symbol")
                           and piece.text not in "([{" and piece.text not in _OPERATORS)
            if piece.kind == "name" and self.peek(1).text == "(":
                self.call(piece, path, depth)
                only_words = False
                continue
            self.at += 1
            if piece.text in _CLOSES:
                self.block(path, _CLOSES[piece.text], depth + 1)
        end = self.tokens[self.at - 1].end
        value = self.told(self.worked_out(start, self.text[token.start:end], only_words), token.start)
        if isinstance(value, Computed):
            why = "its default is taken" if value.known else "it is left out"
            self.paste.unread.append(UnreadLine(line, f"the value of {path[-1][:60]} is worked out when it runs; {why}",
                                            path))
        self.paste.pairs.append(Pair(path, value, line, (token.start, end)))

    def worked_out(self, start: int, raw: str, only_words: bool = False) -> object:
        """The value of the tokens from `start` to here; `raw` is their text, which may be unquoted words."""
        try:
            return worth(self.tokens[start:min(self.at, start + MOST + 1)], self.literal)
        except NoExpression:
            words = only_words and not isinstance(self.literal(self.tokens[start]), Computed)
            return raw if words else self.fallback(raw)

    @staticmethod
    def fallback(raw: str) -> Computed:
        """For `process.env.PORT || 587` and `host + ":587"`: computed, with the literal at the end as its default."""
        if m := re.search(r"\+\s*([\"'])(:\d{1,5})\1\s*$", raw[-200:]):
            return Computed(m[2], known=True)
        texts = from_environment(raw)
        m = re.search(r"(?:\|\||\?\?|\bor\b)\s*(\"[^\"]*\"|'[^']*'|\w+)\s*$", raw[-200:])
        if not m:
            return Computed(as_text=texts and not re.search(r"[=!]=", raw))
        text = m[1]
        default = text[1:-1] if text[0] in "\"'" else int(text) if text.isdigit() else _CONSTANTS.get(text, text)
        return Computed(default, known=True, as_text=texts)

    def literal(self, token: Token) -> object:
        """A token's value: text, number, constant; Ruby symbols keep their colon."""
        if token.kind == "string":
            quote = 3 if len(token.text) > 5 and token.text[:3] == token.text[0] * 3 else 1
            inner = token.text[quote:-quote]
            before = self.text[token.start - 1:token.start]
            interpolated = token.text[0] in "\"`" and re.search(r"#\{|\$\{|\$[A-Za-z_]", inner)
            braces = bool(before) and before in "fF" and "{" in inner
            if interpolated or braces:
                return computed(inner, braces) or Computed(text=inner[:2000])
            return _ESCAPE.sub(r"\1", inner)
        if token.kind == "number":
            try:
                return int(token.text.replace("_", ""))
            except ValueError:
                return token.text
        if token.kind == "name" and token.text.startswith(("process.env", "ENV", "os.environ", "$_ENV")):
            return Computed(text=token.text[:300], as_text=True)
        if token.kind != "name" or _CONSTANT.fullmatch(token.text[:300]):
            return _CONSTANTS.get(token.text, token.text)
        return _CONSTANTS.get(token.text, Bare(token.text))
