"""Mend a mystery: dial with a changed client, and rule on what came of it; or name who has to mend it.

Green is mail that passes encrypted and checked. Mail that passes otherwise is amber, with the reason: it works, and
protects nobody. What no client can mend is mended by naming who must do what.
"""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ...causes import Cause
from ...events import Mode
from ...lab.client import Dial
from ...trace import Trace
from .client import Client
from .draw import DrawnTicket
from .judge import NotUnderstood, in_lines
from .pool import ASKS, NOTHING, RIGHT_LOGIN

TIMEOUT_S = 4.0  # for a try that hangs, and for one at a server that is slow
SENDER, RECIPIENT = "report@example.com", "boss@example.com"
LOCAL = ("127.0.0.1", "localhost")
_SIGNS = {True: "✓", False: "✗", None: "·"}


class Passed(StrEnum):
    """How far a mend got."""

    RED = "it doesn't pass"
    AMBER = "it passes, and isn't protected"
    GREEN = "mended"


@dataclass(frozen=True)
class Mending:
    """The ruling on a mend: how far it got (None if nothing was tried), in words, what was `tried`, and its trace."""

    number: int | None
    passed: Passed | None
    lines: tuple[tuple[bool | None, str], ...]
    tried: str = ""
    trace: Trace | None = field(default=None, repr=False)

    def __str__(self) -> str:
        first = f"Ticket {self.number}" if self.number else "No mend"
        tried = [in_lines(f"  tried: {self.tried}")] if self.tried else []
        return "\n".join([f"{first}: {self.passed or 'nothing tried'}", *tried,
                          *(in_lines(f"  {_SIGNS[stands]} {words}") for stands, words in self.lines)])

    __repr__ = __str__


def not_tried(words: str, number: int | None = None) -> Mending:
    """The ruling on a mend that could not be tried, with the reason."""
    return Mending(number, None, ((None, words),))


class Attempt:
    """One dial of a changed client, as a job: `run` returns the Mending, `stop` ends it from any thread."""

    def __init__(self, number: int, client: Client, dial: Dial, rule: Callable[[Trace], Mending]) -> None:
        self.number, self.client, self._dial, self._rule = number, client, dial, rule

    def run(self) -> Mending:
        """Dial, and rule on it."""
        return self._rule(self._dial.run())

    def stop(self) -> None:
        """End the dial now."""
        self._dial.stop()


class Doors:
    """The ports on which a ticket's mail is really taken, if the ticket's own is the wrong one.

    `open_both` starts their servers, once: not before the verdict, so that no port tells which ticket has them.
    """

    def __init__(self, open_both: Callable[[], tuple[int, int]]) -> None:
        self._open, self._lock = open_both, threading.Lock()
        self._ports: tuple[int, int] | None = None

    def ports(self) -> tuple[int, int]:
        """The port that begins in plain text, and the one that waits for TLS."""
        with self._lock:
            if self._ports is None:
                self._ports = self._open()
            return self._ports


def attempt(drawn: DrawnTicket, number: int, client: Client, ca_file: str | None, own: tuple[str, int],
            doors: Doors | None) -> Attempt | Mending:
    """The dial of this client at this ticket's servers; a Mending where it can't be tried. Never raises.

    Only this ticket's own ports are dialled: what another ticket's server says would tell its cause.
    """
    host = client.host.rstrip(".").casefold()
    if host not in (*LOCAL, own[0], drawn.hostname):
        return not_tried("The lab has no name service: the host is the ticket's address, or the name that the server "
                         "has for itself.", number)
    ports = (own[1], *(doors.ports() if doors else ()))
    if client.port not in ports:
        return not_tried(f"Nothing of this ticket's is on port {client.port}; known are "
                         f"{' and '.join(map(str, ports))}.", number)
    try:
        dial = Dial((own[0], client.port), client.mode, timeout_s=TIMEOUT_S, ca_file=client.ca_file,
                    server_name=host if host == drawn.hostname else own[0], verify=client.check, login=client.login,
                    mechanism=client.mechanism if client.login else None, mail_from=SENDER, rcpt_to=RECIPIENT)
    except (ValueError, OSError) as exc:  # a CA file that isn't one, a login that can't be written
        return not_tried(f"The client can't begin: {exc}.", number)

    def rule(trace: Trace) -> Mending:
        return _ruled(drawn, number, client, trace, ca_file, doors)

    return Attempt(number, client, dial, rule)


def _ruled(drawn: DrawnTicket, number: int, client: Client, trace: Trace, ca_file: str | None,
           doors: Doors | None) -> Mending:
    lines: list[tuple[bool | None, str]]
    if trace.failure and trace.failure.reason == "stopped":
        return Mending(number, None, ((None, "It was stopped before its end."),), client.text, trace)
    if not trace.ok:
        told = told_for(trace.cause, doors)
        at_first = trace.cause in (drawn.case.cause, *drawn.case.also)
        words = "It doesn't pass: " if at_first else "It doesn't pass, and now for another reason: "
        lines = [(False, f"{words}{trace.cause} ({trace.cause.text.title}).")]
        if trace.failure and trace.failure.message:
            lines.append((None, f"What the client got: {trace.failure.message}"))
        lines += [(None, told)] * bool(told)
        return Mending(number, Passed.RED, tuple(lines), client.text, trace)
    reasons = _unprotected(drawn, client, trace, ca_file)
    if reasons:
        lines = [(True, "The mail passes."), *((False, reason) for reason in reasons)]
        return Mending(number, Passed.AMBER, tuple(lines), client.text, trace)
    version = trace.tls.version if trace.tls else ""
    lines = [(True, f"The mail passes, encrypted ({version}) and checked: the certificate is for {client.host}, by an "
                    "authority that this client has reason to trust.")]
    if drawn.case.cause is Cause.OK:
        lines.append((True, "Nothing was broken: hand it back, with what you tried."))
    return Mending(number, Passed.GREEN, tuple(lines), client.text, trace)


def _unprotected(drawn: DrawnTicket, client: Client, trace: Trace, ca_file: str | None) -> list[str]:
    """Why mail that passes is no mend."""
    found = []
    if not trace.tls:
        what = "the mail and the password" if client.login else "the mail"
        found.append(f"In plain text: whoever is on the way reads {what}.")
    elif not client.check:
        found.append("Encrypted, and unchecked: whoever answers in the server's place gets it, and nobody notices.")
    elif client.ca_file != ca_file and client.ca_file is not None:
        found.append("Checked against a file of your own: that is worth as much as the way you got it. Compare with "
                     "the one in charge.")
    if trace.tls and client.mode is Mode.STARTTLS_OPPORTUNISTIC:
        found.append("Encrypted this time: if somebody takes STARTTLS out of the list, this client goes on in plain "
                     "text. Require it.")
    if drawn.login and not client.login:
        found.append("As nobody: the ticket's client logs in, and a real server passes on mail for its users alone.")
    return found


def told_for(cause: Cause, doors: Doors | None) -> str:
    """What those in charge answer, when they are asked about this; "" if they have nothing to say."""
    if doors and cause in (Cause.REFUSED, Cause.SERVER_NOT_SMTP, Cause.IMPLICIT_TO_PLAINTEXT):
        plain, tls = doors.ports()
        return (f"Asked, the server's people say: mail is taken on port {plain}, which begins in plain text and has "
                f"STARTTLS, and on port {tls}, which waits for TLS.")
    if cause in (Cause.AUTH_REQUIRED, Cause.AUTH_REJECTED):
        user, password = RIGHT_LOGIN
        return f"Asked, those who keep the accounts say: the user is {user}, and the password is now {password}."
    return ""


def ask(drawn: DrawnTicket, number: int, what: object) -> Mending:
    """Rule on naming who must do what, by a name of `ASKS`. Accepts values of any type and never raises."""
    named = read_ask(what)
    if isinstance(named, NotUnderstood):
        return not_tried(named.words, number)
    right = drawn.case.ask
    tried = str(ASKS[named])
    if named == right:
        last = "There is nothing to mend, and you can say so." if named == NOTHING else \
            "No setting of the client mends that; to name it is the mend."
        return Mending(number, Passed.GREEN, ((True, f"That's it. {last}"),), tried)
    if not right:
        said = "They answer: nothing is wrong over here. This one can be mended from the client."
    elif ASKS[named].who == ASKS[right].who:
        said = "The right people, and the wrong request: they look, and find that in order."
    else:
        said = "They look, and find that in order. It is for others to mend."
    return Mending(number, Passed.RED, ((False, said),), tried)


def read_ask(value: object) -> str | NotUnderstood:
    """Read the name of what to ask for, in any case, with blanks or underscores for hyphens."""
    text = re.sub(r"[\s_]+", "-", value.strip().casefold()) if isinstance(value, str) else ""
    if text in ASKS:
        return text
    near = [name for name in ASKS if text and name.startswith(text)] or \
        (difflib.get_close_matches(text, list(ASKS), 1, 0.5) if text else [])
    return NotUnderstood(f"did you mean {' or '.join(near)}?".capitalize() if near else
                         f"Say what to ask for: {', '.join(ASKS)}.")
