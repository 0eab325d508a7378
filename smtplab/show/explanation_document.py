"""The causes that an error text may have, as documents: each with its likelihood, why, and what would settle it.

`explanations` is all of them as plain text; the other functions give HTML, for the error decoder. Of the error text
itself, text shows only the deciding phrases; HTML shows all of it, with these phrases marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .document import (
    STYLE,
    WIDTH,
    Bar,
    Block,
    Bullets,
    Details,
    Document,
    Group,
    Inline,
    Link,
    Listing,
    Mark,
    Paragraph,
    Section,
    Small,
    Strong,
    ToCopy,
    Tone,
    as_html,
    as_text,
)

if TYPE_CHECKING:
    from ..messages import Explanation

IN_WORDS = ((0.85, "very likely"), (0.6, "likely"), (0.25, "possible"), (0.0, "unlikely"))


def in_words(likelihood: float) -> str:
    """A likelihood of 0 to 1 in words."""
    return next(words for least, words in IN_WORDS if likelihood >= least)


def percent(likelihood: float) -> int:
    """A likelihood of 0 to 1 as a percentage, never 0 or 100: a text proves nothing."""
    return min(99, max(1, round(100 * likelihood)))


def is_unknown(one: Explanation) -> bool:
    """Whether nothing in the text was known; such an answer says what to collect."""
    return not one.phrase


def heading(one: Explanation) -> str:
    """Cause and likelihood in a line, or that nothing is known."""
    if is_unknown(one):
        return one.title
    return f"{one.cause}: {in_words(one.likelihood)} ({percent(one.likelihood)} %)"


def evidence(one: Explanation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What would settle it: (what to look at, in words; commands to run, their HOST and PORT to be filled in)."""
    return one.evidence[:1], one.evidence[1:]


# --- text ---


def explanations(found: Sequence[Explanation], least: float = 0.0, width: int = WIDTH) -> str:
    """The causes as text, most likely first. Commands stand on lines of their own, unwrapped, to be copied.

    Of causes less likely than `least` (the first aside), the last line only says which they are.
    """
    shown = [one for number, one in enumerate(found) if number == 0 or one.likelihood >= least]
    rest = ", ".join(f"{one.cause} ({percent(one.likelihood)} %)" for one in found if one not in shown)
    more = (Paragraph(f"Less likely: {rest}. All of it: --all"),) * bool(rest)
    count = (Paragraph(f"{len(shown)} possible causes, most likely first"),) * (len(shown) > 1)
    return as_text(Document((*count, *(in_text(number, one) for number, one in enumerate(shown, 1)), *more)), width)


def in_text(number: int, one: Explanation) -> Section:
    """One cause as text, with its number."""
    below: tuple[Block, ...]
    if is_unknown(one):
        below = (Paragraph(one.why), *_to_do(one), *_evidence(one))
    else:
        lesson = (Paragraph(f"Lesson {one.lesson} shows it: smtplab lab"),) * bool(one.lesson)
        below = (Paragraph(one.title), Paragraph(f"Why: {one.why}"), *_evidence(one), *_to_do(one), *lesson)
    return Section(f"{number}. {heading(one)}", below, indent=3)


# --- HTML ---


def causes(text: str, found: Sequence[Explanation]) -> str:
    """A cleaned text and its causes on one page with its style, without buttons."""
    return STYLE + marked(text, found) + "".join(cause(number, one) for number, one in enumerate(found, 1))


def marked(text: str, found: Sequence[Explanation]) -> str:
    """A cleaned text as HTML, the phrases that decided marked with the numbers of their causes in `found`."""
    if not text.strip():
        return ""
    spans = [(start, min(end, len(text)), number) for number, one in enumerate(found, 1)
             for start, end in one.marks if 0 <= start < min(end, len(text))]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    parts: list[Inline] = []
    for start, end in zip(edges, edges[1:], strict=False):
        numbers = sorted({number for s, e, number in spans if s <= start and end <= e})
        piece = text[start:end]
        parts.append(Mark(piece, ",".join(map(str, numbers))) if numbers else piece)
    remarks = ["Secrets are left out."] * ("(secret)" in text)
    remarks += ["What decided is marked with the number of its cause."] * bool(spans)
    remark = (Paragraph(Small(" ".join(remarks))),) * bool(remarks)
    return _page(Section("What was looked at", (*remark, Listing(tuple(parts), label="the text that was looked at"))))


def cause(number: int, one: Explanation, lesson_file: str | None = None) -> str:
    """One cause: how likely, in words, percent and a bar; why; what would settle it; fixes; the lesson.

    The first is open; of the others one sees how likely and why, and opens the rest.
    `lesson_file` is the lesson's notebook beside the one that is open, or None if there is none.
    """
    if is_unknown(one):
        return _page(Group((Paragraph(Strong(one.title)), Paragraph(one.why)), Tone.DOUBT), *_to_do(one),
                     *_evidence(one))
    share = percent(one.likelihood)
    says = Group((Paragraph((Strong(f"{number}. {one.cause}"), f": {one.title}")),
                  Paragraph((Bar(share), Strong(in_words(one.likelihood)), f", {share} %")),
                  Paragraph(one.why)), Tone.BAD if number == 1 else Tone.DOUBT)
    lesson = f"Lesson {one.lesson}"
    link = (Paragraph((Link(lesson, lesson_file) if lesson_file else lesson, " shows it.")),) * bool(one.lesson)
    more = (*_evidence(one), *_to_do(one), *link)
    return _page(says, *more) if number == 1 else _page(says, Details("What would settle it, and what to do", more))


def reproduced_by(what: object, why_not: str) -> str:
    """What a cause's button dials, or why the lab can't make this cause (`what` is None)."""
    return _page(Paragraph(f"The lab can't make this: {why_not}" if what is None else f"It dials: {what}."))


def _page(*blocks: Block) -> str:
    return as_html(Document(blocks))


# --- in both ---


def _evidence(one: Explanation) -> tuple[Block, ...]:
    words, commands = evidence(one)
    return (Section("What would settle it", (*map(Paragraph, words), *map(ToCopy, commands))),) * bool(words)


def _to_do(one: Explanation) -> tuple[Block, ...]:
    head = "What to collect" if is_unknown(one) else "Fixes"
    return (Section(head, (Bullets(one.fixes),)),) * bool(one.fixes)
