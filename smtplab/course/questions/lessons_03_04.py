"""The exercises of lesson 3 (who waits for whom, how to prove it) and of lesson 4 (telling apart what looks alike)."""

import re
import shlex
from typing import Any

from ...causes import Cause
from ...trace import Trace
from ..exercises import Choice, Exercise, Slip

HOST, PORT = "mail.example.net", 2465
_AT_ONCE = ("smtps://", "https://", "imaps://", "pop3s://")  # what curl begins with TLS
# Words that may stand before the program that dials, and programs that only pipe text into it.
_BEFORE = ("sudo", "time", "timeout", "env", "winpty", "python", "python3", "py")
_TYPES = ("echo", "printf", "yes", "cat", "sleep", "true")
_UNREADABLE = "Type it as you would in a terminal, with every quotation mark closed."


def _words(command: object) -> list[str]:
    """Split a typed command line into words, the program's name first, without its path or ".exe".

    Of a pipeline it takes the command that dials. Raises ValueError for what is not a command line.
    """
    if not isinstance(command, str):
        raise ValueError(_UNREADABLE)
    if len(command) > 1000:
        raise ValueError("Type a command as you would in a terminal; this is too long for one.")
    try:
        lexer = shlex.shlex(command.strip().lstrip("$%!# "), posix=True, punctuation_chars="|")
        lexer.whitespace_split, lexer.commenters = True, ""
        words = list(lexer)
    except ValueError:
        raise ValueError(_UNREADABLE) from None
    commands: list[list[str]] = [[]]
    for word in words:
        if set(word) == {"|"}:
            commands.append([])
        elif commands[-1] or not (word in _BEFORE or re.fullmatch(r"-.*|[\d.]+[smh]?|\w+=.*", word)):
            commands[-1].append(word if commands[-1] else word.rpartition("/")[2].removesuffix(".exe"))
    commands = [words for words in commands if words]
    if not commands:
        raise ValueError("Type a command as you would in a terminal.")
    return next((words for words in commands if words[0] not in _TYPES), commands[0])


def sends_client_hello(words: list[str]) -> bool:
    """Whether the command, in words, begins with TLS on the port in question."""
    program, rest = words[0], words[1:]
    if not _names_port(rest):
        return False
    if program == "openssl":
        return rest[:1] == ["s_client"] and "-starttls" not in rest
    if program == "smtplab":
        return rest[:1] == ["probe"] or rest[:1] == ["handshake"] and any(w.endswith("implicit") for w in rest)
    if program == "curl":
        return any(word.startswith(_AT_ONCE) for word in rest)
    if program == "swaks":
        return bool({"--tlsc", "-tlsc", "--tls-on-connect", "-tls-on-connect"} & set(rest))
    if program == "ncat":
        return "--ssl" in rest
    if program == "socat":
        return any(word.lower().startswith(("openssl:", "openssl-connect:", "ssl:")) for word in rest)
    return program in ("gnutls-cli", "sslscan") and not any("starttls" in word or word == "-s" for word in rest)


def _names_port(words: list[str]) -> bool:
    """Whether the words contain that host and that port, in one word or in two."""
    return any(HOST in word for word in words) and any(re.search(rf"(?<!\d){PORT}(?!\d)", word) for word in words)


def _trace(answer: object) -> Trace:
    if not isinstance(answer, Trace):
        raise ValueError("Hand in a trace: what smtplab.dial(...) gives.")
    return answer


EXERCISES: tuple[Exercise[Any], ...] = (
    Exercise(
        "03-both-wait",
        "A STARTTLS client has connected to an implicit-TLS port, and a minute has passed without a byte. What is "
        "the server waiting for?",
        ("The two boxes of the picture say what each side waits for. This question asks for the server's.",
         "On this port, who was to speak first, and with what?"),
        (Choice("the EHLO command", "That comes much later, and inside TLS. Before it, TLS has to begin."),
         Choice("the client's ClientHello", "On an implicit port nothing happens before it.", right=True),
         Choice("the greeting", "That is what the client waits for; the greeting is the server's own to send."),
         Choice("the user's password", "Nobody has got as far as to ask for one: not a byte has crossed."))),
    Exercise[list[str]](
        "03-prove-it",
        f"{HOST}:{PORT} accepts connections and says nothing. Prove in one command that it waits for TLS. "
        "Type the command.",
        ("You want the port to answer. What does such a port answer to?",
         "A tool of lesson 1 or 2 that sends a ClientHello as its first word, and nothing before it, will do.",
         "One program comes with every OpenSSL; its subcommand is named after the client's side of TLS."),
        right=sends_client_hello, read=_words, example=f"telnet {HOST} {PORT}",
        answer=f"openssl s_client -connect {HOST}:{PORT}",
        reason="Without -starttls its first word is a ClientHello. Only a port that waits for TLS answers it with a "
               "certificate.",
        praise="It sends a ClientHello as its first word. If a certificate comes back, the silence is explained: the "
               "port waited for just that.",
        slips=(Slip(lambda w: (any("starttls" in word or word in ("--tls", "-tls") for word in w)
                               or w[:2] == ["gnutls-cli", "-s"]),
                    "With STARTTLS this client waits for a greeting first, so it waits as yours does."),
               Slip(lambda w: w[0] in ("telnet", "nc", "ncat", "netcat") and "--ssl" not in w,
                    "It proves that TCP connects, which you know already. It doesn't speak TLS, so both sides wait."),
               Slip(lambda w: w[0] in ("ping", "nmap", "traceroute", "dig", "host", "ss", "netstat"),
                    "This is about reaching the machine or the port. The port is reached; the question is what it "
                    "speaks."),
               Slip(lambda w: w[0] == "curl" and not any(word.startswith(_AT_ONCE) for word in w),
                    "curl starts TLS at once only if the address begins with smtps:// (or https://)."),
               Slip(lambda w: w[0] == "openssl" and not (w[1:2] == ["s_client"] and any(":" in word for word in w)),
                    "Close. It wants its client subcommand, and -connect with the host and the port in one word."),
               Slip(lambda w: not _names_port(w), f"It has to be asked of {HOST}, and of its port {PORT}."))),
    Exercise(
        "03-choose",
        "Mails hang in a web shop's request, and the shop's library has no time-out by default. Which time-out "
        "do you set?",
        ("Two dials above had a time-out. What was known at the end of each, and how soon?",
         "A healthy server greets within a round trip, and some wait a few seconds on purpose. A visitor of the shop "
         "waits as long as you set.",),
        (Choice("none: mail is too important to give up",
                "Then a port that never greets holds the request, and its worker, for ever. The mail is not sent "
                "either."),
         Choice("a tenth of a second", "Too short: a server that greets late is healthy, and so is a far one."),
         Choice("some seconds to connect and be greeted, and the mail goes into a queue that tries again",
                "Long enough for a server that takes its time, short enough for whoever waits; and what failed is "
                "tried again elsewhere. (After the mail's final dot be patient: who gives up there may "
                "send it twice.)", right=True),
         Choice("an hour, to be safe", "To the person before the page that is the same as never."))),
    Exercise(
        "04-which-silence",
        "Two programs show nothing, and then a time-out. In one case the port is dropped by a firewall; in the other "
        "it is an implicit-TLS port and the client waits for a greeting. Which evidence tells them apart?",
        ("What has to happen before anybody can wait for a greeting?",
         "Look for the line that begins both transcripts above, or only one of them."),
        (Choice("how long the time-out took", "Each program waits as long as it was told to, in both cases."),
         Choice("the text of the error", "Many programs say the same for both: timed out."),
         Choice("whether the TCP connection was made",
                "Behind a firewall that drops it never is: no packet of the server's ever comes. At the implicit port "
                "it is made at once, and then silence begins.", right=True),
         Choice("the server's certificate", "In neither case does one arrive by itself. Something has to be known "
                                            "before you can ask for it."))),
    Exercise(
        "04-stall",
        "A program's log ends with 220 2.0.0 Ready to start TLS. Then comes nothing, until its time-out. From another "
        "network the same program works. Which of these fits?",
        ("Which doors has the client passed when it is told 220 for the second time?",
         "Whose turn is it after that line, and whose after that? Look at the last of the three above."),
        (Choice("The port is an implicit one, and the client waits for a greeting",
                "Such a port says nothing in clear. This client has had its greeting, and a reply to STARTTLS."),
         Choice("A firewall drops the packets to this port", "Then there would be no connection, and no 220."),
         Choice("The server's certificate has expired", "For that it has to arrive first, and then the client says so, "
                                                        "and goes; it doesn't wait."),
         Choice("The client's ClientHello, or the server's answer to it, is lost on the way",
                "The server was ready, so port and mode are right. Next come the ClientHello and an answer with the "
                "certificate in it, larger than all that came before. The other network lets them through.",
                right=True))),
    Exercise[Trace](
        "04-make-it",
        "Break it on purpose: make a trace whose cause is starttls-not-offered, and hand it in. "
        "smtplab.KINDS names the servers.",
        ("The client has to insist on something that the server doesn't list.",
         "Which servers don't list STARTTLS? Two of them speak SMTP in clear.",
         "Take one of these servers, and the mode in which a client requires an upgrade."),
        right=lambda trace: trace.cause is Cause.STARTTLS_NOT_OFFERED, read=_trace, by_code=True, example="trace",
        answer="smtplab.dial(smtplab.serve('plain'), 'starttls')",
        reason="The mode starttls requires the upgrade, and a plain server doesn't list it.",
        praise="The EHLO reply came, the keyword was not in it, and a client that requires TLS stops there, with the "
               "password unsent.",
        slips=(Slip(lambda t: t.cause is Cause.OK and str(t.mode) == "starttls-opportunistic",
                    "It worked, and that is the trouble: this client went on in clear. Take the mode that insists."),
               Slip(lambda t: t.cause is Cause.OK, "That one worked. Either the client didn't ask for STARTTLS, or "
                                                   "the server listed it."),
               Slip(lambda t: t.cause is Cause.TEMPORARILY_UNAVAILABLE,
                    "This server lists STARTTLS, and then refuses it when asked. Not listed is another thing."),
               Slip(lambda t: t.cause is Cause.IMPLICIT_TO_PLAINTEXT,
                    "An implicit client never reads an EHLO reply. Take a client that begins in plain text."),
               Slip(lambda t: t.cause in (Cause.PLAINTEXT_TO_IMPLICIT, Cause.OTHER),
                    "Nothing was offered because nothing was said. Take a server that greets."),
               Slip(lambda t: True, "That trace has another cause: its diagnosis says which."))),
    Exercise(
        "04-535",
        "A program logs: 535 5.7.8 Username and Password not accepted. Which of these is proved by that line?",
        ("In which order do things happen in a transcript? What must have worked before a 535 can come?",
         "A reply code is the server's answer to a command that reached it."),
        (Choice("The client's mode is wrong", "Then no AUTH command would have reached the server at all."),
         Choice("The certificate was not accepted", "That would have ended the connection before any login."),
         Choice("Port and mode work, and TLS if it was required; the server refuses this login",
                "Name, port, TCP, greeting, EHLO and, if it was required, TLS are all behind you. Read the text, "
                "and look at user, password, and whether the account may send.", right=True),
         Choice("The mail was taken for spam", "No mail was offered yet: the login comes before MAIL FROM."))),
)
