"""What mends a ticket from its client, besides the right login and the CA file, as the tests' own knowledge."""

import re

from smtplab import Cause


def mends(one, told):
    """The changes for a drawn ticket, of which those in charge `told` this."""
    if one.case.doors:
        return {"mode": "starttls", "port": re.search(r"on port (\d+), which begins in plain text", told)[1]}
    return {Cause.IMPLICIT_TO_PLAINTEXT: {"mode": "starttls"}, Cause.PLAINTEXT_TO_IMPLICIT: {"mode": "implicit"},
            Cause.STARTTLS_REQUIRED: {"mode": "starttls"}, Cause.AUTH_NEEDS_TLS: {"mode": "starttls"},
            Cause.AUTH_MECHANISM: {"mechanism": "login"},
            Cause.CERT_HOSTNAME: {"host": one.hostname}}.get(one.case.cause, {})
