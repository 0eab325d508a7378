"""A diagnosis in words: it quotes these bytes and these numbers, and warns where a warning is due."""

import re
from dataclasses import replace

import test_diagnosis as t
from helpers import each_row
from hypothesis import given, settings
from hypothesis import strategies as st
from test_conversation import EHLO, GREETING, STARTTLS_OK, answer

from smtplab.asides import crossed
from smtplab.causes import Cause
from smtplab.diagnosis import decided
from smtplab.doubts import UNREACHABLE
from smtplab.escape import show_bytes
from smtplab.events import UNVERIFIED, Event, Failure
from smtplab.failures import header_reading
from smtplab.words import diagnose


@given(st.binary(max_size=60))
def test_bytes_on_one_line_are_printable_and_tell_all(data):
    text = show_bytes(data)
    assert text.isascii()
    assert text.isprintable()
    assert text.encode().decode("unicode_escape").encode("latin-1") == data
    assert show_bytes(data + b"x" * 61).endswith("...")


def test_a_header_under_both_readings():
    assert header_reading(b"220 mail") == ("the server's first five bytes are `220 m`; as a record header that is "
                                           "type 50, version 0x3230, length 8301")
    assert header_reading(b"\r\n\xff", "the visitor's") == "the visitor's only bytes are `\\r\\n\\xff`"


@t.EACH
def test_every_diagnosis_says_what_it_knows(cause, certain, undecided):
    found = diagnose(decided(undecided))
    if cause is Cause.FILTERED_TIMEOUT and undecided.failure.reason in UNREACHABLE:  # no silence
        assert found.cause is cause and found.title.startswith("No way leads") and "dropped in silence" in found.why
        assert found.fixes != cause.text.fixes and "Not certain: " in found.why
        return
    assert (found.cause, found.fixes) == (cause, cause.text.fixes)
    unseen = crossed(undecided.conversation) if cause is Cause.OK else ""
    unseen += ", as far as can be seen here" if cause is Cause.OK and not certain else ""
    if cause is Cause.OTHER and undecided.waiting_for == "server-hello":
        unseen = ": nothing answers the ClientHello"
    assert found.title == cause.text.title + unseen
    assert ("Not certain: " in found.why) == (not certain and cause is not Cause.OK)
    assert (cause.text.why in found.why) == (cause is not Cause.OK)
    assert found.why == "" or re.fullmatch(r"[A-Z].*[.]", found.why)
    assert not re.search(r"None|  |\{", found.why)


LINK = Event(0.0, "client", "connected", None, "127.0.0.1:50000 > 127.0.0.1:587")  # as a relay tells of its client
SAID = [  # a trace, what its words must hold, and what they must not
    (t.client(t.CH, ("S", GREETING), mode="implicit", failed=t.WRONG),
     ["`220 m`", "version 0x3230, length 8301", f"the {len(GREETING) - 5} bytes that followed"], ["Not certain"]),
    (t.client(t.CH, ("S", b"220"), mode="implicit", failed="tls: eof"), ["only bytes are `220`"], ["promises"]),
    (t.hang("plain"), ["After 5.0 s", "waiting (greeting)", "0 bytes"], ["closed"]),
    (t.client(t.ends("server", 1.25), failed="greeting: closed"), ["1.25 s later", "closed it without"], ["reset it"]),
    (t.client(t.ends("server", 1.25, "reset"), failed="greeting: reset"), ["reset it without a byte"], ["closed it"]),
    (t.client(LINK, t.ends("server", 1.25, "reset"), failed="connect: ECONNREFUSED"), ["relay got no further"],
     ["without a byte", "where the server is"]),
    (t.client(LINK, t.ends("server", 1.25, "reset"), failed="connect: loop"),
     ["relay got no further", "where the server is"], ["without a byte"]),
    (t.client(("S", b"* OK IMAP\r\n"), failed="greeting: no-reply"), ["`* OK IMAP\\r\\n`"], ["record header"]),
    (t.client(("S", b"\x15\3\3\0\2\2\x0a"), failed="greeting: no-reply"), ["type 21, version 0x0303"], ["IMAP"]),
    (t.client(*t.BARE, failed="starttls: not-offered"), ["lists: SIZE 1000."], ["nothing"]),
    (t.client(*t.BARE[:2], ("S", b"250 x\r\n"), failed="starttls: not-offered"), ["lists: nothing."], ["SIZE"]),
    (t.client(*t.SECURE, tls=True), ["TLSv1.3, TLS_AES_256_GCM_SHA384"], ["never encrypted", "Warning"]),
    (t.client(*t.BARE, mode="starttls-opportunistic"), ["Warning: the client went on in clear"], ["TLS is on"]),
    (t.client(*t.SECURE, Event(0, "client", "tls", None, UNVERIFIED), tls=True), ["was not checked"], ["in clear"]),
    (t.client(*t.UPGRADED[:-2], ("S", STARTTLS_OK + b"250 evil\r\n"), t.CH, ("S", answer(127)), tls=True),
     ["`250 evil\\r\\n`", "injected"], ["Not certain"]),
    (t.client(*t.SECURE, tls=True, failed="auth: 535"), ["stage auth", "535 said the server"], ["Warning"]),
    (t.server(("C", EHLO), waits="client-hello"), ["visitor's first five bytes are `EHLO `"], ["the server's first"]),
    (t.server(waits="client-hello", waiting="client-hello"), ["not one byte", "(client-hello)"], ["record header"]),
    # What the doubt is, each beside a twin that has another.
    (t.client(failed="connect: EHOSTUNREACH"), ["an answer and not silence", "firewall that rejects"],
     ["SELinux", "something drops"]),
    (t.client(failed="connect: EACCES"), ["own machine forbids it"], ["a router", "something drops"]),
    (t.client(failed="connect: EMFILE"), ["the client's machine that says so"], ["a router", "SELinux"]),
    (t.client(failed="connect: timeout"), ["something drops the packets"], ["Not certain"]),
    *((t.client(*t.UPGRADED, failed=f"tls: certificate verify failed ({code})"), held, absent)
      for code, held, absent in ((20, ["a certificate between, which the server should send"], []),
                                 (19, [], ["a certificate between"]))),
    (t.client(*t.UPGRADED, failed="tls: timeout", waiting="server-hello"), ["only slow"], ["None of the known"]),
    (t.hang("implicit", t.CH), ["either hello may be lost"], ["only slow"]),
    (t.client(t.ends("server", 2.0), failed="greeting: closed"), ["a proxy that gives up"], []),
    (t.hang("starttls"), ["silent or slow server"], ["a proxy that gives up"]),
    (t.server(*t.OFFERED, *t.MAIL_530), ["MAIL with `530 no`"], ["EHLO with"]),
]


@each_row(("undecided", "held", "absent"), SAID)
def test_the_words_quote_this_connection(undecided, held, absent):
    why = diagnose(decided(undecided)).why
    assert ([words for words in held if words not in why], [words for words in absent if words in why]) == ([], [])


def test_a_reply_is_quoted_in_the_bytes_that_crossed():
    """Replies are held as UTF-8; shown are the bytes of the wire, not those of another encoding."""
    wire = "535 mot de passe refusé".encode()
    failure = Failure("auth", "server", "535", wire.decode())
    for trace in (replace(t.client(*t.BARE), failure=failure),
                  t.server(*t.BARE, ("C", b"MAIL FROM:<a>\r\n"), ("S", wire + b"\r\n"))):
        assert "refus\\xc3\\xa9`" in diagnose(decided(trace)).why


@settings(max_examples=300)
@given(t.odd_traces(), st.sampled_from(Cause), st.booleans())
def test_no_trace_raises(odd, cause, certain):
    for one in (decided(odd), replace(odd, cause=cause, certain=certain)):  # a document may hold any cause
        assert diagnose(one).cause is one.cause


def test_a_greeting_that_refuses_is_not_called_a_session_that_works():
    trace = t.client(("S", b"554 5.7.1 no service for you\r\n"), failed="greeting: 554")
    found = diagnose(decided(trace))
    assert found.cause is Cause.RELAY_OR_POLICY and "reached the server" in found.title
    assert not re.search("session works|mode are right|greeting is text", f"{found.title} {found.why}")
