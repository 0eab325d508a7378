"""The warnings that many frameworks share, each written once; a table adds its setting, condition and source."""

from __future__ import annotations

from .keys import Numbers
from .model import Mode, Note, When, always
from .predicates import over_tls

_UNCHECKED = "the server's certificate is not checked"
_IN_CLEAR = "the password crosses in clear on a server that offers AUTH without TLS"


def no_certificate_check(setting: str, when: When = always, source: str = "live", says: str = _UNCHECKED,
                         since: Numbers = (), before: Numbers = ()) -> Note:
    """TLS is used, and `when` holds: the certificate, or some part of it, is not checked."""
    return Note("no-certificate-check", setting, says, lambda g: over_tls(g) and when(g), source, since, before)


def password_in_clear(setting: str, when: When = always, source: str = "live", says: str = _IN_CLEAR,
                      since: Numbers = (), before: Numbers = ()) -> Note:
    """TLS is never used, and `when` (the client logs in) holds: the password can be read on the way."""
    return Note("password-in-clear", setting, says, lambda g: g.mode is Mode.PLAIN and when(g), source, since, before)


def mail_in_clear(setting: str, logs_in: When, source: str) -> Note:
    """Nothing logs in and TLS is optional, so nothing insists on TLS."""
    return Note("mail-in-clear", setting, "with no login there is nothing that asks for TLS: where STARTTLS is missing"
                " the mail goes in clear", lambda g: g.mode is Mode.OPPORTUNISTIC and not logs_in(g), source)


def auth_incomplete(setting: str, says: str, logs_in: When, source: str = "live") -> Note:
    """The client never logs in, and servers on 587 and 465 want a login."""
    return Note("auth-incomplete", setting, says, lambda g: not logs_in(g), source)
