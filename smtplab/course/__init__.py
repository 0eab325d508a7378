"""What lessons are made of: exercises that check themselves, a help box, commands run in a terminal."""

from __future__ import annotations

import importlib

_WHERE = {"check": "cards", "hint": "cards", "progress": "cards", "reset": "cards", "didnt_happen": "help_box",
          "in_terminal": "terminal", "ports": "port_table"}
__all__ = ["check", "didnt_happen", "hint", "in_terminal", "ports", "progress", "reset"]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
