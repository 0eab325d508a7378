"""What is taken to listen on a port, how far the sentence claims to know it, and what a client meets there."""

import re

from helpers import each_row

from smtplab.settings import SettingsMode, read_settings
from smtplab.settings.standard import MX, SUBMISSION, SUBMISSIONS, server_of, speaks_on

PLAIN, IMPLICIT = SettingsMode.PLAIN, SettingsMode.IMPLICIT
SES = {25: "speaks plaintext", 587: "STARTTLS", 2587: "STARTTLS", 465: "TLS from the first byte",
       2465: "TLS from the first byte"}


@each_row(("port", "server"), [
    (587, SUBMISSION), (2525, SUBMISSION), (1587, SUBMISSION), (2587, SUBMISSION), (465, SUBMISSIONS),
    (2465, SUBMISSIONS), (25, MX), (80, MX)])
def test_a_number_says_what_listens_whatever_the_client_does(port, server):
    assert {server_of(port, mode) for mode in SettingsMode} == {server}


def test_on_another_port_it_is_what_the_mode_asks_for():
    assert [server_of(1025, mode) for mode in (PLAIN, IMPLICIT)] == [SUBMISSION, SUBMISSIONS]


@each_row("port", list(SES))
def test_what_is_said_fits_a_provider_that_listens_on_five_ports(port):
    """Amazon SES: STARTTLS on 25, 587 and 2587, TLS at once on 465 and 2465, and a login on each."""
    said = speaks_on(port, PLAIN)
    assert SES[port] in said and f"Port {port} " in said
    assert "takes no login" not in said.replace("usually takes no login", "")


@each_row("port", [1025, 80, 26])
def test_a_number_that_says_nothing_is_called_so(port):
    for mode in (PLAIN, IMPLICIT):
        assert "stands for no kind of mail server; taken to be like" in speaks_on(port, mode)
    assert "stands for no" not in speaks_on(2587, PLAIN)


def test_implicit_tls_on_a_submission_port_of_another_thousand_fails():
    assert read_settings("rails", {"tls": True}, port=2587).outcome == "wrong-version-number"
    assert read_settings("rails", {"tls": True}, port=2465).outcome == "works"


def test_a_login_on_25_is_said_to_fail_only_where_none_is_taken():
    said = read_settings("django", {"EMAIL_USE_TLS": True}, port=25).sentence
    assert re.search(r"usually takes no login; where it takes none, .* fails", said)
    assert "some providers also take logins on 25" in said
