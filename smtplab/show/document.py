"""A document as a small tree of values, and its two renderers: `as_text` for a terminal, `as_html` for a notebook.

Builders put plain strings of any source into the tree and escape nothing. The renderers escape every string, so
that no builder can forget it: in text nothing acts on the terminal, in HTML nothing is markup. What the two say in
different words stands side by side in an `Either`.

Text: the blocks of a document are separated by an empty line, those of a section or group are not. HTML: all classes
begin with `smtplab-`, their rules are in `STYLE`, and colours are JupyterLab's own, so that they fit both themes.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from ..escape import printable

OWN_KEYS = ' data-lm-suppress-shortcuts="true"'  # or JupyterLab takes what is pressed on a box that scrolls or opens
WIDTH = 80  # characters of a line of prose; words.py has the same, but would load the readers of bytes

# --- words within a line ---


@dataclass(frozen=True)
class Strong:
    """Words in bold."""

    text: str


@dataclass(frozen=True)
class Code:
    """Words in the font of code; `struck` where they change nothing."""

    text: str
    struck: bool = False


@dataclass(frozen=True)
class Small:
    """A remark, in small italics."""

    text: str


@dataclass(frozen=True)
class Typed:
    """What a person typed, in a listing of what a program printed."""

    text: str


@dataclass(frozen=True)
class Mark:
    """Highlighted words; in HTML a note follows them, which is not selected with the text."""

    text: str
    note: str


@dataclass(frozen=True)
class Link:
    """Words that open a file beside the notebook. The file is quoted, so it is never an address elsewhere."""

    text: str
    file: str


@dataclass(frozen=True)
class Bar:
    """In HTML a bar of 0 to 100 percent, hidden from screen readers: words beside it say the same. No text."""

    percent: int


Inline = str | Strong | Code | Small | Typed | Mark | Link | Bar
Words = Inline | tuple[Inline, ...]

# --- blocks ---


class Tone(StrEnum):
    """What the line at the left of a group says by its colour; a word or a sign in the group says it too."""

    NEUTRAL = "neutral"
    GOOD = "good"
    BAD = "bad"
    DOUBT = "doubt"


@dataclass(frozen=True)
class Paragraph:
    """Prose, wrapped. `status` is announced by screen readers when it changes; the rest is for text.

    `indent` is added to the indent of the block around it, `hanging` to that of all lines but the first.
    """

    words: Words
    status: bool = False
    indent: int = 0
    hanging: int = 0


@dataclass(frozen=True)
class Bullets:
    """A list of points; `sign` begins each of them in text."""

    points: tuple[Words, ...]
    sign: str = "- "


@dataclass(frozen=True)
class Listing:
    """Lines that are not wrapped in text. In HTML `label` makes it a region that scrolls, with this name.

    `indent` is for text, and added to the indent of the block around it.
    """

    words: Words
    label: str = ""
    indent: int = 0


@dataclass(frozen=True)
class ToCopy:
    """Text to copy, which one click selects in HTML. In text an empty line precedes the first of several."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of cells under a `head`, both of the same number of columns; an empty head is left out.

    Columns in `narrow` (from 0) don't wrap in HTML. With a `label` the table scrolls in a box of this name, its head
    always in sight. `widths` are the columns' characters in text, where longer cells are wrapped, and give their
    proportions in HTML; without them columns are as wide as their cells. `underlined` is about the head in text.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]
    caption: str = ""
    narrow: tuple[int, ...] = ()
    label: str = ""
    widths: tuple[int, ...] = ()
    underlined: bool = False


@dataclass(frozen=True)
class Section:
    """A head and the blocks below it, which text indents; the head of a section in a section then ends with ":"."""

    head: str
    blocks: tuple[Block, ...]
    indent: int = 2


@dataclass(frozen=True)
class Group:
    """Blocks that belong together. With a `tone` they have a coloured line at their left in HTML."""

    blocks: tuple[Block, ...]
    tone: Tone | None = None
    status: bool = False


@dataclass(frozen=True)
class Details:
    """Blocks that HTML shows when their summary is clicked, or at once if `open`; text always shows them."""

    summary: str
    blocks: tuple[Block, ...]
    open: bool = False
    framed: bool = False


@dataclass(frozen=True)
class Either:
    """Blocks for text, and others for HTML that say the same in the words or the order that fit there."""

    text: tuple[Block, ...] = ()
    html: tuple[Block, ...] = ()


Block = Paragraph | Bullets | Listing | ToCopy | Table | Section | Group | Details | Either


@dataclass(frozen=True)
class Document:
    """What is shown, from top to bottom."""

    blocks: tuple[Block, ...]


def _parts(words: Words) -> tuple[Inline, ...]:
    return words if isinstance(words, tuple) else (words,)


def mimebundle(document: Document, width: int | None = None) -> dict[str, str]:
    """Both forms for IPython's display, the HTML with its style; `width` as in `as_text`."""
    return {"text/plain": as_text(document, width), "text/html": STYLE + as_html(document)}


# --- text ---


def as_text(document: Document, width: int | None = WIDTH) -> str:
    """The document as plain text, prose wrapped at `width` characters (None: not at all).

    No character in it acts on a terminal, whatever the strings of the document hold.
    """
    rendered = (_text(block, "", width, 0) for block in _for_text(document.blocks))
    return "\n\n".join("\n".join(lines) for lines in rendered if lines)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of printable cells as lines, the columns two blanks apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _for_text(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Either):
            yield from _for_text(block.text)
        else:
            yield block


def _text(block: Block, indent: str, width: int | None, depth: int) -> list[str]:
    """The lines of a block; `depth` is the number of sections around it."""
    match block:
        case Paragraph():
            first = indent + " " * block.indent
            return _wrapped(block.words, width, first, first + " " * block.hanging)
        case Bullets():
            points = ((block.sign, *_parts(point)) for point in block.points)
            return [line for point in points for line in _wrapped(point, width, indent, indent + "  ")]
        case Listing():
            margin = indent + " " * block.indent
            return [margin + line for line in _plain(block.words).split("\n")]
        case ToCopy():
            return [indent + line for line in printable(block.text).split("\n")]
        case Table():
            return [indent + line for line in _table_lines(block)]
        case Section():
            head = f"{indent}{printable(block.head)}{':' if depth else ''}"
            return [head, *_below(block.blocks, indent + " " * block.indent, width, depth + 1)]
        case Details():
            return [indent + printable(block.summary), *_below(block.blocks, indent + "  ", width, depth)]
        case Group():
            return _below(block.blocks, indent, width, depth)
        case Either():
            return _below(block.text, indent, width, depth)


def _below(blocks: Iterable[Block], indent: str, width: int | None, depth: int) -> list[str]:
    out: list[str] = []
    before: Block | None = None
    for block in _for_text(blocks):
        if isinstance(block, ToCopy) and not isinstance(before, ToCopy):
            out.append("")
        out += _text(block, indent, width, depth)
        before = block
    return out


def _wrapped(words: Words, width: int | None, first: str, others: str) -> list[str]:
    text = _plain(words)
    if width is None:
        return [first + text] if text else []
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=others, break_long_words=False,
                         break_on_hyphens=False)


def _table_lines(table: Table) -> list[str]:
    rows: list[tuple[str, ...]] = [tuple(map(_plain, row)) for row in ([table.head] if table.head else [])]
    for cells in table.rows:
        row = tuple(map(_plain, cells))
        rows += _cells_wrapped(row, table.widths) if table.widths else [row]
    lines = columns(rows)
    if table.head and table.underlined:
        lines.insert(1, "  ".join("-" * max(map(len, column)) for column in zip(*rows, strict=True)))
    return lines


def _cells_wrapped(row: Sequence[str], widths: Sequence[int]) -> list[tuple[str, ...]]:
    parts = [[part for line in cell.split("\n")
              for part in textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False) or [""]]
             for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, parts))
    return list(zip(*(part + [""] * (height - len(part)) for part in parts), strict=True))


def _plain(words: Words) -> str:
    return printable("".join(part if isinstance(part, str) else "" if isinstance(part, Bar) else part.text
                             for part in _parts(words)))


# --- HTML ---


def as_html(document: Document) -> str:
    """The document as HTML without `STYLE`, which has to be in the page once. Every string in it is only text."""
    return f'<div class="smtplab-document">{_html(document.blocks)}</div>'


def _escaped(text: str) -> str:
    """Any text as HTML, in an element or an attribute, with unprintable characters as escapes."""
    return html.escape(printable(text))


def _html(blocks: Iterable[Block]) -> str:
    return "".join(map(_block_html, blocks))


def _block_html(block: Block) -> str:
    match block:
        case Paragraph():
            return f"<p{_role(block.status)}>{_words_html(block.words)}</p>"
        case Bullets():
            return f"<ul>{''.join(f'<li>{_words_html(point)}</li>' for point in block.points)}</ul>"
        case Listing():
            region = f' class="smtplab-scrolls"{reachable(block.label)}' if block.label else ""
            return f"<pre{region}>{_words_html(block.words)}</pre>"
        case ToCopy():
            return f'<pre class="smtplab-copy" title="one click selects it">{_escaped(block.text)}</pre>'
        case Table():
            return _table_html(block)
        case Section():
            return f'<p class="smtplab-head">{_escaped(block.head)}</p>{_html(block.blocks)}'
        case Details():
            start = f"<details{' class=smtplab-framed' * block.framed}{' open' * block.open}>"
            return f"{start}<summary{OWN_KEYS}>{_escaped(block.summary)}</summary>{_html(block.blocks)}</details>"
        case Group():
            tone = f' class="smtplab-says smtplab-{block.tone.value}"' if block.tone else ""
            return f"<div{tone}{_role(block.status)}>{_html(block.blocks)}</div>"
        case Either():
            return _html(block.html)


def _role(status: bool) -> str:
    return ' role="status"' * status


def reachable(label: str) -> str:
    """The attributes of something that scrolls: the keyboard reaches it, and it has a name."""
    return f' tabindex="0" role="group" aria-label="{_escaped(label)}"{OWN_KEYS}'


def _table_html(table: Table) -> str:
    caption = f"<caption>{_escaped(table.caption)}</caption>" if table.caption else ""
    shares = "".join(f'<col style="width:{100 * width // sum(table.widths)}%">' for width in table.widths)
    head = "".join(f'<th scope="col">{_escaped(name)}</th>' for name in table.head)
    body = "".join(f"<tr>{_cells_html(row, table.narrow)}</tr>" for row in table.rows)
    made = (f'<table class="smtplab-table{" smtplab-fixed" * bool(shares)}">{caption}'
            + (f"<colgroup>{shares}</colgroup>" if shares else "")
            + (f"<thead><tr>{head}</tr></thead>" if head else "") + f"<tbody>{body}</tbody></table>")
    return f'<div class="smtplab-box"{reachable(table.label)}>{made}</div>' if table.label else made


def _cells_html(row: Sequence[Words], narrow: Sequence[int]) -> str:
    return "".join(f"<td{' class=smtplab-narrow' * (index in narrow)}>{_words_html(cell)}</td>"
                   for index, cell in enumerate(row))


def _words_html(words: Words) -> str:
    return "".join(map(_inline_html, _parts(words)))


def _inline_html(part: Inline) -> str:
    match part:
        case str():
            return _escaped(part)
        case Strong():
            return f"<b>{_escaped(part.text)}</b>"
        case Code():
            code = f"<code>{_escaped(part.text)}</code>"
            return f"<del>{code}</del>" if part.struck else code
        case Small():
            return f"<small>{_escaped(part.text)}</small>"
        case Typed():
            return f'<b class="smtplab-typed" title="typed">{_escaped(part.text)}</b>'
        case Mark():
            return f"<mark>{_escaped(part.text)}<sup>{_escaped(part.note)}</sup></mark>"
        case Link():
            file = html.escape(quote(part.file, safe="", errors="replace"))
            return f'<a href="{file}" target="_blank" rel="noopener">{_escaped(part.text)}</a>'
        case Bar():
            share = min(100, max(0, int(part.percent)))
            return f'<span class="smtplab-bar" aria-hidden="true"><span style="width:{share}%"></span></span>'


_LINE, _GROUND = "var(--jp-border-color1,#bbb)", "var(--jp-layout-color2,#eee)"
_CODE_FONT, _TEXT = "var(--jp-code-font-family,monospace)", "var(--jp-content-font-color1,#1a1a1a)"
# Rules name two classes where they have to override JupyterLab's own rules for outputs.
STYLE = f"""<style>
.smtplab-document {{ color:{_TEXT}; line-height:1.45; max-width:76em }}
.smtplab-document p {{ margin:3px 0; overflow-wrap:anywhere }}
.smtplab-document ul {{ margin:2px 0; padding-left:1.4em; overflow-wrap:anywhere }}
.smtplab-document code {{ color:inherit; background:none; padding:0; overflow-wrap:anywhere; font-family:{_CODE_FONT} }}
.smtplab-document small {{ font-size:12px; font-style:italic }}
.smtplab-document a {{ color:var(--jp-content-link-color,#1565c0); text-decoration:underline }}
.smtplab-document summary {{ cursor:pointer; padding:3px 0 }}
.smtplab-document caption, .smtplab-document .smtplab-head {{ text-align:left; font-weight:bold; padding:2px 0;
  color:inherit; font-size:14px }}
.smtplab-document pre {{ margin:3px 0; padding:4px 8px; background:{_GROUND}; color:inherit; border-radius:3px;
  white-space:pre-wrap; overflow-wrap:anywhere; font-family:{_CODE_FONT}; font-size:13px; line-height:1.4 }}
.smtplab-document pre.smtplab-copy {{ user-select:all; -webkit-user-select:all; border:1px solid {_LINE};
  border-left:4px solid var(--jp-brand-color1,#0072b2) }}
.smtplab-document pre.smtplab-scrolls {{ max-height:22em; overflow:auto }}
.smtplab-document .smtplab-typed {{ color:var(--jp-brand-color1,#0072b2) }}
.smtplab-document .smtplab-says {{ border-left:5px solid var(--jp-border-color0,#777); padding:2px 10px }}
.smtplab-document .smtplab-says + .smtplab-says {{ margin-top:8px }}
.smtplab-document .smtplab-good {{ border-left-color:var(--jp-success-color1,#2e7d32) }}
.smtplab-document .smtplab-bad {{ border-left-color:var(--jp-error-color1,#c62828) }}
.smtplab-document .smtplab-doubt {{ border-left-color:var(--jp-warn-color1,#e69f00) }}
.smtplab-document .smtplab-framed {{ border:1px solid {_LINE}; border-radius:4px; padding:4px 10px; max-width:60em }}
.smtplab-document .smtplab-box {{ max-height:30em; overflow:auto; border:1px solid {_LINE}; border-radius:4px;
  background:var(--jp-layout-color1,#fff) }}
.smtplab-document .smtplab-table {{ border-collapse:collapse; margin:6px 0; width:100%; font-size:13px; border:none;
  table-layout:auto }}
.smtplab-document .smtplab-table.smtplab-fixed {{ table-layout:fixed }}
.smtplab-document .smtplab-table th, .smtplab-document .smtplab-table td {{ text-align:left; padding:2px 8px;
  vertical-align:top; white-space:pre-wrap; border-bottom:1px solid {_LINE}; overflow-wrap:anywhere; max-width:none }}
.smtplab-document .smtplab-table th, .smtplab-document .smtplab-table td.smtplab-narrow {{ white-space:nowrap }}
.smtplab-document .smtplab-box .smtplab-table {{ margin:0 }}
.smtplab-document .smtplab-box th {{ position:sticky; top:0; background:{_GROUND} }}
.smtplab-document .smtplab-lanes th:nth-child(odd) {{ width:42% }}
.smtplab-document .smtplab-lanes th:nth-child(2), .smtplab-document .smtplab-lanes td:nth-child(2) {{
  white-space:nowrap; text-align:center }}
.smtplab-document .smtplab-table tr.smtplab-sealed {{ background:{_GROUND} }}
.smtplab-document .smtplab-table tr.smtplab-waits td {{ font-weight:bold; padding:14px 8px }}
.smtplab-document .smtplab-bytes {{ width:auto }}
.smtplab-document .smtplab-table.smtplab-bytes td {{ text-align:center; border:1px solid {_LINE};
  font-family:{_CODE_FONT} }}
.smtplab-document mark {{ background:var(--jp-warn-color3,#ffe0b2); color:#1a1a1a; padding:0 1px; border-radius:2px }}
.smtplab-document mark sup {{ font-size:11px; line-height:1; font-weight:bold; vertical-align:baseline;
  position:static; background:#1a1a1a; color:#fff; border-radius:2px; margin-left:2px; padding:0 3px;
  user-select:none }}
.smtplab-document .smtplab-bar {{ display:inline-block; width:11em; height:0.75em; margin-right:8px;
  vertical-align:baseline; border:1px solid var(--jp-border-color0,#777); background:{_GROUND} }}
.smtplab-document .smtplab-bar span {{ display:block; height:100%; background:var(--jp-brand-color1,#1976d2) }}
</style>"""
