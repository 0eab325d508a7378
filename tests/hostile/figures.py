"""What hostile peers cost, measured: `python tests/hostile/figures.py`.

The server's largest memory and the time of its traces for one visitor of each kind and for forty together, a relay's
most threads, and by how much a dial, a probe and a printed handshake run over their deadline at the worst server.
"""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # for what the tests share

from clients import CLIENTS
from peers import scripted, stay
from servers import FLOODS, SERVERS

from smtplab import Mode, dial, probe, relay
from smtplab.show.text import table

SERVE = """
import sys, time, smtplab
with smtplab.serve(sys.argv[1]) as server:
    print(server.address[1], flush=True)
    for line in sys.stdin:
        start = time.monotonic()
        found = server.traces()
        print(len(found), time.monotonic() - start, flush=True)
"""


def visited(kind: str, client, times: int) -> tuple[float, float, float]:
    """(largest memory in MB beyond an idle server's, seconds that another visitor waited, seconds for all traces)."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)
    port = int(process.stdout.readline())
    mode = "implicit" if kind == "implicit" else "plain"
    dial(("127.0.0.1", port), mode, timeout_s=5, verify=False)
    idle, waited = memory_mb(process.pid), 0.0
    threads = [threading.Thread(target=visit, args=(port, client)) for _ in range(times)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        waited = max(waited, dial(("127.0.0.1", port), mode, timeout_s=60, verify=False).seconds)
        time.sleep(0.1)
    print("", file=process.stdin, flush=True)
    _, took_s = process.stdout.readline().split()
    peak = memory_mb(process.pid) - idle
    process.stdin.close()
    process.wait()
    process.stdout.close()
    return peak, waited, float(took_s)


def visit(port: int, client) -> None:
    with socket.create_connection(("127.0.0.1", port)) as sock:
        client(sock)


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def over_s(name: str, timeout_s: float) -> dict[str, float]:
    """By how much each way of asking runs over."""
    found: dict[str, float] = {}
    with scripted(*SERVERS[name]) as at:
        for mode in Mode:
            began = time.monotonic()
            dial(at, mode, timeout_s=timeout_s, verify=False)
            found["dial"] = max(found.get("dial", -9), time.monotonic() - began - timeout_s)
            began = time.monotonic()
            str(dial(at, mode, timeout_s=timeout_s, verify=False))
            found["dial and print"] = max(found.get("dial and print", -9), time.monotonic() - began - timeout_s)
        began = time.monotonic()
        probe(at[0], [at[1]], timeout_s=timeout_s)
        found["probe"] = time.monotonic() - began - timeout_s
    return found


def main() -> None:
    rows = [("client", "server", *(f"{what} {many}" for many in ("at one", "at forty")
                                   for what in ("MB", "another waited s", "traces s")))]
    for name, client in CLIENTS.items():
        kind = "implicit" if "records" in name else "plain"
        one, forty = visited(kind, client, 1), visited(kind, client, 40)
        rows.append((name, kind, *(f"{value:.1f}" for value in (*one, *forty))))
        print(rows[-1], file=sys.stderr)
    print(table(rows))
    with scripted(stay) as at, relay(at) as between:
        most, clients = 0, []
        for _ in range(400):
            with contextlib.suppress(OSError):
                clients.append(socket.create_connection(between.address))
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            most = max(most, sum(thread.name == "smtplab-relay" for thread in threading.enumerate()))
        print(f"\na relay with 400 clients at once: {most} threads at most")
        for client in clients:
            client.close()
    worst: dict[str, tuple[float, str]] = {}
    for name in [*list(SERVERS)[::10], *FLOODS]:
        for way, seconds in over_s(name, 1.0).items():
            worst[way] = max(worst.get(way, (-9.0, "")), (seconds, name))
    for way, (seconds, name) in worst.items():
        print(f"{way}: at most {seconds:+.2f} s beyond its deadline, at {name}")


if __name__ == "__main__":
    main()
