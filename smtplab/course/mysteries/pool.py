"""The pool of mysteries: for each a kind of server, a client's mode, the resulting cause, and the evidence for it.

A round's seed decides which of them it has, and in which order (`draw`). Patterns are matched against evidence as
`judge.evidence` returns it: in lower case, each run of blanks reduced to one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

from ...causes import Cause
from ...literals import KindName

NOBODY, CLIENT, SERVER, BOTH = WAITED = ("nobody", "client", "server", "both")
_GONE = (NOBODY, SERVER)  # the client left by itself; "the server still waited for a command" is right too
RIGHT_LOGIN, WRONG_LOGIN = ("alice", "wonderland"), ("alice", "wonder1and")


class ServerOptions(TypedDict, total=False):
    """The arguments of `serve` that a mystery may set besides the kind."""

    starttls: bool
    mechanisms: tuple[str, ...]
    hostname: str


@dataclass(frozen=True)
class Case:
    """One mystery: a server of `kind` with `options`, and a client in `mode`, which together give `cause`.

    Good evidence matches the pattern `shows` and not `hides`; `names` says whether the server can be made to say its
    name at all, and `speaks`, of one that can't, whether anything else comes from it. `waited` has every right answer
    to who waited. The client logs in as `login`; () is no login, and None leaves the login to the seed. `also` are
    causes that count as right too; `wrong` is the feedback on a wrong cause. Hints go from vague to telling.
    """

    group: str
    kind: KindName
    mode: str
    cause: Cause
    proof: str
    teaches: str
    hints: tuple[str, str, str]
    shows: str = ""
    hides: str = ""
    names: bool = True
    speaks: bool = False
    waited: tuple[str, ...] = _GONE
    login: tuple[str, ...] | None = None
    options: ServerOptions = field(default_factory=ServerOptions)
    also: tuple[Cause, ...] = ()
    wrong: Mapping[Cause, str] = field(default_factory=dict)


_LOOK = "Only look first: does it say anything before you do? telnet {host} {port}"
_FIRST = "Who speaks first on this port, and who does the client in the ticket think speaks first?"
_EHLO = "Talk to it by hand: telnet {host} {port}, then EHLO me. Or: swaks --server {address} --quit-after EHLO"
_INSIDE = ("openssl s_client -connect {address} -CAfile {ca} -quiet -crlf, with -starttls smtp if the port speaks text "
           "first")
_LOG_IN = "The port, the mode and the certificate are in order. Go through the door that comes next."
_CERTIFICATE = "TLS begins, and the client leaves. What is it shown before it goes?"
_NO_CLIENT_CHECK = "openssl shows the certificate and, unless told, checks no name: read the subject yourself."

_MODE = [
    Case("mode", "starttls", "implicit", Cause.IMPLICIT_TO_PLAINTEXT, "the greeting: 220 and the server's name",
         "The server's greeting is plain text; no TLS setting but the mode mends that.",
         (_FIRST, _LOOK, "Its greeting is the evidence. Which five bytes of it does a TLS client read as a header?"),
         shows=r"\b220[ -]",
         wrong={Cause.TLS_VERSION_OR_CIPHER: "Wrong version number is the client's word. Was what came TLS, of "
                                             "any version?",
                Cause.SERVER_NOT_SMTP: "It is a mail server, and says so in its first line."}),
    Case("mode", "implicit", "starttls", Cause.PLAINTEXT_TO_IMPLICIT,
         "the server's certificate or greeting, got by a ClientHello where the waiting client got nothing",
         "Silence proves nothing by itself; a certificate does. Both wait, and the client reports a time-out.",
         (_FIRST, "You see nothing? Don't wait for it to begin: begin yourself, with what it may be waiting for.",
          "openssl s_client -connect {address} shows whose certificate it is."),
         waited=(BOTH,),
         wrong={Cause.FILTERED_TIMEOUT: "Is it the connection that doesn't come about, or the words after it? Does "
                                        "telnet say Connected?",
                Cause.OTHER: "Silent, so far. Some servers are silent until the client has said the right thing."}),
]

_STARTTLS = [
    Case("starttls", "starttls-stripped", "starttls", Cause.STARTTLS_NOT_OFFERED,
         "the EHLO reply from its first line (the name) to its last (250 and a blank), without STARTTLS",
         "The client did right to stop: an opportunistic one would have sent its password in clear.",
         ("The greeting comes. The client asks what the server can do, and goes.", _EHLO,
          "Read the list to its end, the line that begins with 250 and a blank. Which line would the client need?"),
         shows=r"\b250 [a-z]|not (advertise|offer|support|list)", hides=r"250[- ]starttls",
         wrong={Cause.TEMPORARILY_UNAVAILABLE: "A client may ask for STARTTLS only if the list has it: look at the "
                                               "list, not at what happens if one asks all the same."}),
    Case("starttls", "starttls-refused", "starttls", Cause.TEMPORARILY_UNAVAILABLE,
         "the 454 reply to STARTTLS, with the server's name",
         "It is offered and can't be done: the server's own TLS set-up is broken, and no client setting mends it.",
         ("The list is as it should be. The client takes the next step.", _EHLO + ". Then type STARTTLS.",
          "Which digit does the reply to STARTTLS begin with?"),
         shows=r"\b454\b",
         wrong={Cause.STARTTLS_NOT_OFFERED: "Read the EHLO reply line by line.",
                Cause.TLS_VERSION_OR_CIPHER: "Did either side send a byte of TLS?"}),
    Case("starttls", "starttls-required", "plain", Cause.STARTTLS_REQUIRED, "a 530 reply, with the server's name",
         "530 asks for TLS here, as its text says; another 530 asks for a login. Neither is about a wrong password.",
         ("The server answers EHLO. Do what the client does next.", _EHLO + ". Then type MAIL FROM:<me@example.com>.",
          "The reply says what it wants first. Does the client in the ticket do that?"),
         shows=r"\b530\b", login=(),
         wrong={Cause.AUTH_REJECTED: "Read the reply's code and its text: is it about a password?",
                Cause.AUTH_REQUIRED: "Read the reply's text: what does it want first, a login or TLS?",
                Cause.AUTH_NEEDS_TLS: "This client doesn't log in. Which command of its is refused?"}),
    Case("starttls", "starttls-masked", "starttls", Cause.MIDDLEBOX,
         "the EHLO reply with the server's name, and a line of X where STARTTLS should be",
         "No server writes such a line: an inspecting firewall overwrote a word, and left its length.",
         ("The greeting comes. The client asks what the server can do, and goes.", _EHLO,
          "Read the list line by line. Which line is no word of SMTP at all?"),
         shows=r"\bx{4,}a?\b", also=(Cause.STARTTLS_NOT_OFFERED,),
         wrong={Cause.TEMPORARILY_UNAVAILABLE: "The client doesn't get as far as to ask for STARTTLS. Read the list."}),
]

_LOGIN = [
    Case("login", "auth-required", "starttls", Cause.AUTH_REQUIRED,
         "the 530 reply to MAIL FROM, with the server's name",
         "530 has two meanings: TLS first, or a login first. The text behind it says which; no password was refused.",
         ("The doors open as far as TLS. Do what the client does next.", _INSIDE,
          "Then EHLO me and MAIL FROM:<me@example.com>. What does the reply want?"),
         shows=r"\b530\b", login=(),
         wrong={Cause.AUTH_REJECTED: "Did the client in the ticket send a password?",
                Cause.STARTTLS_REQUIRED: "Was TLS on when the reply came? Read what it asks for.",
                Cause.RELAY_OR_POLICY: "True as far as it goes. The reply says what the server wants."}),
    Case("login", "starttls", "starttls", Cause.AUTH_REJECTED, "the 535 reply, with the server's name",
         "535 proves that port and mode are right, and TLS if it was required; only the login is not.",
         (_LOG_IN, _INSIDE, "swaks --server {address} --tls --auth PLAIN --auth-user USER --auth-password PASSWORD, as "
          "in the ticket (--tls-on-connect for --tls where TLS comes first). What does the server say?"),
         shows=r"\b535\b", login=WRONG_LOGIN,
         wrong={Cause.AUTH_MECHANISM: "The way to log in is on the server's list. Read the reply."}),
    Case("login", "starttls", "plain", Cause.AUTH_NEEDS_TLS,
         "the EHLO reply in clear, to its end, without AUTH; or the 538 reply to AUTH",
         "AUTH is there after STARTTLS and not before: the server keeps passwords off the wire.",
         ("The client wants to log in, and has to find out how.", _EHLO,
          "Look for AUTH in the list: before STARTTLS, and after it."),
         shows=r"\b250 [a-z]|\b538\b", hides=r"250[- ]auth", login=RIGHT_LOGIN,
         wrong={Cause.STARTTLS_REQUIRED: "Does it refuse the next command with 530? Try MAIL FROM. Or is something "
                                         "else missing for this client?",
                Cause.AUTH_MECHANISM: "Is the way it wants missing from a list of ways, or the list itself?",
                Cause.AUTH_REJECTED: "Has the client got as far as to send a password?"}),
    Case("login", "starttls", "starttls", Cause.AUTH_MECHANISM,
         "the list after TLS: the server's name, and an AUTH line without PLAIN; or the 504 reply",
         "A login needs a way that both sides have; the AUTH line after TLS is the server's half of it.",
         (_LOG_IN, _INSIDE + ". Then EHLO me.",
          "Compare the AUTH line, after TLS, with the way that the ticket names."),
         shows=r"250[- ]auth login\b|\b504\b", login=RIGHT_LOGIN, options={"mechanisms": ("LOGIN",)},
         wrong={Cause.AUTH_REJECTED: "Was a password looked at and found wrong? Or was it never asked for that way?",
                Cause.AUTH_NEEDS_TLS: "Look at the list once more, after TLS."}),
]

_TLS = [
    Case("certificate", "expired", "implicit", Cause.CERT_EXPIRED,
         "the certificate's name and its end date, or the client's words \"certificate has expired\"",
         "Renew it and restart the server; a check of the end date, in time, costs one command.",
         (_CERTIFICATE, _INSIDE, "Read the dates: openssl shows NotBefore and NotAfter of each certificate."),
         shows=r"expired|not ?after|expire date|num=10\b|code: 10\b"),
    Case("certificate", "wrong-name", "implicit", Cause.CERT_HOSTNAME,
         "the certificate's subject, which is another name than the one in the ticket",
         "Connect by a name that the certificate holds. If the name was right, somebody else may be answering.",
         (_CERTIFICATE, _INSIDE,
          "Compare the names in the certificate with the host in the ticket. " + _NO_CLIENT_CHECK),
         shows=r"\bcn ?=|subject|dns:|mismatch|not valid for|not match|certificate",
         wrong={Cause.OK: _NO_CLIENT_CHECK}),
    *(Case("certificate", kind, "implicit", Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
           "the certificate's name, and its issuer or the verify error (18 to 21)",
           "Give the client the authority's certificate; to switch the check off is to talk to whoever answers.",
           (_CERTIFICATE, _INSIDE,
            "Who is the issuer, and is that the authority in the CA file? Look for verify error."),
           shows=r"self[- ]signed|issuer|unable to verify|unknown.ca|not trusted|(num=|code: )(18|19|20|21)\b|\bi:",
           wrong={Cause.CERT_CHAIN_INCOMPLETE: "Is there one between that is missing, one that the CA file's would "
                                               "vouch for?"})
      for kind in ("self-signed", "unknown-ca")),
    Case("certificate", "incomplete-chain", "implicit", Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
         "the certificate's name, one certificate alone, and its issuer or the verify error (20, 21)",
         "One error, two reasons: an authority that is not known, or a certificate between that the server does not "
         "send. Here it is the second: openssl s_client -showcerts shows one certificate alone.",
         (_CERTIFICATE, _INSIDE, "Count the certificates that come, and read who signed the last of them."),
         shows=r"issuer|unable to (verify|get)|unknown.ca|not trusted|(num=|code: )(20|21)\b|\bi:",
         also=(Cause.CERT_CHAIN_INCOMPLETE,)),
    Case("certificate", "intercepted", "implicit", Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
         "the certificate's name, and its issuer, which calls itself a mail shield, or the verify error (19)",
         "The name is right and the issuer a stranger: somebody between ends TLS. That may be wanted, or an attack.",
         (_CERTIFICATE, _INSIDE, "Read the issuer's name aloud. Who is that?"),
         shows=r"self[- ]signed|issuer|unable to verify|unknown.ca|not trusted|(num=|code: )19\b|\bi:",
         also=(Cause.MIDDLEBOX,)),
    Case("certificate", "old-tls", "starttls", Cause.TLS_VERSION_OR_CIPHER,
         "the server's name (its greeting), and the TLS alert, 70, protocol_version",
         "Here TLS did begin, and the versions don't meet: this is what a version problem looks like, in an alert.",
         ("The list is right, STARTTLS is accepted. What is the first thing that comes as TLS?",
          "swaks --server {address} --tls shows all of it; or openssl s_client -starttls smtp -connect {address}",
          "An alert has a number and a name. The server's name stands in its greeting."),
         shows=r"alert|protocol.version|unsupported|no protocols|tlsv1(\.1)?\b(?!\.)|15 03 0",  # swaks: a legacy sigalg
         options={"starttls": True},
         wrong={Cause.IMPLICIT_TO_PLAINTEXT: "There the first bytes are text. Were these?",
                Cause.TEMPORARILY_UNAVAILABLE: "The reply to STARTTLS: which digit does it begin with?"}),
    Case("certificate", "starttls-stalls", "starttls", Cause.HANDSHAKE_STALLED,
         "the server's name, and its 220 to STARTTLS, after which nothing comes",
         "The server was ready for TLS, and its answer is lost: look at the way, at large packets and at inspection.",
         ("The list is right, and STARTTLS is accepted. What comes then?",
          "openssl s_client -starttls smtp -connect {address} -msg, or swaks --server {address} --tls: what comes at "
          "last?", "Who has sent a ClientHello, and who should answer it?"),
         shows=r"ready to start tls|220 2\.0\.0", hides=r"begin certificate|tlsv1\.[23] with cipher",
         waited=(BOTH, CLIENT),
         wrong={Cause.TLS_VERSION_OR_CIPHER: "Then the server would say so in an alert, or hang up. Did it?",
                Cause.PLAINTEXT_TO_IMPLICIT: "It greets, so it doesn't wait for TLS. After which step is it silent?",
                Cause.OTHER: "Where exactly does it stop? There is a name for that."}),
]

_NETWORK = [
    Case("network", "refused", "starttls", Cause.REFUSED, "no byte; the refusal comes at once (ECONNREFUSED)",
         "Nothing listens. Neither TLS nor mail had any part in it.",
         ("Begin at the beginning: is there a connection?", "telnet {host} {port}", "How long did it take to say so?"),
         shows=r"refused|(could ?n.t|could not|failed to|unable to) connect|\b111\b|\brst\b",
         names=False, waited=(NOBODY,),
         wrong={Cause.FILTERED_TIMEOUT: "Did it take long?", Cause.CLOSED_BEFORE_GREETING: "Was there a connection?"}),
    Case("network", "filtered", "implicit", Cause.FILTERED_TIMEOUT,
         "no byte, and no connection: telnet goes on Trying",
         "Something drops the packets; the same silence as a hang at first sight, but nothing ever says Connected.",
         ("Begin at the beginning: is there a connection?", "curl -v --connect-timeout 3 smtp://{address}",
          "Does any program ever say Connected? Compare with a port where one does."),
         shows=r"time[ds]? ?-?out|filtered|no answer|trying|\bsyn\b", names=False, waited=(CLIENT,),
         wrong={Cause.REFUSED: "A refusal comes at once. Did anything come?",
                Cause.PLAINTEXT_TO_IMPLICIT: "For that there has to be a connection first. Is there one?"}),
    *(Case("network", kind, "starttls", Cause.CLOSED_BEFORE_GREETING,
           "no byte; connected, and ended by the server at once",
           "A limit, a block list or a crash: the server's log knows; the client's settings don't matter.",
           ("There is a connection. What becomes of it?", "telnet {host} {port}, and look who ends it, and when.",
            "At once, or after seconds of silence? Only one of the two is lesson 3's."),
           shows=r"clos|eof|reset|empty reply|no data|lost|silent|read 0 bytes|errno ?= ?(32|104)|\bfin\b|\brst\b",
           names=False, waited=(NOBODY, CLIENT),
           wrong={Cause.REFUSED: "Does telnet say Connected before it ends?",
                  Cause.PLAINTEXT_TO_IMPLICIT: "A server that waits for TLS waits a while. Did this one?"})
      for kind in ("closes", "resets")),
    Case("network", "closes-late", "starttls", Cause.CLOSED_BEFORE_GREETING,
         "no byte; connected, and ended by the other side after some seconds, whatever it is sent",
         "Not every silence that ends is a port that waits for TLS: this one answers no ClientHello either. A proxy "
         "does so that accepts connections for a server it can't reach.",
         ("There is a connection. What becomes of it?", "telnet {host} {port}, and look who ends it, and when.",
          "Is it waiting for TLS? Ask: openssl s_client -connect {address}. Does a byte come before the end?"),
         shows=r"clos|eof|reset|empty reply|no data|lost|silent|read 0 bytes|errno ?= ?(32|104)|\bfin\b|\brst\b",
         names=False, waited=(NOBODY, CLIENT),
         wrong={Cause.PLAINTEXT_TO_IMPLICIT: "Then a ClientHello would be answered. Is it?",
                Cause.REFUSED: "Does telnet say Connected before it ends?",
                Cause.MIDDLEBOX: "It may be one, but you can't see that from here. What can you see?"}),
    Case("network", "implicit-stalls", "implicit", Cause.HANDSHAKE_STALLED,
         "a ServerHello (openssl s_client -msg, curl -v), and neither a certificate nor anything else after it",
         "TLS has begun on the right port, and the rest of the answer, with the certificate, is lost on the way.",
         ("There is a connection, and then silence? Look closer than the client in the ticket does.",
          "openssl s_client -connect {address} -msg, or curl -vm5 smtps://{address}: what comes, and what doesn't?",
          "Lines with <<< or (IN) are the server's. Which is the last, and what should follow it?"),
         shows=r"server[_ ]?hello\b", names=False, speaks=True,
         hides=r"begin certificate|certificate[_ ]?verify|\(11\)|(\],|message) certificate\b",
         waited=(BOTH, CLIENT),
         wrong={Cause.PLAINTEXT_TO_IMPLICIT: "The client in the ticket begins with TLS. Is it answered?",
                Cause.TLS_VERSION_OR_CIPHER: "Then the server would say so in an alert, or hang up. Did it?",
                Cause.OTHER: "Where exactly does it stop? There is a name for that."}),
]

_SERVICE = [
    Case("service", "not-smtp", "starttls", Cause.SERVER_NOT_SMTP, "its first line, * OK and the server's name",
         "The first word on the line says which service this is: 220 is SMTP's, * OK is IMAP's.",
         ("It says something, at once. Is it what this client can use?", _LOOK, "Whose first word is that?"),
         shows=r"\* ?ok|imap", waited=(*_GONE, BOTH)),  # curl waits for a greeting all the same
    Case("service", "http", "implicit", Cause.IMPLICIT_TO_PLAINTEXT,
         "the answer HTTP/1.1 400 with the Server line (the name), in clear",
         "Any plain text answer to a ClientHello is a wrong version number; here it is not even mail.",
         ("The client sends its ClientHello and gets an answer that isn't TLS. Which one?",
          "Silent until spoken to? telnet {host} {port}, type a line, and read what comes.",
          "Show all of the answer: it names the server in a line of its own."),
         shows=r"http/1", also=(Cause.SERVER_NOT_SMTP,),
         wrong={Cause.TLS_VERSION_OR_CIPHER: "Look whether what came was TLS of any version."}),
    Case("service", "starttls", "starttls", Cause.OK,
         "the server's name and a sign of TLS that works: verify return code 0, a cipher, a 235 or 250 after it",
         "Not every ticket is the server's: say what you tried, and with which settings, and hand it back.",
         ("Go through the doors in order, and don't stop before the last.", _INSIDE,
          "Certificate, list, login if there is one: is any door shut? Then say so."),
         shows=r"verif[a-z]*( return code)?:? ?\[?(0|ok)|tlsv1\.[23]|\b235\b|it worked|cipher|<~", waited=_GONE),
]


# These causes come with clients without TLS too, so that a ticket's settings alone give nothing away.
_ALSO_PLAIN = (Cause.PLAINTEXT_TO_IMPLICIT, Cause.SERVER_NOT_SMTP, Cause.REFUSED)


def _with_twins(case: Case) -> list[Case]:
    """The mystery itself and, where the lab has it, the same fault on a port, or for a client, of another mode."""
    if case.cause is Cause.OK or case.cause in (Cause.AUTH_REJECTED, Cause.AUTH_MECHANISM):
        return [case, replace(case, kind="implicit", mode="implicit")]
    if case.cause in _ALSO_PLAIN:
        return [case, replace(case, mode="plain")]
    if case.group == "certificate" and case.mode == "implicit" and case.kind != "intercepted":  # see _LATER
        return [case, replace(case, mode="starttls", options={"starttls": True})]
    return [case]


# What came later stands at the end of a group, so that old seeds keep most of their rounds, and "golden" all of its.
_LATER = [replace(case, group="starttls", mode="starttls", options={"starttls": True})
          for case in _TLS if case.kind == "intercepted"]
_ALL = (*_MODE, *_STARTTLS, *_LATER, *_LOGIN, *_TLS, *_NETWORK, *_SERVICE)
POOL = tuple(twin for case in _ALL for twin in _with_twins(case))
MOST = len({case.cause for case in POOL})  # tickets that a round can have, each of another cause

# What would be seen if this were the cause: the feedback on giving it where it is wrong.
IF_SO = {
    Cause.OK: "One of the doors stays shut for this client. Which is the first?",
    Cause.IMPLICIT_TO_PLAINTEXT: "Then the client would begin with TLS, and text would come back.",
    Cause.PLAINTEXT_TO_IMPLICIT: "Then there would be a connection, no byte for a client that waits, and a "
                                 "certificate for one that begins with TLS.",
    Cause.STARTTLS_NOT_OFFERED: "Then there would be an EHLO reply without STARTTLS, and a client that requires it.",
    Cause.STARTTLS_REQUIRED: "Then a command in clear would be answered with 530, and words about STARTTLS.",
    Cause.AUTH_REQUIRED: "Then a client that had not logged in would be answered with 530, and words about a login.",
    Cause.AUTH_REJECTED: "Then a login would have been sent, and answered with 535.",
    Cause.AUTH_MECHANISM: "Then the AUTH line would lack the way that the client wants.",
    Cause.AUTH_NEEDS_TLS: "Then a client without TLS would want to log in, and find no AUTH in the list.",
    Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA: "Then the certificate's issuer would not be the authority in the CA file.",
    Cause.CERT_HOSTNAME: "Then the certificate would lack the name, or address, that the client connects to.",
    Cause.CERT_EXPIRED: "Then today would lie after the certificate's end date.",
    Cause.CERT_CHAIN_INCOMPLETE: "Then a certificate between this one and the authority's would be missing.",
    Cause.CERT_REJECTED: "Then somebody between would see the client leave, and not why. You can see why.",
    Cause.TLS_VERSION_OR_CIPHER: "Then both sides would speak TLS, and an alert would end it.",
    Cause.HANDSHAKE_STALLED: "Then the client's ClientHello would be welcome, and its answer not come, or not whole.",
    Cause.REFUSED: "Then the refusal would come at once, and there would be no connection.",
    Cause.FILTERED_TIMEOUT: "Then there would be no connection, and nothing would say so until a time-out.",
    Cause.DNS: "There is no name to look up: the ticket has an address.",
    Cause.MIDDLEBOX: "Then something else than the server would answer, or have edited what it says.",
    Cause.SERVER_NOT_SMTP: "Then its first words would be another protocol's.",
    Cause.TEMPORARILY_UNAVAILABLE: "Then there would be a reply that begins with 4.",
    Cause.RELAY_OR_POLICY: "Then the server would answer, and refuse this client, the sender or a recipient.",
    Cause.CLOSED_BEFORE_GREETING: "Then the connection would be made, and ended from over there before a byte.",
    Cause.OTHER: "It is one of the others.",
}
