"""Code in pieces: one table of tokens for all the languages, since their literals and remarks are much alike."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKENS = re.compile(r"""
    (?P<space>[^\S\n]+|\\\n)
  | (?P<newline>\n)
  | (?P<opening>["'`]|/\*|<!--)
  | (?P<url>[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s'",;)}\]]+)
  | (?P<comment>\#[^\n]*|//[^\n]*|(?:(?<=\n)|\A)%[^\n]*|<\?php|\?>)
  | (?P<symbol>:[A-Za-z_]\w*[?!]?)
  | (?P<number>-?\d+(?:[_.]\d+)*(?![\w.]))
  | (?P<name>[$@]{0,3}[^\W\d]\w*[?!]?(?:(?:::<[\w:,]{1,60}>)?(?:\.|::|->|\?\.)[^\W\d]\w*)*|\d[\w.]*)
  | (?P<arrow>=>|:=)
  | (?P<compare>===?|!==?|<=|>=|\|\||&&|\?\?|::)
  | (?P<other>[\s\S])""", re.VERBOSE)
_CLOSED = {  # what a quote or a comment is, from where it opens
    '"': re.compile(r'"""[\s\S]*?"""|"(?:[^"\\]|\\[\s\S])*"'),
    "'": re.compile(r"'''[\s\S]*?'''|'(?:[^'\\\n]|\\[\s\S])*'"),
    "`": re.compile(r"`(?:[^`\\]|\\[\s\S])*`"), "/*": re.compile(r"/\*[\s\S]*?\*/"),
    "<!--": re.compile(r"<!--[\s\S]*?-->")}


class Token(NamedTuple):
    """One piece of the text: its kind, its text, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


END = Token("end", "", 0, 0)


def tokenize(text: str) -> list[Token]:
    """A text in pieces, without blanks and remarks, in one pass."""
    found: list[Token] = []
    at, unclosed = 0, set()
    while at < len(text):
        m = _TOKENS.match(text, at)
        kind, start, at = m.lastgroup, m.start(), m.end()
        if kind == "opening":
            opens = m.group()
            closed = _CLOSED[opens].match(text, start) if opens not in unclosed else None
            kind = "other"
            if closed:
                kind = "comment" if len(opens) > 1 else "string"
                m, at = closed, closed.end()
            elif opens != "'":  # an apostrophe ends with its line; looking again for these would take for ever
                unclosed.add(opens)
        if kind == "symbol" and found and found[-1].end == start and found[-1].kind in ("name", "string"):
            # {secure:true}: no Ruby symbol, but a colon and a value.
            found += [Token("other", ":", start, start + 1), Token("name", m.group()[1:], start + 1, m.end())]
        elif kind not in ("space", "comment"):
            found.append(Token(kind, m.group(), start, at))
    return found
