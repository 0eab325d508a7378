"""A settings report, and how its rehearsal came out, as HTML: pure functions, every value escaped.

Colours are JupyterLab's own, so that both themes fit, and say nothing that a word or a sign doesn't say too.
"""

from __future__ import annotations

import html

from ..escape import printable
from ..settings import Outcome, Right, SettingLine, SettingsMode, SettingsReport, Translation, framework
from ..trace import Trace
from .settings_rehearsal import Comparison
from .settings_text import CLEAR, MODES
from .text import counters, transcript

_LINE, _GROUND = "var(--jp-border-color1,#bbb)", "var(--jp-layout-color2,#eee)"
STYLE = f"""<style>
.smtplab-settings {{ color:var(--jp-content-font-color1,#1a1a1a); line-height:1.45; max-width:76em }}
.smtplab-settings p {{ margin:3px 0; overflow-wrap:anywhere }}
.smtplab-settings ul {{ margin:2px 0; padding-left:1.4em; overflow-wrap:anywhere }}
.smtplab-settings .says {{ border-left:5px solid var(--jp-border-color0,#777); padding:2px 10px }}
.smtplab-settings .says + .says {{ margin-top:8px }}
.smtplab-settings .good {{ border-left-color:var(--jp-success-color1,#2e7d32) }}
.smtplab-settings .bad {{ border-left-color:var(--jp-error-color1,#c62828) }}
.smtplab-settings .doubt {{ border-left-color:var(--jp-warn-color1,#e69f00) }}
.smtplab-settings pre {{ margin:3px 0; padding:4px 8px; background:{_GROUND}; color:inherit; border-radius:3px;
  white-space:pre-wrap; overflow-wrap:anywhere; font-family:var(--jp-code-font-family,monospace); font-size:13px;
  line-height:1.4 }}
.smtplab-settings pre.copy {{ user-select:all; border:1px solid {_LINE} }}
.smtplab-settings pre.transcript {{ max-height:22em; overflow:auto }}
.smtplab-settings code {{ color:inherit; background:none; padding:0; overflow-wrap:anywhere;
  font-family:var(--jp-code-font-family,monospace) }}
.smtplab-settings table {{ border-collapse:collapse; margin:6px 0; width:100%; font-size:13px; border:none }}
.smtplab-settings caption, .smtplab-settings .head {{ text-align:left; font-weight:bold; padding:2px 0; color:inherit;
  font-size:14px }}
.smtplab-settings th, .smtplab-settings td {{ text-align:left; padding:2px 8px; vertical-align:top; white-space:normal;
  border-bottom:1px solid {_LINE}; overflow-wrap:anywhere; max-width:none }}
.smtplab-settings tr {{ background:none }}
.smtplab-settings tr.sealed {{ background:{_GROUND} }}
.smtplab-settings tr.waits td {{ font-weight:bold; padding:14px 8px }}
.smtplab-settings .lanes th:nth-child(odd) {{ width:42% }}
.smtplab-settings .lanes th:nth-child(2), .smtplab-settings .lanes td:nth-child(2) {{ white-space:nowrap;
  text-align:center }}
.smtplab-settings .effects td:nth-child(1), .smtplab-settings .effects td:nth-child(3),
.smtplab-settings th {{ white-space:nowrap }}
.smtplab-settings .bytes {{ width:auto }}
.smtplab-settings .bytes td {{ text-align:center; border:1px solid {_LINE};
  font-family:var(--jp-code-font-family,monospace) }}
.smtplab-settings small {{ font-size:12px; font-style:italic }}
</style>"""


def _text(words: object) -> str:
    """Any words, with what is unprintable as escapes, safe in HTML."""
    return html.escape(printable(str(words)))


def _sentence(words: str) -> str:
    return _text(f"{words[:1].upper()}{words[1:]}")


def _box(inside: str) -> str:
    return f'<div class="smtplab-settings">{inside}</div>'


def sign(report: SettingsReport) -> tuple[str, str]:
    """(sign, tone) of an outcome: it works, it works but may go in clear, it fails, or it waits."""
    if report.outcome is Outcome.WORKS:
        sure = report.mode in (SettingsMode.IMPLICIT, SettingsMode.STARTTLS_REQUIRED)
        return ("✓", "good") if sure else ("!", "doubt")
    return {Outcome.HANG: ("…", "bad"), Outcome.PLAINTEXT: ("!", "bad")}.get(report.outcome, ("✗", "bad"))


def duration(seconds: float | None) -> str:
    """How long a wait lasts, in words."""
    if seconds is None:
        return "for ever"
    return f"{seconds:g} seconds" + (f" ({seconds / 60:.3g} minutes)" if seconds >= 120 else "")


def answer(report: SettingsReport) -> str:
    """Mode and why; what happens on the port's standard server, what is printed, how long it hangs; the password."""
    mark, tone = sign(report)
    mode = (f"<p>{_text(report.title or report.framework)}, {_text(report.version)}, port {report.port}</p>"
            f"<p><b>Mode: {_text(report.mode)}.</b> {_sentence(MODES[report.mode].removeprefix('None: '))}</p>"
            f"<p>Why: {_text(report.because.rstrip('.'))}.</p>")
    port = [f"<p><b>{mark} On port {report.port}: {_text(report.outcome)}.</b> {_text(report.sentence)}</p>"]
    if report.outcome is Outcome.HANG:
        port.append(f"<p>It hangs <b>{_text(duration(report.hang_ends_after_s))}</b>.</p>")
    if report.error:
        port.append(f"<p>It prints:</p><pre>{_text(report.error)}</pre>")
    short, long = CLEAR[report.password_in_clear_if_server_allows]
    port.append(f"<p>Can the password cross in clear? <b>{_sentence(short)}.</b> {_text(long)}</p>")
    return _box(f'<div class="says">{mode}</div><div class="says {tone}">{"".join(port)}</div>')


def lines(report: SettingsReport, pasted: bool = True) -> str:
    """The effect of each line as a table, what changes nothing struck through; secrets are blanked in the report."""
    if not report.lines:
        why = "Not one line of this is a setting of" if pasted else "Nothing is pasted: these are the defaults of"
        return _box(f"<p>{why} {_text(report.title or report.framework)}.</p>")
    rows = "".join(map(_line, report.lines))
    return _box('<table class="effects"><caption>What each line does</caption><thead><tr><th scope="col">line</th>'
                '<th scope="col">setting</th><th scope="col">effect</th><th scope="col">why</th></tr></thead>'
                f"<tbody>{rows}</tbody></table>")


def _line(line: SettingLine) -> str:
    text = f"<code>{_text(line.text)}</code>"
    if line.effect in ("ineffective", "redundant"):
        text = f"<del>{text}</del>"
    effect = f"<b>{_text(line.effect)}</b>" if line.effect == "decides" else _text(line.effect)
    return f"<tr><td>{line.number or ''}</td><td>{text}</td><td>{effect}</td><td>{_text(line.why)}</td></tr>"


def warnings(report: SettingsReport) -> str:
    """The warnings by code."""
    if not report.warnings:
        return _box('<p class="head">No warnings.</p>')
    rows = "".join(f"<li><b>{_text(w.code)}</b>{_setting(w.setting)}: {_text(w.message)}</li>" for w in report.warnings)
    return _box(f'<p class="head">Warnings</p><ul>{rows}</ul>')


def _setting(name: str) -> str:
    return f" <code>{_text(name)}</code>" if name else ""


def right(found: Right) -> str:
    """The smallest right settings for a mode on its port, to copy, or why there are none."""
    name = {SettingsMode.IMPLICIT: "Implicit TLS", SettingsMode.STARTTLS_REQUIRED: "Required STARTTLS"}.get(
        found.mode, found.mode)
    return _to_copy(f"{name} on {found.port}, the smallest right settings", found.text, found.possible)


def translated(found: Translation, report: SettingsReport) -> str:
    """The same mode and port in another framework, to copy, or why that can't be."""
    return _to_copy(f"{report.mode} on {report.port} in {framework(found.framework).title}", found.text,
                    found.possible)


def _to_copy(head: str, text: str, possible: bool) -> str:
    body = f'<pre class="copy">{_text(text)}</pre>' if possible else f"<p>{_text(text)}</p>"
    return _box(f'<p class="head">{_text(head)}</p>{body}')


def examples_missing(missing: list[tuple[str, str]]) -> str:
    """Examples, by name, that a framework can't be set to, and why."""
    return _box("".join(f"<p><small>{_text(name)}: {_text(why)}.</small></p>" for name, why in missing))


def hint(*sentences: str) -> str:
    """What is to be said under the paste box."""
    return _box(f"<p><small>{_text(' '.join(filter(None, sentences)))}</small></p>")


def wrong_port(typed: str) -> str:
    """That what was typed is no port."""
    return _box(f'<p role="status">✗ {_text(typed[:20])} is no port: they are 1 to 65535. The settings\' own is'
                " taken.</p>")


def run_or_not(what: object) -> str:
    """What Run it would dial; None: why it dials nothing."""
    if what is None:
        return _box("<p>These settings are refused before a connection is made, so nothing is dialled.</p>")
    return _box(f"<p>Run it dials: {_text(what)}.</p>")


def comparison(found: Comparison, trace: Trace, whose: str) -> str:
    """The prediction beside what was seen; counters, cause and transcript below."""
    mark, tone, verdict = {True: ("✓", "good", "as predicted"), False: ("✗", "bad", "not as predicted"),
                           None: ("?", "doubt", "no test of the prediction")}[found.agrees]
    why = trace.diagnosis
    sizes = f"{trace.bytes_received} bytes received and {trace.bytes_sent} sent in {trace.seconds:.3f} s"
    waits = f"; the client was waiting: {trace.waiting_for}" if trace.waiting_for else ""
    said = "\n".join(transcript(trace.events))
    return _box(f'<div class="says {tone}" role="status"><p>{_text(whose)}</p>'
                f"<p><b>{mark} predicted: {_text(found.predicted)} / seen: {_text(found.seen)}</b> ({verdict}).</p>"
                + (f"<p>{_text(found.note)}</p>" if found.note else "")
                + f"</div><p><b>{_text(why.title)}.</b> {_text(why.why)}</p>"
                f"<p>{_text(counters(trace))}. {_text(sizes)}{_text(waits)}.</p>"
                '<p class="head">Transcript</p><pre class="transcript" tabindex="0" role="region"'
                f' aria-label="transcript">{_text(said)}</pre>')
