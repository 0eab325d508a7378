"""The four corners: who begins, client or server. Which of them a client and a port meet in, and in what words.

    ======================================  =================  ========================
    client \\ server                         greets (25, 587)   waits for TLS (465)
    ======================================  =================  ========================
    begins TLS (implicit)                   both talk          works
    waits for a greeting (STARTTLS, plain)  works              both wait
    ======================================  =================  ========================

What happens in a corner is not said here: it is run (`corner_runs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, cast

from ..events import Mode
from ..literals import KindName

if TYPE_CHECKING:
    from ..lab.server import Server
    from ..lab.server_connection import Kind

# The kinds of lab servers that stand for the two columns.
GREETS: KindName = "starttls"
WAITS: KindName = "implicit"
_ROWS = {"implicit": Mode.IMPLICIT, **dict.fromkeys(
    ("plain", "starttls", "starttls-required", "starttls-opportunistic"), Mode.STARTTLS)}
_NONE = {
    "refused": "nobody listens there, so neither side gets to say a word",
    "filtered": "no connection comes about, so neither side gets to say a word",
    "unreachable": "no way leads there, so neither side gets to say a word",
    "unresolved": "the name has no address, so there is nobody to talk to",
    "silent": "the server neither greets nor answers TLS: to a client that waits this looks like the hang, "
              "but one that begins TLS gets no answer either",
    "closes": "the server ends the connection before either side has said a word",
    "resets": "the server ends the connection before either side has said a word",
    "closes-late": "the server says nothing and then ends the connection: it neither greets nor answers TLS",
    "http": "a web server does not greet: it waits, but for a request in plain text, not for TLS",
    "https": "the server waits for TLS, but inside is a web server, which never greets",
    "tls-other": "the port speaks TLS, but no mail server was seen inside",
    "other": "what the port speaks is not known",
}


class Corner(NamedTuple):
    """One of the four: `mode` is the client's, "implicit" or "starttls"; `kind` the lab server's."""

    mode: Mode
    kind: KindName

    @property
    def key(self) -> str:
        """The corner in one word, as the page knows it."""
        return f"{self.mode}|{self.kind}"

    @property
    def code(self) -> str:
        """What runs it in Python."""
        return f'smtplab.dial(smtplab.serve("{self.kind}"), "{self.mode}")'


CORNERS = tuple(Corner(mode, kind) for mode in (Mode.IMPLICIT, Mode.STARTTLS) for kind in (GREETS, WAITS))
BY_KEY = {corner.key: corner for corner in CORNERS}


class Placed(NamedTuple):
    """Where a client and a port meet: one of the four corners, or None; and why."""

    corner: Corner | None
    reason: str


def corner_of(mode: str | None, place: Server | StrEnum | str | int, *, starttls: bool = False) -> Placed:
    """The corner in which a client of this mode and this port meet, or None for none of the four; and the reason.

    `mode` is a client's mode or that of a settings report; `place` a port's number, a kind of lab server, a server, or
    what a probe says the port speaks. `starttls`: the kind is the twin that offers STARTTLS, as `serve` makes it.
    Being in a corner that works leaves other faults open, such as a certificate's. Never raises for odd values.
    """
    row = _ROWS.get(str(mode))
    if row is None:
        refused = str(mode) == "error"
        return Placed(None, "these settings are refused, so no client ever connects" if refused else
                      f"what the client does about TLS is not known (mode {mode})")
    column, because = _column(getattr(place, "kind", place), starttls)
    if column is None:
        return Placed(None, because)
    begins = "begins TLS at once" if row is Mode.IMPLICIT else "waits for a greeting"
    return Placed(Corner(row, column), f"the client ({mode}) {begins}; {because}")


def _column(place: object, starttls: bool) -> tuple[KindName | None, str]:
    """The kind of server that stands for this place, if there is one, and the reason."""
    word = str(place).strip()
    if word.isascii() and word.isdecimal():
        return _column_of_port(int(word[:9]))
    if word in _NONE:
        return None, _NONE[word]
    # Not at the top: who only reads settings loads no lab.
    from ..lab.port_report import Speaks
    from ..lab.server import KINDS
    speaks = {Speaks.SMTP: GREETS, Speaks.SMTP_STARTTLS: GREETS, Speaks.POP3: GREETS, Speaks.IMAP: GREETS,
              Speaks.SSH: GREETS, Speaks.IMPLICIT_TLS: WAITS}
    column = (speaks[Speaks(word)] if word in set(Speaks) else
              _column_of_kind(KINDS.get(cast("KindName", word)), starttls))
    if column is None:
        return None, f"{word!r} is neither a port nor a kind of server"
    return column, f"the server ({word}) {'greets' if column == GREETS else 'waits for TLS'}"


def _column_of_kind(kind: Kind | None, starttls: bool) -> KindName | None:
    if kind is None:
        return None
    return WAITS if kind.tls == "implicit" and not starttls else GREETS


def _column_of_port(port: int) -> tuple[KindName | None, str]:
    """By convention: what really listens there is known only to who asks it."""
    if port in (25, 2525) or port % 1000 == 587:
        return GREETS, f"a server on {port} greets, by convention"
    if port % 1000 == 465:
        return WAITS, f"a server on {port} waits for TLS, by convention"
    return None, f"port {port} is none of mail's own: who begins there is seen by asking it (smtplab probe)"


# --- in words ---


@dataclass(frozen=True)
class Words:
    """The labels of a language. `rows` and `columns` are two lines each; those with {} are filled in."""

    title: str
    rows: dict[str, tuple[str, str]]
    columns: dict[str, tuple[str, str]]
    peers: dict[str, str]
    awaited: dict[str, str]
    first: str
    both_at_once: str
    nobody: str
    to_server: str
    to_client: str
    size: str
    of_which_read: str
    comma: str
    semicolon: str
    at_the_end: str
    waits_for: str
    nobody_waits: str
    works: str
    in_clear: str
    both_talk: str
    both_wait: str
    took: str
    after: str
    timed_out: str
    stopped: str
    running: str
    not_run: str
    press: str
    press_recorded: str
    run_all: str
    show_all: str
    stop: str
    again: str
    play: str
    transcript: str
    in_python: str
    here: str
    nowhere: str
    recorded: str
    is_recorded: str
    ran_here: str
    no_kernel: str
    none_answers: str
    failed: str
    keys: str


WORDS = {
    "en": Words(
        title="Four corners",
        rows={"implicit": ("the client begins TLS", "implicit"),
              "starttls": ("the client waits for a greeting", "STARTTLS, plain")},
        columns={"starttls": ("the server greets", "as 25 and 587"),
                 "implicit": ("the server waits for TLS", "as 465")},
        peers={"client": "client", "server": "server"},
        awaited={"greeting": "a greeting", "client-hello": "a ClientHello", "server-hello": "a ServerHello",
                 "command": "a command", "reply": "a reply", "connection": "a connection"},
        first="first word", both_at_once="both, at once", nobody="nobody",
        to_server="client → server", to_client="server → client", size="{} bytes", of_which_read="{} read",
        comma=", ", semicolon="; ",
        at_the_end="waits at the end", waits_for="{who}, for {what}", nobody_waits="nobody",
        works="works", in_clear="in clear", both_talk="both talk", both_wait="both wait: the hang",
        took="lasted", after="{} s", timed_out="{} s (time-out)", stopped="{} s (stopped)",
        running="running: {now} s of at most {limit} s", not_run="not run yet",
        press="Click, or press Enter, to run it",
        press_recorded="Click, or press Enter, to see its recorded run", run_all="Run all four",
        show_all="Show all four", stop="Stop", again="Run it again", play="Step through it",
        transcript="Transcript", in_python="in Python", here="you are here", nowhere="None of the four: {}",
        recorded="recorded run, {date}, {versions}", is_recorded="a recorded run",
        ran_here="run when this page was made",
        no_kernel="No kernel has answered, so this is a {}",
        none_answers="No kernel answers in this page: each corner shows a {}",
        failed="It could not be run here ({}), so this is a {}",
        keys="Arrow keys move from corner to corner; Enter or Space runs one."),
    "ja": Words(
        title="四つの組み合わせ",
        rows={"implicit": ("クライアントが TLS を始める", "暗黙的な TLS"),
              "starttls": ("クライアントが挨拶を待つ", "明示的な TLS（STARTTLS）、平文")},
        columns={"starttls": ("サーバーが挨拶する", "25、587"),
                 "implicit": ("サーバーが TLS を待つ", "465")},
        peers={"client": "クライアント", "server": "サーバー"},
        awaited={"greeting": "挨拶", "client-hello": "ClientHello ", "server-hello": "ServerHello ",
                 "command": "コマンド", "reply": "応答", "connection": "接続"},
        first="最初に話す側", both_at_once="両方が同時に", nobody="なし",
        to_server="クライアント → サーバー", to_client="サーバー → クライアント", size="{} バイト",
        of_which_read="既読 {}", comma="、", semicolon="、", at_the_end="最後に待つ側",
        waits_for="{who}（{what}待ち）",
        nobody_waits="なし", works="つながる", in_clear="平文", both_talk="両方が話す",
        both_wait="両方が待つ：ハング", took="時間", after="{} 秒", timed_out="{} 秒（タイムアウト）",
        stopped="{} 秒（停止）",
        running="実行中：{now} 秒（最大 {limit} 秒）", not_run="まだ実行していません",
        press="クリックか Enter で実行",
        press_recorded="クリックか Enter で、記録された実行を表示", run_all="四つとも実行",
        show_all="四つとも表示", stop="停止", again="もう一度実行",
        play="一歩ずつ見る", transcript="やり取り", in_python="Python では", here="いまここ",
        nowhere="四つのどれでもない：{}", recorded="記録された実行（{date}、{versions}）", is_recorded="記録された実行",
        ran_here="このページを作ったときの実行", no_kernel="カーネルの返事がないので、これは{}",
        none_answers="このページにカーネルはない。それぞれ表示するのは、{}",
        failed="ここでは実行できない（{}）ので、これは{}",
        keys="矢印キーで移動、Enter かスペースで実行。"),
}


def words_of(lang: str) -> Words:
    """The labels in this language; ValueError names those that there are."""
    if lang not in WORDS:
        raise ValueError(f"no labels in {lang!r}; there are {', '.join(WORDS)}")
    return WORDS[lang]


def name_of(corner: Corner, words: Words) -> str:
    """A corner's row and column."""
    return f"{words.rows[corner.mode][0]}{words.comma}{words.columns[corner.kind][0]}"
