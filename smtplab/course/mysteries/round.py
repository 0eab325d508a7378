"""A round of mysteries: it runs the servers, gives out tickets and hints, and keeps score.

Nothing visible in a round tells which ticket has which fault: servers and answers are in closures, not in attributes,
the page, thread names or process arguments. The pool of all faults is public, so a learner could still work out by hand
what a seed draws.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...address import name_address
from ...lab.server import serve
from .. import seat_notes
from ..exercises import DisplayStr
from .draw import DrawnTicket, draw, seed_text
from .judge import Ruling, judge, unusable

OPEN, HALF, SOLVED = "✗ open", "◐ cause right, proof missing", "✓ solved"


@dataclass(frozen=True)
class Ticket:
    """A colleague's complaint about a client: which one, with which settings, at which `address` (host, port).

    `ca_file` is the authority that the client trusts; with it, `in_terminal` can fill in a command from a ticket.
    """

    number: int
    address: tuple[str, int]
    ca_file: str | None
    client: str
    settings: str
    login: str
    complaint: str

    @property
    def text(self) -> str:
        """The ticket in plain words."""
        lines = [f"Ticket {self.number}: {self.client} at {name_address(self.address)}",
                 *(f"    {line}" for line in self.settings.splitlines()), f"  {self.login}", f"  \"{self.complaint}\""]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


class Round:
    """A running round. Use it in a `with` block, or call `close()`; its servers end with the process too.

    `seed` determines the round, `ca_file` is the authority that all the clients trust, `tickets` is a list. Its text is
    the board. Raises ValueError for a blank seed, or a `count` that the pool can't fill; without a seed it picks one.
    """

    def __init__(self, seed: object = None, count: int = 6) -> None:
        self.seed = seed_text(secrets.randbelow(9000) + 1000 if seed is None else seed)
        drawn = draw(self.seed, count)
        with contextlib.ExitStack() as stack:
            servers = [stack.enter_context(serve(one.case.kind, **one.server_options())) for one in drawn]
            addresses = [server.address for server in servers]
            self.ca_file = servers[0].ca_file
            self._stop = stack.pop_all().close
        self.tickets = [_ticket(i, self.ca_file, *one) for i, one in enumerate(zip(drawn, addresses, strict=True), 1)]
        self._judge, self._hints = _closed_over(drawn, addresses, self.ca_file)
        self._rulings: dict[int, Ruling] = {}
        self._hinted: dict[int, int] = {}
        self._solved: set[int] = set()
        self._lock = threading.RLock()
        self._on_change: list[Callable[[], None]] = []
        self.closed = False

    def __enter__(self) -> Round:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop all its servers. May be called again; the score can still be read."""
        self.closed = True
        self._stop()
        self._changed()

    def watch(self, on_change: Callable[[], None]) -> None:
        """Call `on_change` after every verdict, hint, reset and close."""
        self._on_change.append(on_change)

    def _changed(self) -> None:
        seat_notes.note(lights=[{OPEN: "open", HALF: "half", SOLVED: "solved"}[self.light(ticket.number)]
                                for ticket in self.tickets])
        for on_change in self._on_change:
            on_change()

    # --- what a learner does ---

    def ticket(self, number: object) -> Ticket | DisplayStr:
        """The ticket of that number, or a text that says which there are."""
        found = self._find(number)
        return self.tickets[found - 1] if found else self._no_ticket(number)

    def verdict(self, number: object, cause: object = "", saw: object = "", waited: object = "") -> Ruling:
        """Rule on a verdict: the cause by its name, what you `saw` come from the server, and who `waited` at the end.

        `saw` is pasted text, bytes or hexadecimal, or "nothing"; `waited` is nobody, client, server or both. The ruling
        also says what can't be read; nothing is raised.
        """
        found = self._find(number)
        if not found:
            return unusable(str(self._no_ticket(number)))
        ruling = self._judge(found, cause, saw, waited)
        with self._lock:
            if ruling.right is not None:
                self._rulings[found] = ruling
            if ruling.right:
                self._solved.add(found)
        self._changed()
        return ruling

    def hint(self, number: object) -> DisplayStr:
        """The ticket's next hint; after the last, the last again. None of them gives the answer away."""
        found = self._find(number)
        if not found:
            return self._no_ticket(number)
        with self._lock:
            self._hinted[found] = min(self._hinted.get(found, 0) + 1, 3)
        self._changed()
        return DisplayStr(f"Hint {self._hinted[found]} of 3: {self.hints(found)[-1]}")

    def reset(self) -> DisplayStr:
        """Forget verdicts and hints; the servers run on."""
        with self._lock:
            self._rulings.clear()
            self._hinted.clear()
            self._solved.clear()
        self._changed()
        return DisplayStr(self.summary())

    # --- how it stands ---

    @property
    def solved(self) -> list[int]:
        """The numbers of the solved tickets."""
        return sorted(self._solved)

    @property
    def done(self) -> bool:
        """Whether all are solved."""
        return len(self._solved) == len(self.tickets)

    def light(self, number: int) -> str:
        """`OPEN`, `HALF` (the cause is right, the evidence or who waited is not) or `SOLVED`."""
        if number in self._solved:
            return SOLVED
        ruling = self._rulings.get(number)
        return HALF if ruling and ruling.cause_stands else OPEN

    def ruling(self, number: int) -> Ruling | None:
        """The ruling on the last verdict on that ticket that could be judged, or None."""
        return self._rulings.get(number)

    def hints(self, number: int) -> list[str]:
        """The hints given so far."""
        return self._hints(number)[:self._hinted.get(number, 0)]

    def summary(self) -> str:
        """The score, in one line."""
        given = sum(self._hinted.values())
        end = " The servers are closed." if self.closed else ""
        return f"Round {self.seed!r}: {len(self._solved)} of {len(self.tickets)} solved, {given} " \
               f"hint{'s' * (given != 1)} given.{end}"

    def text(self) -> str:
        """The board as plain text."""
        parts = [self.summary(), trust(self.ca_file)]
        for ticket in self.tickets:
            given = self._hinted.get(ticket.number, 0)
            parts.append(f"\n[{self.light(ticket.number)}] {ticket.text}" + f"\n  hints given: {given}" * bool(given))
            if ruling := self._rulings.get(ticket.number):
                parts.append(f"  {str(ruling).replace(chr(10), chr(10) + '  ')}")
        return "\n".join(parts)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _find(self, number: Any) -> int | None:
        try:
            found = int(number)
        except (TypeError, ValueError, OverflowError):
            return None
        return found if 1 <= found <= len(self.tickets) else None

    def _no_ticket(self, number: object) -> DisplayStr:
        return DisplayStr(f"No ticket {ascii(number)[:40]}; they are 1 to {len(self.tickets)}.")


def trust(ca_file: str | None) -> str:
    """The sentence that says where the authority's file is that all the tickets' clients trust."""
    return f"All these clients check certificates, against this CA file: {ca_file}"


def _ticket(number: int, ca_file: str | None, one: DrawnTicket, address: tuple[str, int]) -> Ticket:
    settings = one.settings.format(host=address[0], port=address[1])
    login = f"It logs in as {one.login[0]} with the password {one.login[1]}, by PLAIN." if one.login else \
        "It doesn't log in."
    return Ticket(number, address, ca_file, one.client, settings, login, one.complaint)


def _closed_over(drawn: list[DrawnTicket], addresses: list[tuple[str, int]], ca_file: str | None) -> tuple[
        Callable[[int, object, object, object], Ruling], Callable[[int], list[str]]]:
    """Two functions by ticket number: one judges a verdict, one returns the hints. Only they can reach the answers."""
    def rule(number: int, cause: object, saw: object, waited: object) -> Ruling:
        return judge(drawn[number - 1], number, cause, saw, waited)

    def hints(number: int) -> list[str]:
        host, port = addresses[number - 1]
        return [words.format(host=host, port=port, address=name_address((host, port)), ca=ca_file)
                for words in drawn[number - 1].case.hints]

    return rule, hints
