"""Lesson 1: who speaks first, what an EHLO reply says, and what port numbers promise."""

from ...smtp import auth_mechanisms, offers
from ..exercises import Choice, Exercise, Slip, numbers

# No server of the lab's: a reply that the learner has not seen. Lines as RFC 5321 section 4.1.1.1 writes them.
EHLO_REPLY = ("250-relay.example.org greets you", "250-SIZE 20971520", "250-8BITMIME", "250-STARTTLS", "250 HELP")
_LINES = tuple(line[4:] for line in EHLO_REPLY[1:])
LARGEST_MAIL = next(int(line.split()[1]) for line in _LINES if line.startswith("SIZE "))

EXERCISES = (
    Exercise(
        "01-first-word",
        "Three clients have just connected over TCP, and each server is of the kind that its client expects. "
        "In which of the three does the client send the first byte?",
        ("Look at the pictures: which arrow is the first one after the connection?",
         "A greeting is sent by whom? Which of the three servers does not begin with one?"),
        (Choice("plain", "Here the server greets first: its 220 is the first thing that crosses."),
         Choice("starttls", "TLS is asked for after EHLO. Before it come a greeting and a command, in plain text; "
                            "and the greeting is the server's."),
         Choice("implicit", "The ClientHello is the first thing that crosses; the greeting comes later, inside TLS.",
                right=True),
         Choice("all three: a client always begins",
                "It opens the connection, which carries no byte of data. After that, in two of the three, "
                "it has to wait for the server."))),
    Exercise(
        "01-ehlo",
        "A server that you have not met answers EHLO with\n" + "\n".join(EHLO_REPLY) + "\n\n"
        "How many bytes may the largest mail have that it takes?",
        ("Each line after the first names one thing that the server can do; some have a value after it.",
         "RFC 1870 calls the keyword by the word for how large something is."),
        right=lambda answer: answer == (LARGEST_MAIL,), read=numbers(1), example="1000",
        praise="A keyword and its value: that is how every line of the capability list reads.",
        slips=(Slip(lambda a: a == (250,), "That is the reply code, which begins every line. Look after it."),
               Slip(lambda a: a == (8,), "That digit belongs to 8BITMIME: bytes of eight bits may be sent. It is "
                                         "no size."),
               Slip(lambda a: a[0] in (LARGEST_MAIL // 2**20, LARGEST_MAIL // 10**6),
                    "You converted it. The question asks for bytes, as the server says them.")),
        otherwise="Not that. One line of the reply has a number as its value: hand in that value as it stands."),
    Exercise(
        "01-login-there",
        "The same server, the same reply, before any TLS. A program is set to log in with user and password. "
        "What should it do next?",
        ("Which keyword would a server list that lets you log in now?",
         "A keyword may be absent before TLS and there after it. Which keyword in the list gets you to TLS?"),
        (Choice("Send AUTH at once: every server has it",
                "Not this one, not now: no line of the list says AUTH. A client that sends it all the same shows its "
                "password to the wire." if not auth_mechanisms(_LINES) else ""),
         Choice("Give up: this server has no login",
                "Too early. The list before TLS is not the list after it; many servers hide AUTH until then."),
         Choice("Send STARTTLS, then EHLO again, and look for AUTH in the new list",
                "The list is asked for again after TLS, since it may differ, and whatever was said in clear does not "
                "count any more (RFC 3207 section 4.2).", right=offers(_LINES, "STARTTLS")),
         Choice("Connect to the same port with implicit TLS",
                "The port has greeted in plain text; a ClientHello in place of a command gets you the error of "
                "lesson 0."))),
)
