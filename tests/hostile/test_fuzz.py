"""Whatever two peers, a file or a capture hold is read, and what was read is shown: nothing raises but ValueError.

Bytes are made of pieces that mean something to one reader or another: chance alone would rarely begin a record.
"""

import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import ALERTS, CONTROLS, EHLO, EMPTY, GO, GREETING, MARKUP
from test_servers import assert_harmless
from views import PICTURES, VIEWS

import smtplab
from smtplab import Event, Mode, Trace
from smtplab.blanking import blank_auth
from smtplab.causes import Cause
from smtplab.diagnosis import decided
from smtplab.events import Failure, TlsInfo
from smtplab.records import RecordReader, read_record
from smtplab.smtp import ReplyReader, read_command, read_reply

PIECES = [
    GREETING,
    GO,
    EHLO,
    ALERTS,
    EMPTY,
    CONTROLS,
    MARKUP,
    b"\r\n",
    b"\n",
    b".\r\n",
    b"\r\n.\r\n",
    b"STARTTLS\r\n",
    b"EHLO me\r\n",
    b"AUTH PLAIN AGEAYg==\r\n",
    b"DATA\r\n",
    b"354 go\r\n",
    b"334 \r\n",
    b"235 ok\r\n",
    b"QUIT\r\n",
    b"BDAT 7 LAST\r\n",
    b"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03",
    b"\x16\x03\x03\x00\x06\x02\x00\x00\x02\x03\x03",
    b"\x14\x03\x03\x00\x01\x01",
    b"\x17\x03\x03\x00\x13" + bytes(19),
    b"\x17\x03\x03\x00\x20" + bytes(32),
    b"\x15\x03\x03\x00\x02\x02\x28",
    b"\x15\x03\x03\x00\x00",
    b"\x18\x03\x03\x00\x01\x01",
    b"\x16\x03\x03\xff\xff",
]
BYTES = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)), max_size=6).map(b"".join)
WHO, NOTES = (
    st.sampled_from(["client", "server"]),
    st.sampled_from(
        [
            "",
            "greeting",
            "reply",
            "client-hello",
            "read a record header: x",
            "wrote handshake message finished, 3 bytes",
            CONTROLS.decode("latin-1"),
            MARKUP.decode(),
            "127.0.0.1:1 > 127.0.0.1:2",
        ]
    ),
)
EVENTS = st.lists(
    st.one_of(
        st.builds(Event, st.floats(0, 9), WHO, st.sampled_from(["bytes", "inside"]), BYTES.filter(bool), st.just("")),
        st.builds(Event, st.floats(0, 9), WHO, st.just("tls"), st.one_of(st.none(), BYTES), NOTES),
        st.builds(
            Event,
            st.floats(0, 9),
            WHO,
            st.sampled_from(["connected", "waiting", "closed", "reset"]),
            st.none(),
            NOTES,
        ),
    ),
    max_size=12,
).map(lambda events: tuple(sorted(events, key=lambda event: event.at_s)))
STAGES = ["resolve", "connect", "greeting", "ehlo", "starttls", "tls", "auth", "mail", "quit", "odd"]
FAILURES = st.one_of(
    st.none(),
    st.builds(
        Failure,
        st.sampled_from(STAGES),
        NOTES,
        st.sampled_from(
            [
                "timeout",
                "closed",
                "reset",
                "421",
                "530",
                "535",
                "999",
                "wrong version number",
                "not-offered",
                "certificate verify failed (62)",
                "ECONNREFUSED",
                "",
            ]
        ),
        NOTES,
    ),
)


@st.composite
def traces(draw):
    """Traces as nobody would make them, decided as all are."""
    events = draw(EVENTS)
    received = sum(len(e.data) for e in events if e.what == "bytes" and e.who == "server")
    sent = sum(len(e.data) for e in events if e.what == "bytes" and e.who == "client")
    tls = draw(st.one_of(st.none(), st.builds(TlsInfo, NOTES, NOTES, st.one_of(st.none(), NOTES))))
    return decided(
        Trace(
            draw(st.sampled_from([None, *Mode])),
            (draw(st.sampled_from(["127.0.0.1", "::1", "a b"])), 25),
            False,
            Cause.OTHER,
            False,
            draw(st.integers(0, 99)),
            draw(st.integers(0, 99)),
            received,
            sent,
            10.0,
            tls,
            draw(FAILURES),
            draw(st.one_of(st.none(), NOTES)),
            None,
            events,
        )
    )


def assert_shown(views, trace):
    for name in views:
        if name != "doors" or trace.seen_from == "client":
            assert_harmless(*(text for text in VIEWS[name](trace)))


@settings(max_examples=60)
@given(traces())
def test_what_was_read_is_shown(trace):
    assert_shown([name for name in VIEWS if name not in (*PICTURES, "capture")], trace)


@pytest.mark.slow
@settings(max_examples=500)
@given(traces())
def test_what_was_read_is_shown_many_times(trace):
    assert_shown([name for name in VIEWS if name not in PICTURES], trace)


@pytest.mark.slow
@settings(max_examples=80)
@given(traces())
def test_what_was_read_is_drawn(trace):
    assert_shown(PICTURES, trace)


@settings(max_examples=200)
@given(BYTES, st.integers(0, 40))
def test_readers_answer_with_a_value(data, cut):
    for whole in (
        RecordReader().feed(data),
        ReplyReader().feed(data),
        [read_record(data, cut)],
        [read_reply(data, cut)],
        [read_command(data, cut)],
        blank_auth([("client", data[:cut]), ("server", data), ("client", data[cut:])]),
    ):
        assert_harmless(repr(whole), str(whole))
    assert_harmless(str(smtplab.judge(data)), str(smtplab.explain(data.decode("latin-1"))))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=4,
)


def places(document, path=()):
    """The path of each value in a document."""
    yield path
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield from places(value, (*path, key))


@pytest.fixture(scope="module")
def documents():
    with smtplab.serve("starttls") as server:
        made = [smtplab.dial(server, mode, login=("alice", "wonderland")) for mode in Mode]
        return [trace.to_dict() for trace in (*made, *server.traces())]


@pytest.mark.parametrize("times", [300, pytest.param(2500, marks=pytest.mark.slow)])
def test_a_document_that_somebody_changed(documents, times):
    """It is a Trace that can be shown, or a ValueError that names the place."""
    chance, refused = random.Random(times), 0

    @settings(max_examples=times)
    @given(st.data())
    def change(data):
        nonlocal refused
        document = json.loads(json.dumps(chance.choice(documents)))
        path = chance.choice(list(places(document))[1:])
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = data.draw(VALUES)
        try:
            trace = Trace.from_json(json.dumps(document))
        except ValueError as exc:
            refused += 1
            assert re.search(re.escape(str(path[0])), str(exc)), (path, str(exc))
            return
        assert_shown(["text", "json", "player"] + ["doors"] * (trace.seen_from == "client"), trace)

    change()
    assert refused > times / 3


@pytest.mark.parametrize("times", [100, pytest.param(1200, marks=pytest.mark.slow)])
def test_a_capture_that_somebody_changed(times, tmp_path):
    chance, file = random.Random(times), tmp_path / "one.pcapng"
    with smtplab.serve("starttls") as server:
        trace = smtplab.dial(server, "starttls")
    trace.to_pcapng(file)
    whole, read = file.read_bytes(), 0
    for _ in range(times):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 1, 2, 20])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        file.write_bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])
        try:
            found = Trace.from_pcap(file)
        except ValueError:
            continue
        read += bool(found)
        for one in found:
            assert_harmless(str(one), one.to_json())
    assert read > times / 5
