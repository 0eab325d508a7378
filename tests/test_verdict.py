"""OpenSSL's verdict: the measured table, the limits, the version words, and the OpenSSL that runs this very test."""

import re
import ssl
from itertools import pairwise

import pytest
from helpers import each_row
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtplab.records import read_record
from smtplab.verdict import BRANCHES, branch_of, judge

COLUMNS = (("1.0.1u", "1.0.2q"), ("1.1.0h", "1.1.1g", "3.0.22", "3.1.4"), ("3.2.2", "3.3.2", "3.4.1", "3.5.5"),
           ("3.5.6", "3.5.8"), ("4.0.0", "4.0.3"))
PROTOCOL, VERSION, TYPE = "unknown protocol", "wrong version number", ("unexpected message", 10, 21)
LONG, DATA, ENCRYPTED = ("packet length too long", 22), ("data length too long", 22), ("encrypted length too long", 22)
HTTP, PROXY, WAIT = "http request", "https proxy request", ("wait", None)


def record(kind: int, version: int, body: bytes = b"", length: int | None = None) -> bytes:
    return bytes([kind]) + version.to_bytes(2) + (len(body) if length is None else length).to_bytes(2) + body


def said(found) -> tuple:
    return found.verdict, found.alert and found.alert.number, found.bytes_needed


# First bytes, then what each column says: the verdict, its alert if any, and the bytes taken for it where they are
# not the header's five (in 1.0.2: seven).
ROWS = [
    *((text, PROTOCOL, *[VERSION] * 4) for text in (b"220 mail", b"220-mail", b"554 5.7.", b"421 busy", b"SSH-2.0-",
                                                    b"+OK pop3", b"get / HT", b"GET/\0\0\0")),
    *((text, PROTOCOL, VERSION, LONG, VERSION, VERSION) for text in (b"HTTP/1.1", b"* OK IMA")),
    *((text, PROTOCOL, *[HTTP] * 4) for text in (b"GET / HT", b"PUT / HT")),
    *((text, PROTOCOL, HTTP, LONG, HTTP, HTTP) for text in (b"POST / H", b"HEAD / H")),
    *((text, PROTOCOL, VERSION, LONG, HTTP, HTTP) for text in (b"PATCH /", b"OPTIONS", b"DELETE ", b"TRACE /")),
    (b"CONNECT ", PROTOCOL, PROXY, LONG, PROXY, PROXY),
    (record(22, 0x303, b"\1\0", 0x4801), PROTOCOL, LONG, LONG, DATA, DATA),
    (record(22, 0x303, b"\1\0", 0x4101), PROTOCOL, (*WAIT, 16646), DATA, DATA, DATA),
    *((record(kind, 0x303, bytes(16)), PROTOCOL, *[TYPE] * 4) for kind in (50, 23, 24)),
    (record(22, 0x002, b"\1\0", 16), PROTOCOL, VERSION, (VERSION, 70), (VERSION, 70), VERSION),
    (record(22, 0x309, b"\2\0\0\0"), PROTOCOL, *[("accept", None, 9)] * 4),  # the minor version is not looked at
    (record(21, 0x301, b"\2\x46"), *[("tlsv1 alert protocol version", None, 7)] * 5),
    (record(21, 0x303, b"\2\x28"), *((f"{who} alert handshake failure", None, 7) for who in (
        "sslv3", "sslv3", "ssl/tls", "ssl/tls", "tls"))),
]


@each_row(("first", "version", "cell"), [
    (first, version, cell) for first, *cells in ROWS for column, cell in zip(COLUMNS, cells, strict=True)
    for version in column])
def test_the_measured_table(first, version, cell):
    cell = cell if isinstance(cell, tuple) else (cell,)
    expected = cell + (None, None, 7 if version.startswith("1.0") else 5)[len(cell):]
    for after in (b"", b"\r\nmore"):
        found = judge(first + after, version)
        assert (*said(found), found.openssl) == (*expected, version)
    assert judge(first[:4], version).verdict == "wait"


INTERNAL = ("internal error", None)  # the receive buffer refuses it, not the record layer: nothing is sent
LIMITS = {
    ("1.1.0h",): {16704: WAIT, 16705: INTERNAL, 16707: INTERNAL, 16708: LONG},
    ("1.1.1g", "3.0.22", "3.1.4"): {16384: WAIT, 16704: WAIT, 16705: ENCRYPTED, 16707: ENCRYPTED, 16708: LONG},
    ("3.2.2", "3.3.2"): {16384: WAIT, 16385: DATA, 16707: DATA, 16708: LONG, 16711: LONG, 16712: LONG},
    ("3.4.1", "3.5.1", "3.5.5"): {16384: WAIT, 16385: DATA, 16708: DATA, 16711: DATA, 16712: LONG},
    ("3.5.6", "3.5.8", "4.0.3"): {16384: WAIT, 16385: DATA, 16712: DATA, 65535: DATA},
}


@each_row(("version", "length", "expected"), [
    (version, *limit) for versions, limits in LIMITS.items() for version in versions for limit in limits.items()])
def test_the_limits(version, length, expected):
    assert said(judge(record(22, 0x303, length=length), version)) == (*expected, 5 + length if expected == WAIT else 5)


@each_row(("version", "last"), [("3.2.2", 16707), ("3.3.2", 16707), ("3.4.1", 16711), ("3.5.5", 16711)])
def test_where_length_goes_before_version_text_can_be_too_long(version, last):
    assert judge(record(50, 0x3230, length=last), version).verdict == VERSION
    assert judge(record(50, 0x3230, length=last + 1), version).verdict == LONG[0]


@each_row(("wire", "expected"), [
    ("1403030000", ("wait", None, 10)), ("1603030000", ("wait", None, 10)), ("1503030000", ("invalid alert", 10, 5)),
    ("1703030000", ("unexpected message", 10, 5)), ("3203030000", ("unexpected message", 10, 5)),
    ("140303000101", ("unexpected message", 10, 6)), ("140303000102", ("bad change cipher spec", 10, 6)),
    ("160303000401000000", ("unexpected message", 10, 9)), ("16030300040b000000", ("unexpected message", 10, 9)),
    ("160303000402000000", ("accept", None, 9)), ("1603030003020000", ("wait", None, 13)),
    ("160303000400000000", ("wait", None, 14)), ("160303000400000001", ("unexpected message", 10, 9)),
    ("15030300020100", ("close notify", None, 7)), ("15030300020128", ("wait", None, 12)),
    ("15030300020164", ("no renegotiation", 40, 7)), ("15030300020328", ("unknown alert type", 47, 7)),
    ("15030300020202", ("reason(1002)", None, 7)), ("1503030002025a", ("tlsv1 alert user cancelled", None, 7)),
    ("15030300020230", ("tlsv1 alert unknown ca", None, 7)), ("15030300020270", ("tlsv1 unrecognized name", None, 7)),
    ("15030300020274", ("tlsv13 alert certificate required", None, 7)),
])
@each_row("version", ["1.1.1g", "3.0.22", "3.2.2", "3.5.5", "3.5.6", "4.0.3"])
def test_the_body_of_a_first_record(wire, expected, version):
    data = bytes.fromhex(wire)
    assert said(judge(data, version)) == expected
    assert {judge(data[:cut], version).verdict for cut in range(len(data))} == {"wait"}


def test_1_0_2_reads_seven_bytes_at_once():
    hello = record(22, 0x303, b"\2\0\0\0")
    for data in (hello, b"220 mail"):
        assert {said(judge(data[:n], "1.0.2")) for n in range(7)} == {("wait", None, 7)}
    assert (judge(hello[:7], "1.0.2").verdict, judge(b"220 mai", "1.0.2").verdict) == ("accept", PROTOCOL)
    assert judge(record(22, 0x304, b"\2\0\0\0"), "1.0.2").verdict == PROTOCOL  # no version after 0x0303


def test_the_checks_are_named_in_order_with_the_bytes_that_decided():
    in_3_0, in_3_2 = judge(b"HTTP/1.1", "3.0"), judge(b"HTTP/1.1", "3.2")
    assert [(c.check, c.passed) for c in in_3_0.checks] == [("major version is 3", False)]
    assert [(c.check, c.passed) for c in in_3_2.checks] == [("version is not 0x0002", True),
                                                             ("length is at most 16707", False)]
    assert ("0x54" in in_3_0.checks[0].because, "20527" in in_3_2.checks[-1].because) == (True, True)
    assert str(in_3_0.header) == "type 72, version 0x5454, length 20527"
    assert (judge(b"HTTP", "3.0").checks, judge(b"HTTP", "3.0").header) == ((), None)


@each_row(("words", "branch"), [
    ("OpenSSL 3.0.19 27 Jan 2026", "1.1.1 to 3.1"), ("OpenSSL 1.0.2q  20 Nov 2018", "1.0.2"), ("1.0.1u", "1.0.2"),
    ("1.1.1f", "1.1.1 to 3.1"), ("1.1.0", "1.1.0"), ("3.0", "1.1.1 to 3.1"), ("3.1", "1.1.1 to 3.1"),
    ("openssl-3.2.0", "3.2 and 3.3"), ("3.3.6", "3.2 and 3.3"), ("3.3.7", "3.3 after the fix"),
    ("3.4.4", "3.4 before the fix"), ("3.4.5", "3.4 after the fix"), ("3.5", "3.5.6 and later"),
    ("3.5.0", "3.5.0 to 3.5.5"), ("3.6.1", "3.6 before the fix"), ("3.6.2", "3.6 after the fix"), ("4.0", "4.0"),
    ("OpenSSL 4.0.3 29 Sep 2026 (Library: x)", "4.0"), *((release, b.name) for b in BRANCHES for release in b.measured),
])
def test_a_version_has_its_branch(words, branch):
    assert branch_of(words).name == branch


@each_row("words", ["", "3", "BoringSSL", "0.9.8zh", "2.0.0", "5.0.0", "LibreSSL 3.3.6", "GnuTLS 3.7.9"])
def test_a_version_without_a_row_is_an_error_that_names_the_rows(words):
    with pytest.raises(ValueError, match=r"3\.5\.6 and later"):
        judge(b"220 m", words)


@given(st.binary(max_size=24), st.sampled_from([b.measured[0] for b in BRANCHES if b.measured] + ["3.3", "3.4", "3.6"]))
def test_no_bytes_raise_and_a_refusal_has_a_failed_check(data, version):
    found = judge(data, version)
    assert found == judge(bytearray(data), version)
    if found.verdict not in ("wait", "accept"):
        assert not all(check.passed for check in found.checks)
        assert found.bytes_needed <= len(data)
        assert judge(data + b"\x16\x03", version).verdict == found.verdict  # what comes after doesn't count


# --- the OpenSSL that is here ---

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname, CONTEXT.verify_mode = False, ssl.CERT_NONE


def openssl_says(data: bytes) -> tuple[str, bytes, int]:
    """The reason in OpenSSL's own words, the bytes it sends then, and how many of `data` it took."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = CONTEXT.wrap_bio(incoming, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    outgoing.read()
    incoming.write(data)
    with pytest.raises(ssl.SSLError) as caught:
        client.do_handshake()
    words = {ssl.SSLWantReadError: "wait", ssl.SSLZeroReturnError: "close notify"}.get(caught.type)
    return words or re.search(r"\] (.*) \(_ssl", str(caught.value))[1], outgoing.read(), len(data) - incoming.pending


KINDS = st.sampled_from([20, 21, 22, 23, 24, 50]) | st.integers(0, 255)
VERSIONS = st.sampled_from([0x303, 0x301, 0x300, 0x309, 0x304, 2, 0x3230])
BODIES = (st.binary(max_size=8) | st.builds(lambda *b: bytes(b), st.sampled_from([1, 2, 2, 3]), st.integers(0, 255))
          | st.builds(lambda *b: bytes(b), st.integers(0, 3), st.integers(0, 2), st.just(0), st.just(0)))
LENGTHS = st.none() | st.sampled_from([16384, 16385, 16704, 16705, 16707, 16708, 16711, 16712, 20000])
TEXTS = st.sampled_from([row[0] for row in ROWS])


@settings(max_examples=600)
@example(b"220 mail.example.com ESMTP\r\n")
@example(b"\x15\x03\x03\x00\x02\x02\x5a")
@given(st.builds(record, KINDS, VERSIONS, BODIES, LENGTHS) | TEXTS | st.binary(max_size=12))
def test_the_verdict_is_what_openssl_itself_says(data):
    found = judge(data, ssl.OPENSSL_VERSION)
    if found.verdict == "accept":  # what comes then is up to the ServerHello
        return
    words, sent, taken = openssl_says(data)
    if words == "unknown error":  # Python's words where OpenSSL has none; those of 115 and 120 came during 3.0
        assert data[0] == 21
        assert found.verdict == f"reason({1000 + data[6]})" or data[6] in (115, 120)
    else:
        assert found.verdict == words
    assert found.alert == (read_record(sent).alert if sent else None)
    assert words == "wait" or taken == found.bytes_needed


def test_what_judge_accepts_openssl_accepts():
    # Version, random, no session, a TLS 1.2 cipher suite of every OpenSSL, no compression; an empty
    # renegotiation_info, which OpenSSL 3 insists on (RFC 5746).
    body = b"\x03\x03" + bytes(32) + b"\0\xc0\x2f\0" + b"\0\5\xff\1\0\1\0"
    hello = record(22, 0x303, b"\2" + len(body).to_bytes(3) + body)
    assert judge(hello, ssl.OPENSSL_VERSION).verdict == "accept"
    assert openssl_says(hello) == ("wait", b"", len(hello))  # for the certificate


def test_no_release_falls_between_two_branches():
    assert all(a.end == b.first for a, b in pairwise(BRANCHES[1:]))


def test_a_close_notify_is_one_as_a_warning_alone():
    assert judge(b"\x15\x03\x03\x00\x02\x01\x00").verdict == "close notify"
    assert judge(b"\x15\x03\x03\x00\x02\x02\x00").verdict == "reason(1000)"  # fatal: OpenSSL has no text for it
