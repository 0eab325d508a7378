"""SMTP lines: commands, replies and the keywords of an EHLO reply (RFC 5321).

A pure reader, as `records` is: `read_reply` and `read_command` look at bytes and answer with a value,
`NeedMore` or `Malformed`. `blank_auth` hides what a client sent to log in.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .records import Bytes, Malformed, NeedMore

_REPLY_LINE = re.compile(rb"(\d{3})(?:([ -])(.*))?", re.DOTALL)
_REPLY_START = re.compile(rb"\d{0,2}\Z|\d{3}(?:\Z|[ \r\n-])")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")
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
    def enhanced_code(self) -> str | None:
        """The enhanced status code that begins the text, such as "5.7.8" (RFC 2034), or None."""
        found = _ENHANCED.match(self.lines[-1])
        return found[1] if found else None

    @property
    def text(self) -> str:
        """The reply as the server wrote it, a line each, hyphens included."""
        last = len(self.lines) - 1
        return "\n".join(f"{self.reply_code}{' ' if i == last else '-'}{line}"
                         for i, line in enumerate(self.lines))


@dataclass(frozen=True)
class Command:
    """A command line. `verb` is in upper case; `argument` has no leading or trailing blanks."""

    verb: str
    argument: str
    size_bytes: int


class ReplyReader:
    """Replies out of bytes that come in pieces (RFC 5321 section 4.2). Lines may end in a bare LF.

    Of several codes in one reply the last counts, as in smtplib. After a `Malformed` it reads no
    further. `rest` holds the bytes that make no whole reply yet.
    """

    def __init__(self) -> None:
        self.rest = bytearray()
        self._lines: list[str] = []
        self._scanned = self._offset = 0  # of `rest`: lines read; of all: where `rest` begins
        self._looked = 0  # up to where `rest` has no further line end
        self.malformed: Malformed | None = None

    def feed(self, data: Bytes) -> list[Reply | Malformed]:
        """Add bytes; the replies they complete, and at most one `Malformed`, ever.

        Its offset counts from the first byte fed."""
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
    """The reply that begins at `offset`, as `ReplyReader` reads it; `NeedMore` asks for one byte more."""
    for item in ReplyReader().feed(data[offset:]):
        return item if isinstance(item, Reply) else Malformed(offset + item.offset, item.reason)
    return NeedMore(len(data) - offset + 1)


def read_command(data: Bytes, offset: int = 0) -> Command | NeedMore:
    """The command line that begins at `offset`; any line is one, known verb or not."""
    end = data.find(b"\n", offset) + 1
    if not end:
        return NeedMore(len(data) - offset + 1)
    line = bytes(data[offset:end])
    verb, _, argument = line.decode("latin-1").strip().partition(" ")
    return Command(verb.upper(), argument.strip(), len(line))


def ehlo_keywords(reply: Reply) -> tuple[str, ...]:
    """The capability list of an EHLO reply, a keyword with its parameters each ("SIZE 33554432")."""
    return tuple(line.strip() for line in reply.lines[1:] if line.strip())


def offers(keywords: Iterable[str], keyword: str) -> bool:
    """Whether a capability list names `keyword`, whatever its case and parameters."""
    return any(line.upper().split()[:1] == [keyword] for line in keywords)


def auth_mechanisms(keywords: Iterable[str]) -> tuple[str, ...]:
    """The mechanisms an EHLO reply offers, in its order; also from the old "AUTH=LOGIN" form."""
    found: dict[str, None] = {}
    for line in keywords:
        words = line.upper().replace("=", " ", 1).split()
        if words[:1] == ["AUTH"]:
            found.update(dict.fromkeys(words[1:]))
    return tuple(found)


def never_shown(argument: bytes) -> bool:
    """The rule for `blank_auth` outside the lab: no argument may be shown."""
    return False


def shown_if(*known: str) -> Callable[[bytes], bool]:
    """A rule for `blank_auth`: an argument may be shown if all it holds, decoded, is `known` words."""
    words = {b"", *(word.encode() for word in known)}

    def rule(argument: bytes) -> bool:
        try:
            return set(base64.b64decode(argument, validate=True).split(b"\0")) <= words
        except (binascii.Error, ValueError):
            return False
    return rule


def blank_auth(chunks: Iterable[tuple[str, bytes]],
               may_show: Callable[[bytes], bool] = never_shown) -> list[bytes]:
    """The same chunks, in order, with AUTH arguments overwritten by `*`, their lengths kept.

    `chunks` are (who, data) with who "client" or "server", both in clear. Blanked are the argument
    of AUTH after the mechanism, and every client line from then on until the server has given a
    final reply and the client a known command: a client that goes on logging in after a refusal
    shows nothing either. A line cut off by the end is blanked whole. What follows a BDAT chunk (RFC 3030)
    begins a line, whether or not the chunk ended one; its content is read as lines too, for the server
    may have refused the chunk unread.
    """
    blanked = [(who, bytearray(data)) for who, data in chunks]
    said = b"".join(data for who, data in blanked if who == "client").upper()
    if not any(word in said for word in (b"AUTH", b"PASS", b"LOGIN")):
        return [bytes(data) for _, data in blanked]
    line: list[tuple[int, int, int]] = []  # where the parts of the client's current line are: chunk, start, end
    server, secret, final, chunk_left = ReplyReader(), False, True, 0

    def end_line() -> None:
        nonlocal secret, final, line, server, chunk_left
        body = b"".join(blanked[i][1][start:end] for i, start, end in line).rstrip(b"\r\n")
        words = body.split(None, 2)
        verb = words[0].upper().decode("latin-1") if words else ""
        if verb == "BDAT" and not chunk_left and len(words) > 1 and words[1].isdigit() and len(words[1]) < 20:
            chunk_left = int(words[1]) + 1  # with the byte that ends this line
        if secret and final and verb in VERBS:
            secret = False
        if secret and not may_show(body.strip()):
            _blank(0, len(body))
        elif not secret and verb == "AUTH":
            secret, final, server = True, False, ReplyReader()
            if len(words) > 2 and not may_show(words[2].strip()):
                _blank(len(body) - len(words[2]), len(body))
        elif verb == "PASS" and len(words) > 1:  # a POP3 client at the wrong door
            _blank(len(body) - len(body.split(None, 1)[1]), len(body))
        elif len(words) > 2 and words[1].upper() in (b"LOGIN", b"AUTHENTICATE"):  # an IMAP client
            _blank(len(body) - len(words[2]), len(body))
        line = []

    def _blank(first: int, last: int) -> None:
        before = 0
        for i, start, end in line:
            low, high = max(first - before, 0), min(last - before, end - start)
            if low < high:
                blanked[i][1][start + low:start + high] = b"*" * (high - low)
            before += end - start

    for index, (who, data) in enumerate(blanked):
        if who == "client":
            at = 0
            while at < len(data):
                end = data.find(b"\n", at) + 1 or len(data)
                end = min(end, at + chunk_left) if chunk_left else end
                line.append((index, at, end))
                in_chunk, chunk_left = chunk_left > 0, max(chunk_left - (end - at - 1), 0)
                if data[end - 1] == 0x0A:
                    end_line()
                chunk_left = max(chunk_left - 1, 0)
                if chunk_left == 0 and line and in_chunk:
                    end_line()
                at = end
        elif secret and not final:
            for reply in server.feed(data):
                final = final or (isinstance(reply, Reply) and reply.reply_code != 334)
    if line:
        end_line()
    return [bytes(data) for _, data in blanked]
