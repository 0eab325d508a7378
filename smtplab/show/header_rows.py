"""`five_bytes`: the lens's small form. The first five bytes in three aligned rows, and which part of a header fails.

The rows are characters, hex, and the values of a TLS record header; below them stands what `judge` checks of each part,
so that the sight of one table answers what the bytes are, and what OpenSSL was looking for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..escape import printable, show_bytes
from ..records import HEADER_BYTES
from ..trace import Trace
from ..verdict import Check, Verdict, judge
from .corner_runs import columns_of
from .document import reachable

SPACE, ABSENT = "␣", "…"
# The parts of a header, and the bytes that each takes.
PARTS = {"type": slice(0, 1), "version": slice(1, 3), "length": slice(3, 5)}
# The part that a check of `judge` looks at, by the check's words; other checks look beyond the header.
_LOOKS_AT = (("major", r"major version is (\d+)", "version"), ("not", r"version is not 0x0*(\w+)", "version"),
             ("between", r"version is 0x(\w+) to 0x(\w+)", "version"), ("most", r"length is at most (\d+)", "length"),
             ("begins", r"content type is one a handshake may begin with", "type"),
             ("answer", r"a ServerHello or an alert", "type"))
WORDS = {
    "en": {"caption": "The first five bytes, three times", "type": "type", "version": "version", "length": "length",
           "characters": "as characters", "hex": "in hex", "header": "as a record header", "checks": "OpenSSL's check",
           "space": "a space", "absent": "not there yet", "passes": "passes", "fails": "fails",
           "major": "must begin with {:0>2}", "not": "must not be {:0>4}", "between": "must be {} to {}",
           "most": "at most {}", "begins": "must be able to begin TLS", "answer": "must be an answer of TLS",
           "unseen": "not looked at",
           "few": "{} of {} bytes are here: OpenSSL {} waits for the others.",
           "wait": "This may be TLS: OpenSSL {} reads on, up to byte {}.",
           "accept": "This is TLS: OpenSSL {} goes on with it.",
           "says": "OpenSSL {} says: {}.",
           "base": "Hex is base 16, and 0x marks it: 0x{0} is {1} × 16 + {2} = {3}.",
           "order": "Of two bytes the first counts 256 times: 0x{0} is {1} × 256 + {2} = {3}."},
    "ja": {"caption": "最初の 5 バイトを三通りに", "type": "タイプ", "version": "バージョン", "length": "長さ",
           "characters": "文字として", "hex": "16 進数で", "header": "レコードヘッダーとして",
           "checks": "OpenSSL の確認", "space": "空白", "absent": "まだない", "passes": "合格", "fails": "不合格",
           "major": "{:0>2} で始まること", "not": "{:0>4} でないこと", "between": "{} から {} であること",
           "most": "{} 以下であること", "begins": "TLS の始まりであること", "answer": "TLS の返事であること",
           "unseen": "確認しない",
           "few": "{1} バイトのうち {0} バイトが届きました。OpenSSL {2} は残りを待ちます。",
           "wait": "TLS かもしれません。OpenSSL {} は {} バイト目まで読みます。",
           "accept": "TLS です。OpenSSL {} は先へ進みます。",
           "says": "OpenSSL {} の答え：{}",
           "base": "0x は 16 進数のしるしです。0x{0} は {1} × 16 + {2} = {3} です。",
           "order": "2 バイトの数では、先のバイトを 256 倍します。0x{0} は {1} × 256 + {2} = {3} です。"}}


class Box(NamedTuple):
    """One part of the header: its bytes, their value, and what was checked of it; `passed` None: not looked at."""

    name: str
    data: bytes
    value: str
    check: str
    passed: bool | None

    @property
    def sign(self) -> str:
        """The check's outcome as a sign."""
        return {None: "", True: "✓", False: "✗"}[self.passed]


@dataclass(frozen=True)
class FiveBytes:
    """The first bytes and OpenSSL's verdict on them, to be shown; `words` are those of a language."""

    data: bytes
    verdict: Verdict
    words: dict[str, str]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The header's parts, from left to right."""
        return tuple(self._box(name) for name in PARTS)

    def _box(self, name: str) -> Box:
        header, made = self.verdict.header, list(self._checked(name))
        values = {} if header is None else {
            "type": f"{int(header.content_type)}", "version": f"0x{header.legacy_record_version:04x}",
            "length": f"{header.length}"}
        words, passed = next((one for one in made if not one[1]), made[-1] if made else (self.words["unseen"], None))
        return Box(name, self.data[PARTS[name]], values.get(name, ABSENT), words, passed)

    def _checked(self, name: str) -> Iterator[tuple[str, bool]]:
        """What was checked of this part, in words, and whether it passed."""
        for check in self.verdict.checks:
            words, part = _part_of(check)
            if part == name:
                yield self.words[words[0]].format(*words[1:]), check.passed

    def sentences(self) -> tuple[str, ...]:
        """The verdict, and how the numbers come from the bytes."""
        said, words, header = self.verdict, self.words, self.verdict.header
        if header is None:
            return (words["few"].format(len(self.data), HEADER_BYTES, said.openssl),)
        first, pair = self.data[0], self.data[PARTS["length"]]
        verdict = {"wait": words["wait"].format(said.openssl, said.bytes_needed),
                   "accept": words["accept"].format(said.openssl)}
        return (verdict.get(said.verdict, words["says"].format(said.openssl, said.verdict)),
                words["base"].format(f"{first:02x}", first >> 4, first & 15, first),
                words["order"].format(pair.hex(), pair[0], pair[1], header.length))

    def _rows(self) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
        """The three readings: a name, and for each part its cells, of which there is one for each byte or one."""
        boxes = self.boxes
        sizes = [part.stop - part.start for part in PARTS.values()]

        def cells(shown: list[str], size: int) -> tuple[str, ...]:
            return (*shown, *[ABSENT] * (size - len(shown)))

        return (("characters", tuple(cells([_character(byte) for byte in box.data], size)
                                     for box, size in zip(boxes, sizes, strict=True))),
                ("hex", tuple(cells([f"{byte:02x}" for byte in box.data], size)
                              for box, size in zip(boxes, sizes, strict=True))),
                ("header", tuple((box.value,) for box in boxes)))

    def __str__(self) -> str:
        words, boxes = self.words, self.boxes
        rows = [("", *(words[name] for name in PARTS)),
                *((words[name], *(" ".join(cell.ljust(2) for cell in part).rstrip() for part in parts))
                  for name, parts in self._rows()),
                (words["checks"], *(f"{box.sign} {box.check}".strip() for box in boxes))]
        widths = [max(map(columns_of, column)) for column in zip(*rows, strict=True)]
        lines = [" | ".join(cell + " " * (width - columns_of(cell)) for cell, width in zip(row, widths, strict=True))
                 for row in rows]
        return printable("\n".join([*(line.rstrip() for line in lines), *self.sentences()]))

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": STYLE + self._html()}

    # --- HTML ---

    def _html(self) -> str:
        words, boxes = self.words, self.boxes
        head = "".join(f'<th scope="col" colspan="{PARTS[box.name].stop - PARTS[box.name].start}"'
                       f"{_look(box, 'smtplab-five-top')}>{_escaped(words[box.name])}</th>" for box in boxes)
        body = "".join(f'<tr><th scope="row">{_escaped(words[name])}</th>{self._cells(parts)}</tr>'
                       for name, parts in self._rows())
        checks = "".join(f'<td colspan="{PARTS[box.name].stop - PARTS[box.name].start}"'
                         f"{_look(box, 'smtplab-five-end')}>{self._check_html(box)}</td>" for box in boxes)
        verdict, *sums = self.sentences()
        caption = words["caption"]
        return (f'<div class="smtplab-five"{reachable(caption)}><table class="smtplab-five-rows">'
                f"<caption>{_escaped(caption)}</caption><thead><tr><td></td>{head}</tr></thead><tbody>{body}"
                f'<tr><th scope="row">{_escaped(words["checks"])}</th>{checks}</tr></tbody></table>'
                f"<p><b>{_escaped(verdict)}</b></p>{''.join(f'<p>{_escaped(one)}</p>' for one in sums)}</div>")

    def _cells(self, parts: tuple[tuple[str, ...], ...]) -> str:
        out = []
        for box, cells in zip(self.boxes, parts, strict=True):
            span = (PARTS[box.name].stop - PARTS[box.name].start) // len(cells)
            for at, cell in enumerate(cells):
                edges = ("smtplab-five-first" * (at == 0), "smtplab-five-last" * (at == len(cells) - 1))
                out.append(f'<td colspan="{span}"{_look(box, *edges)}>{self._cell_html(cell)}</td>')
        return "".join(out)

    def _cell_html(self, cell: str) -> str:
        spoken = {SPACE: self.words["space"], ABSENT: self.words["absent"]}.get(cell)
        if spoken is None:
            return f"<code>{_escaped(cell)}</code>"
        return f'<code aria-hidden="true">{cell}</code><span class="smtplab-five-spoken">{_escaped(spoken)}</span>'

    def _check_html(self, box: Box) -> str:
        if box.passed is None:
            return _escaped(box.check)
        said = self.words["passes" if box.passed else "fails"]
        return (f'<span aria-hidden="true">{box.sign}</span><span class="smtplab-five-spoken">{_escaped(said)}:</span> '
                f"{_escaped(box.check)}")


def five_bytes(data: bytes | Trace, *, openssl: str = "3.0", role: str = "client", lang: str = "en") -> FiveBytes:
    """The first five bytes as characters, in hex, and as a TLS record header, with the part that OpenSSL refuses.

    `data` is bytes, or a `Trace`, of which the first bytes received are taken. `openssl` and `role` are as `judge`
    takes them; `lang` is "en" or "ja". Raises ValueError for what `judge` refuses, and for an unknown language.
    """
    if lang not in WORDS:
        raise ValueError(f"no labels in {lang!r}; there are {', '.join(WORDS)}")
    if isinstance(data, Trace):
        role, data = data.seen_from, data.first_bytes or b""
    return FiveBytes(bytes(data), judge(data, openssl, role=role), WORDS[lang])


def _part_of(check: Check) -> tuple[tuple[str, ...], str]:
    """(the check's name and numbers, the part that it looks at, "" for what is beyond the header)."""
    for name, pattern, part in _LOOKS_AT:
        if found := re.fullmatch(pattern, check.check):
            return (name, *found.groups()), part
    return (), ""


def _character(byte: int) -> str:
    return SPACE if byte == 0x20 else show_bytes(bytes([byte]))


def _escaped(text: str) -> str:
    return html.escape(printable(text))


def _look(box: Box, *classes: str) -> str:
    names = " ".join(("smtplab-five-part", *filter(None, classes), *(["smtplab-five-fails"] * (box.passed is False))))
    return f' class="{names}"'


_EDGE, _PAPER = "var(--jp-border-color0,#767676)", "var(--jp-layout-color1,#fff)"
_FAILS = "4px double var(--jp-error-color1,#c62828)"
# Two classes in each rule, to override JupyterLab's own for tables of outputs.
STYLE = f"""<style>
.smtplab-five {{ position:relative; color:var(--jp-content-font-color1,#1a1a1a); background:{_PAPER}; line-height:1.45;
  padding:4px; overflow-x:auto; font-size:14px; width:fit-content; max-width:100%; box-sizing:border-box }}
.smtplab-five p {{ margin:3px 0 }}
.smtplab-five .smtplab-five-rows {{ border-collapse:collapse; margin:4px 0 8px; font-size:14px; border:none;
  color:inherit; table-layout:auto }}
.smtplab-five .smtplab-five-rows caption {{ text-align:left; font-weight:600; padding:2px 0; color:inherit }}
.smtplab-five .smtplab-five-rows th, .smtplab-five .smtplab-five-rows td {{ background:{_PAPER}; color:inherit;
  padding:3px 14px; text-align:center; white-space:nowrap; max-width:none; border:none; vertical-align:middle }}
.smtplab-five .smtplab-five-rows th[scope="row"] {{ text-align:right; font-weight:400; padding-left:0 }}
.smtplab-five .smtplab-five-rows .smtplab-five-top {{ border:2px solid {_EDGE}; border-bottom:1px solid {_EDGE} }}
.smtplab-five .smtplab-five-rows .smtplab-five-first {{ border-left:2px solid {_EDGE} }}
.smtplab-five .smtplab-five-rows .smtplab-five-last {{ border-right:2px solid {_EDGE} }}
.smtplab-five .smtplab-five-rows .smtplab-five-end {{ border:2px solid {_EDGE}; border-top:1px solid {_EDGE};
  white-space:normal }}
.smtplab-five .smtplab-five-rows .smtplab-five-top.smtplab-five-fails {{ border:{_FAILS}; border-bottom-width:1px }}
.smtplab-five .smtplab-five-rows .smtplab-five-first.smtplab-five-fails {{ border-left:{_FAILS} }}
.smtplab-five .smtplab-five-rows .smtplab-five-last.smtplab-five-fails {{ border-right:{_FAILS} }}
.smtplab-five .smtplab-five-rows .smtplab-five-end.smtplab-five-fails {{ border:{_FAILS}; border-top:1px solid {_EDGE};
  font-weight:700 }}
.smtplab-five .smtplab-five-rows thead {{ border:none }}
.smtplab-five .smtplab-five-rows code {{ font:15px/1.5 var(--jp-code-font-family,monospace); color:inherit;
  background:var(--jp-layout-color2,#eee); padding:1px 5px; border-radius:2px }}
@media (max-width:480px) {{
  .smtplab-five .smtplab-five-rows th, .smtplab-five .smtplab-five-rows td {{ padding:3px 5px }}
}}
.smtplab-five .smtplab-five-spoken {{ position:absolute; width:1px; height:1px; overflow:hidden; clip-path:inset(50%);
  white-space:nowrap }}
</style>"""
