"""What settings do, as a document: their mode and why, what happens on the port, warnings, lines, and right settings.

`settings_report` is all of it as plain text. The other functions give its parts as HTML, for the settings explorer.
A text has one column and a page has boxes and tables, so that some parts say the same in two forms, in one place.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable

from ..escape import printable
from ..settings import (
    Framework,
    Outcome,
    Right,
    SettingLine,
    SettingsMode,
    SettingsReport,
    SettingsWarning,
    Translation,
    framework,
)
from .corners import corner_of, name_of, words_of
from .document import (
    WIDTH,
    Block,
    Bullets,
    Code,
    Document,
    Either,
    Group,
    Inline,
    Listing,
    Paragraph,
    Section,
    Small,
    Strong,
    Table,
    ToCopy,
    Tone,
    Words,
    as_html,
    as_text,
    columns,
)

WRONG_FRAMEWORK = "wrong-framework"  # the code of the warning that is said before all else
LONGEST_LINE = WIDTH - 19 - 3  # characters of a setting's line, behind its margin and before the dots
MOST_ALIKE = 3  # this many lines in a row that don't matter are shown in text; more are counted
MODES = {
    SettingsMode.PLAIN: "Plaintext: it never begins TLS.",
    SettingsMode.STARTTLS_OPPORTUNISTIC: "STARTTLS if the server offers it; else it goes on in clear.",
    SettingsMode.STARTTLS_REQUIRED: "Required STARTTLS: it begins in plaintext, and goes on with TLS or not at all.",
    SettingsMode.IMPLICIT: "Implicit TLS: it begins TLS at once, before the server has said a word.",
    SettingsMode.ERROR: "None: it refuses these settings before it connects."}
SAFE = {SettingsMode.IMPLICIT: "implicit TLS", SettingsMode.STARTTLS_REQUIRED: "required STARTTLS"}
# Whether the password crosses in clear: in short, and why.
CLEAR = {
    True: ("yes, if the server allows it",
           "A server that offers AUTH without TLS, or an attacker who makes it look so, gets the password in clear."),
    False: ("no", "With these settings it is sent inside TLS or not at all."),
    None: ("not known", "")}

COMPUTED = "only known when it runs"
EMPTY = "empty"


# --- the whole report, and tables of what is known ---


def settings_document(report: SettingsReport) -> Document:
    """The whole report."""
    translation = () if report.translation is None else (_translation(report.translation, report),)
    others = tuple(w for w in report.warnings if w.code == WRONG_FRAMEWORK)
    lead = tuple(Paragraph(_sentence(f"{w.message}.")) for w in others)
    warnings = tuple(w for w in report.warnings if w not in others)
    return Document((*lead, _answer(report), *_computed(report), _warnings(warnings), _lines(report),
                     *map(_right, report.right), *translation))


def settings_report(report: SettingsReport, width: int = WIDTH) -> str:
    """The whole report as text. Settings to copy stand at the left edge, unwrapped: an indent may have a meaning."""
    return as_text(settings_document(report), width)


def brief_report(report: SettingsReport) -> str:
    """The report in one line."""
    hangs = f" ({_short_duration(report.hang_ends_after_s)})" if report.outcome is Outcome.HANG else ""
    clear = "; the password may cross in clear" if report.password_in_clear_if_server_allows else ""
    return f"{report.outcome}{hangs}: {report.framework} {report.version}, {report.mode} on port {report.port}{clear}"


def frameworks_table(frameworks: Iterable[Framework], width: int = 10_000) -> str:
    """Names, titles and short forms as text, grouped by ecosystem. Where `width` is less than their three columns take,
    titles and short forms stand in one, cut at blanks."""
    known = list(frameworks)
    rows = [(f.name, f.title, ", ".join(f.aliases)) for f in known]
    owners, margin = known, "  "
    if max(map(len, columns(rows)), default=0) + len(margin) > width:
        room = max(20, width - max(len(f.name) for f in known) - len(margin) * 2)
        told = [textwrap.wrap(f"{title}: {short}" if short else title, room, subsequent_indent=margin,
                              break_long_words=False, break_on_hyphens=False) for _, title, short in rows]
        owners = [f for f, lines in zip(known, told, strict=True) for _ in lines]
        rows = [("" if index else f.name, line, "") for f, lines in zip(known, told, strict=True)
                for index, line in enumerate(lines)]
    groups: dict[str, list[str]] = {}
    for f, row in zip(owners, columns(rows), strict=True):
        groups.setdefault(f.ecosystem, []).append(row)
    return as_text(Document(tuple(Section(ecosystem, (Listing("\n".join(group)),))
                                  for ecosystem, group in groups.items())))


def meanings_table(meanings: Iterable[tuple[Framework, str, SettingsMode]], width: int = 200) -> str:
    """What the words "TLS", "SSL" and the like mean, as text: a row for each word of each framework, the words cut at
    blanks where `width` is less than a line takes."""
    rows = tuple((f.name, word, str(mode)) for f, word, mode in meanings)
    names, words, modes = _widths(rows) if rows else (0, 0, 0)
    room = width - names - modes - 4
    return as_text(Document((Table((), rows, widths=(names, max(10, room), modes) if words > room else ()),)))


def _widths(rows: Iterable[tuple[str, ...]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


# --- parts as HTML ---


def _page(*blocks: Block) -> str:
    return as_html(Document(blocks))


def answer(report: SettingsReport) -> str:
    """Mode, why, corner; what happens on the port's standard server, what is printed, how long it hangs; the password.

    Below stands what is only known when the program runs, with the answer for each value.
    """
    return _page(_answer(report), *_computed(report))


def warnings(report: SettingsReport) -> str:
    """The warnings, each with its code."""
    return _page(_warnings(report.warnings))


def lines(report: SettingsReport, pasted: bool = True) -> str:
    """The effect of each line as a table, what changes nothing struck through; secrets are blanked in the report.

    Without lines it says so: `pasted` tells apart a text without settings and no text.
    """
    return _page(_lines(report, pasted))


def right(found: Right) -> str:
    """The smallest right settings for a mode on its port, to copy, or why there are none."""
    return _page(_right(found))


def translated(found: Translation, report: SettingsReport) -> str:
    """The same mode and port in another framework, to copy, or why that can't be."""
    return _page(_translation(found, report))


def examples_missing(missing: list[tuple[str, str]]) -> str:
    """Examples, by name, that a framework can't be set to, and why."""
    return _page(*(Paragraph(Small(f"{name}: {why}.")) for name, why in missing))


def hint(*sentences: str) -> str:
    """Small sentences under the paste box; empty ones are left out."""
    return _page(Paragraph(Small(" ".join(filter(None, sentences)))))


def wrong_port(typed: str) -> str:
    """The answer to something typed in the port's field that is not a port."""
    return _page(Paragraph(f"✗ {typed[:20]} is no port: they are 1 to 65535. The settings' own is taken.", status=True))


def run_or_not(what: object) -> str:
    """What Run it would dial; None: why it dials nothing."""
    if what is None:
        return _page(Paragraph("These settings are refused before a connection is made, so nothing is dialled."))
    return _page(Paragraph(f"Run it dials: {what}."))


# --- how the parts are made ---


def sign(report: SettingsReport) -> tuple[str, Tone]:
    """(sign, tone) of an outcome: it works, it works but may go in clear, it fails, or it waits."""
    if report.outcome is Outcome.WORKS:
        return ("✓", Tone.GOOD) if report.mode in SAFE else ("!", Tone.DOUBT)
    return {Outcome.HANG: "…", Outcome.PLAINTEXT: "!"}.get(report.outcome, "✗"), Tone.BAD


def duration(seconds: float | None) -> str:
    """How long a wait lasts, in words."""
    if seconds is None:
        return "for ever"
    return f"{seconds:g} seconds" + (f" ({seconds / 60:.3g} minutes)" if seconds >= 120 else "")


def _short_duration(seconds: float | None) -> str:
    if seconds is None:
        return "for ever"
    return f"{seconds:g} s" + (f", {seconds / 60:.3g} minutes" if seconds >= 120 else "")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _answer(report: SettingsReport) -> Block:
    return Either(text=_answer_in_text(report), html=_answer_in_boxes(report))


def _answer_in_text(report: SettingsReport) -> tuple[Block, ...]:
    title = "" if report.title == report.framework else f": {report.title}"
    hangs = f" ({_short_duration(report.hang_ends_after_s)})" if report.outcome is Outcome.HANG else ""
    clear, whether = CLEAR[report.password_in_clear_if_server_allows]
    return (
        Listing(f"{report.framework}{title}\nversion {report.version}, port {report.port}"),
        Section(f"on port {report.port}: {report.outcome}{hangs}", (Paragraph(report.sentence), *_prints(report))),
        Section(f"mode: {report.mode}", (Paragraph(MODES[report.mode]), Paragraph(f"Why: {report.because}"),
                                         Paragraph(_corner(report)))),
        Section(f"password in clear: {clear}", (Paragraph(whether),)))


def _answer_in_boxes(report: SettingsReport) -> tuple[Block, ...]:
    mark, tone = sign(report)
    hangs = Paragraph(("It hangs ", Strong(duration(report.hang_ends_after_s)), "."))
    clear, whether = CLEAR[report.password_in_clear_if_server_allows]
    return (
        Group((Paragraph(f"{report.title or report.framework}, {report.version}, port {report.port}"),
               Paragraph((Strong(f"Mode: {report.mode}."), f" {_sentence(MODES[report.mode].removeprefix('None: '))}")),
               Paragraph(f"Why: {report.because.rstrip('.')}."), Paragraph(f"{_corner(report)}.")), Tone.NEUTRAL),
        Group((Paragraph((Strong(f"{mark} On port {report.port}: {report.outcome}."), f" {report.sentence}")),
               *(hangs,) * (report.outcome is Outcome.HANG), *_prints(report),
               Paragraph(("Can the password cross in clear? ", Strong(f"{_sentence(clear)}."), f" {whether}"))), tone))


def _corner(report: SettingsReport) -> str:
    """Which of the four corners these settings and their port are in, or why in none."""
    corner, reason = corner_of(report.mode, report.port)
    return f"Of the four corners: {name_of(corner, words_of('en')) if corner else f'none, since {reason}'}"


def _prints(report: SettingsReport) -> tuple[Block, ...]:
    """What the framework prints, below its own sentence."""
    if not report.error:
        return ()
    return Paragraph("It prints:"), Listing(report.error.removesuffix("\n"), indent=2)


def _computed(report: SettingsReport) -> tuple[Block, ...]:
    """Settings that are only known at run time: each with its line, and what each of its values would mean."""
    text: list[Block] = []
    rows: list[tuple[Words, ...]] = []
    for setting in report.computed:
        says = f"{setting.setting} = {setting.expression}"
        answers = [(value or EMPTY, mode.value, outcome.value) for value, mode, outcome in setting.answers]
        where = f"line {setting.line}: " if setting.line else ""
        text.append(Listing(printable(f"{where}{says}")))
        if answers:
            table = columns([(f"if it is {printable(value)}:", mode, outcome) for value, mode, outcome in answers])
            text.append(Listing("\n".join(table), indent=2))
        rows += ((str(setting.line or ""), Code(says), Code(value), Strong(mode), outcome)
                 for value, mode, outcome in answers or [("", "", "")])
    if not rows:
        return ()
    head = ("line", "setting", "if it is", "mode", "outcome")
    return (Either(text=(Section(COMPUTED, tuple(text)),),
                   html=(Table(head, tuple(rows), _sentence(COMPUTED), narrow=(0,)),)),)


def _warnings(found: tuple[SettingsWarning, ...]) -> Block:
    if not found:
        return Either(text=(Listing("no warnings"),), html=(Section("No warnings.", ()),))
    return Either(text=(Section("warnings", (Bullets(tuple(map(_warning_in_text, found)), sign=""),)),),
                  html=(Section("Warnings", (Bullets(tuple(map(_warning, found))),)),))


def _warning_in_text(warning: SettingsWarning) -> str:
    """The setting's name is not said twice where the message begins with it."""
    name = warning.setting
    said = not name or warning.message.startswith((f"{name}:", f"{name} "))
    return f"{warning.code}: {'' if said else f'{name}: '}{warning.message}"


def _warning(warning: SettingsWarning) -> tuple[Inline, ...]:
    name = (" ", Code(warning.setting)) if warning.setting else ()
    return Strong(warning.code), *name, f": {warning.message}"


def _lines(report: SettingsReport, pasted: bool = True) -> Block:
    in_text = any(line.effect != "decides" for line in report.lines)
    text = (Section("your lines", tuple(_lines_in_text(report.lines))),) * in_text
    if not report.lines:
        why = "Not one line of this is a setting of" if pasted else "Nothing is pasted: these are the defaults of"
        return Either(text, (Paragraph(f"{why} {report.title or report.framework}."),))
    rows = tuple((str(line.number or ""), Code(line.text, struck=line.effect in ("ineffective", "redundant")),
                  Strong(line.effect) if line.effect == "decides" else line.effect, line.why) for line in report.lines)
    return Either(text, (Table(("line", "setting", "effect", "why"), rows, "What each line does", narrow=(0, 2)),))


def _lines_in_text(found: tuple[SettingLine, ...]) -> Iterable[Block]:
    """Each line with its effect before and the reason below; long runs that don't matter are counted."""
    for matters, group in itertools.groupby(found, lambda line: line.effect != "other"):
        run = list(group)
        if not matters and len(run) > MOST_ALIKE:
            yield Listing(f"{'other':<11}    . | ({len(run)} lines that don't matter here)")
            continue
        for line in run:
            text = printable(line.text.rstrip()).replace("\n", "\\n")  # cut as it is shown
            number = line.number or ""  # a mapping has no lines
            dots = "..." * (len(text) > LONGEST_LINE)
            yield Listing(f"{line.effect:<11} {number:>4} | {text[:LONGEST_LINE]}{dots}".rstrip())
            if line.effect not in ("decides", "other"):
                yield Paragraph(line.why, indent=19)


def _right(found: Right) -> Block:
    name = SAFE.get(found.mode)
    return _to_copy(f"{name or found.mode} on port {found.port}, the smallest settings:",
                    f"{_sentence(name) if name else found.mode} on {found.port}, the smallest right settings", found)


def _translation(found: Translation, report: SettingsReport) -> Block:
    try:
        title = framework(found.framework).title
    except ValueError:  # a translation that somebody made
        title = found.framework
    if not found.mended:
        return _to_copy(f"the same for {found.framework}:", f"{report.mode} on {report.port} in {title}", found)
    works = f"{found.mode} in place of {report.mode}, since that works on port {report.port}"
    return _to_copy(f"for {found.framework}, mended: {works}:", f"Mended: {works}, in {title}", found)


def _to_copy(text_head: str, html_head: str, found: Right | Translation) -> Block:
    """Settings to copy below a head, at the left edge in text too; where they are not possible, the reason."""
    body: tuple[Block, ...] = (ToCopy(found.text.rstrip(" \n\t")) if found.possible else Paragraph(found.text),)
    return Either(text=(Section(text_head, body, indent=0 if found.possible else 2),), html=(Section(html_head, body),))
