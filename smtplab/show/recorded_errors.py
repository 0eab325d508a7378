"""What real clients say of the same failure, each in its own words: recorded runs, and what their words leave unsaid.

The runs are in `recorded_errors.jsonl`, one a line: `error_text` is what the client printed, its lines divided by
"\\n", with what changes from run to run (ports, dates, process ids) replaced by PORT, <date>, <pid>, <tid>.
`hang` is true where it was still waiting when it was ended, after `killed_after_s`; `seconds` are upper
bounds, as the machine was loaded at times. Against `silent` the clients ran with their default time-outs.
The cause of a run is known by how it was made: mode and kind of port.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..causes import Cause
from ..escape import show_bytes
from ..records import parse_header

# What differs between two releases' wordings and means nothing: places in the source, dates, releases, fields.
_DETAIL = re.compile(r":\S+\.c:\d+:?|_ssl\.c:\d+|OpenSSL[ /]\d\S*(?: +\d+ \w+ \d{4})?|<tid>:|code: \S+$", re.MULTILINE)
_NO_WORDS = re.compile(r"/|code[=:]|\*\w")  # lines that say nothing: where mail was put, numbers, types
# (mode, kind of port) -> cause. A port that is silent to an implicit client too is no implicit port: nothing is known.
CAUSES = {
    ("implicit", "banner220"): Cause.IMPLICIT_TO_PLAINTEXT,
    ("implicit", "silent"): Cause.OTHER,
    ("plain", "silent"): Cause.PLAINTEXT_TO_IMPLICIT,
    ("starttls", "silent"): Cause.PLAINTEXT_TO_IMPLICIT,
    ("implicit", "close"): Cause.CLOSED_BEFORE_GREETING,
    ("implicit", "rst"): Cause.CLOSED_BEFORE_GREETING,
    ("starttls", "close"): Cause.CLOSED_BEFORE_GREETING,
    ("starttls", "rst"): Cause.CLOSED_BEFORE_GREETING,
    ("starttls", "nostarttls"): Cause.STARTTLS_NOT_OFFERED,
    ("starttls", "554"): Cause.RELAY_OR_POLICY,
    ("starttls", "421"): Cause.TEMPORARILY_UNAVAILABLE,
}


@dataclass(frozen=True)
class RecordedError:
    """One recorded run of a real client against a port that refused it, or was of another kind than it expected."""

    client: str
    version: str
    tls_library: str
    mode: str
    port_kind: str
    first_bytes: str
    error_text: str
    hang: bool
    seconds: float
    killed_after_s: float | None
    recorded: str

    @property
    def words(self) -> str:
        """What the client said; if nothing, how it ended."""
        if self.error_text:
            return self.error_text
        if self.hang:
            return f"(nothing: it was still waiting after {self.killed_after_s:g} s, and was ended)"
        return "(nothing: it ended without a word)"

    @property
    def cause(self) -> Cause:
        """What was wrong, by how the run was made."""
        return CAUSES[self.mode, self.port_kind]

    @property
    def wording(self) -> str:
        """The words without what differs between two releases and means nothing."""
        return _DETAIL.sub("", self.words).strip()

    @property
    def last_words(self) -> str:
        """The last line that says something, which is what people paste; "" if the client said nothing."""
        lines = [line.strip() for line in self.wording.splitlines()] if self.error_text else []
        return next((line for line in reversed(lines) if line and not _NO_WORDS.match(line)), "")


@cache
def recordings() -> tuple[RecordedError, ...]:
    """All recorded runs."""
    text = Path(__file__).with_name("recorded_errors.jsonl").read_text(encoding="utf-8")
    return tuple(RecordedError(**json.loads(line)) for line in text.splitlines())


def unsaid(runs: Sequence[RecordedError]) -> list[str]:
    """What the words of these runs don't say, in sentences.

    That is which clients say nothing, how long clients wait, and which end alike for other causes too.
    """
    return [*filter(None, (_who_says_nothing(runs), _how_long_they_wait(runs))), *_said_of_other_causes(runs)]


def _who_says_nothing(runs: Sequence[RecordedError]) -> str:
    silent = dict.fromkeys(f"{run.client} {run.version} ({_how_it_ended(run)})" for run in runs
                           if not run.error_text and run.port_kind != "silent")
    return f"Nothing at all is said by {', '.join(silent)}." if silent else ""


def _how_it_ended(run: RecordedError) -> str:
    if not run.hang:
        return "it just ends"
    waits = f"still waiting after {run.killed_after_s:g} s"
    header = parse_header(run.first_bytes.encode()) if run.mode == "implicit" else None
    if header is None:
        return waits
    five = show_bytes(run.first_bytes[:5].encode())
    return f"{waits}: it takes `{five}` for the header of a record of {header.length} bytes, and waits for those"


def _how_long_they_wait(runs: Sequence[RecordedError]) -> str:
    """At a port that says nothing: the shortest wait of each client, since a loaded machine only adds to it."""
    shortest: dict[str, RecordedError] = {}
    for run in sorted(runs, key=lambda run: run.seconds):
        if run.port_kind == "silent":
            shortest.setdefault(run.client, run)
    clients_by_wait: dict[str, list[str]] = {}
    for client, run in shortest.items():
        wait = f"over {run.killed_after_s:g} s" if run.hang else f"{run.seconds:.0f} s"
        clients_by_wait.setdefault(wait, []).append(client)
    listed = "; ".join(f"{wait}: {', '.join(clients)}" for wait, clients in clients_by_wait.items())
    return f"How long they wait if no time-out is set: {listed}." if listed else ""


def _said_of_other_causes(runs: Sequence[RecordedError]) -> list[str]:
    causes: dict[tuple[str, str], set[str]] = {}
    for run in (*runs, *recordings()):
        causes.setdefault(_program_and_last_words(run), set()).add(str(run.cause))
    asked = dict.fromkeys(_program_and_last_words(run) for run in runs if run.last_words)
    return [f"{client} ends alike, `{words}`, for {len(causes[client, words])} causes: "
            f"{', '.join(sorted(causes[client, words]))}." for client, words in asked if len(causes[client, words]) > 1]


def _program_and_last_words(run: RecordedError) -> tuple[str, str]:
    """The program, whatever its options, and its last words."""
    return run.client.split()[0], run.last_words
