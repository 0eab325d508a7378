"""What a TLS library's words mean at connect, after STARTTLS, and in a server's log; the words are in `tls_patterns`.

At connect, words for bytes that are no TLS mean one thing: the client began TLS where the server speaks first, in
clear. The same words after a STARTTLS, or from a server that accepts, mean that both speak TLS or nearly so, and don't
agree: the mode was right. Words for having no version, cipher or parameter in common mean that wherever they stand.
"""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .error_rule import ErrorRule, Wording
from .patterns import LazyPattern, any_of
from .tls_patterns import NOT_TLS, VERSION

MISMATCH, VERSION_OR_CIPHER = Cause.IMPLICIT_TO_PLAINTEXT, Cause.TLS_VERSION_OR_CIPHER
_AT_CONNECT = LazyPattern(any_of(
    # addresses
    r"ssl://",
    r"smtps://",
    # Python, PHP, Go, SwiftMailer, MailKit, JavaMail
    r"SMTP_SSL",
    r"fsockopen",
    r"stream_socket_client",
    r"tls\.Dial\b",
    r"SMTPSSLTransport",
    r"SslOnConnect",
    r"encryption type SSL",
    r"Could not connect to SMTP host",
), re.IGNORECASE)


def after_starttls(context: Context) -> bool:
    """Whether the client's TLS began after a STARTTLS: the text says so, or its mode does and nothing denies it."""
    return context.starttls_shown and not context.from_server or _only_said_to_be_after(context)


def _only_said_to_be_after(context: Context) -> bool:
    """Whether the mode that was given is all that speaks for a STARTTLS. Settings are often not those in effect."""
    return (context.mode == "starttls" and not context.starttls_shown and not context.from_server
            and not context.implicit_port and not _AT_CONNECT.search(context.text))


def at_connect(context: Context) -> bool:
    """Whether the client's TLS began on connecting, as far as the text shows."""
    return not context.from_server and not after_starttls(context)


def in_server_log(context: Context) -> bool:
    """Whether a server speaks, of a client that came to it."""
    return context.from_server


def _at_connect(words: Wording) -> ErrorRule:
    return ErrorRule(
        f"{words.name}-at-connect", 48, words.pattern,
        causes=(MISMATCH, VERSION_OR_CIPHER), likely=words.likely,
        says="These are a TLS library's words for bytes that are no TLS, and TLS began on connecting: the server spoke "
             "first, in clear.",
        example=words.example,
        counterexample=words.counterexample,
        when=at_connect,
        mode="implicit",
        stack=words.stack,
        source=words.source,
    )


def _against_the_setting(words: Wording) -> ErrorRule:
    return ErrorRule(
        f"{words.name}-against-the-setting", 38, words.pattern,
        causes=(MISMATCH, VERSION_OR_CIPHER), likely=min(0.6, words.likely - 0.1),
        says="These are a TLS library's words for bytes that are no TLS. After a STARTTLS a server answers in TLS: so "
             "TLS began on connecting, and the setting that says STARTTLS is not the one in effect.",
        example=words.example,
        counterexample=words.counterexample,
        when=_only_said_to_be_after,
        port=587, mode="starttls",
        stack=words.stack,
        source=words.source,
    )


def _after_starttls(words: Wording) -> ErrorRule:
    return ErrorRule(
        f"{words.name}-after-starttls", 38, words.pattern,
        causes=(VERSION_OR_CIPHER, MISMATCH), likely=0.7,
        says="The server had agreed to STARTTLS and then no handshake came about: the mode is right, what follows "
             "isn't.",
        example=f"could not convert socket to TLS: {words.example}",
        counterexample=words.example,
        when=lambda c: c.starttls_shown and not c.from_server,
        stack=words.stack,
        source=words.source,
    )


def _in_server_log(words: Wording) -> ErrorRule:
    return ErrorRule(
        f"{words.name}-in-server-log", 36, words.pattern,
        causes=(VERSION_OR_CIPHER, Cause.OTHER), likely=0.75,
        says="This is a server's log of a client that came: an old or strange client, or a scanner; no port was "
             "mistaken here.",
        example=f"postfix/smtpd[9]: warning: TLS library problem: {words.example}",
        counterexample=words.example,
        when=in_server_log,
        stack=words.stack,
        source=words.source,
    )


def _no_common_version(words: Wording) -> ErrorRule:
    return ErrorRule(
        words.name, 40, words.pattern,
        causes=(VERSION_OR_CIPHER, Cause.OTHER), likely=0.9,
        says="Both sides speak TLS and find no version, cipher or parameter that both accept.",
        example=words.example,
        counterexample=words.counterexample,
        stack=words.stack,
        source=words.source,
    )


_PLAIN_AFTER = ErrorRule(
    "jsse-plaintext-after-starttls", 34, r"(?:Unrecognized|Unsupported or unrecognized) SSL message",
    causes=(Cause.OTHER, VERSION_OR_CIPHER), likely=0.6,
    says="The server agreed to STARTTLS and then went on in clear: its own fault, or that of something between.",
    example="Could not convert socket to TLS; SSLException: Unsupported or unrecognized SSL message",
    counterexample="SSLException: Unsupported or unrecognized SSL message",
    when=lambda c: c.starttls_shown and not c.from_server,
    stack="JSSE",
    source="RFC 3207 section 4",
)
_OWN_KEY = ErrorRule(
    "server-cannot-load-its-key", 30,
    r"cannot get \w{2,8} (?:certificate|private key) from file|disabling TLS support|TLS engine: cannot",
    causes=(Cause.TEMPORARILY_UNAVAILABLE, VERSION_OR_CIPHER), likely=0.92,
    says="The server can't load its own key or certificate, so it offers no TLS.",
    example="postfix/smtpd[9]: warning: cannot get RSA private key from file /k.pem: disabling TLS support",
    counterexample="cannot get mail from file",
    stack="Postfix",
    source="Postfix src/tls/tls_certkey.c",
)
_HANG_UP = ErrorRule(
    "hang-up-in-server-log", 42,
    any_of(
        r"unexpected eof while reading",
        r"lost connection after (?!STARTTLS)\w+ from",
        r"SSL_accept error[^\n]{0,80}(?:reset|lost connection|Broken pipe)",
        r"SSL_accept:[^\n]{0,80}unexpected eof",
    ),
    causes=(Cause.OTHER, VERSION_OR_CIPHER), likely=0.7,
    says="A visitor hung up: mostly a scanner or a health check; with no more words it is no fault of this server's.",
    example="postfix/smtpd[9]: lost connection after EHLO from c.example.net[192.0.2.1]",
    counterexample="lost connection after EHLO",
    when=in_server_log,
    stack="Postfix, Dovecot",
    source="Postfix src/smtpd/smtpd.c",
)
_LOST_AFTER_STARTTLS = ErrorRule(
    "lost-after-starttls", 43, r"lost connection after STARTTLS from",
    causes=(VERSION_OR_CIPHER, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA), likely=0.6,
    says="The client went away in the handshake, after STARTTLS: no version in common, or a certificate that it "
         "didn't like.",
    example="postfix/smtpd[9]: lost connection after STARTTLS from c.example.net[192.0.2.1]",
    counterexample="lost connection after DATA from c[192.0.2.1]",
    when=in_server_log,
    stack="Postfix",
    source="Postfix src/smtpd/smtpd.c",
)
_PORT_NOT_TLS = ErrorRule(
    "mailkit-port", 50,
    r"is typically reserved for plain-text|server does not support SSL(?:/TLS)? on (?:this|that) port",
    causes=(MISMATCH, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA), likely=0.85,
    says="MailKit names the port: one where the server speaks first, in clear.",
    example="SslHandshakeException: When connecting to an SMTP service, port 587 is typically reserved for "
            "plain-text connections.",
    counterexample="SslHandshakeException: the server's certificate is not trusted.",
    when=at_connect,
    stack="MailKit 2.5 and later",
    source="MailKit SslHandshakeException.cs",
)

_WRAPPERMODE = ErrorRule(
    "postfix-wants-wrappermode", 45, r"SMTPS wrappermode \(TCP port 465\) requires",
    causes=(Cause.PLAINTEXT_TO_IMPLICIT,), likely=0.95,
    says="Postfix warns before it connects: TLS comes first on port 465, and it will wait for a greeting.",
    example='SMTPS wrappermode (TCP port 465) requires setting "smtp_tls_wrappermode = yes"',
    counterexample='setting "smtp_tls_wrappermode = yes"',
    stack="Postfix's smtp since 3.0",
    source="measured on loopback",
)
_OWN_VERSION = ErrorRule(
    "perl-invalid-version", 45, r"invalid SSL_version specified",
    causes=(VERSION_OR_CIPHER,), likely=0.93,
    says="The client's own setting of TLS versions names one that its library doesn't have; no byte was sent.",
    example="invalid SSL_version specified at IO/Socket/SSL.pm line 700.",
    counterexample="invalid SSL certificate specified",
    stack="Perl's IO::Socket::SSL (swaks, sendEmail, git send-email)",
    source="IO::Socket::SSL SSL.pm",
)

_WENT_ON_IN_CLEAR = ErrorRule(
    "tls-failed-and-mail-went-on-in-clear", 9,
    r"TLS session: \((?:SSL_connect|gnutls_handshake)\): [^\n]{1,200}(?=\n[^\n]{0,80}delivering unencrypted)",
    causes=(VERSION_OR_CIPHER, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA), likely=0.85,
    says="The handshake failed first; what the server refuses afterwards it refuses because the mail went on in clear.",
    example="TLS session: (SSL_connect): error:0A00018A:SSL routines::dh key too small\n"
            "TLS session failure: delivering unencrypted to mail.example.com\n530 Must issue a STARTTLS command first",
    counterexample="TLS session: (SSL_connect): error:0A00018A:SSL routines::dh key too small",
    when=lambda c: not re.search(r"ssl_connect\): [^\n]{0,120}certificate", c.low),
    stack="Exim 4",
    source="Exim src/transports/smtp.c",
)
_STARTTLS_FAILED = ErrorRule(
    "mail-server-starttls-failed", 55,
    r"Cannot start TLS: handshake failure|\b403[ -]4\.7\.0 TLS handshake failed",
    causes=(VERSION_OR_CIPHER, Cause.CLOSED_BEFORE_GREETING), likely=0.65,
    says="A mail server had a yes to its STARTTLS, and then no handshake came about.",
    example="status=deferred (Cannot start TLS: handshake failure)",
    counterexample="status=deferred (Cannot start TLS: no mail)",
    when=lambda c: not c.implicit_port and not c.tls_where_text_is_due,
    port=25,
    stack="Postfix's smtp, Sendmail as a client",
    source="Postfix src/smtp/smtp_proto.c; Sendmail deliver.c",
)

RULES = (
    _WRAPPERMODE, _OWN_VERSION,
    _PLAIN_AFTER, _OWN_KEY, _HANG_UP, _LOST_AFTER_STARTTLS, _PORT_NOT_TLS, _STARTTLS_FAILED, _WENT_ON_IN_CLEAR,
    *map(_at_connect, NOT_TLS),
    *(_after_starttls(words) for words in NOT_TLS if words.name != "jsse"),  # JSSE's have a row of their own
    *map(_against_the_setting, NOT_TLS),
    *map(_in_server_log, NOT_TLS),
    *map(_no_common_version, VERSION),
)
