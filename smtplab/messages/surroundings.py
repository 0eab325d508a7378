"""What a log repeats of its own circumstances: settings, trust stores, keys. Such lines are context, never evidence.

curl prints the file of its authorities before every handshake, msmtp all its settings, s_client certificates and
tickets. `without_surroundings` blanks them, so that no row takes `CAfile` or `timeout = 30` for a failure; each
letter keeps its place.
"""

from __future__ import annotations

import re

from .patterns import LazyPattern, any_of, group

# A value that a setting has and no failure: a number or a file; a switch or nothing, where it ends the line.
_VALUE = group(
    r"[\"']?\d{1,7}(?:\.\d{1,3})?(?: ?(?:s|ms|secs?|seconds|minutes|\(sec\)))?[\"']?(?=[\s,;)\]}]|$)",
    r"[\"']?(?:[a-z]:)?[./~\\][^\s\"',;]{1,200}[\"']?",
    r"[\"']?(?:true|false|on|off|yes|no|none|null|nil|undefined|\(not set\)|default|auto|)[\"']?"
    r"(?=\s{0,4}(?:[,;)\]}]|$))",
)
_SURROUNDINGS = LazyPattern(any_of(
    # keys and certificates in base64, hexadecimal dumps of tickets
    r"-----BEGIN [^\n]{3,40}-----[\s\S]{0,12000}?-----END [^\n]{3,40}-----",
    r"^[A-Za-z0-9+/]{60,80}={0,2}$",
    r"^ {2,8}[0-9a-f]{4} - (?:[0-9a-f]{2}[ -]){8,16}[^\n]*$",
    r"^ {2,8}(?:Session-ID|Session-ID-ctx|Resumption PSK|Master-Key|PSK identity|SRP username)[^\n]*$",
    # a trust store, as curl and others show it
    r"^\*? *(?:CA(?:file|path)|CRLfile)\s?[:=] ?\S{0,200}",
    r"^\* +(?:successfully set certificate verify locations|TLS:? .{0,20}trust|ALPN)[^\n]*$",
    # a connection that its own client closes
    r"^=== Connection closed with remote host\.?$",
    r"^\* Closing connection[^\n]*$",
    r"^[^\n]{0,60}\] (?:Closing connection to the server using [^\n]{0,20}|Connection closed)$",
    r"^[^\n]{0,40}\tConnection: closed$",
    # what PHPMailer asked for, and what it found
    r"\tauth methods? (?:requested|available|selected)[^\n]*$|\trequested auth method not available:[^\n]*$",
    # a setting: a key that sounds like a failure, and a value that is none
    r"(?:^|(?<=[{(\[,;]))[ \t]{0,40}[\"'$-]{0,3}(?:[\w-]{1,30}[.:]){0,4}" + group(
        r"\w{0,30}(?:ca|cert|crl|trust|key)(?:[_-]?(?:file|path|dir|certs?|store|list|check|bundle|info))?",
        r"\w{0,30}time[_-]?out\w{0,12}",
        r"\w{0,20}(?:tls|ssl)\w{0,30}",
        r"\w{0,20}auth\w{0,20}",
    ) + rf"[\"']?[ \t]{{0,12}}(?:=>|=|:)[ \t]{{0,4}}{_VALUE}",
), re.IGNORECASE | re.MULTILINE)
_LETTERS = LazyPattern(r"[^\n]")


def without_surroundings(text: str) -> str:
    """The text with such words blanked, as long as it was."""
    return _SURROUNDINGS.sub(lambda m: _LETTERS.sub(" ", m[0]), text)
