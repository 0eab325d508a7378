"""`probe`: what a port speaks, from the first evidence."""

import datetime
import errno
import json
import os
import socket
import threading

import pytest
from helpers import until

from smtplab import KINDS, PortReport, Speaks, probe, serve
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
        def __init__(self, target, **_options):
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


@pytest.mark.parametrize(("error", "speaks", "words"), [
    (errno.EHOSTUNREACH, "unreachable", "No route to host: this is an answer and not silence"),
    (errno.ENETUNREACH, "unreachable", "Network is unreachable: this is an answer"),
    (errno.EACCES, "unreachable", "Permission denied: the client's own machine forbids it"),
    (errno.ECONNREFUSED, "refused", "Connection refused"), (errno.ETIMEDOUT, "filtered", "no answer at all")])
def test_a_refusal_by_the_network_is_no_dropped_packet(monkeypatch, error, speaks, words):
    def refuse(_socket, _address):
        raise OSError(error, os.strerror(error))
    monkeypatch.setattr(socket.socket, "connect", refuse)
    [report] = probe("192.0.2.1:587")
    assert report.speaks.value == speaks and report.problem.startswith(words)
    assert (words in str(report)) == (speaks != "refused")  # the table says it already


@pytest.mark.parametrize("starttls", [False, True])
def test_the_certificate_and_why_it_is_refused(starttls):
    with serve("expired", starttls=starttls) as old, serve("wrong-name", starttls=starttls) as other:
        expired, wrong = probe([old, other], server_name="localhost")
        [unchecked], [trusted] = probe(old, verify=False), probe([other], server_name="another-name.example.net")
        [stranger] = probe(other.address, server_name="another-name.example.net")
        [known] = probe(other.address, server_name="another-name.example.net", ca_file=other.ca_file)
    assert (expired.certificate_ok, expired.problem) == (False, "The certificate expired 10 days ago.")
    assert expired.certificate.days_left == -11 and "expired 10 days ago" in str(unchecked)
    assert wrong.problem == "The certificate holds another-name.example.net; you asked for localhost."
    assert (unchecked.certificate_ok, unchecked.problem, unchecked.certificate.own) == (None, None,
                                                                                        expired.certificate.own)
    assert trusted.certificate_ok and trusted.problem is None and known.certificate_ok
    assert stranger.certificate_ok is False and "which the client does not know; it is sent alone" in stranger.problem


def test_the_ehlo_reply_within_tls():
    with serve("starttls") as server, serve("plain") as plain:
        first, second = probe([server, plain])
    assert "STARTTLS" in first.ehlo_keywords and "AUTH LOGIN PLAIN" not in first.ehlo_keywords
    assert "AUTH LOGIN PLAIN" in first.ehlo_keywords_in_tls and "STARTTLS" not in first.ehlo_keywords_in_tls
    assert second.ehlo_keywords and second.ehlo_keywords_in_tls == ()
    assert "and within TLS" in str(first) and "and within TLS" not in str(second)


def test_what_two_runs_have_in_common():
    with serve("starttls") as server:
        runs = [probe(server)[0] for _ in range(2)]
        place = server.address[1]
    with serve("starttls", port=place) as server:  # with another certificate
        [changed] = probe(server)
    first, second, third = (run.to_json(stable=True) for run in (*runs, changed))
    assert first == second != third
    kept, new = json.loads(first), json.loads(third)
    assert {name for name in kept if kept[name] != new[name]} == {"certificate"}
    assert json.loads(runs[0].to_json())["stable"] == kept and "seconds" not in kept
    assert "days_left" in json.loads(runs[0].to_json())["certificate"] and "days_left" not in kept["certificate"]


@pytest.mark.parametrize(("greeting", "stable"), [
    ("220 mx.example.com ESMTP Exim 4.96 Mon, 30 Nov 2026 16:10:19 +0000", "220 mx.example.com ESMTP Exim 4.96"),
    ("220 h.example.com ESMTP Sendmail 8.17.1.9/8.17.1.9; Mon, 30 Nov 2026 16:10:19 GMT",
     "220 h.example.com ESMTP Sendmail 8.17.1.9/8.17.1.9;"),
    ("220 mx.example.com ESMTP 5b1f17b1804b1-43b05490d6fsi2345 - gsmtp", "220 mx.example.com ESMTP - gsmtp"),
    ("220 mx1-long-name.example.com ESMTP Postfix (Debian/GNU)",
     "220 mx1-long-name.example.com ESMTP Postfix (Debian/GNU)"),
    ("220 x.example.com ready at Mon, 30 Nov 2026 16:10:19 +0000 [08DD1F.A1B2]", "220 x.example.com ready at"),
    (None, None), ("", "")])
def test_a_greeting_without_what_changes(greeting, stable):
    report = PortReport("h", 25, Speaks.SMTP, greeting, (), None, None, 0.1)
    assert (report.to_dict(stable=True)["greeting"], report.to_dict()["greeting"]) == (stable, greeting)


def test_what_is_insecure_and_what_ends_soon():
    with serve("starttls") as server, serve("starttls-stripped") as clear, serve("expired") as old:
        good, bad, past = probe([server, clear, old])
    assert good.insecure == () and bad.insecure == ("it has no TLS", "it takes logins before TLS")
    assert past.insecure == ("its certificate is not accepted",)
    day = datetime.timedelta(days=1)
    assert past.expires_within(day) and not bad.expires_within(day) and not good.expires_within(day)
    assert good.expires_within(400_000 * day)


def test_reports_print_as_a_table():
    with serve("plain") as server:
        found = probe(server)
    assert str(found) == str(found[0]) and str(found).startswith("host ") and "greets `220" in str(found)
    assert repr(found).startswith("[PortReport(") and found == [found[0]]
