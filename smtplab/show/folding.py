"""`folded`: a long text, of which only the lines that matter are shown; the whole is one click away.

In HTML the marked lines stand above a box that opens on all of it. In text they stand alone, with a line that says how
many were left out and how to see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .document import Block, Details, Document, Either, Listing, Paragraph, Small, as_text, mimebundle

GAP = "..."


def marked_lines(lines: Sequence[str], mark: Iterable[str]) -> list[str]:
    """The lines that hold one of the texts in `mark`, in order, with `GAP` where others were left out between them."""
    words = tuple(mark)
    out: list[str] = []
    left_out = False
    for line in lines:
        if any(word in line for word in words):
            if left_out and out:
                out.append(GAP)
            out.append(line)
            left_out = False
        else:
            left_out = True
    return out


def fold(lines: Sequence[str], mark: Iterable[str], label: str) -> tuple[Block, ...]:
    """Blocks for a document: the marked lines, and all of them folded; all openly if none is marked."""
    shown = marked_lines(lines, mark)
    if not shown or len(shown) >= len(lines):
        return (Listing("\n".join(lines), label=label),)
    whole = Details(f"All {len(lines)} lines", (Listing("\n".join(lines), label=f"{label}, whole"),))
    rest = len(lines) - sum(line != GAP for line in shown)
    return (Listing("\n".join(shown), label=label),
            Either(text=(Paragraph(Small(f"[{rest} of {len(lines)} lines folded]")),), html=(whole,)))


class Folded:
    """A text and what of it is shown; `whole` has all of it."""

    def __init__(self, whole: str, mark: tuple[str, ...]) -> None:
        self.whole, self._mark = whole, mark

    def document(self) -> Document:
        """The lines that matter, and the whole, folded."""
        return Document((*fold(self.whole.splitlines(), self._mark, "the lines that matter"),))

    def __str__(self) -> str:
        return as_text(self.document(), None)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return mimebundle(self.document())


def folded(what: object, *, mark: str | Iterable[str]) -> Folded:
    """The text of `what`, a trace for instance, folded round the lines that hold one of the texts in `mark`."""
    return Folded(str(what), (mark,) if isinstance(mark, str) else tuple(mark))
