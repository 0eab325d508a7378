"""What the Go programs have in common: addresses, calls, constants, and net/smtp's caution with passwords.

Sources: net/smtp auth.go (PlainAuth.Start, isLocalhost) and the loginAuth types that programs bring along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..model import OPPORTUNISTIC, PLAIN, REQUIRED, Key, Note, Role, SettingsMode
from ..reading import Call, Computed, Word
from ..values import ABSENT, Complaint, Switch, shown
from .asking import in_clear, over_tls

FLAG = Switch(("true",), ("false", ""))
GO_BOOL = Switch(("true", "1", "t", "yes", "y", "on"), ("false", "0", "f", "no", "n", "off", ""))  # ini.v1 parseBool
NO_TLS_RECORD = "tls: first record does not look like a TLS handshake"
_PORT = re.compile(r":(\d{1,5})$")
_HOME = ("localhost", "127.0.0.1", "::1")  # where PlainAuth needs no TLS: auth.go isLocalhost
_SHORTEST = 4  # words; a note such as "SSL=true" or "Mandatory", no program


def port_in(address: object) -> int | None:
    """The port at the end of "host:port"; None without one."""
    found = _PORT.search(str(address).strip())
    return int(found[1]) if found else None


def at_home(address: object) -> bool:
    """Whether "host" or "host:port" is this machine, for which Go's PlainAuth needs no TLS."""
    return _PORT.sub("", str(address).strip()).strip("[]") in _HOME or str(address).strip() == "::1"


@dataclass(frozen=True)
class Policy:
    """A constant such as mail.TLSMandatory or MandatoryStartTLS, in any package's spelling, or its number."""

    numbers: dict[str, SettingsMode]

    def read(self, value: object) -> SettingsMode | None:
        """The mode, or None for what is no such constant."""
        word = str(value).rpartition(".")[2].lower()
        by_word = REQUIRED if "mandatory" in word else OPPORTUNISTIC if word.startswith("opp") or "opportunistic" in \
            word else PLAIN if word in ("notls", "nostarttls") else None
        return by_word or self.numbers.get(word)

    def complaint(self, value: object) -> Complaint | None:
        """A name that says nothing here, a variable for one."""
        return None if self.read(value) else Complaint("unknown-value", f"{shown(value)} is no policy that is known"
                                                                        " here: the default is taken")


def is_number(value: object) -> bool:
    """Whether it is a number, or a text of digits; a variable's name is neither."""
    return isinstance(value, int) and not isinstance(value, bool) or isinstance(value, str) and value.isdecimal()


def argument(call: Call, index: int) -> object:
    """A call's argument by its place, from 0; `ABSENT` where there is none."""
    return call.arguments[index] if index < len(call.arguments) else ABSENT


def address_in(call: Call, index: int) -> dict[str, object]:
    """{"addr": ...} where the argument ends in a port: a text, or a sum such as host + ":587"."""
    value = argument(call, index)
    value = value.default if isinstance(value, Computed) and value.known else value
    return {"addr": value} if isinstance(value, str) and port_in(value) else {}


def given_only(**values: object) -> dict[str, object]:
    """The values that aren't `ABSENT`, by name."""
    return {k: v for k, v in values.items() if v is not ABSENT}


def text_only(value: object) -> object:
    """A text as it is; `ABSENT` for all else."""
    return value if isinstance(value, str) else ABSENT


def notes_of(table: dict[str, dict[str, object]]) -> Callable[[Iterable[Word]], dict[str, object]]:
    """A reader of notes of a word or two ("noauth", "WithSSL"); programs are none of its business."""
    def read(words: Iterable[Word]) -> dict[str, object]:
        words = list(words)
        pieces = re.findall(r"[\w.]+", " ".join(words).lower()) if len(words) <= _SHORTEST else []
        return {k: v for piece in pieces for k, v in table.get(piece.rpartition(".")[2], {}).items()}
    return read


CHECK = (Key("InsecureSkipVerify", FLAG, role=Role.CHECK), Key("ServerName", role=Role.CHECK))
UNCHECKED = Note("no-certificate-check", "InsecureSkipVerify", "the server's certificate is not checked",
                  lambda g: over_tls(g) and g.has("InsecureSkipVerify") and g["InsecureSkipVerify"], "crypto/tls")
HOSTS = ("smtpHost", "SMTPHost", "SmtpHost", "smtp_host", "SMTP_HOST", "mailHost", "emailHost")
PORTS = ("smtpPort", "SMTPPort", "SmtpPort", "smtp_port", "SMTP_PORT", "mailPort", "emailPort")


def login_in_clear(source: str, setting: str = "") -> Note:
    """The warning that Go's caution with PLAIN doesn't extend to LOGIN."""
    return Note("password-in-clear", setting, "without TLS Go refuses to send the password by PLAIN (\"unencrypted"
                " connection\"), unless the host is localhost; but a server, or anyone on the way, that offers LOGIN"
                " alone is given it in clear", lambda g: in_clear(g) and g.framework.credentials(g), source)
