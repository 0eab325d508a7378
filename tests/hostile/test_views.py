"""Every public view over values in which each text that may be any text is hostile: as from a file somebody made."""

import json
from dataclasses import replace

import pytest
from test_servers import assert_harmless
from views import VIEWS, drawn, parsed, picture

import smtplab
from smtplab import PortReport, Speaks, Trace, explain, read_settings
from smtplab.lab.matrix import MatrixRow
from smtplab.question import Part, diagnose_paste
from smtplab.show import text
from smtplab.show.answer_document import answer_html, answer_text
from smtplab.show.case_box import CaseBox
from smtplab.show.error_decoder import ErrorDecoder
from smtplab.show.explanation_document import explanations
from smtplab.show.figures import plot_matrix
from smtplab.show.matrix import MatrixGrid, grid_cell
from smtplab.show.settings_document import settings_report
from smtplab.show.settings_explorer import SettingsExplorer

HOSTILE = "\x1b]0;title\x07\x9b2J\r\u202e\u2066\x7f\x00\ud800<img src=x onerror=alert(1)></script>`$x$`"


@pytest.fixture(scope="module", params=["implicit", "starttls", "the server's"])
def trace(request):
    mode = request.param if request.param in list(smtplab.Mode) else "starttls"
    with smtplab.serve("starttls") as server:
        made = smtplab.dial(server, mode)
        document = (made if mode == request.param else server.trace(of=made)).to_dict()
    document["address"][0] = HOSTILE
    document["tls"] = {"version": HOSTILE, "cipher": HOSTILE, "peer_subject": HOSTILE}
    document["failure"] = {"stage": "tls", "library": HOSTILE, "reason": HOSTILE, "message": HOSTILE}
    document["waiting_for"] = HOSTILE
    for event in document["events"]:
        event["note"] = HOSTILE if event["what"] != "connected" else event["note"]
    data = HOSTILE.encode("utf-8", "replace").hex()
    document["events"] += [
        {"at_s": 9.0, "who": "client", "what": what, "data": data, "note": HOSTILE}
        for what in ("inside", "bytes", "tls", "waiting", "reset")
    ]
    return Trace.from_json(json.dumps(document))


@pytest.mark.parametrize("view", VIEWS)
def test_a_trace(trace, view):
    if view == "doors" and trace.seen_from == "server":
        with pytest.raises(ValueError, match="seen from the server"):
            VIEWS[view](trace)
        return
    assert_harmless(*VIEWS[view](trace))


def test_a_matrix(trace):
    row = MatrixRow(smtplab.Mode.PLAIN, "starttls", smtplab.Cause.OK, True, False, 1, 2, 0.1, HOSTILE, trace, trace)
    grid = MatrixGrid(columns=["server", "plain"], rows=[{"head": "starttls", "cells": [grid_cell(row)]}])
    assert_harmless(text.cells([row]), *drawn(grid), *picture(plot_matrix([row])))


def test_a_port_report():
    report = PortReport(HOSTILE, 25, Speaks.SMTP, HOSTILE, (HOSTILE,), HOSTILE, True, 0.1)
    assert_harmless(text.ports([report, replace(report, greeting=None)]))


def test_what_somebody_pastes():
    for pasted in (HOSTILE, *(f"{words} {HOSTILE}" for words in ("535 5.7.8", "WRONG_VERSION_NUMBER", "refused"))):
        assert_harmless(explanations(explain(pasted)), *map(str, explain(pasted)), *drawn(ErrorDecoder(pasted)))
    for framework, settings in (
        ("nodemailer", f'{{host: "{HOSTILE}", secure: true, port: 587}}'),
        ("django", f"EMAIL_HOST = '{HOSTILE}'\nEMAIL_USE_SSL = True"),
    ):
        report = read_settings(framework, settings)
        assert_harmless(str(report), settings_report(report))
        assert_harmless(*drawn(SettingsExplorer(framework, settings)))


def test_what_somebody_pastes_all_at_once():
    for pasted in (HOSTILE, f"EMAIL_HOST = '{HOSTILE}'\nEMAIL_USE_SSL = True\n\nwrong version number {HOSTILE}"):
        answer = diagnose_paste(Part(pasted, HOSTILE), mode=HOSTILE, framework=HOSTILE)
        assert_harmless(answer_text(answer), answer_text(answer, everything=True), *drawn(CaseBox(pasted)))
        parsed(answer_html(answer))


def test_the_check_can_fail():
    for bad in ("\x1b[2J", "a\u202eb", "\x9b", "\ud800"):
        with pytest.raises(AssertionError):
            assert_harmless(bad)
    with pytest.raises(AssertionError):
        parsed('<img src="x">')
    with pytest.raises(AssertionError):
        parsed('<b onclick="x">')
