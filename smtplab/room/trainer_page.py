"""The trainer's page: a service of the hub, for the trainer alone.

    python -m smtplab.room.trainer_page FOLDER SEATS_FOLDER SEAT...

JupyterHub starts it with its own address and token in the environment, and asks for the login. The page asks for the
room's state every three seconds; what a seat has noted is read then, and nothing is kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.web import Application, HTTPError, RequestHandler, authenticated

from ..course.mysteries.draw import MOST, mystery_key, seed_text
from . import messages
from .configuration import MESSAGES
from .roster import OFF, READY, STARTING, SeatView, picture, read_seat

HERE = Path(__file__).parent
STOP_S = 60
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " \
         "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class TheRoom:
    """What the page's handlers work on: the seats, their folders, and the hub's interface."""

    def __init__(self, folder: Path, seats_folder: Path, names: list[str], api: str, token: str) -> None:
        self.names, self.seats_folder, self.api, self.token = names, seats_folder, api, token
        self.messages = folder / "shared" / MESSAGES
        self.resets: set[str] = set()
        self.hands_down: dict[str, float] = {}  # seat -> when; in a learner's folder the page writes nothing

    async def ask(self, method: str, path: str) -> Any:
        """The hub's answer. Raises HTTPClientError or OSError."""
        answer = await AsyncHTTPClient().fetch(HTTPRequest(
            f"{self.api}{path}", method=method, headers={"Authorization": f"token {self.token}"},
            body=b"" if method == "POST" else None, request_timeout=30))
        return json.loads(answer.body) if answer.body else None

    async def seats(self) -> list[SeatView]:
        """All the seats as they stand."""
        servers = {user["name"]: user.get("servers") or {} for user in await self.ask("GET", "/users")}
        now = time.time()

        def read() -> list[SeatView]:
            return [read_seat(name, self.seats_folder / name / "data", _state(servers.get(name, {})), now,
                              self.hands_down.get(name, 0)) for name in self.names]
        return await asyncio.to_thread(read)

    async def reset(self, name: str) -> None:
        """Stop the seat, put its notebooks and its progress aside, and start it again."""
        if name in self.resets:
            return
        self.resets.add(name)
        try:
            await self.ask("DELETE", f"/users/{quote(name)}/server")
            deadline = time.monotonic() + STOP_S
            while (await self.ask("GET", f"/users/{quote(name)}")).get("servers"):
                if time.monotonic() > deadline:
                    raise HTTPError(504, reason=f"{name} has not stopped")
                await asyncio.sleep(0.3)
            await asyncio.to_thread(put_aside, self.seats_folder / name)
            await self.ask("POST", f"/users/{quote(name)}/server")
        finally:
            self.resets.discard(name)


def _state(servers: dict[str, Any]) -> str:
    server = servers.get("")
    return OFF if server is None else READY if server.get("ready") else STARTING


def put_aside(seat: Path) -> None:
    """Rename a seat's notebooks and data: nothing of the learner's work is lost. Raises OSError."""
    number = 1
    while any((seat / f"{name}-{number}").exists() for name in ("work", "data")):
        number += 1
    for name in ("work", "data"):
        if (seat / name).is_dir():
            (seat / name).rename(seat / f"{name}-{number}")


class Page(HubOAuthenticated, RequestHandler):
    """The base of all handlers: only the trainer gets in, and no other page may use it or hold it in a frame."""

    room: TheRoom

    def initialize(self, room: TheRoom) -> None:
        """Take the room from the application."""
        self.room = room

    def set_default_headers(self) -> None:
        """What browsers may do with the page."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A line of text."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}")


class Start(Page):
    """The page itself."""

    @authenticated
    async def get(self) -> None:
        """Send it."""
        _ = self.xsrf_token  # sets its cookie
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish((HERE / "trainer_page.html").read_bytes())


class Asset(Page):
    """Its script and its style, which say nothing of the room: a module is asked for without the login's cookie."""

    async def get(self, name: str) -> None:
        """Send one of them."""
        kind = {"js": "text/javascript", "css": "text/css"}[name.rpartition(".")[2]]
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish((HERE / name).read_bytes())


class State(Page):
    """The room as it stands."""

    @authenticated
    async def get(self) -> None:
        """Send the seats, and the messages so far."""
        try:
            seats = await self.room.seats()
        except (HTTPClientError, OSError) as exc:
            raise HTTPError(503, reason="the hub does not answer") from exc
        self.finish({"seats": [seat.to_dict() for seat in seats], "picture": picture(seats),
                     "messages": [words for _, words in messages.read(self.room.messages)][-5:],
                     "resetting": sorted(self.room.resets)})


class Act(Page):
    """What the trainer does: one request each, with a JSON object."""

    @authenticated
    async def post(self, what: str) -> None:
        """Do it, and say what was done."""
        acts: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "reset": self._reset, "hand": self._hand, "message": self._message, "word": self._word}
        try:
            given = json.loads(self.request.body[:10_000])
            self.finish(await acts[what](given))
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise HTTPError(400, reason="this was not understood") from exc
        except (HTTPClientError, OSError) as exc:
            raise HTTPError(502, reason="the hub or the disk refused it") from exc

    def _seat(self, given: dict[str, Any]) -> str:
        if given["seat"] not in self.room.names:
            raise ValueError("no such seat")
        return str(given["seat"])

    async def _reset(self, given: dict[str, Any]) -> dict[str, Any]:
        name = self._seat(given)
        await self.room.reset(name)
        return {"said": f"{name} starts again; its notebooks are kept beside it."}

    async def _hand(self, given: dict[str, Any]) -> dict[str, Any]:
        name = self._seat(given)
        self.room.hands_down[name] = time.time()
        return {"said": f"{name}'s hand is down."}

    async def _message(self, given: dict[str, Any]) -> dict[str, Any]:
        words = " ".join(given["text"].split())
        if not words:
            raise ValueError("no words")
        await asyncio.to_thread(messages.add, self.room.messages, words)
        return {"said": "Sent: it is shown below the next cell that each seat runs."}

    async def _word(self, given: dict[str, Any]) -> dict[str, Any]:
        word, count = seed_text(given["word"]), int(given["count"])
        if not 1 <= count <= MOST or len(word) > 100:
            raise ValueError("no such round")
        words = f"The mystery word: mystery({word!r}" + (")" if count == 6 else f", count={count})")
        await asyncio.to_thread(messages.add, self.room.messages, words)
        return {"said": "The word is out.", "key": str(mystery_key(word, count))}


def application(room: TheRoom, prefix: str, secret: bytes) -> Application:
    """The service's handlers under its prefix."""
    given = {"room": room}
    return Application([
        (f"{prefix}oauth_callback", HubOAuthCallbackHandler),
        (prefix, Start, given),
        (f"{prefix}(trainer_page\\.(?:js|css))", Asset, given),
        (f"{prefix}state", State, given),
        (f"{prefix}(reset|hand|message|word)", Act, given),
    ], cookie_secret=secret, xsrf_cookies=True, xsrf_cookie_kwargs={"path": prefix, "samesite": "Strict"})


async def serve(folder: Path, seats_folder: Path, names: list[str]) -> None:
    """Serve until a signal ends it: the hub's is SIGINT, which a process begun in the background would ignore."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    room = TheRoom(folder, seats_folder, names, os.environ["JUPYTERHUB_API_URL"], os.environ["JUPYTERHUB_API_TOKEN"])
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    application(room, os.environ["JUPYTERHUB_SERVICE_PREFIX"], os.urandom(32)).listen(
        address.port or 0, address.hostname or "127.0.0.1")
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
