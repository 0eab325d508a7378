"""`meanings`: what the words "TLS", "SSL" and the like begin in each framework, as a table, worked out by the rules."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass

from .. import settings
from ..escape import printable

HEAD = ("framework", "what is set", "the mode it gives on 587")
_BOX = ("max-height:24em;overflow:auto;max-width:60em;border:1px solid var(--jp-border-color2,#ccc);border-radius:4px;"
        "color:var(--jp-content-font-color1,#1a1a1a);background:var(--jp-layout-color1,#fff)")
_CELL = ("padding:3px 8px;text-align:left;vertical-align:top;white-space:normal;overflow-wrap:anywhere;max-width:none;"
         "border-bottom:1px solid var(--jp-border-color2,#ccc)")
_HEAD = f"{_CELL};position:sticky;top:0;background:var(--jp-layout-color2,#eee)"


@dataclass(frozen=True)
class Meanings:
    """Rows of (framework's title, the words as they are set, mode), those with `contains` in them."""

    contains: str
    rows: tuple[tuple[str, str, str], ...]

    def heading(self) -> str:
        """How many there are, and how many of them give which mode."""
        about = f" with {printable(self.contains)!r} in them" if self.contains else ""
        counted = ", ".join(f"{mode} {count}" for mode, count in Counter(row[2] for row in self.rows).most_common())
        return f"{len(self.rows)} settings{about}{f': {counted}' if counted else ''}."

    def text(self) -> str:
        """The heading, and a line for each."""
        if not self.rows:
            return self.heading()
        wide = [max(len(row[i]) for row in (HEAD, *self.rows)) for i in (0, 1)]
        lines = [f"{one:{wide[0]}}  {two:{wide[1]}}  {three}" for one, two, three in (HEAD, *self.rows)]
        return "\n".join([self.heading(), "", *lines])

    def __str__(self) -> str:
        return self.text()

    def html(self) -> str:
        """The same as HTML, the table in a box that scrolls."""
        heading = html.escape(self.heading())
        page = f'<div role="status">{heading}</div>'
        if self.rows:
            head = "".join(f'<th scope="col" style="{_HEAD}">{name}</th>' for name in HEAD)
            body = "".join(f'<tr><td style="{_CELL}">{html.escape(title)}</td><td style="{_CELL}"><code>'
                           f'{html.escape(words)}</code></td><td style="{_CELL};white-space:nowrap">'
                           f"{html.escape(mode)}</td></tr>" for title, words, mode in self.rows)
            page += (f'<div tabindex="0" role="region" aria-label="{heading}" style="{_BOX}"><table '
                     f'style="width:100%;border-collapse:collapse;margin:0"><thead><tr>{head}</tr></thead>'
                     f"<tbody>{body}</tbody></table></div>")
        return (f'<div class="smtplab-meanings" style="color:var(--jp-content-font-color1,#1a1a1a);line-height:1.4">'
                f"{page}</div>")

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        return {"text/plain": self.text(), "text/html": self.html()}


def meanings(contains: str = "") -> Meanings:
    """What each framework's words for TLS begin on port 587: all of them, or those with this text in the words.

    Case doesn't matter; STARTTLS and START_TLS are words of their own, and no "tls".
    """
    sought = re.compile(rf"(?<!start)(?<!start_){re.escape(contains)}", re.IGNORECASE)
    return Meanings(contains, tuple((framework.title, words, str(mode)) for framework, words, mode
                                    in settings.meanings() if sought.search(words)))
