"""`dial`: deadlines, names, stages, arguments, and a stop that stops."""

import errno
import os
import signal
import socket
import threading

import pytest
from helpers import nobody_listens, until
from peers import close, read, scripted, stay, tls

from smtplab import Cause, dial, serve
from smtplab.lab.client import Dial


def says(*chunks):
    """A script: these chunks, each but the first after something came."""
    return [step for chunk in chunks for step in (read, chunk)][1:] + [close]


GREETING, EHLO, BYE = b"220 there\r\n", b"250-there\r\n250 HELP\r\n", b"221 bye\r\n"


@pytest.mark.parametrize(("chunks", "mode", "cause", "stage", "waiting"), [
    ((GREETING, EHLO, BYE), "plain", Cause.OK, None, None),
    ((b"554 5.7.1 no\r\n",), "plain", Cause.RELAY_OR_POLICY, "greeting", None),
    ((b"421 4.3.2 busy\r\n",), "plain", Cause.TEMPORARILY_UNAVAILABLE, "greeting", None),
    ((b"220 no end of lin",), "plain", Cause.OTHER, "greeting", "greeting"),
    ((b"220-more\r\n",), "plain", Cause.OTHER, "greeting", "greeting"),
    ((b"SSH-2.0-x\r\n",), "plain", Cause.SERVER_NOT_SMTP, "greeting", None),
    ((b"\x15\x03\x03\x00\x02\x02\x16",), "plain", Cause.PLAINTEXT_TO_IMPLICIT, "greeting", "greeting"),
    ((GREETING, b"550 5.7.1 who\r\n", BYE), "plain", Cause.RELAY_OR_POLICY, "ehlo", None),
    ((GREETING, b"500 what\r\n", b"250 there\r\n", BYE), "plain", Cause.OK, None, None),
    ((GREETING, b"500 what\r\n", b"250 there\r\n", BYE), "starttls", Cause.STARTTLS_NOT_OFFERED, "starttls", None),
    ((GREETING, b"250-there\r\n250 XXXXXXXA\r\n", BYE), "starttls", Cause.MIDDLEBOX, "starttls", None),
    ((GREETING, b"250-there\r\n250 STARTTLS\r\n", b"220 go\r\n", b"220 what?\r\n"), "starttls",
     Cause.OTHER, "tls", None),
    ((GREETING, b"250-there\r\n250 STARTTLS\r\n", b"502 no\r\n", BYE), "starttls",
     Cause.STARTTLS_NOT_OFFERED, "starttls", None),
    ((b"220",), "implicit", Cause.IMPLICIT_TO_PLAINTEXT, "tls", "server-hello"),
    ((b"\x00\x01\x02\x03\x04\x05",), "implicit", Cause.OTHER, "tls", None),
    ((b"\x15\x03\x01\x00\x02\x02\x28",), "implicit", Cause.TLS_VERSION_OR_CIPHER, "tls", None),
    ((b"\x15\x03\x01\x00\x02\x02\x50",), "implicit", Cause.OTHER, "tls", None),
])
def test_what_a_server_says_and_what_it_means(chunks, mode, cause, stage, waiting):
    with scripted(*says(*chunks)) as address:
        trace = dial(address, mode, timeout_s=3)
    assert trace.cause is cause
    assert (trace.failure and trace.failure.stage) == stage and trace.waiting_for == waiting


def test_an_unfinished_greeting_at_the_deadline():
    with scripted(b"220 no end", stay) as address:
        trace = dial(address, "plain", timeout_s=0.3)
    assert (trace.cause, trace.certain, trace.waiting_for) == (Cause.OTHER, False, "greeting")
    assert trace.failure.reason == "timeout" and trace.bytes_read == len(b"220 no end")


def test_every_refusal_after_the_greeting_ends_with_quit():
    with serve("starttls-stripped") as server:
        trace = dial(server, "starttls")
        assert any(e.data == b"QUIT\r\n" for e in server.trace(of=trace).events)


def test_the_name_is_asked_once_and_each_address_tried(monkeypatch):
    with serve("plain") as server, serve("filtered") as hole, serve("refused") as closed:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", s.address) for s in (hole, closed, server)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
        trace = dial(("several.example", 25), "plain", timeout_s=5)
        assert trace.ok
        tried = [e.note for e in trace.events if e.what in ("closed", "reset")]
        assert str(hole.address[1]) in tried[0] and str(closed.address[1]) in tried[1]
        found.pop()
        trace = dial(("several.example", 25), "plain", timeout_s=1)
        assert trace.cause is Cause.REFUSED and trace.sockets is None


def test_a_port_that_rejects_beside_one_that_drops():
    """A no comes at once, also from a firewall that rejects; nothing comes from one that drops."""
    for mode in ("plain", "implicit"):
        with serve("refused") as rejects, serve("filtered") as drops:
            said, silent = dial(rejects, mode, timeout_s=1), dial(drops, mode, timeout_s=1)
        assert (said.cause, said.failure.reason, said.certain) == (Cause.REFUSED, "ECONNREFUSED", True)
        assert (silent.cause, silent.failure.reason, silent.certain) == (Cause.FILTERED_TIMEOUT, "timeout", True)
        assert said.seconds < silent.seconds and (said.waiting_for, silent.waiting_for) == (None, "connection")
        assert "firewall that rejects" in said.diagnosis.why and "Not certain" not in silent.diagnosis.why


@pytest.mark.parametrize(("error", "words"), [
    (errno.EHOSTUNREACH, "a firewall that rejects"), (errno.ENETUNREACH, "of the client's own routes"),
    (errno.EACCES, "own machine forbids it"), (errno.EPERM, "own machine forbids it"),
    (errno.EADDRNOTAVAIL, "the client's machine that says so")])
def test_an_answer_from_elsewhere_is_no_certain_silence(monkeypatch, error, words):
    def refuse(_socket, _address):
        raise OSError(error, os.strerror(error))
    monkeypatch.setattr(socket.socket, "connect", refuse)
    trace = dial(("192.0.2.1", 587), "starttls")
    assert (trace.cause, trace.certain, trace.failure.reason) == (
        Cause.FILTERED_TIMEOUT, False, errno.errorcode[error])
    assert os.strerror(error) in trace.diagnosis.why and words in trace.diagnosis.why
    assert trace.waiting_for is None and trace.seconds < 15  # half of its deadline


def test_a_name_that_is_none(monkeypatch):
    def fail(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    trace = dial(("nowhere.invalid", 25), "plain")
    assert (trace.cause, trace.failure.stage, trace.failure.reason) == (Cause.DNS, "resolve", "EAI_NONAME")
    assert dial(("x" * 80 + ".example", 25), "plain").cause is Cause.DNS


@pytest.mark.parametrize("host", ["x" * 80 + ".example", "\0", "b\xfccher.invalid", "\xfc" * 80, "a b", "\udcff"])
@pytest.mark.parametrize("mode", ["plain", "implicit"])
def test_names_that_can_not_be(host, mode):
    assert dial((host, 25), mode).cause is Cause.DNS


def stuck(never):
    """A resolver that answers nothing, but that a name is no address."""
    def getaddrinfo(*_args, flags=0, **_more):
        if flags:
            raise socket.gaierror(socket.EAI_NONAME, "a name")
        return never.wait(5) and []
    return getaddrinfo


def test_a_resolver_that_never_answers_is_left_alone(monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", stuck(never))
    trace = dial(("slow.example", 25), "plain", timeout_s=0.2)
    never.set()
    assert (trace.cause, trace.failure.reason, trace.waiting_for) == (Cause.DNS, "timeout", "address")


@pytest.mark.parametrize(("address", "mode", "options", "words"), [
    (("a", 25), "tls", {}, "the modes are plain, starttls"),
    (("a", 25), "plain", {"timeout_s": 0}, "over 0"), (("a", 25), "plain", {"timeout_s": float("inf")}, "a day"),
    (("", 25), "plain", {}, "empty"),
    (("a", 70000), "plain", {}, "ports are 1 to 65535"),
    ("a", "plain", {}, "no HOST:PORT"),
    ("::1:25", "plain", {}, "brackets"),
    (("a", 25), "plain", {"mechanism": "NTLM"}, "PLAIN, LOGIN, CRAM-MD5"),
    (("a", 25), "plain", {"rcpt_to": "b@example.com"}, "needs mail_from"),
    (("a", 25), "plain", {"ehlo_name": "a\r\nMAIL"}, "printable ASCII"),
])
def test_unusable_arguments(address, mode, options, words):
    with pytest.raises(ValueError, match=words):
        dial(address, mode, **options)


def test_a_ca_file_that_is_missing():
    for path in ("/no/such/file.pem", __file__):
        with pytest.raises(ValueError, match=path):
            dial(("127.0.0.1", 25), "implicit", ca_file=path)


@pytest.mark.parametrize("password", ["not-the-password", "p\N{LATIN SMALL LETTER A WITH DIAERESIS}ssw\xf6rd"])
def test_a_password_that_a_server_echoes_is_blanked(password):
    import base64
    coded = base64.b64encode(f"\0alice\0{password}".encode())
    ehlo = b"250-there\r\n250 AUTH PLAIN\r\n"
    refusal = b"535 what is " + password.encode() + b" or " + coded + b"?\r\n"
    with scripted(*says(GREETING, ehlo, refusal, BYE)) as address:
        trace = dial(address, "plain", login=("alice", password))
    assert trace.cause is Cause.AUTH_REJECTED
    shown = trace.to_json() + str(trace) + repr(trace) + trace.failure.message
    for form in (password, repr(password.encode())[2:-1], coded.decode(), coded.hex(), password.encode().hex()):
        assert form not in shown
    sent = next(e for e in trace.events if e.what == "bytes" and e.data.startswith(b"AUTH"))
    assert sent.data == b"AUTH PLAIN " + b"*" * len(coded) + b"\r\n"


@pytest.mark.parametrize("kind", ["silent", "filtered", "implicit"])
def test_stop_from_another_thread(kind):
    with serve(kind) as server:
        waits = threading.Event()
        dial_ = Dial(server, "plain", timeout_s=600, listener=lambda r: r.events[-1].note == "greeting" and waits.set())
        thread = threading.Thread(target=dial_.run)
        thread.start()
        waits.wait(0.5)  # where no greeting is waited for, the stop comes in the middle of connecting
        dial_.stop()
        thread.join(30)
        assert not thread.is_alive() and dial_.trace().failure.reason == "stopped"


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_ctrl_c_in_a_hang_ends_it_and_keeps_what_was_seen():
    with serve("silent") as server:
        main = threading.main_thread().ident

        def interrupt(recorder):
            if recorder.events[-1].note == "server-hello":
                signal.pthread_kill(main, signal.SIGINT)

        dial_ = Dial(server, "implicit", timeout_s=60, listener=interrupt)
        with pytest.raises(KeyboardInterrupt):
            dial_.run()
        trace = dial_.trace()
        assert trace.failure.reason == "stopped" and trace.bytes_sent > 0
        assert dial_.wire.sock.fileno() < 0


@pytest.mark.parametrize("challenge", [b"334 m\r\n", b"334 \xff\xfe\r\n", b"334\r\n", b"334 " + b"A" * 5000 + b"\r\n"])
def test_a_challenge_that_is_none(challenge):
    ehlo = b"250-there\r\n250 AUTH CRAM-MD5\r\n"
    with scripted(*says(GREETING, ehlo, challenge, b"535 no\r\n", BYE)) as address:
        assert dial(address, "plain", login=("alice", "sesame-sesame")).cause is Cause.AUTH_REJECTED


@pytest.mark.parametrize("junk", [
    b"\x17\x03\x03\x00\x20" + b"x" * 32, b"220 plaintext\r\n", b"\x15\x03\x03\x00\x02\x02\x50"])
def test_tls_that_breaks_off_after_its_handshake(junk):
    def raw(visitor, done):
        visitor.send(b"220 there\r\n")
        visitor.recv(1000)
        with socket.socket(fileno=visitor.detach()) as bare:
            bare.sendall(junk)
            done.wait(5)
        return visitor

    with scripted(tls, raw) as address:
        trace = dial(address, "implicit", timeout_s=2, verify=False)
    assert (trace.cause, trace.failure.stage) == (Cause.OTHER, "ehlo")
    assert trace.failure.library.startswith("OpenSSL") and trace.failure.reason != "error"


@pytest.mark.parametrize("kind", ["expired", "old-tls"])
def test_nothing_is_said_in_clear_once_tls_has_begun(kind):
    with serve(kind, starttls=True) as server:
        trace = dial(server, "starttls-opportunistic")
        sent = b"".join(e.data for e in server.trace(of=trace).events if e.what == "bytes" and e.who == "client")
    assert b"QUIT" not in sent and "in clear" not in trace.diagnosis.why and trace.bytes_written == trace.bytes_sent


def test_a_stop_is_no_finding():
    with serve("filtered") as server:
        stopped = Dial(server, "plain", timeout_s=60, listener=lambda r: r.events[-1].note == "connection" and r.stop())
        trace = stopped.run()
    assert (trace.cause, trace.certain, trace.failure.reason) == (Cause.OTHER, False, "stopped")
    assert "You stopped it" in trace.diagnosis.why


def test_a_closed_lab_server_is_a_refused_port():
    server = serve("starttls")
    server.close()
    assert nobody_listens(server.address) and until(lambda: dial(server, "starttls").cause is Cause.REFUSED)


@pytest.mark.parametrize(("reply", "cause"), [
    (b"530 5.7.0 Must issue a STARTTLS command first", Cause.STARTTLS_REQUIRED),
    (b"530 5.7.0 Authentication Required", Cause.AUTH_REQUIRED),
    (b"530 5.7.1 Client was not authenticated", Cause.AUTH_REQUIRED)])
@pytest.mark.parametrize("ehlo", [EHLO, b"250-there\r\n250 STARTTLS\r\n"])
def test_what_a_530_asks_for(reply, cause, ehlo):
    with scripted(*says(GREETING, ehlo, reply + b"\r\n", BYE)) as address:
        assert dial(address, "plain", mail_from="a@example.com").cause is cause


def test_a_server_that_ends_tls_instead_of_speaking():
    def goodbye(visitor, done):
        visitor.unwrap()
        return visitor

    with scripted(tls, goodbye) as address:
        trace = dial(address, "implicit", verify=False, timeout_s=2)
    assert (trace.cause, trace.failure.reason) == (Cause.CLOSED_BEFORE_GREETING, "closed")


def test_a_stop_during_the_look_up_is_no_finding_about_the_name(monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", stuck(never))
    stopped = Dial("mail.example.net:25", "plain", timeout_s=60,
                   listener=lambda r: r.events[-1].note == "address" and r.stop())
    trace = stopped.run()
    never.set()
    assert (trace.cause, trace.certain, trace.failure.reason) == (Cause.OTHER, False, "stopped")


def test_after_a_refusal_the_answer_to_quit_is_waited_for_a_second_at_most():
    with scripted(GREETING, read, b"250 there\r\n", read, b"550 5.7.1 no\r\n", read, stay) as address:
        leaving = Dial(address, "plain", timeout_s=600, mail_from="a@example.com")
        assert leaving.run().cause is Cause.RELAY_OR_POLICY
    assert leaving.wire.deadline < leaving.deadline - 500  # not measured: what it would have waited for at most


@pytest.mark.parametrize("code", [b"500", b"502", b"504"])
def test_a_server_without_ehlo_is_greeted_by_helo_and_may_forward_mail(code):
    steps = [code + b" what?\r\n", b"250 there\r\n", b"250 ok\r\n", b"251 not local, will forward\r\n", b"250 ok\r\n",
             b"221 bye\r\n"]
    with scripted(GREETING, *(part for step in steps for part in (read, step)), close) as address:
        trace = dial(address, "plain", timeout_s=30, mail_from="a@example.com", rcpt_to="b@example.com")
    said = b"".join(event.data for event in trace.events if event.what == "bytes" and event.who == "client")
    assert trace.ok and b"\r\nHELO " in said.upper()
