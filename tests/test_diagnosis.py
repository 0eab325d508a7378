"""One row per cause, each beside a twin that differs in one thing and has another cause or another certainty."""

from dataclasses import replace

from helpers import each_row
from hypothesis import given, settings
from hypothesis import strategies as st
from test_conversation import CCS, EHLO, EHLO_REPLY, GREETING, STARTTLS_OK, TURNS, answer, events, hello, sealed

from smtplab.between import confirm, unrecovered_refusal
from smtplab.causes import Cause
from smtplab.conversation import parse_conversation
from smtplab.diagnosis import decide, decided
from smtplab.events import UNVERIFIED, Event, Failure, Mode, TlsInfo
from smtplab.trace import Trace

TLS = TlsInfo("TLSv1.3", "TLS_AES_256_GCM_SHA384", None)
PLAIN_EHLO = b"250-mail.example.com\r\n250 SIZE 1000\r\n"


def trace(side: str, *said: Event | tuple[str, bytes], mode: str | None = "starttls", failed: str | None = None,
          waiting: str | None = None, tls: bool = False, seconds: float = 5.0) -> Trace:
    """A trace by hand, undecided. `said` are events or (who, data); `failed` is "stage: reason"."""
    link = Event(0.0, side, "connected", None, "127.0.0.1:50000 > 127.0.0.1:25")
    all_ = tuple(e for item in said for e in ([item] if isinstance(item, Event) else events([item])))
    wire = {who: b"".join(e.data for e in all_ if e.what == "bytes" and e.who == who) for who in ("client", "server")}
    came, sent = (wire["server"], wire["client"]) if side == "client" else (wire["client"], wire["server"])
    stage, _, reason = (failed or "").partition(": ")
    failure = Failure(stage, "test", reason, f"{reason} said the server") if failed else None
    return Trace(mode and Mode(mode), ("127.0.0.1", 25), False, Cause.OTHER, False, len(came), len(sent), len(came),
                 len(sent), seconds, TLS if tls else None, failure, waiting, came[:5] or None,
                 all_ if stage in ("resolve", "connect") else (link, *all_))


def client(*said, **rest) -> Trace:
    return trace("client", *said, **rest)


def server(*said, waits: str | None = "command", **rest) -> Trace:
    first = [Event(0.0, "server", "waiting", None, waits)] if waits else []
    return trace("server", *first, *said, mode=None, **rest)


def ends(who: str, at_s: float = 0.1, what: str = "closed") -> Event:
    return Event(at_s, who, what)


def hang(mode: str | None, *said) -> Trace:
    implicit = mode == "implicit"
    return client(*said, mode=mode, waiting="server-hello" if implicit else "greeting",
                  failed="tls: timeout" if implicit else "greeting: timeout")


CH = ("C", hello(297))
OFFERED = [("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY)]
UPGRADED = [*OFFERED, ("C", b"STARTTLS\r\n"), ("S", STARTTLS_OK), CH]
BARE = [("S", GREETING), ("C", EHLO), ("S", PLAIN_EHLO)]
SECURE = [*UPGRADED, ("S", answer(127) + CCS + sealed(74)), ("C", CCS + sealed(74)), ("c", EHLO),
          ("s", b"250 AUTH LOGIN\r\n")]
MASKED = b"250-mail.example.com\r\n250 XXXXXXXA\r\n"
LEFT = [*UPGRADED, ("S", answer(127) + CCS + sealed(74)), ("C", CCS + sealed(74))]
MAILED = [("C", b"MAIL FROM:<a>\r\n"), ("S", b"250 ok\r\n"), ("C", b"DATA\r\n"), ("S", b"354 go\r\n"),
          ("C", b"Subject: x\r\n\r\nhi\r\n.\r\n")]
QUIT = [("C", b"QUIT\r\n"), ("S", b"221 bye\r\n")]
MAIL_530 = [("C", b"MAIL FROM:<a>\r\n"), ("S", b"530 no\r\n")]
LOGIN = ("c", b"AUTH PLAIN ****\r\n")
WRONG = "tls: wrong version number"


def tls_alert(number: int, *, mode: str = "implicit") -> Trace:
    return client(CH, ("S", bytes([21, 3, 3, 0, 2, 2, number])), mode=mode, failed="tls: some alert")


C = Cause
CLIENT = [  # cause, certain, trace
    (C.OK, True, client(*SECURE, tls=True)),
    (C.OK, True, client(*BARE, *QUIT, mode="plain")),
    # TLS where text answers; the twins: too few bytes, no text, TLS after all.
    *((C.IMPLICIT_TO_PLAINTEXT, True, client(*said, mode="implicit", failed=WRONG)) for said in [
        [CH, ("S", GREETING)], [("S", GREETING), CH], [CH, ("S", b"* OK IMAP")], [CH, ("S", b"220 \xff")]]),
    (C.IMPLICIT_TO_PLAINTEXT, False, client(CH, ("S", b"220"), ends("server"), mode="implicit", failed="tls: eof")),
    (C.OTHER, False, client(CH, ("S", b"\0\1\2\3\4\5"), mode="implicit", failed=WRONG)),
    (C.OTHER, False, tls_alert(80)),
    # Nothing came.
    *((C.PLAINTEXT_TO_IMPLICIT, False, hang(mode)) for mode in ("plain", "starttls", "starttls-opportunistic", None)),
    (C.OTHER, False, hang("implicit", CH)),
    *((cause, cause is C.CLOSED_BEFORE_GREETING, client(*said, ends("server", at_s, how), mode=mode, failed=failed))
      for how in ("closed", "reset") for said, mode, failed, at_s, cause in [
          ([], "plain", f"greeting: {how}", 1.0, C.PLAINTEXT_TO_IMPLICIT),
          ([], "plain", f"greeting: {how}", 0.9, C.CLOSED_BEFORE_GREETING),
          ([CH], "implicit", f"tls: {how}", 1.0, C.OTHER),
          ([CH], "implicit", f"tls: {how}", 0.9, C.CLOSED_BEFORE_GREETING)]),
    (C.PLAINTEXT_TO_IMPLICIT, False, client(ends("client", 5.0), failed="greeting: timeout")),  # its own close
    # A TLS record where a greeting was due settles it; one byte does not.
    (C.PLAINTEXT_TO_IMPLICIT, True, client(("S", b"\x15\3\3\0\2\2\x0a"), failed="greeting: no-reply")),
    (C.PLAINTEXT_TO_IMPLICIT, False, client(("S", b"\x15"), failed="greeting: timeout", waiting="greeting")),
    (C.OTHER, False, hang("plain", ("S", b"220-mail.exa"))),  # an unfinished greeting
    (C.SERVER_NOT_SMTP, True, client(("S", b"* OK IMAP4rev1\r\n"), mode="plain", failed="greeting: no-reply")),
    (C.SERVER_NOT_SMTP, True, client(("S", GREETING), ("C", EHLO), ("S", b"* BAD\r\n"), failed="ehlo: no-reply")),
    (C.SERVER_NOT_SMTP, True, client(CH, ("S", answer(127)), ("s", b"HTTP/1.1 400 Bad\r\n"), mode="implicit", tls=True,
                                     failed="greeting: no-reply")),
    (C.OTHER, False, client(("S", GREETING), ("C", EHLO), failed="ehlo: timeout", waiting="reply")),
    (C.CLOSED_BEFORE_GREETING, True, client(CH, ("S", answer(127)), ends("server"), mode="implicit", tls=True,
                                            failed="greeting: closed")),
    (C.OTHER, False, client(CH, ("S", answer(127)), mode="implicit", tls=True, failed="greeting: timeout")),
    # STARTTLS.
    (C.STARTTLS_NOT_OFFERED, True, client(*BARE, failed="starttls: not-offered")),
    (C.MIDDLEBOX, False, client(*BARE[:2], ("S", MASKED), failed="starttls: not-offered")),
    (C.OTHER, False, client(*BARE, failed="quit: 500")),
    (C.STARTTLS_NOT_OFFERED, False, client(*OFFERED, failed="starttls: 502")),
    (C.TEMPORARILY_UNAVAILABLE, True, client(*OFFERED, failed="starttls: 454")),
    (C.STARTTLS_REQUIRED, True, client(*OFFERED, mode="plain", failed="mail: 530")),
    # 530 asks for a login where STARTTLS is out of the question.
    *((C.AUTH_REQUIRED, True, client(*said, tls=said is SECURE, failed="mail: 530")) for said in (BARE, SECURE)),
    # Logging in.
    *((cause, True, client(*SECURE, tls=True, failed=f"auth: {reason}")) for reason, cause in {
        535: C.AUTH_REJECTED, 530: C.AUTH_REJECTED, 534: C.AUTH_REJECTED, 500: C.AUTH_MECHANISM, 503: C.AUTH_MECHANISM,
        504: C.AUTH_MECHANISM, "not-offered": C.AUTH_MECHANISM, 454: C.TEMPORARILY_UNAVAILABLE}.items()),
    *((cause, True, client(*said, mode="plain", failed=f"auth: {reason}")) for said, reason, cause in [
        (OFFERED, "needs-tls", C.AUTH_NEEDS_TLS), (BARE, 538, C.AUTH_NEEDS_TLS), (OFFERED, 530, C.STARTTLS_REQUIRED)]),
    # Certificates.
    *((cause, True, client(*UPGRADED, failed=f"tls: certificate verify failed ({code})")) for code, cause in {
        18: C.CERT_SELF_SIGNED_OR_UNKNOWN_CA, 19: C.CERT_SELF_SIGNED_OR_UNKNOWN_CA, 9: C.CERT_EXPIRED,
        2: C.CERT_SELF_SIGNED_OR_UNKNOWN_CA, 10: C.CERT_EXPIRED, 62: C.CERT_HOSTNAME, 64: C.CERT_HOSTNAME,
        1: C.OTHER}.items()),
    # The codes of an authority that is not known are those of a certificate between that was not sent.
    *((cause, False, client(*UPGRADED, failed=f"tls: certificate verify failed ({code})")) for code, cause in {
        20: C.CERT_SELF_SIGNED_OR_UNKNOWN_CA, 21: C.CERT_CHAIN_INCOMPLETE}.items()),
    # A client that was seen to leave once it had the certificate: in TLS 1.3 between the peers nobody can read that.
    (C.CERT_REJECTED, False, client(*LEFT, ends("client"), failed="tls: rejected")),
    (C.OTHER, False, client(*LEFT, ends("client"), failed="tls: unfinished")),
    # TLS that can't be agreed.
    (C.TLS_VERSION_OR_CIPHER, True, tls_alert(70)), (C.TLS_VERSION_OR_CIPHER, True, tls_alert(71)),
    (C.TLS_VERSION_OR_CIPHER, False, tls_alert(40)),  # it may also be a missing client certificate
    (C.CERT_SELF_SIGNED_OR_UNKNOWN_CA, False, tls_alert(48)), (C.CERT_HOSTNAME, False, tls_alert(112)),
    (C.TLS_VERSION_OR_CIPHER, True, client(CH, ("S", answer(70)), ("C", b"\x15\3\1\0\2\2\x46"), mode="implicit",
                                           failed="tls: unsupported protocol")),
    (C.TLS_VERSION_OR_CIPHER, False, client(*UPGRADED, ends("server"), failed="tls: closed")),
    # The server was ready for TLS, and its answer did not come, or not whole; the twin below hung up.
    (C.HANDSHAKE_STALLED, False, client(*UPGRADED, failed="tls: timeout", waiting="server-hello")),
    *((C.HANDSHAKE_STALLED, False, client(*said, ("S", answer(99)), mode=mode, failed="tls: timeout",
                                          waiting="server-finished"))
      for said, mode in (([CH], "implicit"), (UPGRADED, "starttls"))),
    *((C.OTHER, False, client(CH, ("S", answer(99)), more, mode="implicit", failed="tls: eof",
                              waiting="server-finished")) for more in (ends("server"), ("S", b"\x15\3\3\0\2\2\x50"))),
    (C.OTHER, False, client(*UPGRADED, ("S", b"500 what\r\n"), failed=WRONG)),
    (C.TEMPORARILY_UNAVAILABLE, True, client(*OFFERED, ("C", b"STARTTLS\r\n"), ("S", b"454 no\r\n"), CH,
                                             ("S", b"500 what\r\n"), failed=WRONG)),
    (C.STARTTLS_NOT_OFFERED, True, client(*BARE, ("C", b"STARTTLS\r\n"), ("S", b"454 no\r\n"), CH, failed=WRONG)),
    # Before there was a connection.
    (C.DNS, True, client(failed="resolve: EAI_NONAME", waiting="address")),
    (C.REFUSED, True, client(failed="connect: ECONNREFUSED")),
    # Silence is certain; an answer from somebody else is not.
    *((C.FILTERED_TIMEOUT, reason in ("timeout", "ETIMEDOUT"), client(failed=f"connect: {reason}"))
      for reason in ("timeout", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EACCES", "EPERM", "EADDRNOTAVAIL")),
    # What the server says.
    *((cause, True, client(*BARE, mode="plain", failed=failed)) for failed, cause in {
        "greeting: 421": C.TEMPORARILY_UNAVAILABLE, "ehlo: 421": C.TEMPORARILY_UNAVAILABLE,
        "mail: 421": C.TEMPORARILY_UNAVAILABLE, "mail: 451": C.TEMPORARILY_UNAVAILABLE,
        "mail: 550": C.RELAY_OR_POLICY, "greeting: 554": C.RELAY_OR_POLICY}.items()),
]
SERVER = [
    (C.IMPLICIT_TO_PLAINTEXT, True, server(("S", GREETING), CH, ends("client"))),
    (C.IMPLICIT_TO_PLAINTEXT, False, server(("S", GREETING), ("C", b"\x16\3"), ends("client"))),
    (C.IMPLICIT_TO_PLAINTEXT, True, server(CH, ("S", b"HTTP/1.1 400 Bad\r\n"), waits="command")),
    (C.PLAINTEXT_TO_IMPLICIT, True, server(("C", EHLO), waits="client-hello", failed=WRONG)),
    (C.PLAINTEXT_TO_IMPLICIT, False, server(ends("client", 5.0), waits="client-hello", waiting="client-hello")),
    *((C.TLS_VERSION_OR_CIPHER, number == 70,
       server(CH, ("S", bytes([21, 3, 3, 0, 2, 2, number])), waits="client-hello", failed="tls: unsupported"))
      for number in (70, 40)),
    # Within TLS 1.3 an alert is encrypted; OpenSSL's own report has it.
    *((cause, certain, server(CH, ("S", answer(99)), Event(0.1, "server", "tls", bytes([2, number]), "read an alert"),
                              waits="client-hello", failed="tls: alert"))
      for number, cause, certain in ((48, C.CERT_SELF_SIGNED_OR_UNKNOWN_CA, False), (45, C.CERT_EXPIRED, True),
                                     (42, C.CERT_HOSTNAME, False), (46, C.CERT_REJECTED, True), (80, C.OTHER, False))),
    # Left without a word; the twins said something within TLS, or the server ended it.
    (C.CERT_REJECTED, False, server(*LEFT, ends("client"))),
    (C.CERT_REJECTED, False, server(*LEFT, ends("client", what="reset"))),
    (C.CERT_REJECTED, False, server(*LEFT, ("C", sealed(24)), ends("client"))),  # an alert
    (C.CERT_REJECTED, False, server(*LEFT, ("C", sealed(24)), ends("server"))),  # its goodbye came first
    *((C.OTHER, False, server(*LEFT, *more)) for more in (
        [ends("server")], [("C", sealed(30)), ends("client")], [("C", sealed(30) + sealed(24)), ends("server")],
        [ends("server"), ("C", sealed(24))])),
    (C.SERVER_NOT_SMTP, True, server(("S", b"* OK IMAP\r\n"), ("C", EHLO))),
    (C.SERVER_NOT_SMTP, True, server(("C", EHLO), ("S", b"HTTP/1.1 400 Bad\r\n"), waits="command")),
    (C.SERVER_NOT_SMTP, False, server(waits="command")),
    (C.CLOSED_BEFORE_GREETING, True, server(ends("server"), waits=None)),
    (C.OTHER, False, server(ends("client"), ends("server"), waits=None)),
    (C.OK, True, server(*BARE, ("C", b"MAIL FROM:<a>\r\n"), ("S", b"250 ok\r\n"), *QUIT)),
    (C.OK, True, server(*BARE, *MAILED, ("S", b"250 queued\r\n"))),  # left without QUIT
    (C.OTHER, False, server(*BARE, *MAILED)),  # left in the middle
    (C.TEMPORARILY_UNAVAILABLE, True, server(*BARE, *MAILED, ("S", b"451 not now\r\n"))),
    *((cause, True, server(*BARE, *MAILED[:2], ("C", b"BDAT 2 LAST\r\nhi"), ("S", reply), *QUIT))
      for reply, cause in ((b"250 queued\r\n", C.OK), (b"554 spam\r\n", C.RELAY_OR_POLICY))),
    (C.OK, False, server(*BARE, *QUIT)),  # nobody knows whether that was all it wanted
    (C.OK, True, server(*SECURE, ("c", b"QUIT\r\n"), ("s", b"221 bye\r\n"), tls=True)),
    (C.AUTH_REJECTED, True, server(*SECURE, LOGIN, ("s", b"535 no\r\n"), ("c", b"QUIT\r\n"), tls=True)),
    (C.OK, True, server(*SECURE, LOGIN, ("s", b"535 no\r\n"), LOGIN, ("s", b"235 ok\r\n"), ("c", b"QUIT\r\n"),
                        tls=True)),
    (C.STARTTLS_REQUIRED, True, server(*OFFERED, *MAIL_530, *QUIT)),
    (C.AUTH_REQUIRED, True, server(*BARE, *MAIL_530, *QUIT)),
    (C.TEMPORARILY_UNAVAILABLE, True, server(*OFFERED, ("C", b"STARTTLS\r\n"), ("S", b"454 no\r\n"), *QUIT)),
    (C.STARTTLS_NOT_OFFERED, True, server(*BARE, ("C", b"STARTTLS\r\n"), ("S", b"454 no\r\n"), *QUIT)),
    (C.STARTTLS_NOT_OFFERED, False, server(*BARE, ends("client"))),
    (C.HANDSHAKE_STALLED, False, server(*UPGRADED, waiting="client-finished")),
    (C.HANDSHAKE_STALLED, False, server(CH, ("S", answer(99)), ends("client"), waits="client-hello")),
    *((C.OTHER, False, server(*UPGRADED[:-1], *more, ends("client"))) for more in (
        [], [CH, ("S", answer(99)), ("C", b"\x15\3\3\0\2\2\x5a")], [CH, ("S", b"500 what\r\n")])),
    (C.OTHER, False, server(*OFFERED, ends("client"))),
    (C.OTHER, False, server(("S", GREETING), ends("client"))),
]
EACH = each_row(("cause", "certain", "undecided"), CLIENT + SERVER, ids=lambda row: f"{row[2].seen_from}-{row[0]}")


@EACH
def test_the_cause(cause, certain, undecided):
    assert decide(undecided) == (cause, certain)
    found = decided(undecided)
    assert (found.cause, found.certain, found.ok) == (cause, certain, cause is C.OK)
    assert decided(replace(found, cause=C.DNS, certain=not certain)) == found  # what it was called before doesn't count


def test_every_cause_has_a_row():
    assert {row[0] for row in CLIENT} == set(Cause)


def test_both_peers_make_a_hang_certain():
    waits = decided(server(ends("client", 5.0), waits="client-hello", waiting="client-hello"))
    silent = decided(server(ends("client", 5.0), waits=None))
    greets_late = decided(server(waits="command", waiting="command"))
    for mode in ("plain", "starttls", None):
        hung = decided(hang(mode))
        assert confirm(hung, waits) == replace(hung, certain=True)
        assert [confirm(hung, peer) for peer in (None, silent, greets_late)] == [hung] * 3
    for other in (hang("implicit", CH), client(*BARE, failed="mail: 550"), client(*SECURE, tls=True)):
        assert confirm(decided(other), waits) == decided(other)


def test_both_peers_make_a_stall_certain():
    stalls = decided(server(*UPGRADED, waiting="client-finished"))
    stalled = decided(client(*UPGRADED, failed="tls: timeout", waiting="server-hello"))
    assert confirm(stalled, stalls) == replace(stalled, certain=True)
    refused = decided(server(*UPGRADED, waits="command", failed="tls: unexpected eof"))
    assert [confirm(stalled, peer) for peer in (None, refused)] == [stalled] * 2


def test_a_certificate_left_unchecked_is_no_cause():
    note = Event(0.0, "client", "tls", None, UNVERIFIED)
    assert decide(client(*SECURE, note, tls=True)) == (C.OK, True)


STAGES = ["resolve", "connect", "greeting", "ehlo", "starttls", "tls", "auth", "mail", "quit", "odd"]
REASONS = ["timeout", "closed", "not-offered", "needs-tls", "535", "999", "certificate verify failed (20)", "odd", ""]
ODD = st.builds(
    Event, st.sampled_from([0.0, 0.5, 2.0]), st.sampled_from(["client", "server"]),
    st.sampled_from(["waiting", "closed", "reset", "tls", "connected"]), st.none() | st.binary(max_size=3),
    st.sampled_from(["", "client-hello", "command", "read an alert", UNVERIFIED, "a > b"]))


@st.composite
def odd_traces(draw) -> Trace:
    """A trace of whatever both sides may have sent."""
    side = draw(st.sampled_from(["client", "server"]))
    said = draw(st.permutations([*draw(TURNS), *draw(st.lists(ODD, max_size=4))]))
    failed = draw(st.none() | st.builds("{}: {}".format, st.sampled_from(STAGES), st.sampled_from(REASONS)))
    return trace(side, *said, mode=draw(st.sampled_from([None, *Mode])), failed=failed, tls=draw(st.booleans()),
                 waiting=draw(st.sampled_from([None, "greeting", "server-hello", "client-hello"])))


@settings(max_examples=300)
@given(odd_traces(), st.none() | odd_traces())
def test_no_trace_raises(odd, peer):
    found = decided(odd)
    assert isinstance(found.cause, Cause)
    assert decided(found) == found
    assert confirm(found, peer).cause is found.cause
    assert confirm(found, peer).certain >= found.certain


def test_four_bytes_of_text_settle_a_mismatch_and_three_do_not():
    for answer_, certain in ((b"220", False), (b"220 ", True), (b"220 m", True)):
        said = client(CH, ("S", answer_), mode="implicit", failed=WRONG)
        assert decide(said) == (C.IMPLICIT_TO_PLAINTEXT, certain), answer_


@each_row("number, cause, certain", [
    (45, C.CERT_EXPIRED, True), (48, C.CERT_SELF_SIGNED_OR_UNKNOWN_CA, False), (42, C.CERT_HOSTNAME, False),
    (112, C.CERT_HOSTNAME, False), (40, C.TLS_VERSION_OR_CIPHER, False), (70, C.TLS_VERSION_OR_CIPHER, True)])
def test_a_visitor_s_alert_tells_unless_it_is_vague(number, cause, certain):
    alert = ("C", b"\x15\3\1\0\2\2" + bytes([number]))
    assert decide(server(CH, ("S", answer(127)), alert, waits="client-hello", failed=WRONG)) == (cause, certain)


def test_a_refusal_is_made_up_for_by_its_own_stage_or_a_later_one():
    no, yes, ehlo = ("S", b"550 no\r\n"), ("S", b"250 ok\r\n"), ("C", b"EHLO x\r\n")
    mail, login = ("C", b"MAIL FROM:<a>\r\n"), ("C", b"AUTH PLAIN x\r\n")
    for said, left in (([mail, no, mail, yes], None), ([mail, no], "mail"), ([mail, no, ehlo, yes], "mail"),
                       ([login, no, mail, yes], None), ([mail, no, login, yes], "mail")):
        found = unrecovered_refusal(parse_conversation(events([("S", GREETING), *said])))
        assert (found and found.stage) == left, said


@each_row(("said", "stage", "reply", "cause"), [
    (OFFERED, "mail", "530 5.7.0 Authentication required", C.AUTH_REQUIRED),  # STARTTLS is listed, and not asked for
    (OFFERED, "mail", "530 5.7.0 Must issue a STARTTLS command first", C.STARTTLS_REQUIRED),
    (BARE, "mail", "550 5.7.1 Authentication required", C.AUTH_REQUIRED),
    (BARE, "mail", "553 sorry, this server requires authentication", C.AUTH_REQUIRED),
    (BARE, "mail", "550 5.7.1 Relaying denied", C.RELAY_OR_POLICY), (BARE, "mail", "551 no", C.RELAY_OR_POLICY),
    (BARE, "auth", "530 no", C.AUTH_REJECTED), (BARE, "greeting", "554 no", C.RELAY_OR_POLICY),
    (BARE, "auth", "454 4.7.0 Temporary authentication failure", C.TEMPORARILY_UNAVAILABLE)])
def test_a_reply_s_words_say_whether_a_login_is_asked_for(said, stage, reply, cause):
    trace = client(*said, mode="plain", failed=f"{stage}: {reply[:3]}")
    trace = replace(trace, failure=replace(trace.failure, message=reply))
    assert decide(trace) == (cause, True)
