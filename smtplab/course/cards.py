"""Exercises in the page: the question, a field or choices, feedback, and hints one at a time.

Answers are judged in the kernel, so the page never holds one that has not been given. Without widgets
a card is text, and answers are given in the cell.
"""

from __future__ import annotations

import difflib
import html
import textwrap
from functools import partial

import ipywidgets

from ..show.running import button, instead_of_earlier
from ..show.widget_base import Panel
from . import kept
from .exercises import Exercise, Judged, Said
from .questions import EXERCISES, TRANSLATED

LETTERS = "abcdefgh"
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
           "answer": "Answer", "check": "Check", "cell": "Answer in the cell, as in {}"},
    "ja": {True: "✓ 正解です。", False: "✗ 違います。", None: "", "challenge": "問題", "done": " ✓ 解答済み",
           "solved": "（解答済み）", "hint": "ヒント", "hints": "ヒント（{}）：", "more": "残り {} つ",
           "last": "これで最後です", "one": "ヒント {}／{}：{}", "ask": "{} でヒントが出ます。",
           "answer": "答え", "check": "判定", "cell": "答えはセルに書きます：{}"}}
_HINTS_GIVEN: dict[str, int] = {}


class Card(Panel):
    """One exercise in the page; `judged` is what became of the last answer, None before."""

    def __init__(self, exercise: Exercise, answer: object = None) -> None:
        self.exercise, self.judged, self._words = exercise, None, _WORDS[exercise.language]
        self._saved, self._choices = True, {}
        self._said, self._hints = ipywidgets.HTML(), ipywidgets.HTML()
        super().__init__([ipywidgets.HTML(self._question()), *self._fields(), self._said, self._hints])
        instead_of_earlier(self)
        if answer is not None and answer is not ...:
            self.answer(answer)
        self._show_hints()

    def answer(self, answer: object) -> Judged:
        """Judge an answer, show what is said to it, and keep it if it is right."""
        self.judged = self.exercise.judge(answer)
        if self.judged.right:
            self._saved = kept.keep(self.exercise.name)
        sign, colour = self._words[self.judged.right], _COLOUR[self.judged.right]
        self._said.value = (f'<div role="status" style="{_BOX.format(colour)}"><b>{sign}</b> '
                            f"{html.escape(self._feedback())}</div>")
        return self.judged

    def hint(self) -> None:
        """Show one more hint."""
        hint(self.exercise.name, self.exercise.language)
        self._show_hints()

    def _feedback(self) -> str:
        lost = "" if self._saved else " (Progress can't be kept on this machine; it lasts until the kernel ends.)"
        return self.judged.feedback + lost

    def _question(self) -> str:
        done = self._words["done"] if self.exercise.name in kept.solved() else ""
        words = "".join(f"<p style='margin:4px 0;white-space:pre-wrap'>{html.escape(part)}</p>"
                        for part in self.exercise.question.split("\n\n"))
        name = html.escape(self.exercise.name)
        return (f'{_STYLE}<div style="max-width:52em;margin-top:8px;line-height:1.5"><b>{self._words["challenge"]}</b> '
                f"<code>{name}</code>{done}{words}</div>")

    def _fields(self) -> list[ipywidgets.Widget]:
        ask_hint = button(self._words["hint"], self.hint, "6em")
        if self.exercise.by_code:
            call = f"<code>{html.escape(self._call())}</code>"
            return [ipywidgets.HTML(f"<div>{self._words['cell'].format(call)}</div>"), ask_hint]
        if self.exercise.choices:
            # A button each, not radio buttons and a Check: JupyterLab takes the arrow keys from radio buttons, and a
            # choice and a click sent right after it may arrive in the other order.
            for letter, choice in zip(LETTERS, self.exercise.choices, strict=False):
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
        given = self.exercise.hints[:_HINTS_GIVEN.get(self.exercise.name, 0)]
        items = "".join(f"<li>{html.escape(words)}</li>" for words in given)
        left = len(self.exercise.hints) - len(given)
        title = self._words["hints"].format(self._words["more"].format(left) if left else self._words["last"])
        self._hints.value = (f'<div role="status" style="max-width:52em;line-height:1.5">{title}'
                             f'<ol style="margin:2px 0">{items}</ol></div>' if given else "")

    def text(self) -> str:
        """The question, how to answer it, and what was said to the answer."""
        exercise, words = self.exercise, self._words
        lines = [f"{words['challenge']} {exercise.name}{words['solved'] * (exercise.name in kept.solved())}"]
        lines += [textwrap.fill(part, 100) if len(part) > 100 and "\n" not in part else part
                  for part in exercise.question.split("\n\n")]
        lines += [f"  {letter}. {choice.words}" for letter, choice in zip(LETTERS, exercise.choices, strict=False)]
        if self.judged:
            lines += ["", f"{words[self.judged.right]} {self._feedback()}".strip()]
        if not (self.judged and self.judged.right):
            call, ask = self._call(), words["ask"].format(f'hint("{exercise.name}"{self._language()})')
            lines += ["", f"{words['cell'].format(call)}; {ask}"]
        return "\n".join(lines)

    def _call(self) -> str:
        """How an answer is handed in, with one that is none."""
        exercise = self.exercise
        example = "'b'" if exercise.choices else exercise.example if exercise.by_code else repr(exercise.example)
        return f'check("{exercise.name}", {example}{self._language()})'

    def _language(self) -> str:
        return "" if self.exercise.language == "en" else f', language="{self.exercise.language}"'


def _find(name: str, language: str) -> Exercise:
    if not isinstance(name, str) or name not in EXERCISES:
        raise _unknown(name)
    if language not in _WORDS:
        raise ValueError(f"no language {language!r}; there are: {', '.join(_WORDS)}")
    return TRANSLATED.get(language, {}).get(name, EXERCISES[name])


def _unknown(name: object) -> ValueError:
    near = difflib.get_close_matches(name, EXERCISES, 1, 0.5) if isinstance(name, str) else []
    return ValueError(f"no exercise {name!r}{f'; did you mean {near[0]!r}?' if near else '.'} "
                      f"There are: {', '.join(EXERCISES)}")


def check(name: str, answer: object = None, language: str = "en") -> Card:
    """The exercise of that name, with what is said to `answer` if there is one (`...` is none).

    It comes in `language` ("en" or "ja") if it is there in that one, else in English. ValueError names
    the exercises if there is none of that name, or the languages.
    """
    return Card(_find(name, language), answer)


def hint(name: str, language: str = "en") -> Said:
    """One more hint to the exercise; after the last, the last again. None of them says the answer."""
    exercise = _find(name, language)
    _HINTS_GIVEN[name] = number = min(_HINTS_GIVEN.get(name, 0) + 1, len(exercise.hints))
    return Said(_WORDS[exercise.language]["one"].format(number, len(exercise.hints), exercise.hints[number - 1]))


def progress() -> Said:
    """What has been solved, lesson by lesson."""
    done, lessons = kept.solved(), {}
    for exercise in EXERCISES.values():
        lessons.setdefault(exercise.lesson, []).append(exercise.name)
    lines = [f"lesson {lesson}: {sum(name in done for name in names)} of {len(names)} solved"
             + "".join(f"\n    {'✓' if name in done else '·'} {name}" for name in names)
             for lesson, names in sorted(lessons.items())]
    return Said("\n".join(lines))


def reset(beginning: str = "") -> Said:
    """Forget what was solved: all, a lesson ("02"), or one exercise; and the hints given. Then `progress`.

    ValueError names the exercises if none begins so.
    """
    if not isinstance(beginning, str) or not any(name.startswith(beginning) for name in EXERCISES):
        raise _unknown(beginning)
    kept.forget(beginning)
    for name in [name for name in _HINTS_GIVEN if name.startswith(beginning)]:
        del _HINTS_GIVEN[name]
    return progress()
