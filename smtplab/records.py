"""TLS records: the five-byte header that goes before everything TLS sends (RFC 8446, section 5.1).

A pure reader. `read_record` takes bytes and returns one of three things: a `TlsRecord`, `NeedMore`, or
`Malformed` with the offset of what cannot be TLS. `RecordReader` does the same for bytes that come in
pieces. What OpenSSL concludes from the same bytes is in `verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

Bytes = bytes | bytearray
HEADER_BYTES = 5  # content type 1 + version 2 + length 2
# RFC 5246 section 6.2.3: ciphertext may be 2048 bytes longer than the 2**14 of plaintext.
MAX_FRAGMENT_BYTES = 2**14 + 2048


class _Number(IntEnum):
    """A number from the wire. One without a name prints as `unknown(50)`; none raises."""

    @classmethod
    def _missing_(cls, value: object) -> _Number | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_, member._value_ = f"unknown({value})", value
        return member

    def __reduce_ex__(self, _protocol: object) -> tuple[type[_Number], tuple[int]]:
        # By number: Python 3.11.2, Debian 12's, copies and pickles by name, which unknown numbers lack.
        return type(self), (int(self),)

    def __str__(self) -> str:
        return self.name

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class ContentType(_Number):
    """What a record carries (RFC 8446 section 5.1 and the registry that it names)."""

    change_cipher_spec = 20
    alert = 21
    handshake = 22
    application_data = 23
    heartbeat = 24


class HandshakeType(_Number):
    """What a handshake message is (RFC 8446 section 4; for TLS 1.2, RFC 5246 section 7.4)."""

    hello_request = 0
    client_hello = 1
    server_hello = 2
    new_session_ticket = 4
    end_of_early_data = 5
    encrypted_extensions = 8
    certificate = 11
    server_key_exchange = 12
    certificate_request = 13
    server_hello_done = 14
    certificate_verify = 15
    client_key_exchange = 16
    finished = 20
    certificate_status = 22
    key_update = 24


class AlertDescription(_Number):
    """What an alert says (RFC 8446 section 6), and older ones that servers still send (RFC 5246 section 7.2)."""

    close_notify = 0
    unexpected_message = 10
    bad_record_mac = 20
    decryption_failed = 21
    record_overflow = 22
    decompression_failure = 30
    handshake_failure = 40
    no_certificate = 41
    bad_certificate = 42
    unsupported_certificate = 43
    certificate_revoked = 44
    certificate_expired = 45
    certificate_unknown = 46
    illegal_parameter = 47
    unknown_ca = 48
    access_denied = 49
    decode_error = 50
    decrypt_error = 51
    export_restriction = 60
    protocol_version = 70
    insufficient_security = 71
    internal_error = 80
    inappropriate_fallback = 86
    user_canceled = 90
    no_renegotiation = 100
    missing_extension = 109
    unsupported_extension = 110
    certificate_unobtainable = 111
    unrecognized_name = 112
    bad_certificate_status_response = 113
    bad_certificate_hash_value = 114
    unknown_psk_identity = 115
    certificate_required = 116
    no_application_protocol = 120


@dataclass(frozen=True)
class Alert:
    """A TLS alert: `level` and `description` in the RFC's words, and the description's number."""

    level: str
    description: str
    number: int

    @classmethod
    def of(cls, number: int, level: int = 2) -> Alert:
        """The alert with that description number; level 1 is warning, 2 is fatal."""
        levels = {1: "warning", 2: "fatal"}
        return cls(levels.get(level, f"unknown({level})"), str(AlertDescription(number)), number)

    def __str__(self) -> str:
        return f"{self.level} alert {self.number} ({self.description})"


@dataclass(frozen=True)
class RecordHeader:
    """Any five bytes, read as a record header. `length` is the number of bytes that would follow."""

    content_type: ContentType
    legacy_record_version: int
    length: int

    def __str__(self) -> str:
        return (f"type {int(self.content_type)}, version 0x{self.legacy_record_version:04x}, "
                f"length {self.length}")


class TlsRecord(NamedTuple):
    """One record. `fragment` is as it crossed the wire, encrypted or not."""

    content_type: ContentType
    legacy_record_version: int
    length: int
    fragment: bytes

    @property
    def size_bytes(self) -> int:
        """The size of the record on the wire, header included."""
        return HEADER_BYTES + self.length

    @property
    def handshake_type(self) -> HandshakeType | None:
        """The first message of a handshake record in clear; None for any other record."""
        if self.content_type is ContentType.handshake and self.fragment:
            return HandshakeType(self.fragment[0])
        return None

    @property
    def alert(self) -> Alert | None:
        """The alert this record carries in clear; None for any other record."""
        if self.content_type is ContentType.alert and self.length == 2:
            return Alert.of(self.fragment[1], self.fragment[0])
        return None


class NeedMore(NamedTuple):
    """The bytes so far are a valid beginning; `bytes_needed` in all are needed before more can be read."""

    bytes_needed: int


class Malformed(NamedTuple):
    """The bytes at `offset` cannot be what the reader reads, because of `reason`."""

    offset: int
    reason: str


def parse_header(data: Bytes) -> RecordHeader | None:
    """The first five bytes, read as a record header; None if there are fewer."""
    if len(data) < HEADER_BYTES:
        return None
    return RecordHeader(ContentType(data[0]), int.from_bytes(data[1:3], "big"),
                        int.from_bytes(data[3:5], "big"))


def is_tls(data: Bytes) -> bool:
    """Whether these first bytes can begin a TLS record: type 20 to 24, major version 3. False for no bytes."""
    return bool(data) and 20 <= data[0] <= 24 and (len(data) < 2 or data[1] == 3)


def is_client_hello(data: Bytes) -> bool:
    """Whether these first bytes, at least three, begin a ClientHello: 16 03, and 01 as the sixth if it is there."""
    return len(data) >= 3 and data[:2] == b"\x16\x03" and (len(data) < 6 or data[5] == 1)


def read_record(data: Bytes, offset: int = 0) -> TlsRecord | NeedMore | Malformed:
    """The record that begins at `offset` (RFC 8446 section 5.1)."""
    head = data[offset:offset + HEADER_BYTES]
    if head and not is_tls(head):
        return Malformed(offset, "not a TLS record header")
    header = parse_header(head)
    if header is None:
        return NeedMore(HEADER_BYTES)
    if header.length > MAX_FRAGMENT_BYTES:
        return Malformed(offset + 3, f"length {header.length} is over {MAX_FRAGMENT_BYTES}")
    end = offset + HEADER_BYTES + header.length
    if len(data) < end:
        return NeedMore(HEADER_BYTES + header.length)
    return TlsRecord(header.content_type, header.legacy_record_version, header.length,
                     bytes(data[offset + HEADER_BYTES:end]))


class RecordReader:
    """Records out of bytes that come in pieces. After a `Malformed` it reads no further.

    `rest` holds the bytes after the last whole record."""

    def __init__(self) -> None:
        self.rest, self._offset = bytearray(), 0
        self._end: Malformed | None = None

    def feed(self, data: Bytes) -> list[TlsRecord | Malformed]:
        """Add bytes and return the records that they complete. What is no record is one `Malformed`, once; its offset
        counts from the first byte fed."""
        self.rest += data
        out: list[TlsRecord | Malformed] = []
        while self._end is None:
            item = read_record(self.rest)
            if isinstance(item, NeedMore):
                break
            if isinstance(item, Malformed):
                self._end = item = Malformed(self._offset + item.offset, item.reason)
            else:
                self._offset += item.size_bytes
                del self.rest[:item.size_bytes]
            out.append(item)
        return out
