"""Thousands of dials in one process leave it as it was."""

import gc
import itertools
import os
import signal
import sys
import threading
import tracemalloc

import pytest

from smtplab import Mode, dial, limits, serve
from smtplab.lab.client import Dial

MIXED = [("starttls", "implicit"), ("starttls", "starttls"), ("implicit", "implicit"), ("plain", "starttls"),
         ("closes", "plain"), ("resets", "implicit"), ("refused", "plain"), ("http", "implicit"),
         ("not-smtp", "plain"), ("expired", "implicit"), ("old-tls", "implicit"), ("starttls-refused", "starttls"),
         ("silent", "plain"), ("implicit", "starttls-opportunistic"), ("filtered", "implicit")]
HANGS = {"silent", "filtered"}


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def some_dials(number):
    """So many dials of mixed kinds, a new server for every thirty."""
    kinds = itertools.cycle(MIXED)
    for _ in range(number // 30):
        for kind, mode in itertools.islice(kinds, 3):
            hangs = kind in HANGS or (kind == "implicit" and mode != "implicit")
            with serve(kind) as server:
                for _ in range(10):
                    dial(server, mode, timeout_s=0.02 if hangs else 5)
                server.traces()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.timeout(300)
@pytest.mark.slow
def test_two_thousand_dials_leave_nothing():
    some_dials(450)  # every kind has been seen: caches are warm
    gc.collect()
    tracemalloc.start()
    some_dials(90)
    gc.collect()
    before = descriptors(), threading.active_count(), tracemalloc.get_traced_memory()[0]
    some_dials(2010)
    gc.collect()
    after = descriptors(), threading.active_count(), tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after[:2] == before[:2]
    # Nothing per dial is kept: were it a kilobyte each, it would be two megabytes.
    assert after[2] - before[2] < 500_000


def test_a_server_that_runs_for_days_holds_only_so_many_visits(monkeypatch):
    monkeypatch.setattr(limits, "KEPT", 5)
    with serve("plain") as server:
        traces = [dial(server, "plain") for _ in range(12)]
        assert len(server.traces()) == 5 and server.trace(of=traces[-1]).sockets == traces[-1].sockets


@pytest.mark.posix("signals")
@pytest.mark.parametrize("mode", Mode)
def test_an_interrupted_hang_frees_its_port(mode):
    main = threading.main_thread().ident

    def interrupt(recorder):
        if recorder.events[-1].note in ("greeting", "server-hello"):
            signal.pthread_kill(main, signal.SIGINT)

    with serve("silent") as server:
        hanging = Dial(server, mode, timeout_s=60, listener=interrupt)
        with pytest.raises(KeyboardInterrupt):
            hanging.run()
        assert hanging.wire.sock.fileno() == -1
        address = server.address
    with serve("silent", port=address[1]) as again:
        assert again.address == address
