"""A lesson in all the seats of a room at once, through the hub and its proxy, as browsers do it: the check for the day
before.

Every seat is started, gets a kernel, and runs the lesson's cells in order over a websocket. What is measured is when
each seat was ready, how long the lesson took, which cells failed, and the memory that the seats' processes take.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from ..course.exercises import safe_str
from .configuration import REHEARSAL_TOKEN
from .plan import Room
from .processes import Memory, marked, memory, memory_available_mib

READY_S, CELL_S = 300.0, 300.0


@dataclass
class Seat:
    """How one seat fared. `failures` names cells and errors; `kernel_s` is when its kernel answered."""

    name: str
    ready_s: float | None = None
    kernel_s: float | None = None
    lesson_s: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    memory: Memory = Memory(0, 0.0, 0.0)


class Rehearsal:
    """Runs lessons in a room that is up; `listener` is called with each seat that gets further."""

    def __init__(self, room: Room, listener: Callable[[str], None] = lambda words: None) -> None:
        self.room, self.listener = room, listener
        self.token = (room.folder / REHEARSAL_TOKEN).read_text(encoding="utf-8").strip()
        self.base = room.local_url
        self.seats = [Seat(name) for name in room.names]
        self.available_mib: float | None = None  # what the machine could give while all kernels ran

    async def run(self, lessons: Sequence[Path]) -> list[Seat]:
        """All the lessons in all the seats: each lesson begins when all seats are done with the one before."""
        import nbformat
        AsyncHTTPClient.configure(None, max_clients=4 * len(self.seats) + 10)
        await asyncio.gather(*map(self._start, self.seats))
        for path in lessons:
            notebook = nbformat.read(path, as_version=4)
            cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
            begun = [seat for seat in self.seats if seat.ready_s is not None]
            sessions = await asyncio.gather(*(self._lesson(seat, path.name, cells) for seat in begun))
            for seat in begun:  # while all the kernels are there
                folder = self.room.seats_folder / seat.name / "data"
                found = memory(marked(f"SMTPLAB_SEAT={folder}"))
                seat.memory = max(seat.memory, found, key=lambda one: one.pss_mib)
            self.available_mib = memory_available_mib()
            await asyncio.gather(*(self._close(seat, session) for seat, session in zip(begun, sessions, strict=True)))
        return self.seats

    async def _ask(self, method: str, path: str, body: object = None, timeout_s: float = 60) -> Any:
        answer = await AsyncHTTPClient().fetch(HTTPRequest(
            f"{self.base}{path}", method=method, headers={"Authorization": f"token {self.token}"},
            body=json.dumps(body) if body is not None else b"" if method == "POST" else None,
            validate_cert=False, request_timeout=timeout_s, connect_timeout=timeout_s))  # it is our own server
        return json.loads(answer.body) if answer.body else None

    async def _start(self, seat: Seat) -> None:
        start = time.monotonic()
        try:
            await self._ask("POST", f"/hub/api/users/{seat.name}/server", timeout_s=READY_S)
            while time.monotonic() - start < READY_S:
                servers = (await self._ask("GET", f"/hub/api/users/{seat.name}"))["servers"]
                if servers.get("", {}).get("ready"):
                    seat.ready_s = time.monotonic() - start
                    self.listener(f"{seat.name} is ready")
                    return
                if not servers:
                    break
                await asyncio.sleep(0.5)
            seat.failures.append(f"not ready after {time.monotonic() - start:.0f} s")
        except (HTTPClientError, OSError, ValueError, KeyError) as exc:
            seat.failures.append(f"not started: {type(exc).__name__}: {safe_str(exc)}")

    async def _lesson(self, seat: Seat, name: str, cells: Sequence[Any]) -> str | None:
        """Run a lesson's cells, and leave its kernel. Returns its session's id, if there is one."""
        start, session = time.monotonic(), None
        try:
            session = await self._ask("POST", f"/user/{seat.name}/api/sessions", {
                "name": name, "path": name, "type": "notebook", "kernel": {"name": "python3"}}, timeout_s=READY_S)
            kernel = session["kernel"]["id"]
            address = f"{self.base.replace('http', 'ws', 1)}/user/{seat.name}/api/kernels/{kernel}/channels"
            socket = await websocket_connect(HTTPRequest(
                address, headers={"Authorization": f"token {self.token}"}, validate_cert=False,
                connect_timeout=READY_S, request_timeout=READY_S), max_message_size=100_000_000)
            try:
                for number, cell in enumerate(cells, 1):
                    error = await asyncio.wait_for(_execute(socket, cell.source), CELL_S)
                    if number == 1 and seat.kernel_s is None:
                        seat.kernel_s = time.monotonic() - start
                    if error and "raises-exception" not in cell.metadata.get("tags", ()):
                        seat.failures.append(f"{name}, cell {number} ({cell.get('id', '')}): {safe_str(error)}")
                        break  # as Run All does
                seat.lesson_s[name] = time.monotonic() - start
            finally:
                socket.close()
        except (HTTPClientError, OSError, ValueError, KeyError, TimeoutError, ConnectionError) as exc:
            seat.failures.append(f"{name}: {type(exc).__name__}: {safe_str(exc)}")
        self.listener(f"{seat.name} has run {name}")
        return session and session["id"]

    async def _close(self, seat: Seat, session: str | None) -> None:
        if session:
            try:
                await self._ask("DELETE", f"/user/{seat.name}/api/sessions/{session}", timeout_s=READY_S)
            except (HTTPClientError, OSError) as exc:
                seat.failures.append(f"its kernel did not end: {safe_str(exc)}")


async def _execute(socket: Any, source: str) -> str | None:
    """Run one cell, as Jupyter's messaging says it. Returns its error or None; raises ConnectionError if the websocket
    ends."""
    message = uuid.uuid4().hex
    await socket.write_message(json.dumps({
        "header": {"msg_id": message, "msg_type": "execute_request", "username": "", "session": message,
                   "version": "5.3", "date": ""},
        "parent_header": {}, "metadata": {}, "buffers": [], "channel": "shell",
        "content": {"code": source, "silent": False, "store_history": True, "user_expressions": {},
                    "allow_stdin": False, "stop_on_error": True}}))
    error, replied, idle = None, False, False
    while not (replied and idle):
        data = await socket.read_message()
        if data is None:
            raise ConnectionError("the websocket ended")
        if isinstance(data, bytes):
            continue  # a widget's buffers
        found = json.loads(data)
        if found["parent_header"].get("msg_id") != message:
            continue
        kind, content = found["header"]["msg_type"], found["content"]
        if kind == "execute_reply":
            replied = True
            if content["status"] != "ok":
                error = f"{content.get('ename', content['status'])}: {content.get('evalue', '')}"
        idle = idle or (kind == "status" and content["execution_state"] == "idle")
    return error


def first_median_last(values: Sequence[float]) -> str:
    """Three figures of a list, such as "9.0, 31.2 and 54.1"; "none" for an empty one."""
    if not values:
        return "none"
    return f"{min(values):.1f}, {statistics.median(values):.1f} and {max(values):.1f}"


def report(seats: Sequence[Seat]) -> list[str]:
    """What came of it, a line each."""
    ready = [seat.ready_s for seat in seats if seat.ready_s is not None]
    lines = [f"{len(ready)} of {len(seats)} seats were ready: first, median and last after "
             f"{first_median_last(ready)} s"]
    for name in dict.fromkeys(name for seat in seats for name in seat.lesson_s):
        took = [seat.lesson_s[name] for seat in seats if name in seat.lesson_s]
        lines.append(f"{name}: {first_median_last(took)} s with the kernel's start, in {len(took)} seats")
    used = [seat.memory.pss_mib for seat in seats if seat.memory.processes]
    if used:
        lines.append(f"memory of a seat (PSS): least, median and most {first_median_last(used)} MiB; together "
                     f"{sum(used):.0f} MiB")
    failed = [seat for seat in seats if seat.failures]
    lines.append(f"seats with errors: {len(failed)}")
    lines += [f"    {seat.name}: {words}" for seat in failed for words in seat.failures]
    return lines
