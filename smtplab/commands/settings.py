"""`smtplab settings`: what a mailer's settings do, from a file or a paste."""

from __future__ import annotations

import os
from dataclasses import replace

import click

from ..settings import SettingsReport, framework, frameworks, meanings, read_settings, recognize, translate
from ..show.screen import width
from ..show.settings_document import brief_report, frameworks_table, meanings_table, settings_report
from .io import BRIEF, JSON, STRICT, at_terminal, emit, json_text, read_input, warn


@click.command("settings")
@click.argument("name", required=False, metavar="FRAMEWORK")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--version", metavar="V", help="The framework's version; default is the newest.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Default is the one that is set.")
@click.option("--to", "other", metavar="FRAMEWORK", help="Also write the same settings for this one.")
@click.option("--list", "listing", is_flag=True, help="Name the frameworks.")
@click.option("--words", is_flag=True, help='Say what "TLS", "SSL" and the like mean in each framework.')
@BRIEF
@STRICT
@JSON
def command(name: str | None, file: str | None, version: str | None, port: int | None, other: str | None,
            listing: bool, words: bool, brief: bool, strict: bool, as_json: bool) -> int:
    """Say what a mailer's settings do, and what is odd about them.

    The settings come from FILE, or from stdin. Without FRAMEWORK it is recognised by the settings, if they are of one
    alone. Example: smtplab settings rails production.rb --port 465
    """
    if listing:
        emit(as_json, frameworks(), lambda known: frameworks_table(known, width(10_000)), lambda known: json_text(
            [{"schema": "smtplab.framework/1", "name": f.name, "title": f.title, "aliases": list(f.aliases),
              "ecosystem": f.ecosystem} for f in known]))
        return 0
    if words:
        emit(as_json, meanings(), lambda found: meanings_table(found, width(10_000)), lambda found: json_text(
            [{"schema": "smtplab.word/1", "framework": f.name, "word": word, "mode": mode} for f, word, mode in found]))
        return 0
    if name is None and at_terminal():
        raise click.UsageError("name the framework or a file; smtplab settings --list shows all frameworks")
    unnamed = name is None or name == "-" or not _known(name) and file is None and os.path.isfile(name)
    for asked in filter(None, (None if unnamed else name, other)):  # reported before a person types settings
        try:
            framework(asked)
        except ValueError as exc:
            raise click.UsageError(str(exc)) from None
    text = _text(name if unnamed else file)
    report = read_settings(_recognized(text) if unnamed or name is None else name, text, version=version, port=port)
    if other:
        report = replace(report, translation=translate(report, other))
    emit(as_json, report, brief_report if brief else lambda one: settings_report(one, width()), SettingsReport.to_json)
    return 1 if strict and not report.is_sound else 0


def _known(name: str) -> bool:
    try:
        return bool(framework(name))
    except ValueError:
        return False


def _recognized(text: str) -> str:
    """The name of the framework that the settings are of, which is said on stderr."""
    found = [candidate for candidate in recognize(text) if candidate.lines]
    if not found:
        raise click.UsageError("nothing in this text is a setting of a framework that is known here: name the framework"
                               "; smtplab settings --list shows all")
    first, *others = found
    if others and others[0].likelihood > first.likelihood / 2:
        alike = [candidate.framework for candidate in found if candidate.likelihood > first.likelihood / 2]
        raise click.UsageError(f"these settings may be of {', '.join(alike[:6])}{' or others' * (len(alike) > 6)}: name"
                               " the framework before the file")
    warn(f"read as settings of {first.title}: {', '.join(first.reasons[:3])}")
    return first.framework


def _text(file: str | None) -> str:
    try:
        return read_input(file, paste="settings")
    except OSError as exc:
        raise click.UsageError(f"can't read {file or 'stdin'}: {exc.strerror}; give a file that is there, or paste the "
                               "settings on stdin") from None
