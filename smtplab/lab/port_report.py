"""What a probe found of a port, as values, JSON and text: what is insecure, and what is the same in each run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ..address import name_address
from ..certificate import ServerCertificate
from ..escape import Printable, printable, show_bytes
from ..shown import Shown
from ..smtp import offers

SCHEMA = "smtplab.port/1"
# Of a greeting: a date and time, and words as long as a session's number.
_VARIES = re.compile(r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .{0,20}?)?\d{1,2}:\d\d:\d\d(?: \d{4})?"
                     r"(?: [+-]\d{4})?(?: \(?[A-Z]+\)?)?|(?<= )(?=\S*\d)[\w.:=\[\]-]{16,}|\[\S{8,}\]")
_HOST = re.compile(r"\d{3}[ -]\S+ ?")  # goes before


class Speaks(StrEnum):
    """What a port does with a visitor."""

    SMTP = "smtp"
    SMTP_STARTTLS = "smtp-starttls"
    IMPLICIT_TLS = "implicit-tls"
    TLS_OTHER = "tls-other"
    HTTP = "http"
    POP3 = "pop3"
    IMAP = "imap"
    SSH = "ssh"
    OTHER = "other"
    SILENT = "silent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    FILTERED = "filtered"
    UNRESOLVED = "unresolved"


MAIL = (Speaks.SMTP, Speaks.SMTP_STARTTLS, Speaks.IMPLICIT_TLS)


@dataclass(frozen=True)
class PortReport(Shown):
    """What was found. `certificate_ok` is whether it would be accepted; None where none was shown, or none was checked.

    `ehlo_keywords` are those before TLS, if there are any; `ehlo_keywords_in_tls` those within. `certificate` is what
    the port showed, `problem` why it is not accepted, or why there is no connection; None for no problem."""

    host: str
    port: int
    speaks: Speaks
    greeting: str | None
    ehlo_keywords: tuple[str, ...]
    tls_version: str | None
    certificate_ok: bool | None
    seconds: float
    ehlo_keywords_in_tls: tuple[str, ...] = ()
    certificate: ServerCertificate | None = None
    problem: str | None = None

    @property
    def insecure(self) -> tuple[str, ...]:
        """What is insecure about a port for mail, a sentence each."""
        if self.speaks not in MAIL:
            return ()
        out = ["it has no TLS"] * (self.speaks is Speaks.SMTP)
        out += ["its certificate is not accepted"] * (self.certificate_ok is False)
        in_clear = self.speaks is not Speaks.IMPLICIT_TLS and offers(self.ehlo_keywords, "AUTH")
        return (*out, *["it takes logins before TLS"] * in_clear)

    def expires_within(self, span: timedelta) -> bool:
        """Whether the certificate's end is that near, or past."""
        found = self.certificate
        return found is not None and found.seen is not None and found.own.not_after - found.seen < span

    def to_dict(self, *, stable: bool = False) -> dict[str, object]:
        """As plain values. `stable`: only what is the same in two runs if nothing has changed, without times."""
        certificate = self.certificate and self.certificate.to_dict()
        greeting, host = self.greeting, _HOST.match(self.greeting or "")
        if stable and greeting:
            start = host.end() if host else 0
            greeting = " ".join((greeting[:start] + _VARIES.sub("", greeting[start - 1:])).split())
        same = {"host": self.host, "port": self.port, "speaks": self.speaks.value,
                "greeting": greeting, "ehlo_keywords": list(self.ehlo_keywords),
                "tls_version": self.tls_version, "certificate_ok": self.certificate_ok}
        inside = {"ehlo_keywords_in_tls": list(self.ehlo_keywords_in_tls)}
        if stable:
            lasting = certificate and {name: value for name, value in certificate.items()
                                       if name not in ("days_left", "problems")}
            return {**same, **inside, "certificate": lasting}
        return {"schema": SCHEMA, **same, "seconds": self.seconds, **inside, "certificate": certificate,
                "problem": self.problem, "insecure": list(self.insecure), "stable": self.to_dict(stable=True)}

    def to_json(self, indent: int | None = 2, *, stable: bool = False) -> str:
        """What `to_dict` gives, as a JSON document."""
        return json.dumps(self.to_dict(stable=stable), indent=indent)

    def __str__(self) -> Printable:
        return text_of([self])


class PortReports(list[PortReport], Shown):
    """A list of reports that prints as a table, and goes to JSON; `repr` is a list's own."""

    def to_json(self, indent: int | None = 2, *, stable: bool = False) -> str:
        """A JSON list, a document for each port."""
        return json.dumps([one.to_dict(stable=stable) for one in self], indent=indent)

    def __str__(self) -> Printable:
        return text_of(self)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, the first row underlined."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def text_of(reports: Iterable[PortReport]) -> Printable:
    """Reports as a table; below, of each port: greeting, EHLO keywords before and within TLS, certificate, problems."""
    found = list(reports)
    return printable("\n".join([rows_of(found), *(line for report in found for line in _lines(report))]))


def rows_of(reports: Iterable[PortReport]) -> Printable:
    """Reports as a table, a line each."""
    found = list(reports)
    certificate = {True: "accepted", False: "not accepted", None: ""}
    rows = [("host", "port", "speaks", "TLS", "certificate", "seconds")]
    rows += [(r.host, str(r.port), r.speaks.value, r.tls_version or "",
              "not checked" if r.certificate and r.certificate_ok is None else certificate[r.certificate_ok],
              f"{r.seconds:.2f}") for r in found]
    return printable(table(rows))


def _lines(report: PortReport) -> list[str]:
    lines = []
    where, inside = name_address((report.host, report.port)), report.ehlo_keywords_in_tls
    if report.greeting:
        lines.append(f"{where} greets `{_shown(report.greeting, 200)}`")
        lines += [f"  and lists {_listed(report.ehlo_keywords)}"] * bool(report.ehlo_keywords)
        if inside and inside != report.ehlo_keywords:
            lines.append(f"  and within TLS {_listed(inside)}")
    elif report.certificate or (report.problem and report.speaks is not Speaks.REFUSED):
        lines.append(where)
    lines += [f"  {line}" for line in str(report.certificate or "").splitlines()]
    lines += [f"  not accepted: {report.problem}" if report.certificate_ok is False else f"  {report.problem}"
              ] * bool(report.problem and lines)
    return ["", *lines, *(f"  insecure: {words}" for words in report.insecure if "certificate" not in words)
            ] if lines else []


def _listed(keywords: tuple[str, ...]) -> str:
    return _shown(", ".join(keywords), 400)


def _shown(text: str, most: int) -> str:
    return show_bytes(text.encode("utf-8", "replace"), most)
