"""The words of a login (RFC 4954): what a client says for each mechanism, and the forms of its secret.

`smtplib` has its own; it can't send a password that is not ASCII, and shows it when it fails.
"""

from __future__ import annotations

import base64
import hmac
from functools import partial

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")


def exchange(mechanism: str, user: str, password: str) -> list:
    """The first argument of AUTH, then a function from each challenge to its answer (RFC 4954)."""
    if mechanism == "PLAIN":
        return [f"PLAIN {encode(_plain(user, password))}"]
    if mechanism == "LOGIN":
        return ["LOGIN", lambda _: user.encode(), lambda _: password.encode()]
    digest = partial(hmac.new, password.encode(), digestmod="md5")
    return ["CRAM-MD5", lambda challenge: f"{user} {digest(msg=challenge).hexdigest()}".encode()]


def decode_challenge(text: str) -> bytes:
    """The challenge in a 334 reply's text; empty if it is no base64."""
    try:
        return base64.b64decode(text + "==", validate=False)
    except ValueError:  # a server that does not know base64; what it gets will be wrong, and it says so
        return b""


def _plain(user: str, password: str) -> bytes:
    return f"\0{user}\0{password}".encode()


def encode(data: bytes) -> str:
    """Base64, as AUTH sends it."""
    return base64.b64encode(data).decode()


def forms_of(user: str, password: str) -> tuple[bytes, ...]:
    """The forms in which a server could echo a password; too short a word would blank half the text."""
    raw = password.encode()
    forms = (base64.b64encode(_plain(user, password)), base64.b64encode(raw), raw)
    return tuple(form for form in forms if len(form) >= 4)
