"""The help box: closed where all works, open and plain where something doesn't, and escaped."""

import pytest
from helpers import displayed

from smtplab.course import didnt_happen, lesson_aids

FOUND = {"versions": {"python": "3.x", "openssl": "OpenSSL y"}, "tools": {"openssl": "/o", "ruby": None},
         "witness": True, "capture": "no", "self_test": {"STARTTLS works": True, "implicit works": True}}


@pytest.fixture
def found(monkeypatch):
    here = {**FOUND, "self_test": dict(FOUND["self_test"])}
    monkeypatch.setattr(lesson_aids, "_examined", lambda: here)
    return here


def test_all_is_well(found):
    box = didnt_happen("openssl")
    page = displayed(box)["text/html"]
    assert box.works and "<details class=smtplab-framed>" in page and "/o" in page
    assert "OpenSSL y" in str(box) and str(box).startswith("Didn't happen for you?")


@pytest.mark.parametrize("needs", [("ruby",), ("no-such-program",)])
def test_a_missing_program_opens_it(found, needs):
    box = didnt_happen(*needs)
    assert not box.works and " open>" in displayed(box)["text/html"]
    assert f"{needs[0]} is not installed here" in str(box)


def test_a_failing_lab_opens_it(found):
    found["self_test"]["STARTTLS works"] = False
    box = didnt_happen()
    assert not box.works and "STARTTLS works" in str(box) and "implicit works" not in str(box)


def test_it_is_escaped(found):
    found["versions"]["openssl"] = "<script>"
    page = displayed(didnt_happen("<img>"))["text/html"]
    assert "<script>" not in page and "<img>" not in page and "&lt;script&gt;" in page


def test_the_real_one_says_that_the_lab_works():
    assert "The lab's own test works" in str(didnt_happen())
