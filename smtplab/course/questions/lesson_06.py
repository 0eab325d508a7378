"""Lesson 6: what a client of one's own sends, and what it proves that another one works."""

from ..exercises import Choice, Exercise

# What a server read first from each of two visitors of the same port, and how a client says it in hexadecimal.
FIRST = {"A": bytes.fromhex("1603010200"), "B": b"EHLO "}

EXERCISES = (
    Exercise(
        "06-telnet-proves",
        "A mailer fails on port 587 of a server with 'wrong version number'. A colleague shows that telnet to the same "
        "port gets a greeting and an EHLO reply. Thunderbird, on the same machine, sends through it, set to STARTTLS. "
        "What do the two prove about the mailer?",
        ("Which of the three said EHLO, and which a ClientHello?",
         "All three came to the same port. What was different, and whose setting is that?"),
        (Choice("It is broken: the same port works for two others",
                "It does what it was told. They came to the same port, and opened the conversation otherwise."),
         Choice("Its mode may differ from theirs; name, port and the way there are fine",
                "They rule out what all three share, and say nothing of what each does by itself. Look at what the "
                "mailer sends first.", right=True),
         Choice("The server's TLS is out of date", "Thunderbird has just made TLS with this server. And the error's "
                                                   "words speak of a version where there was none."),
         Choice("A firewall stops the mailer", "Then it would have got no byte from the server. It has read five of "
                                               "them, and complains about those."))),
    Exercise(
        "06-first-bytes",
        "You point two mailers of your shop at a watched server that waits as port 587 does. It has read first\n"
        f"A   {FIRST['A'].hex(' ')}\nB   {FIRST['B'].hex(' ')}\nIn which mode is each?",
        ("The first byte of a TLS record is its type, and a ClientHello is of one type only. Letters are higher.",
         "Read B as characters. Which modes begin with that word, and when do they part?"),
        (Choice("A is set to implicit, B to STARTTLS",
                "A is right. But a client in plain mode says B's word first, too."),
         Choice("A is set to STARTTLS, B to implicit",
                "The other way round: a STARTTLS client speaks in clear first, and A's first byte is a TLS record's."),
         Choice("A is set to implicit; B to plain or STARTTLS, which its next command tells",
                "EHLO is the same word in both. If STARTTLS comes after it, B asks for TLS.", right=True),
         Choice("That can't be known before they log in",
                "A mode is when TLS begins, and A has begun it: its first byte is a record's type."))),
)
