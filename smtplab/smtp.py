"""SMTP lines: commands, replies and the keywords of an EHLO reply (RFC 5321).

A pure reader, as `records` is: `read_reply` and `read_command` take bytes and return a value, `NeedMore` or
`Malformed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .records import Bytes, Malformed, NeedMore

_REPLY_LINE = re.compile(rb"(\d{3})(?:([ -])(.*))?", re.DOTALL)
_REPLY_START = re.compile(rb"\d{0,2}\Z|\d{3}(?:\Z|[ \r\n-])")
# RFC 5321 section 4.1.1, with STARTTLS (RFC 3207), AUTH (RFC 4954), BDAT (RFC 3030) and LHLO (RFC 2033).
VERBS = frozenset(("HELO", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "VRFY", "EXPN", "HELP", "NOOP",
                   "QUIT", "STARTTLS", "AUTH"))


@dataclass(frozen=True)
class Reply:
    """A whole reply, all its lines. `lines` are the texts without code, as UTF-8; other bytes as \\xNN."""

    reply_code: int
    lines: tuple[str, ...]
    size_bytes: int

    @property
    def text(self) -> str:
        """The reply as the server wrote it, a line each, hyphens included."""
        last = len(self.lines) - 1
        return "\n".join(f"{self.reply_code}{' ' if i == last else '-'}{line}"
                         for i, line in enumerate(self.lines))


class Command(NamedTuple):
    """A command line. `verb` is in upper case; `argument` has no leading or trailing blanks."""

    verb: str
    argument: str
    size_bytes: int


class ReplyReader:
    """Replies out of bytes that come in pieces (RFC 5321 section 4.2). Lines may end in a bare LF.

    Of several codes in one reply the last counts, as in smtplib. After a `Malformed` it reads no
    further. `rest` holds the bytes after the last whole reply.
    """

    def __init__(self) -> None:
        self.rest = bytearray()
        self._lines: list[str] = []
        self._scanned = self._offset = 0  # of `rest`: lines read; of all: where `rest` begins
        self._looked = 0  # up to where `rest` has no further line end
        self.malformed: Malformed | None = None

    def feed(self, data: Bytes) -> list[Reply | Malformed]:
        """Add bytes and return the replies that they complete. What is no reply is one `Malformed`, once; its offset
        counts from the first byte fed."""
        self.rest += data
        out: list[Reply | Malformed] = []
        while self.malformed is None and (end := self.rest.find(b"\n", max(self._scanned, self._looked)) + 1):
            found = _REPLY_LINE.fullmatch(self.rest[self._scanned:end].rstrip(b"\r\n"))
            if not found:
                return [*out, self._give_up()]
            self._lines.append((found[3] or b"").decode("utf-8", "backslashreplace"))
            self._scanned = end
            if found[2] != b"-":
                out.append(Reply(int(found[1]), tuple(self._lines), end))
                del self.rest[:end]
                self._lines, self._scanned, self._looked, self._offset = [], 0, 0, self._offset + end
        self._looked = len(self.rest)
        start = self.rest[self._scanned:self._scanned + 4]
        if self.malformed is None and start and not _REPLY_START.match(start):
            out.append(self._give_up())
        return out

    def _give_up(self) -> Malformed:
        reason = "a reply line is three digits, then a space or a hyphen"
        self.malformed = Malformed(self._offset + self._scanned, reason)
        return self.malformed


def read_reply(data: Bytes, offset: int = 0) -> Reply | NeedMore | Malformed:
    """The reply that begins at `offset`, as `ReplyReader` reads it; `NeedMore` is always for one more byte."""
    for item in ReplyReader().feed(data[offset:]):
        return item if isinstance(item, Reply) else Malformed(offset + item.offset, item.reason)
    return NeedMore(len(data) - offset + 1)


def read_command(data: Bytes, offset: int = 0) -> Command | NeedMore:
    """The line that begins at `offset`, read as a command, whether or not its verb is known."""
    end = data.find(b"\n", offset) + 1
    if not end:
        return NeedMore(len(data) - offset + 1)
    line = bytes(data[offset:end])
    verb, _, argument = line.decode("latin-1").strip().partition(" ")
    return Command(verb.upper(), argument.strip(), len(line))


def ehlo_keywords(reply: Reply) -> tuple[str, ...]:
    """The capability list of an EHLO reply: keywords with their parameters ("SIZE 33554432")."""
    return tuple(line.strip() for line in reply.lines[1:] if line.strip())


def offers(keywords: Iterable[str], keyword: str) -> bool:
    """Whether a capability list names `keyword`, whatever its case and parameters."""
    return any(line.upper().split()[:1] == [keyword] for line in keywords)


def masked(keywords: Iterable[str]) -> bool:
    """Whether a keyword was overwritten on the way, as Cisco's mail inspection does ("XXXXXXXA")."""
    return any(re.fullmatch(r"X{4,}[A-Z]?", line.split()[0].upper()) for line in keywords)


def may_hold_login(data: bytes) -> bool:
    """Whether a client's bytes may contain a login, so that `blanking` has to look at them."""
    return any(word in data.upper() for word in (b"AUTH", b"PASS", b"LOGIN"))
