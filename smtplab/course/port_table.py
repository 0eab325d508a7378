"""The mail ports: what their numbers promise, and where that is written."""

from __future__ import annotations

from ..show.text import table
from .exercises import Said

# IANA's service name registry; RFC 8314 sections 3.3 and 7.3 for 465, RFC 6409 for 587, RFC 3207 for STARTTLS.
_EXPLICIT = "plain text, then STARTTLS if the EHLO reply lists it"
PORTS = (
    (25, "smtp", "also from server to server", _EXPLICIT, "RFC 5321, 3207"),
    (587, "submission", "from a user's program to a server", _EXPLICIT, "RFC 6409, 3207"),
    (465, "submissions (also: smtps, ssmtp)", "from a user's program to a server", "TLS from the first byte (implicit)",
     "RFC 8314"),
)


def ports() -> Said:
    """A table: port, service names, who uses it, how it begins, and the RFC."""
    return Said(table([("port", "service", "mail goes", "begins with", "said in"),
                       *[(f"{port}/tcp", *rest) for port, *rest in PORTS]]))
