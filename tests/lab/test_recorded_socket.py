"""The recorded socket, fed whole, byte by byte and cut: lines, ends, counts."""

import contextlib
import socket
import ssl
import time

import pytest
from helpers import each_row

from smtplab import limits
from smtplab.events import Who
from smtplab.lab import certificates
from smtplab.lab.recorded_socket import Ended, RecordedSocket
from smtplab.lab.recorder import Recorder
from smtplab.lab.tls import Tls

TEXT = b"220-one\r\n220 two\r\n"


@contextlib.contextmanager
def pair(timeout_s=1.0):
    here, there = socket.socketpair()
    recorder = Recorder(Who.CLIENT)
    recorder.add("connected", note="a > b")
    with here, there:
        yield RecordedSocket(here, recorder, time.monotonic() + timeout_s), there


@each_row("cuts", [(), *[(n,) for n in range(1, len(TEXT))], tuple(range(1, len(TEXT)))])
def test_lines_however_they_come(cuts):
    with pair() as (end, there):
        for start, stop in zip((0, *cuts), (*cuts, len(TEXT)), strict=True):
            there.sendall(TEXT[start:stop])
        assert [end.readline(100), end.readline(100)] == [b"220-one\r\n", b"220 two\r\n"]
        assert end.reply == TEXT and end.recorder.received == len(TEXT)


def test_a_line_is_limited_and_a_close_gives_what_there_is():
    with pair() as (end, there):
        there.sendall(b"x" * 10)
        assert end.readline(4) == b"xxxx"
        there.shutdown(socket.SHUT_WR)
        assert end.readline(100) == b"xxxxxx" and end.readline(100) == b"" and end.how == "closed"


def test_the_deadline_names_itself():
    with pair(timeout_s=0.05) as (end, there):
        with pytest.raises(Ended, match="timeout"):
            end.readline(100)
        assert end.how == "timeout"
        for past in (lambda: end.readline(100), lambda: end.sendall(b"x")):
            with pytest.raises(Ended, match="timeout"):
                past()
        assert [event.what for event in end.recorder.events] == ["connected"]  # the server did nothing


def test_a_peer_that_never_reads():
    with pair(timeout_s=0.2) as (end, there):
        with pytest.raises(Ended, match="timeout"):
            end.sendall(b"x" * 50_000_000)
        assert 0 < end.recorder.sent < 50_000_000


def test_a_flood_ends(monkeypatch):
    monkeypatch.setattr(limits, "DIAL_BYTES", 1000)
    with pair() as (end, there):
        there.sendall(b"x" * 4000)
        with pytest.raises(Ended, match="flood"):
            while True:
                end.readline(100_000)


def test_close_notes_what_came_meanwhile():
    with pair() as (end, there):
        there.sendall(b"late")
        end.close()
        end.close()
        assert end.recorder.received == 4
        assert [e.what for e in end.recorder.events] == ["connected", "bytes", "closed"]


@each_row("step", [1, 2, 5, 7, 64, 100_000])
def test_read_counts_only_what_openssl_took(step):
    greeting = b"220 mail.example.com ESMTP smtplab\r\n"
    recorder = Recorder(Who.CLIENT)
    tls = Tls(certificates.client_context(None, verify=False), recorder)
    assert not tls.handshake() and tls.pull()
    with pytest.raises(ssl.SSLError):
        for start in range(0, len(greeting), step):
            chunk = greeting[start:start + step]
            recorder.add("bytes", "server", chunk)
            tls.feed(chunk)
            assert not tls.handshake()
    assert recorder.received - tls.unread == 5


def test_a_whole_handshake_in_memory_however_it_is_cut():
    for step in (1, 13, 100_000):
        sides = {}
        for who, context in (("client", certificates.client_context(None, verify=False)),
                             ("server", certificates.server_context())):
            sides[who] = Tls(context, Recorder(Who(who)), server_side=who == "server", server_name=None)
        done = {"client": False, "server": False}
        while not all(done.values()):
            for who, peer in (("client", "server"), ("server", "client")):
                done[who] = done[who] or sides[who].handshake()
                data = sides[who].pull()
                for start in range(0, len(data), step):
                    sides[peer].feed(data[start:start + step])
                    done[peer] = done[peer] or sides[peer].handshake()
        assert sides["client"].info().version == sides["server"].info().version == "TLSv1.3"
        assert any("finished" in e.note for e in sides["client"].recorder.events)
