"""Certificates: an issuer that nobody knows, another name, a date, a missing link; in each TLS library's words."""

from __future__ import annotations

import re
from dataclasses import replace

from ..causes import Cause
from .context import Context
from .error_rule import ErrorRule
from .patterns import LazyPattern, any_of, group

UNKNOWN_CA, HOSTNAME, EXPIRED = Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, Cause.CERT_HOSTNAME, Cause.CERT_EXPIRED
INCOMPLETE = Cause.CERT_CHAIN_INCOMPLETE
MIDDLEBOX, MISMATCH = Cause.MIDDLEBOX, Cause.IMPLICIT_TO_PLAINTEXT
# Programs that open and scan TLS on the way, and sign with their own root.
_SCANNERS = any_of(
    # antivirus programs
    r"avast",
    r"avg",
    r"kaspersky",
    r"eset",
    r"bitdefender",
    r"norton(?:lifelock)?",
    r"sophos",
    # companies' gateways, and more of both
    r"fortinet",
    r"fortigate",
    r"zscaler",
    r"netskope",
    r"blue ?coat",
    r"untangle",
    r"mcafee",
    r"watchguard",
    r"barracuda",
    r"sonicwall",
    r"trend ?micro",
    r"palo ?alto",
    r"checkpoint",
    r"squid",
    r"mitmproxy",
    r"adguard",
    r"dr\.?web",
    r"g ?data",
)
# The name that was expected, in each library's words for another one.
_FOREIGN_NAME = LazyPattern(any_of(
    r"did not match expected CN=`([^'`\n]{1,80})",
    r"certificate is valid for [^\n]{1,200}, not ([\w.-]{1,80})",
    r"not valid for '([\w.-]{1,80})",
    r"hostname [\"']([\w.-]{1,80})",
    r"Host: ([\w.-]{1,80})\. is not",
), re.IGNORECASE)
_BIG = LazyPattern(
    r"(?:^|\.)(?:gmail\.com|googlemail\.com|office365\.com|outlook\.com|mail\.yahoo\.com|mail\.me\.com)$",
    re.IGNORECASE)


def _big_service_expected(context: Context) -> bool:
    """Whether the expected name is a large service's, whose own certificate is right."""
    m = _FOREIGN_NAME.search(context.text)
    return bool(m and _BIG.search(next(name for name in m.groups() if name)))


def _cli(context: Context) -> bool:
    """Whether the text is from a tool that checks the chain as the server sends it, against the system's roots."""
    return bool(re.search(r"verify (?:error|return|code)|num=\d|chain|depth=|checktls|verification\b", context.low))


_ROWS = (
    ErrorRule(
        "issued-by-a-scanner", 30,
        any_of(
            rf"(?:issuer|issued by|\bCN ?=|\bO ?=|i:|certificate|root|signed by)[^\n]{{0,80}}\b(?:{_SCANNERS})\b",
            rf"\b(?:{_SCANNERS})\b[^\n]{{0,40}}(?:untrusted )?" + group(
                r"root",
                r"mail ?shield",
                r"personal ca",
                r"ssl filter ca",
                r"issued",
                r"certificate authority",
            ),
        ),
        causes=(MIDDLEBOX,), likely=0.93,
        says="The certificate was issued by a program that opens and scans TLS on the way, not by the server's "
             "authority.",
        example="issuer=CN = Kaspersky Anti-Virus Personal Root Certificate",
        counterexample="issuer=CN = R11, O = Let's Encrypt",
        stack="antivirus programs on the client's machine, inspecting proxies of companies",
    ),
    ErrorRule(
        "certificate-of-a-hoster", 31,
        any_of(
            r"did not match expected CN",
            r"certificate is valid for",
            r"not valid for",
            r"does ?n(?:o|')t match",
            r"hostname mismatch",
            r"altnames?",
        ),
        causes=(MIDDLEBOX, HOSTNAME), likely=0.6,
        says="The large service that was dialled has the right certificate: another machine answered.",
        example="Peer certificate CN=`*.hoster.example' did not match expected CN=`smtp.gmail.com'",
        counterexample="Peer certificate CN=`*.hoster.example' did not match expected CN=`mail.example.com'",
        when=_big_service_expected,
        stack="hosting companies that redirect SMTP to their own server",
    ),
    ErrorRule(
        "another-name", 32,
        any_of(
            # OpenSSL; Python and Ruby
            r"(?:host ?name|host|ip address|domain)[ _/]{0,3}(?:ip )?mis-?match",
            r"\b(?:host ?name|IP)\b[^\n]{0,100}(?:does(?: ?n[o']t| not)|doesn’t|did(?:n't| not)) match",
            # PHP, Go
            r"did not match expected CN",
            r"certificate is valid for [^\n]{1,300}, not ",
            r"any IP SANs",
            r"not valid for any names",
            r"legacy common name",
            # JSSE, curl, JavaMail, Node
            r"no (?:subject )?alternative (?:certificate )?(?:DNS |subject )?names? (?:matching|present|match\w{0,4})",
            r"no name matching [^\n]{1,80} found",
            r"verify identity of server",
            r"server identity check failed",
            r"ERR_TLS_CERT_ALTNAME_INVALID",
            r"certificate'?s? altnames",
            r"altname_invalid",
            (r"(?:subject|common|certificate|peer|server) (?:subject )?name [^\n]{0,80}"
             r"(?:does(?:n't| not)|did not) match"),
            # rustls, GnuTLS, NSS, Erlang, PHP
            r"name in the certificate does not match",
            r"(?:subjectAltName|certificate) did not match expected",
            r"NotValidForName",
            r"not valid for (?:the )?(?:name|host|'|\")",
            r"(?:owner|hostname) does not match",
            r"BAD_CERT_DOMAIN",
            r"hostname_check_failed",
            r"hostname verif\w{1,8} fail",
            # Schannel and Windows: 0x80090322, 0x800B010F
            r"target principal name",
            r"WRONG_PRINCIPAL",
            r"CN_NO_MATCH",
            r"\b0x80090322\b",
            r"\b0x800B010F\b",
            # openssl s_client: verify errors 62 and 64
            r"\bnum=6[24]\b",
            r"(?:verify )?(?:return )?code: 6[24]\b",
            r"X509_V_ERR_(?:HOSTNAME|IP_ADDRESS)_MISMATCH",
            # wolfSSL, mbedTLS, Perl, mutt, msmtp and others; Chromium; Outlook
            r"peer subject name mismatch",
            r"\(CN\) does not match",
            r"BADCERT_CN_MISMATCH",
            r"certificate name mismatch",
            r"no appropriate (?:commonName|subjectAltName)",
            r"is not in the cert's",
            r"CN does not match",
            r"(?:issued|valid) for (?:a )?different",
            r"wrong (?:host|server) ?name",
            (r"does not match (?:the )?(?:server|target|remote|expected|certificate|requested)[^\n]{0,20}"
             r"(?:name|cert|host)"),
            r"CERT_COMMON_NAME_INVALID",
            r"name given in the server's SSL certificate",
        ),
        causes=(HOSTNAME,), likely=0.93,
        says="The certificate is for another name than the one that the client dialled.",
        example="hostname 'mail.example.com' doesn't match 'web.example.net'",
        counterexample="hostname 'mail.example.com' is fine",
        when=lambda c: not re.search(r"helo command|mail from must|sender address|issuer is unknown", c.low),
        stack="OpenSSL verify 62 and 64, Node ERR_TLS_CERT_ALTNAME_INVALID, Go x509, JSSE, rustls, GnuTLS, NSS, "
              "Schannel 0x80090322, PHP, Erlang, mbedTLS, wolfSSL -322",
    ),
    ErrorRule(
        "name-mismatch-alone", 32, r"RemoteCertificateNameMismatch(?![^\n]{0,40}ChainErrors)",
        causes=(HOSTNAME,), likely=0.93,
        says=".NET: the chain is trusted and the name is another one.",
        example="The remote certificate is invalid: RemoteCertificateNameMismatch",
        counterexample="RemoteCertificateNameMismatch, RemoteCertificateChainErrors",
        when=lambda c: "ChainErrors" not in c.text,
        stack=".NET SslPolicyErrors",
    ),
    ErrorRule(
        "out-of-date", 33,
        any_of(
            (r"cert\w{0,9}[^\n]{0,60}(?:has |have |is |was |already )?\b"
             r"(?:expired|not yet valid|not valid (?:after|before|until))"),
            r"certificate[ _]?(?:has[ _])?(?:expired|not[ _]?yet[ _]?valid|notvalidyet)",
            # names in code: Node, Chromium, rustls, JSSE
            r"CERT_(?:HAS_EXPIRED|NOT_YET_VALID|EXPIRED|DATE_INVALID)",
            r"CertificateExpired",
            r"CertExpired",
            r"CertNotValidYet",
            r"NotYetValid(?:Exception)?",
            # openssl s_client: verify errors 9 and 10
            r"\bnum=(?:9|10)\b",
            r"(?:return )?code:? (?:9|10) \(",
            # JSSE, GnuTLS, NSS, Erlang, .NET
            r"(?:timestamp|validity) check failed",
            r"expired certificate",
            r"EXPIRED_(?:ISSUER_)?CERT",
            r"cert_expired",
            r"NotTimeValid",
            # Windows: 0x80090328, 0x800B0101
            r"validity period",
            r"\b0x80090328\b",
            r"\b0x800B0101\b",
            r"SEC_E_CERT_EXPIRED",
            # mbedTLS, wolfSSL, GnuTLS; the alert certificate_expired (45)
            r"BADCERT_(?:EXPIRED|FUTURE)",
            r"certificate validity (?:has expired|starts in the future)",
            r"ASN_(?:AFTER|BEFORE)_DATE",
            r"current date (?:after|before)",
            r"not (?:yet )?activated",
            r"SSL alert number 45\b",
            r"(?<!; )NotAfter: ",
        ),
        causes=(EXPIRED,), likely=0.94,
        says="The certificate is out of date, or the client's clock is wrong.",
        example="certificate verify failed: certificate is not yet valid",
        counterexample="certificate verify failed",
        when=lambda c: not re.search(r"password has expired|session expired", c.low),
        stack="OpenSSL verify 9 and 10, Go x509, JSSE CertificateExpiredException, rustls, GnuTLS, NSS, Schannel "
              "0x80090328, mbedTLS, wolfSSL -150 and -151, Erlang",
    ),
    ErrorRule(
        "first-certificate", 35,
        any_of(
            # OpenSSL's verify error 21, and Node's name for it
            r"unable to verify the first certificate",
            r"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            r"\bnum=21\b",
            r"(?:return )?code:? 21\b",
            # checking tools, people
            r"incomplete (?:certificate )?chain",
            r"chain (?:is )?incomplete",
            r"missing intermediate",
            r"X509_V_ERR_UNABLE_TO_VERIFY_LEAF",
        ),
        causes=(INCOMPLETE, UNKNOWN_CA), likely=0.6,
        says="The server sent one certificate only, and the client doesn't know who signed it.",
        example="unable to verify the first certificate",
        counterexample="unable to verify the second factor",
        stack="OpenSSL verify 21, Node UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ),
    ErrorRule(
        "partial-chain", 35,
        r"\bPartialChain\b|chain could not be built to a trusted root|\b0x800B010A\b|CERT_E_CHAINING",
        causes=(INCOMPLETE, UNKNOWN_CA), likely=0.6,
        says="The chain stops before a trusted root.",
        example="PartialChain: A certificate chain could not be built to a trusted root authority",
        counterexample="UntrustedRoot: not trusted",
        stack=".NET X509ChainStatusFlags, Schannel",
    ),
    ErrorRule(
        "local-issuer-shown-by-a-tool", 36,
        any_of(
            r"unable to get (?:local )?issuer certificate",
            r"UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?",
            r"\bnum=20?\b",
            r"(?:return )?code:? 20?\b \(",
        ),
        causes=(INCOMPLETE, UNKNOWN_CA), likely=0.65,
        says="The link above the server's certificate is missing: the server sends no intermediate, or the root is "
             "not known.",
        example="verify error:num=20:unable to get local issuer certificate",
        counterexample="verify error:num=18:self-signed certificate",
        when=lambda c: _cli(c) and not re.search(r"_ssl\.c|curl|stream_socket|ssl_connect", c.low),
        stack="openssl s_client, checktls, Postfix (`certificate verification failed`)",
    ),
    ErrorRule(
        "local-issuer", 36,
        r"unable to get (?:local )?issuer certificate|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?",
        causes=(UNKNOWN_CA, INCOMPLETE), likely=0.6,
        says="The client doesn't find the authority: its own list is missing or old, the authority is private, or "
             "the server sends no intermediate.",
        example="[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate "
                "(_ssl.c:1007)",
        counterexample="certificate verify failed",
        when=lambda c: not (_cli(c) and not re.search(r"_ssl\.c|curl|stream_socket|ssl_connect", c.low)),
        stack="Python, curl, Ruby, Node, PHP",
    ),
    ErrorRule(
        "own-root-in-the-chain", 37,
        any_of(
            r"self.?signed[ _]cert\w{0,9}[ _]in[ _](?:certificate[ _])?chain",
            r"SELF_SIGNED_CERT_IN_CHAIN",
            r"\bnum=19\b",
            r"(?:return )?code:? 19\b",
        ),
        causes=(MIDDLEBOX, UNKNOWN_CA), likely=0.5,
        says="The chain ends in a root that the client doesn't know: a scanner on the way signs so, or a private "
             "authority.",
        example="verify error:num=19:self-signed certificate in certificate chain",
        counterexample="verify error:num=18:self-signed certificate",
        when=lambda c: c.large_service or not (c.host or c.port),
        stack="OpenSSL verify 19, Node SELF_SIGNED_CERT_IN_CHAIN",
    ),
    ErrorRule(
        "own-root-in-a-private-chain", 37,
        any_of(
            r"self.?signed[ _]cert\w{0,9}[ _]in[ _](?:certificate[ _])?chain",
            r"SELF_SIGNED_CERT_IN_CHAIN",
            r"\bnum=19\b",
            r"(?:return )?code:? 19\b",
        ),
        causes=(UNKNOWN_CA, MIDDLEBOX), likely=0.55,
        says="The chain ends in a root that the client doesn't know: a private authority, or a scanner on the way.",
        example="connect to mail.example.com:587: self-signed certificate in certificate chain",
        counterexample="connect to mail.example.com:587: self-signed certificate",
        when=lambda c: not c.large_service and bool(c.host or c.port),
        stack="OpenSSL verify 19, Node SELF_SIGNED_CERT_IN_CHAIN",
    ),
    ErrorRule(
        "self-signed-or-unknown", 38,
        any_of(
            # OpenSSL's verify error 18, and Node's name for it
            r"self.?signed(?![ _]cert\w{0,9}[ _]in[ _])",
            r"DEPTH_ZERO_SELF_SIGNED",
            r"\bnum=18\b",
            r"(?:return )?code:? 18\b",
            # Go, rustls, Erlang
            r"signed by (?:an )?unknown (?:authority|issuer)",
            r"unknown[ _]?(?:ca|issuer|authority)\b",
            r"\bUnknownIssuer\b",
            r"UnknownCA\b",
            r"CaUsedAsEndEntity",
            r"selfsigned_peer",
            # JSSE
            r"unable to find valid certification path",
            r"PKIX path (?:building|validation) failed",
            r"SunCertPathBuilder",
            r"trust ?anchor",
            # GnuTLS, NSS, .NET, and words of many more
            r"certificate issuer is unknown",
            r"issuer is (?:not|un)(?: |k)(?:recognized|nown|trusted)",
            r"(?:certificate|issuer|authority|chain|root)[^\n]{0,40}(?:is )?(?:not (?:be )?trusted|untrusted)",
            r"UNTRUSTED_(?:ISSUER|CERT|ROOT)",
            r"UNKNOWN_ISSUER",
            r"UntrustedRoot",
            r"authority that is not trusted",
            # Windows: SEC_E_UNTRUSTED_ROOT, CERT_E_UNTRUSTEDROOT; .NET
            r"\b0x80090325\b",
            r"\b0x800B0109\b",
            r"RemoteCertificateChainErrors",
            # the alerts that a client sends to the server
            r"SSL alert number (?:48|46|42)\b",
            r"alert (?:bad certificate|unknown ca|certificate unknown)",
            r"remote error: tls: (?:bad certificate|unknown certificate)",
            # wolfSSL, mbedTLS, Chromium, PHP's settings, NSS
            r"not a trusted (?:root|ca)",
            r"root certificate[^\n]{0,30}(?:not|missing)",
            r"ASN_NO_SIGNER",
            r"no signer error",
            r"no CA signer",
            r"\bwolfssl[^\n]{0,40}-188\b",
            r"BADCERT_NOT_TRUSTED",
            r"not correctly signed by the trusted",
            r"CERT_AUTHORITY_INVALID",
            # a file of authorities that can't be read
            r"error (?:setting certificate verify locations|adding trust anchors)",
            r"curl: \(77\)",
            r"(?:fail\w{0,3}|unable|error|can(?:not|'t)|could not)[^\n]{0,40}(?:cafile|cacert\.pem|ca-certificates)",
            r"SEC_ERROR_(?:UNKNOWN_ISSUER|CA_CERT_INVALID)",
        ),
        causes=(UNKNOWN_CA, INCOMPLETE), likely=0.9,
        says="The client doesn't know the authority that signed the certificate, or it signed itself.",
        example="tls: failed to verify certificate: x509: certificate signed by unknown authority",
        counterexample="x509: certificate is valid for a.example, not b.example",
        stack="OpenSSL verify 18, Go x509, JSSE PKIX, rustls UnknownIssuer, GnuTLS, NSS, Schannel 0x80090325, .NET, "
              "Erlang, mbedTLS, wolfSSL -188, alerts 42, 46 and 48",
    ),
    ErrorRule(
        "remote-certificate-invalid", 39,
        any_of(
            r"remote certificate (?:is|was) (?:invalid|rejected)",
            r"certificate (?:is|was) (?:invalid|rejected)(?! peer)",
            r"bad_certificate",
            r"server.?s? (?:SSL |TLS )?certificate (?:could not|can ?not|couldn't) be (?:verified|validated)",
        ),
        causes=(UNKNOWN_CA, HOSTNAME, EXPIRED), likely=0.6,
        says="The client refused the certificate and doesn't say for which reason.",
        example="The remote certificate is invalid according to the validation procedure.",
        counterexample="The remote certificate is valid.",
        stack=".NET SslStream, Erlang, Thunderbird",
    ),
    ErrorRule(
        "verify-failed-at-a-large-service", 40,
        any_of(
            r"certificate[ _]verif(?:y|ication)[ _]fail",
            r"verif\w{1,8} (?:of )?(?:the )?(?:server |peer )?certificate",
        ),
        causes=(UNKNOWN_CA, MIDDLEBOX), likely=0.6,
        says="The client refused a certificate that is publicly trusted: its own list of authorities is missing or "
             "old, or another machine answered.",
        example="smtp.gmail.com: certificate verify failed",
        counterexample="mail.example.com: certificate verify failed",
        when=lambda c: c.large_service and not c.from_server,
        stack="OpenSSL 1.0 to 4.0, BoringSSL, LibreSSL: one reason for every fault",
    ),
    ErrorRule(
        "verify-failed", 40,
        any_of(
            # OpenSSL, BoringSSL, LibreSSL
            r"certificate[ _]verif(?:y|ication)[ _](?:failed|error)",
            r"CERTIFICATE_VERIFY_FAILED",
            r"verif\w{1,8} (?:of )?(?:the )?(?:server |peer )?certificate (?:failed|error)",
            # wrappers; libcurl, GnuTLS, mbedTLS
            r"(?:certificate|peer) (?:verification|validation) fail",
            r"could(?: not|n't) (?:verify|validate) (?:the )?(?:server|peer|SSL|TLS)?.{0,12}certificate",
            r"curl: \(60\)",
            r"peer certificate (?:cannot|can't) be authenticated",
            r"error in the certificate verification",
            r"X509 - Certificate verification failed",
            r"server certificate not (?:verified|trusted)",
        ),
        causes=(UNKNOWN_CA, INCOMPLETE, EXPIRED, MIDDLEBOX), likely=0.65,
        says="The client refused the certificate; OpenSSL has one reason for every fault, and the commonest is an "
             "authority that it doesn't know.",
        example="error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED",
        counterexample="certificate verify ok",
        when=lambda c: not c.large_service or c.from_server,
        stack="OpenSSL 1.0 to 4.0, BoringSSL, LibreSSL, GnuTLS, mbedTLS, libcurl",
    ),
    ErrorRule(
        "mailkit-handshake-at-a-large-service", 91,
        r"(?<!ssl\.)SslHandshakeException|attempting to establish an SSL or TLS connection",
        causes=(MIDDLEBOX, UNKNOWN_CA), likely=0.5,
        says="MailKit refused the certificate, or there was no TLS at all; a large service has both right, so "
             "another machine may answer.",
        example="MailKit.Security.SslHandshakeException: smtp.gmail.com",
        counterexample="MailKit.Net.Smtp.SmtpCommandException: smtp.gmail.com",
        when=lambda c: c.large_service and not c.tls_where_text_is_due,
        stack="MailKit: one exception for every TLS failure",
    ),
    ErrorRule(
        "mailkit-handshake", 91,
        r"(?<!ssl\.)SslHandshakeException|attempting to establish an SSL or TLS connection",
        causes=(UNKNOWN_CA, MISMATCH, HOSTNAME), likely=0.45,
        says="MailKit has one exception for every TLS failure; the inner one decides.",
        example="MailKit.Security.SslHandshakeException: An error occurred",
        counterexample="MailKit.Net.Smtp.SmtpCommandException",
        when=lambda c: not c.large_service and not c.tls_where_text_is_due,
        stack="MailKit",
    ),
    ErrorRule(
        "mailkit-handshake-on-a-plaintext-port", 91,
        r"(?<!ssl\.)SslHandshakeException|attempting to establish an SSL or TLS connection",
        causes=(MISMATCH, UNKNOWN_CA), likely=0.7,
        says="MailKit has one exception for every TLS failure; TLS at once does not fit this port.",
        example="MailKit.Security.SslHandshakeException: An error occurred",
        counterexample="MailKit.Net.Smtp.SmtpCommandException",
        when=lambda c: c.tls_where_text_is_due,
        port=587, mode="implicit",
        stack="MailKit",
    ),
    ErrorRule(
        "erlang-tls-failed", 92, r"(?<![\w-]):?tls_failed\b",
        causes=(UNKNOWN_CA, HOSTNAME, Cause.TLS_VERSION_OR_CIPHER), likely=0.5,
        says="gen_smtp's word for every TLS failure after STARTTLS; since OTP 26 Erlang checks certificates unless "
             "told not to.",
        example="{:error, {:temporary_failure, 'mail.example.com', :tls_failed}}",
        counterexample="{:error, {:temporary_failure, 'mail.example.com', :auth}}",
        stack="gen_smtp on Erlang/OTP 26 and later",
    ),
    ErrorRule(
        "perl-starttls-failed", 92, r"can't STARTTLS: [^\n]{0,20}(?:Ready to start TLS|go ahead)",
        causes=(UNKNOWN_CA, HOSTNAME, Cause.TLS_VERSION_OR_CIPHER), likely=0.45,
        says="The server was ready, and then TLS failed; Perl's mailer shows the last reply in place of the reason.",
        example="can't STARTTLS: 2.0.0 Ready to start TLS",
        counterexample="can't STARTTLS: 4.7.0 TLS not available",
        stack="Email::Sender::Transport::SMTP over Net::SMTP",
    ),
    ErrorRule(
        "errno-nought-on-an-implicit-port", 92, r"could not connect to (?:the )?host [^\n]{1,80}: \?\?",
        causes=(HOSTNAME, UNKNOWN_CA, MISMATCH), likely=0.45,
        says="PHP's socket call failed without an error number: TCP worked and TLS did not, mostly for the "
             "certificate.",
        example='could not connect to the host "mail.example.com": ??',
        counterexample='could not connect to the host "mail.example.com": refused',
        when=lambda c: not c.tls_where_text_is_due,
        stack="the smtp class of PHP Classes, as used by firewall distributions",
    ),
)


def went_on(context: Context) -> bool:
    """Whether s_client reported a bad certificate and went on; then another line of OpenSSL's says what failed."""
    return "verify return:1" in context.low and bool(
        re.search(r"error:[0-9a-f]{8}:ssl routines:[^\n]{0,80}:(?!certificate verify)[a-z]", context.low))


def _unless_it_went_on(rule: ErrorRule) -> ErrorRule:
    return replace(rule, when=lambda c: not went_on(c) and rule.when(c))


RULES = tuple(map(_unless_it_went_on, _ROWS))
