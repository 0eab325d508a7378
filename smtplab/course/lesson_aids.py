"""What a lesson shows beside its figures: tables of mail ports and of large providers, a help box for a step that needs
this machine, and a name whose first address is black-holed.

The "Didn't happen for you?" box is `doctor`'s examination, reduced to what the step needs: closed if all of that
works, open if something is missing.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ..lab.doctor import examine
from ..lab.late_look import look_and_leave as look_and_leave
from ..recorded.choice import two_addresses as two_addresses
from ..recorded.state import in_browser, in_use
from ..show.document import Bullets, Details, Document, as_text, mimebundle
from ..show.text import table
from . import seat_notes
from .exercises import DisplayStr

# IANA's service name registry; RFC 8314 sections 3.3 and 7.3 for 465, RFC 6409 for 587, RFC 3207 for STARTTLS. IANA
# has other services on 2465, 2525 and 2587: that mail uses them is a custom of providers, for networks that block 587.
_EXPLICIT = "plain text, then STARTTLS if the EHLO reply lists it"
_IMPLICIT = "TLS from the first byte (implicit)"
_USERS, _CUSTOM = "from a user's program to a server", "no RFC: a custom"
PORTS = (
    ("25", "smtp", "from server to server, and to relays", _EXPLICIT, "RFC 5321, 3207"),
    ("587", "submission", _USERS, _EXPLICIT, "RFC 6409, 3207"),
    ("465", "submissions (also: smtps, ssmtp)", _USERS, _IMPLICIT, "RFC 8314"),
    ("2525, 2587", "like 587, at some providers", _USERS, _EXPLICIT, _CUSTOM),
    ("2465", "like 465, at some providers", _USERS, _IMPLICIT, _CUSTOM),
)
HISTORY_OF_465 = ("465 was registered for smtps in 1997, soon withdrawn, and used all the same. RFC 8314 registered it "
                  "again in 2018, as submissions.")
# What a provider's own page says: name, host, ports by how they begin, login, the page.
PROVIDERS = (
    ("Gmail", "smtp.gmail.com", (587,), (465,), "an app password, or OAuth", "https://support.google.com/a/answer/176600"),
    ("Microsoft 365", "smtp.office365.com", (587, 25), (),
     "OAuth (XOAUTH2); SMTP AUTH is off in new tenants until an administrator switches it on",
     "https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission"),
    ("Amazon SES", "email-smtp.REGION.amazonaws.com", (25, 587, 2587), (465, 2465),
     "SMTP credentials of SES, which are no AWS keys", "https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html"),
    ("iCloud", "smtp.mail.me.com", (587,), (), "an app-specific password", "https://support.apple.com/102525"),
)
PROVIDERS_SEEN = "2026-11"  # in stored copies of these pages, or of what quotes them
# The help box, by language. Names of programs and of the lab's own tests stay as `smtplab doctor` prints them.
_HELP = {
    "en": {"title": "Didn't happen for you?",
           "fails": "On this machine the lab's own test fails: {}. A program that watches connections (antivirus, a "
                    "firewall) may be in between; smtplab doctor shows the rest.",
           "recorded": "Recorded runs can take the lab's place, and are called so each time: "
                       "import smtplab.recorded; smtplab.recorded.use_recordings()",
           "in_browser": "a browser has no sockets, no threads and no TLS for this",
           "was_called": "use_recordings() was called",
           "nothing": "Nothing is served or dialled here: {}. What serve, dial and probe show was {}, with Python {}, "
                      "and says so each time.",
           "no_programs": "Nor are programs run ({}): where a run was recorded, you see that.",
           "live": "To do all of it live, install smtplab; its README says how.",
           "works": "The lab's own test works on this machine: {}.", "between": "; ",
           "here": "{} is here: {}.",
           "missing": "{} is not installed here, so that its own output can't be shown. All else in this lesson works "
                      "without it.",
           "versions": "Python {} with {}: other versions word errors otherwise; the bytes are the same.",
           "again": "Run all cells from the top: Kernel > Restart Kernel and Run All Cells.",
           "text": "If you see text where others see a picture, widgets are off here; the text says the same."},
    "ja": {"title": "うまくいかないときは",
           "fails": "このコンピューターでは、smtplab の自己テストが失敗します（{}）。接続を監視するプログラム"
                    "（ウイルス対策ソフトやファイアウォール）が間に入っているのかもしれません。"
                    "詳しくは smtplab doctor で調べられます。",
           "recorded": "代わりに、記録された実行を使うこともできます（毎回そう表示されます）："
                       "import smtplab.recorded; smtplab.recorded.use_recordings()",
           "in_browser": "ブラウザーでは、ソケットもスレッドも TLS も使えません",
           "was_called": "use_recordings() が呼ばれました",
           "nothing": "ここでは、サーバーも接続も本物ではありません（{}）。serve、dial、probe が示すのは記録です"
                      "（{}、Python {}）。毎回そう表示されます。",
           "no_programs": "プログラムも実行されません（{}）。記録があれば、それを表示します。",
           "live": "すべてを本物で試すには、smtplab をインストールします。方法は README にあります。",
           "works": "このコンピューターでは、smtplab の自己テストが成功します（{}）。", "between": "、",
           "here": "{} はあります（{}）。",
           "missing": "{} はインストールされていないので、その出力は表示できません。"
                       "このレッスンのほかの部分は、なくても動きます。",
           "versions": "Python {}、{}。バージョンが違うと、エラーの言葉も違うことがありますが、バイトは同じです。",
           "again": "すべてのセルを、最初から実行し直します：Kernel > Restart Kernel and Run All Cells。",
           "text": "図があるはずのところに文字だけが出るなら、ここではウィジェットが使えません。"
                    "文字の内容は図と同じです。"}}
_TESTS_JA = {"STARTTLS works": "STARTTLS でつながる", "implicit TLS works": "暗黙的な TLS でつながる",
             "implicit TLS on a plaintext port fails at its first bytes":
                 "平文のポートへの暗黙的な TLS は、最初のバイトで失敗する",
             "a plaintext client hangs there": "そこでは平文のクライアントがハングする"}


def ports() -> DisplayStr:
    """A table: port, service names, who uses it, how it begins, and the RFC; and what became of 465."""
    return DisplayStr(table([("port", "service", "mail goes", "begins with", "said in"),
                             *[(f"{port}/tcp", *rest) for port, *rest in PORTS]]) + f"\n\n{HISTORY_OF_465}")


def providers() -> DisplayStr:
    """A table: what large providers want of a mail program, where each says so, and when that was looked up."""
    rows = [(name, host, " ".join(map(str, starttls)), " ".join(map(str, implicit)) or "none", login, page)
            for name, host, starttls, implicit, login, page in PROVIDERS]
    shown = table([("provider", "host", "STARTTLS", "implicit"), *(row[:4] for row in rows)])
    logins = "\n".join(f"{name}: {login}.\n    {page}" for name, *_, login, page in rows)
    return DisplayStr(f"{shown}\n\nThe login, and the provider's own page:\n{logins}\n\n"
                      f"Looked up {PROVIDERS_SEEN}. Providers change this: read the page itself.")


@dataclass(frozen=True)
class HelpBox:
    """What was found on this machine; `works` is False if something that the step needs is missing."""

    works: bool
    lines: tuple[str, ...]
    title: str = _HELP["en"]["title"]

    def document(self) -> Document:
        """The box, open unless all works."""
        found = Bullets(self.lines)
        return Document((Details(self.title, (found,), open=not self.works, framed=True),))

    def __str__(self) -> str:
        return as_text(self.document(), None)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return mimebundle(self.document())


_examined = functools.cache(examine)  # once a kernel: it dials for about half a second


def didnt_happen(*needs: str, language: str = "en") -> HelpBox:
    """The box for a step that needs the lab and the programs `needs`, named as `smtplab doctor` names them.

    `language` is "en" or "ja"; ValueError for any other. In a seat of a workshop room, a button to call the trainer is
    displayed too.
    """
    if language not in _HELP:
        raise ValueError(f"no language {language!r}; there are: {', '.join(_HELP)}")
    words = _HELP[language]
    if seat_notes.folder() is not None:
        from .hand import show_hand  # widgets, which are asked for only there
        show_hand()
    if in_use():
        return _of_recordings(needs, words)
    found = _examined()
    named = {what: _TESTS_JA.get(what, what) if language == "ja" else what for what in found["self_test"]}
    lines, works = [], True
    for what, ok in found["self_test"].items():
        if not ok:
            works = False
            lines.append(words["fails"].format(named[what]))
    if not works:
        lines.append(words["recorded"])
    if works:
        lines.append(words["works"].format(words["between"].join(named.values())))
    for name in needs:
        if found["tools"].get(name):
            lines.append(words["here"].format(name, found["tools"][name]))
        else:
            works = False
            lines.append(words["missing"].format(name))
    versions = found["versions"]
    lines.append(words["versions"].format(versions["python"], versions["openssl"]))
    return HelpBox(works, (*lines, words["again"], words["text"]), words["title"])


def _of_recordings(needs: tuple[str, ...], words: dict[str, str]) -> HelpBox:
    from ..recorded.runs import recordings
    why = words["in_browser" if in_browser() else "was_called"]
    lines = [words["nothing"].format(why, recordings().note, recordings().python)]
    lines += [words["no_programs"].format(", ".join(needs))] * bool(needs)
    return HelpBox(False, (*lines, words["live"], words["text"]), words["title"])
