"""`Expectation`: the end that an app is expected to come to, judged by what the server saw of it."""

from __future__ import annotations

import threading
import time
import traceback
from types import TracebackType
from typing import TYPE_CHECKING

from ..address import name_address
from ..causes import Cause
from ..escape import printable
from ..events import Mode, Stage
from ..lab.server import KINDS
from ..trace import Trace

if TYPE_CHECKING:
    from .app_server import AppServer

WITHIN_S = 10.0  # in which an app has to end
_CERTIFICATE = (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, Cause.CERT_HOSTNAME, Cause.CERT_EXPIRED,
                Cause.CERT_CHAIN_INCOMPLETE)
# Those that a server tells, in its reply to a login or a mail.
_REPLIES = (Cause.STARTTLS_REQUIRED, Cause.AUTH_REQUIRED, Cause.AUTH_REJECTED, Cause.AUTH_MECHANISM,
            Cause.AUTH_NEEDS_TLS, Cause.RELAY_OR_POLICY)
_OTHER_MODE = (Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT)


class ExpectationFailed(AssertionError):
    """What was expected of an app, what happened, and what the server saw."""


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
        lines = [f"{title}: {self.problem or 'so it was'}", f"  the app    {said_by(self.error)}"]
        lines += [f"  the server saw {seen_in(trace)}" for trace in self.traces] or ["  the server saw no connection"]
        return printable("\n".join(lines))


def _let_go(error: BaseException | None) -> None:
    """Forget what the functions held that an error came through: a connection that was left open then closes, and the
    server sees its end."""
    while error:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def said_by(error: Exception | None) -> str:
    """What the app raised, in one line."""
    return f"raised {type(error).__name__}: {' '.join(str(error).split())}"[:300] if error else "raised nothing"


def seen_in(trace: Trace) -> str:
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
