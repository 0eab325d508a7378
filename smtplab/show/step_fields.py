"""Bytes as named fields: TLS records, handshake messages, alerts and SMTP lines, with where each field stands.

A field is a plain dict: `name`, `offset`, `length`, `value`, `owns` (how many bytes after it a length
field covers, else None) and `prose`. The numbers come from the readers, so that they cannot drift.
"""

from __future__ import annotations

import re

from ..escape import show_bytes
from ..records import Alert, HandshakeType, Malformed, NeedMore, TlsRecord, parse_header, read_record
from ..smtp import VERBS

Field = dict[str, object]
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
MOST_NAMES = 8  # of a certificate
MOST_LINES = 40  # of text in one chunk that get fields of their own


def field(name: str, offset: int, length: int, value: str, prose: str, owns: int | None = None) -> Field:
    """One field."""
    return {"name": name, "offset": offset, "length": length, "value": value, "owns": owns, "prose": prose}


def header_fields(data: bytes) -> list[Field]:
    """The first five bytes under a record header's reading, whatever they are."""
    header = parse_header(data[:5])
    if header is None:
        return [field("part of a record header", 0, len(data), show_bytes(data), "A record header has five bytes.")]
    return [
        field("content_type", 0, 1, f"{int(header.content_type)} ({header.content_type})",
              "What the record carries: 20 change_cipher_spec, 21 alert, 22 handshake, 23 application_data."),
        field("legacy_record_version", 1, 2, f"0x{header.legacy_record_version:04x}",
              "0x0301 or 0x0303 also in TLS 1.3, so that old devices on the way let it through; "
              "the true version is agreed inside."),
        field("length", 3, 2, str(header.length), "How many bytes of fragment follow.", owns=header.length)]


def record_fields(data: bytes) -> list[Field]:
    """A TLS record, or as much of one as has come."""
    out = header_fields(data)
    item, here = read_record(data), len(data) - 5
    if isinstance(item, TlsRecord) and item.alert:
        return out + alert_fields(item.fragment, 5)
    if isinstance(item, Malformed) or here <= 0:
        return out
    missing = f"; {item.bytes_needed - len(data)} more are to come" if isinstance(item, NeedMore) else ""
    encrypted = data[0] == 23
    out.append(field("fragment", 5, here, f"{here} bytes{missing}", "Encrypted: only the two peers can read it."
                     if encrypted else "In clear: what the record carries, as content_type says."))
    if isinstance(item, TlsRecord) and data[0] == 22:
        out += message_fields(item.fragment, 5)
    return out


def message_fields(data: bytes, start: int = 0) -> list[Field]:
    """A handshake message's own header (RFC 8446 section 4). Encrypted ones make no sense, and give nothing."""
    length = int.from_bytes(data[1:4], "big")
    if len(data) < 4 or length > len(data) - 4 or "unknown" in str(HandshakeType(data[0])):
        return []
    out = [field("msg_type", start, 1, f"{data[0]} ({HandshakeType(data[0])})", "Which handshake message this is."),
           field("message length", start + 1, 3, str(length), "Three bytes; they count the message's body.", length)]
    if data[0] in (HandshakeType.client_hello, HandshakeType.server_hello) and length >= 35:
        out += [field("legacy_version", start + 4, 2, f"0x{data[4:6].hex()}",
                      "0x0303 in TLS 1.2 and 1.3; the extension supported_versions decides."),
                field("random", start + 6, 32, data[6:38].hex(), "32 random bytes, new for each connection.")]
        owns = data[38]
        out.append(field("session_id length", start + 38, 1, str(owns), "One byte; what it counts comes next.", owns))
        return out
    out.append(field("message body", start + 4, length, f"{length} bytes", "What the message says."))
    return out + certificate_fields(data, start) if data[0] == HandshakeType.certificate else out


def certificate_fields(data: bytes, start: int) -> list[Field]:
    """The certificates in such a message, the server's own first."""
    from ..certificate import located  # here, as most steps hold none
    return [field(f"certificate {number}", start + where.start, len(where),
                  f"{found.subject}, for {', '.join(found.names[:MOST_NAMES]) or 'no name'}",
                  f"Signed by {found.issuer}; valid from {found.not_before:%Y-%m-%d} to {found.not_after:%Y-%m-%d}.")
            for number, (where, found) in enumerate(located(data), 1)]


def alert_fields(data: bytes, start: int = 0) -> list[Field]:
    """An alert's two bytes (RFC 8446 section 6)."""
    if len(data) != 2:
        return []
    alert = Alert.of(data[1], data[0])
    return [field("level", start, 1, f"{data[0]} ({alert.level})", "2, fatal: the connection ends here. 1: a warning."),
            field("description", start + 1, 1, f"{alert.number} ({alert.description})", "Why, in one byte.")]


def text_fields(data: bytes, who: str) -> list[Field]:
    """SMTP lines: a reply's code and text, a command's verb and argument."""
    out: list[Field] = []
    offset = 0
    for number, line in enumerate(_LINE.findall(data)):
        if number == MOST_LINES:
            out.append(field("more lines", offset, len(data) - offset, show_bytes(data[offset:]), "And so on."))
            break
        out += _reply(line, offset) if who == "server" else _command(line, offset)
        offset += len(line)
    return out


def _reply(line: bytes, offset: int) -> list[Field]:
    if not (line[:3].isdigit() and line[3:4] in (b" ", b"-", b"\r", b"\n")):
        return [_text(line, offset)]
    more = "A hyphen follows it: more lines come." if line[3:4] == b"-" else "No hyphen follows: the last line."
    return [field("reply_code", offset, 3, line[:3].decode(), f"Three digits; the first tells success (2), "
                  f"go on (3), or failure, for now (4) or for good (5). {more}"), _text(line[3:], offset + 3)]


def _command(line: bytes, offset: int) -> list[Field]:
    verb = line.split(maxsplit=1)[0] if line.strip() else b""
    if verb.upper().decode("latin-1") not in VERBS or not line.startswith(verb):
        return [_text(line, offset)]
    return [field("command", offset, len(verb), show_bytes(verb), "The verb, in any case."),
            _text(line[len(verb):], offset + len(verb))]


def _text(line: bytes, offset: int) -> Field:
    end = "It ends in CR LF." if line.endswith(b"\r\n") else "It ends in a bare LF." if line.endswith(b"\n") else (
        "No line end came with it.")
    return field("text", offset, len(line), show_bytes(line, 400), end)
