"""The certificate that a server showed, told: its names, issuer, dates and chain, and what is wrong with it.

It is read from the TLS library's own report of the message, or from the bytes where it crossed in clear, as in TLS 1.2.
Loaded only where a certificate is to be told: most connections need none of it.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .causes import Cause
from .escape import Printable, printable
from .events import Event, What, Who
from .records import ContentType, HandshakeType
from .timeline import RecordPiece, Timeline
from .trace_data import TraceData

MOST_NAMES, MOST_CHAIN = 5, 10  # shown in a sentence, of a certificate's names; and of the certificates sent
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Certificate:
    """A certificate's holder and term: `subject` and `issuer` as in RFC 4514, `names` from subjectAltName.

    The names are DNS names and IP addresses. `sha256` is its fingerprint, in hexadecimal.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    sha256: str

    def holds(self, name: str) -> bool:
        """Whether it is for this DNS name or IP address (RFC 9525: `*` stands for the first label, whole)."""
        try:
            address = ipaddress.ip_address(name.partition("%")[0])
        except ValueError:
            asked = name.lower().rstrip(".")
            wild = "*." + asked.partition(".")[2]
            return any(one.lower().rstrip(".") in (asked, wild) for one in self.names)
        return str(address) in self.names


TOLD: dict[str, Certificate] = {}  # by fingerprint: those of recordings, which are shown where nothing can read them


@dataclass(frozen=True)
class ServerCertificate:
    """What a server showed: `chain` as it was sent, its own certificate first.

    `asked_for` is the name that the client wanted, None if that isn't known; `seen` when it was shown, None if unknown.
    `whose` says who asked, and `cause` what came of it.
    """

    chain: tuple[Certificate, ...]
    asked_for: str | None
    seen: datetime | None
    whose: str = "you"
    cause: Cause = Cause.OK

    @property
    def own(self) -> Certificate:
        """The server's own."""
        return self.chain[0]

    @property
    def days_left(self) -> int | None:
        """Whole days until it ends, negative once it has; None where it isn't known when it was seen."""
        return None if self.seen is None else (self.own.not_after - self.seen) // timedelta(days=1)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with it, as far as it shows: of its dates, its names, and who signed it; without subjects."""
        return tuple(filter(None, (self.wrong_dates, self.wrong_name, self.wrong_signer)))

    @property
    def wrong_dates(self) -> str:
        """Such as "expired 3 days ago"; empty if it was valid."""
        if self.seen is None:
            known = self.cause is Cause.CERT_EXPIRED
            return f"is valid from {_day(self.own.not_before)} to {_day(self.own.not_after)} alone" * known
        if self.seen > self.own.not_after:
            return f"expired {_ago(self.seen - self.own.not_after)} ago"
        if self.seen < self.own.not_before:
            return f"is not valid yet, for {_ago(self.own.not_before - self.seen)} more"
        return ""

    @property
    def wrong_name(self) -> str:
        """Such as "holds mail.example.com; you asked for smtp.example.com"; empty if it holds the name asked for."""
        if self.asked_for is None or self.own.holds(self.asked_for):
            return ""
        return f"holds {_some(self.own.names) or 'no name'}; {self.whose} asked for {self.asked_for}"

    @property
    def wrong_signer(self) -> str:
        """Who signed it, where that is the trouble or nobody else did; empty otherwise."""
        if self.own.subject == self.own.issuer:
            return "is signed by itself, not by an authority"
        if self.cause not in (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, Cause.CERT_CHAIN_INCOMPLETE):
            return ""
        sent = "it is sent alone" if len(self.chain) == 1 else f"{len(self.chain)} certificates are sent"
        return f"is signed by {self.chain[-1].issuer}, which the client does not know; {sent}"

    @property
    def reason(self) -> str:
        """In one sentence why it was refused, by its cause; empty if it wasn't, or that doesn't show."""
        told = {Cause.CERT_EXPIRED: self.wrong_dates, Cause.CERT_HOSTNAME: self.wrong_name,
                Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA: self.wrong_signer,
                Cause.CERT_CHAIN_INCOMPLETE: self.wrong_signer}.get(self.cause, "")
        return f"The certificate {told}." if told else ""

    def __str__(self) -> Printable:
        left = self.days_left
        term = f"valid from {_day(self.own.not_before)} to {_day(self.own.not_after)}"
        term += f", {left} day{'s' * (left != 1)} left" if left is not None and left >= 0 else ""
        more, refused = len(self.chain) - MOST_CHAIN, self.reason
        return printable("\n".join([
            f"certificate for {_some(self.own.names) or self.own.subject}", f"  {term}",
            f"  signed by {self.own.issuer}",
            *(f"  sent with {one.subject}, signed by {one.issuer}" for one in self.chain[1:MOST_CHAIN]),
            *[f"  and with {more} more"] * (more > 0), *["  sent alone"] * (len(self.chain) == 1),
            *(f"  {problem}" for problem in self.problems if problem not in refused)]))

    def to_dict(self) -> dict[str, object]:
        """As plain values for JSON."""
        own = self.own
        return {"subject": own.subject, "issuer": own.issuer, "names": list(own.names),
                "not_before": own.not_before.isoformat(), "not_after": own.not_after.isoformat(),
                "days_left": self.days_left, "sha256": own.sha256, "asked_for": self.asked_for,
                "problems": list(self.problems),
                "chain": [{"subject": one.subject, "issuer": one.issuer, "sha256": one.sha256} for one in self.chain]}


def shown(trace: TraceData) -> ServerCertificate | None:
    """The certificate that the server showed, as far as this trace can read it; None if it can't."""
    serving = trace.seen_from == Who.SERVER
    told = (event.report for event in trace.events if event.what == What.TLS)
    reports = [one.data for one in told if one and one.wrote == serving and one.message is HandshakeType.certificate]
    messages = reports or [message for message in handshake_messages(trace.events, Who.SERVER)
                           if message[0] == HandshakeType.certificate]
    chain = certificates_in(messages[0]) if messages else ()
    if not chain:
        return None
    ours = bool(reports) and not serving  # else a recorder in between, to whom the address says nothing
    hello = next(iter(handshake_messages(trace.events, Who.CLIENT)), b"")
    asked = server_name(hello) or (trace.address[0] if ours else None)  # no address is asked for (RFC 6066 section 3)
    return ServerCertificate(chain, asked, moment(trace._kept.started), "you" if ours else "the client", trace.cause)


def moment(seconds: float) -> datetime | None:
    """The time that is so many seconds after 1970; None for 0, which stands for an unknown one, and for one that no
    calendar has, as a damaged capture may hold."""
    try:
        return _EPOCH + timedelta(seconds=seconds) if seconds else None
    except (OverflowError, ValueError):
        return None


def rejection(trace: TraceData, otherwise: Cause) -> Cause:
    """Why a client that did not say it most likely rejected the certificate, by a look at it; `otherwise` if that does
    not show."""
    found = shown(trace)
    if found is None:
        return otherwise
    if found.wrong_dates or found.wrong_name:
        return Cause.CERT_EXPIRED if found.wrong_dates else Cause.CERT_HOSTNAME
    return otherwise if found.asked_for is None and not found.wrong_signer else Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA


# --- reading ---

def handshake_messages(events: Iterable[Event], who: Who) -> list[bytes]:
    """The handshake messages that `who` sent in clear, each whole, over as many records as it took.

    A message is a type, three bytes of length, and so many bytes (RFC 8446 section 4).
    """
    timeline, handshake, out = Timeline(), bytearray(), []
    pieces = ((event, piece) for event in events if event.what == What.BYTES for piece in timeline.feed(event))
    for event, piece in pieces:
        record = piece.record if isinstance(piece, RecordPiece) and event.who == who else None
        if record and record.content_type in (ContentType.change_cipher_spec, ContentType.application_data):
            break  # what follows is encrypted
        if record and record.content_type == ContentType.handshake:
            handshake += record.fragment
            while len(handshake) >= 4 and len(handshake) >= (end := 4 + int.from_bytes(handshake[1:4], "big")):
                out.append(bytes(handshake[:end]))
                del handshake[:end]
    return out


def certificates_in(message: bytes) -> tuple[Certificate, ...]:
    """The certificates of a Certificate message, of TLS 1.3 (RFC 8446 section 4.4.2) or 1.2 (RFC 5246 section 7.4.2);
    empty if one of them can't be read."""
    return tuple(found for _, found in located(message))


def located(message: bytes) -> list[tuple[range, Certificate]]:
    """Each certificate of such a message, and where in it its bytes stand."""
    body, newer = message[4:], int.from_bytes(message[4:7], "big") != len(message) - 7
    whole = body and int.from_bytes(message[1:4], "big") == len(body)
    at, out = (4 + 1 + body[0] + 3 if newer else 4 + 3) if whole else len(message), []
    while at + 3 < len(message):
        where = range(at + 3, at + 3 + int.from_bytes(message[at:at + 3], "big"))
        found = read_certificate(message[where.start:where.stop])
        if found is None or where.stop > len(message):
            return []
        out.append((where, found))
        at = where.stop + (2 + int.from_bytes(message[where.stop:where.stop + 2], "big") if newer else 0)
    return out


def read_certificate(der: bytes) -> Certificate | None:
    """What is shown of a certificate; None if cryptography can't read it, or is not here and nobody told (`TOLD`)."""
    sha256 = hashlib.sha256(der).hexdigest()
    if sha256 in TOLD:
        return TOLD[sha256]
    try:
        from cryptography import x509  # slow to import
        from cryptography.x509.oid import NameOID
    except ImportError:  # as in a browser
        return None
    names: tuple[str, ...] = ()
    try:
        found = x509.load_der_x509_certificate(der)
        try:
            alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            names = (*alternative.get_values_for_type(x509.DNSName),
                     *map(str, alternative.get_values_for_type(x509.IPAddress)))
        except x509.ExtensionNotFound:  # the subject's name then counts, for those who still look at it
            names = tuple(str(one.value) for one in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
        return Certificate(found.subject.rfc4514_string(), found.issuer.rfc4514_string(), names,
                           found.not_valid_before_utc, found.not_valid_after_utc, sha256)
    except Exception:  # malicious bytes; also some that OpenSSL accepts. cryptography has no common class for it
        return None


def server_name(hello: bytes) -> str | None:
    """The name that a ClientHello asks for (RFC 6066 section 3); None if it asks for none, or isn't whole."""
    at = 4 + 2 + 32
    for size in (1, 2, 1):  # what goes before the extensions: session id, cipher suites, compression methods
        at += size + int.from_bytes(hello[at:at + size], "big")
    at += 2
    while at + 4 <= len(hello):
        kind, length = (int.from_bytes(hello[i:i + 2], "big") for i in (at, at + 2))
        if kind == 0:  # a list's length, a type, a name's length, the name
            name = hello[at + 9:at + 9 + int.from_bytes(hello[at + 7:at + 9], "big")]
            return name.decode("ascii", "backslashreplace") or None
        at += 4 + length
    return None


# --- words ---

def _day(when: datetime) -> str:
    return f"{when:%Y-%m-%d}"


def _ago(span: timedelta) -> str:
    for size, word in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if (count := span // size) > 0:
            return f"{count} {word}{'s' * (count != 1)}"
    return "less than a minute"


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + f" and {more} more" * (more > 0)
