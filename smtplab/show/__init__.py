"""What people see: text, pictures, widgets. A picture's module is loaded, with its library, when first asked for."""

from __future__ import annotations

import importlib

_WHERE = {"CaseBox": "case_box", "DecisionTree": "decision_tree", "ErrorDecoder": "error_decoder",
          "FiveByteLens": "five_byte_lens", "FourCorners": "four_corners", "Matrix": "matrix", "Player": "player",
          "SettingsExplorer": "settings_explorer", "Watch": "watch", "corner_of": "corners",
          "recorded_corners": "corner_runs", "plot_four_corners": "corners_figure",
          "as_wireshark": "wireshark", "five_bytes": "header_rows", "folded": "folding", "run_dial": "running",
          "plot_ladder": "figures", "plot_counters": "figures", "plot_matrix": "figures", "plot_openings": "openings",
          "plot_timeouts": "timeouts", "point_client_at": "targets", "meanings": "setting_words",
          "rosetta": "rosetta_table"}
__all__ = ["CaseBox", "DecisionTree", "ErrorDecoder", "FiveByteLens", "FourCorners", "Matrix", "Player",
           "SettingsExplorer", "Watch", "as_wireshark", "corner_of", "five_bytes", "folded", "meanings",
           "plot_counters", "plot_four_corners", "plot_ladder", "plot_matrix", "plot_openings", "plot_timeouts",
           "point_client_at", "recorded_corners", "rosetta", "run_dial"]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
