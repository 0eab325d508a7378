"""The quiz before and after a workshop: the same eight questions, so that the difference is what was learnt.

The first time, only the number of right answers is shown, since the same questions come again; the second time, each
wrong answer gets its feedback. `quiz()` shows the form, for a cell or for paper.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

from .exercises import Choice, DisplayStr, Exercise

QUESTIONS: tuple[Exercise[Any], ...] = (
    Exercise("quiz-first-word", "A program connects to port 465. Which side sends the first byte?", (), (
        Choice("The server, with a greeting", "On 25 and 587. On 465 the greeting comes later, inside TLS."),
        Choice("The client, with a TLS ClientHello", "465 is implicit TLS: from the first byte.", right=True),
        Choice("The client, with EHLO", "EHLO comes inside TLS, after the greeting."),
        Choice("Whichever is ready first", "It is agreed who begins; else both could wait for ever."))),
    Exercise("quiz-wrong-version", "Right after connecting to port 587, a program says \"wrong version number\". "
             "What does that prove?", (), (
                 Choice("The server's TLS is too old", "Then a TLS alert would have come. No version was spoken of."),
                 Choice("The server's certificate is not valid", "No certificate was sent."),
                 Choice("The mail library needs an update", "A new one says the same, perhaps in other words."),
                 Choice("What came from the server was not TLS", "Its greeting was read as a TLS record header.",
                        right=True))),
    Exercise("quiz-hang", "Another is set to STARTTLS and port 465. It connects, and then nothing happens. Why?", (), (
        Choice("Client and server wait for each other", "One for a greeting, the other for a ClientHello.", right=True),
        Choice("A firewall drops the packets", "Then, as a rule, it would not even have connected."),
        Choice("The server is overloaded", "It is idle: it waits for the client's first word."),
        Choice("The password is being checked", "Not a byte has crossed; nobody has asked for a password."))),
    Exercise("quiz-five-bytes", "The first five bytes from a server are 32 32 30 20 6d. What are they?", (), (
        Choice("A TLS handshake record", "That begins with 16 03."),
        Choice("A TLS alert", "That begins with 15 03."),
        Choice("The beginning of a greeting in plain text", "Read as text, they are the reply code 220, a blank and a "
                                                            "letter.", right=True),
        Choice("Encrypted data", "They are digits, a blank and a letter; and nothing is encrypted before a "
                                 "handshake."))),
    Exercise("quiz-telnet", "telnet HOST 465 says Connected. What does that prove?", (), (
        Choice("The mail server is healthy", "Not a byte of it was seen."),
        Choice("Something accepts TCP there, and no more", "telnet doesn't speak TLS, so it can't see further.",
               right=True),
        Choice("The port takes mail in plain text", "Then a greeting would have come."),
        Choice("The mail program will be able to log in", "It may have another mode, and no right password."))),
    Exercise("quiz-settings", "A Django site has EMAIL_PORT = 587 and EMAIL_USE_SSL = True. What will happen?", (), (
        Choice("It works, encrypted", "587 speaks plain text first, and this client begins with TLS."),
        Choice("It works, but in plain text", "EMAIL_USE_SSL never falls back to plain text."),
        Choice("An error at once", "Implicit TLS on a port that greets in plain text. EMAIL_USE_TLS would be right.",
               right=True),
        Choice("It hangs until a time-out", "That is the other way round: STARTTLS on 465."))),
    Exercise("quiz-535", "A program logs: 535 5.7.8 authentication failed. Where do you look?", (), (
        Choice("Port and encryption", "They are as asked for: the login reached a server that understood it."),
        Choice("The firewall", "A reply came, so packets pass in both directions."),
        Choice("The certificate", "That is checked before any login, and the login was sent."),
        Choice("User, password, and whether the account may send", "All that comes before is behind you.",
               right=True))),
    Exercise("quiz-unchecked", "With the certificate check switched off, the mail goes out at last. Who gets the "
             "password now?", (), (
                 Choice("Whoever answers on that port", "Encrypted, and to anybody.", right=True),
                 Choice("Nobody else: it is encrypted", "It is encrypted for whoever answered."),
                 Choice("The authority that signs certificates", "It has no part in a connection."),
                 Choice("Everybody on the network", "They see encrypted bytes; the one at the end doesn't."))),
)


def quiz(answers: str | None = None, *, feedback: bool = False) -> DisplayStr:
    """The form; or, for answers such as "abcdabcd", how many are right, with `feedback` on each wrong one.

    A dash stands for a question left out. For answers of any other form, the text says what is expected; nothing is
    raised.
    """
    if answers is None:
        return DisplayStr("\n\n".join(_form(number, exercise) for number, exercise in enumerate(QUESTIONS, 1)))
    letters = re.sub(r"[\s,.;\d]", "", answers if isinstance(answers, str) else "").lower()
    if len(letters) != len(QUESTIONS) or not set(letters) <= set("abcd-"):
        return DisplayStr(f"Give {len(QUESTIONS)} letters from a to d, such as \"{'abcd' * 2}\"; "
                    "a dash for a question that you leave out.")
    judged = [exercise.judge(letter) for exercise, letter in zip(QUESTIONS, letters, strict=True)]
    lines = [f"{sum(found.right is True for found in judged)} of {len(QUESTIONS)} right."]
    if feedback:
        lines += [f"{number}. {'left out' if letter == '-' else f'{letter}: {found.feedback}'}"
                  for number, (letter, found) in enumerate(zip(letters, judged, strict=True), 1) if not found.right]
    return DisplayStr("\n".join(lines))


def quiz_key() -> str:
    """The right letters, in order: for the trainer."""
    return "".join(letter for exercise in QUESTIONS for letter, choice in exercise.lettered_choices() if choice.right)


def _form(number: int, exercise: Exercise[Any]) -> str:
    question = textwrap.fill(f"{number}. {exercise.question}", 100, subsequent_indent="   ")
    return "\n".join([question, *(f"   {letter}. {choice.words}" for letter, choice in exercise.lettered_choices())])
