"""Words for waiting and for ending: what programs say when nothing came, or when the other side went away.

Tables only; what they mean depends on port, mode and stage, and that is `waiting`.
"""

from __future__ import annotations

from .tls_words import Words

# Words for a greeting or a reply in clear that was waited for, in vain.
GREETING = (
    Words("nodemailer-greeting", r"greeting never received", "Error: Greeting never received",
          "Error: greeting received",
          "nodemailer 0.3 to 7"),
    Words("initial-greeting", r"timed out while receiving the initial server greeting|after initial connection\b"
          r"|waiting for (?:the )?"
          r"(?:initial )?(?:server )?(?:greeting|banner|welcome|ready message)|no (?:greeting|banner) (?:was"
          r" )?received",
          "conversation with mx.example.com[192.0.2.1] timed out while receiving the initial server greeting",
          "lost connection with mx.example.com while receiving the initial server greeting",
          "Postfix, Exim, aiosmtplib and many more",
          "Postfix src/smtp/smtp_proto.c; measured"),
    Words("smtplib-timed-out", r"connection unexpectedly closed: timed out|SMTPReadTimeoutError|timed out waiting for"
          r" server",
          "smtplib.SMTPServerDisconnected: Connection unexpectedly closed: timed out", "Connection closed by the user",
          "Python smtplib, aiosmtplib, Django"),
    Words("dotnet-timed-out", r"\bThe operation has timed out|\boperation timed out after \d+ milliseconds(?! with)",
          "System.Net.Mail.SmtpException: The operation has timed out.", "the operation has ended",
          ".NET System.Net.Mail, MailKit"),
    Words("gnutls-cli-greeting", r"error receiving '220 ': (?!connection reset)", "error receiving '220 ': Timeout",
          "error sending '220 '", "gnutls-cli 3.7"),
    Words("javamail-reading-response", r"exception reading response[^\n]{0,40}\n?[^\n]{0,80}(?:time|$)",
          "MessagingException: Exception reading response; SocketTimeoutException: Read timed out", "reading response",
          "JavaMail, Jakarta Mail"),
    Words("swift-timed-out", r"Connection to \"?[\w./:-]{1,80}\"? (?:has )?timed out",
          'Connection to "tcp://smtp.example.com" timed out.',
          "Connection to the server is open", "SwiftMailer, Symfony Mailer (reading a reply)",
          "Symfony AbstractStream::readLine"),
    Words("net-smtp-read", r"Net::ReadTimeout|421 \[Net::SMTP\] Timeout", "Net::ReadTimeout with #<TCPSocket:(closed)>",
          "Net::OpenTimeout",
          "Ruby Net::SMTP, mail, ActionMailer; Perl Net::SMTP"),
)
READ = (
    Words("curl-no-bytes", r"timed out after \d+ milliseconds with 0 bytes received|server response timeout|curl:"
          r" \(28\) Timeout was reached",
          "curl: (28) server response timeout", "curl: (7) no server", "curl, libcurl"),
    Words("read-timed-out", r"SocketTimeoutException: Read timed out|\bread tcp [^\n]{5,120} i/o timeout|network read"
          r" error: (?:the )?operation timed out"
          r"|timeout while reading from|Timeout \(\d+ secs\) waiting for server response|Timeout\(\d+\) while trying"
          r" to read"
          r"|while trying to read from SMTP server", "read tcp 192.0.2.2:53112->192.0.2.1:465: i/o timeout",
          "dial tcp 192.0.2.1:465: i/o timeout", "JSSE, Go, msmtp, swaks, sendEmail"),
    Words("would-block", r"Resource temporarily unavailable|EAGAIN\b|\bWouldBlock\b|non-blocking socket would block",
          "s-nail: SMTP: Resource temporarily unavailable", "the resource is available", "s-nail, lettre, C programs",
          likely=0.6),
)
# Words for the end of a conversation in clear, before or instead of a reply.
ENDED = (
    Words("smtplib-closed", r"connection unexpectedly closed(?!:)|unexpected EOF received|SMTPServerDisconnected(?!:"
          r" please)",
          "smtplib.SMTPServerDisconnected: Connection unexpectedly closed", "please run connect() first",
          "Python smtplib, aiosmtplib"),
    Words("javamail-eof", r"response: (?:-1\b|\[EOF\])|\[EOF\]",
          "Could not connect to SMTP host: smtp.example.com, response: -1",
          "response: 250", "JavaMail, Jakarta Mail"),
    Words("node-closed", r"Error: Connection closed(?: unexpectedly)?|\bECONNECTION\b",
          "Error: Connection closed unexpectedly",
          "Connection closed by me", "nodemailer"),
    Words("dotnet-closed", r"transport connection: (?:The connection was closed|net_io_connectionclosed)|has"
          r" unexpectedly disconnected|IOException: Connection closed|server returned an invalid response"
          r"|Response format is wrong|the server sent an invalid reply",
          "Unable to read data from the transport connection: The connection was closed.", "The connection was opened.",
          ".NET, Mono, MailKit; msmtp"),
    Words("small-closed", r"421 \[Net::SMTP\] Connection closed|remote host closed connection unexpectedly|zero byte"
          r" response to our query"
          r"|Unexpected EOF on SMTP connection|response reading failed|has been closed unexpectedly|Connection"
          r" to [\w.-]{1,80} closed"
          r"|lost connection with [^\n]{1,90} while receiving the initial"
          r"|remote host closed connection in response to initial connection|\bincomplete response\b"
          r"|cannot read - connection closed"
          r"|could not read from (?:localhost\b|[\w-]{1,60}(?:\.[\w-]{1,60}){2,5}(?![\w/]))"
          r"|escape character is [^\n]{1,12}\s{1,4}connection closed by foreign host",
          "*** Remote host closed connection unexpectedly.",
          "remote host opened",
          "Perl, swaks, sendEmail, s-nail, curl, Symfony, mutt, Postfix, Exim, Laminas,"
          " lettre, telnet"),
)
EOF = Words("eof", r"end of file reached|\bEOFError\b|(?<!unexpected )(?<!handshake )(?<![\w\[])EOF(?=[\"'\s)\]}.]*"
            r"(?:\n|$|\||\())",
            "EOFError: end of file reached",
            "the file was reached", "Ruby Net::SMTP, Go net/smtp", likely=0.6)
# Words for the end of a connection while TLS was being agreed on.
TLS_ENDED = (
    Words("openssl-eof", r"unexpected[ _]eof[ _]while[ _]reading|EOF occurred in violation of protocol"
          r"|SSL_ERROR_SYSCALL|SSL_get_error=5"
          r"|\b0A000126\b|'Unexpected EOF'", "ssl.SSLEOFError: EOF occurred in violation of protocol (_ssl.c:1006)",
          "error: 0A00010B", "OpenSSL 1.0 to 4.0; Python, curl"),
    Words("node-tls-closed", r"disconnected before secure TLS connection was established|socket hang up",
          "Error: socket hang up", "Error: hang",
          "Node, Deno, Bun"),
    Words("gnutls-closed", r"TLS connection was non-properly terminated|Error in the pull function",
          "The TLS connection was non-properly terminated.", "The TLS connection was established.", "GnuTLS 3"),
    Words("nss-closed", r"PR_END_OF_FILE_ERROR|Encountered end of file|Network file descriptor is not connected",
          "curl: (35) Encountered end of file",
          "the file ended", "NSS 3"),
    Words("jsse-closed", r"Remote host (?:terminated the handshake|closed connection during handshake)|SSL peer shut"
          r" down incorrectly",
          "SSLHandshakeException: Remote host terminated the handshake", "Remote host answered", "JSSE"),
    Words("dotnet-tls-closed", r"remote party has closed the transport stream|unexpected EOF or 0 bytes from the"
          r" transport",
          "Authentication failed because the remote party has closed the transport stream.",
          "the remote party has opened it", ".NET, Mono"),
    Words("small-tls-closed", r"tls handshake eof|unexpected end of file|\bUnexpectedEof\b|: unexpected EOF\b(?! (?:on"
          r"|received))|-0x7280\b|EOF on socket"
          r"|TLSAbruptCloseError|error state on socket|net_error -100\b|lib\(0\)::?reason\(0\)|\{error,\s?:?closed\}"
          r"|Failed to enable crypto(?![\s\S]{0,200}(?:error:|certificate|peer))",
          "Display: unexpected EOF", "Display: expected",
          "rustls, mbedTLS, Botan, tlslite-ng, wolfSSL, Chromium, Erlang"),
)
RESET = Words("reset", r"connection (?:was )?reset|ConnectionResetError|ECONNRESET|PR_CONNECT_RESET_ERROR|errno[="
              r" ](?:104|32|10054)\b|forcibly closed|\b10054\b|-0x0?050\b"
              r"|net_error -101\b|SMTPServerDisconnected: Connection lost|connection aborted", "read ECONNRESET",
              "the reset of the password",
              "every stack", likely=0.65)
EMPTY = (r"expected response code(?:\(s\)|s)?\W{0,4}220\W{0,4}but got (?:(?:a )?code \W{0,3}[\"']{2}|an? empty|empty"
         r"|(?:response )?\[\])")
HANDSHAKE = (
    Words("handshake-timed-out", r"handshake (?:operation )?timed out|SSL connection timeout|timed out before SSL"
          r" handshake|TLS handshake timeout"
          r"|SSL wants a read first|-0x6800\b|Fatal error: The operation timed out|Net::OpenTimeout: Net::OpenTimeout"
          r"|\{error,\s?:?timeout\}",
          "TimeoutError: _ssl.c:989: The handshake operation timed out", "The operation has ended",
          "OpenSSL, curl, PHP, Perl, Go, mbedTLS, Ruby"),
    Words("waited-in-vain", r"context deadline exceeded|Read timed out|(?<!connect\(sa\)\n)TimeoutError: timed out"
          r"|transport connection:"
          r" Connection timed out"
          r"|Unable to establish SSL connection", "context deadline exceeded", "the deadline is near",
          "Go, JSSE, tlslite-ng, .NET, wget", likely=0.55),
)
