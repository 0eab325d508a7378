"""Traces as values and as JSON: what goes in comes out, what is no handshake document is refused."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
import test_diagnosis as t
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

import smtplab.trace
from smtplab.address import port_number
from smtplab.causes import Cause
from smtplab.diagnosis import decided
from smtplab.events import Event, Failure, Mode, TlsInfo
from smtplab.trace import Trace
from smtplab.trace_document import SCHEMA

BY_HAND = {
    "client": decided(t.client(t.CH, ("S", t.GREETING), mode="implicit", failed=t.WRONG)),
    "hang": decided(t.hang("plain")),
    "refused": decided(t.client(failed="connect: ECONNREFUSED")),
    "secure": decided(t.client(*t.SECURE, tls=True)),
    "server": decided(t.server(("C", b"EHLO x\r\n"), waits="client-hello", failed=t.WRONG)),
}
TOP = """schema mode address ok cause certain bytes_read bytes_written bytes_received bytes_sent seconds tls failure
    waiting_for password_in_clear mail_in_clear first_bytes certificate started events diagnosis""".split()
PARTS = {"tls": ["version", "cipher", "peer_subject"], "failure": ["stage", "library", "reason", "message"],
         "diagnosis": ["cause", "title", "why", "fixes"]}


@each_row("name", BY_HAND)
def test_the_handshake_document(name):
    trace, text = BY_HAND[name], BY_HAND[name].to_json()
    document = json.loads(text)
    assert list(document) == TOP  # the JSON contract: all keys always present
    for part, keys in PARTS.items():
        assert (None if document[part] is None else list(document[part])) == (keys if getattr(trace, part) else None)
    assert {tuple(event) for event in document["events"]} <= {("at_s", "who", "what", "data", "note")}
    assert Trace.from_json(text) == trace
    assert Trace.from_json(trace.to_json(indent=None)).to_json() == text


def test_values_in_the_document():
    d = json.loads(BY_HAND["client"].to_json())
    assert [d[key] for key in TOP[:6]] == ["smtplab.trace/1", "implicit", ["127.0.0.1", 25], False,
                                           "implicit-to-plaintext", True]
    assert d["first_bytes"] == "323230206d"
    assert d["events"][0] == {"at_s": 0.0, "who": "client", "what": "connected", "data": None,
                              "note": "127.0.0.1:50000 > 127.0.0.1:25"}
    assert d["events"][2]["data"] == t.GREETING.hex()
    assert (json.loads(BY_HAND["server"].to_json())["mode"], BY_HAND["refused"].first_bytes) == (None, None)


WORDS, SIZES, SECONDS = st.text(max_size=8), st.integers(0, 10**6), st.floats(0, 1e6)
EVENTS = st.builds(Event, SECONDS, st.sampled_from(["client", "server"]),
                   st.sampled_from(["connected", "tls"]), st.none() | st.binary(max_size=20), WORDS) | st.builds(
    Event, SECONDS, st.sampled_from(["client", "server"]), st.sampled_from(["bytes", "inside"]), st.binary(max_size=20))
TRACES = st.builds(
    Trace, st.none() | st.sampled_from(Mode), st.tuples(WORDS, st.integers(0, 65535)), st.booleans(),
    st.sampled_from(Cause), st.booleans(), SIZES, SIZES, SIZES, SIZES, SECONDS,
    st.none() | st.builds(TlsInfo, WORDS, WORDS, st.none() | WORDS),
    st.none() | st.builds(Failure, st.sampled_from(["tls", "auth", "greeting"]), WORDS, WORDS, WORDS),
    st.none() | WORDS, st.none() | st.binary(max_size=5), st.lists(EVENTS, max_size=5).map(tuple))


@given(TRACES)
def test_any_trace_comes_back_the_same(trace):
    assert Trace.from_json(trace.to_json()) == trace


GOOD = BY_HAND["client"].to_dict()
MADE_ANEW = ("diagnosis", "password_in_clear", "mail_in_clear")
LINK = GOOD["events"][0]


@each_row("text", ["", "{", "\x00", "[" * 100_000, *map(json.dumps, [
    None, [], "text", 5, {}, {"schema": SCHEMA}, *(GOOD | change for change in [
        {"schema": "smtplab.trace/2"}, {"mode": "ssl"}, {"cause": "bad-luck"}, {"address": None}, {"tls": {}},
        {"tls": {"version": "TLSv1.3"}}, {"failure": ""}, {"failure": {**GOOD["failure"], "more": 1}},
        {"first_bytes": "xy"}, {"first_bytes": 5}, {"events": None}, {"events": [{}]},
        {"events": [{**LINK, "data": "0"}]}, {"events": [{**LINK, "who": "nobody", "what": "bytes", "data": "00"}]},
        *({"events": [{**LINK, key: odd}]} for key, odds in {
            "at_s": (None, "x", [], 10**400, float("nan")), "note": (None, 5, []), "what": (None, 5, [])}.items()
          for odd in odds),
        *({key: odd} for key in ("seconds", "bytes_read", "bytes_written", "bytes_received", "bytes_sent")
          for odd in (None, "x", 10**400)), {"address": ["127.0.0.1", "25"]}, {"address": [None, 25]},
        {"certificate": "x"},
        *({"started": odd} for odd in (5, "", "now", "2026-01-31T12:00:00", "0001-01-01T00:00:00+00:00"))]),
    *({key: value for key, value in GOOD.items() if key != missing} for missing in TOP
      if missing not in ("certificate", "started", *MADE_ANEW))])])
def test_what_is_no_handshake_document(text):
    with pytest.raises(ValueError, match="."):
        Trace.from_json(text)


def test_the_diagnosis_is_made_anew():
    forged = GOOD | {"diagnosis": {"cause": "dns", "title": "", "why": "", "fixes": []}}
    assert Trace.from_json(json.dumps(forged)).diagnosis == BY_HAND["client"].diagnosis
    forged = json.dumps(GOOD | {"password_in_clear": True, "mail_in_clear": True})
    assert Trace.from_json(forged).to_dict() == GOOD


@each_row("port", [587, "587", " 587 "])
def test_a_port_or_the_text_of_one(port):
    assert port_number(port) == 587


@each_row("wrong", [0, -1, 65536, 70000, 10**30, 587.5, None, True, "", "smtp", "587x", "５８７", b"587",
                                   []])
def test_what_is_no_port(wrong):
    with pytest.raises(ValueError, match=r"no port .*; ports are 1 to 65535"):
        port_number(wrong)


def test_modes():
    assert [mode.value for mode in Mode] == ["plain", "starttls", "starttls-opportunistic", "implicit"]
    assert [f"{mode}" for mode in Mode] == [mode.value for mode in Mode]
    assert Mode.of("implicit") is Mode.of(Mode.IMPLICIT) is Mode.IMPLICIT
    for wrong in ("ssl", "IMPLICIT", "", None):
        with pytest.raises(ValueError, match="plain, starttls, starttls-opportunistic, implicit"):
            Mode.of(wrong)


def test_whose_side_which_sockets_and_that_nothing_changes():
    assert [trace.seen_from for trace in BY_HAND.values()] == ["client"] * 4 + ["server"]
    assert BY_HAND["client"].sockets == BY_HAND["server"].sockets == ("127.0.0.1:50000", "127.0.0.1:25")
    assert BY_HAND["refused"].sockets is None
    for value in (BY_HAND["client"], BY_HAND["client"].events[0], BY_HAND["client"].diagnosis, BY_HAND["secure"].tls):
        with pytest.raises(FrozenInstanceError):
            value.cause = None


SOURCE = Path(smtplab.trace.__file__)


def test_what_is_loaded_when_a_member_needs_it():
    found = {(f"{kind.name}.{member.name}", node.module)
             for kind in ast.parse(SOURCE.read_text(encoding="utf-8")).body if isinstance(kind, ast.ClassDef)
             for member in kind.body if isinstance(member, ast.FunctionDef)
             for node in ast.walk(member) if isinstance(node, ast.Import | ast.ImportFrom)}
    assert found == {("Trace.certificate", "certificate"), ("Trace.to_dict", "trace_document"),
                     ("Trace.from_json", "trace_document"),
                     ("Trace.to_pcapng", "packets"), ("Trace.from_pcap", "packets"),
                     ("Trace.password_in_clear", "asides"), ("Trace.mail_in_clear", "asides")}


def test_importing_smtplab_loads_nothing_heavy():
    code = ("import sys, smtplab; [getattr(smtplab, n) for n in smtplab.__all__]; "
            "print([name for name in 'scapy matplotlib ipywidgets anywidget IPython'.split() if name in sys.modules], "
            "'smtplab.trace' in sys.modules)")
    run = subprocess.run([sys.executable, "-c", code], cwd=SOURCE.parents[1], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("[] True\n", "")


@each_row("path, value", [
    ("failure.stage", 3), ("failure.message", None), ("failure.library", ["x"]), ("waiting_for", 1),
    ("waiting_for", {}), ("tls.version", 1), ("tls.peer_subject", False), ("ok", "yes"), ("certain", 1),
    ("bytes_read", True),
    ("bytes_read", "5"), ("seconds", None), ("first_bytes", 5), ("events[0].note", None), ("events[0].at_s", "0"),
    ("events[0].data", 7), ("mode", 1), ("cause", None), ("address", "h"), ("events", {}), ("failure", [])])
def test_a_field_of_another_type_is_named(path, value):
    whole = {"stage": "tls", "library": "l", "reason": "r", "message": "m"}
    agreed = {"version": "v", "cipher": "c", "peer_subject": None}
    document = BY_HAND["client"].to_dict() | {"failure": whole, "tls": agreed}
    *way, last = re.findall(r"[a-z_]+|(?<=\[)\d+", path)
    inner = document
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    inner[last] = value
    with pytest.raises(ValueError, match=re.escape(path)):
        Trace.from_json(json.dumps(document))
