"""Causes as plain text: their order, likelihoods in words, what can be copied, and nothing that acts on a terminal."""

from dataclasses import replace

from helpers import each_row

from smtplab import Cause
from smtplab.messages import Explanation, explain
from smtplab.show.messages_text import evidence, explanations, heading, in_words, is_unknown, percent

HOSTILE = "\x1b[31m\x07 \u202e <b>"


def one(cause=Cause.AUTH_REJECTED, likelihood=0.9, **changes):
    text = cause.text
    made = Explanation(cause, likelihood, text.title, "The text says `535`.", text.fixes,
                       (text.evidence, "smtplab probe mail.example.com:587"), text.lesson, "535")
    return replace(made, **changes)


@each_row(("likelihood", "words", "share"), [
    (1.0, "very likely", 99), (0.85, "very likely", 85), (0.849, "likely", 85), (0.6, "likely", 60),
    (0.59, "possible", 59), (0.25, "possible", 25), (0.24, "unlikely", 24), (0.001, "unlikely", 1),
    (0.0, "unlikely", 1)])
def test_a_likelihood_in_words_and_percent(likelihood, words, share):
    assert (in_words(likelihood), percent(likelihood)) == (words, share)
    assert heading(one(likelihood=likelihood)) == f"auth-rejected: {words} ({share} %)"


def test_all_of_it_in_order():
    said = explanations([one(), one(Cause.MIDDLEBOX, 0.1, phrase="220 other")])
    parts = ["2 possible causes, most likely first", "1. auth-rejected: very likely (90 %)", "The login was refused",
             "Why: The text says `535`.", "What would settle it:", "A 535 reply",
             "\n     smtplab probe mail.example.com:587\n", "Fixes:", "- Check user name and password", "Lesson 04",
             "2. middlebox: unlikely (10 %)"]
    places = [said.find(part) for part in parts]
    assert -1 not in places and places == sorted(places)
    assert "possible causes" not in explanations([one()])


def test_commands_stand_alone_and_whole():
    command = "openssl s_client -starttls smtp -connect " + "a" * 120 + ":587"
    words, commands = evidence(one(evidence=("Look.", command)))
    assert (words, commands) == (("Look.",), (command,))
    assert f"\n     {command}\n" in explanations([one(evidence=("Look.", command))])
    assert "settle" not in explanations([one(evidence=())])


def test_what_is_not_known_says_what_to_collect():
    [unknown] = explain("Good morning.")
    said = explanations([unknown])
    assert is_unknown(unknown) and said.startswith("1. Not known from this text\n")
    for part in ("What to collect:", "Give more of the text", "smtplab probe HOST:PORT"):
        assert part in said
    assert "Fixes" not in said and "%" not in said and "Lesson" not in said
    assert not is_unknown(one())


def test_nothing_acts_on_the_terminal():
    said = explanations([one(why=HOSTILE, title=HOSTILE, fixes=(HOSTILE,), evidence=(HOSTILE, HOSTILE))])
    assert not set(said) & set("\x1b\x07\u202e") and said.count("\\x1b[31m") == 5


def test_lines_are_short_enough():
    for text in ("wrong version number", "535 5.7.8 no", "", "Connection refused"):
        assert max(map(len, explanations(explain(text)).splitlines())) <= 120
