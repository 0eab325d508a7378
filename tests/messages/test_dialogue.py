"""What decides in a log: the first thing that failed, in the server's own words where it has some."""

from helpers import each_row
from rows import first

from smtplab.messages import explain

HELLO = "S: 220 mail.example.com ESMTP\nC: EHLO a\nS: 250-mail.example.com\n"


@each_row(("text", "cause"), [
    # The words of the first refusal tell more than its code; what comes later tells nothing.
    (HELLO + "S: 250 SIZE\nC: MAIL FROM:<a@b.example>\nS: 550 5.7.1 Client host blocked using zen.example\nC: QUIT\n"
     "certificate verify failed", "relay-or-policy"),
    ("S: 421 4.7.0 come back later\nC: EHLO a\nS: 503 5.5.1 no\nCould not authenticate.", "temporarily-unavailable"),
    ("S: 421 limit of avast Mail Shield exceeded\nC: QUIT", "middlebox"),
    ("S: 421 4.7.66 TLS 1.0 and 1.1 are not supported\nC: QUIT", "tls-version-or-cipher"),
    (HELLO + "S: 250 AUTH PLAIN\nC: AUTH PLAIN\nS: 535 5.7.8 no\nC: MAIL FROM:<a@b.example>\n"
     "S: 530 5.7.0 Authentication required", "auth-rejected"),
    (HELLO + "S: 250 SIZE\nC: STARTTLS\nS: 454 4.7.0 TLS not available", "starttls-not-offered"),
    (HELLO + "S: 250 STARTTLS\nC: STARTTLS\nS: 454 4.7.0 TLS not available", "temporarily-unavailable"),
    (HELLO + "S: 250 STARTTLS\nC: QUIT\nSMTP Error: Could not authenticate.", "auth-needs-tls"),
    (HELLO + "S: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nOperation timed out after 3007 milliseconds with 0 bytes "
     "received", "handshake-stalled"),
    (HELLO + "S: 250 STARTTLS\nC: STARTTLS\nS: 220 go\ncertificate has expired", "cert-expired"),
    (HELLO + "S: 250 SIZE\nC: DATA\nS: 354 go\nS: 250 queued\nC: QUIT\nS: 221 bye\n=== Connection closed with remote "
     "host.", "ok")])
def test_a_log_is_read_from_the_first_thing_that_failed(text, cause):
    assert first(text) == cause


@each_row(("earlier", "later", "cause"), [
    ("connect ECONNREFUSED 192.0.2.1:465", "Invalid login", "refused"),
    ("[Errno 111] Connection refused", "certificate verify failed", "refused"),
    ("Invalid greeting. response=421 4.3.2 busy", "535 5.7.8 Authentication failed", "temporarily-unavailable")])
def test_so_is_a_text_without_a_dialogue(earlier, later, cause):
    assert first(f"{earlier}\n{later}") == cause
    assert first(f"{later} (line 2)") != cause


@each_row(("text", "port", "cause"), [
    ("=== Connected to mail.example.com.", 465, "plaintext-to-implicit"),
    ("Connected to mx.example.com.\nEscape character is '^]'.", 587, "filtered-timeout"),
    ("CONNECTED(00000003)", 465, "plaintext-to-implicit"), ("CONNECTED(00000003)", None, "plaintext-to-implicit")])
def test_connected_and_then_nothing(text, port, cause):
    found = explain(text, port=port)[0]
    assert found.cause == cause
    assert found.likelihood <= 0.75
    assert explain(text + "\n220 mail.example.com ESMTP\nQUIT", port=port)[0].cause != cause


def test_a_wait_after_the_connection_was_made_is_no_filtered_port():
    assert first("connect ETIMEDOUT", port=465) == "filtered-timeout"
    assert first("* Connected to mail.example.com (192.0.2.1) port 465\nETIMEDOUT", port=465) != "filtered-timeout"


@each_row("text", ["+OK ready <1@mail.example.com> POP3", "* OK [CAPABILITY IMAP4rev1] IMAP ready", "SSH-2.0-x_9.2",
                   "S: SSH-2.0-x\nC: EHLO a", "Unexpected IMAP greeting: 220 mail.example.com ESMTP"])
def test_a_greeting_of_another_service(text):
    assert first(text) == "server-not-smtp"
