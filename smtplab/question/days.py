"""Errors of several days in one paste: "on Tuesday it said this, today it says that". The newest is asked about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from .segments import Kind, Segment

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?<![\d.-])(?:(?P<y>\d{4})[-/](?P<m>\d\d?)[-/](?P<d>\d\d?)|(?P<m2>\d\d?)/(?P<d2>\d\d?)/(?P<y2>\d{4})"
    r"|(?P<d3>\d\d?)\.(?P<m3>\d\d?)\.(?P<y3>\d{4})|(?P<name>[A-Z][a-z]{2}) {1,2}(?P<d4>\d{1,2})(?= \d\d:\d\d))(?!\d)")
_LOOKED_AT = 2_000  # characters of a segment: its first line has the date, or the one below
_KINDS = (Kind.LOG, Kind.TRANSCRIPT)


def older_errors(text: str, found: Sequence[Segment]) -> tuple[Segment, ...]:
    """The logs of earlier days than the newest, where a person's words stand between them; else none.

    One log that runs over several days is one story. Logs without a date are kept.
    """
    logs = [(at, one) for at, one in enumerate(found) if one.kind in _KINDS]
    if len(logs) < 2:
        return ()
    lines = text.split("\n")
    days = {one: _day("\n".join(lines[one.first - 1:one.last])[:_LOOKED_AT]) for _, one in logs}
    known = [day for day in days.values() if day]
    if len({len(day) for day in known}) != 1:  # none, or some without a year: they can't be compared
        return ()
    newest = max(known)
    told_apart: set[Segment] = set()
    for (at, before), (then, after) in pairwise(logs):
        if any(between.kind is Kind.PROSE for between in found[at + 1:then]):
            told_apart |= {before, after}
    return tuple(one for _, one in logs if days[one] and days[one] != newest and one in told_apart)


def _day(text: str) -> tuple[int, ...]:
    """(year, month, day) of the first date, or (month, day) where a log names no year; () if there is none."""
    for m in _DATE.finditer(text):
        if m["name"]:
            if m["name"].lower() in _MONTHS:
                return _MONTHS.index(m["name"].lower()) + 1, int(m["d4"])
            continue
        year, month, day = m["y"] or m["y2"] or m["y3"], m["m"] or m["m2"] or m["m3"], m["d"] or m["d2"] or m["d3"]
        return int(year), int(month), int(day)
    return ()
