"""For the tests of an app that sends mail: a lab server as the app's settings, and whether the app did what it must.

`AppServer` is a server with the settings that lead to it; its `expect` waits for what the server saw and raises an
`ExpectationFailed` that tells it. `check` runs an app's sending function against the right server, and against the
wrong ones that matter in its mode. The fixture `smtplab_server` of `pytest_plugin` brings both to pytest, which loads
that in every run: so nothing is loaded here until a name is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the same names, for tools that read the package without running it
    from .app_server import AppServer, Config, cause_of
    from .expectation import Expectation, ExpectationFailed
    from .survey import RIGHT, WRONG, Outcome, Survey, check

__all__ = ["RIGHT", "WRONG", "AppServer", "Config", "Expectation", "ExpectationFailed", "Outcome", "Survey", "cause_of",
           "check"]
_WHERE = {**dict.fromkeys(("AppServer", "Config", "cause_of"), "app_server"),
          **dict.fromkeys(("Expectation", "ExpectationFailed"), "expectation"),
          **dict.fromkeys(("RIGHT", "WRONG", "Outcome", "Survey", "check"), "survey")}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
