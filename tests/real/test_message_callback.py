"""OpenSSL itself as a witness: what it says it has read, against our own reading of the same bytes."""

import re
import socket
import ssl

import pytest
from helpers import ended_traces

import smtplab
from smtplab import Cause
from smtplab.lab import certificates
from smtplab.records import HEADER_BYTES, ContentType, parse_header

HEADER = 0x100  # SSL3_RT_HEADER: the pseudo content type under which OpenSSL reports a record header
TLS_TYPES = {20, 21, 22, 23}


def headers_read(trace: smtplab.Trace) -> list[smtplab.Event]:
    """The witness's reports of a record header that this side's OpenSSL read."""
    return [e for e in trace.events if e.what == "tls" and e.data and len(e.data) == HEADER_BYTES
            and e.note.startswith("read")]


def visit(server: smtplab.Server, *, sends: bytes) -> smtplab.Trace:
    """Send that from a bare socket and wait for the server to hang up; the server's trace."""
    with socket.create_connection(server.address, timeout=30) as sock:
        sock.sendall(sends)
        try:
            while sock.recv(65536):
                pass
        except ConnectionResetError:
            pass
    return ended_traces(server)[-1]


def test_the_tripwire():
    """Undocumented, in CPython since 3.8. The day this fails, traces lose their `tls` events: see lab/tls.py."""
    assert hasattr(ssl.SSLContext, "_msg_callback")


@pytest.mark.parametrize(("side", "first"), [
    ("client", b"220 mail.example.com ESMTP\r\n"), ("client", b"554 5.7.1 no\r\n"), ("client", b"SSH-2.0-x\r\n"),
    ("server", b"EHLO x\r\n"), ("server", b"QUIT\r\n")], ids=["220", "554", "ssh", "ehlo", "quit"])
def test_what_openssl_reports_is_what_parse_header_reads(side, first):
    reports = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if side == "server" else ssl.PROTOCOL_TLS_CLIENT)
    context._msg_callback = lambda _, direction, *what: direction == "read" and reports.append(what)
    incoming = ssl.MemoryBIO()
    name = {"client": "localhost", "server": None}[side]
    connection = context.wrap_bio(incoming, ssl.MemoryBIO(), server_side=name is None, server_hostname=name)
    incoming.write(first)
    with pytest.raises(ssl.SSLError):
        connection.do_handshake()
    header = parse_header(first[:HEADER_BYTES])
    assert reports[0] == (header.legacy_record_version, HEADER, header.content_type, first[:HEADER_BYTES])
    assert header.content_type not in TLS_TYPES


def test_a_client_reads_a_greeting_as_a_record_header():
    with smtplab.serve("starttls") as server:
        trace = smtplab.dial(server, "implicit", timeout_s=60)
    [event] = headers_read(trace)
    header = parse_header(event.data)
    assert (event.who, event.data) == ("client", b"220 m")
    assert (header.content_type, header.legacy_record_version) == (50, 12848) == (ord("2"), 0x3230)
    assert str(header.content_type) == "unknown(50)"
    assert {"50", "12848"} <= set(re.findall(r"\d+", event.note))
    assert (trace.first_bytes, trace.bytes_read) == (event.data, HEADER_BYTES)
    assert trace.cause is Cause.IMPLICIT_TO_PLAINTEXT


def test_a_server_reads_ehlo_as_a_record_header():
    with smtplab.serve("implicit") as server:
        trace = visit(server, sends=b"EHLO x\r\n")
    [event] = headers_read(trace)
    header = parse_header(event.data)
    assert (event.who, event.data) == ("server", b"EHLO ")
    assert (header.content_type, header.legacy_record_version) == (69, 18508) == (ord("E"), 0x484C)
    assert {"69", "18508"} <= set(re.findall(r"\d+", event.note))
    assert (trace.first_bytes, trace.bytes_read) == (event.data, HEADER_BYTES)
    assert (trace.cause, trace.certain) == (Cause.PLAINTEXT_TO_IMPLICIT, True)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_where_both_speak_tls_every_header_is_one(version):
    with smtplab.serve("implicit", tls_version=version) as server:
        trace = smtplab.dial(server, "implicit", timeout_s=60)
        seen_by_server = server.trace(of=trace)
    assert trace.ok
    for one in (trace, seen_by_server):
        headers = [parse_header(e.data) for e in headers_read(one)]
        assert {h.content_type for h in headers} <= TLS_TYPES
        assert {h.legacy_record_version >> 8 for h in headers} == {3}
        assert ContentType.handshake in {h.content_type for h in headers}


def test_the_witness_sees_into_the_encrypted_part():
    """In TLS 1.3 the certificate crosses encrypted: on the wire it is one application_data record among others."""
    with smtplab.serve("implicit", tls_version="1.3") as server:
        trace = smtplab.dial(server, "implicit", timeout_s=60)
    messages = [e for e in trace.events if e.what == "tls" and len(e.data) > HEADER_BYTES]
    [certificate] = [e.data for e in messages if "certificate," in e.note]
    wire = b"".join(e.data for e in trace.events if e.what == "bytes")
    assert b"smtplab" in certificate  # its issuer
    assert b"smtplab" not in wire


@pytest.mark.parametrize(("kind", "ok"), [("starttls", False), ("implicit", True)])
def test_without_a_witness_nothing_else_changes(kind, ok, monkeypatch):
    monkeypatch.setattr(certificates, "attach_reports", lambda context: context)
    with smtplab.serve(kind) as server:
        trace = smtplab.dial(server, "implicit", timeout_s=60)
        seen_by_server = server.trace(of=trace)
    cause = Cause.OK if ok else Cause.IMPLICIT_TO_PLAINTEXT
    assert (trace.cause, trace.bytes_read == HEADER_BYTES, seen_by_server.ok) == (cause, not ok, ok)
    assert not [e for t in (trace, seen_by_server) for e in t.events if e.what == "tls"]
