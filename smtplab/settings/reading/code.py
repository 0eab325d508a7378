"""Pairs and calls in Ruby, Python, JavaScript, PHP, Java, C#, Go, Rust and Erlang, read by one tolerant scanner.

All of them write `name = value`, `name: value`, `"name" => value` and `name(value, ...)` with the same
literals, so one table of tokens serves for all. What is not a literal is marked as computed, never run.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from .paste import Call, Computed, Pair, Paste, Unread

_TOKENS = re.compile(r"""
    (?P<space>[^\S\n]+|\\\n)
  | (?P<newline>\n)
  | (?P<triple>\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?''')
  | (?P<string>"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`)
  | (?P<url>[A-Za-z][A-Za-z0-9+.-]*://[^\s'",;)}\]]+)
  | (?P<comment>\#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/|(?:(?<=\n)|\A)%[^\n]*|<!--[\s\S]*?-->|<\?php|\?>)
  | (?P<symbol>:[A-Za-z_]\w*[?!]?(?!\s*=>))
  | (?P<number>-?\d+(?:[_.]\d+)*(?![\w.]))
  | (?P<name>[$@]*[^\W\d]\w*[?!]?(?:(?:\.|::|->|\?\.)[^\W\d]\w*)*|\d[\w.]*)
  | (?P<arrow>=>|:=)
  | (?P<compare>===?|!==?|<=|>=|\|\||&&|\?\?)
  | (?P<other>[\s\S])""", re.VERBOSE)
_CONSTANTS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False, "nil": None,
              "null": None, "None": None, "NULL": None, "undefined": "(undefined)"}
_CLOSES = {"{": "}", "[": "]", "(": ")"}
_ENDS = {",", ";", "}", "]", ")", "\n", ""}
_SETTERS = {"put", "setProperty", "set", "define", "setdefault", "setEnv"}  # name, value
_MAX_DEPTH = 40
_ESCAPE = re.compile(r"\\([\s\S])")


class Token(NamedTuple):
    """One piece of the text: its kind, its text, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


END = Token("end", "", 0, 0)


def read_code(text: str) -> Paste:
    """Every pair and call in a text of code. Never raises, whatever the text holds."""
    return _Scanner(text).read()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.paste = Paste(text)
        self.text = text
        self.lines = [m.end() for m in re.finditer("\n", text)]
        self.tokens = self.tokenize()
        self.at = 0

    def tokenize(self) -> list[Token]:
        found: list[Token] = []
        for m in _TOKENS.finditer(self.text):
            kind, start = m.lastgroup, m.start()
            if kind == "symbol" and found and found[-1].end == start and found[-1].kind in ("name", "string"):
                # {secure:true}: no Ruby symbol, but a colon and a value.
                found += [Token("other", ":", start, start + 1), Token("name", m.group()[1:], start + 1, m.end())]
            elif kind not in ("space", "comment"):
                found.append(Token(kind, m.group(), start, m.end()))
        return found

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
        if token.kind in ("name", "string", "symbol", "triple"):
            name = self.name(token)
            if following.kind == "arrow" or following.text in ("=", ":"):
                self.at += 2
                self.value((*path, *name), depth)
                return
            if following.text == "[" and self.peek(2).kind in ("string", "symbol") and self.peek(3).text == "]":
                key = self.name(self.peek(2))
                if self.peek(4).text in ("=", ":") or self.peek(4).kind == "arrow":
                    self.at += 5
                    self.value((*path, *name, *key), depth)
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

    @staticmethod
    def name(token: Token) -> tuple[str, ...]:
        text = token.text
        if token.kind in ("string", "triple"):
            text = text.strip("\"'`")
        text = text.lstrip(":$@").replace("->", ".").replace("::", ".").replace("?.", ".")
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
        start = self.at
        while self.at < len(self.tokens) and self.peek().text != ")":
            before = self.at
            if depth <= _MAX_DEPTH and self.is_pair():
                self.statement(path, depth + 1)
            elif depth <= _MAX_DEPTH and self.peek().kind != "newline" and self.peek().text != ",":
                arguments.append(self.argument(path, depth + 1))
            if self.at == before:
                self.at += 1
        closing = self.peek()
        self.at += 1
        last = re.split(r"\.|::|->", token.text)[-1]
        if last in _SETTERS and len(arguments) == 2 and isinstance(arguments[0], str):
            value, line = arguments[1], self.line(token)
            self.paste.pairs.append(Pair((*path, arguments[0]), value, line, (token.start, closing.end)))
            return
        span = (self.tokens[start].start, closing.start) if start < len(self.tokens) else (token.end, token.end)
        self.paste.calls.append(Call(last if last != "new" else token.text, tuple(arguments), self.line(token), span))

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
        if token.kind == "name" and following.text == "(":
            self.call(token, path, depth)
        while self.at < len(self.tokens) and self.peek().text not in (",", ")"):
            self.statement(path, depth)
        return Computed()

    def value(self, path: tuple[str, ...], depth: int) -> None:
        """The value of a pair, from here; nested pairs get the pair's path."""
        while self.peek().kind == "newline" and self.peek(1).text in _CLOSES:
            self.at += 1
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
            if isinstance(value, Computed):
                self.paste.unread.append(Unread(line, f"the value of {path[-1][:60]} is worked out when it runs"))
            self.paste.pairs.append(Pair(path, value, line, (token.start, token.end)))
            return
        self.expression(path, depth, token, line)

    def ends_here(self, token: Token, following: Token) -> bool:
        """A literal followed by a next pair on the same line ("tls on; a: 1 b: 2"), or by a remark in brackets."""
        if token.kind not in ("string", "number", "symbol") and token.text not in _CONSTANTS:
            return False
        return following.text in ("(", "/", "if", "unless") or (
            following.kind in ("name", "string", "symbol") and (self.peek(2).text in ("=", ":")
                                                                or self.peek(2).kind == "arrow"))

    def expression(self, path: tuple[str, ...], depth: int, token: Token, line: int) -> None:
        """A value that is more than one token: a call, an environment variable with a default, bare words."""
        start, self_end = token, token
        if token.kind == "name" and self.peek(1).text == "(":
            known = len(self.paste.calls)
            self.call(token, path, depth)
            self_end = self.tokens[self.at - 1]
            made = self.paste.calls[known:]
            last = made[-1] if made else None
            value: object = Computed()
            if last is not None and last.name in ("env", "getenv", "get", "fetch", "config") and len(
                    last.arguments) == 2 and not isinstance(last.arguments[1], Computed):
                value = Computed(last.arguments[1], known=True)
        else:
            value = None
            only_words = True
            while self.at < len(self.tokens) and self.peek().text not in (",", ";", "\n", "}", ")"):
                piece = self.peek()
                only_words &= piece.kind in ("name", "number", "other", "url", "symbol") and piece.text not in "([{"
                self_end = piece
                if piece.text in ("(", "[", "{"):
                    self.at += 1
                    self.block(path, _CLOSES[piece.text], depth + 1)
                    self_end = self.tokens[min(self.at, len(self.tokens)) - 1]
                else:
                    self.at += 1
            raw = self.text[start.start:self_end.end]
            value = raw if only_words else self.fallback(raw)
        if isinstance(value, Computed):
            why = "its default is taken" if value.known else "it is left out"
            self.paste.unread.append(Unread(line, f"the value of {path[-1][:60]} is worked out when it runs; {why}"))
        self.paste.pairs.append(Pair(path, value, line, (start.start, self_end.end)))

    @staticmethod
    def fallback(raw: str) -> Computed:
        """`process.env.PORT || 587`, `ENV["PORT"] or 587`: computed, with its default where that is a literal."""
        m = re.search(r"(?:\|\||\?\?|\bor\b)\s*(\"[^\"]*\"|'[^']*'|\w+)\s*$", raw)
        if not m:
            return Computed()
        text = m[1]
        default = text[1:-1] if text[0] in "\"'" else int(text) if text.isdigit() else _CONSTANTS.get(text, text)
        return Computed(default, known=True)

    def literal(self, token: Token) -> object:
        """A token's value: text, number, constant; Ruby symbols keep their colon."""
        if token.kind in ("string", "triple"):
            quote = 3 if token.kind == "triple" else 1
            inner = token.text[quote:-quote]
            before = self.text[token.start - 1:token.start]
            interpolated = token.text[0] in "\"`" and re.search(r"#\{|\$\{|\$[A-Za-z_]", inner)
            if interpolated or (before and before in "fF" and "{" in inner):
                return Computed()
            return _ESCAPE.sub(r"\1", inner)
        if token.kind == "number":
            try:
                return int(token.text.replace("_", ""))
            except ValueError:
                return token.text
        if token.kind == "name" and token.text.startswith(("process.env", "ENV", "os.environ", "$_ENV")):
            return Computed()
        return _CONSTANTS.get(token.text, token.text)
