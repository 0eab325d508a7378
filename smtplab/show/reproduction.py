"""Causes made to order: for each, the dial and the kind of lab server that show it, or why the lab has none.

A text only hints at its cause; here are the bytes of one that is certain, to hold the text against.
"""

from __future__ import annotations

from ..causes import Cause
from ..lab import LAB_PASSWORD, LAB_USER
from ..trace import Mode, Trace
from .settings_rehearsal import Comparison, DialPlan

_RIGHT, _WRONG = (LAB_USER, LAB_PASSWORD), (LAB_USER, "not the password")
_SENDER = f"{LAB_USER}@example.com"
MADE_BY = {
    Cause.OK: DialPlan("starttls", Mode.STARTTLS, _RIGHT, None),
    Cause.IMPLICIT_TO_PLAINTEXT: DialPlan("starttls", Mode.IMPLICIT, None, None),
    Cause.PLAINTEXT_TO_IMPLICIT: DialPlan("implicit", Mode.STARTTLS, None, None),
    Cause.STARTTLS_NOT_OFFERED: DialPlan("starttls-stripped", Mode.STARTTLS, None, None),
    Cause.STARTTLS_REQUIRED: DialPlan("starttls-required", Mode.PLAIN, None, _SENDER),
    Cause.AUTH_REJECTED: DialPlan("starttls", Mode.STARTTLS, _WRONG, None),
    Cause.AUTH_MECHANISM: DialPlan("plain", Mode.PLAIN, _RIGHT, None),
    Cause.AUTH_NEEDS_TLS: DialPlan("starttls", Mode.PLAIN, _RIGHT, None),
    Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA: DialPlan("self-signed", Mode.IMPLICIT, None, None),
    Cause.CERT_HOSTNAME: DialPlan("wrong-name", Mode.IMPLICIT, None, None),
    Cause.CERT_EXPIRED: DialPlan("expired", Mode.IMPLICIT, None, None),
    Cause.TLS_VERSION_OR_CIPHER: DialPlan("old-tls", Mode.IMPLICIT, None, None),
    Cause.REFUSED: DialPlan("refused", Mode.STARTTLS, None, None),
    Cause.FILTERED_TIMEOUT: DialPlan("filtered", Mode.STARTTLS, None, None),
    Cause.SERVER_NOT_SMTP: DialPlan("not-smtp", Mode.STARTTLS, None, None),
    Cause.TEMPORARILY_UNAVAILABLE: DialPlan("starttls-refused", Mode.STARTTLS, None, None),
    Cause.CLOSED_BEFORE_GREETING: DialPlan("closes", Mode.STARTTLS, None, None)}
NOT_MADE = {
    Cause.CERT_CHAIN_INCOMPLETE: "its authority signs servers itself, so there is no certificate between to leave out.",
    Cause.DNS: "it has no name server. smtplab handshake name.invalid:587 --mode starttls asks your own for a name that"
               " never exists (RFC 6761).",
    Cause.MIDDLEBOX: "it has nothing in between. What one may leave of a server is the kind starttls-stripped:"
                     " smtplab serve starttls-stripped.",
    Cause.RELAY_OR_POLICY: "its servers take every mail, and drop it.",
    Cause.OTHER: "this is no cause of its own, but what is left where none fits."}


def reproduction(cause: Cause) -> tuple[DialPlan | None, str]:
    """(the dial and server that show this cause, "") or (None, why the lab can't make it)."""
    return MADE_BY.get(cause), NOT_MADE.get(cause, "")


def seen(cause: Cause, trace: Trace) -> Comparison:
    """What a dial showed, beside the cause that it was to show."""
    said = f"{trace.cause}{'' if trace.certain else ' (not certain)'}"
    if trace.failure and trace.failure.reason == "stopped":
        return Comparison(cause.value, said, None, "It was stopped before its end.")
    return Comparison(cause.value, said, trace.cause is cause)
