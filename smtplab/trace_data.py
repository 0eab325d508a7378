"""What was recorded of one connection, as frozen values. `trace.Trace` adds its explanation and its documents."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field

from .causes import Cause
from .conversation import Conversation, parse_conversation
from .events import ENDS, CaptureSecrets, Event, Failure, Mode, TlsInfo, What, Who

Decision = tuple[Cause, bool]  # and whether it is certain


@dataclass(frozen=True)
class TraceData:
    """One connection, seen from one side. Sizes are in bytes, times in seconds.

    `address` is the server's, `mode` what the client does about TLS: inferred where a server or a recorder watched, or
    None. `certain` says whether these bytes leave no other `cause`, and `ok` whether it is `Cause.OK`. `bytes_read`
    and `bytes_written` are this side's s_client numbers: what OpenSSL had taken and given when the TLS handshake ended,
    the plaintext before it included; without TLS, the whole conversation. `bytes_received` and `bytes_sent` are all
    that crossed, `first_bytes` the first five received, `seconds` the time until it ended or the trace was made. `tls`
    is what was agreed, `failure` where it failed, each None if there is none. `waiting_for` is what this side was
    waiting for when it ended; None if it finished, or failed at something that had come. `events` are in order.
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
    _kept: CaptureSecrets = field(default=CaptureSecrets(), repr=False, compare=False)

    @property
    def seen_from(self) -> Who:
        """Whose side this is: "client" or "server"; a recorder in between takes the client's."""
        return Who(next((e.who for e in self.events if e.what == What.CONNECTED), Who.CLIENT))

    @functools.cached_property
    def conversation(self) -> Conversation:
        """What both sides said, read from the events."""
        return parse_conversation(self.events)

    @property
    def sockets(self) -> tuple[str, str] | None:
        """Both addresses as "HOST:PORT", the client's first; None if it never connected."""
        found = next((e.connection for e in self.events if e.connection), None)
        return (found.client, found.server) if found else None

    @property
    def ending(self) -> Event | None:
        """The event in which the peer ended an established connection; None if it never did."""
        after = itertools.dropwhile(lambda e: e.what != What.CONNECTED, self.events)
        return next((e for e in after if e.what in ENDS and e.who != self.seen_from), None)

    @property
    def up_s(self) -> float:
        """How long the connection was up before the peer ended it or the trace was made."""
        start = next((e.at_s for e in self.events if e.what == What.CONNECTED), 0.0)
        return (self.ending.at_s if self.ending else self.seconds) - start
