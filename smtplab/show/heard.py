"""What real clients say of the same failure, each in its own words: a table of recorded runs.

The runs are in `heard.jsonl`, one a line: `error_text` is what the client printed, its lines divided by
"\\n", with what changes from run to run (ports, dates, process ids) replaced by PORT, <date>, <pid>, <tid>.
`hang` is true where it was still waiting when it was ended, after `killed_after_s`; `seconds` are upper
bounds, as the machine was loaded at times. Against `silent` the clients ran with their default time-outs.
The cause of a run is known by how it was made: mode and kind of port.
"""

from __future__ import annotations

import html
import json
import re
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..causes import Cause
from ..escape import show_bytes
from .heard_unsaid import unsaid
from .text import table

_NO_BYTES = {"close": "that closes at once", "rst": "that resets at once"}  # "" of first bytes, and not silent
HEAD = ("client", "version", "TLS library", "its words")
WIDTHS = (26, 22, 22, 72)  # letters, in the text form
# What differs between two releases' wordings and means nothing: places in the source, dates, releases, fields.
_DETAIL = re.compile(r":\S+\.c:\d+:?|_ssl\.c:\d+|OpenSSL[ /]\d\S*(?: +\d+ \w+ \d{4})?|<tid>:|code: \S+$", re.MULTILINE)
_NO_WORDS = re.compile(r"/|code[=:]|\*\w")  # lines that say nothing: where mail was put, numbers, types
# By construction. A port that is silent to an implicit client too is no implicit port, and nothing known.
CAUSES = {("implicit", "banner220"): Cause.IMPLICIT_TO_PLAINTEXT, ("implicit", "silent"): Cause.OTHER,
          **dict.fromkeys((("plain", "silent"), ("starttls", "silent")), Cause.PLAINTEXT_TO_IMPLICIT),
          **dict.fromkeys((("implicit", "close"), ("implicit", "rst"), ("starttls", "close"), ("starttls", "rst")),
                          Cause.CLOSED_BEFORE_GREETING),
          ("starttls", "nostarttls"): Cause.STARTTLS_NOT_OFFERED, ("starttls", "554"): Cause.RELAY_OR_POLICY,
          ("starttls", "421"): Cause.TEMPORARILY_UNAVAILABLE}
_BOX = ("max-height:30em;overflow:auto;max-width:100%;border:1px solid var(--jp-border-color2,#ccc);"
        "border-radius:4px;color:var(--jp-content-font-color1,#1a1a1a);background:var(--jp-layout-color1,#fff)")
_CELL = ("padding:4px 8px;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere;"
         "border-bottom:1px solid var(--jp-border-color2,#ccc)")
_HEAD = f"{_CELL};position:sticky;top:0;background:var(--jp-layout-color2,#eee)"


@dataclass(frozen=True)
class Heard:
    """One recorded run of a real client against a port that was not what it took it for, or refused it."""

    client: str
    version: str
    tls_library: str
    mode: str
    port_kind: str
    first_bytes: str
    error_text: str
    hang: bool
    seconds: float
    killed_after_s: float | None
    recorded: str

    @property
    def words(self) -> str:
        """What it said; if nothing, how it ended."""
        if self.error_text:
            return self.error_text
        if self.hang:
            return f"(nothing: it was still waiting after {self.killed_after_s:g} s, and was ended)"
        return "(nothing: it ended without a word)"

    @property
    def cause(self) -> Cause:
        """What was wrong, as the run was made."""
        return CAUSES[self.mode, self.port_kind]

    @property
    def wording(self) -> str:
        """Its words without what differs between two releases and means nothing."""
        return _DETAIL.sub("", self.words).strip()

    @property
    def last_words(self) -> str:
        """The last line that says something, which is what people paste; "" where it said nothing."""
        lines = [line.strip() for line in self.wording.splitlines()] if self.error_text else []
        return next((line for line in reversed(lines) if line and not _NO_WORDS.match(line)), "")


@cache
def recordings() -> tuple[Heard, ...]:
    """All recorded runs."""
    text = Path(__file__).with_name("heard.jsonl").read_text(encoding="utf-8")
    return tuple(Heard(**json.loads(line)) for line in text.splitlines())


@dataclass(frozen=True)
class Words:
    """Recorded runs, of one `cause`, or of one `mode` against one `port_kind`; "" stands for all.

    Each of `families` is a tuple of runs in the same words. In a notebook it has a search box.
    """

    mode: str
    port_kind: str
    contains: str
    families: tuple[tuple[Heard, ...], ...]
    cause: str = ""

    @property
    def runs(self) -> list[Heard]:
        """All of them, family by family."""
        return [run for family in self.families for run in family]

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """(client, version, TLS library, its words) a family; several of one cell are joined with commas."""
        return [(*(", ".join(dict.fromkeys(getattr(run, key) for run in runs))
                   for key in ("client", "version", "tls_library")), runs[0].words) for runs in self.families]

    @property
    def unsaid(self) -> list[str]:
        """What the words don't say: who says nothing, who ends every failure alike, how long who waits."""
        return unsaid(self.runs, recordings())

    def heading(self) -> str:
        """What was recorded, when, and how many say it in how many ways."""
        runs, having = self.runs, f" with {self.contains!r} in them" if self.contains else ""
        if not runs:
            asked = f"of cause {self.cause}" if self.cause else f"of mode {self.mode} against {self.port_kind}"
            known = sorted({f"{run.cause} ({run.mode} against {run.port_kind})" for run in recordings()})
            return f"No run was recorded {asked}{having}. Recorded: {', '.join(known)}."
        when = ", ".join(sorted({run.recorded for run in runs}))
        ways = "" if self.contains else f", in {len(self.families)} wordings"
        if self.cause:
            made = ", ".join(dict.fromkeys(f"{run.mode} against {run.port_kind}" for run in runs))
            return f"{len(runs)} runs of clients whose cause is {self.cause} ({made}){having}{ways}. Recorded {when}."
        sent = " or ".join(f"`{show_bytes(first.encode())}`" for first in dict.fromkeys(run.first_bytes for run in runs)
                           if first)
        port = f"whose first bytes are {sent}" if sent else _NO_BYTES.get(self.port_kind, "that says nothing")
        return f"{len(runs)} runs of clients in mode {self.mode} against a port {port}{having}{ways}. Recorded {when}."

    def text(self) -> str:
        """The table, its cells wrapped, and what the words don't say."""
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
            widths = ("17%", "13%", "17%", "53%")
            head = "".join(f'<th scope="col" style="{_HEAD};width:{width}">{html.escape(name)}</th>'
                           for name, width in zip(HEAD, widths, strict=True))
            body = "".join("<tr>" + "".join(f'<td style="{_CELL}">{_html(cell, at == 3)}</td>'
                                            for at, cell in enumerate(row)) + "</tr>" for row in self.rows)
            page += (f'<div tabindex="0" role="region" aria-label="{heading}" style="{_BOX}">'
                     f'<table style="width:100%;table-layout:fixed;border-collapse:collapse;margin:0">'
                     f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")
            notes = "".join(f'<li style="overflow-wrap:anywhere">{html.escape(note)}</li>' for note in self.unsaid)
            page += f"<div>What the words don't say:</div><ul style='margin:0'>{notes}</ul>" if notes else ""
        return f'<div style="color:var(--jp-content-font-color1,#1a1a1a);line-height:1.4">{page}</div>'

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        shown = {"text/plain": self.text(), "text/html": self.html()}
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        if getattr(shell, "kernel", None):  # a page that can ask back
            from .heard_box import HeardBox
            return HeardBox(self)._repr_mimebundle_(**kwargs) | shown
        return shown


def rosetta(mode: str | None = None, port_kind: str | None = None, contains: str = "", *,
            cause: Cause | str | None = None) -> Words:
    """What recorded clients of that mode say of that kind of port, those that say nothing included.

    Or, with a `cause`, of every port and in every mode that made it. Without any of the three, it is
    `implicit` against `banner220` (an SMTP greeting in clear), the most famous. One row for each wording,
    whatever client says it. With `contains`, each client has its row, if that text (in any case) is in its
    name, version, TLS library or words. For what was not recorded there are no rows, and the text says
    what there is.
    """
    if cause is None:
        mode, port_kind = mode or "implicit", port_kind or "banner220"
    runs = [run for run in recordings() if cause in (None, run.cause) and mode in (None, run.mode)
            and port_kind in (None, run.port_kind)]
    sought = contains.casefold()
    runs = [run for run in runs
            if sought in "\n".join((run.client, run.version, run.tls_library, run.words)).casefold()]
    runs.sort(key=lambda run: (not run.error_text, run.tls_library.casefold()))  # the silent ones last
    families: dict[object, list[Heard]] = {}
    for run in runs:
        families.setdefault(id(run) if contains else run.wording, []).append(run)
    return Words(str(mode or ""), str(port_kind or ""), contains, tuple(map(tuple, families.values())),
                 str(cause or ""))


def _wrap(cell: str, width: int) -> list[str]:
    return [part for line in cell.split("\n")
            for part in textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False) or [""]]


def _html(cell: str, code: bool) -> str:
    escaped = html.escape(cell)
    return f'<span style="font-family:var(--jp-code-font-family,monospace)">{escaped}</span>' if code else escaped
