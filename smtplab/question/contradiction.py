"""Where settings and error contradict each other: then not the settings are at fault, but what takes their place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .answer import Finding
from .reading import Paste
from .seen import Seen, is_loopback, same_host

if TYPE_CHECKING:
    from ..settings import SettingsReport

# What a client does in each mode of settings, in an error's terms. STARTTLS that is optional may end in clear.
CLIENT_DOES = {"implicit": ("implicit",), "starttls-required": ("starttls",),
               "starttls-opportunistic": ("starttls", "plain"), "plain": ("plain",)}
_DID = {"implicit": "TLS was begun at once", "starttls": "it asked for STARTTLS",
        "plain": "it stayed in clear and never asked for STARTTLS"}
_SET = {"implicit": "TLS at once", "starttls-required": "STARTTLS", "starttls-opportunistic": "STARTTLS, if offered",
        "plain": "no TLS"}
_OTHER_FILE = "another file, an environment variable or a cached configuration is in effect: restart after a change"
_OTHER_VERSION = "another version of the program reads these keys otherwise, or not at all"
_BETWEEN = "a proxy, a relay or a container's port mapping stands between"


def contradiction(paste: Paste, seen: Seen, port: int | None = None) -> Finding | None:
    """What settings and error say together, if they contradict each other. `port` is what the asker says."""
    report = paste.report
    if report is None:
        return None
    where = f" in {paste.settings_name}" if paste.settings_name else ""
    dialled = _dialled_otherwise(paste, report, seen, where, port)
    if not disagrees(report, seen.mode):
        return dialled or (_computed(report, "starttls", "plain") if seen.waits and report.mode.value == "implicit"
                           else None)
    found = _computed(report, seen.mode) or _version(paste, seen.mode) or against_settings(
        report, seen.mode, f"the error says `{seen.phrase}`", where)
    return replace(found, message=f"{found.message} {dialled.message}") if dialled else found


def disagrees(report: SettingsReport, did: str) -> bool:
    """Whether a client with these settings doesn't do that; `did` is implicit, starttls, plain, or "" for unknown."""
    does = CLIENT_DOES.get(report.mode.value, ())
    return bool(did and does and did not in does)


def against_settings(report: SettingsReport, did: str, evidence: str, where: str = "") -> Finding:
    """What it means that a client did something else than its settings say; `evidence` is who says that it did."""
    return _computed(report, did) or Finding(
        "mode", f"The settings{where} say {_SET[report.mode.value]}; {evidence}: {_DID[did]}.",
        (_OTHER_FILE, _OTHER_VERSION, _BETWEEN))


def _dialled_otherwise(paste: Paste, report: SettingsReport, seen: Seen, where: str, port: int | None
                       ) -> Finding | None:
    set_port = report.port if paste.port_is_set and not port else None
    if report.host and seen.host and not same_host(report.host, seen.host):
        dialled = f"{seen.host}:{seen.port}" if seen.port else seen.host
        local = "; nothing is set there, so these are the program's defaults" if is_loopback(seen.host) else ""
        return Finding("host", f"The settings{where} say {report.host}; the client dialled {dialled}{local}.",
                       (_OTHER_FILE, _BETWEEN))
    if set_port and seen.port and seen.port != set_port and str(set_port) not in paste.told:
        return Finding("port", f"The settings{where} say port {set_port}; the client dialled port {seen.port}.",
                       (_OTHER_FILE, _OTHER_VERSION, _BETWEEN))
    return None


def _computed(report: SettingsReport, *did: str) -> Finding | None:
    """A setting that is worked out when the program runs, one of whose values does what was seen.

    `did` is what may have been seen: more than one where it only shows that the client began in clear.
    """
    what = _DID[did[0]] if len(did) == 1 else "it began in clear, and waited for a greeting"
    for one in report.computed:
        values = [value for value, mode, _ in one.answers if not {*did}.isdisjoint(CLIENT_DOES.get(mode.value, ()))]
        if values:
            said = " or ".join(repr(value) for value in values[:3])
            return Finding("computed", f"Line {one.line}, {one.setting}, is worked out when the program runs "
                           f"(`{one.expression}`). With {said} the client does what was seen: {what}.",
                           ("print the value that the running program has",))
    return None


def _version(paste: Paste, did: str) -> Finding | None:
    """An older or newer release of the program, in which the same settings do what was seen; nearest releases first."""
    from ..settings import framework
    report = paste.report
    if report is None or paste.version:
        return None
    for release in reversed(framework(report.framework).releases):
        other = paste.in_version(release.name).report
        if other and CLIENT_DOES.get(other.mode.value) == (did,):
            return Finding("version", f"In {report.title} {release.name} these settings mean {_SET[other.mode.value]}, "
                           f"which is what was seen; in {report.version} they mean {_SET[report.mode.value]}.",
                           ("that version is in use: ask the program for its own",))
    return None
