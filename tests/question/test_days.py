"""Errors of several days in one paste: the newest is asked about, and one log over several days is one."""

from helpers import each_row

from smtplab.question import Kind, Segment, diagnose_paste
from smtplab.question.days import older_errors

TYPO = "Error: getaddrinfo ENOTFOUND smtp.exmaple.net"
LOGIN = "Error: Invalid login: 535 5.7.8 Authentication failed"


@each_row(("before", "after"), [
    ("2026-11-24 09:02:11", "2026-11-26 08:41:55"), ("11/24/2026, 9:02:11", "11/26/2026, 8:41:55"),
    ("24.11.2026 09:02", "26.11.2026 08:41"), ("Nov 24 09:02:11", "Nov 26 08:41:55")])
def test_the_newest_is_asked_about_in_whatever_order(before, after):
    old, new = f"{before} ERROR {TYPO}", f"{after} ERROR {LOGIN}"
    for text, line in ((f"{old}\n\nThat was my typo. Now I see this instead:\n\n{new}\n", 1),
                       (f"{new}\n\nThe day before it said something else:\n\n{old}\n", 5)):
        answer = diagnose_paste(text)
        assert answer.causes[0].cause.value == "auth-rejected"
        assert f"an older error, line {line}" in answer.read.ignored


def test_a_log_that_runs_over_days_is_one_story():
    answer = diagnose_paste(f"2026-11-24 09:02:11 ERROR {TYPO}\n2026-11-26 08:41:55 ERROR retrying\n")
    assert answer.causes[0].cause.value == "dns" and not answer.read.ignored


def test_what_has_no_date_or_no_year_is_not_compared():
    prose = Segment(Kind.PROSE, 2, 2)
    logs = [Segment(Kind.LOG, 1, 1), prose, Segment(Kind.LOG, 3, 3)]
    for text in ("one\nwords\ntwo", "2026-11-24 one\nwords\ntwo", "2026-11-24 one\nwords\nNov 26 08:41 two",
                 "2026-11-24 one\nwords\n2026-11-24 two"):
        assert older_errors(text, logs) == ()
    assert older_errors("2026-11-24 one\nwords\n2026-11-26 two", logs) == (logs[0],)
    assert older_errors("2026-11-24 one\nwords\n2026-11-26 two", [logs[0], logs[2]]) == ()
