"""Static pictures for slides and print: a conversation as a ladder, its byte counts, a matrix.

Each function returns a `Picture`: a matplotlib figure on a light card of its own, so that it reads on
a dark page too, with an alternative text that says what it shows. The colours are those of Okabe and
Ito, which colour-blind people can tell apart; words and signs say the same. What came from the wire
is shown as printable ASCII and escapes, and never read as markup ("$" included).
"""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .. import limits
from ..causes import Cause
from ..escape import printable, show_bytes
from ..events import ENDS, Event, What, Who
from ..recorded.state import recorded_words
from ..records import ContentType, TlsRecord
from ..report import heading, record_name
from ..timeline import RecordPiece, Text, Timeline
from ..trace import Trace
from .readings import Readings
from .text import cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..lab.matrix import MatrixRow

BLUE, GREEN, VERMILION, ORANGE, PURPLE = "#0072b2", "#009e73", "#d55e00", "#e69f00", "#cc79a7"  # Okabe and Ito
CARD, INK, FAINT = "#ffffff", "#1a1a1a", "#595959"
MOST_STEPS, MOST_LETTERS = 40, 58
NOT_DRAWN = "This picture is drawn by matplotlib, which is not here. In words:"
GAP_S = 0.5  # a silence of this length is drawn
LANE = {Who.CLIENT: 0.0, Who.SERVER: 1.0}
LAYER = {"smtp": (BLUE, "-", "plaintext SMTP"), "tls": (PURPLE, "-", "TLS record"),
         "inside": (GREEN, "--", "inside TLS"), "tcp": (FAINT, ":", "TCP"), "wait": (ORANGE, "-", "waiting")}


@dataclass(frozen=True)
class Picture:
    """A matplotlib `figure` and what it shows in words, `alt`."""

    figure: Figure
    alt: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "alt", printable(self.alt))

    def png(self, dpi: int = 110) -> bytes:
        """The picture as a PNG file's bytes. Raises OSError where matplotlib is not installed."""
        self._is_drawn()
        out = io.BytesIO()
        self.figure.savefig(out, format="png", dpi=dpi, facecolor=CARD, bbox_inches="tight", pad_inches=0.2)
        return out.getvalue()

    def save(self, path: str | Path, dpi: int = 200) -> Path:
        """Write it to a file; its ending says the format: .png, .svg or .pdf. Raises OSError as `png` does."""
        self._is_drawn()
        self.figure.savefig(path, dpi=dpi, facecolor=CARD, bbox_inches="tight", pad_inches=0.2)
        return Path(path)

    def _is_drawn(self) -> None:
        if isinstance(self.figure, NoFigure):
            raise OSError("matplotlib is not installed here, so that there is no picture; its words are in `alt`")

    def __str__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        if isinstance(self.figure, NoFigure):
            words = f"{NOT_DRAWN}\n\n{self.alt}"
            return {"text/plain": words, "text/html": f"<pre>{html.escape(words)}</pre>"}
        png = self.png()
        image = (f'<img alt="{html.escape(self.alt)}" style="max-width:100%;height:auto;border-radius:6px" '
                 f'src="data:image/png;base64,{base64.b64encode(png).decode()}">')
        return {"text/plain": self.alt, "text/html": image, "image/png": png}


def plot_ladder(trace: Trace) -> Picture:
    """Both peers as lifelines, and what crossed between them as arrows with labels and sizes, in order."""
    shown = rungs(trace)
    dropped = len(shown) - MOST_STEPS
    shown = shown[:MOST_STEPS]
    height = 1.5 + 0.42 * (len(shown) + 2)
    figure, axes = _card(10, height)
    bottom = -(len(shown) + 1.4)
    for who, x in LANE.items():
        axes.plot([x, x], [0, bottom], color=INK, lw=1.5)
        _say(axes, x, 0.25, who, ha="center", va="bottom", size=12, weight="bold",
             bbox={"boxstyle": "round", "fc": CARD, "ec": INK})
    for index, rung in enumerate(shown):
        _arrow(axes, -(index + 1), rung)
    end = _end(trace, dropped)
    _say(axes, 0.5, bottom + 0.35, end.replace(": ", ":\n"), ha="center", va="center", size=10, weight="bold")
    axes.set(xlim=(-0.2, 1.2), ylim=(bottom - 0.3, 1.2))
    axes.axis("off")
    _legend(axes, {rung.layer for rung in shown})
    _title(axes, heading(trace))
    said = [f"{rung.event.at_s:.3f} s, {rung.event.who}: {rung.words}" for rung in shown]
    return Picture(figure, "\n".join([f"Ladder diagram: {heading(trace)}.", *said, end]))


def plot_counters(trace: Trace) -> Picture:
    """Bytes over time: what arrived as one line, and what was read of it as another, in steps."""
    arrived, read, headers = _counts(trace)
    first_ms, end_ms = arrived[1][0] if arrived[1:] else 0, max(trace.seconds * 1000, arrived[-1][0])
    figure, axes = _card(9, 4.6)
    for points, colour, style, width, label in (
            (arrived, BLUE, "-", 2.5, f"received from the network: {trace.bytes_received}"),
            (read, VERMILION, "--", 2.0, f"read by the {trace.seen_from}: {read[-1][1]}")):
        x, y = zip(*points, (end_ms, points[-1][1]), strict=True)
        axes.plot(x, y, drawstyle="steps-post", color=colour, ls=style, lw=width, label=label)
    if headers:
        axes.plot(*zip(*headers, strict=True), "o", color=INK, ms=4, label="after a five-byte record header")
    axes.set_xlabel("milliseconds since the connection was begun", color=INK)
    axes.set_ylabel("bytes", color=INK)
    axes.set_ylim(0, max(arrived[-1][1], 1) * 1.1)
    margin_ms = 0.06 * (end_ms - first_ms) or 1
    axes.set_xlim(first_ms - margin_ms, end_ms + margin_ms)
    unread = arrived[-1][1] - read[-1][1]
    if unread or not arrived[-1][1]:
        words = f"{unread} bytes came and were never read" if unread else "Not one byte came."
        _say(axes, (first_ms + end_ms) / 2, (arrived[-1][1] + read[-1][1]) / 2 or 0.5, words, ha="center", va="center",
             size=11, style="italic", bbox={"boxstyle": "round", "fc": CARD, "ec": FAINT})
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3, frameon=False, fontsize=9)
    _title(axes, f"{heading(trace)}: {trace.cause}{'' if trace.certain else ' (not certain)'}", pad=32)
    alt = (f"Bytes over time, {heading(trace)}. {trace.bytes_received} bytes were received in "
           f"{sum(1 for _ in arrived) - 1} arrivals; {read[-1][1]} of them were read, with {len(headers)} "
           f"record headers of five bytes. After {trace.seconds:.3f} s: {_end(trace, 0)}")
    return Picture(figure, alt)


def plot_matrix(rows: Iterable[MatrixRow]) -> Picture:
    """The rows of `smtplab.matrix` as a grid: a sign, the cause, bytes read and seconds in each cell."""
    rows = list(rows)
    modes, kinds = list(dict.fromkeys(r.mode for r in rows)), list(dict.fromkeys(r.server for r in rows))
    figure, axes = _card(2.2 + 2.7 * len(modes), 1.2 + 0.5 * len(kinds))
    for row in rows:
        x, y = modes.index(row.mode), kinds.index(row.server)
        sign, colour = _look(row)
        axes.barh(y, 0.95, left=x + 0.03, height=0.9, color=f"{colour}22")
        axes.barh(y, 0.025, left=x + 0.03, height=0.9, color=colour)
        word = f"{row.cause}, in clear" if row.ok and not row.trace.tls else row.cause
        _say(axes, x + 0.08, y - 0.18, f"{sign} {word}", size=8.5, weight="bold", va="center")
        waits = f", waits: {row.waiting_for}" if row.waiting_for else ""
        _say(axes, x + 0.08, y + 0.2, f"read {row.bytes_read} B, {row.seconds:.2f} s{waits}", size=7.5, va="center")
    axes.set(xlim=(0, max(len(modes), 1)), ylim=(max(len(kinds), 1) - 0.45, -0.55))
    axes.set_xticks([i + 0.5 for i in range(len(modes))], [mode.value for mode in modes], weight="bold")
    axes.set_yticks(range(len(kinds)), kinds, weight="bold")
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelcolor=INK)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("✓ it worked    ✗ it failed, the cause is certain    ? not certain", color=INK)
    _title(axes, "client modes (columns) against kinds of server (rows)")
    return Picture(figure, "Client modes against kinds of server; ? marks what is not certain.\n" + cells(rows))


# --- the parts ---

class NoFigure:
    """What stands in for a figure and its axes where matplotlib is not installed: it is drawn on in vain."""

    def __getattr__(self, name: str) -> NoFigure:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **options: object) -> NoFigure:
        return self

    def __getitem__(self, key: object) -> NoFigure:
        return self

    def subplots(self, rows: int, columns: int, **options: object) -> list[list[NoFigure]]:
        """Rows of axes, none of them real."""
        return [[self] * columns for _ in range(rows)]


def new_figure(**options: Any) -> Figure:
    """A matplotlib figure; without matplotlib, as in a browser, a `NoFigure`."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return cast("Figure", NoFigure())
    return Figure(**options)


def _card(width: float, height: float) -> tuple[Figure, Axes]:
    figure = new_figure(figsize=(width, height), facecolor=CARD)
    axes = figure.add_subplot()
    axes.set_facecolor(CARD)
    return figure, axes


def _say(axes: Axes, x: float, y: float, words: str, **style: Any) -> None:
    axes.text(x, y, printable(words), parse_math=False, **{"color": INK, **style})


def _title(axes: Axes, words: str, pad: float = 12) -> None:
    axes.set_title(printable(words), color=INK, size=11, loc="left", pad=pad, parse_math=False)


def _cut(words: str) -> str:
    return words if len(words) <= MOST_LETTERS else words[:MOST_LETTERS - 3] + "..."


@dataclass(frozen=True)
class Rung:
    """One arrow of a ladder, or a silence: its `layer`, its label, and the whole TLS records that it stands for."""

    event: Event
    layer: str
    words: str
    records: tuple[TlsRecord, ...] = ()


def rungs(trace: Trace) -> list[Rung]:
    """All that is drawn of a trace: what crossed, an arrow for each chunk, the silences, and the ends."""
    timeline = Timeline()
    found: list[Rung] = []
    awaited: dict[Who, str] = {}
    sizes: Counter[tuple[Who, What]] = Counter()  # of text whose line has not ended
    inside = False
    for event in trace.events:
        if event.what == What.WAITING:
            awaited[event.who] = event.note
        if found and awaited and event.what != What.TLS and event.at_s - found[-1].event.at_s >= GAP_S:
            waits = ", ".join(f"the {who} waits: {note}" for who, note in awaited.items())
            found.append(Rung(event, "wait", f"{event.at_s - found[-1].event.at_s:.1f} s pass; {waits}"))
        if event.what in ENDS:
            found += _unended(timeline, sizes)
        inside |= event.what == What.INSIDE
        pieces = timeline.feed(event)
        if event.what in (What.BYTES, What.INSIDE):
            sizes[event.who, event.what] += len(event.data or b"")
            found += _crossed(event, pieces, timeline.is_text(event.who), inside, sizes)
        elif event.what in _TCP:
            found.append(Rung(event, "tcp", _TCP[event.what]))
    found += _unended(timeline, sizes)
    return sorted(found, key=lambda rung: rung.event.at_s)


_TCP = {What.CONNECTED: "connection made", What.CLOSED: "closes the connection", What.RESET: "resets the connection"}


def _crossed(event: Event, pieces: list[Text | RecordPiece], is_text: bool, inside: bool,
             sizes: Counter[tuple[Who, What]]) -> list[Rung]:
    """The arrow for a chunk; none for part of a line, or for records whose inside is shown."""
    layer = "inside" if event.what == What.INSIDE else "smtp" if is_text else "tls"
    whole = tuple(piece.record for piece in pieces if isinstance(piece, RecordPiece) and piece.record)
    lines: list[str] = [show_bytes(line.removesuffix(b"\r"), 1000)
             for piece in pieces if isinstance(piece, Text) for line in piece.lines]
    names: list[str] = [record_name(record) for record in whole
             if not (inside and record.content_type == ContentType.application_data)]
    shown, together = (names + lines, 2) if layer == "tls" else (lines + names, 1)
    if not shown:
        if layer == "tls":
            del sizes[event.who, event.what]
        return []
    more = f" (and {len(shown) - together} more)" if len(shown) > together else ""
    size = sizes.pop((event.who, event.what))
    return [Rung(event, layer, f"{_cut(', '.join(shown[:together]))}{more}, {size} bytes", whole)]


def _unended(timeline: Timeline, sizes: Counter[tuple[Who, What]]) -> list[Rung]:
    """The text of a line that did not end; it is then forgotten."""
    return [Rung(event, "smtp" if event.what == What.BYTES else "inside",
                 f"{_cut(show_bytes(line))} (no line end), {sizes.pop((event.who, event.what), len(line))} bytes")
            for event, line in timeline.take_open_lines()]


def _arrow(axes: Axes, y: float, rung: Rung) -> None:
    who = Who.CLIENT if rung.event.what == What.CONNECTED else rung.event.who
    start, end = LANE[who], 1 - LANE[who]
    colour, style, _ = LAYER[rung.layer]
    if rung.layer == "wait":
        for x in LANE.values():
            axes.plot([x, x], [y - 0.35, y + 0.45], color=colour, lw=7, solid_capstyle="butt")
        _say(axes, 0.5, y, rung.words, ha="center", va="center", size=9, style="italic")
        return
    axes.annotate("", xy=(end, y), xytext=(start, y),
                  arrowprops={"arrowstyle": "-|>", "color": colour, "ls": style, "lw": 1.6, "shrinkA": 0, "shrinkB": 0})
    _say(axes, 0.5, y + 0.1, rung.words, ha="center", va="bottom", size=8.5, family="monospace")
    _say(axes, -0.03, y, f"{rung.event.at_s:.3f} s", ha="right", va="center", size=8, color=FAINT)


def _end(trace: Trace, dropped: int) -> str:
    cause = f"{'✓' if trace.ok else '✗' if trace.certain else '?'} {trace.cause}"
    cause += "" if trace.certain else " (not certain)"
    waits = f"the {trace.seen_from} was still waiting ({trace.waiting_for}) after {trace.seconds:.2f} s: "
    left_out = f"{dropped} more steps are not drawn; " if dropped > 0 else ""
    return left_out + (waits if trace.waiting_for else "") + cause + recorded_words(trace)


def _legend(axes: Axes, layers: set[str]) -> None:
    for layer in LAYER.keys() & layers:
        colour, style, name = LAYER[layer]
        axes.plot([], [], color=colour, ls=style, lw=1.6, label=name)
    if layers:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=4, frameon=False, fontsize=8.5)


Points = list[tuple[float, int]]


def _counts(trace: Trace) -> tuple[Points, Points, Points]:
    """Points (milliseconds, bytes): arrived in all, read in all, and the readings of five-byte headers."""
    readings = Readings(trace)
    arrived: Points = [(0.0, 0)]
    read: Points = [(0.0, 0)]
    headers: Points = []
    for event in trace.events:
        at_ms = event.at_s * 1000
        for reading in readings.feed(event) if len(read) < limits.SHOWN_STEPS else readings.skip(event):
            if reading.read != read[-1][1]:
                read.append((at_ms, reading.read))
            if reading.item is None and event.report and event.report.kind == "header" and event.who == trace.seen_from:
                headers += [(at_ms, reading.read)] * (not event.report.wrote)
        if event.what == What.BYTES and event.who != trace.seen_from:
            arrived.append((at_ms, arrived[-1][1] + len(event.data or b"")))
    return arrived, read, headers


def _look(row: MatrixRow) -> tuple[str, str]:
    if not row.certain:
        return "?", ORANGE
    return ("✓", GREEN) if row.cause is Cause.OK else ("✗", VERMILION)
