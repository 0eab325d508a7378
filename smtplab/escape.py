"""What comes from the wire or from somebody's file, made harmless for a terminal.

HTML has `html.escape`, JSON its own ASCII; a terminal obeys control characters, and this is the one place that takes
them out of a text on its way there: `printable` for text of any source, `show_bytes` for bytes.
"""

from __future__ import annotations

from typing import NewType

Printable = NewType("Printable", str)  # a text that has passed here; where it is due, a peer's own text does not fit


def show_bytes(data: bytes, most: int = 60) -> Printable:
    """Bytes as text on one line: printable ASCII as it is, all else as \\xNN."""
    text = "".join(chr(b) if 32 <= b < 127 and b != 0x5C else
                   {13: "\\r", 10: "\\n", 0x5C: "\\\\"}.get(b, f"\\x{b:02x}") for b in data[:most])
    return Printable(text + ("..." if len(data) > most else ""))


def printable(text: str) -> Printable:
    """The same text, with all that is no letter, mark, blank or tab on a line as an escape (`\\x1b`, `\\u202e`).

    Every text for a terminal passes it, whatever its parts are from: nothing in it then acts on the terminal."""
    return Printable(text if text.isascii() and text.isprintable() else "".join(
        c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text))
