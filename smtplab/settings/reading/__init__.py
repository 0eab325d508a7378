"""Readers of what people paste: text in, pairs, calls and words out; nothing is evaluated."""

from .code import read_code
from .lines import read_assignments, read_command, read_directives, read_yaml
from .paste import Bare, Call, Computed, Pair, Paste, UnreadLine, Word

__all__ = ["Bare", "Call", "Computed", "Pair", "Paste", "UnreadLine", "Word", "read_assignments", "read_code",
           "read_command", "read_directives", "read_yaml"]
