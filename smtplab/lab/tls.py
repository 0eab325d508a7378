"""TLS in memory, with exact counters and OpenSSL's own reports.

How it works. A `Tls` is an OpenSSL connection between two `ssl.MemoryBIO`. What arrives from the
network is put into one, what OpenSSL wants to send is taken from the other, and only the owner of
the socket moves bytes. So *received* is what arrived, and *read* is what OpenSSL took out
(`received - incoming.pending`): on a mismatch a whole greeting arrives and five bytes are read.

The reports come from `SSLContext._msg_callback` (undocumented, in CPython since 3.8): it tells of every
record header and handshake message that OpenSSL reads or writes, those within the encrypted part
too. Where it is missing the trace has no such events, and nothing else changes.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from ..events import TlsInfo, What, report_note
from ..records import ContentType
from .recorder import Recorder

if TYPE_CHECKING:
    from .keylog import KeyLog

CHUNK_BYTES = 65536
OPENSSL = " ".join(ssl.OPENSSL_VERSION.split()[:2])


class Tls:
    """TLS without a socket: bytes from the network go into `feed`, those for it come out of `pull`."""

    def __init__(self, context: ssl.SSLContext, recorder: Recorder, *, server_side: bool = False,
                 server_name: str | None = None) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self.incoming, self.outgoing, server_side, server_name)
        self.object.recorder = recorder  # type: ignore[attr-defined]  # for the message callback
        recorder.tls = self
        self.recorder = recorder
        self._first = b""
        self._key_log = key_log_of(context)

    @property
    def unread(self) -> int:
        """Bytes that arrived and that OpenSSL has not taken yet."""
        return self.incoming.pending

    @property
    def hello_came(self) -> bool:
        """Whether the peer has answered with a handshake record."""
        return len(self._first) == 6 and self._first[0] == ContentType.handshake

    def handshake(self) -> bool:
        """Go on with the handshake: True when it is done, False while it wants more bytes.

        Raises ssl.SSLError when it fails; `pull` then holds the alert, if there is one to send."""
        try:
            self.object.do_handshake()
            return True
        except ssl.SSLWantReadError:
            return False
        finally:
            if self._key_log:
                self.recorder.secrets += self._key_log.take()

    def feed(self, data: bytes) -> None:
        """Bytes from the network; none of them: it has closed."""
        if data:
            self._first = (self._first + data)[:6]
            self.incoming.write(data)
        else:
            self.incoming.write_eof()

    def pull(self) -> bytes:
        """Bytes to send."""
        return self.outgoing.read()

    def read(self) -> bytes | None:
        """Plaintext from the peer; None if there is none yet, empty if the peer has closed TLS."""
        try:
            return self.object.read(CHUNK_BYTES)
        except ssl.SSLWantReadError:
            return None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def info(self) -> TlsInfo:
        """What was agreed."""
        cipher = self.object.cipher()
        return TlsInfo(self.object.version() or "", cipher[0] if cipher else "",
                       _subject(self.object.getpeercert(True)))


def _subject(der: bytes | None) -> str | None:
    from cryptography import x509
    try:
        return x509.load_der_x509_certificate(der).subject.rfc4514_string() if der else None
    except ValueError:  # a certificate that OpenSSL accepts and cryptography does not
        return None


def key_log_of(context: ssl.SSLContext | None) -> KeyLog | None:
    """Where the secrets of this context's connections go, if they are kept."""
    return getattr(context, "key_log", None)


def attach_reports(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let OpenSSL report what it reads and writes to the recorder of each connection."""
    if hasattr(type(context), "_msg_callback"):
        # C's own setter: that of `ssl` turns each of the callback's numbers into an enum first, of which none is used.
        super(ssl.SSLContext, context.__class__)._msg_callback.__set__(context, _report)  # type: ignore[misc]
    return context


_KINDS = {0x100: "header", 20: "change_cipher_spec", 21: "alert", 22: "handshake"}  # SSL3_RT_HEADER, record types


def _report(connection: object, direction: str, _version: object, content_type: int, _message: object,
            data: bytes) -> None:
    """OpenSSL's message callback."""
    recorder: Recorder | None = getattr(connection, "recorder", None)
    if recorder is not None and content_type in _KINDS:
        did = {"read": "read", "write": "wrote"}.get(direction, direction)
        recorder.add(What.TLS, data=bytes(data), note=report_note(did, _KINDS[content_type], bytes(data)))
