"""Lesson 4: telling apart what looks alike."""

from ...causes import Cause
from ...trace import Trace
from ..exercises import Choice, Exercise, Slip


def _trace(answer: object) -> Trace:
    if not isinstance(answer, Trace):
        raise ValueError("Hand in a trace: what smtplab.dial(...) gives.")
    return answer


EXERCISES = (
    Exercise(
        "04-which-silence",
        "Two programs show nothing, and then a time-out. In one case the port is dropped by a firewall; in the other "
        "it is an implicit-TLS port and the client waits for a greeting. Which evidence tells them apart?",
        ("What has to happen before anybody can wait for a greeting?",
         "Look for the line that begins both transcripts above, or only one of them."),
        (Choice("how long the time-out took", "Each program waits as long as it was told to, in both cases."),
         Choice("the text of the error", "Many programs say the same for both: timed out."),
         Choice("whether the TCP connection was made",
                "Behind the firewall it never is: no packet of the server's ever comes. At the implicit port it is "
                "made at once, and then silence begins.", right=True),
         Choice("the server's certificate", "In neither case does one arrive by itself. Something has to be known "
                                            "before you can ask for it."))),
    Exercise(
        "04-make-it",
        "Break it on purpose: make a trace whose cause is starttls-not-offered, and hand it in. "
        "smtplab.KINDS names the servers.",
        ("The client has to insist on something that the server doesn't list.",
         "Which servers don't list STARTTLS? Two of them speak SMTP in clear.",
         "Take one of these servers, and the mode in which a client requires an upgrade."),
        right=lambda trace: trace.cause is Cause.STARTTLS_NOT_OFFERED, read=_trace, by_code=True, example="trace",
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
         Choice("Port and mode work, and TLS if it was asked for; the server refuses this login",
                "Name, port, TCP, greeting, EHLO and, if it was asked for, TLS are all behind you. Look at user, "
                "password, and whether the account may send.", right=True),
         Choice("The mail was taken for spam", "No mail was offered yet: the login comes before MAIL FROM."))),
)
