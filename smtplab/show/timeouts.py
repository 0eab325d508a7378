"""How long real clients wait, by default, at a port that says nothing: a bar for each recorded run."""

from __future__ import annotations

from .figures import BLUE, FAINT, INK, ORANGE, Picture, _card, _say, _title
from .recorded_errors import RecordedError, recordings

ROOM = 1.34  # of the longest wait: the words at the right of the bars


def plot_timeouts(mode: str = "starttls") -> Picture:
    """A bar for each client recorded in this mode ("starttls" or "plain") with its default time-out, shortest on top.

    A client that was still waiting when its run was ended has a hatched bar with an arrow.
    """
    runs = sorted((run for run in recordings() if (run.mode, run.port_kind) == (mode, "silent")),
                  key=lambda run: (run.hang, round(run.seconds), run.client.casefold()))
    heading = f"how long clients in mode {mode} wait, by default, at a port that says nothing"
    figure, axes = _card(9.5, 1.4 + 0.32 * max(len(runs), 2))
    longest_s = max((run.seconds for run in runs), default=1.0)
    for y, run in enumerate(runs):
        colour = ORANGE if run.hang else BLUE
        axes.barh(y, run.seconds, height=0.66, color=f"{colour}55" if run.hang else colour, edgecolor=colour,
                  hatch="///" if run.hang else None, lw=1)
        if run.hang:
            axes.annotate("", xy=(run.seconds + longest_s * 0.045, y), xytext=(run.seconds, y),
                          arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6, "shrinkA": 0, "shrinkB": 0})
        _say(axes, run.seconds + longest_s * (0.055 if run.hang else 0.012), y, _words(run), va="center", size=8.5)
    if not runs:
        _say(axes, longest_s / 2, 0.5, "No run was recorded in this mode.", ha="center", va="center", size=11)
    axes.set_yticks(range(len(runs)), [f"{run.client}  {run.version}" for run in runs], size=8.5, parse_math=False)
    axes.set(xlim=(0, longest_s * ROOM), ylim=(max(len(runs), 1) - 0.4, -0.6))
    ticks = range(0, int(longest_s) + 1, 60)
    axes.set_xticks(ticks, [str(tick // 60) for tick in ticks])
    axes.set_xlabel("minutes from the start of the client to its end", color=INK)
    axes.tick_params(length=0, labelcolor=INK)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(FAINT)
    when = ", ".join(sorted({run.recorded for run in runs}))
    _title(axes, f"{heading[:1].upper()}{heading[1:]}" + (f" (recorded {when})" if when else ""))
    said = [f"{run.client} {run.version}: {_words(run)}" for run in runs] or ["No run was recorded in this mode."]
    return Picture(figure, "\n".join([f"Bar chart: {heading}{f', recorded {when}' if when else ''}.", *said]))


def _words(run: RecordedError) -> str:
    if run.hang:
        return f"still waiting at {run.killed_after_s:g} s"
    minutes, rest = divmod(round(run.seconds), 60)
    return f"{run.seconds:.0f} s" + (f" ({minutes} min)" if minutes and not rest else "")
