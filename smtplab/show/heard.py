"""What real clients say of the same mismatch, each in its own words: a table of recorded runs.

The runs are in `heard.jsonl`, one a line: `error_text` is what the client printed, its lines divided by
"\\n", with what changes from run to run (ports, dates, process ids) replaced by PORT, <date>, <pid>, <tid>.
`hang` is true where it was still waiting when it was ended, after `killed_after_s`; `seconds` are upper
bounds, as the machine was loaded at times.
"""

from __future__ import annotations

import html
import json
import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..words import show_bytes
from .text import table

HEAD = ("client", "version", "TLS library", "its words")
WIDTHS = (26, 22, 22, 72)  # letters, in the text form
# What differs between two releases' wordings and means nothing: places in the source, dates, releases, fields.
_DETAIL = re.compile(r":\S+\.c:\d+:?|_ssl\.c:\d+|OpenSSL[ /]\d\S*(?: +\d+ \w+ \d{4})?|<tid>:|code: \S+$", re.MULTILINE)
_BOX = ("max-height:30em;overflow:auto;max-width:100%;border:1px solid var(--jp-border-color2,#ccc);"
        "border-radius:4px;color:var(--jp-content-font-color1,#1a1a1a);background:var(--jp-layout-color1,#fff)")
_CELL = ("padding:4px 8px;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere;"
         "border-bottom:1px solid var(--jp-border-color2,#ccc)")
_HEAD = f"{_CELL};position:sticky;top:0;background:var(--jp-layout-color2,#eee)"


@dataclass(frozen=True)
class Heard:
    """One recorded run of a real client against a port that was not what it took it for."""

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


@cache
def recordings() -> tuple[Heard, ...]:
    """All recorded runs."""
    text = Path(__file__).with_name("heard.jsonl").read_text(encoding="utf-8")
    return tuple(Heard(**json.loads(line)) for line in text.splitlines())


@dataclass(frozen=True)
class Words:
    """Runs of one `mode` against one `port_kind`; each of `families` is a tuple of runs in the same words."""

    mode: str
    port_kind: str
    contains: str
    families: tuple[tuple[Heard, ...], ...]

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """(client, version, TLS library, its words) a family; several of one cell are joined with commas."""
        return [(*(", ".join(dict.fromkeys(getattr(run, key) for run in runs))
                   for key in ("client", "version", "tls_library")), runs[0].words) for runs in self.families]

    def heading(self) -> str:
        """What was recorded, when, and how many say it in how many ways."""
        runs = [run for family in self.families for run in family]
        having = f" with {self.contains!r} in them" if self.contains else ""
        if not runs:
            known = sorted({f"{run.mode} against {run.port_kind}" for run in recordings()})
            return (f"No run was recorded of mode {self.mode} against {self.port_kind}{having}. "
                    f"Recorded: {', '.join(known)}.")
        sent = show_bytes(runs[0].first_bytes.encode("utf-8"))
        port = f"whose first bytes are `{sent}`" if sent else "that says nothing"
        when = ", ".join(sorted({run.recorded for run in runs}))
        ways = "" if self.contains else f", in {len(self.families)} wordings"
        return f"{len(runs)} runs of clients in mode {self.mode} against a port {port}{having}{ways}. Recorded {when}."

    def text(self) -> str:
        """The table, its cells wrapped."""
        lines = [HEAD]
        for row in self.rows:
            parts = [_wrap(cell, width) for cell, width in zip(row, WIDTHS, strict=True)]
            height = max(map(len, parts))
            lines += zip(*(part + [""] * (height - len(part)) for part in parts), strict=True)
        return f"{self.heading()}\n\n{table(lines)}" if self.families else self.heading()

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs: object) -> dict:
        heading = html.escape(self.heading())
        page = f"<div>{heading}</div>"
        if self.families:
            widths = ("17%", "13%", "17%", "53%")
            head = "".join(f'<th scope="col" style="{_HEAD};width:{width}">{html.escape(name)}</th>'
                           for name, width in zip(HEAD, widths, strict=True))
            body = "".join("<tr>" + "".join(f'<td style="{_CELL}">{_html(cell, at == 3)}</td>'
                                            for at, cell in enumerate(row)) + "</tr>" for row in self.rows)
            page += (f'<div tabindex="0" role="region" aria-label="{heading}" style="{_BOX}">'
                     f'<table style="width:100%;table-layout:fixed;border-collapse:collapse;margin:0">'
                     f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")
        return {"text/plain": self.text(), "text/html": page}


def rosetta(mode: str = "implicit", port_kind: str = "banner220", contains: str = "") -> Words:
    """What recorded clients of that mode say of that kind of port, those that say nothing included.

    One row for each wording, whatever client says it. With `contains`, each client has its row, if that
    text (in any case) is in its name, version, TLS library or words. Recorded are `implicit` against
    `banner220` (an SMTP greeting in clear), and `plain` and `starttls` against `silent`, with the
    clients' default time-outs. For anything else there are no rows, and the text says what there is.
    """
    runs = [run for run in recordings() if (run.mode, run.port_kind) == (mode, port_kind)]
    sought = contains.casefold()
    runs = [run for run in runs
            if sought in "\n".join((run.client, run.version, run.tls_library, run.words)).casefold()]
    runs.sort(key=lambda run: (not run.error_text, run.tls_library.casefold()))  # the silent ones last
    families: dict[object, list[Heard]] = {}
    for run in runs:
        families.setdefault(id(run) if contains else _DETAIL.sub("", run.words).strip(), []).append(run)
    return Words(str(mode), str(port_kind), contains, tuple(map(tuple, families.values())))


def _wrap(cell: str, width: int) -> list[str]:
    return [part for line in cell.split("\n")
            for part in textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False) or [""]]


def _html(cell: str, code: bool) -> str:
    escaped = html.escape(cell)
    return f'<span style="font-family:var(--jp-code-font-family,monospace)">{escaped}</span>' if code else escaped
