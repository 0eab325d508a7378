"""An app that sends with Django: rightly, and in ways that go wrong unnoticed."""

import ssl

import django.core.mail
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.test.utils import override_settings

settings.configure(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend")


class Careless(EmailBackend):
    """As found in answers to "certificate verify failed"."""

    ssl_context = ssl._create_unverified_context()


def send(config, **wrong):
    """Send one mail, as the app would."""
    right = {"EMAIL_HOST": config.host, "EMAIL_PORT": config.port, "EMAIL_USE_TLS": config.starttls,
             "EMAIL_USE_SSL": config.implicit, "EMAIL_HOST_USER": config.user, "EMAIL_HOST_PASSWORD": config.password,
             "EMAIL_TIMEOUT": 1}
    with config.trusted(), override_settings(**right | wrong):  # Django trusts what Python's ssl does
        django.core.mail.send_mail("hello", "hello", "app@example.com", ["you@example.com"])


def test_right(smtplab_server):
    smtplab_server.check(send, "starttls")


def test_right_implicit(smtplab_server):
    smtplab_server.check(send, "implicit")


def test_certificate_not_checked(smtplab_server):
    smtplab_server.check(lambda config: send(config, EMAIL_BACKEND=f"{__name__}.Careless"), "implicit")


def test_tls_is_off(smtplab_server):
    smtplab_server.check(lambda config: send(config, EMAIL_USE_TLS=False), "starttls")


def test_no_time_out(smtplab_server):
    smtplab_server.check(lambda config: send(config, EMAIL_TIMEOUT=None), "starttls", within_s=3)
