"""Bytes quoted in a text, in each coat that a library or a log puts on them, and their harmless twins."""

from helpers import each_row
from rows import first

from smtplab.messages import explain
from smtplab.messages.raw_bytes import Quoted, kind_of, quoted

COATS = {
    "greeting": [
        "RecordHeader=323230206d", "RecordHeader:[5]uint8{0x32, 0x32, 0x30, 0x20, 0x6d}", "32 32 30 20",
        "3232 3020 6d61 696c",
        "0000 - 32 32 30 20 6d   220 m", "first 5 bytes: 3432312062", "not an SSL/TLS record: 35353420352e372e31",
        'unexpected bytes "220 m"', "header '220-m'", "unknown type 50", "content type 52", "record type: 0x35",
        "msgtype = 50",
        "{unsupported_record_type,50}", "{unsupported_record_type,72}", "{unsupported_record_type,43}",
        "ContentType: Unknown(50)",
        "version=12848", "version 0x3230", "Unsupported record version Unknown-50.48", "version = [50:48]",
        "oversized record received with length 20527", "48 54 54 50 2f", "2a 20 4f 4b 20"],
    "client-hello": [
        r"b'\x16\x03\x01\x02\x00\x01\x00'", r"\026\003\001\002\000\001", r"\u0016\u0003\u0001\u0002\u0000\u0001",
        "16 03 01 02 00 01 00 01",
        "160301020001000 read 1603010200010001fc"],
    "alert": [r"short response: \x15\x03\x03\x00\x02\x02\x16", "15 03 03 00 02 02 16", "15030300020216",
              r"(-1, b'\x02\x02\x16')",
              r"\025\003\001\000\002\002\106"],
    "command": ["first bytes 45 48 4c 4f 20", "type 69, version 18508", "version=17740"],
    "request": ["received '47 45 54 20 2f'", "first bytes: 434f4e4e45"]}
HARMLESS = [
    "", "port 587", "140369955355976:error:1408F10B:SSL", "2018-05-29 17:30:07,708", "version: 1.3", "TLS version 771",
    "openssl version 1.1.1",
    "record type 22", "17 03 03 00 20", "16 03 03 00 7a 02", "phone 0049 2233 4455", "error code 50", "id 3f3e3d3c3b",
    "type 50 stamps",
    "00 01 02 03 04", "version 2024"]


@each_row(("kind", "text"), [(kind, text) for kind, texts in COATS.items() for text in texts])
def test_each_coat_is_turned_back(kind, text):
    assert quoted(text).kind == kind


@each_row("text", HARMLESS)
def test_other_numbers_are_left_alone(text):
    assert quoted(text) is None


@each_row(("data", "kind"), [
    (b"220 m", "greeting"), (b"421 b", "greeting"), (b"* OK ", "greeting"), (b"SSH-2", "greeting"),
    (b"HTTP/", "greeting"), (b"EHLO ", "command"),
    (b"PATCH", "request"), (b"\x16\x03\x01\x02\x00\x01", "client-hello"), (b"\x16\x03\x03\x00\x7a\x02", None),
    (b"\x15\x03\x03\x00\x02\x02", None),
    (b"", None), (b"2", None), (bytes(5), None)])
def test_first_bytes_have_a_kind_or_none(data, kind):
    said = kind_of(data)
    assert (said and said.kind) == kind


def test_an_alert_keeps_its_number():
    assert kind_of(b"\x15\x03\x03\x00\x02\x02\x46") == Quoted("alert", 70)
    assert quoted("read: 15 03 03 00 02 02 28").alert == 40


def test_who_speaks_decides_what_the_bytes_mean():
    log = "postfix/smtpd[9]: improper command pipelining after CONNECT from c.example.net[192.0.2.1]: "
    assert first(log + r"\026\003\001\002\000\001\000") == "implicit-to-plaintext"
    assert first(log + r"\025\003\003\000\002\002\012") == "implicit-to-plaintext"
    assert first(r"bad reply \x15\x03\x03\x00\x02\x02\x16", mode="starttls") == "plaintext-to-implicit"
    assert first("read 15 03 03 00 02 02 46", mode="implicit") == "tls-version-or-cipher"
    assert first("TLS server: type 69, version 18508") == "plaintext-to-implicit"
    assert first("postfix/smtps/smtpd[9]: first bytes: 47 45 54 20 2f") == "other"
    assert first("first bytes: 47 45 54 20 2f") == "implicit-to-plaintext"


@each_row(("small", "kind"), [
    ("unknown record type 0x32", "greeting"), ("version 0x3230", "greeting"),
    ("bytes: 0x32 0x32 0x30 0x20", "greeting"),
    ("record type 0x45", "command"), ("version 0x4c4f", None)])
def test_numbers_in_capitals_are_the_same(small, kind):
    for text in (small, small.upper(), small.replace("x", "X")):
        assert (found := quoted(text)) == (kind and Quoted(kind)), text
        assert explain(text), found


def test_bytes_outrank_the_words_around_them():
    text = "Could not convert socket to TLS; SSLException: not an SSL/TLS record: 3232302073"
    assert first(text) == "implicit-to-plaintext"
    assert first(text.replace("3232302073", "")) != "implicit-to-plaintext"


def test_the_reason_names_openssls_verdict_on_these_bytes():
    found = explain("RecordHeader=323230206d")[0]
    assert "wrong version number" in found.why
    assert found.likelihood > 0.9
