"""What ends a TLS handshake, and what it means: a verification code, an alert, or a client that leaves without a word.

Loaded only where a handshake has failed.
"""

from __future__ import annotations

from .causes import Cause
from .certificate import rejection
from .conversation import Conversation
from .events import Who
from .trace_data import Decision, TraceData

# X.509 verification codes (x509_vfy.h), the numbers of which do not change between releases.
VERIFY_CODES = {2: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, 18: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                19: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, 20: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                21: Cause.CERT_CHAIN_INCOMPLETE, 9: Cause.CERT_EXPIRED, 10: Cause.CERT_EXPIRED,
                62: Cause.CERT_HOSTNAME, 64: Cause.CERT_HOSTNAME}
# What an alert means (RFC 8446 section 6.2).
ALERTS = {40: Cause.TLS_VERSION_OR_CIPHER, 70: Cause.TLS_VERSION_OR_CIPHER, 71: Cause.TLS_VERSION_OR_CIPHER,
          86: Cause.TLS_VERSION_OR_CIPHER, 48: Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
          45: Cause.CERT_EXPIRED, 46: Cause.CERT_REJECTED, 42: Cause.CERT_HOSTNAME, 112: Cause.CERT_HOSTNAME}
# handshake_failure says nothing more; bad_certificate is how OpenSSL words a wrong name, and much else. For an unknown
# authority and for a certificate between that was not sent, OpenSSL has the same codes, 20 and 21, and the same alert.
VAGUE_ALERTS, VAGUE_CODES, NO_REASON = {40, 42, 48, 112}, {20, 21}, (42, 46)


def verified(code: int) -> Decision:
    """What the client's own verification found."""
    return VERIFY_CODES.get(code, Cause.OTHER), code not in VAGUE_CODES


def left(trace: TraceData) -> Decision:
    """What it means that the client ended it as soon as it had seen the server's handshake."""
    return rejection(trace, Cause.CERT_REJECTED), False


def alerted(trace: TraceData, conversation: Conversation) -> Decision:
    """What the alerts mean: those in clear, and for a server those that its TLS library reported, as within TLS 1.3
    they are encrypted on the wire. Without any that says, an old version that was agreed is the likely reason. Only a
    client's complaint about a certificate is about the server's."""
    reports = [event.report for event in trace.events if event.report] if trace.seen_from == Who.SERVER else []
    reported = [(Who.SERVER if r.wrote else Who.CLIENT, r.data[1]) for r in reports if r.kind == "alert"]
    for who, number in [*((who, alert.number) for who, alert in conversation.alerts), *reported]:
        if number in ALERTS:
            cause, by_client = ALERTS[number], who == Who.CLIENT
            certain = (by_client or cause is Cause.TLS_VERSION_OR_CIPHER) and number not in VAGUE_ALERTS
            seen = rejection(trace, cause) if by_client and number in NO_REASON else cause
            return seen, certain and seen is cause
    return (Cause.TLS_VERSION_OR_CIPHER if (conversation.hello_version or 0x0303) < 0x0303 else Cause.OTHER), False
