"""What a capture leaves open: refusals that something made up for, ends before anything was done."""

from helpers import each_row
from made import talk
from test_conversation import EHLO, EHLO_REPLY, GREETING
from test_packets_in import DIALOGUE, only

from smtplab import Cause

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
