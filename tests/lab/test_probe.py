"""`probe`: what a port speaks, from the first evidence."""

import socket
import threading

import pytest
from helpers import until

from smtplab import KINDS, Speaks, probe, serve
from smtplab.address import Target
from smtplab.lab import probe as module

SPEAKS = {
    "plain": "smtp", "starttls": "smtp-starttls", "starttls-refused": "smtp-starttls",
    "starttls-required": "smtp-starttls", "auth-required": "smtp-starttls", "starttls-stripped": "smtp",
    "greets-late": "smtp-starttls",
    "implicit": "implicit-tls", "implicit-gives-up": "implicit-tls", "self-signed": "implicit-tls",
    "unknown-ca": "implicit-tls", "wrong-name": "implicit-tls", "expired": "implicit-tls",
    "old-tls": "tls-other", "https": "tls-other", "http": "http", "not-smtp": "imap",
    "starttls-masked": "smtp", "starttls-stalls": "smtp-starttls", "implicit-stalls": "tls-other",
    "intercepted": "implicit-tls", "incomplete-chain": "implicit-tls", "closes-late": "silent",
    "silent": "silent", "closes": "silent", "resets": "silent", "refused": "refused", "filtered": "filtered",
}
CERTIFICATE = {"starttls": True, "greets-late": True, "starttls-required": True, "auth-required": True,
               "implicit": True, "implicit-gives-up": True, "https": True, "self-signed": False, "unknown-ca": False,
               "wrong-name": False, "expired": False, "incomplete-chain": False, "intercepted": False}


def test_every_kind():
    servers = [serve(kind) for kind in KINDS]
    try:
        found = dict(zip(KINDS, probe(servers, timeout_s=4), strict=True))
    finally:
        for server in servers:
            server.close()
    assert {kind: report.speaks.value for kind, report in found.items()} == SPEAKS
    assert {kind: r.certificate_ok for kind, r in found.items() if r.certificate_ok is not None} == CERTIFICATE
    assert found["starttls"].tls_version == "TLSv1.3" and "STARTTLS" in found["starttls"].ehlo_keywords
    assert found["plain"].greeting == "220 mail.example.com ESMTP smtplab" and found["http"].greeting is None


def test_certificate_faults_do_not_stop_starttls_either():
    with serve("expired", starttls=True) as server:
        [report] = probe(server)
    assert (report.speaks, report.certificate_ok) == (Speaks.SMTP_STARTTLS, False) and report.tls_version


def test_a_healthy_port_gets_one_connection_and_no_tls_first():
    with serve("starttls") as server:
        probe(server)
        [visit] = server.traces()
        assert visit.mode.value == "starttls"


def test_port_465_is_sent_a_client_hello_at_once(monkeypatch):
    with serve("implicit") as server:
        # Lab ports are the kernel's: let the probe take 465 for this one.
        real = module.Dial
        monkeypatch.setattr(module, "Dial", lambda address, mode, **k: real(server.address, mode, **k))
        monkeypatch.setattr(module, "LISTEN_S", 60)
        [report] = probe(("127.0.0.1", 465), timeout_s=30)
        assert report.speaks is Speaks.IMPLICIT_TLS


@pytest.mark.parametrize(("greeting", "speaks"), [
    (b"+OK ready\r\n", "pop3"), (b"* OK ready\r\n", "imap"), (b"SSH-2.0-x\r\n", "ssh"), (b"220 ftp\r\n", "other"),
    (b"\x00\xff\x00\xff", "other"), (b"554 go away\r\n", "smtp"), (b"HTTP/1.0 400 no\r\n", "http")])
def test_who_speaks_first(greeting, speaks):
    listening = socket.create_server(("127.0.0.1", 0))

    def run():
        visitor, _ = listening.accept()
        with visitor:
            visitor.sendall(greeting)
            while visitor.recv(1000):
                visitor.sendall(b"500 what\r\n")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    with listening:
        [report] = probe(listening.getsockname(), timeout_s=3)
    thread.join(30)
    assert report.speaks.value == speaks


def test_targets(monkeypatch):
    asked = []

    class Fake:
        def __init__(self, target, *, timeout_s):
            asked.append(target.address)

        def run(self):
            return None

        def stop(self):
            pass

    monkeypatch.setattr(module, "Probe", Fake)
    probe("a.example")
    assert asked == [("a.example", port) for port in (25, 465, 587, 2525)]
    asked.clear()
    probe(["a.example:26", "::1", "[::1]:27", ("b.example", 28), "[::1]"], [1])
    assert asked == [("a.example", 26), ("::1", 1), ("::1", 27), ("b.example", 28), ("::1", 1)]
    for wrong in ("a:b", "", ["a:99999"]):
        with pytest.raises(ValueError):
            probe(wrong)


def test_no_such_name():
    assert probe("x" * 80 + ".invalid:25")[0].speaks is Speaks.UNRESOLVED


def test_a_stopped_probe_opens_no_second_connection():
    with serve("silent") as server:
        job = module.Probe(Target.of(server.address), timeout_s=60)
        thread = threading.Thread(target=job.run)
        thread.start()
        until(lambda: server.traces())  # it listens
        job.stop()
        thread.join(5)
        assert not thread.is_alive()
        assert len(server.traces()) == 1
