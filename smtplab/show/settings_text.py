"""A settings report as plain text: what the settings do, why, what is odd about them, and the right ones to copy.

What a person pasted is shown with everything unprintable escaped, so that it can't act on the terminal.
Settings to copy stand at the left edge, unwrapped, since in some formats an indent has a meaning.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..escape import printable

if TYPE_CHECKING:
    from ..settings import Framework, SettingLine, SettingsMode, SettingsReport, SettingsWarning

WIDTH = 100  # as in .text, which would bring the readers of bytes with it
RUN = 3  # so many lines in a row that don't matter are shown; more are counted
MODES = {"plain": "Plaintext: it never begins TLS.",
         "starttls-opportunistic": "STARTTLS if the server offers it; else it goes on in clear.",
         "starttls-required": "Required STARTTLS: it begins in plaintext, and goes on with TLS or not at all.",
         "implicit": "Implicit TLS: it begins TLS at once, before the server has said a word.",
         "error": "None: it refuses these settings before it connects."}
SHORT = {"implicit": "implicit TLS", "starttls-required": "required STARTTLS"}
CLEAR = {True: ("yes, if the server allows it", "A server that offers AUTH without TLS, or an attacker who makes it "
                "look so, gets the password in clear."),
         False: ("no", "With these settings it is sent inside TLS or not at all."),
         None: ("not known", "")}


def settings_report(report: SettingsReport) -> str:
    """The whole report: mode and why, what comes of it on the port, warnings, the lines, and settings to copy."""
    title = "" if report.title == report.framework else f": {printable(report.title)}"
    parts = [[f"{report.framework}{title}", f"version {printable(report.version)}, port {report.port}"],
             [f"mode: {report.mode}", *_wrapped(MODES[report.mode]), *_wrapped(f"Why: {report.because}")],
             _outcome(report), _password(report), _warnings(report.warnings)]
    if any(line.effect != "decides" for line in report.lines):
        parts.append(["your lines", *_lines(report.lines)])
    parts += [_to_copy(f"{SHORT.get(right.mode, right.mode)} on port {right.port}, the smallest settings:", right.text,
                       right.possible) for right in report.right]
    if report.translation is not None:
        parts.append(_to_copy(f"the same for {report.translation.framework}:", report.translation.text,
                              report.translation.possible))
    return "\n\n".join("\n".join(part) for part in parts)


def frameworks_table(frameworks: Iterable[Framework]) -> str:
    """Names, titles and short forms, grouped by ecosystem."""
    known = list(frameworks)
    lines = _columns([(f.name, f.title, ", ".join(f.aliases)) for f in known])
    out: dict[str, list[str]] = {}
    for f, line in zip(known, lines, strict=True):
        out.setdefault(f.ecosystem, []).append(f"  {line}")
    return "\n\n".join("\n".join([ecosystem, *group]) for ecosystem, group in out.items())


def meanings_table(meanings: Iterable[tuple[Framework, str, SettingsMode]]) -> str:
    """What the words "TLS", "SSL" and the like mean: a line for each word of each framework."""
    return "\n".join(_columns([(f.name, word, str(mode)) for f, word, mode in meanings]))


def _columns(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    first, second = (max((len(row[i]) for row in rows), default=0) for i in (0, 1))
    return [f"{one:{first}}  {two:{second}}  {three}".rstrip() for one, two, three in rows]


def _wrapped(text: str, indent: str = "  ", hanging: str | None = None) -> list[str]:
    return textwrap.wrap(printable(text), WIDTH, initial_indent=indent, break_long_words=False, break_on_hyphens=False,
                         subsequent_indent=indent if hanging is None else hanging)


def _outcome(report: SettingsReport) -> list[str]:
    ends = report.hang_ends_after_s
    hang = "" if report.outcome != "hang" else f" ({'for ever' if ends is None else _duration(ends)})"
    out = [f"on port {report.port}: {report.outcome}{hang}", *_wrapped(report.sentence)]
    if report.error:
        out.append("  It prints:")
        out += [f"    {line}" for line in printable(report.error).splitlines()]
    return out


def _duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 else f"{seconds:g} s, {seconds / 60:.3g} minutes"


def _password(report: SettingsReport) -> list[str]:
    answer, sentence = CLEAR[report.password_in_clear_if_server_allows]
    return [f"password in clear: {answer}", *_wrapped(sentence)]


def _warnings(warnings: tuple[SettingsWarning, ...]) -> list[str]:
    if not warnings:
        return ["no warnings"]
    out = ["warnings"]
    for w in warnings:
        setting = "" if not w.setting or w.message.startswith((f"{w.setting}:", f"{w.setting} ")) else f"{w.setting}: "
        out += _wrapped(f"{w.code}: {setting}{w.message}", hanging="    ")
    return out


def _lines(lines: tuple[SettingLine, ...]) -> list[str]:
    """Each line with its effect before and the reason below; long runs that don't matter are counted."""
    out = []
    for matters, run in itertools.groupby(lines, lambda line: line.effect != "other"):
        run = list(run)
        shown = run if matters or len(run) <= RUN else []
        for line in shown:
            text = printable(line.text.rstrip()).replace("\n", "\\n")
            number = line.number or ""  # a mapping has no lines
            out.append(f"  {line.effect:<11} {number:>4} | {text[:WIDTH] + '...' * (len(text) > WIDTH)}".rstrip())
            if line.effect not in ("decides", "other"):
                out += _wrapped(line.why, " " * 21)
        if not shown:
            out.append(f"  {'other':<11}    . | ({len(run)} lines that don't matter here)")
    return out


def _to_copy(heading: str, text: str, possible: bool) -> list[str]:
    if not possible:
        return [heading, *_wrapped(text)]
    return [heading, "", *printable(text).rstrip().split("\n")]
