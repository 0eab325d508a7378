"""Settings, trust stores and keys in a text are context: blanked, each letter at its place; failures stay."""

from helpers import each_row
from rows import first

from smtplab.messages import explain
from smtplab.messages.surroundings import without_surroundings

CONTEXT = ["*  CAfile: /etc/ssl/certs/ca-certificates.crt", "* CApath: none", "'cafile' => '/etc/ssl/x.pem',",
           "cafile=/etc/ssl/x.pem", "timeout = 30 seconds", "timeout: 30000,", "tls_trust_file = /etc/ssl/x.pem",
           "    Timeout   : 7200 (sec)", "tls_starttls = on", "tls_certcheck = on", "auth = none",
           "socketTimeout: 3000", '"connectionTimeout": 5000,', "mail.smtp.timeout=10000",
           "-----BEGIN CERTIFICATE-----\nTIMEOUT+EOF+BL\n-----END CERTIFICATE-----",
           "    0000 - 00 01 02 03 04 05 06 07-08 09 0a 0b 0c 0d 0e 0f   timeout"]
FAILURES = ["SSL no shared cipher", "TLS not available", "Timeout (30 secs) waiting for server response",
            "Timeout was reached", "Connection timeout", "ssl.SSLError: wrong version number", "auth failed",
            "Error: timeout", "code: 'ETIMEDOUT'", "TLS: unknown ca", "starttls failed", "{error,timeout}"]


@each_row("text", CONTEXT)
def test_settings_are_blanked_in_place(text):
    blanked = without_surroundings(text)
    assert len(blanked) == len(text)
    assert not any(word in blanked.lower() for word in ("file", "timeout", "tls", "auth", "eof"))
    assert explain(text)[0].phrase == ""


@each_row("text", FAILURES)
def test_words_of_failures_are_left(text):
    assert without_surroundings(text) == text


@each_row(("error", "cause"), [
    ("curl: (35) error:0A00010B:SSL routines::wrong version number", "implicit-to-plaintext"),
    ("connect: connection refused", "refused"), ("connect ETIMEDOUT 192.0.2.1:25", "filtered-timeout"),
    ("certificate has expired", "cert-expired"), ("error:0A000126:SSL routines::unexpected eof while reading",
                                                  "closed-before-greeting")])
def test_a_trust_store_beside_an_error_is_no_evidence(error, cause):
    assert first(error) == cause
    for context in CONTEXT[:5]:
        assert first(f"{context}\n{error}") == first(f"{error}\n{context}") == cause


@each_row("text", ["error setting certificate verify locations:  CAfile: /etc/x.pem CApath: none",
                   "failed to load cafile /etc/x.pem", "curl: (77) error adding trust anchors from file: /x.pem"])
def test_a_trust_store_that_cannot_be_read_is_an_error(text):
    assert first(text) == "cert-self-signed-or-unknown-ca"
