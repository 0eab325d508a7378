"""Perform, capture and explain mail connections: plain, STARTTLS and implicit TLS.

Data flows one way: bytes, events, trace, diagnosis, picture. There are three rings; each imports only what is inside.

    faces        notebooks/ show/ course/ room/ testing/ recorded/ commands/ cli  jupyter_launcher
      knowledge  messages/ (errors)  settings/ (mailers')  packets/ (captures): none knows another; question/ asks all
        core     performs, captures and explains a handshake; one exception: packets/, where a capture is asked for

Read the core in this order; each file stands on those before it:

    records               TLS record headers, and alerts
    smtp                  replies, commands, EHLO keywords
    events                what happens on a connection, as frozen values
    conversation          both streams read as one dialogue, with s_client's count
    causes                the closed list of causes, and what there is to say about each
    trace_data            what was seen of one connection
    diagnosis, words      from that to its cause; the cause in words about these very bytes
    timeline, report      the transcript: bytes cut where a reader would cut them
    trace                 `Trace`: the data, explained
    lab/recorder, lab/tls what both sides write into; TLS in memory, with exact counters
    lab/recorded_socket, lab/connect, lab/certificates, lab/client    `dial`: Python's smtplib on a recorded socket
    lab/server_connection, lab/mail, lab/server                       `serve`: aiosmtpd behind a recording listener

Asked by these: address, escape, limits, blanking, tls_refusals, certificate, failures, doubts, asides, recording,
shown, literals; keylog, options, own_files, shelf, backlog, services, stalls, bad_certificates, reach, login in lab/.
Beside them: verdict (OpenSSL's checks), between (what a relay can know), json_form and trace_document (JSON), the rest
of lab/ (probe, relay, ...). Importing this package loads none of them: a name below brings its module when asked for;
in a browser, which can't serve or dial, that of recorded/.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

__version__: str  # read from the installed package's metadata when it is first asked for

if TYPE_CHECKING:  # the same names, for who reads the package without running it
    from .between import confirm
    from .causes import Cause
    from .events import Event, Mode
    from .lab.client import dial
    from .lab.matrix import matrix
    from .lab.port_report import PortReport, Speaks
    from .lab.probe import probe
    from .lab.relay import Relay, relay
    from .lab.server import KINDS, Server, serve
    from .messages import Explanation
    from .question import explain
    from .schemas import json_schema
    from .settings import SettingsReport, read_settings, translate
    from .trace import Trace
    from .verdict import Verdict, judge
    from .words import Diagnosis

__all__ = ["KINDS", "Cause", "Diagnosis", "Event", "Explanation", "Mode", "PortReport", "Relay", "Server",
           "SettingsReport", "Speaks", "Trace", "Verdict", "confirm", "dial", "explain", "json_schema", "judge",
           "matrix", "probe", "read_settings", "relay", "serve", "translate"]
_WHERE = {"Cause": "causes", "confirm": "between", "dial": "lab.client", "matrix": "lab.matrix",
          "probe": "lab.probe", **dict.fromkeys(("PortReport", "Speaks"), "lab.port_report"), "Trace": "trace",
          **dict.fromkeys(("Relay", "relay"), "lab.relay"), **dict.fromkeys(("Event", "Mode"), "events"),
          **dict.fromkeys(("KINDS", "Server", "serve"), "lab.server"), **dict.fromkeys(("Verdict", "judge"), "verdict"),
          **dict.fromkeys(("SettingsReport", "read_settings", "translate"), "settings"), "json_schema": "schemas",
          "__version__": "version", "Diagnosis": "words", "Explanation": "messages", "explain": "question"}
_IN_A_BROWSER = dict.fromkeys(("dial", "matrix", "probe", "relay", "serve"), "recorded.lab")


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    where = (_IN_A_BROWSER if sys.platform == "emscripten" else {}).get(name, _WHERE[name])
    return globals().setdefault(name, getattr(importlib.import_module(f".{where}", __name__), name))


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
