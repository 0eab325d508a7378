"""Rulings as HTML, on verdicts and on mends: a line for each part, with its sign, at a coloured edge."""

from __future__ import annotations

import html

from ...escape import printable
from .judge import Ruling
from .mend import Mending, Passed

_SIGNS = {True: ("✓", "var(--jp-success-color0,#1b5e20)"), False: ("✗", "var(--jp-error-color0,#b71c1c)"),
          None: ("·", "inherit")}
_NONE, _AMBER = "var(--jp-border-color1,#888)", "#e08a00"
_EDGES = {None: _NONE, Passed.RED: _SIGNS[False][1], Passed.AMBER: _AMBER, Passed.GREEN: _SIGNS[True][1]}
_ALL, _SCROLLS = "All that was sent and came", ("margin:2px 0;max-height:20em;overflow:auto;white-space:pre-wrap;"
                                                 "overflow-wrap:anywhere")
_WORDS = {Passed.RED: "Red", Passed.AMBER: "Amber", Passed.GREEN: "Green"}


def ruled(ruling: Ruling | None) -> str:
    """A ruling on a verdict; "" for None."""
    if ruling is None:
        return ""
    edge = _SIGNS[ruling.right][1] if ruling.right is not None else _NONE
    return _edged(edge, _lines(ruling.lines))


def mended(mending: Mending | None) -> str:
    """A ruling on a mend: its light in words, what was tried, the reasons, and all that passed, folded."""
    if mending is None:
        return ""
    first = f"<div><b>{_WORDS[mending.passed]}: {html.escape(mending.passed)}</b></div>" if mending.passed else ""
    tried = f"<div><small>{html.escape(mending.tried)}</small></div>" if mending.tried else ""
    whole = ""
    if mending.trace:
        whole = (f'<details><summary>{_ALL}</summary><pre tabindex="0" aria-label="{_ALL}" style="{_SCROLLS}">'
                 f"{html.escape(printable(str(mending.trace)))}</pre></details>")
    return _edged(_EDGES[mending.passed], first + tried + _lines(mending.lines), whole)


def _lines(lines: tuple[tuple[bool | None, str], ...]) -> str:
    found = []
    for stands, words in lines:
        sign, colour = _SIGNS[stands]
        found.append(f'<div><b style="color:{colour}">{sign}</b> {html.escape(words)}</div>')
    return "".join(found)


def _edged(edge: str, inner: str, after: str = "") -> str:
    return (f'<div style="border-left:4px solid {edge};padding:2px 10px;margin:4px 0;line-height:1.4;max-width:60em;'
            f'color:var(--jp-ui-font-color1,inherit);overflow-wrap:anywhere"><div role="status">{inner}</div>{after}'
            "</div>")
