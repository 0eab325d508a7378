"""Openings side by side: who says the first word, and from where on all is encrypted."""

import matplotlib.text
import pytest
from helpers import displayed, each_row
from test_text import HOSTILE, trace_of

from smtplab import Event, dial, serve
from smtplab.show.openings import MOST_ARROWS, MOST_TRACES, plot_openings


def texts(picture):
    return [item.get_text() for item in picture.figure.findobj(matplotlib.text.Text) if item.get_text()]


@pytest.fixture(scope="module")
def traces():
    found = {}
    for kind, mode in (("plain", "plain"), ("starttls", "starttls"), ("implicit", "implicit"),
                       ("starttls", "implicit"), ("implicit", "plain")):
        with serve(kind) as server:
            found[kind, mode] = dial(server, mode, timeout_s=0.7 if mode == "plain" and kind == "implicit" else 10)
    return found


def said(trace):
    """The lines of the alternative text about this one trace."""
    return [line.strip() for line in plot_openings([trace]).alt.splitlines()[3:]]


def test_who_says_the_first_word(traces):
    assert said(traces["plain", "plain"])[0].startswith("first word, server: 220 mail")
    assert said(traces["starttls", "starttls"])[0].startswith("first word, server: 220 mail")
    assert said(traces["implicit", "implicit"])[0].startswith("first word, client: ClientHello")
    assert not any("first word" in line for line in said(traces["implicit", "plain"]))
    for picture, count in ((plot_openings(list(traces.values())[:3]), 3),
                           (plot_openings([traces["implicit", "plain"]]), 0)):
        assert texts(picture).count("first word") == picture.alt.count("first word") == count


def test_encryption_begins_after_the_server_hello(traces):
    for name in (("starttls", "starttls"), ("implicit", "implicit")):
        lines = said(traces[name])
        at = lines.index("encrypted from here:")
        assert lines[at - 1].startswith("server: ServerHello") and "encrypted" in lines[at + 1]
        assert "encrypted from here" in texts(plot_openings([traces[name]]))
    for name in (("plain", "plain"), ("starttls", "implicit"), ("implicit", "plain")):
        lines = said(traces[name])
        assert lines[-1].endswith("nothing was encrypted") and "encrypted from here:" not in lines
        assert "encrypted from here" not in texts(plot_openings([traces[name]]))


def test_in_tls_1_2_it_begins_when_both_have_begun():
    with serve("implicit", tls_version="1.2") as server:
        lines = said(dial(server, "implicit"))
    at = lines.index("encrypted from here:")
    assert "server: ServerHello" in lines[1] and any(line.startswith("server: certificate") for line in lines[:at])
    assert not any("hello" in line.casefold() or "key_exchange" in line for line in lines[at:])


def test_no_more_than_an_opening_is_drawn(traces):
    lines = said(traces["starttls", "starttls"])
    assert len([line for line in lines if line.endswith(" bytes")]) == MOST_ARROWS and "more follow; ✓ ok" in lines[-1]
    wide = plot_openings(list(traces.values()))
    assert f"diagrams: {MOST_TRACES}. 1 more are not drawn." in wide.alt and len(wide.figure.axes) == MOST_TRACES
    assert "wait" in plot_openings([traces["implicit", "plain"]]).alt
    assert wide.png().startswith(b"\x89PNG")


def test_encryption_beyond_what_is_drawn_is_said():
    with serve("implicit") as server:
        trace = dial(server, "implicit")
    chatter = [Event(0.0, "server", "bytes", b"220-x\r\n")] * (MOST_ARROWS + 1)
    inside = [event for event in trace.events if event.what == "inside"]
    lines = said(trace_of(*chatter, *inside))
    assert lines[-1].endswith("encryption begins after what is drawn") and "encrypted from here:" not in lines


def test_nothing_at_all():
    assert plot_openings([]).alt.startswith("No trace was given.") and plot_openings([]).png().startswith(b"\x89PNG")
    assert "nothing crossed" in plot_openings([trace_of(), trace_of(events=())]).alt


@each_row("data", [HOSTILE, b"220 $\\frac{1}{0}$ $x$\r\n", b"220 " + b"A" * 65536 + b"\r\n", b"\x16",
          b"\x16\x03\x01\xff\xff" + b"x" * 99, b"\x17\x03\x03\x00\x00\x14\x03\x03\x00\x01\x01",
          b"\x00" * 300, b"220 no line end"])
def test_hostile_bytes_are_text(data):
    trace = trace_of(Event(0.1, "server", "bytes", data), Event(0.2, "client", "bytes", data),
                     Event(0.9, "client", "closed"))
    picture = plot_openings([trace, trace])
    assert picture.png().startswith(b"\x89PNG") and displayed(picture)["text/html"].count("<") == 1
    assert all(text.isprintable() or "\n" in text for text in texts(picture)) and len(picture.alt) < 2000
