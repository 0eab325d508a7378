"""OpenSSL's verdict on the first bytes it gets in answer to its ClientHello.

Each OpenSSL branch is a row: its checks, in the order it makes them. A check is a name, a test on
the bytes, and what the branch says when it fails. `judge` walks the row until one fails. If none does,
the verdict is "wait" where OpenSSL wants more bytes, or "accept" where a ServerHello came.

Sources: OpenSSL's own `ssl/s23_clnt.c` (1.0.2), `ssl/record/ssl3_record.c` (3.0), and
`ssl/record/methods/tls_common.c` and `tlsany_meth.c` (3.2 and later); each row was also run live,
in the releases it names under `measured`; 3.6, and the fixed releases of 3.3 and 3.4, are inferred from the sources
and release dates. From 3.2 on the length was checked before the version, until the fix of openssl issue 30196
(2026-03), which each branch then alive got in a release of its own (3.2 never did).

The row for 1.0.2 is its version-flexible reader, which clients use unless told otherwise. A client of those releases
that was told to speak one version only (`s_client -tls1_2`) has another reader, not modelled here: it also says "wrong
version number" where the server answers in TLS of another version.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from .records import HEADER_BYTES, Alert, AlertDescription, RecordHeader, parse_header

SCHEMA = "smtplab.verdict/1"


@dataclass(frozen=True)
class Check:
    """One check on the way to the verdict; `because` names the bytes that decided."""

    check: str
    passed: bool
    because: str


@dataclass(frozen=True)
class Verdict:
    """What OpenSSL `openssl` makes of the first bytes.

    `verdict` is OpenSSL's reason in lower case, "wait" or "accept"; `alert` is what it then sends,
    if anything; `bytes_needed` is how many bytes it read before it could decide (with "wait": how
    many it waits for).
    """

    openssl: str
    verdict: str
    alert: Alert | None
    bytes_needed: int
    checks: tuple[Check, ...]
    header: RecordHeader | None

    def to_dict(self) -> dict[str, object]:
        """The judge document, as a dict."""
        return {"schema": SCHEMA, **asdict(self)}

    def to_json(self) -> str:
        """`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2)


@dataclass(frozen=True)
class Rule:
    """One check on the header: `field` is "version" (must not be `value`), "major" (must be it) or "length" (at most
    it). If it fails, OpenSSL says `verdict` and sends `alert`. `methods`: other verdicts for these first bytes."""

    field: str
    value: int
    verdict: str
    alert: int | None = None
    methods: tuple[tuple[str, str], ...] = ()

    @property
    def check(self) -> str:
        """The check in words."""
        return {"version": f"version is not 0x{self.value:04x}", "major": f"major version is {self.value}",
                "length": f"length is at most {self.value}"}[self.field]

    def look(self, header: RecordHeader, data: bytes) -> tuple[bool, str, str]:
        """Whether these bytes pass, why, and the verdict if they do not."""
        version, major = header.legacy_record_version, header.legacy_record_version >> 8
        if self.field == "version":
            return version != self.value, f"version is 0x{version:04x}", self.verdict
        if self.field == "length":
            return header.length <= self.value, f"length is {header.length} (0x{header.length:04x})", self.verdict
        verdict = next((v for k, v in self.methods if data.startswith(k.encode())), self.verdict)
        return major == self.value, f"major version is {major} (0x{major:02x})", verdict


def _not_sslv2(alert: int | None) -> Rule:
    return Rule("version", 2, "wrong version number", alert)


def _major(methods: tuple[tuple[str, str], ...]) -> Rule:
    return Rule("major", 3, "wrong version number", None, methods)


def _length(limit: int, verdict: str, alert: int | None = 22) -> Rule:
    return Rule("length", limit, verdict, alert)


_HTTP = (*((method, "http request") for method in ("GET ", "POST ", "HEAD ", "PUT ")), ("CONNE", "https proxy request"))
_HTTP_LATER = (*_HTTP, *((method, "http request") for method in ("PATCH", "OPTIO", "DELET", "TRACE")))
# 16384 of plaintext, with 320 for encryption, and the receive buffer's own limit less the header.
_PLAIN, _ENCRYPTED, _BUFFER, _BUFFER_3_4 = 16384, 16704, 16707, 16711
_TOO_LONG, _DATA_TOO_LONG = "packet length too long", "data length too long"


@dataclass(frozen=True)
class Branch:
    """OpenSSL releases that check alike, from `first` up to, but without, `end` (version numbers as tuples)."""

    name: str
    first: tuple[int, ...]
    end: tuple[int, ...]
    rules: tuple[Rule, ...]
    alert_prefix: str  # how this branch words an alert that SSLv3 already had
    measured: tuple[str, ...]  # releases run live; empty: inferred from the release dates of the fix


_CLASSIC = (_major(_HTTP), _length(_BUFFER, _TOO_LONG), _length(_ENCRYPTED, "encrypted length too long"))
_REORDERED = (_not_sslv2(70), _length(_BUFFER, _TOO_LONG), _major(_HTTP), _length(_PLAIN, _DATA_TOO_LONG))
_REORDERED_3_4 = (_REORDERED[0], _length(_BUFFER_3_4, _TOO_LONG), *_REORDERED[2:])
_FIXED = (_not_sslv2(70), _major(_HTTP_LATER), _length(_PLAIN, _DATA_TOO_LONG))

BRANCHES = (
    Branch("1.0.2", (1, 0), (1, 1), (), "sslv3", ("1.0.1u", "1.0.2l", "1.0.2o", "1.0.2q", "1.0.2s")),
    Branch("1.1.0", (1, 1, 0), (1, 1, 1), (*_CLASSIC[:2], _length(_ENCRYPTED, "internal error", None)),
           "sslv3", ("1.1.0h", "1.1.0i")),
    Branch("1.1.1 to 3.1", (1, 1, 1), (3, 2), _CLASSIC, "sslv3",
           ("1.1.1a", "1.1.1g", "1.1.1k", "1.1.1l", "1.1.1v", "3.0.16", "3.0.22", "3.1.4")),
    Branch("3.2 and 3.3", (3, 2), (3, 3, 7), _REORDERED, "ssl/tls", ("3.2.2", "3.3.2")),
    Branch("3.3 after the fix", (3, 3, 7), (3, 4), _FIXED, "ssl/tls", ()),
    Branch("3.4 before the fix", (3, 4), (3, 4, 5), _REORDERED_3_4, "ssl/tls", ("3.4.1",)),
    Branch("3.4 after the fix", (3, 4, 5), (3, 5), _FIXED, "ssl/tls", ()),
    Branch("3.5.0 to 3.5.5", (3, 5), (3, 5, 6), _REORDERED_3_4, "ssl/tls",
           ("3.5.1", "3.5.2", "3.5.4", "3.5.5")),
    Branch("3.5.6 and later", (3, 5, 6), (3, 6), _FIXED, "ssl/tls", ("3.5.6", "3.5.7", "3.5.8")),
    Branch("3.6 before the fix", (3, 6), (3, 6, 2), _REORDERED_3_4, "ssl/tls", ()),
    Branch("3.6 after the fix", (3, 6, 2), (4, 0), _FIXED, "ssl/tls", ()),
    Branch("4.0", (4, 0), (5,), (_not_sslv2(None), *_FIXED[1:]), "tls", ("4.0.0", "4.0.1", "4.0.3")),
)
_SSLV3_ALERTS = {10, 20, 30, 40, 41, 42, 43, 44, 45, 46, 47}  # the descriptions SSLv3 already had


def branch_of(openssl: str) -> Branch:
    """The row for a version such as "3.0", "1.1.1f" or "OpenSSL 3.0.19 27 Jan 2026".

    A series without a patch number means its newest release. Raises ValueError, which lists the rows, if none fits.
    """
    found = re.match(r"(?:openssl[ -])?([134])\.(\d+)(?:\.(\d+))?", openssl.strip().lower())
    if found:
        # 3.5 alone is the newest 3.5; in 1.x the third number is part of the series.
        newest = 0 if found[1] == "1" else 99
        number = (int(found[1]), int(found[2]), newest if found[3] is None else int(found[3]))
        for branch in BRANCHES:
            if branch.first <= number < branch.end:
                return branch
    raise ValueError(f"no OpenSSL {openssl!r} here; known: {', '.join(b.name for b in BRANCHES)}")


Outcome = tuple[str, int | None, int]  # the verdict, the number of the alert if one is sent, the bytes needed


def judge(first_bytes: bytes, openssl: str = "3.0", *, role: str = "client") -> Verdict:
    """The checks that a client's OpenSSL makes on the first bytes from a server, up to its verdict.

    With `role` "server", those that a server's OpenSSL makes on a client's first bytes (SSLv2 ClientHellos are
    not modelled). Raises ValueError for a version without a row, and for a 1.0.2 server, which was not
    measured; never for the bytes.
    """
    data, branch = bytes(first_bytes), branch_of(openssl)
    header = parse_header(data)
    checks: list[Check] = []
    if role == "server" and branch.name == "1.0.2":
        raise ValueError("what a server with OpenSSL 1.0.2 checks was not measured")
    if branch.name == "1.0.2":
        verdict, alert, needed = _walk_1_0_2(data, header, branch, checks)
    else:
        verdict, alert, needed = _walk(data, header, branch, checks, {"client": 2, "server": 1}[role])
    return Verdict(openssl, verdict, None if alert is None else Alert.of(alert), needed,
                   tuple(checks), header)


def _walk(data: bytes, header: RecordHeader | None, branch: Branch, checks: list[Check],
          hello_type: int) -> Outcome:
    if header is None:
        return "wait", None, HEADER_BYTES
    for rule in branch.rules:
        passed, because, verdict = rule.look(header, data)
        checks.append(Check(rule.check, passed, because))
        if not passed:
            return verdict, rule.alert, HEADER_BYTES
    whole = HEADER_BYTES + header.length
    arrived = len(data) >= whole
    checks.append(Check("the whole record is here", arrived,
                        f"{whole} bytes promised, {len(data)} here"))
    if not arrived:
        return "wait", None, whole
    if header.length > _PLAIN:  # the releases that let such a header pass look again at the whole record
        checks.append(Check(f"unencrypted, it is at most {_PLAIN}", False, f"length is {header.length}"))
        return _DATA_TOO_LONG, 22, whole
    return _body(data[HEADER_BYTES:whole], int(header.content_type), branch, checks, whole, hello_type)


def _body(body: bytes, kind: int, branch: Branch, checks: list[Check], whole: int,
          hello_type: int) -> Outcome:
    unexpected = ("unexpected message", 10, whole)
    known = kind in (20, 21, 22) and (kind, hello_type) != (21, 1)  # a server does not accept an alert first
    checks.append(Check("content type is one a handshake may begin with", known, f"type is {kind}"))
    if not known:
        return unexpected
    if kind == 21:
        checks.append(Check("an alert is two bytes", len(body) == 2, f"{len(body)} bytes"))
        if len(body) != 2:
            return "invalid alert", 10, whole
        return _alert(body, branch, checks, whole)
    if kind == 20:
        if not body:
            return "wait", None, whole + HEADER_BYTES
        checks.append(Check("a ChangeCipherSpec may come now", False, "no hello came before"))
        return ("unexpected message" if body == b"\x01" else "bad change cipher spec"), 10, whole
    if len(body) < 4:  # a handshake message's own header is four bytes; it may go on in the next record
        return "wait", None, whole + HEADER_BYTES
    hello, name = body[0] == hello_type, {1: "ClientHello", 2: "ServerHello"}[hello_type]
    checks.append(Check(f"the first message is a {name}", hello, f"handshake type is {body[0]}"))
    if hello:
        return "accept", None, whole
    # An empty HelloRequest is skipped; anything else, and one with a body, is refused.
    skipped = hello_type == 2 and body[:4] == bytes(4)
    return ("wait", None, whole + HEADER_BYTES) if skipped else unexpected


def _alert(body: bytes, branch: Branch, checks: list[Check], whole: int) -> Outcome:
    level, number = body
    checks.append(Check("the peer sent no alert", False, str(Alert.of(number, level))))
    if level == 1 and number == 0:
        return "close notify", None, whole  # no error to OpenSSL: the server has closed
    if level == 2:
        return _alert_reason(number, branch), None, whole
    if number == 100:
        return "no renegotiation", 40, whole
    if level == 1:  # a warning: OpenSSL reads on
        return "wait", None, whole + HEADER_BYTES
    return "unknown alert type", 47, whole


def _alert_reason(number: int, branch: Branch) -> str:
    description = AlertDescription(number)
    if number == 0 or description.name.startswith("unknown("):
        return f"reason({1000 + number})"  # SSL_AD_REASON_OFFSET + number: OpenSSL has no text for it
    name = {90: "user cancelled"}.get(number, description.name.replace("_", " "))  # OpenSSL's own spelling
    if number in _SSLV3_ALERTS:
        return f"{branch.alert_prefix} alert {name}"
    if number in (109, 116):
        return f"tlsv13 alert {name}"
    return f"tlsv1 {'' if 110 <= number <= 114 else 'alert '}{name}"


def _walk_1_0_2(data: bytes, header: RecordHeader | None, branch: Branch,
                checks: list[Check]) -> Outcome:
    needed = 7  # ssl23_get_server_hello reads seven bytes at once
    if header is None or len(data) < needed:
        return "wait", None, needed
    version = header.legacy_record_version
    checks.append(Check("version is 0x0300 to 0x0303", 0x300 <= version <= 0x303, f"version is 0x{version:04x}"))
    if not checks[-1].passed:
        return "unknown protocol", None, needed
    hello = header.content_type == 22 and data[5] == 2
    alert = header.content_type == 21 and header.length == 2
    checks.append(Check("a ServerHello or an alert", hello or alert,
                        f"type is {int(header.content_type)}, byte 6 is {data[5]}, length {header.length}"))
    if not checks[-1].passed:
        return "unknown protocol", None, needed
    return ("accept", None, needed) if hello else _alert(data[5:7], branch, checks, needed)
