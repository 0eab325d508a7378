"""What lessons are made of: exercises that check themselves, a help box, a terminal's commands, mystery servers."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the same names, for tools that read the package without running it
    from .cards import check, hint
    from .lesson_aids import didnt_happen, look_and_leave, ports, providers, two_addresses
    from .mysteries.board import mystery
    from .mysteries.draw import mystery_key
    from .progress_store import progress, reset
    from .quiz_form import quiz, quiz_key
    from .terminal import in_terminal

__all__ = ["check", "didnt_happen", "hint", "in_terminal", "look_and_leave", "mystery", "mystery_key", "ports",
           "progress", "providers", "quiz", "quiz_key", "reset", "two_addresses"]
# No module here may have one of these names: once imported, it would take the function's place in the package.
_WHERE = {"check": "cards", "hint": "cards", "progress": "progress_store", "reset": "progress_store",
          "didnt_happen": "lesson_aids", "ports": "lesson_aids", "providers": "lesson_aids",
          "two_addresses": "lesson_aids", "look_and_leave": "lesson_aids", "in_terminal": "terminal",
          "quiz": "quiz_form", "quiz_key": "quiz_form", "mystery": "mysteries.board", "mystery_key": "mysteries.draw"}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
