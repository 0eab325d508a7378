"""What a browser's Python lacks, said where a cell imports it."""

from __future__ import annotations

import importlib.abc
import sys
from collections.abc import Sequence

ABSENT = ("aiosmtpd", "cryptography", "matplotlib", "scapy", "trustme")


class Absent(importlib.abc.MetaPathFinder):
    """The last of all finders: what comes to it was found by none."""

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: object = None) -> None:
        """Raises ModuleNotFoundError with a sentence for those that smtplab otherwise brings; None for others."""
        if fullname in ABSENT:
            raise ModuleNotFoundError(f"{fullname} is not in the browser's Python, so that this can't be shown here: "
                                      "install smtplab to do it.", name=fullname)


def say_what_is_absent() -> None:
    """From now on in this process."""
    if not any(isinstance(finder, Absent) for finder in sys.meta_path):
        sys.meta_path.append(Absent())
