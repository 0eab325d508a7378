"""The recorded runs are whole, and each has a cause and words."""

import json
import re
from pathlib import Path

import smtplab.show.recorded_errors as module
from smtplab.show.recorded_errors import CAUSES, RecordedError, recordings

KEYS = {"client", "version", "tls_library", "mode", "port_kind", "first_bytes", "error_text", "hang", "seconds",
        "killed_after_s", "recorded"}


def test_the_data_are_whole():
    lines = Path(module.__file__).with_name("recorded_errors.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert {frozenset(row) for row in rows} == {frozenset(KEYS)} and len(rows) == len(recordings())
    assert len({(r["client"], r["version"], r["mode"], r["port_kind"]) for r in rows}) == len(rows)
    for row in rows:
        assert row["recorded"] == "2026-11-24" and row["hang"] == (row["killed_after_s"] is not None)
        assert not row["hang"] or (row["seconds"] >= row["killed_after_s"] and not row["error_text"])
        # Nothing of the machine it was recorded on, and nothing that changes from run to run.
        assert not re.search(r"127\.0\.0\.1\D{0,8}\d{4}|port:? \d{4}|/tmp|elapsed=|\bvm\b", row["error_text"])
    assert {(r["mode"], r["port_kind"]) for r in rows} == set(CAUSES) and len(rows) < 400


def run(**known):
    """A run as it is recorded, with these fields of its own."""
    return RecordedError(**{"client": "c", "version": "1", "tls_library": "", "mode": "implicit", "port_kind": "silent",
                            "first_bytes": "", "error_text": "", "hang": False, "seconds": 1.0, "killed_after_s": None,
                            "recorded": "2026-01-01", **known})


def test_words_or_how_it_ended():
    assert run(error_text="no").words == "no"
    assert run().words == "(nothing: it ended without a word)"
    assert run(hang=True, killed_after_s=6.0).words == "(nothing: it was still waiting after 6 s, and was ended)"


def test_places_in_the_source_make_no_other_wording_and_other_words_do():
    first, second = run(error_text="bad (_ssl.c:1006)"), run(error_text="bad (_ssl.c:997)")
    assert first.wording == second.wording != run(error_text="worse (_ssl.c:1006)").wording


def test_the_last_words_are_the_last_line_that_says_something():
    assert run(error_text="first\nsecond\n/tmp/mail\ncode: 5").last_words == "second"
    assert run().last_words == run(error_text="/tmp/mail").last_words == ""
