"""What an error or a log shows that the client did: the host and port it dialled, and how it began."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..causes import Cause
from ..messages import Explanation
from ..messages.context import Context
from ..messages.patterns import LazyPattern, group

SURE = 0.6  # an error that is less sure of its cause shows nothing of what the client did
# A cause's words come only from a client that did this.
_ONLY_FROM = {Cause.IMPLICIT_TO_PLAINTEXT: "implicit", Cause.STARTTLS_NOT_OFFERED: "starttls",
              Cause.STARTTLS_REQUIRED: "plain", Cause.AUTH_NEEDS_TLS: "plain"}
_NAME = r"(?P<host>\[?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,250}[A-Za-z0-9_])?\]?|\[[0-9a-fA-F:.]{2,45}\])"
# Where a program says whom it dialled, with the port behind the name.
_DIALLED = tuple(LazyPattern(pattern, re.IGNORECASE) for pattern in (
    r"(?:ssl|tls|tcp|smtps?|socket)://(?:[^\s/@]{0,80}@)?" + _NAME + r":(?P<port>\d{2,5})\b",
    r"\bdial(?:ing)? tcp:? (?:lookup )?" + _NAME + r"(?::(?P<port>\d{2,5}))?",
    r"\bpeeraddr=" + _NAME + r":(?P<port>\d{2,5})\b",
    r"(?:connect\w{0,4}|established|opening|open|dial\w{0,3}|host|server)\b[^\n:]{0,40}?[\s\"'(`=]" + _NAME
    + r"[\"'`]{0,2}(?::|,? {0,2}\(?port:? {0,2}[\"'`]?)(?P<port>\d{2,5})\b",
    r"\b(?:to|host(?:name)?:?)\s{1,2}[\"'(`]?" + _NAME
    + r"[\"'`)]?,?\s{1,2}(?:on )?\(?port\s?[:=]?\s?(?P<port>\d{2,5})\b",
    r"\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH) " + _NAME + r"(?::(?P<port>\d{2,5}))?\b",
    r"\b(?:resolve|lookup|resolving)(?: host(?:name)?| address)?:? [\"'`]?" + _NAME + r"(?::(?P<port>\d{2,5}))?",
    r"\b(?:telnet|nc|ncat|netcat)(?: -[a-z]{1,9}){0,3} " + _NAME + r"[ :](?P<port>\d{2,5})\b",
    r"\bTrying " + _NAME + r"(?::(?P<port>\d{2,5}))?\.\.\.",
    r"\bpostfix/\w{1,12}\[\d+\]: connect to " + _NAME + r"(?:\[[^\]\n]{1,45}\])?:(?P<port>\d{2,5})\b",
))
# A test by hand, whose command says how it begins.
_TRIED_BY_HAND = LazyPattern(
    r"\b(?:openssl(?:\.exe)? (?P<tls>s_client)|(?:telnet|nc|ncat|netcat)(?= [^\n]{0,60}[ :](?:25|465|587|2525)\b))"
    r"[^\n]{0,200}")
_NO_NAME = LazyPattern(r"^" + group(
    r"(?:host|port|server|smtp|the|to|error|failed|tcp|tls|ssl|line|file|at|mail|address|for|with|on|a|an|is|was)",
    r".{0,80}\.(?:py|js|ts|rb|go|php|java|cs|[ch]|rs|pl|pm|ex|erl|kt)",
) + r"$", re.IGNORECASE)
_WHOLE_NAME = LazyPattern(r"^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,253}$")
_MEMBER = LazyPattern(  # _options.Host, process.env.SMTP_HOST
    r"^[a-z_]\w*\.(?:\w+\.)*(?:[A-Z][a-z]\w*|[A-Z][A-Z0-9]*_[A-Z0-9_]+)$|^(?:process|import\.meta)\.env\.")
_LOOPBACK = LazyPattern(r"^\[?(?:localhost|127\.\d|::1\]?$|0\.0\.0\.0)", re.IGNORECASE)
_ADDRESS = LazyPattern(r"^\[?(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]*)\]?$")


# JavaMail's own word for how it begins; a greeting follows it.
_SAYS_NO_TLS = LazyPattern(r"\bisSSL false(?=\n[^\n]{0,40}\b220[ -])")


@dataclass(frozen=True)
class Seen:
    """What the client did: `mode` is implicit, starttls, plain or "", and `phrase` the words that show it.

    `waits`: it began in clear, by STARTTLS or not, and waited for a greeting where TLS comes first.
    """

    host: str = ""
    port: int | None = None
    mode: str = ""
    phrase: str = ""
    waits: bool = False


def what_it_did(context: Context, causes: Sequence[Explanation]) -> tuple[str, str]:
    """The mode that the client was in, and the words that show it: ("", "") where they don't."""
    if m := _SAYS_NO_TLS.search(context.text):
        return ("starttls", "STARTTLS") if context.shown_mode == "starttls" else ("plain", m[0])
    first = causes[0] if causes else None
    if first is None or not first.phrase or first.likelihood < SURE or first.cause not in _ONLY_FROM:
        return "", ""
    mode = _ONLY_FROM[first.cause]
    return ("starttls", "STARTTLS") if mode == "implicit" and context.starttls_shown else (mode, first.phrase)


def dialled(text: str) -> tuple[str, int | None]:
    """The host and port that a program says it dialled, "" and None where it doesn't."""
    host, port = "", None
    for pattern in _DIALLED:
        for m in pattern.finditer(text):
            name = m["host"].strip("[]")
            if _NO_NAME.search(name) or len(name) > 253 or name.isdecimal():
                continue
            number = int(m["port"]) if m["port"] and 20 < int(m["port"]) < 65536 else None
            if number and not host or not host and not port:
                host, port = name, number
            if host and port:
                return host, port
    return host, port


def tried_by_hand(text: str) -> str:
    """The mode of the first test that somebody made by hand, with openssl or telnet; "" if there is none."""
    m = _TRIED_BY_HAND.search(text)
    return "" if m is None else "starttls" if "-starttls" in m[0] else "implicit" if m["tls"] else "plain"


def host_name(setting: str) -> str:
    """The name or address in a setting, which may be a URL; "" for an expression that only a program can read."""
    host = setting.rpartition("://")[2].rpartition("@")[2].partition("/")[0].strip("[] ")
    host = host.partition(":")[0] if host.count(":") == 1 else host
    return "" if _MEMBER.search(host) or not _WHOLE_NAME.search(host) else host


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    return bool(_LOOPBACK.search(host))


def same_host(one: str, other: str) -> bool:
    """Whether two names may be one machine: an address may be anyone's, except for this machine's own."""
    one, other = one.lower().rstrip("."), other.lower().rstrip(".")
    if one == other or one.endswith(f".{other}") or other.endswith(f".{one}"):
        return True
    if is_loopback(one) != is_loopback(other):
        return False
    return bool(_ADDRESS.search(one) or _ADDRESS.search(other))
