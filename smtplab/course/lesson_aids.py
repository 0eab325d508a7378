"""What a lesson shows beside its figures: the table of mail ports, a help box for a step that needs this machine, and a
name whose first address is black-holed.

The "Didn't happen for you?" box is `doctor`'s examination, reduced to what the step needs: closed if all of that
works, open if something is missing.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ..lab.doctor import examine
from ..lab.two_addresses import two_addresses as two_addresses
from ..show.document import Bullets, Details, Document, as_text, mimebundle
from ..show.text import table
from .exercises import DisplayStr

# IANA's service name registry; RFC 8314 sections 3.3 and 7.3 for 465, RFC 6409 for 587, RFC 3207 for STARTTLS.
_EXPLICIT = "plain text, then STARTTLS if the EHLO reply lists it"
PORTS = (
    (25, "smtp", "also from server to server", _EXPLICIT, "RFC 5321, 3207"),
    (587, "submission", "from a user's program to a server", _EXPLICIT, "RFC 6409, 3207"),
    (465, "submissions (also: smtps, ssmtp)", "from a user's program to a server", "TLS from the first byte (implicit)",
     "RFC 8314"),
)
_AGAIN = "Run all cells from the top: Kernel > Restart Kernel and Run All Cells."
_TEXT = "If you see text where others see a picture, widgets are off here; the text says the same."


def ports() -> DisplayStr:
    """A table: port, service names, who uses it, how it begins, and the RFC."""
    return DisplayStr(table([("port", "service", "mail goes", "begins with", "said in"),
                             *[(f"{port}/tcp", *rest) for port, *rest in PORTS]]))


@dataclass(frozen=True)
class HelpBox:
    """What was found on this machine; `works` is False if something that the step needs is missing."""

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
    """The box for a step that needs the lab and the programs `needs`, named as `smtplab doctor` names them."""
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
