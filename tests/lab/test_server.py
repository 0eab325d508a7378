"""Lab servers: every kind in every mode, both sides' traces, options, and an end that ends."""

import smtplib
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from helpers import nobody_listens, until

import smtplab
from smtplab import Cause, Mode, dial, limits, serve

I2P, P2I = Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT
CERTIFICATE_FAULTS = {"self-signed": Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                      "unknown-ca": Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                      "incomplete-chain": Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                      "wrong-name": Cause.CERT_HOSTNAME, "expired": Cause.CERT_EXPIRED}
ALIKE = ("unknown-ca", "incomplete-chain")  # OpenSSL has one error for both
WRONG = ("alice", "not-the-password")


def both(kind, mode, timeout_s=5.0, options=None, **arguments):
    """One dial against one server: the client's trace and the server's."""
    with serve(kind, **(options or {})) as server:
        trace = dial(server, mode, timeout_s=timeout_s, **arguments)
        return trace, server.trace(of=trace)


@pytest.mark.parametrize("kind", ["plain", "starttls", "starttls-refused", "starttls-stripped", "starttls-required"])
def test_a_plaintext_port_is_misread_after_exactly_five_bytes(kind):
    trace, seen = both(kind, "implicit")
    assert (trace.cause, trace.certain, trace.bytes_read, trace.bytes_received) == (I2P, True, 5, 36)
    assert trace.first_bytes == b"220 m" and trace.waiting_for is None and not trace.ok
    assert (seen.cause, seen.certain, seen.mode, seen.waiting_for) == (I2P, True, Mode.IMPLICIT, "command")


@pytest.mark.parametrize("mode", ["plain", "starttls", "starttls-opportunistic"])
def test_an_implicit_port_and_a_waiting_client_wait_for_each_other(mode):
    trace, seen = both("implicit", mode, timeout_s=0.3)
    assert (trace.cause, trace.certain, trace.waiting_for) == (P2I, False, "greeting")
    assert (trace.bytes_received, trace.bytes_sent) == (0, 0)
    assert (seen.cause, seen.certain, seen.waiting_for) == (P2I, False, "client-hello")
    assert smtplab.confirm(trace, seen).certain


@pytest.mark.parametrize("mode", Mode)
def test_a_silent_server_settles_nothing(mode):
    trace, seen = both("silent", mode, timeout_s=0.3)
    implicit = mode is Mode.IMPLICIT
    assert (trace.cause, trace.certain) == (Cause.OTHER if implicit else P2I, False)
    assert trace.waiting_for == ("server-hello" if implicit else "greeting")
    assert not smtplab.confirm(trace, seen).certain
    assert "Not certain" in trace.diagnosis.why


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("kind", "cause"), [
    ("refused", Cause.REFUSED), ("filtered", Cause.FILTERED_TIMEOUT),
    ("closes", Cause.CLOSED_BEFORE_GREETING), ("resets", Cause.CLOSED_BEFORE_GREETING)])
def test_no_conversation_at_all(kind, cause, mode):
    trace, _ = both(kind, mode, timeout_s=0.3)
    assert (trace.cause, trace.certain, trace.bytes_received) == (cause, True, 0)


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=pytest.mark.real("address:::1"))])
def test_the_right_mode_works(kind, version, host):
    trace, seen = both(kind, kind, options={"tls_version": version, "host": host})
    assert trace.ok and trace.cause is Cause.OK and trace.tls.version == f"TLSv{version}"
    assert seen.ok and seen.tls.version == trace.tls.version and seen.mode.value == kind
    assert (trace.bytes_read, trace.bytes_written) == (seen.bytes_written, seen.bytes_read)
    # Whoever closes first may miss the other's close_notify.
    assert trace.bytes_received <= seen.bytes_sent and seen.bytes_received <= trace.bytes_sent
    assert {seen.bytes_sent - trace.bytes_received, trace.bytes_sent - seen.bytes_received} <= {0, 24, 31}
    assert trace.failure is None and trace.waiting_for is None and "CN=localhost" in trace.tls.peer_subject


@pytest.mark.parametrize("starttls", [False, True])
@pytest.mark.parametrize(("kind", "cause"), CERTIFICATE_FAULTS.items())
def test_certificate_faults_and_what_no_check_hides(kind, cause, starttls):
    mode = "starttls" if starttls else "implicit"
    trace, seen = both(kind, mode, options={"starttls": starttls})
    assert (trace.cause, trace.certain, trace.failure.stage) == (cause, kind not in ALIKE, "tls")
    assert ("(20)" in trace.failure.reason) == (kind in ALIKE)
    assert seen.cause is cause
    blind, _ = both(kind, mode, options={"starttls": starttls}, verify=False)
    assert blind.ok and "not checked" in blind.diagnosis.why and "not checked" in str(blind)


@pytest.mark.parametrize("starttls", [False, True])
def test_old_tls(starttls):
    trace, seen = both("old-tls", "starttls" if starttls else "implicit", options={"starttls": starttls})
    assert trace.cause is seen.cause is Cause.TLS_VERSION_OR_CIPHER and trace.certain


def test_another_service_answers():
    http, seen = both("http", "implicit")
    assert (http.cause, http.bytes_read, http.first_bytes) == (I2P, 5, b"HTTP/") and seen.cause is I2P
    imap, seen = both("not-smtp", "plain")
    assert (imap.cause, imap.certain) == (Cause.SERVER_NOT_SMTP, True) and seen.cause is Cause.SERVER_NOT_SMTP
    assert both("not-smtp", "implicit")[0].cause is I2P
    https, _ = both("https", "implicit", timeout_s=0.5)
    assert (https.cause, https.certain, https.waiting_for) == (Cause.OTHER, False, "greeting")
    assert https.tls is not None


def test_a_late_greeting_is_waited_for_or_not():
    assert both("greets-late", "starttls", options={"delay_s": 0.3})[0].ok
    late, _ = both("greets-late", "starttls", options={"delay_s": 5}, timeout_s=0.3)
    assert (late.cause, late.certain) == (P2I, False)


def test_a_server_that_gives_up_on_silence():
    trace, seen = both("implicit-gives-up", "plain", options={"delay_s": 1.1})
    assert (trace.cause, trace.certain, trace.failure.reason) == (P2I, False, "closed")
    assert seen.waiting_for == "client-hello"
    assert both("implicit-gives-up", "implicit", options={"delay_s": 1.1})[0].ok


@pytest.mark.parametrize(("kind", "mode", "waits", "answers"), [
    ("starttls-stalls", "starttls", "server-hello", False), ("implicit-stalls", "implicit", "server-finished", True)])
def test_a_handshake_that_stalls(kind, mode, waits, answers):
    trace, seen = both(kind, mode, timeout_s=1)
    assert (trace.cause, trace.certain, trace.failure.stage) == (Cause.HANDSHAKE_STALLED, False, "tls")
    assert (trace.waiting_for, seen.waiting_for) == (waits, "client-finished")
    assert (seen.cause, seen.certain, seen.failure) == (Cause.HANDSHAKE_STALLED, False, None)
    assert smtplab.confirm(trace, seen).certain
    records = [e.data for e in seen.events if e.who == "server" and e.what == "bytes" and e.data[:1] == b"\x16"]
    assert len(records) == answers and "server_hello" in str(trace) or not answers
    # OpenSSL had answered in full; it is lost on the way.
    assert {11, 20} <= {e.data[0] for e in seen.events if e.what == "tls" and e.who == "server" and len(e.data) > 4}
    # The failing twin: the same handshake is whole where nothing is lost.
    assert both(mode, mode)[0].ok


def test_what_an_inspecting_firewall_leaves_of_the_list():
    trace, _ = both("starttls-masked", "starttls")
    assert (trace.cause, trace.certain) == (Cause.MIDDLEBOX, False) and "XXXXXXXA" in str(trace)
    opportunistic, _ = both("starttls-masked", "starttls-opportunistic", login=("alice", "wonderland"))
    assert opportunistic.ok and "in clear" in opportunistic.diagnosis.why
    assert both("starttls-stripped", "starttls")[0].cause is Cause.STARTTLS_NOT_OFFERED  # leaves no trace of the word


@pytest.mark.parametrize(("mode", "cause"), [("starttls", P2I), ("implicit", Cause.OTHER)])
def test_a_proxy_that_accepts_for_a_dead_host_closes_late(mode, cause):
    trace, seen = both("closes-late", mode, options={"delay_s": 1.1})
    assert (trace.cause, trace.certain, trace.ending.what, trace.bytes_received) == (cause, False, "closed", 0)
    assert trace.up_s > 1 and seen.cause is Cause.CLOSED_BEFORE_GREETING
    assert both("closes", mode)[0].cause is Cause.CLOSED_BEFORE_GREETING
    # Who leaves before is not told of an end.
    trace, seen = both("closes-late", mode, options={"delay_s": 30}, timeout_s=0.2)
    assert (trace.cause, trace.failure.reason, seen.cause) == (cause, "timeout", Cause.OTHER)


@pytest.mark.parametrize(("mode", "options"), [("implicit", {}), ("starttls", {"starttls": True})])
def test_a_middlebox_ends_tls_with_an_authority_of_its_own(mode, options):
    with serve("intercepted", hostname="mx.example.com", **options) as server:
        trace = dial(server, mode)
        assert (trace.cause, trace.certain) == (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, True)
        assert "(19)" in trace.failure.reason and "mail shield" not in str(server.behind)
        assert issuer(server, mode) == "smtplab mail shield" and issuer(server.behind, mode) == "smtplab"
        assert dial(server.behind, mode).ok
        # A client that checks nothing is served, and the server behind has seen another ClientHello than it sent.
        blind = dial(server, mode, verify=False, login=("alice", "wonderland"), mail_from="a@example.com")
        assert blind.ok and "220 mx.example.com" in str(blind)
        behind = server.behind.traces()[-1]
        assert behind.ok and behind.sockets != blind.sockets and behind.mode == mode
        assert hello(behind) and hello(behind) != hello(server.trace(of=blind))
    assert nobody_listens(server.behind.address)


def test_a_middlebox_lets_pass_what_is_in_clear():
    with serve("intercepted", starttls=True) as server:
        plain = dial(server, "plain", mail_from="a@example.com")
        assert plain.ok and server.behind.traces()[-1].mode == "plain"
        assert dial(server, "implicit").cause is I2P
        with smtplib.SMTP(*server.address, local_hostname="me", timeout=30) as client:
            assert client.docmd("STARTTLS", "now")[0] == 501 and client.noop()[0] == 250  # refused: still in clear
            client.starttls(context=ssl._create_unverified_context())
            assert client.login("alice", "wonderland")[0] == 235


def issuer(server, mode):
    unchecked = ssl._create_unverified_context()
    if mode == "implicit":
        client = smtplib.SMTP_SSL(*server.address, local_hostname="me", context=unchecked)
    else:
        client = smtplib.SMTP(*server.address, local_hostname="me")
        client.starttls(context=unchecked)
    with client:
        found = x509.load_der_x509_certificate(client.sock.getpeercert(binary_form=True)).issuer
    return found.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value


def hello(trace):
    return next(e.data for e in trace.events if e.what == "bytes" and e.who == "client" and e.data[:1] == b"\x16")


def test_starttls_required_refused_and_stripped():
    sender = {"mail_from": "alice@example.com", "rcpt_to": "bob@example.com"}
    trace, seen = both("starttls-required", "plain", **sender)
    assert trace.cause is seen.cause is Cause.STARTTLS_REQUIRED and trace.failure.reason == "530"
    assert both("starttls-required", "starttls", **sender)[0].ok

    trace, seen = both("starttls-refused", "starttls")
    assert trace.cause is seen.cause is Cause.TEMPORARILY_UNAVAILABLE and trace.failure.reason == "454"
    trace, _ = both("starttls-refused", "starttls-opportunistic")
    assert trace.ok and trace.tls is None and "in clear" in trace.diagnosis.why

    trace, _ = both("starttls-stripped", "starttls")
    assert (trace.cause, trace.certain) == (Cause.STARTTLS_NOT_OFFERED, True)


def test_no_password_is_sent_after_a_refused_starttls():
    trace, seen = both("starttls-refused", "starttls-opportunistic", login=("alice", "wonderland"))
    assert trace.cause is Cause.TEMPORARILY_UNAVAILABLE
    assert not any(b"AUTH" in e.data for e in seen.events if e.what == "bytes" and e.who == "client")
    # The failing twin: where it was stripped, the client can't know, and the password crosses in clear.
    trace, seen = both("starttls-stripped", "starttls-opportunistic", login=("alice", "wonderland"), mechanism="PLAIN")
    assert trace.ok
    assert any(b"AGFsaWNlAHdvbmRlcmxhbmQ=" in e.data for e in seen.events if e.what == "bytes")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", None])
@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_logins(kind, mechanism):
    options = {"mechanisms": ("PLAIN", "LOGIN", "CRAM-MD5")}
    trace, seen = both(kind, kind, options=options, login=("alice", "wonderland"), mechanism=mechanism)
    assert trace.ok and seen.ok
    trace, seen = both(kind, kind, options=options, login=WRONG, mechanism=mechanism)
    assert trace.cause is seen.cause is Cause.AUTH_REJECTED and trace.failure.reason == "535"


@pytest.mark.parametrize("words", ["535 5.7.8 Who are you?", "535-5.7.8 Who are you?\r\n535 5.7.8 Go away"])
def test_a_refusal_is_passed_on_in_the_servers_own_words(words):
    trace, _ = both("implicit", "implicit", options={"auth_reply": words}, login=WRONG)
    assert trace.failure.message == words.replace("\r\n", "\n")
    assert trace.failure.library == "server"


def test_a_login_that_can_not_be_tried():
    trace, _ = both("implicit", "implicit", login=WRONG, mechanism="CRAM-MD5")
    assert (trace.cause, trace.certain) == (Cause.AUTH_MECHANISM, True)
    trace, _ = both("starttls", "plain", login=WRONG)
    assert (trace.cause, trace.certain) == (Cause.AUTH_NEEDS_TLS, True)
    trace, _ = both("plain", "plain", login=WRONG)
    assert trace.cause is Cause.AUTH_MECHANISM


def test_the_last_trace_waits_for_the_end_of_its_connection():
    """As with `of`: right after a client's exception the server may not have seen the alert yet."""
    with serve("expired") as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        for _ in range(20):
            with pytest.raises(ssl.SSLCertVerificationError), socket.create_connection(server.address) as sock:
                context.wrap_socket(sock, server_hostname="localhost")
            assert server.trace().cause is Cause.CERT_EXPIRED
        with socket.create_connection(server.address):  # one that stays is told of as far as it got
            until(lambda: len(server.traces()) == 21)
            start = time.monotonic()
            assert server.trace().waiting_for == "client-hello" and 0.9 < time.monotonic() - start < 30


def test_each_visit_has_its_own_trace():
    with serve("starttls") as server:
        assert server.trace() is None and server.traces() == []
        first, second = dial(server, "implicit"), dial(server, "starttls")
        assert server.trace(of=first).cause is I2P and server.trace(of=second).ok
        assert server.trace() == server.traces()[-1] and len(server.traces()) == 2
        assert server.trace(of=first).sockets == first.sockets != second.sockets


def test_openssl_witnesses_what_our_reader_reads():
    trace, _ = both("starttls", "implicit")
    header = smtplab.judge(trace.first_bytes).header
    reported = [e for e in trace.events if e.what == "tls" and e.data == trace.first_bytes]
    assert len(reported) == 1
    for number in (header.content_type, header.legacy_record_version, header.length):
        assert str(int(number)) in reported[0].note


def test_close_frees_port_and_threads_and_ends_visits():
    before = set(threading.enumerate())
    server = serve("starttls")
    visitor = socket.create_connection(server.address, timeout=30)
    assert visitor.recv(100).startswith(b"220 ")
    assert [t for t in threading.enumerate() if t.name == "smtplab-server" and t not in before]
    server.close()
    server.close()
    with visitor, pytest.raises(OSError):
        while visitor.recv(100):
            pass
        raise ConnectionResetError  # an orderly end is as good
    again = serve("plain", port=server.address[1])
    again.close()
    assert not [t for t in threading.enumerate() if t.name == "smtplab-server" and t not in before]


@pytest.mark.parametrize("kind", smtplab.KINDS)
def test_a_thread_s_name_does_not_tell_the_kind(kind):
    before = set(threading.enumerate())
    with serve(kind):
        assert {t.name for t in set(threading.enumerate()) - before} <= {"smtplab-server"}


def test_a_forgotten_server_is_closed_with_the_last_reference():
    server = serve("plain")
    address = server.address
    del server
    assert nobody_listens(address)


def test_the_authority_file_lives_as_long_as_a_server():
    with serve("implicit") as one:
        with serve("starttls") as two:
            assert one.ca_file == two.ca_file
        ssl.create_default_context(cafile=one.ca_file)
        path = one.ca_file
    with pytest.raises(FileNotFoundError):
        ssl.create_default_context(cafile=path)
    assert one.ca_file is None and nobody_listens(one.address)


def test_wrong_arguments_say_what_is_right():
    with pytest.raises(ValueError, match="the kinds are plain, starttls"):
        serve("smtps")
    with serve("plain") as server, pytest.raises(OSError):
        serve("plain", port=server.address[1])
    for options in ({"port": 70000}, {"starttls": True}, {"tls_version": "1.1"}, {"mode": "tls"}):
        with pytest.raises(ValueError, match="no port|twin|no tls_version|no mode"):
            serve("starttls", **options)


@pytest.mark.parametrize("mode", Mode)
def test_a_kind_that_has_a_twin_fits_the_client_s_mode(mode):
    """A client for STARTTLS meets the fault and not a port of another mode; other kinds are what they are."""
    starttls = mode in (Mode.STARTTLS, Mode.STARTTLS_OPPORTUNISTIC)
    with serve("expired", mode=mode) as server, serve("starttls", mode=mode) as plaintext:
        assert (server.tls, plaintext.tls) == ("starttls" if starttls else "implicit", "starttls")
        if mode is not Mode.PLAIN:
            assert dial(server, mode).cause is Cause.CERT_EXPIRED
    with serve("implicit", mode=mode) as implicit, serve("plain", mode=mode) as plain:
        assert (implicit.tls, plain.tls) == ("implicit", None)


def test_the_last_trace_is_of_a_conversation_that_has_ended():
    """A client that has its error is ahead of the server, which has yet to read why it left."""
    with serve("expired") as server:
        assert server.trace() is None
        for _ in range(20):
            with pytest.raises(ssl.SSLCertVerificationError), socket.create_connection(server.address) as sock:
                ssl.create_default_context(cafile=server.ca_file).wrap_socket(sock, server_hostname="localhost")
            assert server.trace().cause is Cause.CERT_EXPIRED
    # The failing twin: who stays is not waited for without end.
    with serve("starttls") as server, socket.create_connection(server.address, timeout=30) as stays:
        assert stays.recv(1000)
        assert server.trace().waiting_for == "command"


def test_mail_is_taken_and_dropped_and_a_flood_is_cut_off(monkeypatch):
    with serve("plain") as server:
        with smtplib.SMTP(*server.address, local_hostname="me") as client:
            assert client.sendmail("a@example.com", ["b@example.com"], b"Subject: x\r\n\r\n.hello\r\n") == {}
        assert server.trace().cause is Cause.OK
        monkeypatch.setattr(limits, "VISIT_BYTES", 100_000)
        with socket.create_connection(server.address, timeout=30) as flood, pytest.raises(OSError):
            while True:
                flood.sendall(b"x" * 10_000)
        assert server.trace().bytes_received < 1_000_000


def test_what_an_early_talker_says_is_not_lost():
    with serve("greets-late", delay_s=0.2) as server, socket.create_connection(server.address, timeout=30) as early:
        early.sendall(b"EHLO me\r\nQUIT\r\n")
        with early.makefile("rb") as lines:
            assert lines.read().split(b"\r\n")[-2] == b"221 2.0.0 Bye"


def test_a_listener_s_fault_is_shown_and_costs_no_visitor(monkeypatch):
    shown = []
    monkeypatch.setattr(threading, "excepthook", shown.append)
    with serve("starttls", listener=lambda visit: visit.nothing) as server:
        trace = dial(server, "starttls", login=("alice", "wonderland"))
        assert trace.ok and server.trace(of=trace).ok
    assert {error.exc_type for error in shown} == {AttributeError}
