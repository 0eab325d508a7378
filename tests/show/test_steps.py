"""Steps: arrows as a reader would cut them, s_client's counters, who waits for whom, fields that own their bytes."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab import Cause, Event, Mode, Trace, dial, limits, serve
from smtplab.events import What, Who
from smtplab.show.steps import steps

pytestmark = pytest.mark.usefixtures("no_stalls")

LAYERS = {"tcp", "plaintext SMTP", "TLS record", "inside TLS", "alert", "waiting", "OpenSSL"}
START = Event(0.0, "client", "connected", None, "127.0.0.1:1 > 127.0.0.1:2")
HELLO = bytes.fromhex("16030100050100000101")
RECORD = bytes.fromhex("1703030003616263")


def trace_of(*events, **changes):
    values = {"mode": Mode.PLAIN, "address": ("127.0.0.1", 2), "ok": True, "cause": Cause.OK, "certain": True,
              "bytes_read": 999, "bytes_written": 999, "bytes_received": 0, "bytes_sent": 0, "seconds": 0.1,
              "tls": None, "failure": None, "waiting_for": None, "first_bytes": None, "events": (START, *events)}
    return Trace(**values | changes)


def came(data, who="server"):
    return Event(0.01, who, "bytes", data)


def took(found):
    return [step["took"] for step in found if step["took"] is not None]


@pytest.fixture(scope="module")
def pair():
    with serve("starttls") as server:
        trace = dial(server, "starttls", login=("alice", "wonderland"))
        return trace, server.trace(of=trace)


@pytest.fixture
def silences(monkeypatch):
    """A silence of a quarter of a second is a step, as for users."""
    monkeypatch.setattr("smtplab.show.steps.QUIET_S", 0.25)


def test_a_mismatch_reads_five_of_36():
    with serve("plain") as server:
        found = steps(dial(server, "implicit"))
    hello, greeting, header = (s for s in found if s["layer"] == "TLS record" or s["size_bytes"] in (36, 5))
    assert (hello["who"], hello["size_bytes"], hello["written"], hello["waits"]["client"]) == (
        "client", 517, 517, "server-hello")
    assert (greeting["layer"], greeting["read"], greeting["received"]) == ("plaintext SMTP", 0, 36)
    assert (header["layer"], header["who"], header["read"], header["hex"]) == ("OpenSSL", "client", 5, b"220 m".hex())
    assert [f["value"] for f in header["fields"]] == ["50 (unknown(50))", "0x3230", "8301"]
    assert header["fields"][2]["owns"] == 8301 and "they make none" in header["label"]
    assert took(found) == [5] and found[-1]["read"] == 5


def test_the_rhythm_of_reads_and_the_counters(pair):
    trace, _ = pair
    found = steps(trace)
    reads = took(found)
    assert reads[::2] == [5] * (len(reads) // 2)
    records = [s for s in found if s["layer"] == "TLS record" and s["who"] == "server"]
    assert reads[1::2] == [s["size_bytes"] - 5 for s in records[:len(reads) // 2]]
    finished = next(s for s in found if s["layer"] == "OpenSSL" and "finished" in s["label"])
    assert finished["read"] == trace.bytes_read == found[-1]["read"]
    assert found[-1]["written"] == trace.bytes_written and found[-1]["received"] == trace.bytes_received
    assert [s["read"] for s in found] == sorted(s["read"] for s in found)
    # What is encrypted on the wire is told by OpenSSL, beside the record and as a step.
    certificate = next(s for s in found if "certificate," in s["label"])
    assert certificate["fields"][0]["value"] == "11 (certificate)"
    assert any("certificate," in note for note in records[3]["openssl"])


def test_the_server_sees_the_same_mirrored(pair):
    client, server = pair
    found = steps(server)
    assert (found[-1]["read"], found[-1]["written"]) == (server.bytes_read, server.bytes_written)
    assert server.bytes_read == client.bytes_written and "client-hello" in [s["waits"]["server"] for s in found]


def test_who_waits_for_whom(pair):
    client, server = pair
    alone, both = steps(client), steps(client, server)
    hello = [next(s for s in found if "Ready to start TLS" in s["label"]) for found in (alone, both)]
    assert [s["waits"]["server"] for s in hello] == ["client-hello"] * 2
    assert [s["inferred"] for s in hello] == [["server"], []]
    ehlo = next(s for s in alone if s["label"].startswith("ehlo"))
    assert ehlo["waits"] == {"client": "reply", "server": None}


def test_a_hang_ends_with_both_waiting():
    with serve("implicit") as server:
        trace = dial(server, "starttls", timeout_s=0.3)
        alone, both = steps(trace)[-1], steps(trace, server.trace(of=trace))[-1]
    for last, inferred in ((alone, ["server"]), (both, [])):
        assert last["layer"] == "waiting" and last["waits"] == {"client": "greeting", "server": "client-hello"}
        assert last["inferred"] == inferred and 0.25 < last["waited_s"] < 5


def test_a_chunk_of_several_records_and_a_record_in_pieces():
    found = steps(trace_of(came(HELLO, "client"), came(RECORD * 2 + RECORD[:3]), came(RECORD[3:7]), came(RECORD[7:])))
    sizes = [s["size_bytes"] for s in found if s["layer"] == "TLS record" and s["who"] == "server"]
    assert sizes == [8, 8, 3, 4, 1]
    assert found[-1]["hex"] == RECORD.hex() and "3 of 5 bytes so far" in found[-3]["label"]


def test_a_clienthello_behind_a_command_in_one_chunk():
    found = steps(trace_of(came(b"STARTTLS\r\n" + HELLO, "client")))
    assert [(s["layer"], s["size_bytes"]) for s in found[1:]] == [("plaintext SMTP", 10), ("TLS record", 10)]


def test_an_alert_and_a_slow_greeting(silences):
    found = steps(trace_of(came(HELLO, "client"), Event(2.0, "server", "bytes", bytes.fromhex("15030100020246"))))
    assert [s["layer"] for s in found] == ["tcp", "TLS record", "waiting", "alert"]
    assert [(f["name"], f["value"]) for f in found[-1]["fields"][-2:]] == [
        ("level", "2 (fatal)"), ("description", "70 (protocol_version)")]


def test_a_pause_between_openssl_s_reports_loses_none(pair, silences):
    trace, _ = pair
    last = next(n for n, event in enumerate(trace.events) if "message certificate," in event.note)
    late = tuple(replace(event, at_s=event.at_s + (n >= last)) for n, event in enumerate(trace.events))
    quick, slow = steps(trace), steps(replace(trace, events=late))
    assert "certificate 1" in [field["name"] for step in quick for field in step["fields"]]
    assert [step["layer"] for step in slow].count("waiting") == 1
    assert [(step["label"], step["fields"], step["openssl"]) for step in slow if step["layer"] != "waiting"] == [
        (step["label"], step["fields"], step["openssl"]) for step in quick]


def test_a_byte_now_and_then_makes_no_more_steps_than_are_shown(silences):
    found = steps(trace_of(*(Event(float(n), "server", "bytes", b"2") for n in range(2 * limits.SHOWN_STEPS))))
    assert len(found) <= limits.SHOWN_STEPS + 5 and any("left out" in step["label"] for step in found)
    assert [step["layer"] for step in found].count("waiting") > 100


def test_without_a_witness_what_came_is_read_up_to_the_end_of_the_handshake():
    found = steps(trace_of(came(HELLO, "client"), came(RECORD), came(RECORD), bytes_read=8, bytes_written=10))
    assert [s["read"] for s in found] == [0, 0, 8, 8] and found[-1]["received"] == 16


def test_fields_stand_side_by_side_and_lengths_own_what_follows(pair):
    for step in steps(pair[0]):
        size = len(step["hex"]) // 2
        for one in step["fields"]:
            assert 0 <= one["offset"] and one["offset"] + one["length"] <= size
        if step["layer"] == "TLS record":
            length, fragment = step["fields"][2:4]
            assert length["owns"] == fragment["length"] and length["offset"] + length["length"] == fragment["offset"]
        if step["layer"] in ("plaintext SMTP", "inside TLS"):
            assert sum(one["length"] for one in step["fields"]) == size


def test_no_password_reappears():
    with serve("starttls-stripped") as server:
        found = json.dumps(steps(dial(server, "plain", login=("alice", "tell-nobody"))))
    assert "tell-nobody" not in found and b"tell-nobody".hex() not in found and "dGVsbC1ub2JvZHk" not in found


EVENTS = st.lists(st.builds(
    Event, st.floats(0, 9), st.sampled_from(Who),
    st.sampled_from(What),
    st.none() | st.binary(max_size=40) | st.sampled_from([HELLO, RECORD, RECORD[:6], b"STARTTLS\r\n", b"354 go\r\n"]),
    st.text(max_size=20) | st.sampled_from(["read a record header: x", "wrote a record header: x", "client-hello"])),
    max_size=14)


@given(EVENTS, EVENTS, st.none() | st.just("greeting"), st.booleans())
def test_any_events_make_plain_steps(silences, events, others, waits, ok):
    trace = trace_of(*events, waiting_for=waits, ok=ok)
    for other in (None, trace_of(events=tuple(Event(0, "server", "connected") for _ in "1") + tuple(others))):
        found = steps(trace, other)
        assert json.loads(json.dumps(found)) == found
        assert {step["layer"] for step in found} <= LAYERS
        assert all(step["label"].isascii() and step["label"].isprintable() for step in found)
        assert all(one["value"].isprintable() for step in found for one in step["fields"])
        assert bool(found) and (found[-1]["read"], found[-1]["written"]) == (999, 999)


def test_the_client_connects_whoever_recorded_it():
    with serve("plain") as server:
        trace = dial(server, "plain")
        seen = server.trace(of=trace)
    assert [steps(t)[0]["who"] for t in (trace, seen)] == ["client", "client"]
