"""STARTTLS wanted and not offered: every client's words for it, and what only sounds like it."""

from helpers import each_row
from rows import first


@each_row("text", [
    "SMTPNotSupportedError: STARTTLS extension not supported by server.",
    "STARTTLS is required but host does not support STARTTLS",
    "curl: (64) STARTTLS not supported.", "*** Host did not advertise STARTTLS",
    "STARTTLS is not supported on this server",
    "TLS not possible! Remote SMTP server, 192.0.2.1, does not support it.",
    "Server does not support secure connections.",
    "MandatoryStartTLS required, but SMTP server does not support STARTTLS",
    "TLS is required, but was not offered by host",
    "The SMTP server does not support the STARTTLS extension.", "the server does not support TLS via the STARTTLS "
    "command",
    "TLS required but neither TLS or STARTTLS are in use.", "a TLS session is required, but the server did not offer "
    "TLS support"])
def test_families(text):
    assert first(text, mode="starttls") == "starttls-not-offered"


@each_row(("text", "cause"), [
    ("the peer does not support TLS 1.3: no shared cipher", "tls-version-or-cipher"),
    ("454 4.7.0 TLS not available due to local problem", "temporarily-unavailable"),
    ("530 5.7.0 Must issue a STARTTLS command first", "starttls-required"),
    ("The server does not seem to support encrypted passwords.", "auth-mechanism"),
    ("The server does not support the connection encryption type you have specified.", "implicit-to-plaintext"),
    ("the server doesn't support AUTH over an unencrypted connection", "auth-needs-tls")])
def test_twins(text, cause):
    assert first(text, mode=None) == cause


def test_s_client_s_wrong_version_after_its_warning_is_no_port_mistake():
    warned = "Didn't find STARTTLS in server response, trying anyway...\n"
    error = "40:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:350:"
    assert first(warned + error, port=25) == "starttls-not-offered"
    assert first(error, port=25, mode="implicit") == "implicit-to-plaintext"
