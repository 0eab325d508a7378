"""Exercises in a notebook's page: the question, a field or choices, feedback, and hints one at a time.

Answers are judged in the kernel, so the page never contains one before the learner has given it. Without widgets, a
card is text, and the answer is an argument of `check`.
"""

from __future__ import annotations

import html
import textwrap
from functools import partial
from typing import Any

import ipywidgets

from ..show.widget_base import Panel, button, instead_of_earlier
from . import progress_store
from .exercises import DisplayStr, Exercise, Judged
from .questions import find_exercise

_BOX = ("border-left:4px solid {};padding:4px 12px;margin:4px 0;line-height:1.5;"
        "color:var(--jp-ui-font-color1,inherit)")
_STYLE = ("<style>.smtplab-choice.jupyter-button{white-space:normal;text-align:left;height:auto;min-height:2em;"
          "line-height:1.4;padding:4px 10px;align-self:flex-start;max-width:100%}</style>")
_COLOUR = {True: "var(--jp-success-color1,#2e7d32)", False: "var(--jp-error-color1,#c62828)",
           None: "var(--jp-border-color1,#888)"}
_WORDS = {
    "en": {True: "✓ Right.", False: "✗ Not so.", None: "", "challenge": "Challenge", "done": " ✓ solved before",
           "solved": " (solved)", "hint": "Hint", "hints": "Hints ({}):", "more": "{} more",
           "last": "that was the last one", "one": "Hint {} of {}: {}", "ask": "{} gives a hint.",
           "answer": "Answer", "check": "Check", "cell": "Answer in the cell, as in {}", "solution": "Solution",
           "first": "You have not tried yet. Press Solution again to see it all the same.",
           "tell": "{} shows the solution."},
    "ja": {True: "✓ 正解です。", False: "✗ 違います。", None: "", "challenge": "問題", "done": " ✓ 解答済み",
           "solved": "（解答済み）", "hint": "ヒント", "hints": "ヒント（{}）：", "more": "残り {} つ",
           "last": "これで最後です", "one": "ヒント {}／{}：{}", "ask": "{} でヒントが出ます。",
           "answer": "答え", "check": "判定", "cell": "答えはセルに書きます：{}", "solution": "解答",
           "first": "まだ答えていません。それでも見るには、もう一度「解答」を押してください。",
           "tell": "{} で解答が出ます。"}}


class Card(Panel):
    """One exercise in the page; `judged` is the verdict on the last answer, None before the first."""

    css_class = "smtplab-exercise"

    def __init__(self, exercise: Exercise[Any], answer: object = None) -> None:
        self.exercise, self._words = exercise, _WORDS[exercise.language]
        self.judged: Judged | None = None
        self._saved = True
        self._choices: dict[str, ipywidgets.Button] = {}
        self._asked = False
        self._said, self._hints, self._solution = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        super().__init__([ipywidgets.HTML(self._question()), *self._fields(), self._said, self._hints, self._solution])
        instead_of_earlier(self)
        if answer is not None and answer is not ...:
            self.answer(answer)
        self._show_hints()

    def answer(self, answer: object) -> Judged:
        """Judge an answer, show the feedback, and record the exercise as solved if the answer is right."""
        self.judged = judged = self.exercise.judge(answer)
        if judged.right is not None:
            saved = progress_store.note_try(self.exercise.name, judged.right)
            self._saved = saved or not judged.right
        sign, colour = self._words[judged.right], _COLOUR[judged.right]
        self._said.value = (f'<div role="status" style="{_BOX.format(colour)}"><b>{sign}</b> '
                            f"{html.escape(self._feedback(judged))}</div>")
        return judged

    def hint(self) -> None:
        """Show one more hint."""
        hint(self.exercise.name, self.exercise.language)
        self._show_hints()

    def solve(self) -> None:
        """Show the solution with its reason: after a try at once, else when it is asked for a second time."""
        if self.judged is None and not self._asked:
            self._asked = True
            self._solution.value = f'<div role="status">{self._words["first"]}</div>'
            return
        answer, _, reason = self.exercise.solution.rpartition("\n")
        style = _BOX.format(_COLOUR[None])
        self._solution.value = (f'<div role="status" style="{style}"><b>{self._words["solution"]}</b>'
                                f'<pre style="margin:4px 0;white-space:pre-wrap;color:inherit">{html.escape(answer)}'
                                f"</pre>{html.escape(reason)}</div>")

    def _feedback(self, judged: Judged) -> str:
        lost = "" if self._saved else " (Progress can't be kept on this machine; it lasts until the kernel ends.)"
        return judged.feedback + lost

    def _question(self) -> str:
        done = self._words["done"] if self.exercise.name in progress_store.solved() else ""
        words = "".join(f"<p style='margin:4px 0;white-space:pre-wrap'>{html.escape(part)}</p>"
                        for part in self.exercise.question.split("\n\n"))
        name = html.escape(self.exercise.name)
        return (f'{_STYLE}<div style="max-width:52em;margin-top:8px;line-height:1.5"><b>{self._words["challenge"]}</b> '
                f"<code>{name}</code>{done}{words}</div>")

    def _fields(self) -> list[ipywidgets.Widget]:
        ask_hint = ipywidgets.HBox([button(self._words["hint"], self.hint, "6em"),
                                    button(self._words["solution"], self.solve, "7em")])
        if self.exercise.by_code:
            call = f"<code>{html.escape(self._call())}</code>"
            return [ipywidgets.HTML(f"<div>{self._words['cell'].format(call)}</div>"), ask_hint]
        if self.exercise.choices:
            # A button each, not radio buttons and a Check: JupyterLab takes the arrow keys from radio buttons, and a
            # choice and a click sent right after it may arrive in the other order.
            for letter, choice in self.exercise.lettered_choices():
                self._choices[letter] = button(f"{letter}. {choice.words}", partial(self._choose, letter), "auto")
                self._choices[letter].add_class("smtplab-choice")
            return [*self._choices.values(), ask_hint]
        # Not at every key: the answer comes whole, with Enter or when the field is left.
        field = ipywidgets.Text(placeholder=self.exercise.example, continuous_update=False,
                                description=self._words["answer"], style={"description_width": "initial"},
                                layout={"width": "28em"})
        field.observe(lambda change: change["new"] and self.answer(change["new"]), "value")
        check_it = button(self._words["check"], lambda: self.answer(field.value), "6em")
        return [ipywidgets.HBox([field, check_it, ask_hint])]

    def _choose(self, letter: str) -> None:
        for made in self._choices.values():
            made.icon = ""
        self._choices[letter].icon = "check" if self.answer(letter).right else "times"

    def _show_hints(self) -> None:
        given = self.exercise.hints[:progress_store.hints_given(self.exercise.name)]
        items = "".join(f"<li>{html.escape(words)}</li>" for words in given)
        left = len(self.exercise.hints) - len(given)
        title = self._words["hints"].format(self._words["more"].format(left) if left else self._words["last"])
        self._hints.value = (f'<div role="status" style="max-width:52em;line-height:1.5">{title}'
                             f'<ol style="margin:2px 0">{items}</ol></div>' if given else "")

    def text(self) -> str:
        """The card as plain text: the question, how to answer it, and the feedback on the last answer."""
        exercise, words = self.exercise, self._words
        lines = [f"{words['challenge']} {exercise.name}{words['solved'] * (exercise.name in progress_store.solved())}"]
        lines += [textwrap.fill(part, 100) if len(part) > 100 and "\n" not in part else part
                  for part in exercise.question.split("\n\n")]
        lines += [f"  {letter}. {choice.words}" for letter, choice in exercise.lettered_choices()]
        if self.judged:
            lines += ["", f"{words[self.judged.right]} {self._feedback(self.judged)}".strip()]
        if not (self.judged and self.judged.right):
            call, ask = self._call(), words["ask"].format(f'hint("{exercise.name}"{self._language()})')
            tell = words["tell"].format(f'solution("{exercise.name}"{self._language()})')
            lines += ["", f"{words['cell'].format(call)}; {ask} {tell}"]
        return "\n".join(lines)

    def _call(self) -> str:
        """The call that hands in an answer, with an example in place of the answer."""
        exercise = self.exercise
        example = "'b'" if exercise.choices else exercise.example if exercise.by_code else repr(exercise.example)
        return f'check("{exercise.name}", {example}{self._language()})'

    def _language(self) -> str:
        return "" if self.exercise.language == "en" else f', language="{self.exercise.language}"'


def check(name: str, answer: object = None, language: str = "en") -> Card:
    """The exercise of that name as a card, with feedback if an `answer` is given (`...` counts as none).

    The card is in `language` ("en" or "ja") if the exercise is translated, else in English. Raises ValueError for an
    unknown name or language; it lists the ones there are.
    """
    return Card(find_exercise(name, language), answer)


def hint(name: str, language: str = "en") -> DisplayStr:
    """The exercise's next hint; after the last, the last again. Raises ValueError as `check` does."""
    exercise = find_exercise(name, language)
    number = progress_store.give_hint(name, len(exercise.hints))
    return DisplayStr(_WORDS[exercise.language]["one"].format(number, len(exercise.hints), exercise.hints[number - 1]))


def solution(name: str, language: str = "en") -> DisplayStr:
    """The exercise's solution with its reason. Raises ValueError as `check` does."""
    return DisplayStr(find_exercise(name, language).solution)
