"""A real server: every kind that Postfix has, dialled in every mode, probed, and visited through the relay."""

import os

import pytest
from postfix import postfix
from real_tools import need

from smtplab import Cause, Mode, Speaks, dial, probe

ALICE, SENDER = ("alice", "wonderland"), {"mail_from": "alice@example.test", "rcpt_to": "bob@example.test"}
I2P, P2I, OK = Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT, Cause.OK


@pytest.fixture(scope="module")
def servers():
    need("postfix", "dovecot")
    if os.geteuid() != 0:
        need("root's rights")
    with postfix() as running:
        yield running


# kind: what it speaks, and the cause for plain, starttls, starttls-opportunistic, implicit
EXPECTED = {
    "plain": (Speaks.SMTP, OK, Cause.STARTTLS_NOT_OFFERED, OK, I2P),
    "plain-auth": (Speaks.SMTP, OK, Cause.STARTTLS_NOT_OFFERED, OK, I2P),
    "starttls-may": (Speaks.SMTP_STARTTLS, OK, OK, OK, I2P),
    "submission": (Speaks.SMTP_STARTTLS, OK, OK, OK, I2P),
    "submissions": (Speaks.IMPLICIT_TLS, P2I, P2I, P2I, OK),
    "starttls-454": (Speaks.SMTP_STARTTLS, OK, Cause.TEMPORARILY_UNAVAILABLE, OK, I2P),
    "postscreen": (Speaks.SMTP_STARTTLS, OK, OK, OK, I2P),
}


@pytest.mark.parametrize(("kind", "mode"), [
    pytest.param(kind, mode, marks=[pytest.mark.slow] * ((kind, mode) != ("submission", Mode.IMPLICIT)))
    for kind in EXPECTED for mode in Mode])
def test_dial(servers, kind, mode):
    addresses, ca_file = servers
    hangs = kind == "submissions" and mode is not Mode.IMPLICIT
    trace = dial(addresses[kind], mode, timeout_s=1.5 if hangs else 30, ca_file=ca_file)
    assert trace.cause is EXPECTED[kind][1 + list(Mode).index(mode)], str(trace)
    if trace.cause is I2P:
        assert trace.bytes_read == 5 and trace.first_bytes[:4] in (b"220 ", b"220-")  # postscreen teases first
    if trace.ok and mode in (Mode.STARTTLS, Mode.IMPLICIT):
        assert trace.tls.version == "TLSv1.3"


@pytest.mark.slow
def test_probe(servers):
    addresses, ca_file = servers
    found = dict(zip(addresses, probe(list(addresses.values()), timeout_s=30), strict=True))
    assert {kind: report.speaks for kind, report in found.items()} == {k: row[0] for k, row in EXPECTED.items()}
    # Its authority is not the system's; that never stops a probe.
    assert {k for k, r in found.items() if r.certificate_ok is False} == {
        "starttls-may", "submission", "submissions", "postscreen"}


@pytest.mark.parametrize(("kind", "mode", "login", "sender", "cause"), [
    ("submission", "starttls", ALICE, SENDER, OK), *(pytest.param(*row, marks=pytest.mark.slow) for row in (
    ("submissions", "implicit", ALICE, SENDER, OK),
    ("submission", "starttls", ("alice", "not-hers"), {}, Cause.AUTH_REJECTED),
    ("submissions", "implicit", ("alice", "not-hers"), {}, Cause.AUTH_REJECTED),
    ("submission", "plain", None, SENDER, Cause.STARTTLS_REQUIRED),
    ("submission", "plain", ALICE, {}, Cause.AUTH_NEEDS_TLS),
    ("starttls-may", "plain", ALICE, {}, Cause.AUTH_NEEDS_TLS),
    ("submission", "starttls", None, SENDER, Cause.RELAY_OR_POLICY),
    ("plain", "plain", ALICE, {}, Cause.AUTH_MECHANISM), ("plain-auth", "plain", ALICE, {}, OK),
    ("plain", "plain", None, {"mail_from": "a@x.example", "rcpt_to": "b@elsewhere.example"}, Cause.RELAY_OR_POLICY),
    ("starttls-454", "starttls-opportunistic", ALICE, {}, Cause.TEMPORARILY_UNAVAILABLE),
))])
def test_logins_and_mail(servers, kind, mode, login, sender, cause):
    addresses, ca_file = servers
    trace = dial(addresses[kind], mode, timeout_s=30, ca_file=ca_file, login=login, **sender)
    assert trace.cause is cause, str(trace)
    if login:
        assert login[1] not in trace.to_json() + str(trace)
