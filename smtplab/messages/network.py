"""The network before TLS or SMTP had a part in it: no name, no route, no listener, no answer."""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .error_rule import ErrorRule, Span
from .patterns import LazyPattern, any_of, group

DNS, FILTERED, REFUSED = Cause.DNS, Cause.FILTERED_TIMEOUT, Cause.REFUSED
# A time-out after the connection had been made.
_LATER_WAIT = any_of(
    r"greeting never received",
    r"lost connection with",
    r"timed out while (?:receiving|sending)",
    r"waiting for (?:server|greeting|a? ?resp)",
    r"read timed out",
    r"handshake",
)
# A connection that was never made, whatever else the text says.
_NO_CONNECTION = any_of(
    r"dial tcp[^\n]{0,80}timeout",
    r"connect etimedout",
    r"connect timed out",
    r"10060",
    r"opentimeout",
    r"sock\.connect\(sa\)\s{0,3}timeouterror",
    r"errno 110\]",
    r"\(110\)",
    r"#110",
)


def _connection_timed_out(context: Context) -> bool:
    """Whether a time-out was that of the connection, and of no later step."""
    if context.transcript and (context.transcript.connected or context.transcript.places):
        return False
    return (not context.waits_for_each_other and not re.search(_LATER_WAIT, context.low)
            or bool(re.search(_NO_CONNECTION, context.low)))


# The system's own words for a connection that was refused, and words of a later step.
_REFUSED_BY_THE_SYSTEM = LazyPattern(any_of(
    r"(?<!querya )(?<!querymx )(?<!queryaaaa )\beconnrefused\b",
    r"connectionrefusederror",
    r"\[(?:errno 111|errno 61|winerror 10061)\]",
    r"\bconnect(?:\(2\))?[^\n]{0,80}: connection refused",
))
_LATER_STEP = LazyPattern(r"certificate|ssl routines|handshake|starttls|(?<![\d.])[245]\d\d[ -]")


def _refused_first(context: Context) -> Span | None:
    """Where the system refused the connection, if nothing of a later step stands before it."""
    if context.transcript or context.from_server or not (m := _REFUSED_BY_THE_SYSTEM.search(context.evidence)):
        return None
    return None if _LATER_STEP.search(context.evidence, 0, m.start()) else m.span()


RULES = (
    ErrorRule(
        "refused-before-all-else", 9, "",
        causes=(REFUSED,), likely=0.95,
        says="The first thing that failed is the connection: it was refused at once. What follows is a consequence.",
        example="Error: connect ECONNREFUSED 127.0.0.1:465; Invalid login",
        counterexample="535 Invalid login; later: connect ECONNREFUSED 127.0.0.1:465",
        stack="every operating system (111 Linux, 61 BSD and macOS, 10061 Windows)",
        place=_refused_first,
    ),
    ErrorRule(
        "name-not-resolved", 75,
        any_of(
            # getaddrinfo and DNS in Node
            r"\bENOTFOUND\b",
            r"\bEAI_(?:AGAIN|NONAME|NODATA|FAIL|SERVICE)\b",
            r"\bENODATA\b",
            r"\bEDNS\b",
            r"\bquery(?:A|Aaaa|Mx) E(?:TIMEOUT|CONNREFUSED|SERVFAIL|REFUSED|BADRESP|CANCELLED|FORMERR)\b",
            # the C library's words, and its numbers in Python; Windows' numbers
            r"name or service not known",
            r"nodename nor servname",
            r"no such host\b",
            r"name resolution",
            r"name does not resolve",
            r"\[errno -[235]\]",
            r"\[?errno 1100[14]\b",
            r"\b1100[14]\b[^\n]{0,60}(?:host|name|getaddrinfo)",
            r"no address associated with (?:host)?name",
            # the JVM; wrappers
            r"UnknownHostException",
            r"unknown (?:smtp |mail )?host\b",
            (r"(?:could(?: ?n't| not)|can(?:'t|not)|unable to|failed to|not) (?:be )?(?:resolve|look ?up|find)"
             r"d? (?:the )?(?:address of |proxy |smtp )?(?:host|name|address|server|domain|\S{1,60}: )"),
            r"could not be resolved",
            # Erlang, Rust, Dart, Postfix, PHP, Perl
            r":?nxdomain\b",
            r"failed to lookup address",
            r"failed host lookup",
            r"name service error",
            r"getaddr(?:info|esses)[^\n]{0,40}fail",
            r"gethostby\w{4,8}[^\n]{0,60}(?:fail|not found|error)",
            r"(?:host|domain)(?: name| or domain name)?(?: was)? not found",
            # .NET, Windows, and words of many programs
            r"NameResolution",
            r"WSAHOST_NOT_FOUND",
            r"bad hostname",
            r"DNS (?:lookup|resolution|query|error)[^\n]{0,20}(?:fail|error|not|timed)",
            r"no MX (?:record|host|found)",
            r"hostname (?:is )?(?:invalid|not known|lookup)",
            r"invalid hostname",
            r"resolv\w{0,5} (?:host|error|fail)",
            # Go, libcurl, Chromium, Windows, Ruby
            (r"lookup \S{1,80}(?: on \S{1,40})?: "
             r"(?:no such|server misbehaving|i/o timeout|read udp|Temporary|try again|dnsquery)"),
            r"Temporary failure in name",
            r"CURLE_COULDNT_RESOLVE_HOST",
            r"curl: \(6\)",
            r"ERR_NAME_NOT_RESOLVED",
            r"no data of the requested type",
            r"HostNotFound",
        ),
        causes=(DNS,), likely=0.95,
        says="The name of the server gave no address.",
        example="getaddrinfo ENOTFOUND smtp.example.con",
        counterexample="connect ECONNREFUSED [::1]:2525",
        when=lambda c: not re.search(
            r"reverse hostname|Helo command rejected|Sender address rejected|Recipient address rejected", c.text),
        stack="getaddrinfo in every language; JVM, .NET, Go, Erlang, libcurl, Postfix (`Name service error`)",
    ),
    ErrorRule(
        "refused", 76,
        any_of(
            # names and words
            r"\bE?CONNREFUSED\b",
            r":econnrefused",
            r"connection (?:was )?refused",
            r"actively refused",
            # numbers: Linux, BSD and macOS, Windows
            r"\b(?:errno|error|os error|code)[ =:]{0,3}(?:111|61|10061)\b",
            r"\(111\)",
            r"\(10061\)",
            r"#111\b",
            r"\b10061\b",
            # names of other libraries
            r"WSAECONNREFUSED",
            r"refused (?:the |our )?connection",
            r"ERR_CONNECTION_REFUSED",
            r"kind: ConnectionRefused",
            r"PR_CONNECT_REFUSED",
        ),
        causes=(REFUSED,), likely=0.95,
        says="The connection was refused at once: nothing listens there, or a firewall that rejects answers for it.",
        example="connect ECONNREFUSED 127.0.0.1:1025",
        counterexample="connect ETIMEDOUT 192.0.2.1:25",
        stack="every operating system (111 Linux, 61 BSD and macOS, 10061 Windows)",
    ),
    ErrorRule(
        "unreachable", 77,
        any_of(
            # words and names
            r"network (?:is )?unreachable",
            r"no route to host",
            r"\bE(?:HOST|NET)(?:UNREACH|DOWN)\b",
            r":e(?:host|net)unreach",
            r"host (?:is )?(?:unreachable|down)",
            r"unreachable (?:host|network)",
            # numbers: Linux, BSD and macOS, Windows
            r"\b(?:errno|os error|code)[ =:]{0,3}(?:101|113|51|65|10051|10065)\b",
            r"\((?:101|113)\)",
            r"\b1005[01]\b",
            r"\b10065\b",
            # ping, the JVM; an address that this machine doesn't have
            r"destination (?:host |net )?unreachable",
            r"NoRouteToHostException",
            r"EADDRNOTAVAIL",
            r"cannot assign requested address",
        ),
        causes=(FILTERED, REFUSED), likely=0.9,
        says="There is no way to that address: no route, often no IPv6; or a firewall that rejects says so.",
        example="connect ENETUNREACH 2001:db8::1:587",
        counterexample="connect ECONNREFUSED [::1]:2525",
        stack="every operating system (101 and 113 Linux, 51 and 65 BSD and macOS, 10051 and 10065 Windows)",
    ),
    ErrorRule(
        "local-firewall", 77,
        any_of(
            r"connect\w{0,4}\b[^\n]{0,80}(?:permission denied|\bE(?:ACCES|PERM)\b)",
            r"\(13\)",
            r"\b10013\b",
            r"access permissions",
            r"Failed to connect[^\n]{0,60}Permission denied",
            r"operation not permitted[^\n]{0,30}connect",
        ),
        causes=(FILTERED,), likely=0.75,
        says="The client's own machine forbids the connection: SELinux, a container's or an antivirus program's rule.",
        example="Failed to connect to server: Permission denied (13)",
        counterexample="open /etc/msmtprc: Permission denied",
        stack="SELinux httpd_can_sendmail; WSAEACCES 10013",
    ),
    ErrorRule(
        "connection-timed-out", 78,
        any_of(
            r"\bETIMEDOUT\b",
            r":etimedout",
            r"connect(?:ion|ing)?(?: to \S{1,80})?(?: \S{1,40})? (?:has |was )?timed? ?out",
            r"dial (?:tcp|udp)[^\n]{0,80}(?:i/o timeout|deadline exceeded|operation timed out)",
            r"(?:errno|os error|code|error)[ =:]{0,3}(?:110|10060)\b",
            r"\(110\)",
            r"#110\b",
            r"\b10060\b",
            r"did not properly respond",
            r"connect timed out",
            r"OpenTimeout",
            r"execution expired",
            r"ConnectTimeout",
            r"connection attempt (?:failed|timed)",
            r"connect\w{0,4} timeout",
            r"timeout (?:while |when )?connect\w{0,4}",
            r"WSAETIMEDOUT",
            r"sock\.connect\(sa\)\s{0,3}timeouterror",
            # Python words a later wait otherwise: smtplib's "unexpectedly closed: timed out", "The handshake operation"
            r"(?:TimeoutError|socket\.timeout): timed out",
            r"create_connection[\s\S]{0,600}timed out",
            r"unable to connect[^\n]{0,80}(?:timed out|timeout)",
            r"(?:failed|could not|couldn't) to? ?connect[^\n]{0,80}(?:timed out|timeout)",
            r"connect\(\)?[^\n]{0,40}(?:timed out|timeout)",
            r"ERR_CONNECTION_TIMED_OUT",
            r"operation timed out.{0,20}connect",
            r"kind: TimedOut",
            r"network_failure,[^\n]{0,60}timeout",
        ),
        causes=(FILTERED, Cause.PLAINTEXT_TO_IMPLICIT), likely=0.85,
        says="The time to make the connection was up before there was one.",
        example="dial tcp 192.0.2.1:25: i/o timeout",
        counterexample="read tcp 192.0.2.1:465: i/o timeout",
        when=_connection_timed_out,
        stack="every operating system (110 Linux, 60 BSD and macOS, 10060 Windows); Go `dial tcp ... i/o timeout`; "
              "Ruby Net::OpenTimeout; nodemailer `Connection timeout`",
    ),
    ErrorRule(
        "port-test-without-an-answer", 78,
        r"TcpTestSucceeded\s{0,9}:\s{0,3}False\b|\b\d{1,5}/tcp\s{1,9}filtered\b",
        causes=(FILTERED, REFUSED), likely=0.8,
        says="A test of the port alone, without TLS or SMTP, got no connection.",
        example="TcpTestSucceeded : False",
        counterexample="TcpTestSucceeded : True",
        stack="PowerShell Test-NetConnection, nmap",
    ),
    ErrorRule(
        "timeout-was-reached", 79,
        any_of(
            r"timeout was reached",
            r"\bcurl: \(28\)[^\n]{0,40}(?:connection|failed to connect|resolving)",
            r"CURLE_OPERATION_TIMEDOUT",
        ),
        causes=(FILTERED, Cause.PLAINTEXT_TO_IMPLICIT), likely=0.7,
        says="libcurl's time was up; without a word of the server this is mostly a connection that is dropped.",
        example="Timeout was reached",
        counterexample="Timeout set to 30",
        when=lambda c: not c.waits_for_each_other,
        stack="libcurl's text for error 28",
    ),
    ErrorRule(
        "timeout-was-reached-on-an-implicit-port", 79, r"timeout was reached|CURLE_OPERATION_TIMEDOUT",
        causes=(Cause.PLAINTEXT_TO_IMPLICIT, FILTERED), likely=0.75,
        says="libcurl waited for a greeting on a port where TLS starts at once.",
        example="Timeout was reached",
        counterexample="Timeout set to 30",
        when=lambda c: c.waits_for_each_other,
        port=465, mode="starttls",
        stack="libcurl's text for error 28",
    ),
    ErrorRule(
        "could-not-connect-to-server", 80, r"curl: \(7\)|couldn't connect to server|CURLE_COULDNT_CONNECT",
        causes=(REFUSED, FILTERED), likely=0.6,
        says="No connection was made; libcurl doesn't always say why.",
        example="Couldn't connect to server",
        counterexample="Connected to server",
        stack="libcurl's text for error 7",
    ),
    ErrorRule(
        "ssmtp-cannot-open", 81, r"cannot open (?:mail|mailhub|smtp|mail_?host):\d{2,5}",
        causes=(DNS, REFUSED), likely=0.7,
        says="ssmtp couldn't reach its mailhub: the default name `mail` is none that exists.",
        example="sSMTP: cannot open mail:25",
        counterexample="cannot open mail.log:25",
        stack="ssmtp",
    ),
    ErrorRule(
        "ssmtp-cannot-open-a-host", 81, r"cannot open [\w-]{1,60}(?:\.[\w-]{1,60}){1,6}:\d{2,5}",
        causes=(REFUSED, FILTERED, DNS), likely=0.45,
        says="ssmtp couldn't reach its mailhub and doesn't say why.",
        example="sSMTP: cannot open mail.example.com:25",
        counterexample="cannot open mail:25",
        stack="ssmtp",
    ),
    ErrorRule(
        "async-smtp-closed", 92, r"client: connection closed|SmtpError[^\n]{0,80}connection closed",
        causes=(FILTERED, Cause.CLOSED_BEFORE_GREETING), likely=0.45,
        says="A wrapper's word for a connection that didn't come about or broke.",
        example='"message": "client: Connection closed"',
        counterexample='"message": "client: Connection made"',
        when=lambda c: c.port in (None, 25),
        stack="async-smtp, check-if-email-exists",
    ),
    ErrorRule(
        "bare-could-not-connect-here", 94,
        (r"(?:could(?:n't| not)|can(?:'t|not)|unable to|failed to) ?(?:to )?(?:connect|open|reach)\b"
         r"[^\n]{0,60}(?:localhost|127\.0\.0\.1|\[?::1\b)"),
        causes=(REFUSED, FILTERED), likely=0.7,
        says="No connection to this machine itself: mostly no mail server runs here.",
        example="Could not connect to mail server at localhost",
        counterexample="Could not connect to mail.example.com",
        when=lambda c: "reset" not in c.low,
        stack="PHP mail() on Windows and other wrappers",
    ),
    ErrorRule(
        "bare-could-not-connect", 95,
        any_of(
            r"(?:could(?:n't| not)|can(?:'t|not)|unable to|failed to|fail to|failure) ?(?:to )?" + group(
                r"connect(?:ing)?",
                r"open (?:a |an )?(?:TCP )?connection",
                r"establish (?:a |an )?(?:SMTP |TCP )?connection",
                r"reach",
            ) + r"\b",
            r"connection could not be established",
            r"connection failed",
        ),
        causes=(FILTERED, REFUSED, Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT), likely=0.35,
        says="A wrapper that keeps the cause to itself: no connection came about.",
        example="Could not connect to the mail server",
        counterexample="Connected to the mail server",
        when=lambda c: not c.tls_where_text_is_due and not c.waits_for_each_other,
        stack="wrappers: JavaMail, PHPMailer, SwiftMailer, Email::Sender",
    ),
    ErrorRule(
        "bare-could-not-connect-implicit", 95,
        any_of(
            r"(?:could(?:n't| not)|can(?:'t|not)|unable to|failed to) ?(?:to )?(?:connect|open|establish|reach)\b",
            r"connection could not be established",
            r"connection failed",
        ),
        causes=(Cause.IMPLICIT_TO_PLAINTEXT, FILTERED, REFUSED), likely=0.55,
        says="A wrapper that keeps the cause to itself; TLS at once does not fit this port.",
        example="Could not connect to the mail server",
        counterexample="Connected to the mail server",
        when=lambda c: c.tls_where_text_is_due,
        port=587, mode="implicit",
        stack="wrappers: JavaMail, PHPMailer, SwiftMailer, Email::Sender",
    ),
    ErrorRule(
        "bare-could-not-connect-waits", 95,
        any_of(
            r"(?:could(?:n't| not)|can(?:'t|not)|unable to|failed to) ?(?:to )?(?:connect|open|establish|reach)\b",
            r"connection could not be established",
            r"connection failed",
        ),
        causes=(Cause.PLAINTEXT_TO_IMPLICIT, FILTERED, REFUSED), likely=0.55,
        says="A wrapper that keeps the cause to itself; waiting for a greeting does not fit this port.",
        example="Could not connect to the mail server",
        counterexample="Connected to the mail server",
        when=lambda c: c.waits_for_each_other,
        port=465, mode="starttls",
        stack="wrappers: JavaMail, PHPMailer, SwiftMailer, Email::Sender",
    ),
)
