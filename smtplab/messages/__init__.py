"""Error texts: what a client or server says, and what may have caused it.

Theory of operation: `clean` makes a paste safe and short, `context` finds port, mode, speaker and stage in it, and
rows (`rule`; the tables stand beside it, one for each family of words) are tried in the order of their ranks: raw
bytes first, then what the server itself said, then the words of TLS libraries, certificates, waits, the network, and
wrappers last. `answer` turns the rows that fit into causes.
"""

from .answer import Explanation, explain, rules, to_json
from .clean import clean
from .rule import Rule

__all__ = ["Explanation", "Rule", "clean", "explain", "mode_of", "rules", "to_json"]


def __getattr__(name: str) -> object:
    if name == "mode_of":  # what it stands with takes as long to load as all else here
        from .context import mode_of
        return mode_of
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
