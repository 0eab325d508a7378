"""Bytes that a text quotes (hex, escapes, or the numbers a TLS library makes of them), and who must have sent them.

A greeting that is read as a TLS record appears in many forms: `RecordHeader=323230206d`, `32 32 30 20`, `unknown type
50`, `version=12848`, `Unsupported record version Unknown-50.48`. A ClientHello that is read as a command shows as hex
or octal escapes of 16 03 01, an alert that is read as a reply as those of 15 03 03 00 02 02 16. `quoted` turns each
back into bytes; the rows ask only what those bytes are.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from ..causes import Cause
from ..records import TlsRecord, is_client_hello, is_tls, read_record
from ..verdict import judge
from .context import Context
from .error_rule import ErrorRule, When
from .patterns import LazyPattern, any_of, group

_HEX = r"[0-9a-f]{2}"
_NAME = group(
    r"RecordHeader",
    r"first (?:\w{1,9} )?bytes",
    r"header",
    r"record",
    r"bytes",
    r"prefix",
    r"hex",
    r"data",
    r"message",
)
_ESCAPED = r"(?:\\{1,2}(?:x[0-9a-f]{2}|u00[0-9a-f]{2}|[0-3][0-7]{2}|[rnt])|[ !#-&(-\[\]-~])"
# Each way to quote bytes. Digits alone may be a time or a thread's number: they need a name, steps or a beginning.
QUOTED = any_of(
    # hexadecimal behind a name, in steps, in pairs, or with a beginning that is known
    (rf"{_NAME}\W{{0,3}}(?:is|was|are|were)?\W{{0,4}}(?:0x)?"
     rf"(?P<named>{_HEX}(?:(?:[ :,]|, ?0x| 0x)?{_HEX}){{3,400}})(?![0-9a-z])"),
    rf"(?<![0-9a-z.:/-])(?:0x)?(?P<steps>{_HEX}(?:(?:[ :]|, ?0x| 0x){_HEX}){{3,400}})(?![0-9a-z:])",
    rf"(?<![0-9a-z.:/-])(?P<pairs>{_HEX}{_HEX}(?: {_HEX}{_HEX}){{1,200}})(?![0-9a-z:])",
    r"(?<![0-9a-z.:/-])(?:0x)?(?P<known>" + group(
        r"3[2-5]3[0-5]3[0-9]2[0d]",  # 220 and other replies
        r"2a204f4b20",  # * OK
        r"2b4f4b",  # +OK
        r"535348",  # SSH
        r"48545450",  # HTTP
        r"1[56]030[0-4]",  # a TLS alert or handshake record
    ) + rf"(?:{_HEX}){{1,400}})(?![0-9a-z])",
    # escapes that begin as a TLS record does
    rf"(?P<escaped>\\{{1,2}}(?:x|u00)(?:1[4567]|0[23])\\{{1,2}}(?:x|u00)0[0-3]{_ESCAPED}{{0,600}})",
    rf"(?P<octal>\\{{1,2}}02[4567]\\{{1,2}}003{_ESCAPED}{{0,600}})",
    # text in quotes
    (r"(?:bytes?|header|record|received|got|prefix|(?:starts?|begins?) with|not TLS)\W{1,4}(?:\w{2,9} ){0,2}b?[\"'`]"
     r"(?P<text>(?:[245]\d\d[ -]|\* OK|\+OK|SSH-|HTTP/|EHLO|HELO)[^\"'`\n]{0,80})"),
    # the first byte as a record's type, the next ones as its version or length
    group(
        r"\b(?:record|content|packet|message|msg)[ _-]?type\W{0,3}(?:is |was |of )?(?:unknown\W{1,2})?",
        r"unknown type\W{1,2}",
        r"\btype (?=\d{2,3}, version)",
        r"unsupported_record_type,\s?",
        r"(?:content|record)_?type\W{0,3}unknown\W{1,2}",
    ) + r"(?P<type>0x[0-9a-f]{2}|\d{2,3})(?![\w.])",
    (r"\bversion\W{0,4}(?:is |was |number )?(?:unknown\W{0,2})?"
     r"(?P<version>0x[2-7][0-9a-f]{3}|\d{4,5}|\[?\d{2,3}[.:,] ?\d{2,3}\]?)(?![\w.])"),
    r"\boversized record received with length (?P<length>\d{4,5})\b",
)
_QUOTED = LazyPattern(QUOTED, re.IGNORECASE)
# An escape in hexadecimal, in JSON, in octal, by letter; or a letter as it is.
_ESCAPES = LazyPattern(r"\\{1,2}(?:x([0-9a-f]{2})|u00([0-9a-f]{2})|([0-3][0-7]{2})|([rnt]))|(.)", re.IGNORECASE)
_LETTERS = {"r": 13, "n": 10, "t": 9}
_PLAIN = (
    (rb"[245]\d\d[ -]|HTTP/|\* OK|\+OK|SSH-", "greeting"), (rb"EHLO|HELO|QUIT|MAIL|STAR", "command"),
    (rb"GET |POST|PUT |HEAD|PATC|OPTI|DELE|CONN", "request"))
# The first byte alone, the second and third, the fourth and fifth: what a library calls type, version and length.
_TYPES = {**dict.fromkeys(b"245*+SH", "greeting"), **dict.fromkeys(b"EMQ", "command"),
          **dict.fromkeys(b"GPCDO", "request")}
_VERSIONS = {
    **dict.fromkeys((b"20", b"21", b"30", b"34", b"35", b"50", b"51", b"52", b"53", b"54", b"TT", b" O", b"OK", b"SH"),
                    "greeting"),
    **dict.fromkeys((b"HL", b"EL", b"UI"), "command")}


@dataclass(frozen=True)
class Quoted:
    """What quoted bytes are: greeting, command, request, client-hello or alert, and an alert's number."""

    kind: str
    alert: int | None = None


def kind_of(data: bytes) -> Quoted | None:
    """What the first bytes of a conversation are, or None where that can't be said."""
    for pattern, kind in _PLAIN:
        if re.match(pattern, data) and judge(data[:7].ljust(7)).verdict != "accept":
            return Quoted(kind)
    if is_client_hello(data) and (len(data) < 6 or data[5] == 1):
        return Quoted("client-hello")
    if is_tls(data) and isinstance(record := read_record(data), TlsRecord) and record.alert:
        return Quoted("alert", record.alert.number)
    if len(data) == 3 and data[:2] in (b"\x02\x01", b"\x02\x02"):  # an alert, its first four bytes read as a reply code
        return Quoted("alert", data[2])
    return None


def _numbers(found: re.Match[str]) -> Quoted | None:
    """What a number that a library made of bytes in clear says about them."""
    if found["type"]:
        kind = _TYPES.get(int(found["type"], 16 if found["type"][:2].lower() == "0x" else 10))
    elif found["length"]:
        pair = int(found["length"]).to_bytes(3, "big")[1:]
        kind = "greeting" if all(32 <= byte < 127 for byte in pair) else None
    else:
        digits = re.findall(r"\d+", found["version"])
        text = found["version"].lower()
        number = int(text, 16) if text.startswith("0x") else int(digits[0]) if len(digits) == 1 else None
        pair = bytes(min(int(d), 255) for d in digits) if number is None else number.to_bytes(3, "big")[1:]
        kind = _VERSIONS.get(pair)
    return Quoted(kind) if kind else None


def _unescaped(text: str) -> bytes:
    """The bytes that escapes and letters stand for."""
    return bytes(int(a or b, 16) if a or b else int(c, 8) & 255 if c else _LETTERS[d.lower()] if d else ord(e) & 255
                 for a, b, c, d, e in (m.groups() for m in _ESCAPES.finditer(text)))


@functools.lru_cache(maxsize=8)
def quoted(text: str) -> Quoted | None:
    """The first bytes quoted in a text whose kind can be told, however they are written."""
    for found in _QUOTED.finditer(text):
        if hexes := found["named"] or found["steps"] or found["pairs"] or found["known"]:
            said = kind_of(bytes.fromhex("".join(re.findall(_HEX, hexes.replace("0x", ""), re.IGNORECASE))))
        elif escapes := found["escaped"] or found["octal"]:
            said = kind_of(_unescaped(escapes))
        elif found["text"]:
            said = kind_of(found["text"].encode())
        else:
            said = _numbers(found)
        if said:
            return said
    return None


def _is(kind: str, *, server: bool | None = None, mode: tuple[str | None, ...] | None = None,
        alerts: tuple[int, ...] | None = None) -> When:
    """A row's condition: bytes of that kind, in a server's log or not, under one of these modes, with such an alert."""
    def when(context: Context) -> bool:
        said = quoted(context.text)
        return (said is not None and said.kind == kind and server in (None, context.from_server)
                and (mode is None or context.mode in mode) and (alerts is None or said.alert in alerts))
    return when


_ALERTS_OF_VERSION = (40, 47, 70, 71, 86)  # RFC 8446 section 6.2
_VERDICT = judge(b"220 m").verdict

RULES = (
    ErrorRule(
        "bytes-of-a-greeting", 0, QUOTED,
        causes=(Cause.IMPLICIT_TO_PLAINTEXT, Cause.SERVER_NOT_SMTP), likely=0.95,
        says=("The bytes it quotes are a greeting in clear; as a TLS record's header, OpenSSL calls them "
              f'"{_VERDICT}".'),
        example="tls: RecordHeader=323230206d",
        counterexample="tls: RecordHeader=1603030050",
        when=_is("greeting"),
        stack="Go RecordHeaderError; Netty; OpenSSL -msg; Erlang, GnuTLS, mbedTLS and JSSE as numbers: 50 is `2`, "
              "12848 is `20`",
        source="RFC 8446 section 5.1; measured with 220, 554, 421, HTTP, IMAP, POP3, SSH",
    ),
    ErrorRule(
        "bytes-of-a-request", 0, QUOTED,
        causes=(Cause.IMPLICIT_TO_PLAINTEXT, Cause.SERVER_NOT_SMTP), likely=0.85,
        says="The bytes it quotes are an HTTP request in clear, where TLS was due.",
        example="first 5 bytes: 47 45 54 20 2f",
        counterexample="first 5 bytes: 17 03 03 00 20",
        when=_is("request", server=False),
        stack="any client that logs bytes",
        source="RFC 8446 section 5.1; measured with GET, PUT, PATCH and CONNECT",
    ),
    ErrorRule(
        "request-at-a-server", 0, QUOTED,
        causes=(Cause.OTHER, Cause.PLAINTEXT_TO_IMPLICIT), likely=0.8,
        says="A visitor sent HTTP to this port: a scanner, or a browser that lost its way.",
        example="postfix/smtps/smtpd[9]: SSL_accept read bytes: 47 45 54 20 2f",
        counterexample="read bytes: 47 45 54 20 2f",
        when=_is("request", server=True),
        stack="server logs",
        source="RFC 8446 section 5.1",
    ),
    ErrorRule(
        "bytes-of-a-command", 0, QUOTED,
        causes=(Cause.PLAINTEXT_TO_IMPLICIT, Cause.TLS_VERSION_OR_CIPHER), likely=0.9,
        says="The bytes it quotes are an SMTP command in clear, sent to a port that waits for a ClientHello.",
        example="record header: 45 48 4c 4f 20",
        counterexample="record header: 16 03 01 00 c8",
        when=_is("command"),
        stack="servers on an implicit port; OpenSSL's callback: type 69, version 18508",
        source="RFC 8446 section 5.1",
    ),
    ErrorRule(
        "client-hello-as-command", 0, QUOTED,
        causes=(Cause.IMPLICIT_TO_PLAINTEXT, Cause.OTHER), likely=0.93,
        says="The bytes it quotes are a ClientHello: somebody began TLS where an SMTP command was due.",
        example=r"500 5.5.1 command unrecognized: \x16\x03\x01\x02\x00\x01\x00",
        counterexample=r"500 5.5.1 unrecognized: \x1b\x5b\x41",
        when=_is("client-hello"),
        stack="Postfix and Exim write octal, Python and Go hex",
        source="RFC 8446 section 4.1.2",
    ),
    ErrorRule(
        "alert-as-command", 1, QUOTED,
        causes=(Cause.IMPLICIT_TO_PLAINTEXT, Cause.OTHER), likely=0.9,
        says="The bytes it quotes are a TLS alert: the client gave up on a server that spoke in clear.",
        example="postfix/smtpd[9]: warning: non-SMTP command from c.example.net[192.0.2.1]: "
                r"\025\003\003\000\002\002\012",
        counterexample=r"non-SMTP command: \025\003\003\000\002\002\012",
        when=_is("alert", server=True),
        stack="Postfix and others",
        source="RFC 8446 section 6; measured alerts 10, 22, 70 after a greeting",
    ),
    ErrorRule(
        "alert-as-reply", 1, QUOTED,
        causes=(Cause.PLAINTEXT_TO_IMPLICIT, Cause.TLS_VERSION_OR_CIPHER), likely=0.93,
        says="The bytes it quotes are a TLS alert, read where a greeting or a reply in clear was due: the port "
             "speaks TLS.",
        example=r"short response: \x15\x03\x03\x00\x02\x02\x16",
        counterexample=r"short response: \x1b\x5b\x33\x31\x6d",
        when=_is("alert", server=False, mode=(None, "plain", "starttls")),
        stack=r"Go textproto; smtplib shows (-1, b'\x02\x02\x16')",
        source="RFC 8446 section 6; measured",
    ),
    ErrorRule(
        "alert-to-a-tls-client", 1, QUOTED,
        causes=(Cause.TLS_VERSION_OR_CIPHER, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA), likely=0.8,
        says="The bytes it quotes are a TLS alert to a client that began TLS: both speak it, and don't agree.",
        example="read 7 bytes: 15 03 03 00 02 02 28",
        counterexample="read 7 bytes: 16 03 03 00 02 02 28",
        when=_is("alert", server=False, mode=("implicit",), alerts=_ALERTS_OF_VERSION),
        mode="implicit",
        stack="any client that logs bytes",
        source="RFC 8446 section 6",
    ),
)
