"""`smtplab settings`: what a mailer's settings do, from a file or a paste."""

from __future__ import annotations

import os
from dataclasses import replace

import click

from ..settings import SettingsReport, framework, frameworks, meanings, read_settings, translate
from ..show.settings_document import frameworks_table, meanings_table, settings_report
from .io import JSON, emit, json_text, read_input


@click.command("settings")
@click.argument("name", required=False, metavar="FRAMEWORK")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--version", metavar="V", help="The framework's version; default is the newest.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Default is the one that is set.")
@click.option("--to", "other", metavar="FRAMEWORK", help="Also write the same settings for this one.")
@click.option("--list", "listing", is_flag=True, help="Name the frameworks.")
@click.option("--words", is_flag=True, help='Say what "TLS", "SSL" and the like mean in each framework.')
@JSON
def command(name: str | None, file: str | None, version: str | None, port: int | None, other: str | None,
            listing: bool, words: bool, as_json: bool) -> int:
    """Say what a mailer's settings do, and what is odd about them.

    The settings come from FILE, or from stdin. Example: smtplab settings rails production.rb --port 465
    """
    if listing:
        emit(as_json, frameworks(), frameworks_table, lambda known: json_text(
            [{"name": f.name, "title": f.title, "aliases": list(f.aliases), "ecosystem": f.ecosystem} for f in known]))
        return 0
    if words:
        emit(as_json, meanings(), meanings_table, lambda found: json_text(
            [{"framework": f.name, "word": word, "mode": mode} for f, word, mode in found]))
        return 0
    if name is None:
        raise click.UsageError("name the framework; smtplab settings --list shows all")
    for asked in filter(None, (name, other)):  # an unknown name is reported before a person types settings
        try:
            framework(asked)
        except ValueError as exc:
            if os.path.isfile(asked):
                raise click.UsageError(f"{asked} is a file: put the framework's name before it") from None
            raise click.UsageError(str(exc)) from None
    report = read_settings(name, _text(file), version=version, port=port)
    if other:
        report = replace(report, translation=translate(report, other))
    emit(as_json, report, settings_report, SettingsReport.to_json)
    return 0


def _text(file: str | None) -> str:
    try:
        return read_input(file, paste="settings")
    except OSError as exc:
        raise click.UsageError(f"can't read {file or 'stdin'}: {exc.strerror}; give a file that is there, or paste the "
                               "settings on stdin") from None
