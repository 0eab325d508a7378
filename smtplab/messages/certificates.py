"""Certificates: an issuer that nobody knows, another name, a date, a missing link; in each TLS library's words."""

from __future__ import annotations

import re
from dataclasses import replace

from ..causes import Cause
from .context import Context
from .rule import Rule

_U, _H, _E, _C = (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, Cause.CERT_HOSTNAME, Cause.CERT_EXPIRED,
    Cause.CERT_CHAIN_INCOMPLETE)
_M, _I = Cause.MIDDLEBOX, Cause.IMPLICIT_TO_PLAINTEXT
_SCANNERS = (r"avast|avg|kaspersky|eset|bitdefender|norton(?:lifelock)?|sophos|fortinet|fortigate|zscaler|netskope"
    r"|blue ?coat|untangle|mcafee|"
             r"watchguard|barracuda|sonicwall|trend ?micro|palo ?alto|checkpoint|squid|mitmproxy|adguard|dr\.?web"
             r"|g ?data")
_FOREIGN_NAME = re.compile(r"did not match expected CN=`([^'`\n]{1,80})|certificate is valid for [^\n]{1,200}, not "
    r"([\w.-]{1,80})"
                           r"|not valid for '([\w.-]{1,80})|hostname [\"']([\w.-]{1,80})"
                           r"|Host: ([\w.-]{1,80})\. is not", re.IGNORECASE)
_BIG = re.compile(r"(?:^|\.)(?:gmail\.com|googlemail\.com|office365\.com|outlook\.com|mail\.yahoo\.com"
    r"|mail\.me\.com)$", re.IGNORECASE)


def _big_service_expected(context: Context) -> bool:
    """The name that was expected is a large service's, whose own certificate is right."""
    m = _FOREIGN_NAME.search(context.text)
    return bool(m and _BIG.search(next(name for name in m.groups() if name)))


def _big_service(context: Context) -> bool:
    return context.provider in ("google", "microsoft", "yahoo", "apple")


def _cli(context: Context) -> bool:
    """Said by a program that shows the chain as the server sends it, against the system's own authorities."""
    return bool(re.search(r"verify (?:error|return|code)|num=\d|chain|depth=|checktls|verification\b", context.low))


def _implicit_on_plaintext(context: Context) -> bool:
    return context.mode == "implicit" and context.plaintext_port


_ROWS = (
    Rule("issued-by-a-scanner", 30,
         rf"(?:issuer|issued by|\bCN ?=|\bO ?=|i:|certificate|root|signed by)[^\n]{{0,80}}\b(?:{_SCANNERS})\b"
         rf"|\b(?:{_SCANNERS})\b[^\n]{{0,40}}(?:untrusted )?(?:root|mail ?shield|personal ca|ssl filter ca|issued"
         rf"|certificate authority)",
         (_M,), "The certificate was issued by a program that opens and scans TLS on the way, not by the server's "
         "authority.",
         "issuer=CN = Kaspersky Anti-Virus Personal Root Certificate", "issuer=CN = R11, O = Let's Encrypt", 0.93,
         stack="antivirus programs on the client's machine, inspecting proxies of companies"),
    Rule("certificate-of-a-hoster", 31, r"did not match expected CN|certificate is valid for|not valid for"
         r"|does ?n(?:o|')t match|hostname mismatch|altnames?", (_M, _H),
         "The large service that was dialled has the right certificate: another machine answered.",
         "Peer certificate CN=`*.hoster.example' did not match expected CN=`smtp.gmail.com'",
         "Peer certificate CN=`*.hoster.example' did not match expected CN=`mail.example.com'", 0.6,
         when=_big_service_expected,
         stack="hosting companies that redirect SMTP to their own server"),
    Rule("another-name", 32,
         r"(?:host ?name|host|ip address|domain)[ _/]{0,3}(?:ip )?mis-?match|\b(?:host ?name"
         r"|IP)\b[^\n]{0,100}(?:does(?: ?n[o']t| not)|doesn’t|did(?:n't| not)) match|did not match expected CN"
         r"|certificate is valid for [^\n]{1,300}, not |any IP SANs|not valid for any names|legacy common name"
         r"|no (?:subject )?alternative (?:certificate )?(?:DNS |subject )?names? (?:matching|present|match\w{0,4})"
         r"|no name matching [^\n]{1,80} found|verify identity of server|server identity check failed"
         r"|ERR_TLS_CERT_ALTNAME_INVALID|certificate'?s? altnames|altname_invalid"
         r"|(?:subject|common|certificate|peer|server) (?:subject )?name [^\n]{0,80}(?:does(?:n't| not)"
         r"|did not) match|NotValidForName|not valid for (?:the )?(?:name|host|'|\")|(?:owner"
         r"|hostname) does not match|BAD_CERT_DOMAIN|hostname_check_failed|hostname verif\w{1,8} fail"
         r"|target principal name|WRONG_PRINCIPAL|CN_NO_MATCH"
         r"|\b0x80090322\b|\b0x800B010F\b|\bnum=6[24]\b|(?:verify )?(?:return )?code: 6[24]\b|X509_V_ERR_(?:HOSTNAME"
         r"|IP_ADDRESS)_MISMATCH|peer subject name mismatch|\(CN\) does not match|BADCERT_CN_MISMATCH"
         r"|certificate name mismatch|no appropriate (?:commonName|subjectAltName)|is not in the cert's"
         r"|CN does not match"
         r"|(?:issued|valid) for (?:a )?different|wrong (?:host|server) ?name|does not match (?:the )?(?:server"
         r"|target|remote|expected|certificate|requested)[^\n]{0,20}(?:name|cert|host)|CERT_COMMON_NAME_INVALID"
         r"|name given in the server's SSL certificate", (_H,),
         "The certificate is for another name than the one that the client dialled.",
         "hostname 'mail.example.com' doesn't match 'web.example.net'", "hostname 'mail.example.com' is fine", 0.93,
         when=lambda c: not re.search(r"helo command|mail from must|sender address", c.low),
         stack="OpenSSL verify 62 and 64, Node ERR_TLS_CERT_ALTNAME_INVALID, Go x509, JSSE, rustls, GnuTLS, NSS, "
         "Schannel 0x80090322, PHP, Erlang, mbedTLS, wolfSSL -322"),
    Rule("name-mismatch-alone", 32, r"RemoteCertificateNameMismatch(?![^\n]{0,40}ChainErrors)", (_H,),
         ".NET: the chain is trusted and the name is another one.",
         "The remote certificate is invalid: RemoteCertificateNameMismatch",
         "RemoteCertificateNameMismatch, RemoteCertificateChainErrors", 0.93, stack=".NET SslPolicyErrors",
         when=lambda c: "ChainErrors" not in c.text),
    Rule("out-of-date", 33,
         r"cert\w{0,9}[^\n]{0,60}(?:has |have |is |was |already )?\b(?:expired|not yet valid|not valid (?:after"
         r"|before|until))|certificate[ _]?(?:has[ _])?(?:expired|not[ _]?yet[ _]?valid|notvalidyet)"
         r"|CERT_(?:HAS_EXPIRED|NOT_YET_VALID|EXPIRED|DATE_INVALID)|CertificateExpired|CertExpired|CertNotValidYet"
         r"|NotYetValid(?:Exception)?"
         r"|\bnum=(?:9|10)\b|(?:return )?code:? (?:9|10) \(|(?:timestamp|validity) check failed|expired certificate"
         r"|EXPIRED_(?:ISSUER_)?CERT|cert_expired|NotTimeValid|validity period|\b0x80090328\b|\b0x800B0101\b"
         r"|SEC_E_CERT_EXPIRED|BADCERT_(?:EXPIRED|FUTURE)|certificate validity (?:has expired|starts in the future)"
         r"|ASN_(?:AFTER|BEFORE)_DATE|current date (?:after|before)|not (?:yet )?activated|SSL alert number 45\b"
         r"|(?<!; )NotAfter: ", (_E,),
         "The certificate is out of date, or the client's clock is wrong.",
         "certificate verify failed: certificate is not yet valid", "certificate verify failed", 0.94,
         when=lambda c: not re.search(r"password has expired|session expired", c.low),
         stack="OpenSSL verify 9 and 10, Go x509, JSSE CertificateExpiredException, rustls, GnuTLS, NSS, Schannel "
         "0x80090328, mbedTLS, wolfSSL -150 and -151, Erlang"),
    Rule("first-certificate", 35, r"unable to verify the first certificate|UNABLE_TO_VERIFY_LEAF_SIGNATURE|\bnum=21\b"
         r"|(?:return )?code:? 21\b|incomplete (?:certificate )?chain|chain (?:is )?incomplete|missing intermediate"
         r"|X509_V_ERR_UNABLE_TO_VERIFY_LEAF",
         (_C, _U), "The server sent one certificate only, and the client doesn't know who signed it.",
         "unable to verify the first certificate", "unable to verify the second factor", 0.7,
         stack="OpenSSL verify 21, Node UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    Rule("partial-chain", 35, r"\bPartialChain\b|chain could not be built to a trusted root|\b0x800B010A\b"
         r"|CERT_E_CHAINING", (_C, _U), "The chain stops before a trusted root.",
         "PartialChain: A certificate chain could not be built to a trusted root authority",
         "UntrustedRoot: not trusted", 0.6, stack=".NET X509ChainStatusFlags, Schannel"),
    Rule("local-issuer-shown-by-a-tool", 36, r"unable to get (?:local )?issuer certificate"
         r"|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|\bnum=20?\b|(?:return )?code:? 20?\b \(", (_C, _U),
         "The link above the server's certificate is missing: the server sends no intermediate, or the root is not "
         "known.",
         "verify error:num=20:unable to get local issuer certificate", "verify error:num=18:self-signed certificate",
         0.65,
         when=lambda c: _cli(c) and not re.search(r"_ssl\.c|curl|stream_socket|ssl_connect", c.low),
         stack="openssl s_client, checktls, Postfix (`certificate verification failed`)"),
    Rule("local-issuer", 36, r"unable to get (?:local )?issuer certificate|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?",
         (_U, _C),
         "The client doesn't find the authority: its own list is missing or old, the authority is private, or the "
         "server sends no intermediate.",
         "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate "
         "(_ssl.c:1007)", "certificate verify failed", 0.6,
         when=lambda c: not (_cli(c) and not re.search(r"_ssl\.c|curl|stream_socket|ssl_connect", c.low)),
         stack="Python, curl, Ruby, Node, PHP"),
    Rule("own-root-in-the-chain", 37, r"self.?signed[ _]cert\w{0,9}[ _]in[ _](?:certificate[ _])?chain"
         r"|SELF_SIGNED_CERT_IN_CHAIN|\bnum=19\b|(?:return )?code:? 19\b", (_M, _U),
         "The chain ends in a root that the client doesn't know: a scanner on the way signs so, or a private "
         "authority.",
         "verify error:num=19:self-signed certificate in certificate chain",
         "verify error:num=18:self-signed certificate", 0.5,
         when=lambda c: _big_service(c) or not (c.host or c.port),
         stack="OpenSSL verify 19, Node SELF_SIGNED_CERT_IN_CHAIN"),
    Rule("own-root-in-a-private-chain", 37, r"self.?signed[ _]cert\w{0,9}[ _]in[ _](?:certificate[ _])?chain"
         r"|SELF_SIGNED_CERT_IN_CHAIN|\bnum=19\b|(?:return )?code:? 19\b", (_U, _M),
         "The chain ends in a root that the client doesn't know: a private authority, or a scanner on the way.",
         "connect to mail.example.com:587: self-signed certificate in certificate chain",
         "connect to mail.example.com:587: self-signed certificate", 0.55,
         when=lambda c: not _big_service(c) and bool(c.host or c.port),
         stack="OpenSSL verify 19, Node SELF_SIGNED_CERT_IN_CHAIN"),
    Rule("self-signed-or-unknown", 38,
         r"self.?signed(?![ _]cert\w{0,9}[ _]in[ _])|DEPTH_ZERO_SELF_SIGNED|\bnum=18\b|(?:return )?code:? 18\b"
         r"|signed by (?:an )?unknown (?:authority|issuer)|unknown[ _]?(?:ca|issuer|authority)\b|\bUnknownIssuer\b"
         r"|UnknownCA\b|CaUsedAsEndEntity|selfsigned_peer|unable to find valid certification path"
         r"|PKIX path (?:building|validation) failed|SunCertPathBuilder|trust ?anchor"
         r"|certificate issuer is unknown|issuer is (?:not|un)(?: |k)(?:recognized|nown|trusted)|(?:certificate"
         r"|issuer|authority|chain|root)[^\n]{0,40}(?:is )?(?:not (?:be )?trusted|untrusted)|UNTRUSTED_(?:ISSUER|CERT"
         r"|ROOT)|UNKNOWN_ISSUER|UntrustedRoot|authority that is not trusted|\b0x80090325\b|\b0x800B0109\b"
         r"|RemoteCertificateChainErrors"
         r"|SSL alert number (?:48|46|42)\b|alert (?:bad certificate|unknown ca|certificate unknown)"
         r"|remote error: tls: (?:bad certificate|unknown certificate)|not a trusted (?:root|ca)"
         r"|root certificate[^\n]{0,30}(?:not|missing)|ASN_NO_SIGNER|no signer error|no CA signer"
         r"|\bwolfssl[^\n]{0,40}-188\b|BADCERT_NOT_TRUSTED|not correctly signed by the trusted"
         r"|CERT_AUTHORITY_INVALID|CAfile|cacert\.pem|SEC_ERROR_(?:UNKNOWN_ISSUER|CA_CERT_INVALID)", (_U, _C),
         "The client doesn't know the authority that signed the certificate, or it signed itself.",
         "tls: failed to verify certificate: x509: certificate signed by unknown authority",
         "x509: certificate is valid for a.example, not b.example", 0.9,
         stack="OpenSSL verify 18, Go x509, JSSE PKIX, rustls UnknownIssuer, GnuTLS, NSS, Schannel 0x80090325, .NET, "
         "Erlang, mbedTLS, wolfSSL -188, alerts 42, 46 and 48"),
    Rule("remote-certificate-invalid", 39, r"remote certificate (?:is|was) (?:invalid|rejected)|certificate (?:is"
         r"|was) (?:invalid|rejected)(?! peer)|bad_certificate|server.?s? (?:SSL |TLS )?certificate (?:could not"
         r"|can ?not|couldn't) be (?:verified|validated)", (_U, _H, _E),
         "The client refused the certificate and doesn't say for which reason.",
         "The remote certificate is invalid according to the validation procedure.",
         "The remote certificate is valid.", 0.6, stack=".NET SslStream, Erlang, Thunderbird"),
    Rule("verify-failed-at-a-large-service", 40, r"certificate[ _]verif(?:y|ication)[ _]fail"
         r"|verif\w{1,8} (?:of )?(?:the )?(?:server |peer )?certificate", (_U, _M),
         "The client refused a certificate that is publicly trusted: its own list of authorities is missing or old, "
         "or another machine answered.",
         "smtp.gmail.com: certificate verify failed", "mail.example.com: certificate verify failed", 0.6,
         when=lambda c: _big_service(c) and not c.from_server,
         stack="OpenSSL 1.0 to 4.0, BoringSSL, LibreSSL: one reason for every fault"),
    Rule("verify-failed", 40,
         r"certificate[ _]verif(?:y|ication)[ _](?:failed|error)|CERTIFICATE_VERIFY_FAILED"
         r"|verif\w{1,8} (?:of )?(?:the )?(?:server |peer )?certificate (?:failed|error)|(?:certificate"
         r"|peer) (?:verification|validation) fail|could(?: not|n't) (?:verify|validate) (?:the )?(?:server|peer|SSL"
         r"|TLS)?.{0,12}certificate"
         r"|curl: \(60\)|peer certificate (?:cannot|can't) be authenticated|error in the certificate verification"
         r"|X509 - Certificate verification failed|server certificate not (?:verified|trusted)", (_U, _C, _E, _M),
         "The client refused the certificate; OpenSSL has one reason for every fault, and the commonest is an "
         "authority that it doesn't know.",
         "error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED",
         "certificate verify ok", 0.65, when=lambda c: not _big_service(c) or c.from_server,
         stack="OpenSSL 1.0 to 4.0, BoringSSL, LibreSSL, GnuTLS, mbedTLS, libcurl"),
    Rule("mailkit-handshake-at-a-large-service", 91, r"(?<!ssl\.)SslHandshakeException|attempting to establish an "
         r"SSL or TLS connection", (_M, _U),
         "MailKit refused the certificate, or there was no TLS at all; a large service has both right, so another "
         "machine may answer.",
         "MailKit.Security.SslHandshakeException: smtp.gmail.com", "MailKit.Net.Smtp.SmtpCommandException: "
         "smtp.gmail.com", 0.5,
         when=lambda c: _big_service(c) and not _implicit_on_plaintext(c),
         stack="MailKit: one exception for every TLS failure"),
    Rule("mailkit-handshake", 91,
         r"(?<!ssl\.)SslHandshakeException|attempting to establish an SSL or TLS connection", (_U, _I, _H),
         "MailKit has one exception for every TLS failure; the inner one decides.",
         "MailKit.Security.SslHandshakeException: An error occurred", "MailKit.Net.Smtp.SmtpCommandException", 0.45,
         when=lambda c: not _big_service(c) and not _implicit_on_plaintext(c), stack="MailKit"),
    Rule("mailkit-handshake-on-a-plaintext-port", 91, r"(?<!ssl\.)SslHandshakeException"
         r"|attempting to establish an SSL or TLS connection", (_I, _U),
         "MailKit has one exception for every TLS failure; TLS at once does not fit this port.",
         "MailKit.Security.SslHandshakeException: An error occurred", "MailKit.Net.Smtp.SmtpCommandException", 0.7,
         when=_implicit_on_plaintext, stack="MailKit", port=587, mode="implicit"),
    Rule("erlang-tls-failed", 92, r"(?<![\w-]):?tls_failed\b", (_U, _H, Cause.TLS_VERSION_OR_CIPHER),
         "gen_smtp's word for every TLS failure after STARTTLS; since OTP 26 Erlang checks certificates unless told "
         "not to.",
         "{:error, {:temporary_failure, 'mail.example.com', :tls_failed}}",
         "{:error, {:temporary_failure, 'mail.example.com', :auth}}", 0.5, stack="gen_smtp on Erlang/OTP 26 and later"),
    Rule("perl-starttls-failed", 92, r"can't STARTTLS: [^\n]{0,20}(?:Ready to start TLS|go ahead)",
         (_U, _H, Cause.TLS_VERSION_OR_CIPHER),
         "The server was ready, and then TLS failed; Perl's mailer shows the last reply in place of the reason.",
         "can't STARTTLS: 2.0.0 Ready to start TLS", "can't STARTTLS: 4.7.0 TLS not available", 0.45,
         stack="Email::Sender::Transport::SMTP over Net::SMTP"),
    Rule("errno-nought-on-an-implicit-port", 92, r"could not connect to (?:the )?host [^\n]{1,80}: \?\?", (_H, _U, _I),
         "PHP's socket call failed without an error number: TCP worked and TLS did not, mostly for the certificate.",
         'could not connect to the host "mail.example.com": ??', 'could not connect to the host "mail.example.com": '
         'refused', 0.45,
         when=lambda c: not _implicit_on_plaintext(c), stack="the smtp class of PHP Classes, as used by firewall "
         "distributions"),
)


def _went_on(context: Context) -> bool:
    """s_client shows what is wrong with a certificate and goes on; what ended it stands in OpenSSL's own line."""
    return "verify return:1" in context.low and bool(
        re.search(r"error:[0-9a-f]{8}:ssl routines:[^\n]{0,80}:(?!certificate verify)[a-z]", context.low))


def _unless_it_went_on(rule: Rule) -> Rule:
    return replace(rule, when=lambda c: not _went_on(c) and rule.when(c))


RULES = tuple(map(_unless_it_went_on, _ROWS))
