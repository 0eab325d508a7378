"""Hangs, closes and resets: one wording, and what port and mode make of it."""

from helpers import each_row
from rows import first

from smtplab.messages import explain

WAITS = [
    "Error: Greeting never received", "smtplib.SMTPServerDisconnected: Connection unexpectedly closed: timed out",
    "SMTPConnectTimeoutError: Timed out waiting for server ready message",
    "System.Net.Mail.SmtpException: The operation has timed out.",
    "Net::ReadTimeout with #<TCPSocket:(closed)>", "Exception reading response;\n java.net.SocketTimeoutException: "
    "Read timed out",
    "curl: (28) server response timeout", "Operation timed out after 5001 milliseconds with 0 bytes received",
    "msmtp: network read error: the operation timed out", "<** Timeout (30 secs) waiting for server response",
    "ERROR => Timeout while reading from 192.0.2.1:465 There was no response after 60 seconds.",
    "read tcp 192.0.2.2:40000->192.0.2.1:465: i/o timeout", "new failed: [Net::SMTP: 421 [Net::SMTP] Timeout]",
    "error receiving '220 ': Timeout",
    "conversation with mx.example.com[192.0.2.1] timed out while receiving the initial server greeting",
    'Connection to "mail.example.com" timed out.', "SMTP timeout while connected to mx.example.com [192.0.2.1] after "
    "initial connection"]
ENDS = [
    "smtplib.SMTPServerDisconnected: Connection unexpectedly closed",
    "aiosmtplib.errors.SMTPServerDisconnected: Unexpected EOF received",
    "Error: Connection closed unexpectedly", "Got bad greeting from SMTP host: mail.example.com, response: [EOF]",
    "EOFError: end of file reached",
    "dial: EOF", "Unable to read data from the transport connection: The connection was closed.",
    "*** Remote host closed connection unexpectedly.",
    "192.0.2.1:465 returned a zero byte response to our query.", "Unexpected EOF on SMTP connection",
    "Connection to mail.example.com closed",
    "The SMTP server has unexpectedly disconnected.", "curl: (56) response reading failed (errno: 115)",
    "curl: (56) response reading failed", "Could not read from mail.example.com", 'source: "incomplete response"',
    "lost connection with mx.example.com[192.0.2.1] while receiving the initial server greeting",
    "mx.example.com [192.0.2.1] Remote host closed connection in response to initial connection",
    "Connected to mx.example.com.\nEscape character is '^]'.\nConnection closed by foreign host."]
HANDSHAKES = [
    "TimeoutError: _ssl.c:989: The handshake operation timed out", "curl: (28) SSL connection timeout",
    "SSL: Handshake timed out",
    "SSL wants a read first", "net/http: TLS handshake timeout", "context deadline exceeded",
    "Net::OpenTimeout: Net::OpenTimeout",
    "*** Fatal error: The operation timed out", "{error,timeout}", "java.net.SocketTimeoutException: Read timed out"]
TLS_ENDS = [
    "EOF occurred in violation of protocol (_ssl.c:1006)", "error:0A000126:SSL routines::unexpected eof while reading",
    "socket hang up",
    "Client network socket disconnected before secure TLS connection was established",
    "The TLS connection was non-properly terminated.",
    "PR_END_OF_FILE_ERROR: Encountered end of file", "Remote host terminated the handshake", "tls handshake eof",
    "Authentication failed because the remote party has closed the transport stream.",
    "SSL_ERROR_SYSCALL in connection to mail.example.com:465"]
RESETS = ["read ECONNRESET", "Connection reset by peer",
          "An existing connection was forcibly closed by the remote host", "write:errno=104",
          "ConnectionResetError", "PR_CONNECT_RESET_ERROR: TCP connection reset by peer"]


@each_row("text", WAITS)
def test_a_wait_on_465_is_for_a_greeting_that_tls_precedes(text):
    assert first(text, port=465, mode="starttls") == "plaintext-to-implicit"
    assert first(text, port=465, mode="plain") == "plaintext-to-implicit"
    assert first(text, port=587, mode="starttls") != "plaintext-to-implicit"


@each_row("text", [text for text in WAITS if ":465" not in text])
def test_a_wait_without_a_port_is_less_sure(text):
    found = explain(text, mode="starttls")[0]
    assert found.cause == "plaintext-to-implicit"
    assert found.likelihood < explain(text, port=465, mode="starttls")[0].likelihood


@each_row("text", HANDSHAKES)
def test_a_handshake_without_an_answer_is_other(text):
    assert first(text, mode="implicit") == "other"
    assert first(text, mode="implicit", port=465) == "other"


@each_row("text", HANDSHAKES[:5])
def test_a_handshake_without_an_answer_after_starttls_stalls(text):
    assert first(text, mode="starttls", port=587) == first(f"220 ready, after STARTTLS: {text}") == "handshake-stalled"
    # The failing twin: where TLS comes first, a silent server says the same, and this is one of several.
    causes = [found.cause for found in explain(text, mode="implicit")]
    assert causes[0] == "other" and "handshake-stalled" in causes


@each_row("text", ENDS)
def test_an_end_before_the_greeting(text):
    assert first(text, port=465, mode="starttls") == "plaintext-to-implicit"
    if ":465" not in text:
        assert first(text, mode="starttls") == "closed-before-greeting"


@each_row("text", TLS_ENDS)
def test_an_end_in_the_handshake(text):
    assert first(text, mode="implicit") == "closed-before-greeting"
    assert first("after STARTTLS: " + text) == "tls-version-or-cipher"


@each_row("text", RESETS)
def test_a_reset_is_a_close(text):
    assert first(text, mode="implicit") == "closed-before-greeting"
    assert first(text, mode="starttls") == "closed-before-greeting"


@each_row("text", WAITS + ENDS)
def test_a_wait_on_465_is_one_for_a_greeting_if_the_mode_is_not_known(text):
    assert first(text, port=465) == "plaintext-to-implicit"


@each_row("text", HANDSHAKES)
def test_a_handshake_on_465_is_no_wait_for_a_greeting(text):
    assert first(text, port=465, mode="implicit") == "other"
    assert first(text, port=587) != "plaintext-to-implicit"


@each_row("text", RESETS)
def test_a_reset_on_465_of_a_client_in_clear_is_a_mismatch(text):
    assert first(text, port=465, mode="starttls") == first(text, port=465, mode="plain") == "plaintext-to-implicit"
    assert first(text, port=465) == first(text, port=465, mode="implicit") == "closed-before-greeting"


@each_row("text", ["lost connection with mx.example.com[192.0.2.1] while receiving the initial server"
                                  " greeting", "Remote host closed connection in response to initial connection",
                                  "Got bad greeting from SMTP host: mx.example.com, port: 25, response: [EOF]"])
def test_an_end_is_no_wait(text):
    assert first(text, port=25) == "closed-before-greeting"
    assert first("mx.example.com timed out while receiving the initial server greeting", port=25) == "filtered-timeout"


@each_row(("encryption", "port", "cause"), [
    ("tls", 465, "plaintext-to-implicit"), ("", 465, "plaintext-to-implicit"), ("ssl", 587, "implicit-to-plaintext"),
    ("ssl", 25, "implicit-to-plaintext"), ("ssl", 465, "other"), ("tls", 587, "other")])
def test_git_names_its_mode_and_port(encryption, port, cause):
    values = f"server=mail.example.com encryption={encryption} hello=box.example port={port} at git-send-email line 9."
    assert first(f"Unable to initialize SMTP properly. Check config and use --smtp-debug.\nVALUES: {values}") == cause


def test_erlang_s_timeout_is_a_wait_where_the_mode_begins_in_clear():
    for text in ("{network_failure,\"mail.example.com\",{error,timeout}}", "{:network_failure, {:error, :timeout}}"):
        assert first(text, port=465, mode="starttls") == "plaintext-to-implicit"
        assert first(text, port=587, mode="starttls") != "plaintext-to-implicit"


@each_row("text", ["Could not read from mail.log", "Could not read from remote repository"])
def test_what_only_looks_like_an_end_is_not_known(text):
    assert first(text, port=25) == "other"


def test_a_dropped_connection_attempt_is_no_wait_for_a_greeting():
    assert first("dial tcp 192.0.2.1:465: i/o timeout", port=465, mode="starttls") == "filtered-timeout"
    assert first("connect ETIMEDOUT 192.0.2.1:465", port=465, mode="plain") == "filtered-timeout"


def test_a_close_in_the_login_refuses_it():
    text = 'File "smtplib.py", line {}, in {}\nsmtplib.SMTPServerDisconnected: Connection unexpectedly closed'
    assert first(text.format(739, "login")) == "auth-rejected"
    assert first(text.format(339, "connect")) == "closed-before-greeting"


@each_row("text", ["Error: Greeting never received", "SmtpException: The operation has timed out.",
                                  "EOFError: end of file reached",
                                  "Could not connect to SMTP host: mail.example.com, port: 465, response: -1"])
def test_words_that_only_a_client_in_clear_says_overrule_a_setting_that_says_ssl(text):
    assert first(text, port=465, mode="implicit") == "plaintext-to-implicit"


@each_row(("port", "mode", "cause"), [
    (25, "implicit", "implicit-to-plaintext"), (587, "implicit", "implicit-to-plaintext"),
    (465, "starttls", "plaintext-to-implicit"),
    (465, "plain", "plaintext-to-implicit"), (587, "starttls", "filtered-timeout")])
def test_an_empty_reply_follows_port_and_mode(port, mode, cause):
    assert first('Expected response code 220 but got code "" (line 9)', port=port, mode=mode) == cause
    assert first('Expected response code "220" but got an empty response.', port=port, mode=mode) == cause


@each_row(("text", "port", "mode", "cause"), [
    ("our mailer hangs", 465, "starttls", "plaintext-to-implicit"),
    ("our mailer hangs", 587, "starttls", "filtered-timeout"),
    ("the peer disconnected", 465, "plain", "plaintext-to-implicit"),
    ("TLS handshake failed", 587, "implicit", "implicit-to-plaintext")])
def test_unknown_wordings_follow_port_and_mode_and_are_unsure(text, port, mode, cause):
    found = explain(text, port=port, mode=mode)[0]
    assert found.cause == cause
    assert found.likelihood <= 0.65


@each_row("text", ["the greeting was received in time", "the mail was read", "EOFY report",
                                  "reset your password"])
def test_words_of_other_things_are_not_known(text):
    assert "Not known" in explain(text, port=25)[0].title


def test_postfix_names_the_mistake_itself():
    assert first("CLIENT wrappermode (port smtps/465) is unimplemented") == "plaintext-to-implicit"
    assert first("smtpd_tls_wrappermode is on") != "plaintext-to-implicit"
