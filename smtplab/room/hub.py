"""Runs JupyterHub on a room's files: starts it, waits until it answers, starts it again if it dies, and ends all of it.

The hub is a child whose stdin is a pipe from here, so that it ends when this process does, even if that is killed; and
the seats' servers end when the lock on the room's folder goes. A hub that was killed finds its seats again: they run
on, and are in its database.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tornado.httpclient import HTTPClient, HTTPClientError

from ..jupyter_launcher import child_program
from .configuration import CONFIG
from .plan import Room
from .processes import adopt_orphans, end_all, marked, reap

READY_S = 60.0
ENDING_S = 8.0  # thirty kernels on two processors would take longer: what still runs then is not asked any more
AGAIN = 5  # starts after the first; a hub that dies as often won't live


class HubFailed(Exception):
    """The hub did not start, or does not stay; the text says what it said last."""


class Hub:
    """A running hub. Use it in a `with` block; at its end nothing of the room runs any more.

    Raises HubFailed if it does not answer in time.
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self.log = room.folder / "hub.log"
        self.mark = f"SMTPLAB_ROOM={room.folder}"
        self._child: subprocess.Popen[bytes] | None = None
        self._again = 0

    def __enter__(self) -> Hub:
        adopt_orphans()
        try:
            self._start()
            self.wait_until_ready()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The hub's process, 0 if there is none."""
        return self._child.pid if self._child else 0

    def _start(self) -> None:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("JUPYTERHUB_", "CONFIGPROXY_", "SMTPLAB_"))}
        # So that the proxy's `#!/usr/bin/env node` finds a node that lies beside it.
        path = os.pathsep.join((environment.get("PATH", os.defpath), str(Path(self.room.proxy).parent)))
        with open(os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-c", child_program("jupyterhub"), "--config", str(self.room.folder / CONFIG)],
                cwd=self.room.folder, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
                env=environment | {"SMTPLAB_ROOM": str(self.room.folder), "PATH": path})

    def wait_until_ready(self, limit_s: float = READY_S) -> None:
        """Wait until the proxy passes requests on to the hub."""
        deadline = time.monotonic() + limit_s
        while not self.answers():
            if self._child is None or self._child.poll() is not None or time.monotonic() > deadline:
                raise HubFailed(f"JupyterHub did not start. It said: {self.last_words()}")
            reap(self.pid)  # the proxy of a hub that was killed: the new one waits until it is gone
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether the hub answers through the proxy."""
        client = HTTPClient()
        try:
            client.fetch(f"{self.room.local_url}/hub/health", validate_cert=False,  # it is our own
                         connect_timeout=2, request_timeout=2)
        except (HTTPClientError, OSError):
            return False
        finally:
            client.close()
        return True

    def last_words(self, lines: int = 12) -> str:
        """The end of the hub's log."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]).strip()
        except OSError:
            return ""

    def watch(self, say: Callable[[str], None] = lambda words: None) -> None:
        """Look once whether the hub lives, and start it again if not. Raises HubFailed if it has died too often."""
        reap(self.pid)
        if self._child is None or self._child.poll() is None:
            return
        if self._again == AGAIN:
            raise HubFailed(f"JupyterHub ended {AGAIN + 1} times. It said: {self.last_words()}")
        self._again += 1
        status, self._child.stdin = self._child.returncode, None
        say(f"JupyterHub ended with status {status}; it is started again, and the seats run on.")
        self._start()
        self.wait_until_ready()

    def end(self) -> None:
        """End the hub, its proxy, the seats and all that was started in them."""
        child = self._child
        try:
            if child is not None and child.poll() is None:
                child.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=ENDING_S)
        finally:
            if child is not None:
                if child.poll() is None:
                    child.kill()
                child.wait()
                if child.stdin:
                    child.stdin.close()
            end_all(self.mark, patience_s=2.0)
            reap()

    def left(self) -> list[int]:
        """The room's processes that still run; none after the end."""
        return marked(self.mark)
