"""A lab server with a host name of its own: where it says it, and where the usual one stays."""

import socket

import pytest

from smtplab import Cause, dial, serve

NAME = "mx-k7q2x.example.com"


def inside(trace):
    """All that came from the server, in clear or within TLS."""
    came = [e.data for e in trace.events if e.who == "server" and e.what in ("bytes", "inside")]
    return b"\r\n".join(data.strip() for data in came)


@pytest.mark.parametrize("hostname", [NAME, None])
def test_greeting_and_ehlo_reply(hostname):
    says = (hostname or "mail.example.com").encode()
    with serve("starttls", hostname=hostname) as server:
        said = inside(dial(server, "plain"))
    assert said.startswith(b"220 %b ESMTP smtplab\r\n250-%b\r\n" % (says, says))


@pytest.mark.parametrize(("kind", "mode", "options", "code"), [
    ("starttls-refused", "starttls", {}, b"454"),
    ("starttls-required", "plain", {"mail_from": "a@example.com"}, b"530"),
    ("implicit", "implicit", {"login": ("alice", "wrong")}, b"535")])
def test_each_refusal_ends_with_it_and_the_usual_ones_do_not(kind, mode, options, code):
    for hostname in (NAME, None):
        with serve(kind, hostname=hostname) as server:
            [line] = [x for x in inside(dial(server, mode, **options)).split(b"\r\n") if x.startswith(code)]
        assert line.endswith(b" - mx-k7q2x.example.com") == bool(hostname), line


def test_every_line_of_a_longer_refusal_has_it():
    text = "535-5.7.8 no\r\n535 5.7.8 see the help"
    with serve("implicit", hostname=NAME, auth_reply=text) as server:
        said = inside(dial(server, "implicit", login=("alice", "wrong")))
    assert b"535-5.7.8 no - mx-k7q2x.example.com\r\n535 5.7.8 see the help - mx-k7q2x.example.com" in said


@pytest.mark.parametrize(("kind", "cause"), [
    ("implicit", Cause.OK), ("expired", Cause.CERT_EXPIRED), ("wrong-name", Cause.CERT_HOSTNAME),
    ("unknown-ca", Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA), ("self-signed", Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA)])
def test_the_certificate_names_it_and_has_the_same_fault(kind, cause):
    with serve(kind, hostname=NAME) as server:
        assert dial(server, "implicit").cause is cause
        seen = dial(server, "implicit", verify=False)
        named = dial(server, "implicit", server_name=NAME)
    assert NAME in seen.tls.peer_subject
    assert named.cause is (Cause.OK if kind == "wrong-name" else cause)


@pytest.mark.parametrize(("kind", "asks", "says"), [
    ("http", b"GET / HTTP/1.0\r\n\r\n", b"Server: " + NAME.encode()),
    ("not-smtp", b"", NAME.encode() + b" IMAP smtplab")])
def test_other_services_say_it_too(kind, asks, says):
    for hostname in (NAME, None):
        with serve(kind, hostname=hostname) as server, socket.create_connection(server.address, timeout=30) as visitor:
            visitor.sendall(asks)
            assert (says in visitor.recv(1000)) == bool(hostname)


@pytest.mark.parametrize("hostname", ["", "a b", "a\r\nQUIT", "-a.example", "a..b", "a.example.", "x" * 64, "bü.de",
                                      ".".join(["x" * 60] * 5)])
def test_what_is_no_host_name_is_refused(hostname):
    with pytest.raises(ValueError, match="no host name"):
        serve("starttls", hostname=hostname)
