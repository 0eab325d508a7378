"""The first bytes on a wire under two readings at once: as SMTP characters, and as a TLS record header.

OpenSSL's checks follow, each passed or failed because of these bytes. The page evaluates them by itself, from
`verdict.BRANCHES` given to it as data; only asking the real OpenSSL needs the kernel.
"""

from __future__ import annotations

import functools
from dataclasses import asdict
from enum import IntEnum
from typing import Any

import traitlets

from ..escape import show_bytes
from ..lab.openssl_probe import Answer, ask_openssl, real_server_hello
from ..lab.tls import OPENSSL
from ..recorded.state import cant, in_use, recorded_words
from ..records import HEADER_BYTES, AlertDescription, ContentType, HandshakeType, parse_header
from ..trace import Trace
from ..verdict import BRANCHES, Branch, branch_of, judge
from .text import verdict
from .widget_base import HERE, ScriptWidget

GREETING = b"220 mail.example.com ESMTP smtplab\r\n"
# No branch looks past the longest record that it lets pass.
MOST_BYTES = HEADER_BYTES + max(rule.value for branch in BRANCHES for rule in branch.rules if rule.field == "length")
RECORDED_ON = "recorded on"
_EDGE = 4  # answers shown at each end; all those between are "wants more"


class FiveByteLens(ScriptWidget):
    """First bytes as characters and as a record header, and what an OpenSSL makes of them.

    `data` is bytes, or a `Trace`, of which the received bytes are taken. `openssl` is a version as `judge` takes
    it; `role` says who reads the bytes: a mail "client", or a "server". Raises ValueError for what `judge` refuses.
    """

    _esm = (HERE / "openssl_checks.js").read_text(encoding="utf-8") + (
        HERE / "five_byte_lens.js").read_text(encoding="utf-8")
    _css = (HERE / "five_byte_lens.css").read_text(encoding="utf-8")

    data_hex = traitlets.Unicode().tag(sync=True)
    openssl = traitlets.Unicode().tag(sync=True)
    role = traitlets.Enum(("client", "server"), "client").tag(sync=True)
    came = traitlets.Int().tag(sync=True)
    branches: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    names: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    presets: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    answers: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    real_openssl = traitlets.Unicode(OPENSSL).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)  # where the bytes, and OpenSSL's answers, are from if not from here

    def __init__(self, data: bytes | Trace = GREETING, openssl: str = "3.0", role: str = "client",
                 **kwargs: Any) -> None:
        came = len(data) if not isinstance(data, Trace) else data.bytes_received
        if isinstance(data, Trace):
            kwargs["note"] = recorded_words(data).strip(" ()")
            role = data.seen_from
            data = b"".join(e.data or b"" for e in data.events if e.what == "bytes" and e.who != role)
        data = bytes(data[:MOST_BYTES])
        judge(data, openssl, role=role)
        if in_use():
            from ..recorded.runs import recordings
            kwargs["real_openssl"] = f"{recordings().openssl}, {RECORDED_ON} {recordings().date}"
        super().__init__(data_hex=data.hex(), openssl=openssl, role=role, came=came, branches=rows(), names=names(),
                         presets=presets(), **kwargs)
        self.on_msg(self._asked)
        self.observe(self._other_bytes, ["data_hex", "role"])

    def ask(self) -> tuple[Answer, ...]:
        """Ask the OpenSSL of this Python, one byte at a time; the page then shows its answers.

        Where recordings are in use: the answers that were recorded. None were for bytes that nobody asked it about."""
        answers = _recorded_answers(self) if in_use() else ask_openssl(bytes.fromhex(self.data_hex), self.role)
        few = answers if len(answers) <= 2 * _EDGE else (*answers[:_EDGE], *answers[-_EDGE:])
        self.answers = [asdict(answer) for answer in few]
        return answers

    def _asked(self, widget: object, content: object, buffers: object) -> None:
        if content == {"ask": "openssl"}:
            self.ask()
            self.send({"asked": self.data_hex})  # also where the answers are the same as before

    def _other_bytes(self, change: object) -> None:
        self.answers = []

    def text(self) -> str:
        """Both readings, the checks, the verdict and the alert as plain text."""
        data = bytes.fromhex(self.data_hex)
        whose, reader = ("server", "client") if self.role == "client" else ("client", "server")
        lines = [f"{self.came:,} bytes came from the {whose}.", f"as SMTP characters: {show_bytes(data, 400)}",
                 f"as a TLS record header, by a {reader}'s TLS:", *_fields(data)]
        header = parse_header(data)
        if header:
            lines.append(f"The header promised {header.length:,} bytes; {self.came - HEADER_BYTES:,} came.")
        try:
            lines.append(verdict(judge(data, self.openssl, role=self.role)))
            lines.append(f"measured in: {', '.join(branch_of(self.openssl).measured) or 'no release'}")
        except ValueError as exc:  # a version and a role chosen in the page
            lines.append(str(exc))
        lines += [f"({self.note})"] * bool(self.note)
        if self.answers:
            lines.append(f"The real {self.real_openssl}, one byte at a time:")
            lines += [f"  {answer['fed']} of {self.answers[-1]['fed']}: {answer['says']}"
                      + (f", sends {answer['alert_hex']}" if answer["alert_hex"] else "") for answer in self.answers]
        return "\n".join(lines)


def _recorded_answers(lens: FiveByteLens) -> tuple[Answer, ...]:
    from ..recorded.lab import tell
    from ..recorded.runs import recordings
    book = recordings()
    found = book.answers.get((lens.role, lens.data_hex), [])
    lens.note = f"OpenSSL's answers: {book.note}" if found else (
        f"Nobody recorded what OpenSSL says of these bytes. {cant('ask it')}")
    tell(lens.note)
    return tuple(Answer(**answer) for answer in found)


def _fields(data: bytes) -> list[str]:
    header = parse_header(data)
    values = ("", "", "") if header is None else (
        f"{int(header.content_type)} ({header.content_type})",
        f"0x{header.legacy_record_version:04x} ({header.legacy_record_version}), "
        f"major version {header.legacy_record_version >> 8}", f"{header.length:,}")
    parts = zip(("content_type", "legacy_record_version", "length"), (data[:1], data[1:3], data[3:5]), values,
                strict=True)
    return [f"  {name:<22} {part.hex(' '):<6} `{show_bytes(part)}`  {value}".rstrip() for name, part, value in parts]


def _version(branch: Branch) -> str:
    return ".".join(map(str, (*branch.first, 0)[:3]))  # "3.2" alone would mean the newest 3.2


@functools.cache
def rows() -> list[dict[str, Any]]:
    """`BRANCHES` as plain values, which the page evaluates."""
    return [{"name": b.name, "first": list(b.first), "end": list(b.end), "version": _version(b),
             "measured": list(b.measured), "alert_prefix": b.alert_prefix,
             "rules": [{**asdict(rule), "check": rule.check} for rule in b.rules]} for b in BRANCHES]


@functools.cache
def names() -> dict[str, Any]:
    """The names of numbers, by number as text; `alert_reasons` are OpenSSL's, by a branch's `alert_prefix`."""
    def table(kind: type[IntEnum]) -> dict[str, str]:
        return {str(int(member)): str(member) for member in kind}

    def reasons(branch: Branch) -> dict[str, str]:
        said = {n: judge(bytes((21, 3, 3, 0, 2, 2, n)), _version(branch)).verdict for n in range(256)}
        return {str(n): reason for n, reason in said.items() if reason != f"reason({1000 + n})"}

    return {"content_types": table(ContentType), "handshake_types": table(HandshakeType),
            "alerts": table(AlertDescription), "alert_reasons": {b.alert_prefix: reasons(b) for b in BRANCHES}}


def _server_hello() -> bytes:
    if in_use():
        from ..recorded.runs import recordings
        return recordings().server_hello
    return real_server_hello()


@functools.cache
def presets() -> list[dict[str, Any]]:
    """The examples that can be picked: a label, the bytes, and who reads them."""
    server_says = {
        '"220 ": a mail server greets': GREETING,
        '"220-": a greeting of several lines': b"220-mail.example.com ESMTP smtplab\r\n220 ready\r\n",
        '"554": a mail server refuses': b"554 5.7.1 mail.example.com no service for you\r\n",
        '"HTTP/1.1": a web server': b"HTTP/1.1 400 Bad Request\r\n",
        '"* OK": an IMAP server': b"* OK [CAPABILITY IMAP4rev1] ready\r\n",
        '"SSH-2.0": an SSH server': b"SSH-2.0-OpenSSH_9.2\r\n",
        "a real ServerHello": _server_hello(),
        "an alert: handshake_failure": bytes((21, 3, 3, 0, 2, 2, 40))}
    return [*({"label": label, "hex": data.hex(), "role": "client"} for label, data in server_says.items()),
            {"label": '"EHLO ": a mail client', "hex": b"EHLO client.example.com\r\n".hex(),
             "role": "server"}]
