"""Words for waiting and for ending: what programs say when nothing came, or when the other side went away.

Tables only; what they mean depends on port and mode, and is in `waiting`.
"""

from __future__ import annotations

from .error_rule import Wording
from .patterns import any_of, group

# Words for a greeting or a reply in clear that was awaited and did not come.
GREETING = (
    Wording(
        "nodemailer-greeting", r"greeting never received",
        example="Error: Greeting never received",
        counterexample="Error: greeting received",
        stack="nodemailer 0.3 to 7",
    ),
    Wording(
        "initial-greeting",
        any_of(
            r"timed out while receiving the initial server greeting",
            r"after initial connection\b",
            r"waiting for (?:the )?(?:initial )?(?:server )?(?:greeting|banner|welcome|ready message)",
            r"no (?:greeting|banner) (?:was )?received",
        ),
        example="conversation with mx.example.com[192.0.2.1] timed out while receiving the initial server greeting",
        counterexample="lost connection with mx.example.com while receiving the initial server greeting",
        stack="Postfix, Exim, aiosmtplib and many more",
        source="Postfix src/smtp/smtp_proto.c; measured",
    ),
    Wording(
        "smtplib-timed-out",
        r"connection unexpectedly closed: timed out|SMTPReadTimeoutError|timed out waiting for server",
        example="smtplib.SMTPServerDisconnected: Connection unexpectedly closed: timed out",
        counterexample="Connection closed by the user",
        stack="Python smtplib, aiosmtplib, Django",
    ),
    Wording(
        "dotnet-timed-out",
        r"\bThe operation has timed out|\boperation timed out after \d+ milliseconds(?! with)",
        example="System.Net.Mail.SmtpException: The operation has timed out.",
        counterexample="the operation has ended",
        stack=".NET System.Net.Mail, MailKit",
    ),
    Wording(
        "gnutls-cli-greeting", r"error receiving '220 ': (?!connection reset)",
        example="error receiving '220 ': Timeout",
        counterexample="error sending '220 '",
        stack="gnutls-cli 3.7",
    ),
    Wording(
        "javamail-reading-response", r"exception reading response[^\n]{0,40}\n?[^\n]{0,80}(?:time|$)",
        example="MessagingException: Exception reading response; SocketTimeoutException: Read timed out",
        counterexample="reading response",
        stack="JavaMail, Jakarta Mail",
    ),
    Wording(
        "swift-timed-out", r"Connection to \"?[\w./:-]{1,80}\"? (?:has )?timed out",
        example='Connection to "tcp://smtp.example.com" timed out.',
        counterexample="Connection to the server is open",
        stack="SwiftMailer, Symfony Mailer (reading a reply)",
        source="Symfony AbstractStream::readLine",
    ),
    Wording(
        "net-smtp-read", r"Net::ReadTimeout|421 \[Net::SMTP\] Timeout",
        example="Net::ReadTimeout with #<TCPSocket:(closed)>",
        counterexample="Net::OpenTimeout",
        stack="Ruby Net::SMTP, mail, ActionMailer; Perl Net::SMTP",
    ),
)
READ = (
    Wording(
        "curl-no-bytes",
        any_of(
            r"timed out after \d+ milliseconds with 0 bytes received",
            r"server response timeout",
            r"curl: \(28\) Timeout was reached",
        ),
        example="curl: (28) server response timeout",
        counterexample="curl: (7) no server",
        stack="curl, libcurl",
    ),
    Wording(
        "read-timed-out",
        any_of(
            r"SocketTimeoutException: Read timed out",
            r"\bread tcp [^\n]{5,120} i/o timeout",
            r"network read error: (?:the )?operation timed out",
            r"timeout while reading from",
            r"Timeout \(\d+ secs\) waiting for server response",
            r"Timeout\(\d+\) while trying to read",
            r"while trying to read from SMTP server",
        ),
        example="read tcp 192.0.2.2:53112->192.0.2.1:10025: i/o timeout",
        counterexample="dial tcp 192.0.2.1:465: i/o timeout",
        stack="JSSE, Go, msmtp, swaks, sendEmail",
    ),
    Wording(
        "would-block",
        r"Resource temporarily unavailable|EAGAIN\b|\bWouldBlock\b|non-blocking socket would block",
        likely=0.6,
        example="s-nail: SMTP: Resource temporarily unavailable",
        counterexample="the resource is available",
        stack="s-nail, lettre, C programs",
    ),
)
# Words for the end of a conversation in clear, before or instead of a reply.
ENDED = (
    Wording(
        "smtplib-closed",
        r"connection unexpectedly closed(?!:)|unexpected EOF received|SMTPServerDisconnected(?!: please)",
        example="smtplib.SMTPServerDisconnected: Connection unexpectedly closed",
        counterexample="please run connect() first",
        stack="Python smtplib, aiosmtplib",
    ),
    Wording(
        "javamail-eof", r"response: (?:-1\b|\[EOF\])|\[EOF\]",
        example="Could not connect to SMTP host: smtp.example.com, response: -1",
        counterexample="response: 250",
        stack="JavaMail, Jakarta Mail",
    ),
    Wording(
        "node-closed", r"Error: Connection closed(?: unexpectedly)?|\bECONNECTION\b|Unexpected socket close",
        example="Error: Connection closed unexpectedly",
        counterexample="Connection closed by me",
        stack="nodemailer",
    ),
    Wording(
        "dotnet-closed",
        any_of(
            r"transport connection: (?:The connection was closed|net_io_connectionclosed)",
            r"has unexpectedly disconnected",
            r"IOException: Connection closed",
            r"server returned an invalid response",
            r"Response format is wrong",
            r"the server sent an empty reply",
        ),
        example="Unable to read data from the transport connection: The connection was closed.",
        counterexample="The connection was opened.",
        stack=".NET, Mono, MailKit; msmtp",
    ),
    Wording(
        "small-closed",
        any_of(
            # Perl, swaks, sendEmail, s-nail, curl, Symfony
            r"421 \[Net::SMTP\] Connection closed",
            r"remote host closed connection unexpectedly",
            r"zero byte response to our query",
            r"Unexpected EOF on SMTP connection",
            r"response reading failed",
            r"has been closed unexpectedly",
            r"Connection to [\w.-]{1,80} closed",
            # Postfix, Exim, lettre, msmtp, Laminas, telnet
            r"lost connection with [^\n]{1,90} while receiving the initial",
            r"remote host closed connection in response to initial connection",
            r"\bincomplete response\b",
            r"cannot read - connection closed",
            r"could not read from (?:localhost\b|[\w-]{1,60}(?:\.[\w-]{1,60}){2,5}(?![\w/]))",
            r"escape character is [^\n]{1,12}\s{1,4}connection closed by foreign host",
        ),
        example="*** Remote host closed connection unexpectedly.",
        counterexample="remote host opened",
        stack="Perl, swaks, sendEmail, s-nail, curl, Symfony, mutt, Postfix, Exim, Laminas, lettre, telnet",
    ),
)
EOF = Wording(
    "eof",
    any_of(
        r"end of file reached",
        r"\bEOFError\b",
        r"(?<!unexpected )(?<!handshake )(?<![\w\[])EOF(?=[\"'\s)\]}.]*(?:\n|$|\||\())",
    ),
    likely=0.6,
    example="EOFError: end of file reached",
    counterexample="the file was reached",
    stack="Ruby Net::SMTP, Go net/smtp",
)
# Words for the end of a connection while TLS was being agreed on.
TLS_ENDED = (
    Wording(
        "openssl-eof",
        any_of(
            r"unexpected[ _]eof[ _]while[ _]reading",
            r"EOF occurred in violation of protocol",
            r"SSL_ERROR_SYSCALL",
            r"SSL_get_error=5",
            r"\b0A000126\b",
            r"'Unexpected EOF'",
        ),
        example="ssl.SSLEOFError: EOF occurred in violation of protocol (_ssl.c:1006)",
        counterexample="error: 0A00010B",
        stack="OpenSSL 1.0 to 4.0; Python, curl",
    ),
    Wording(
        "node-tls-closed", r"disconnected before secure TLS connection was established|socket hang up",
        example="Error: socket hang up",
        counterexample="Error: hang",
        stack="Node, Deno, Bun",
    ),
    Wording(
        "gnutls-closed", r"TLS connection was non-properly terminated|Error in the pull function",
        example="The TLS connection was non-properly terminated.",
        counterexample="The TLS connection was established.",
        stack="GnuTLS 3",
    ),
    Wording(
        "nss-closed",
        r"PR_END_OF_FILE_ERROR|Encountered end of file|Network file descriptor is not connected",
        example="curl: (35) Encountered end of file",
        counterexample="the file ended",
        stack="NSS 3",
    ),
    Wording(
        "jsse-closed",
        any_of(
            r"Remote host (?:terminated the handshake|closed connection during handshake)",
            r"SSL peer shut down incorrectly",
        ),
        example="SSLHandshakeException: Remote host terminated the handshake",
        counterexample="Remote host answered",
        stack="JSSE",
    ),
    Wording(
        "dotnet-tls-closed",
        r"remote party has closed the transport stream|unexpected EOF or 0 bytes from the transport",
        example="Authentication failed because the remote party has closed the transport stream.",
        counterexample="the remote party has opened it",
        stack=".NET, Mono",
    ),
    Wording(
        "small-tls-closed",
        any_of(
            # rustls
            r"tls handshake eof",
            r"unexpected end of file",
            r"\bUnexpectedEof\b",
            # Botan, mbedTLS, tlslite-ng, wolfSSL
            r": unexpected EOF\b(?! (?:on|received))",
            r"-0x7280\b",
            r"EOF on socket",
            r"TLSAbruptCloseError",
            r"error state on socket",
            # Chromium, OpenSSL without a reason, Erlang, PHP
            r"net_error -100\b",
            r"lib\(0\)::?reason\(0\)",
            r"\{error,\s?:?closed\}",
            r"Failed to enable crypto(?![\s\S]{0,200}(?:error:|certificate|peer))",
        ),
        example="Display: unexpected EOF",
        counterexample="Display: expected",
        stack="rustls, mbedTLS, Botan, tlslite-ng, wolfSSL, Chromium, Erlang",
    ),
)
RESET = Wording(
    "reset",
    any_of(
        # words and names
        r"connection (?:was )?reset",
        r"ConnectionResetError",
        r"ECONNRESET",
        r"PR_CONNECT_RESET_ERROR",
        # numbers; Windows' words
        r"errno[= ](?:104|32|10054)\b",
        r"forcibly closed",
        r"\b10054\b",
        # mbedTLS, Chromium, aiosmtplib, others
        r"-0x0?050\b",
        r"net_error -101\b",
        r"SMTPServerDisconnected: Connection lost",
        r"connection aborted",
    ),
    likely=0.65,
    example="read ECONNRESET",
    counterexample="the reset of the password",
    stack="every stack",
)
# Words for an empty reply in place of a greeting: SwiftMailer's and Symfony's.
EMPTY = r"expected response code(?:\(s\)|s)?\W{0,4}220\W{0,4}but got " + group(
    r"(?:a )?code \W{0,3}[\"']{2}",
    r"an? empty",
    r"empty",
    r"(?:response )?\[\]",
)
# Words for a TLS handshake that did not end in time.
HANDSHAKE = (
    Wording(
        "handshake-timed-out",
        any_of(
            # Python, PHP, curl, Go
            r"handshake (?:operation )?timed out",
            r"SSL connection timeout",
            r"timed out before SSL handshake",
            r"TLS handshake timeout",
            # Perl, mbedTLS, GnuTLS, Ruby, Erlang
            r"SSL wants a read first",
            r"-0x6800\b",
            r"Fatal error: The operation timed out",
            r"Net::OpenTimeout:?\s{1,3}Net::OpenTimeout",
            r"\{error,\s?:?timeout\}",
        ),
        example="TimeoutError: _ssl.c:989: The handshake operation timed out",
        counterexample="The operation has ended",
        stack="OpenSSL, curl, PHP, Perl, Go, mbedTLS, Ruby",
    ),
    Wording(
        "waited-in-vain",
        any_of(
            r"context deadline exceeded",
            r"Read timed out",
            r"transport connection: Connection timed out",
            r"Unable to establish SSL connection",
        ),
        likely=0.55,
        example="context deadline exceeded",
        counterexample="the deadline is near",
        stack="Go, JSSE, tlslite-ng, .NET, wget",
    ),
)
