"""The version of a program that a paste names: in words, in the paths of a stack trace, in a list of packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..settings import Framework

LOOKED_AT = 200_000  # characters of a paste in which a version is looked for
_NUMBER = r"(\d{1,2}\.\d{1,3}(?:\.\d{1,3}){0,2})(?![\d.]*\.\d)"  # no address, and no number without a dot
# What stands between a name and its version: "mailer (7.1.2)", "nodemailer@6.9.16", "**Laravel Version:** 10.48".
# In "Laravel 10 (10.48.2)" the one in brackets says more.
_BETWEEN = r"(?: \d{1,3} ?(?=\())?(?:['\"`* ]{0,3}(?:version|gem|server)\b)?[\s\"'`*@:=/v~^>(-]{0,5}"


def version_in(text: str, framework: Framework) -> str:
    """The framework's version as `read_settings` takes it; "" if the text names none.

    The program that brings the framework along counts too: "Rails 6.1" for its mail gem.
    """
    text = text[:LOOKED_AT]
    found = [m[0] for pattern in framework.parts.values() for m in [re.search(pattern, text, re.IGNORECASE)]
             if m and re.fullmatch(_NUMBER, m[m.lastindex or 0].rstrip("."))]
    if found:
        return " / ".join(found)
    carrier = [framework.carrier.title] if framework.carrier else []
    for name in (framework.name, *carrier, *framework.aliases, *framework.named_by[:1], framework.title):
        m = re.search(rf"(?<![\w.]){re.escape(name)}{_BETWEEN}{_NUMBER}", text, re.IGNORECASE)
        if m:
            return f"{name} {m[1]}" if name in carrier else m[1]
    return ""
