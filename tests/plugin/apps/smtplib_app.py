"""An app that sends with Python's own smtplib: rightly, and in ways that go wrong unnoticed."""

import contextlib
import smtplib
import ssl

import pytest

MAIL = "Subject: hello\n\nhello\n"


def send(config, *, context=True, timeout_s=1, required=True):
    """Send one mail, as the app would."""
    tls = ssl.create_default_context(cafile=config.ca_file) if context else None
    with smtplib.SMTP(config.host, config.port, timeout=timeout_s) as client:
        client.ehlo()
        if required or client.has_extn("starttls"):
            client.starttls(context=tls)
        client.login(config.user, config.password)
        client.sendmail("app@example.com", ["you@example.com"], MAIL)


def test_right(smtplab_server):
    smtplab_server.check(send, "starttls")


def test_certificate_not_checked(smtplab_server):
    smtplab_server.check(lambda config: send(config, context=False), "starttls")


def test_goes_on_in_clear(smtplab_server):
    smtplab_server.check(lambda config: send(config, required=False), "starttls")


def test_no_time_out(smtplab_server):
    smtplab_server.check(lambda config: send(config, timeout_s=None), "starttls", within_s=3)


def test_errors_are_swallowed(smtplab_server):
    def quiet(config):
        with contextlib.suppress(OSError):
            send(config)

    smtplab_server.check(quiet, "starttls", kinds=["expired"])


@pytest.mark.smtplab("expired", mode="starttls")
def test_one_kind_right(smtplab_server):
    with smtplab_server.expect("cert-expired") as seen:
        send(smtplab_server.config)
    assert isinstance(seen.error, ssl.SSLCertVerificationError)


@pytest.mark.smtplab("expired", mode="starttls")
def test_one_kind_wrong(smtplab_server):
    with smtplab_server.expect("cert-expired"):
        send(smtplab_server.config, context=False)
