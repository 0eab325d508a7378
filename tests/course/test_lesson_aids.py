"""The help box: closed where all works, open and plain where something doesn't, and escaped. The tables of ports and of
providers agree with each other and with the standard servers."""

import re
from datetime import date

import pytest
from helpers import displayed

from smtplab.course import didnt_happen, lesson_aids, ports, providers
from smtplab.course.lesson_aids import PORTS, PROVIDERS, PROVIDERS_SEEN
from smtplab.lab.doctor import examine

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
    assert "use_recordings" not in str(box)


@pytest.mark.parametrize("needs", [("ruby",), ("no-such-program",)])
def test_a_missing_program_opens_it(found, needs):
    box = didnt_happen(*needs)
    assert not box.works and " open>" in displayed(box)["text/html"]
    assert f"{needs[0]} is not installed here" in str(box)


def test_a_failing_lab_opens_it(found):
    found["self_test"]["STARTTLS works"] = False
    box = didnt_happen()
    assert not box.works and "STARTTLS works" in str(box) and "implicit works" not in str(box)
    assert "smtplab.recorded.use_recordings()" in str(box)


def test_it_speaks_japanese(found, monkeypatch):
    box = didnt_happen("openssl", "ruby", language="ja")
    assert str(box).startswith("うまくいかないときは") and not box.works
    assert "openssl はあります（/o）" in str(box) and "ruby はインストールされていない" in str(box)
    assert "成功します（STARTTLS でつながる、implicit works）" in str(didnt_happen(language="ja"))
    found["self_test"]["STARTTLS works"] = False
    assert "自己テストが失敗します（STARTTLS でつながる）" in str(didnt_happen(language="ja"))
    assert "smtplab.recorded.use_recordings()" in str(didnt_happen(language="ja"))
    monkeypatch.setattr(lesson_aids, "in_use", lambda: True)
    assert "ここでは、サーバーも接続も本物ではありません" in str(didnt_happen("ruby", language="ja"))
    with pytest.raises(ValueError, match="no language 'fr'; there are: en, ja"):
        didnt_happen(language="fr")


def test_the_lab_s_own_tests_have_japanese_names():
    assert set(examine()["self_test"]) == set(lesson_aids._TESTS_JA)


def test_it_is_escaped(found):
    found["versions"]["openssl"] = "<script>"
    page = displayed(didnt_happen("<img>"))["text/html"]
    assert "<script>" not in page and "<img>" not in page and "&lt;script&gt;" in page


def test_the_real_one_says_that_the_lab_works():
    assert "The lab's own test works" in str(didnt_happen())


def begins(port):
    """Whether a port begins with TLS, by the table of ports; None if it isn't there."""
    return next(("implicit" in row[3] for row in PORTS if str(port) in row[0].split(", ")), None)


def test_ports_say_how_they_begin():
    assert [begins(port) for port in (25, 587, 2525, 2587, 465, 2465)] == [False] * 4 + [True] * 2
    assert begins(26) is None
    shown = str(ports())
    assert all(f"{row[0]}/tcp" in shown for row in PORTS) and shown.endswith("in 2018, as submissions.")


def test_providers_ports_begin_as_the_table_of_ports_says():
    for name, host, starttls, implicit, login, page in PROVIDERS:
        assert starttls and not any(begins(port) for port in starttls) and all(begins(port) for port in implicit), name
        assert re.fullmatch(r"[\w.-]+\.[a-z]+", host) and login
        assert re.match(r"https://(support|learn|docs)\.(google|microsoft|aws\.amazon|apple)\.com/", page)
    swapped = [(name, host, implicit, starttls) for name, host, starttls, implicit, *_ in PROVIDERS if implicit]
    assert all(any(begins(port) for port in starttls) for *_, starttls, _ in swapped)


def test_providers_are_shown_with_source_and_date():
    shown = str(providers())
    for name, host, *_, login, page in PROVIDERS:
        assert all(word in shown for word in (name, host, login, page))
    assert f"Looked up {PROVIDERS_SEEN}." in shown and date.fromisoformat(f"{PROVIDERS_SEEN}-01") < date.today()
