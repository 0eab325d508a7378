"""Mail settings of some forty frameworks: which mode they give, what happens then, and which settings mislead.

Theory of operation: `reading` takes a pasted text apart without running it; `collect` keeps the keys that the
framework's description knows (`model` says what a description is, `tables` holds them); `meaning` applies the
description's rules; `evaluate` finds each line's effect by leaving it out, and what to warn of; `computed` gives the
answer for each value of a setting that is only known at run time; `standard` says what the mode meets on a port.
`recognition` turns the descriptions round: which framework reads the names in a text; `meant` asks all that may read
them which mode they give; `correction` writes settings that work.
"""

from .answer import meanings, mode_words, read_settings, translate
from .correction import correct
from .meaning import ModeWords
from .meant import mode_meant
from .model import Framework, Outcome, SettingsMode
from .recognition import Candidate, recognize
from .registry import framework, frameworks
from .report import ComputedSetting, Correction, Right, SettingLine, SettingsReport, SettingsWarning, Translation

__all__ = ["Candidate", "ComputedSetting", "Correction", "Framework", "ModeWords", "Outcome", "Right", "SettingLine",
           "SettingsMode", "SettingsReport", "SettingsWarning", "Translation", "correct", "framework", "frameworks",
           "meanings", "mode_meant", "mode_words", "read_settings", "recognize", "translate"]
