"""Certificates that a client must not accept, one for each way to be wrong."""

from __future__ import annotations

import datetime

import trustme

from .certificates import authority, names_for, new_authority

STRANGERS = {"unknown-ca": "smtplab unknown", "intercepted": "smtplab mail shield"}  # authorities that nobody knows


def bad_certificate(fault: str, hostname: str | None = None) -> trustme.Blob:
    """A key and certificates as PEM: with one of `certificates.FAULTS`, or "intercepted", those of a middlebox.

    With `hostname` the certificate is for that name first, self-signed has it as its own; wrong-name is then for it
    alone, so wrong for localhost.
    """
    if fault == "self-signed":
        own = new_authority(hostname or "smtplab self-signed")
        return _joined(own.private_key_pem, own.cert_pem)
    ca = new_authority(STRANGERS[fault]) if fault in STRANGERS else authority()
    issuer = ca.create_child_ca() if fault == "incomplete-chain" else ca
    names = (hostname or "another-name.example.net",) if fault == "wrong-name" else names_for(hostname)
    begin = end = None
    if fault == "expired":
        now = datetime.datetime.now(datetime.UTC)
        begin, end = now - datetime.timedelta(days=40), now - datetime.timedelta(days=10)
    leaf = issuer.issue_cert(*names, common_name=names[0], not_before=begin, not_after=end)
    # The leaf alone, which for an incomplete chain leaves the issuer out; an interceptor often sends its authority too.
    return _joined(leaf.private_key_pem, leaf.cert_chain_pems[0], *[ca.cert_pem] * (fault == "intercepted"))


def _joined(*pems: trustme.Blob) -> trustme.Blob:
    return trustme.Blob(b"".join(pem.bytes() for pem in pems))
