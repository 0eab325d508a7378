"""Lesson 0: is the error understood as a matter of when TLS begins?"""

from ..exercises import Choice, Exercise

EXERCISES = (
    Exercise(
        "00-colleague",
        "A colleague's program says \"wrong version number\" too. The settings are port 2525 and SSL on, and the "
        "first bytes from the server are again the beginning of a greeting. What do you change?",
        ("What did the client take for a record header? Was it one?",
         "Nothing about versions or certificates was ever spoken of. What was not agreed is who begins, and how.",
         "In the last cell above, one word was changed. What does that word say about the moment TLS begins?"),
        (Choice("Allow an older TLS version in the client",
                "No version was ever negotiated: the bytes were text. An older TLS would trip over the same text."),
         Choice("Have the client accept any certificate",
                "No certificate was sent: the client gave up at the first few bytes. This hides problems and mends "
                "none."),
         Choice("Let the client start in plain text and ask for TLS (STARTTLS)",
                "The server speaks plain text first, on whatever port. A client that waits for the greeting and then "
                "asks for TLS gets along with it.", right=True),
         Choice("Open the port in the firewall",
                "The server's greeting arrived, so packets pass in both directions. A firewall would have stopped "
                "the connection itself."))),
)
