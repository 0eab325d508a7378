"""The question itself: everything that was pasted, and one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..address import port_number
from ..causes import Cause
from ..messages import Explanation, clean
from ..messages.context import context_of, provider_of
from .answer import Answer, Finding, Read
from .contradiction import contradiction
from .next_command import in_effect, next_command
from .predicted import from_mode_and_port, predicts, with_settings
from .reading import Part, Paste, line_of, read_parts
from .seen import host_name, same_host, seen_of, tried_by_hand

if TYPE_CHECKING:
    from ..settings import Correction, SettingsMode, SettingsReport

_NAMES = ("implicit", "starttls", "plain")
# Causes that other settings would mend.
MENDED = (Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT, Cause.STARTTLS_NOT_OFFERED, Cause.STARTTLS_REQUIRED,
          Cause.AUTH_NEEDS_TLS)


def explain(text: str, *, port: int | None = None, mode: str | None = None,
            settings: str | Mapping[str, object] | None = None, framework: str | None = None) -> list[Explanation]:
    """The likely causes of an error text or a log, most likely first. Never empty, never an exception.

    `text` may hold settings and prose beside the error. `settings` are a mailer's settings, as text or as a mapping of
    its keys, for `framework`, or for the one that they are recognised as. `port` and `mode` add what the caller knows;
    `mode` is a mode or the words of a setting ("SMTPSecure=ssl", "STARTTLS"). What can't be read is ignored. With a
    port and a mode the text may be empty. The result quotes no secret of the text.
    """
    return list(diagnose_paste(text, port=port, mode=mode, settings=settings, framework=framework).causes)


def diagnose_paste(*texts: str | Part, port: int | None = None, mode: str | None = None,
                   settings: str | Mapping[str, object] | None = None, framework: str | None = None,
                   version: str | None = None) -> Answer:
    """One answer to texts that hold an error, a log, settings or all of them. Never an exception.

    The arguments are those of `explain`, and `version` that of the framework.
    """
    port = _port(port)
    parts = [one if isinstance(one, Part) else Part(str(one)) for one in texts]
    if isinstance(settings, Mapping):
        as_text = "\n".join(f"{key} = {value!r}" for key, value in settings.items())
        parts.append(Part(as_text, is_settings=True, mapping=settings))
    elif settings:
        parts.append(Part(str(settings), is_settings=True))
    ignored = []
    try:
        paste = read_parts(parts, framework or "", version, port)
    except ValueError as exc:
        ignored.append(str(exc))
        paste = read_parts(parts, "", version, port)
    paste = replace(paste, ignored=(*ignored, *paste.ignored))
    return _answer(paste, port, *_asked_mode(mode, port))


def _port(port: object) -> int | None:
    try:
        return port_number(port) if port is not None else None
    except ValueError:
        return None


def _asked_mode(words: str | None, port: int | None) -> tuple[str, bool]:
    """(implicit, starttls, plain or "", whether something was asked that can't be read)."""
    words = str(words or "").strip()[:300]
    if not words or words.lower() in _NAMES:
        return words.lower(), False
    from ..settings import mode_meant
    found = mode_meant(words, port)
    return (client_mode(found), False) if found else ("", True)


def client_mode(mode: SettingsMode | None) -> str:
    """A settings' mode as that of a client in an error's terms: implicit, starttls, plain, or ""."""
    value = mode.value if mode else ""
    return "starttls" if value.startswith("starttls") else value if value in _NAMES else ""


def _answer(paste: Paste, port: int | None, asked: str, unread: bool) -> Answer:
    report = paste.report
    # A mode that others of the likely frameworks don't share is not known.
    certain = report is not None and not paste.alike and not _computes(report)
    told = clean(paste.told)
    looked_at = clean(paste.error)
    mode = asked or (client_mode(report.mode) if report and certain else "" if report else tried_by_hand(looked_at))
    in_text = context_of(looked_at, None, None)
    seen = seen_of(in_text, (), told)
    # Settings that another part of the program fills in: their values may stand elsewhere among them.
    beside = context_of(clean(paste.settings), None, None) if report and isinstance(paste.settings, str) else in_text
    host = (host_name(report.host) or beside.host) if report else ""
    if port is None and paste.port_is_set and report:
        known: int | None = report.port
    else:
        known = port or seen.port or in_text.port or beside.port or (report.port if report and not seen.host else None)
    if report and known and known != report.port:
        paste = paste.on_port(known)
        report = paste.report
    # What the client dialled decides what it met, whatever is set.
    context = context_of(looked_at, port or seen.port or known, mode or None)
    if not context.host and (seen.host or host):
        context = replace(context, host=seen.host or host,
                          provider=context.provider or provider_of(seen.host or host))
    found = _causes_of(context)
    # What the client did is asked of the error alone: the mode that is set would explain it away.
    by_itself = _causes_of(replace(context, mode=asked or None)) if mode != asked else found
    seen = seen_of(context, by_itself, told)
    finding = contradiction(paste, seen, port)
    causes = by_itself if finding and finding.code in ("mode", "computed", "version") else found
    if report and certain and not asked:
        line = line_of(report)
        causes = with_settings(causes, report, line, bool(looked_at.strip()), bool(finding))
    if not causes[0].phrase and mode and known and not looked_at.strip():
        made = from_mode_and_port(mode, known)
        causes = [made] if made else causes
    # An address in the error may be the name's own; a name says more, and a certificate needs it.
    dialled = host if host and (not seen.host or same_host(host, seen.host)) else seen.host or context.host
    if finding and finding.code in ("mode", "port", "host", "version"):
        command, why = in_effect(paste.framework, dialled, seen.port or known)
    else:
        command, why = next_command(causes[0].cause, dialled, seen.port or known,
                                    report.mode.value if report and certain else mode)
    read = Read(
        paste.framework, paste.title, report.version if report else "",
        asked or (report.mode.value if report else mode or seen.mode), known, host or seen.host or context.host,
        seen.mode if finding else "", seen.port if seen.port != known else None,
        seen.host if host and dialled != host else "", tuple(sorted({one.title for one in paste.alike})),
        paste.reasons, paste.segments,
        (*paste.ignored, *["the words given as mode, which name none"] * unread))
    return Answer(read, tuple(causes), command, why, finding, _correction(paste, causes[0].cause, finding, known),
                  report, looked_at)


def _causes_of(context: object) -> list[Explanation]:
    from ..messages.answer import ranked
    return ranked(context)  # type: ignore[arg-type]


def _computes(report: SettingsReport) -> bool:
    """Whether the mode hangs on a value that is only known at run time."""
    return any({mode for _, mode, _ in one.answers} - {report.mode} for one in getattr(report, "computed", ()))


def _correction(paste: Paste, cause: Cause, finding: Finding | None, port: int | None) -> Correction | None:
    report = paste.report
    fails = predicts(report) and cause in (*MENDED, *predicts(report))
    if not (cause in MENDED or fails) or finding and finding.code in ("mode", "host", "port") and not predicts(report):
        return None
    if report is None and not paste.framework:
        return None
    from ..settings import SettingsMode, correct, read_settings
    if report is None:
        report = read_settings(paste.framework, "", port=port)
    if cause is Cause.STARTTLS_NOT_OFFERED and report.port != 465:
        return correct(report, mode=SettingsMode.IMPLICIT, port=465)
    return correct(report, port=port or None)
