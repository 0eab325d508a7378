"""Perform, capture and explain mail connections: plain, STARTTLS and implicit TLS.

Data flows one way: bytes, events, trace, diagnosis, picture. A module imports only from lower
floors, or from lower neighbours on its own.

    6  notebooks/                        the lessons; they use what stands here, and the faces of show and course
    5  cli, workbench, show/, course/    what people see and do
    4  lab/                              the only sockets, threads, ssl and clock
    3  diagnosis, words                  a trace -> its cause, and the cause in words
    2  trace, causes, conversation       what happened, as frozen values; two streams as one dialogue
    1  records, verdict, smtp            pure readers: TLS record headers, OpenSSL's checks, SMTP lines

Only `Trace`'s convenience members reach upward, each inside the method. Importing this package
loads no scapy, matplotlib, ipywidgets or anywidget.
"""

from .causes import Cause
from .diagnosis import confirm
from .lab.client import dial
from .lab.matrix import matrix
from .lab.probe import PortReport, Speaks, probe
from .lab.server import KINDS, Server, serve
from .trace import Diagnosis, Event, Mode, Trace
from .verdict import Verdict, judge

__all__ = ["KINDS", "Cause", "Diagnosis", "Event", "Mode", "PortReport", "Server", "Speaks", "Trace", "Verdict",
           "confirm", "dial", "judge", "matrix", "probe", "serve"]
