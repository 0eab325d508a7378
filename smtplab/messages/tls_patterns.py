"""How each TLS library words a failed handshake. Tables only; what the words mean is in `tls_errors`.

`NOT_TLS` are the words for bytes that are no TLS, `VERSION` those for having no version, cipher or parameter in common.
"""

from __future__ import annotations

from .error_rule import Wording
from .patterns import any_of, group

_RUN = r"[^\n:]{0,60}"  # a function's name in an OpenSSL error line
NOT_TLS = (
    Wording(
        "openssl-wrong-version",
        r"wrong[ _]version[ _]number|\b(?:1408F10B|0A00010B|1400410B|1404B10B)\b|\b10{3,5}f7:",
        example="error:0A00010B:SSL routines:ssl3_get_record:wrong version number",
        counterexample="wrong serial number",
        stack="OpenSSL 1.1.0 to 4.0 (1408F10B, 0A00010B), LibreSSL (1400410B), BoringSSL (100000f7); Python, Node, "
              "PHP, Ruby, Dart",
    ),
    Wording(
        "openssl-unknown-protocol",
        rf"(?:SSL routines:{_RUN}:|\[SSL: |SSL_connect[^\n]{{0,80}}: )unknown[ _]protocol|\b140770FC\b",
        example="error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol:s23_clnt.c:794:",
        counterexample="error: unknown protocol smtpx in the address",
        stack="OpenSSL 1.0.2 and older",
    ),
    Wording(
        "openssl-http-request",
        any_of(
            rf"(?:SSL routines:{_RUN}:|\[SSL: |ERR_SSL_|reason: ')https?[ _](?:proxy[ _])?request",
            r"\b0A00009[BC]\b",
            r"\b1408F09[BC]\b",
            r"OPENSSL_internal:HTTPS?_(?:PROXY_)?REQUEST",
        ),
        example="[SSL: HTTP_REQUEST] http request (_ssl.c:1006)",
        counterexample="the http request failed",
        stack="OpenSSL 1.1.0 to 4.0, BoringSSL: the server's first bytes look like HTTP",
    ),
    Wording(
        "openssl-too-long",
        any_of(
            rf"(?:SSL routines:{_RUN}:|\[SSL: |ERR_SSL_|reason: ')(?:encrypted|data)[ _]length[ _]too[ _]long",
            r"packet[ _]length[ _]too[ _]long",
            r"\b0A0000C6\b",
            r"record layer failure",
            r"\b0A000139\b",
        ),
        example="error:0A0000C6:SSL routines:tls_get_more_records:packet length too long",
        counterexample="the subject is too long",
        stack="OpenSSL 3.2 until the fix of March 2026, on HTTP, IMAP and other texts whose fifth byte is a letter",
    ),
    Wording(
        "gnutls-unexpected", r"unexpected TLS packet was received|GNUTLS_E_UNEXPECTED_PACKET\b(?!_)",
        example="gnutls_handshake() failed: An unexpected TLS packet was received.",
        counterexample="an unexpected reply was received",
        stack="GnuTLS 3; curl, wget, msmtp, mutt, Exim",
    ),
    Wording(
        "gnutls-length",
        any_of(
            r"TLS packet with unexpected length was received",
            r"record packet with illegal version was received",
            r"GNUTLS_E_(?:UNEXPECTED_PACKET_LENGTH|UNSUPPORTED_VERSION_PACKET)",
        ),
        likely=0.6,
        example="gnutls_handshake: A TLS packet with unexpected length was received.",
        counterexample="a TLS packet was sent",
        stack="GnuTLS 2 and early 3, which says so of a close too",
        source="GnuTLS manual, error codes -8 and -9",
    ),
    Wording(
        "nss",
        any_of(
            r"SSL_ERROR_RX_(?:RECORD_TOO_LONG|UNKNOWN_RECORD_TYPE)",
            r"exceeded the maximum permissible length",
            r"SSL received a record with an unknown content type",
            r"-1226[03]\b",
        ),
        example="curl: (35) SSL received a record that exceeded the maximum permissible length.",
        counterexample="the record was received",
        stack="NSS 3; on a greeting it hangs instead (it waits for 8301 bytes)",
    ),
    Wording(
        "jsse", r"(?:Unrecognized|Unsupported or unrecognized) SSL message",
        example="javax.net.ssl.SSLException: Unsupported or unrecognized SSL message",
        counterexample="unrecognized mail message",
        stack="JSSE 6 to 8 (Unrecognized), 11 and later (Unsupported or unrecognized)",
    ),
    Wording(
        "other-java",
        any_of(
            r"Unsupported record version",
            r"Invalid SSL message, peer",
            r"Unable to parse TLS packet header",
            r"not an SSL/TLS record",
            r"NotSslRecordException",
        ),
        example="SSLException: Unable to parse TLS packet header",
        counterexample="Unable to parse the mail's header",
        stack="JSSE, Conscrypt (Android), Netty",
        source="Conscrypt and Netty sources",
    ),
    Wording(
        "go",
        any_of(
            r"first record does not look like a TLS handshake",
            r"tls: oversized record received",
            r"unsupported SSLv2 handshake received",
        ),
        example="tls: first record does not look like a TLS handshake",
        counterexample="tls: handshake complete",
        stack="Go crypto/tls",
    ),
    Wording(
        "rustls",
        r"received corrupt message|\bInvalidContentType\b|\bCorruptMessage\b|corrupt message of type",
        example="received corrupt message of type InvalidContentType",
        counterexample="received a corrupt attachment",
        stack="rustls; lettre, reqwest, Deno",
    ),
    Wording(
        "mbedtls", r"-0x7200\b|-29184\b|invalid SSL record was received|MBEDTLS_ERR_SSL_INVALID_RECORD",
        example="mbedtls_ssl_handshake returned -0x7200",
        counterexample="mbedtls_ssl_handshake returned -0x2700",
        stack="mbedTLS 2 and 3; ESP32",
    ),
    Wording(
        "wolfssl",
        any_of(
            r"wolfSSL[^\n]{0,60}-3(?:06|11|26|41)\b",
            r"unknown type in record hdr",
            r"record layer (?:length|version) error",
            r"parse error on header",
        ),
        example="wolfSSL_connect error -311, unknown type in record hdr",
        counterexample="wolfSSL_connect error -313",
        stack="wolfSSL 5",
    ),
    Wording(
        "botan", r"Got unexpected TLS record version|TLS record type had unexpected value",
        example="Error: Got unexpected TLS record version",
        counterexample="Got unexpected mail",
        stack="Botan 2",
    ),
    Wording(
        "tlslite", r"Malformed record layer header",
        example="tlslite.errors.TLSIllegalParameterException: Malformed record layer header",
        counterexample="Malformed header in the mail",
        stack="tlslite-ng 0.8",
    ),
    Wording(
        "bearssl",
        any_of(
            r"BR_ERR_(?:UNSUPPORTED_VERSION|BAD_VERSION|TOO_LARGE)\b",
            r"Incoming (?:protocol or )?record version is unsupported",
            r"Incoming record is too large",
        ),
        likely=0.75,
        example="BearSSL: Incoming protocol or record version is unsupported.",
        counterexample="incoming mail is supported",
        stack="BearSSL; ESP8266",
        source="BearSSL bearssl_ssl.h",
    ),
    Wording(
        "dotnet", r"handshake failed due to an unexpected packet format|Cannot determine the frame size",
        example="System.IO.IOException: The handshake failed due to an unexpected packet format.",
        counterexample="The packet has a good format.",
        stack=".NET Framework, .NET Core 3.1, .NET 5 and later (frame size); MailKit",
    ),
    Wording(
        "schannel",
        any_of(
            r"SEC_E_INVALID_TOKEN",
            r"0x80090308",
            r"-2146893048",
            r"message received was unexpected or badly formatted",  # their words in .NET
            r"token supplied to the function is invalid",
            r"SEC_E_ILLEGAL_MESSAGE",
            r"0x80090326",
        ),
        likely=0.6,
        example="schannel: next InitializeSecurityContext failed: SEC_E_INVALID_TOKEN (0x80090308)",
        counterexample="schannel: done (0x00090317)",
        stack="Schannel: curl, .NET Framework, Outlook",
        source="Windows: Schannel error codes",
    ),
    Wording(
        "erlang",
        any_of(
            r"unsupported_record_type",
            r"tls_alert,\s?[\[{]?[\"']?unexpected[ _]message",
            r"CLIENT ALERT: Fatal - Unexpected",
        ),
        example='{tls_alert,{unexpected_message,"TLS client: In state hello"}}',
        counterexample="{tls_alert,{close_notify,[]}}",
        stack="Erlang/OTP ssl; gen_smtp",
    ),
    Wording(
        "chromium", r"ERR_SSL_PROTOCOL_ERROR|net_error -107\b",
        example="handshake failed; returned -1, SSL error code 1, net_error -107",
        counterexample="handshake failed; net_error -202",
        stack="Chromium, Electron, Android WebView",
    ),
    Wording(
        "secure-transport", r"errSSLProtocol\b|(?<![\d.])-98(?:00|19)\b|errSSLPeerUnexpectedMsg",
        likely=0.7,
        example="CFNetwork: errSSLProtocol -9800",
        counterexample="CFNetwork: -9843",
        stack="Apple Secure Transport",
        source="Apple SecureTransport.h",
    ),
    Wording(
        "outlook", r"0x800CCC1A\b|does not support the connection encryption type",
        likely=0.75,
        example="Outlook: 0x800CCC1A",
        counterexample="Outlook: 0x800CCC0E",
        stack="Outlook 2007 and later",
        source="Outlook error codes",
    ),
)

VERSION = (
    Wording(
        "openssl-version",
        any_of(
            r"\bunsupported[ _]protocol\b(?! scheme)",
            r"no[ _]protocols[ _]available",
            r"version[ _]too[ _]low",
            r"unsupported[ _]ssl[ _]version",
            r"unsafe[ _]legacy[ _]renegotiation",
            r"alert[ _]protocol[ _]version",
            r"inappropriate[ _]fallback",
        ),
        example="SSL_connect returned=1 errno=0 peeraddr=192.0.2.1:465 state=error: unsupported protocol",
        counterexample="unsupported mail client",
        stack="OpenSSL 1.0 to 4.0, LibreSSL, BoringSSL",
        source="measured on loopback; OpenSSL ssl/ssl_err.c",
    ),
    Wording(
        "openssl-cipher",
        any_of(
            # no cipher in common; a key or a signature too weak
            r"no[ _]shared[ _]cipher",
            r"no[ _]ciphers?[ _](?:available|match)",
            r"(?:dh|ee|ca)[ _]key[ _]too[ _]small",
            r"ca[ _]md[ _]too[ _]weak",
            r"(?:legacy[ _]sigalg|signature[ _]algorithm)[ _]disallowed",
            r"no[ _]suitable[ _](?:signature|key|groups)",
            # parameters that don't fit; the peer's alerts
            r"bad[ _]ecpoint",
            r"wrong[ _](?:curve|cipher|signature)[ _]",
            r"alert[ _]" + group(
                r"handshake[ _]failure",
                r"insufficient[ _]security",
                r"illegal[ _]parameter",
                r"internal[ _]error",
                r"decrypt[ _]error",
            ),
        ),
        example="error:141A318A:SSL routines:tls_process_ske_dhe:dh key too small",
        counterexample="no shared folder",
        stack="OpenSSL 1.0 to 4.0, LibreSSL, BoringSSL",
        source="measured on loopback; OpenSSL ssl/ssl_err.c",
    ),
    Wording(
        "gnutls-version",
        any_of(
            r"supported cipher suites? (?:has|have) been found",
            r"negotiate a supported (?:cipher|protocol)",
            r"Error in protocol version",
            r"TLS fatal alert has been received",
            r"gnutls_handshake\(\) failed: Handshake failed",
            r"Diffie-Hellman prime sent by the server is not acceptable",
        ),
        example="*** Received alert [70]: Error in protocol version",
        counterexample="the protocol has a version",
        stack="GnuTLS 3",
    ),
    Wording(
        "nss-version",
        any_of(
            r"SSL_ERROR_" + group(
                r"NO_CYPHER_OVERLAP",
                r"UNSUPPORTED_VERSION",
                r"PROTOCOL_VERSION_ALERT",
                r"HANDSHAKE_FAILURE_ALERT",
                r"WEAK_SERVER_EPHEMERAL_DH_KEY",
            ),
            r"incompatible or unsupported protocol version",
            r"no common encryption algorithm",
        ),
        example="curl: (35) Cannot communicate securely with peer: no common encryption algorithm(s).",
        counterexample="no common folder",
        stack="NSS 3",
    ),
    Wording(
        "jsse-version",
        any_of(
            r"No appropriate protocol",
            r"(?:cipher suites?|protocols?) (?:are|is) (?:inappropriate|disabled)",
            r"fatal alert: " + group(
                r"handshake_failure",
                r"protocol_version",
                r"insufficient_security",
                r"illegal_parameter",
                r"internal_error",
            ),
            r"not (?:enabled|accepted) (?:or supported )?by (?:the )?client",
            r"no cipher suites in common",
            r"DH ServerKeyExchange does not comply",
            r"Could not generate DH keypair",
            r"Client requested protocol",
        ),
        example="javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure",
        counterexample="Received fatal mail",
        stack="JSSE 6 to 21",
        source="measured on loopback; JSSE sources",
    ),
    Wording(
        "go-version",
        any_of(
            r"(?:selected|offered only) unsupported (?:protocol )?(?:versions?|curve)",
            r"no (?:mutually )?supported (?:protocol )?versions",
            r"remote error: tls: " + group(
                r"handshake failure",
                r"protocol version",
                r"insufficient security",
                r"illegal parameter",
                r"internal error",
            ),
            r"no cipher suite supported by both",
            r"unconfigured cipher suite",
        ),
        example="remote error: tls: protocol version not supported",
        counterexample="remote error: tls: user canceled",
        stack="Go crypto/tls",
    ),
    Wording(
        "rustls-version",
        any_of(
            r"fatal alert: (?:HandshakeFailure|ProtocolVersion|InsufficientSecurity|IllegalParameter|InternalError)",
            r"peer is incompatible",
            r"PeerIncompatible",
            r"AlertReceived\(?(?:Handshake|Protocol|Insuff|Illegal|Internal)",
        ),
        example="received fatal alert: HandshakeFailure",
        counterexample="received fatal mail",
        stack="rustls; Deno",
    ),
    Wording(
        "erlang-version",
        any_of(
            r"tls_alert,\s?\{?\"?(?:handshake.failure|protocol.version|insufficient.security)",
            r"SERVER ALERT: Fatal - (?:Handshake|Protocol|Insuff)",
        ),
        example='{tls_alert,{handshake_failure,"TLS client: In state hello"}}',
        counterexample="{tls_alert,{close_notify,[]}}",
        stack="Erlang/OTP ssl",
    ),
    Wording(
        "dotnet-version",
        any_of(
            r"do not possess a common algorithm",
            r"0x80090331",
            r"SEC_E_(?:ALGORITHM_MISMATCH|UNSUPPORTED_FUNCTION)",
            r"TLS alert: '(?:HandshakeFailure|ProtocolVersion|Insufficient)",
            r"requested security protocol is not supported",
        ),
        example="Win32Exception (0x80090331): they do not possess a common algorithm",
        counterexample="a common algorithm",
        stack=".NET and Schannel",
        source="Windows: Schannel error codes",
    ),
    Wording(
        "small-version",
        any_of(
            # tlslite-ng, Botan
            r"TLSRemoteAlert: (?:handshake_failure|protocol_version|insufficient_security)",
            r"Alert: (?:handshake_failure|protocol_version)\b",
            # mbedTLS's and Secure Transport's numbers
            r"-0x7780\b",
            r"-9836\b",
            r"errSSLPeer(?:ProtocolVersion|HandshakeFail)",
            r"-0x6e80\b",
            r"-0x7380\b",
            r"-30592\b",
            # wolfSSL
            r"received alert fatal error",
            r"wolfSSL[^\n]{0,60}-(?:313|501)\b",
        ),
        example="tlslite.errors.TLSRemoteAlert: protocol_version",
        counterexample="Alert: mailbox full",
        stack="tlslite-ng, Botan, mbedTLS, wolfSSL, Secure Transport",
    ),
    Wording(
        "browser-version", r"ERR_SSL_VERSION_OR_CIPHER_MISMATCH|ERR_SSL_OBSOLETE_VERSION",
        example="net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
        counterexample="net::ERR_FAILED",
        stack="Chromium, Electron",
        source="Chromium net_error_list.h",
    ),
)
