"""What is said of a run is read from its traces; the recorded runs say what a run of today says."""

import json
import re
import threading
from dataclasses import replace

import pytest
from helpers import until

from smtplab import Cause, serve
from smtplab.escape import show_bytes
from smtplab.events import What, Who
from smtplab.show import recorded_corners
from smtplab.show.corner_runs import (
    WIDTHS,
    CornerJob,
    CornerRun,
    as_record,
    columns_of,
    corners_text,
    wrapped,
)
from smtplab.show.corners import CORNERS, words_of

EN = words_of("en")
BOTH_TALK, BEGINS_WELL, GREETED, BOTH_WAIT = CORNERS


@pytest.fixture(scope="module")
def live():
    return {corner: CornerJob(corner, 1 if corner == BOTH_WAIT else 30).run() for corner in CORNERS}


def test_what_the_four_show(live):
    assert {corner: (run.first, run.tone) for corner, run in live.items()} == {
        BOTH_TALK: (("client", "server"), "bad"), BEGINS_WELL: (("client",), "ok"),
        GREETED: (("server",), "ok"), BOTH_WAIT: ((), "hang")}
    assert live[BOTH_TALK].headline(EN) == "both talk: wrong version number"
    assert live[BEGINS_WELL].headline(EN) == f"works: {live[BEGINS_WELL].trace.tls.version}"
    assert live[GREETED].headline(EN).startswith("works: TLSv1.")
    assert live[BOTH_WAIT].headline(EN) == "both wait: the hang"
    assert live[BOTH_WAIT].trace.certain and live[BOTH_WAIT].trace.cause is Cause.PLAINTEXT_TO_IMPLICIT
    assert live[BOTH_WAIT].waits == {"client": "greeting", "server": "client-hello"}
    assert live[BEGINS_WELL].waits == live[GREETED].waits == {}


def test_its_facts_are_the_trace_s(live):
    for run in live.values():
        facts = dict(run.facts(EN))
        assert facts["client → server"] == f"{run.trace.bytes_sent} bytes"
        assert facts["server → client"].startswith(f"{run.trace.bytes_received} bytes")
        assert run.sentence(EN).startswith(EN.rows[run.corner.mode][0])
    facts = dict(live[BOTH_TALK].facts(EN))
    assert facts["server → client"] == "36 bytes, 5 read" and facts["first word"] == "both, at once"
    assert "read" not in dict(live[GREETED].facts(EN))["server → client"]
    facts = dict(live[BOTH_WAIT].facts(EN))
    assert facts["waits at the end"] == "client, for a greeting; server, for a ClientHello"
    assert facts["client → server"] == facts["server → client"] == "0 bytes" and facts["first word"] == "nobody"
    assert re.fullmatch(r"1\.\d s \(time-out\)", facts["lasted"])


def test_other_traces_give_other_facts(live):
    """The twin: with what was seen taken away or changed, it says so."""
    talk = live[BOTH_TALK]
    assert replace(talk, seen=None).first == ("client",)
    assert replace(talk, seen=None).headline(EN) == "wrong version number"
    unsaid = tuple(e for e in talk.trace.events if not (e.what == What.BYTES and e.who == Who.CLIENT))
    assert replace(talk, trace=replace(talk.trace, events=unsaid, bytes_sent=0)).first == ("server",)
    hang = live[BOTH_WAIT]
    assert replace(hang, seen=None).tone == "bad"  # that the server waits too, nobody has seen
    assert replace(hang, trace=replace(hang.trace, bytes_received=9)).tone == "bad"
    assert replace(hang, over=False).tone == "busy" and replace(hang, over=False).headline(EN) == ""
    odd = replace(talk.trace, failure=replace(talk.trace.failure, reason="\x1b[31m\u202e"))
    assert show_bytes(b"\x1b") in corners_text([replace(talk, trace=odd)], EN)


def test_a_job_can_be_stopped_at_any_time():
    job = CornerJob(BOTH_WAIT, 60)
    assert job.so_far() is None
    found = []
    thread = threading.Thread(target=lambda: found.append(job.run()))
    thread.start()
    try:  # at first the client waits for the connection, while the server has it already
        waits = {"client": "greeting", "server": "client-hello"}
        assert not until(lambda: (run := job.so_far()) and run.waits == waits and run).over
    finally:
        job.stop()
        thread.join(30)
    [run] = found
    assert run.tone == "hang" and run.trace.seconds < 30
    assert dict(run.facts(EN))["lasted"].endswith("s (stopped)")
    early = CornerJob(BOTH_WAIT, 60)
    early.stop()
    assert early.run().trace.seconds < 30


def test_the_recorded_runs_say_what_a_run_of_today_says(live):
    recorded = recorded_corners()
    assert [run.corner for run in recorded] == list(CORNERS)
    for run in recorded:
        now = live[run.corner]
        assert (run.first, run.waits, run.tone, run.headline(EN)) == (now.first, now.waits, now.tone, now.headline(EN))
        assert run.crossed[Who.CLIENT] > 0 or run.corner == BOTH_WAIT
        assert re.fullmatch(r"recorded run, 20\d\d-\d\d-\d\d, Python 3\.\d+\.\d+, OpenSSL \d\S+", run.note(EN))
        assert now.note(EN) == "" and run.note(EN) in run.sentence(EN)
    row = json.loads(as_record(live[GREETED], "2026-01-01", "Python 3"))
    assert row["client"]["cause"] == "ok" and row["server"]["mode"] == "starttls"
    assert json.loads(as_record(replace(live[GREETED], seen=None), "", ""))["server"] is None


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_text_fits_a_terminal(live, lang):
    words = words_of(lang)
    text = corners_text([*recorded_corners()], words, BOTH_TALK)
    assert len(text.splitlines()) <= 25 and max(map(columns_of, text.splitlines())) <= 80 == sum(WIDTHS) + 4
    assert text.count(f"<< {words.here} >>") == 1 and text.count(recorded_corners()[0].note(words)) == 1
    mine = corners_text(live.values(), words)
    assert words.here not in mine and "2026" not in mine and "wrong version" in mine
    assert corners_text([], words).count(words.not_run) == 4
    assert corners_text([live[GREETED]], words).count(words.not_run) == 3


def test_lines_are_wrapped_by_what_they_take():
    assert wrapped("one two three", 9) == ["one two", "  three"]
    assert wrapped("", 9) == [""] and wrapped("onetwothreefour", 9) == ["onetwothreefour"]
    assert columns_of("挨拶 a") == 6
    lines = wrapped("クライアントが挨拶を待つ（すぐに）、始める", 16)
    assert max(map(columns_of, lines)) <= 18 and not any(line.strip()[0] in "）、ー" for line in lines)


def test_a_run_that_fails_otherwise_says_its_reason():
    with serve("refused") as server:
        from smtplab import dial
        run = CornerRun(BEGINS_WELL, dial(server, "implicit"), None)
    assert run.tone == "bad" and run.headline(EN) == run.trace.diagnosis.title
