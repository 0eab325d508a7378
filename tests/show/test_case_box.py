"""The box for everything, without a browser: the answer to a paste, and what it hands over to the other two."""

import pytest
from helpers import displayed
from pastes import DJANGO, RAILS, RAILS_ERROR, SECRET

from smtplab.show import CaseBox, ErrorDecoder, SettingsExplorer
from smtplab.show.case_box import WORDS

CLOSE, ERROR, SETTINGS = (WORDS["en"][name] for name in ("close", "error", "settings"))


@pytest.fixture
def box():
    """`box(...)` makes a CaseBox, which is closed after the test."""
    made = []

    def make(*args, **options):
        made.append(CaseBox(*args, **options))
        return made[-1]

    yield make
    for widget in made:
        widget.close()


def test_one_answer_to_all_that_is_pasted(box):
    case = box(RAILS)
    shown = case.shown()
    for part in ("implicit-to-plaintext", "smtplab probe smtp.eu.example.org:587", "Corrected", "enable_starttls"):
        assert part in shown and part in str(case)
    assert SECRET not in shown + case.page() + str(case) and SECRET not in case.inputs["Paste"].value
    case.inputs["Paste"].value = DJANGO
    assert "plaintext-to-implicit" in case.shown() and "implicit-to-plaintext" not in case.shown()


def test_an_empty_box_says_nothing_and_offers_nothing(box):
    case = box()
    assert "Not known" not in case.shown() and case.buttons == []


def test_only_what_is_there_is_handed_over(box):
    assert box(RAILS).buttons == [ERROR, SETTINGS]
    assert box(RAILS_ERROR).buttons == [ERROR]
    assert box(DJANGO.partition("\n\n")[2]).buttons == [SETTINGS]


def test_the_error_goes_to_the_decoder(box):
    case = box(RAILS)
    case.press(ERROR)
    assert isinstance(case.opened, ErrorDecoder) and case.opened.found[0].cause == "implicit-to-plaintext"
    assert (case.opened.inputs["Port"].value, case.opened.inputs["Mode"].value) == ("587", "implicit")
    assert "action_mailer" not in case.opened.inputs["Error"].value, "the settings are not an error"


def test_the_settings_go_to_the_explorer(box):
    case = box(RAILS)
    case.press(SETTINGS)
    assert isinstance(case.opened, SettingsExplorer)
    assert (case.opened.report.framework, case.opened.report.mode, case.opened.report.port) == (
        "rails-mail", "implicit", 587)
    assert "Hi all" not in case.opened.settings


def test_what_is_open_is_closed_by_the_next_paste_and_by_its_button(box):
    case = box(RAILS)
    case.press(ERROR)
    first = case.opened
    case.press(SETTINGS)
    assert first._ended and case.opened is not first
    case.press(CLOSE)
    assert case.opened is None and CLOSE not in case.buttons
    case.press(ERROR)
    case.inputs["Paste"].value = DJANGO
    assert case.opened is None


def test_a_port_is_taken_and_a_wrong_one_is_said_to_be_wrong(box):
    case = box("", port=465)
    case.inputs["Paste"].value = "EMAIL_USE_TLS = True\nEMAIL_HOST = 'a.example'"
    assert "plaintext-to-implicit" in case.shown()
    case.inputs["Port"].value = "x"
    assert "is no port" in case.shown() and "plaintext-to-implicit" not in case.shown()
    with pytest.raises(ValueError, match="port"):
        box(port=0)


def test_it_is_shown_as_html_and_text(box):
    data = displayed(box(RAILS))
    assert "implicit-to-plaintext" in data["text/plain"] and "smtplab-document" in data["text/html"]


def test_its_labels_are_japanese_too(box):
    case = box(RAILS, lang="ja")
    assert case.buttons == ["エラーを詳しく見る", "設定を詳しく見る"] and set(case.inputs) == {"貼り付け", "ポート"}
    assert "答えは英語です" in case.shown() and "implicit-to-plaintext" in case.shown()
    case.inputs["ポート"].value = "99999"
    assert "99999 はポート番号ではありません" in case.shown() and "is no port" not in case.shown()
    case.press("設定を詳しく見る")
    assert "閉じる" in case.buttons and case.opened
    case.press("閉じる")
    assert case.opened is None
    assert set(WORDS["ja"]) == set(WORDS["en"]) and "カーネルがあれば" in box(lang="ja").page()
    with pytest.raises(ValueError, match="no labels in 'fr'; there are en, ja"):
        box(lang="fr")
