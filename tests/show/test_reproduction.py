"""Causes made to order: the lab shows each of them, or says why it can't; what is seen stands beside the prediction."""

from dataclasses import replace

import pytest
from helpers import each_row
from html_reader import Page

from smtplab import Cause, Mode, Trace
from smtplab.events import Event, Failure
from smtplab.show.reproduction import MADE_BY, NOT_MADE, comparison, reproduction, seen
from smtplab.show.settings_rehearsal import Comparison, Rehearsing

HOSTILE = "</pre><script>boom()</script><img src=x onerror='boom()' alt=\"'\"> &amp; \x1b[31m\u202e"


def test_every_cause_is_made_or_it_says_why_not():
    assert set(MADE_BY) | set(NOT_MADE) == set(Cause) and not set(MADE_BY) & set(NOT_MADE)
    assert reproduction(Cause.DNS) == (None, NOT_MADE[Cause.DNS])
    assert reproduction(Cause.OK) == (MADE_BY[Cause.OK], "")


@pytest.mark.parametrize("cause", MADE_BY, ids=str)
def test_the_lab_shows_it(cause):
    patient = {Cause.PLAINTEXT_TO_IMPLICIT: 0.3, Cause.FILTERED_TIMEOUT: 0.3, Cause.HANDSHAKE_STALLED: 2}.get(cause, 30)
    found = seen(cause, Rehearsing(MADE_BY[cause], patient).run())
    assert (found.predicted, found.agrees) == (cause.value, True), found.seen


def test_another_cause_is_no_agreement():
    trace = Rehearsing(MADE_BY[Cause.OK], 30).run()
    assert seen(Cause.REFUSED, trace).agrees is False


def test_a_stopped_dial_proves_nothing():
    job = Rehearsing(MADE_BY[Cause.PLAINTEXT_TO_IMPLICIT], 30)
    job.stop()
    assert seen(Cause.PLAINTEXT_TO_IMPLICIT, job.run()).agrees is None


def trace(**changes):
    first = Trace(Mode.IMPLICIT, ("127.0.0.1", 587), False, Cause.IMPLICIT_TO_PLAINTEXT, True, 5, 517, 36, 517, 0.034,
                  None, None, None, b"220 m", ())
    return replace(first, **changes)


@each_row(("agrees", "words"), [(True, "✓ predicted: hang / seen: x (as predicted)"),
                                (False, "✗ predicted: hang / seen: x (not as predicted)"),
                                (None, "? predicted: hang / seen: x (no test of the prediction)")])
def test_prediction_beside_what_was_seen(agrees, words):
    events = (Event(0.0, "server", "bytes", b"220 mail.example.com\r\n", ""),)
    said = Page(comparison(Comparison("hang", "x", agrees, "A note."), trace(events=events), "Rails")).words
    for part in (words, "A note.", "Transcript", "S: 220 mail.example.com",
                 "SSL handshake has read 5 bytes and written 517 bytes. 36 bytes received and 517 sent in 0.034 s."):
        assert part in said


def test_hostile_values_are_text():
    said = Event(0.1, "server", "bytes", HOSTILE.encode() + b"\r\n", HOSTILE)
    hostile = trace(events=(said, replace(said, what="tls"), replace(said, what="waiting")), waiting_for=HOSTILE,
                    failure=Failure("tls", HOSTILE, HOSTILE, HOSTILE), address=(HOSTILE, 25))
    made = comparison(Comparison(HOSTILE, HOSTILE, False, HOSTILE), hostile, HOSTILE)
    found = Page(made)
    assert found.tags <= {"div", "p", "b", "pre"} and not found.handlers and not {"\x1b", "\u202e"} & set(made)
    assert "<img src=x onerror" in found.text
