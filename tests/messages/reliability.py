"""Whether likelihoods mean what they say: texts with known causes, explained, and counted by how sure the answer was.

    python tests/messages/reliability.py REPORTS.jsonl... [--marks MARKS.jsonl] [--half 0|1]

Each line of a reports file is {"id", "text", "port", "mode_configured", "cause"}; each of a marks file, {"id",
"told_from"}, says from what a careful reader can tell the cause. Prints the score of the first cause and of the first
two, by marks, the reliability table and the Brier score, each for the text alone, with its port, and with the words of
the mode setting too, as far as the settings package can read these.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from smtplab.messages import Explanation
from smtplab.question import explain, mode_of_words

KNOWN = ("text", "with port", "with port and settings")


class Answered(NamedTuple):
    """An answer to a text, and what the truth is; `mark` says what the truth can be told from."""

    stated: float
    right: bool
    within_two: bool
    mark: str = ""


def half_of(name: str) -> int:
    """0 or 1, by a hash of a report's name: whoever tunes looks at one half, and the other is left alone."""
    return hashlib.sha256(name.encode()).digest()[-1] % 2


def table(answers: Iterable[Answered]) -> list[tuple[float, int, float]]:
    """The reliability table: (stated likelihood, in steps of 5 %; how many texts; the share that was right)."""
    rows: dict[float, list[bool]] = defaultdict(list)
    for answer in answers:
        rows[round(answer.stated * 20) / 20].append(answer.right)
    return [(stated, len(rows[stated]), sum(rows[stated]) / len(rows[stated])) for stated in sorted(rows)]


def brier(answers: Sequence[Answered]) -> float:
    """The mean square of the difference between what was stated and what was so: 0 is perfect, 0.25 a coin's."""
    return sum((answer.stated - answer.right) ** 2 for answer in answers) / len(answers)


def answered(report: dict[str, str], found: Sequence[Explanation], mark: str = "") -> Answered:
    """How an answer compares to the report's own cause."""
    causes = [one.cause.value for one in found]
    return Answered(found[0].likelihood, causes[0] == report["cause"], report["cause"] in causes[:2], mark)


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main(argv: Sequence[str] | None = None) -> None:
    """Read the files, explain each text three times, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--marks", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1))
    given = parser.parse_args(argv)
    marks = {one["id"]: one["told_from"] for one in _lines(given.marks)} if given.marks else {}
    reports = [one for path in given.reports for one in _lines(path) if given.half in (None, half_of(one["id"]))]
    for known in KNOWN:
        answers = []
        read = 0
        for report in reports:
            port = report["port"] if known != KNOWN[0] else None
            mode = report["mode_configured"] if known == KNOWN[2] else None
            read += bool(mode_of_words(mode, port))  # type: ignore[arg-type]
            found = explain(report["text"], port=port, mode=mode)  # type: ignore[arg-type]
            answers.append(answered(report, found, marks.get(report["id"], "")))
        print(f"\n{known}: {_score(answers)}" + f" (the words of {read} name a mode)" * bool(read))
        for mark in sorted({answer.mark for answer in answers} - {""}):
            print(f"  {mark}: {_score([answer for answer in answers if answer.mark == mark])}")
        for stated, count, share in table(answers):
            print(f"  stated {stated:4.0%}: {count:3} texts, right {share:4.0%}")


def _score(answers: Sequence[Answered]) -> str:
    first, two = sum(a.right for a in answers), sum(a.within_two for a in answers)
    return f"first {first}, within two {two}, of {len(answers)}; Brier {brier(answers):.3f}"


if __name__ == "__main__":
    main()
