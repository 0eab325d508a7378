"""Makes what comes from the wire or from a file harmless for a terminal, which obeys control characters.

Only this module does: `printable` for text of any source, `show_bytes` for bytes. HTML is escaped by `html.escape`,
and JSON is written as ASCII.
"""

from __future__ import annotations

from typing import NewType

Printable = NewType("Printable", str)  # text from this module; mypy accepts no other where it is due


def show_bytes(data: bytes, most: int = 60) -> Printable:
    """The first `most` bytes as text on one line: printable ASCII as it is, all else as \\xNN."""
    text = "".join(chr(b) if 32 <= b < 127 and b != 0x5C else
                   {13: "\\r", 10: "\\n", 0x5C: "\\\\"}.get(b, f"\\x{b:02x}") for b in data[:most])
    return Printable(text + ("..." if len(data) > most else ""))


def printable(text: str) -> Printable:
    """The same text with every unprintable character but line ends and tabs as an escape (`\\x1b`, `\\u202e`).

    Every text for a terminal goes through it, wherever its parts come from, so that nothing acts on the terminal."""
    return Printable(text if text.isascii() and text.isprintable() else "".join(
        c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text))
