"""A server's certificate, told: its dates, names and signers, from what the lab really issues, and from odd bytes."""

import datetime
import socket
import ssl

import pytest
import test_diagnosis as t
import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st
from test_conversation import CCS, answer, hello

from smtplab import Cause, Trace, dial, relay, serve
from smtplab.certificate import (
    ServerCertificate,
    certificates_in,
    handshake_messages,
    moment,
    read_certificate,
    server_name,
    shown,
)
from smtplab.events import Who
from smtplab.show import Player
from smtplab.show.doors import doors
from smtplab.tls_refusals import alerted, left

NOW = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
CA = trustme.CA(organization_name="Example", key_type=trustme.KeyType.ECDSA)


def der(*names, begin=None, end=None, ca=CA):
    """A certificate's bytes, and those of the certificates sent with it."""
    issued = ca.issue_cert(*names, common_name=names[0], not_before=begin or NOW - 90 * DAY, not_after=end or NOW + DAY)
    return [load_pem_x509_certificate(pem.bytes()).public_bytes(Encoding.DER) for pem in issued.cert_chain_pems]


def told(*names, asked="mail.example.com", cause=Cause.OK, seen=NOW, **dates) -> ServerCertificate:
    return ServerCertificate(tuple(map(read_certificate, der(*names, **dates))), asked, seen, "you", cause)


@each_row(("end", "days", "words"), [
    (NOW - 3 * DAY - HOUR, -4, "expired 3 days ago"), (NOW - DAY, -1, "expired 1 day ago"),
    (NOW - 5 * HOUR, -1, "expired 5 hours ago"), (NOW - datetime.timedelta(seconds=5), -1,
                                                  "expired less than a minute ago"),
    (NOW + 6 * DAY, 6, ""), (NOW + HOUR, 0, "")])
def test_its_end(end, days, words):
    found = told("mail.example.com", end=end, cause=Cause.CERT_EXPIRED)
    assert (found.days_left, found.wrong_dates, found.reason) == (days, words, words and f"The certificate {words}.")
    assert (f"{days} day" in str(found)) == (days >= 0)
    assert found.to_dict()["problems"] == [words] * bool(words)


def test_its_beginning_and_an_unknown_time():
    early = told("mail.example.com", begin=NOW + 2 * DAY, end=NOW + 9 * DAY)
    assert early.wrong_dates == "is not valid yet, for 2 days more"
    unknown = told("mail.example.com", seen=None, end=NOW - DAY)
    assert (unknown.days_left, unknown.wrong_dates, "left" in str(unknown)) == (None, "", False)
    refused = told("mail.example.com", seen=None, end=NOW - DAY, cause=Cause.CERT_EXPIRED)
    assert refused.reason == "The certificate is valid from 2026-09-01 to 2026-11-29 alone."


@each_row(("names", "asked", "holds"), [
    (["mail.example.com"], "mail.example.com", True), (["mail.example.com"], "MAIL.example.com.", True),
    (["mail.example.com"], "smtp.example.com", False), (["*.example.com"], "smtp.example.com", True),
    (["*.example.com"], "a.smtp.example.com", False), (["*.example.com"], "example.com", False),
    (["192.0.2.1"], "192.0.2.1", True), (["192.0.2.1"], "192.0.2.2", False), (["2001:db8::1"], "2001:DB8:0::1", True),
    (["fe80::1"], "fe80::1%eth0", True), (["mail.example.com"], None, True)])
def test_whose_it_is(names, asked, holds):
    found = told(*names, asked=asked, cause=Cause.CERT_HOSTNAME)
    assert found.wrong_name == ("" if holds else f"holds {names[0]}; you asked for {asked}")
    assert (found.wrong_name in found.reason) == (not holds or found.reason == "")


def test_many_names_and_many_certificates_are_not_all_shown():
    many = told(*[f"mail{n}.example.com" for n in range(12)], asked="x.example.com")
    assert many.wrong_name == ("holds mail0.example.com, mail1.example.com, mail2.example.com, mail3.example.com, "
                               "mail4.example.com and 7 more; you asked for x.example.com")
    long = ServerCertificate(many.chain * 30, None, NOW)
    assert len(str(long).splitlines()) < 15 and "and with 20 more" in str(long)


def test_who_signed_it():
    unknown = Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA
    assert "it is sent alone" in told("a.example.com", cause=unknown).reason
    between = told("a.example.com", cause=unknown, ca=CA.create_child_ca())
    assert "2 certificates are sent" in between.reason and "sent with" in str(between)
    assert "Example, which the client does not know" in between.reason  # the last one's signer, not the first's
    assert told("a.example.com").wrong_signer == ""
    with serve("self-signed") as server:
        assert "is signed by itself, not by an authority" in dial(server, "implicit").diagnosis.why


# --- in traces ---

@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_what_each_side_can_read(kind, version):
    with serve(kind, tls_version=version) as server, relay(server) as between:
        trace = dial(between, kind, server_name="mail.example.com", ca_file=server.ca_file)
        passed, visit = between.trace(of=trace), server.trace()
    assert trace.ok and trace.certificate.asked_for == "mail.example.com" and trace.certificate.problems == ()
    assert visit.certificate.own == trace.certificate.own
    assert (passed.certificate and passed.certificate.own) == (trace.certificate.own if version == "1.2" else None)
    again = Trace.from_json(trace.to_json())
    assert again.certificate == trace.certificate and again.to_json() == trace.to_json()


def test_an_address_is_asked_for_by_a_dial_and_by_nobody_in_between():
    with serve("wrong-name", tls_version="1.2") as server, relay(server) as between:
        trace = dial(between, "implicit", ca_file=server.ca_file)
        passed = between.trace(of=trace)
    assert trace.certificate.wrong_name == "holds another-name.example.net; you asked for 127.0.0.1"
    assert passed.certificate.asked_for is None and passed.certificate.wrong_name == ""
    assert (passed.cause, passed.certain) == (Cause.CERT_HOSTNAME, False)  # by the alert


def test_none_was_shown():
    with serve("plain") as server:
        trace = dial(server, "plain")
    assert trace.certificate is None and '"certificate": null' in trace.to_json()


def test_why_a_client_left_by_a_look_at_the_certificate():
    assert left(t.client(*t.LEFT)) == (Cause.CERT_REJECTED, False)
    odd = t.client(t.CH, ("S", answer(99) + CCS), ("C", b"\x15\3\3\0\2\2\x2a"), failed="tls: alert")
    assert alerted(odd, odd.conversation) == (Cause.CERT_HOSTNAME, False)  # no certificate to look at
    odd = t.client(t.CH, ("S", answer(99) + CCS), ("C", b"\x15\3\3\0\2\2\x2e"), failed="tls: alert")
    assert alerted(odd, odd.conversation) == (Cause.CERT_REJECTED, True)


def rejected(version):
    """What a relay saw of a client that looks at the certificate only once TLS is agreed, as msmtp does."""
    with serve("wrong-name", tls_version=version) as server, relay(server) as between:
        context = ssl.create_default_context(cafile=server.ca_file)
        context.check_hostname = False
        with socket.create_connection(between.address) as sock:
            context.wrap_socket(sock, server_hostname="smtp.example.com").close()
        return between.trace(timeout_s=30)


@pytest.mark.parametrize(("version", "cause", "says"), [
    ("1.2", Cause.CERT_HOSTNAME,
     "The certificate holds another-name.example.net; the client asked for smtp.example.com."),
    ("1.3", Cause.CERT_REJECTED, "the client ended it once it had seen the certificate, and said nothing within TLS")])
def test_the_tree_and_the_player_say_it_too(version, cause, says):
    trace = rejected(version)
    [door] = [door for door in doors(trace) if door.key == "certificate"]
    assert (door.state, door.taken, door.proof) == ("failed", cause, says)
    assert {door.state for door in doors(trace)} == {"passed", "failed", "ahead"}
    player = Player(trace)
    assert player.outcome["ok"] is False and says in player.outcome["why"]
    assert "".join(says.split()) in "".join(player.whole().split())  # wherever the lines break
    fields = [field for step in player.steps for field in step["fields"] if field["name"] == "certificate 1"]
    assert [field["value"].endswith("for another-name.example.net") for field in fields] == [True] * (version == "1.2")


def test_the_player_of_a_dial_shows_it_where_openssl_reports_it(no_stalls):
    with serve("expired") as server:
        trace = dial(server, "implicit", server_name="localhost")
    player = Player(trace)
    [field] = [field for step in player.steps for field in step["fields"] if field["name"] == "certificate 1"]
    assert "valid from" in field["prose"] and player.outcome["why"].startswith("The certificate expired 10 days ago.")
    [door] = [door for door in doors(trace) if door.key == "certificate"]
    assert (door.proof, door.taken) == ("The certificate expired 10 days ago.", Cause.CERT_EXPIRED)
    with serve("implicit") as server:
        [door] = [door for door in doors(dial(server, "implicit")) if door.key == "certificate"]
    assert door.state == "passed" and door.proof.endswith("days left")


# --- reading ---

def message(*ders, newer=False):
    entries = b"".join(len(one).to_bytes(3, "big") + one + b"\0\0" * newer for one in ders)
    body = b"\0" * newer + len(entries).to_bytes(3, "big") + entries
    return b"\x0b" + len(body).to_bytes(3, "big") + body


ONE, TWO = der("a.example.com"), der("b.example.com", ca=CA.create_child_ca())


@pytest.mark.parametrize("newer", [False, True])
def test_a_message_of_each_version(newer):
    for ders in (ONE, TWO):
        found = certificates_in(message(*ders, newer=newer))
        assert found == tuple(map(read_certificate, ders)) and found[0].names[0][1:] == ".example.com"
    assert certificates_in(message(newer=newer)) == ()
    assert certificates_in(message(b"nonsense", newer=newer)) == ()
    whole = message(*ONE, newer=newer)
    assert [size for size in range(len(whole)) if certificates_in(whole[:size])] == []


@given(st.binary(max_size=60), st.booleans())
def test_nothing_raises(data, newer):
    assert certificates_in(data) == certificates_in(b"\x0b\0\0" + data) == ()
    assert read_certificate(data) is None
    server_name(b"\x01" + data)
    broken = bytearray(message(*ONE, newer=newer))
    for at, byte in enumerate(data):
        broken[(at * 37 + byte) % len(broken)] = byte
    for found in certificates_in(bytes(broken)):
        assert str(ServerCertificate((found,), "x", NOW)).replace("\n", "").isprintable()


def test_the_name_in_a_client_hello():
    with serve("implicit") as server:
        events = dial(server, "implicit", server_name="mail.example.com").events
        bare = dial(server, "implicit").events
    [asks, *_], [without, *_] = (handshake_messages(found, Who.CLIENT) for found in (events, bare))
    assert (server_name(asks), server_name(without), server_name(hello(297)[5:])) == ("mail.example.com", None, None)
    assert {server_name(asks[:size]) for size in range(len(asks))} <= {
        None, "mail.example.com", *("mail.example.com"[:n] for n in range(16))}


def test_a_subject_that_would_act_on_the_terminal_does_not():
    evil = trustme.CA(organization_name="\x1b[31mred\u202e", key_type=trustme.KeyType.ECDSA)
    found = told("a.example.com", ca=evil, cause=Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA)
    assert "\x1b" in found.own.issuer and str(found).replace("\n", "").isprintable()
    assert shown(t.client(*t.BARE)) is None


@pytest.mark.parametrize("seconds", [0, 1e18, -1e18, float("inf"), float("nan")])
def test_a_time_that_no_calendar_has_is_unknown(seconds):
    assert moment(seconds) is None and moment(1e9).year == 2001
