"""`meanings`: the table of what words mean is the rules' own, filtered by its words, and safe to show."""

import re

from smtplab import settings
from smtplab.show import meanings
from smtplab.show.setting_words import Meanings


def test_it_is_what_the_rules_say():
    assert [(words, mode) for _, words, mode in meanings().rows] == [
        (words, str(mode)) for _, words, mode in settings.meanings()]
    shown = str(meanings())
    assert all(words in shown and framework.title in shown for framework, words, _ in settings.meanings())


def test_a_word_is_found_in_any_case_and_starttls_is_another_word():
    tls, starttls = meanings("tls"), meanings("StartTLS")
    assert ("Django", "EMAIL_USE_TLS = True", "starttls-required") in tls.rows == meanings("TLS").rows
    assert all("starttls" in words.lower() for _, words, _ in starttls.rows) and len(starttls.rows) > 5
    assert not any(re.fullmatch(r"\W*start_?tls\W*", words, re.IGNORECASE) for _, words, _ in tls.rows)
    assert {mode for *_, mode in tls.rows} >= {"implicit", "starttls-required", "starttls-opportunistic"}
    assert meanings("[").rows == () and str(meanings("nowhere")) == "0 settings with 'nowhere' in them."


def test_the_heading_counts():
    heading = Meanings("x", (("A", "x", "plain"), ("B", "xx", "implicit"), ("C", "x3", "implicit"))).heading()
    assert heading == "3 settings with 'x' in them: implicit 2, plain 1."


def test_what_is_asked_for_and_found_is_escaped():
    page = Meanings("<b>\x1b", (("<i>", "<u>&", "<s>"),))._repr_mimebundle_()
    assert not re.search(r"<[bius]>", page["text/html"]) and "\x1b" not in page["text/html"] + page["text/plain"]
    assert "&lt;u&gt;&amp;" in page["text/html"]
