"""What handshake messages and certificates say, against what was really asked for and issued."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import talk
from test_conversation import EHLO, EHLO_REPLY, GREETING, STARTTLS_OK

from smtplab import dial, serve
from smtplab.events import Event
from smtplab.packets import certificates, client_hello
from smtplab.packets.dissect import agreed
from smtplab.packets.trace_reader import traces_of


@pytest.fixture(scope="module")
def dialled():
    """A trace for each way into TLS and each version."""
    found = {}
    for kind in ("starttls", "implicit"):
        for version in ("1.2", "1.3"):
            with serve(kind, tls_version=version) as server:
                found[kind, version] = dial(server, kind, server_name="localhost")
    return found


def hello_bytes(trace):
    return next(e.data for e in trace.events if e.what == "bytes" and e.data[:2] == b"\x16\x03" and e.who == "client")


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_a_client_hello(dialled, kind, version):
    trace = dialled[kind, version]
    found = client_hello(trace)
    assert found.server_name == "localhost"
    assert found.versions == ("TLSv1.3", "TLSv1.2")
    assert {"TLS_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"} <= set(found.cipher_suites)
    assert found.size_bytes == len(hello_bytes(trace)) - 5
    assert found.random == hello_bytes(trace)[11:43]
    assert found.random.hex() in trace._kept.secrets  # by it secrets are found
    assert found.random.hex() not in repr(found)


def test_without_a_name_and_without_a_hello(dialled):
    with serve("starttls") as server:
        plain, mismatch = dial(server, "plain"), dial(server, "implicit")
    assert client_hello(plain) is None
    assert client_hello(mismatch).server_name is None  # an address is no server name (RFC 6066 section 3)


@pytest.mark.parametrize("size", [1, 100, 5000])
def test_over_several_records_and_events(dialled, size):
    whole = hello_bytes(dialled["implicit", "1.3"])
    records = b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part
                       for part in (whole[i:i + 100] for i in range(5, len(whole), 100)))
    said = [("C", records[i:i + size]) for i in range(0, len(records), size)]
    for before in ([], [("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"STARTTLS\r\n"), ("S", STARTTLS_OK)]):
        one = talk(*before, *said)
        [trace] = traces_of(one.made, one.made[-1].at_us, (25,))
        assert client_hello(trace) == client_hello(dialled["implicit", "1.3"])
        if size < 5000:
            one = talk(*before, *said[:-1])
            assert client_hello(traces_of(one.made, one.made[-1].at_us, (25,))[0]) is None


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_certificates(dialled, kind, version):
    [found] = certificates(dialled[kind, version])
    assert found.names == ("localhost", "mail.example.com", "127.0.0.1", "::1")
    assert "CN=localhost" in found.subject and "O=smtplab" in found.issuer
    assert found.not_before < datetime.datetime.now(datetime.UTC) < found.not_after


def test_an_expired_one_and_none():
    with serve("expired") as server:
        [expired] = certificates(dial(server, "implicit"))
        assert expired.not_after < datetime.datetime.now(datetime.UTC)
    with serve("wrong-name") as server:
        assert certificates(dial(server, "implicit"))[0].names == ("another-name.example.net",)
        assert certificates(dial(server, "plain", timeout_s=0.1)) == []


def test_what_crossed_in_clear_tells(dialled, tmp_path):
    """From packets alone: TLS 1.2 shows its certificate, TLS 1.3 encrypts it."""
    for version in ("1.2", "1.3"):
        trace = dialled["implicit", version]
        events = [e for e in trace.events if e.what != "tls"]
        told = agreed(events)
        assert told.version == trace.tls.version == f"TLSv{version}"
        assert told.peer_subject == (trace.tls.peer_subject if version == "1.2" else None)
    assert told.cipher == trace.tls.cipher == "TLS_AES_256_GCM_SHA384"
    assert agreed([]) is None


def test_scapy_is_not_asked_what_is_tls():
    """It shows `220 ` as encrypted content; here a greeting is none."""
    events = [Event(0, "client", "connected", note="1.2.3.4:1 > 1.2.3.5:25"), Event(0, "client", "bytes", GREETING),
              Event(0, "server", "bytes", GREETING)]
    assert agreed(events) is None


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(6, 300), st.integers(0, 255)), min_size=1, max_size=4), st.binary(max_size=9))
def test_a_damaged_message_is_none_or_read(dialled, damage, answer):
    whole = bytearray(hello_bytes(dialled["implicit", "1.3"]))
    for at, byte in damage:
        whole[at] = byte
    one = talk(("C", bytes(whole)), ("S", b"\x16\x03\x03\x00\x06\x02\x00\x00\x02" + answer))
    [trace] = traces_of(one.made, one.made[-1].at_us, (25,))
    found = client_hello(trace)
    assert found is None or found.size_bytes <= len(whole) - 5
    assert certificates(trace) == []
