"""What a terminal gets beside the words: lines that fit its width, and colour.

Both are put on at the very end, on lines that `escape.printable` has made harmless, so that nothing in them can pretend
to be a colour. A line that is for copying, a command or a setting, is never cut.
"""

from __future__ import annotations

import functools
import os
import re
import sys
import textwrap

NARROW = 80  # without a terminal
_SGR = {"bold": "1", "dim": "2", "good": "1;32", "bad": "1;31", "doubt": "33", "client": "36", "server": "35",
        "code": "36"}
_VISITOR = r"(?:\[[\w-]+ #\d+\] )?"
_TIME = _VISITOR + r" *\d+\.\d{3}"
_DOUBT = r" \(not certain\)"
_COMMAND = r" *(?:smtplab|openssl|curl|swaks|getent|ip) \S"
# What is coloured in a line: the first row that fits, its named groups in the style of their names. A number behind a
# name is there since a pattern takes no name twice.
_ROWS = tuple(re.compile(pattern) for pattern in (
    r"^(?:(?P<good>works)|(?P<bad>[a-z-]+))(?: \([^)]+\))?: .* on port \d+(?:; |$)",
    rf"^(?P<dim>{_TIME})  (?:(?P<client>C:)|(?P<server>S:))",
    r"^(?P<bold>\d+\. [\w -]+)(?P<doubt>:.*)?$",
    r"^mode: (?P<bold>.*)$",
    r"^on port \d+: (?:(?P<good>works)|(?P<bad>\S+))",
    r"^password in clear: (?:(?P<good>no)$|(?P<bad>yes.*)|(?P<doubt>.*))",
    r"^ +(?:(?P<bold>decides)|(?P<doubt>ineffective|redundant|unknown|unread)|(?P<dim>other)) +\d* \|",
    rf"^(?!.*(?: says |\.$))(?P<code>{_COMMAND}.*)$",
    r"^(?P<dim># .*|-[- ]*)$",
    r"^ +(?P<bad>(?:insecure|not accepted): .*)$",
    r"  (?:(?P<bad>not accepted)|(?P<good>accepted))  ",
    r"(?<=  )(?P<good>ok)(?=  |$)",
    r"^(?P<bad> +FAILED|self-test +FAILS)|^(?P<good> +passed|self-test +works)",
    r"^ *(?P<bold>(?:warnings|your lines|no warnings|[A-Za-z][^`|=.]{2,76}:))$",
))
_NOTE = re.compile(rf"{_TIME}  (?![CS]: )")  # a line of a transcript that tells what nobody said
_TO_COPY = re.compile(rf"[^ \[]|{_COMMAND}")


def width(otherwise: int = NARROW) -> int:
    """How many characters a line has; `otherwise` where stdout is no terminal and COLUMNS doesn't say."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and int(said[:9]):
        return max(20, int(said[:9]))
    try:  # as shutil does it, whose import takes a twentieth of a short command
        return max(20, os.get_terminal_size(sys.stdout.fileno()).columns or otherwise)
    except (AttributeError, ValueError, OSError):  # no stdout, or no terminal
        return otherwise


def is_coloured() -> bool:
    """Whether stdout is given colours: at a terminal that has them. NO_COLOR says never, FORCE_COLOR always."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.name == "posix" and os.environ.get("TERM", "dumb") != "dumb" and _is_terminal()


def dressed(text: str) -> str:
    """Harmless text as stdout is to get it: cut at blanks to the width of a terminal, and coloured where it may be."""
    if not (coloured := is_coloured()) and not _is_terminal():
        return text
    most = width() if _is_terminal() else len(text)
    lines = []
    for line in text.split("\n"):
        verdict, pieces = _verdicts().match(line), folded(line, most)
        if coloured:
            style = _SGR["dim"] if _NOTE.match(line) else ""
            pieces = [_verdict(piece, verdict["cause"]) if verdict else
                      f"\x1b[{style}m{piece}\x1b[0m" if style else painted(piece) for piece in pieces]
        lines += pieces
    return "\n".join(lines)


def folded(line: str, most: int) -> list[str]:
    """A line in pieces of at most `most` characters, cut at blanks; one that is for copying, or has none, is left."""
    if len(line) <= most or " " not in line.strip() or (_TO_COPY.match(line) and not _verdicts().match(line)):
        return [line]
    lead = re.match(rf"(?:{_TIME}  (?:[CS]: )?|{_VISITOR} *)", line)
    margin = min(lead.end() if lead else 0, most // 2) + 2
    return textwrap.wrap(line, most, subsequent_indent=" " * margin, break_long_words=False, break_on_hyphens=False,
                         drop_whitespace=True, replace_whitespace=False) or [line]


def painted(line: str) -> str:
    """A line with its colours, as escape sequences of a terminal."""
    for row in _ROWS:
        if row.search(line):
            spans = sorted((*found.span(name), _SGR[name.rstrip("0123456789")]) for found in row.finditer(line)
                           for name, part in found.groupdict().items() if part)
            out, at = [], 0
            for start, end, style in spans:
                out += [line[at:start], f"\x1b[{style}m{line[start:end]}\x1b[0m"]
                at = end
            return "".join([*out, line[at:]])
    return line


@functools.cache
def _verdicts() -> re.Pattern[str]:
    """What a line begins with that is the verdict on a connection or an error."""
    from ..causes import Cause  # here, as nobody needs it without a terminal
    causes = "|".join(sorted(Cause, key=len, reverse=True))
    return re.compile(rf"{_VISITOR}(?:so far )?(?:#\d+ )?(?P<cause>{causes})(?:{_DOUBT})?: ")


def _verdict(piece: str, cause: str) -> str:
    """A verdict's line, or a piece of it: the cause's colour, and the doubt's own."""
    style = _SGR["good" if cause == "ok" else "bad"]
    out = [f"\x1b[{_SGR['doubt'] if number % 2 else style}m{part}\x1b[0m"
           for number, part in enumerate(re.split(f"({_DOUBT})", piece)) if part]
    return "".join(out)


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
