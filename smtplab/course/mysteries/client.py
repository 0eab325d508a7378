"""A ticket's client as a learner changes it: mode, host, port, CA file, check, login; in words, or as pasted settings.

What can't be read is answered in words, and nothing is raised. A password is in `repr` of nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...address import name_address, port_number
from ...events import Mode
from ...lab.client import MECHANISMS
from ...settings import SettingsMode, read_settings
from .judge import NotUnderstood

FIELDS = ("mode", "host", "port", "ca", "check", "user", "password", "mechanism", "settings")
MODE_WORDS = {Mode.PLAIN: "plain text, no TLS", Mode.STARTTLS_OPPORTUNISTIC: "STARTTLS if it is offered",
              Mode.STARTTLS: "STARTTLS, or nothing", Mode.IMPLICIT: "TLS at once"}
_MODES = {"plain": Mode.PLAIN, "none": Mode.PLAIN, "no-tls": Mode.PLAIN, "starttls": Mode.STARTTLS,
          "starttls-required": Mode.STARTTLS, "required": Mode.STARTTLS, "implicit": Mode.IMPLICIT,
          "implicit-tls": Mode.IMPLICIT, "tls-at-once": Mode.IMPLICIT, "at-once": Mode.IMPLICIT,
          "opportunistic": Mode.STARTTLS_OPPORTUNISTIC, "starttls-opportunistic": Mode.STARTTLS_OPPORTUNISTIC}
_OF_SETTINGS = {SettingsMode.PLAIN: Mode.PLAIN, SettingsMode.OPPORTUNISTIC: Mode.STARTTLS_OPPORTUNISTIC,
                SettingsMode.REQUIRED: Mode.STARTTLS, SettingsMode.IMPLICIT: Mode.IMPLICIT}
_YES_NO = {"yes": True, "on": True, "true": True, "peer": True, "no": False, "off": False, "false": False,
           "none": False}
SYSTEM = ("", "system", "none")  # as a CA file: the authorities that the system trusts
_NO_SETTINGS = ("unread", "unknown")  # effects of lines
_UNCHECKED = "no-certificate-check"  # the code of the settings' warning


@dataclass(frozen=True)
class Client:
    """A mail client's settings. `ca_file` None is the system's authorities, `check` False openssl_verify_mode "none".

    `login` is (user, password), sent by `mechanism`; None logs in nowhere.
    """

    host: str
    port: int
    mode: Mode
    ca_file: str | None = None
    check: bool = True
    login: tuple[str, str] | None = field(default=None, repr=False)
    mechanism: str = "PLAIN"

    @property
    def text(self) -> str:
        """The settings in one line, without the password; of the CA file its name."""
        parts = [f"{MODE_WORDS[self.mode]}, at {name_address((self.host, self.port))}"]
        if self.mode is not Mode.PLAIN:
            against = "the system's authorities" if self.ca_file is None else os.path.basename(self.ca_file)
            parts.append(f"certificate checked against {against}" if self.check else "certificate not checked")
        parts.append(f"login {self.login[0]} by {self.mechanism}" if self.login else "no login")
        return "; ".join(parts)


def changed(client: Client, framework: str, changes: Mapping[str, object]) -> Client | NotUnderstood:
    """The client with these changes, by the names of `FIELDS`: `settings` (a text of `framework`) first, then the rest.

    Accepts values of any type. A change that is None changes nothing; a blank user takes the login away.
    """
    told = {name: _text(value) for name, value in changes.items() if value is not None}
    if unknown := [name for name in told if name not in FIELDS]:
        return NotUnderstood(f"No setting {ascii(unknown[0])[:40]}; there are {', '.join(FIELDS)}.")
    if pasted := told.get("settings", "").strip():
        found = from_settings(client, framework, pasted)
        if isinstance(found, NotUnderstood):
            return found
        client = found
    for name in FIELDS[:-1]:
        if name in told:
            one = _READ[name](client, told[name].strip())
            if isinstance(one, NotUnderstood):
                return one
            client = one
    return client


def from_settings(client: Client, framework: str, text: str) -> Client | NotUnderstood:
    """The client that pasted settings describe; CA file and login stay, as settings name no file of this machine."""
    report = read_settings(framework, text)
    if report.mode is SettingsMode.ERROR:
        why = report.error or report.because
        return NotUnderstood(f"{report.title} refuses these settings and dials nothing: {why}")
    if all(line.effect in _NO_SETTINGS for line in report.lines):
        return NotUnderstood(f"Nothing in that is a setting of {report.title}.")
    return replace(client, host=report.host or client.host, port=report.port, mode=_OF_SETTINGS[report.mode],
                   check=all(warning.code != _UNCHECKED for warning in report.warnings))


def _mode(client: Client, text: str) -> Client | NotUnderstood:
    word = re.sub(r"[\s_]+", "-", text.casefold())
    if word in _MODES:
        return replace(client, mode=_MODES[word])
    if word in ("tls", "ssl"):
        return NotUnderstood(f"{text} means another mode in each program. Say when TLS begins: starttls or implicit.")
    return NotUnderstood(f"No mode {ascii(text)[:40]}; there are {', '.join(Mode)}.")


def _host(client: Client, text: str) -> Client | NotUnderstood:
    return replace(client, host=text) if text else NotUnderstood("A client needs a host.")


def _port(client: Client, text: str) -> Client | NotUnderstood:
    try:
        return replace(client, port=port_number(text))
    except ValueError as exc:
        return NotUnderstood(f"{str(exc)[:1].upper()}{str(exc)[1:]}.")


def _ca(client: Client, text: str) -> Client | NotUnderstood:
    if text.casefold() in SYSTEM:
        return replace(client, ca_file=None)
    path = os.path.expanduser(text)
    return replace(client, ca_file=path) if "\0" not in path and os.path.isfile(path) else \
        NotUnderstood(f"No file {ascii(text)[:80]}; a CA file is a path, or system for the system's authorities.")


def _check(client: Client, text: str) -> Client | NotUnderstood:
    if text.casefold() in _YES_NO:
        return replace(client, check=_YES_NO[text.casefold()])
    return NotUnderstood(f"check is yes or no, not {ascii(text)[:40]}.")


def _user(client: Client, text: str) -> Client | NotUnderstood:
    return replace(client, login=(text, client.login[1] if client.login else "") if text else None)


def _password(client: Client, text: str) -> Client | NotUnderstood:
    if client.login is None:
        return NotUnderstood("A password needs a user.") if text else client
    return replace(client, login=(client.login[0], text))


def _mechanism(client: Client, text: str) -> Client | NotUnderstood:
    if text.upper() in MECHANISMS:
        return replace(client, mechanism=text.upper())
    return NotUnderstood(f"No mechanism {ascii(text)[:40]} here; there are {', '.join(MECHANISMS)}.")


_READ = {"mode": _mode, "host": _host, "port": _port, "ca": _ca, "check": _check, "user": _user,
         "password": _password, "mechanism": _mechanism}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    try:
        return str(value)[:20_000]
    except Exception:  # a learner's object may raise anything
        return "?"
