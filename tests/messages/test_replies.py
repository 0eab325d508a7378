"""The server's own words: each family of replies, in the quotation marks of many clients, and what must not be one."""

from helpers import each_row
from rows import first

from smtplab.messages.replies import reply


@each_row("quoted", [
    "554 5.7.1 no", "554-5.7.1 no", "SMTPConnectError: (554, b'5.7.1 no')", '554 "5.7.1 no"', "server response: 554",
    "response=554 5.7.1 no", "<** 554 5.7.1 no", "SMTP session failed: 554 5.7.1 no", "Received: \t554 5.7.1 no",
    "Transaction failed. The server response was: 5.7.1 no", 'got code "554", with message "554 5.7.1 no"'])
def test_a_reply_is_read_in_every_client_s_quotation_marks(quoted):
    assert first(quoted) == "relay-or-policy"
    later = quoted.replace("554", "421").replace("5.7.1 no", "busy").replace(
        "Transaction failed", "Service not available, closing transmission channel")
    assert first(later) == "temporarily-unavailable"


@each_row("running", [
    "the server refused the message with {} no", "The error was {} no", "SMTP server replied {} no",
    "delivery failed. {} no", "data not accepted. {} no", "10:00:01 {} no"])
def test_a_code_before_an_enhanced_code_of_its_class_needs_no_announcement(running):
    assert first(running.format("554 5.2.0")) == "relay-or-policy"
    assert first(running.format("421-4.3.2")) == "temporarily-unavailable"
    for no_code in ("554 4.2.0", "554 items", "1554 5.2.0", "421 5.3"):
        assert first(running.format(no_code)) == "other"


def test_a_code_and_its_response_in_pear_s_brackets():
    assert first("[SMTP: Failed to send data (code: 550, response: 5.7.1 no)]") == "relay-or-policy"
    assert first("[SMTP: Failed to send data (code: 421, response: busy)]") == "temporarily-unavailable"
    assert first("(code: 550, line: 7)") == first("(code: -1, response: )") == "other"


@each_row("no_reply", [
    "at mailer.rb:554:in `deliver'", "class.smtp.php on line 421", "sent 550 bytes", "port 587", "took 451ms",
    "id=4a421b"])
def test_a_number_that_is_no_reply_decides_nothing(no_reply):
    assert first(no_reply) == "other"


@each_row(("text", "cause"), [
    ("530 5.7.0 You must issue STARTTLS first.", "starttls-required"),
    ("(530, b'5.7.0 Must issue a STARTTLS command first', 'me@example.com')", "starttls-required"),
    ("451 5.7.3 STARTTLS is required to send mail", "starttls-required"),
    ("550 5.7.1 Session encryption is required", "starttls-required"),
    ("the server response was: 5.7.0 Must issue a STARTTLS command first", "starttls-required"),
    ("530 5.7.0 Authentication Required", "auth-required"),
    ("530 5.7.1 Client was not authenticated", "relay-or-policy"),
    ("454 4.7.0 TLS not available due to local problem", "temporarily-unavailable"),
    ("454 4.7.1 <a@example.com>: Relay access denied", "relay-or-policy"),
    ("454 Command not permitted when TLS active", "starttls-not-offered"),
    ("503 5.5.1 Error: TLS already active", "starttls-not-offered"),
    ("502 5.5.2 STARTTLS: command not recognized", "starttls-not-offered"),
    ("421 4.7.66 TLS 1.0 and 1.1 are not supported", "tls-version-or-cipher"),
    ("421 4.7.0 Try again later, closing connection. (EHLO) a1 - gsmtp", "relay-or-policy"),
    ("421 4.3.2 Service not available", "temporarily-unavailable"),
    ("450 4.2.0 <a@example.com>: Recipient address rejected: Greylisted", "temporarily-unavailable"),
    ("450 4.7.25 Client host rejected: cannot find your hostname", "relay-or-policy"),
    ("432 4.3.2 Concurrent connections limit exceeded", "temporarily-unavailable"),
    ("550 5.7.60 SMTP; Client does not have permissions to send as this sender", "relay-or-policy"),
    ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "relay-or-policy"),
    ("554 Message rejected: Email address is not verified.", "relay-or-policy"),
    ("554 synchronization error (next input sent too soon)", "other"),
    ("220 ************************", "middlebox"),
    ("Invalid greeting. response=* OK [CAPABILITY IMAP4rev1] ready", "server-not-smtp"),
    ("imaplib abort: unexpected response: b'220 mail.example.com ESMTP'", "server-not-smtp"),
])
def test_families(text, cause):
    assert first(text) == cause


def test_the_greeting_of_another_machine_beats_the_refused_login_behind_it():
    talk = ("Connection: opening to smtp.gmail.com:587, timeout=300\nSERVER -> CLIENT: 220-{} ESMTP ready\n"
            "SERVER -> CLIENT: 535 Incorrect login")
    assert first(talk.format("web12.hoster.example")) == "middlebox"
    assert first(talk.format("smtp.gmail.com")) == "auth-rejected"
    own = talk.replace("smtp.gmail.com", "mail.example.com")
    assert first(own.format("web12.hoster.example")) == "auth-rejected"  # a private name may well be an alias


def test_the_reply_to_starttls_is_no_greeting():
    text = ("opening to smtp.gmail.com:587\n220 smtp.gmail.com ESMTP a1 - gsmtp\n220 2.0.0 Ready to start TLS\n535 "
            "5.7.8 no")
    assert first(text) == "auth-rejected"


def test_the_server_s_words_outrank_the_wrapper_around_them():
    wrapper = "The SMTP server requires a secure connection or the client was not authenticated."
    assert first(wrapper) == "auth-required"
    assert first(f"{wrapper} The server response was: 5.7.0 Must issue a STARTTLS command first") == "starttls-required"
    assert first("SMTP Error: Could not connect to SMTP host. 454 4.7.0 TLS not available due to local problem"
                 ) == "temporarily-unavailable"


def test_a_reply_pattern_takes_what_announces_a_code_and_no_bare_number():
    import re
    assert re.search(reply("535"), "code 535: no")
    assert not re.search(reply("535"), "took 535 ms")
