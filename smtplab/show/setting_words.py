"""`meanings`: what the words "TLS", "SSL" and the like begin in each framework, as a table, worked out by the rules."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from .. import settings
from .document import Block, Code, Document, Paragraph, Table, as_text, mimebundle

HEAD = ("framework", "what is set", "the mode it gives on 587")


@dataclass(frozen=True)
class Meanings:
    """Rows of (framework's title, the words as they are set, mode), those with `contains` in them."""

    contains: str
    rows: tuple[tuple[str, str, str], ...]

    def heading(self) -> str:
        """How many there are, and how many of them give which mode."""
        about = f" with {self.contains!r} in them" if self.contains else ""
        counted = ", ".join(f"{mode} {count}" for mode, count in Counter(row[2] for row in self.rows).most_common())
        return f"{len(self.rows)} settings{about}{f': {counted}' if counted else ''}."

    def document(self) -> Document:
        """The heading, and a table of the rows."""
        heading = self.heading()
        shown: tuple[Block, ...] = (Paragraph(heading, status=True),)
        if self.rows:
            rows = tuple((title, Code(words), mode) for title, words, mode in self.rows)
            shown += (Table(HEAD, rows, label=heading, narrow=(2,)),)
        return Document(shown)

    def __str__(self) -> str:
        return as_text(self.document(), None)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return mimebundle(self.document())


def meanings(contains: str = "") -> Meanings:
    """What each framework's words for TLS begin on port 587: all of them, or those with this text in the words.

    Case doesn't matter; STARTTLS and START_TLS are words of their own, and not found as "tls".
    """
    sought = re.compile(rf"(?<!start)(?<!start_){re.escape(contains)}", re.IGNORECASE)
    return Meanings(contains, tuple((framework.title, words, str(mode)) for framework, words, mode
                                    in settings.meanings() if sought.search(words)))
