"""Nothing on its way to a terminal acts on it, whatever it is from."""

import json

import pytest
from helpers import each_row

import smtplab
from smtplab import Trace
from smtplab.escape import printable, show_bytes

HOSTILE = "\x1b]0;title\x07\x9b2J\r\u202e\u2066\x7f\x00\ud800<b>"


@each_row("text, shown", [
    ("plain text", "plain text"), ("two\nlines\tand a tab", "two\nlines\tand a tab"), ("日本語", "日本語"),
    ("\x1b[2J", r"\x1b[2J"), ("\x9b2J", r"\x9b2J"), ("a\rb", r"a\rb"), ("\u202eabc", r"\u202eabc"),
    ("\x00\x7f", r"\x00\x7f"), ("\ud800", r"\ud800"), ("", "")])
def test_what_acts_on_a_terminal_is_an_escape(text, shown):
    assert printable(text) == shown


def test_bytes_are_ascii_alone():
    assert show_bytes(b"220 \x1b[31m\xff\\\r\n") == r"220 \x1b[31m\xff\\\r\n"


@pytest.mark.parametrize("mode", ["implicit", "starttls"])
def test_every_text_of_a_trace_that_is_hostile_in_every_string(mode):
    """As from a file that somebody made: each string that may be any string is this one."""
    with smtplab.serve("starttls") as server:
        document = smtplab.dial(server, mode).to_dict()
    document["address"][0] = HOSTILE
    document["tls"] = {"version": HOSTILE, "cipher": HOSTILE, "peer_subject": HOSTILE}
    document["failure"] = {"stage": "tls", "library": HOSTILE, "reason": HOSTILE, "message": HOSTILE}
    document["waiting_for"] = HOSTILE
    document["events"] = [{**event, "note": HOSTILE if event["what"] != "connected" else event["note"]}
                          for event in document["events"]] + [
        {"at_s": 9.0, "who": "client", "what": HOSTILE, "data": None, "note": HOSTILE}]
    trace = Trace.from_json(json.dumps(document))
    for shown in (str(trace), str(trace.diagnosis), json.dumps(trace.to_dict())):
        assert all(c.isprintable() or c == "\n" for c in shown), ascii(shown)
