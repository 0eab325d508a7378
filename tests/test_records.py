"""Record headers: whole, byte by byte, cut at every place, with bytes after them, and what is none."""

import copy
import pickle
from itertools import pairwise

import pytest
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab import records
from smtplab.records import Alert, AlertDescription, ContentType, HandshakeType, Malformed, NeedMore, read_record


def cuts(data: bytes) -> list[list[bytes]]:
    """The same bytes whole, byte by byte, and in two pieces at every place."""
    return [[data], [bytes([b]) for b in data], *([data[:i], data[i:]] for i in range(1, len(data)))]


RECORDS = {  # the wire: type, version, fragment
    "140303000101": (ContentType.change_cipher_spec, 0x303, "01"),
    "15030100020246": (ContentType.alert, 0x301, "0246"),
    "160303000402000000": (ContentType.handshake, 0x303, "02000000"),
    "1703030003aabbcc": (ContentType.application_data, 0x303, "aabbcc"),
    "1803ff0000": (ContentType.heartbeat, 0x3FF, ""),
}


@each_row("wire", RECORDS)
@each_row("before", [b"", b"220 mail\r\n"])
def test_a_record_and_every_prefix_of_it(wire, before):
    kind, version, fragment = RECORDS[wire]
    data, body = bytes.fromhex(wire), bytes.fromhex(fragment)
    for after in (b"", b"\x16", b"220 mail\r\n"):
        record = read_record(before + data + after, len(before))
        assert record == records.TlsRecord(kind, version, len(body), body)
        assert record.size_bytes == len(data)
    for n in range(len(data)):
        assert read_record(before + data[:n], len(before)) == NeedMore(5 if n < 5 else len(data))


@each_row("data", [b"2", b"220 m", b"\x13\x03", b"\x19\x03\x03\0\0", b"\x16\x02", b"\x16\x04\x03\0\0"])
def test_what_is_no_record_is_known_at_its_first_bytes(data):
    for before in (b"", b"\x16\x03\x03"):
        assert read_record(before + data, len(before)) == Malformed(len(before), "not a TLS record header")


def test_a_length_over_the_limit_is_malformed_where_it_stands():
    most = records.MAX_FRAGMENT_BYTES
    assert most == 18432
    assert read_record(b"\x17\x03\x03" + most.to_bytes(2)) == NeedMore(5 + most)
    assert read_record(b"\x17\x03\x03" + (most + 1).to_bytes(2)).offset == 3


def test_the_reader_gives_the_same_however_the_bytes_come():
    wire = [bytes.fromhex(w) for w in RECORDS]
    expected = [read_record(w) for w in wire] + [Malformed(len(b"".join(wire)), "not a TLS record header")]
    for pieces in cuts(b"".join(wire) + b"220 mail\r\n"):
        reader = records.RecordReader()
        assert [item for piece in pieces for item in reader.feed(piece)] == expected
        assert reader.feed(wire[0]) == []  # nothing more after a Malformed


@given(st.binary(max_size=40), st.integers(0, 45), st.lists(st.integers(0, 40), max_size=6))
def test_no_bytes_raise_and_no_chunking_matters(data, offset, at):
    item = read_record(data, offset)
    if not isinstance(item, Malformed):
        size = item.bytes_needed if isinstance(item, NeedMore) else item.size_bytes
        assert (size > len(data) - offset) == isinstance(item, NeedMore)
    whole, pieces = records.RecordReader(), records.RecordReader()
    places = [0, *sorted(min(n, len(data)) for n in at), len(data)]
    assert whole.feed(data) == [item for a, b in pairwise(places) for item in pieces.feed(data[a:b])]


@each_row(("kind", "number", "name"), [
    (ContentType, 22, "handshake"), (HandshakeType, 2, "server_hello"), (AlertDescription, 70, "protocol_version"),
    (ContentType, 50, "unknown(50)"), (HandshakeType, 99, "unknown(99)"), (AlertDescription, 255, "unknown(255)"),
])
def test_a_number_from_the_wire_has_a_name_or_is_unknown(kind, number, name):
    value = kind(number)
    assert str(value) == f"{value}" == name
    assert value == number == int(value)
    assert len({kind(number), value}) == 1
    with pytest.raises(ValueError, match="text"):
        kind("text")  # that is no number from the wire


def test_a_number_without_a_name_is_copied_and_pickled():
    """As `dataclasses.asdict` copies it; Python 3.11.2 would look for the name among the class's."""
    for number in (ContentType(50), ContentType.handshake):
        for same in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
            assert (same, str(same), type(same)) == (number, str(number), ContentType)


def test_a_header_is_read_from_anything():
    header = records.parse_header(b"220 mail.example.com")
    assert header == records.RecordHeader(ContentType(50), 0x3230, 0x206D)
    assert str(header) == "type 50, version 0x3230, length 8301"
    assert records.parse_header(b"220 ") is None


@each_row(("data", "tls", "client_hello"), [
    (b"", False, False), (b"\x16", True, False), (b"\x16\x03", True, False), (b"\x16\x03\x01", True, True),
    (b"\x16\x03\x01\0\5\1", True, True), (b"\x16\x03\x03\0\5\2", True, False), (b"\x15\x03\x01\0\2\2", True, False),
    (b"\x16\x02\x01", False, False), (b"220 m", False, False), (b"\x14\x03", True, False), (b"\x18", True, False),
    (b"\x13\x03", False, False), (b"\x19", False, False),
])
def test_first_bytes_that_can_be_tls(data, tls, client_hello):
    assert (records.is_tls(data), records.is_client_hello(data)) == (tls, client_hello)


@each_row(("wire", "message", "alert", "words"), [
    ("160303000402000000", HandshakeType.server_hello, None, "None"),
    ("160303000163", HandshakeType(0x63), None, "None"), ("1603030000", None, None, "None"),
    ("15030300020230", None, Alert("fatal", "unknown_ca", 48), "fatal alert 48 (unknown_ca)"),
    ("15030300020100", None, Alert("warning", "close_notify", 0), "warning alert 0 (close_notify)"),
    ("150303000203fa", None, Alert("unknown(3)", "unknown(250)", 250), "unknown(3) alert 250 (unknown(250))"),
    ("150303000102", None, None, "None"), ("1503030003023000", None, None, "None"),  # encrypted ones are longer
    ("17030300020230", None, None, "None"),
])
def test_what_a_record_carries_in_clear(wire, message, alert, words):
    record = read_record(bytes.fromhex(wire))
    assert (record.handshake_type, record.alert, str(record.alert)) == (message, alert, words)
