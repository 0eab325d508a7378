"""Every row of every table fits its example and not its counterexample, and its rank is in its table's band."""

import importlib

from helpers import each_row
from rows import fits

from smtplab.messages import ErrorRule, clean, explain, rules
from smtplab.messages.answer import TABLES
from smtplab.messages.context import context_of

WRAPPERS = range(90, 100)
BANDS = {"raw_bytes": range(10), "dialogue": (8, 19, 29, 59), "dumps": range(20, 40), "network": (9, *range(75, 85)),
         "tls_errors": (9, *range(30, 60)), "waiting": range(60, 75), "replies": range(10, 30),
         "starttls": range(10, 30), "logins": range(10, 30), "certificates": range(30, 45)}
ROWS = [(table, rule) for table in TABLES for rule in importlib.import_module(f"smtplab.messages.{table}").RULES]

# Runs that make a careless pattern try every way to part them.
LONG = {
    "one letter": "a" * 12_000, "digits": "1" * 12_000, "hex": "32 " * 4_000, "pairs": "3230 " * 2_400,
    "spaces": " " * 12_000,
    "escapes": "\\x16\\x03" * 1_500, "octal": "\\026\\003" * 1_500, "words": "connection to server timed " * 450,
    "names": "bytes header record type version " * 360, "tls": "TLS SSL handshake error " * 500,
    "dots": "a.b-c." * 2_000,
    "codes": "220 mail.example.com ESMTP\n" * 450, "stars": "220 " + "*" * 12_000, "quotes": "\"'" * 6_000,
    "reply": "535 5.7.8 " * 1_200, "colons": "SSL routines:" * 900, "brackets": "{error,{" * 1_500}


def test_names_are_unique_and_the_list_is_sorted_by_rank():
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names)) == len(ROWS)
    assert [rule.rank for rule in rules()] == sorted(rule.rank for rule in rules())


@each_row(("table", "rule"), ROWS, ids=lambda row: row[1].name)
def test_a_row_fits_its_example_and_not_its_counterexample_decides_it_and_stands_in_its_band(table, rule):
    assert fits(rule, rule.example)
    assert not fits(rule, rule.counterexample)
    found = explain(rule.example, port=rule.port, mode=rule.mode)
    assert found[0].cause is rule.causes[0]
    assert found[0].phrase
    assert 0 < found[0].likelihood <= 0.95
    assert rule.rank in BANDS[table] or rule.rank in WRAPPERS
    assert rule.stack or rule.source
    assert rule.says.endswith(".")
    assert len(set(rule.causes)) == len(rule.causes)
    assert 0.3 <= rule.likely < 0.97


def test_wrappers_are_never_sure():
    assert all(rule.likely <= 0.7 for _table, rule in ROWS if rule.rank in WRAPPERS)


@each_row("text", LONG.values())
def test_no_pattern_runs_wild_on_long_runs(text):
    context = context_of(clean(text), None, None)
    # Bounded quantifiers: all rows together take some 50 ms; a pattern that runs wild takes all of the test's time.
    for rule in rules():
        assert rule.found(context) is None or rule.causes


@each_row("text", ["", " \n", "\x00\x1b[31m", "\ud800", "%s{}\\", "\u2028" * 50, "220", "-" * 60_000])
def test_odd_texts_get_an_answer(text):
    for mode in (None, "implicit", "starttls", "plain", "nonsense ="):
        found = explain(text, port=465, mode=mode)
        assert found
        assert all(0 <= one.likelihood <= 1 for one in found)


def test_a_row_that_matches_nothing_would_be_noticed():
    bad = ErrorRule("bad", 0, r"never", rules()[0].causes, "A row.", "always", "always")
    assert not fits(bad, bad.example)
