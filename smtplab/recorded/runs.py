"""The file of recorded runs: what was asked for in each, what both peers saw, and which run answers a question best.

`runs.jsonl.gz` holds JSON lines, made on a machine with real servers by `tests/real/record_lab.py`. The first says with
what and when it was recorded; each of the others is a dial, a probe, a program's run, or OpenSSL's answers to bytes.
A run is named by what was asked: kind and options of the server, mode and options of the client. Nothing is made up:
where nobody recorded just that, the run that differs least is shown, and its note says in what it differs.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from ..causes import Cause
from ..certificate import TOLD, Certificate, ServerCertificate
from ..events import Event, Mode, Stage, What
from ..lab.client import MECHANISMS, Dial
from ..lab.port_report import PortReport, Speaks
from ..lab.server import KINDS
from ..trace import Trace
from .state import RECORDED

FILE = Path(__file__).with_name("runs.jsonl.gz")
SCHEMA = "smtplab.recorded/1"
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Served:
    """A server as it was asked for: its kind, or "HOST:PORT" where it was none of the lab's, and its options."""

    kind: str
    options: Options

    @classmethod
    def of(cls, kind: str, options: Options) -> Served:
        """With the options alone that say something: in the form of JSON, without those that are as they are anyway."""
        row = {str(name): row for name, row in KINDS.items()}.get(kind)
        if str(options.get("mode")).startswith("starttls") and row and row.has_twin:
            options = {**options, "starttls": True}
        usual: Options = {"mechanisms": ("PLAIN", "LOGIN"), "host": "127.0.0.1"}
        said = {name: value for name, value in options.items() if name not in ("port", "listener", "host", "mode")
                and value not in (None, False) and value != usual.get(name)}
        return cls(kind, json.loads(json.dumps(said)))


@dataclass(frozen=True)
class Run:
    """A recorded dial: what was asked for, and what the client, the server and the server behind it saw."""

    served: Served
    address: tuple[str, int]
    mode: Mode
    options: Options
    client: Trace
    server: Trace | None
    behind: Trace | None


@dataclass(frozen=True)
class Recordings:
    """All that is in the file. `openssl` and `date` say with what and when."""

    openssl: str
    date: str
    python: str
    server_hello: bytes
    runs: tuple[Run, ...]
    probes: tuple[tuple[Served, PortReport], ...]
    programs: tuple[tuple[Options, dict[str, Any]], ...]
    answers: Mapping[tuple[str, str], list[dict[str, Any]]]
    certificates: Mapping[str, Certificate]

    @property
    def note(self) -> str:
        """With what and when it was recorded, in words."""
        return f"{RECORDED}{self.openssl} on {self.date}"

    def run(self, served: Served, mode: Mode, options: Options) -> Run | None:
        """The dial that was asked for, its traces marked as recorded; None where none of this kind was recorded."""
        found = [run for run in self.runs if run.served.kind == served.kind and run.mode is mode
                 and run.served.options.get("starttls") == served.options.get("starttls")]
        if not found:
            return None
        best = min(found, key=lambda run: _distance(run, served, options))
        note = f"{self.note}{_differences(best, served, options)}"
        client, server, behind = (trace and marked(trace, note) for trace in (best.client, best.server, best.behind))
        assert client
        return replace(best, client=client, server=server, behind=behind)

    def probe(self, served: Served) -> tuple[PortReport, str] | None:
        """The report of a probe of such a server, and its note; None where none was recorded."""
        found = [(one, report) for one, report in self.probes if one.kind == served.kind]
        if not found:
            return None
        one, report = min(found, key=lambda pair: len(_unlike(pair[0].options, served.options)))
        return report, self.note + _in_place_of(_unlike(one.options, served.options))

    def program(self, asked: Options) -> dict[str, Any] | None:
        """The run of a program, as plain values; None where just this was not recorded."""
        return next((ran for key, ran in self.programs if key == asked), None)


def options_of(dial: Dial) -> Options:
    """The options of a dial that say something, in the form of JSON."""
    own = {"timeout_s": float(dial.timeout_s), "verify": None if dial.verify else "none", "login": dial.login,
           "mechanism": dial.mechanisms[0] if dial.mechanisms != MECHANISMS else None, "mail_from": dial.mail_from,
           "rcpt_to": dial.rcpt_to, "ehlo_name": dial.ehlo_name,
           "server_name": dial.server_name if dial.server_name != dial.target.host else None}
    return json.loads(json.dumps({name: value for name, value in own.items() if value is not None}))


def same_question(one: Run, other: Run) -> bool:
    """Whether `one` answers what was asked for in `other`, with no difference that matters."""
    where = (one.served.kind, one.mode, one.served.options.get("starttls"))
    return (where == (other.served.kind, other.mode, other.served.options.get("starttls"))
            and _distance(one, other.served, other.options) == (0, 0.0))


def marked(trace: Trace, note: str) -> Trace:
    """The trace with a first event that says how it was recorded."""
    event = Event(0.0, trace.seen_from, What.TLS, None, note)
    return replace(trace, events=(event, *trace.events))


def note_of(trace: Trace) -> str:
    """How a trace was recorded; "" for one of this process."""
    first = trace.events[0].note if trace.events else ""
    return first if first.startswith(RECORDED) else ""


# What a client does with its options, by the stage that it must have reached for that.
_FROM = {"ehlo_name": Stage.EHLO, "login": Stage.AUTH, "mechanism": Stage.AUTH, "mail_from": Stage.MAIL,
         "rcpt_to": Stage.MAIL}


def _matters(run: Run, name: str) -> bool:
    """Whether an option could have changed this run: not where the client had failed before."""
    stages, failure = list(Stage), run.client.failure
    if name in ("verify", "server_name"):
        return run.client.tls is not None or failure is not None and failure.stage == Stage.TLS
    if failure is None or name not in _FROM or failure.stage not in stages:
        return True
    if run.mode is Mode.IMPLICIT and failure.stage == Stage.TLS:  # which comes first there
        return False
    return stages.index(_FROM[name]) <= stages.index(Stage(failure.stage))


def _unlike(one: Options, other: Options) -> list[str]:
    return [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]


def _distance(run: Run, served: Served, options: Options) -> tuple[int, float]:
    """How much differs, then how far the time-out is off: 0 where the run ended before either."""
    recorded_s, asked_s = run.options["timeout_s"], options["timeout_s"]
    off_s = abs(recorded_s - asked_s) if _time_matters(run, asked_s) else 0.0
    return len(_all_unlike(run, served, options)), off_s


def _all_unlike(run: Run, served: Served, options: Options) -> list[str]:
    """The names of all that differs and matters, but for the time-out."""
    asked = [name for name in _unlike(run.options, options) if name != "timeout_s" and _matters(run, name)]
    return [*_unlike(run.served.options, served.options), *asked]


def _time_matters(run: Run, asked_s: float) -> bool:
    """Whether the run might have ended otherwise with this time-out."""
    timed_out = run.client.failure is not None and run.client.failure.reason == "timeout"
    return timed_out or run.client.waiting_for is not None or run.client.seconds > asked_s


def _differences(run: Run, served: Served, options: Options) -> str:
    recorded_s, asked_s = run.options["timeout_s"], options["timeout_s"]
    found = _in_place_of(_all_unlike(run, served, options))
    if recorded_s != asked_s and _time_matters(run, asked_s):
        found += f"; with a time-out of {recorded_s:g} s, not {asked_s:g} s"
    return found


def _in_place_of(names: Iterable[str]) -> str:
    """Names only: a value may be a password."""
    listed = ", ".join(dict.fromkeys(names))
    return f"; not with what you asked for in {listed}, which nobody recorded" if listed else ""


@cache
def recordings() -> Recordings:
    """The recordings that come with the package; their certificates can then be told, whatever is installed."""
    found = read_recordings(gzip.decompress(FILE.read_bytes()).decode())
    TOLD.update(found.certificates)
    return found


def read_recordings(text: str) -> Recordings:
    """The recordings in such a file's text. Raises ValueError if it is none."""
    head, *rows = map(json.loads, text.splitlines() or ["{}"])
    if head.get("schema") != SCHEMA:
        raise ValueError(f"these are no recordings: the schema is {head.get('schema')!r}, not {SCHEMA!r}")
    return Recordings(
        head["openssl"], head["date"], head["python"], bytes.fromhex(head["server_hello"]),
        tuple(_run(row) for row in rows if row["what"] == "dial"),
        tuple((_served(row), _report(row["report"])) for row in rows if row["what"] == "probe"),
        tuple((row["asked"], row["ran"]) for row in rows if row["what"] == "program"),
        {(row["role"], row["data"]): row["answers"] for row in rows if row["what"] == "answers"},
        {row["told"]["sha256"]: _certificate(row["told"]) for row in rows if row["what"] == "certificate"})


def _served(row: dict[str, Any]) -> Served:
    return Served(row["kind"], row["served"])


def _run(row: dict[str, Any]) -> Run:
    client, server, behind = (row[side] and Trace.from_json(json.dumps(row[side]))
                              for side in ("client", "server", "behind"))
    return Run(_served(row), tuple(row["address"]), Mode.of(row["mode"]), row["options"], client, server, behind)


def _report(row: dict[str, Any]) -> PortReport:
    shown = row["certificate"] and ServerCertificate(**{
        **row["certificate"], "chain": tuple(_certificate(one) for one in row["certificate"]["chain"]),
        "seen": _moment(row["certificate"]["seen"]), "cause": Cause(row["certificate"]["cause"])})
    keywords = {name: tuple(row[name]) for name in ("ehlo_keywords", "ehlo_keywords_in_tls")}
    return PortReport(**{**row, **keywords, "speaks": Speaks(row["speaks"]), "certificate": shown})


def _certificate(row: dict[str, Any]) -> Certificate:
    term = {name: datetime.fromisoformat(row[name]) for name in ("not_before", "not_after")}
    return Certificate(**{**row, **term, "names": tuple(row["names"])})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
