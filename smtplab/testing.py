"""For the tests of an app that sends mail: a lab server as the app's settings, and whether the app did what it must.

`AppServer` is a server with the settings that lead to it; its `expect` waits for what the server saw and raises an
`ExpectationFailed` that tells it. `check` runs an app's sending function against the right server, and against the
wrong ones that matter in its mode. The fixture `smtplab_server` of `pytest_plugin` brings both to pytest.
"""

from __future__ import annotations

import contextlib
import os
import textwrap
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from .address import name_address
from .causes import Cause
from .escape import printable
from .events import Mode, Stage
from .lab import LAB_PASSWORD, LAB_USER
from .lab.matrix import EXPECTED
from .lab.server import KINDS, Server, serve
from .literals import KindName, ModeName
from .trace import Trace
from .words import WIDTH

# The right server of a mode, and those that a client in this mode must refuse, or leave before long.
RIGHT: dict[Mode, KindName] = {Mode.STARTTLS: "starttls", Mode.IMPLICIT: "implicit"}
_BAD_CERTIFICATES: tuple[KindName, ...] = ("self-signed", "unknown-ca", "wrong-name", "expired")
WRONG: dict[Mode, tuple[KindName, ...]] = {
    Mode.STARTTLS: ("starttls-stripped", "starttls-refused", *_BAD_CERTIFICATES, "silent"),
    Mode.IMPLICIT: ("starttls", *_BAD_CERTIFICATES, "silent")}
WITHIN_S = 10.0  # in which an app has to end
_CERTIFICATE = (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, Cause.CERT_HOSTNAME, Cause.CERT_EXPIRED,
                Cause.CERT_CHAIN_INCOMPLETE)
# Those that a server tells, in its reply to a login or a mail.
_REPLIES = (Cause.STARTTLS_REQUIRED, Cause.AUTH_REQUIRED, Cause.AUTH_REJECTED, Cause.AUTH_MECHANISM,
            Cause.AUTH_NEEDS_TLS, Cause.RELAY_OR_POLICY)
_OTHER_MODE = (Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT)


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


class ExpectationFailed(AssertionError):
    """What was expected of an app, what happened, and what the server saw."""


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


class Expectation:
    """What `AppServer.expect` waits for. After the block: `error`, what the app raised; `traces`, the server's side
    of each of its connections; `trace`, the last; `seconds`; and `problem`, empty if all was as expected."""

    def __init__(self, server: AppServer, cause: Cause, within_s: float, in_clear: bool) -> None:
        self.server, self.cause, self.within_s, self.in_clear = server, cause, within_s, in_clear
        self.error: Exception | None = None
        self.traces: list[Trace] = []
        self.seconds, self.problem, self.overtime = 0.0, "", False

    @property
    def trace(self) -> Trace | None:
        """The server's side of the last connection."""
        return self.traces[-1] if self.traces else None

    def __enter__(self) -> Expectation:
        self._since, self._start = len(self.server.server.traces()), time.monotonic()
        self._timer = threading.Timer(self.within_s, self._end)
        self._timer.daemon, self._timer.name = True, "smtplab-deadline"
        self._timer.start()
        return self

    def _end(self) -> None:
        self.overtime, self.traces = True, self.server.server.traces()[self._since:]
        self.server.close()

    def __exit__(self, _kind: object, exc: BaseException | None, _traceback: TracebackType | None) -> bool:
        __tracebackhide__ = True  # a failure is shown where the block stands, not here
        self.seconds = time.monotonic() - self._start
        self._timer.cancel()
        self._timer.join()
        if exc is not None and (not isinstance(exc, Exception) or isinstance(exc, AssertionError)):
            return False
        self.error = exc
        _let_go(exc)
        self.traces = self.traces if self.overtime else self.server.traces(self._since)
        self.problem = _problem(self)
        if self.problem:
            raise ExpectationFailed(str(self)) from None
        return True

    def __str__(self) -> str:
        """What was expected, what happened, and each conversation with its diagnosis."""
        return "\n".join([self.summary(), *(f"\n--- what {self.server} saw\n{trace}" for trace in self.traces)])

    def summary(self) -> str:
        """What was expected and what happened, in a few lines."""
        title = f"expected {self.cause} of a client in mode {self.server.mode} at {self.server}"
        lines = [f"{title}: {self.problem or 'so it was'}", f"  the app    {_said(self.error)}"]
        lines += [f"  the server saw {_seen(trace)}" for trace in self.traces] or ["  the server saw no connection"]
        return printable("\n".join(lines))


def _let_go(error: BaseException | None) -> None:
    """Forget what the functions held that an error came through: a connection that was left open then closes, and the
    server sees its end."""
    while error:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _said(error: Exception | None) -> str:
    """What the app raised, in one line."""
    return f"raised {type(error).__name__}: {' '.join(str(error).split())}"[:300] if error else "raised nothing"


def _seen(trace: Trace) -> str:
    """What a server saw, in one line."""
    if trace.cause is Cause.OTHER:
        steps = trace.conversation.steps
        return f"no known cause; last it heard {steps[-1].verb if steps else 'no command'}"
    return f"{trace.cause}: {trace.diagnosis.title}{'' if trace.certain else ' (not certain)'}"


def _problem(one: Expectation) -> str:
    """What is not as expected; empty if all is."""
    trace = one.trace
    if not one.in_clear and any(trace.password_in_clear for trace in one.traces):
        return "a password crossed in clear"
    protected = one.server.mode is not Mode.PLAIN and not one.in_clear
    if protected and any(trace.mail_in_clear for trace in one.traces):
        return "mail crossed in clear"
    if one.overtime:
        return f"the app had not ended after {one.within_s:g} s and may have no time-out"
    if trace is None:
        unseen = KINDS[one.server.kind].at_connect and one.cause is not Cause.OK and one.error
        return "" if unseen else f"the app did not connect to {name_address(one.server.server.address)}"
    if one.cause is Cause.OK:
        if one.error:
            return "the app raised an error"
        return "" if trace.cause is Cause.OK else "it failed"
    if one.cause in _REPLIES:
        return "" if trace.cause is one.cause else "it ended otherwise"
    if any(_went_on(trace, one.cause) for trace in one.traces):
        return "the app went on, where it should have refused"
    return "" if _fits(trace, one.cause) else "it failed for another reason"


def _went_on(trace: Trace, cause: Cause) -> bool:
    """Whether the client said what only one says that finds nothing wrong: within TLS that it should have refused
    anything but a farewell, elsewhere a login or a mail."""
    steps = trace.conversation.steps
    if cause in _CERTIFICATE and any(step.inside and step.stage != Stage.QUIT for step in steps):
        return True
    return any(step.stage in (Stage.AUTH, Stage.MAIL) for step in steps)


def _fits(trace: Trace, cause: Cause) -> bool:
    """Whether what a server saw of a client that left fits this cause. The reason it often can't see: an alert may be
    vague or missing, and a client that misses STARTTLS just says goodbye."""
    if trace.cause is cause or cause in (Cause.OTHER, *_OTHER_MODE):
        return True
    if cause in _CERTIFICATE and not trace.conversation.tls_after:
        return False  # it can't have seen one
    vague = cause in (*_CERTIFICATE, Cause.STARTTLS_NOT_OFFERED, Cause.MIDDLEBOX) and trace.cause not in _OTHER_MODE
    return vague and (not trace.certain or trace.cause is Cause.OK)


# --- an app against the kinds that matter ---

@dataclass(frozen=True)
class Outcome:
    """One run of `check`: the `kind`, the `cause` that was due, `problem` (empty if it survived), what the app said,
    the server's traces, and how long it took."""

    kind: KindName
    cause: Cause
    problem: str
    said: str
    traces: tuple[Trace, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the app survived."""
        return not self.problem

    def __str__(self) -> str:
        seen = self.cause not in (Cause.OK, Cause.OTHER, Cause.PLAINTEXT_TO_IMPLICIT)  # others have no visible reason
        right = "works" if self.cause is Cause.OK else f"fails as it must{f': {self.cause}' if seen else ''}"
        return printable(f"{self.kind:18} {self.seconds:5.1f} s  {right if self.ok else 'WRONG: ' + self.problem}")


    def detail(self) -> str:
        """What is wrong, what the app said and what the server saw."""
        lines = [self.problem, f"  the app {self.said}"]
        for trace in self.traces:
            lines += [f"  the server saw {_seen(trace)}"]
            if trace.cause is not Cause.OTHER:
                lines += textwrap.wrap(trace.diagnosis.why, WIDTH, initial_indent="    ", subsequent_indent="    ")
        return "\n".join(lines)


@dataclass(frozen=True)
class Survey:
    """What `check` found: `mode`, and an `Outcome` for each kind, the right server first."""

    mode: Mode
    outcomes: tuple[Outcome, ...]

    @property
    def ok(self) -> bool:
        """Whether the app survived all."""
        return all(one.ok for one in self.outcomes)

    def __str__(self) -> str:
        """A line for each kind; below, what the app said and the server saw where it was wrong."""
        wrong: dict[str, list[str]] = {}
        for one in self.outcomes:
            if not one.ok:
                wrong.setdefault(one.detail(), []).append(one.kind)
        lines = [f"an app in mode {self.mode}:", *(f"  {one}" for one in self.outcomes)]
        for detail, kinds in wrong.items():
            lines += ["", f"{', '.join(kinds)}: {detail}"]
        return printable("\n".join(lines))


def check(send: Callable[[Config], object], mode: Mode | Literal["starttls", "implicit"], *,
          kinds: Iterable[KindName] | None = None, within_s: float = WITHIN_S) -> Survey:
    """Let an app send against the right server of its mode, which has to work, and against wrong ones, which must not:
    it has to fail in time and for the right reason, with no password or mail in clear.

    `send` sends one mail with the settings that it is given, and raises, or returns False, if it can't. `kinds` are
    the wrong ones, by default `WRONG[mode]`; each server is closed after `within_s`. The app runs in this thread.
    Raises ValueError for an unknown kind, and for a mode other than starttls and implicit, as only these refuse."""
    mode = Mode.of(mode)
    if mode not in RIGHT:
        raise ValueError(f"nothing to check in mode {mode}: it takes what it gets; the modes are {', '.join(RIGHT)}")
    wrong = WRONG[mode] if kinds is None else tuple(kinds)
    return Survey(mode, tuple(_outcome(send, kind, mode, within_s) for kind in (RIGHT[mode], *wrong)))


def _outcome(send: Callable[[Config], object], kind: KindName, mode: Mode, within_s: float) -> Outcome:
    returned: object = None
    with AppServer(kind, mode) as server:
        one = server.expect(within_s=within_s)
        with contextlib.suppress(ExpectationFailed), one:
            try:
                returned = send(server.config)
            except AssertionError as exc:  # the app's own, which a block of `expect` would let through
                raise RuntimeError(f"AssertionError: {exc}") from exc
    problem, refused = one.problem, returned is False
    if one.cause is Cause.OK:
        problem = problem or ("the app said that it failed" if refused else "" if _sent(one) else "no mail was sent")
    elif not (problem or one.error or refused):
        problem = "nothing was sent, and the app did not say so"
    said = "returned False" if refused else _said(one.error)
    return Outcome(kind, one.cause, problem, said, tuple(one.traces), one.seconds)


def _sent(one: Expectation) -> bool:
    """Whether a mail was accepted."""
    return any(step.verb in ("DATA", "BDAT") and step.reply and step.reply.reply_code < 400
               for trace in one.traces for step in trace.conversation.steps)
