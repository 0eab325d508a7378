"""`smtplab diagnose`: one answer to an error, a log, settings and captures, in whatever order and mixture."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..address import MAIL_PORTS
from ..causes import Cause
from ..question import Answer, Kind, Part, Segment, diagnose_paste
from ..show.answer_document import answer_text
from ..show.explanation_document import heading
from ..show.screen import width
from .io import BRIEF, JSON, STRICT, decoded, emit, read_data, warn

if TYPE_CHECKING:
    from ..trace import Trace

PROBE_S = 5.0
# How captures begin: pcapng, pcap in both byte orders and both units of time, and gzip around one of them.
_CAPTURES = (b"\x0a\x0d\x0d\x0a", b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1",
             b"\x1f\x8b")


@click.command("diagnose")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="The port that the client connects to.")
@click.option("--mode", metavar="M", help='implicit, starttls or plain, or the words of a setting.')
@click.option("--framework", metavar="F", help="Whose settings these are; default is to recognise it.")
@click.option("--live", is_flag=True, help="Also ask the port itself, once, by smtplab probe.")
@click.option("--all", "everything", is_flag=True, help="Print all that is known, not one screen of it.")
@BRIEF
@STRICT
@JSON
def command(files: tuple[str, ...], port: int | None, mode: str | None, framework: str | None, live: bool,
            everything: bool, brief: bool, strict: bool, as_json: bool) -> int:
    """Answer one question from everything: error, log, settings, capture, in any order.

    Each FILE may be any of these; without one, stdin is read. Example: smtplab diagnose app.log production.rb
    """
    known_framework(framework)
    parts, captures = _read(files)
    answer = diagnose_paste(*parts, port=port, mode=mode, framework=framework)
    answer = _with_captures(answer, captures, port)
    if live:
        answer = _asked(answer)
    emit(as_json, answer, lambda one: heading(one.causes[0]) if brief else answer_text(one, everything, width()),
         Answer.to_json)
    return 1 if strict and not _is_sound(answer) else 0


def _is_sound(answer: Answer) -> bool:
    """Whether nothing in it fails: settings that work, where there are some, and no error beside them."""
    silent = answer.report is not None and answer.finding is None and not answer.causes[0].phrase
    return (silent or answer.causes[0].cause is Cause.OK) and (answer.report is None or answer.report.is_sound)


def known_framework(name: str | None) -> None:
    """Raise click.UsageError, with a suggestion, if a framework is named that is not known."""
    if name:
        from ..settings import framework as known
        try:
            known(name)
        except ValueError as exc:
            raise click.UsageError(str(exc)) from None


def _read(files: Sequence[str]) -> tuple[list[Part], list[tuple[str, str]]]:
    """The texts, and the captures as (name, path)."""
    parts, captures = [], []
    for file in files or ("-",):
        data = _bytes(file)
        name = "" if file == "-" else os.path.basename(file)
        if not data.startswith(_CAPTURES):
            parts.append(Part(decoded(data), name))
        elif file == "-":
            captures.append(("stdin", _kept(data)))
        else:
            captures.append((name, file))
    return parts, captures


def _bytes(file: str) -> bytes:
    try:
        return read_data(None if file == "-" else file, paste="error, the log and the settings")
    except OSError as exc:
        raise click.UsageError(f"can't read {file}: {exc.strerror}; give files that are there, or paste all of it on "
                               "stdin") from None


def _kept(data: bytes) -> str:
    """A capture from stdin as a file, which the packet reader wants."""
    handle, path = tempfile.mkstemp(prefix="smtplab-", suffix=".pcapng")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return path


def _with_captures(answer: Answer, captures: Sequence[tuple[str, str]], port: int | None) -> Answer:
    from ..question.captured import with_trace
    for name, path in captures:
        ports = {*MAIL_PORTS, *filter(None, (port, answer.read.port, answer.read.seen_port))}
        traces: list[Trace] = []
        try:
            from ..packets import read_pcap
            traces = read_pcap(path, ports=ports)
        except (ValueError, OSError) as exc:
            warn(f"{name}: {exc.__class__.__name__}: it is passed over, as no capture that can be read")
        finally:
            if name == "stdin":
                Path(path).unlink(missing_ok=True)
        answer = with_trace(answer, traces, Segment(Kind.CAPTURE, 0, 0, name))
    return answer


def _asked(answer: Answer) -> Answer:
    """Probe the host and port that are named, if both are."""
    read = answer.read
    host, port = read.seen_host or read.host, read.seen_port or read.port
    if not host or not port:
        warn("--live asks nothing: the paste names no " + ("host" if not host else "port"))
        return answer
    from ..lab.probe import probe
    from ..question.captured import with_probe
    from .io import Ticker
    with Ticker(f"asking {host}:{port}", PROBE_S):
        [found] = probe(host, [port], timeout_s=PROBE_S)
    return with_probe(answer, found)
