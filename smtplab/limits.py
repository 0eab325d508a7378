"""How much of anything is accepted, kept and shown: every limit, and what is said where one is reached.

A peer decides how much it sends, and in how many pieces. Each limit bounds the time or the memory that this can cost.
Modules read them as `limits.NAME`, so that tests can change them. They are bytes and counts; no honest conversation
comes near one, except a long mail through a relay.
"""

from __future__ import annotations

# What a dial accepts from one server; more ends it with the failure "flood".
DIAL_BYTES = 1 << 20
DIAL_EVENTS = 10_000

# What a lab server accepts from one visitor and says to it; the visitor is then reset, and its trace says why. The
# bytes are twice the largest mail. From a visitor that does not read its replies nothing is read either.
VISIT_BYTES = 8 << 20
VISIT_EVENTS = 20_000

# What a relay or a server keeps of connections that have ended; the oldest are dropped. The same limits hold for
# those that are open: a visitor for whom there is no room is reset.
KEPT = 1000
KEPT_BYTES = 64 << 20
EVENT_BYTES = 300  # memory of an event besides its bytes

# Connections that a relay carries at once, with two threads and three sockets each; the next is reset, and its trace
# says why. Of a conversation it keeps the beginning and the end, and a note says how much is missing between.
PASSAGES = 250
HEAD_BYTES, TAIL_BYTES = 256 << 10, 128 << 10
HEAD_EVENTS, TAIL_EVENTS = 2000, 1000

# Commands or reply lines (without mail content) and TLS records that are read of each direction. Of the rest only the
# bytes are counted, and the cause is not certain unless TLS was agreed by then.
READ_LINES = 20_000
READ_RECORDS = 2000

# What is shown of a trace: the lines of a transcript, of a longer one the beginning and the end, and the steps of a
# Player. Both say what they leave out.
SHOWN_LINES = 2000
SHOWN_STEPS = 1000
# To print a conversation while it goes on, it is read again and again; past this size the rest is printed at its end.
LIVE_BYTES = 16 << 20

# What a command reads of a file or of its standard input; the rest is ignored, and a warning says so.
INPUT_BYTES = 8 << 20
