"""An error text and its causes as HTML: pure functions, every value escaped.

What decided is marked in the text, with the numbers of the causes that it speaks for. Colours are JupyterLab's own,
and say nothing that a word or a number doesn't say too.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from urllib.parse import quote

from ..escape import printable
from ..messages import Explanation
from .messages_text import evidence, in_words, is_unknown, percent
from .settings_html import STYLE as _STYLE

STYLE = f"""{_STYLE}<style>
.smtplab-causes pre.said {{ max-height:16em; overflow:auto; line-height:1.6 }}
.smtplab-causes mark {{ background:var(--jp-warn-color3,#ffe0b2); color:#1a1a1a; padding:0 1px; border-radius:2px }}
.smtplab-causes mark sup {{ font-size:11px; line-height:1; font-weight:bold; vertical-align:baseline; position:static;
  background:#1a1a1a; color:#fff; border-radius:2px; margin-left:2px; padding:0 3px; user-select:none }}
.smtplab-causes .bar {{ display:inline-block; width:11em; height:0.75em; margin-right:8px; vertical-align:baseline;
  border:1px solid var(--jp-border-color0,#777); background:var(--jp-layout-color2,#eee) }}
.smtplab-causes .bar span {{ display:block; height:100%; background:var(--jp-brand-color1,#1976d2) }}
.smtplab-causes summary {{ cursor:pointer; padding:3px 0 }}
.smtplab-causes a {{ color:var(--jp-content-link-color,#1565c0); text-decoration:underline }}
</style>"""


def _text(words: object) -> str:
    """Any words, with what is unprintable as escapes, safe in HTML."""
    return html.escape(printable(str(words)))


def _box(inside: str) -> str:
    return f'<div class="smtplab-settings smtplab-causes">{inside}</div>'


def marked(text: str, found: Sequence[Explanation]) -> str:
    """A cleaned text, the places that decided marked, each with the numbers of the causes in `found` it is of."""
    if not text.strip():
        return ""
    spans = [(start, min(end, len(text)), number) for number, one in enumerate(found, 1)
             for start, end in one.marks if 0 <= start < min(end, len(text))]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    parts = []
    for start, end in zip(edges, edges[1:], strict=False):
        causes = sorted({number for s, e, number in spans if s <= start and end <= e})
        numbers = f"<sup>{','.join(map(str, causes))}</sup>"
        piece = _text(text[start:end])
        parts.append(f"<mark>{piece}{numbers}</mark>" if causes else piece)
    secrets = " Secrets are left out." if "(secret)" in text else ""
    marks = " What decided is marked with the number of its cause." if spans else ""
    return _box(f'<p class="head">What was looked at</p><p><small>{secrets}{marks}</small></p>'
                '<pre class="said" tabindex="0" role="region" aria-label="the text that was looked at">'
                f'{"".join(parts)}</pre>')


def cause(number: int, one: Explanation, lesson_file: str | None = None) -> str:
    """One cause: how likely, in words, percent and a bar; why; what would settle it; fixes; the lesson.

    The first is open; of the others one sees how likely and why, and opens the rest.
    `lesson_file` is the lesson's notebook beside the one that is open, or None if there is none.
    """
    if is_unknown(one):
        return _box(f'<div class="says doubt"><p><b>{_text(one.title)}</b></p><p>{_text(one.why)}</p></div>'
                    + _fixes("What to collect", one) + _evidence(one))
    tone = "bad" if number == 1 else "doubt"
    share = percent(one.likelihood)
    says = (f'<div class="says {tone}"><p><b>{number}. {_text(one.cause)}</b>: {_text(one.title)}</p>'
            f'<p><span class="bar" aria-hidden="true"><span style="width:{share}%"></span></span>'
            f"<b>{in_words(one.likelihood)}</b>, {share} %</p><p>{_text(one.why)}</p></div>")
    more = _evidence(one) + _fixes("Fixes", one) + _lesson(one, lesson_file)
    return _box(says + (more if number == 1 else
                        f"<details><summary>What would settle it, and what to do</summary>{more}</details>"))


def _evidence(one: Explanation) -> str:
    words, commands = evidence(one)
    said = "".join(f"<p>{_text(word)}</p>" for word in words)
    copied = "".join(f'<pre class="copy">{_text(command)}</pre>' for command in commands)
    return f'<p class="head">What would settle it</p>{said}{copied}' if words else ""


def _fixes(head: str, one: Explanation) -> str:
    items = "".join(f"<li>{_text(fix)}</li>" for fix in one.fixes)
    return f'<p class="head">{head}</p><ul>{items}</ul>' if items else ""


def _lesson(one: Explanation, file: str | None) -> str:
    if not one.lesson:
        return ""
    name = f"Lesson {_text(one.lesson)}"
    link = f'<a href="{html.escape(quote(file))}" target="_blank" rel="noopener">{name}</a>' if file else name
    return f"<p>{link} shows it.</p>"


def reproduced_by(what: object, why_not: str) -> str:
    """What the button beside it dials; where there is none, why the lab can't make this cause."""
    if what is None:
        return _box(f"<p>The lab can't make this: {_text(why_not)}</p>")
    return _box(f"<p>It dials: {_text(what)}.</p>")


def causes(text: str, found: Sequence[Explanation]) -> str:
    """All of it on one page, without buttons."""
    return STYLE + marked(text, found) + "".join(cause(number, one) for number, one in enumerate(found, 1))
