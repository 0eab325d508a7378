"""The content of handshake messages, read by scapy; of certificates, as `certificate` reads them.

scapy does not judge which bytes are TLS: it shows `220 ` as encrypted content. The records are read by `records`, and
only a handshake record's message is given to scapy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..certificate import Certificate, certificates_in, handshake_messages, shown
from ..events import Event, TlsInfo, Who
from ..records import HandshakeType
from ..trace import Trace
from .segments import quiet_scapy

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


def client_hello(trace: Trace) -> ClientHello | None:
    """The ClientHello that crossed in clear; None if there was none, or scapy can't read it."""
    data = _message(trace.events, Who.CLIENT, HandshakeType.client_hello)
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
    return list(found.chain) if (found := shown(trace)) else []


def agreed(events: Iterable[Event]) -> TlsInfo | None:
    """Version, cipher suite (by its registered name) and subject, as far as they crossed in clear."""
    events = list(events)
    data = _message(events, Who.SERVER, HandshakeType.server_hello)
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
    chain = certificates_in(_message(events, Who.SERVER, HandshakeType.certificate) or b"")
    return TlsInfo(version, cipher, chain[0].subject if chain else None)


def _message(events: Iterable[Event], who: Who, kind: HandshakeType) -> bytes | None:
    """The first handshake message of that kind that `who` sent in clear, over as many records as it took."""
    return next((m for m in handshake_messages(events, who) if m[0] == kind), None)


def _random(hello: Any) -> bytes:
    return hello.gmt_unix_time.to_bytes(4, "big") + hello.random_bytes


def _version(number: int) -> str:
    names = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
    return _name(number, names)


def _name(number: int, names: dict[int, str]) -> str:
    return names.get(number) or ("GREASE" if number in GREASE else f"unknown(0x{number:04x})")
