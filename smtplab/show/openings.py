"""How connections open, side by side: who says the first word, and where encryption begins."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..events import What, Who
from ..records import ContentType
from ..report import heading
from ..trace import Trace
from .figures import CARD, GREEN, INK, LANE, LAYER, VERMILION, NoFigure, Picture, _end, _say, new_figure, rungs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ARROWS, LETTERS = 9, 45
MOST_TRACES = 4
SHIFT = 0.4  # rows, for the words where encryption begins
NAMES = {"client_hello": "ClientHello", "server_hello": "ServerHello"}


@dataclass(frozen=True)
class Arrow:
    """One arrow: who sends it, in which `layer` of the ladder's, its words, and whether it is encrypted."""

    who: Who
    layer: str
    words: str
    encrypted: bool


def plot_openings(traces: Sequence[Trace]) -> Picture:
    """Up to four traces as small ladders, of each the first nine arrows. The first word is marked, and
    what is encrypted has a shaded ground. Further traces are left out, and the text says so."""
    shown = list(traces)[:MOST_TRACES]
    ladders = [_arrows(trace) for trace in shown]
    rows = min(max(map(len, ladders), default=0), MOST_ARROWS)
    figure = _figure(len(shown), rows)
    panels, said = figure.subplots(1, max(len(shown), 1), squeeze=False)[0], []
    for axes, trace, arrows in zip(panels, shown, ladders, strict=False):
        said += ["", _draw(axes, trace, arrows, rows)]
    for axes in panels:
        axes.axis("off")
    if not shown:
        _say(panels[0], 0.5, 0.5, "No trace was given.", ha="center", va="center", size=11)
    else:
        _key(figure, {arrow.layer for arrows in ladders for arrow in arrows[:MOST_ARROWS]})
    left_out = f" {len(traces) - MOST_TRACES} more are not drawn." if len(traces) > MOST_TRACES else ""
    what = f"Openings side by side, as ladder diagrams: {len(shown)}." if shown else "No trace was given."
    return Picture(figure, "\n".join([f"{what}{left_out}", *said]))


def _figure(count: int, rows: int) -> Figure:
    figure = new_figure(figsize=(4.0 * max(count, 1.3), 1.9 + 0.48 * max(rows, 2)), facecolor=CARD)
    figure.subplots_adjust(left=0.01, right=0.99, top=0.9, bottom=0.06, wspace=0.04)
    return figure


def _arrows(trace: Trace) -> list[Arrow]:
    """All that crossed. A flight of TLS records is split where encryption begins."""
    encrypts: set[Who] = set()
    out: list[Arrow] = []
    records_sealed = bytes_sealed = 0  # of the last arrow, as long as the same side goes on
    for rung in rungs(trace):
        event, layer = rung.event, rung.layer
        if event.what == What.CONNECTED:
            continue
        for record in rung.records if layer == "tls" else ():
            # In TLS 1.3 what is encrypted calls itself application data; before, it follows a change_cipher_spec.
            if record.content_type == ContentType.change_cipher_spec:
                encrypts.add(event.who)
            elif record.content_type == ContentType.application_data or event.who in encrypts:
                goes_on = bool(out) and out[-1].layer == "tls" and out[-1].encrypted and out[-1].who == event.who
                records_sealed = records_sealed * goes_on + 1
                bytes_sealed = bytes_sealed * goes_on + record.size_bytes
                many = f"{records_sealed} records" if goes_on else "1 record"
                out[len(out) - goes_on:] = [Arrow(event.who, "tls", f"{many}, encrypted, {bytes_sealed} bytes", True)]
            else:
                name = str(record.alert or record.handshake_type or record.content_type)
                out.append(Arrow(event.who, "tls", f"{NAMES.get(name, name)}, {record.size_bytes} bytes", False))
        if layer != "tls":
            out.append(Arrow(event.who, layer, rung.words, layer == "inside"))
    return out


def _draw(axes: Axes, trace: Trace, arrows: list[Arrow], rows: int) -> str:
    """One ladder; what it says, in words."""
    bottom, said = -(rows + 1.1), [f"{heading(trace)}:"]
    sealed_at, more = _encrypted_from(arrows), len(arrows) - MOST_ARROWS
    arrows = arrows[:MOST_ARROWS]
    if sealed_at is not None and sealed_at < len(arrows):
        axes.fill_between([-0.08, 1.08], -(sealed_at + 0.35), bottom, color=f"{GREEN}22", lw=0)
        _say(axes, 0.5, -(sealed_at + 0.4), "encrypted from here", ha="center", va="top", size=8, weight="bold",
             color="#00664a")  # GREEN, dark enough for small letters
    for who, x in LANE.items():
        axes.plot([x, x], [0, bottom], color=INK, lw=1.5)
        _say(axes, x, 0.15, who, ha="center", va="bottom", size=10, weight="bold",
             bbox={"boxstyle": "round", "fc": CARD, "ec": INK})
    first = next((row for row, arrow in enumerate(arrows) if arrow.layer in ("smtp", "tls")), None)
    for row, arrow in enumerate(arrows):
        if row == sealed_at:
            said.append("  encrypted from here:")
        said.append(f"  {'first word, ' if row == first else ''}{arrow.who}: {arrow.words}")
        lower = SHIFT if sealed_at is not None and row >= sealed_at else 0
        _arrow(axes, -(row + 1) - lower, arrow, row == first)
    if not arrows:
        said.append("  nothing crossed")
    end = f"{more} more follow; {_end(trace, 0)}" if more > 0 else _end(trace, 0)
    if sealed_at is None:
        end += "; nothing was encrypted"
    elif sealed_at >= len(arrows):
        end += "; encryption begins after what is drawn"
    said.append(f"  {end}")
    mode = f"mode {trace.mode or 'unknown'}"
    axes.set_title(mode, color=INK, size=12, weight="bold", parse_math=False)
    _say(axes, 0.5, bottom - 0.15, textwrap.fill(end, 50), ha="center", va="top", size=8.5, style="italic")
    axes.set(xlim=(-0.12, 1.12), ylim=(bottom - 1.1, 1.0))
    return "\n".join(said)


def _encrypted_from(arrows: list[Arrow]) -> int | None:
    """The row from which on all is encrypted (in TLS 1.2 one side begins before the other), or what is
    encrypted if it is not the last; None if nothing is."""
    rows = [row for row, arrow in enumerate(arrows) if arrow.encrypted]
    clear = [row for row, arrow in enumerate(arrows) if not arrow.encrypted and arrow.layer in ("smtp", "tls")]
    after = [row for row in rows if row > max(clear, default=-1)]
    return min(after or rows, default=None)


def _arrow(axes: Axes, y: float, arrow: Arrow, is_first: bool) -> None:
    start, end = LANE[arrow.who], 1 - LANE[arrow.who]
    colour, style, _ = LAYER[arrow.layer]
    if arrow.layer == "wait":
        for x in LANE.values():
            axes.plot([x, x], [y - 0.35, y + 0.45], color=colour, lw=7, solid_capstyle="butt")
        _say(axes, 0.5, y, textwrap.fill(arrow.words, LETTERS), ha="center", va="center", size=8, style="italic")
        return
    axes.annotate("", xy=(end, y), xytext=(start, y),
                  arrowprops={"arrowstyle": "-|>", "color": colour, "ls": style, "lw": 1.6, "shrinkA": 0, "shrinkB": 0})
    _say(axes, 0.5, y + 0.08, _label(arrow.words), ha="center", va="bottom", size=8, family="monospace")
    if is_first:
        side = "left" if arrow.who == Who.CLIENT else "right"
        _say(axes, start + (0.02 if side == "left" else -0.02), y - 0.09, "first word", ha=side, va="top", size=7.5,
             weight="bold", color=CARD, bbox={"boxstyle": "round,pad=0.2", "fc": VERMILION, "ec": "none"})


def _label(words: str) -> str:
    """The words with their size, which stands at the end, cut to what fits between the lifelines."""
    text, comma, size = words.rpartition(", ")
    room = LETTERS - len(comma) - len(size)
    return words if len(words) <= LETTERS else f"{text[:max(room - 3, 1)]}...{comma}{size}"


def _key(figure: Figure, layers: set[str]) -> None:
    if isinstance(figure, NoFigure):
        return
    from matplotlib.lines import Line2D
    lines = [Line2D([], [], color=colour, ls=style, lw=1.6, label=name)
             for layer, (colour, style, name) in LAYER.items() if layer in layers]
    if lines:
        figure.legend(handles=lines, loc="lower center", ncols=len(lines), frameon=False, fontsize=8.5)
