"""One question from everything: an error, a log, settings, a capture, in whatever order they were pasted together.

Theory of operation: `segments` tells prose, logs, dialogues and settings apart; `reading` asks the settings package
whose settings they are, and what they do; `stacks` keeps those of another language's programs out, and `days` the
errors of earlier days. `seen` finds in the error what the client really did. The causes of the error
come from the messages package, in the light of the settings (`predicted`); where the two contradict each other, that
is the finding (`contradiction`). `next_command` names one command that would tell more. `diagnose` puts these together
into an `Answer`. `live` and `captured` add what a probe or a capture saw.
"""

from .answer import SCHEMA, Answer, Finding, Read
from .diagnose import diagnose_paste, explain, mode_of_words
from .reading import Part
from .segments import Kind, Segment, only, segments

__all__ = ["SCHEMA", "Answer", "Finding", "Kind", "Part", "Read", "Segment", "diagnose_paste", "explain",
           "mode_of_words", "only", "segments"]
