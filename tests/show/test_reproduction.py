"""Causes made to order: the lab shows each of them, or says why it can't."""

import pytest

from smtplab import Cause
from smtplab.show.reproduction import MADE_BY, NOT_MADE, reproduction, seen
from smtplab.show.settings_rehearsal import Rehearsing


def test_every_cause_is_made_or_it_says_why_not():
    assert set(MADE_BY) | set(NOT_MADE) == set(Cause) and not set(MADE_BY) & set(NOT_MADE)
    assert reproduction(Cause.DNS) == (None, NOT_MADE[Cause.DNS])
    assert reproduction(Cause.OK) == (MADE_BY[Cause.OK], "")


@pytest.mark.parametrize("cause", MADE_BY, ids=str)
def test_the_lab_shows_it(cause):
    patient = 0.3 if cause in (Cause.PLAINTEXT_TO_IMPLICIT, Cause.FILTERED_TIMEOUT) else 30
    found = seen(cause, Rehearsing(MADE_BY[cause], patient).run())
    assert (found.predicted, found.agrees) == (cause.value, True), found.seen


def test_another_cause_is_no_agreement():
    trace = Rehearsing(MADE_BY[Cause.OK], 30).run()
    assert seen(Cause.REFUSED, trace).agrees is False


def test_a_stopped_dial_proves_nothing():
    job = Rehearsing(MADE_BY[Cause.PLAINTEXT_TO_IMPLICIT], 30)
    job.stop()
    assert seen(Cause.PLAINTEXT_TO_IMPLICIT, job.run()).agrees is None
