"""Perform, capture and explain mail connections: plain, STARTTLS and implicit TLS.

Data flows one way: bytes, events, trace, diagnosis, picture. A module imports only from lower
floors, or from lower neighbours on its own.

    6  notebooks/                                   the lessons; they use what stands here, and the faces
                                                    of show and course
    5  cli, commands/, show/, course/,              what people see and do
       jupyter_launcher
    4  lab/                                         the only sockets, threads, ssl and clock
    4  packets/                                     scapy: captures written, read and dissected
    3  diagnosis, words, settings/, messages/       a trace -> its cause; the cause in words; a mailer's settings
                                                    -> what they do; an error text -> its likely causes
    2  trace, causes, conversation                  what happened, as frozen values; two streams as one dialogue
    1  records, verdict, smtp, json_form, escape,   pure readers: TLS record headers, OpenSSL's checks, SMTP lines,
       limits                                       the form of a JSON document; text made harmless for a terminal;
                                                    how much of anything is taken

Only `Trace`'s convenience members reach upward, each inside the method. Importing this package
loads none of these modules: each name below brings its own when it is first asked for. So the lower floors
work without the lab, and the lab without scapy, matplotlib, ipywidgets or anywidget.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__: str  # read from the installed package's metadata when it is first asked for

if TYPE_CHECKING:  # the same names, for who reads the package without running it
    from .causes import Cause
    from .diagnosis import confirm
    from .events import Event, Mode
    from .lab.client import dial
    from .lab.matrix import matrix
    from .lab.probe import PortReport, Speaks, probe
    from .lab.relay import Relay, relay
    from .lab.server import KINDS, Server, serve
    from .messages import Explanation, explain
    from .settings import SettingsReport, read_settings, translate
    from .trace import Trace
    from .verdict import Verdict, judge
    from .words import Diagnosis

__all__ = ["KINDS", "Cause", "Diagnosis", "Event", "Explanation", "Mode", "PortReport", "Relay", "Server",
           "SettingsReport", "Speaks", "Trace", "Verdict", "confirm", "dial", "explain", "judge", "matrix", "probe",
           "read_settings", "relay", "serve", "translate"]
_WHERE = {"Cause": "causes", "confirm": "diagnosis", "dial": "lab.client", "matrix": "lab.matrix",
          **dict.fromkeys(("PortReport", "Speaks", "probe"), "lab.probe"),
          **dict.fromkeys(("Relay", "relay"), "lab.relay"),
          **dict.fromkeys(("KINDS", "Server", "serve"), "lab.server"),
          **dict.fromkeys(("Explanation", "explain"), "messages"),
          **dict.fromkeys(("SettingsReport", "read_settings", "translate"), "settings"),
          "__version__": "version", "Diagnosis": "words", "Trace": "trace",
          **dict.fromkeys(("Event", "Mode"), "events"),
          **dict.fromkeys(("Verdict", "judge"), "verdict")}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
