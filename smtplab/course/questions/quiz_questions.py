"""The quiz's facts, each asked in two forms: another port, another framework, other words, and the same thing to know.

So a form before a workshop and the other one after it can be compared. `where` are the cells of the lessons that answer
both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..exercises import Choice, Exercise


@dataclass(frozen=True)
class Fact:
    """What is to be known, in one sentence; the cells that carry it, as "LESSON:cell id"; and its two questions."""

    fact: str
    where: tuple[str, ...]
    a: Exercise[Any]
    b: Exercise[Any]


FACTS = (
    Fact("Where TLS is implicit, the client speaks first, and what it says is a ClientHello.",
         ("01:three", "01:ports"),
         Exercise("quiz-first-word", "A program connects to port 465. Which side sends the first byte?", (), (
             Choice("The server, with a greeting that has its name",
                    "On 25 and 587. On 465 the greeting comes later, inside TLS."),
             Choice("The client, with a TLS ClientHello", "465 is implicit TLS: from the first byte.", right=True),
             Choice("The client, with EHLO", "EHLO comes inside TLS, after the greeting."),
             Choice("Whichever is ready first", "It is agreed who begins; else both could wait for ever."))),
         Exercise("quiz-first-word", "A provider's port 2465 works as 465 does. A capture is running while a program "
                  "connects. What does it show first?", (), (
                      Choice("The server's 220, and its name", "Not here: on such a port it comes inside TLS."),
                      Choice("The client's EHLO, and its name", "That comes after the greeting, and inside TLS."),
                      Choice("The client's STARTTLS", "That is for ports which begin in plain text, as 587 does."),
                      Choice("A TLS record from the client", "Implicit TLS: a ClientHello is the first thing.",
                             right=True)))),
    Fact("\"Wrong version number\" says that what came was not TLS at all.", ("00:key-points", "02:terminal"),
         Exercise("quiz-wrong-version", "Right after connecting to port 587, a program says \"wrong version number\". "
                  "What does that prove?", (), (
                      Choice("The server's TLS is too old",
                             "Then a TLS alert would have come. No version was spoken of."),
                      Choice("The server's certificate is not valid any more", "No certificate was sent."),
                      Choice("The mail library needs an update", "A new one says the same, perhaps in other words."),
                      Choice("What came from the server was not TLS", "Its greeting was read as a TLS record header.",
                             right=True))),
         Exercise("quiz-wrong-version", "A Ruby job on port 25 ends with \"SSL_connect returned=1 ... wrong version "
                  "number\". Which of these is certain?", (), (
                      Choice("Its OpenSSL is too old for this server, or too new",
                             "Any OpenSSL trips over text, old or new."),
                      Choice("The server did not answer in TLS", "It greeted in plain text, as port 25 does.",
                             right=True),
                      Choice("The two have no TLS version in common", "That would be said in an alert, in TLS."),
                      Choice("The certificate is for another host", "There was none yet: it comes within TLS.")))),
    Fact("A client that waits for a greeting and a port that waits for TLS wait for each other.", ("03:sides",),
         Exercise("quiz-hang", "Another is set to STARTTLS and port 465. It connects, and then nothing happens. Why?",
                  (), (
                      Choice("Client and server wait for each other", "One for a greeting, the other for a "
                             "ClientHello.", right=True),
                      Choice("A firewall on the way drops all the packets",
                             "Then, as a rule, it would not even have connected."),
                      Choice("The server is overloaded", "It is idle: it waits for the client's first word."),
                      Choice("The password is being checked",
                             "Not a byte has crossed; nobody has asked for a password."))),
         Exercise("quiz-hang", "curl -v smtp://HOST:465 says Connected, and then no more, minute after minute. What is "
                  "going on?", (), (
                      Choice("The server is looking up where the client comes from",
                             "Some do, and greet in the end. This one will not greet before TLS."),
                      Choice("TLS is being negotiated, and slowly", "Nobody has begun it."),
                      Choice("One waits for a greeting, one for a ClientHello",
                             "Neither will come: each waits for the other.", right=True),
                      Choice("The mail is being sent", "Not one byte has crossed.")))),
    Fact("A greeting's first bytes are text: digits, then a blank or a hyphen. A record begins with 15, 16 or 17, then "
         "03.", ("02:lens", "02:version"),
         Exercise("quiz-five-bytes", "The first five bytes from a server are 32 32 30 20 6d. What are they?", (), (
             Choice("A TLS handshake record", "That begins with 16 03."),
             Choice("A TLS alert", "That begins with 15 03."),
             Choice("The beginning of a greeting in plain text", "Read as text, they are the reply code 220, a blank "
                                                                 "and a letter.", right=True),
             Choice("Encrypted data", "They are digits, a blank and a letter; and nothing is encrypted before a "
                                      "handshake."))),
         Exercise("quiz-five-bytes", "A log has the five bytes that a client took for a record header: "
                  "32 32 30 2d 78. What had come?", (), (
                      Choice("Text, as a mail server says it first", "220, a hyphen and a letter: more lines follow.",
                             right=True),
                      Choice("A ServerHello, in a version of its own", "Its record begins with 16 03."),
                      Choice("An alert about the version", "Its record begins with 15 03."),
                      Choice("A certificate", "It comes in records too, and they begin with 16 or 17, then 03.")))),
    Fact("That a connection is accepted proves that, and neither mail nor TLS.", ("03:telnet-why",),
         Exercise("quiz-telnet", "telnet HOST 465 says Connected. What does that prove?", (), (
             Choice("The mail server is healthy", "Not a byte of it was seen."),
             Choice("Something accepts TCP there, and no more", "telnet doesn't speak TLS, so it can't see further.",
                    right=True),
             Choice("The port takes mail in plain text", "Then a greeting would have come."),
             Choice("The mail program will be able to log in there", "It may have another mode, and no right "
                                                                     "password."))),
         Exercise("quiz-telnet", "A monitor opens a TCP connection to port 465 each minute, and has always been green. "
                  "What is known?", (), (
                      Choice("Mail can be handed in there, and is passed on", "Nobody has tried to."),
                      Choice("The port speaks TLS", "It was not asked: that takes a ClientHello."),
                      Choice("The certificate is still valid", "It has not been shown to anybody."),
                      Choice("Connections are accepted, by whatever it is", "A proxy would do, or a firewall.",
                             right=True)))),
    Fact("Settings that mean implicit TLS, on a port that greets, end in an error at once.",
         ("05:words", "05:mixed-up"),
         Exercise("quiz-settings", "A Django site has EMAIL_PORT = 587 and EMAIL_USE_SSL = True. What will happen?",
                  (), (
                      Choice("It works, encrypted", "587 speaks plain text first, and this client begins with TLS."),
                      Choice("It works, but in plain text", "EMAIL_USE_SSL never falls back to plain text."),
                      Choice("An error at once", "Implicit TLS on a port that greets in plain text. EMAIL_USE_TLS "
                                                 "would be right.", right=True),
                      Choice("It hangs until a time-out", "That is the other way round: STARTTLS on 465."))),
         Exercise("quiz-settings", "A Rails app has smtp_settings with port: 587 and tls: true. How does its first "
                  "mail end?", (), (
                      Choice("With a time-out, after waiting", "That would be STARTTLS on a port that waits for TLS."),
                      Choice("With an error, at its first bytes", "tls: true is implicit, and 587 greets. Without that "
                                                                  "line it would pass.", right=True),
                      Choice("It is sent, and nobody can read it", "587 greets, and this client takes that for TLS."),
                      Choice("It is sent, for anybody to read", "tls: true doesn't go on without TLS.")))),
    Fact("535 is about the login; what comes before it is in order.", ("04:proves-text", "04:proves"),
         Exercise("quiz-535", "A program logs: 535 5.7.8 authentication failed. Where do you look?", (), (
             Choice("Port and encryption", "They are as asked for: the login reached a server that understood it."),
             Choice("The firewall", "A reply came, so packets pass in both directions."),
             Choice("The certificate", "That is checked before any login, and the login was sent."),
             Choice("User, password, and whether the account may send", "All that comes before is behind you.",
                    right=True))),
         Exercise("quiz-535", "Sending ends with Net::SMTPAuthenticationError, and 535-5.7.8 Username and Password not "
                  "accepted. Which change can help?", (), (
                      Choice("Another password, or another account", "The server has read the login, and refuses that.",
                             right=True),
                      Choice("TLS at once in place of STARTTLS, or the other way", "The mode is right, or no login "
                                                                                   "would have arrived."),
                      Choice("Another port", "On this one somebody understood a login."),
                      Choice("A CA file, or openssl_verify_mode 'none'", "The certificate's door lies before this "
                                                                         "one, and it is open.")))),
    Fact("Without the check, TLS is with whoever answers.", ("04:certs", "04:none"),
         Exercise("quiz-unchecked", "With the certificate check switched off, the mail goes out at last. Who gets the "
                  "password now?", (), (
                      Choice("Whoever answers on that port", "Encrypted, and to anybody.", right=True),
                      Choice("Nobody else: it is encrypted", "It is encrypted for whoever answered."),
                      Choice("The authority that signs certificates", "It has no part in a connection."),
                      Choice("Everybody on the network", "They see encrypted bytes; the one at the end doesn't."))),
         Exercise("quiz-unchecked", "A forum says: openssl_verify_mode: 'none'. You try it, and there is no error any "
                  "more. What else is new?", (), (
                      Choice("The mail crosses in clear", "TLS is still there, with somebody."),
                      Choice("The server's certificate is renewed", "The server is as it was; only the client looks "
                                                                    "away."),
                      Choice("The client takes anybody for the server", "It asks nobody for a proof, and hands the "
                                                                        "login over.", right=True),
                      Choice("Nothing, one warning less", "It was the check that told a stranger from the server.")))),
)
FORMS: dict[str, tuple[Exercise[Any], ...]] = {"a": tuple(fact.a for fact in FACTS),
                                               "b": tuple(fact.b for fact in FACTS)}
