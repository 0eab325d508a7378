"""What recorded clients say of one failure, side by side: a table as text and HTML, with a search box in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

import ipywidgets

from ..causes import Cause
from ..escape import show_bytes
from .document import STYLE, Bullets, Code, Document, Either, Paragraph, Table, as_html, as_text
from .recorded_errors import RecordedError, recordings, unsaid
from .widget_base import Panel, instead_of_earlier

HEAD = ("client", "version", "TLS library", "its words")
WIDTHS = (26, 22, 22, 72)  # letters, in the text form
_NO_BYTES = {"close": "that closes at once", "rst": "that resets at once"}  # kinds without first bytes, and not silent


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

    def document(self) -> Document:
        """The heading, the table in a box that scrolls, and below it what the words don't say."""
        if not self.families:
            return Document((Paragraph(self.heading(), status=True),))
        rows = tuple((client, version, library, Code(words)) for client, version, library, words in self.rows)
        points = tuple(self.unsaid)
        listed = (Paragraph("What the words don't say:"), Bullets(points)) if points else ()
        notes = Either(text=tuple(Paragraph(note, hanging=2) for note in points), html=listed)
        return Document((Paragraph(self.heading(), status=True),
                         Table(HEAD, rows, label=self.heading(), widths=WIDTHS, underlined=True), notes))

    def text(self) -> str:
        """The document as text."""
        return as_text(self.document(), sum(WIDTHS))

    def __str__(self) -> str:
        return self.text()

    def html(self) -> str:
        """The document as HTML, with its style."""
        return STYLE + as_html(self.document())

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
