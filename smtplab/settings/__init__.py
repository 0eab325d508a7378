"""Mail settings of some forty frameworks: which mode they give, what happens then, and which settings mislead.

Theory of operation: `reading` takes a pasted text apart without running it; `collect` keeps the keys that the
framework's description knows (`model` says what a description is, `tables` holds them); `meaning` applies the
description's rules; `evaluate` finds each line's effect by leaving it out, and what to warn of; `computed` gives
the answer for each value of a setting that is only known at run time; `standard` says what the mode meets on a port.
"""

from .answer import framework, frameworks, meanings, mode_words, read_settings, translate
from .meaning import ModeWords
from .model import Framework, Outcome, SettingsMode
from .report import ComputedSetting, Right, SettingLine, SettingsReport, SettingsWarning, Translation

__all__ = ["ComputedSetting", "Framework", "ModeWords", "Outcome", "Right", "SettingLine", "SettingsMode",
           "SettingsReport", "SettingsWarning", "Translation", "framework", "frameworks", "meanings", "mode_words",
           "read_settings", "translate"]
