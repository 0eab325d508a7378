"""A round of mysteries: it runs the servers, gives out tickets and hints, lets clients be mended, and keeps score.

Nothing visible in a round tells which ticket has which fault: servers and answers are in closures, not in attributes,
the page, thread names or process arguments. The pool of all faults is public, so a learner could still work out by hand
what a seed draws.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from ...address import name_address
from ...events import Mode
from ...lab.server import serve
from ...recorded.state import live_only
from .. import seat_notes
from ..exercises import DisplayStr
from .client import Client, changed
from .corner_question import NAMES, QUESTION, Noted, choices_text, judged, noted, read_choice
from .draw import DrawnTicket, draw, seed_text
from .judge import NotUnderstood, Ruling, in_lines, judge, unusable
from .mend import Attempt, Doors, Mending, Passed, ask, attempt, not_tried, told_for

OPEN, HALF, SOLVED = "✗ open", "◐ cause right, proof missing", "◑ solved, not mended"
WEAK, MENDED = "◑ passes, not protected", "✓ solved, mended"
FIRST = "First say why: a mend without a cause is a guess. Hand in a verdict that stands."
MEND = ("Mend it: change the client's settings until its mail passes, encrypted and checked. What no client can "
        "mend is mended by naming who must do what.")


@dataclass(frozen=True)
class Ticket:
    """A colleague's complaint about a client: which one, with which settings, at which `address` (host, port).

    `ca_file` is the servers' authority; with it, `in_terminal` can fill in a command from a ticket. `framework` is the
    client's name for `read_settings`. `as_found` is the client as the ticket has it.
    """

    number: int
    address: tuple[str, int]
    ca_file: str | None
    client: str
    framework: str
    settings: str
    login: str
    complaint: str
    as_found: Client

    @property
    def text(self) -> str:
        """The ticket in plain words."""
        lines = [f"Ticket {self.number}: {self.client} at {name_address(self.address)}",
                 *(f"    {line}" for line in self.settings.splitlines()), in_lines(f"  {self.login}"),
                 f"  \"{self.complaint}\""]
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
        live_only("serve what you may ask with programs of your own")
        with contextlib.ExitStack() as stack:
            servers = [stack.enter_context(serve(one.case.kind, **one.server_options())) for one in drawn]
            addresses = [server.address for server in servers]
            self.ca_file = servers[0].ca_file
            running = stack.pop_all()
        self._stop = running.close
        self.tickets = [_ticket(i, self.ca_file, *one) for i, one in enumerate(zip(drawn, addresses, strict=True), 1)]
        self._lock = threading.RLock()
        self._behind = _closed_over(drawn, addresses, self.ca_file, self._opener(running))
        self._rulings: dict[int, Ruling] = {}
        self._mendings: dict[int, Mending] = {}
        self._corners: dict[int, Noted] = {}
        self._hinted: dict[int, int] = {}
        self._solved: set[int] = set()
        self._weak: set[int] = set()
        self._mended: set[int] = set()
        self._trying: set[Attempt] = set()
        self._on_change: list[Callable[[], None]] = []
        self.closed = False

    def __enter__(self) -> Round:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop all its servers, and a try that is going on. May be called again; the score can still be read."""
        with self._lock:
            self.closed = True
            trying = list(self._trying)
        for one in trying:
            one.stop()
        self._stop()
        self._changed()

    def watch(self, on_change: Callable[[], None]) -> None:
        """Call `on_change` after every corner, verdict, hint, mend, reset and close."""
        self._on_change.append(on_change)

    def _opener(self, running: contextlib.ExitStack) -> Callable[[str], tuple[int, int]]:
        """A function that starts the two right servers of a host name, while the round is open."""
        def open_both(hostname: str) -> tuple[int, int]:
            with self._lock:
                if self.closed:
                    return 0, 0
                both = [running.enter_context(serve(kind, hostname=hostname)) for kind in ("starttls", "implicit")]
            return both[0].address[1], both[1].address[1]
        return open_both

    def _changed(self) -> None:
        colours = {OPEN: "open", MENDED: "solved"}  # what is between is amber
        seat_notes.note(lights=[colours.get(self.light(ticket.number), "half") for ticket in self.tickets])
        for on_change in self._on_change:
            on_change()

    # --- what a learner does ---

    def ticket(self, number: object) -> Ticket | DisplayStr:
        """The ticket of that number, or a text that says which there are."""
        found = self._find(number)
        return self.tickets[found - 1] if found else self._no_ticket(number)

    def corner(self, number: object, choice: object = None) -> DisplayStr:
        """Take down in which of the four corners this ticket is, if in any, by the choice's number or words.

        Without a choice the text has the choices. Whether it is right is said with the verdict, when that stands, and
        from then on it can't be changed. Nothing is raised.
        """
        found = self._find(number)
        if not found:
            return self._no_ticket(number)
        if found in self._solved:
            return DisplayStr("You were told with the verdict.")
        if choice is None:
            said = f"You said {self._corners[found].number}." if found in self._corners else ""
            return DisplayStr("\n".join(filter(None, (QUESTION, choices_text(), said))))
        read = read_choice(choice)
        if isinstance(read, NotUnderstood):
            return DisplayStr(read.words)
        with self._lock:
            self._corners[found] = noted(read, self.tickets[found - 1].as_found.mode)
        self._changed()
        return DisplayStr(in_lines(self._corners[found].words))

    def verdict(self, number: object, cause: object = "", saw: object = "", waited: object = "") -> Ruling:
        """Rule on a verdict: the cause by its name, what you `saw` come from the server, and who `waited` at the end.

        `saw` is pasted text, bytes or hexadecimal, or "nothing"; `waited` is nobody, client, server or both. The ruling
        also says what can't be read; nothing is raised.
        """
        found = self._find(number)
        if not found:
            return unusable(str(self._no_ticket(number)))
        ruling = self._behind.judge(found, cause, saw, waited)
        if ruling.right:
            said = self._corners.get(found)
            line = self._behind.corner(found, said.number if said else None)
            ruling = replace(ruling, lines=(line, *ruling.lines))
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

    def mend(self, number: object, settings: object = None, **changes: object) -> Mending:
        """Dial with the ticket's client and these changes, and rule on what came of it. Takes some seconds if it hangs.

        `settings` is a text in the client's own words; `changes` are mode, host, port, ca, check, user, password and
        mechanism. Each call begins with the ticket's own settings. Before a verdict that stands, nothing is tried.
        Nothing is raised; what can't be read is in the answer.
        """
        found = self._find(number)
        if not found:
            return not_tried(str(self._no_ticket(number)))
        ticket = self.tickets[found - 1]
        client = changed(ticket.as_found, ticket.framework, {**changes, "settings": settings})
        made = not_tried(client.words, found) if isinstance(client, NotUnderstood) else self.attempt(found, client)
        return made if isinstance(made, Mending) else self.run(made)

    def attempt(self, number: int, client: Client) -> Attempt | Mending:
        """A dial of that client, for `run`; a Mending that says why where there is nothing to run."""
        if why := self._no_mend(number):
            return not_tried(why, number)
        return self._behind.attempt(number, client)

    def run(self, trying: Attempt) -> Mending:
        """Run the attempt, and keep its ruling. The end of the round stops it."""
        with self._lock:
            if self.closed:
                return not_tried("The servers are closed.", trying.number)
            self._trying.add(trying)
        try:
            mending = trying.run()
        finally:
            with self._lock:
                self._trying.discard(trying)
        return self._keep(trying.number, mending)

    def ask(self, number: object, what: object = "") -> Mending:
        """Name who must do what, by a name of `pool.ASKS`; that mends what no client can. Nothing is raised."""
        found = self._find(number)
        if not found:
            return not_tried(str(self._no_ticket(number)))
        if why := self._no_mend(found):
            return not_tried(why, found)
        return self._keep(found, self._behind.ask(found, what))

    def _no_mend(self, number: int) -> str:
        """Why this ticket can't be mended now, or ""."""
        return "The servers are closed." if self.closed else "" if number in self._solved else FIRST

    def _keep(self, number: int, mending: Mending) -> Mending:
        with self._lock:
            if mending.passed is None or number not in self._solved:  # a reset came between
                return mending
            self._mendings[number] = mending
            if mending.passed is Passed.GREEN:
                self._mended.add(number)
            (self._weak.add if mending.passed is Passed.AMBER else self._weak.discard)(number)
        self._changed()
        return mending

    def reset(self) -> DisplayStr:
        """Forget corners, verdicts, mends and hints; the servers run on."""
        with self._lock:
            for kept in (self._corners, self._rulings, self._mendings, self._hinted,
                         self._solved, self._weak, self._mended):
                kept.clear()
        self._changed()
        return DisplayStr(self.summary())

    # --- how it stands ---

    @property
    def solved(self) -> list[int]:
        """The numbers of the solved tickets."""
        return sorted(self._solved)

    @property
    def mended(self) -> list[int]:
        """The numbers of the tickets that are solved and mended."""
        return sorted(self._mended)

    @property
    def done(self) -> bool:
        """Whether all are solved and mended."""
        return len(self._mended) == len(self.tickets)

    def light(self, number: int) -> str:
        """`OPEN`, `HALF` (the cause is right, the evidence or who waited is not), `SOLVED`, `WEAK` or `MENDED`."""
        if number in self._mended:
            return MENDED
        if number in self._solved:
            return WEAK if number in self._weak else SOLVED
        ruling = self._rulings.get(number)
        return HALF if ruling and ruling.cause_stands else OPEN

    def noted(self, number: int) -> Noted | None:
        """What was said about that ticket's corner, or None."""
        return self._corners.get(number)

    def ruling(self, number: int) -> Ruling | None:
        """The ruling on the last verdict on that ticket that could be judged, or None."""
        return self._rulings.get(number)

    def mending(self, number: int) -> Mending | None:
        """The ruling on the last mend of that ticket that was tried, or None."""
        return self._mendings.get(number)

    def told(self, number: int) -> str:
        """What those in charge answer about this ticket once its verdict stands; "" before, or if it is nothing."""
        return "" if self._no_mend(number) else self._behind.told(number)

    def hints(self, number: int) -> list[str]:
        """The hints given so far."""
        return self._behind.hints(number)[:self._hinted.get(number, 0)]

    def summary(self) -> str:
        """The score, in one line."""
        given = sum(self._hinted.values())
        end = " The servers are closed." if self.closed else ""
        return f"Round {self.seed!r}: {len(self._solved)} of {len(self.tickets)} solved, {len(self._mended)} mended, " \
               f"{given} hint{'s' * (given != 1)} given.{end}"

    def text(self) -> str:
        """The board as plain text."""
        parts = [self.summary(), trust(self.ca_file)]
        for ticket in self.tickets:
            given = self._hinted.get(ticket.number, 0)
            parts.append(f"\n[{self.light(ticket.number)}] {ticket.text}" + f"\n  hints given: {given}" * bool(given))
            if (said := self._corners.get(ticket.number)) and ticket.number not in self._solved:
                parts.append(f"  corner: {NAMES[said.number - 1]}")
            if ruling := self._rulings.get(ticket.number):
                parts.append(_indented(ruling))
            if mending := self._mendings.get(ticket.number):
                parts.append(_indented(mending))
            elif ticket.number in self._solved:
                parts.append(_indented("\n".join(filter(None, (MEND, self.told(ticket.number))))))
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
    """The sentence that says where the authority's file is that vouches for these servers."""
    return f"The authority of these servers is in this CA file: {ca_file}"


def _indented(words: object) -> str:
    return f"  {str(words).replace(chr(10), chr(10) + '  ')}"


def _ticket(number: int, ca_file: str | None, one: DrawnTicket, address: tuple[str, int]) -> Ticket:
    settings = one.settings.format(host=address[0], port=address[1])
    login = f"It logs in as {one.login[0]} with the password {one.login[1]}, by PLAIN." if one.login else \
        "It doesn't log in."
    trusts = "that CA file" if one.trusts else "the authorities of its system, not that CA file"
    as_found = Client(*address, Mode(one.case.mode), ca_file if one.trusts else None,
                      login=(one.login[0], one.login[1]) if one.login else None)
    return Ticket(number, address, ca_file, one.client, one.framework, settings,
                  f"{login} It checks certificates against {trusts}.", one.complaint, as_found)


class _Behind(NamedTuple):
    """What can be asked about a ticket, by its number. Only these functions can reach the answers."""

    judge: Callable[[int, object, object, object], Ruling]
    corner: Callable[[int, int | None], tuple[bool | None, str]]
    hints: Callable[[int], list[str]]
    told: Callable[[int], str]
    attempt: Callable[[int, Client], Attempt | Mending]
    ask: Callable[[int, object], Mending]


def _closed_over(drawn: list[DrawnTicket], addresses: list[tuple[str, int]], ca_file: str | None,
                 open_both: Callable[[str], tuple[int, int]]) -> _Behind:
    doors = [Doors(partial(open_both, one.hostname)) if one.case.doors else None for one in drawn]

    def rule(number: int, cause: object, saw: object, waited: object) -> Ruling:
        return judge(drawn[number - 1], number, cause, saw, waited)

    def corner(number: int, choice: int | None) -> tuple[bool | None, str]:
        return judged(choice, drawn[number - 1].case)

    def hints(number: int) -> list[str]:
        host, port = addresses[number - 1]
        return [words.format(host=host, port=port, address=name_address((host, port)), ca=ca_file)
                for words in drawn[number - 1].case.hints]

    def told(number: int) -> str:
        return told_for(drawn[number - 1].case.cause, doors[number - 1])

    def attempted(number: int, client: Client) -> Attempt | Mending:
        i = number - 1
        return attempt(drawn[i], number, client, ca_file, addresses[i], doors[i])

    def asked(number: int, what: object) -> Mending:
        return ask(drawn[number - 1], number, what)

    return _Behind(rule, corner, hints, told, attempted, asked)
