"""`Keys` without a browser: it shows nothing. That keys stay in a board: tests/browser/test_mystery_page.py."""

from smtplab.show.keys import Keys
from smtplab.show.widget_base import Panel


def test_it_names_its_panel_and_shows_nothing():
    keys = Keys("smtplab-mystery")
    panel = Panel([keys])
    assert keys.state()["inside"] == ".smtplab-mystery" and "data-lm-suppress-shortcuts" in str(keys._esm)
    assert (keys.text(), keys.page(), panel.shown()) == ("", "", "")
    panel.close()
