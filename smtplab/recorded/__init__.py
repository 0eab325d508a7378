"""The recorded lab: where no server can begin, `serve`, `dial` and `probe` show recorded runs, and say so each time.

A ring around the core, which knows nothing of it: `runs` reads the file of real runs and finds the one that was asked
for, `lab` stands in for the lab, `choice` performs or looks up for all that show or teach. In a browser
(Pyodide: no TLS, no threads, no sockets) the recordings are in use from the start; elsewhere only after
`use_recordings()`.
"""

from .choice import use_recordings
from .state import in_use

__all__ = ["in_use", "use_recordings"]
