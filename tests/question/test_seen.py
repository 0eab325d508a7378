"""What an error shows of its client: whom it dialled, in each program's words, and when two names may be one."""

from helpers import each_row

from smtplab.question.seen import dialled, same_host, tried_by_hand


@each_row(("text", "place"), [
    ("dial tcp 192.0.2.3:465: i/o timeout", ("192.0.2.3", 465)),
    ("dial tcp: lookup mail.example on 127.0.0.11:53: no such host", ("mail.example", None)),
    ("Error: connect ECONNREFUSED 127.0.0.1:587", ("127.0.0.1", 587)),
    ("Error: getaddrinfo ENOTFOUND mail.example", ("mail.example", None)),
    ("SSL_connect returned=1 errno=0 peeraddr=192.0.2.10:587 state=error", ("192.0.2.10", 587)),
    ('Connection could not be established with host "mailpit:1025": x', ("mailpit", 1025)),
    ("Couldn't connect to host, port: smtp.example.net, 587; timeout 5000", ("", None)),
    ("Could not connect to SMTP host: smtp.example.net, port: 465, response: -1", ("smtp.example.net", 465)),
    ("stream_socket_client(): Unable to connect to ssl://smtp.example.net:465 (x)", ("smtp.example.net", 465)),
    ("*   Trying 192.0.2.7:25...", ("192.0.2.7", 25)),
    ("$ telnet mail.example 25\nTrying 192.0.2.7...", ("mail.example", 25)),
    ("$ nc -vz mail.example 465", ("mail.example", 465)), ("telnet was removed in 25 places", ("", None)),
    ("220 mx.example.net ESMTP ready", ("", None)), ("at smtp.js:587:3", ("", None)),
    ("it took from 10:25 to 11:25", ("", None)), ("", ("", None))])
def test_whom_a_program_says_it_dialled(text, place):
    assert dialled(text) == place


@each_row(("one", "other", "same"), [
    ("mail.example", "MAIL.example.", True), ("mail.example", "192.0.2.1", True), ("mail.example", "127.0.0.1", False),
    ("localhost", "127.0.0.1", True), ("mail.example", "other.example", False), ("mail.example", "localhost", False),
    ("mail", "mail.example", False), ("example.net", "mail.example.net", True)])
def test_two_names_of_one_machine(one, other, same):
    assert same_host(one, other) is same is same_host(other, one)


@each_row(("text", "mode"), [
    ("$ openssl s_client -connect a.example:587", "implicit"),
    ("$ openssl s_client -starttls smtp -connect a.example:587", "starttls"),
    ("telnet a.example 25", "plain"), ("telnet was removed", ""), ("", "")])
def test_a_test_by_hand_says_how_it_begins(text, mode):
    assert tried_by_hand(text) == mode
