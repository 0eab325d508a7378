"""Error texts: what a client or server says, and what may have caused it.

Theory of operation: `clean` makes a paste safe and short, `context` finds port, mode, speaker and stage in it, and
rows (`rule`; the tables stand beside it, one for each family of words) are tried in the order of their ranks: raw
bytes first, then what the server itself said, then the words of TLS libraries, certificates, waits, the network, and
wrappers last. `answer` turns the rows that fit into causes.
"""

from .answer import Explanation, explain, rules, to_json
from .clean import clean
from .context import mode_of
from .rule import Rule

rules()  # reads the tables now: a tenth of a second that the first question need not wait for

__all__ = ["Explanation", "Rule", "clean", "explain", "mode_of", "rules", "to_json"]
