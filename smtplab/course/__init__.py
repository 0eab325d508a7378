"""What lessons are made of: exercises that check themselves, a help box, a terminal's commands, mystery servers."""

from __future__ import annotations

import importlib

_WHERE = {"check": "cards", "hint": "cards", "progress": "cards", "reset": "cards", "didnt_happen": "help_box",
          "in_terminal": "terminal", "ports": "port_table", "quiz": "quiz_form", "quiz_key": "quiz_form",
          "mystery": "mystery_round", "mystery_key": "mystery_trainer"}
__all__ = ["check", "didnt_happen", "hint", "in_terminal", "mystery", "mystery_key", "ports", "progress", "quiz",
           "quiz_key", "reset"]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
