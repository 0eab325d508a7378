"""A page of HTML as a browser reads it: for tests of what is in it."""

import html.parser
import re

VOID = {"br", "col", "hr", "img", "input"}  # elements without an end


class Page(html.parser.HTMLParser):
    """The tags, attributes and text of a page. AssertionError where an end tag is not that of the last start tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.pieces: list[tuple[str, str]] = []  # (the element, its text)
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.pieces.append((self.open[-1] if self.open else "", data))

    @property
    def text(self) -> str:
        """All text of the page but its style, as it is."""
        return "".join(data for tag, data in self.pieces if tag != "style")

    @property
    def words(self) -> str:
        """All text of the page on one line, with single blanks."""
        spaced = " ".join(" ".join(data for tag, data in self.pieces if tag != "style").split())
        return re.sub(r" (?=[.:,])", "", spaced)

    @property
    def handlers(self) -> set[str]:
        """Attributes that would run a script."""
        return {name for name, _ in self.attributes if name.startswith("on")}
