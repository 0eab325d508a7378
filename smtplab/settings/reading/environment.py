"""Variables as they are listed elsewhere: Kubernetes and Compose, systemd units, shells, Dockerfiles, -D, Markdown.

A list is read line by line, whatever stands between its lines; a template or prose around it does no harm.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from .lines import line_value
from .paste import Computed, EnvironmentText, Pair, Paste

_NAME = r"[A-Za-z_][\w.\-]{0,120}(?:\[[\w.\-]{1,120}\])?"
_BEFORE = r"[ \t]*(?:>[ \t]*)?(?:[-*+\u2022][ \t]+|\d{1,3}[.)][ \t]+)?"  # a quotation's and a list's signs
_SETS = r"(?:export[ \t]+|setx?[ \t]+|ENV[ \t]+|ARG[ \t]+|declare[ \t]+-x[ \t]+|Environment=|\$env:)?"
_LINE = re.compile(rf"{_BEFORE}(?P<bare>{_SETS})(?P<name>{_NAME})(?:[ \t]?=[ \t]?|(?<=[A-Z0-9]):[ \t]+)(?P<value>.*)$")
_QUOTED = re.compile(rf"""(?P<quote>["'`])(?P<name>{_NAME})[ \t]?=[ \t]?(?P<value>[^"'`\n]*)(?P=quote)""")
_LABEL = re.compile(rf"""{_BEFORE}(?:\|[ \t]*(?P<cell>{_NAME})[ \t]*\||
                         [|*`"']{{1,4}}[ \t]?(?P<name>{_NAME})[*`"']{{1,3}}[ \t]*[:=|])[ \t]*
                         (?P<value>`[^`\n]*`|"[^"\n]*"|[^\s`|]+)[ \t]*(?:[(|].*)?$""", re.VERBOSE)
_OPTION = re.compile(rf"""(?:^|(?<=[\s"'`>,]))-D(?P<name>{_NAME})\\?=(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s"'`<>,]*)""")
_MANY = re.compile(r"(?:^|\s)(?:-e|--env|config:set|secrets set|Environment=|ENV|export|env)(?=[\s\w\"'])"
                   r"|^\s*[A-Z]\w*=[^\s=]*\s+[A-Z]\w*=")
_ONE_OF_MANY = re.compile(rf"""(?:^|(?<=[\s=]))(?!Environment=)(?P<name>{_NAME})=
                               (?P<value>"[^"\n]*"|'[^'\n]*'|[^\s"'`]+)(?=\s|$)""", re.VERBOSE)
_NAMED = re.compile(rf"""\bname["']?[ \t]*[:=][ \t]*["']?(?P<name>{_NAME})["']?[ \t]*,?[ \t]*(?:\r?\n)?[ \t]*
                         ["']?(?P<what>value|valueFrom|secret)["']?[ \t]*[:=][ \t]*
                         (?P<value>"[^"\n]*"|'[^'\n]*'|\{{\{{[^\n]*\}}\}}[^\s,]*|[^\n,}}\]]*)""", re.VERBOSE)
_COMMENT = re.compile(r"\s*(?:#|;|//)(?!\s*define)")
_DRESSED = re.compile(rf"""
    ^[ \t]*Environment= | ^[ \t]*(?:export|ENV|setx)[ \t]+[A-Za-z_]\w*[ =] | \$env:\w
  | ^[ \t]*(?:environment|env|env_variables|env_vars|data|stringData):[ \t]*(?:\#[^\n]*)?\r?$
  | (?:^|[\s"'`>,])-D[a-z]+\.[\w.]+\\?=
  | ^{_BEFORE}`{_NAME}[ \t]?= | ^[ \t]*[-*+\u2022][ \t]+["']?[A-Z]\w*=
  | ^[ \t]*\|[ \t]*[A-Z]\w{{3,120}}[ \t]*\|
  | ^{_BEFORE}[|*`]{{1,4}}{_NAME}[*`]{{1,3}}[ \t]*[:=|]
  | (?:^|\s)(?:-e|--env|config:set)[ \t]+["']?[A-Z]\w*=""", re.MULTILINE | re.VERBOSE)
_ENV_FILE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n|(?:export[ \t]+)?[A-Z][A-Z0-9_]*=(?![ \t=])[^\n]*(?:\n|\Z)){2,}")
_REMARK = re.compile(r"(?:[^\"'\n]|\"[^\"\n]*\"|'[^'\n]*'){0,4000}?(?=\s#\s)")  # what stands before one
_LONGEST = 4000  # characters of a line


def is_dressed(text: str) -> bool:
    """Whether the text looks like such a list, of which another reader would take a part, or take it for code."""
    return bool(_DRESSED.search(text) or _NAMED.search(text) or _ENV_FILE.fullmatch(text[:200_000].rstrip() + "\n"))


def read_environment(text: str) -> Paste:
    """The variables of a list, in the order of the text. Never raises."""
    paste = Paste(text)
    pairs: dict[tuple[int, int], Pair] = {}  # by where the value stands: no value is taken twice
    ends = [m.end() for m in re.finditer("\n", text)]

    def take(m: re.Match[str], start: int = 0) -> None:
        span = (start + m.start("value"), start + m.end("value"))
        if not any(place in pairs for place in (span, (span[0] + 1, span[1] - 1), (span[0] - 1, span[1] + 1))):
            name = m["name"] or m["cell"]
            path = tuple(name.replace("]", "").split("["))
            pairs[span] = Pair(path, _value(m["value"]), bisect_right(ends, span[0]) + 1, span)

    for m in _NAMED.finditer(text):
        if m["what"] == "value" and m["value"].strip():
            take(m)
        else:
            span = m.span("value")
            where = f"{m['what']}: {m['value'].strip()}" if m["what"] == "secret" else m["what"]
            pairs[span] = Pair((m["name"],), Computed(text=where), bisect_right(ends, m.start("name")) + 1, span)
    at = 0
    for line in text.split("\n"):
        start, at = at, at + len(line) + 1
        line = line.rstrip("\r")
        if "=" not in line and ":" not in line and "|" not in line or len(line) > _LONGEST or _COMMENT.match(line):
            continue
        line = remark[0] if (remark := _REMARK.match(line)) else line
        found = [*_QUOTED.finditer(line), *_OPTION.finditer(line)]
        if _MANY.search(line):
            found += _ONE_OF_MANY.finditer(line)
        if not found and (whole := _LINE.match(line) or _LABEL.match(line)):
            found = [whole]
        for m in found:
            take(m, start)
    paste.pairs = sorted(pairs.values(), key=lambda pair: pair.span)
    return paste


def _value(raw: str) -> object:
    value = line_value(raw.strip().strip("`"))
    return EnvironmentText(value) if isinstance(value, str) else value
