"""How much of anything is taken, kept and shown: every limit, and what is said where one is reached.

A peer decides how much it sends, and in how many pieces. So each of these bounds the time or the memory that somebody
else can cost. Modules read them as `limits.NAME`. Bytes and counts; no honest conversation comes near one, but for a
long mail that passes a relay.
"""

from __future__ import annotations

# What a dial takes of one server; more ends it with the failure "flood".
DIAL_BYTES = 1 << 20
DIAL_EVENTS = 10_000

# What a lab server takes of one visitor, and says to it; the visitor is then reset, and its trace says why. The bytes
# are twice the largest mail. A visitor who does not read what it is told is not read either.
VISIT_BYTES = 8 << 20
VISIT_EVENTS = 20_000

# What a relay or a server holds of those who have ended: the oldest are forgotten. Each also counts for those who
# are here; a visitor for whom there is no room is reset.
KEPT = 1000
KEPT_BYTES = 64 << 20
EVENT_BYTES = 300  # what an event costs beside its bytes

# What a relay carries at once, two threads and three sockets each: whoever comes then is reset, and told. Of a
# conversation it keeps the beginning and the end, and a note says how much is missing between.
PASSAGES = 250
HEAD_BYTES, TAIL_BYTES = 256 << 10, 128 << 10
HEAD_EVENTS, TAIL_EVENTS = 2000, 1000

# What a conversation is read for: commands or reply lines (mail content is not counted), and TLS records, of each
# direction. The rest is counted in bytes alone, and the cause is not certain unless TLS was agreed by then.
READ_LINES = 20_000
READ_RECORDS = 2000

# What is shown of a trace: the lines of a transcript, of a longer one the beginning and the end, and the steps of a
# Player. Both say what they leave out.
SHOWN_LINES = 2000
SHOWN_STEPS = 1000
# What is read, over and over, to print a conversation while it goes on; then the rest is printed at its end.
LIVE_BYTES = 16 << 20

# What a command reads of a file or of its standard input; the rest is not looked at, and a warning says so.
INPUT_BYTES = 8 << 20
