"""`smtplab relay` as a person runs it: lines as they pass, JSON, a capture file, a warning, an end."""

import json
import os
import shutil
import signal
import socket
from base64 import b64encode

import pytest
from helpers import is_private
from test_cli import Running, at, run

from smtplab import Cause, Mode, Trace, dial, relay, serve
from smtplab.commands.relay import pcap_writer
from smtplab.lab.reach import reachable
from smtplab.show.passages import Passages
from smtplab.show.targets import recipes


def started(*arguments):
    running = Running("relay", *arguments)
    return running, running.line("^relay ").split()


def test_lines_recipes_and_the_cause_while_it_hangs():
    with serve("implicit") as server:
        running, (_, host, port, *rest) = started(f"localhost:{server.address[1]}")
        assert rest == [">", "localhost", str(server.address[1])]
        assert "curl --connect-to localhost" in running.line("curl")
        trace = dial((host, int(port)), "implicit", ca_file=server.ca_file)
        assert running.line(r"^\[relay #1\].*client_hello") and running.line(r"^\[relay #1\] ok: .*not certain")
        with socket.create_connection((host, int(port))):
            assert running.line("#2.*the client waits: greeting")
            assert running.line("^.relay #2. so far plaintext-to-implicit: .*not certain")
            out, err, status = running.end()
    assert trace.ok and status == 0 and err == ""
    assert "[relay #2] plaintext-to-implicit" in out


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_json_lines_and_an_end(how):
    with serve("starttls") as server:
        running = Running("relay", "--json", at(server))
        first = json.loads(running.line("."))
        assert first == {"schema": "smtplab.relay/1", "kind": "relay", "host": "127.0.0.1", "port": first["port"],
                         "upstream": [*server.address]}
        address = first["host"], first["port"]
        trace = dial(address, "implicit", timeout_s=60)
        passed = Trace.from_json(running.line("."))
        assert (passed.cause, passed.mode, passed.bytes_read) == (trace.cause, Mode.IMPLICIT, 5)
        assert passed.address == server.address and passed.sockets == trace.sockets
        with socket.create_connection(address) as client:
            assert client.recv(100).startswith(b"220 ")
            out, err, status = running.end(how)
        document = json.loads(out)
    assert (document["cause"], document["ok"], status, err) == ("other", False, 0, "")


@pytest.mark.parametrize(("mode", "status", "cause"), [("starttls", 0, "ok"), ("implicit", 1, "implicit-to-plaintext")])
def test_once_is_one_conversation(mode, status, cause):
    with serve("starttls") as server:
        running, (_, host, port, *_) = started(at(server), "--once")
        dial((host, int(port)), mode, ca_file=server.ca_file)
        out, err = running.process.communicate(timeout=60)
    assert (running.process.returncode, err) == (status, "") and f"[relay #1] {cause}: " in out


def test_once_that_is_stopped_before_a_client_came_is_a_failure():
    with serve("plain") as server:
        running, _ = started(at(server), "--once")
        assert running.end()[2] == 1


def test_the_capture_file_holds_what_was_sent(tmp_path):
    path = tmp_path / "passed.pcapng"
    with serve("starttls-stripped") as server:
        running = Running("relay", "--json", "--pcap", str(path), at(server))
        address = ("127.0.0.1", json.loads(running.line("."))["port"])
        assert Trace.from_pcap(path) == []
        for _ in range(2):
            dial(address, "plain", login=("alice", "not-hers"), mechanism="PLAIN", timeout_s=60)
            document = running.line(".")
        with socket.create_connection(address) as client:  # it goes on when the relay ends
            assert client.recv(100).startswith(b"220 ")
            _, err, status = running.end()
    traces = Trace.from_pcap(path)
    assert status == 0 and is_private(path) and "keep it to yourself" in err
    assert [trace.cause for trace in traces] == [Cause.AUTH_REJECTED, Cause.AUTH_REJECTED, Cause.OK]
    secret = b64encode(b"\0alice\0not-hers")
    assert path.read_bytes().count(secret) == 2
    assert secret.hex() not in document and "*" in str(Trace.from_json(document))


def test_a_capture_file_that_is_gone_is_made_again_as_private(tmp_path):
    path, before = tmp_path / "passed.pcapng", os.umask(0)
    try:
        write = pcap_writer(str(path), 25)
        path.unlink()
        with serve("plain") as server, relay(server, listener=lambda passage: passage.ended.is_set()
                                             and write(passage)) as between:
            dial(between.address, "plain")
    finally:
        os.umask(before)
    assert is_private(path) and len(Trace.from_pcap(path)) == 1


def test_what_can_not_be_written_is_told_and_the_rest_goes_on(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with serve("plain") as server:
        running, line = started(at(server), "--pcap", str(folder / "x"))
        shutil.rmtree(folder)
        for number in (1, 2):
            assert dial((line[1], int(line[2])), "plain", timeout_s=60).ok
            assert running.line(rf"^\[relay #{number}\] ok: ")
        _, err, status = running.end()
    assert (status, err.count("could not be written: "), err.count("Traceback")) == (1, 2, 0)


@pytest.mark.parametrize("command", ["relay", "serve"])
def test_it_ends_when_nobody_reads_what_it_prints(command):
    with serve("plain") as server:
        running = Running(command, at(server) if command == "relay" else "plain")
        _, host, port, *_ = running.line("^(relay|plain) ").split()
        if command == "serve":
            running.line("^curl")
        running.process.stdout.close()
        with running.process, socket.create_connection((host, int(port))):
            err = running.process.stderr.read()  # up to its end
    assert (running.process.returncode, err) == (1, "smtplab: ends, for what it prints can't be written\n")


def test_help_says_what_the_capture_file_holds():
    text = " ".join(run("relay", "--help").stdout.split())
    assert "logins too" in text and "mode is 0600" in text


def test_a_capture_file_that_can_not_be_made_is_told():
    done = run("relay", "127.0.0.1:25", "--pcap", "/no/such/folder/x")
    assert done.returncode == 2 and "No such file" in done.stderr and done.stdout == ""


@pytest.mark.parametrize(("arguments", "says"), [
    (("localhost",), "HOST:PORT"), ((), "Missing argument"), (("localhost:25", "--port", "99999"), "65535"),
    (("localhost:25", "--host", "192.0.2.1"), "assign")])
def test_wrong_usage_is_one_line(arguments, says):
    done = run("relay", *arguments)
    assert done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1 and done.stdout == ""


@pytest.mark.parametrize(("host", "warns"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_beyond_loopback_there_is_a_warning(host, warns):
    with serve("plain") as server:
        running, line = started(at(server), "--host", host)
        _, err, _ = running.end()
    assert line[1] == host
    assert (err.count("not on loopback alone"), err.count("\n")) == (int(warns), int(warns))


def test_recipes_by_kind_of_address():
    named = "\n".join(recipes(("127.0.0.1", 5000), ("mail.example.net", 587)))
    assert "--connect-to mail.example.net:587:127.0.0.1:5000 smtp://mail.example.net:587 --ssl-reqd" in named
    assert "-connect 127.0.0.1:5000 -servername mail.example.net" in named and "-starttls smtp" in named
    implicit = "\n".join(recipes(("::", 5000), ("mail.example.net", 465)))
    assert "smtps://mail.example.net:465 " in implicit and f"[{reachable('::')}]:5000" in implicit
    assert "-starttls" not in implicit
    assert "tls: true" in implicit and "--tlsc" in implicit
    assert "smtp://NAME:587" in "\n".join(recipes(("127.0.0.1", 5000), ("192.0.2.1", 587)))


def test_a_terminal_that_takes_nothing_holds_back_no_client():
    blocked, go_on = [], os.pipe()

    def say(line):
        blocked.append(line)
        os.read(go_on[0], 1)

    show = Passages(say, as_json=False)
    with serve("plain") as server, relay(server, listener=show) as between:
        traces = [dial(between.address, "plain") for _ in range(5)]
        assert all(trace.ok for trace in traces) and all(between.trace(of=trace).ok for trace in traces)
        assert len(blocked) <= 1
        os.close(go_on[1])
        between.close()
        show.finish()
    os.close(go_on[0])
    assert "[relay #5] ok: It worked" in blocked[-1]
