"""A pasted text made safe to look at: bounded in length, without control characters, its secrets taken out."""

from __future__ import annotations

import re

from .patterns import LazyPattern, any_of
from .redact import HIDDEN, without_secrets

__all__ = ["HIDDEN", "MOST", "clean"]

MOST = 8_000  # characters that the rules look at: all rows over so many take some 40 ms
_ENDS = 2_000  # of these at the beginning, and as many at the end
_WINDOW = 200  # characters on each side of a telling word in the middle of a long text
# The most telling first: what they say must not be crowded out by the commoner ones.
_TELLING = (
    # a TLS library's words for bytes that are not TLS, and time-outs
    "wrong version", "first record", "unrecognized ssl", "unknown protocol", "corrupt message", "unexpected packet",
    "greeting never",
    # certificates, STARTTLS, logins, mail refused
    "certificate", "must issue", "starttls", "535", "534-", "530 ", "authentication", "smtpauth", "relay",
    # the network
    "refused", "timed out", "timeout", "enotfound", "getaddrinfo", "no such host", "denied", "eof", "closed",
    # replies
    "550 ", "554 ", "421 ", "454 ", "451 ", "220 ",
    # anything
    "caused by", "alert", "handshake", "exception", "fail", "error", "smtp", "ssl", "tls",
)
_EACH = 3  # places of each telling word that say different things
_LOOKED_AT = 60  # places looked at for these
_REACH = 340  # characters: the longest secret that is known by the words before it, and these
# Words that may stand before a secret.
_ANNOUNCES = LazyPattern(any_of(
    # names of settings, and the dialogue of a login
    r"pass", r"pwd", r"secret", r"token", r"key", r"credential", r"auth", r"334", r"bearer", r"basic",
    # URLs, calls, command lines, private keys
    r"://", r"login", r"dialer", r"user", r"-u", r"BEGIN", r"pw",
    # other languages
    r"contrase", r"senha", r"wachtwoord", r"has[łl]o", r"пароль", r"パスワード", r"密码", r"密碼", r"비밀번호",
    # Ruby, Go, Exim, sSMTP, PowerShell
    r"\.start", r"NewPlainClient", r"client_send", r"\"P[:=]", r"ConvertTo-Sec",
), re.IGNORECASE)
_CONTROL = LazyPattern(any_of(
    r"\x1b\[[0-9;?]*[A-Za-z]",  # a terminal's colours
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]",
))
_NUMBERS = LazyPattern(r"[0-9a-f]*[0-9][0-9a-f]*")


def clean(text: str) -> str:
    """What the rules look at of a text: at most `MOST` characters, printable, with `(secret)` for every secret."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST:
        text = _shortened(text)
    return without_secrets(_CONTROL.sub(" ", text))


def _shortened(text: str) -> str:
    """The two ends of a long text, and what surrounds telling words between them.

    A cut never parts a secret from the words before it that give it away.
    """
    start, stop = _edge(text, _ENDS, -1), _with_key(text, _edge(text, len(text) - _ENDS, 1))
    low = text.lower()
    if len(low) != len(text):  # a letter whose small form is longer: places would not agree
        low = text
    keep: list[tuple[int, int]] = []
    left = MOST - start - (len(text) - stop) - 1
    seen: set[str] = set()
    for word in _TELLING:
        at, found = start, 0
        for _ in range(_LOOKED_AT):
            at = low.find(word, at, stop)
            if at < 0 or found >= _EACH or left <= 0:
                break
            here = (_with_key(text, _edge(text, max(start, at - _WINDOW), 1)), _edge(text, min(stop, at + _WINDOW), -1))
            # A log says the same a thousand times, with other numbers.
            sense = _NUMBERS.sub("0", low[at:at + 100])
            if here[0] <= at < here[1] and sense not in seen:
                seen.add(sense)
                found += 1
                if not any(a <= here[0] and here[1] <= b for a, b in keep):
                    keep.append(here)
                    left -= here[1] - here[0] + 1
            at += len(word)
    parts, end = [text[:start]], start
    for a, b in sorted(keep):
        a = max(a, end)
        if b > a:
            parts.append(text[a:b])
            end = b
    return "\n".join([*parts, text[stop:]])[-MOST - 2 * _WINDOW:]


def _with_key(text: str, at: int) -> int:
    """This place, or an earlier one before the words that may announce a secret here."""
    first = max(0, at - _REACH)
    m = _ANNOUNCES.search(text, first, at)
    return m.start() if m else at


def _edge(text: str, at: int, step: int) -> int:
    """The end of a line within half a window of a place, or of a word, or the place; `step` says in which direction."""
    for mark in ("\n", " "):
        near = text.find(mark, at, at + _WINDOW // 2) if step > 0 else text.rfind(mark, max(0, at - _WINDOW // 2), at)
        if near >= 0:
            return near
    return at
