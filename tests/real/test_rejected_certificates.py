"""Real clients that reject a certificate, seen by who can't read TLS: a relay, and a capture.

msmtp looks at it only after its Finished, and leaves without a word; gnutls-cli sends an alert, in TLS 1.3 encrypted;
Java's says certificate_unknown. None of that is a success. In TLS 1.2 the certificate itself crosses in clear, and says
more.
"""

import os
import subprocess
from pathlib import Path

import pytest
from test_packets_real import as_root  # noqa: F401  a fixture

import smtplab
from smtplab import Cause, Trace, relay, serve
from smtplab.lab.capture import capture

JAVA = """
import java.io.*;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.*;
import javax.net.ssl.*;

class Client {
    public static void main(String[] args) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        InputStream pem = Files.newInputStream(Path.of(args[2]));
        store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        java.net.Socket plain = new java.net.Socket("localhost", Integer.parseInt(args[1]));
        if (args[0].equals("starttls")) {
            BufferedReader in = new BufferedReader(new InputStreamReader(plain.getInputStream()));
            in.readLine();
            plain.getOutputStream().write("EHLO client.example.com\\r\\n".getBytes());
            while (in.readLine().charAt(3) == '-') { }
            plain.getOutputStream().write("STARTTLS\\r\\n".getBytes());
            in.readLine();
        }
        SSLSocketFactory factory = context.getSocketFactory();
        SSLSocket tls = (SSLSocket) factory.createSocket(plain, args[4], 25, true);
        SSLParameters checked = tls.getSSLParameters();
        checked.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(checked);
        tls.setEnabledProtocols(new String[] {"TLSv" + args[3]});
        tls.startHandshake();
        tls.getOutputStream().write("QUIT\\r\\n".getBytes());
        while (tls.getInputStream().read() >= 0) { }
    }
}
"""


# Java asks for no name that has no dot.
NAMES = {"msmtp": "localhost", "gnutls-cli": "localhost", "java": "mail.example.com"}


def words(client: str, mode: str, port: int, ca_file: str, version: str, home: Path) -> list[str]:
    """The command line of a client that goes to localhost, and checks it with this authority alone."""
    only = f"NORMAL:-VERS-ALL:+VERS-TLS{version}"
    if client == "msmtp":
        settings = home / "msmtprc"
        settings.write_text(f"account x\nhost localhost\nport {port}\nfrom a@example.com\ntls on\n"
                            f"tls_starttls {'on' if mode == 'starttls' else 'off'}\n"
                            f"tls_trust_file {ca_file}\ntls_priorities {only}\n")
        settings.chmod(0o600)
        return ["msmtp", "-C", str(settings), "-a", "x", "b@example.com"]
    if client == "java":
        (home / "Client.java").write_text(JAVA)
        return ["java", str(home / "Client.java"), mode, str(port), ca_file, version, NAMES[client]]
    return ["gnutls-cli", "--x509cafile", ca_file, "-p", str(port), f"--priority={only}",
            *["--starttls-proto=smtp"] * (mode == "starttls"), "localhost"]


def told(argv: list[str]) -> int:
    """Run a client, whose input is at once at its end. Returns its exit status."""
    says = b"Subject: x\r\n\r\nx\r\n" if argv[0] == "msmtp" else b"QUIT\r\n"
    return subprocess.run(argv, input=says, capture_output=True, timeout=60).returncode


def run(client: str, mode: str, kind: str, version: str, home: Path) -> tuple[int, Trace, Trace, Trace]:
    """The client's exit status, and its conversation as the relay, a capture and the server see it."""
    twin = {"starttls": True} if mode == "starttls" and kind != mode else {}
    with serve(kind, **twin) as server, relay(server) as between:
        status = told(words(client, mode, between.address[1], server.ca_file, version, home))
        passed, visit = between.trace(timeout_s=30), server.trace()
    passed.to_pcapng(home / "passed.pcapng", port=587)
    [captured] = Trace.from_pcap(home / "passed.pcapng")
    return status, passed, captured, visit


SAYS = {"unknown-ca": Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, "wrong-name": Cause.CERT_HOSTNAME,
        "expired": Cause.CERT_EXPIRED}
ROWS = [pytest.param(client, mode, kind, version, id=f"{client}-{mode}-{kind}-{version}",
                     marks=[pytest.mark.real(client), *[pytest.mark.slow] * ((mode, kind) != everyday)])
        for client, everyday in (("msmtp", ("starttls", "wrong-name")), ("gnutls-cli", ("implicit", "unknown-ca")),
                                 ("java", (None, None)))
        for mode in ("starttls", "implicit") for kind in SAYS for version in ("1.2", "1.3")]


@pytest.mark.parametrize(("client", "mode", "kind", "version"), ROWS)
def test_a_rejected_certificate_is_no_success(client, mode, kind, version, tmp_path):
    status, passed, captured, visit = run(client, mode, kind, version, tmp_path)
    assert status != 0
    # In TLS 1.3 the certificate is encrypted; between the peers only that it was rejected can be seen.
    between = SAYS[kind] if version == "1.2" else Cause.CERT_REJECTED
    for trace in (passed, captured):
        java_says_so = (client, kind, version) == ("java", "expired", "1.2")  # by an alert that means nothing else
        assert (trace.cause, trace.certain, trace.ok) == (between, java_says_so, False)
        assert (trace.certificate is not None) == (version == "1.2") and "It worked" not in str(trace)
    assert visit.cause is SAYS[kind] and not visit.ok  # the server knows what it showed
    assert {"unknown-ca": "is signed by OU=Testing CA", "expired": "The certificate expired 10 days ago.",
            "wrong-name": f"certificate holds another-name.example.net; the client asked for {NAMES[client]}."}[
        kind] in (passed if version == "1.2" else visit).diagnosis.why


@pytest.mark.parametrize(("client", "version"), [
    pytest.param(client, version, marks=[pytest.mark.real(client), *[pytest.mark.slow] * (client == "java")])
    for client in ("msmtp", "gnutls-cli", "java") for version in ("1.2", "1.3")])
def test_the_twin_that_accepts_it_is_one(client, version, tmp_path):
    status, passed, captured, visit = run(client, "starttls", "starttls", version, tmp_path)
    assert (status, visit.ok) == (0, True)
    assert {(trace.cause, trace.certain) for trace in (passed, captured)} == {(Cause.OK, False)}
    assert "ok: TLS agreed; the rest unseen (not certain)" in str(passed) and "It worked" not in str(captured)


@pytest.mark.real("msmtp")
@pytest.mark.usefixtures("as_root")
def test_a_live_capture_too(tmp_path):
    with serve("wrong-name", starttls=True) as server, capture(server) as packets:
        status = told(words("msmtp", "starttls", server.address[1], server.ca_file, "1.3", tmp_path))
    [trace] = packets.traces()
    assert status == os.EX_UNAVAILABLE and (trace.cause, trace.certain) == (Cause.CERT_REJECTED, False)


@pytest.mark.real("openssl")
def test_a_look_at_the_certificate_alone_leaves_the_same_bytes(tmp_path):
    """Which is why it is never certain."""
    with serve("implicit") as server, smtplab.relay(server) as between:
        subprocess.run(["openssl", "s_client", "-connect", f"localhost:{between.address[1]}"], input=b"",
                       capture_output=True, timeout=60)
        trace = between.trace(timeout_s=30)
    assert (trace.cause, trace.certain) == (Cause.CERT_REJECTED, False)
    assert "only wants to see the certificate" in trace.diagnosis.why
