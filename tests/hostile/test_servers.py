"""No server's bytes raise, hang, or act on whatever shows them: each is dialled, probed and relayed, and then shown.

Every day each quick server is met in one mode and shown in words; in all modes, with floods and pictures, it is slow.
"""

import itertools
import subprocess
import sys
from functools import partial

import pytest
from helpers import each_row, until
from peers import scripted
from servers import FLOODS, QUICK, SERVERS
from views import CONTROL, PICTURES, VIEWS, drawn

from smtplab import Cause, Mode, Trace, dial, limits, probe, relay
from smtplab.lab.client import Dial
from smtplab.lab.jobs import Later, run_concurrently
from smtplab.report import transcript
from smtplab.show.decision_tree import DecisionTree
from smtplab.show.steps import steps
from smtplab.show.text import ports

# Most of these peers never end, so any limit would do; a machine that does much else needs a wide one.
TIMEOUT_S, WIDE_S = 0.4, 20.0
ALL_OF_IT = {"login": ("alice", "sesame-sesame"), "mail_from": "a@example.com", "verify": False}
MODES = dict(zip(QUICK, itertools.cycle(Mode), strict=False))


def assert_harmless(*told: str) -> None:
    """Nothing in it acts on a terminal, and no password is in it."""
    for text in told:
        assert not CONTROL.search(text), ascii(text[:300])
        assert "sesame" not in text


def assert_shown(trace: Trace, views: dict = VIEWS) -> None:
    """Every view of it is made, and harmless."""
    assert isinstance(trace.cause, Cause) and trace.ok == (trace.failure is None)
    assert trace.seconds < TIMEOUT_S + WIDE_S
    for view in views.values():
        assert_harmless(*view(trace))


@pytest.fixture(scope="module")
def dialled():
    """Name -> the trace of a dial to that server, a few of them at a time."""
    traces = {}
    for names in batches(list(QUICK), 25):
        peers = {name: scripted(*QUICK[name]) for name in names}
        places = {name: peer.__enter__() for name, peer in peers.items()}
        dials = [Later(partial(Dial, places[name], MODES[name], timeout_s=TIMEOUT_S, **ALL_OF_IT)) for name in names]
        traces |= {names[index]: trace for index, trace in run_concurrently(dials)}
        for peer in peers.values():
            peer.__exit__(None, None, None)
    return traces


def batches(names: list, size: int) -> list:
    return [names[start:start + size] for start in range(0, len(names), size)]


@each_row("name", QUICK)
def test_what_each_says_is_shown_and_harmless(name, dialled):
    assert_shown(dialled[name], {view: make for view, make in VIEWS.items() if view not in PICTURES})


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_shown_in_part(name):
    with scripted(*FLOODS[name]) as at:
        trace = dial(at, "plain", timeout_s=TIMEOUT_S, **ALL_OF_IT)
    assert len(transcript(trace.events)) <= limits.SHOWN_LINES + 1
    assert len(steps(trace)) <= limits.SHOWN_STEPS + 5
    assert_harmless(str(trace))


def test_what_is_left_out_is_said():
    with scripted(*FLOODS["flood-empty-records"]) as at:
        trace = dial(at, "plain", timeout_s=TIMEOUT_S)
    left = next(step for step in steps(trace) if "left out" in step["label"])
    assert "bytes from the server" in left["label"] and left["received"] == trace.bytes_received
    assert "left out here" in str(trace)


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_everything_at_every_server(name):
    """In each mode, directly and through a relay; by a probe and the decision tree; one of the traces in every view."""
    drawn_mode = list(Mode)[list(SERVERS).index(name) % len(Mode)]
    with scripted(*SERVERS[name]) as at, relay(at) as between:
        tree = DecisionTree(at, drawn_mode, timeout_s=TIMEOUT_S, **ALL_OF_IT)
        dials = [Later(partial(Dial, place, mode, timeout_s=TIMEOUT_S, **ALL_OF_IT))
                 for mode in Mode for place in (at, between.address)]
        traces = [trace for _, trace in run_concurrently(dials)]
        report = probe(at[0], [at[1]], timeout_s=TIMEOUT_S)
        until(lambda: tree.trace is not None)
        passed = between.traces()
    for number, trace in enumerate(traces):
        whole = trace.mode is drawn_mode and number % 2 == 0
        assert_shown(trace, VIEWS if whole else {view: VIEWS[view] for view in ("text", "live text", "doors")})
    assert_harmless(ports(report), *drawn(tree), *(text for one in passed for text in (str(one), one.to_json())))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*list(QUICK)[::5], *FLOODS])
def test_the_command_prints_it(name):
    mode = MODES.get(name, Mode.IMPLICIT)
    with scripted(*SERVERS[name]) as at:
        done = subprocess.run([sys.executable, "-m", "smtplab", "handshake", "{}:{}".format(*at), "--mode", mode,
                               "--timeout", str(TIMEOUT_S)], capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1, 2) and "Traceback" not in done.stderr
    assert_harmless(done.stdout, done.stderr.replace("\r", ""))
