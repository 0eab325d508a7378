"""Every widget, used and closed: no model of it or of its parts is left in the page, and no job goes on."""

import ipywidgets
import pytest

from smtplab import dial, serve
from smtplab.course import check, predict
from smtplab.show import (
    CaseBox,
    DecisionTree,
    ErrorDecoder,
    FiveByteLens,
    FourCorners,
    Matrix,
    Player,
    SettingsExplorer,
    Watch,
    rosetta,
    run_dial,
)
from smtplab.show.rosetta_table import RosettaBox
from smtplab.show.widget_base import LabWidget


def use_explorer(widget, _server):
    widget.press("the mismatch: implicit on 587")
    widget.press("Open the five-byte lens")
    widget.press("Run it")
    assert widget.wait(30)
    widget.press("Step through it")
    widget.press("465")  # the lens is in the page no more
    widget.press("Run it")


def use_decoder(widget, _server):
    widget.press("Reproduce it in the lab")
    assert widget.wait(30)
    widget.inputs["Error"].value = ""  # its rows are in the page no more


def use_case(widget, _server):
    widget.press("Look into the settings")
    widget.press("Look into the error")
    widget.press("Reproduce it in the lab")


def use_matrix(widget, _server):
    assert widget.wait(30)
    widget.grid.chosen = "starttls|plain"
    widget.press("Run again")


def use_watch(widget, _server):
    dial(widget.address, "plain")
    assert widget.last(30) and "plain" in str(widget)


def use_dial(widget, _server):
    assert widget.wait(30)
    widget.press("Dial again")


def use_corners(widget, _server):
    widget.start()
    widget.run("implicit", "starttls")
    widget.play("implicit", "starttls")


WIDGETS = {
    "player": (lambda server: Player(dial(server, "implicit")), None),
    "lens": (lambda _: FiveByteLens(), None),
    "corners": (lambda _: FourCorners(timeout_s=60), use_corners),
    "tree of a trace": (lambda server: DecisionTree.of(dial(server, "implicit")), None),
    "tree": (lambda server: DecisionTree(server, "plain"), None),
    "explorer": (lambda _: SettingsExplorer(timeout_s=60), use_explorer),
    "decoder": (lambda _: ErrorDecoder("535 5.7.8 failed\nSSL: WRONG_VERSION_NUMBER", timeout_s=60), use_decoder),
    "case": (lambda _: CaseBox("wrong version number\n\nEMAIL_PORT = 587\nEMAIL_USE_SSL = True\n"), use_case),
    "matrix": (lambda _: Matrix(["starttls"], timeout_s=30), use_matrix),
    "watch": (lambda _: Watch(), use_watch),
    "dial": (lambda server: run_dial(server, "plain"), use_dial),
    "words": (lambda _: RosettaBox(rosetta()), None),
    "card": (lambda _: check("02-imap"), None),
    "prediction": (lambda _: predict("00-corners"), None),
}


def models():
    """The identities of all models in the page."""
    while True:
        try:
            return set(ipywidgets.Widget.get_manager_state()["state"])
        except RuntimeError:  # a thread makes one just now
            pass


@pytest.mark.parametrize("name", WIDGETS)
def test_nothing_is_left_of_a_closed_widget(name):
    make, use = WIDGETS[name]
    before = models()
    with serve("starttls") as server:
        widget = make(server)
        assert isinstance(widget, LabWidget) and widget.text() and str(widget) and len(models()) > len(before)
        if use:
            use(widget, server)
        widget.close()
    assert models() == before and not getattr(widget, "running", False)
