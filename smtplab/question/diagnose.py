"""The question itself: everything that was pasted, and one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..address import port_number
from ..causes import Cause
from ..messages import Context, Explanation, Explanations, causes_of, clean, context_of
from ..messages.context import provider_of
from .answer import Answer, Finding, Read
from .contradiction import contradiction
from .next_command import in_effect, next_command
from .predicted import KNOWN_PORTS, from_mode_and_port, predicts, with_settings
from .reading import Part, Paste, line_of, read_parts
from .seen import SURE, Seen, dialled, host_name, same_host, tried_by_hand, what_it_did

if TYPE_CHECKING:
    from ..settings import Correction, SettingsMode, SettingsReport

_NAMES = ("implicit", "starttls", "plain")
# Causes that other settings would mend.
MENDED = (Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT, Cause.STARTTLS_NOT_OFFERED, Cause.STARTTLS_REQUIRED,
          Cause.AUTH_NEEDS_TLS)
REFUSED_BY_SERVER = (Cause.RELAY_OR_POLICY, Cause.TEMPORARILY_UNAVAILABLE, Cause.AUTH_REJECTED, Cause.AUTH_MECHANISM,
                     Cause.AUTH_NEEDS_TLS, Cause.AUTH_REQUIRED)
EVEN = 0.5  # a first cause that is less likely is likelier not to be it


def explain(text: str, *, port: int | None = None, mode: str | None = None,
            settings: str | Mapping[str, object] | None = None, framework: str | None = None) -> Explanations:
    """The likely causes of an error text or a log, most likely first. Never empty, never an exception.

    `text` may hold settings and prose beside the error. `settings` are a mailer's settings, as text or as a mapping of
    its keys, for `framework`, or for the one that they are recognised as. `port` and `mode` add what the caller knows;
    `mode` is a mode or the words of a setting ("SMTPSecure=ssl", "STARTTLS"). What can't be read is ignored. With a
    port and a mode the text may be empty. The result quotes no secret of the text.
    """
    return Explanations(diagnose_paste(text, port=port, mode=mode, settings=settings, framework=framework).causes)


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
    ignored: tuple[str, ...] = ()
    try:
        paste = read_parts(parts, framework or "", version, port)
    except ValueError as exc:
        ignored, paste = (str(exc),), read_parts(parts, "", version, port)
    asked = mode_of_words(mode, port)
    unread = bool(str(mode or "").strip()) and not asked
    return _Case(paste, port, asked).answer((*ignored, *["the words given as mode, which name none"] * unread))


def _port(port: object) -> int | None:
    try:
        return port_number(port) if port is not None else None
    except ValueError:
        return None


def mode_of_words(words: str | None, port: int | None = None) -> str:
    """implicit, starttls or plain, for a mode's name or the words of a setting; "" if they name none."""
    words = str(words or "").strip()[:300]
    if not words or words.lower() in _NAMES:
        return words.lower()
    from ..settings import mode_meant
    return client_mode(mode_meant(words, port))


def client_mode(mode: SettingsMode | None) -> str:
    """A settings' mode as that of a client in an error's terms: implicit, starttls, plain, or ""."""
    value = mode.value if mode else ""
    return "starttls" if value.startswith("starttls") else value if value in _NAMES else ""


class _Case:
    """A paste and what the asker added, on the way to its answer."""

    def __init__(self, paste: Paste, port: int | None, asked: str) -> None:
        self.port, self.asked, report = port, asked, paste.report
        # A mode that others of the likely frameworks don't share is not known, nor one that hangs on a computed value.
        self.mode_is_sure = report is not None and not paste.alike and not _computes(report)
        self.told, self.looked_at = clean(paste.told), clean(paste.error)
        self.mode = asked or (client_mode(report.mode) if report and self.mode_is_sure else
                              "" if report else tried_by_hand(self.looked_at))
        # Where there are no settings, a command that somebody tried says it as well.
        self.dialled_host, self.dialled_port = dialled(self.told if report else self.looked_at)
        in_text = context_of(self.looked_at, None, None)
        # Settings that another part of the program fills in: their values may stand elsewhere among them.
        beside = context_of(clean(paste.settings), None, None) if isinstance(paste.settings, str) else in_text
        self.set_host = (host_name(report.host) or beside.host) if report else ""
        self.known = port or (report.port if report and paste.port_is_set else None) or (
            self.dialled_port or in_text.port or beside.port) or (
            report.port if report and not self.dialled_host else None)
        self.paste = paste.on_port(self.known) if report and self.known and self.known != report.port else paste

    @property
    def report(self) -> SettingsReport | None:
        """What the settings do, on the port that is known."""
        return self.paste.report

    @property
    def host(self) -> str:
        """The host that was dialled, by the name that the settings give it, if it is that one.

        An address in the error may be the name's own; a name says more, and a certificate is for a name.
        """
        if self.set_host and (not self.dialled_host or same_host(self.set_host, self.dialled_host)):
            return self.set_host
        return self.dialled_host or self.context().host

    def context(self, mode: str | None = None) -> Context:
        """What the error's rules ask for. What the client dialled decides what it met, whatever is set."""
        found = context_of(self.looked_at, self.port or self.dialled_port or self.known, mode or None)
        host = found.host or self.dialled_host or self.set_host
        return found if found.host == host else replace(found, host=host, provider=found.provider or provider_of(host))

    def answer(self, ignored: tuple[str, ...]) -> Answer:
        """The answer; `ignored` is what could not be read of what the asker added."""
        # What the client did is asked of the error alone: the mode that is set would explain it away.
        by_itself = causes_of(self.context(self.asked))
        waits = by_itself[0].cause is Cause.PLAINTEXT_TO_IMPLICIT and by_itself[0].likelihood >= SURE
        seen = Seen(self.dialled_host, self.dialled_port, *what_it_did(self.context(), by_itself), waits)
        finding = contradiction(self.paste, seen, self.port)
        causes = self._causes(by_itself, finding)
        command, why = self._next(causes[0], finding)
        return Answer(self._read(seen, finding, ignored), tuple(causes), command, why, finding,
                      self._correction(causes[0].cause, finding), self.report, self.looked_at)

    def _causes(self, by_itself: list[Explanation], finding: Finding | None) -> list[Explanation]:
        """The causes in the light of the settings, unless these were not in effect."""
        explained = finding is not None and finding.code in ("mode", "computed", "version")
        causes = by_itself if explained or self.mode == self.asked else causes_of(self.context(self.mode))
        empty = not self.looked_at.strip()
        if self.report and self.mode_is_sure and not self.asked and finding is None:
            causes = with_settings(causes, self.report, line_of(self.report), not empty)
        if empty and not causes[0].phrase and self.mode and self.known:
            causes = list(filter(None, [from_mode_and_port(self.mode, self.known)])) or causes
        return causes

    def _next(self, first: Explanation, finding: Finding | None) -> tuple[str, str]:
        port = self.dialled_port or self.known
        if finding and finding.code != "computed":
            return in_effect(self.paste.framework, self.host, port)
        mode = self.report.mode.value if self.report and self.mode_is_sure else self.mode
        # Where nobody can tell whether the server refused anything, the port is asked first.
        unsure = first.likelihood < EVEN and first.cause in REFUSED_BY_SERVER
        return next_command(Cause.OTHER if unsure else first.cause, self.host, port, mode)

    def _read(self, seen: Seen, finding: Finding | None, ignored: tuple[str, ...]) -> Read:
        paste, report = self.paste, self.report
        elsewhere = bool(self.set_host) and self.host != self.set_host
        return Read(
            paste.framework, paste.title, report.version if report else "",
            self.asked or (report.mode.value if report else self.mode or seen.mode), self.known,
            self.set_host or self.host, seen.mode if finding else "",
            self.dialled_port if self.dialled_port != self.known else None, self.dialled_host if elsewhere else "",
            tuple(sorted({one.title for one in paste.alike})), paste.reasons, paste.segments,
            (*ignored, *paste.ignored), report is not None and not paste.version)

    def _correction(self, cause: Cause, finding: Finding | None) -> Correction | None:
        """The settings that would work, where others than these would mend the cause."""
        report, fails = self.report, predicts(self.report)
        if cause not in (*MENDED, *fails) or finding and finding.code != "computed" and not fails:
            return None
        if report is None and not self.paste.framework:
            return None
        from ..settings import SettingsMode, correct, read_settings
        report = replace(report or read_settings(self.paste.framework, "", port=self.known), host=self.host)
        # On the port that is set, if it can be; where that takes no login, offers no STARTTLS, or wants what this
        # program can't, on another.
        first = self.known or report.port
        if cause is Cause.STARTTLS_NOT_OFFERED:
            first = 587 if first == 25 else 465
        tries = [correct(report, port=port) for port in dict.fromkeys((first, 587, 465))]
        if cause is Cause.PLAINTEXT_TO_IMPLICIT and first not in KNOWN_PORTS:  # whose number says nothing
            tries.insert(0, correct(report, mode=SettingsMode.IMPLICIT, port=first))
        found = next((one for one in tries if one.possible), tries[0])
        same = self.report is not None and (found.mode, found.port) == (report.mode, report.port)
        return None if same else found


def _computes(report: SettingsReport) -> bool:
    """Whether the mode hangs on a value that is only known at run time."""
    return any({mode for _, mode, _ in one.answers} - {report.mode} for one in report.computed)
