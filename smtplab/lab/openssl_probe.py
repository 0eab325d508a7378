"""The OpenSSL of this very Python, asked about first bytes one at a time, to see when it speaks.

What `verdict.judge` predicts from OpenSSL's source, this finds out by trying. The bytes go through a
MemoryBIO, so what OpenSSL took is exact. Whether it took a hello is the witness's word (see `tls`), since
what comes after a hello (a session that fits, a key, a certificate) is no longer about the first bytes.
Sources: `SSL_do_handshake(3)`, `SSL_get_error(3)` (SSL_ERROR_WANT_READ: not enough bytes yet), and
CPython's `Modules/_ssl.c`, which puts OpenSSL's own reason into the error's text.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass

from ..events import Who
from ..records import HandshakeType
from .certificates import client_context, server_context
from .recorder import Recorder
from .tls import Tls

WANTS_MORE, ACCEPTS = "wants more", "accept"
_ALERT = 21


@dataclass(frozen=True)
class Answer:
    """What OpenSSL said after `fed` bytes, of which it took `read`: "wants more", "accept", or why it refuses,
    in its own words; `alert_hex` is the record it sends with a refusal, if it sends one."""

    fed: int
    says: str
    read: int
    alert_hex: str | None


def ask_openssl(data: bytes, role: str = "client") -> tuple[Answer, ...]:
    """What a client's OpenSSL (or, with `role` "server", a server's) says after each of these first bytes.

    It ends with the first answer that is not "wants more". A client has sent its ClientHello before.
    """
    recorder, serves = Recorder(Who(role)), role == Who.SERVER
    context = server_context() if serves else client_context(None, verify=False)
    tls = Tls(context, recorder, server_side=serves)
    _step(tls, recorder)  # a client's ClientHello goes out
    answers: list[Answer] = []
    for fed, byte in enumerate(bytes(data), 1):
        tls.feed(bytes((byte,)))
        says, sent = _step(tls, recorder)
        answers.append(Answer(fed, says, fed - tls.unread, sent.hex() if sent[:1] == bytes((_ALERT,)) else None))
        if says != WANTS_MORE:
            break
    return tuple(answers)


def real_server_hello() -> bytes:
    """The record with which a TLS 1.2 server of this Python answers a client: a real ServerHello."""
    client = Tls(client_context(None, verify=False), Recorder(Who.CLIENT))
    client.handshake()
    server = Tls(server_context(tls_version="1.2"), Recorder(Who.SERVER), server_side=True)
    server.feed(client.pull())
    server.handshake()
    sent = server.pull()
    return sent[:5 + int.from_bytes(sent[3:5], "big")]


def _step(tls: Tls, recorder: Recorder) -> tuple[str, bytes]:
    """One attempt at the handshake: what OpenSSL says, and what it sends."""
    try:
        tls.handshake()
        says = WANTS_MORE
    except ssl.SSLZeroReturnError:
        says = "close notify"
    except ssl.SSLError as exc:
        # "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)": the words are OpenSSL's, the name Python's.
        found = re.search(r"\] (.*) \(_ssl", str(exc))
        says = (found[1] if found else exc.reason or str(exc)).lower()
    hello = HandshakeType.server_hello if recorder.owner == Who.CLIENT else HandshakeType.client_hello
    reports = [event.report for event in recorder.events if event.report]
    if any(report.message is hello and not report.wrote for report in reports):
        says = ACCEPTS
    return says, tls.pull()
