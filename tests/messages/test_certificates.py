"""Certificates in every TLS library's words, and the texts that fit two of its faults."""

from helpers import each_row
from rows import first

from smtplab.messages import explain

NAMES = {
    "cert-hostname": [
        "x509: certificate is valid for *.example.net, not mail.example.com",
        "x509: cannot validate certificate for 192.0.2.5 because it doesn't contain any IP SANs",
        "No subject alternative DNS name matching mail.example.com found.", "No name matching localhost found",
        "hostname '127.0.0.1' doesn't match 'mail.example.com'", "invalid peer certificate: NotValidForName",
        "The remote certificate is invalid: RemoteCertificateNameMismatch", "ERR_TLS_CERT_ALTNAME_INVALID",
        "SSL: no alternative certificate subject name matches target host name 'mail.example.com'",
        "{bad_cert,hostname_check_failed}", "Can't verify identity of server: mail.example.com",
        "certificate verify failed: IP address mismatch, certificate is not valid for '192.0.2.1'. (_ssl.c:1007)",
        "Peer certificate CN=`web.example.net' did not match expected CN=`mail.example.com'",
        "verify error:num=62:hostname mismatch",
        "SEC_E_WRONG_PRINCIPAL (0x80090322)", "SSL_ERROR_BAD_CERT_DOMAIN"],
    "cert-expired": [
        "x509: certificate has expired or is not yet valid: current time 2026-01-01T00:00:00Z is after 2025-01-01",
        "java.security.cert.CertificateExpiredException: NotAfter: Sat Jan 01", "CERT_HAS_EXPIRED",
        "depth=0 verify error:num=10",
        "verify error:num=9:certificate is not yet valid", "invalid peer certificate: Expired",
        "{tls_alert,{certificate_expired,...}}",
        "The certificate chain uses expired certificate.",
        "A required certificate is not within its validity period", "SEC_E_CERT_EXPIRED 0x80090328",
        "CERTIFICATE_VERIFY_FAILED: certificate has expired(handshake.cc:359)"],
    "cert-chain-incomplete": [
        "unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "verify error:num=21:unable to verify the first certificate",
        "Verify return code: 20 (unable to get local issuer certificate)"],
    "cert-self-signed-or-unknown-ca": [
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        "DEPTH_ZERO_SELF_SIGNED_CERT", "the trustAnchors parameter must be non-empty",
        "verify error:num=18:self-signed certificate",
        "PKIX path building failed: unable to find valid certification path to requested target",
        "invalid peer certificate: UnknownIssuer",
        "Fatal - Unknown CA", "The certificate is NOT trusted. The certificate issuer is unknown.",
        "SEC_ERROR_UNKNOWN_ISSUER",
        "certificate verify failed: unable to get local issuer certificate (_ssl.c:1007)",
        "SEC_E_UNTRUSTED_ROOT (0x80090325)",
        "The remote certificate is invalid according to the validation procedure.",
        "SSL3_GET_SERVER_CERTIFICATE:certificate verify failed",
        "SSL_accept() failed: tlsv1 alert unknown ca: SSL alert number 48",
        "mbedTLS: X509 - Certificate verification failed",
        "error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED",
        "error:0A000086:SSL routines::certificate verify failed"],
}


@each_row(("cause", "text"), [(cause, text) for cause, texts in NAMES.items() for text in texts])
def test_families(cause, text):
    assert first(text) == cause


def test_a_scanner_s_root_is_no_unknown_authority():
    shield = "issuer=CN = Avast Web/Mail Shield Root"
    assert first(f"verify error: self-signed certificate in certificate chain\n{shield}") == "middlebox"
    assert first("verify error: self-signed certificate\nissuer=CN = Example Root") == "cert-self-signed-or-unknown-ca"


def test_a_root_in_the_chain_has_two_causes_and_the_host_weighs_them():
    text = "{}self-signed certificate in certificate chain"
    assert [e.cause.value for e in explain(text.format("smtp.gmail.com: "))[:2]] == ["middlebox",
    "cert-self-signed-or-unknown-ca"]
    own = [e.cause.value for e in explain(text.format("connect to mail.example.com: "), port=587)[:2]]
    assert own == ["cert-self-signed-or-unknown-ca", "middlebox"]


def test_a_hoster_s_name_instead_of_a_large_service_s_is_another_machine():
    text = "Peer certificate CN=`*.hoster.example' did not match expected CN=`{}'"
    assert first(text.format("smtp.gmail.com")) == "middlebox"
    assert first(text.format("mail.example.com")) == "cert-hostname"


def test_mailkit_s_one_exception_is_weighed_by_port_and_mode():
    text = "MailKit.Security.SslHandshakeException: An error occurred."
    assert first(text, port=587, mode="implicit") == "implicit-to-plaintext"
    assert first(text, port=587, mode="starttls") == "cert-self-signed-or-unknown-ca"
    assert first(text + " certificate has expired") == "cert-expired"


@each_row("text", ["certificate verify ok", "Loaded the certificate", "depth=0 CN = mail.example.com",
"password has expired"])
def test_no_fault_of_a_certificate(text):
    assert not first(text).startswith("cert-")
