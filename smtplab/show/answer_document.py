"""The answer to everything that was pasted, as a document: on one screen, or all of it.

The short form is what was read, a contradiction, the cause, one next command, and the corrected settings. Its text has
at most `ROWS` lines of `COLUMNS` characters: the reasons are cut at a sentence, and of long settings the changed lines
are shown with what stands around them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ..escape import printable
from .document import (
    STYLE,
    Bar,
    Block,
    Bullets,
    Document,
    Either,
    Group,
    Inline,
    Listing,
    Mark,
    Paragraph,
    Section,
    Strong,
    ToCopy,
    Tone,
    as_html,
    as_text,
)
from .explanation_document import heading, in_words, is_unknown, marked, percent
from .explanation_document import in_text as cause_in_text

if TYPE_CHECKING:
    from ..messages import Explanation
    from ..question import Answer, Read, Segment
    from ..settings import Correction

ROWS, COLUMNS = 25, 80
_COMMENTED = re.compile(r"(?:#|//|;|--|<!--|/\*)\s*(?:was|new|take out|\w+ was)\b")
LEAST = 3  # rows of corrected settings that are shown even where there is hardly room
# Characters of reasons, and how many reasons of a contradiction, in the short form: less where the screen is full.
BRIEFER = ((320, 3), (200, 2), (120, 1), (60, 0))
LONGEST_NAME = 40  # characters of a file's name
_MODES = {"implicit": "implicit TLS", "starttls": "STARTTLS", "starttls-required": "STARTTLS, required",
          "starttls-opportunistic": "STARTTLS, if offered", "plain": "plain, no TLS", "error": "refused by the program"}
_KINDS = {"prose": "prose", "log": "a log", "transcript": "a transcript", "settings": "settings",
          "capture": "a capture"}


def answer_text(answer: Answer, everything: bool = False, width: int = COLUMNS) -> str:
    """The answer as text: on one screen, or `everything`, as wide as `width`."""
    if everything:
        return as_text(Document((*_short(answer, None), *_rest(answer))), width)
    for most in BRIEFER:
        said = as_text(Document(_short(answer, most)), COLUMNS)
        if rows_of(said) <= ROWS:
            break
    return said


def rows_of(text: str) -> int:
    """The rows that a text takes on a terminal, which breaks longer lines."""
    return sum(max(1, -(-len(line) // COLUMNS)) for line in text.split("\n"))


def answer_page(answer: Answer) -> str:
    """The answer as HTML with its style, all of it: what the short form leaves out is folded."""
    return STYLE + answer_html(answer)


def answer_html(answer: Answer) -> str:
    """The answer as HTML without the style: read, finding, cause, next command, correction."""
    return as_html(Document(_short(answer, None)))


def looked_at_html(answer: Answer) -> str:
    """What was looked at, with the words that decided marked."""
    return marked(answer.looked_at, answer.causes)


# --- the short form ---


def _short(answer: Answer, most: tuple[int, int] | None) -> tuple[Block, ...]:
    """The short form, with at most so many characters of reasons, and reasons of a contradiction; None: with all."""
    first = answer.causes[0]
    blocks: list[Block] = [_read(answer.read)]
    if answer.finding:
        reasons = "; ".join(answer.finding.reasons[:most[1]] if most else answer.finding.reasons)
        blocks.append(Group((
            Paragraph((Strong("They contradict each other: " if answer.finding.code in ("mode", "host", "port")
                              else "Found: "), answer.finding.message)),
            *(Paragraph(f"Likely: {reasons}."),) * bool(reasons)), Tone.BAD))
    blocks.append(_cause(first, most))
    blocks.append(Section("Next" + (f", to see {answer.why_next}" if answer.why_next else ""),
                          (Either(text=(Listing(answer.next_command),), html=(ToCopy(answer.next_command),)),)))
    if fix := answer.correction:
        used = rows_of(as_text(Document(tuple(blocks)), COLUMNS)) + 2 + 3 * (len(answer.causes) > 1)
        room = max(ROWS - used, LEAST) if most else None
        blocks.append(_correction(fix, f"{_keeps(answer, fix)} {_in_words(answer, fix)}".strip(), room))
    others = [f"{one.cause} ({percent(one.likelihood)} %)" for one in answer.causes[1:3] if not is_unknown(one)]
    if most and others:
        blocks.append(Paragraph(f"Less likely: {', '.join(others)}. All of it: --all"))
    return tuple(blocks)


def _read(read: Read) -> Block:
    version = f" ({read.version}{', assumed' * read.version_assumed})" if read.version else ""
    what = f"{read.title}{version}" if read.title else "program not known"
    if read.alike:
        what += f", or {', '.join(read.alike[:2])}: they read it otherwise"
    where = f"{read.host or 'host not known'}, port {read.port or 'not known'}"
    mode = _MODES.get(read.mode, "mode not known")
    parts = [f"{what}: {mode}; {where}."]
    if told := [one for one in read.segments if one.kind.value != "prose"]:
        parts.append(f"Read: {'; '.join(_spans(told))}.")
    if read.ignored:
        parts.append(f"Ignored: {'; '.join(read.ignored)}.")
    return Group((Paragraph((Strong(parts[0]), *(f" {part}" for part in parts[1:])),),), Tone.NEUTRAL)


def _spans(segments: Sequence[Segment]) -> list[str]:
    """Each kind of part with its lines: "a log (lines 3-9)"; of many parts, how many there are."""
    found = []
    order = sorted(segments, key=lambda one: (list(_KINDS).index(one.kind.value), one.name))
    for (kind, name), group in groupby(order, lambda one: (one.kind.value, one.name)):
        if kind == "capture":
            found.append(f"{_KINDS[kind]} ({name[:LONGEST_NAME]})")
            continue
        spans = [str(one.first) if one.first == one.last else f"{one.first}-{one.last}" for one in group]
        lines = f"line{'s' * (len(spans) > 1 or '-' in spans[0])} {', '.join(spans[:3])}{', ...' * (len(spans) > 3)}"
        found.append(f"{_KINDS[kind]} ({name[:LONGEST_NAME] + ', ' if name else ''}{lines})")
    return found


def _cause(first: Explanation, most: tuple[int, int] | None) -> Block:
    if is_unknown(first):
        return Group((Paragraph((Strong(first.title), f". {first.why}")),), Tone.DOUBT)
    why = _sentences(first.why, most[0]) if most else first.why
    share = percent(first.likelihood)
    shown: tuple[Inline, ...] = (Strong(f"{first.cause}"), f": {first.title}")
    return Group((
        Either(text=(Paragraph(f"{heading(first)}"), Paragraph(first.title, indent=2), Paragraph(why, indent=2)),
               html=(Paragraph(shown), Paragraph((Bar(share), Strong(in_words(first.likelihood)), f", {share} %")),
                     Paragraph(why))),), Tone.BAD)


def _sentences(text: str, most: int) -> str:
    """The first sentences, of at most so many characters; at least one, cut if need be."""
    kept = ""
    for sentence in re.split(r"(?<=[.?!]) (?=[A-Z`])", text):
        if kept and len(kept) + len(sentence) + 1 > most:
            break
        kept = f"{kept} {sentence}".strip()
    return kept if len(kept) <= most else f"{kept[:most - 4].rstrip()} ..."


def _in_words(answer: Answer, fix: Correction) -> str:
    """What was changed, where the settings can't say so in a comment; "" where they do."""
    if not fix.possible or not fix.changed or any(_COMMENTED.search(line) for line in fix.changed):
        return ""
    names = [line.text.partition(" = ")[0] for line in answer.report.lines if line.effect == "decides"] if (
        answer.report) else []
    gone = [name for name in names if name.rpartition(".")[2] not in fix.text]
    lines = "; ".join(line.strip() for line in fix.changed[:3])
    changed = f"Changed: {lines}." * ("\n" in fix.text.strip())
    take_out = f"Take out {', '.join(gone)}." * bool(gone)
    return f"{changed} {take_out}".strip()


def _keeps(answer: Answer, fix: Correction) -> str:
    """That the reader's login has to stay, where there is one: the corrected settings hold none."""
    report = answer.report
    has_login = report is not None and any(line.effect == "secret" for line in report.lines)
    return "Keep your user name and password." if has_login and fix.possible else ""


def _correction(fix: Correction, changed: str, rows: int | None) -> Block:
    name = f"Corrected: {_MODES.get(fix.mode.value, fix.mode.value)} on port {fix.port}"
    if not fix.possible:
        return Section(name, (Paragraph(fix.text),))
    text = fix.text.strip("\n")
    words = (Paragraph(changed),) * bool(changed)
    shown, left = _fitting(text, fix.changed, rows and rows - rows_of(as_text(Document(words), COLUMNS)) * len(words))
    more = (*(Paragraph(f"({left} more lines: --all)"),) * bool(left), *words)
    return Section(f"{name}, ready to paste", (
        Either(text=(Listing(shown), *more), html=(Listing(_marked_lines(text, fix.changed)), *words, ToCopy(text))),),
        indent=0)  # at the left edge and unwrapped: an indent may have a meaning


def _fitting(text: str, changed: tuple[str, ...], rows: int | None) -> tuple[str, int]:
    """The lines that fit into so many rows, the changed ones before all others, and how many are left out."""
    lines = text.split("\n")
    heights = [max(1, -(-len(printable(line)) // COLUMNS)) for line in lines]
    if rows is None or sum(heights) <= rows:
        return text, 0
    wanted = {line.strip() for line in changed}
    at = [i for i, line in enumerate(lines) if line.strip() in wanted] or [0]
    kept: set[int] = set()
    used = 1  # the line that says how many are left out
    for i in (*at, *sorted(range(len(lines)), key=lambda i: min(abs(i - one) for one in at))):
        if i not in kept and used + heights[i] <= max(rows, LEAST):
            kept.add(i)
            used += heights[i]
    return "\n".join(lines[i] for i in sorted(kept)), len(lines) - len(kept)


def _marked_lines(text: str, changed: tuple[str, ...]) -> tuple[Inline, ...]:
    wanted = {line.strip() for line in changed}
    parts: list[Inline] = []
    for line in text.split("\n"):
        parts += [Mark(line, "changed") if line.strip() in wanted else line, "\n"]
    return tuple(parts[:-1])


# --- the rest ---


def _rest(answer: Answer) -> tuple[Block, ...]:
    causes = tuple(cause_in_text(number, one) for number, one in enumerate(answer.causes, 1))
    blocks: tuple[Block, ...] = (Section("Causes, most likely first", causes),)
    if answer.read.reasons:
        blocks += (Section(f"Why {answer.read.title}", (Bullets(answer.read.reasons),)),)
    if answer.report:
        from .settings_document import settings_document
        blocks += settings_document(answer.report).blocks
    return blocks
