"""Mystery rounds: lab servers with hidden faults, to be diagnosed with real programs, and verdicts that need evidence.

`pool` has every fault, with the evidence that proves it. `draw` picks a round's tickets from a seed, the same on every
machine. `judge` rules on a verdict. `round` runs the servers and keeps score; `board` shows a round in a notebook, and
`prompt` runs one in a terminal. Each imports only those named before it (`prompt` does without `board`), and the
terminal needs no ipywidgets.
"""
