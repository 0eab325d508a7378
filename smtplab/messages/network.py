"""The network before TLS or SMTP had a part in it: no name, no route, no listener, no answer."""

from __future__ import annotations

import re

from ..causes import Cause
from .context import Context
from .rule import Rule

_D, _F, _X = Cause.DNS, Cause.FILTERED_TIMEOUT, Cause.REFUSED


def _waits_on_implicit(context: Context) -> bool:
    """A client that waits for a greeting on a port where TLS starts at once: a time-out there is no filter's."""
    return context.implicit_port and context.mode in ("starttls", "plain")


def _may_be_tcp(context: Context) -> bool:
    return not _waits_on_implicit(context)


RULES = (
    Rule("name-not-resolved", 75,
         r"\bENOTFOUND\b|\bEAI_(?:AGAIN|NONAME|NODATA|FAIL|SERVICE)\b|\bENODATA\b|\bEDNS\b"
         r"|\bquery(?:A|Aaaa|Mx) E(?:TIMEOUT|CONNREFUSED|SERVFAIL|REFUSED|BADRESP|CANCELLED|FORMERR)\b"
         r"|name or service not known"
         r"|nodename nor servname|no such host\b|name resolution|name does not resolve"
         r"|\[errno -[235]\]|\[?errno 1100[14]\b|\b1100[14]\b[^\n]{0,60}(?:host|name|getaddrinfo)"
         r"|no address associated with (?:host)?name|UnknownHostException|unknown (?:smtp |mail )?host\b"
         r"|(?:could(?: ?n't| not)|can(?:'t|not)|unable to|failed to|not) (?:be )?(?:resolve|look ?up"
         r"|find)d? (?:the )?(?:address of |proxy |smtp )?(?:host|name|address|server|domain|\S{1,60}: )"
         r"|could not be resolved|:?nxdomain\b|failed to lookup address|failed host lookup|name service error"
         r"|getaddr(?:info|esses)[^\n]{0,40}fail|gethostby\w{4,8}[^\n]{0,60}(?:fail|not found|error)|(?:host"
         r"|domain)(?: name| or domain name)?(?: was)? not found"
         r"|NameResolution|WSAHOST_NOT_FOUND|bad hostname|DNS (?:lookup|resolution|query|error)[^\n]{0,20}(?:fail"
         r"|error|not|timed)|no MX (?:record|host|found)|hostname (?:is )?(?:invalid|not known|lookup)"
         r"|invalid hostname|resolv\w{0,5} (?:host|error|fail)"
         r"|lookup \S{1,80}(?: on \S{1,40})?: (?:no such|server misbehaving|i/o timeout|Temporary|dnsquery)"
         r"|Temporary failure in name|CURLE_COULDNT_RESOLVE_HOST|curl: \(6\)|ERR_NAME_NOT_RESOLVED"
         r"|no data of the requested type|HostNotFound",
         (_D,), "The name of the server gave no address.", "getaddrinfo ENOTFOUND smtp.example.con",
         "connect ECONNREFUSED [::1]:2525", 0.95,
         when=lambda c: not re.search(r"reverse hostname|Helo command rejected|Sender address rejected"
         r"|Recipient address rejected", c.text),
         stack="getaddrinfo in every language; JVM, .NET, Go, Erlang, libcurl, Postfix (`Name service error`)"),
    Rule("refused", 76,
         r"\bE?CONNREFUSED\b|:econnrefused|connection (?:was )?refused|actively refused|\b(?:errno|error|os error"
         r"|code)[ =:]{0,3}(?:111|61|10061)\b|\(111\)|\(10061\)|#111\b|\b10061\b|WSAECONNREFUSED|refused (?:the "
         r"|our )?connection|ERR_CONNECTION_REFUSED"
         r"|kind: ConnectionRefused|PR_CONNECT_REFUSED", (_X,),
         "The machine answered at once that nothing listens on this port.", "connect ECONNREFUSED 127.0.0.1:1025",
         "connect ETIMEDOUT 192.0.2.1:25", 0.95,
         stack="every operating system (111 Linux, 61 BSD and macOS, 10061 Windows)"),
    Rule("unreachable", 77,
         r"network (?:is )?unreachable|no route to host|\bE(?:HOST|NET)(?:UNREACH|DOWN)\b|:e(?:host|net)unreach"
         r"|host (?:is )?(?:unreachable|down)|unreachable (?:host|network)|\b(?:errno|os error|code)[ =:]{0,3}(?:101"
         r"|113|51|65|10051|10065)\b|\((?:101|113)\)|\b1005[01]\b|\b10065\b"
         r"|destination (?:host |net )?unreachable|NoRouteToHostException|EADDRNOTAVAIL"
         r"|cannot assign requested address", (_F, _X),
         "There is no way to that address: no route, often no IPv6.", "connect ENETUNREACH 2001:db8::1:587",
         "connect ECONNREFUSED [::1]:2525", 0.9,
         stack="every operating system (101 and 113 Linux, 51 and 65 BSD and macOS, 10051 and 10065 Windows)"),
    Rule("local-firewall", 77, r"connect\w{0,4}\b[^\n]{0,80}(?:permission denied|\bE(?:ACCES|PERM)\b)|\(13\)"
         r"|\b10013\b|access permissions|Failed to connect[^\n]{0,60}Permission denied"
         r"|operation not permitted[^\n]{0,30}connect",
         (_F,), "The client's own machine forbids the connection: SELinux, a container's or an antivirus program's "
         "rule.",
         "Failed to connect to server: Permission denied (13)", "open /etc/msmtprc: Permission denied", 0.75,
         stack="SELinux httpd_can_sendmail; WSAEACCES 10013"),
    Rule("connection-timed-out", 78,
         r"\bETIMEDOUT\b|:etimedout|connect(?:ion|ing)?(?: to \S{1,80})?(?: \S{1,40})? (?:has |was )?timed? ?out"
         r"|dial (?:tcp|udp)[^\n]{0,80}(?:i/o timeout|deadline exceeded|operation timed out)|(?:errno|os error|code"
         r"|error)[ =:]{0,3}(?:110|10060)\b|\(110\)|#110\b"
         r"|\b10060\b|did not properly respond|connect timed out|OpenTimeout|execution expired|ConnectTimeout"
         r"|connection attempt (?:failed|timed)|connect\w{0,4} timeout|timeout (?:while |when )?connect\w{0,4}"
         r"|WSAETIMEDOUT|sock\.connect\(sa\)\s{0,3}timeouterror"
         r"|create_connection[\s\S]{0,600}timed out|unable to connect[^\n]{0,80}(?:timed out|timeout)|(?:failed"
         r"|could not|couldn't) to? ?connect[^\n]{0,80}(?:timed out|timeout)|connect\(\)?[^\n]{0,40}(?:timed out"
         r"|timeout)|ERR_CONNECTION_TIMED_OUT|operation timed out.{0,20}connect"
         r"|kind: TimedOut|network_failure,[^\n]{0,60}timeout", (_F, Cause.PLAINTEXT_TO_IMPLICIT),
         "The time to make the connection was up before there was one.", "dial tcp 192.0.2.1:25: i/o timeout",
         "read tcp 192.0.2.1:465: i/o timeout", 0.85,
         when=lambda c: _may_be_tcp(c) and not re.search(r"greeting never received|lost connection with"
         r"|timed out while (?:receiving|sending)|waiting for (?:server|greeting|a? ?resp)|read timed out|handshake",
         c.low)
         or bool(re.search(r"dial tcp[^\n]{0,80}timeout|connect etimedout|connect timed out|10060|opentimeout"
                           r"|sock\.connect\(sa\)\s{0,3}timeouterror|errno 110\]|\(110\)"
         r"|#110", c.low)),
         stack="every operating system (110 Linux, 60 BSD and macOS, 10060 Windows); Go `dial tcp ... i/o timeout`; "
         "Ruby Net::OpenTimeout; nodemailer `Connection timeout`"),
    Rule("port-test-without-an-answer", 78, r"TcpTestSucceeded\s{0,9}:\s{0,3}False\b|\b\d{1,5}/tcp\s{1,9}filtered\b",
         (_F, _X), "A test of the port alone, without TLS or SMTP, got no connection.", "TcpTestSucceeded : False",
         "TcpTestSucceeded : True", 0.8, stack="PowerShell Test-NetConnection, nmap"),
    Rule("timeout-was-reached", 79, r"timeout was reached|\bcurl: \(28\)[^\n]{0,40}(?:connection|failed to connect"
         r"|resolving)|CURLE_OPERATION_TIMEDOUT", (_F, Cause.PLAINTEXT_TO_IMPLICIT),
         "libcurl's time was up; without a word of the server this is mostly a connection that is dropped.",
         "Timeout was reached", "Timeout set to 30", 0.7, when=_may_be_tcp, stack="libcurl's text for error 28"),
    Rule("timeout-was-reached-on-an-implicit-port", 79, r"timeout was reached|CURLE_OPERATION_TIMEDOUT",
         (Cause.PLAINTEXT_TO_IMPLICIT, _F),
         "libcurl waited for a greeting on a port where TLS starts at once.", "Timeout was reached",
         "Timeout set to 30", 0.75,
         when=_waits_on_implicit, stack="libcurl's text for error 28", port=465, mode="starttls"),
    Rule("could-not-connect-to-server", 80, r"curl: \(7\)|couldn't connect to server|CURLE_COULDNT_CONNECT", (_X, _F),
         "No connection was made; libcurl doesn't always say why.", "Couldn't connect to server",
         "Connected to server", 0.6, stack="libcurl's text for error 7"),
    Rule("ssmtp-cannot-open", 81, r"cannot open (?:mail|mailhub|smtp|mail_?host):\d{2,5}", (_D, _X),
         "ssmtp couldn't reach its mailhub: the default name `mail` is none that exists.",
         "sSMTP: cannot open mail:25", "cannot open mail.log:25", 0.7,
         stack="ssmtp"),
    Rule("ssmtp-cannot-open-a-host", 81, r"cannot open [\w-]{1,60}(?:\.[\w-]{1,60}){1,6}:\d{2,5}", (_X, _F, _D),
         "ssmtp couldn't reach its mailhub and doesn't say why.", "sSMTP: cannot open mail.example.com:25",
         "cannot open mail:25", 0.45, stack="ssmtp"),
    Rule("async-smtp-closed", 92, r"client: connection closed|SmtpError[^\n]{0,80}connection closed", (_F,
         Cause.CLOSED_BEFORE_GREETING),
         "A wrapper's word for a connection that didn't come about or broke.",
         '"message": "client: Connection closed"', '"message": "client: Connection made"', 0.45,
         when=lambda c: c.port in (None, 25), stack="async-smtp, check-if-email-exists"),
    Rule("bare-could-not-connect-here", 94, r"(?:could(?:n't| not)|can(?:'t|not)|unable to|failed to) ?(?:to )?"
         r"(?:connect|open|reach)\b[^\n]{0,60}(?:localhost|127\.0\.0\.1|\[?::1\b)", (_X, _F),
         "No connection to this machine itself: mostly no mail server runs here.",
         "Could not connect to mail server at localhost", "Could not connect to mail.example.com", 0.7,
         when=lambda c: "reset" not in c.low, stack="PHP mail() on Windows and other wrappers"),
    Rule("bare-could-not-connect", 95, r"(?:could(?:n't| not)|can(?:'t|not)|unable to|failed to|fail to"
         r"|failure) ?(?:to )?(?:connect(?:ing)?|open (?:a |an )?(?:TCP )?connection|establish (?:a |an )?(?:SMTP "
         r"|TCP )?connection|reach)\b|connection could not be established|connection failed",
         (_F, _X, Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT),
         "A wrapper that keeps the cause to itself: no connection came about.",
         "Could not connect to the mail server", "Connected to the mail server", 0.35,
         when=lambda c: not (c.mode == "implicit" and c.plaintext_port) and not _waits_on_implicit(c),
         stack="wrappers: JavaMail, PHPMailer, SwiftMailer, Email::Sender"),
    Rule("bare-could-not-connect-implicit", 95, r"(?:could(?:n't| not)|can(?:'t|not)|unable to"
         r"|failed to) ?(?:to )?(?:connect|open|establish|reach)\b|connection could not be established"
         r"|connection failed",
         (Cause.IMPLICIT_TO_PLAINTEXT, _F, _X), "A wrapper that keeps the cause to itself; TLS at once does not fit "
         "this port.", "Could not connect to the mail server", "Connected to the mail server", 0.55,
         when=lambda c: c.mode == "implicit" and c.plaintext_port, port=587, mode="implicit",
         stack="wrappers: JavaMail, PHPMailer, SwiftMailer, Email::Sender"),
    Rule("bare-could-not-connect-waits", 95, r"(?:could(?:n't| not)|can(?:'t|not)|unable to"
         r"|failed to) ?(?:to )?(?:connect|open|establish|reach)\b|connection could not be established"
         r"|connection failed",
         (Cause.PLAINTEXT_TO_IMPLICIT, _F, _X), "A wrapper that keeps the cause to itself; waiting for a greeting "
         "does not fit this port.", "Could not connect to the mail server", "Connected to the mail server", 0.55,
         when=_waits_on_implicit, port=465, mode="starttls",
         stack="wrappers: JavaMail, PHPMailer, SwiftMailer, Email::Sender"),
)
