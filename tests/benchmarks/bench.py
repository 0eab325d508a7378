"""How fast the lab is, as ratios taken in one run: `python tests/benchmarks/bench.py [ROUNDS]`.

Each row pairs two things, A and B, in turn, and shows the median of each and of A/B, with the ratio
that is aimed at. Absolute times are this machine's, now. The server runs in a process of its own.
Nothing here is asserted: a test of a speed would fail for the weather.
"""

import contextlib
import itertools
import json
import os
import shutil
import smtplib
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clicks import click_to_dom
from scapy.layers.tls.record import TLS

from smtplab import dial, judge, probe, read_settings, serve
from smtplab.events import Who
from smtplab.lab.certificates import client_context
from smtplab.lab.recorded_socket import RecordedSocket
from smtplab.lab.recorder import Recorder
from smtplab.records import RecordReader
from smtplab.show.text import table

MODULE = [sys.executable, "-m", "smtplab"]
SCRIPT = [sys.executable, "-c", "from smtplab.__main__ import main; main()"]  # as the console script does
# What a command that reads settings can't do without: parsers, and click.
PARSERS = "import yaml, configparser, urllib.parse, shlex, ast, json, click"
RAILS = b"config.action_mailer.smtp_settings = {\n  address: 'smtp.example.com', port: 465, tls: true\n}\n"
MAIL = b"a line of a mail that is not short\r\n" * 80_000  # 3 MB; the lab's servers take 4
CLIENT_HELLO = bytes.fromhex("16030100c8010000c4") + bytes(196)


@contextlib.contextmanager
def lab(*kinds):
    """{kind: address} and the authority's file, of servers in another process."""
    process = subprocess.Popen([*MODULE, "serve", "--json", *kinds], stdout=subprocess.PIPE, text=True)
    try:
        rows = [json.loads(process.stdout.readline()) for _ in kinds]
        # Somebody has to read what it reports, or it would wait.
        drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        yield {row["kind"]: (row["host"], row["port"]) for row in rows}, rows[-1]["ca_file"]
    finally:
        process.terminate()
        process.wait()
        drain.wait()
        process.stdout.close()


@contextlib.contextmanager
def relayed(address):
    """The address of a relay to this one, in another process."""
    command = [*MODULE, "relay", "--json", "{}:{}".format(*address)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        row = json.loads(process.stdout.readline())
        drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        yield row["host"], row["port"]
    finally:
        process.terminate()
        process.wait()
        drain.wait()
        process.stdout.close()


def send_mail(address):
    with smtplib.SMTP(*address, local_hostname="x") as client:
        client.sendmail("a@example.com", ["b@example.com"], MAIL)


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def pair(a, b, rounds):
    """Medians of A, of B, and of A/B pair by pair, in seconds; one round first that is not counted."""
    rows = [(timed(a), timed(b)) for _ in range(rounds + 1)][1:]
    return (statistics.median(x for x, _ in rows), statistics.median(y for _, y in rows),
            statistics.median(x / y for x, y in rows))


def connected(address):
    sock = socket.create_connection(address)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def captured_handshake(address, ca_file):
    context = client_context(ca_file)
    with connected(address) as sock:
        RecordedSocket(sock, Recorder(Who.CLIENT), time.monotonic() + 5).start_tls(context, "localhost")


def bare_handshake(address, ca_file):
    context = ssl.create_default_context(cafile=ca_file)
    with connected(address) as sock, context.wrap_socket(sock, server_hostname="localhost"):
        pass


def bare_dialogue(address, ca_file):
    context = ssl.create_default_context(cafile=ca_file)
    with smtplib.SMTP_SSL(*address, local_hostname="x", context=context) as client:
        client.ehlo()


def run(*command):
    # With its own bytecode not kept, Python would compile this package at each start, and no other.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env=environment)


def answers():
    """What settings do, over all measured cases: the median and the slowest answer, in seconds."""
    measured = Path(__file__).parents[1] / "settings" / "measured.jsonl"
    cases = [json.loads(line) for line in measured.read_text("utf-8").splitlines()]
    asked = [(case["framework"], case.get("text", case["settings"]), case["version"], case["port"]) for case in cases]

    def once(framework, given, version, port):
        return timed(lambda: read_settings(framework, given, version=version, port=port))
    times = [statistics.median(once(*one) for _ in range(3)) for one in asked]
    return statistics.median(times), max(times)


def round_trips():
    """How many times the client waits for the server in a probe of a healthy STARTTLS port."""
    with serve("starttls") as server:
        probe(server)
        trace = server.traces()[-1]
    turns = [event.who for event in trace.events if event.what == "bytes"]
    answers = sum(pair == ("client", "server") for pair in itertools.pairwise(turns))
    return answers + 1  # and one to connect


def main(rounds=20):
    few = max(rounds // 4, 3)
    rows = [("A", "B", "A ms", "B ms", "A/B", "aim")]

    def compare(name_a, name_b, a, b, aim, times=rounds):
        x, y, ratio = pair(a, b, times)
        rows.append((name_a, name_b, f"{x * 1e3:.3f}", f"{y * 1e3:.3f}", f"{ratio:.2f}", aim))

    with lab("implicit", "starttls") as (at, ca_file):
        compare("captured handshake", "ssl's own", lambda: captured_handshake(at["implicit"], ca_file),
                lambda: bare_handshake(at["implicit"], ca_file), "1.1 or less", 10 * rounds)
        compare("dial, implicit", "smtplib.SMTP_SSL", lambda: dial(at["implicit"], "implicit", ca_file=ca_file),
                lambda: bare_dialogue(at["implicit"], ca_file), "", 10 * rounds)
        with relayed(at["implicit"]) as between, relayed(at["starttls"]) as mail_between:
            compare("dial, through a relay", "dial", lambda: dial(between, "implicit", ca_file=ca_file),
                    lambda: dial(at["implicit"], "implicit", ca_file=ca_file), "1.3 or less", 10 * rounds)
            compare("3 MB of mail, through a relay", "without", lambda: send_mail(mail_between),
                    lambda: send_mail(at["starttls"]), "1.3 or less", few)
            if shutil.which("openssl"):
                compare("openssl s_client, through a relay", "without",
                        run("openssl", "s_client", "-connect", "{}:{}".format(*between)),
                        run("openssl", "s_client", "-connect", "{}:{}".format(*at["implicit"])), "1.3 or less")
        if shutil.which("openssl"):
            address = "{}:{}".format(*at["starttls"])
            compare("dial, mismatch", "openssl s_client", lambda: dial(at["starttls"], "implicit", ca_file=ca_file),
                    run("openssl", "s_client", "-connect", address), "0.5 or less")
        if shutil.which("swaks"):
            host, port = at["starttls"]
            compare("smtplab handshake", "swaks", run(*SCRIPT, "handshake", f"{host}:{port}", "--mode", "plain"),
                    run("swaks", "--server", host, "--port", str(port), "--quit-after", "EHLO"), "", few)
    compare("from smtplab import *", "import ssl, smtplib", run(sys.executable, "-c", "from smtplab import *"),
            run(sys.executable, "-c", "import ssl, smtplib"), "", few)
    compare("import smtplab.words", "bare Python", run(sys.executable, "-c", "import smtplab.words"),
            run(sys.executable, "-c", "pass"), "", few)
    with tempfile.NamedTemporaryFile(suffix=".rb") as file:
        file.write(RAILS)
        file.flush()
        compare("smtplab settings", "its parsers and click", run(*SCRIPT, "settings", "rails", file.name),
                run(sys.executable, "-c", PARSERS), "less than 1.5")
    compare("read 1000 records", "scapy, 10 of them", lambda: RecordReader().feed(CLIENT_HELLO * 1000),
            lambda: [TLS(CLIENT_HELLO) for _ in range(10)], "")
    compare("judge 1000 greetings", "1000 int()", lambda: [judge(b"220 mail", "3.0") for _ in range(1000)],
            lambda: [int("12848") for _ in range(1000)], "")
    waits = round_trips()
    middle, slowest = answers()
    rows.append(("one answer of settings", "the slowest of all", f"{middle * 1e3:.3f}", f"{slowest * 1e3:.3f}", "",
                 "5 ms or less"))
    for what, seconds in click_to_dom(rounds).items():
        rows.append((what, "to changed DOM", f"{seconds * 1e3:.3f}", "", "", "300 ms or less"))
    print(table(rows))
    print(f"\nprobe of a healthy STARTTLS port: {waits} round trips, EHLO, TLS and QUIT included")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
