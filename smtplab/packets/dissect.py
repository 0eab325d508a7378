"""The content of handshake messages, read by scapy, and of certificates, read by cryptography.

scapy does not judge which bytes are TLS: it shows `220 ` as encrypted content. The records are read by `records`, and
only a handshake record's message is given to scapy.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..conversation import parse_conversation
from ..events import Event, TlsInfo
from ..records import ContentType, HandshakeType, RecordReader, TlsRecord
from ..trace import Trace
from .segments import quiet_scapy

if TYPE_CHECKING:
    from cryptography import x509

# RFC 8701: values that some clients mix in, so that servers stay used to unknown ones.
GREASE = {0x0A0A + 0x1010 * i for i in range(16)}


@dataclass(frozen=True)
class ClientHello:
    """What a client offers, in its order, by the names of the registry; a number without one is `unknown(0x...)`.

    `server_name` is None if it asks for none.
    """

    server_name: str | None
    versions: tuple[str, ...]
    cipher_suites: tuple[str, ...]
    random: bytes = field(repr=False)
    size_bytes: int


@dataclass(frozen=True)
class Certificate:
    """A certificate's holder and term: `subject` and `issuer` as in RFC 4514, `names` from subjectAltName.

    The names are DNS names and IP addresses.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime


def client_hello(trace: Trace) -> ClientHello | None:
    """The ClientHello that crossed in clear; None if there was none, or scapy can't read it."""
    data = _message(trace.events, "client", HandshakeType.client_hello)
    if data is None:
        return None
    with quiet_scapy():
        from scapy.layers.tls.crypto.suites import _tls_cipher_suites
        from scapy.layers.tls.handshake import TLSClientHello
        try:
            hello = TLSClientHello(data)
            extensions = {type(e).__name__: e for e in hello.ext or ()}
            asked = extensions.get("TLS_Ext_ServerName")
            name = asked.servernames[0].servername.decode("ascii", "backslashreplace") if asked else None
            supported = extensions.get("TLS_Ext_SupportedVersion_CH")
            versions = supported.versions if supported else [hello.version]
            return ClientHello(name, tuple(_version(v) for v in versions),
                               tuple(_name(c, _tls_cipher_suites) for c in hello.ciphers), _random(hello), len(data))
        except Exception:  # scapy may raise anything for malicious bytes
            return None


def certificates(trace: Trace) -> list[Certificate]:
    """The certificates that the server sent, its own first; empty if none was seen.

    In TLS 1.2 they cross in clear; in TLS 1.3 a trace has them only if its own TLS library reported them.
    """
    found = [_certificate(one) for one in _x509(trace.events)]
    return [one for one in found if one]


def agreed(events: Iterable[Event]) -> TlsInfo | None:
    """Version, cipher suite (by its registered name) and subject, as far as they crossed in clear."""
    events = list(events)
    data = _message(events, "server", HandshakeType.server_hello)
    if data is None:
        return None
    with quiet_scapy():
        from scapy.layers.tls.crypto.suites import _tls_cipher_suites
        from scapy.layers.tls.handshake import TLSServerHello
        try:
            hello = TLSServerHello(data)
            chosen = next((e for e in hello.ext or () if type(e).__name__ == "TLS_Ext_SupportedVersion_SH"), hello)
            version, cipher = _version(chosen.version), _name(hello.cipher, _tls_cipher_suites)
        except Exception:  # as above
            return None
    chain = [one for one in map(_certificate, _x509(events)) if one]
    return TlsInfo(version, cipher, chain[0].subject if chain else None)


def _message(events: Iterable[Event], who: str, kind: HandshakeType) -> bytes | None:
    """The first handshake message of that kind that `who` sent in clear, over as many records as it took."""
    return next((m for m in _messages(events, who) if m[0] == kind), None)


def _messages(events: Iterable[Event], who: str) -> list[bytes]:
    """The handshake messages that `who` sent in clear, each whole.

    A message is a type, three bytes of length, and so many bytes (RFC 8446 section 4).
    """
    sent = [e for e in events if e.what == "bytes" and e.data]
    chunks = [e.data or b"" for e in sent]
    # The number of chunks after which the client has begun TLS.
    count = bisect.bisect_left(range(len(sent) + 1), True, key=lambda n: bool(parse_conversation(sent[:n]).tls_after))
    if count > len(sent):
        return []
    turn = chunks[count - 1]
    # How many bytes of `who` are text before its first record.
    text = sum(len(data) for e, data in zip(sent[:count - 1], chunks, strict=False) if e.who == who)
    if who == "client":
        text += 0 if turn[0] == ContentType.handshake else turn.find(b"\n\x16") + 1
    elif parse_conversation(sent[:count]).tls_after != "starttls":
        text = 0
    data = b"".join(data for e, data in zip(sent, chunks, strict=True) if e.who == who)
    handshake = b""
    out: list[bytes] = []
    for record in RecordReader().feed(data[text:]):
        if not isinstance(record, TlsRecord) or record.content_type == ContentType.change_cipher_spec:
            break
        if record.content_type == ContentType.handshake:
            handshake += record.fragment
    while len(handshake) >= 4 and len(handshake) >= (end := 4 + int.from_bytes(handshake[1:4], "big")):
        out.append(handshake[:end])
        handshake = handshake[end:]
    return out


def _x509(events: Iterable[Event]) -> list[x509.Certificate]:
    """The server's certificates: as the TLS library reported them, else from its messages in clear."""
    from cryptography import x509
    events = list(events)
    reports = [e.data for e in events if e.what == "tls" and e.data and e.data[0] == HandshakeType.certificate
               and "handshake message certificate," in e.note]
    messages = reports[:1] or [m for m in _messages(events, "server") if m[0] == HandshakeType.certificate][:1]
    out: list[x509.Certificate] = []
    with quiet_scapy():
        from scapy.layers.tls.handshake import TLS13Certificate, TLSCertificate
        for data in messages:
            for layer in (TLS13Certificate, TLSCertificate):  # TLS 1.3's begins with a context; the other's does not
                try:
                    certs = [_der(one) for one in layer(data).certs]
                    out = [x509.load_der_x509_certificate(der) for der in certs]
                    break
                except Exception:  # it is the other kind, or nonsense
                    continue
    return out


def _der(one: Any) -> bytes:
    """A certificate in either of scapy's forms: (length, Cert), or that with extensions."""
    _, cert = getattr(one, "cert", one)
    return cert.der


def _certificate(found: x509.Certificate) -> Certificate | None:
    """What is shown of a certificate; None if cryptography can't read it."""
    from cryptography import x509
    names: tuple[str, ...] = ()
    try:
        try:
            alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            names = (*alternative.get_values_for_type(x509.DNSName),
                     *map(str, alternative.get_values_for_type(x509.IPAddress)))
        except x509.ExtensionNotFound:
            pass
        return Certificate(found.subject.rfc4514_string(), found.issuer.rfc4514_string(), names,
                           found.not_valid_before_utc, found.not_valid_after_utc)
    except ValueError:  # a certificate that OpenSSL accepts and cryptography does not
        return None


def _random(hello: Any) -> bytes:
    return hello.gmt_unix_time.to_bytes(4, "big") + hello.random_bytes


def _version(number: int) -> str:
    names = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
    return _name(number, names)


def _name(number: int, names: dict[int, str]) -> str:
    return names.get(number) or ("GREASE" if number in GREASE else f"unknown(0x{number:04x})")
