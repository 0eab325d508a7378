"""TLS libraries' own words, and what they mean at connect, after STARTTLS, and in a server's log.

`NOT_TLS` are each library's words for bytes that are no TLS. At connect they mean one thing: the client began TLS
where the server speaks first, in clear. The same words after a STARTTLS, or from a server that accepts, mean that
both speak TLS or nearly so, and don't agree: the mode was right. `VERSION` are the words for having no version,
cipher or parameter in common; they mean that wherever they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..causes import Cause
from .context import Context, Stage
from .rule import Rule

MISMATCH, VERSION_OR_CIPHER = Cause.IMPLICIT_TO_PLAINTEXT, Cause.TLS_VERSION_OR_CIPHER
_AT_CONNECT = re.compile(r"ssl://|smtps://|SMTP_SSL|fsockopen|stream_socket_client|tls\.Dial\b|SMTPSSLTransport"
                         r"|SslOnConnect|encryption type SSL|Could not connect to SMTP host", re.IGNORECASE)


def after_starttls(context: Context) -> bool:
    """Whether the client's TLS began after a STARTTLS: the text says so, or its mode, and nothing speaks against it."""
    if context.from_server:
        return False
    if context.stage is Stage.TLS_AFTER_STARTTLS:
        return True
    return context.mode == "starttls" and not context.implicit_port and not _AT_CONNECT.search(context.text)


def at_connect(context: Context) -> bool:
    """Whether the client's TLS began on connecting, as far as the text shows."""
    return not context.from_server and not after_starttls(context)


def in_server_log(context: Context) -> bool:
    """Whether a server speaks, of a client that came to it."""
    return context.from_server


@dataclass(frozen=True)
class Words:
    """One library's words: a pattern for all their spellings, a sample, a twin that is something else."""

    name: str
    pattern: str
    sample: str
    twin: str
    stack: str
    source: str = "measured on loopback"
    likely: float = 0.93


_RUN = r"[^\n:]{0,60}"  # a function's name in an OpenSSL error line
NOT_TLS = (
    Words("openssl-wrong-version", r"wrong[ _]version[ _]number|\b(?:1408F10B|0A00010B|1400410B|1404B10B)\b"
          r"|\b10{3,5}f7:",
          "error:0A00010B:SSL routines:ssl3_get_record:wrong version number", "wrong serial number",
          "OpenSSL 1.1.0 to 4.0 (1408F10B, 0A00010B), LibreSSL (1400410B), BoringSSL (100000f7); Python, Node, PHP, "
          "Ruby, Dart"),
    Words("openssl-unknown-protocol", rf"(?:SSL routines:{_RUN}:|\[SSL: |SSL_connect[^\n]{{0,80}}: )unknown["
          rf" _]protocol|\b140770FC\b",
          "error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol:s23_clnt.c:794:",
          "error: unknown protocol smtpx in the address", "OpenSSL 1.0.2 and older"),
    Words("openssl-http-request", rf"(?:SSL routines:{_RUN}:|\[SSL: |ERR_SSL_|reason: ')https?[ _](?:proxy["
          rf" _])?request|\b0A00009[BC]\b"
          r"|\b1408F09[BC]\b|OPENSSL_internal:HTTPS?_(?:PROXY_)?REQUEST",
          "[SSL: HTTP_REQUEST] http request (_ssl.c:1006)",
          "the http request failed", "OpenSSL 1.1.0 to 4.0, BoringSSL: the server's first bytes look like HTTP"),
    Words("openssl-too-long", rf"(?:SSL routines:{_RUN}:|\[SSL: |ERR_SSL_|reason: ')(?:encrypted|data)[ _]length["
          rf" _]too[ _]long"
          r"|packet[ _]length[ _]too[ _]long|\b0A0000C6\b|record layer failure|\b0A000139\b",
          "error:0A0000C6:SSL routines:tls_get_more_records:packet length too long",
          "the subject is too long", "OpenSSL 3.2.0 to 3.5.5 on HTTP, IMAP and other texts whose fifth byte is a "
          "letter"),
    Words("gnutls-unexpected", r"unexpected TLS packet was received|GNUTLS_E_UNEXPECTED_PACKET\b(?!_)",
          "gnutls_handshake() failed: An unexpected TLS packet was received.", "an unexpected reply was received",
          "GnuTLS 3; curl, wget, msmtp, mutt, Exim"),
    Words("gnutls-length", r"TLS packet with unexpected length was received|record packet with illegal version was"
          r" received"
          r"|GNUTLS_E_(?:UNEXPECTED_PACKET_LENGTH|UNSUPPORTED_VERSION_PACKET)",
          "gnutls_handshake: A TLS packet with unexpected length was received.", "a TLS packet was sent",
          "GnuTLS 2 and early 3, which says so of a close too", "GnuTLS manual, error codes -8 and -9", 0.6),
    Words("nss", r"SSL_ERROR_RX_(?:RECORD_TOO_LONG|UNKNOWN_RECORD_TYPE)|exceeded the maximum permissible length"
          r"|SSL received a record with an unknown content type|-1226[03]\b",
          "curl: (35) SSL received a record that exceeded the maximum permissible length.", "the record was received",
          "NSS 3; on a greeting it hangs instead (it waits for 8301 bytes)"),
    Words("jsse", r"(?:Unrecognized|Unsupported or unrecognized) SSL message",
          "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message", "unrecognized mail message",
          "JSSE 6 to 8 (Unrecognized), 11 and later (Unsupported or unrecognized)"),
    Words("other-java", r"Unsupported record version|Invalid SSL message, peer|Unable to parse TLS packet header"
          r"|not an SSL/TLS record|NotSslRecordException", "SSLException: Unable to parse TLS packet header",
          "Unable to parse the mail's header", "JSSE, Conscrypt (Android), Netty", "Conscrypt and Netty sources"),
    Words("go", r"first record does not look like a TLS handshake|tls: oversized record received|unsupported SSLv2"
          r" handshake received",
          "tls: first record does not look like a TLS handshake", "tls: handshake complete", "Go crypto/tls"),
    Words("rustls", r"received corrupt message|\bInvalidContentType\b|\bCorruptMessage\b|corrupt message of type",
          "received corrupt message of type InvalidContentType", "received a corrupt attachment",
          "rustls; lettre, reqwest, Deno"),
    Words("mbedtls", r"-0x7200\b|-29184\b|invalid SSL record was received|MBEDTLS_ERR_SSL_INVALID_RECORD",
          "mbedtls_ssl_handshake returned -0x7200", "mbedtls_ssl_handshake returned -0x2700", "mbedTLS 2 and 3; ESP32"),
    Words("wolfssl", r"wolfSSL[^\n]{0,60}-3(?:06|11|26|41)\b|unknown type in record hdr|record layer (?:length"
          r"|version) error"
          r"|parse error on header", "wolfSSL_connect error -311, unknown type in record hdr",
          "wolfSSL_connect error -313",
          "wolfSSL 5"),
    Words("botan", r"Got unexpected TLS record version|TLS record type had unexpected value",
          "Error: Got unexpected TLS record version",
          "Got unexpected mail", "Botan 2"),
    Words("tlslite", r"Malformed record layer header",
          "tlslite.errors.TLSIllegalParameterException: Malformed record layer header",
          "Malformed header in the mail", "tlslite-ng 0.8"),
    Words("bearssl", r"BR_ERR_(?:UNSUPPORTED_VERSION|BAD_VERSION|TOO_LARGE)\b|Incoming (?:protocol or )?record version"
          r" is unsupported"
          r"|Incoming record is too large", "BearSSL: Incoming protocol or record version is unsupported.",
          "incoming mail is supported",
          "BearSSL; ESP8266", "BearSSL bearssl_ssl.h", 0.75),
    Words("dotnet", r"handshake failed due to an unexpected packet format|Cannot determine the frame size",
          "System.IO.IOException: The handshake failed due to an unexpected packet format.",
          "The packet has a good format.",
          ".NET Framework, .NET Core 3.1, .NET 5 and later (frame size); MailKit"),
    Words("schannel", r"SEC_E_INVALID_TOKEN|0x80090308|-2146893048|SEC_E_ILLEGAL_MESSAGE|0x80090326",
          "schannel: next InitializeSecurityContext failed: SEC_E_INVALID_TOKEN (0x80090308)",
          "schannel: done (0x00090317)",
          "Schannel: curl, .NET Framework, Outlook", "Windows: Schannel error codes", 0.6),
    Words("erlang", r"unsupported_record_type|tls_alert,\s?[\[{]?[\"']?unexpected[ _]message|CLIENT ALERT: Fatal -"
          r" Unexpected",
          '{tls_alert,{unexpected_message,"TLS client: In state hello"}}', "{tls_alert,{close_notify,[]}}",
          "Erlang/OTP ssl; gen_smtp"),
    Words("chromium", r"ERR_SSL_PROTOCOL_ERROR|net_error -107\b",
          "handshake failed; returned -1, SSL error code 1, net_error -107",
          "handshake failed; net_error -202", "Chromium, Electron, Android WebView"),
    Words("secure-transport", r"errSSLProtocol\b|(?<![\d.])-98(?:00|19)\b|errSSLPeerUnexpectedMsg",
          "CFNetwork: errSSLProtocol -9800", "CFNetwork: -9843",
          "Apple Secure Transport", "Apple SecureTransport.h", 0.7),
    Words("outlook", r"0x800CCC1A\b|does not support the connection encryption type", "Outlook: 0x800CCC1A",
          "Outlook: 0x800CCC0E",
          "Outlook 2007 and later", "Outlook error codes", 0.75),
)

VERSION = (
    Words("openssl-version", r"\bunsupported[ _]protocol\b(?! scheme)|no[ _]protocols[ _]available|version[ _]too["
          r" _]low|unsupported[ _]ssl[ _]version"
          r"|unsafe[ _]legacy[ _]renegotiation|alert[ _]protocol[ _]version|inappropriate[ _]fallback",
          "SSL_connect returned=1 errno=0 peeraddr=192.0.2.1:465 state=error: unsupported protocol",
          "unsupported mail client",
          "OpenSSL 1.0 to 4.0, LibreSSL, BoringSSL", "measured on loopback; OpenSSL ssl/ssl_err.c"),
    Words("openssl-cipher", r"no[ _]shared[ _]cipher|no[ _]ciphers?[ _](?:available|match)|(?:dh|ee|ca)[ _]key[ _]too["
          r" _]small|ca[ _]md[ _]too[ _]weak"
          r"|(?:legacy[ _]sigalg|signature[ _]algorithm)[ _]disallowed|no[ _]suitable[ _](?:signature|key|groups)|bad["
          r" _]ecpoint|wrong[ _](?:curve|cipher|signature)[ _]"
          r"|alert[ _](?:handshake[ _]failure|insufficient[ _]security|illegal[ _]parameter|internal[ _]error|decrypt["
          r" _]error)",
          "error:141A318A:SSL routines:tls_process_ske_dhe:dh key too small", "no shared folder",
          "OpenSSL 1.0 to 4.0, LibreSSL, BoringSSL", "measured on loopback; OpenSSL ssl/ssl_err.c"),
    Words("gnutls-version", r"supported cipher suites? (?:has|have) been found|negotiate a supported (?:cipher"
          r"|protocol)|Error in protocol version"
          r"|TLS fatal alert has been received|gnutls_handshake\(\) failed: Handshake failed|Diffie-Hellman prime sent"
          r" by the server is not acceptable",
          "*** Received alert [70]: Error in protocol version", "the protocol has a version", "GnuTLS 3"),
    Words("nss-version", r"SSL_ERROR_(?:NO_CYPHER_OVERLAP|UNSUPPORTED_VERSION|PROTOCOL_VERSION_ALERT"
          r"|HANDSHAKE_FAILURE_ALERT"
          r"|WEAK_SERVER_EPHEMERAL_DH_KEY)|incompatible or unsupported protocol version|no common encryption algorithm",
          "curl: (35) Cannot communicate securely with peer: no common encryption algorithm(s).", "no common folder",
          "NSS 3"),
    Words("jsse-version", r"No appropriate protocol|(?:cipher suites?|protocols?) (?:are|is) (?:inappropriate"
          r"|disabled)|fatal alert: (?:handshake_failure"
          r"|protocol_version|insufficient_security|illegal_parameter|internal_error)|not (?:enabled|accepted) (?:or"
          r" supported )?by (?:the )?client"
          r"|no cipher suites in common|DH ServerKeyExchange does not comply|Could not generate DH keypair|Client"
          r" requested protocol",
          "javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure", "Received fatal mail",
          "JSSE 6 to 21", "measured on loopback; JSSE sources"),
    Words("go-version", r"(?:selected|offered only) unsupported (?:protocol )?(?:versions?|curve)|no (?:mutually"
          r" )?supported (?:protocol )?versions"
          r"|remote error: tls: (?:handshake failure|protocol version|insufficient security|illegal parameter|internal"
          r" error)"
          r"|no cipher suite supported by both|unconfigured cipher suite",
          "remote error: tls: protocol version not supported", "remote error: tls: user canceled", "Go crypto/tls"),
    Words("rustls-version", r"fatal alert: (?:HandshakeFailure|ProtocolVersion|InsufficientSecurity|IllegalParameter"
          r"|InternalError)|peer is incompatible"
          r"|PeerIncompatible|AlertReceived\((?:Handshake|Protocol|Insuff|Illegal|Internal)",
          "received fatal alert: HandshakeFailure", "received fatal mail", "rustls; Deno"),
    Words("erlang-version", r"tls_alert,\s?\{?\"?(?:handshake.failure|protocol.version|insufficient.security)|SERVER"
          r" ALERT: Fatal - (?:Handshake|Protocol|Insuff)",
          '{tls_alert,{handshake_failure,"TLS client: In state hello"}}', "{tls_alert,{close_notify,[]}}",
          "Erlang/OTP ssl"),
    Words("dotnet-version", r"do not possess a common algorithm|0x80090331|SEC_E_(?:ALGORITHM_MISMATCH"
          r"|UNSUPPORTED_FUNCTION)|TLS alert: '(?:Handshake"
          r"Failure|ProtocolVersion|Insufficient)|requested security protocol is not supported",
          "Win32Exception (0x80090331): they do not possess a common algorithm",
          "a common algorithm",
          ".NET and Schannel", "Windows: Schannel error codes"),
    Words("small-version", r"TLSRemoteAlert: (?:handshake_failure|protocol_version|insufficient_security)|Alert:"
          r" (?:handshake_failure|protocol_version)\b"
          r"|-0x7780\b|-9836\b|errSSLPeer(?:ProtocolVersion|HandshakeFail)|-0x6e80\b|-0x7380\b|-30592\b|received alert"
          r" fatal error|wolfSSL[^\n]{0,60}-(?:313|501)\b",
          "tlslite.errors.TLSRemoteAlert: protocol_version", "Alert: mailbox full",
          "tlslite-ng, Botan, mbedTLS, wolfSSL, Secure Transport"),
    Words("browser-version", r"ERR_SSL_VERSION_OR_CIPHER_MISMATCH|ERR_SSL_OBSOLETE_VERSION",
          "net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
          "net::ERR_FAILED", "Chromium, Electron", "Chromium net_error_list.h"),
)


def _connect(words: Words) -> Rule:
    return Rule(f"{words.name}-at-connect", 48, words.pattern, (MISMATCH, VERSION_OR_CIPHER),
                "These are a TLS library's words for bytes that are no TLS, and TLS began on connecting: the server "
                "spoke"
                " first, in clear.", words.sample, words.twin, words.likely, at_connect, words.stack, words.source,
                mode="implicit")


def _after(words: Words) -> Rule:
    return Rule(f"{words.name}-after-starttls", 38, words.pattern, (VERSION_OR_CIPHER, MISMATCH),
                "The server had agreed to STARTTLS and then no handshake came about: the mode is right, what follows "
                "isn't.",
                f"could not convert socket to TLS: {words.sample}", words.sample, 0.7, after_starttls, words.stack,
                words.source)


def _server(words: Words) -> Rule:
    return Rule(f"{words.name}-in-server-log", 36, words.pattern, (VERSION_OR_CIPHER, Cause.OTHER),
                "This is a server's log of a client that came: an old or strange client, or a scanner; no port was "
                "mistaken here.",
                f"postfix/smtpd[9]: warning: TLS library problem: {words.sample}", words.sample, 0.75, in_server_log,
                words.stack,
                words.source)


def _version(words: Words) -> Rule:
    return Rule(words.name, 40, words.pattern, (VERSION_OR_CIPHER, Cause.OTHER),
                "Both sides speak TLS and find no version, cipher or parameter that both accept.", words.sample,
                words.twin, 0.9,
                stack=words.stack, source=words.source)


_PLAIN_AFTER = Rule(
    "jsse-plaintext-after-starttls", 34, r"(?:Unrecognized|Unsupported or unrecognized) SSL message",
    (Cause.OTHER, VERSION_OR_CIPHER),
    "The server agreed to STARTTLS and then went on in clear: its own fault, or that of something between.",
    "Could not convert socket to TLS; SSLException: Unsupported or unrecognized SSL message",
    "SSLException: Unsupported or unrecognized SSL message", 0.6, after_starttls, "JSSE", "RFC 3207 section 4")
_OWN_KEY = Rule(
    "server-cannot-load-its-key", 30, r"cannot get \w{2,8} (?:certificate|private key) from file|disabling TLS support"
    r"|TLS engine: cannot",
    (Cause.TEMPORARILY_UNAVAILABLE, VERSION_OR_CIPHER),
    "The server can't load its own key or certificate, so it offers no TLS.",
    "postfix/smtpd[9]: warning: cannot get RSA private key from file /k.pem: disabling TLS support",
    "cannot get mail from file",
    0.92, stack="Postfix", source="Postfix src/tls/tls_certkey.c")
_HANG_UP = Rule(
    "hang-up-in-server-log", 42, r"unexpected eof while reading|lost connection after (?!STARTTLS)\w+ from|SSL_accept"
    r" error[^\n]{0,80}"
    r"(?:reset|lost connection|Broken pipe)|SSL_accept:[^\n]{0,80}unexpected eof", (Cause.OTHER, VERSION_OR_CIPHER),
    "A visitor hung up: mostly a scanner or a health check; with no more words it is no fault of this server's.",
    "postfix/smtpd[9]: lost connection after EHLO from c.example.net[192.0.2.1]", "lost connection after EHLO", 0.7,
    in_server_log,
    "Postfix, Dovecot", "Postfix src/smtpd/smtpd.c")
_LOST_AFTER_STARTTLS = Rule(
    "lost-after-starttls", 43, r"lost connection after STARTTLS from",
    (VERSION_OR_CIPHER, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA),
    "The client went away in the handshake, after STARTTLS: no version in common, or a certificate that it didn't "
    "like.",
    "postfix/smtpd[9]: lost connection after STARTTLS from c.example.net[192.0.2.1]",
    "lost connection after DATA from c[192.0.2.1]", 0.6,
    in_server_log, "Postfix", "Postfix src/smtpd/smtpd.c")
_PORT_NOT_TLS = Rule(
    "mailkit-port", 50, r"is typically reserved for plain-text|server does not support SSL(?:/TLS)? on (?:this|that)"
    r" port",
    (MISMATCH, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA),
    "MailKit names the port: one where the server speaks first, in clear.",
    "SslHandshakeException: When connecting to an SMTP service, port 587 is typically reserved for plain-text "
    "connections.",
    "SslHandshakeException: the server's certificate is not trusted.", 0.85, at_connect, "MailKit 2.5 and later",
    "MailKit SslHandshakeException.cs")

_STARTTLS_FAILED = Rule(
    "mail-server-starttls-failed", 55, r"Cannot start TLS: handshake failure|\b403[ -]4\.7\.0 TLS handshake failed",
    (VERSION_OR_CIPHER, Cause.CLOSED_BEFORE_GREETING),
    "A mail server had a yes to its STARTTLS, and then no handshake came about.",
    "status=deferred (Cannot start TLS: handshake failure)", "status=deferred (Cannot start TLS: no mail)", 0.65,
    lambda c: not c.implicit_port and not (c.mode == "implicit" and c.plaintext_port),
    "Postfix's smtp, Sendmail as a client", "Postfix src/smtp/smtp_proto.c; Sendmail deliver.c", port=25)

RULES = (_PLAIN_AFTER, _OWN_KEY, _HANG_UP, _LOST_AFTER_STARTTLS, _PORT_NOT_TLS, _STARTTLS_FAILED,
         *map(_connect, NOT_TLS), *(_after(words) for words in NOT_TLS if words.name != "jsse"),
         *map(_server, NOT_TLS), *map(_version, VERSION))
