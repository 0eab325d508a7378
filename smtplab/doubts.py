"""Why the cause of a trace is not certain, in words: what else would give these very bytes."""

from __future__ import annotations

from .causes import Cause, CauseText
from .conversation import Conversation
from .events import Awaited, Stage
from .trace_data import TraceData

# By the system's error of a connection that was never made.
UNREACHABLE = dict.fromkeys(
    ("EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN"),
    "this is an answer and not silence: of the client's own routes, of a router, or of a firewall that rejects.",
) | dict.fromkeys(("EACCES", "EPERM"), "the client's own machine forbids it: its firewall, SELinux or a sandbox.")


_BY_THE_NETWORK = CauseText(
    "No way leads to the server, or it is forbidden",
    "No packet was dropped in silence: the client was told that there is no way to this address, or that it may not be "
    "used. TLS and SMTP had no part in it.",
    ("Check the host's address, and that there is a way to it: ip route get ADDRESS.",
     "An IPv6 address needs a network with IPv6: try the IPv4 one.",
     "If it says that permission is denied, look at this machine's own firewall, SELinux and containers."),
    Cause.FILTERED_TIMEOUT.text.evidence, Cause.FILTERED_TIMEOUT.text.lesson)


def text_of(trace: TraceData) -> CauseText:
    """What there is to say about a cause that is not certain: its own text, or one for how it shows itself here."""
    told = trace.cause is Cause.FILTERED_TIMEOUT and trace.failure and trace.failure.reason in UNREACHABLE
    return _BY_THE_NETWORK if told else trace.cause.text


def doubt(trace: TraceData, conversation: Conversation) -> str:
    """A sentence, in lower case, for a trace whose cause is not certain."""
    failure = trace.failure
    if failure and failure.stage == Stage.CONNECT:
        return UNREACHABLE.get(failure.reason, "it is the client's machine that says so, not the server.")
    if failure and failure.reason.startswith("certificate verify failed"):
        return "a certificate between, which the server should send and does not, gives the same error."
    if conversation.client_left and trace.cause.startswith("cert-"):
        return ("in TLS 1.3 its reason crosses encrypted, if it gives any; and a check that only wants to see the "
                "certificate, or a client that was stopped, ends it here too.")
    if conversation.alerts:
        return "the alert that was sent has other causes too."
    if trace.cause is Cause.PLAINTEXT_TO_IMPLICIT:
        gave_up = ", and so does a proxy that gives up on a server it can't reach" if trace.ending else ""
        return f"a silent or slow server looks the same to a client that waits{gave_up}."
    if trace.ending:
        return "the other side ended the connection and did not say why."
    if trace.cause is Cause.HANDSHAKE_STALLED:
        return "a server that is only slow looks the same."
    if trace.waiting_for == Awaited.SERVER_HELLO:
        return ("a silent server and a slow one look the same, the port may speak something else, and either hello may "
                "be lost on the way.")
    return "this side's bytes allow more than one explanation."
