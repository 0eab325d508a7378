"""What settings, or a mode and a port alone, lead to: the cause that they predict, without any error text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..causes import Cause
from ..messages import Explanation
from ..messages.likelihood import STEP, in_steps

if TYPE_CHECKING:
    from ..settings import SettingsReport

# How likely the cause is that settings predict: with no error beside them, with one that tells nothing, and with one
# that names this cause behind another.
ALONE, WITH_UNKNOWN, AMONG_OTHERS = 0.85, 0.7, 0.75
VAGUE = 0.7  # an error that is surer of its cause than this is not overruled by what the settings predict
KNOWN_PORTS = (25, 465, 587, 2525)
# The first is meant; the others are what an error may say in its place.
_BY_OUTCOME: dict[str, tuple[Cause, ...]] = {
    "wrong-version-number": (Cause.IMPLICIT_TO_PLAINTEXT,), "hang": (Cause.PLAINTEXT_TO_IMPLICIT,),
    "starttls-not-offered": (Cause.STARTTLS_NOT_OFFERED,),
    "refused-needs-tls": (Cause.STARTTLS_REQUIRED, Cause.AUTH_NEEDS_TLS),
    "auth-not-offered": (Cause.AUTH_MECHANISM, Cause.AUTH_NEEDS_TLS), "auth-missing": (Cause.AUTH_REQUIRED,),
    "config-error": (Cause.OTHER,), "certificate-refused": (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,)}


def predicts(report: SettingsReport | None) -> tuple[Cause, ...]:
    """The causes that these settings lead to; none if they work, as far as settings can tell."""
    return _BY_OUTCOME.get(report.outcome.value, ()) if report else ()


def with_settings(found: Sequence[Explanation], report: SettingsReport, line: tuple[int, str], has_error: bool
                  ) -> list[Explanation]:
    """The causes of an error whose settings are known, the likeliest first.

    `line` is the deciding line and its number.
    """
    causes = predicts(report)
    if not causes:
        return list(found)
    unknown = not found or not found[0].phrase
    if unknown:
        if causes[0] is Cause.OTHER and has_error:
            return list(found)
        return [_from_settings(causes[0], WITH_UNKNOWN if has_error else ALONE, report, line)]
    first = found[0]
    if first.cause in causes:
        surer = in_steps(1 - (1 - first.likelihood) * 0.4)
        return [replace(first, likelihood=surer, why=f"{_decides(report, line)} {first.why}"),
                *less_likely(found[1:], 1 - surer)]
    among = next((one for one in found[1:] if one.cause in causes), None)
    mismatch = causes[0] in (Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT)
    if first.likelihood >= VAGUE or among is None and not (mismatch and first.likelihood < 0.5):
        return list(found)
    made = (replace(among, likelihood=AMONG_OTHERS, why=f"{_decides(report, line)} {among.why}") if among else
            _from_settings(causes[0], WITH_UNKNOWN, report, line))
    return [made, *less_likely([one for one in found if one is not among], 1 - made.likelihood)]


def less_likely(others: Sequence[Explanation], room: float) -> list[Explanation]:
    """The causes behind a first one that leaves them so much: those that would get nothing are left out."""
    total = sum(one.likelihood for one in others)
    scale = min(1.0, room / total) if total else 1.0
    scaled = [replace(one, likelihood=in_steps(one.likelihood * scale)) for one in others
              if one.likelihood * scale >= STEP / 2]
    return [one for at, one in enumerate(scaled) if sum(two.likelihood for two in scaled[:at + 1]) <= room + STEP / 10]


def _decides(report: SettingsReport, line: tuple[int, str]) -> str:
    """The line that decides on the mode, and why."""
    number, text = line
    where = f"Line {number}, `{text}`" if number and text else f"`{text}`" if text else f"{report.title}'s settings"
    return f"{where}: {report.because.rstrip('.')}."


def _says(report: SettingsReport, line: tuple[int, str]) -> str:
    return f"{_decides(report, line)} {report.sentence}"


def _from_settings(cause: Cause, likelihood: float, report: SettingsReport, line: tuple[int, str]) -> Explanation:
    text = cause.text
    title = "The program refuses these settings before it connects" if report.outcome.value == "config-error" \
        else text.title
    return Explanation(cause, likelihood, title, _says(report, line), text.fixes, (text.evidence,), text.lesson,
                       phrase=line[1] or report.mode.value)


def from_mode_and_port(mode: str, port: int) -> Explanation | None:
    """What a client in that mode meets on the port, or None where it meets what it expects, or nobody can say.

    `mode` is implicit, starttls or plain. Of other ports than those in `KNOWN_PORTS` nothing is known.
    """
    if port not in KNOWN_PORTS or (mode == "implicit") == (port == 465):
        return None
    cause = Cause.IMPLICIT_TO_PLAINTEXT if mode == "implicit" else Cause.PLAINTEXT_TO_IMPLICIT
    text = cause.text
    begins = {"implicit": "begins with TLS", "starttls": "begins in clear, as STARTTLS does",
              "plain": "begins in clear"}[mode]
    speaks = "expects TLS from the first byte" if port == 465 else "speaks plaintext first"
    return Explanation(cause, ALONE, text.title, f"The client {begins}; port {port} {speaks}. {text.why}", text.fixes,
                       (text.evidence,), text.lesson, phrase=f"port {port}, {mode}")
