"""`check`: an app's sending function against the kinds of servers that matter in its mode, and what came of it."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from ..causes import Cause
from ..escape import printable
from ..events import Mode
from ..literals import KindName
from ..trace import Trace
from .app_server import AppServer, Config
from .expectation import WITHIN_S, Expectation, ExpectationFailed, said_by, seen_in

WIDTH = 100  # of a paragraph in a failure, in characters
# The right server of a mode, and those that a client in this mode must refuse, or leave before long.
RIGHT: dict[Mode, KindName] = {Mode.STARTTLS: "starttls", Mode.IMPLICIT: "implicit"}
_BAD_CERTIFICATES: tuple[KindName, ...] = ("self-signed", "unknown-ca", "wrong-name", "expired")
WRONG: dict[Mode, tuple[KindName, ...]] = {
    Mode.STARTTLS: ("starttls-stripped", "starttls-refused", *_BAD_CERTIFICATES, "silent"),
    Mode.IMPLICIT: ("starttls", *_BAD_CERTIFICATES, "silent")}


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
            lines += [f"  the server saw {seen_in(trace)}"]
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
    said = "returned False" if refused else said_by(one.error)
    return Outcome(kind, one.cause, problem, said, tuple(one.traces), one.seconds)


def _sent(one: Expectation) -> bool:
    """Whether a mail was accepted."""
    return any(step.verb in ("DATA", "BDAT") and step.reply and step.reply.reply_code < 400
               for trace in one.traces for step in trace.conversation.steps)
