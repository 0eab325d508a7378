"""What a text tells of its own circumstances: port, host, provider, who speaks, and whether it is an error at all."""

import hypothesis
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab.messages import clean, explain
from smtplab.messages.context import context_of, provider_of


def look(text, port=None, mode=None):
    return context_of(clean(text), port, mode)


@each_row(("text", "port"), [
    ("at node:internal/modules/cjs/loader:1228", None), ("at require (node:internal/modules/helpers:179:28)", None),
    ("smtps://mail.example:1228", 1228),
    ("connect to mail.example.com[192.0.2.1]:25: timed out", 25), ("port: 465, response: -1", 465),
    ("ssl://mail.example.com:587", 587), ("=== Trying 192.0.2.1:465...", 465),
    ("read tcp 192.0.2.9:40000->192.0.2.1:465: i/o timeout", 465), ("at TLSSocket (_tls_wrap.js:1055:34)", None),
    ('"port" => 2525', 2525), ("host mail port 1025", 1025), ("at 12:30:25", None), ("ssl3_record.c:332:", None),
    ("[WinError 10061]", None)])
def test_the_port(text, port):
    assert look(text).port == port


def test_what_the_caller_knows_overrules_the_text():
    assert look("mail.example.com:465", port=587).port == 587


@each_row("text", ["Could not connect to SMTP host: mail.example.com, port: 465, response: -1",
                   "* Connected to mail.example.com (192.0.2.1) port 465",
                   "SSL_connect peeraddr=192.0.2.1:465 state=error",
                   "Connection: opening to ssl://mail.example.com:465", "connect ECONNREFUSED 192.0.2.1:465"])
def test_a_port_that_was_connected_to_overrules_settings_and_what_the_caller_knows(text):
    assert look(f"spring.mail.port=587\n{text}", port=587).port == 465
    assert look(text.replace("465", "40465"), port=587).port == 587  # a test's own server


def test_where_client_and_server_speak_the_client_is_asked_about():
    server = "postfix/submission/smtpd[8]: lost connection after UNKNOWN from a.example[192.0.2.1]"
    client = "SSL_connect returned=1 errno=0 peeraddr=192.0.2.1:587 state=error: wrong version number"
    assert look(server).from_server and not look(f"{client}\n{server}").from_server
    assert explain(f"{client}\n{server}")[0].cause == "implicit-to-plaintext"


@each_row(("text", "host"), [
    ("Connection: opening to smtp.gmail.com:587", "smtp.gmail.com"), ('host: "mx.example.org",', "mx.example.org"),
    ("ssl://mail.example.com:465", "mail.example.com"),
    ("getaddrinfo ENOTFOUND smtp.example.con", "smtp.example.con"),
    ("javax.mail.MessagingException: connection failed", ""),
    ("mail.rb:12: error", ""), ("SMTP host: relay.example.net, port: 25", "relay.example.net"),
    ("smtplib.SMTPException: no", ""),
    ("sent from me@mail.example.com", "")])
def test_the_host(text, host):
    assert look(text).host == host


@each_row(("words", "provider"), [
    ("smtp.gmail.com", "google"), ("Gmail", "google"), ("smtp.office365.com", "microsoft"), ("mail.example.com", ""),
    ("notgmailish", "")])
def test_the_provider(words, provider):
    assert provider_of(words) == provider


def test_a_named_host_overrules_a_provider_in_the_text():
    assert look("smtp error of Gmail: no").provider == "google"
    assert look("opening to mail.example.com:587 for me@gmail.com").provider == ""


@each_row("words", ["SMTPSecure=ssl", "TLS", "STARTTLS", "smtps", "none", "", None, 465, "Implicit"])
def test_a_mode_is_one_of_three_names_and_the_words_of_settings_are_none(words):
    assert look("", mode=words).mode is None
    assert [look("", mode=name).mode for name in ("implicit", "starttls", "plain")] == ["implicit", "starttls", "plain"]


@each_row(("text", "mode"), [
    ("* Connected to mail.example.com\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):", "implicit"),
    ("< 220 mail.example.com ESMTP\n> EHLO a\n< 250 STARTTLS\n> STARTTLS\n< 220 go\n"
     "* TLSv1.3 (OUT), TLS handshake, Client hello (1):", "starttls"),
    ("< 220 mail.example.com ESMTP\n> EHLO a\n< 250-m\n< 250 STARTTLS\n> MAIL FROM:<a@example.com>", "plain"),
    ("< 220 mail.example.com ESMTP\n> EHLO a\n< 250-m\n< 250 SIZE\n> MAIL FROM:<a@example.com>", None),
    ("< 220 mail.example.com ESMTP\n> EHLO a\n< 250 SIZE", None)])
def test_the_mode_that_a_log_shows_overrules_the_one_that_was_given(text, mode):
    other = "plain" if mode != "plain" else "implicit"
    assert look(text, mode=other).shown_mode == mode
    assert look(text, mode=other).mode == (mode or other)


@each_row(("text", "shown"), [
    ("stream_socket_enable_crypto()", True), ("could not convert socket to TLS", True), ("AUTH LOGIN", False),
    ("Greeting never received", False), ("STARTTLS is not offered", False)])
def test_whether_the_text_shows_that_tls_began_after_starttls(text, shown):
    assert look(text).starttls_shown is shown


@each_row(("text", "from_server"), [
    ("postfix/smtpd[12]: SSL_accept error from unknown[192.0.2.1]: -1", True), ("postfix/smtp[12]: connect to mail",
    False),
    ("SSL_connect returned=1", False), ("tls_early_post_process_client_hello:no shared cipher", True)])
def test_whose_log_it_is(text, from_server):
    assert look(text).from_server is from_server


@each_row(("port", "mode", "waits", "tls_too_early"), [
    (465, "starttls", True, False), (465, "plain", True, False), (465, "implicit", False, False),
    (465, None, False, False), (587, "implicit", False, True), (587, "starttls", False, False),
    (None, "implicit", False, False), (4000, "plain", False, False)])
def test_port_and_mode_that_do_not_fit_each_other(port, mode, waits, tls_too_early):
    found = look("", port, mode)
    assert (found.waits_for_each_other, found.tls_where_text_is_due) == (waits, tls_too_early)


def test_a_large_service_is_known_by_its_name():
    assert look("smtp.gmail.com").large_service and not look("smtp.sendgrid.net").large_service


@each_row(("mention", "error"), [
    ("- Fixed: connection refused on reconnect", "Error: connection refused"),
    ("We fixed the certificate has expired error in 2.3.", "certificate has expired"),
    ("What does connection refused mean?", "connect: connection refused")])
def test_an_error_that_is_only_spoken_about_weighs_less(mention, error):
    assert look(mention).only_mentioned
    assert not look(error).only_mentioned
    assert explain(mention)[0].likelihood < 0.5 < explain(error)[0].likelihood


def test_a_question_behind_a_real_log_stays_a_real_log():
    assert not look("line\n" * 5 + "Errno 111 connection refused\nHow do I fix this?").only_mentioned


@hypothesis.settings(max_examples=150)
@given(st.text(max_size=400), st.one_of(st.none(), st.integers()), st.one_of(st.none(), st.text(max_size=60)))
def test_nothing_raises_and_places_agree(text, port, mode):
    found = context_of(clean(text), port, mode)
    assert len(found.low) == len(found.text)
    assert found.mode in (None, "implicit", "starttls", "plain")
    for one in explain(text, port=port, mode=mode):
        assert 0 <= one.likelihood <= 1
        assert all(0 <= a <= b <= len(clean(text)) for a, b in one.marks)


def test_a_letter_whose_small_form_is_longer_keeps_the_marks_in_place():
    text = "\u0130" * 20 + " Connection refused"
    (a, b), *_ = explain(text)[0].marks
    assert clean(text)[a:b].lower() == "connection refused"


def test_the_text_of_a_port_is_the_port_and_what_is_none_is_ignored():
    text = "Error: Greeting never received"
    assert explain(text, port="465") == explain(text, port=465) != explain(text, port=587)
    for none in (0, 70000, "smtp", "", [], b"465", True):
        assert explain(text, port=none) == explain(text)
