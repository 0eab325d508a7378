"""The "didn't happen for you?" box: whether this machine has what a live step of a lesson needs.

It shows what `smtplab doctor` finds, as far as the step needs it: closed where all works, open where something fails.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ..lab.doctor import examine
from ..show.document import Bullets, Details, Document, as_text, mimebundle

_AGAIN = "Run all cells from the top: Kernel > Restart Kernel and Run All Cells."
_TEXT = "If you see text where others see a picture, widgets are off here; the text says the same."


@dataclass(frozen=True)
class HelpBox:
    """What was found: `works` is False if something that the step needs is missing."""

    works: bool
    lines: tuple[str, ...]

    def document(self) -> Document:
        """The box, open unless all works."""
        found = Bullets(self.lines)
        return Document((Details("Didn't happen for you?", (found,), open=not self.works, framed=True),))

    def __str__(self) -> str:
        return as_text(self.document(), None)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return mimebundle(self.document())


_examined = functools.cache(examine)  # once a kernel: it dials for about half a second


def didnt_happen(*needs: str) -> HelpBox:
    """The box for a step that needs the lab itself, and these programs (names as `smtplab doctor` shows them)."""
    found = _examined()
    lines, works = [], True
    for what, ok in found["self_test"].items():
        if not ok:
            works = False
            lines.append(f"On this machine the lab's own test fails: {what}. A program that watches connections "
                         "(antivirus, a firewall) may be in between; smtplab doctor shows the rest.")
    if works:
        lines.append("The lab's own test works on this machine: " + "; ".join(found["self_test"]) + ".")
    for name in needs:
        if found["tools"].get(name):
            lines.append(f"{name} is here: {found['tools'][name]}.")
        else:
            works = False
            lines.append(f"{name} is not installed here, so that its own output can't be shown. "
                         "All else in this lesson works without it.")
    versions = found["versions"]
    lines.append(f"Python {versions['python']} with {versions['openssl']}: other versions word errors otherwise; "
                 "the bytes are the same.")
    return HelpBox(works, (*lines, _AGAIN, _TEXT))
