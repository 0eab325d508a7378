"""What testing tools print about a port: openssl s_client, testssl.sh, CheckTLS. Their dumps are read as what they are.

s_client says how many bytes it read and how many certificates came; both tell more than its error line.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..causes import Cause
from .certificates import went_on
from .context import Context
from .error_rule import ErrorRule
from .patterns import any_of

UNKNOWN_CA, INCOMPLETE = Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, Cause.CERT_CHAIN_INCOMPLETE
NOT_OFFERED = Cause.STARTTLS_NOT_OFFERED
_LIBRARY = "openssl s_client 1.0 to 4.0"
_MEASURED = "measured on loopback"
_NO_ISSUER = r"verify (?:error:num=2[01]?\b|return code: 2[01]?\b)[^\n]{0,80}"
_NO_TLS = r"SSL routines:[^\n:]{0,60}:(?:wrong version number|unknown protocol|packet length too long)"


def _certificates(least: int, most: int) -> Callable[[Context], bool]:
    """A row's condition: s_client lists so many certificates, the last of them not signed by itself, and no TLS
    error came after them."""
    def when(context: Context) -> bool:
        issued = re.findall(r"^ {0,2}\d s:([^\n]{1,300})\n {1,6}i:([^\n]{1,300})$", context.low, re.MULTILINE)
        return least <= len(issued) <= most and issued[-1][0] != issued[-1][1] and not went_on(context)
    return when


def _read(least: int, most: int) -> Callable[[Context], bool]:
    """A row's condition: s_client read so many bytes, and no certificate came."""
    def when(context: Context) -> bool:
        m = re.search(r"handshake has read (\d{1,9}) bytes", context.low)
        return m is not None and least <= int(m[1]) <= most and "no peer certificate" in context.low
    return when


_DUMP = ("CONNECTED(00000003)\n---\nno peer certificate available\n---\n"
         "SSL handshake has read {} bytes and written 1 bytes")
_ONE = ("verify error:num=20:unable to get local issuer certificate\nCertificate chain\n"
        " 0 s:CN = a.example\n   i:CN = R1\n")

RULES = (
    ErrorRule(
        "s-client-one-certificate", 34, _NO_ISSUER,
        causes=(INCOMPLETE, UNKNOWN_CA), likely=0.75,
        says="The server sent one certificate, which another authority signed, and not the one between.",
        example=_ONE,
        counterexample=_ONE + " 1 s:CN = R1\n   i:CN = Root\n",
        when=_certificates(1, 1),
        stack=_LIBRARY,
        source=_MEASURED,
    ),
    ErrorRule(
        "s-client-whole-chain", 34, _NO_ISSUER,
        causes=(UNKNOWN_CA, INCOMPLETE), likely=0.75,
        says="The server sent the certificates between too: the client's own list of authorities lacks the root.",
        example=_ONE + " 1 s:CN = R1\n   i:CN = Root\n",
        counterexample=_ONE,
        when=_certificates(2, 9),
        stack=_LIBRARY,
        source=_MEASURED,
    ),
    ErrorRule(
        "s-client-read-five-bytes", 34, _NO_TLS,
        causes=(Cause.IMPLICIT_TO_PLAINTEXT, Cause.TLS_VERSION_OR_CIPHER), likely=0.95,
        says="s_client read five bytes, one record header, and they were no TLS: the server spoke first, in clear.",
        example=f"error:0A00010B:SSL routines:a:wrong version number:\n{_DUMP.format(5)}",
        counterexample=f"error:0A00010B:SSL routines:a:wrong version number:\n{_DUMP.format(217)}",
        when=_read(5, 7),
        stack=_LIBRARY,
        source=_MEASURED,
    ),
    ErrorRule(
        "s-client-read-a-refusal", 24, _NO_TLS,
        causes=(Cause.TEMPORARILY_UNAVAILABLE, NOT_OFFERED), likely=0.55,
        says="s_client read a dialogue in clear first, and its STARTTLS was refused: it begins TLS all the same.",
        example=f"error:0A00010B:SSL routines:a:wrong version number:\n{_DUMP.format(217)}",
        counterexample=f"error:0A00010B:SSL routines:a:wrong version number:\n{_DUMP.format(5)}",
        when=lambda c: _read(60, 10**6)(c) and not re.search(r"f(?:ou|i)nd starttls", c.low),
        stack=_LIBRARY,
        source=_MEASURED,
    ),
    ErrorRule(
        "s-client-agreed", 97, r"Cipher is (?!\(NONE\))[\w-]{5,60}[\s\S]{1,900}Verify return code: 0 \(ok\)",
        causes=(Cause.OK, Cause.OTHER), likely=0.6,
        says="TLS was agreed on and the certificate's chain accepted; s_client compares no name unless told to.",
        example="New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\nVerify return code: 0 (ok)",
        counterexample="New, (NONE), Cipher is (NONE)\nVerify return code: 0 (ok)",
        stack=_LIBRARY,
        source=_MEASURED,
    ),
    ErrorRule(
        "testssl-chain", 34, r"chain of trust[^\n]{0,40}NOT ok[^\n]{0,20}\((?:chain )?incomplete",
        causes=(INCOMPLETE,), likely=0.9,
        says="testssl.sh says that a certificate between is missing.",
        example=" Chain of trust               NOT ok (chain incomplete)",
        counterexample=" Chain of trust               Ok",
        stack="testssl.sh 3",
        source="testssl.sh determine_trust",
    ),
    ErrorRule(
        "testssl-unknown-root", 34, r"chain of trust[^\n]{0,40}NOT ok[^\n]{0,20}\((?:self signed|.{0,20}CA)",
        causes=(UNKNOWN_CA,), likely=0.9,
        says="testssl.sh knows no authority at the chain's end.",
        example=" Chain of trust               NOT ok (self signed CA in chain)",
        counterexample=" Chain of trust               NOT ok (chain incomplete)",
        stack="testssl.sh 3",
        source="testssl.sh determine_trust",
    ),
    ErrorRule(
        "testssl-name", 32,
        any_of(
            r"trust \(hostname\)[^\n]{0,60}does not match",
            r"cert hostname does not verify",
        ),
        causes=(Cause.CERT_HOSTNAME,), likely=0.93,
        says="The tool compared the name with those in the certificate.",
        example=" Trust (hostname)             certificate does not match supplied URI",
        counterexample=" Trust (hostname)             Ok via SAN",
        stack="testssl.sh 3, CheckTLS",
        source="testssl.sh certificate_info; checktls.com",
    ),
    ErrorRule(
        "testssl-expired", 33, r"certificate validity[^\n]{0,30}expired",
        causes=(Cause.CERT_EXPIRED,), likely=0.94,
        says="The tool looked at the certificate's dates.",
        example=" Certificate Validity (UTC)   expired (2026-01-01 00:00 --> 2026-04-01 00:00)",
        counterexample=" Certificate Validity (UTC)   89 >= 30 days",
        stack="testssl.sh 3",
        source="testssl.sh certificate_info",
    ),
    ErrorRule(
        "tool-says-no-starttls", 24, r"TLS is not an option on this server|STARTTLS (?:protocol )?(?:not|no) support",
        causes=(NOT_OFFERED,), likely=0.92,
        says="The tool found no STARTTLS in the EHLO reply.",
        example="TLS is not an option on this server",
        counterexample="TLS is an option on this server",
        stack="CheckTLS, testssl.sh 3",
        source="checktls.com",
    ),
)
