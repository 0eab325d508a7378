"""What happens on a connection, as frozen values: events, and what their notes tell as typed values.

Every recorder writes the same events: a dialling client, a lab server, a relay in between, a reader of captures. An
event's `note` is its words in the JSON document. Recorders write it; everybody else shows it as it is, or asks `Event`
what it says. Stages and what is awaited have their words here too; a document read from a file may hold others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from .records import Alert, HandshakeType, parse_header
from .smtp import Reply

# Notes of events that say what no bytes say.
UNVERIFIED = "the certificate is not checked (openssl_verify_mode none)"
SEALED = ("from here on only the two peers can read what they say: a recorder between them, which does not end "
          "TLS, sees the record headers")
LEFT_OUT = "{size} bytes from the {who} passed here unchanged; they are counted and not kept"
# How the notes of TLS reports go on after "read " or "wrote ".
_HEADER, _HANDSHAKE = "a record header: ", "handshake message "


class Mode(StrEnum):
    """What a client does about encryption. `starttls` requires it; opportunistic goes on without."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    STARTTLS_OPPORTUNISTIC = "starttls-opportunistic"
    IMPLICIT = "implicit"

    @classmethod
    def of(cls, mode: Mode | str) -> Mode:
        """The mode of that name; ValueError lists the modes."""
        try:
            return cls(mode)
        except ValueError:
            raise ValueError(f"no mode {mode!r}; the modes are {', '.join(cls)}") from None


class Who(StrEnum):
    """One of the two peers."""

    CLIENT = "client"
    SERVER = "server"

    __repr__ = str.__repr__

    @property
    def other(self) -> Who:
        """The other peer."""
        return Who.SERVER if self == Who.CLIENT else Who.CLIENT


class What(StrEnum):
    """The kinds of events."""

    CONNECTED = "connected"
    BYTES = "bytes"
    INSIDE = "inside"
    TLS = "tls"
    WAITING = "waiting"
    CLOSED = "closed"
    RESET = "reset"

    __repr__ = str.__repr__


ENDS = (What.CLOSED, What.RESET)


class Stage(StrEnum):
    """The stages of a session in their order: `Failure.stage` is the one that failed."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    QUIT = "quit"

    __repr__ = str.__repr__


class Awaited(StrEnum):
    """What a peer waits for: `Trace.waiting_for`, and the note of a "waiting" event."""

    ADDRESS = "address"
    CONNECTION = "connection"
    GREETING = "greeting"
    COMMAND = "command"
    REPLY = "reply"
    MORE = "more of it"  # of a login or a mail
    CLIENT_HELLO = "client-hello"
    SERVER_HELLO = "server-hello"
    SERVER_FINISHED = "server-finished"
    CLIENT_FINISHED = "client-finished"

    __repr__ = str.__repr__


@dataclass(frozen=True)
class Event:
    """One thing that happened, `at_s` seconds after the start.

    `what` is "connected" (`note`: "CLIENT > SERVER"), "bytes" (`data` crossed the wire), "inside"
    (`data` was plaintext within TLS), "tls" (the TLS library of `who` reports), "waiting" (`note`
    says for what), "closed" or "reset". `who` sent the bytes, waits, or closed; for "connected" it is
    the side that recorded.

    smtplab records at the socket. In a trace read from packets, a note ends with what was captured for the
    event, such as "(captured: FIN)"; an event without these words was inferred (see `packets.origins`).
    """

    at_s: float
    who: Who
    what: What
    data: bytes | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if type(self.who) is not Who or type(self.what) is not What:  # given as text: ValueError for other words
            object.__setattr__(self, "who", Who(self.who))
            object.__setattr__(self, "what", What(self.what))

    @property
    def connection(self) -> Connection | None:
        """The two ends, where this event says that a connection was made."""
        if self.what != What.CONNECTED:
            return None
        client, _, server = self._words.partition(" > ")
        return Connection(client, server)

    @property
    def tried(self) -> str:
        """The address "HOST:PORT" of a try that made no connection; empty for any other event."""
        found = re.match(r"(\S+:[0-9]{1,5}): ", self.note) if self.what in ENDS else None
        return found[1] if found else ""

    @property
    def awaited(self) -> str | None:
        """What `who` waits for from now on; None for any other event."""
        return self.note if self.what == What.WAITING else None

    @property
    def report(self) -> TlsReport | None:
        """The TLS library's report of a header or a message; None for any other event."""
        did, _, name = self.note.partition(" ")
        if self.what != What.TLS or not self.data or did not in ("read", "wrote"):
            return None
        for kind, lead, fits in (("header", _HEADER, True), ("handshake", _HANDSHAKE, True),
                                 ("change_cipher_spec", "", name == "change_cipher_spec"),
                                 ("alert", "", "alert" in name and len(self.data) == 2)):
            if fits and name.startswith(lead):
                return TlsReport(did == "wrote", kind, self.data, name.removeprefix(lead))
        return None

    @property
    def captured(self) -> bool:
        """Whether the note says that packets show it."""
        return "(captured" in self.note

    @property
    def inferred(self) -> bool:
        """Whether the note says that it was inferred from packets."""
        return "(inferred" in self.note

    @property
    def _words(self) -> str:
        return self.note.partition(" (")[0]


class Connection(NamedTuple):
    """The ends of a connection, each as "HOST:PORT"."""

    client: str
    server: str

    def __str__(self) -> str:
        return f"{self.client} > {self.server}"


class TlsReport(NamedTuple):
    """What OpenSSL's message callback reports: a record header or a message that it read or wrote.

    `kind` is "header", "handshake", "alert" or "change_cipher_spec"; `data` are its bytes, decrypted; `name` describes
    it in words.
    """

    wrote: bool
    kind: str
    data: bytes
    name: str

    @property
    def message(self) -> HandshakeType | None:
        """Which handshake message it is, if it is one."""
        return HandshakeType(self.data[0]) if self.kind == "handshake" else None


def report_note(did: str, kind: str, data: bytes) -> str:
    """The note of a TLS report: `did` is "read" or "wrote", `kind` as in `TlsReport`."""
    if kind == "handshake":
        return f"{did} {_HANDSHAKE}{HandshakeType(data[0])}, {len(data)} bytes"
    if kind == "alert":
        return f"{did} {Alert.of(data[1], data[0])}"
    if kind != "header" or (header := parse_header(data)) is None:
        return f"{did} {kind}"
    version, known = header.legacy_record_version, not header.content_type.name.startswith("unknown(")
    name = f"{header.content_type}({int(header.content_type)})" if known else f"{header.content_type}"
    return f"{did} {_HEADER}{name}, version 0x{version:04x} ({version}), length {header.length}"


@dataclass(frozen=True)
class TlsInfo:
    """What was agreed: "TLSv1.3", OpenSSL's cipher name, the certificate's subject (RFC 4514)."""

    version: str
    cipher: str
    peer_subject: str | None


@dataclass(frozen=True)
class Failure:
    """Where it failed (a `Stage`) and in whose words. `reason` is short and stable, `message` verbatim."""

    stage: str
    library: str
    reason: str
    message: str

    @classmethod
    def of_reply(cls, stage: str, reply: Reply) -> Failure:
        """A refusal by the server: the reply code is the reason, the reply's text the message."""
        return cls(stage, "server", str(reply.reply_code), reply.text)


@dataclass(frozen=True)
class CaptureSecrets:
    """What only a capture file holds: `secrets`, the connection's TLS secrets as lines of SSLKEYLOGFILE, if the lab
    knows them. With it `started`, the clock's time when `at_s` was 0, in seconds since 1970; 0 if unknown."""

    started: float = 0.0
    secrets: str = field(default="", repr=False)
