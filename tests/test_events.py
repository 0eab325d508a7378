"""What the notes of events say as typed values, and the words of the JSON document."""

import copy
from dataclasses import replace

from helpers import each_row
from test_diagnosis import hang

from smtplab.between import NOT_REACHED
from smtplab.events import Awaited, Event, Failure, Stage, What, report_note
from smtplab.smtp import Reply
from smtplab.trace import Trace
from smtplab.trace_data import TraceData

TRIED = {
    ("closed", "192.0.2.25:25: no answer (captured: SYN at 0.0 s)"): "192.0.2.25:25",
    ("reset", "[2001:db8::1]:587: Connection refused"): "[2001:db8::1]:587",
    ("closed", "192.0.2.25:25: no answer: none: at all"): "192.0.2.25:25",
    ("reset", "by the server: more than 8388608 bytes crossed"): "",
    ("reset", "by the relay: no connection to 192.0.2.25 port 25: Connection refused"): "",
    ("closed", "192.0.2.25:25"): "", ("closed", "host:port: no"): "", ("closed", ""): "",
    ("waiting", "192.0.2.25:25: no answer"): "",
}


@each_row("what, note", TRIED)
def test_only_an_end_that_names_an_address_was_a_try(what, note):
    assert Event(1.0, "client", what, note=note).tried == TRIED[what, note]


@each_row("what", What)
def test_only_a_wait_says_what_is_awaited(what):
    assert Event(0.0, "client", what, note="greeting").awaited == ("greeting" if what == "waiting" else None)


REPORTS = {
    "header": bytes.fromhex("1603010005"), "handshake": b"\2\0\0\1\0", "alert": b"\2\x28", "change_cipher_spec": b"\1"}


@each_row("kind", REPORTS)
def test_a_report_is_read_back_from_its_note(kind):
    data = REPORTS[kind]
    note = report_note("read", kind, data)
    event = Event(0.0, "client", "tls", data, note)
    assert event.report and (event.report.kind, event.report.data, event.report.wrote) == (kind, data, False)
    assert replace(event, note=note.replace("read", "wrote", 1)).report.wrote
    assert note.endswith(event.report.name)
    for other in (replace(event, data=None), replace(event, what="bytes"), replace(event, note=f"x{note}")):
        assert other.report is None


def test_what_is_only_called_an_alert_is_none():
    assert Event(0.0, "client", "tls", b"\2\x28", "read alert").report.kind == "alert"
    assert Event(0.0, "client", "tls", b"\2", "read alert").report is None


def test_words_print_as_text_and_leave_a_document_as_text():
    assert (repr(Stage.TLS), f"{Awaited.GREETING}", copy.copy(Stage.TLS)) == ("'tls'", "greeting", "tls")
    events = (Event(0.0, "client", "connected", note="127.0.0.1:50000 > 127.0.0.1:25"),
              Event(0.0, "client", "waiting", note=Awaited.REPLY))
    trace = replace(hang("plain"), events=events, failure=NOT_REACHED, waiting_for=Awaited.CONNECTION)
    document = trace.to_dict()
    words = document["failure"]["stage"], document["waiting_for"], document["events"][1]["note"]
    assert words == ("connect", "connection", "reply") and set(map(type, words)) == {str}
    assert Trace.from_json(trace.to_json()) == trace


def test_a_refusal_is_a_failure_in_the_servers_words():
    refusal = Failure.of_reply(Stage.AUTH, Reply(535, ("5.7.8 no",), 14))
    assert refusal == Failure("auth", "server", "535", "535 5.7.8 no")


def test_help_describes_every_field_of_a_trace():
    described = [name for name in TraceData.__dataclass_fields__ if f"`{name}`" in Trace.__doc__]
    assert described == [name for name in TraceData.__dataclass_fields__ if not name.startswith("_")]
