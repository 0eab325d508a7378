"""Readers of what people paste: text in, pairs, calls and words out; nothing is evaluated."""

from .code import read_code
from .environment import is_dressed, read_environment
from .lines import read_assignments, read_command, read_directives, read_yaml
from .paste import Bare, Call, Computed, EnvironmentText, Pair, Paste, UnreadLine, Word
from .variables import computed, is_variable, placeholder

__all__ = ["Bare", "Call", "Computed", "EnvironmentText", "Pair", "Paste", "UnreadLine", "Word", "computed",
           "is_dressed", "is_variable", "placeholder", "read_assignments", "read_code", "read_command",
           "read_directives", "read_environment", "read_yaml"]
