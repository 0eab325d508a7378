"""Logins: refused, impossible, or held back; one text can mean two of these, and the mode decides."""

import re

from helpers import each_row
from rows import first

from smtplab import explain


@each_row("text", [
    "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", "(535, b'5.7.3 Authentication unsuccessful')",
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant",
    "534-5.7.9 Application-specific password required.", "534-5.7.14 <https://accounts.example/> Please log in via "
    "your web browser",
    "535 Incorrect authentication data", "535 Authentication Credentials Invalid", "550 User has no permission",
    "535 Login Fail. Please enter your authorization code to login.", "535 authorization failed (#5.7.0)",
    "Net::SMTPAuthenticationError", "javax.mail.AuthenticationFailedException",
    "MailKit.Security.AuthenticationException: 535: no",
    "SMTP Error: Could not authenticate.", 'Failed to authenticate on SMTP server with username "a" using 2 possible '
    'authenticators',
    "curl: (67) Login denied", "msmtp: authentication failed (method PLAIN)",
    "{:permanent_failure, 'mail.example.com', :auth_failed}", "550 5.7.30 Basic authentication is not supported for "
    "Client Submission."])
def test_refused(text):
    assert first(text, mode="starttls") == "auth-rejected"


@each_row("text", [
    "530 5.7.0 Authentication Required. Learn more at", "530-5.5.1 Authentication Required.", "550 Authentication "
    "required", "530 5.7.57 Client was not authenticated to send anonymous mail", 'Missing credentials for "PLAIN"',
    "SMTP-AUTH requested but missing user name", "SMTP-AUTH requested but missing secret phrase"])
def test_a_login_that_was_never_sent_was_not_refused(text):
    found = explain(text, mode="starttls")
    assert found[0].cause == "auth-required"
    assert not re.search(r"understood the login|refused it", found[0].why)


@each_row(("text", "says"), [
    ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", "switched off"),
    ("534-5.7.9 Application-specific password required. Learn more at", "made for programs"),
    ("535-5.7.8 Username and Password not accepted. Learn more at", "refused the login"),
    ("535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.", "refused the login")])
def test_the_text_of_a_refusal_says_which_it_is(text, says):
    found = explain(text)[0]
    assert found.cause == "auth-rejected" and says in found.why


@each_row("text", [
    "504 5.7.4 Unrecognized authentication type", "504 Unknown mechanism <CRAM-MD5>",
    "No suitable authentication method found.", "The server does not seem to support encrypted passwords.",
    "The server does not allow plaintext passwords.", "It does not support the selected authentication method.",
    "No authentication mechanisms supported by both server and client",
    "No compatible authentication mechanism was found",
    "535 5.7.8 Error: authentication failed: no mechanism available", "server does not support SMTP AUTH type: LOGIN"])
def test_mechanism(text):
    assert first(text, mode="starttls") == "auth-mechanism"


@each_row("text", [
    "SMTP AUTH extension not supported by server.", "smtp: server doesn't support AUTH",
    "503 AUTH command used when not advertised",
    "The SMTP server does not support authentication.", "*** Host did not advertise authentication"])
def test_auth_not_offered_means_another_thing_in_clear_than_after_tls(text):
    assert first(text, mode="plain", port=587) == "auth-needs-tls"
    assert first(text, mode="starttls", port=587) == "auth-mechanism"
    assert first(text, port=465) == "auth-mechanism"


@each_row("text", [
    "*** No authentication type succeeded\n*** Host did not advertise authentication",
    "No compatible authentication mechanism was found"])
def test_no_usable_mechanism_in_clear_may_be_hidden_until_tls(text):
    assert first(text, mode="plain", port=587) == "auth-needs-tls"
    assert first(text, mode="starttls", port=587) == first(text, mode="implicit", port=465) == "auth-mechanism"


@each_row("text", [
    "538 5.7.11 Encryption required for requested authentication mechanism", "plain auth: unencrypted connection",
    "Plaintext authentication disallowed on non-secure (SSL/TLS) connections",
    "cannot use a secure authentication method"])
def test_needs_tls(text):
    assert first(text) == "auth-needs-tls"


def test_a_transcript_shows_why_a_mechanism_is_not_known():
    before_tls = ("250-mail.example.com\n250-STARTTLS\n250 8BITMIME\nAUTH LOGIN\n504 5.7.4 Unrecognized "
                  "authentication type")
    assert first(before_tls) == "auth-needs-tls"
    assert first(before_tls.replace("8BITMIME", "AUTH NTLM")) == "auth-mechanism"


@each_row("text", [
    "235 2.7.0 Authentication successful", "Authentication failed because the remote party has closed the transport "
    "stream.",
    "Access denied for user 'app'@'localhost' while fetching rows"])
def test_no_refused_login(text):
    assert first(text) != "auth-rejected" or "user" in text
