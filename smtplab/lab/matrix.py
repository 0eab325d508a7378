"""Every client mode against every kind of lab server, live and side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..causes import Cause
from ..diagnosis import confirm
from ..trace import Mode, Trace
from .client import Dial
from .server import KINDS, serve
from .together import side_by_side

_TIME_OUT = Cause.PLAINTEXT_TO_IMPLICIT
_IMPLICIT = (_TIME_OUT, _TIME_OUT, _TIME_OUT)
# What each kind should give, in the order of Mode: plain, starttls, starttls-opportunistic, implicit.
EXPECTED = {
    "plain": (Cause.OK, Cause.STARTTLS_NOT_OFFERED, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "starttls": (Cause.OK, Cause.OK, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "implicit": (*_IMPLICIT, Cause.OK),
    "refused": (Cause.REFUSED,) * 4,
    "filtered": (Cause.FILTERED_TIMEOUT,) * 4,
    "silent": (*_IMPLICIT, Cause.OTHER),
    "starttls-refused": (Cause.OK, Cause.TEMPORARILY_UNAVAILABLE, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "starttls-required": (Cause.STARTTLS_REQUIRED, Cause.OK, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "starttls-stripped": (Cause.OK, Cause.STARTTLS_NOT_OFFERED, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "greets-late": (Cause.OK, Cause.OK, Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT),
    "implicit-gives-up": (*_IMPLICIT, Cause.OK),
    "closes": (Cause.CLOSED_BEFORE_GREETING,) * 4,
    "resets": (Cause.CLOSED_BEFORE_GREETING,) * 4,
    "http": (*_IMPLICIT, Cause.IMPLICIT_TO_PLAINTEXT),
    "https": (*_IMPLICIT, Cause.OTHER),
    "not-smtp": (*(Cause.SERVER_NOT_SMTP,) * 3, Cause.IMPLICIT_TO_PLAINTEXT),
    "self-signed": (*_IMPLICIT, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA),
    "unknown-ca": (*_IMPLICIT, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA),
    "wrong-name": (*_IMPLICIT, Cause.CERT_HOSTNAME),
    "expired": (*_IMPLICIT, Cause.CERT_EXPIRED),
    "old-tls": (*_IMPLICIT, Cause.TLS_VERSION_OR_CIPHER),
}
SENDER = "alice@example.com"  # each dial offers a MAIL, or starttls-required would not show


@dataclass(frozen=True)
class MatrixRow:
    """One cell: a client mode against a kind of server. `trace` is the client's side of it."""

    mode: Mode
    server: str
    cause: Cause
    certain: bool
    ok: bool
    bytes_read: int
    bytes_written: int
    seconds: float
    waiting_for: str | None
    trace: Trace = field(repr=False, compare=False)

    @property
    def expected(self) -> Cause:
        """What this cell should say."""
        return EXPECTED[self.server][list(Mode).index(self.mode)]


def matrix(kinds: Iterable[str] = tuple(EXPECTED), modes: Iterable[Mode | str] = tuple(Mode), *,
           timeout_s: float = 4.0, listener: Callable[[MatrixRow], None] | None = None) -> list[MatrixRow]:
    """Dial every kind in every mode, all at once: it takes about one time-out.

    `timeout_s` should be over the two seconds that greets-late takes. `listener` gets each row as it
    comes. Both ends are ours, so a hang against an implicit server is certain here. Raises ValueError
    for unknown kinds or modes.
    """
    kinds, modes = list(kinds), [Mode.of(mode) for mode in modes]
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise ValueError(f"no kind of server {unknown[0]!r}; the kinds are {', '.join(KINDS)}")
    rows: dict[int, MatrixRow] = {}
    with contextlib.ExitStack() as stack:
        servers = {kind: stack.enter_context(serve(kind)) for kind in kinds}
        cells = [(kind, mode) for kind in kinds for mode in modes]
        dials = [Dial(servers[kind], mode, timeout_s=timeout_s, mail_from=SENDER) for kind, mode in cells]
        for index, trace in side_by_side(dials):
            kind, mode = cells[index]
            trace = confirm(trace, servers[kind].trace(of=trace))
            rows[index] = MatrixRow(mode, kind, trace.cause, trace.certain, trace.ok, trace.bytes_read,
                                    trace.bytes_written, trace.seconds, trace.waiting_for, trace)
            if listener:
                listener(rows[index])
    return [rows[index] for index in sorted(rows)]
