"""Mail settings of some forty frameworks: which mode they give, what comes of it, what is a trap.

Theory of operation: a reader takes a paste apart without running it (`reading`), `collect` keeps what the
framework's description (`model`; `tables` holds them) knows, `evaluate` applies the description's rules and
finds each line's effect by leaving it out, `standard` says what the mode meets on a port.
"""

from .answer import framework, frameworks, meanings, read_settings, translate
from .model import Framework, Outcome, SettingsMode
from .report import Line, Right, SettingsReport, Translation, Warning

__all__ = ["Framework", "Line", "Outcome", "Right", "SettingsMode", "SettingsReport", "Translation", "Warning",
           "framework", "frameworks", "meanings", "read_settings", "translate"]
