"""What happens on a connection, as frozen values: events, and what their notes tell as typed values.

Whoever watches writes the same events: a dialling client, a lab server, a relay in between, a reader of captures.
An event's `note` is its words in the JSON document. They are made and read here, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .records import Alert, HandshakeType, parse_header


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


@dataclass(frozen=True)
class Event:
    """One thing that happened, `at_s` seconds after the start.

    `what` is "connected" (`note`: "CLIENT > SERVER"), "bytes" (`data` crossed the wire), "inside"
    (`data` was plaintext within TLS), "tls" (the TLS library of `who` reports), "waiting" (`note`
    says for what), "closed" or "reset". `who` sent the bytes, waits, or closed.

    smtplab records at the socket. In a trace read from packets, a note ends with what was captured for the
    event, such as "(captured: FIN)", and what has no such words is inferred; see `packets.origins`.
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
        return self._words.rpartition(": ")[0] if self.what in ENDS else ""

    @property
    def report(self) -> TlsReport | None:
        """What the TLS library reports here, if this is its report of a header or a message."""
        return TlsReport.of(self) if self.what == What.TLS and self.data else None

    @property
    def captured(self) -> bool:
        """Whether packets show it, in a trace read from packets."""
        return "(captured" in self.note

    @property
    def inferred(self) -> bool:
        """Whether it was inferred from packets."""
        return "(inferred" in self.note

    @property
    def _words(self) -> str:
        return self.note.partition(" (")[0]


@dataclass(frozen=True)
class Connection:
    """The ends of a connection, each as "HOST:PORT"."""

    client: str
    server: str

    def __str__(self) -> str:
        return f"{self.client} > {self.server}"


@dataclass(frozen=True)
class TlsReport:
    """What OpenSSL's message callback reports: a record header or a message that it read or wrote.

    `kind` is "header", "handshake", "alert" or "change_cipher_spec"; `data` are the bytes of it, in clear
    also where they crossed encrypted. `name` is what it is, in words.
    """

    wrote: bool
    kind: str
    data: bytes
    name: str

    @classmethod
    def of(cls, event: Event) -> TlsReport | None:
        """The report in an event's note and data; None if the note says something else."""
        did, _, name = event.note.partition(" ")
        data = event.data or b""
        if did not in ("read", "wrote") or not data:
            return None
        wrote = did == "wrote"
        if name.startswith(_HEADER):
            return cls(wrote, "header", data, name.removeprefix(_HEADER))
        if name.startswith(_HANDSHAKE):
            return cls(wrote, "handshake", data, name.removeprefix(_HANDSHAKE))
        if name == "change_cipher_spec":
            return cls(wrote, name, data, name)
        return cls(wrote, "alert", data, name) if "alert" in name and len(data) == 2 else None

    @property
    def message(self) -> HandshakeType | None:
        """Which handshake message it is, if it is one."""
        return HandshakeType(self.data[0]) if self.kind == "handshake" else None


_HEADER, _HANDSHAKE = "a record header: ", "handshake message "


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


# Notes of events that say what no bytes say.
UNVERIFIED = "the certificate is not checked (openssl_verify_mode none)"
SEALED = ("from here on only the two peers can read what they say: a recorder between them, which does not end "
          "TLS, sees the record headers")
LEFT_OUT = "{size} bytes from the {who} passed here unchanged; they are counted and not kept"
CONNECTING = "connection"  # what a client waits for while it connects


@dataclass(frozen=True)
class TlsInfo:
    """What was agreed: "TLSv1.3", OpenSSL's cipher name, the certificate's subject (RFC 4514)."""

    version: str
    cipher: str
    peer_subject: str | None


@dataclass(frozen=True)
class Failure:
    """Where it failed and in whose words. `reason` is short and stable, `message` verbatim."""

    stage: str
    library: str
    reason: str
    message: str


@dataclass(frozen=True)
class CaptureSecrets:
    """What goes into a capture file and nowhere else: not into JSON, nor into text.

    `started` is the clock's time when `at_s` was 0, in seconds since 1970. `secrets` are the connection's TLS
    secrets as lines of SSLKEYLOGFILE, if the lab knows them."""

    started: float = 0.0
    secrets: str = field(default="", repr=False)
