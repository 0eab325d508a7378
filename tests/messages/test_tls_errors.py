"""TLS libraries' words at connect, after STARTTLS and in a server's log; words for no common version; mere mentions."""

from helpers import each_row
from rows import first

from smtplab.messages import explain
from smtplab.messages.tls_patterns import NOT_TLS, VERSION

LOG = "postfix/smtpd[9]: warning: TLS library problem: "
AFTER = "stream_socket_enable_crypto(): "
NOT_TLS_TEXTS = [
    "error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol:s23_clnt.c:794:",
    "error:1408F10B:SSL routines:SSL3_GET_RECORD:wrong version number",
    "error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:tlsany_meth.c:77:",
    "1400410B:SSL routines:CONNECT_CR_SRVR_HELLO:wrong version number",
    "100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER",
    "SSLError(1, '[SSL: UNKNOWN_PROTOCOL] unknown protocol (_ssl.c:590)')",
    "('SSL routines', '', 'wrong version number')",
    "code: 'ERR_SSL_WRONG_VERSION_NUMBER'", "code: 'ERR_SSL_PACKET_LENGTH_TOO_LONG'",
    "[SSL] record layer failure (_ssl.c:1029)",
    "[SSL: HTTPS_PROXY_REQUEST] https proxy request (_ssl.c:1006)", "code: 'ERR_SSL_HTTP_REQUEST'",
    "HandshakeException: WRONG_VERSION_NUMBER(tls_record.cc:231)",
    "SSL_connect returned=1 errno=0 state=SSLv2/v3 read server hello A: unknown protocol",
    "GNUTLS: An unexpected TLS packet was received.",
    "A TLS packet with unexpected length was received.", "SSL_ERROR_RX_RECORD_TOO_LONG",
    "Unable to parse TLS packet header",
    "Unsupported or unrecognized SSL message", "tls: oversized record received with length 8301",
    "InvalidMessage(InvalidContentType)",
    "SSL - An invalid SSL record was received", "wolfSSL_connect error -326, record layer version error",
    "Got unexpected TLS record version",
    "Malformed record layer header", "The handshake failed due to an unexpected packet format.",
    "Cannot determine the frame size",
    "SEC_E_INVALID_TOKEN (0x80090308)", '{tls_alert,"unexpected message"}', "net_error -107", "errSSLProtocol (-9800)"]
VERSION_TEXTS = [
    "error:1425F102:SSL routines:ssl_choose_client_version:unsupported protocol",
    "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version",
    "sslv3 alert handshake failure", "ssl/tls alert handshake failure", "tls alert handshake failure",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "unsafe legacy renegotiation disabled", "dh key too small", "remote error: tls: handshake failure",
    "no appropriate protocol",
    "tls: no supported versions satisfy MinVersion and MaxVersion",
    "The server selected protocol version TLS10 is not accepted by client preferences",
    "received fatal alert: ProtocolVersion", "AlertReceived(HandshakeFailure)",
    "SERVER ALERT: Fatal - Handshake Failure",
    "a TLS alert: 'ProtocolVersion'", "*** Received alert [40]: Handshake failed\nA TLS fatal alert has been received.",
    "SSL_ERROR_NO_CYPHER_OVERLAP", "ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "-0x7780", "wolfSSL_connect error -313"]


@each_row("text", NOT_TLS_TEXTS)
def test_at_connect_the_server_speaks_in_clear(text):
    assert first(text, mode="implicit") == "implicit-to-plaintext"
    assert first(text, port=587) == "implicit-to-plaintext"


@each_row("text", [words.example for words in NOT_TLS if words.name not in ("jsse", "erlang")])
def test_after_starttls_the_mode_was_right(text):
    assert first(AFTER + text) == "tls-version-or-cipher"
    assert first(text, mode="implicit", port=587) == "implicit-to-plaintext"


@each_row("text", [words.example for words in NOT_TLS])
def test_a_setting_that_says_starttls_is_overruled_by_bytes_that_are_no_tls_and_is_doubted(text):
    found = explain(text, mode="starttls", port=587)
    assert found[0].cause == "implicit-to-plaintext"
    assert found[0].likelihood < explain(text, mode="implicit", port=587)[0].likelihood
    assert "tls-version-or-cipher" in [one.cause for one in found]


@each_row("text", [words.example for words in NOT_TLS])
def test_in_a_servers_log_no_port_was_mistaken(text):
    assert first(LOG + text) == "tls-version-or-cipher"


@each_row("text", VERSION_TEXTS)
def test_no_version_or_cipher_in_common(text):
    assert first(text) == "tls-version-or-cipher"
    assert first(AFTER + text, port=587) == "tls-version-or-cipher"


@each_row("words", [*NOT_TLS, *VERSION], ids=lambda words: words.name)
def test_a_librarys_words_are_not_known_from_their_twin(words):
    known, twin = explain(words.example)[0], explain(words.counterexample)[0]
    assert words.example.lower().find(known.phrase.lower()) >= 0
    assert twin.cause is not known.cause or twin.likelihood < known.likelihood


def test_smtplibs_frame_tells_connect_from_starttls():
    error = "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"
    assert first(f'File "smtplib.py", line 1050, in _get_socket\n{error}') == "implicit-to-plaintext"
    assert first(f'File "smtplib.py", line 790, in starttls\n{error}') == "tls-version-or-cipher"


def test_net_smtps_tlsconnect_is_used_for_both():
    error = "SSL_connect returned=1 errno=0 state=error: wrong version number\nnet/smtp.rb:644:in `tlsconnect'\n"
    assert first(error + "net/smtp.rb:609:in `do_start'", port=587) == "implicit-to-plaintext"
    assert first(error + "net/smtp.rb:616:in `starttls'", port=587) == "tls-version-or-cipher"


def test_a_url_with_tls_at_once_overrules_a_setting_that_says_starttls():
    text = "connect to ssl://mail.example.com:587: error:0A00010B:SSL routines::wrong version number"
    assert first(text, mode="starttls") == "implicit-to-plaintext"
    assert explain(text, mode="starttls")[0].likelihood > explain(text.replace("ssl://", ""), mode="starttls")[
        0].likelihood


def test_clear_text_after_a_starttls_is_the_servers_own_fault():
    text = "Could not convert socket to TLS; Unrecognized SSL message, plaintext connection?"
    assert first(text) == "other"
    assert first(text.replace("convert socket to TLS", "connect to SMTP host")) == "implicit-to-plaintext"


def test_a_server_without_its_key_is_for_now_without_tls():
    log = "postfix/smtpd[9]: warning: cannot get EC certificate from file /etc/c.pem: disabling TLS support\n"
    tail = "postfix/smtpd[9]: lost connection after STARTTLS from c.example.net[192.0.2.1]"
    assert first(log + tail) == "temporarily-unavailable"
    assert first(tail) == "tls-version-or-cipher"


@each_row("text", [
    "postfix/smtpd[9]: lost connection after CONNECT from unknown[192.0.2.9]",
    LOG + "error:0A000126:SSL routines::unexpected eof while reading",
    "postfix/smtpd[9]: SSL_accept error from unknown[192.0.2.9]: Connection reset by peer"])
def test_a_visitor_who_hangs_up_is_no_fault(text):
    assert first(text) == "other"


@each_row("text", ["We fixed the wrong version number error.",
                                  "Changelog: handle wrong version number better",
                                  "What does wrong version number mean?", "Fix wrong version number on port 587"])
def test_a_sentence_about_an_error_is_hardly_one(text):
    assert explain(text)[0].likelihood <= 0.4
    assert explain("error:0A00010B:SSL routines::wrong version number")[0].likelihood > 0.9


@each_row("text", ["unsupported protocol scheme", "the http request failed with 404",
                                  "wrong number of arguments",
                                  "a new version number was published", "unknown protocol smtpx"])
def test_words_of_other_things_are_not_known(text):
    assert "Not known" in explain(text)[0].title


@each_row("text", ["SSL_connect error to mx.example.com[192.0.2.1]:25: lost connection\n"
                                  "status=deferred (Cannot start TLS: handshake failure)",
                                  "stat=Deferred: 403 4.7.0 TLS handshake failed."])
def test_a_mail_server_s_failed_starttls_is_a_matter_of_tls_unless_its_mode_was_wrong(text):
    assert first(text, port=25) == first(text, port=587, mode="starttls") == "tls-version-or-cipher"
    assert first(text, port=587, mode="implicit") == "implicit-to-plaintext"
    assert first(text + "\nSSL routines:tls_process_server_certificate:certificate verify failed", port=25).startswith(
        "cert-")


def test_outlook_s_words_follow_the_mode():
    text = "Your server does not support the connection encryption type you have specified."
    assert first(text, port=587, mode="implicit") == first(text, port=587) == "implicit-to-plaintext"
    assert first(text, port=25, mode="starttls") == "starttls-not-offered"
