"""Judge a verdict on a mystery: the cause, what was seen, and who waited, each separately.

No feedback gives away an answer that was not handed in. Evidence may be pasted from any program, as text, bytes,
hexadecimal or a hex dump; unless the server never gets as far as its name, it must contain that name.
"""

from __future__ import annotations

import difflib
import re
import textwrap
from dataclasses import dataclass

from ...causes import Cause
from .draw import DrawnTicket
from .pool import IF_SO, WAITED, Case

_NAME = re.compile(r"\bmx-[a-z2-9]{5}\b")
_NOTHING = re.compile(r"(it said |i saw |saw |there (was|came) |came )?(nothing|no bytes?|no data|silence|silent|none|"
                      r"(0|zero) bytes?)( at all| came| received| read)?[.!]?", re.IGNORECASE)
# A row of a hex dump: its offset (xxd's ends with a colon), then bytes in groups, then the same bytes as letters.
_ROW = re.compile(r"[ \t]*(?:0x)?[0-9a-f]{4,8}(:?)[ \t]+(?:-[ \t]+)?([0-9a-f]{2}(?:[0-9a-f]{2})?[ -].*)", re.IGNORECASE)
_ROW_BYTES = 16
_HEX = re.compile(r"(?:0x|\\x)?[0-9a-f]{2}(?:[\s:,]*(?:0x|\\x)?[0-9a-f]{2}){2,}", re.IGNORECASE)
_WAITERS = {"none": "nobody", "noone": "nobody", "neither": "nobody", "me": "client", "each": "both"}
_SILENCE = "Something can be had from this server, and silence alone proves little. Make it speak."
WIDTH = 100  # of a line of text, in characters
_SIGNS = {True: "✓", False: "✗", None: "·"}


@dataclass(frozen=True)
class Ruling:
    """The ruling on a verdict: whether it is `right` (None if it can't be judged), and whether each part of it is."""

    number: int | None
    right: bool | None
    cause_stands: bool | None = None
    saw_stands: bool | None = None
    waited_stands: bool | None = None
    lines: tuple[tuple[bool | None, str], ...] = ()

    def __str__(self) -> str:
        first = f"Ticket {self.number}" if self.number else "No verdict"
        ended = {True: "solved", False: "not solved by this", None: "not judged"}[self.right]
        lines = [in_lines(f"  {_SIGNS[stands]} {words}") for stands, words in self.lines]
        return "\n".join([f"{first}: {ended}", *lines])

    __repr__ = __str__


def in_lines(words: str) -> str:
    """Each line as several that a page shows whole; further ones are indented, and no word is cut."""
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent=" " * 4, break_long_words=False,
                                   break_on_hyphens=False) for line in words.splitlines())


def unusable(words: str, number: int | None = None) -> Ruling:
    """The ruling on something that can't be judged, with the reason."""
    return Ruling(number, None, lines=((None, words),))


def judge(drawn: DrawnTicket, number: int, cause: object, saw: object, waited: object) -> Ruling:
    """Rule on a verdict on this ticket. Accepts values of any type and never raises."""
    named, waiter = read_cause(cause), read_waiter(waited)
    if isinstance(named, NotUnderstood) or isinstance(waiter, NotUnderstood):
        return unusable(" ".join(part.words for part in (named, waiter) if isinstance(part, NotUnderstood)), number)
    case = drawn.case
    cause_stands = named is case.cause or named in case.also
    saw_stands, about = _seen(drawn, saw)
    # Feedback that is particular to this ticket needs good evidence first: it would tell a guesser which fault it is.
    remark = case.wrong.get(named, IF_SO[named]) if saw_stands else IF_SO[named]
    said = f"The cause stands: {named.text.title}." if cause_stands else f"The cause doesn't stand. {remark}"
    waited_stands = waiter in case.waited if waiter else False
    lines: list[tuple[bool | None, str]] = [
        (cause_stands, said), (saw_stands, about), (waited_stands, _waited(waiter, waited_stands))]
    right = cause_stands and saw_stands and waited_stands
    if right:
        lines.append((True, case.teaches))
    return Ruling(number, right, cause_stands, saw_stands, waited_stands, tuple(lines))


@dataclass(frozen=True)
class NotUnderstood:
    """What could not be read, and what was expected, in words."""

    words: str


def read_cause(value: object) -> Cause | NotUnderstood:
    """Read a cause's name, in any case, with blanks or underscores for hyphens."""
    text = re.sub(r"[\s_]+", "-", str(value).strip().casefold()) if isinstance(value, str) else ""
    if text in set(Cause):
        return Cause(text)
    near: list[str] = [cause for cause in Cause if text and cause.startswith(text)]
    near = near or (difflib.get_close_matches(text, list(Cause), 1, 0.5) if text else [])
    meant = f"did you mean {' or '.join(near)}?" if near else f"the causes are {', '.join(Cause)}."
    return NotUnderstood(f"No cause {_short(value)}; {meant}" if text else f"Say the cause; {meant}")


def read_waiter(value: object) -> str | NotUnderstood:
    """Read who waited, as one of `WAITED`; "" if it was left out."""
    if value is None or isinstance(value, str) and not value.strip():
        return ""
    text = re.sub(r"[\s_-]+|^the\b", "", value.casefold()) if isinstance(value, str) else ""
    text = _WAITERS.get(text, text)
    if text in WAITED:
        return text
    near = difflib.get_close_matches(text, WAITED, 1, 0.6)
    return NotUnderstood(f"No {_short(value)} can wait; {f'did you mean {near[0]}?' if near else 'say one of'} "
                  f"{'' if near else ', '.join(WAITED)}".rstrip())


def evidence(value: object) -> str | None:
    """Normalise evidence for matching: in lower case, each run of blanks as one, hexadecimal decoded.

    Returns "" if it says that nothing came, None if it is empty or of another type.
    """
    if isinstance(value, bytes | bytearray):
        text = value.decode("latin-1")
        if not text:
            return ""
    elif isinstance(value, str) and value.strip():
        text = value
    else:
        return None
    text = text[:100_000]
    if _NOTHING.fullmatch(text.strip()):
        return ""
    dumped = "".join(_row(*row.groups()) for line in text.splitlines() if (row := _ROW.match(line + " ")))
    if _HEX.fullmatch(text.strip()):
        text = _bytes(text)
    return " ".join(f"{text} {_bytes(dumped)}".casefold().split())


def _row(colon: str, rest: str) -> str:
    """The hexadecimal digits of a dump's row.

    The letters after the bytes may look like one more group. So the bytes end before a group of another length, or at a
    row's full length; only the last row's last group may be shorter.
    """
    groups: list[str] = []
    for group in re.split(r"[ -]+", rest):
        if not re.fullmatch("[0-9a-fA-F]{2,4}", group) or sum(map(len, groups)) >= 2 * _ROW_BYTES:
            break
        if groups and len(group) != len(groups[0]):
            groups += [group] * (len(group) == 2)
            break
        groups.append(group)
    # Pairs without a colon are from hexdump or od -x, which print little-endian numbers: the second byte first.
    return "".join(group if colon else group[2:] + group[:2] for group in groups)


def _bytes(digits: str) -> str:
    found = re.sub(r"0x|\\x|[^0-9a-f]", "", digits.casefold())
    return bytes.fromhex(found[:len(found) // 2 * 2]).decode("latin-1")


def _seen(drawn: DrawnTicket, saw: object) -> tuple[bool, str]:
    case, text = drawn.case, evidence(saw)
    own = drawn.hostname.partition(".")[0]
    if text is None:
        return False, "No evidence: paste what came from the server, or say \"nothing\"."
    if not case.names:
        if text and (_NAME.search(text) or not re.search(case.shows, text) or _hidden(case, text)):
            return False, "That didn't come from this server. What does?"
        if case.speaks:
            return (True, "What you saw fits: it says that, and no more.") if text else (False, _SILENCE)
        return True, "What you saw fits: nothing can be had from it."
    if not text:
        return False, _SILENCE
    if own not in _NAME.findall(text):
        if _NAME.search(text):
            return False, "That is another server's: each says its own name, and this one's is another."
        if text.startswith(("220", "* ok", "250", "http/")) or re.match(r"[45]\d\d\b", text):
            return False, "So says many a server. Show it with the name that this one has for itself (mx-...)."
        return False, "Nothing in that is this server's own. Each has a name (mx-...) that it says or that its " \
                      "certificate has: show that, with what proves the cause."
    if _hidden(case, text):
        return False, "It is this server's, but not what the ticket's client gets to see."
    if case.shows and not re.search(case.shows, text):
        return False, "It is this server's, but not yet what proves a cause: show the rest of what the ticket's " \
                      "client gets to see, to the end, or the line in it that tells what is wrong."
    return True, "What you saw stands: it is this server's own, and it proves it."


def _hidden(case: Case, text: str) -> bool:
    """Whether the evidence shows what can't have been there."""
    return bool(case.hides and re.search(case.hides, text))


def _waited(waiter: str, stands: bool) -> str:
    if not waiter:
        return "Say who waited at the end: nobody, client, server or both."
    if stands:
        return f"Who waited stands: {waiter}."
    return f"Who waited doesn't stand: {waiter}. At the end of the ticket's try, who was due to get the other's next " \
           "bytes, and got none?"


def _short(value: object) -> str:
    try:
        return ascii(value)[:60]
    except Exception:  # a learner's object may raise anything
        return "of that sort"
