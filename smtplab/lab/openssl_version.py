"""Which OpenSSL this Python uses, without all that `ssl` brings: half of the time of `smtplab --version`."""

from __future__ import annotations


def openssl_version() -> str:
    """Such as "OpenSSL 3.0.17 1 Jul 2025"."""
    try:
        from _ssl import OPENSSL_VERSION  # where ssl has it from
    except ImportError:  # another Python than CPython
        from ssl import OPENSSL_VERSION
    return OPENSSL_VERSION
