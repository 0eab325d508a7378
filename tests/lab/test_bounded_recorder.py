"""What is kept of a long conversation reads as if nothing were missing, and what is counted is all."""

import random

import pytest
from helpers import each_row

from smtplab import Cause, Mode, limits
from smtplab.conversation import parse_conversation
from smtplab.events import SEALED
from smtplab.lab.bounded_recorder import BoundedRecorder, Stream
from smtplab.records import Malformed, RecordReader

ADDRESS = ("127.0.0.1", 25)
GREETED = [("server", b"220 x\r\n"), ("client", b"EHLO x\r\n"), ("server", b"250 x\r\n")]
OVER = [("client", b"QUIT\r\n"), ("server", b"221 bye\r\n")]


def record(kind, size):
    return bytes((kind, 3, 3)) + size.to_bytes(2, "big") + bytes(size)


CLIENT_HELLO = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01x"
SERVER_HELLO = b"\x16\x03\x03\x00\x05\x02\x00\x00\x01x"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(limits, "HEAD_BYTES", 3000)
    monkeypatch.setattr(limits, "TAIL_BYTES", 2000)


def recorded(chunks):
    recorder = BoundedRecorder()
    recorder.add("connected", note="127.0.0.1:1 > 127.0.0.1:25")
    for who, data in chunks:
        recorder.add("bytes", who, data)
    return recorder


def stream(recorder, who):
    return b"".join(e.data for e in recorder.whole() if e.what == "bytes" and e.who == who)


def pieces(who, data, seed):
    chance, out = random.Random(seed), []
    while data:
        size = chance.randint(1, 700)
        out.append((who, data[:size]))
        data = data[size:]
    return out


def lost(recorder):
    return sum(int(e.note.split()[0]) for e in recorder.whole() if "not kept" in e.note)


def test_a_short_conversation_is_kept_as_it_was():
    chunks = GREETED + OVER
    recorder = recorded(chunks)
    recorder.finish()
    assert [(e.who, e.data) for e in recorder.events if e.what == "bytes"] == chunks and not lost(recorder)


@each_row("seed", range(20))
def test_lines_are_kept_whole(seed):
    lines = [b"%05d and so on\r\n" % i for i in range(1000)]
    recorder = recorded([*GREETED, ("client", b"DATA\r\n"), ("server", b"354 go\r\n"),
                         *pieces("client", b"".join(lines) + b".\r\n", seed), ("server", b"250 taken\r\n"), *OVER])
    before = recorder.whole()
    recorder.finish()
    assert recorder.events == recorder.whole() == before
    kept = stream(recorder, "client").splitlines(keepends=True)
    assert kept[:2] == [b"EHLO x\r\n", b"DATA\r\n"] and kept[-2:] == [b".\r\n", b"QUIT\r\n"]
    assert set(kept[2:-2]) <= set(lines) and kept[2:-2] == sorted(kept[2:-2])
    assert len(b"".join(kept)) + lost(recorder) == recorder.sent and lost(recorder) > 5000
    assert [step.verb for step in parse_conversation(recorder.events).steps] == ["EHLO", "DATA", "QUIT"]
    assert stream(recorder, "server").endswith(b"354 go\r\n250 taken\r\n221 bye\r\n")


@each_row("seed", range(20))
def test_records_are_kept_whole(seed):
    chance = random.Random(seed)
    flood = b"".join(record(23, chance.randint(0, 900)) for _ in range(60))
    recorder = recorded([("client", CLIENT_HELLO), ("server", SERVER_HELLO + record(23, 300)),
                         ("client", record(23, 69)), *pieces("client", flood, seed), ("server", record(23, 50))])
    kept = stream(recorder, "client")
    assert len(kept) + lost(recorder) == recorder.sent and lost(recorder) > 5000
    reader = RecordReader()
    assert not [item for item in reader.feed(kept) if isinstance(item, Malformed)] and not reader.rest
    assert [e.note for e in recorder.whole()].count(SEALED) == 1
    trace = recorder.trace(mode=Mode.IMPLICIT, address=ADDRESS)
    assert trace.bytes_sent == recorder.sent > len(kept)


def test_an_endless_line_is_not_kept_for_ever():
    recorder = recorded([*GREETED, *[("client", bytes(500).replace(b"\0", b"x"))] * 200])
    assert recorder.sent > 100_000 and len(stream(recorder, "client")) < 10_000


def test_small_pieces_without_end_are_not_kept_for_ever():
    recorder = recorded([("client", b"NOOP\r\n"), ("server", b"250 x\r\n")] * 4000)
    assert len(recorder.whole()) < limits.HEAD_EVENTS + limits.TAIL_EVENTS + 10 and lost(recorder) > 10_000


@each_row("begins", [b"AUTH LOGIN\r\n", b"auth login\r\n", b"NOOP\r\n"])
def test_a_login_whose_beginning_is_not_kept_is_blanked(begins):
    noise = [("client", b"NOOP\r\n"), ("server", b"250 ok and ok and ok\r\n")] * 300
    prompts = [("server", b"334 VXNlcm5hbWU6 " + b"x" * 1500 + b"\r\n")] * 2
    login = [("client", begins), *prompts, ("client", b"c2VzYW1l\r\n"), ("server", b"235 in\r\n"), *OVER]
    recorder = recorded([*GREETED, *noise, *login])
    trace = recorder.trace(mode=None, address=ADDRESS)
    text = trace.to_json() + str(trace)
    assert b"auth" not in stream(recorder, "client").lower()
    hidden = b"c2VzYW1l".hex() not in text and "c2VzYW1l" not in text
    assert hidden == (b"auth" in begins.lower())
    assert "C: QUIT" in str(trace)


@pytest.mark.parametrize("kept", range(1, 20))
def test_a_login_sent_a_byte_at_a_time_is_blanked_wherever_the_cut_falls(kept, monkeypatch):
    monkeypatch.setattr(limits, "HEAD_EVENTS", 10)
    monkeypatch.setattr(limits, "TAIL_EVENTS", 20)
    login = [("client", b"AUTH LOGIN\r\n"[i:i + 1]) for i in range(12)]
    recorder = recorded([*GREETED, *[("client", b"NOOP\r\n"), ("server", b"250 x\r\n")] * 30, *login,
                         *[("server", b"334 x\r\n")] * kept, ("client", b"c2VzYW1l\r\n")])
    text = recorder.trace(mode=None, address=ADDRESS).to_json()
    assert b"c2VzYW1l".hex() not in text and b"********".hex() in text


def test_the_cause_is_that_of_the_whole():
    chunks = [*GREETED, ("client", b"DATA\r\n"), ("server", b"354 go\r\n"), *[("client", b"line\r\n" * 50)] * 100,
              ("client", b".\r\n"), ("server", b"250 taken\r\n"), *OVER]
    assert recorded(chunks).trace(mode=None, address=ADDRESS).cause is Cause.OK


@each_row(("chunks", "boundaries"), [
    ([b"abc\r\n", b"abc", b"def\r\nx", b"\n"], [0, 0, 5, 1]),
    ([record(22, 5), record(22, 5)[:7], record(22, 5)[7:] + b"\x17"], [0, 0, 3]),
    ([b"STARTTLS\r\n" + record(22, 9)[:3], record(22, 9)[3:], record(23, 1)], [0, 11, 0]),
    ([b"\x16\x03", b"\x03\x00", b"\x02ab"], [0, None, 3]),
    ([b"\x16nothing\n", b"like it"], [0, 0]),
])
def test_where_lines_and_records_begin(chunks, boundaries):
    side = Stream()
    assert [side.feed(chunk) for chunk in chunks] == boundaries
