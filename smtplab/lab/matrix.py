"""Every client mode against every kind of lab server, live and side by side."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from ..between import confirm
from ..causes import Cause
from ..events import Mode
from ..literals import KindName, ModeName
from ..trace import Trace
from .client import Dial
from .jobs import Later, run_concurrently
from .server import KINDS, Server, serve

SCHEMA = "smtplab.matrix/1"
_TIME_OUT = Cause.PLAINTEXT_TO_IMPLICIT
_IMPLICIT = (_TIME_OUT, _TIME_OUT, _TIME_OUT)
# What each kind should give, in the order of Mode: plain, starttls, starttls-opportunistic, implicit. A client for
# STARTTLS meets the twin of a kind that has one, which is STARTTLS too.
EXPECTED: dict[KindName, tuple[Cause, ...]] = {
    "plain": (Cause.OK, Cause.STARTTLS_NOT_OFFERED, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "starttls": (Cause.OK, Cause.OK, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "implicit": (*_IMPLICIT, Cause.OK),
    "refused": (Cause.REFUSED,) * 4,
    "filtered": (Cause.FILTERED_TIMEOUT,) * 4,
    "silent": (*_IMPLICIT, Cause.OTHER),
    "starttls-refused": (Cause.OK, Cause.TEMPORARILY_UNAVAILABLE, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "starttls-required": (Cause.STARTTLS_REQUIRED, Cause.OK, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "auth-required": (*(Cause.AUTH_REQUIRED,) * 3, Cause.IMPLICIT_TO_PLAINTEXT),
    "starttls-stripped": (Cause.OK, Cause.STARTTLS_NOT_OFFERED, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "greets-late": (Cause.OK, Cause.OK, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "implicit-gives-up": (*_IMPLICIT, Cause.OK),
    "starttls-masked": (Cause.OK, Cause.MIDDLEBOX, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "starttls-stalls": (Cause.OK, *(Cause.HANDSHAKE_STALLED,) * 2, Cause.IMPLICIT_TO_PLAINTEXT),
    "implicit-stalls": (*_IMPLICIT, Cause.HANDSHAKE_STALLED),
    "closes": (Cause.CLOSED_BEFORE_GREETING,) * 4,
    "resets": (Cause.CLOSED_BEFORE_GREETING,) * 4,
    "closes-late": (*_IMPLICIT, Cause.OTHER),
    "http": (*_IMPLICIT, Cause.IMPLICIT_TO_PLAINTEXT),
    "https": (*_IMPLICIT, Cause.OTHER),
    "not-smtp": (*(Cause.SERVER_NOT_SMTP,) * 3, Cause.IMPLICIT_TO_PLAINTEXT),
    "self-signed": (_TIME_OUT, *(Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,) * 3),
    "unknown-ca": (_TIME_OUT, *(Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,) * 3),
    "wrong-name": (_TIME_OUT, *(Cause.CERT_HOSTNAME,) * 3),
    "expired": (_TIME_OUT, *(Cause.CERT_EXPIRED,) * 3),
    "incomplete-chain": (_TIME_OUT, *(Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,) * 3),
    "intercepted": (_TIME_OUT, *(Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,) * 3),
    "old-tls": (_TIME_OUT, *(Cause.TLS_VERSION_OR_CIPHER,) * 3),
}
SENDER = "alice@example.com"  # each dial offers a MAIL, or starttls-required and auth-required would not show


@dataclass(frozen=True)
class MatrixRow:
    """One cell: a client mode against a kind of server. `trace` is the client's side, `seen` the server's."""

    mode: Mode
    server: KindName
    cause: Cause
    certain: bool
    ok: bool
    bytes_read: int
    bytes_written: int
    seconds: float
    waiting_for: str | None
    trace: Trace = field(repr=False, compare=False)
    seen: Trace | None = field(default=None, repr=False, compare=False)

    @property
    def expected(self) -> Cause:
        """What this cell should say."""
        return EXPECTED[self.server][list(Mode).index(self.mode)]

    def to_dict(self) -> dict[str, object]:
        """The matrix document's row, as a dict."""
        return {"schema": SCHEMA, "mode": self.mode.value, "server": self.server, "cause": self.cause.value,
                "certain": self.certain, "ok": self.ok, "bytes_read": self.bytes_read,
                "bytes_written": self.bytes_written, "seconds": self.seconds,
                "waiting_for": self.waiting_for and str(self.waiting_for)}

    def to_json(self) -> str:
        """`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2)


def matrix(kinds: Iterable[KindName] = tuple(EXPECTED), modes: Iterable[Mode | ModeName] = tuple(Mode), *,
           timeout_s: float = 4.0, listener: Callable[[MatrixRow], None] | None = None) -> list[MatrixRow]:
    """Dial every kind in every mode, all at once: it takes about one time-out. A client for STARTTLS dials the twin of
    a kind that has one, as `serve` with its `mode` gives it.

    `timeout_s` should be over the two seconds that greets-late and closes-late take. `listener` gets each row as it
    comes. Both ends are ours, so a hang against an implicit server is certain here. Raises ValueError
    for unknown kinds or modes.
    """
    return MatrixRun(kinds, modes, timeout_s=timeout_s, listener=listener).run()


class MatrixRun:
    """One run of the matrix, its arguments those of `matrix`; `stop` ends it from any thread."""

    def __init__(self, kinds: Iterable[KindName], modes: Iterable[Mode | ModeName], *, timeout_s: float,
                 listener: Callable[[MatrixRow], None] | None) -> None:
        self.kinds, self.modes = list(kinds), [Mode.of(mode) for mode in modes]
        self.timeout_s, self.listener, self.stopped = timeout_s, listener, False
        self._dials: list[Later[Trace]] = []
        if unknown := [kind for kind in self.kinds if kind not in KINDS]:
            raise ValueError(f"no kind of server {unknown[0]!r}; the kinds are {', '.join(KINDS)}")

    def stop(self) -> None:
        """End all dials now; what has come stays."""
        self.stopped = True
        for dial in self._dials:
            dial.stop()

    def run(self) -> list[MatrixRow]:
        """Perform it; the rows that have come by its end, in order."""
        rows: dict[int, MatrixRow] = {}
        with contextlib.ExitStack() as stack:
            servers: dict[tuple[KindName, Mode], Server] = {}
            for kind in self.kinds if not self.stopped else ():
                own = stack.enter_context(serve(kind))
                twin = stack.enter_context(serve(kind, mode="starttls")) if KINDS[kind].has_twin else own
                servers |= {(kind, mode): twin if mode.startswith("starttls") else own for mode in self.modes}
            cells = list(servers)
            self._dials = [Later(partial(Dial, server, mode, timeout_s=self.timeout_s, mail_from=SENDER))
                           for (_, mode), server in servers.items()]
            with contextlib.closing(run_concurrently(self._dials)) as results:
                for index, trace in results:
                    if self.stopped:
                        break
                    kind, mode = cells[index]
                    seen = servers[kind, mode].trace(of=trace)
                    trace = confirm(trace, seen)
                    rows[index] = MatrixRow(mode, kind, trace.cause, trace.certain, trace.ok, trace.bytes_read,
                                            trace.bytes_written, trace.seconds, trace.waiting_for, trace, seen)
                    if self.listener:
                        self.listener(rows[index])
        return [rows[index] for index in sorted(rows)]
