"""A seat's own server: JupyterHub's, started without what costs seconds, and ended with its room.

    python -m smtplab.room.seat_server
"""

from __future__ import annotations

import os
import signal
import sys
import threading

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]


def leave_out_slow_imports() -> None:
    """Keep jsonschema from loading `rfc3987_syntax`: it takes two seconds of CPU at each start, and checks a format of
    addresses that no event of Jupyter's has."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # what Python takes for "is not there"


def end_with(lock_file: str | None) -> None:
    """End this process when the room's does, even if that is killed: then its lock on this file goes."""
    if not lock_file or fcntl is None:
        return

    def wait() -> None:
        try:
            with open(lock_file, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
        except FileNotFoundError:  # gone already
            pass
        except OSError:  # a system without such locks
            return
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="smtplab-room-end").start()


def main() -> None:
    """Start JupyterHub's single-user server in this process."""
    leave_out_slow_imports()
    end_with(os.environ.pop("SMTPLAB_ROOM_LOCK", None))
    from jupyterhub.singleuser import main as serve
    serve()


if __name__ == "__main__":
    main()
