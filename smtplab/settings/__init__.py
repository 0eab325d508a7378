"""Mail settings of some forty frameworks: which mode they give, what happens then, and which settings mislead.

Theory of operation: `reading` takes a pasted text apart without running it; `collect` keeps the keys that the
framework's description knows (`model` says what a description is, `tables` holds them); `evaluate` applies the
description's rules, and finds each line's effect by leaving it out; `standard` says what the mode meets on a port.
"""

from .answer import ModeWords, framework, frameworks, meanings, mode_words, read_settings, translate
from .model import Framework, Outcome, SettingsMode
from .report import Right, SettingLine, SettingsReport, SettingsWarning, Translation

__all__ = ["Framework", "ModeWords", "Outcome", "Right", "SettingLine", "SettingsMode", "SettingsReport",
           "SettingsWarning", "Translation", "framework", "frameworks", "meanings", "mode_words", "read_settings",
           "translate"]
