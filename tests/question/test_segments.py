"""A paste told apart: each line's kind, what a block makes of its doubtful lines, and line numbers that hold."""


import pytest
from helpers import each_row
from pastes import COMPOSE, DJANGO, RAILS

from smtplab.question import Kind, Segment, only, segments


def spans(text, settings=()):
    return [(one.kind.value, one.first, one.last) for one in segments(text, settings)]


def test_a_forum_post_is_told_apart():
    assert spans(RAILS) == [("prose", 1, 3), ("log", 5, 6), ("prose", 8, 8), ("settings", 11, 18), ("prose", 21, 21)]
    assert spans(COMPOSE) == [("settings", 1, 6), ("log", 8, 11)]
    assert spans(DJANGO) == [("prose", 1, 1), ("settings", 3, 6)]


@each_row(("line", "kind"), [
    ("I have tried this for two days now and it does not work.", Kind.PROSE),
    ("My server says wrong version number, and I have no idea what this means to me.", Kind.PROSE),
    ("### Describe the bug", Kind.PROSE),
    ("2026-11-25 11:20:07 ERROR mail: it failed", Kind.LOG),
    ("Nov 29 20:11:31 pi4 gitea[902]: failed to send", Kind.LOG),
    ("Traceback (most recent call last):", Kind.LOG), ("  File \"app.py\", line 3, in send", Kind.LOG),
    ("    at SMTPConnection._formatError (index.js:790:19)", Kind.LOG),
    ("ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number", Kind.LOG),
    ("curl: (35) TLS connect error", Kind.LOG), ("535 5.7.8 Error: authentication failed", Kind.TRANSCRIPT),
    ("S: 220 mail.example.com ESMTP", Kind.TRANSCRIPT), ("<- 250-STARTTLS", Kind.TRANSCRIPT),
    ("2026-11-25 10:00:00 CLIENT -> SERVER: EHLO app.example", Kind.TRANSCRIPT),
    ("EHLO app.example", Kind.TRANSCRIPT), ("CONNECTED(00000003)", Kind.TRANSCRIPT),
    ("EMAIL_PORT = 465", Kind.SETTINGS), ("SMTP_PORT=465", Kind.SETTINGS), ("  'port' => 465,", Kind.SETTINGS),
    ("  - name: SMTP_PORT", Kind.SETTINGS), ("$mail->Port = 465;", Kind.SETTINGS), ("tls_starttls off", Kind.SETTINGS),
    ("    ports:\n      - 465", Kind.SETTINGS)])
def test_a_line_by_its_own_form(line, kind):
    assert {one.kind for one in segments(line)} == {kind}


def test_a_block_decides_on_what_could_be_anything():
    assert spans("smtp {\n  host = a.example\n}\n") == [("settings", 1, 3)]
    printed = "Error: wrong version number\n{\n  library: 'SSL routines',\n  port: 587\n}"
    assert spans(printed) == [("log", 1, 5)], "an object below an error is the error's"
    assert spans("  port: 587\n  host: 'a.example'") == [("settings", 1, 2)], "its twin: without an error"


def test_what_is_known_to_be_settings_overrules_the_form():
    text = "something odd here\nabsolutely nothing"
    assert spans(text) == [("prose", 1, 2)]
    assert spans(text, {1, 2}) == [("settings", 1, 2)]
    said = "I want it encrypted, that is why I have set it so: SSL = true, as it says."
    assert spans(f"{said}\n\nd.SSL = true", {1, 3}) == [("prose", 1, 1), ("settings", 3, 3)]
    assert spans(said, {1}) == [("settings", 1, 1)], "its twin: nothing else is a setting"
    log = "2026-11-25 11:20:07 ERROR mail: port=465"
    assert spans(log, {1}) == [("log", 1, 1)], "but not a log's line"


def test_what_s_client_prints_last_is_no_settings():
    dump = "CONNECTED(00000003)\n---\nNew, (NONE), Cipher is (NONE)\nSecure Renegotiation IS NOT supported\n{}\n---"
    assert spans(dump.format("Compression: NONE\nExpansion: NONE")) == [("transcript", 1, 7)]
    assert ("settings", 3, 4) in spans("CONNECTED(00000003)\n\nsmtp_host: a.example\nsmtp_port: 587")


def test_only_what_was_chosen_is_kept_at_its_line():
    text = "one\ntwo\nthree"
    assert only(text, [Segment(Kind.LOG, 2, 2)]) == "\ntwo\n"
    assert only(text, []) == "\n\n"


def test_nothing_raises():
    odd = ["", "\n", "\0", "```", "```\n```", "\ud800", "{" * 1000, "\t" * 9999, "```\nport: 465", ":" * 5000]
    assert all(isinstance(segments(text), tuple) for text in odd)


@pytest.mark.slow  # one that took quadratic time would meet pytest's own time-out
def test_long_pastes_are_told_apart():
    keys = "".join(f"SOME_KEY_{number}=value\n" for number in range(40_000))  # one block
    for text in (RAILS * 1500, keys + RAILS, "x" * 1_000_000, "a: b " * 200_000, "= " * 500_000, "\n" * 1_000_000):
        assert isinstance(segments(text), tuple)
