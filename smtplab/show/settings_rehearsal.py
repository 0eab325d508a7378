"""Settings put to the test: a lab server like the standard one of the port is dialled in the settings' mode.

Only the mode is imitated. If the framework does more than that (it sends AUTH unasked, or never logs in), the
comparison says so and does not count it as a contradiction.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..between import confirm
from ..causes import Cause
from ..events import Mode
from ..lab import LAB_PASSWORD, LAB_USER
from ..literals import KindName
from ..recorded.choice import new_dial, serve
from ..settings import Outcome, SettingsMode, SettingsReport
from ..settings.standard import MX, SUBMISSION, SUBMISSIONS, server_of
from ..trace import Trace

if TYPE_CHECKING:
    from ..lab.client import Dial

# See `rehearsal` for one more.
KINDS: dict[int, KindName] = {SUBMISSION: "starttls-required", SUBMISSIONS: "implicit", MX: "starttls"}
MODES = {SettingsMode.PLAIN: Mode.PLAIN, SettingsMode.STARTTLS_REQUIRED: Mode.STARTTLS,
         SettingsMode.STARTTLS_OPPORTUNISTIC: Mode.STARTTLS_OPPORTUNISTIC, SettingsMode.IMPLICIT: Mode.IMPLICIT}
NEEDS_TLS = (Cause.AUTH_NEEDS_TLS, Cause.STARTTLS_REQUIRED)
# What a dial shows where the prediction holds.
CAUSES = {Outcome.WORKS: (Cause.OK,), Outcome.WRONG_VERSION_NUMBER: (Cause.IMPLICIT_TO_PLAINTEXT,),
          Outcome.HANG: (Cause.PLAINTEXT_TO_IMPLICIT,), Outcome.STARTTLS_NOT_OFFERED: (Cause.STARTTLS_NOT_OFFERED,),
          Outcome.PLAINTEXT: (Cause.OK, *NEEDS_TLS), Outcome.REFUSED_NEEDS_TLS: NEEDS_TLS,
          Outcome.AUTH_MISSING: (Cause.AUTH_REQUIRED,)}
_MODE_ALONE = ("The lab dials in the same mode and does nothing else that this framework does of its own, so this is"
               " no test of the prediction.")
_NOTES = {
    Outcome.AUTH_NOT_OFFERED: "The lab's dial tries no login on port 25, and so gets by; a client with a user name and"
                              " a password fails where none is taken.",
    Outcome.CERTIFICATE_REFUSED: "The lab's dial trusts the lab's authority; this client trusts none.",
    Outcome.AUTH_MISSING: "The lab's server of this port takes the connection; one on the internet refuses mail"
                          " from those who never logged in."}


@dataclass(frozen=True)
class DialPlan:
    """What is dialled: a lab server of this `kind` in this `mode`, with or without a login and a sender."""

    kind: KindName
    mode: Mode
    login: tuple[str, str] | None
    mail_from: str | None

    def __str__(self) -> str:
        how = f"logging in as {self.login[0]}" if self.login else "without a login"
        return f"a client in mode {self.mode} at the lab's {self.kind} server, {how}"


def rehearsal(report: SettingsReport) -> DialPlan | None:
    """The dial that does what these settings do; None where they are refused and nothing is dialled."""
    if report.mode is SettingsMode.ERROR:
        return None
    server = server_of(report.port, report.mode)
    stranger = report.outcome is Outcome.AUTH_MISSING
    logs_in = server != MX and not stranger
    kind = "auth-required" if stranger and server != SUBMISSIONS else KINDS[server]
    return DialPlan(kind, MODES[report.mode], (LAB_USER, LAB_PASSWORD) if logs_in else None,
                     None if logs_in else f"{LAB_USER}@example.com")


@dataclass(frozen=True)
class Comparison:
    """The outcome that was predicted and the cause that was seen; `agrees` is None if the dial can't tell."""

    predicted: str
    seen: str
    agrees: bool | None
    note: str = ""


def compare(report: SettingsReport, trace: Trace) -> Comparison:
    """Compare what a rehearsal showed with the prediction, with a note on what the dial does not imitate."""
    seen = f"{trace.cause}{'' if trace.certain else ' (not certain)'}"
    if trace.cause is Cause.OK and not trace.tls:
        seen += ", in clear"
    predicted = report.outcome.value
    if trace.failure and trace.failure.reason == "stopped":
        return Comparison(predicted, seen, None, "It was stopped before its end.")
    causes = CAUSES.get(report.outcome)
    if causes is None:
        return Comparison(predicted, seen, None, _NOTES.get(report.outcome, _MODE_ALONE))
    if trace.cause in causes:
        return Comparison(predicted, seen, True, _more(report, trace))
    beyond = trace.cause is Cause.OK and report.outcome is not Outcome.WORKS
    return Comparison(predicted, seen, None if beyond else False,
                      _NOTES.get(report.outcome, _MODE_ALONE) if beyond else "")


def _more(report: SettingsReport, trace: Trace) -> str:
    if report.outcome is Outcome.HANG:
        ends = report.hang_ends_after_s
        waits = "for ever" if ends is None else f"{ends:g} s"
        return f"The lab gave up after {trace.seconds:.1f} s; these settings would have waited {waits}."
    if report.outcome is Outcome.PLAINTEXT and trace.cause in NEEDS_TLS:
        return ("The lab's client stops where AUTH is not offered. This framework sends it all the same: "
                + ("the password is on the wire before the server can refuse it." if report.password_first else
                   "the method's name alone, and the password only if the server asks for it."))
    return ""


class Rehearsing:
    """A rehearsal as a job, with a server of its own that ends with it.

    `dial` is there while it runs, `trace` and `server_trace` once it has ended.
    """

    def __init__(self, what: DialPlan, timeout_s: float) -> None:
        self.what, self.timeout_s = what, timeout_s
        self.trace: Trace | None = None
        self.server_trace: Trace | None = None
        self._stopped, self._lock = False, threading.Lock()
        self.dial: Dial | None = None

    def run(self) -> Trace:
        """Start the server, dial it, and add the server's view. Raises OSError if it can't listen on loopback."""
        with serve(self.what.kind) as server:
            dial = new_dial(server, self.what.mode, timeout_s=self.timeout_s, login=self.what.login,
                            mail_from=self.what.mail_from)
            with self._lock:
                self.dial = dial
                if self._stopped:
                    dial.stop()
            trace = dial.run()
            self.server_trace = server.trace(of=trace)
            self.trace = confirm(trace, self.server_trace)
        return self.trace

    def stop(self) -> None:
        """End at once. May be called from any thread."""
        with self._lock:
            self._stopped = True
            if self.dial:
                self.dial.stop()
