"""Settings put to the test in the lab: the right server, the right mode, and an honest comparison."""

import threading
from dataclasses import replace

import pytest
from helpers import until

from smtplab import Cause, Mode, dial, read_settings, serve
from smtplab.settings import Outcome
from smtplab.show.settings_rehearsal import Rehearsing, compare, rehearsal

RAILS = {"implicit": "tls: true", "starttls-required": "enable_starttls: true", "plain": "enable_starttls: false",
         "starttls-opportunistic": ""}


def report(mode, port):
    found = read_settings("rails", RAILS[mode], version="2.8.1", port=port)
    assert found.mode == mode
    return found


@pytest.mark.parametrize(("port", "kind", "logs_in"), [(587, "starttls-required", True), (25, "starttls", False),
                                                       (2525, "starttls-required", True), (465, "implicit", True)])
def test_the_server_that_equals_the_port(port, kind, logs_in):
    found = rehearsal(report("starttls-required", port))
    assert (found.kind, found.mode) == (kind, Mode.STARTTLS)
    assert found.login == (("alice", "wonderland") if logs_in else None) and bool(found.mail_from) is not logs_in
    assert ("logging in as alice" in str(found)) is logs_in and "wonderland" not in str(found)


def test_modes_and_those_who_dial_nothing():
    assert rehearsal(report("starttls-opportunistic", 587)).mode is Mode.STARTTLS_OPPORTUNISTIC
    assert rehearsal(report("plain", 587)).mode is Mode.PLAIN
    assert rehearsal(report("implicit", 587)).mode is Mode.IMPLICIT
    assert rehearsal(read_settings("rails", "tls: 'yes'", version="2.8.1")) is None
    assert rehearsal(replace(report("implicit", 465), outcome=Outcome.AUTH_MISSING)).login is None


@pytest.mark.parametrize(("mode", "port", "predicted", "seen"), [
    ("implicit", 465, "works", "ok"), ("starttls-required", 587, "works", "ok"),
    ("implicit", 587, "wrong-version-number", "implicit-to-plaintext"),
    ("starttls-required", 465, "hang", "plaintext-to-implicit"), ("plain", 465, "hang", "plaintext-to-implicit"),
    ("starttls-opportunistic", 587, "works", "ok"), ("plain", 587, "plaintext", "auth-needs-tls")])
def test_predictions_that_hold(mode, port, predicted, seen):
    found = report(mode, port)
    going = Rehearsing(rehearsal(found), 0.5 if found.outcome is Outcome.HANG else 30)
    trace = going.run()
    assert trace is going.trace and going.server_trace.seen_from == "server"
    compared = compare(found, trace)
    assert (compared.predicted, compared.seen, compared.agrees) == (predicted, seen, True)
    assert ("would have waited 5 s" in compared.note) == (predicted == "hang")
    assert ("sends it all the same" in compared.note) == (predicted == "plaintext")


@pytest.mark.parametrize(("mode", "port", "seen", "agrees"), [
    ("starttls-required", 587, "auth-required", True), ("starttls-opportunistic", 25, "auth-required", True),
    ("implicit", 465, "ok", None)])  # the lab has no such server with TLS at once
def test_a_client_that_never_logs_in_is_refused(mode, port, seen, agrees):
    found = replace(report(mode, port), outcome=Outcome.AUTH_MISSING)
    compared = compare(found, Rehearsing(rehearsal(found), 30).run())
    assert (compared.predicted, compared.seen, compared.agrees) == ("auth-missing", seen, agrees)
    assert ("never logged in" in compared.note) == (agrees is None)
    assert compare(found, Rehearsing(rehearsal(report(mode, port)), 30).run()).agrees is None


def test_a_wait_without_end():
    going = Rehearsing(rehearsal(report("plain", 465)), 0.3)
    assert "would have waited for ever" in compare(replace(report("plain", 465), hang_ends_after_s=None),
                                                   going.run()).note


@pytest.fixture(scope="module")
def traces():
    """Traces that went well in TLS, went well in clear, and failed for want of STARTTLS."""
    with serve("implicit") as tls, serve("plain") as plain:
        return dial(tls, "implicit"), dial(plain, "plain"), dial(plain, "starttls")


def test_predictions_that_do_not_hold(traces):
    good, clear, failed = traces
    assert compare(report("implicit", 465), failed).agrees is False
    assert compare(report("implicit", 587), failed).agrees is False
    assert compare(report("plain", 587), clear).seen == "ok, in clear"
    doubtful = compare(report("implicit", 465), replace(failed, certain=False))
    assert doubtful.seen == "starttls-not-offered (not certain)"


@pytest.mark.parametrize(("outcome", "words"), [(Outcome.AUTH_NOT_OFFERED, "tries no login"),
                                                (Outcome.AUTH_MISSING, "never logged in"),
                                                (Outcome.CERTIFICATE_REFUSED, "this client trusts none"),
                                                (Outcome.REFUSED, "same mode"),
                                                (Outcome.STARTTLS_NOT_OFFERED, "same mode")])
def test_what_the_lab_does_not_imitate_is_no_contradiction(traces, outcome, words):
    compared = compare(replace(report("implicit", 465), outcome=outcome), traces[0])
    assert compared.agrees is None and words in compared.note


def test_stop_ends_it_and_proves_nothing():
    found = report("starttls-required", 465)
    going = Rehearsing(rehearsal(found), 600)
    thread = threading.Thread(target=going.run)
    thread.start()
    until(lambda: going.dial and going.dial.recorder.waiting_for)
    going.stop()
    thread.join(20)
    assert not thread.is_alive()
    compared = compare(found, going.trace)
    assert compared.agrees is None and "stopped" in compared.note
    assert going.trace.cause is not Cause.OK


def test_stopped_before_it_began():
    going = Rehearsing(rehearsal(report("starttls-required", 465)), 60)
    going.stop()
    assert going.run().failure.reason == "stopped"
