"""`AppServer`: a lab server for an app, with the settings that lead to it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..causes import Cause
from ..events import Mode
from ..lab import LAB_PASSWORD, LAB_USER
from ..lab.matrix import EXPECTED
from ..lab.server import KINDS, Server, serve
from ..literals import KindName, ModeName
from ..trace import Trace
from .expectation import WITHIN_S, Expectation


def cause_of(kind: KindName, mode: Mode | ModeName) -> Cause:
    """What an app in this mode fails by at this kind of server, or `Cause.OK`; for a kind that has a twin, at the one
    that fits the mode. The app logs in where it can within TLS.

    Raises ValueError for an unknown kind or mode."""
    if kind not in EXPECTED:
        raise ValueError(f"no kind of server {kind!r}; the kinds are {', '.join(EXPECTED)}")
    cause = EXPECTED[kind][list(Mode).index(Mode.of(mode))]
    return Cause.OK if cause is Cause.AUTH_REQUIRED and mode != Mode.PLAIN else cause


@dataclass(frozen=True)
class Config:
    """A server as an app's settings have it. `user` and `password` are empty where it offers no login; `mode` is the
    client's that `starttls` and `implicit` say in one word each."""

    host: str
    port: int
    ca_file: str
    user: str
    password: str
    mode: Mode

    @property
    def starttls(self) -> bool:
        """Whether TLS begins with STARTTLS."""
        return self.mode in (Mode.STARTTLS, Mode.STARTTLS_OPPORTUNISTIC)

    @property
    def implicit(self) -> bool:
        """Whether TLS begins at once."""
        return self.mode is Mode.IMPLICIT

    @contextlib.contextmanager
    def trusted(self) -> Iterator[None]:
        """Let what uses Python's or OpenSSL's own defaults trust the lab's authority, for an app that has no setting
        for that: the environment variable SSL_CERT_FILE, put back at the end."""
        before = os.environ.get("SSL_CERT_FILE")
        os.environ["SSL_CERT_FILE"] = self.ca_file
        try:
            yield
        finally:
            if before is None:
                del os.environ["SSL_CERT_FILE"]
            else:
                os.environ["SSL_CERT_FILE"] = before


class AppServer:
    """A lab server for an app, to use in a `with` block: `kind`, the client's `mode`, `server`, and `config`.

    Without `mode` it is the one that fits the kind; other options are those of `serve`, whose errors it raises."""

    def __init__(self, kind: KindName, mode: Mode | ModeName | None = None, **options: Any) -> None:
        self.mode = _fitting(kind) if mode is None else Mode.of(mode)
        self.server: Server = serve(kind, mode=self.mode, **options)
        self.kind, row = kind, KINDS[kind]
        user, password = (LAB_USER, LAB_PASSWORD) if row.tls or row.options.auth_in_clear else ("", "")
        self.config = Config(*self.server.address, self.server.ca_file or "", user, password, self.mode)

    def __enter__(self) -> AppServer:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __str__(self) -> str:
        return f"the {self.kind} server{' (STARTTLS)' if KINDS[self.kind].tls != self.server.tls else ''}"

    def close(self) -> None:
        """End it, and every connection to it."""
        self.server.close()

    def traces(self, since: int = 0) -> list[Trace]:
        """The server's side of every visit but the first `since`; the last has ended, or a second has passed."""
        self.server.trace()
        return self.server.traces()[since:]

    def expect(self, cause: Cause | str | None = None, *, within_s: float = WITHIN_S,
               in_clear: bool = False) -> Expectation:
        """A `with` block in which the app sends, and comes to this end: without `cause`, the one of kind and mode.

        Where that is "ok", the app must not raise. Otherwise it must send neither login nor mail and leave, for this
        reason as far as a server can see; what it raises is kept as `error` and goes no further, but for an
        AssertionError. After `within_s` the server is closed. No password may cross in clear, and but in mode
        plain no mail, unless `in_clear`. Raises ValueError for an unknown cause, and at its end `ExpectationFailed`."""
        if cause is not None and cause not in list(Cause):
            raise ValueError(f"no cause {cause!r}; the causes are {', '.join(Cause)}")
        return Expectation(self, cause_of(self.kind, self.mode) if cause is None else Cause(cause), within_s, in_clear)


def _fitting(kind: KindName) -> Mode:
    """The mode of the client that this kind is for."""
    row = KINDS.get(kind)
    if row is None:
        return Mode.PLAIN  # `serve` will say that there is none
    if row.tls is None and not row.options.auth_in_clear:
        return Mode.PLAIN
    return Mode.IMPLICIT if row.tls == "implicit" else Mode.STARTTLS
