"""The settings explorer, without a browser: what follows from each click and each paste, and what it leaves behind."""

import pytest
from helpers import all_parts, displayed, in_cell, until

from smtplab.settings import frameworks
from smtplab.show import FiveByteLens, SettingsExplorer
from smtplab.show.corners import corner_of, name_of, words_of
from smtplab.show.inputs import IS_LONG, LONG
from smtplab.show.settings_examples import KINDS
from smtplab.show.settings_explorer import EMPTY

STRUCK = "smtp_settings = {port: 587, ssl: false, enable_starttls: true, password: 'hunter2'}"
REFUSED = "smtp_settings = {port: 465, tls: true, enable_starttls: true}"
HOSTILE = "smtp_settings = {port: 587, tls: '</pre><script>boom()</script>', address: \"<img src=x onerror='boom()'>\"}"

LENS, STEPS = "Open the five-byte lens", "Step through it"

pytestmark = pytest.mark.usefixtures("stand_in_player")


@pytest.fixture
def explore():
    """`explore(...)` makes a SettingsExplorer, which is closed after the test."""
    made = []

    def make(*args, **options):
        made.append(SettingsExplorer(*args, **options))
        return made[-1]

    yield make
    for widget in made:
        widget.close()


def inputs(widget, label):
    """What stands in that field."""
    return widget.inputs[label].value


def type_in(widget, label, text):
    widget.inputs[label].value = text


def lenses(widget):
    """The lenses that can be seen."""
    return [part for part in all_parts(widget) if isinstance(part, FiveByteLens)]


def test_it_begins_with_right_settings(explore):
    widget = explore()
    assert widget.inputs["Framework"].options[0][1] == inputs(widget, "Framework") == "rails-mail"
    assert len(widget.inputs["Framework"].options) == len(frameworks())
    assert "enable_starttls: true" in inputs(widget, "Settings") and inputs(widget, "Version") == ""
    assert (widget.report.mode, widget.report.outcome, widget.report.port) == ("starttls-required", "works", 587)
    assert "✓ On port 587: works." in widget.shown()
    assert "encrypted from here" in widget.shown() and not widget.can_press(LENS)


@pytest.mark.parametrize(("words", "mode", "outcome", "port"), [
    ("implicit on 465", "implicit", "works", 465), ("STARTTLS required on 587", "starttls-required", "works", 587),
    ("the mismatch: implicit on 587", "implicit", "wrong-version-number", 587),
    ("the wait: STARTTLS on 465", "starttls-required", "hang", 465)])
def test_examples(explore, words, mode, outcome, port):
    widget = explore(port=25)
    widget.press(words)
    assert (widget.report.mode, widget.report.outcome, widget.report.port) == (mode, outcome, port)
    assert inputs(widget, "Port") == "" and f"On port {port}: {outcome}." in widget.shown()
    corner = f"Of the four corners: {name_of(corner_of(mode, port).corner, words_of('en'))}"
    assert corner in widget.shown() and corner in widget.page() and corner in " ".join(str(widget).split())


def test_a_port_is_chosen_typed_or_the_settings_own(explore):
    widget = explore()
    widget.press("465")
    assert widget.report.port == 465 and widget.report.outcome == "hang" and "It hangs" in widget.shown()
    widget.press("from the settings")
    assert widget.report.port == 587
    widget.inputs["Port"].value = " 25 "
    assert widget.report.port == 25 and "is no port" not in widget.shown()
    for wrong in ("0", "65536", "1e3", "-1", "²", "<img src=x>"):
        widget.inputs["Port"].value = wrong
        assert widget.report.port == 587 and "is no port" in widget.shown()
    assert "<img" not in widget.shown()


def test_the_text_of_a_port_is_the_port(explore):
    widget = explore(port="465")
    assert widget.report.port == 465 and inputs(widget, "Port") == "465"
    for wrong in ("smtp", 0, 70000, []):
        with pytest.raises(ValueError, match=r"no port .*; ports are 1 to 65535"):
            explore(port=wrong)


def test_what_is_pasted_is_read_as_it_comes(explore):
    widget = explore(version="2.8.1")
    widget.inputs["Settings"].value = STRUCK
    assert "<del><code>enable_starttls = true</code></del>" in widget.shown()
    assert "<b>ineffective</b>" in widget.shown()
    assert "hunter2" not in widget.shown() + str(widget) + str(widget.page())
    widget.inputs["Settings"].value = ""
    assert "Nothing is pasted" in widget.shown()
    widget.inputs["Settings"].value = "good morning"
    assert "Not one line of this" in widget.shown()


def test_what_is_pasted_is_text(explore):
    widget = explore(version="2.8.1")
    widget.inputs["Settings"].value = HOSTILE
    assert "&lt;script&gt;" in widget.shown()
    for made in (widget.shown(), widget.page()):
        assert "<script" not in made and "<img" not in made


def test_a_long_text_is_read_when_the_box_is_left(explore):
    widget = explore()
    box = widget.inputs["Settings"]
    assert box.continuous_update and IS_LONG not in widget.shown()
    box.value = "# a comment\n" * (LONG // 12) + "tls: true # and some more words"
    assert widget.report.mode == "implicit" and not box.continuous_update and IS_LONG in widget.shown()
    widget.press("implicit on 465")
    assert box.continuous_update


def test_each_change_is_read_once(explore, monkeypatch):
    from smtplab.show import settings_explorer as module
    widget, read = explore(), []
    real = module.read_settings
    monkeypatch.setattr(module, "read_settings", lambda *args, **options: read.append(args) or real(*args, **options))
    for act in (lambda: widget.press("465"), lambda: widget.press("implicit on 465"),
                lambda: widget.press("25"), lambda: widget.press("Use these", 2),
                lambda: type_in(widget, "Settings", "tls: true"),
                lambda: type_in(widget, "Framework", "gitlab-omnibus")):
        read.clear()
        act()
        assert len(read) == 1


def test_another_framework_says_the_same_example(explore):
    widget = explore()
    widget.press("the mismatch: implicit on 587")
    widget.inputs["Version"].value = "mail 2.7.1 / net-smtp 0.1.0"
    widget.inputs["Framework"].value = "gitlab-omnibus"
    assert inputs(widget, "Version") == "" and "smtp_tls'] = true" in inputs(widget, "Settings")
    assert widget.report.outcome == "wrong-version-number" and "GitLab" in widget.shown()
    assert inputs(widget, "The same in") != "gitlab-omnibus"
    assert "STARTTLS required on 587: not possible" in widget.shown()
    assert [widget.can_press(name) for name, *_ in KINDS] == [True, False, True, True]
    widget.inputs["Framework"].value = "rails-mail"
    assert "STARTTLS required on 587: not possible" not in widget.shown()
    widget.press("STARTTLS required on 587")
    widget.inputs["Framework"].value = "gitlab-omnibus"  # which has none: right settings in its place
    assert (widget.report.outcome, widget.report.port) == ("works", 465)


def test_ones_own_text_stays(explore):
    widget = explore()
    widget.inputs["Settings"].value = "tls: true"
    widget.inputs["Version"].value = "mail 2.7.1 / net-smtp 0.1.0"
    widget.inputs["Framework"].value = "gitlab-omnibus"
    assert inputs(widget, "Settings") == "tls: true" and "GitLab" in widget.shown()


def test_the_right_ones_go_into_the_box(explore):
    widget = explore(settings="tls: true", port=587)
    assert widget.buttons.count("Use these") == 2
    widget.press("Use these", 2)
    assert inputs(widget, "Settings") == widget.report.right[1].text and inputs(widget, "Port") == ""
    assert widget.report.outcome == "works"
    widget.inputs["Framework"].value = "gitlab-omnibus"
    assert widget.buttons.count("Use these") == 1 and "not possible" in widget.shown()
    widget.press("Use these")
    assert inputs(widget, "Settings") == widget.report.right[0].text


def test_the_same_in_another_framework(explore):
    widget = explore(settings="tls: true", port=465)
    widget.inputs["The same in"].value = "gitlab-omnibus"
    assert "implicit on 465 in GitLab" in widget.shown() and "smtp_tls" in widget.shown()
    widget.press("587")
    assert "Mended: starttls-opportunistic in place of implicit" in widget.shown()  # which fails on 587


def test_a_mapping_is_read_until_something_is_pasted(explore):
    widget = explore("rails", {"tls": True, "port": 465, "password": "hunter2"})
    box = widget.inputs["Settings"]
    assert widget.report.mode == "implicit" and (box.value, box.placeholder) == ("", EMPTY)
    assert "tls = true" in widget.shown() and "hunter2" not in widget.shown() + str(widget)
    widget.inputs["Version"].value = "mail 2.7.1 / net-smtp 0.1.0"
    assert widget.report.mode == "implicit" and inputs(widget, "Settings") == ""
    widget.inputs["Settings"].value = "enable_starttls: true"
    assert widget.settings == "enable_starttls: true" and widget.report.mode == "starttls-required"


@pytest.mark.parametrize(("words", "predicted", "seen"), [
    ("the mismatch: implicit on 587", "wrong-version-number", "implicit-to-plaintext"),
    ("the wait: STARTTLS on 465", "hang", "plaintext-to-implicit"), ("implicit on 465", "works", "ok")])
def test_run_it(explore, words, predicted, seen):
    widget = explore(timeout_s=2 if seen == "plaintext-to-implicit" else 20)
    widget.press(words)
    assert not widget.can_press(STEPS) and widget.trace is None
    widget.press("Run it")
    assert widget.wait(20)
    assert f"predicted: {predicted} / seen: {seen}</b> (as predicted)" in widget.shown()
    assert "SSL handshake has read" in widget.shown() and "Transcript" in widget.shown()
    assert f"predicted: {predicted} / seen: {seen}" in str(widget) and widget.trace.cause == seen
    assert not widget.can_press("Stop") and widget.can_press("Run it")
    widget.press(STEPS)
    player = widget.player
    assert player.trace is widget.trace and player.server_trace.seen_from == "server"
    first = widget.trace
    widget.press("Run it")
    assert widget.wait(20) and widget.trace is not first and widget.player is None
    # Other settings: what was seen is not theirs.
    widget.press("465")
    widget.press("from the settings")
    assert "predicted:" not in widget.shown() and not widget.can_press(STEPS) and widget.player is None
    assert player.comm is None and "/ seen:" not in str(widget)


def test_refused_settings_dial_nothing(explore):
    widget = explore(settings=REFUSED)
    assert widget.report.mode == "error" and not widget.can_press("Run it")
    assert "nothing is dialled" in widget.shown() and "No connection is made" in widget.shown()
    widget.start()
    assert widget.run is None and widget.wait(0) and widget.trace is None
    widget.press("implicit on 465")
    assert widget.can_press("Run it") and "Run it dials" in widget.shown()


def test_stop_and_what_is_chosen_meanwhile(explore):
    widget = explore(timeout_s=600)
    widget.press("the wait: STARTTLS on 465")
    widget.start()
    until(lambda: "of at most 600 s" in widget.shown() and widget.can_press("Stop"))
    run = widget.run
    widget.start()  # twice is once
    assert widget.run is run
    widget.press("implicit on 465")  # the run goes on, and is of what was chosen before
    assert run.running
    widget.press("Stop")
    assert widget.wait(20)
    assert widget.comparison.predicted == "hang" and widget.comparison.agrees is None
    assert "mode starttls-required, port 465" in widget.shown() and "stopped after" in widget.shown()


def test_close_ends_the_run_and_all_that_it_opened(explore):
    widget = explore(timeout_s=60)
    widget.press("the mismatch: implicit on 587")
    widget.press(LENS)
    [lens] = lenses(widget)
    widget.press("the wait: STARTTLS on 465")
    widget.start()
    until(lambda: "of at most 60 s" in widget.shown())
    widget.close()
    assert not widget.running and widget.comm is None and lens.comm is None


def test_the_lens_opens_and_shuts(explore):
    widget = explore()
    widget.press("the mismatch: implicit on 587")
    assert widget.can_press(LENS) and "The five bytes" in widget.shown()
    widget.press(LENS)
    [lens] = lenses(widget)
    widget.press(LENS)
    assert lenses(widget) == []
    widget.press(LENS)
    assert lenses(widget) == [lens]
    widget.press("implicit on 465")
    assert lenses(widget) == [] and not widget.can_press(LENS)
    widget.close()
    assert lens.comm is None


def test_running_the_cell_again_closes_the_earlier_one(explore, monkeypatch):
    in_cell(monkeypatch, "a cell with an explorer", "first run")
    first = explore()
    in_cell(monkeypatch, "a cell with an explorer", "second run")
    second = explore()
    assert first.comm is None and second.comm is not None


def test_as_text_and_as_a_page(explore):
    widget = explore(settings="tls: true", port=587)
    bundle = displayed(widget)
    assert bundle["text/plain"] == str(widget) and "on port 587: wrong-version-number" in str(widget)
    for words in ("Mode: implicit.", "The five bytes", "What each line does", "Warnings", "smallest right settings"):
        assert words in bundle["text/html"]


def test_versions_of_ones_own_and_mistakes(explore):
    widget = explore(version="2.8.2")
    assert inputs(widget, "Version") == "2.8.2" and widget.report.version == "2.8.2"
    with pytest.raises(ValueError, match="did you mean"):
        SettingsExplorer("rials")
    with pytest.raises(ValueError, match="port 70000"):
        SettingsExplorer(port=70000)
