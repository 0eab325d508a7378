"""What a conversation shows beside its cause: what crossed in clear, injected bytes, a certificate that nobody checked.

A connection can work and still have given a password away; then this is the finding.
"""

from __future__ import annotations

from itertools import takewhile

from .conversation import Conversation, Step
from .escape import show_bytes
from .events import UNVERIFIED, Mode, Stage
from .smtp import VERBS
from .trace_data import TraceData

# SASL mechanisms that prove a password, or name somebody, without sending what would serve as one.
_PROOFS = ("CRAM-", "SCRAM-", "DIGEST-", "GSSAPI", "GS2-", "NTLM", "KERBEROS_", "SRP", "OTP", "SKEY", "EXTERNAL",
           "ANONYMOUS")


def password_in_clear(conversation: Conversation) -> str | None:
    """The mechanism of a login outside TLS that gave away the password, or a token in its place; None if none did."""
    for number, step in enumerate(conversation.steps):
        if step.inside or step.stage != Stage.AUTH:
            continue
        mechanism, *initial = step.argument.upper().split() or [""]
        # Lines that came before the server had asked for them are no commands that anybody knows.
        ahead = takewhile(lambda step: step.verb not in VERBS, conversation.steps[number + 1:])
        answers = step.answers + (initial not in ([], ["="])) + len(list(ahead))
        if not mechanism.startswith(_PROOFS) and answers >= (2 if mechanism == "LOGIN" else 1):  # the user's name first
            return mechanism
    return None


def mail_in_clear(conversation: Conversation) -> list[Step]:
    """The commands of mails that were said outside TLS."""
    return [step for step in conversation.steps if step.stage == Stage.MAIL and not step.inside]


def crossed(conversation: Conversation) -> str:
    """How a title goes on that says what crossed in clear; empty if nothing did that matters."""
    mails = mail_in_clear(conversation)
    whole = any(step.verb in ("DATA", "BDAT") and (step.reply is None or step.reply.reply_code < 400) for step in mails)
    found = ["a password"] if password_in_clear(conversation) else []
    found += ["a mail" if whole else "a mail's sender"] if mails else []
    return f", and {' and '.join(found)} crossed in clear" if found else ""


def asides(trace: TraceData, conversation: Conversation) -> list[str]:
    """A sentence for each thing that there is to say beside the cause."""
    out = []
    if conversation.pipelined:
        out.append(f"Behind its STARTTLS and before TLS, the client sent `{show_bytes(conversation.pipelined)}`: "
                   "injected bytes, which a server has to throw away unread (RFC 3207 section 4.2).")
    if conversation.injected:
        out.append("After its reply to STARTTLS and before TLS, the server sent "
                   f"`{show_bytes(conversation.injected)}`: injected bytes, thrown away unread (RFC 3207 section 4.2).")
    in_clear = trace.tls is None and conversation.tls_after is None
    if trace.mode is Mode.STARTTLS_OPPORTUNISTIC and in_clear and conversation.steps:
        out.append("Warning: the client went on in clear, as opportunistic STARTTLS does; anyone on the way can "
                   "read it, and can cause it by removing STARTTLS from the EHLO reply.")
    if mechanism := password_in_clear(conversation):
        named = show_bytes(mechanism.encode())
        out.append(f"Warning: a password crossed in clear, in AUTH {named}. Whoever was on the way has it.")
    if verbs := dict.fromkeys(step.verb for step in mail_in_clear(conversation)):
        out.append(f"In clear crossed what belongs to a mail: {', '.join(verbs)}.")
    if any(event.note == UNVERIFIED for event in trace.events):
        out.append("Warning: the certificate was not checked, so this may be anybody.")
    return out
