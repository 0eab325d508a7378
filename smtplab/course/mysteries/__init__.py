"""Mystery rounds: lab servers with hidden faults, to be diagnosed with real programs, and verdicts that need evidence.

`pool` has every fault, with the evidence that proves it and what mends it. `draw` picks a round's tickets from a seed,
the same on every machine. `judge` rules on a verdict, and `corner_question` on the corner of the four that a ticket is
in; `client` reads how a ticket's client is changed, and `mend` dials with it and rules on that. `round` runs the
servers and keeps score; `ruled`, `mend_form` and `board` show a round in a notebook, and `prompt` runs one in a
terminal. Each imports only those named before it (`prompt` does without the three for notebooks), and the terminal
needs no ipywidgets.
"""
