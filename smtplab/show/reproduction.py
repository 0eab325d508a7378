"""A dial at the lab for each cause, and the comparison of what it showed with the prediction.

An error text only hints at its cause. A dial that is sure to have that cause gives bytes to compare the text with.
"""

from __future__ import annotations

from ..causes import Cause
from ..events import Mode
from ..lab import LAB_PASSWORD, LAB_USER
from ..report import counters, transcript
from ..trace import Trace
from .document import Document, Group, Listing, Paragraph, Section, Strong, Tone, as_html
from .settings_rehearsal import Comparison, DialPlan

_RIGHT, _WRONG = (LAB_USER, LAB_PASSWORD), (LAB_USER, "not the password")
_SENDER = f"{LAB_USER}@example.com"
MADE_BY = {
    Cause.OK: DialPlan("starttls", Mode.STARTTLS, _RIGHT, None),
    Cause.IMPLICIT_TO_PLAINTEXT: DialPlan("starttls", Mode.IMPLICIT, None, None),
    Cause.PLAINTEXT_TO_IMPLICIT: DialPlan("implicit", Mode.STARTTLS, None, None),
    Cause.STARTTLS_NOT_OFFERED: DialPlan("starttls-stripped", Mode.STARTTLS, None, None),
    Cause.STARTTLS_REQUIRED: DialPlan("starttls-required", Mode.PLAIN, None, _SENDER),
    Cause.AUTH_REQUIRED: DialPlan("auth-required", Mode.STARTTLS, None, _SENDER),
    Cause.AUTH_REJECTED: DialPlan("starttls", Mode.STARTTLS, _WRONG, None),
    Cause.AUTH_MECHANISM: DialPlan("plain", Mode.PLAIN, _RIGHT, None),
    Cause.AUTH_NEEDS_TLS: DialPlan("starttls", Mode.PLAIN, _RIGHT, None),
    Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA: DialPlan("self-signed", Mode.IMPLICIT, None, None),
    Cause.CERT_HOSTNAME: DialPlan("wrong-name", Mode.IMPLICIT, None, None),
    Cause.CERT_EXPIRED: DialPlan("expired", Mode.IMPLICIT, None, None),
    Cause.TLS_VERSION_OR_CIPHER: DialPlan("old-tls", Mode.IMPLICIT, None, None),
    Cause.HANDSHAKE_STALLED: DialPlan("starttls-stalls", Mode.STARTTLS, None, None),
    Cause.REFUSED: DialPlan("refused", Mode.STARTTLS, None, None),
    Cause.FILTERED_TIMEOUT: DialPlan("filtered", Mode.STARTTLS, None, None),
    Cause.MIDDLEBOX: DialPlan("starttls-masked", Mode.STARTTLS, None, None),
    Cause.SERVER_NOT_SMTP: DialPlan("not-smtp", Mode.STARTTLS, None, None),
    Cause.TEMPORARILY_UNAVAILABLE: DialPlan("starttls-refused", Mode.STARTTLS, None, None),
    Cause.CLOSED_BEFORE_GREETING: DialPlan("closes", Mode.STARTTLS, None, None)}
NOT_MADE = {
    Cause.CERT_CHAIN_INCOMPLETE: "a client can't tell it from an authority that it does not know. The kind"
                                 " incomplete-chain is such a server: smtplab serve incomplete-chain.",
    Cause.CERT_REJECTED: "its own client says why. Point a client at smtplab relay HOST:PORT, with a certificate there"
                         " that it does not accept.",
    Cause.DNS: "it has no name server. smtplab handshake name.invalid:587 --mode starttls asks your own for a name that"
               " never exists (RFC 6761).",
    Cause.RELAY_OR_POLICY: "its servers take every mail, and drop it.",
    Cause.OTHER: "this is no cause of its own, but what is left where none fits."}


def reproduction(cause: Cause) -> tuple[DialPlan | None, str]:
    """(the dial and server that show this cause, "") or (None, the reason why the lab can't make it)."""
    return MADE_BY.get(cause), NOT_MADE.get(cause, "")


def seen(cause: Cause, trace: Trace) -> Comparison:
    """The cause that a dial was to show, and the one that it showed."""
    said = f"{trace.cause}{'' if trace.certain else ' (not certain)'}"
    if trace.failure and trace.failure.reason == "stopped":
        return Comparison(cause.value, said, None, "It was stopped before its end.")
    return Comparison(cause.value, said, trace.cause is cause)


def comparison(found: Comparison, trace: Trace, whose: str) -> str:
    """The prediction beside what was seen, as HTML; cause, counters and transcript below. `whose` names the dial."""
    mark, tone, verdict = {True: ("✓", Tone.GOOD, "as predicted"), False: ("✗", Tone.BAD, "not as predicted"),
                           None: ("?", Tone.DOUBT, "no test of the prediction")}[found.agrees]
    why = trace.diagnosis
    sizes = f"{trace.bytes_received} bytes received and {trace.bytes_sent} sent in {trace.seconds:.3f} s"
    waits = f"; the client was waiting: {trace.waiting_for}" if trace.waiting_for else ""
    note = (Paragraph(found.note),) * bool(found.note)
    return as_html(Document((
        Group((Paragraph(whose),
               Paragraph((Strong(f"{mark} predicted: {found.predicted} / seen: {found.seen}"), f" ({verdict}).")),
               *note), tone, status=True),
        Paragraph((Strong(f"{why.title}."), f" {why.why}")),
        Paragraph(f"{counters(trace)}. {sizes}{waits}."),
        Section("Transcript", (Listing("\n".join(transcript(trace.events)), label="transcript"),)))))
