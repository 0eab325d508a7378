"""What a test needs from this machine: skipped, with the missing thing named, or failed where all must be here.

A machine that should have everything sets SMTPLAB_REQUIRE_REAL=1, so that no test is skipped there unseen.
"""

import importlib.util
import os
import shutil

import pytest

# Debian keeps servers where an ordinary user's PATH doesn't look.
_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


def need(*programs: str) -> list[str]:
    """The paths of these real programs, in order. "a|b" is met by either; the first found is taken."""
    found = {p: next(filter(None, (shutil.which(name, path=_PATH) for name in p.split("|"))), None) for p in programs}
    _absent([p.replace("|", " or ") for p, path in found.items() if path is None])
    return list(found.values())


def need_module(*modules: str) -> None:
    """These Python modules can be imported (they aren't, here)."""
    _absent([f"Python's {name}" for name in modules if importlib.util.find_spec(name) is None])


def _absent(missing: list[str]) -> None:
    if not missing:
        return
    text = f"not here: {', '.join(missing)}"
    if os.environ.get("SMTPLAB_REQUIRE_REAL") == "1":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)
