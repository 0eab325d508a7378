"""The file of recorded runs: whole, fresh, and searched so that it says what it does not show."""

import gzip

import pytest

from smtplab.between import confirm
from smtplab.causes import Cause
from smtplab.diagnosis import decided
from smtplab.events import Mode
from smtplab.lab.matrix import EXPECTED
from smtplab.lab.server import KINDS
from smtplab.recorded.runs import (
    FILE,
    Served,
    marked,
    note_of,
    options_of,
    read_recordings,
    recordings,
    same_question,
)
from smtplab.show.player import Player
from smtplab.show.steps import steps

BOOK = recordings()
PLAIN_RUNS, TWINS = ({(run.served.kind, run.mode): run for run in BOOK.runs if run.served.options == options
                      and set(run.options) == {"timeout_s"}} for options in ({}, {"starttls": True}))
STALE = "python tests/real/record_lab.py records it anew"


def ask(kind, mode, served=None, **options):
    return BOOK.run(Served.of(kind, served or {}), Mode(mode), {"timeout_s": 5.0, **options})


def test_every_kind_by_every_mode_is_there_from_both_sides_and_every_kind_was_probed():
    assert {(kind, mode) for kind in KINDS for mode in Mode} <= PLAIN_RUNS.keys(), STALE
    for (kind, _), run in PLAIN_RUNS.items():
        if kind in KINDS:
            assert (run.server is None) == (KINDS[kind].at_connect is not None), kind
    assert {(kind, mode) for kind in KINDS if KINDS[kind].has_twin for mode in Mode} == TWINS.keys(), STALE
    assert KINDS.keys() <= {served.kind for served, _ in BOOK.probes}


def test_what_was_recorded_is_what_the_lab_does_today():
    """A kind or a cause that changed would make the recordings stale."""
    for run in BOOK.runs:
        assert decided(run.client).cause is run.client.cause, (STALE, run.served, run.mode)
    for (kind, mode), run in PLAIN_RUNS.items():
        if kind in EXPECTED and kind not in ("starttls-required", "auth-required"):  # which show it to who brings mail
            if mode.startswith("starttls"):  # the matrix asks a twin, where there is one
                run = TWINS.get((kind, mode), run)
            expected = EXPECTED[kind][list(Mode).index(mode)]
            assert confirm(run.client, run.server).cause is expected, (STALE, kind, mode)


def test_the_twin_a_run_with_another_cause_is_found_out():
    run = PLAIN_RUNS["starttls", Mode.IMPLICIT]
    wrong = PLAIN_RUNS["starttls", Mode.STARTTLS].client
    assert decided(run.client).cause is Cause.IMPLICIT_TO_PLAINTEXT
    assert decided(wrong).cause is not Cause.IMPLICIT_TO_PLAINTEXT


def test_an_answer_to_just_what_was_asked_names_no_difference():
    run = ask("starttls", "implicit")
    assert note_of(run.client) == note_of(run.server) == BOOK.note
    assert BOOK.note == f"recorded with {BOOK.openssl} on {BOOK.date}" and BOOK.openssl.startswith("OpenSSL 3.")


def test_what_differs_is_named_and_its_value_is_not():
    run = ask("starttls", "starttls", {"hostname": "mx.example.org"}, login=["me", "my-own-secret"])
    said = note_of(run.client)
    assert "not with what you asked for in hostname, login, which nobody recorded" in said
    assert "secret" not in said and "mx.example.org" not in said


def test_an_option_that_the_client_never_came_to_is_no_difference():
    assert note_of(ask("starttls", "implicit", login=["me", "x"], mail_from="a@b.c").client) == BOOK.note
    assert "login" in note_of(ask("starttls", "starttls", login=["me", "x"]).client)
    assert note_of(ask("starttls", "implicit", verify="none").client) != BOOK.note  # it came to TLS


def test_a_time_out_is_named_where_it_matters():
    assert note_of(ask("implicit", "plain", timeout_s=77.0).client).endswith("s, not 77 s")
    assert note_of(ask("starttls", "plain", timeout_s=77.0).client) == BOOK.note
    assert "not 0.0001 s" in note_of(ask("starttls", "plain", timeout_s=0.0001).client)


def test_what_nobody_recorded_is_none():
    assert ask("no-such-kind", "plain") is None
    assert BOOK.probe(Served("no-such-kind", {})) is None
    assert BOOK.program({"command": "rm -rf /"}) is None


def test_the_mark_changes_no_reading():
    for run in BOOK.runs:
        for trace in filter(None, (run.client, run.server, run.behind)):
            shown = marked(trace, "recorded with X on Y")
            assert str(shown.diagnosis) == str(trace.diagnosis)
            assert shown.conversation == trace.conversation
            assert len(steps(shown)) == len(steps(trace)) + 1
            assert "[recorded with X on Y]" in str(shown) and note_of(trace) == ""


def test_the_player_s_first_step_says_it():
    shown = Player(ask("implicit", "starttls").client)
    assert BOOK.note in shown.steps[0]["label"] and BOOK.note in shown.text()


def test_options_are_those_that_say_something():
    from smtplab.lab.client import Dial
    assert options_of(Dial(("127.0.0.1", 25), Mode.PLAIN)) == {"timeout_s": 5.0}
    assert options_of(Dial(("127.0.0.1", 25), Mode.PLAIN, login=("a", "b"), mechanism="plain", verify=False)) == {
        "timeout_s": 5.0, "login": ["a", "b"], "mechanism": "PLAIN", "verify": "none"}
    assert Served.of("plain", {"mechanisms": ("PLAIN", "LOGIN"), "port": 7, "delay_s": None}) == Served("plain", {})
    assert Served.of("plain", {"delay_s": 1}) != Served("plain", {})


def test_the_same_question_is_recorded_once():
    one, other = PLAIN_RUNS["starttls", Mode.PLAIN], PLAIN_RUNS["starttls", Mode.IMPLICIT]
    assert same_question(one, one) and not same_question(one, other)
    for number, run in enumerate(BOOK.runs):
        assert not any(same_question(before, run) for before in BOOK.runs[:number])


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "smtplab.recorded/2"}'])
def test_another_file_is_refused(text):
    with pytest.raises(ValueError, match="no recordings"):
        read_recordings(text)


def test_it_holds_no_path_of_the_machine_that_made_it():
    text = gzip.decompress(FILE.read_bytes()).decode()
    for trace_of_it in ("/tmp/", "/home/", "/root", "/work"):
        assert trace_of_it not in text
