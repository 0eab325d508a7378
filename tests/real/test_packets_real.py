"""Packets and the programs that know them: tshark, capinfos and dumpcap, and libpcap on the loopback."""

import os
import re
import subprocess
import sys
import textwrap

import pytest
from helpers import ended_traces, until
from own_run import short_folder
from real_tools import need

import smtplab
from smtplab import Cause, Mode, Trace, dial, serve
from smtplab.lab.capture import capture
from smtplab.lab.tshark import ask_tshark
from smtplab.packets import write_pcapng

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
ONLY_ROOT = "only root may capture here"


@pytest.fixture
def as_root():
    """Packets can be captured: else a skip, or a failure on a machine that should have everything."""
    if not IS_ROOT:
        if os.environ.get("SMTPLAB_REQUIRE_REAL") == "1":
            pytest.fail(ONLY_ROOT, pytrace=False)
        pytest.skip(ONLY_ROOT)


def tshark(path, *options):
    return subprocess.run(["tshark", "-r", str(path), *options], capture_output=True, text=True, timeout=60,
                          check=True).stdout


def wire(trace, who):
    return b"".join(e.data for e in trace.events if e.what == "bytes" and e.who == who)


# --- packets out ---

@pytest.mark.real("tshark", "capinfos")
@pytest.mark.parametrize(("kind", "mode", "port", "side"), [
    ("starttls", "starttls", 587, "client"), *(pytest.param(*row, marks=pytest.mark.slow) for row in (
        ("starttls", "starttls", 587, "server"), ("implicit", "implicit", 465, "client"),
        ("implicit", "implicit", 465, "server")))])
def test_tshark_sees_ehlo_within_tls_with_no_option(kind, mode, port, side, tmp_path):
    with serve(kind, tls_version="1.3") as server:
        trace = dial(server, mode, timeout_s=30, login=("alice", "wonderland"), ehlo_name="client.example.com")
        seen = server.trace(of=trace)
    path = tmp_path / "x.pcapng"
    one = {"client": trace, "server": seen}[side]
    one.to_pcapng(path)
    lines = tshark(path).splitlines()
    hellos = [i for i, line in enumerate(lines) if re.search(r"SMTP .*C: ehlo client.example.com", line, re.I)]
    handshake = next(i for i, line in enumerate(lines) if "TLSv1.3" in line and "Server Hello" in line)
    assert len(hellos) == (2 if mode == "starttls" else 1)
    assert hellos[-1] > handshake
    assert any("SMTP" in line and "Authentication successful" in line for line in lines)
    assert f"{port} → " in lines[1]
    # Each byte of the file is where the trace has it.
    fields = ("-T", "fields", "-e", "frame.time_epoch", "-e", "tcp.payload")
    rows = [row.split("\t") for row in tshark(path, "-Y", "tcp.len > 0", *fields).splitlines()]
    start_us, events = round(one._kept.started * 1e6), [e for e in one.events if e.what == "bytes"]
    assert [bytes.fromhex(payload) for _, payload in rows] == [e.data for e in events]
    assert [int(time.replace(".", "")[:16]) for time, _ in rows] == [start_us + round(e.at_s * 1e6) for e in events]


@pytest.mark.real("tshark")
def test_without_the_secrets_it_does_not(tmp_path):
    """The failing twin."""
    with serve("implicit") as server:
        trace = dial(server.address, "implicit", ca_file=server.ca_file, timeout_s=30)
    trace.to_pcapng(tmp_path / "x.pcapng")
    listed = tshark(tmp_path / "x.pcapng")
    assert "ehlo" not in listed.lower() and "TLSv1.3" in listed


@pytest.mark.slow
@pytest.mark.real("tshark", "capinfos")
def test_no_fault_is_found_in_any_kind_of_conversation(tmp_path):
    traces = []
    for kind, mode in [("starttls", "starttls"), ("implicit", "implicit"), ("plain", "plain"), ("starttls", "implicit"),
                       ("implicit", "plain"), ("refused", "plain"), ("filtered", "plain"), ("resets", "plain"),
                       ("closes", "implicit"), ("expired", "implicit"), ("starttls-refused", "starttls")]:
        with serve(kind) as server:
            # What is waited out, and what ends by itself.
            hangs = kind == "filtered" or (kind, mode) == ("implicit", "plain")
            traces.append(dial(server, mode, timeout_s=1 if hangs else 30))
    path = tmp_path / "all.pcapng"
    write_pcapng(path, traces)
    found = subprocess.run(["capinfos", str(path)], capture_output=True, text=True, timeout=60)
    assert (found.returncode, [x for x in found.stderr.splitlines() if "Running as user" not in x]) == (0, [])
    assert re.search(r"Strict time order: +True", found.stdout)
    assert re.search(r"File type: .*pcapng", found.stdout)
    checks = ("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")
    faults = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || tcp.analysis.lost_segment " \
             "|| tcp.analysis.ack_lost_segment || tcp.analysis.retransmission || tcp.analysis.window_full"
    assert tshark(path, *checks, "-Y", faults) == ""
    assert [t.cause for t in Trace.from_pcap(path)] == [t.cause for t in traces]


@pytest.mark.slow
@pytest.mark.real("tshark")
def test_tshark_goes_by_the_port():
    """The lesson on how tools mislead: the same bytes under two ports, and what they are called."""
    with serve("starttls") as server:
        trace = dial(server, "implicit")
    assert trace.cause is Cause.IMPLICIT_TO_PLAINTEXT
    on_587, on_465 = ask_tshark(trace), ask_tshark(trace, port=465)
    said = sorted(line.info for line in on_587 if line.protocol == "SMTP")
    assert re.fullmatch(r"C: DATA fragment, \d+ bytes", said[0])
    assert said[1:] == ["S: 220 mail.example.com ESMTP smtplab"]
    assert not [line for line in on_587 if "TLS" in line.protocol]
    assert [line.protocol for line in on_465 if "Client Hello" in line.info] == ["TLSv1"]
    [greeting] = [line for line in on_465 if line.source_port == 465 and "Len=36" in line.info]
    assert greeting.protocol == "TCP"
    assert all(str(line).split() for line in on_587)


def test_no_tshark_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with serve("plain") as server:
        assert ask_tshark(dial(server, "plain")) is None


# --- packets in: other programs' files ---

class Dumpcap:
    """dumpcap on the loopback; its file once it has ended."""

    def __init__(self, path, port):
        self.path = path
        [program] = need("dumpcap")
        self.process = subprocess.Popen(
            [program, "-q", "-i", "lo", "-f", f"tcp port {port}", "-w", str(path)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        until(lambda: "File:" in self.process.stderr.readline())
        return self

    def __exit__(self, *_exc):
        # It writes what it has once a second, and what is left at its end.
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.mark.real("dumpcap")
@pytest.mark.parametrize(("kind", "mode", "cause", "certain"), [
    ("starttls", "implicit", Cause.IMPLICIT_TO_PLAINTEXT, True),
    *(pytest.param(*row, marks=pytest.mark.slow) for row in (
        ("starttls", "starttls", Cause.OK, False),
        # Certain here, and not for the client: once that has left, OpenSSL sends an alert, which nobody reads.
        ("implicit", "starttls", Cause.PLAINTEXT_TO_IMPLICIT, True),
        ("silent", "plain", Cause.PLAINTEXT_TO_IMPLICIT, False),
        ("refused", "plain", Cause.REFUSED, True)))])
def test_a_capture_by_dumpcap_is_diagnosed(kind, mode, cause, certain, as_root, tmp_path):
    path = tmp_path / "x.pcapng"
    with serve(kind) as server, Dumpcap(path, server.address[1]):
        trace = dial(server, mode, timeout_s=1.5 if cause is Cause.PLAINTEXT_TO_IMPLICIT else 30)
        if trace.sockets:
            ended_traces(server)  # with its last word said
        # What has passed is in the file once the end is.
        until(lambda: [e for t in Trace.from_pcap(path, ports=[server.address[1]]) for e in t.events
                       if e.what in ("closed", "reset")])
    found = [t for t in Trace.from_pcap(path, ports=[server.address[1]])
             if trace.sockets is None or t.sockets == trace.sockets]
    assert [(t.cause, t.certain, t.mode) for t in found] == [
        (cause, certain, None if cause in (Cause.PLAINTEXT_TO_IMPLICIT, Cause.REFUSED) else Mode(mode))]
    if cause is Cause.IMPLICIT_TO_PLAINTEXT:
        assert (found[0].bytes_read, found[0].bytes_written) == (trace.bytes_read, trace.bytes_written)
        assert wire(found[0], "server") == wire(trace, "server")
    if cause is Cause.PLAINTEXT_TO_IMPLICIT:
        assert found[0].waiting_for == "greeting"


# --- captured here ---

@pytest.mark.parametrize(("kind", "mode"), [
    ("starttls", "starttls"), ("starttls", "implicit"),
    pytest.param("implicit", "implicit", marks=pytest.mark.slow)])
def test_the_application_bytes_are_the_recorder_s(kind, mode, as_root):
    with serve(kind) as server, capture(server) as seen:
        trace = dial(server, mode, timeout_s=30)
        there = server.trace(of=trace)
    assert seen.why_not is None
    [captured] = seen.traces()
    assert captured.sockets == trace.sockets
    # What the recorder of either side had, whole and in order, once.
    assert wire(captured, "client") == wire(trace, "client")
    assert wire(captured, "server") == wire(there, "server")
    assert (captured.bytes_read, captured.bytes_written) == (trace.bytes_read, trace.bytes_written)
    assert seen.report(trace).startswith("captured:\n 0.000000 ")


def test_a_refused_connection_is_a_syn_and_a_rst(as_root):
    with serve("refused") as server, capture(server) as seen:
        dial(server, "plain")
    assert [s.flags for s in seen.segments] == ["S", "RA"]
    assert [str(s).split(" ", 3)[3] for s in seen.segments] == ["SYN", "RST/ACK"]
    assert [t.cause for t in seen.traces()] == [Cause.REFUSED]


@pytest.mark.slow
def test_a_filtered_one_repeats_its_syn(as_root):
    with serve("filtered") as server, capture(server) as seen:
        trace = dial(server, "plain", timeout_s=3)
    assert trace.cause is Cause.FILTERED_TIMEOUT
    assert {s.flags for s in seen.segments} == {"S"}
    ours = seen.segments[0].source  # those that fill the server's queue go on trying too
    assert [s.source for s in seen.segments].count(ours) >= 2
    found, *_ = [t for t in seen.traces() if re.search(r"SYN at 0\.0(, \d\.\d)+ s", t.events[-1].note)]
    assert (found.cause, found.certain) == (Cause.FILTERED_TIMEOUT, True)


WITHOUT_RIGHTS = textwrap.dedent("""
    import os, sys
    import smtplab
    from smtplab.lab.capture import capture

    def tried():
        with smtplab.serve("starttls") as server, capture(server) as seen:
            trace = smtplab.dial(server, "implicit")
        return seen, seen.report(trace)

    tried()  # loads all modules, which another user may not be able to read
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    seen, report = tried()
    print(len(seen.segments))
    print(report)
""")


def test_another_user_is_told_in_a_sentence():
    folder = short_folder("other-")  # where that user may write, as in any machine's
    if IS_ROOT:
        os.chown(folder, 65534, 65534)
        folder.parent.chmod(0o711)
    run = subprocess.run([sys.executable, "-c", WITHOUT_RIGHTS], capture_output=True, text=True, timeout=100,
                         env={**os.environ, "TMPDIR": str(folder)})
    assert (run.returncode, run.stderr) == (0, "")
    count, sentence, made, *lines = run.stdout.splitlines()
    assert count == "0"
    assert re.fullmatch(r"Packets can't be captured here \(.*permission.*\)\. That needs root's rights.*", sentence)
    assert "recorded at its socket" in made
    assert [line for line in lines if "36 bytes" in line]  # the greeting, as it was recorded


def test_scapy_s_failures_are_told(monkeypatch):
    def fails(_):
        raise OSError("no such device\n(and more)")

    monkeypatch.setattr(smtplab.lab.capture, "_listen", fails)
    with serve("plain") as server, capture(server) as seen:
        trace = dial(server, "plain")
    assert seen.segments == () and seen.traces() == []
    assert "(no such device)" in seen.report(trace) and trace.ok


def test_a_port_that_is_none_is_no_matter_of_rights():
    for port in (99999, 0, "smtp"):
        with pytest.raises(ValueError, match=f"no port {port}; ports are 1 to 65535"):
            capture(("127.0.0.1", port))
