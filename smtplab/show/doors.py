"""A trace as a chain of questions ("doors"), each with its exits, as far as the trace answers them.

The recorded bytes decide which questions are answered, and by what. The first question without an answer is where the
connection ended; the exit taken there is the trace's cause. Pure functions, without network or clock.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..causes import Cause
from ..conversation import Conversation, Step
from ..escape import printable, show_bytes
from ..events import UNVERIFIED, Awaited, Mode, Who
from ..failures import header_reading
from ..records import is_tls
from ..smtp import Reply, ehlo_keywords
from ..trace import Trace

if TYPE_CHECKING:
    from ..lab.port_report import PortReport

# The question, then its exits: an answer, and the cause that it leads to.
TABLE: dict[str, tuple[str, tuple[tuple[str, Cause], ...]]] = {
    "resolve": ("Does the name resolve?", (("no", Cause.DNS),)),
    "connect": ("Does TCP connect?", (("refused at once", Cause.REFUSED),
                                      ("nothing comes, or no way leads there", Cause.FILTERED_TIMEOUT))),
    "first": ("Does the server speak first?", (
        ("silence (implicit, silent or slow)", Cause.PLAINTEXT_TO_IMPLICIT),
        ("closed", Cause.CLOSED_BEFORE_GREETING))),
    "probe": ("Silence. Does it answer a ClientHello?", (("yes", Cause.PLAINTEXT_TO_IMPLICIT), ("no", Cause.OTHER))),
    "hello": ("Does it answer the ClientHello in TLS?", (
        ("in text", Cause.IMPLICIT_TO_PLAINTEXT), ("closed", Cause.CLOSED_BEFORE_GREETING),
        ("silence", Cause.OTHER))),
    "greeting": ("Is that an SMTP greeting, 220?", (
        ("another protocol", Cause.SERVER_NOT_SMTP), ("421", Cause.TEMPORARILY_UNAVAILABLE),
        ("554", Cause.RELAY_OR_POLICY))),
    "greeting-in-tls": ("Does an SMTP greeting, 220, come within TLS?", (
        ("another protocol", Cause.SERVER_NOT_SMTP), ("421", Cause.TEMPORARILY_UNAVAILABLE),
        ("554", Cause.RELAY_OR_POLICY), ("silence", Cause.OTHER))),
    "ehlo": ("Is EHLO answered 250?", (("4xx", Cause.TEMPORARILY_UNAVAILABLE), ("5xx", Cause.RELAY_OR_POLICY))),
    "listed": ("Does the EHLO reply list STARTTLS?", (("no", Cause.STARTTLS_NOT_OFFERED),
                                                      ("overwritten", Cause.MIDDLEBOX))),
    "starttls": ("Is STARTTLS answered 220?", (("454", Cause.TEMPORARILY_UNAVAILABLE),
                                               ("5xx", Cause.STARTTLS_NOT_OFFERED))),
    "tls": ("Do TLS version and cipher agree?", (("no", Cause.TLS_VERSION_OR_CIPHER),
                                                 ("nothing more comes", Cause.HANDSHAKE_STALLED))),
    "certificate": ("Does the client accept the certificate?", (
        ("unknown signer", Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA), ("other name", Cause.CERT_HOSTNAME),
        ("out of date", Cause.CERT_EXPIRED), ("link missing", Cause.CERT_CHAIN_INCOMPLETE),
        ("left without a word", Cause.CERT_REJECTED))),
    "ehlo-in-tls": ("Is EHLO, again and within TLS, answered 250?", (
        ("4xx", Cause.TEMPORARILY_UNAVAILABLE), ("5xx", Cause.RELAY_OR_POLICY))),
    "auth": ("Is the login offered and accepted?", (
        ("535", Cause.AUTH_REJECTED), ("not listed", Cause.AUTH_MECHANISM), ("only in TLS", Cause.AUTH_NEEDS_TLS),
        ("530", Cause.STARTTLS_REQUIRED))),
    "mail": ("Is the mail accepted?", (
        ("530, wants TLS", Cause.STARTTLS_REQUIRED), ("530, wants a login", Cause.AUTH_REQUIRED),
        ("4xx", Cause.TEMPORARILY_UNAVAILABLE), ("5xx", Cause.RELAY_OR_POLICY))),
    "quit": ("Does it end in order?", (("no", Cause.OTHER),)),
}
WITHIN_TLS = ("tls", "certificate", "ehlo-in-tls")
CHAINS = {Mode.PLAIN: ("first", "greeting", "ehlo"),
          Mode.IMPLICIT: ("hello", "tls", "certificate", "greeting-in-tls", "ehlo"),
          Mode.STARTTLS: ("first", "greeting", "listed", "starttls", *WITHIN_TLS),
          Mode.STARTTLS_OPPORTUNISTIC: ("first", "greeting", "ehlo", "starttls", *WITHIN_TLS)}
BEFORE_TLS = (Cause.STARTTLS_REQUIRED, Cause.AUTH_NEEDS_TLS)  # exits of modes that may be in clear at that point
IN_CLEAR = "on in clear, as this mode may"


@dataclass(frozen=True)
class Exit:
    """An exit of a door: an answer, and the cause that it leads to."""

    answer: str
    cause: Cause

    def __str__(self) -> str:
        return f"{self.answer} → {self.cause}"


@dataclass(frozen=True)
class Door:
    """One question. `state` is "passed", "failed", "waiting" or "ahead".

    `proof` is what answers it in this trace, in printable ASCII, or empty. `taken` is the cause of the exit that was
    taken, or None.
    """

    key: str
    question: str
    state: str
    proof: str
    exits: tuple[Exit, ...]
    taken: Cause | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "proof", printable(self.proof))


def doors(trace: Trace, report: PortReport | None = None, *, asked: tuple[str, ...] | None = None,
          done: bool = True) -> list[Door]:
    """The questions for this client's mode, in order, as far as the trace answers them.

    `report` is what a probe found if the server was silent. `asked` names what the client was to do after EHLO, of
    "auth" and "mail"; None takes what the trace shows. `done` is false while the trace still grows and has no cause.
    Raises ValueError for a trace seen from a server.
    """
    if trace.seen_from == "server":
        raise ValueError("the tree follows a client; this trace was seen from the server")
    said = trace.conversation
    proofs, out, at = _proofs(trace, said, done), [], None  # `at`: the first that is not answered
    for key in _keys(trace, said, asked, done):
        question, ways = TABLE[key]
        encrypts = trace.mode in (Mode.IMPLICIT, Mode.STARTTLS)
        exits = tuple(Exit(*way) for way in ways if not (encrypts and way[1] in BEFORE_TLS))
        proof, taken = proofs.get(key, ""), None
        if at is None and (proof or (done and trace.cause is Cause.OK)):
            state, proof = "passed", proof or "nothing was refused"
        elif at is not None:
            state, proof = "ahead", ""
        elif not done:
            at, state, proof = key, "waiting", f"waiting: {trace.waiting_for}" if trace.waiting_for else ""
        else:
            at, state, proof, taken = key, "failed", _failed(trace, said), trace.cause
            if taken not in [way.cause for way in exits]:
                exits = *exits, Exit("no", taken)
        out.append(Door(key, question, state, proof, exits, taken))
    if at is None and (not done or trace.cause is not Cause.OK):  # every question answered, and more happened
        exits = out[-1].exits if not done else (*out[-1].exits, Exit("no", trace.cause))
        out[-1] = replace(out[-1], state="failed" if done else "waiting", proof=_failed(trace, said) if done else "",
                          exits=exits, taken=trace.cause if done else None)
    if at == "first" and (in_doubt(trace) if done else report):
        out.insert([door.key for door in out].index("first") + 1, _probed(trace, report))
    return out


def in_doubt(trace: Trace) -> bool:
    """Whether the server was silent, so that only a ClientHello can tell what it is."""
    return trace.cause is Cause.PLAINTEXT_TO_IMPLICIT and not trace.certain and not trace.bytes_received


def _keys(trace: Trace, said: Conversation, asked: tuple[str, ...] | None, done: bool) -> list[str]:
    mode = trace.mode or Mode.PLAIN
    keys = ["resolve", "connect", *CHAINS[mode]]
    if mode is Mode.STARTTLS_OPPORTUNISTIC and (clear := _in_clear(trace, said)):
        keys = [key for key in keys if key not in (WITHIN_TLS if clear == "refused" else ("starttls", *WITHIN_TLS))]
    if asked is None:
        verbs, stage = {step.verb for step in said.steps}, trace.failure and trace.failure.stage
        asked = ("auth",) * ("AUTH" in verbs or stage == "auth") + ("mail",) * ("MAIL" in verbs or stage == "mail")
    return [*keys, *(key for key in ("auth", "mail") if key in asked), "quit"]


def _in_clear(trace: Trace, said: Conversation) -> str | None:
    """Why an opportunistic client continued without TLS: STARTTLS "refused" or "unlisted"; None if it did not."""
    if trace.failure and trace.failure.stage == "starttls":
        return None
    if (step := _step(said, "STARTTLS")) is not None:
        return "refused" if step.reply and step.reply.reply_code != 220 else None
    return "unlisted" if _welcome(said, False) and not said.offered_starttls else None


def _step(said: Conversation, verb: str, inside: bool | None = None) -> Step | None:
    """The last command with this verb, within TLS or not if `inside` says so."""
    return next((step for step in reversed(said.steps) if step.verb == verb and inside in (None, step.inside)), None)


def _good(step: Step | None, *codes: int) -> Reply | None:
    """The reply to the command, if it has one of these codes (250 if none are given)."""
    return step.reply if step and step.reply and step.reply.reply_code in (codes or (250,)) else None


def _welcome(said: Conversation, inside: bool) -> Reply | None:
    """The reply to EHLO, or to HELO if the server knows only that."""
    return _good(_step(said, "EHLO", inside)) or _good(_step(said, "HELO", inside))


def _quoted(reply: Reply | None) -> str:
    return show_bytes(reply.text.replace("\n", " / ").encode("utf-8", "replace"), 100) if reply else ""


def _lists(reply: Reply | None) -> str:
    """A reply to EHLO on one line."""
    if reply is None:
        return ""
    listed = f"{reply.reply_code}, lists {', '.join(ehlo_keywords(reply)) or 'nothing'}"
    return show_bytes(listed.encode("utf-8", "replace"), 100)


def _ascii(text: str) -> str:
    return show_bytes(text.encode("utf-8", "replace"), 160)


def _proofs(trace: Trace, said: Conversation, done: bool) -> dict[str, str]:
    """The proof of each passed door; a door without one was not passed."""
    first, found, implicit = said.first[Who.SERVER], {}, trace.mode is Mode.IMPLICIT
    found["resolve"] = _resolved(trace)
    found["connect"] = f"connected to {trace.sockets[1]}" if trace.sockets else ""
    found["first"] = f"first bytes: {show_bytes(first, 20)}" if first else ""
    greeting = _quoted(said.greeting) if said.greeting and said.greeting.reply_code == 220 else ""
    found["greeting"] = found["greeting-in-tls"] = greeting
    if said.answer and is_tls(said.answer):
        found["hello"] = header_reading(said.answer).partition("; as a record header that is ")[2] or "a TLS record"
    clear, inside = _welcome(said, False), _welcome(said, True)
    lists = "the reply lists STARTTLS" if said.offered_starttls else ""
    found["listed"] = lists if clear else ""
    found["ehlo-in-tls"] = found["ehlo"] = _lists(inside)
    if not implicit and clear:
        opportunistic = trace.mode is Mode.STARTTLS_OPPORTUNISTIC
        found["ehlo"] = (lists or f"STARTTLS is not listed: {IN_CLEAR}") if opportunistic else _lists(clear)
    starttls = _step(said, "STARTTLS")
    found["starttls"] = _quoted(_good(starttls, 220))
    if starttls and trace.mode is Mode.STARTTLS_OPPORTUNISTIC and _in_clear(trace, said):
        found["starttls"] = f"no, {_quoted(starttls.reply)}: {IN_CLEAR}"
    about_certificate = trace.cause.startswith("cert-") or (
        trace.failure is not None and trace.failure.reason.startswith("certificate verify failed"))
    if trace.tls:
        found["tls"] = f"{trace.tls.version}, {trace.tls.cipher}"
    elif said.finished or (Who.SERVER in said.hello and (about_certificate or not done)):
        found["tls"] = "a ServerHello came"
    if (trace.tls or said.finished) and not about_certificate:
        unchecked = any(event.note == UNVERIFIED for event in trace.events)
        found["certificate"] = "taken unchecked (openssl_verify_mode none)" if unchecked else _accepted(trace)
    found["auth"] = _quoted(_good(_step(said, "AUTH"), 235))
    mail = [step for step in said.steps if step.verb in ("MAIL", "RCPT", "DATA", "RSET")]
    over = mail and (mail[-1].verb == "RSET" or _step(said, "QUIT"))
    if over and all(step.reply and step.reply.reply_code < 400 for step in mail):
        found["mail"] = "; ".join(f"{step.verb}: {_quoted(step.reply)}" for step in mail if step.verb != "RSET")
    found["quit"] = _quoted(_good(_step(said, "QUIT"), 221))
    return found


def _accepted(trace: Trace) -> str:
    """The certificate that was accepted, as far as the trace can read it."""
    subject, found = trace.tls and trace.tls.peer_subject, trace.certificate
    days = "" if found is None or found.days_left is None else f", {found.days_left} days left"
    return _ascii(f"{subject}{days}") if subject else "accepted"


def _resolved(trace: Trace) -> str:
    try:
        return f"{ipaddress.ip_address(trace.address[0])} is an address already"
    except ValueError:
        host = _ascii(trace.address[0])
    if trace.sockets:
        return f"{host} is {trace.sockets[1].rpartition(':')[0]}"
    tried = any(event.awaited == Awaited.CONNECTION for event in trace.events)
    return f"{host} has an address" if tried or (trace.failure and trace.failure.stage == "connect") else ""


def _failed(trace: Trace, said: Conversation) -> str:
    """The proof of a failed door: what answered no, or what did not answer."""
    failure, ended, first = trace.failure, trace.ending, said.first[Who.SERVER]
    if failure is None:
        return "what was seen is not what was asked for"
    if failure.reason.isdigit() or failure.stage in ("resolve", "connect"):
        return _ascii(failure.message)
    if failure.reason == "stopped":
        return "stopped while it was asked"
    if trace.sockets and not first:
        did = "reset" if ended and ended.what == "reset" else "closed"
        return (f"{did} by the server after {trace.up_s:.2f} s without a byte" if ended
                else f"not a byte in {trace.seconds:.1f} s")
    if said.answer and not is_tls(said.answer):
        return header_reading(said.answer)
    if said.not_smtp:
        return f"it sent {show_bytes(said.not_smtp)}"
    if failure.reason == "not-offered" and failure.stage == "starttls":
        return f"the EHLO reply lists {_ascii(', '.join(said.keywords)) or 'nothing'}"
    if certificate := trace.cause.startswith("cert-") and trace.certificate:
        return _ascii(certificate.reason or failure.message)
    if failure.stage == "tls" and said.alerts and not failure.reason.startswith("certificate"):
        return f"from the {said.alerts[0][0]}: {said.alerts[0][1]}"
    reason = f"{failure.reason}: " if failure.reason.startswith("certificate") else ""
    return _ascii(f"{reason}{failure.message}")


def _probed(trace: Trace, report: PortReport | None) -> Door:
    """The extra door for a silent server. It names no other cause than the trace, but may leave that in doubt."""
    question, ways = TABLE["probe"]
    exits = tuple(Exit(*way) for way in ways)
    if report is None:
        return Door("probe", question, "ahead", "not asked: smtplab.probe asks it", exits)
    if report.speaks in ("implicit-tls", "tls-other"):
        greets = f"within TLS it greets {_ascii(report.greeting)}" if report.greeting else "in TLS, with no greeting"
        version = f"{report.tls_version}; " if report.tls_version else ""
        return Door("probe", question, "passed", f"{version}{greets}", exits, Cause.PLAINTEXT_TO_IMPLICIT)
    if report.speaks == "silent":
        return Door("probe", question, "failed", "silent to a ClientHello as well", exits)
    what = f": {_ascii(report.greeting)}" if report.greeting else ""
    return Door("probe", question, "failed", f"a probe finds {report.speaks}{what}", exits)
