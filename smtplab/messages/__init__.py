"""Error texts: what a client or server says, and what may have caused it.

Theory of operation: `clean` makes a paste safe and short (`redact` takes the secrets out). `context` finds port, host
and speaker in it; `transcript` reads the dialogue that a log holds, in order, and `surroundings` blanks what a log
repeats of settings, keys and trust stores. Then rows (`error_rule`) are tried in the order of their ranks: raw bytes
first, then what the server itself said, then the words of TLS libraries, certificates, waits, the network, and wrappers
last; in a dialogue the first refusal decides. `answer` turns the rows that fit into causes, and `likelihood` says how
sure to be. The tables of rows stand side by side, one for each family of words: `raw_bytes`, `dialogue`, `dumps`,
`tls_errors` (with `tls_patterns`), `waiting` (with `timeout_patterns`), `replies`, `starttls`, `logins`,
`certificates`, `network`. They are loaded, and patterns compiled, when the first text is explained. What a setting's
words mean is not known here: a mode is one of three names.
"""

from .answer import Explanation, Explanations, causes_of, explain, next_command, rules, to_json
from .clean import clean
from .context import Context, context_of
from .error_rule import ErrorRule

__all__ = ["Context", "ErrorRule", "Explanation", "Explanations", "clean", "causes_of", "context_of", "explain",
           "next_command", "rules", "to_json"]
