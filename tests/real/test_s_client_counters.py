"""The numbers that the real `openssl s_client` prints, against ours for the same bytes."""

import re
import ssl
import subprocess
from typing import NamedTuple

import pytest
from helpers import slow_but

import smtplab
from smtplab import Cause
from smtplab.lab import certificates
from smtplab.lab import server as lab_server
from smtplab.records import HandshakeType, RecordReader

pytestmark = pytest.mark.real("openssl")

PRINTED = re.compile(rb"SSL handshake has read (\d+) bytes and written (\d+) bytes")
STARTTLS = ("-starttls", "smtp")


class Run(NamedTuple):
    numbers: tuple[int, int]  # N and M as printed
    exit_code: int
    text: bytes


def s_client(address: tuple[str, int], *options: str, says: bytes = b"") -> Run:
    """The real one, once."""
    run = subprocess.run(["openssl", "s_client", "-connect", "{}:{}".format(*address), *options], input=says,
                         capture_output=True, timeout=60, check=False)
    read, written = PRINTED.search(run.stdout).groups()
    return Run((int(read), int(written)), run.returncode, run.stdout)


def relayed(server: smtplab.Server, *options: str, says: bytes = b"") -> tuple[Run, smtplab.Trace]:
    """s_client through a relay, and the relay's trace of the same bytes."""
    with smtplab.relay(server) as between:
        return s_client(between.address, *options, says=says), between.trace(timeout_s=30)


def counted(trace: smtplab.Trace) -> tuple[int, int]:
    return trace.bytes_read, trace.bytes_written


def client_hellos(trace: smtplab.Trace) -> int:
    """How many ClientHellos the client sent, with nothing in clear before them."""
    reader = RecordReader()
    records = [r for e in trace.events if e.what == "bytes" and e.who == "client" for r in reader.feed(e.data)]
    return sum(r.handshake_type == HandshakeType.client_hello for r in records)


AGAIN = pytest.mark.parametrize("_again", [0, *(pytest.param(again, marks=pytest.mark.slow) for again in (1, 2))])


class Case(NamedTuple):
    kind: str
    options: tuple[str, ...]
    cause: Cause
    version: str | None = None


CASES = {
    "mismatch": Case("starttls", (), Cause.IMPLICIT_TO_PLAINTEXT),
    "mismatch-http": Case("http", (), Cause.IMPLICIT_TO_PLAINTEXT),
    "mismatch-imap": Case("not-smtp", (), Cause.IMPLICIT_TO_PLAINTEXT),
    "implicit-1.3": Case("implicit", (), Cause.OK, "1.3"),
    "implicit-1.2": Case("implicit", (), Cause.OK, "1.2"),
    "implicit-1.2-no-ticket": Case("implicit", ("-no_ticket",), Cause.OK, "1.2"),
    "starttls-1.3": Case("starttls", STARTTLS, Cause.OK, "1.3"),
    "starttls-1.2": Case("starttls", STARTTLS, Cause.OK, "1.2"),
    "starttls-other-name": Case("starttls", (*STARTTLS, "-name", "x"), Cause.OK),
    "server-name": Case("implicit", ("-servername", "localhost"), Cause.OK),
    "454": Case("starttls-refused", STARTTLS, Cause.TEMPORARILY_UNAVAILABLE),
    "not-offered": Case("plain", STARTTLS, Cause.STARTTLS_NOT_OFFERED),
    "closes-at-once": Case("closes", (), Cause.CLOSED_BEFORE_GREETING),
    "groups-P-521-first": Case("implicit", ("-groups", "P-521:P-256"), Cause.OK),
    "groups-P-384": Case("implicit", ("-groups", "P-384"), Cause.OK, "1.3"),
    "groups-X25519": Case("starttls", (*STARTTLS, "-groups", "X25519"), Cause.OK),
}


@AGAIN
@pytest.mark.parametrize("case", slow_but(CASES, "mismatch", "implicit-1.3", "starttls-1.2", "closes-at-once"))
def test_the_relays_count_is_what_s_client_prints(case, _again):
    case = CASES[case]
    # With QUIT and -ign_eof the server has the last word: tickets and its goodbye come after the count.
    says = (b"QUIT\r\n", "-ign_eof") if case.cause is Cause.OK else (b"",)
    with smtplab.serve(case.kind, tls_version=case.version) as server:
        run, trace = relayed(server, *case.options, *says[1:], says=says[0])
    assert counted(trace) == run.numbers
    assert trace.cause is case.cause
    assert (trace.bytes_received > trace.bytes_read) == (case.kind != "closes")


@AGAIN
def test_a_mismatch_reads_five_bytes(_again):
    with smtplab.serve("starttls") as server:
        run, trace = relayed(server)
    assert run.numbers[0] == trace.bytes_read == 5
    assert trace.bytes_received == len("220 mail.example.com ESMTP smtplab\r\n")


@pytest.mark.parametrize(("groups", "hellos"), [("X25519:P-256", 2), ("P-256:X25519", 1)],
                         ids=["hello-retry-request", "no-retry"])
@AGAIN
def test_a_hello_retry_request_is_counted(groups, hellos, _again, monkeypatch):
    def p256_alone(*args, **kwargs):
        context = server_context(*args, **kwargs)
        context.set_ecdh_curve("prime256v1")
        return context

    server_context = lab_server.server_context
    monkeypatch.setattr(lab_server, "server_context", p256_alone)
    with smtplab.serve("implicit", tls_version="1.3") as server:
        run, trace = relayed(server, "-groups", groups, "-ign_eof", says=b"QUIT\r\n")
    assert counted(trace) == run.numbers
    assert client_hellos(trace) == hellos
    assert trace.cause is Cause.OK


@pytest.mark.parametrize("version", slow_but(["1.2", "1.3"], "1.3"))
def test_a_resumed_session_is_counted(version, tmp_path):
    session = str(tmp_path / "session.pem")
    with smtplab.serve("implicit", tls_version=version) as server:
        whole, _ = relayed(server, "-sess_out", session, "-ign_eof", says=b"QUIT\r\n")
        short, trace = relayed(server, "-sess_in", session, "-ign_eof", says=b"QUIT\r\n")
    assert [b"\nReused, " in run.text for run in (whole, short)] == [False, True]
    assert short.numbers[0] < whole.numbers[0]
    assert counted(trace) == short.numbers
    assert trace.cause is Cause.OK


@pytest.mark.parametrize("version", slow_but(["1.2", "1.3"], "1.3"))
@pytest.mark.parametrize(("kind", "cause"), [
    ("expired", Cause.CERT_EXPIRED), ("unknown-ca", Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA), ("implicit", Cause.OK)])
def test_a_client_that_gives_up_halfway(kind, cause, version):
    good = kind == "implicit"
    with smtplab.serve(kind, tls_version=version) as server:
        run, trace = relayed(server, "-verify_return_error", "-CAfile", server.ca_file,
                             *["-ign_eof"] * good, says=b"QUIT\r\n" * good)
    assert (run.exit_code == 0) == good
    assert trace.bytes_written == run.numbers[1]
    # The server had sent all of its messages; where in them the client stopped reading can't be seen from outside.
    assert (trace.bytes_read == run.numbers[0]) == good
    assert trace.bytes_read >= run.numbers[0]
    assert trace.cause is cause  # its alert crosses in clear, and names it


# --- the same server, once with s_client and once with our own client ---


# A key share's size counts, so both offer one group; TLS 1.2 wants the certificate's own among them.
GROUP = "P-256"


@pytest.fixture
def same_group(monkeypatch):
    """dial with what s_client gets by `-groups`."""
    def one_group(*args, **kwargs) -> ssl.SSLContext:
        context = client_context(*args, **kwargs)
        context.set_ecdh_curve("prime256v1")  # the same by OpenSSL's other name
        return context

    client_context = certificates.client_context
    monkeypatch.setattr(certificates, "client_context", one_group)


@pytest.mark.usefixtures("same_group")
@pytest.mark.parametrize(("kind", "mode", "version"), [
    ("starttls", "implicit", None), ("implicit", "implicit", "1.2"), ("implicit", "implicit", "1.3"),
    ("starttls", "starttls", "1.2"), ("starttls", "starttls", "1.3")],
    ids=["mismatch", "implicit-1.2", "implicit-1.3", "starttls-1.2", "starttls-1.3"])
def test_dial_reads_what_s_client_reads(kind, mode, version):
    with smtplab.serve(kind, tls_version=version) as server:
        run = s_client(server.address, "-groups", GROUP, *STARTTLS * (mode == "starttls"))
        trace = smtplab.dial(server, mode, timeout_s=60)
    assert trace.ok == (kind == mode)
    assert abs(trace.bytes_read - run.numbers[0]) <= 3  # an ECDSA signature is 70 to 72 bytes long, seldom less
    assert trace.bytes_received > trace.bytes_read


@pytest.mark.usefixtures("same_group")
@pytest.mark.parametrize("version", slow_but(["1.2", "1.3"], "1.3"))
@pytest.mark.parametrize("kind", slow_but(["self-signed", "unknown-ca", "expired", "implicit"], "expired", "implicit"))
def test_dial_stops_reading_where_s_client_stops(kind, version):
    with smtplab.serve(kind, tls_version=version) as server:
        run = s_client(server.address, "-groups", GROUP, "-verify_return_error", "-CAfile", server.ca_file)
        trace = smtplab.dial(server, "implicit", timeout_s=60)
    good = kind == "implicit"
    assert (trace.ok, run.exit_code == 0) == (good, good)
    # Failing, both stop at the certificate, before any signature of this handshake.
    assert abs(trace.bytes_read - run.numbers[0]) <= 3 * good
