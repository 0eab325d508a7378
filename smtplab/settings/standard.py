"""What happens when a client of some mode meets the standard server of a port, and the sentence that says so.

The standard servers: 587 and 2525 offer STARTTLS, and AUTH only after it; 465 speaks TLS at once; 25 offers
STARTTLS and no AUTH (RFC 8314 section 3, RFC 6409, RFC 3207). On any other port the server is taken to be what
the number suggests (1587, 2587: like 587; 2465: like 465; 80: like 25), else what the mode asks for. That is a
convention and no rule: some providers take logins on 25 (Amazon SES does, on 25, 587 and 2587 with STARTTLS and on 465
and 2465 with TLS at once: its developer guide, "Connecting to an SMTP endpoint").
"""

from __future__ import annotations

from .model import Framework, Given, Mode, Outcome, Unoffered

SUBMISSION, SUBMISSIONS, MX = 587, 465, 25


def server_of(port: int, mode: Mode) -> int:
    """Which of the three standard servers listens on `port`: 587, 465 or 25."""
    if port % 1000 == 587 or port == 2525:
        return SUBMISSION
    if port in (25, 80):
        return MX
    if port % 1000 == 465:
        return SUBMISSIONS
    return SUBMISSIONS if mode is Mode.IMPLICIT else SUBMISSION


def outcome_of(given: Given, framework: Framework) -> Outcome:
    """What the client meets there; `given.mode` has to be set."""
    mode, server = given.mode, server_of(given.port, given.mode)
    unoffered, credentials = framework.unoffered(given), framework.credentials(given)
    if mode is Mode.ERROR:
        return Outcome.CONFIG_ERROR
    if mode is Mode.IMPLICIT and server != SUBMISSIONS:
        return Outcome.WRONG_VERSION_NUMBER
    if mode is not Mode.IMPLICIT and server == SUBMISSIONS:
        return Outcome.HANG
    if mode is not Mode.PLAIN and not framework.trusts(given):
        return Outcome.CERTIFICATE_REFUSED
    if mode is Mode.IMPLICIT:
        return Outcome.WORKS
    if mode in (Mode.OPPORTUNISTIC, Mode.REQUIRED):
        refuses = server == MX and credentials and unoffered is not Unoffered.SKIPS
        return Outcome.AUTH_NOT_OFFERED if refuses else Outcome.WORKS
    if credentials and unoffered is Unoffered.SENDS:
        return Outcome.PLAINTEXT
    if server == SUBMISSION:
        return Outcome.REFUSED_NEEDS_TLS
    if credentials and unoffered is Unoffered.FAILS:
        return Outcome.AUTH_NOT_OFFERED
    return framework.plaintext_is


_LOGIN = {True: "; the password is on the wire before the server can refuse it.",
          False: "; its login is refused before it sends a password, by a server that wants TLS first."}


def wait_words(seconds: float | None) -> str:
    """A timeout in words."""
    if seconds is None:
        return "for ever: it has no time-out by default"
    return f"{seconds:g} seconds" if seconds < 300 else f"{seconds / 60:g} minutes"


def speaks_on(port: int, mode: Mode) -> str:
    """What the server of `port` speaks, and whether the number says so."""
    server = server_of(port, mode)
    speaks = {SUBMISSION: "speaks plaintext first and then STARTTLS", SUBMISSIONS: "expects TLS from the first byte",
              MX: "speaks plaintext first, offers STARTTLS and usually takes no login"}[server]
    if port == server or port == 2525 or port % 1000 in (SUBMISSION, SUBMISSIONS):
        return f"Port {port} {speaks}"
    return f"Port {port} stands for no kind of mail server; taken to be like {server}, it {speaks}"


def sentence(mode: Mode, outcome: Outcome, port: int, waits: float | None, password_first: bool = True) -> str:
    """What happens, in a sentence or two for the person at the keyboard.

    `password_first`: a login brings the password before the server can refuse it.
    """
    server, speaks = server_of(port, mode), speaks_on(port, mode)
    if mode is Mode.OPPORTUNISTIC and outcome is Outcome.WORKS:
        return f"{speaks}; the client takes the STARTTLS it is offered, so it works, encrypted, today. If the" \
               " offer is missing one day, mail and password cross in clear, and nothing says so."
    return {
        Outcome.WORKS: f"{speaks}, which is what this client does: it works, encrypted.",
        Outcome.WRONG_VERSION_NUMBER:
            f"{speaks}, but the client starts TLS at once. It reads the server's greeting \"220 ...\" as the"
            " header of a TLS record and gives up after five bytes. Neither side's TLS version is at fault.",
        Outcome.HANG:
            f"{speaks}, but the client waits for a greeting first. The server waits for a ClientHello. Each"
            f" waits for the other; the client gives up after {wait_words(waits)}." if waits is not None else
            f"{speaks}, but the client waits for a greeting first. The server waits for a ClientHello. Each"
            f" waits for the other {wait_words(waits)}.",
        Outcome.STARTTLS_NOT_OFFERED: "The client asks for STARTTLS where it is not offered, and stops.",
        Outcome.PLAINTEXT: f"{speaks}, but the client stays in clear: what it sends, anyone on the way can read"
                           + (_LOGIN[password_first] if mode is Mode.PLAIN and server == SUBMISSION else "."),
        Outcome.REFUSED_NEEDS_TLS: f"{speaks}, but the client stays in clear. The server refuses it until there is"
                                   " TLS; the password is not sent.",
        Outcome.AUTH_NOT_OFFERED: f"{speaks}; where it takes none, a client with a user name and a password fails: AUTH"
                                  " is not offered. Mail programs log in on 587 or 465; some providers also take logins"
                                  " on 25." if server == MX else
                                  f"{speaks}; a client with a user name and a password fails there, since no AUTH that"
                                  " it would use is offered.",
        Outcome.AUTH_MISSING: f"{speaks}; the client never logs in, and the server refuses mail from strangers.",
        Outcome.CONFIG_ERROR: "The client refuses these settings and connects to nothing.",
        Outcome.CERTIFICATE_REFUSED: f"{speaks}, which is what this client does; but it knows no authority, and so it"
                                     " refuses whatever certificate the server shows.",
        Outcome.REFUSED: f"{speaks}, but what the client sends there is refused.",
    }[outcome]
