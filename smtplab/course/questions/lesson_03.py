"""Lesson 3: who waits for whom, and how to prove it."""

import shlex

from ..exercises import Choice, Exercise, Slip

LONGEST = 1000  # characters; shlex needs the square of their number


def _words(command: object) -> list[str]:
    if len(text := str(command)) > LONGEST:
        raise ValueError("That is longer than a command; type just the one.")
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("Type it as you would in a terminal; a quotation mark is left open.") from None
    while words and words[0] in ("$", "sudo", "time", "timeout"):
        words = words[1:]
    if not words:
        raise ValueError("Type a command as you would in a terminal.")
    return words


def sends_client_hello(words: list[str]) -> bool:
    """Whether a command starts TLS at once on the port it names."""
    program, rest = words[0].rpartition("/")[2], words[1:]
    if program == "openssl":
        return rest[:1] == ["s_client"] and "-starttls" not in rest and _names_port(rest)
    if program == "smtplab":
        if rest[:1] == ["handshake"]:
            return "implicit" in " ".join(rest) and _names_port(rest)
        return rest[:1] == ["probe"] and len(rest) > 1
    if program == "curl":
        return any(word.startswith(("smtps://", "https://")) for word in rest)
    if program == "swaks":
        return bool({"--tlsc", "-tlsc", "--tls-on-connect"} & set(rest))
    return program in ("gnutls-cli", "sslscan") and bool(rest) and not any("starttls" in word for word in rest)


def _names_port(words: list[str]) -> bool:
    return any(":" in word and word.rpartition(":")[2].rstrip("/") for word in words)


EXERCISES = (
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
    Exercise(
        "03-prove-it",
        "mail.example.net:2465 accepts connections and says nothing. Prove in one command that it waits for TLS. "
        "Type the command.",
        ("You want the port to answer. What does such a port answer to?",
         "A tool of lesson 1 or 2 that sends a ClientHello as its first word, and nothing before it, will do.",
         "One program comes with every OpenSSL; its subcommand is named after the client's side of TLS."),
        right=lambda words: sends_client_hello(words), read=_words, example="telnet mail.example.net 2465",
        praise="It sends a ClientHello as its first word. If a certificate comes back, the silence is explained: the "
               "port waited for just that.",
        slips=(Slip(lambda w: "-starttls" in w or "--starttls-proto" in " ".join(w) or "--tls" in w or "-tls" in w,
                    "With STARTTLS this client waits for a greeting first, so it waits as yours does."),
               Slip(lambda w: w[0].rpartition("/")[2] in ("telnet", "nc", "ncat", "netcat"),
                    "It proves that TCP connects, which you know already. It can't speak TLS, so both sides wait."),
               Slip(lambda w: w[0].rpartition("/")[2] in ("ping", "nmap", "traceroute", "dig", "host", "ss", "netstat"),
                    "This is about reaching the machine or the port. The port is reached; the question is what it "
                    "speaks."),
               Slip(lambda w: w[0].rpartition("/")[2] == "curl",
                    "curl starts TLS at once only if the address begins with smtps:// (or https://)."),
               Slip(lambda w: w[0].rpartition("/")[2] == "openssl",
                    "Close. It wants its client subcommand, and -connect with the host and the port in one word."))),
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
         Choice("some seconds, and the mail goes into a queue that tries again",
                "Long enough for a server that takes its time, short enough for whoever waits; and what failed is "
                "tried again elsewhere.", right=True),
         Choice("an hour, to be safe", "To the person before the page that is the same as never."))),
)
