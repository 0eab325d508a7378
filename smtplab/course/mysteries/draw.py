"""Draw a round from a seed: which mysteries, in which order, with which clients and names. And the trainer's key.

Every choice follows from SHA-256 of the seed and a word, so the same seed gives the same round on every machine and
with every Python version; `random` promises that for one of its methods only.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from ...causes import Cause
from ...show.corners import Placed, corner_of, name_of, words_of
from ..exercises import DisplayStr
from .pool import ASKS, MOST, POOL, RIGHT_LOGIN, WRONG_LOGIN, Case, ServerOptions

NO_CORNER = "none of the four"
One = TypeVar("One")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are easily confused
# For each mode: (client, its name in read_settings, settings that give this mode); {host} and {port} are filled in.
CLIENTS = {
    "implicit": (
        ("Rails", "rails-mail",
         "config.action_mailer.smtp_settings = {{\n  address: '{host}', port: {port}, tls: true }}"),
        ("Django", "django", "EMAIL_HOST = '{host}'\nEMAIL_PORT = {port}\nEMAIL_USE_SSL = True"),
        ("Nodemailer", "nodemailer", "{{ host: '{host}', port: {port}, secure: true }}"),
        ("curl", "curl", "curl smtps://{host}:{port}"),
        ("PHPMailer", "phpmailer", "$mail->Host = '{host}';\n$mail->Port = {port};\n$mail->SMTPSecure = 'ssl';"),
        ("msmtp", "msmtp", "host {host}\nport {port}\ntls on\ntls_starttls off")),
    "starttls": (
        ("Rails", "rails-mail",
         "config.action_mailer.smtp_settings = {{\n  address: '{host}', port: {port}, enable_starttls: true }}"),
        ("Django", "django", "EMAIL_HOST = '{host}'\nEMAIL_PORT = {port}\nEMAIL_USE_TLS = True"),
        ("Nodemailer", "nodemailer", "{{ host: '{host}', port: {port}, secure: false, requireTLS: true }}"),
        ("curl", "curl", "curl --ssl-reqd smtp://{host}:{port}"),
        ("PHPMailer", "phpmailer", "$mail->Host = '{host}';\n$mail->Port = {port};\n$mail->SMTPSecure = 'tls';"),
        ("msmtp", "msmtp", "host {host}\nport {port}\ntls on")),
    "plain": (
        ("Rails", "rails-mail",
         "config.action_mailer.smtp_settings = {{\n  address: '{host}', port: {port}, enable_starttls_auto: false }}"),
        ("Django", "django", "EMAIL_HOST = '{host}'\nEMAIL_PORT = {port}"),
        ("Nodemailer", "nodemailer", "{{ host: '{host}', port: {port}, ignoreTLS: true }}"),
        ("curl", "curl", "curl smtp://{host}:{port}"),
        ("PHPMailer", "phpmailer", "$mail->Host = '{host}';\n$mail->Port = {port};\n$mail->SMTPAutoTLS = false;"),
        ("msmtp", "msmtp", "host {host}\nport {port}\ntls off")),
}
COMPLAINTS = (  # none hints at a cause: they don't say whether it hangs, or with which error it ends
    "Mail hasn't gone out since Tuesday.", "The nightly report didn't arrive.", "It worked on the old machine.",
    "Nobody gets the password reminders any more.", "I copied the settings from a blog, and it does nothing.",
    "Since the move nothing is sent. Nobody changed anything.", "The invoices of this morning are still in the queue.",
    "It is urgent, and I don't know what to look at.", "The network people say it isn't the network.",
    "My colleague set this up and is on holiday.")


@dataclass(frozen=True)
class DrawnTicket:
    """One ticket before its server runs: the mystery, the server's name, the client's settings, the complaint.

    `trusts`: the client checks certificates against the lab's authority, otherwise against its system's.
    """

    case: Case
    hostname: str
    client: str
    framework: str
    settings: str
    login: tuple[str, ...]
    complaint: str
    trusts: bool = True

    def server_options(self) -> ServerOptions:
        """The arguments for `serve` besides the kind."""
        return {**self.case.options, "hostname": self.hostname}


def seed_text(seed: object) -> str:
    """Normalise a seed: 7 and "7" are the same, and so are "Room 7" and "room  7". Raises ValueError if it is blank."""
    text = " ".join(unicodedata.normalize("NFKC", str(seed)).split()).casefold()
    if not text:
        raise ValueError("a seed is a word or a number that the whole room uses, such as 'tuesday' or 7")
    return text


def draw(seed: object, count: int = 6) -> list[DrawnTicket]:
    """The tickets of this seed, in order. Raises ValueError for a blank seed, and unless `count` is 1 to `MOST`."""
    text = seed_text(seed)
    if not isinstance(count, int) or not 1 <= count <= MOST:
        raise ValueError(f"a round has 1 to {MOST} tickets, not {count!r}")
    chosen = _shuffled(text, "order", _choose(text)[:count])
    complaints = _shuffled(text, "complaint", COMPLAINTS)
    return [_drawn(text, i, case, complaints[i % len(complaints)]) for i, case in enumerate(chosen)]


def mystery_key(seed: object, count: int = 6) -> DisplayStr:
    """The trainer's key to a round: for each ticket the cause, the server, the proof, and what it teaches.

    Tickets' ports differ from machine to machine; their numbers and server names don't. Raises ValueError for a blank
    seed or a count that the pool can't fill.
    """
    lines = [f"Key to round {seed_text(seed)!r}, {count} tickets. For the trainer alone."]
    for number, one in enumerate(draw(seed, count), 1):
        case, login = one.case, f", logs in as {' / '.join(one.login)}" if one.login else ", no login"
        causes = " or ".join(dict.fromkeys(map(str, (case.cause, *case.also))))
        also = f" (STARTTLS: the mode is {case.mode})" if case.options.get("starttls") else ""
        lines += ["", f"Ticket {number}: {causes}", f"  client       {one.client}, {case.mode}{login}",
                  f"  server       {case.kind}{also}, {one.hostname}", f"  corner       {corner_name(case)}",
                  f"  proof        {case.proof}", f"  who waited   {' or '.join(case.waited)}",
                  f"  to teach     {case.teaches}", f"  to mend      {_mend(one)}"]
    return DisplayStr("\n".join(lines))


def placed(case: Case) -> Placed:
    """The corner of the four in which its client and its server meet, or None, and why."""
    return corner_of(case.mode, case.kind, starttls=case.options.get("starttls", False))


def corner_name(case: Case) -> str:
    """That corner in words."""
    corner = placed(case).corner
    return name_of(corner, words_of("en")) if corner else NO_CORNER


def _mend(one: DrawnTicket) -> str:
    """How a ticket is mended, for the trainer."""
    case = one.case
    if case.ask:
        return f"ask {case.ask} ({ASKS[case.ask]})"
    steps = {Cause.IMPLICIT_TO_PLAINTEXT: ["STARTTLS, required"], Cause.PLAINTEXT_TO_IMPLICIT: ["TLS at once"],
             Cause.STARTTLS_REQUIRED: ["STARTTLS, required"], Cause.AUTH_NEEDS_TLS: ["STARTTLS, required"],
             Cause.AUTH_MECHANISM: ["the mechanism LOGIN"], Cause.CERT_HOSTNAME: [f"the host {one.hostname}"]}
    found = ["a port that the server's people name, and its mode"] if case.doors else list(steps.get(case.cause, []))
    found += [f"log in as {' / '.join(RIGHT_LOGIN)}"] * (
        case.cause is Cause.AUTH_REQUIRED or one.login == WRONG_LOGIN)
    found += ["the CA file"] * (not one.trusts)
    return "; ".join(found)


def _choose(seed: str) -> list[Case]:
    """One mystery for each cause, in the seed's order; the first ones are of different groups."""
    groups = {group: _shuffled(seed, "case", [c for c in POOL if c.group == group])
              for group in _shuffled(seed, "group", dict.fromkeys(case.group for case in POOL))}
    chosen: list[Case] = []
    causes: set[Cause] = set()
    while any(groups.values()):
        for waiting in groups.values():
            case = next((c for c in waiting if c.cause not in causes), None)
            if case:
                chosen.append(case)
                causes.add(case.cause)
            waiting[:] = [c for c in waiting if c.cause not in causes]
    return chosen


def _drawn(seed: str, index: int, case: Case, complaint: str) -> DrawnTicket:
    client, framework, settings = CLIENTS[case.mode][(_number(seed, "client") + index) % len(CLIENTS[case.mode])]
    login = case.login
    if login is None:  # only the client that really logs in needs the right one
        logins: tuple[tuple[str, ...], ...] = ((), RIGHT_LOGIN, RIGHT_LOGIN if case.cause is Cause.OK else WRONG_LOGIN)
        login = logins[_number(seed, "login", index) % len(logins)]
    number, token = _number(seed, "token", index), ""
    for _ in range(5):
        number, digit = divmod(number, len(LETTERS))
        token += LETTERS[digit]
    trusts = case.trusts
    if trusts is None:  # what a client that gets no certificate would check it against tells nothing
        trusts = login == WRONG_LOGIN or _number(seed, "trusts", index) % 3 > 0
    return DrawnTicket(case, f"mx-{token}.example.com", client, framework, settings, login, complaint, trusts)


def _number(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).digest(), "big")


def _shuffled(seed: str, what: str, values: Iterable[One]) -> list[One]:
    found = list(values)
    return [found[i] for i in sorted(range(len(found)), key=lambda i: _number(seed, what, i))]
