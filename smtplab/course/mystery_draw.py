"""From a seed to a round's tickets: which mysteries, in which order, with which client's words and which names.

Everything is decided by SHA-256 of the seed and a word, so it comes out the same on every machine and with
every Python; `random` promises that for one of its methods only.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from ..causes import Cause
from .mystery_pool import MOST, POOL, RIGHT_LOGIN, WRONG_LOGIN, Case

One = TypeVar("One")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
# (name, as read_settings knows it, how the mode is written) for each mode; {host} and {port} are filled in.
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
COMPLAINTS = (  # none tells a cause: not whether it waits, nor what it says
    "Mail hasn't gone out since Tuesday.", "The nightly report didn't arrive.", "It worked on the old machine.",
    "Nobody gets the password reminders any more.", "I copied the settings from a blog, and it does nothing.",
    "Since the move nothing is sent. Nobody changed anything.", "The invoices of this morning are still in the queue.",
    "It is urgent, and I don't know what to look at.", "The network people say it isn't the network.",
    "My colleague set this up and is on holiday.")


@dataclass(frozen=True)
class Drawn:
    """One ticket of a round, before it has an address: the mystery, the server's name, and the colleague's words."""

    case: Case
    hostname: str
    client: str
    framework: str
    settings: str
    login: tuple[str, ...]
    complaint: str

    def server_options(self) -> dict[str, object]:
        """What `serve` is given besides the kind."""
        return {**self.case.options, "hostname": self.hostname}


def seed_text(seed: object) -> str:
    """A seed as it counts: 7 and "7", "Room 7" and "room  7" are the same. ValueError if nothing is left."""
    text = " ".join(unicodedata.normalize("NFKC", str(seed)).split()).casefold()
    if not text:
        raise ValueError("a seed is a word or a number that the whole room uses, such as 'tuesday' or 7")
    return text


def draw(seed: object, count: int = 6) -> list[Drawn]:
    """The tickets of this seed. ValueError for a count that is none from 1 to `MOST`."""
    text = seed_text(seed)
    if not isinstance(count, int) or not 1 <= count <= MOST:
        raise ValueError(f"a round has 1 to {MOST} tickets, not {count!r}")
    chosen = _shuffled(text, "order", _choose(text)[:count])
    complaints = _shuffled(text, "complaint", COMPLAINTS)
    return [_drawn(text, i, case, complaints[i % len(complaints)]) for i, case in enumerate(chosen)]


def _choose(seed: str) -> list[Case]:
    """As many as there are causes, each once; a mystery of every group comes before a second of any."""
    groups = {group: _shuffled(seed, "case", [c for c in POOL if c.group == group])
              for group in _shuffled(seed, "group", dict.fromkeys(case.group for case in POOL))}
    chosen, causes = [], set()
    while any(groups.values()):
        for waiting in groups.values():
            case = next((c for c in waiting if c.cause not in causes), None)
            if case:
                chosen.append(case)
                causes.add(case.cause)
            waiting[:] = [c for c in waiting if c.cause not in causes]
    return chosen


def _drawn(seed: str, index: int, case: Case, complaint: str) -> Drawn:
    client, framework, settings = CLIENTS[case.mode][(_number(seed, "client") + index) % len(CLIENTS[case.mode])]
    login = case.login
    if login is None:  # where the client gets as far as to log in, it does so rightly
        logins = ((), RIGHT_LOGIN, RIGHT_LOGIN if case.cause is Cause.OK else WRONG_LOGIN)
        login = logins[_number(seed, "login", index) % len(logins)]
    number, token = _number(seed, "token", index), ""
    for _ in range(5):
        number, digit = divmod(number, len(LETTERS))
        token += LETTERS[digit]
    return Drawn(case, f"mx-{token}.example.com", client, framework, settings, login, complaint)


def _number(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).digest(), "big")


def _shuffled(seed: str, what: str, values: Iterable[One]) -> list[One]:
    found = list(values)
    return [found[i] for i in sorted(range(len(found)), key=lambda i: _number(seed, what, i))]
