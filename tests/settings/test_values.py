"""How values are read: each language's truth, words that count exactly, and what is said of the odd ones."""

from helpers import each_row

from smtplab.settings.values import ABSENT, JAVASCRIPT, PHP, PYTHON, RUBY, Hidden, OneOf, Switch, shown


@each_row(("truth", "off", "on"), [
    (RUBY, [None, False], [True, 0, "", "false", ":auto"]),
    (PYTHON, [None, False, 0, ""], [True, 1, "False", "0"]),
    (JAVASCRIPT, [None, False, 0, ""], [True, 1, "false"]),
    (PHP, [None, False, 0, "", "0"], [True, 1, "false"]),
])
def test_each_language_has_its_own_truth(truth, off, on):
    assert [truth.read(value) for value in off] == [False] * len(off)
    assert [truth.read(value) for value in on] == [True] * len(on)
    assert [truth.complaint(value) for value in (*off, True)] == [None] * (len(off) + 1)
    assert {truth.complaint(value).code for value in on if value is not True} == {"truthy"}


def test_a_switch_counts_other_words_as_off_and_says_so():
    java = Switch()
    assert [java.read(v) for v in ("true", "TRUE", True, "yes", "1", None)] == [True, True, True, False, False, False]
    assert java.complaint("yes").code == "unknown-value"
    assert java.complaint("false") is None


def test_words_are_compared_exactly_and_the_near_one_is_named():
    secure = OneOf(("", "tls", "ssl"))
    assert [secure.read(v) for v in ("tls", "TLS", None, False)] == ["tls", None, "", ""]
    assert "did you mean 'tls'" in secure.complaint("TLS").says
    assert secure.complaint("ssl") is None


@each_row(("value", "text"), [
    (None, "nil"), (True, "true"), (587, "587"), (":auto", ":auto"), ("tls", "'tls'"), (Hidden(True), "(secret)"),
    ("smtp://u:p@ss@h", "'smtp://...@h'"), ("x" * 50, "'" + "x" * 36 + "..."), ("y" * 400, "(a long text)")])
def test_a_value_in_a_sentence_is_short_and_shows_no_secret(value, text):
    assert shown(value) == text


def test_absent_is_false_and_hidden_only_tells_whether_it_is_filled():
    assert not ABSENT
    assert Hidden(True)
    assert not Hidden(False)
    assert vars(Hidden(True)) == {"filled": True}
