"""A trace: what happened on one connection, as frozen values and as JSON.

Whoever watched, a dialling client, a lab server or a recorder between, writes the same events.
Members that reach up to other floors (`diagnosis`, `__str__`, `to_pcapng`, `from_pcap`) import them when called.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from os import PathLike

from .causes import Cause
from .json_form import COUNT, HEX, NULL, NUMBER, PORT, check, one_of

SCHEMA = "smtplab.trace/1"
MAIL_PORTS = (25, 465, 587, 2525)


def port_number(port: object) -> int:
    """A TCP port as a number; the text of one will do. ValueError for what is none, such as 0, 65536 or "smtp"."""
    text = str(port).strip()
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 65535:
        return int(text)
    raise ValueError(f"no port {text[:60]}; ports are 1 to 65535")


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


HAPPENINGS = ("connected", "bytes", "inside", "tls", "waiting", "closed", "reset")
# The handshake document (see `json_form`). What a diagnosis says is not read: it is made anew.
_DOCUMENT = {
    "schema": one_of([SCHEMA]), "mode": (one_of(Mode), NULL), "address": [str, PORT], "ok": bool,
    "cause": one_of(Cause), "certain": bool, "bytes_read": COUNT, "bytes_written": COUNT,
    "bytes_received": COUNT, "bytes_sent": COUNT, "seconds": NUMBER,
    "tls": ({"version": str, "cipher": str, "peer_subject": (str, NULL)}, NULL),
    "failure": ({"stage": str, "library": str, "reason": str, "message": str}, NULL),
    "waiting_for": (str, NULL), "first_bytes": (HEX, NULL), "diagnosis?": dict,
    "events": [{"at_s": NUMBER, "who": one_of(["client", "server"]), "what": one_of(HAPPENINGS), "data": (HEX, NULL),
                "note": str}]}


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
    who: str
    what: str
    data: bytes | None = None
    note: str = ""


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
class Diagnosis:
    """The cause in words about this very connection."""

    cause: Cause
    title: str
    why: str
    fixes: tuple[str, ...]

    def __str__(self) -> str:
        from .show.text import diagnosis
        return diagnosis(self)


@dataclass(frozen=True)
class Kept:
    """What goes into a capture file and nowhere else: not into JSON, nor into text.

    `started` is the clock's time when `at_s` was 0, in seconds since 1970. `secrets` are the connection's TLS
    secrets as lines of SSLKEYLOGFILE, if the lab knows them."""

    started: float = 0.0
    secrets: str = field(default="", repr=False)


@dataclass(frozen=True)
class Trace:
    """One connection, seen from one side. Sizes are in bytes, times in seconds.

    `bytes_read` and `bytes_written` are s_client's numbers: what had gone through the socket when
    the TLS handshake ended, the plaintext before it included; without TLS, the whole conversation.
    `bytes_received` and `bytes_sent` are all that crossed. `mode` is inferred where a server or a
    recorder watched, or None. `waiting_for` is what this side was waiting for when it ended; None
    if it finished, or failed at something that had come.
    """

    mode: Mode | None
    address: tuple[str, int]
    ok: bool
    cause: Cause
    certain: bool
    bytes_read: int
    bytes_written: int
    bytes_received: int
    bytes_sent: int
    seconds: float
    tls: TlsInfo | None
    failure: Failure | None
    waiting_for: str | None
    first_bytes: bytes | None
    events: tuple[Event, ...]
    _kept: Kept = field(default=Kept(), repr=False, compare=False)

    @property
    def seen_from(self) -> str:
        """Whose side this is: "client" (a recorder in between sees what it sees) or "server"."""
        return next((e.who for e in self.events if e.what == "connected"), "client")

    @property
    def diagnosis(self) -> Diagnosis:
        """Title, why (from these bytes) and fixes."""
        from .words import diagnose
        return diagnose(self)

    @property
    def sockets(self) -> tuple[str, str] | None:
        """Both addresses as "HOST:PORT", the client's first; None if it never connected."""
        for event in self.events:
            if event.what == "connected":
                client, _, server = event.note.partition(" (")[0].partition(" > ")
                return client, server
        return None

    def __str__(self) -> str:
        from .show.text import report
        return report(self)

    def to_dict(self) -> dict:
        """The handshake document of the JSON contract, as plain values."""
        diagnosis = self.diagnosis
        return {
            "schema": SCHEMA, "mode": self.mode and self.mode.value, "address": list(self.address),
            "ok": self.ok, "cause": self.cause.value, "certain": self.certain,
            "bytes_read": self.bytes_read, "bytes_written": self.bytes_written,
            "bytes_received": self.bytes_received, "bytes_sent": self.bytes_sent,
            "seconds": self.seconds, "tls": self.tls and asdict(self.tls),
            "failure": self.failure and asdict(self.failure), "waiting_for": self.waiting_for,
            "first_bytes": None if self.first_bytes is None else self.first_bytes.hex(),
            "events": [{**vars(e), "data": None if e.data is None else e.data.hex()} for e in self.events],
            "diagnosis": {"cause": diagnosis.cause.value, "title": diagnosis.title,
                          "why": diagnosis.why, "fixes": list(diagnosis.fixes)}}

    def to_json(self, indent: int | None = 2) -> str:
        """The handshake document; `from_json` reads it back."""
        return json.dumps(self.to_dict(), indent=indent)

    def to_pcapng(self, path: str | PathLike, *, port: int | None = None) -> None:
        """Write a capture file (mode 0600) that Wireshark opens, decrypted where the lab knows the TLS secrets.

        TCP/IP is made around these bytes at their times. `port` is the server's port as shown; without it
        25, 465 or 587, whichever fits what the server spoke. What the trace blanks stays blank; where that
        was within TLS, the secrets that would show it are left out. ValueError for a port that is none."""
        from .packets import write_pcapng
        write_pcapng(path, [self], port=port)

    @classmethod
    def from_pcap(cls, path: str | PathLike, *, ports: Collection[int] | int = MAIL_PORTS) -> list[Trace]:
        """The traces of a capture (pcap or pcapng), one per TCP connection to these ports (or one port), in order.

        Each is seen from the client. What crossed encrypted stays unread. ValueError if it is no capture, or for
        a port that is none."""
        from .packets import read_pcap
        ports = [ports] if isinstance(ports, int | str) else ports
        return read_pcap(path, ports={port_number(port) for port in ports})

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """The trace of a handshake document, as `to_json` gives it; its diagnosis is made anew.

        ValueError names the field where it is none."""
        try:
            d = json.loads(text)
            check(d, _DOCUMENT)
        except RecursionError:
            raise ValueError("the document is nested too deeply") from None
        events = tuple(Event(**{**e, "data": None if e["data"] is None else bytes.fromhex(e["data"])})
                       for e in d["events"])
        for index, event in enumerate(events):
            if event.data is None and event.what in ("bytes", "inside"):
                raise ValueError(f"events[{index}].data is missing")
        return cls(
            mode=None if d["mode"] is None else Mode(d["mode"]), address=tuple(d["address"]), ok=d["ok"],
            cause=Cause(d["cause"]), certain=d["certain"], bytes_read=d["bytes_read"],
            bytes_written=d["bytes_written"], bytes_received=d["bytes_received"],
            bytes_sent=d["bytes_sent"], seconds=d["seconds"], tls=None if d["tls"] is None else TlsInfo(**d["tls"]),
            failure=None if d["failure"] is None else Failure(**d["failure"]), waiting_for=d["waiting_for"],
            first_bytes=None if d["first_bytes"] is None else bytes.fromhex(d["first_bytes"]),
            events=events)


@dataclass(frozen=True)
class Recording:
    """The events of a connection, who saw them ("client" or "server"), and what only a capture file may hold."""

    events: tuple[Event, ...] = field(repr=False)
    seen_from: str
    kept: Kept

    @classmethod
    def of(cls, trace: Trace | Recording) -> Recording:
        """A trace's own; a recording is one already."""
        return trace if isinstance(trace, cls) else cls(trace.events, trace.seen_from, trace._kept)
