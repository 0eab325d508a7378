"""The network's words in each language: no name, no route, no listener, no answer; and waits that are none of its."""

from helpers import each_row
from rows import first

from smtplab import explain

NAMES = {
    "refused": [
        "dial tcp 127.0.0.1:25: connect: connection refused", "[WinError 10061] the target machine actively refused it",
        "Connection could not be established with host localhost [Connection refused #111]", "{:error, :econnrefused}",
        "java.net.ConnectException: Connection refused", "ConnectionRefusedError: [Errno 61] refused",
        "connect ECONNREFUSED ::1:1025"],
    "dns": [
        "socket.gaierror: [Errno -2] Name or service not known", "socket.gaierror: [Errno 11001] getaddrinfo failed",
        "dial tcp: lookup mail.example.con on 127.0.0.11:53: no such host",
        "java.net.UnknownHostException: mail.example.com",
        "php_network_getaddresses: getaddrinfo failed: Temporary failure in name resolution", "{:error, :nxdomain}",
        "The remote name could not be resolved: 'mail.example.com'", "Could not resolve host: mail.example.com",
        "queryA EAI_AGAIN mail.example.com",
        "queryA ETIMEOUT mail.example.com", "queryMx ECONNREFUSED example.com", "timed out, code: 'EDNS'",
        "SocketException: Failed host lookup: 'mail.example.com'", "No such host is known",
        "nodename nor servname provided, or not known",
        "failed to lookup address information", "Host or domain name not found. Name service error for "
        "name=example.com type=MX"],
    "filtered-timeout": [
        "connect ETIMEDOUT 192.0.2.1:587", "dial tcp 192.0.2.1:25: i/o timeout",
        "TimeoutError: [Errno 110] Connection timed out",
        "Net::OpenTimeout: execution expired", "connect ENETUNREACH 2001:db8::1:587",
        "OSError: [Errno 101] Network is unreachable",
        "java.net.SocketTimeoutException: connect timed out", "did not properly respond after a period of time",
        "unable to connect to tcp://mail.example.com:587 (Connection timed out)", "connect EHOSTUNREACH 192.0.2.1:25",
        "connect to mx.example.com[192.0.2.1]:25: Connection timed out", "No route to host",
        "Failed to connect to server: Permission denied (13)", "25/tcp filtered smtp",
        "TcpTestSucceeded : False"],
}


@each_row(("cause", "text"), [(cause, text) for cause, texts in NAMES.items() for text in texts])
def test_families(cause, text):
    assert first(text) == cause


@each_row("text", ["25/tcp open smtp", "TcpTestSucceeded : True", "database query error 7",
                                  "EDNS0 is used"])
def test_what_only_sounds_like_the_network_is_not_known(text):
    assert first(text) == "other"


def test_a_wait_for_a_greeting_is_no_dropped_connection():
    assert first("read tcp 192.0.2.9:50000->192.0.2.1:465: i/o timeout", port=465,
    mode="starttls") == "plaintext-to-implicit"
    assert first("dial tcp 192.0.2.1:465: i/o timeout", port=465, mode="starttls") == "filtered-timeout"


def test_a_wrapper_without_a_cause_follows_port_and_mode():
    text = "Could not connect to the mail server"
    assert first(text, port=587, mode="implicit") == "implicit-to-plaintext"
    assert first(text, port=465, mode="starttls") == "plaintext-to-implicit"
    assert first(text) == "filtered-timeout"


def test_a_name_that_the_server_cannot_find_is_the_server_s_policy():
    assert first("450 4.7.1 <localhost>: Helo command rejected: Host not found") == "relay-or-policy"


@each_row("text", ["connect ECONNREFUSED 192.0.2.1:587", "No route to host"])
def test_a_refusal_may_be_a_firewall_s(text):
    assert "firewall that rejects" in explain(text)[0].why and "no program" not in explain(text)[0].why
