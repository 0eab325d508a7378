"""The "didn't happen for you?" box: what a live step needs, tried on this machine.

It is `doctor`'s examination, reduced to the step: closed where all is well, open where something is not.
"""

from __future__ import annotations

import functools
import html
from dataclasses import dataclass

from ..lab.doctor import examine

_AGAIN = "Run all cells from the top: Kernel > Restart Kernel and Run All Cells."
_TEXT = "If you see text where others see a picture, widgets are off here; the text says the same."


@dataclass(frozen=True)
class HelpBox:
    """What was found: `works` is False if something that the step needs is missing."""

    works: bool
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(["Didn't happen for you?", *(f"  - {line}" for line in self.lines)])

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        items = "".join(f"<li>{html.escape(line)}</li>" for line in self.lines)
        page = (f'<details{"" if self.works else " open"} style="border:1px solid var(--jp-border-color1,#888);'
                'border-radius:4px;padding:4px 10px;max-width:60em;line-height:1.5">'
                f"<summary>Didn't happen for you?</summary><ul style='margin:4px 0'>{items}</ul></details>")
        return {"text/plain": str(self), "text/html": page}


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
