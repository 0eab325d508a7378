"""`CaseBox`: one box for everything, an error, a log and settings together, and the one answer to it."""

from __future__ import annotations

from typing import Any

import ipywidgets

from ..address import port_number
from ..question import Answer, Kind, diagnose_paste, only
from .answer_document import answer_html, answer_page, answer_text, looked_at_html
from .document import STYLE
from .inputs import IS_LONG, PasteBox, read_port
from .settings_document import hint
from .widget_base import Panel, button, close_all, instead_of_earlier, row, show_if

WORDS = {
    "en": {"empty": "paste all you have: the error, the log, the settings, the words you would post in a forum",
           "read_only": "What is pasted is read, not run, and sent nowhere. What looks like a secret is taken out.",
           "long": IS_LONG, "no_port": "is no port: they are 1 to 65535. The text's own is taken, if it has one.",
           "paste": "Paste", "port": "Port", "from_text": "from the text", "error": "Look into the error",
           "settings": "Look into the settings", "close": "Close it",
           "no_kernel": "Here is a box, where a kernel runs: {}."},
    "ja": {"empty": "手元にあるものをすべて貼り付けてください：エラー、ログ、設定、質問サイトに書くような説明",
           "read_only": "貼り付けたものは読むだけで、実行もせず、どこにも送りません。"
                        "パスワードのように見えるものは消します。答えは英語です。",
           "long": "長いので、欄の外をクリックしたときに読みます。",
           "no_port": "はポート番号ではありません（1〜65535）。貼り付けたものにあれば、そちらを使います。",
           "paste": "貼り付け", "port": "ポート", "from_text": "自動", "error": "エラーを詳しく見る",
           "settings": "設定を詳しく見る", "close": "閉じる",
           "no_kernel": "カーネルがあれば、ここに欄が出ます：{}"}}
_WIDE = {"description_width": "4em"}


class CaseBox(Panel):
    """Paste everything: what it is, what is wrong, one next command, and the corrected settings.

    Its buttons hand the error over to an `ErrorDecoder`, which makes the same failure in the lab, and the settings to a
    `SettingsExplorer`, which explains them line by line. `lang` "en" or "ja" is the labels' language; the answer is in
    English. Raises ValueError unless `port` is 1 to 65535, and for an unknown language.
    """

    css_class = "smtplab-case-box"
    answer: Answer

    def __init__(self, text: str = "", *, port: int | None = None, lang: str = "en") -> None:
        port = None if port is None else port_number(port)
        if lang not in WORDS:
            raise ValueError(f"no labels in {lang!r}; there are {', '.join(WORDS)}")
        self._words = words = WORDS[lang]
        self.opened: ipywidgets.Widget | None = None
        self._text = PasteBox(value=str(text), rows=12, description=words["paste"], style=_WIDE,
                              placeholder=words["empty"], layout={"width": "auto", "min_width": "0"})
        self._port = ipywidgets.Text(value=str(port or ""), placeholder=words["from_text"], description=words["port"],
                                     style=_WIDE, layout={"width": "14em"})
        self._hint, self._port_said, self._answer, self._looked_at = (ipywidgets.HTML() for _ in range(4))
        self._error = button(words["error"], self._open_error, "14em")
        self._settings = button(words["settings"], self._open_settings, "14em")
        self._close = button(words["close"], self._put_away)
        self._below = ipywidgets.VBox(layout={"overflow": "visible"})
        super().__init__([ipywidgets.HTML(STYLE), self._text, self._hint, row(self._port, self._port_said),
                          self._answer, self._looked_at, row(self._error, self._settings, self._close), self._below])
        instead_of_earlier(self)
        for made in (self._text, self._port):
            made.observe(self._show, "value")
        self._show()

    # --- what a person does ---

    def _open_error(self) -> None:
        from .error_decoder import ErrorDecoder
        read = self.answer.read
        mode = "starttls" if read.mode.startswith("starttls") else read.mode
        self._open(ErrorDecoder(self.answer.looked_at, port=read.seen_port or read.port, mode=read.seen_mode or mode))

    def _open_settings(self) -> None:
        from .settings_explorer import SettingsExplorer
        chosen = [one for one in self.answer.read.segments if one.kind is Kind.SETTINGS]
        self._open(SettingsExplorer(self.answer.read.framework, only(self._text.value, chosen),
                                    port=None if self.answer.report is None else self.answer.report.port))

    def _open(self, made: ipywidgets.Widget) -> None:
        self._put_away()
        self.opened, self._below.children = made, (made,)
        show_if(True, self._close)

    def _put_away(self) -> None:
        """Close the decoder or the explorer, if one is open."""
        opened, self.opened = self.opened, None
        self._below.children = ()
        if opened:
            close_all(opened)
        show_if(False, self._close)

    # --- what is shown ---

    def _show(self, _change: dict[str, Any] | None = None) -> None:
        self._put_away()
        port, wrong = read_port(self._port.value)
        self.answer = diagnose_paste(self._text.value, port=port)
        empty = not self._text.value.strip()
        self._port_said.value = hint(f"✗ {self._port.value[:20]} {self._words['no_port']}") if wrong else ""
        self._hint.value = hint(self._words["read_only"], self._words["long"] * self._text.is_long)
        self._answer.value = "" if empty else answer_html(self.answer)
        self._looked_at.value = looked_at_html(self.answer)
        show_if(self.answer.looked_at.strip(), self._error)
        show_if(self.answer.report, self._settings)

    def text(self) -> str:
        """The answer as text, all of it."""
        return answer_text(self.answer, everything=True)

    def page(self) -> str:
        """The answer, and what was looked at; of an empty box, what it is for."""
        if not self._text.value.strip():
            return hint(self._words["no_kernel"].format(self._words["empty"]))
        return answer_page(self.answer) + looked_at_html(self.answer)
