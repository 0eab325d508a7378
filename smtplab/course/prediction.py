"""Predictions: one of a few answers is chosen before something is run, and told afterwards beside what is so.

`predict` shows the question; buttons or the keys 1, 2, 3 choose. `told` comes with the cell that runs it: what was
said, what is so, computed from what the run gave, and why. What is so never reaches the page before that.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import traitlets

from ..show.document import Document, Group, Paragraph, Strong, Tone, as_text, mimebundle
from ..show.widget_base import ScriptWidget, instead_of_earlier
from .questions.predictions import Prediction, find_prediction

HERE = Path(__file__).parent
_WORDS = {
    "en": {"title": "Predict:", "how": "Choose with a button, or its number on the keyboard; then run the next cell.",
           "chosen": "You say {}. You may change it until the next cell has run.",
           "alone": "Choose with a button, or its number on the keyboard; then look at the next output.",
           "right": "✓ You said {said}, and so it is: {so}", "wrong": "You said {said}; it is {number}: {so}",
           "none": "You chose nothing. It is {number}: {so}",
           "open": "What ran here is none of these: see for yourself.",
           "text": "Say a number to yourself, or predict({name!r}, choose=1); then run the next cell.",
           "chosen_text": "You say {}. Now run the next cell."},
    "ja": {"title": "予想：", "how": "ボタンか、キーボードの番号で選んでから、次のセルを実行します。",
           "chosen": "予想は {} です。次のセルを実行するまでは、変えられます。",
           "alone": "ボタンか、キーボードの番号で選んでから、次の出力を見てください。",
           "right": "✓ 予想は {said}、そのとおりです：{so}", "wrong": "予想は {said}、実際は {number} です：{so}",
           "none": "予想は選ばれていません。実際は {number} です：{so}",
           "open": "どれにも当たりません。出力を見てください。",
           "text": "番号を決めて（または predict({name!r}, choose=1) として）、次のセルを実行します。",
           "chosen_text": "予想は {} です。次のセルを実行してください。"}}
_CHOSEN: dict[str, int] = {}  # prediction -> the number that was chosen last, as long as the kernel lives
_SHOWN: weakref.WeakValueDictionary[str, PredictionCard] = weakref.WeakValueDictionary()


class PredictionCard(ScriptWidget):
    """One prediction in the page; `chosen` is the number that was chosen, 0 before, and `told` what was so."""

    _esm = (HERE / "prediction.js").read_text(encoding="utf-8")
    _css = (HERE / "prediction.css").read_text(encoding="utf-8")

    question = traitlets.Unicode().tag(sync=True)
    choices: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    words: traitlets.Dict[str, str] = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction
        words = _WORDS[prediction.language]
        _CHOSEN.pop(prediction.name, None)
        super().__init__(question=prediction.question, choices=list(prediction.choices),
                         words={key: words[key] for key in ("title", "how", "chosen", "alone")})
        _SHOWN[prediction.name] = self
        instead_of_earlier(self)

    @traitlets.validate("chosen")
    def _one_of_them(self, proposal: dict[str, int]) -> int:
        """A number that there is, or none; what was told can't be chosen again."""
        number = proposal["value"]
        return self.chosen if self.told or number > len(self.choices) else max(0, number)

    @traitlets.observe("chosen")
    def _remember(self, change: dict[str, int]) -> None:
        _CHOSEN[self.prediction.name] = change["new"]

    def state(self) -> dict[str, Any]:
        """As ever; but where nobody chose, whoever reads the page later is not told before choosing."""
        return {**super().state(), **({} if self.chosen else {"told": ""})}

    def text(self) -> str:
        """The question, its answers by number, and what to do."""
        words = _WORDS[self.prediction.language]
        last = (self.told or words["chosen_text"].format(self.chosen) if self.chosen
                else words["text"].format(name=self.prediction.name))
        return "\n".join([f"{words['title']} {self.question}",
                          *(f"  {number}. {choice}" for number, choice in enumerate(self.choices, 1)), last])


@dataclass(frozen=True)
class Told:
    """What was said and what is so; `number` is the answer that is so, None if none of them is."""

    words: str
    because: str
    said: int | None
    number: int | None

    @property
    def right(self) -> bool:
        """Whether it was said."""
        return self.number is not None and self.said == self.number

    def document(self) -> Document:
        """Both sentences."""
        return Document((Group((Paragraph(Strong(self.words)), Paragraph(self.because)),
                               Tone.GOOD if self.right else Tone.NEUTRAL, status=True),))

    def __str__(self) -> str:
        return as_text(self.document())

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return mimebundle(self.document())


def predict(name: str, *, choose: int = 0, language: str = "en") -> PredictionCard:
    """The prediction of that name as a card; `choose` chooses where there are no buttons.

    Raises ValueError for an unknown name or language; it lists the ones there are.
    """
    card = PredictionCard(find_prediction(name, language))
    card.chosen = choose
    return card


def told(name: str, seen: object, language: str = "en") -> Told:
    """What was predicted, and what is so by what was `seen`: what the cell has just run gave.

    From now on the prediction can't be changed, until its cell is run again. Raises ValueError as `predict` does, and
    nothing for what is not as the lesson has it.
    """
    prediction = find_prediction(name, language)
    words, said = _WORDS[prediction.language], _CHOSEN.get(name) or None
    number = prediction.number(seen)
    if number is None:
        found = Told(words["open"], "", said, None)
    else:
        so = prediction.choices[number - 1]
        form = words["none" if said is None else "right" if said == number else "wrong"]
        found = Told(form.format(said=said, number=number, so=so), prediction.because, said, number)
    if (card := _SHOWN.get(name)) is not None:
        card.told = found.words
    return found
