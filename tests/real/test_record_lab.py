"""The recorder of the lab writes what is read from its file."""

import gzip
import json

import record_lab

from smtplab.events import Mode
from smtplab.lab import client, server
from smtplab.recorded.runs import Served, read_recordings


def test_it_records_the_kinds_that_it_is_told_and_leaves_the_lab_as_it_was(tmp_path):
    before = server.serve, client.Dial.run
    record_lab.main(tmp_path / "runs.gz", lessons=(), kinds=("starttls", "closes"))
    assert (server.serve, client.Dial.run) == before
    book = read_recordings(gzip.decompress((tmp_path / "runs.gz").read_bytes()).decode())
    assert {(run.served.kind, run.mode) for run in book.runs} == {
        (kind, mode) for kind in ("starttls", "closes") for mode in Mode}
    run = book.run(Served("starttls", {}), Mode.IMPLICIT, {"timeout_s": 5.0})
    assert run.client.cause == "implicit-to-plaintext" and run.server and run.client.sockets == run.server.sockets
    assert {served.kind for served, _ in book.probes} == {"starttls", "closes"}
    assert book.answers["client", b"* OK [CAPABILITY IMAP4rev1] ready\r\n".hex()][-1]["says"] == "wrong version number"
    assert book.run(Served("silent", {}), Mode.PLAIN, {"timeout_s": 5.0}) is None


def test_a_lesson_s_own_questions_are_recorded(tmp_path):
    lesson = tmp_path / "lesson.ipynb"
    source = """import smtplab
from smtplab.course import in_terminal
with smtplab.serve("starttls", hostname="mx.example.org") as server:
    smtplab.dial(server, "plain")
    in_terminal("nothing-here {host}", server)"""
    lesson.write_text(json.dumps({"cells": [{"cell_type": "code", "source": [source]}]}))
    found = record_lab.Recorder()
    with found.listening():
        record_lab.run_lesson(lesson)
    dial, program = found.rows.values()
    assert (dial["what"], dial["served"]) == ("dial", {"hostname": "mx.example.org"})
    assert (program["asked"]["command"], program["ran"]["ended"]) == ("nothing-here {host}", "not here")
