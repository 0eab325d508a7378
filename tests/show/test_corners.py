"""Which corner a client and a port meet in: all that can be given, and None with a reason for the rest."""

import pytest
from helpers import each_row

from smtplab import KINDS, Mode, serve
from smtplab.lab.matrix import EXPECTED
from smtplab.lab.port_report import Speaks
from smtplab.settings.model import Mode as SettingsMode
from smtplab.show import corner_of
from smtplab.show.corners import CORNERS, GREETS, WAITS, WORDS, Corner, words_of

BOTH_TALK, BEGINS_WELL, GREETED, BOTH_WAIT = CORNERS


def test_the_four():
    assert CORNERS == (("implicit", "starttls"), ("implicit", "implicit"),
                       ("starttls", "starttls"), ("starttls", "implicit"))
    assert corner_of("implicit", 587).corner is not None and corner_of("implicit", 587).corner == BOTH_TALK
    assert BOTH_TALK.key == "implicit|starttls"
    assert BOTH_TALK.code == 'smtplab.dial(smtplab.serve("starttls"), "implicit")'


@pytest.mark.parametrize("mode, place, corner", [
    ("implicit", 25, BOTH_TALK), ("implicit", "587", BOTH_TALK), ("implicit", 2525, BOTH_TALK),
    ("implicit", 2587, BOTH_TALK), ("implicit", 465, BEGINS_WELL), ("implicit", " 2465 ", BEGINS_WELL),
    ("plain", 587, GREETED), (Mode.STARTTLS_OPPORTUNISTIC, 25, GREETED), ("starttls", 465, BOTH_WAIT),
    (SettingsMode.REQUIRED, 465, BOTH_WAIT), (SettingsMode.IMPLICIT, 587, BOTH_TALK),
    ("plain", "implicit", BOTH_WAIT), ("implicit", "expired", BEGINS_WELL), ("implicit", "not-smtp", BOTH_TALK),
    ("starttls", Speaks.SMTP_STARTTLS, GREETED), ("starttls", Speaks.IMPLICIT_TLS, BOTH_WAIT),
    ("implicit", "imap", BOTH_TALK)])
def test_a_corner(mode, place, corner):
    found, reason = corner_of(mode, place)
    assert found == corner and isinstance(found, Corner) and reason.startswith("the client (")


@pytest.mark.parametrize("mode, place, words", [
    (None, 587, "is not known (mode None)"), ("error", 587, "refused"), ("unknown", 25, "is not known"),
    ("implicit", 80, "port 80 is none of mail's"), ("implicit", 10 ** 30, "none of mail's"),
    ("plain", "silent", "hang"),
    ("plain", "refused", "nobody listens"), ("plain", "filtered", "no connection"), ("implicit", "http", "web server"),
    ("implicit", "https", "web server"), ("plain", "closes-late", "neither greets"),
    ("plain", "unresolved", "no address"),
    ("plain", "tls-other", "no mail server"), ("plain", "other", "not known"), ("plain", "", "neither a port"),
    ("plain", None, "neither a port"), ("plain", "²", "neither a port"), ("plain", -1, "neither a port"),
    ("plain", "<b>", "neither a port")])
def test_none_of_the_four_and_why(mode, place, words):
    found, reason = corner_of(mode, place)
    assert found is None and words in reason


def test_a_server_and_a_twin():
    with serve("implicit") as server:
        assert corner_of("plain", server).corner == BOTH_WAIT
    assert corner_of("plain", "expired", starttls=True).corner == GREETED
    assert corner_of("plain", "expired").corner == BOTH_WAIT


@each_row("kind", KINDS)
def test_every_kind_ends_as_its_corner_does(kind):
    """Where the lab's matrix knows how a kind ends, its corner fits; where it has none, neither would."""
    for mode in Mode:
        found, reason = corner_of(mode, kind, starttls=KINDS[kind].has_twin and mode.startswith("starttls"))
        expected = EXPECTED[kind][list(Mode).index(mode)].value
        if found is None:
            assert reason and kind not in (GREETS, WAITS)
        else:
            assert (expected == "implicit-to-plaintext") == (found == BOTH_TALK)
            assert (expected == "plaintext-to-implicit") == (found == BOTH_WAIT)
    assert all(corner_of("plain", one.value).reason for one in Speaks)


def test_the_words_of_each_language_are_whole():
    assert set(WORDS) == {"en", "ja"} and words_of("ja").rows["implicit"][1] == "暗黙的な TLS"
    assert "明示的な TLS（STARTTLS）" in words_of("ja").rows["starttls"][1]
    english, japanese = vars(WORDS["en"]), vars(WORDS["ja"])
    for name, words in english.items():
        other = japanese[name]
        assert other and words and type(other) is type(words)
        if isinstance(words, dict):
            assert words.keys() == other.keys()
        else:
            assert [part in other for part in ("{}", "{who}", "{what}", "{now}", "{limit}", "{date}")] == [
                part in words for part in ("{}", "{who}", "{what}", "{now}", "{limit}", "{date}")]
    with pytest.raises(ValueError, match="no labels in 'de'; there are en, ja"):
        words_of("de")
