"""What recorded clients say of one failure, side by side: a table as text and HTML, with a search box in a notebook."""

from __future__ import annotations

import html
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

import ipywidgets

from ..causes import Cause
from ..escape import show_bytes
from .recorded_errors import RecordedError, recordings, unsaid
from .text import table
from .widget_base import Panel, instead_of_earlier

HEAD = ("client", "version", "TLS library", "its words")
WIDTHS = (26, 22, 22, 72)  # letters, in the text form
_HTML_WIDTHS = ("17%", "13%", "17%", "53%")
_NO_BYTES = {"close": "that closes at once", "rst": "that resets at once"}  # kinds without first bytes, and not silent
_BOX = ("max-height:30em;overflow:auto;max-width:100%;border:1px solid var(--jp-border-color2,#ccc);"
        "border-radius:4px;color:var(--jp-content-font-color1,#1a1a1a);background:var(--jp-layout-color1,#fff)")
_CELL = ("padding:4px 8px;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere;"
         "border-bottom:1px solid var(--jp-border-color2,#ccc)")
_HEAD_CELL = f"{_CELL};position:sticky;top:0;background:var(--jp-layout-color2,#eee)"


@dataclass(frozen=True)
class RosettaTable:
    """Recorded runs, of one `cause`, or of one `mode` against one `port_kind`; "" stands for all.

    Each of `families` is a tuple of runs in the same words. In a notebook it is shown with a search box.
    """

    mode: str
    port_kind: str
    contains: str
    families: tuple[tuple[RecordedError, ...], ...]
    cause: str = ""

    @property
    def runs(self) -> list[RecordedError]:
        """All runs, family by family."""
        return [run for family in self.families for run in family]

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """A row for each family: (clients, versions, TLS libraries, their words), several joined with commas."""
        return [(_joined(run.client for run in runs), _joined(run.version for run in runs),
                 _joined(run.tls_library for run in runs), runs[0].words) for runs in self.families]

    @property
    def unsaid(self) -> list[str]:
        """What the words don't say: which clients say nothing, which end every failure alike, how long each waits."""
        return unsaid(self.runs)

    def heading(self) -> str:
        """What was recorded, when, and how many clients say it in how many ways."""
        runs, having = self.runs, f" with {self.contains!r} in them" if self.contains else ""
        if not runs:
            asked = f"of cause {self.cause}" if self.cause else f"of mode {self.mode} against {self.port_kind}"
            known = sorted({f"{run.cause} ({run.mode} against {run.port_kind})" for run in recordings()})
            return f"No run was recorded {asked}{having}. Recorded: {', '.join(known)}."
        when = ", ".join(sorted({run.recorded for run in runs}))
        ways = "" if self.contains else f", in {len(self.families)} wordings"
        if self.cause:
            made = _joined(f"{run.mode} against {run.port_kind}" for run in runs)
            return f"{len(runs)} runs of clients whose cause is {self.cause} ({made}){having}{ways}. Recorded {when}."
        sent = " or ".join(f"`{show_bytes(first.encode())}`" for first in dict.fromkeys(run.first_bytes for run in runs)
                           if first)
        port = f"whose first bytes are {sent}" if sent else _NO_BYTES.get(self.port_kind, "that says nothing")
        return f"{len(runs)} runs of clients in mode {self.mode} against a port {port}{having}{ways}. Recorded {when}."

    def text(self) -> str:
        """The table as text, its cells wrapped, and below it what the words don't say."""
        lines = [HEAD]
        for row in self.rows:
            parts = [_wrap(cell, width) for cell, width in zip(row, WIDTHS, strict=True)]
            height = max(map(len, parts))
            lines += zip(*(part + [""] * (height - len(part)) for part in parts), strict=True)
        notes = ["\n".join(textwrap.wrap(note, sum(WIDTHS), subsequent_indent="  ")) for note in self.unsaid]
        return "\n\n".join([self.heading(), table(lines), *notes]) if self.families else self.heading()

    def __str__(self) -> str:
        return self.text()

    def html(self) -> str:
        """The same as HTML, the table in a box that scrolls."""
        heading = html.escape(self.heading())
        page = f'<div role="status">{heading}</div>'
        if self.families:
            head = "".join(f'<th scope="col" style="{_HEAD_CELL};width:{width}">{html.escape(name)}</th>'
                           for name, width in zip(HEAD, _HTML_WIDTHS, strict=True))
            body = "".join("<tr>" + "".join(f'<td style="{_CELL}">{_html(cell, at == 3)}</td>'
                                            for at, cell in enumerate(row)) + "</tr>" for row in self.rows)
            page += (f'<div tabindex="0" role="region" aria-label="{heading}" style="{_BOX}">'
                     f'<table style="width:100%;table-layout:fixed;border-collapse:collapse;margin:0">'
                     f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")
            notes = "".join(f'<li style="overflow-wrap:anywhere">{html.escape(note)}</li>' for note in self.unsaid)
            page += f"<div>What the words don't say:</div><ul style='margin:0'>{notes}</ul>" if notes else ""
        return f'<div style="color:var(--jp-content-font-color1,#1a1a1a);line-height:1.4">{page}</div>'

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        shown: dict[str, object] = {"text/plain": self.text(), "text/html": self.html()}
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        if getattr(shell, "kernel", None):  # a page that can ask back
            return {**RosettaBox(self)._repr_mimebundle_(**kwargs), **shown}
        return shown


class RosettaBox(Panel):
    """A `table` with a search box: its rows are those with the typed text in any of their cells."""

    css_class = "smtplab-rosetta"

    def __init__(self, table: RosettaTable) -> None:
        self.table = table
        self._search = ipywidgets.Text(value=table.contains, description="Only with",
                                       placeholder="Java, curl, timeout ...", style={"description_width": "5em"},
                                       layout={"width": "24em"})
        self._table = ipywidgets.HTML(table.html(), layout={"overflow": "visible"})
        super().__init__([self._search, self._table])
        instead_of_earlier(self)
        self._search.observe(self._filter, "value")

    def _filter(self, change: dict[str, str]) -> None:
        asked = self.table
        self.table = rosetta(asked.mode or None, asked.port_kind or None, change["new"].strip(),
                             cause=asked.cause or None)
        self._table.value = self.table.html()

    def text(self) -> str:
        """The table as text."""
        return self.table.text()

    def page(self) -> str:
        """The table without its search box."""
        return self.table.html()


def rosetta(mode: str | None = None, port_kind: str | None = None, contains: str = "", *,
            cause: Cause | str | None = None) -> RosettaTable:
    """What recorded clients of that mode say of that kind of port, those that say nothing included.

    With a `cause`, of every port and in every mode that made it. Without any of the three, it is
    `implicit` against `banner220` (an SMTP greeting in clear), the most famous. There is one row for each
    wording, whatever client says it. With `contains`, each client has its own row, if that text (in any
    case) is in its name, version, TLS library or words. For what was not recorded there are no rows, and
    the heading says what was.
    """
    if cause is None:
        mode, port_kind = mode or "implicit", port_kind or "banner220"
    runs = [run for run in recordings() if cause in (None, run.cause) and mode in (None, run.mode)
            and port_kind in (None, run.port_kind)]
    sought = contains.casefold()
    runs = [run for run in runs
            if sought in "\n".join((run.client, run.version, run.tls_library, run.words)).casefold()]
    runs.sort(key=lambda run: (not run.error_text, run.tls_library.casefold()))  # the silent ones last
    families: dict[object, list[RecordedError]] = {}
    for run in runs:
        families.setdefault(id(run) if contains else run.wording, []).append(run)
    return RosettaTable(str(mode or ""), str(port_kind or ""), contains, tuple(map(tuple, families.values())),
                        str(cause or ""))


def _joined(cells: Iterable[str]) -> str:
    """Each different text once, in order, with commas."""
    return ", ".join(dict.fromkeys(cells))


def _wrap(cell: str, width: int) -> list[str]:
    return [part for line in cell.split("\n")
            for part in textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False) or [""]]


def _html(cell: str, code: bool) -> str:
    escaped = html.escape(cell)
    return f'<span style="font-family:var(--jp-code-font-family,monospace)">{escaped}</span>' if code else escaped
