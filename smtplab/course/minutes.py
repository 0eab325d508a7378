"""How long a lesson takes a newcomer, by one rule for all: what is read, run, tried and solved has its minutes.

Prose takes a minute for 150 words, a code cell a minute and a half, a challenge three, each ticket of a mystery round
as a challenge, and a widget to play with three; a prediction, a sentence and a click, half a minute. A round of a whole
room is a widget: it has the time that the room gives it. What is folded, the cells tagged "side", takes none.
"""

from __future__ import annotations

import re
from typing import Any

WORDS_A_MINUTE, CELL, PREDICTION, CHALLENGE, WIDGET = 150, 1.5, 0.5, 3.0, 3.0
SIDE = "side"  # the tag of a cell that is folded
_WIDGETS = ("DecisionTree", "ErrorDecoder", "FiveByteLens", "FourCorners", "Matrix", "Player", "SettingsExplorer",
            "Watch", "mystery", "run_dial")
_PLAY = re.compile(rf"^(?:\w+ = |display\()?(?:{'|'.join(_WIDGETS)})\(", re.MULTILINE)
_PREDICT = re.compile(r"^predict\(", re.MULTILINE)
_CHECK = re.compile(r"^check\(", re.MULTILINE)
_ROUND = re.compile(r"^(?:\w+ = )?mystery\([^)\n]*count=(\d+)\)", re.MULTILINE)
_NO_WORD = re.compile(r"\]\([^)]*\)|[#|*`>_-]+")
_CHARACTER = re.compile(r"[぀-ヿ一-鿿]")  # Japanese writes no blanks: so many of these are a word
_CHARACTERS_A_WORD = 2.5


def minutes_by_rule(cells: list[Any]) -> float:
    """The minutes of a notebook's cells, each with `cell_type`, `source` and `metadata`, by the rule."""
    return sum(_minutes(cell) for cell in cells if SIDE not in cell["metadata"].get("tags", ()))


def _minutes(cell: Any) -> float:
    source = "".join(cell["source"])  # a text, or its lines
    if cell["cell_type"] == "markdown":
        text = _NO_WORD.sub(" ", source)
        characters = len(_CHARACTER.findall(text))
        return (len(_CHARACTER.sub("", text).split()) + characters / _CHARACTERS_A_WORD) / WORDS_A_MINUTE
    if cell["cell_type"] != "code":
        return 0
    if found := _ROUND.search(source):
        return CHALLENGE * int(found[1])
    if _PREDICT.search(source):
        return PREDICTION
    return CHALLENGE if _CHECK.search(source) else WIDGET if _PLAY.search(source) else CELL
