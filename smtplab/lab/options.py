"""How the SMTP service of a lab server behaves."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from .. import limits

HOSTNAME = "mail.example.com"
SIZE_BYTES = limits.VISIT_BYTES // 2  # the largest mail, as the EHLO reply says


@dataclass(frozen=True)
class Options:
    """How the SMTP service behaves."""

    hostname: str = HOSTNAME
    auth: bool = False
    auth_in_clear: bool = False
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    auth_reply: str | None = None
    starttls_context: ssl.SSLContext | None = None
    starttls_reply: str | None = None
    starttls_required: bool = False
    auth_required: bool = False
    ehlo_lines: tuple[str, ...] = ()  # further lines of the EHLO reply
    behind: tuple[str, int] | None = None  # the server that a middlebox speaks to
