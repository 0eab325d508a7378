"""From a capture to traces: the causes, what is inferred, what stays open, and that a trace comes back."""


import pytest
from helpers import each_row
from made import DIALOGUE, Talk, only, sent, talk
from test_conversation import EHLO, EHLO_REPLY, GREETING, hello

from smtplab import Cause, Mode, Trace, dial, serve
from smtplab.packets import origins

CH = ("C", hello(297))
ALERT = ("S", bytes([21, 3, 3, 0, 2, 2, 70]))


@each_row(("said", "cause", "certain", "mode", "waits"), [
    ([CH, ("S", GREETING)], Cause.IMPLICIT_TO_PLAINTEXT, True, Mode.IMPLICIT, None),
    ([("S", GREETING), CH], Cause.IMPLICIT_TO_PLAINTEXT, True, Mode.IMPLICIT, None),
    ([CH], Cause.OTHER, False, Mode.IMPLICIT, "server-hello"), ([], Cause.PLAINTEXT_TO_IMPLICIT, False, None,
                                                                "greeting"),
    ([("C", b"EHLO x\r\n"), ("S", bytes([21, 3, 3, 0, 2, 2, 22]))], Cause.PLAINTEXT_TO_IMPLICIT, True, Mode.PLAIN,
     None),
    ([CH, ALERT], Cause.TLS_VERSION_OR_CIPHER, True, Mode.IMPLICIT, None),
    ([("S", b"554 no\r\n")], Cause.RELAY_OR_POLICY, True, None, None),
    ([("S", b"* OK IMAP\r\n")], Cause.SERVER_NOT_SMTP, True, None, None),
    ([("S", GREETING), ("C", EHLO)], Cause.OTHER, False, Mode.PLAIN, "reply"),
    ([("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"STARTTLS\r\n"), ("S", b"454 no\r\n")],
     Cause.TEMPORARILY_UNAVAILABLE, True, Mode.STARTTLS, None),
    ([("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"AUTH PLAIN AGEAYg==\r\n"), ("S", b"535 no\r\n")],
     Cause.AUTH_REJECTED, True, Mode.PLAIN, None)])
def test_causes(said, cause, certain, mode, waits):
    trace = only(talk(*said).made, end_ms=6000)
    assert (trace.cause, trace.certain, trace.mode, trace.waiting_for) == (cause, certain, mode, waits)
    assert trace.diagnosis.why and trace.seen_from == "client"
    assert trace.seconds == pytest.approx(5.99)


def test_a_hang_lasts_to_the_end_of_the_capture_or_of_the_connection():
    one = talk().say("C", "FA", ms=5000)
    trace = only(one.made, end_ms=99_000)
    assert (trace.cause, trace.waiting_for, trace.seconds) == (Cause.PLAINTEXT_TO_IMPLICIT, "greeting", 5.02)
    gave_up = talk().say("S", "FA", ms=5000)
    at_once = talk().say("S", "FA")
    assert only(gave_up.made).cause is Cause.PLAINTEXT_TO_IMPLICIT
    assert (only(at_once.made).cause, only(at_once.made).waiting_for) == (Cause.CLOSED_BEFORE_GREETING, None)


def test_refused_and_filtered():
    refused = only(Talk().say("C", "S").say("S", "RA", ms=1).made)
    assert (refused.cause, refused.certain, refused.waiting_for) == (Cause.REFUSED, True, None)
    assert refused.events[-1].note == "192.0.2.25:25: Connection refused (captured: SYN, RST)"
    syns = Talk()
    for ms in (0, 1000, 2000):
        syns.say("C", "S", ms=ms, seq=1000)
    filtered = only(syns.made, end_ms=5000)
    assert (filtered.cause, filtered.certain, filtered.seconds) == (Cause.FILTERED_TIMEOUT, True, 5.0)
    assert "(captured: SYN at 0.0, 1.0, 3.0 s)" in filtered.events[-1].note
    assert not only(syns.made[:1], end_ms=100).certain
    assert filtered.events[0].note == "connection" and filtered.sockets is None


def test_a_syn_seen_twice_is_one():
    one = Talk().say("C", "S", seq=1000).say("C", "S", ms=0, seq=1000)
    assert "SYN at 0.0 s" in only(one.made, end_ms=5000).events[-1].note


def test_a_password_in_clear_is_blanked():
    said = [("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"AUTH PLAIN AGEAc2VjcmV0\r\n")]
    trace = only(talk(*said, ("S", b"235 ok\r\n")).made)
    assert b"AUTH PLAIN " + b"*" * 12 in sent(trace, "client")


# --- captured, inferred, recorded ---

def test_what_was_captured_and_what_is_inferred():
    trace = only(talk().made, end_ms=6000)
    assert [(e.what, how) for e, how in zip(trace.events, origins(trace), strict=True)] == [
        ("waiting", "inferred"), ("connected", "captured"), ("waiting", "inferred")]
    begins_later = only(talk(*DIALOGUE).made[3:])
    assert origins(begins_later) == ["inferred"] + ["captured"] * len(DIALOGUE)
    with serve("plain") as server:
        assert set(origins(dial(server, "plain"))) == {"recorded"}


# --- there and back ---

@pytest.mark.parametrize(("kind", "mode"), [("starttls", "starttls"), ("implicit", "implicit"), ("plain", "plain"),
                                            ("starttls", "implicit"), ("starttls-refused", "starttls")])
def test_a_trace_comes_back(kind, mode, tmp_path):
    with serve(kind) as server:
        trace = dial(server, mode, mail_from="a@example.com")
    trace.to_pcapng(tmp_path / "x.pcapng")
    [back] = Trace.from_pcap(tmp_path / "x.pcapng")
    assert (back.cause, back.mode) == (trace.cause, trace.mode)
    assert (back.bytes_read, back.bytes_written) == (trace.bytes_read, trace.bytes_written)
    for who in ("client", "server"):
        assert sent(back, who) == sent(trace, who)
    assert (back.tls and back.tls.version) == (trace.tls and trace.tls.version)
    # What was said within TLS is not to be seen, nor whether a client would have gone on without it.
    assert back.certain == (trace.certain and trace.tls is None and kind != "starttls-refused")


# --- what a capture leaves open: refusals that were recovered from, ends before anything was done ---

MAIL = [("C", b"MAIL FROM:<a>\r\n"), ("S", b"250 ok\r\n"), ("C", b"RCPT TO:<b>\r\n"), ("S", b"250 ok\r\n")]
DATA = [("C", b"DATA\r\n"), ("S", b"354 go\r\n"), ("C", b"Subject: x\r\n\r\nhi\r\n.\r\n"), ("S", b"250 queued\r\n")]


@each_row(("refused", "cause"), [
    ([("C", b"STARTTLS\r\n"), ("S", b"454 no\r\n")], Cause.TEMPORARILY_UNAVAILABLE),
    ([("C", b"AUTH PLAIN AGEAYg==\r\n"), ("S", b"535 no\r\n")], Cause.AUTH_REJECTED),
    ([*MAIL[:2], ("C", b"RCPT TO:<c>\r\n"), ("S", b"550 no\r\n")], Cause.RELAY_OR_POLICY),
    ([("C", EHLO), ("S", b"500 no\r\n")], Cause.RELAY_OR_POLICY)])
def test_a_refusal_counts_unless_something_made_up_for_it(refused, cause):
    hello = [("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY)]
    for made_up, found in (([], cause), ([*MAIL, *DATA], Cause.OK)):
        trace = only(talk(*hello, *refused, *made_up).end().made)
        assert (trace.cause, trace.certain, trace.ok) == (found, True, found is Cause.OK)


@each_row(("said", "certain"), [
    ([], False), (MAIL, False), ([*MAIL, *DATA], True), ([*MAIL, *DIALOGUE[-2:]], True), (DIALOGUE[-2:], False)])
def test_an_end_before_anything_was_done_is_not_certain(said, certain):
    trace = only(talk(*DIALOGUE[:3], *said).end().made)
    assert (trace.cause, trace.certain) == (Cause.OK, certain)
